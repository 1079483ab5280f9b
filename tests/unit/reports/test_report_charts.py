"""Charts are drawn from what was released, say their message in words, and stand within a page without disturbing it."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from iom_warehouse.reports import charts
from iom_warehouse.reports.charts import outcomes
from iom_warehouse.reports.page import Cell, Row, Table


def cell(value: str | None, horizon: int | None = None) -> Cell:
    number = None if value is None else Decimal(value)
    low, high = (number - 5, number + 5) if number is not None else (None, None)
    return Cell(value or "c", "", "suppressed" if value is None else "shown", number, low, high, date(2013, 6, 30), horizon)


def table(chart: str, *rows: Row, name: str = "t", meaning: str = "What the table says.") -> Table:
    return Table(name, "reoffending", "T", "Group", meaning, "", "", (chart,), {}, (), rows)


def quarters(name: str, *values: str | None) -> Table:
    """A table by quarter of everyone; None is a hidden change."""
    row = Row("Everyone", "", {f"change_{number}": cell(value) for number, value in enumerate(values, 1)})
    return table("change_by_quarter", row, name=name)


def areas(**shares: tuple[str | None, str | None]) -> Table:
    """Everyone with an event by day 365, then areas: their people, and their share in per cent."""
    everyone = Row("Everyone, by day 365", "Everyone", {"people": cell("300"), "rate": cell("55", 365)})
    of_areas = [
        Row(name, "By district, by day 365", {"people": cell(people), "rate": cell(share, 365)})
        for name, (people, share) in shares.items()
    ]
    return table("funnel", everyone, *of_areas)


def drawn(of: Table) -> str:
    [drawing] = charts.draw(of)
    return drawing.svg


def marks(svg: str) -> int:
    """Points drawn, by their colour."""
    return len(re.findall(r"<use [^>]*style=\"fill: #12436d; stroke: #12436d", svg))


def test_a_hidden_figure_is_not_drawn():
    assert marks(drawn(quarters("t", "16", "-2", "-10"))) == 3
    assert marks(drawn(quarters("t", "16", None, "-10"))) == 2


def test_no_chart_of_nothing():
    assert charts.draw(quarters("t", None, None)) == []
    for name in charts.CHARTS:
        assert charts.draw(table(name)) == [], name


def test_two_charts_share_no_identifier_and_load_nothing():
    drawings = [drawn(quarters(name, "16", "-2")) for name in ("one", "two")]
    identifiers = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in drawings]
    assert identifiers[0] and not identifiers[0] & identifiers[1]
    for svg, known in zip(drawings, identifiers, strict=True):
        assert {target for pair in re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg) for target in pair if target} <= known
        assert "://" not in svg


def test_the_same_figures_give_the_same_drawing():
    assert drawn(quarters("t", "16", "-2")) == drawn(quarters("t", "16", "-2"))


@pytest.mark.parametrize(
    ("people", "two", "three"),
    [(25, (36.2, 72.5), (27.4, 79.8)), (43, (40.3, 68.8), (32.9, 75.3)), (99, (45.2, 64.4), (39.8, 69.3))],
)
def test_the_limits_of_a_funnel_round_55_per_cent(people, two, three):
    for sigma, expected in ((1.96, two), (3.09, three)):
        assert tuple(round(100 * end, 1) for end in outcomes.limits(0.55, people, sigma)) == expected


def test_a_funnel_names_only_what_chance_does_not_explain():
    [drawing] = charts.draw(areas(North=("43", "74"), South=("43", "76"), East=("99", "45")))
    assert drawing.message.startswith("Further from the share of everyone (55) than chance explains: South higher.")
    [drawing] = charts.draw(areas(North=("43", "74"), East=("99", "45")))
    assert drawing.message == (
        "No area shown is further from the share of everyone (55) than chance explains. The areas are no ranking."
        " Areas whose share is hidden, or of fewer than 10 people, are not drawn."
    )


def test_few_or_hidden_people_are_in_no_funnel():
    assert charts.draw(areas(North=("9", "74"), East=("99", "45"))) == []
    assert charts.draw(areas(North=(None, "74"), East=("99", "45"))) == []


def moves(*counts: tuple[str | None, ...]) -> Table:
    names = ("red", "amber", "green", "prison", "not_rated", "not_on_caseload")
    labels = ("red", "amber", "green", "prison", "not rated", "outside the caseload")
    rows = [
        Row(f"From {label}", "", dict(zip(names, map(cell, of_row), strict=True)))
        for label, of_row in zip(labels, counts, strict=True)
    ]
    return table("risk_moves", *rows)


def test_moves_between_risks_say_which_way():
    still = ("0",) * 6
    of_red, of_amber, of_green = (
        ("70", "12", "3", "9", "0", "6"),
        ("15", "110", "20", "2", "0", "3"),
        ("2", "10", "90", "1", "0", "9"),
    )
    [drawing] = charts.draw(moves(of_red, of_amber, of_green, still, still, still))
    assert drawing.message == "27 people moved to a higher risk and 35 to a lower one."
    [drawing] = charts.draw(moves(of_red, ("15", "110", None, "2", "0", "3"), of_green, still, still, still))
    assert "27" not in drawing.message and "moves between red, amber and green are hidden" in drawing.message


def test_moves_that_are_rounded_are_not_added_up():
    """Three moves up of seven people each are 21, and rounded to five each they would add up to 15."""
    still = ("0",) * 6
    of_red, of_amber, of_green = ("70", "5", "5", *still[:3]), ("5", "110", "5", *still[:3]), ("5", "5", "90", *still[:3])
    table_of_moves = moves(of_red, of_amber, of_green, still, still, still)
    rounded = [
        replace(row, cells={name: replace(cell, status="rounded") for name, cell in row.cells.items()})
        for row in table_of_moves.rows
    ]
    [drawing] = charts.draw(replace(table_of_moves, rows=tuple(rounded)))
    assert not re.search(r"\d", drawing.message) and "are rounded one by one" in drawing.message


def test_needs_gone_and_arisen_lie_on_two_sides():
    row = Row("Health", "", {"both": cell("40"), "gone": cell("15"), "arisen": cell("4")})
    hidden = Row("Money", "", {"both": cell("40"), "gone": cell("15"), "arisen": cell(None)})
    assert drawn(table("need_change", row)) == drawn(table("need_change", row, hidden))
    assert charts.draw(table("need_change", hidden)) == []


def test_a_chain_of_a_year_is_of_arrests():
    rows = [
        Row(name, "", {"people": cell(None), "arrests": cell(count)}) for name, count in (("Arrested", "90"), ("Tested", "80"))
    ]
    assert charts.draw(table("dip_chain", *rows))
