"""Levels of intensity: how many people stand at which, who moved, and which reviews are late."""

from iom_warehouse.disclosure import Cell, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

EVERYONE = "any"
LEVELS = {f"level_{level}": f"Level {level}" for level in range(1, 6)} | {"without_level": "No level yet"}
MOVES = {
    "first": "First level",
    "up": "Moved up",
    "down": "Moved down",
    "reviewed": "Reviewed",
    "reviewed_late": "Of these, late",
}
COLUMNS = figures.count_columns(caseload="On the caseload at the end", **LEVELS, overdue="Review overdue", **MOVES)
LATE = (("overdue", "caseload"), ("reviewed_late", "reviewed"))


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """The levels on the last day of the period, and its moves and reviews; of a year, moves of its quarters added up."""
    facts = figures.of_period(
        source, "mart_partnership", "level_moves", scope, figures.OF_AREA, "area", key=("area",),
        adding_up=tuple(f"n_{name}" for name in MOVES), largest=tuple(f"n_people_{name}" for name in MOVES), **scope.place,
    )  # fmt: skip
    rows = tuple(Row(EVERYONE, "All schemes", _cells(fact), context=figures.context(fact)) for fact in facts)
    ties = figures.add_up(rows, "caseload", *LEVELS)
    table = Table("level_moves", f"Levels of intensity, moves and reviews in the {scope.period.kind}", COLUMNS, rows, ties)
    parts = figures.parts_of(source, "mart_partnership", "level_moves", scope, figures.OF_AREA, lambda _: EVERYONE, **scope.place)
    return Draft(
        figures.made_of_parts(figures.with_rests(table, *LATE), scope, parts, _cells, *MOVES),
        section=section, meaning=lambda released: _meaning(released, scope), source_systems=("hub",), row_heading="Scheme",
        caveat="A level says how closely somebody is worked with, 5 being the most intensive. A move down can be success,"
        " and so can a move up that comes in time.",
        when_empty=f"There are no levels of this {scope.period.kind}: the partnership's hub has not delivered its case tracking.",
    )  # fmt: skip


def _cells(fact: Fact) -> dict[str, Cell]:
    on_day = figures.on_caseload(EVERYONE, fact["area_level"], fact["area"], fact["period_end"])
    return {
        "caseload": Cell(int(fact["n_caseload"]), fact=on_day),
        **figures.counts(fact, **{name: f"n_{name}" for name in LEVELS}),
        "overdue": Cell(int(fact["n_overdue"])),
        **{name: Cell(int(fact[f"n_{name}"]), people=int(fact[f"n_people_{name}"])) for name in MOVES},
    }  # fmt: skip


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    if not released.rows:
        return ""
    cells = released.rows[0].cells
    return (
        f"In the {scope.period.kind} {wording.counted(cells['up'], 'move was', 'moves were')} to a more intensive level and"
        f" {cells['down'].text} to a less intensive one. {wording.counted(cells['overdue'], 'review was', 'reviews were')}"
        f" overdue at its end, and {cells['without_level'].text} of {wording.of_the(cells['caseload'])} on the caseload had"
        " no level." + figures.so_far(released.rows[0].contexts["caseload"])
    )
