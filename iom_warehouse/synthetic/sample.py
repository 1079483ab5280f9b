"""A sample partnership: about 3,000 invented people, five feeds, ten nights of deliveries with a few faults among them."""

from pathlib import Path

from iom_warehouse.synthetic.generator.calendar_days import nights as night_dates
from iom_warehouse.synthetic.generator.identifiers import ErrorRates
from iom_warehouse.synthetic.generator.nights import send_nights
from iom_warehouse.synthetic.generator.partnership import Partnership, draw_partnership

_TRUE_COLUMNS = (
    "person",
    "surname",
    "forenames",
    "dob",
    "sex",
    "ethnicity",
    "postcode",
    "pncid",
    "cro_number",
    "prison_number",
    "crn",
)


def write_sample(
    inbox: Path, truth: Path, people: int = 3000, nights: int = 10, seed: int = 2013, rates: ErrorRates | None = None
) -> None:
    """Write `nights` nights of deliveries below `inbox`, and below `truth` what nobody tells a real warehouse.

    truth/people.csv: everybody as they really are. truth/links.csv: which record of which file is whose. truth/faults.csv:
    the faults put into the deliveries. The same arguments give the same bytes. `rates` says how badly identifiers are kept.
    """
    partnership = draw_partnership(people, seed, rates or ErrorRates())
    faults = send_nights(partnership.feeds, inbox, night_dates(nights))
    _write_truth(partnership, truth)
    faults.write_csv(truth / "faults.csv")


def _write_truth(partnership: Partnership, truth: Path) -> None:
    truth.mkdir(parents=True, exist_ok=True)
    partnership.people.select(_TRUE_COLUMNS).write_csv(truth / "people.csv")
    partnership.records.write_csv(truth / "links.csv")
