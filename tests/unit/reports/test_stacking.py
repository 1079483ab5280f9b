"""Reports of single areas give nothing away that those of other areas, or of the whole, hide."""

from iom_warehouse import disclosure
from iom_warehouse.disclosure import Audience, Bounds, Cell, Column, Row, Seen, Table, Tie
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.scope import WHOLE, Area
from iom_warehouse.reports.stacking import stack

BOARD = Audience("board", min_count=5)
DISTRICTS = {Area(code, "district", code): people for code, people in (("A", 3), ("B", 12), ("C", 40))}


def table(people: int, name: str = "caseload") -> Table:
    return Table(name, "T", (Column("people", "People", "count"),), (Row("red", "Red", {"people": Cell(people)}),))


def tables() -> dict[Area, Table]:
    return {WHOLE: table(55)} | {area: table(people) for area, people in DISTRICTS.items()}


def texts(seen: Seen | None = None) -> list[str]:
    """What the board sees of the whole and of each district, each in its own table."""
    stacked = stack(tables())
    [released] = disclosure.control_all([stacked.table], BOARD, None, seen or Seen())
    return [stacked.cut(released, area).rows[0].cells["people"].text for area in tables()]


def test_a_district_that_would_give_another_away_is_hidden_in_its_own_report():
    assert texts() == ["55", "<5", "c", "40"]


def test_alone_the_same_district_would_have_been_shown():
    [released] = disclosure.control_all([table(12)], BOARD)
    assert released.rows[0].cells["people"].text == "12"


def test_rows_keep_their_own_keys():
    stacked = stack(tables())
    [released] = disclosure.control_all([stacked.table], Audience("internal"))
    assert [row.key for area in tables() for row in stacked.cut(released, area).rows] == ["red"] * 4


def test_a_row_that_the_whole_has_too_is_one_row():
    of_area = Area("A", "district", "A")
    row = Row("any:district:A", "A", {"people": Cell(3)})
    whole = Table("t", "T", table(1).columns, (Row("any:all:all", "All", {"people": Cell(9)}), row))
    stacked = stack({WHOLE: whole, of_area: Table("t", "T", table(1).columns, (row,))})
    assert [row.key for row in stacked.table.rows] == ["any:all:all", "any:district:A"]
    assert stacked.table.fact(("any:district:A", "people")) == whole.fact(("any:district:A", "people"))


def test_what_another_report_of_the_build_hides_stays_hidden():
    """Beside 55 and 12, a mark of <5 would tell it to within three."""
    fact = stack(tables()).table.fact(("district:C|red", "people"))
    assert texts(Seen(hidden=frozenset({fact}))) == ["55", "c", "12", "c"]


def test_what_another_report_of_the_build_shows_protects_nothing():
    """The second district is known already, so hiding it does not hide the first: the third has to go as well."""
    fact = stack(tables()).table.fact(("district:B|red", "people"))
    assert texts(Seen(shown={fact: Bounds(12, 12)})) == ["55", "<5", "c", "c"]


def test_a_division_is_the_sum_of_its_districts():
    """Three of the 23 in the north are in A: beside the division's own report B's would say so."""
    people = {WHOLE: 31, Area("N", "division"): 23, Area("S", "division"): 8} | {
        Area(code, "district", code, parent): count for code, parent, count in (("A", "N", 3), ("B", "N", 20), ("C", "S", 8))
    }
    stacked = stack({area: table(count) for area, count in people.items()})
    [released] = disclosure.control_all([stacked.table], BOARD)
    seen = {area.code: stacked.cut(released, area).rows[0].cells["people"].text for area in people}
    assert seen["A"] == "<5"
    assert "c" in (seen["N"], seen["B"]), seen


def test_a_measure_ties_a_division_to_its_districts():
    measure = Measure({"count_unit": "person"}, "", {}, (), parents={"A": "N", "B": "N", "C": "S", "N": "F"})
    rows = [(kind, Row(f"{kind}:{code}:365", code, {})) for kind, code in
            (("division", "N"), ("division", "S"), ("district", "A"), ("district", "B"), ("district", "C"))]  # fmt: skip
    ties = measure.ties(rows, "all:all:365", ["people"])
    assert Tie((("division:N:365", "people"),), (("district:A:365", "people"), ("district:B:365", "people"))) in ties
    assert Tie((("division:S:365", "people"),), (("district:C:365", "people"),)) in ties
