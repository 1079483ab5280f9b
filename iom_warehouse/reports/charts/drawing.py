"""What all charts have in common: colours, intervals, and a drawing as an element of a page."""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
LONGEST_NAME = 40
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}  # of words that lie on a line

Paint = Callable[[Axes, Sequence[Row]], None]


def meaning_of(table: Table, _: Sequence[Row]) -> str:
    return table.meaning or table.title


@dataclass(frozen=True)
class Chart:
    """A kind of drawing. `points`: the rows of a table that it shows, all of them with figures that the audience may see.

    `caption` says how to read it; `message` what it says, in a sentence, of the rows that are shown.
    """

    points: Callable[[Table], Sequence[Row]]
    height: Callable[[Sequence[Row]], float]
    paint: Paint
    caption: str
    message: Callable[[Table, Sequence[Row]], str] = meaning_of
    fewest: int = 1


def draw(chart: Chart, points: Sequence[Row], name: str) -> str:
    """The drawing as an <svg> element whose identifiers begin with `name`."""
    with plt.style.context("afcharts.afcharts"), plt.rc_context(SETTINGS):
        figure, axes = plt.subplots(figsize=(WIDTH, chart.height(points)), layout="constrained")
        try:
            chart.paint(axes, points)
            return _svg(figure, name)
        finally:
            plt.close(figure)


def known(*names: str) -> Callable[[Table], list[Row]]:
    """The rows in which all of these columns have a number."""
    return lambda table: [row for row in table.rows if all(name in row.cells and row.cells[name].is_number for name in names)]


def number(cell: Cell) -> float:
    return float(cell.value or 0)


def shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def title(axes: Axes, words: str) -> None:
    axes.set_title(words, loc="left", fontsize=10)


def more_or_fewer(value: Decimal | None) -> str:
    return "no change" if not value else f"{abs(value)}% {'more' if value > 0 else 'fewer'}"


def with_intervals(axes: Axes, places: Sequence[float], cells: Sequence[Cell], vertical: bool) -> None:
    """Points (only where `vertical`) with their 95% intervals."""
    values = [number(cell) for cell in cells]
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


def beside(axes: Axes, words: str, x: float, y: float, *, right: float = 8, up: float = -4) -> None:
    """Words beside a point, on white so that no line crosses them."""
    axes.annotate(words, (x, y), (right, up), textcoords="offset points", fontsize=10, bbox=BEHIND)


def percent_axis(axis: Any, most: float = 100) -> None:
    axis.set_major_formatter(lambda value, _: f"{value:g}%" if value <= most else "")


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
