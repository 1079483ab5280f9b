"""Reports as rows of the configuration: kinds, periods, areas, audiences, and the same report again from what was known then."""

import csv
import re
from datetime import date
from pathlib import Path

import follow_up_in_marts
import pytest
import sections_in_marts
from psycopg2.errors import RaiseException

from iom_warehouse import reports
from iom_warehouse.disclosure import ReleaseBlocked
from iom_warehouse.orchestration import alerts
from iom_warehouse.orchestration import reporting as making
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import PROJECT_DIR, settings
from iom_warehouse.reports import referrals

STAMP = re.compile(r'<(\w+)[^>]* class="stamp"[^>]*>.*?</\1>|<(\w+) class="stamp">.*?</\2>', re.DOTALL)


def movement(kind: str, first: date, last: date, level: str, area: str, counts: tuple[int, int, int]) -> dict:
    opening, joiners, leavers = counts
    closing = opening + joiners - leavers
    return {
        "period_kind": kind, "period_start": first, "period_end": last, "scheme": "any", "area_level": level, "area": area,
        "opening": opening, "joiners": joiners, "leavers": leavers, "closing": closing,
        "pct_change": 100 * (closing - opening) / opening, "is_complete": True, "data_cut": sections_in_marts.LAST,
    }  # fmt: skip


@pytest.fixture(scope="module")
def districts(shared_sections):
    """A caseload of three districts and the whole, for the two last quarters of 2013 and the last month."""
    quarters = {
        (date(2013, 7, 1), date(2013, 9, 30)): {"FX-A": (90, 15, 5), "FX-B": (170, 12, 2), "FX-C": (150, 9, 5)},
        (date(2013, 10, 1), date(2013, 12, 31)): {"FX-A": (100, 14, 8), "FX-B": (180, 3, 20), "FX-C": (154, 12, 6)},
    }
    rows = [movement("month", date(2013, 12, 1), date(2013, 12, 31), "all", "all", (424, 11, 6))]
    for (first, last), of_areas in quarters.items():
        rows += [movement("quarter", first, last, "district", area, counts) for area, counts in of_areas.items()]
        opening, joiners, leavers = (sum(column) for column in zip(*of_areas.values(), strict=True))
        rows.append(movement("quarter", first, last, "all", "all", (opening, joiners, leavers)))
    shared_sections.fill("mart_partnership", "caseload_movement", rows)
    shared_sections.fill("mart_reoffending", "reoffending_summary", follow_up_in_marts.summaries())
    return shared_sections


def text(report_id: int) -> str:
    return reports.render(report_id, settings().state_dir / "pages").read_text("utf-8")


def of(report_id: int, warehouse, what: str):
    return warehouse.value(f"select {what} from published.report where report_id = %s", report_id)


def test_a_month_has_the_sections_of_its_definition_and_no_other(districts):
    [report_id] = reports.publish("dip_monthly", "2013-12")
    page = text(report_id)
    assert re.findall(r'<h2 id="(\w+)"', page) == ["drug_services", "quality", "reading", "methods", "trace"]
    assert "<h1>Fenshire: Drug Interventions Programme, December 2013</h1>" in page
    assert of(report_id, districts.warehouse, "definition_version") == "1"


def test_a_month_has_figures_of_the_month(districts):
    [report_id] = reports.publish("caseload_monthly", "2013-12")
    assert districts.shown("caseload_movement", "All schemes", "joiners") == ("11", "shown")
    assert districts.shown("caseload_by_month", "December 2013", "joiners") == ("11", "shown")
    assert "before the month: 11 joined and 6 left." in text(report_id)


def with_reports(folder: Path, *rows: str) -> Path:
    """The partnership's configuration with other reports."""
    folder.mkdir()
    for source in (PROJECT_DIR / "partnership").glob("*.csv"):
        (folder / source.name).write_bytes(source.read_bytes())
    header = "kind,version,title,schedule,audiences,area_type,areas,sections,effective_from"
    (folder / "reports.csv").write_text("\n".join([header, *rows]) + "\n")
    return folder


def test_a_year_is_its_quarters(districts):
    [report_id] = reports.publish("annual", "2013")
    assert districts.shown("caseload_movement", "All schemes", "opening") == ("410", "shown")
    assert districts.shown("caseload_movement", "All schemes", "joiners") == ("65", "shown")
    assert districts.shown("caseload_movement", "All schemes", "closing") == ("429", "shown")
    assert districts.shown("dip_chain", "Tested", "people") == ("by quarter only", "missing")
    assert districts.shown("dip_chain", "Tested", "share") == ("89%", "shown")
    assert districts.shown("referrals_by_agency", "All agencies", "median") == ("by quarter only", "missing")
    page = text(report_id)
    assert "<h1>Fenshire: Annual review, 2013</h1>" in page and "in the year" in page and "in the quarter" not in page


def test_one_report_of_each_district(districts):
    issued = reports.publish("district_profile", "2013Q4")
    assert [of(each, districts.warehouse, "area") for each in issued] == ["FX-A", "FX-B", "FX-C"]
    page = text(issued[1])
    assert "<h1>Fenshire, Brackley: District profile, October to December 2013</h1>" in page
    assert "163 people were on the caseload of all schemes, Brackley" in page
    assert "Ashby" not in page
    assert '<th scope="row">Everyone in Brackley, by day 365</th>' in page, "in the words of the area, not of the whole"
    assert re.findall(r'<h2 id="(\w+)"', page)[:-3] == [
        "reoffending", "caseload", "risk", "referrals", "needs", "drug_services", "acquisitive_crime",
    ]  # fmt: skip


def test_an_area_is_given_by_code_or_name(districts):
    assert reports.publish("quarterly", "2013Q4", "Ashby") == reports.publish("quarterly", "2013Q4", "FX-A")
    name = making.make("quarterly", "2013Q4", "ashby", formats=["html"])[0].name
    assert name.startswith("quarterly-FX-A-2013-10-01-internal-OFFICIAL-SENSITIVE-")


def test_profiles_together_give_no_district_away(districts):
    """Three joined in Brackley. Those of the other districts, less those of all, must not say so."""
    reports.publish("quarterly", "2013Q4", audience="board")
    reports.publish("district_profile", "2013Q4", audience="board")
    shown = districts.warehouse.query(
        "select distinct fact, value_text from published.figure join published.report using (report_id) where audience = 'board'"
        " and fact like 'joiners any, %, 2013-10-01 to 2013-12-31'"
    )
    texts = {fact.split(",")[1].split()[-1]: text for fact, text in shown}
    assert len(shown) == 4, "each count is shown in one way wherever it stands"
    assert texts["FX-B"] == "<5"
    assert sum(text.isdigit() for text in texts.values()) <= 2


def test_a_division_gives_no_district_away(districts):
    """Three of the 23 in the north are in Ashby: one of the division and its other district has to go too."""
    people = {("all", "all"): 31, ("division", "FX-N"): 23, ("division", "FX-S"): 8, ("district", "FX-A"): 3,
              ("district", "FX-B"): 20, ("district", "FX-C"): 8}  # fmt: skip
    days = date(2012, 11, 1), date(2012, 11, 30)
    rows = [movement("month", *days, level, area, (count, 0, 0)) for (level, area), count in people.items()]
    districts.fill("mart_partnership", "caseload_movement", rows)
    reports.publish("caseload_monthly", "2012-11", audience="board")
    seen = {area: districts.shown("caseload_movement", area, "closing")[0] for area in ("Ashby", "Brackley", "North")}
    assert seen["Ashby"] == "<5"
    assert "c" in (seen["Brackley"], seen["North"]), seen


WORKED_OUT = "select least, most from published.worked_out where report_id = %s and fact = 'caseload any, all all, on 2011-10-31'"


def test_what_a_report_lets_its_holders_work_out_is_kept(districts):
    """12 in September and one to four more in October are 13 to 16 in November. The report of November tells no more."""
    movements = {9: (12, 0, 0), 10: (12, 1, 0), 11: (13, 0, 0)}
    days = {month: (date(2011, month, 1), date(2011, month, last)) for month, last in ((9, 30), (10, 31), (11, 30))}
    rows = [movement("month", *days[month], "all", "all", counts) for month, counts in movements.items()]
    rows += [
        movement("month", *days[11], "district", area, (count, 0, 0)) for area, count in {"FX-A": 6, "FX-B": 5, "FX-C": 2}.items()
    ]
    districts.fill("mart_partnership", "caseload_movement", rows)
    reports.publish("caseload_monthly", "2011-09", audience="board")
    [october] = reports.publish("caseload_monthly", "2011-10", audience="board")
    assert districts.warehouse.query(WORKED_OUT, october) == [(13, 16)]
    reports.publish("caseload_monthly", "2011-11", audience="board")
    names = ("All schemes", "Ashby", "Brackley", "Carrow")
    shown = [districts.shown("caseload_movement", name, "opening")[0] for name in names]
    assert shown == ["c", "c", "c", "<5"]


def test_what_can_be_worked_out_of_a_report_stays_as_it_was_released(districts):
    for statement in ("update published.worked_out set most = null", "delete from published.worked_out"):
        with pytest.raises(RaiseException, match="stay as they were released"):
            districts.warehouse.query(statement)
    with pytest.raises(RaiseException, match="stay as they were released"):
        districts.warehouse.query(
            "insert into published.worked_out select report_id, 'another', 1, 2 from published.worked_out limit 1 returning 1"
        )


@pytest.mark.parametrize(("month", "joiners", "leavers", "closing"), [(5, 1, 4, "30"), (8, 4, 1, "35")])
def test_a_change_does_not_say_by_how_few_it_is(districts, month, joiners, leavers, closing):
    """33 before and three fewer or more after, both rounded: nine per cent would say that it is three."""
    rows = [movement("month", date(2012, month, 1), date(2012, month, 31), "all", "all", (33, joiners, leavers))]
    districts.fill("mart_partnership", "caseload_movement", rows)
    reports.publish("caseload_monthly", f"2012-{month:02}", audience="public")
    seen = {name: districts.shown("caseload_movement", "All schemes", name)[0] for name in ("opening", "closing", "change")}
    assert seen == {"opening": "35", "closing": closing, "change": "c"}


def test_a_year_gives_no_quarter_away(districts):
    """Of the referrals of a year one quarter had three: beside the others and the year nobody may subtract."""
    quarters = {(7, 9): 3, (10, 12): 60}
    [all_agencies, *_] = sections_in_marts.referrals()
    rows = [
        all_agencies | {"period_start": date(2012, first, 1), "period_end": date(2012, last, 30), "n_made": n, "n_pending": 0,
                        "n_decided": n, "n_accepted": n, "n_declined": 0, "n_timed": n}
        for (first, last), n in quarters.items()
    ]  # fmt: skip
    districts.fill("mart_partnership", "referrals", rows)
    seen = {}
    for kind, period in (("referrals_quarterly", "2012Q3"), ("referrals_quarterly", "2012Q4"), ("referrals_yearly", "2012")):
        reports.publish(kind, period, audience="board")
        seen[period] = districts.shown("referrals_by_agency", "All agencies", "made")[0]
    assert seen == {"2012Q3": "<5", "2012Q4": "60", "2012": "c"}


@pytest.mark.parametrize(("year", "people", "made"), [(2005, (4, 4), "c"), (2006, (6, 4), "21")])
def test_a_year_is_of_at_least_the_people_of_its_quarter_with_most(districts, year, people, made):
    """Twelve and nine referrals, each of four people: the year's 21 may be of the same four. Of six they are not."""
    quarters = [
        of_all_agencies(year, "quarter", first, last, n) | dict.fromkeys(referrals.PEOPLE.values(), of)
        | {"n_people_declined": 0, "n_people_pending": 0}
        for first, last, n, of in ((4, 6, 12, people[0]), (10, 12, 9, people[1]))
    ]  # fmt: skip
    districts.fill("mart_partnership", "referrals", quarters)
    reports.publish("referrals_yearly", str(year), audience="board")
    assert districts.shown("referrals_by_agency", "All agencies", "made")[0] == made


def of_all_agencies(year: int, kind: str, first: int, last: int, n: int) -> dict:
    """`n` referrals of a month or quarter, all accepted."""
    [all_agencies, *_] = sections_in_marts.referrals()
    days = {"period_kind": kind, "period_start": date(year, first, 1), "period_end": date(year, last, 30)}
    return (
        all_agencies
        | days
        | dict.fromkeys(("n_made", "n_decided", "n_accepted", "n_timed"), n)
        | {"n_pending": 0, "n_declined": 0}
    )


def test_a_year_gives_no_month_away(districts):
    """Of the referrals of a quarter one month had three: the year, which is that quarter, must not say so beside the months."""
    months = {10: 3, 11: 27, 12: 30}
    periods = [("month", month, month, n) for month, n in months.items()] + [("quarter", 10, 12, sum(months.values()))]
    rows = [of_all_agencies(2010, *each) for each in periods]
    districts.fill("mart_partnership", "referrals", rows)
    seen = []
    for kind, period in [("referrals_monthly", f"2010-{month}") for month in months] + [("referrals_yearly", "2010")]:
        reports.publish(kind, period, audience="board")
        seen.append(districts.shown("referrals_by_agency", "All agencies", "made")[0])
    assert seen == ["<5", "27", "30", "c"]


def test_what_earlier_nights_released_is_known(districts):
    """Two months were released on a night before, one of them as <5. Beside the third the quarter must not say how few."""
    months = {10: 3, 11: 12, 12: 9}
    periods = [("month", month, month, n) for month, n in months.items()] + [("quarter", 10, 12, sum(months.values()))]
    districts.fill("mart_partnership", "referrals", [of_all_agencies(2009, *each) for each in periods])
    districts.release([reports.publish("referrals_monthly", f"2009-{month}", audience="board")[0] for month in (10, 11)])
    districts.build(str(sections_in_marts.LAST), **sections_in_marts.EVERY_FEED)
    seen = []
    for kind, period in [("referrals_monthly", "2009-12"), ("referrals_quarterly", "2009Q4"), ("referrals_monthly", "2009-10")]:
        reports.publish(kind, period, audience="board")
        seen.append(districts.shown("referrals_by_agency", "All agencies", "made")[0])
    assert seen == ["9", "c", "<5"]


@pytest.mark.parametrize(("year", "is_released", "quarter"), [(2007, False, "25"), (2008, True, "c")])
def test_who_reads_for_the_board_and_the_public_subtracts_in_vain(districts, year, is_released, quarter):
    """3, 12 and 9 in three months, 24 in the quarter. The board has <5, 12 and 9; beside them the public's 25 says 2 to 4."""
    periods = [("month", 10, 10, 3), ("month", 11, 11, 12), ("month", 12, 12, 9), ("quarter", 10, 12, 24)]
    rows = [of_all_agencies(year, *each) for each in periods]
    rows[-1] |= {"n_accepted": 14, "n_declined": 10}  # all or none accepted would be hidden in public
    districts.fill("mart_partnership", "referrals", rows)
    if is_released:
        months = [reports.publish("referrals_monthly", f"{year}-{month}", audience="board")[0] for month in (10, 11, 12)]
        districts.release(months)
    reports.publish("referrals_quarterly", f"{year}Q4", audience="public")
    assert districts.shown("referrals_by_agency", "All agencies", "made")[0] == quarter


def test_what_was_told_an_audience_that_there_is_no_more_is_still_known(sections):
    """The same, but the board was taken out of the configuration since. Nobody's report stops for that."""
    kinds = ("referrals_monthly,1,Referrals,monthly,,,,referrals,2004-01-01",
             "referrals_quarterly,1,Referrals,quarterly,,,,referrals,2004-01-01")  # fmt: skip
    folder = with_reports(settings().state_dir / "with_board", *kinds)
    sections.configure(folder)
    sections.build(str(sections_in_marts.LAST), **sections_in_marts.EVERY_FEED)
    periods = [("month", 10, 10, 3), ("month", 11, 11, 12), ("month", 12, 12, 9), ("quarter", 10, 12, 24)]
    sections.fill("mart_partnership", "referrals", [of_all_agencies(2008, *each) for each in periods])
    sections.release([reports.publish("referrals_monthly", f"2008-{month}", audience="board")[0] for month in (10, 11, 12)])
    for path in (folder / "audiences.csv", folder / "report_recipients.csv"):
        rows = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join(row for row in rows if "board" not in row.split(",")), "utf-8")
    people = folder / "people_access.csv"
    people.write_text(people.read_text("utf-8").replace("board;public", "public"), "utf-8")
    sections.configure(folder)
    sections.build(str(sections_in_marts.LAST), **sections_in_marts.EVERY_FEED)
    reports.publish("referrals_quarterly", "2008Q4")
    reports.publish("referrals_quarterly", "2008Q4", audience="public")
    assert sections.shown("referrals_by_agency", "All agencies", "made")[0] == "c"


def test_small_agencies_are_one_row_for_those_who_would_see_none(districts):
    """Each of four agencies made three or four referrals: the two smallest together made six, which may be shown."""
    made = {"all": 14, "POL": 4, "PRI": 3, "DIP": 4, "NHS": 3}
    rows = [of_all_agencies(2008, "quarter", 10, 12, n) | {"referring_agency": agency} for agency, n in made.items()]
    districts.fill("mart_partnership", "referrals", rows)
    reports.publish("referrals_quarterly", "2008Q4", audience="board")
    other = "Other agencies (Fenshire Health Services and Prisons that hold Fenshire people)"
    assert districts.shown("referrals_by_agency", other, "made") == ("6", "shown")
    assert districts.shown("referrals_by_agency", other, "median") == ("of single agencies only", "missing")
    assert districts.shown("referrals_by_agency", "Fenshire Police", "made") == ("<5", "suppressed")


@pytest.mark.parametrize("role", ["iom_practitioner", "iom_commissioner"])
def test_a_reader_is_not_told_why_a_figure_is_hidden(districts, role):
    """A count hidden because it is small looks like one that is hidden for its sake."""
    columns = districts.warehouse.query(
        "select column_name from information_schema.columns where (table_schema, table_name) = ('published', 'figure')"
        " and not has_column_privilege(%s, 'published.figure', column_name, 'select')", role,
    )  # fmt: skip
    assert {name for (name,) in columns} == {"suppression_status", "fact"}


def test_the_same_again_is_the_same_report(districts):
    first = reports.publish("district_profile", "2013Q4", audience="public")
    assert reports.publish("district_profile", "2013Q4", audience="public") == first
    assert reports.publish("district_profile", "2013Q4", "FX-C", audience="public") == first[2:]


def test_what_was_known_then_gives_the_same_bytes_but_for_the_stamp(sections):
    [first] = reports.publish("quarterly", "2013Q4", audience="board")
    sections.build("2014-01-31", police="fresh")
    sections.build(str(sections_in_marts.LAST), "as_known_then", **sections_in_marts.EVERY_FEED)
    sections.fill_sections("as_known_then")
    [second] = reports.publish("quarterly", "2013Q4", audience="board", known_on=sections_in_marts.LAST)
    assert first != second
    assert text(first) != text(second)
    assert STAMP.sub("", text(first)) == STAMP.sub("", text(second))


def test_reports_that_are_due(districts):
    made, waiting = reports.due(date(2014, 1, 2))
    assert waiting == [] and made == [
        ("quarterly", "2013Q4", "internal"), ("dip_monthly", "2013-12", "internal"), ("dip_monthly", "2013-12", "board"),
        ("district_profile", "2013Q4", "public"), ("quarterly", "2013Q4", "board"),
    ]  # fmt: skip
    assert reports.due(date(2013, 12, 2))[0] == [  # the quarter is not over
        ("quarterly", "2013Q4", "internal"), ("dip_monthly", "2013-11", "internal"), ("dip_monthly", "2013-11", "board"),
    ]  # fmt: skip
    assert reports.due(date(2014, 4, 2)) == ([], [
        ("quarterly", "2014Q1", "internal"), ("annual", "2013/14", "board"),
        ("dip_monthly", "2014-03", "internal"), ("dip_monthly", "2014-03", "board"), ("district_profile", "2014Q1", "public"),
        ("quarterly", "2014Q1", "board"), ("ward_profile", "2013/14", "public"),
    ]), "of the year there were nights, but not its last"  # fmt: skip


def test_the_report_of_a_quarter_that_is_over_waits_for_its_last_night_whoever_it_is_for(sections):
    """In the middle of a quarter it is made from the nights that there are."""
    sections.build("2014-03-30", hub="fresh")
    assert ("quarterly", "2014Q1", "internal") in reports.due(date(2014, 3, 2))[0]
    made, waiting = reports.due(date(2014, 4, 2))
    assert made == [] and ("quarterly", "2014Q1", "internal") in waiting
    sections.build("2014-03-31", hub="fresh")
    assert ("quarterly", "2014Q1", "internal") in reports.due(date(2014, 4, 2))[0]


def test_reports_that_wait_for_a_night_are_an_alert(districts):
    assert making.due(date(2014, 2, 2)) == []
    [alert] = [alert for alert in alerts.listed(only_open=True) if alert.kind.startswith("reports waiting")]
    assert "Once it is, make them: " in alert.message
    assert "iom report dip_monthly --period 2014-01 --audience board" in alert.message, "later too, when others are due"


def test_nothing_is_due_before_the_first_night(reporting):
    assert reports.due(date(2014, 1, 2)) == ([], [])
    assert making.due(date(2014, 1, 2)) == []


def test_a_due_report_that_may_not_be_published_holds_up_no_other(districts, monkeypatch):
    """One of the day is blocked: all others are made, then the day says which was not."""
    publish = reports.publish

    def blocked(kind: str, period: str, area: str | None, audience: str) -> list[int]:
        if (kind, audience) == ("dip_monthly", "internal"):
            raise ReleaseBlocked("The counts to be published contradict each other.", "Build again.")
        return publish(kind, period, area, audience)

    monkeypatch.setattr(reports, "publish", blocked)
    monkeypatch.setattr(reports, "write", lambda *_: [])
    with pytest.raises(IomError, match="dip_monthly of 2013-12 for internal: The counts .* contradict each other"):
        making.due(date(2014, 1, 2))
    made = districts.warehouse.query("select distinct kind, audience from published.report where period_end = '2013-12-31'")
    assert {("dip_monthly", "board"), ("district_profile", "public"), ("quarterly", "board")} <= set(made)


def test_a_format_that_cannot_be_written_holds_up_no_report(districts, monkeypatch):
    """Of each report the PDF fails: all are published and looked at all the same, then the day says of which it lacks."""
    tried = []

    def without_pdf(report_id: int, *_: object) -> None:
        tried.append(report_id)
        raise IomError("The PDF was not made: the library Pango is not installed.", "Install it.")

    monkeypatch.setattr(reports, "write", without_pdf)
    with pytest.raises(IomError, match=r"report \d+, quarterly of 2013Q4 for internal: The PDF was not made.*, dip_monthly of"):
        making.due(date(2014, 1, 2))
    wanted, _ = reports.due(date(2014, 1, 2))
    for kind, period, audience in wanted:
        assert set(tried) >= set(reports.publish(kind, period, None, audience))


def test_without_definitions_there_is_the_quarterly_report(reporting):
    reporting.configure(PROJECT_DIR / "examples" / "leeds" / "partnership")
    reporting.build("2011-10-31", police="fresh")
    assert reports.due(date(2011, 10, 2)) == ([("quarterly", "2011Q3", "internal")], [])
    assert reports.publish("quarterly") == [reports.publish_quarterly()]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (("weekly",), "There is no report 'weekly'. Known are annual, caseload_monthly, "),
        (("quarterly", "2013-11"), "2013-11 is a month, and this report covers a quarter. Write it as 2013Q4."),
        (("quarterly", "2014Q1"), "January to March 2014 begins after 2013-12-31, the night that the figures are of."),
        (("quarterly", "2013Q4", "Leeds"), "'Leeds' is not a division or district or ward of the configuration."),
        (("ward_profile", "2013/14", "FX-A"), "'FX-A' is not a ward of the configuration. Give the code of one of FX-A-01"),
        (("dip_monthly", "2013-11", "FX-A-01"), "No section of the report dip_monthly has figures by ward. Leave the area out."),
        (("quarterly", "2013Q4", None, "press"), "The configuration has no audience 'press' on 2013-12-31."),
    ],
)
def test_what_is_not_there_is_said(districts, wanted, told):
    with pytest.raises(IomError, match=re.escape(told)):
        reports.publish(*wanted)


def test_the_marking_is_that_of_the_audience(sections):
    folder = with_reports(settings().state_dir / "marked", "quarterly,1,Outcomes,quarterly,internal,,,caseload,2004-01-01")
    rows = list(csv.DictReader((PROJECT_DIR / "partnership" / "audiences.csv").open(encoding="utf-8")))
    with (folder / "audiences.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"classification": "OFFICIAL-SENSITIVE"} for row in rows)
    sections.configure(folder)
    sections.build(str(sections_in_marts.LAST), hub="fresh")
    [path] = making.make("quarterly", formats=["html"])
    page = path.read_text("utf-8")
    assert "-internal-OFFICIAL-SENSITIVE-" in path.name
    assert page.count('<p class="marking">OFFICIAL-SENSITIVE</p>') == 2
    assert '<meta name="classification" content="OFFICIAL-SENSITIVE">' in page
    assert '@bottom-center { content: "OFFICIAL-SENSITIVE"' in page
