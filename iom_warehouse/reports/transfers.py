"""People who move between districts: how many were handed over, how many wait for it, and how long it took."""

from dataclasses import replace

from iom_warehouse.disclosure import Cell, ReleasedTable, Row, Table
from iom_warehouse.reports import caseload, figures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source, labels

EVERYONE = "all:all"
COUNTS = {"agreed": "n_agreed", "out": "n_out", "in": "n_in", "open": "n_open"}
COLUMNS = (
    *figures.count_columns(agreed="Agreed", out="Handed over to another district", **{"in": "Taken over from one"}),
    figures.wait("median", "Days from agreement to handover, where both days are known: half took at most", "timed"),
    figures.wait("p90", "Nine in ten took at most", "timed"),
    *figures.count_columns(open="Agreed and not handed over on the last day"),
    figures.unseen("timed"),
)


def draft(source: Source, scope: Scope, section: str) -> Draft:
    facts = figures.of_period(
        source, "mart_partnership", "transfer_summary", scope, "true", "area_level <> 'all', area", key=("area_level", "area"),
        adding_up=("n_agreed", "n_out", "n_in", "n_timed"), unknown=("median_lag_days", "p90_lag_days"),
        largest=("n_people_agreed", "n_people_out", "n_people_in"),
    )  # fmt: skip
    names = dict(labels(source))
    moves = caseload.moves_between_districts(source, scope) if scope.area.is_whole else None
    no_days = figures.NOT_OF_A_YEAR if scope.period.kind == "year" else "none with known days"
    rows = tuple(_row(fact, names, moves, no_days) for fact in facts)
    ties = figures.total_of(EVERYONE, rows[1:], ("out", "in"))
    table = Table("transfers", f"Moves between districts in the {scope.period.kind}", COLUMNS, rows, ties)
    parts = figures.parts_of(source, "mart_partnership", "transfer_summary", scope, "true", _key)
    return Draft(
        figures.made_of_parts(table, scope, parts, _counts, "agreed", "out", "in"),
        section=section, meaning=lambda released: _meaning(released, scope), source_systems=("hub",), row_heading="District",
        caveat="A move is agreed by two districts and stands in both, so agreed and waiting ones of districts add up to more"
        " than all. Until the handover the person is on the books of the district that hands over.",
        when_empty=f"No move between districts was agreed or waited for in this {scope.period.kind}, or the partnership's hub"
        " has not delivered them.",
    )  # fmt: skip


def _key(fact: Fact) -> str:
    return f"{fact['area_level']}:{fact['area']}"


def _counts(fact: Fact) -> dict[str, Cell]:
    return {name: Cell(int(fact[column]), people=int(fact[f"n_people_{name}"])) for name, column in COUNTS.items()}


def _row(fact: Fact, names: dict[str, str], moves: Cell | None, no_days: str) -> Row:
    cells = _counts(fact)
    timed, people = int(fact["n_timed"]), int(max(fact["n_people_out"], fact["n_people_in"]))
    cells |= {
        "timed": Cell(timed),
        "median": figures.days(fact["median_lag_days"], timed, no_days, min(timed, people)),
        "p90": figures.days(fact["p90_lag_days"], timed, no_days, min(timed, people)),
    }
    if fact["area_level"] != "all":
        label = wording.group_label("district", fact["area"], names)
        return Row(_key(fact), label, cells, context=figures.context(fact))
    if moves is not None:  # then they are the moves that the caseloads of districts tell of
        cells |= {name: replace(cells[name], fact=moves.fact) for name in ("out", "in") if cells[name].value == moves.value}
    return Row(EVERYONE, "All districts", cells, context=figures.context(fact))


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    if not released.rows:
        return ""
    cells, context = released.rows[0].cells, released.rows[0].contexts["agreed"]
    lag = f"; half of them took {cells['median'].text} days at most" if cells["median"].value is not None else ""
    return (
        f"{wording.counted(cells['in'], 'move from another district was', 'moves from another district were')} taken over in the"
        f" {scope.period.kind}{lag}."
        f" {wording.counted(cells['open'], 'move was', 'moves were')} agreed and not handed over at the end."
        + figures.so_far(context)
    )
