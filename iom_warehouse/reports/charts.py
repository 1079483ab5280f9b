"""Charts of a report, as SVG to stand within the page, drawn from released figures only; the page says their message in words."""

import io
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from iom_warehouse.reports.page import Cell, Row, Table

BLUE, PALE, ORANGE, GREY = "#12436D", "#6BACE6", "#F46A25", "#3D3D3D"  # of the Analysis Function's palette
SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "svg.fonttype": "path",
    "svg.hashsalt": "iom",
    "text.parse_math": False,
}
WIDTH = 8.0
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}  # of words that lie on a line


def draw(table: Table) -> str | None:
    """The chart that the table asks for, as an <svg> element; None where too little of it is shown to this audience."""
    points = [row for row in table.rows if _drawn(table.chart, row)]
    if table.chart is None or not points:
        return None
    with plt.style.context("afcharts.afcharts"), plt.rc_context(SETTINGS):
        height, paint = CHARTS[table.chart]
        figure, axes = plt.subplots(figsize=(WIDTH, height(points)), layout="constrained")
        try:
            paint(axes, points)
            return _svg(figure, table.name)
        finally:
            plt.close(figure)


def _drawn(chart: str | None, row: Row) -> bool:
    if chart == "change_by_quarter":
        return row.is_everyone and any(cell.value is not None for cell in _changes(row))
    if chart == "rate_by_horizon":
        return row.is_everyone and row.cells["rate"].value is not None
    if chart == "need_prevalence":
        return row.cells["share"].value is not None
    return chart == "caseload_flow" and all(row.cells[name].value is not None for name in ("joiners", "leavers", "closing"))


def _change_by_quarter(axes: Axes, rows: Sequence[Row]) -> None:
    """Cumulative change against the baseline with its interval, quarter by quarter, for everyone."""
    cells = [cell for cell in _changes(rows[0]) if cell.value is not None]
    places = range(len(cells))
    axes.axhline(0, color=GREY, linewidth=1.5)
    _with_intervals(axes, list(places), cells, vertical=True)
    for place, cell in zip(places, cells, strict=True):
        axes.annotate(
            _more_or_fewer(cell.value),
            (place, float(cell.value or 0)),
            (10, -3),
            textcoords="offset points",
            fontsize=10,
            bbox=BEHIND,
        )
    axes.set_xticks(list(places), [f"to the end of\n{cell.period_end:%B %Y}" for cell in cells])
    axes.set_xlim(-0.5, len(cells) - 0.25)
    axes.yaxis.set_major_formatter(lambda value, _: _more_or_fewer(Decimal(str(round(value)))))
    axes.set_title("Change against the baseline (line: as in the baseline)", loc="left", fontsize=10)


def _rate_by_horizon(axes: Axes, rows: Sequence[Row]) -> None:
    cells = [row.cells["rate"] for row in rows]
    days = [cell.horizon_days or 0 for cell in cells]
    axes.plot(days, [float(cell.value or 0) for cell in cells], color=BLUE, linewidth=1.5)
    _with_intervals(axes, days, cells, vertical=True)
    for place, cell in zip(days, cells, strict=True):
        value = float(cell.value or 0)
        below = -14 if value > 0.15 * float(max(one.value or 0 for one in cells)) else 4  # not into the axis
        axes.annotate(cell.text, (place, value), (10, below), textcoords="offset points", fontsize=10, bbox=BEHIND)
    axes.set_xticks(days)
    axes.set_ylim(0, None)
    axes.set_xlim(0, max(days) * 1.1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}%")
    axes.set_xlabel("Days counted since the day that the person entered the cohort")
    axes.set_title("Share of people with an event so far", loc="left", fontsize=10)


def _need_prevalence(axes: Axes, rows: Sequence[Row]) -> None:
    shown = list(reversed(rows))
    cells = [row.cells["share"] for row in shown]
    places = list(range(len(cells)))
    axes.barh(places, [float(cell.value or 0) for cell in cells], height=0.55, color=PALE)
    _with_intervals(axes, places, cells, vertical=False)
    for place, cell in zip(places, cells, strict=True):
        end = float(cell.ci_high if cell.ci_high is not None else cell.value or 0)
        axes.annotate(cell.text, (end, place), (6, -4), textcoords="offset points", fontsize=10)
    axes.set_yticks(places, [f"{row.label}\n({row.cells['assessed'].text} assessed)" for row in shown], fontsize=9)
    axes.set_xlim(0, 108)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}%" if value <= 100 else "")
    axes.grid(visible=False, axis="y")
    axes.set_title("Share of those assessed who have the need", loc="left", fontsize=10)


def _caseload_flow(axes: Axes, rows: Sequence[Row]) -> None:
    """Joiners above the line, leavers below it, and the caseload in words under each month."""
    places = list(range(len(rows)))
    joiners, leavers = ([float(row.cells[name].value or 0) for row in rows] for name in ("joiners", "leavers"))
    axes.bar(places, joiners, width=0.6, color=BLUE)
    axes.bar(places, [-count for count in leavers], width=0.6, color=ORANGE, hatch="//", edgecolor="white", linewidth=0)
    for place, row in zip(places, rows, strict=True):
        axes.annotate(
            row.cells["joiners"].text, (place, joiners[place]), (0, 3), textcoords="offset points", ha="center", fontsize=9
        )
        axes.annotate(
            row.cells["leavers"].text, (place, -leavers[place]), (0, -12), textcoords="offset points", ha="center", fontsize=9
        )
    axes.axhline(0, color=GREY, linewidth=1.5)
    axes.set_xticks(places, [f"{_short(row)}\n{row.cells['closing'].text}" for row in rows], fontsize=9)
    most = max([*joiners, *leavers, 1])
    axes.set_ylim(-1.25 * most, 1.25 * most)
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes.set_title(
        "Joined (above the line) and left (below it, hatched); under each month the caseload at its end", loc="left", fontsize=10
    )


def _changes(row: Row) -> list[Cell]:
    return [cell for name, cell in row.cells.items() if name.startswith("change_")]


def _short(row: Row) -> str:
    return f"{row.cells['closing'].period_end:%b %y}"


def _more_or_fewer(value: Decimal | None) -> str:
    return "no change" if not value else f"{abs(value)}% {'more' if value > 0 else 'fewer'}"


def _with_intervals(axes: Axes, places: Sequence[float], cells: Sequence[Cell], vertical: bool) -> None:
    values = [float(cell.value or 0) for cell in cells]
    ends = [(cell.ci_low, cell.ci_high) if cell.ci_low is not None else (cell.value, cell.value) for cell in cells]
    errors = [
        [max(value - float(low or 0), 0) for value, (low, _) in zip(values, ends, strict=True)],
        [max(float(high or 0) - value, 0) for value, (_, high) in zip(values, ends, strict=True)],
    ]
    style: dict[str, Any] = {"fmt": "o" if vertical else "none", "color": BLUE, "ecolor": GREY, "capsize": 4, "elinewidth": 1.5}
    if vertical:
        axes.errorbar(places, values, yerr=errors, **style)
    else:
        axes.errorbar(values, places, xerr=errors, **style)


def _svg(figure: Any, name: str) -> str:
    """The drawing as an element of a page: without prologue and metadata, with identifiers that no other chart has."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = out.getvalue()[out.getvalue().index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", svg)
    return re.sub(r'<svg [^>]*viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true" focusable="false">', svg, count=1)


CHARTS: dict[str, tuple[Callable[[Sequence[Row]], float], Callable[[Axes, Sequence[Row]], None]]] = {
    "change_by_quarter": (lambda rows: 3.2, _change_by_quarter),
    "rate_by_horizon": (lambda rows: 3.2, _rate_by_horizon),
    "need_prevalence": (lambda rows: 0.8 + 0.48 * len(rows), _need_prevalence),
    "caseload_flow": (lambda rows: 3.2, _caseload_flow),
}
