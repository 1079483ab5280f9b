"""Young people on their way to adult services, young adults, and people who move between districts: how many, never who."""

from iom_warehouse.disclosure import Context, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, transfers, wording, young_adults
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

SECTION = "transitions"
STAGES = {"all": "Everyone", "turning_18": "Will be 18 within six months", "past_18": "18 already, still on the youth scheme"}
COUNTS = {"people": "n_people", "adult": "n_on_adult_scheme", "orders": "n_with_order", "needs": "n_with_need"}
COLUMNS = (
    *figures.count_columns(people="People", adult="On an adult scheme", orders="With an open order", needs="With an open need"),
)
SELECT = (
    "coalesce(stage, 'all') as stage, count(*) as n_people, count(*) filter (where is_on_adult_scheme) as n_on_adult_scheme,"
    " count(*) filter (where open_order_count > 0) as n_with_order, count(*) filter (where open_need_count > 0) as n_with_need,"
    " min(data_cut) as data_cut"
)
CAVEAT = (
    "Nobody is counted here for what they did, but for their age and the scheme or order that they are on. Not being on an adult"
    " scheme can be right: not everybody needs one."
)


def drafts(source: Source, scope: Scope) -> list[Draft]:
    """The mart has a row per person, so it is counted in the database; only counts come here."""
    is_of_period, today = not figures.is_long_over(scope, source), wording.day(source.business_date)
    facts = (
        []
        if not is_of_period
        else source.mart("mart_partnership", "transitions", select=SELECT, group_by="rollup (stage) having count(*) > 0")
    )
    found = {fact["stage"]: fact for fact in facts}
    rows = tuple(
        Row(stage, label, figures.counts(found[stage], **COUNTS),
            context=Context(period_start=source.business_date, period_end=source.business_date,
                            data_cut=found[stage]["data_cut"], maturity=_maturity(found[stage], source)))
        for stage, label in STAGES.items() if stage in found
    )  # fmt: skip
    table = Table("transitions_by_stage", f"Moving from youth to adult services, on {today}", COLUMNS, rows,
                  figures.total_of("all", rows[1:], COUNTS), never_nought="people")  # fmt: skip
    stages = Draft(
        figures.with_rests(table, *((part, "people") for part in COUNTS if part != "people")),
        section=SECTION, meaning=lambda released: _meaning(released, today), caveat=CAVEAT,
        source_systems=("hub", "probation"), row_heading="Stage",
        when_empty="Nobody on a scheme or with an open order turns 18 within six months, or is 18 and still on the youth scheme."
        if is_of_period else figures.of_today(source),
    )  # fmt: skip
    return [stages, *young_adults.drafts(source, scope, SECTION), transfers.draft(source, scope, SECTION)]


def _maturity(fact: Fact, source: Source) -> str:
    """Who is on a scheme or under an order today is known once the hub and probation have told of today."""
    return "final" if fact["data_cut"] == source.business_date else "provisional"


def _meaning(released: ReleasedTable, today: str) -> str:
    if not released.rows:
        return ""
    cells = released.rows[0].cells
    return (
        f"{wording.counted(cells['people'], 'person is', 'people are')} on the way from youth to adult services;"
        f" {cells['adult'].text} of them {'is' if cells['adult'].value == 1 else 'are'} on an"
        f" adult scheme already and {wording.doing(cells['orders'], 'has', 'have')} an open order, as on {today}."
    ) + figures.so_far(released.rows[0].contexts["people"])
