"""Measures of a report of which one is of a part of the other's cohort go through disclosure control together."""

from typing import Any

from follow_up_in_marts import summary

from iom_warehouse.reports import publish

TEXTS = (
    "select table_name, value_text from published.figure where column_name = %s and row_label = 'Everyone, by day 365'"
    " and table_name like 'rearrest%%' and report_id = %s order by 1"
)


def everyone(people: int, with_event: int, events: int, **of: Any) -> dict[str, Any]:
    return summary(365, "all") | {"n_people": people, "n_people_with_event": with_event, "n_events": events} | of


def test_few_with_longer_sentences_are_not_told_by_those_with_shorter_ones(sections) -> None:
    """60 people with 24 of them arrested, and 57 and 23 after a short sentence: neither table alone hides anything."""
    short = {"measure_id": "rearrest_short_sentence", "cohort_id": "short_releases_2012"}
    sections.fill("mart_reoffending", "reoffending_summary", [everyone(60, 24, 70), everyone(57, 23, 68, **short)])
    [internal] = publish("quarterly", "2013Q4")
    [board] = publish("quarterly", "2013Q4", audience="board")
    for column, true in (("people", ["60", "57"]), ("with_event", ["24", "23"]), ("events", ["70", "68"])):
        assert [text for _, text in sections.warehouse.query(TEXTS, column, internal)] == true
        texts = [text for _, text in sections.warehouse.query(TEXTS, column, board)]
        assert "c" in texts and len(texts) == 2, column
    printed = "select count(*) from published.report_table where table_name like '% within %'"
    assert sections.warehouse.value(printed) == 0
