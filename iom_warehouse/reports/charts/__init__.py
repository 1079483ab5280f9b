"""Charts of a report, as SVG to stand within the page, drawn from released figures only; each says its message in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from iom_warehouse.reports.charts import outcomes, people
from iom_warehouse.reports.charts.drawing import Chart
from iom_warehouse.reports.charts.drawing import draw as _draw
from iom_warehouse.reports.page import Table

CHARTS: Mapping[str, Chart] = {**outcomes.CHARTS, **people.CHARTS}


@dataclass(frozen=True)
class Drawing:
    """A chart as it stands in a page: the picture, how to read it, and what it says."""

    name: str
    svg: str
    caption: str
    message: str


def draw(table: Table) -> list[Drawing]:
    """The charts that the table asks for; none where too little of it is shown to this audience."""
    drawn = [(name, CHARTS[name], CHARTS[name].points(table)) for name in table.charts]
    return [
        Drawing(name, _draw(chart, points, f"{table.name}-{name}"), chart.caption, chart.message(table, points))
        for name, chart, points in drawn
        if len(points) >= chart.fewest
    ]
