"""Figures of the shape that a county's performance report printed, out of rows about people (requirements P1 to P3)."""

import pytest
from building_marts import Query
from county_rows import AREA, SCHEME
from recount import Recount

HERE = f"area_level = 'district' and area = '{AREA}'"


def test_the_caseload_goes_from_434_to_423(built: tuple[Query, Recount]) -> None:
    query, _ = built
    quarter = f"period_kind = 'quarter' and period_start = '2013-07-01' and scheme = '{SCHEME}' and {HERE}"
    assert query(
        f"""select opening, joiners, leavers, closing, round(pct_change, 2)::text, is_complete
            from mart_partnership.caseload_movement where {quarter}"""
    ) == [(434, 29, 40, 423, "-2.53", True)]
    assert query(f"select direction, reason, n_people from mart_partnership.caseload_reason where {quarter} order by 1") == [
        ("joined", "new", 29),
        ("left", "lower_risk", 40),
    ]


def test_red_rises_by_a_tenth_of_the_people(built: tuple[Query, Recount]) -> None:
    query, _ = built
    assert query(
        f"""select as_on::text, n_people, n_caseload, round(share, 4)::text from mart_partnership.risk_spread
            where scheme = '{SCHEME}' and {HERE} and risk = 'red' and as_on in ('2013-06-30', '2013-09-30') order by as_on"""
    ) == [("2013-06-30", 50, 434, "0.1152"), ("2013-09-30", 55, 423, "0.1300")]


def test_acceptance_is_of_those_decided(built: tuple[Query, Recount]) -> None:
    query, _ = built
    [(made, accepted, declined, pending, decided, acceptance, low, high, days)] = query(
        f"""select n_made, n_accepted, n_declined, n_pending, n_decided, acceptance, ci_low, ci_high, median_days_to_decision
            from mart_partnership.referrals where period_kind = 'month' and period_start = '2013-07-01'
            and route = 'all' and referring_agency = 'POL' and {HERE}"""
    )
    assert (made, accepted, declined, pending, decided, days) == (48, 44, 3, 1, 47, 10)
    assert float(acceptance) == pytest.approx(44 / 47)
    assert (low, high) == (pytest.approx(0.8284, abs=1e-4), pytest.approx(0.9781, abs=1e-4))
