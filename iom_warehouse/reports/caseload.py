"""Caseload: who was on the schemes at the beginning and the end of the quarter, who joined and who left."""

from collections.abc import Iterable
from datetime import date, timedelta

from iom_warehouse.disclosure import Cell, Column, ReleasedTable, Row, Table, Tie
from iom_warehouse.reports import figures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.source import Fact, Source, labels

SECTION = "caseload"
MONTHS_SHOWN = 12
EVERYONE = "any:all:all"
WHEN_EMPTY = "There are no caseload figures: the partnership's hub has not delivered its case tracking."
CAVEAT = (
    "A smaller caseload is neither success nor failure: people leave for many reasons, among them long custody and moving away."
    " Whoever leaves and"
    " comes back within a period is counted as one joining and one leaving."
)
COLUMNS = (
    Column("opening", "On the caseload before", "count"),
    Column("joiners", "Joined", "count"),
    Column("leavers", "Left", "count"),
    Column("closing", "On the caseload at the end", "count"),
)
CHANGE = Column("change", "Change", "rate", wording.change, ("opening", "closing"))
STATUS = Column("status", "Status", "plain")


def drafts(source: Source, quarter: tuple[date, date]) -> list[Draft]:
    """The quarter by scheme and area, and the last twelve months of all schemes together."""
    return [_of_quarter(source, quarter), _by_month(source, quarter)]


def _of_quarter(source: Source, quarter: tuple[date, date]) -> Draft:
    facts = source.mart(
        "mart_partnership", "caseload_movement",
        "period_kind = 'quarter' and period_start = %(first)s and (area_level = 'all' or scheme = 'any')",
        "area_level <> 'all', scheme <> 'any', scheme, area_level, area = 'unknown', area", first=quarter[0],
    )  # fmt: skip
    areas = dict(labels(source))
    rows = tuple(
        Row(
            f"{fact['scheme']}:{fact['area_level']}:{fact['area']}",
            _label(fact, areas),
            _cells(fact),
            _group(fact),
            figures.context(fact),
        )
        for fact in facts
    )
    return Draft(
        Table("caseload_movement", "Caseload in the quarter", (*COLUMNS, CHANGE, STATUS), rows, _ties(rows)),
        section=SECTION, meaning=_meaning, headline=_meaning, caveat=CAVEAT, when_empty=WHEN_EMPTY, source_systems=("hub",),
    )  # fmt: skip


def _by_month(source: Source, quarter: tuple[date, date]) -> Draft:
    facts = source.mart(
        "mart_partnership", "caseload_movement",
        "period_kind = 'month' and scheme = 'any' and area_level = 'all' and period_start <= %(last)s"
        " and period_start > %(last)s - make_interval(months => %(months)s)", "period_start", last=quarter[1],
        months=MONTHS_SHOWN,
    )  # fmt: skip
    rows = tuple(
        Row(str(fact["period_start"]), f"{fact['period_start']:%B %Y}", _cells(fact), context=figures.context(fact))
        for fact in facts
    )
    return Draft(
        Table("caseload_by_month", "Caseload by month, all schemes", (*COLUMNS, STATUS), rows, _balances(rows)),
        section=SECTION, meaning=_meaning_of_months, caveat=CAVEAT, when_empty=WHEN_EMPTY, chart="caseload_flow",
        source_systems=("hub",),
    )  # fmt: skip


def _cells(fact: Fact) -> dict[str, Cell]:
    percent = wording.rounded(fact["pct_change"], wording.decimals_for(fact["opening"]))
    of = fact["scheme"], fact["area_level"], fact["area"]
    return {column.name: Cell(int(fact[column.name])) for column in COLUMNS} | {
        "opening": Cell(int(fact["opening"]), fact=on_day(*of, fact["period_start"] - timedelta(days=1))),
        "closing": Cell(int(fact["closing"]), fact=on_day(*of, fact["period_end"])),
        "change": Cell(percent, denominator=fact["opening"], missing="nobody was on it before"),
        "status": Cell("final" if fact["is_complete"] else f"to {wording.day(min(fact['period_end'], fact['data_cut']))}"),
    }


def on_day(scheme: str, area_level: str, area: str, day: date) -> str:
    """The name of the count of a caseload on a day: one month's closing is the next one's opening, and stands in other tables."""
    return f"caseload {scheme}, {area_level} {area}, on {day}"


def _label(fact: Fact, areas: dict[str, str]) -> str:
    if fact["area_level"] == "all":
        return wording.group_label("scheme", fact["scheme"], areas)
    return wording.group_label(fact["area_level"], fact["area"], areas)


def _group(fact: Fact) -> str:
    if fact["area_level"] == "all":
        return "" if fact["scheme"] == "any" else wording.GROUPS["scheme"]
    return f"{wording.GROUPS[fact['area_level']]}, all schemes"


def _balances(rows: Iterable[Row]) -> tuple[Tie, ...]:
    """Opening and joiners less leavers are the closing number, so one of the four follows from the others."""
    return tuple(Tie(((row.key, "opening"), (row.key, "joiners")), ((row.key, "leavers"), (row.key, "closing"))) for row in rows)


def _ties(rows: tuple[Row, ...]) -> tuple[Tie, ...]:
    """The balance of every row, and the areas of a level that make up the whole on a day.

    Joiners and leavers of areas do not add up: moves between areas count among them.
    """
    by_level = (
        Tie(((EVERYONE, name),), tuple((row.key, name) for row in rows if row.key.startswith(f"any:{level}:")))
        for level in ("division", "district")
        for name in ("opening", "closing")
    )
    return (*_balances(rows), *(tie for tie in by_level if tie.right))


def _meaning(released: ReleasedTable) -> str:
    row = next((row for row in released.rows if row.key == EVERYONE), None)
    if row is None:
        return ""
    cells, context = row.cells, row.contexts["closing"]
    change = cells["change"]
    moved = f", {wording.compared(change.value)} before the quarter" if change.value is not None else ""
    end = min(filter(None, (context.period_end, context.data_cut)))
    if context.period_start and end < context.period_start:
        return (
            f"What happened to the caseload in this quarter cannot be said: the hub's data reach to {wording.day(end)}. Then"
            f" {cells['closing'].text} people were on it."
        )
    return (
        f"On {wording.day(end)} {cells['closing'].text} people were on the caseload of all schemes{moved}:"
        f" {cells['joiners'].text} joined and {cells['leavers'].text} left."
        + ("" if context.maturity == "final" else " The quarter is not over.")
    )


def _meaning_of_months(released: ReleasedTable) -> str:
    if not released.rows:
        return ""
    first, last = released.rows[0], released.rows[-1]
    return (
        f"The caseload was {first.cells['opening'].text} before {first.label} and {last.cells['closing'].text} at the end of"
        f" {last.label}"
        f"{'' if last.contexts['closing'].maturity == 'final' else ' so far'}."
    )
