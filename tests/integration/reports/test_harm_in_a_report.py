"""What the offences of a cohort weigh, beside how many they are."""

from datetime import date
from typing import Any

import pytest
from follow_up_in_marts import CUT, by_age
from test_sections import section_of

ROW = "Proven reoffending within 12 months"


def harm(role: str, **more: Any) -> dict[str, Any]:
    """17 offences of 15 of 40 people, two of them without a weight."""
    return {
        "measure_id": "proven_12_plus_6", "measure_version": "1", "period_number": 1, "role": role,
        "period_end": date(2012, 12, 31), "horizon_days": None, "n_people": 40, "n_events": 17, "n_events_weighed": 15,
        "most_events": 3, "n_people_weighed": 13, "most_events_weighed": 3,
        "n_people_without_weight": 2, "most_events_without_weight": 1,
        "harm": 3456, "harm_per_person": 86.4, "harm_of_one_person": 746, "share_of_one_person": 0.2159, "confidence": "medium",
        "status": "provisional", "data_cut": CUT,
    } | more  # fmt: skip


@pytest.fixture
def weighed(sections):
    sections.fill("mart_reoffending", "reoffending_summary", by_age())
    sections.fill("mart_cost", "harm", [harm("follow_up"), harm("baseline", harm=999_999)])
    return sections


def shown(sections, *names: str) -> list[str]:
    rows = sections.warehouse.query(
        "select column_name, value_text from published.figure where report_id = (select max(report_id) from published.report)"
        " and table_name = 'harm'"
    )
    found = dict(rows)
    assert len(found) == len(rows), "there is one row"
    return [found[name] for name in names]


def test_the_partnership_reads_the_weight_beside_the_number(weighed):
    page = section_of(weighed.page(), "reoffending")
    assert "17 offences of 40 people weigh about 3,500, 86 for each person." in page
    assert "Never read it without the number of offences" in page
    assert shown(weighed, "weighed", "unweighed", "of_one", "confidence") == ["15", "2", "22%", "medium"]


def test_the_board_sees_no_figure_of_few_people_nor_of_one(weighed):
    weighed.page("board")
    assert shown(weighed, "events", "unweighed", "weighed", "harm", "of_one") == ["17", "<5", "c", "c", "c"]


def test_a_weight_that_is_mainly_of_one_person_is_hidden(weighed):
    weighed.warehouse.query("update mart_cost.harm set harm_of_one_person = 2000")
    page = section_of(weighed.page("board"), "reoffending")
    assert shown(weighed, "events", "harm", "per_person") == ["17", "c", "c"]
    assert "What the offences weigh cannot be given, or is hidden for this audience." in page


def test_the_public_sees_no_weight(weighed):
    weighed.page("public")
    assert shown(weighed, "events", "harm", "per_person", "of_one") == ["15", "c", "c", "c"]


def test_without_a_weight_none_is_given(weighed):
    weighed.warehouse.query(
        "update mart_cost.harm set n_events_weighed = 0, n_people_weighed = 0, most_events_weighed = 0,"
        " n_people_without_weight = 15, harm = null, harm_per_person = null,"
        " harm_of_one_person = null, share_of_one_person = null, confidence = null"
    )
    weighed.page()
    assert shown(weighed, "weighed", "unweighed") == ["0", "17"]
    assert set(shown(weighed, "harm", "per_person", "of_one")) == {"no offence has a weight"}
