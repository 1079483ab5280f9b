"""The trace of a figure: from what was published to measure, build, deliveries, their validation, and the audit chain."""

import re
from pathlib import Path

import leeds_in_marts
import pytest
import sections_in_marts
import signers
from command_line import iom
from psycopg2.errors import InsufficientPrivilege, RaiseException
from test_report_page import DAY, caseload, need

from iom_warehouse import access, reports
from iom_warehouse.platform import database, secrets
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import PROJECT_DIR

ANN, BOB = {"police_ref": "P1", "sex": "F"}, {"police_ref": "P2", "sex": "M"}
WRONG = {"police_ref": "P3", "sex": "Q"}


@pytest.fixture(scope="module")
def told(shared_reporting):
    """Police: a full extract before the last, the last one with a rejected row, then changes, then more than the build saw.

    A board report of it, number 1, with areas of few people.
    """
    reporting, shared_warehouse = shared_reporting, shared_reporting.warehouse
    reporting.configure(PROJECT_DIR / "partnership")
    with database.session("owner") as owner:
        access.apply(owner)
    take = shared_warehouse.take
    take("police", 1, {"police_person": [ANN]})
    take("police", 2, {"police_person": [ANN, BOB, WRONG]})
    take("police", 3, {"police_person": [BOB | {"change": "upsert"}]}, base=2)
    take("police", 4, {"police_person": [ANN | {"change": "upsert"}]}, base=3)
    reporting.build(str(DAY), police="fresh", hub="fresh")
    shared_warehouse.query("update audit.build_vintage set sequence = 3 where feed = 'police'")
    areas = (caseload(area_level="district", area=area, opening=3, closing=2, joiners=0, leavers=1) for area in ("FX-A", "FX-B"))
    reporting.fill("mart_partnership", "caseload_movement", [caseload(), *areas, caseload(period_kind="month")])
    reporting.fill("mart_needs", "need_prevalence", [need(1), need(4, n_with_need=200, share=2 / 3)])
    convictions = [row for row in leeds_in_marts.summary() if row["group_by"] == "all"]
    named = {"measure_id": "convictions_by_quarter", "cohort_id": "ppo_iom_2013"}
    reporting.fill("mart_reoffending", "reoffending_summary", [row | named for row in convictions])
    reporting.fill("mart_partnership", "acquisitive_crime", sections_in_marts.acquisitive_crime())
    reporting.fill("mart_partnership", "attendance", sections_in_marts.attendance())
    reports.publish_quarterly(None, "board")
    return reporting


def traced(figure: str, by: str = "", reason: str = "the board asked what is hidden") -> str:
    who, typed = (["--by", by, "--reason", reason], secrets.read(f"people/{by}")) if by else ([], "")
    return iom("report", "trace", figure, *who, typed=typed)


def place(told, column: str, status: str, table: str = "caseload_movement") -> str:
    return told.warehouse.value(
        "select concat_ws('/', report_id, table_name, row_order, column_name) from published.figure"
        " where report_id = 1 and table_name = %s and column_name = %s and suppression_status = %s order by row_order limit 1",
        table, column, status,
    )  # fmt: skip


def test_a_figure_leads_to_its_deliveries_and_their_validation(told) -> None:
    """Those since the last full extract that the build saw: neither the one before nor the one after."""
    basis = told.warehouse.query(
        "select sequence, extract, manifest_sha256 = d.manifest_sha256, extracted_at = d.extracted_at"
        " from published.report_delivery r join audit.delivery d using (delivery_id, sequence, extract, manifest_sha256,"
        " extracted_at) where r.feed = 'police' order by 1"
    )
    assert basis == [(2, "full", True, True), (3, "changes", True, True)]
    printed = traced(place(told, "opening", "suppressed_with_another"))
    assert re.search(r"^report 1: .*audience board; draft$", printed, re.M)
    assert "the same count in other tables and reports: caseload any, district FX-A, on 2013-09-30" in printed
    assert "data reach to 2013-10-10; provisional" in printed
    assert re.search(r"^build 1 of 2013-10-10 \(nightly\)", printed, re.M)
    assert "hub: fresh, no delivery" in printed and "police" not in printed, "the caseload is the hub's"


@pytest.mark.parametrize(
    ("table", "column"), [("convictions_by_quarter", "people"), ("convictions_by_quarter", "total"), ("recorded_crime", "share")]
)
def test_the_feed_that_says_who_is_on_a_scheme_is_among_those_of_a_figure(told, table, column) -> None:
    printed = traced(place(told, column, "shown", table))
    assert "hub: fresh, no delivery" in printed and re.search(r"^police 2013-10-03.3: delivery 3", printed, re.M)


def test_rules_that_held_and_failed_are_counted_by_file(told) -> None:
    held, failed, noted = told.warehouse.query(
        "select count(*) filter (where success), count(*) filter (where not success and severity = 'warning'),"
        " count(*) filter (where not success and severity = 'info') from audit.validation_result"
        " join audit.delivery using (delivery_id, attempt) where file = 'police_person' and sequence in (2, 3)"
    )[0]
    printed = traced(told.warehouse.value(
        "select concat_ws('/', report_id, table_name, row_order, column_name) from published.figure join published.report_table"
        " using (report_id, table_name) where source_systems = '{}' limit 1"
    ))  # fmt: skip
    assert (
        f"  police_person: {held} rules held, {failed} failed, {noted} broken but only noted; 4 rows, 1 rejected, in 2 deliveries"
        in printed
    )
    assert failed == 1
    digest = told.warehouse.value("select manifest_sha256 from audit.delivery where sequence = 3")
    assert (
        f"police 2013-10-03.3: delivery 3, changes extract, sequence 3, extracted 2013-10-03 23:40:00+01:00, manifest {digest}"
        in printed
    )


def test_counts_behind_a_hidden_figure_are_for_those_who_may_see_them(told) -> None:
    hidden = place(told, "opening", "suppressed_with_another")
    assert "counted" not in traced(hidden)
    assert "c (suppressed_with_another)" in traced(hidden)
    for login in ("sample_analyst", "sample_steward", "sample_auditor"):
        assert "  counted: 3\n" in traced(hidden, by=login)
    for login in ("sample_commissioner", "sample_practitioner"):
        with pytest.raises(IomError, match=f"{login} may not see the counts behind figures"):
            traced(hidden, by=login)


def test_a_look_at_counts_is_in_the_chain_before_it_is_answered(told) -> None:
    hidden = place(told, "opening", "suppressed_with_another")
    traced(hidden, by="sample_steward", reason="a question of the police")
    event = told.warehouse.query("select actor, action, subject, reason from audit.event order by event_id desc limit 1")
    assert event == [("sample_steward", "look at counts", f"figure {hidden}", "a question of the police")]
    with pytest.raises(IomError, match="needs its reason"):
        traced(hidden, by="sample_steward", reason="")
    number, table, row, column = hidden.split("/")
    with signers.person("sample_steward") as conn, conn.cursor() as cursor:
        cursor.execute("select access.request_counts(%s, %s, %s, %s, 'to look and roll back')", (number, table, row, column))
        with pytest.raises(RaiseException, match="not committed"):
            cursor.execute("select * from access.counts_behind(%s)", cursor.fetchone())


def test_counts_of_a_report_of_other_areas_are_not_shown_and_the_attempt_is_written_down(told) -> None:
    """An analyst of one district asks for the counts of the whole partnership."""
    hidden = place(told, "opening", "suppressed_with_another")
    told.warehouse.query("delete from access.person_area where login = 'sample_analyst' and area <> 'FX-A'")
    try:
        with pytest.raises(IomError, match="Report 1 is of no area of sample_analyst, or .*; the attempt was written down"):
            traced(hidden, by="sample_analyst")
    finally:
        with database.session("owner") as owner:
            access.apply(owner)
    assert told.warehouse.value("select action from audit.event order by event_id desc limit 1") == "look at counts refused"


def test_counts_are_not_for_those_who_read_for_another_audience_only(told) -> None:
    """An analyst of the board's reports may not read internal ones, nor what these would show of the board's."""
    hidden = place(told, "opening", "suppressed_with_another")
    change = "update access.person_role set audiences = %s where login = 'sample_analyst'"
    told.warehouse.query(change, ["board"])
    try:
        with pytest.raises(IomError, match="or they read no internal reports; the attempt was written down"):
            traced(hidden, by="sample_analyst")
        told.warehouse.query(change, ["board", "internal"])
        assert "  counted: 3\n" in traced(hidden, by="sample_analyst")
    finally:
        told.warehouse.query(change, [])


def test_what_a_share_is_worked_out_of(told) -> None:
    printed = traced(place(told, "share", "shown", "needs_hub"), by="sample_analyst")
    assert "  worked out of: 90 and 300\n" in printed and "  made of the columns: " in printed


def test_a_share_about_no_people_has_its_counts_too(told) -> None:
    assert "  worked out of: 4 and 6\n" in traced(place(told, "share", "shown", "attendance"), by="sample_analyst")


def test_those_who_render_pages_reach_no_true_count(told) -> None:
    hidden = place(told, "opening", "suppressed_with_another")
    number, table, row, column = hidden.split("/")
    for role, statement in (
        ("publisher", "select * from audit.figure_basis"),
        ("publisher", f"select access.request_counts({number}, '{table}', {row}, '{column}', 'to render it')"),
        ("publisher", "select * from access.counts_behind(gen_random_uuid())"),
        ("loader", "select * from audit.figure_basis"),
    ):
        with database.session(role) as conn, pytest.raises(InsufficientPrivilege), conn, conn.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "update audit.figure_basis set counted = 1",
        "delete from audit.figure_basis",
        "truncate audit.figure_basis",
        "insert into audit.figure_basis select report_id, table_name, row_order, column_order, 1 from published.figure f where"
        " not exists (select from audit.figure_basis b where (b.report_id, b.table_name, b.row_order, b.column_order)"
        " = (f.report_id, f.table_name, f.row_order, f.column_order)) limit 1",
        "update published.report_delivery set sequence = 1",
        "delete from published.report_delivery",
    ],
)
def test_what_a_figure_rests_on_stays(told, statement: str) -> None:
    with pytest.raises(RaiseException, match="stay as they were released"):
        told.warehouse.query(statement)


def test_nobody_but_the_database_says_what_a_report_rests_on(told) -> None:
    with database.session("publisher") as conn, pytest.raises(InsufficientPrivilege), conn, conn.cursor() as cursor:
        cursor.execute("insert into published.report_delivery (report_id, feed, state) values (1, 'police', 'fresh')")


@pytest.mark.parametrize("figure", ["12", "1/caseload_movement/first/closing", "x/y/1/z"])
def test_what_names_no_figure_is_told_how_to_name_one(told, figure: str) -> None:
    with pytest.raises(IomError, match=r"names no figure. Write report, table, row and column as in"):
        traced(figure)


def test_a_figure_or_a_report_that_is_not_there(told) -> None:
    with pytest.raises(IomError, match="Report 1 has no figure 1/caseload_movement/99/closing"):
        traced("1/caseload_movement/99/closing")
    with pytest.raises(IomError, match="There is no report 99"):
        traced("99/caseload_movement/1/closing")


def test_the_chain_and_the_signatures_are_looked_at(told) -> None:
    figure = place(told, "opening", "suppressed_with_another")
    printed = traced(figure)
    assert "  the chain holds\n" in printed and "nobody has checked the report yet" in printed
    assert re.search(r"^audit chain: event \d+, [0-9a-f]{64}, when it was made", printed, re.M)
    signers.sign(signers.ANALYST, 1, "check")
    assert "the report shows what was checked" in traced(figure)
    query = told.warehouse.query
    query("alter table published.figure disable trigger user")
    query("update published.figure set note = 'changed by hand' where row_order = 1 and column_name = 'closing'")
    assert "the report does NOT show what was checked" in traced(figure)
    query("update published.figure set note = '' where note = 'changed by hand'")
    query("alter table published.figure enable trigger user")


def test_trace_pages_lead_from_each_figure_to_the_pages_of_deliveries(told) -> None:
    folder = told.warehouse.state / "validation"
    reports.write_trace_pages(folder / "trace")
    index = reports.write_validation_pages(folder)
    assert 'href="trace/index.html"' in index.read_text("utf-8")
    page = (folder / "trace" / "1.html").read_text("utf-8")
    figures = told.warehouse.value("select count(*) from published.figure where report_id = 1")
    assert page.count('<tr id="') == figures
    assert '<tr id="caseload_movement-1-closing"><th scope="row">1/caseload_movement/1/closing</th>' in page
    assert '<a href="../deliveries/3.html">3</a>, 2013-10-03.3' in page
    assert '<th scope="row">police_person</th>' in page
    for path in (folder / "trace").glob("*.html"):
        text = path.read_text("utf-8")
        assert "://" not in text and "None" not in text
        for target in re.findall(r'href="([^"#]+)"', text):
            assert (path.parent / target).resolve().exists(), target


def test_trace_pages_show_no_figure(told) -> None:
    """Who may read them need not be one who may read the report."""
    told.warehouse.query("update mart_partnership.caseload_movement set opening = 31337 where area_level = 'all'")
    told.build(str(DAY), police="fresh")
    number = reports.publish_quarterly(None, "internal")
    reports.write_trace_pages(told.warehouse.state / "trace")
    assert told.shown("caseload_movement", "All schemes", "opening")[0] == "31,337"
    page = (told.warehouse.state / "trace" / f"{number}.html").read_text("utf-8")
    assert "31,337" not in page and "31337" not in page


def test_a_trace_page_is_written_again_once_its_report_is_signed(told, tmp_path: Path) -> None:
    reports.write_trace_pages(tmp_path)
    assert "<dt>Withdraw</dt>" not in (tmp_path / "1.html").read_text("utf-8")
    signers.sign(signers.ANALYST, 1, "withdraw")
    reports.write_trace_pages(tmp_path)
    assert "<dt>Withdraw</dt>" in (tmp_path / "1.html").read_text("utf-8")
