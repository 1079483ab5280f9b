"""What nobody prints, but can be worked out of counts that are printed, is protected like those."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from audiences import BOARD

from iom_warehouse.disclosure import Cell, Row, Table, control, control_all
from iom_warehouse.reports import figures, need_comparison, needs_at_release, releases
from iom_warehouse.reports.scope import Scope, beginning

SCOPE = Scope(beginning("quarter", date(2013, 10, 1)))
PLACE = {"area_level": "all", "area": "all", "group_by": "all", "group_value": "all", "is_complete": True,
         "data_cut": date(2013, 12, 31), "period_start": SCOPE.first, "period_end": SCOPE.last}  # fmt: skip


def source(**marts: list[dict[str, Any]]) -> Any:
    """Marts by name, each with one kind of rows."""
    return SimpleNamespace(mart=lambda _, name, *__, **___: marts.get(name, []), business_date=SCOPE.last)


@pytest.mark.parametrize(("planned", "assessed", "shown"), [(44, 30, True), (44, 42, False)], ids=["14 not", "2 not"])
def test_those_to_be_released_whom_nobody_looked_at(planned: int, assessed: int, shown: bool) -> None:
    """How many are planned stands in another table: less those looked at it leaves two."""
    weeks = [PLACE | dict.fromkeys(releases.COUNTS.values(), 0) | {"week_start": SCOPE.last, "n_releases": planned}]
    due = PLACE | {
        "need": "finance", "sentence_group": "all", "kind": "due", "n_releases": planned, "n_people": planned,
        "n_assessed": assessed, "n_not_assessed": planned - assessed, "n_open": 15, "n_not_known": 0,
    }  # fmt: skip
    of = source(release_summary=weeks)
    everyone = releases._everyone(weeks, of, SCOPE)
    of_all = releases.planned(of, SCOPE)
    assert of_all == {"all": everyone.cells["releases"], "under_12_months": everyone.cells["short"]}
    [calendar, needs] = control_all(
        [Table("releases_planned", "", releases.COLUMNS, (everyone,)), needs_at_release._table((), [due], of_all)], BOARD
    )
    seen = [calendar.rows[0].cells["releases"], needs.rows[0].cells["assessed"]]
    assert all(not cell.is_hidden for cell in seen) is shown


@pytest.mark.parametrize(("alcohol", "shown"), [(20, True), (28, False), (30, True)], ids=["ten", "two", "nobody"])
def test_what_a_need_leaves_of_the_pathway_that_it_is_part_of(alcohol: int, shown: bool) -> None:
    """Of 30 with an open need of drugs or alcohol 28 have one of alcohol: the other two would be known to have none."""
    columns = figures.count_columns(open="Open")
    counts = {"all:drugs_and_alcohol": 30, "all:alcohol": alcohol}
    rows = tuple(Row(key, "", {"open": Cell(count)}) for key, count in counts.items())
    within = {"all:drugs_and_alcohol": ["all:alcohol", "all:drugs"]}
    table = figures.with_overlapping_parts(Table("t", "", columns, rows), within, "open")
    seen = control(table, BOARD).rows
    assert all(not row.cells["open"].is_hidden for row in seen) is shown


def test_looked_at_for_alcohol_is_no_part_of_looked_at_for_drugs_and_alcohol() -> None:
    """Of 60 looked at for the two together and 58 for alcohol no two are left: some of the 58 were asked about alcohol alone."""
    facts = [
        PLACE | {"need": need, "sentence_group": "all", "n_releases": 80, "n_people": 80, "n_assessed": assessed,
                 "n_not_assessed": 80 - assessed, "n_open": 30, "n_not_known": 0}
        for need, assessed in (("drugs_and_alcohol", 60), ("alcohol", 58))
    ]  # fmt: skip
    of: Any = SimpleNamespace(
        mart=lambda _, name, condition, *__, **___: facts if name == "need_at_release" and "'released'" in condition else [],
        business_date=SCOPE.last,
    )
    seen = control(needs_at_release._needs(of, SCOPE, "needs").table, BOARD).rows
    assert [row.cells["assessed"].text for row in seen] == ["60", "58"]


@pytest.mark.parametrize(
    ("whole", "people", "part", "shown"),
    [(40, None, 30, True), (40, None, 38, False), (40, 32, 30, False), (40, None, 40, True)],
    ids=["ten", "two", "ten events, perhaps of two people", "nobody"],
)
def test_what_a_part_leaves_of_its_whole(whole: int, people: int | None, part: int, shown: bool) -> None:
    columns = figures.count_columns(screened="Screened", referred="Referred")
    row = Row("a", "", {"screened": Cell(whole, people=people), "referred": Cell(part)})
    without = Row("b", "", {"screened": Cell(whole), "referred": Cell(missing="nobody knows")})
    table = figures.with_rests(Table("t", "", columns, (row, without)), ("referred", "screened"))
    seen = control(table, BOARD).rows[0].cells
    assert list(seen) == ["screened", "referred"]
    assert all(not cell.is_hidden for cell in seen.values()) is shown


@pytest.mark.parametrize(("with_need", "shown"), [(40, False), (32, True)], ids=["two", "ten"])
def test_people_on_other_schemes_only_who_do_not_have_a_need(with_need: int, shown: bool) -> None:
    """Of 60 on any scheme 40 have the need, of the 40 on the one 22: of the 20 others 18, so that two do not."""
    cells = {"on_scheme": Cell(60), "on_scheme_need": Cell(with_need), "others": Cell(80), "others_need": Cell(30)}
    of_ppo = Row("drugs", "Drugs", {"on_scheme": Cell(40), "on_scheme_need": Cell(22)})
    row = need_comparison._with_part(Row("drugs", "Drugs", cells), of_ppo)
    columns = figures.count_columns(on_scheme="On", on_scheme_need="With", others="Others", others_need="Others with")
    of_any = need_comparison._with_sums(Table("any", "", columns, (row,)))
    released = control_all([Table(need_comparison.NAME, "", columns, (of_ppo,)), of_any], BOARD)
    of_both = [table.rows[0].cells[name] for table in released for name in ("on_scheme", "on_scheme_need")]
    assert all(not cell.is_hidden for cell in of_both) is shown
