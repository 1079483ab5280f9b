"""What is drawn of reoffending beside its tables: areas, survival at the horizons, and how much of a figure is known."""

from datetime import date
from typing import Any

import pytest
from follow_up_in_marts import CUT, by_age, summaries

from iom_warehouse.platform.settings import settings
from iom_warehouse.reports import page, publish, render
from iom_warehouse.reports.charts import draw


def survival(day: int, at_risk: int, so_far: int) -> dict[str, Any]:
    return {
        "measure_id": "rearrest", "measure_version": "1", "group_by": "all", "group_value": "all", "day": day,
        "is_horizon": True, "n_at_risk": at_risk, "n_events": 0, "events_so_far": so_far, "ended_before": 0,
        "survival": at_risk / 70, "ci_low": at_risk / 70 - 0.1, "ci_high": at_risk / 70 + 0.02,
    }  # fmt: skip


@pytest.fixture(scope="module")
def released(shared_sections):
    """Releases of 2012 with their first arrest; 44 arrests are known and 50 are expected."""
    shared_sections.fill("mart_reoffending", "reoffending_summary", [*summaries(), *by_age()])
    shared_sections.fill("mart_reoffending", "survival_curve", [survival(28, 67, 3), survival(365, 31, 39)])
    expected = {
        "measure_id": "rearrest", "measure_version": "1", "group_by": "all", "group_value": "all", "horizon_days": 365,
        "event_kind": "arrest", "period_end": date(2012, 12, 31), "n_events": 44, "expected_final": 50.2, "ci_low": 46,
        "ci_high": 61, "known_on": CUT, "data_cut": CUT,
    }  # fmt: skip
    shared_sections.fill("mart_reoffending", "expected_final", [expected])
    return shared_sections


def report_of(audience: str) -> page.Report:
    [report_id] = publish("quarterly", "2013Q4", audience=audience)
    return page.read(report_id)


def messages(report: page.Report) -> dict[str, str]:
    return {drawing.name: drawing.message for table in report.tables for drawing in draw(table)}


def test_the_partnership_sees_the_curve_the_areas_and_what_is_to_come(released):
    found = messages(report_of("internal"))
    assert released.shown("survival", "Day 365", "survival") == ("44%", "shown")
    assert released.shown("survival", "Day 28", "with_event") == ("3", "shown")
    assert released.shown("maturity", "First arrest after release", "growth") == ("14%", "shown")
    assert found["survival"].startswith(
        "First arrest after release: after 365 days 44% of the people were still without an event"
    )
    assert (
        found["funnel"]
        == "No area shown is further from the share of everyone (56%) than chance explains. The areas are no ranking."
        " Areas whose share is hidden, or of fewer than 10 people, are not drawn."
    )
    assert "results that come late are expected to add 14% (95% interval 5% to 39%)" in found["maturity"]


def test_the_board_sees_nothing_that_tells_how_few_had_an_event(released):
    """Three of 70 by day 28: the share, and how many are still followed, would say so."""
    report = report_of("board")
    assert released.shown("survival", "Day 28", "with_event") == ("<5", "suppressed")
    assert released.shown("survival", "Day 28", "survival")[1] == "suppressed"
    assert released.shown("survival", "Day 28", "at_risk")[1] == "suppressed_with_another"
    [table] = [table for table in report.tables if table.name == "survival"]
    [drawing] = draw(table)
    assert "365 days" in drawing.message and drawing.svg


def test_the_board_sees_age_bands_that_were_joined(released):
    """Whoever traces a figure finds the counts of the joined group, and its name says of whom they are."""
    report_of("board")
    table = "proven_12_plus_6"
    assert released.shown(table, "40 and over", "people") == ("15", "shown")
    assert released.shown(table, "40 and over", "rate") == ("33%", "flagged")
    assert released.shown(table, "16 to 24", "with_event") == ("c", "suppressed_with_another")
    counts = released.warehouse.query(
        "select counted, numerator, denominator, fact from audit.figure_basis inner join published.figure"
        " using (report_id, table_name, row_order, column_order) where report_id = (select max(report_id) from published.report)"
        " and table_name = %s and row_label = '40 and over' and column_name in ('people', 'rate') order by column_order", table,
    )  # fmt: skip
    assert [each[:3] for each in counts] == [(15, None, None), (None, 5, 15)]
    assert counts[0][3].count(" + ") == 1 and "40-49" in counts[0][3] and "50 and over" in counts[0][3]


def test_the_public_learns_no_exact_count_from_what_is_expected(released):
    report_of("public")
    assert released.shown("maturity", "First arrest after release", "known") == ("45", "rounded")
    assert released.shown("maturity", "First arrest after release", "growth") == ("14%", "shown")


def main_points(report: page.Report) -> str:
    return " ".join(report.facts["main_points"])


def test_a_provisional_main_point_says_how_much_is_to_come(released):
    """What it is of the estimate that the audience may read; nobody reads a provisional figure as a final one."""
    said = " Provisional: results that come late are expected to add 14% (95% interval 5% to 39%)."
    assert f"which is 56% (95% interval 10% to 90%).{said}" in main_points(report_of("internal"))
    assert said in main_points(report_of("public"))


def test_an_internal_page_has_every_chart_with_words(released):
    [report_id] = publish("quarterly", "2013Q4")
    text = render(report_id, settings().state_dir / "pages").read_text("utf-8")
    assert text.count("<svg") == text.count('role="img" aria-label="Chart: ') == text.count("<figcaption") == 7
    assert "NaN" not in text and "None" not in text
