"""Every code that a row leaves out, as a text that no list has: it must count as one that was not given. So must such a class."""

from collections.abc import Iterator
from datetime import timedelta

from messy_rows import TODAY, Rows

from iom_warehouse import contracts

NAME = "Kim Alder"
LAST_MONTH = TODAY - timedelta(days=40)


def columns() -> Iterator[tuple[str, str]]:
    """File and column of every code that a contract holds against the configuration."""
    for contract in contracts.all():
        for rule in (rule for file in contract.files for rule in file.rules):
            if rule.expectation == "expect_column_values_to_be_configured":
                yield rule.file, rule.kwargs["column"]


def slipped_in(rows: Rows) -> Rows:
    """The same rows, with a name in every code that is not given, and some of the files that nothing is drawn of."""
    found = Rows({file: [dict(row) for row in listed] for file, listed in rows.files.items()})
    found.add("hub_meeting", meeting_ref="G1", held_on=LAST_MONTH)
    for agency, attended in (("POL", True), (f"{NAME} of one", True), (f"{NAME} of two", False)):
        found.add("hub_attendance", meeting_ref="G1", agency=agency, invited=True, attended=attended)
    for agency in ("POL", NAME):
        found.add("hub_agenda", meeting_ref="G1", case_ref="H1", agency_needed=agency)
    found.add("hub_plan", plan_ref="Y1", case_ref="H1", pathway=1, setting="community", due_on=TODAY)
    found.add("hub_service", service_code="S1", service_name="A service", provider="A provider", service_type="drugs", pathway=4)
    found.add("hub_standard", standard_ref="Z1", standard="First", assessed_on=LAST_MONTH, met=True)
    found.add("hub_transfer", transfer_ref="T0", case_ref="H0", agreed_on=LAST_MONTH)
    found.add("police_crime", crime_ref="X1", offence_code="046/00", committed_from=LAST_MONTH, recorded_on=LAST_MONTH)
    found.add("police_crime", crime_ref="X2", offence_class=NAME, committed_from=LAST_MONTH, recorded_on=LAST_MONTH)
    found.add("police_suspect", crime_ref="X2", police_ref=found.of("police_person")[0]["police_ref"], outcome="charged")
    for file, column in columns():
        for row in found.of(file):
            if row.get(column) is None:
                row[column] = f"{NAME}, {file}.{column}"
    return found
