"""What was printed of Leicestershire through the whole nightly run: reductions in detected crime, and the caseload's shape."""

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
OTHERS = 388  # on the list on 1 April, without any crime
QUARTER = "period_kind = 'quarter' and period_start = '2013-07-01' and area_level = 'all'"


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
    ) == [("in_custody_beyond", 1), ("no_offence_in_baseline", 1 + OTHERS), ("release_not_known", 1)]


def test_the_report_shows_the_printed_figures(leicestershire):
    assert "67.37" in (leicestershire.state / "reports" / "latest.html").read_text(encoding="utf-8")


def test_the_caseload_goes_from_434_to_423(leicestershire):
    assert leicestershire.query(
        "select opening, joiners, leavers, closing, round(pct_change, 2)::text, is_complete"
        f" from mart_partnership.caseload_movement where {QUARTER} and scheme = 'any'"
    ) == [(434, 29, 40, 423, "-2.53", True)]
    assert leicestershire.query(
        f"select direction, reason, n_people from mart_partnership.caseload_reason where {QUARTER} and scheme = 'any' order by 1"
    ) == [("joined", "new", 29), ("left", "lower_risk", 40)]


def test_red_rises_by_a_tenth_of_the_people(leicestershire):
    """In numbers of people, not in percentage points of the caseload."""
    assert leicestershire.query(
        "select n_opening, n_came, n_went, n_closing, round(pct_change, 2)::text"
        f" from mart_partnership.risk_change where {QUARTER} and scheme = 'any' and risk = 'red'"
    ) == [(50, 5, 0, 55, "10.00")]


def test_over_nine_in_ten_referrals_are_accepted_of_those_decided(leicestershire):
    [(made, accepted, declined, pending, acceptance, low, high)] = leicestershire.query(
        "select n_made, n_accepted, n_declined, n_pending, acceptance::float, ci_low, ci_high"
        f" from mart_partnership.referrals where {QUARTER} and route = 'all' and referring_agency = 'POL'"
    )
    assert (made, accepted, declined, pending) == (48, 44, 3, 1)
    assert (acceptance, low, high) == (pytest.approx(44 / 47), pytest.approx(0.8284, abs=1e-4), pytest.approx(0.9781, abs=1e-4))


def test_the_report_of_that_quarter_says_so(leicestershire):
    leicestershire.iom("report", "quarterly", "--period", "2013Q3", "--format", "html")
    [page] = (leicestershire.state / "reports").rglob("quarterly-2013-07-01-*.html")
    text = page.read_text(encoding="utf-8")
    assert "423 people were on the caseload of all schemes, 2.5% fewer than before the quarter: 29 joined and 40 left." in text
    assert "Of the 47 that are decided 44 were accepted (94%, 95% interval 83% to 98%); 1 still to be decided." in text
