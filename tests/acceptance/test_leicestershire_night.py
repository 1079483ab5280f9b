"""The five printed reductions in detected crime of Leicestershire through the whole nightly run, and who meets the target."""

from decimal import Decimal

import pytest

PRINTED = {"PPO": "38.9", "IOM": "67.37", "DYO": "43.94", "16 to 24": "52.17", "Troubled Families": "0"}
GROUPS = {"young": "16 to 24", "families": "Troubled Families"}
COUNTS = {  # the crimes of the same months behind each of them: of two years, and people who meet the target, of those who can
    "PPO": (18, 11, 5, 8),
    "IOM": (95, 31, 15, 19),
    "DYO": (66, 37, 11, 15),
    "16 to 24": (23, 11, 6, 9),
    "Troubled Families": (1, 1, 0, 1),
}


@pytest.fixture(scope="module")
def leicestershire(example):
    return example("leicestershire")[0]


@pytest.fixture(scope="module")
def printed(leicestershire) -> dict[str, tuple]:
    found = leicestershire.query(
        "select measure_id, group_value, printed_value, recalculated_value, finding from mart_reoffending.published_comparison"
    )
    return {group(measure, value): tuple(figures) for measure, value, *figures in found}


def group(measure: str, value: str) -> str:
    return GROUPS.get(measure.rpartition("_")[2], value)


@pytest.mark.parametrize("name", PRINTED)
def test_the_reduction_is_as_printed(printed, name):
    assert printed[name] == (Decimal(PRINTED[name]), Decimal(PRINTED[name]), None)


def test_the_counts_behind_them_and_who_meets_the_target(leicestershire):
    found = leicestershire.query(
        "select measure_id, group_value, baseline_count, n_events, n_meeting_target, n_eligible"
        " from mart_reoffending.reoffending_summary"
        " where group_by = 'scheme' or (group_by = 'all' and measure_id <> 'leics_detected_crime')"
    )
    counts = {group(measure, value): tuple(figures) for measure, value, *figures in found}
    assert {name: counts[name] for name in COUNTS} == COUNTS
    total = leicestershire.query(
        "select n_people, n_meeting_target, n_eligible from mart_reoffending.reoffending_summary"
        " where measure_id = 'leics_detected_crime' and group_by = 'all'"
    )
    assert total == [(41, 30, 40)]


def test_who_is_left_out_is_counted_with_the_reason(leicestershire):
    assert leicestershire.query(
        "select exclusion_reasons, count(*) from mart_reoffending.fct_reoffending_person"
        " where is_excluded and measure_id = 'leics_detected_crime' group by 1 order by 1"
    ) == [("in_custody_beyond", 1), ("no_offence_in_baseline", 1), ("release_not_known", 1)]


def test_the_report_shows_the_printed_figures(leicestershire):
    assert "67.37" in (leicestershire.state / "reports" / "latest.html").read_text(encoding="utf-8")
