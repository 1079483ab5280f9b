"""The marts about caseloads and needs against a slow recount of the same untidy rows.

One module, since what it reads is built once.
"""

from building_marts import DATA_CUT, Query
from messy_rows import TODAY
from recount import Recount
from recount_levels import level_moves
from recount_release_plans import release_plans


def test_caseload_movement(built: tuple[Query, Recount]) -> None:
    query, recount = built
    found = query(
        """select period_kind, period_start, period_end, scheme, area_level, area, opening, joiners, leavers, closing
           from mart_partnership.caseload_movement"""
    )
    assert {row[:6]: row[6:] for row in found} == recount.movements()
    assert len(found) == len(recount.movements())


def test_median_time_on_scheme(built: tuple[Query, Recount]) -> None:
    """As PostgreSQL's own median of every person says it, who is on the scheme since the stay at the level of all began."""
    query, _ = built
    stays = """with stay as (
        select spell.*, whole.valid_from as since
        from intermediate.int_caseload__spell as spell
        join intermediate.int_caseload__spell as whole
          on whole.area_level = 'all' and whole.scheme = spell.scheme and whole.person_key = spell.person_key
         and whole.valid_from <= spell.valid_from and coalesce(whole.valid_to, 'infinity') > spell.valid_from
    )"""
    figure = "period_kind, period_start, scheme, area_level, area"
    of_caseload = query(f"""{stays}
        select {figure}, percentile_cont(0.5) within group (order by period_end - since + 1)
        from mart_partnership.caseload_movement join stay using (scheme, area_level, area)
        where valid_from <= period_end and coalesce(valid_to, 'infinity') > period_end
        group by {figure} order by {figure}""")
    staying = f"select {figure}, median_days_on_scheme from mart_partnership.caseload_movement where closing > 0"
    assert query(f"{staying} order by {figure}") == of_caseload
    of_leavers = query(f"""{stays}
        select {figure}, reason, percentile_cont(0.5) within group (order by valid_to - since)
        from mart_partnership.caseload_reason join stay using (scheme, area_level, area)
        where direction = 'left' and reason = leave_reason and valid_to between period_start and period_end
        group by {figure}, reason order by {figure}, reason""")
    leavers = f"select {figure}, reason, median_days_on_scheme from mart_partnership.caseload_reason where direction = 'left'"
    assert query(f"{leavers} order by {figure}, reason") == of_leavers
    assert len(of_caseload) > 20 and len(of_leavers) > 20


def test_reasons_add_up_to_movements(built: tuple[Query, Recount]) -> None:
    query, _ = built
    by_reason = query(
        """select period_kind, period_start, scheme, area_level, area,
                  coalesce(sum(n_people) filter (where direction = 'joined'), 0),
                  coalesce(sum(n_people) filter (where direction = 'left'), 0)
           from mart_partnership.caseload_reason group by 1, 2, 3, 4, 5"""
    )
    moved = query(
        """select period_kind, period_start, scheme, area_level, area, joiners, leavers
           from mart_partnership.caseload_movement where joiners + leavers > 0"""
    )
    assert sorted(by_reason) == sorted(moved)


def test_risk_spread(built: tuple[Query, Recount]) -> None:
    query, recount = built
    found = query("select as_on, scheme, area_level, area, risk, n_people, n_caseload from mart_partnership.risk_spread")
    assert {row[:5]: row[5] for row in found} == recount.risks()
    for caseload in {row[:4] for row in found}:
        assert {row[6] for row in found if row[:4] == caseload} == {sum(row[5] for row in found if row[:4] == caseload)}


def test_level_moves(built: tuple[Query, Recount]) -> None:
    query, recount = built
    found = query(
        """select period_kind, period_start, period_end, area_level, area, n_first, n_up, n_down, n_unchanged, n_reviewed,
                  n_reviewed_late, n_without_level, n_level_1, n_level_2, n_level_3, n_level_4, n_level_5,
                  n_overdue, n_without_due_day
           from mart_partnership.level_moves"""
    )
    assert {row[:5]: row[5:] for row in found} == level_moves(recount)
    assert all(any(row[column] for row in found) for column in range(5, 19)), "each kind occurs"


def test_release_plans(built: tuple[Query, Recount]) -> None:
    query, recount = built
    found = query(
        """select booking_ref, planned_on, planned_a_week_ago, moved_earlier_count, moved_later_count
           from intermediate.int_custody__release_plan where planned_on is not null"""
    )
    assert {row[0]: row[1:] for row in found} == release_plans(recount.rows)
    assert len(found) > 10 and any(earlier > 1 and later > 1 for *_, earlier, later in found)


def test_need_prevalence(built: tuple[Query, Recount]) -> None:
    query, recount = built
    found = query(
        """select as_on, scheme, area_level, area, group_by, group_value, instrument, pathway, n_people, n_assessed, n_with_need
           from mart_needs.need_prevalence"""
    )
    assert {row[:8]: row[8:] for row in found} == recount.needs()


def test_referrals(built: tuple[Query, Recount]) -> None:
    query, recount = built
    found = query(
        """select period_kind, period_start, route, referring_agency, area, n_made, n_accepted, n_declined, n_pending
           from mart_partnership.referrals"""
    )
    assert {row[:5]: row[5:] for row in found} == recount.referrals()


def test_a_period_is_complete_when_its_feeds_have_reached_its_end(built: tuple[Query, Recount]) -> None:
    query, _ = built
    for mart, feeds in {
        "mart_partnership.caseload_movement": "'hub'",
        "mart_partnership.risk_spread": "'hub'",  # the prison's data reach further
        "mart_partnership.referrals": "'hub'",
        "mart_needs.need_prevalence": "instrument",
    }.items():
        last_day = "period_end" if "movement" in mart or "referrals" in mart else "as_on"
        for feed, day, is_complete, data_cut in query(f"select distinct {feeds}, {last_day}, is_complete, data_cut from {mart}"):
            reached = min(DATA_CUT["hub"], DATA_CUT["probation"]) if feed == "oasys" else DATA_CUT["hub"]
            assert data_cut == reached
            assert is_complete == (day <= reached and day < TODAY), f"{mart} {day}"


def test_risk_transitions_count_everybody_once(built: tuple[Query, Recount]) -> None:
    query, recount = built
    for side, day in (("risk_from", "period_start - 1"), ("risk_to", "period_end")):
        found = query(
            f"""select {day}, scheme, area_level, area, {side}, sum(n_people) from mart_partnership.risk_transition
                where period_kind = 'quarter' and {side} <> 'not_on_caseload' group by 1, 2, 3, 4, 5"""
        )
        spread = {group: n_people for group, n_people in recount.risks().items() if n_people}
        days = {group[0] for group in spread} & {row[0] for row in found}
        assert len(days) > 10
        assert {row[:5]: row[5] for row in found if row[0] in days} == {g: n for g, n in spread.items() if g[0] in days}
