"""Progress of needs and the figures of drug services, against a slow recount of the same untidy rows."""

from building_marts import DATA_CUT, Query
from messy_rows import TODAY
from recount import Recount
from recount_dip import DrugServices
from recount_progress import progress


def test_progress_of_needs(built: tuple[Query, Recount]) -> None:
    query, recount = built
    found = query(
        """select as_on, population_id, area_level, area, group_by, group_value, instrument, pathway, section,
                  n_people, n_with_both, n_assessed_once, need_to_need, need_to_none, none_to_need, none_to_none,
                  round(mean_first_score * n_with_both)::int, round(mean_latest_score * n_with_both)::int
           from mart_needs.need_progress where population_kind = 'scheme'"""
    )
    counted = progress(recount)
    assert {row[:9]: row[9:] for row in found} == counted
    assert sum(row[1] for row in counted.values()) > 1000, "people with both are among them"


def test_chain_from_arrest_to_treatment(built: tuple[Query, Recount]) -> None:
    query, recount = built
    found = query(
        """select period_start, area, array_agg(n_events order by stage_number), array_agg(n_people order by stage_number)
           from mart_dip.dip_chain where period_kind = 'month' and group_by = 'all' group by 1, 2"""
    )
    counted = DrugServices(recount.rows, DATA_CUT["dip"]).chain()
    assert {row[:2]: (list(row[2]), list(row[3])) for row in found} == counted
    assert sum(events[-1] for (_, area), (events, _) in counted.items() if area == "all") > 3, "some are retained"


def test_caseload_of_drug_services(built: tuple[Query, Recount]) -> None:
    query, recount = built
    services = DrugServices(recount.rows, DATA_CUT["dip"])
    days = query("select distinct period_end from mart_dip.dip_caseload where period_kind = 'month'")
    assert (TODAY,) in days
    for (day,) in days:
        found = query(
            f"""select area, n_people from mart_dip.dip_caseload
                where period_kind = 'month' and group_by = 'all' and n_people > 0 and period_end = '{day}'"""
        )
        by_day = query(
            f"""select area, n_people from mart_dip.dip_caseload_by_day
                where n_people > 0 and valid_from <= '{day}' and (valid_to is null or valid_to > '{day}')"""
        )
        assert dict(found) == dict(by_day) == services.caseload(day)
