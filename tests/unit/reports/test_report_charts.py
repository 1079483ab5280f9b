"""Charts are drawn from what was released, and stand within a page without disturbing it."""

import re
from datetime import date
from decimal import Decimal

from iom_warehouse.reports import charts
from iom_warehouse.reports.page import Cell, Row, Table


def cell(value: str | None) -> Cell:
    number = None if value is None else Decimal(value)
    low, high = (number - 5, number + 5) if number is not None else (None, None)
    return Cell(value or "c", "", "suppressed" if value is None else "shown", number, low, high, date(2013, 6, 30), None)


def quarters(name: str, *values: str | None) -> Table:
    """A table by quarter of everyone; None is a hidden change."""
    row = Row("Everyone", "", {f"change_{number}": cell(value) for number, value in enumerate(values, 1)})
    return Table(name, "reoffending", "T", "", "", "", "change_by_quarter", {}, (), (row,))


def marks(svg: str) -> int:
    """Points drawn, by their colour."""
    return len(re.findall(r"<use [^>]*style=\"fill: #12436d; stroke: #12436d", svg))


def test_a_hidden_figure_is_not_drawn():
    assert marks(charts.draw(quarters("t", "16", "-2", "-10"))) == 3
    assert marks(charts.draw(quarters("t", "16", None, "-10"))) == 2


def test_no_chart_of_nothing():
    assert charts.draw(quarters("t", None, None)) is None


def test_two_charts_share_no_identifier_and_load_nothing():
    drawings = [charts.draw(quarters(name, "16", "-2")) for name in ("one", "two")]
    identifiers = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in drawings]
    assert identifiers[0] and not identifiers[0] & identifiers[1]
    for svg, known in zip(drawings, identifiers, strict=True):
        assert {target for pair in re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg) for target in pair if target} <= known
        assert "://" not in svg


def test_the_same_figures_give_the_same_drawing():
    assert charts.draw(quarters("t", "16", "-2")) == charts.draw(quarters("t", "16", "-2"))
