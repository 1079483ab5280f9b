"""Waits for services of people with and without a general practitioner, of all services and of those for health."""

from collections.abc import Sequence
from dataclasses import replace

from iom_warehouse.disclosure import Cell, ReleasedRow, ReleasedTable, Row, Table, Tie
from iom_warehouse.reports import figures, service_access, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

HEALTH = ("mental_health", "talking_therapy", "personality_disorder", "learning_disability")
DOCTORS = {
    "registered": "Registered with a general practitioner", "not_registered": "Not registered with one",
    "unknown": "Not known whether registered",
}  # fmt: skip
COUNTS = (*service_access.COUNTS, "ended", "not_completed")
OF_ALL, ELSEWHERE = "{}_of_all", "{}_elsewhere"
OF_SERVICES = Table(service_access.NAME, "", (), ())  # by which its counts are called
CAVEAT = (
    "Registered or not is what the hub knows today, which need not be so on the day of the referral: some services help people to"
    " register. Waits are those of people who started; whoever still waits is in none of them. People without a general"
    " practitioner are few, so that a difference of some days may be chance."
)


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """Of the same referrals as the table of services, whose rows are these together."""
    facts = service_access.with_one_status(figures.newest(source.mart(
        "mart_services", "service_access",
        f"{figures.QUARTERS_ENDED} and {figures.OF_AREA} and group_by in ('all', 'gp')"
        " and (service_by = 'all' or service_by = 'service_type' and service_group = any(%(health)s))",
        "array_position(%(health)s, service_group) nulls first, array_position(%(doctors)s, group_value)",
        first=scope.first, last=scope.last, health=list(HEALTH), doctors=list(DOCTORS), **scope.place,
    )))  # fmt: skip
    wholes = {_service(fact): fact for fact in facts if fact["group_by"] == "all"}
    of_doctors = figures.by_key((fact for fact in facts if fact["group_by"] == "gp"), _service)
    rows: list[Row] = []
    ties: list[Tie] = []
    for service, found in of_doctors.items():
        of_service = [_row(fact) for fact in found]
        of_service[0], sums = _with_whole(of_service, wholes[service])
        rows, ties = [*rows, *of_service], [*ties, *sums]
    rows, rests = _with_rests(rows)
    unseen = (figures.unseen(name.format(count)) for count in COUNTS for name in (OF_ALL, ELSEWHERE))
    table = Table(
        "service_access_by_gp", "Waits for services, with and without a general practitioner",
        (*service_access.COLUMNS, *unseen), tuple(rows), (*ties, *rests, *service_access.ties_of(rows)),
        never_nought="referred",
    )  # fmt: skip
    return Draft(
        figures.with_rests(table, service_access.GOING_ON),
        section=section, meaning=lambda released: _meaning(released, scope), caveat=CAVEAT, source_systems=("hub",),
        row_heading="General practitioner", when_empty=service_access.when_empty(scope),
    )  # fmt: skip


def _service(fact: Fact) -> str:
    return f"{fact['service_by']}:{fact['service_group']}"


def _row(fact: Fact) -> Row:
    doctor = fact["group_value"]
    return Row(
        f"{_service(fact)}:{doctor}", DOCTORS[doctor], service_access.cells_of(fact), service_access.label(fact),
        figures.context(fact),
    )  # fmt: skip


def _with_whole(rows: Sequence[Row], fact: Fact) -> tuple[Row, list[Tie]]:
    """The first row of a service with the counts of all its referrals, by their names in the table of services, and the sums."""
    context, key = figures.context(fact), _service(fact)
    cells = {
        OF_ALL.format(name): replace(cell, fact=OF_SERVICES.name_of((key, name), context))
        for name, cell in service_access.cells_of(fact).items() if name in COUNTS
    }  # fmt: skip
    ties = [Tie(((rows[0].key, OF_ALL.format(name)),), tuple((row.key, name) for row in rows)) for name in COUNTS]
    return replace(rows[0], cells={**rows[0].cells, **cells}), ties


def _with_rests(rows: Sequence[Row]) -> tuple[list[Row], list[Tie]]:
    """The rows of all services with what those for health leave of them, which nobody prints but everybody can work out."""
    found, ties = [], []
    for row in rows:
        parts = [one for one in rows if one.key != row.key and one.label == row.label] if row.key.startswith("all:") else []
        for name in COUNTS if parts else ():
            elsewhere = ELSEWHERE.format(name)
            left = _number(row, name) - sum(_number(part, name) for part in parts)
            row = replace(row, cells={**row.cells, elsewhere: Cell(left, people=figures.at_least_of(left, row.cells[name]))})
            ties.append(Tie(((row.key, name),), (*((part.key, name) for part in parts), (row.key, elsewhere))))
        found.append(row)
    return found, ties


def _number(row: Row, name: str) -> int:
    value = row.cells[name].value
    return value if isinstance(value, int) else 0


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    rows = {row.key: row for row in released.rows}
    without = rows.get("all:all:not_registered")
    if without is None:
        return "Nobody without a general practitioner was referred." if released.rows else ""
    registered = rows.get("all:all:registered")
    beside = f"; of people with one, {_started(registered)}" if registered else ""
    context = without.contexts["referred"]
    return (
        f"{wording.counted(without.cells['referred'], 'referral', 'referrals')} to services"
        f" {figures.when_in_quarters(context, scope)} were of people without a general practitioner: {_started(without)}{beside}."
        + figures.so_far(context)
    )


def _started(row: ReleasedRow) -> str:
    median = row.cells["median"]
    waited = f", half of them within {median.text} days" if median.value is not None else ""
    return f"{row.cells['started'].text} of {wording.of_the(row.cells['referred'])} have started{waited}"
