"""Charts of people on the caseload and of drug services."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from iom_warehouse.reports.charts.drawing import (
    BLUE,
    GREY,
    ORANGE,
    PALE,
    Chart,
    beside,
    known,
    number,
    percent_axis,
    shortened,
    title,
    with_intervals,
)
from iom_warehouse.reports.page import Row, Table

SHADES = LinearSegmentedColormap.from_list("counts", ["#FFFFFF", PALE])
MARGINS = ("opening",)


def _need_prevalence(axes: Axes, rows: Sequence[Row]) -> None:
    shown = list(reversed(rows))
    cells = [row.cells["share"] for row in shown]
    places = list(range(len(cells)))
    axes.barh(places, [number(cell) for cell in cells], height=0.55, color=PALE)
    with_intervals(axes, places, cells, vertical=False)
    for place, cell in zip(places, cells, strict=True):
        beside(axes, cell.text, float(cell.ci_high if cell.ci_high is not None else cell.value or 0), place)
    axes.set_yticks(places, [f"{row.label}\n({row.cells['assessed'].text} assessed)" for row in shown], fontsize=9)
    axes.set_xlim(0, 108)
    percent_axis(axes.xaxis)
    axes.grid(visible=False, axis="y")
    title(axes, "Share of those assessed who have the need")


def _need_change(axes: Axes, rows: Sequence[Row]) -> None:
    """Needs that are gone to the left, those that have arisen to the right and hatched, each with its number and a word."""
    shown = list(reversed(rows))
    places = list(range(len(shown)))
    gone, arisen = ([number(row.cells[name]) for row in shown] for name in ("gone", "arisen"))
    axes.barh(places, [-count for count in gone], height=0.55, color=BLUE)
    axes.barh(places, arisen, height=0.55, color=ORANGE, hatch="//", edgecolor="white", linewidth=0)
    for place, row, left, right in zip(places, shown, gone, arisen, strict=True):
        words = row.cells["gone"].text
        axes.annotate(words, (-left, place), (-5, -4), textcoords="offset points", ha="right", fontsize=9)
        axes.annotate(row.cells["arisen"].text, (right, place), (5, -4), textcoords="offset points", fontsize=9)
    axes.axvline(0, color=GREY, linewidth=1.5)
    most = 1.2 * max([*gone, *arisen, 1])
    axes.set_xlim(-most, most)
    axes.set_yticks(places, [f"{row.label}\n(of {row.cells['both'].text})" for row in shown], fontsize=9)
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes.grid(visible=False, axis="y")
    title(axes, "Needs gone since the first assessment (left) and arisen since (right, hatched), in people")


def _caseload_flow(axes: Axes, rows: Sequence[Row]) -> None:
    """Joiners above the line, leavers below it, and the caseload in words under each month."""
    places = list(range(len(rows)))
    joiners, leavers = ([number(row.cells[name]) for row in rows] for name in ("joiners", "leavers"))
    axes.bar(places, joiners, width=0.6, color=BLUE)
    axes.bar(places, [-count for count in leavers], width=0.6, color=ORANGE, hatch="//", edgecolor="white", linewidth=0)
    for place, row in zip(places, rows, strict=True):
        for name, end, up in (("joiners", joiners[place], 3), ("leavers", -leavers[place], -12)):
            axes.annotate(row.cells[name].text, (place, end), (0, up), textcoords="offset points", ha="center", fontsize=9)
    axes.axhline(0, color=GREY, linewidth=1.5)
    axes.set_xticks(places, [f"{_short(row)}\n{row.cells['closing'].text}" for row in rows], fontsize=9)
    most = max([*joiners, *leavers, 1])
    axes.set_ylim(-1.25 * most, 1.25 * most)
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    title(axes, "Joined (above the line) and left (below it, hatched); under each month the caseload at its end")


def _short(row: Row) -> str:
    return f"{row.cells['closing'].period_end:%b %y}"


def _moves(table: Table) -> list[Row]:
    """The rows from each risk; none where nothing of them is shown."""
    rows = [row for row in table.rows if row.label.startswith("From ")]
    return rows if any(row.cells[name].is_number for row in rows for name in _ends(row)) else []


def _ends(row: Row) -> list[str]:
    return [name for name in row.cells if name not in MARGINS]


def _risk_moves(axes: Axes, rows: Sequence[Row]) -> None:
    """A square for each way from a risk to a risk, the darker the more people; hidden ones as the table has them."""
    ends = _ends(rows[0])
    counts = [[number(row.cells[name]) for name in ends] for row in rows]
    axes.pcolormesh(counts, cmap=SHADES, edgecolors=GREY, linewidth=0.5)
    axes.invert_yaxis()
    for line, row in enumerate(rows):
        for place, name in enumerate(ends):
            cell = row.cells[name]
            words = "" if cell.status == "missing" else cell.text
            stayed = "bold" if line == place else "normal"
            axes.annotate(words, (place + 0.5, line + 0.5), ha="center", va="center", fontsize=10, fontweight=stayed)
    axes.set_xticks([place + 0.5 for place in range(len(ends))], [_to(name) for name in ends], fontsize=9)
    axes.set_yticks([line + 0.5 for line in range(len(rows))], [row.label for row in rows], fontsize=9)
    axes.xaxis.tick_top()
    axes.grid(visible=False)
    axes.tick_params(length=0)


def _to(name: str) -> str:
    return {"not_on_caseload": "to outside\nthe caseload", "not_rated": "to not\nrated"}.get(name, f"to {name}")


def _moves_in_words(table: Table, rows: Sequence[Row]) -> str:
    """Who moved to a higher or a lower risk; nothing where a move is hidden, or rounded: three that were rounded by two each are
    six apart from their sum.
    """
    order = ("green", "amber", "red")
    way = {True: 0.0, False: 0.0}
    moves = []
    for before, row in zip(("red", "amber", "green"), rows, strict=False):
        for after in order:
            if after != before:
                moves.append(row.cells[after])
                way[order.index(after) > order.index(before)] += number(row.cells[after])
    cannot = "so that they cannot be counted together."
    if not all(cell.is_number for cell in moves):
        return f"{table.meaning} Some of the moves between red, amber and green are hidden, {cannot}"
    if any(cell.status == "rounded" for cell in moves):
        return f"{table.meaning} The moves between red, amber and green are rounded one by one, {cannot}"
    return f"{way[True]:g} {'person' if way[True] == 1 else 'people'} moved to a higher risk and {way[False]:g} to a lower one."


def _dip_chain(axes: Axes, rows: Sequence[Row]) -> None:
    """A bar for each stage, from the arrest down to twelve weeks in treatment."""
    name = _counted(rows)
    shown = list(reversed(rows))
    places = list(range(len(shown)))
    counts = [number(row.cells[name]) for row in shown]
    axes.barh(places, counts, height=0.6, color=BLUE)
    for place, row in zip(places, shown, strict=True):
        beside(axes, row.cells[name].text, number(row.cells[name]), place)
    axes.set_yticks(places, [shortened(row.label) for row in shown], fontsize=9)
    axes.set_xlim(0, 1.15 * max([*counts, 1]))
    axes.grid(visible=False, axis="y")
    title(axes, "People who reached each stage" if name == "people" else "Arrests that led to each stage")


def _counted(rows: Sequence[Row]) -> str:
    """Of a year only arrests are known."""
    return "people" if any(row.cells["people"].is_number for row in rows) else "arrests"


def _stages(table: Table) -> list[Row]:
    if not table.rows:
        return []
    name = _counted(table.rows)
    return [row for row in table.rows if row.cells[name].is_number]


CHARTS: Mapping[str, Chart] = {
    "need_prevalence": Chart(
        known("share"), lambda rows: 0.8 + 0.48 * len(rows), _need_prevalence,
        "Bars: share of the people assessed; whiskers: 95% interval (Wilson).",
    ),
    "need_change": Chart(
        known("gone", "arisen"), lambda rows: 0.9 + 0.48 * len(rows), _need_change,
        "Of the people assessed twice or more, whose numbers are in brackets. Whoever had it both times, or never, is in no bar.",
    ),
    "caseload_flow": Chart(
        known("joiners", "leavers", "closing"), lambda _: 3.2, _caseload_flow,
        "All schemes together, month by month; the last month may not be over.",
    ),
    "risk_moves": Chart(
        _moves, lambda rows: 0.8 + 0.42 * len(rows), _risk_moves,
        "From the risk of the row to that of the column; bold: no move. The darker, the more people.", _moves_in_words,
    ),
    "dip_chain": Chart(
        _stages, lambda rows: 0.8 + 0.34 * len(rows), _dip_chain,
        "A stage counts only where all before it are on record. Stages that are hidden for this audience are left out.",
    ),
}  # fmt: skip
