"""The order of rows tells nothing of counts that are hidden: it is the same whatever is counted."""

from typing import Any

import sections_in_marts

ROWS = (
    "select row_label, value_text from published.figure where table_name = %s and column_name = %s"
    " and report_id = (select max(report_id) from published.report) order by row_order"
)


def left(reason: str, people: int) -> dict[str, Any]:
    of = sections_in_marts.QUARTER | sections_in_marts.EVERYONE | {"direction": "left", "reason": reason}
    return of | {"n_people": people, "median_days_on_scheme": 90}


def test_reasons_stand_in_one_order_whichever_is_the_commonest(shared_sections) -> None:
    """Five left, four because they moved and one for custody: by number, the board would know that it is not three and two."""
    moved = {"opening": 434, "joiners": 0, "leavers": 5, "closing": 429}
    quarter = sections_in_marts.QUARTER | sections_in_marts.EVERYONE
    shared_sections.fill("mart_partnership", "caseload_movement", [quarter | moved])
    shared_sections.fill("mart_partnership", "caseload_reason", [left("moved", 4), left("long_custody", 1)])
    shared_sections.page("board")
    shown = shared_sections.warehouse.query(ROWS, "caseload_reasons", "people")
    assert shown == [("All who left", "5"), ("Long time in custody to come", "<5"), ("Moved out of the area", "<5")]
    assert dict(shared_sections.warehouse.query(ROWS, "caseload_reasons", "median"))["Moved out of the area"] == "c", "of few"


def test_sections_of_oasys_stand_in_their_own_order_whichever_differs_most(shared_sections) -> None:
    """Drug misuse differs most and finance least."""
    shared_sections.page("board")
    labels = [label for label, _ in shared_sections.warehouse.query(ROWS, "need_comparison", "difference")]
    assert labels == ["Finance", "Drug misuse", "Attitudes", "Drug misuse", "Alcohol misuse"]
