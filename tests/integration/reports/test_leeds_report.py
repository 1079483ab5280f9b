"""The Leeds table in a report: what it prints, what stands beside it, and what each audience sees of it."""

import re
import shutil
from datetime import date
from pathlib import Path

import leeds_in_marts
import psycopg2
import pytest

from iom_warehouse import reports
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import PROJECT_DIR

TABLE = leeds_in_marts.MEASURE


@pytest.fixture
def with_audiences(reporting, tmp_path: Path):
    folder = Path(shutil.copytree(PROJECT_DIR / "examples" / "leeds" / "partnership", tmp_path / "partnership"))
    shutil.copy(PROJECT_DIR / "partnership" / "audiences.csv", folder)
    reporting.configure(folder)
    return reporting


@pytest.fixture
def leeds(with_audiences):
    with_audiences.build("2011-10-31", police="fresh", hub="fresh")
    with_audiences.fill("mart_reoffending", "reoffending_summary", leeds_in_marts.summary())
    with_audiences.fill("mart_reoffending", "published_comparison", leeds_in_marts.comparison())
    return with_audiences


def test_the_table_is_as_printed_but_for_one_cell(leeds):
    page = leeds.page()
    assert "of the 20 that are worked out from counts (targets and changes), 19 do." in page
    everyone = {
        name: leeds.shown(TABLE, "Everyone", name)[0]
        for name in ("people", "baseline", "target", "total", "target_met", "status")
    }
    assert everyone == {
        "people": "99",
        "baseline": "193",
        "target": "164",
        "total": "148",
        "target_met": "met",
        "status": "final",
    }
    for label, *expected in (
        ("NW Leeds", "+16% (more)", "−2% (fewer)", "−10% (fewer)", "−15% (fewer)"),
        ("NE Leeds", "−17% (fewer)", "−6% (fewer)", "−14% (fewer)", "−34% (fewer)"),
        ("City & Holbeck", "+19% (more)", "0% (no change)", "−28% (fewer)", "−26% (fewer)"),
        ("Everyone", "+8% (more)", "−3% (fewer)", "−16% (fewer)", "−23% (fewer)"),
    ):
        assert [leeds.shown(TABLE, label, f"change_{quarter}")[0] for quarter in (1, 2, 3, 4)] == expected


def test_the_printed_figure_stands_beside_ours_with_its_finding(leeds):
    leeds.page()
    noted = leeds.warehouse.query(
        "select row_label, column_name, value_text, note from published.figure where table_name = %s and note <> ''", TABLE
    )
    assert noted == [("Everyone", "change_3", "−16% (fewer)", "DQ-NI30-001: printed −43% (fewer)")]
    differing = leeds.warehouse.query("select count(*) from published.figure where value_text = 'DQ-NI30-001: they differ'")
    assert differing == [(1,)]


def test_the_sentence_says_which_way_and_how_sure(leeds):
    assert (
        "148 court convictions of 99 people from 1 April 2010 to 31 March 2011, 23% fewer than in as long a part of the baseline."
        " The 95% interval runs from 38% fewer to 5% fewer: the difference is more than chance alone would explain."
    ) in leeds.page()


def test_the_public_sees_rounded_counts_and_no_change_of_a_small_division(leeds):
    leeds.page("public")
    assert leeds.shown(TABLE, "City & Holbeck", "change_4") == ("c", "suppressed")  # 25 people
    assert leeds.shown(TABLE, "NE Leeds", "change_4") == ("−34% (fewer)", "shown")  # 31 people, with 35 convictions
    assert leeds.shown(TABLE, "NW Leeds", "change_4") == ("−15% (fewer)", "shown")  # 43 people
    assert leeds.shown(TABLE, "NE Leeds", "people") == ("30", "rounded")
    hidden = "select value, ci_low, ci_high from published.figure where suppression_status like 'suppressed%'"
    assert set(leeds.warehouse.query(hidden)) == {(None, None, None)}


def test_a_comparison_tells_the_public_nothing_that_the_table_hides(leeds):
    leeds.page("public")
    ours = leeds.warehouse.query(
        "select f.value_text from published.figure f join published.figure p using (report_id, table_name, row_order)"
        " where f.table_name = %s and f.row_label = 'City & Holbeck' and f.column_name in ('ours', 'agreement') and"
        " p.column_name = 'period'",
        f"{TABLE}_as_printed",
    )
    assert ours and {text for (text,) in ours} == {"hidden for this audience"}


def test_no_note_tells_more_decimals_than_the_table_shows(leeds):
    """Printed −15.9 or −16.2, ours −16 as it is shown: a note would say what ours is not, in a decimal that is nowhere shown."""
    leeds.warehouse.query(
        "update mart_reoffending.published_comparison set printed_value = round(recalculated_value) + 0.1, is_reproduced = false"
        " where figure = 'pct_change' and printed_value = -43"
    )
    noted = "select count(*) from published.figure where table_name = %s and note like '%%DQ-NI30%%' and report_id = %s"
    of_board, internal = (reports.publish_quarterly(None, audience) for audience in ("board", "internal"))
    assert leeds.warehouse.query(noted, TABLE, of_board) == [(0,)]
    assert leeds.warehouse.query(noted, TABLE, internal) == [(1,)]


def test_a_printed_reduction_is_compared_with_the_change(leeds):
    """Printed as reductions, 34% in NE Leeds is the same as our change of minus 34%, for those who see the table only too."""
    leeds.warehouse.query(
        "update mart_reoffending.published_comparison set figure = 'reduction_pct', printed_value = -printed_value,"
        " recalculated_value = -recalculated_value where figure = 'pct_change'"
    )
    leeds.page("public")
    compared = leeds.warehouse.query(
        "select printed.value_text, ours.value_text, agreement.value_text from published.figure printed"
        " join published.figure ours using (report_id, table_name, row_order)"
        " join published.figure agreement using (report_id, table_name, row_order)"
        " where printed.table_name = %s and printed.column_name = 'printed' and ours.column_name = 'ours'"
        " and agreement.column_name = 'agreement' and printed.row_label = 'NE Leeds'"
        " and printed.row_group = 'change in %%, printed as a reduction' order by row_order",
        f"{TABLE}_as_printed",
    )
    assert compared[-1] == ("−34% (fewer)", "−34% (fewer)", "same")


def test_a_period_that_is_not_over_has_no_change(reporting):
    reporting.configure(PROJECT_DIR / "examples" / "leeds" / "partnership")
    reporting.build("2010-11-15", police="fresh")
    reporting.fill(
        "mart_reoffending", "reoffending_summary", leeds_in_marts.summary(data_cut=date(2010, 11, 15), status="provisional")
    )
    page = reporting.page()
    assert [reporting.shown(TABLE, "Everyone", f"change_{quarter}")[0] for quarter in (1, 2, 3, 4)] == [
        "+8% (more)", "−3% (fewer)", "period not over", "period not over",
    ]  # fmt: skip
    assert reporting.shown(TABLE, "Everyone", "total")[0] == "94"
    assert reporting.shown(TABLE, "Everyone", "target_met")[0] == "period not over"
    assert "from 1 April 2010 to 30 September 2010, 3% fewer" in page
    assert "The figure is provisional." in page


def test_the_board_cannot_subtract_the_total_of_the_quarter_before(with_audiences):
    """94 by September was released. Three more by December: the new total would tell them, so it goes."""
    reporting, [_, september, december, _] = with_audiences, leeds_in_marts.QUARTER_ENDS
    reporting.build("2010-11-15", police="fresh")
    reporting.fill("mart_reoffending", "reoffending_summary", leeds_in_marts.summary(data_cut=date(2010, 11, 15)))
    reporting.release([reports.publish_quarterly(None, "board")])
    assert reporting.shown(TABLE, "Everyone", "total") == ("94", "shown")
    later = leeds_in_marts.summary(data_cut=date(2011, 2, 15))
    before = {row["group_value"]: row["n_events"] for row in later if row["period_end"] == september}
    for row in later:
        if row["period_end"] == december:
            row["n_events"] = before[row["group_value"]] + (3 if row["group_by"] == "all" else 1)
    reporting.build("2011-02-15", police="fresh")
    reporting.warehouse.query("truncate mart_reoffending.reoffending_summary")
    reporting.fill("mart_reoffending", "reoffending_summary", later)
    reports.publish_quarterly(None, "board")
    assert reporting.shown(TABLE, "Everyone", "people") == ("99", "shown")
    assert reporting.shown(TABLE, "Everyone", "total")[0] == "c"


def test_a_provisional_change_says_how_the_baseline_stood_at_the_same_age(leeds):
    leeds.fill("mart_reoffending", "expected_final", [])
    leeds.warehouse.query(
        "update mart_reoffending.reoffending_summary set status = 'provisional',"
        " findings = 'provisional; baseline_with_same_lag=190'"
    )
    reports.publish_quarterly()
    [points] = leeds.warehouse.query("select main_points from published.report")[0]
    assert points[0].endswith(
        "a fall is to be expected by itself (regression to the mean). Counted as soon after its end, the baseline would be 190"
        " instead of 193. Provisional: results that come late can still change it, and how much is not estimated."
    )


def test_how_a_measure_counts_is_said_in_words(leeds):
    page = leeds.page()
    methods = re.sub(r"<[^>]*>", " ", page[page.index('<h2 id="methods">') : page.index('<h2 id="trace">')])
    assert "court convictions" in methods and "as long a part of the baseline" in methods and "1 April 2010" in methods
    assert re.findall(r"\w+_\w+", methods) == [leeds_in_marts.MEASURE, "leeds_ppo_2010"], "names of the configuration only"
    assert "True" not in methods


def test_the_same_again_is_the_same_report(leeds):
    first = reports.publish_quarterly()
    assert reports.publish_quarterly() == first
    assert leeds.warehouse.value("select count(*) from published.report") == 1
    assert reports.publish_quarterly(audience="board") != first


def test_released_figures_stay(leeds):
    reports.publish_quarterly()
    for statement in (
        "update published.figure set value = 1",
        "delete from published.report_table",
        "truncate published.report cascade",
    ):
        with pytest.raises(psycopg2.errors.RaiseException, match="stay as they were released"):
            leeds.warehouse.query(statement)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege), database.transaction("publisher") as conn, conn.cursor() as cursor:
        cursor.execute("update published.figure set value = 1")


def test_every_figure_has_its_context(leeds):
    reports.publish_quarterly()
    without = leeds.warehouse.query(
        "select column_name from published.figure where table_name = %s and num_nulls(measure_id, measure_version, cohort_id,"
        " period_start,"
        " period_end, data_cut, maturity) > 0", TABLE,
    )  # fmt: skip
    assert without == []
    head, newest = leeds.warehouse.query(
        "select r.audit_head, e.hash from published.report r, audit.event e order by e.event_id desc limit 1"
    )[0]
    assert bytes(head) == bytes(newest)
    assert leeds.warehouse.value("select action from audit.event order by event_id desc limit 1") == "publish"


def test_the_report_role_reads_nothing_but_what_was_published(leeds):
    reports.publish_quarterly()
    readable = leeds.warehouse.query(
        "select distinct n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'v',"
        " 'm', 'p')"
        " and n.nspname not in ('pg_catalog', 'information_schema') and has_schema_privilege('iom_report', n.oid, 'usage')"
        " and has_table_privilege('iom_report', c.oid, 'select')"
    )
    assert readable == [("published",)]


def test_no_report_of_half_built_marts_or_an_unknown_night(leeds):
    with pytest.raises(IomError, match="The night of 2011-10-30 was not built"):
        reports.publish_quarterly(date(2011, 10, 30))
    leeds.warehouse.query("insert into audit.build (business_date, kind) values ('2011-11-01', 'nightly')")
    with pytest.raises(IomError, match="under way or has failed"):
        reports.publish_quarterly()


def test_an_unknown_audience_is_told_where_to_define_it(leeds):
    with pytest.raises(IomError, match=r"no audience 'press'.*audiences\.csv"):
        reports.publish_quarterly(audience="press")


def test_a_rebuilt_night_is_reported_from_its_own_schema(leeds):
    leeds.warehouse.query(
        "insert into audit.build (business_date, kind, schema_prefix, configuration_id, status, finished_at)"
        " select '2011-09-30', 'as_of', 'asof_20110930', 1, 'succeeded', clock_timestamp()"
    )
    leeds.fill("asof_20110930", "reoffending_summary", leeds_in_marts.summary(n_people=98))
    reports.publish_quarterly(date(2011, 9, 30))
    assert leeds.shown(TABLE, "Everyone", "people")[0] == "98"
    assert leeds.warehouse.query("select period_start, business_date from published.report") == [
        (date(2011, 7, 1), date(2011, 9, 30))
    ]


@pytest.fixture
def trusted(leeds):
    """The same with its uncertainty: chance alone explains the change when whole people are drawn; one person did much of it."""
    at_end = {"measure_id": TABLE, "measure_version": "1", "group_by": "all", "group_value": "all", "period_number": 4}
    leeds.fill("mart_reoffending", "reoffending_uncertainty", [
        at_end | {"period_end": leeds_in_marts.QUARTER_ENDS[-1], "pct_change_at_risk": -20.4,
                  "baseline_days_at_risk": 34_000, "days_at_liberty": 36_135, "bootstrap_low": -41.2,
                  "bootstrap_high": 2.7, "pct_change_without_1": -27.6, "pct_change_without_2": -30.1,
                  "cautions": "regression_to_the_mean; many_cells=12"},
        at_end | {"period_number": 3, "period_end": leeds_in_marts.QUARTER_ENDS[2], "pct_change_at_risk": -99},
    ])  # fmt: skip
    excluded = {"measure_id": TABLE, "measure_version": "1", "group_by": "all", "group_value": "all", "n_members": 110}
    leeds.fill("mart_cohort", "cohort_exclusion", [
        excluded | {"reason": "no_police_record", "n_people": 9, "only_reason_count": 7},
        excluded | {"reason": "died_before", "n_people": 2, "only_reason_count": 0},
    ])  # fmt: skip
    return leeds


def test_the_report_says_how_far_the_last_change_can_be_trusted(trusted):
    page = trusted.page()
    title = trusted.warehouse.value("select title from published.report_table where table_name = %s", TABLE)
    assert trusted.warehouse.query(
        "select distinct on (column_order) column_name, value_text from published.figure where table_name = 'trust'"
        " and row_label = %s order by column_order", title,
    ) == [
        ("people", "99"), ("interval", "41% fewer to 3% more"), ("baseline_days", "34,000"), ("days", "36,135"),
        ("at_liberty", "−20% (fewer)"), ("without_1", "−28% (fewer)"), ("without_2", "−30% (fewer)"),
        ("cautions", "chosen at their worst; one of 12 groups"),
    ], "each interval behind what it is of"  # fmt: skip
    assert "95% interval of the change in the measure&#39;s own table, drawing whole people" in page
    assert "These changes could be chance by it:" in page
    drawn = "By the one that draws whole people, which runs from 41% fewer to 3% more, the difference could be chance alone."
    assert drawn in page
    assert "is more than chance alone would explain" not in page
    assert trusted.shown("left_out", "Not known to the police", "people") == ("9", "shown")


@pytest.mark.parametrize("audience", ["board", "public"])
def test_nobody_outside_learns_what_one_or_two_people_did(trusted, audience):
    """148 crimes and the change without one person would tell how many that person did."""
    trusted.page(audience)
    title = trusted.warehouse.value("select distinct title from published.report_table where table_name = %s", TABLE)
    assert trusted.shown("trust", title, "at_liberty")[0] == "−20% (fewer)"
    assert trusted.shown("trust", title, "days")[1] == {"board": "shown", "public": "suppressed"}[audience]
    assert trusted.shown("trust", title, "without_1")[1] == "suppressed"
    assert trusted.shown("trust", title, "without_2")[1] == "suppressed"
    assert trusted.shown("left_out", "Died before the follow-up", "people")[1] == "suppressed"


def test_where_a_count_is_hidden_so_is_how_far_its_change_can_be_trusted(trusted):
    """Three convictions of 99 people: with the interval of their change, or with days and the change per day, they were found."""
    trusted.warehouse.query("delete from mart_reoffending.reoffending_summary where group_by <> 'all'")
    trusted.warehouse.query("update mart_reoffending.reoffending_summary set n_events = 3")
    trusted.page("board")
    [(title,)] = trusted.warehouse.query("select title from published.report_table where table_name = %s", TABLE)
    assert trusted.shown(TABLE, "Everyone", "total")[1] == "suppressed"
    made_of_it = ("interval", "baseline_days", "days", "at_liberty")
    assert {trusted.shown("trust", title, name)[1] for name in made_of_it} == {"suppressed"}
    assert trusted.shown("trust", title, "people") == ("99", "shown")
