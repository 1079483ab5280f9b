"""Why people joined the caseload and why they left it, as the hub has it."""

from collections.abc import Mapping

from iom_warehouse.disclosure import Cell, Context, ReleasedRow, ReleasedTable, Row, Table, Tie
from iom_warehouse.reports import figures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

DIRECTIONS = {"joined": "Joined", "left": "Left"}
TOTALS = {"joined": "joiners", "left": "leavers"}  # columns of the caseload's own table
REASONS = {
    "new": "New on it", "returned": "Was on it before", "other_area": "From or to another area",
    "no_offending": "No offending for the agreed time", "long_custody": "Long time in custody to come",
    "moved": "Moved out of the area", "died": "Died", "to_mappa": "Managed under MAPPA now",
    "disengaged": "Could not be engaged", "lower_risk": "Lower risk than the scheme is for",
    "turned_18": "Turned 18 and left a scheme for young people", "other": "Another reason", "not_given": "No reason given",
}  # fmt: skip
COLUMNS = (
    *figures.count_columns(people="People"),
    figures.wait("median", "Days on the scheme until they left: half at most", "people"),
)


def draft(source: Source, scope: Scope, section: str, totals: Mapping[str, Cell], context: Context) -> Draft:
    """By reason, of all schemes together.

    `totals`: joiners and leavers as the caseload's own table has them; `context`: what these belong to.
    """
    condition = f"scheme = 'any' and {figures.OF_AREA}"
    facts = figures.of_period(
        source, "mart_partnership", "caseload_reason", scope, condition,
        "direction, array_position(%(reasons)s, reason), reason",  # not by their numbers: the order would tell of hidden ones
        key=("direction", "reason"), adding_up=("n_people",), unknown=("median_days_on_scheme",), reasons=list(REASONS),
        **scope.place,
    )  # fmt: skip
    rows: list[Row] = []
    ties: list[Tie] = []
    for direction, title in DIRECTIONS.items():
        of_reasons = [
            Row(_key(fact), REASONS[fact["reason"]], _cells(fact) | _stay(fact), title, context)
            for fact in facts
            if fact["direction"] == direction
        ]
        if of_reasons:
            cells = {"people": totals[TOTALS[direction]], "median": Cell(missing="by reason only")}
            whole = Row(f"{direction}:all", f"All who {direction}", cells, title, context)
            rows += [whole, *of_reasons]
            ties += figures.total_of(whole.key, of_reasons, ("people",))
    table = Table("caseload_reasons", f"Why people joined and left in the {scope.period.kind}", COLUMNS, tuple(rows), tuple(ties),
                  never_nought="people")  # fmt: skip
    parts = figures.parts_of(source, "mart_partnership", "caseload_reason", scope, condition, _key, **scope.place)
    return Draft(
        figures.made_of_parts(table, scope, parts, _cells, "people"),
        section=section, meaning=lambda released: _meaning(released, scope), source_systems=("hub",), row_heading="Reason",
        caveat="A reason is what the hub wrote down on leaving. Whoever leaves and comes back within the period has joined once"
        " and left once.",
        when_empty=f"Nobody joined or left in this {scope.period.kind}, or the partnership's hub has not delivered its case"
        " tracking.",
    )  # fmt: skip


def _key(fact: Fact) -> str:
    return f"{fact['direction']}:{fact['reason']}"


def _cells(fact: Fact) -> dict[str, Cell]:
    name = f"{fact['direction']} because {fact['reason']}, {fact['area_level']} {fact['area']}"
    return {"people": Cell(int(fact["n_people"]), fact=f"{name}, {fact['period_start']} to {fact['period_end']}")}


def _stay(fact: Fact) -> dict[str, Cell]:
    """How long those who left had been on the scheme."""
    if fact["direction"] == "joined":
        return {"median": Cell(missing="leavers only")}
    return {"median": figures.days(fact["median_days_on_scheme"], int(fact["n_people"]), figures.NOT_OF_A_YEAR)}


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    """The commonest reason for leaving that can be shown."""
    left = [row for row in released.rows if row.key.startswith("left:")]
    if not left:
        return ""
    whole, *reasons = left
    most = wording.most(reasons, "people")
    named = f", most often{wording.of_those(reasons, 'people')} because of: {_named(most)}" if most else ""
    left_in = f"{wording.counted(whole.cells['people'], 'person', 'people')} left in the {scope.period.kind}{named}."
    return left_in + figures.so_far(whole.contexts["people"])


def _named(row: ReleasedRow) -> str:
    return f"{row.label[:1].lower()}{row.label[1:]} ({row.cells['people'].text})"
