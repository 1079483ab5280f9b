"""The sections of the outcome report: each stands in the page in words and figures, and shows each audience what it may see."""

import re
import shutil
from datetime import date
from pathlib import Path

import leeds_in_marts
import sections_in_marts
from report_page import Page

from iom_warehouse import reports
from iom_warehouse.disclosure import Context
from iom_warehouse.platform import database
from iom_warehouse.platform.settings import PROJECT_DIR
from iom_warehouse.reports import (
    acquisitive_crime,
    alcohol,
    figures,
    needs_at_release,
    order_ends,
    reach,
    releases,
    requirements,
    scope,
    scrutiny,
)
from iom_warehouse.reports.page import SECTIONS
from iom_warehouse.reports.source import open_source

EMPTY = re.compile(r"<tbody>\s*</tbody>|<ul>\s*</ul>|<p>\s*</p>|<h[23][^>]*>[^<]*</h[23]>\s*<h[12]")


def section_of(page: str, name: str) -> str:
    """A section of a page, without tags, between single spaces."""
    found = re.search(rf'<h2 id="{name}">(.*?)<h2 ', page, re.DOTALL)
    assert found, name
    return " ".join(re.sub(r"<[^>]*>", " ", found[1]).replace("&#39;", "'").split())


def test_every_section_says_what_it_means(sections):
    page = sections.page()
    assert "NaN" not in page and "None" not in page
    assert not EMPTY.search(page)
    for name, sentence in {
        "risk": "On 31 December 2013 116 people were rated red, 27.0% of the 429 on the caseload; 145 were amber,",
        "referrals": "Of the 50 that are decided 30 were accepted (60%, 95% interval 46% to 72%); 10 still to be decided.",
        "engagement": "Of 12 invitations of agencies 6 have a recorded outcome, and 4 of these came (67%).",
        "needs": "in accommodation: 15 of the people who had it at first have it no more, 27% of them (95% interval 17% to 40%).",
        "drug_services": "90 people were arrested for a trigger offence in the quarter, 80 of them tested and 40 positive.",
        "releases": "44 releases are planned for the next 90 days, from 31 December 2013 on; ",
        "transitions": "17 people are on the way from youth to adult services; 9 of them are on an adult scheme already",
        "value": "would have to prevent that many, which is 25% of the crimes expected of the cohort in the year. This table",
        "services": "40 have started; half of them waited 8 days at most, and 6 still wait.",
        "acquisitive_crime": "in 2012/13: 4,500 crimes were recorded, 10% fewer than in the year before.",
        "scrutiny": "3 recommendations were assessed by 31 December 2013; 2 of them achieved and 1 watched on.",
    }.items():
        assert sentence in section_of(page, name)


SENTENCES = {
    "caseload": (
        "31 people left in the quarter, most often because of: lower risk than the scheme is for (18).",
        "In the quarter 25 moves were to a more intensive level and 31 to a less intensive one. 44 reviews were overdue",
    ),
    "needs": (
        "needs of people on any scheme differed most from those of others in drug misuse (60% against 23.3%) and finance (27%"
        " against 13.3%). Of the 3 differences 1 may be chance.",
        "from those of others in drug misuse (80% against 30.0%) and attitudes (20% against 45.0%). Of the 3 differences 1 may",
        "30 releases after a sentence of under 12 months from 1 October 2013 to 31 December 2013: accommodation was an open"
        " need of 12 (60% of those known), alcohol use was an open need of 10 (56% of those known) and drug use was an open need"
        " of 14 (70% of those known).",
        "a severe need of people on the scheme was most often one of drug misuse: 22 of the 48 assessed (46%; of the others"
        " 20.5%). What assessors of people on the scheme linked to serious harm most often was drug misuse: 20 of the 50",
        "265 people on the caseload had an OASys assessment with a score in all eight sections: 60 of them had no need and 2"
        " had all eight. 40 more have a score in some sections, and 124 no assessment that counts.",
        "A need was gone most often in drug misuse: 15 of the people who had it at first have it no more,",
        "Of 80 releases from 1 October 2013 to 31 December 2013 40 were to settled accommodation (60% of those known), 12 to",
    ),
    "referrals": (
        "By the scoring matrix matrix-1 760 people are considered: 65 reach the threshold of their district, of whom 21 await a"
        " decision, and 55 are on a scheme below it. 1 district has no threshold.",
    ),
    "services": (
        "18 referrals to services from 1 October 2013 to 31 December 2013 were of people without a general practitioner: 12 of"
        " the 18 have started, half of them within 20 days; of people with one, 28 of the 32 have started, half of them within 8"
        " days.",
        "Of 200 referrals so far 150 have started and 80 were completed (62% of those that ended). Within 12 months 30% (95%"
        " interval 20% to 43%) of those who completed were arrested again and 40% (95% interval 32% to 49%) of all who started:",
        "60 orders and licences ended from 1 October 2013 to 31 December 2013: at the end of 40 the person was in settled"
        " accommodation (73% of those known) and at the end of 12 the person was in work (21% of those known).",
        "50 requirements of orders began from 1 October 2013 to 31 December 2013, 20 of alcohol treatment and 30 of drug"
        " rehabilitation. 12 are completed (55% of those that ended as is known). These figures are provisional",
    ),
    "drug_services": (
        "The last stage, in treatment for 12 weeks, was reached after 3 arrests (3% of all arrests for a trigger offence).",
        "90 screenings for alcohol were made from 1 October 2013 to 31 December 2013. 50 were positive, and after 30 of these a"
        " brief intervention was given (65% of those of whom it is known).",
        "Within 6 months 20 of the 50 followed were arrested again (40%), of those screened positive from 1 July 2012 to",
        "From the start to the end of treatment, of treatments that began from 1 July 2012 to 30 September 2012, most often"
        " better was opiates, days used: 16 of the 20 with both (80%), 3 worse.",
    ),
    "releases": ("Since a week ago 6 have moved to an earlier day and 6 to a later one; 0 were not planned then.",),
    "transitions": (
        "of those of 16 and 17 12 people were arrested and 6 of the 8 with a proved offence had another within a year and of",
        "19 victims of people of 16 and 17, 7 of them under 16 and 0 of 18 to 24 and 46 victims of people of 18 to 24,",
        "12 moves from another district were taken over in the quarter; half of them took 9 days at most. 7 moves were agreed",
    ),
    "scrutiny": (
        "3 recommendations stand in the register.",
        "9 of 12 standards of the districts were met (75%) at the end of the quarter",
        "30 of 60 charges of people on PPO or IOM from 1 October 2013 to 31 December 2013 told the prosecutor so (55% of those"
        " known); of 5 the file does not say.",
    ),
}


def test_tables_of_needs_services_and_running_the_partnership_have_a_sentence_each(shared_sections):
    quarter = sections_in_marts.QUARTER | sections_in_marts.EVERYONE
    moved = {"opening": 434, "joiners": 26, "leavers": 31, "closing": 429}
    month = {"period_kind": "month", "median_days_on_scheme": 365}
    why = (
        ("joined", "new", 24, None), ("joined", "returned", 2, None),
        ("left", "lower_risk", 18, 412), ("left", "moved", 13, 95.5),
    )  # fmt: skip
    reasons = [
        quarter | {"direction": way, "reason": reason, "n_people": people, "median_days_on_scheme": days}
        for way, reason, people, days in why
    ]
    shared_sections.fill("mart_partnership", "caseload_movement", [quarter | moved, quarter | moved | month])
    shared_sections.fill("mart_partnership", "caseload_reason", reasons)
    page = shared_sections.page()
    assert list(Page(page).faults()) == []
    for name, sentences in SENTENCES.items():
        for sentence in sentences:
            assert sentence in section_of(page, name)
    assert shared_sections.shown("need_comparison", "Finance", "reading") == ("may be chance", "shown")
    assert shared_sections.shown("need_comparison", "Finance", "difference") == ("+3", "shown")
    assert shared_sections.shown("need_comparison", "Finance", "interval") == ("−7 to +15", "shown")
    assert shared_sections.shown("need_comparison", "Attitudes", "reading") == ("less often", "shown")
    assert shared_sections.shown("top_change", "Quality of life", "change") == ("−9.8", "shown")
    assert shared_sections.shown("need_change_oasys", "Drug misuse", "change") == ("−1.3", "shown")
    assert shared_sections.shown("need_change_oasys", "Finance", "change") == ("+0.5", "shown")
    assert shared_sections.shown("need_change_oasys", "Finance", "gone") == ("no threshold is known", "missing")
    assert shared_sections.shown("dip_chain_of_first", "Tested", "people_share") == ("89%", "shown")
    assert shared_sections.shown("contract_position", "C1", "intention") == ("Somewhere to live", "shown")
    assert shared_sections.shown("caseload_by_month", "October 2013", "median") == ("365", "shown")
    assert shared_sections.shown("caseload_reasons", "Lower risk than the scheme is for", "median") == ("412", "shown")
    assert shared_sections.shown("caseload_reasons", "Moved out of the area", "median") == ("96", "shown")
    assert shared_sections.shown("caseload_reasons", "New on it", "median") == ("leavers only", "missing")


OF_FEW = {  # a mark that tells too much goes
    ("need_comparison", "Alcohol misuse", "on_scheme_need"): "c",
    ("need_comparison_any", "Alcohol misuse", "on_scheme"): "c",
    ("need_severity", "Alcohol misuse", "on_scheme_worst"): "c",
    ("number_of_needs", "8 needs", "people"): "c",
    ("service_access_by_gp", "Not registered with one", "referred"): "18 c",
    ("selection_by_district", "Brackley", "awaiting"): "9",
    ("scheme_flag_at_charge", "On PPO", "not_said"): "c",
    ("need_at_release", "Accommodation", "open"): "15 c <5 22 c c",
    ("need_change_oasys", "Alcohol misuse", "change"): "c",
    ("releases_planned", "South", "short"): "<5",
    ("dip_chain_of_first", "In treatment for 12 weeks", "share"): "c",
    ("order_outcomes", "In work", "unknown"): "<5",
    ("requirement_outcomes", "Drug rehabilitation", "unknown"): "<5",
    ("service_outcome", "Not known", "completed"): "<5",
    ("transfers", "Brackley", "open"): "<5",
    ("alcohol_chain", "All tools", "not_said"): "<5",
    ("young_adults_victims", "18 to 24", "under_16"): "c",
    ("top_change", "Quality of life", "worse"): "<5",
}
TEXTS = (
    "select value_text from published.figure where table_name = %s and row_label = %s and column_name = %s"
    " and report_id = (select max(report_id) from published.report where audience = 'board') order by row_order"
)


def test_what_few_people_did_is_hidden_in_each_of_these_tables(shared_sections):
    shared_sections.page("board")
    shown = {place: shared_sections.warehouse.query(TEXTS, *place) for place in OF_FEW}
    assert {place: " ".join(text for (text,) in texts) for place, texts in shown.items()} == OF_FEW
    assert shared_sections.shown("need_comparison", "Alcohol misuse", "difference")[1] == "suppressed"
    assert shared_sections.shown("need_comparison", "Alcohol misuse", "interval")[1] == "suppressed"
    assert shared_sections.shown("need_comparison", "Alcohol misuse", "reading")[1] == "suppressed"
    assert shared_sections.shown("service_outcome", "All services", "cost") == ("1,625", "shown")
    assert shared_sections.shown("standards_met", "All districts", "lost") == ("1", "shown"), "standards are no people"


def test_a_year_tells_needs_of_cohorts_and_not_of_those_that_a_part_of_one_leaves(shared_sections):
    """Of named people 60 were assessed for accommodation, and 57 of the young: the 3 others are nobody's to work out."""
    shown = "select row_group, row_label, value_text from published.figure where report_id = %s and table_name = %s"
    for audience, of_young in (("internal", "57"), ("board", "c")):
        [report] = reports.publish("annual", "2013/14", audience=audience)
        found = {
            tuple(place): text
            for *place, text in shared_sections.warehouse.query(
                f"{shown} and column_name = 'assessed'", report, "needs_of_cohorts_hub"
            )
        }
        young = next(text for (title, label), text in found.items() if "16 to 24" in title and label == "Accommodation")
        assert young == of_young
        assert len(found) == 6
        said = "select meaning from published.report_table where report_id = %s and table_name = 'needs_of_cohorts_hub'"
        assert "the need found most often was: of " in shared_sections.warehouse.value(said, report)
    of_quarters = "select count(*) from published.report_table join published.report using (report_id) where kind = 'quarterly'"
    assert shared_sections.warehouse.value(f"{of_quarters} and table_name = 'needs_of_cohorts_hub'") == 0


def test_free_text_is_for_the_partnership_and_its_board(sections):
    """Nobody has looked it through for names: the public gets neither the register nor what contracts are meant to achieve."""
    for audience in ("internal", "board"):
        sections.page(audience)
        assert sections.shown("contract_position", "C1", "intention") == ("Somewhere to live", "shown")
        assert sections.shown("recommendation_register", "1", "before") == ("3: Not achieved (obstacle)", "shown")
        assert sections.shown("service_outcome", "Women", "referred") == ("200", "shown")
    page = sections.page("public")
    assert "Somewhere to live" not in page and "A review" not in page
    assert "By provider" in page and "By whom the service is for" not in page
    of_public = "from published.report_table join published.report using (report_id) where audience = 'public'"
    assert sections.warehouse.value(f"select count(*) {of_public} and table_name = 'recommendation_register'") == 0
    assert sections.warehouse.value(f"select count(*) {of_public} and table_name = 'recommendations'") == 1


def test_young_people_on_their_way_are_final_once_hub_and_probation_have_told_of_today(sections):
    said = "These figures are provisional: the data reach to 20 December 2013."
    maturity = "select distinct maturity from published.figure where table_name = 'transitions_by_stage' and report_id = %s"
    assert said not in section_of(sections.page(), "transitions")
    assert sections.warehouse.query(maturity, 1) == [("final",)]
    sections.warehouse.query("update mart_partnership.transitions set data_cut = '2013-12-20' where stage = 'past_18'")
    sections.build(str(sections_in_marts.LAST), **sections_in_marts.EVERY_FEED)
    assert said in section_of(sections.page(), "transitions")
    assert ("provisional",) in sections.warehouse.query(maturity, 2)


def test_an_old_quarter_has_nothing_of_what_stands_today(sections):
    reports.publish("quarterly", "2013Q3")
    reports.publish("quarterly", "2013Q4")
    of_today = "('releases_planned', 'transitions_by_stage', 'contract_position')"
    rows = "select table_name, min(report_id) from published.figure where table_name in {} group by table_name"
    found = dict(sections.warehouse.query(rows.format(of_today)))
    assert set(found.values()) == {2} and len(found) == 3, "as it is from December on"
    why = "select when_empty from published.report_table where report_id = 1 and table_name ~ '^(releases_|contract_)'"
    assert ["as on 31 December 2013 only" in told for [told] in sections.warehouse.query(why)] == [True, True, True]


def test_recommendations_are_those_of_the_period_though_the_report_is_made_later(sections):
    """What is achieved in December was not by September; another was assessed in December first."""
    history = [
        {"inquiry": "A review", "recommendation": name, "owner": "Board", "category": category, "status": status,
         "category_before": before, "is_monitored": category == 4, "assessed_on": day, "valid_from": day, "valid_to": until,
         "is_current": until is None, "data_cut": sections_in_marts.LAST}
        for name, category, status, before, day, until in (
            ("One list", 5, "Not achieved", None, date(2013, 7, 10), date(2013, 8, 1)),
            ("One list", 4, "Progress", 5, date(2013, 8, 1), date(2013, 12, 1)),
            ("One list", 2, "Achieved", 4, date(2013, 12, 1), None),
            ("Say dates", 2, "Achieved", None, date(2013, 12, 1), None),
        )
    ]  # fmt: skip
    sections.warehouse.query("delete from mart_partnership.recommendation_history")
    sections.fill("mart_partnership", "recommendation_history", history)
    columns = ("recommendations", "inquiries", "in_quarter", "moved")

    def counted(first):
        with database.transaction("publisher") as conn:
            drafts = scrutiny.drafts(open_source(conn, None), scope.Scope(scope.beginning("quarter", first)))
        recommendations, register = (draft.table.rows for draft in drafts[:2])
        rows = {row.key: tuple(row.cells[name].value for name in columns) for row in recommendations}
        return rows, [(row.label, row.cells["status"].value, row.cells["before"].value) for row in register]

    assert counted(date(2013, 7, 1)) == (
        {"4": (1, 1, 1, 1), "5": (0, 0, 1, 0)}, [("One list", "4: Progress", "5: Not achieved")],
    )  # fmt: skip
    assert counted(date(2013, 10, 1)) == (
        {"2": (2, 1, 2, 1)}, [("One list", "2: Achieved", "4: Progress"), ("Say dates", "2: Achieved", None)],
    )  # fmt: skip
    assert counted(date(2013, 4, 1)) == ({}, [])


def test_plans_of_a_week_ago_that_are_none_any_more(sections):
    section = section_of(sections.page("board"), "releases")
    found = [sections.shown("releases_gone", label, "people") for label in ("All of them", *releases.GONE.values())]
    assert found == [("21", "shown"), ("6", "shown"), ("8", "shown"), ("7", "shown"), ("0", "shown")]
    assert "Since a week ago 21 plans have gone." in section
    assert "a week ago were planned for 24 December 2013 to 31 March 2014, and are not any more" in section


def test_an_area_of_which_every_plan_has_gone_is_told_so(sections, tmp_path):
    """The calendar has no week of it, as nobody of it is to be released; the prisons have delivered all the same."""
    folder = Path(shutil.copytree(PROJECT_DIR / "partnership", tmp_path / "partnership"))
    with (folder / "reports.csv").open("a") as file:
        file.write("of_divisions,1,Releases,quarterly,,division,,releases,2004-01-01\n")
    sections.configure(folder)
    sections.build(str(sections_in_marts.LAST), **sections_in_marts.EVERY_FEED)
    sections.warehouse.query("delete from mart_partnership.release_summary where area_level = 'division'")
    [north] = reports.publish("of_divisions", area="FX-N")
    [south] = reports.publish("of_divisions", area="FX-S")
    counted = "select row_label, value_text, data_cut from published.figure where report_id = %s and table_name = 'releases_gone'"
    assert sections.warehouse.query(counted + " order by row_order", north) == [
        ("All of them", "21", sections_in_marts.LAST), ("Planned after these days now", "6", sections_in_marts.LAST),
        ("Without a planned day now", "8", sections_in_marts.LAST),
        ("Still in custody, and the day has passed", "7", sections_in_marts.LAST),
        ("Not in custody any more, without a release", "0", sections_in_marts.LAST),
    ]  # fmt: skip
    assert sections.warehouse.query(counted, south) == []
    why = "select when_empty from published.report_table where report_id = %s and table_name ~ '^releases_' order by table_name"
    assert sections.warehouse.query(why, south) == [
        ("No plan of a week ago has gone here.",), ("No release is planned here for the 90 days from 31 December 2013 on.",)
    ]  # fmt: skip


def test_releases_after_the_end_of_the_calendar_of_holidays_are_said_to_be(sections):
    ends = "The configured calendar of bank holidays ends within these weeks"
    sections.warehouse.query("update mart_partnership.release_summary set is_calendar_complete = week_start < '2014-01-13'")
    assert ends in section_of(sections.page(), "releases")


def test_a_quarter_without_referrals_shows_the_last_one_that_had_any(sections):
    sections.build("2014-02-10", hub="fresh")
    words = section_of(sections.page(), "referrals")
    assert (
        "60 referrals were made from 1 October 2013 to 31 December 2013, the last quarter with any before that of 1 January"
        in words
    )


def test_what_only_women_are_asked_is_told_of_women(sections):
    sections.page()
    assert sections.shown("need_change", "Abuse (women)", "gone") == ("10", "shown")
    assert sections.warehouse.query(
        "select count(*) from published.figure where table_name = 'need_change' and column_name = 'gone'"
    ) == [(4,)]


LATE = {  # marts of two feeds whose data end before the quarter
    "mart_partnership": ("caseload_movement", "risk_spread", "risk_change", "risk_transition", "referrals", "attendance",
                         "transitions", "recommendation_history", "young_adults", "transfer_summary", "level_moves",
                         "standards_met", "scheme_flag_at_charge"),
    "mart_needs": ("need_progress", "need_comparison", "number_of_needs", "need_at_release"),
    "mart_services": ("service_access", "contract_position", "service_outcome"),
    "mart_dip": ("dip_chain", "dip_caseload", "alcohol_chain"),
}  # fmt: skip
OF_THE_HUB = "The hub's data reach to 20 September 2013: they tell nothing of October to December 2013."
OF_DRUG_SERVICES = OF_THE_HUB.replace("The hub's data", "The data of drug services")
OCTOBER, NOVEMBER = date(2013, 10, 31), date(2013, 11, 30)
LABELS = "select distinct on (row_order) row_label from published.figure where table_name = %s order by row_order"
PRETENDING = """
    select distinct table_name from published.figure
    inner join published.report_table using (report_id, table_name)
    where period_start >= '2013-10-01' and source_systems && array['hub', 'dip']
"""


def test_nothing_is_told_of_a_quarter_that_a_feed_has_not_reached(sections):
    """The marts have rows of the quarter all the same: what was known last, or nought."""
    quarter = {
        **sections_in_marts.QUARTER,
        **sections_in_marts.EVERYONE,
        "opening": 434,
        "joiners": 0,
        "leavers": 0,
        "closing": 434,
    }
    september = {"period_kind": "month", "period_start": date(2013, 9, 1), "period_end": date(2013, 9, 30), "joiners": 3}
    sections.fill("mart_partnership", "caseload_movement", [quarter, quarter | september])
    for schema, marts in LATE.items():
        for mart in marts:
            sections.warehouse.query(f"update {schema}.{mart} set data_cut = '2013-09-20'")
    sections.build(
        str(sections_in_marts.LAST), reached=dict.fromkeys(("hub", "dip"), "2013-09-20"), **sections_in_marts.EVERY_FEED
    )
    page = sections.page()
    for name in ("caseload", "risk", "referrals", "engagement", "needs", "transitions", "services", "scrutiny", "value"):
        assert OF_THE_HUB in section_of(page, name), name
    assert OF_DRUG_SERVICES in section_of(page, "drug_services")
    assert "arrested for a trigger offence in the quarter" not in page
    assert sections.warehouse.query(PRETENDING) == [("releases_planned",)], "what the prisons plan they have delivered"
    assert sections.shown("caseload_by_month", "September 2013", "joiners") == ("3", "shown"), "what is of earlier days stays"
    assert not EMPTY.search(page)
    [points] = sections.warehouse.query("select main_points from published.report")[0]
    assert points[:2] == [OF_THE_HUB, OF_DRUG_SERVICES]


def test_nothing_is_told_of_risk_that_the_prison_has_not_reached(sections):
    """Whoever is inside counts as in prison, so that the hub alone does not know how risk is spread."""
    for mart in ("risk_spread", "risk_change", "risk_transition"):
        sections.warehouse.query(f"update mart_partnership.{mart} set data_cut = '2013-09-20', is_complete = false")
    sections.build(str(sections_in_marts.LAST), reached={"prison": "2013-09-20"}, **sections_in_marts.EVERY_FEED)
    assert OF_THE_HUB.replace("The hub's data", "The prisons' data") in section_of(sections.page(), "risk")


ABSENT = {
    "hub": "The hub's data have never been delivered: no figure that needs them is given.",
    "prison": "The prisons' data have never been delivered: no figure that needs them is given.",
    "dip": "The data of drug services have never been delivered: no figure that needs them is given.",
}


def test_no_figure_is_given_of_a_feed_that_was_never_delivered(sections):
    """The marts have noughts all the same; here they have counts, so that none can be overlooked."""
    build = sections_in_marts.EVERY_FEED | dict.fromkeys(ABSENT, "absent")
    sections.build(str(sections_in_marts.LAST), **build)
    page = sections.page()
    for name in ("caseload", "risk", "referrals", "engagement", "needs", "releases", "transitions", "services", "scrutiny"):
        assert ABSENT["hub"] in section_of(page, name), name
    assert ABSENT["prison"] in section_of(page, "risk") and ABSENT["prison"] in section_of(page, "releases")
    assert ABSENT["dip"] in section_of(page, "drug_services")
    of_absent = (
        "select count(*) from published.figure join published.report_table using (report_id, table_name)"
        " where source_systems && array['hub', 'prison', 'dip']"
    )
    assert sections.warehouse.value(of_absent) == 0
    assert "DIP, Hub and Prison never delivered" in section_of(page, "quality")
    assert sections.shown("recorded_crime", "2012/13", "recorded") == ("4,500", "shown"), "the police have delivered"
    for column in acquisitive_crime.OF_MEMBERS:  # the hub says who is on a scheme
        assert sections.shown("recorded_crime", "2012/13", column) == ("not delivered", "missing")
    assert ABSENT["hub"] in section_of(page, "acquisitive_crime")
    [points] = sections.warehouse.query("select main_points from published.report")[0]
    assert set(ABSENT.values()) <= set(points)
    assert not EMPTY.search(page)


def test_a_cohort_that_the_hub_would_name_has_no_figure_without_it(reporting):
    reporting.configure(PROJECT_DIR / "examples" / "leeds" / "partnership")
    reporting.build("2011-10-31", police="fresh", hub="absent")
    reporting.fill("mart_reoffending", "reoffending_summary", leeds_in_marts.summary())
    assert ABSENT["hub"] in section_of(reporting.page(), "reoffending")
    of_section = "published.figure join published.report_table using (report_id, table_name) where section = 'reoffending'"
    assert reporting.warehouse.value(f"select count(*) from {of_section}") == 0


def came(reporting, folder: str, status: str) -> None:
    """A delivery of the hub, now."""
    reporting.warehouse.query(
        "insert into audit.delivery (feed, folder, manifest_sha256, business_date, sequence, extract, extracted_at, status,"
        " decided_at) select 'hub', folder, '', date::date, 1, 'full', date::date + time '23:40', status,"
        " case when status in ('published', 'refused') then clock_timestamp() end"
        " from (values (%s, split_part(%s, '.', 1), %s)) as v (folder, date, status)", folder, folder, status,
    )  # fmt: skip


def test_a_feed_of_which_every_delivery_was_refused_has_come(reporting):
    reporting.configure(PROJECT_DIR / "examples" / "leeds" / "partnership")
    came(reporting, "2011-10-31.1", "refused")
    reporting.build("2011-10-31", police="fresh", hub="absent")
    page = reporting.page()
    assert "The hub's data were refused each time they came: no figure" in section_of(page, "caseload")
    assert "Police up to date; of Hub every delivery refused." in section_of(page, "quality")


def test_deliveries_refused_are_those_of_the_quarter(reporting):
    """Neither that of the last day before it nor that of the first day after it."""
    reporting.configure(PROJECT_DIR / "examples" / "leeds" / "partnership")
    for folder in ("2011-06-30.1", "2011-07-01.1", "2011-09-30.1", "2011-10-01.1"):
        came(reporting, folder, "refused")
    reporting.build("2011-10-31", police="fresh", hub="absent")
    [report_id] = reports.publish("quarterly", "2011Q3")
    points = reporting.warehouse.value("select main_points from published.report where report_id = %s", report_id)
    assert any(point.endswith(" 2 deliveries of the quarter were refused.") for point in points), points


def test_a_delivery_that_was_not_decided_when_the_build_began_was_not_refused(reporting):
    """The report says so whatever became of it since."""
    reporting.configure(PROJECT_DIR / "examples" / "leeds" / "partnership")
    came(reporting, "2011-10-31.1", "received")
    reporting.build("2011-10-31", police="fresh", hub="absent")
    for status in ("published", "refused"):
        reporting.warehouse.query("update audit.delivery set status = %s, decided_at = clock_timestamp()", status)
        page = reporting.page()
        assert "The hub's data have come, but were not checked in time: no figure" in section_of(page, "caseload")
        assert "Police up to date; Hub delivered, but not checked in time." in section_of(page, "quality")
        assert "No delivery was refused." in section_of(page, "quality")


def test_a_row_that_comes_wrong_every_night_is_kept_back_once_and_settled_never(reporting):
    reporting.configure(PROJECT_DIR / "examples" / "leeds" / "partnership")
    for sequence in (1, 2, 3):
        reporting.warehouse.query(
            "with delivery as (insert into audit.delivery (feed, folder, manifest_sha256, business_date, sequence, extract,"
            " extracted_at, status, decided_at) values ('hub', %s::text, '', '2011-10-31', %s, 'full', '2011-10-31 20:00+00',"
            " 'published', clock_timestamp()) returning delivery_id), again as (update audit.rejected_row set"
            " closure = 'rejected_again', closed_by_delivery = delivery.delivery_id, closed_at = clock_timestamp() from delivery"
            " where closure is null) insert into audit.rejected_row (delivery_id, feed, file, row_number, column_name, rule_id)"
            " select delivery_id, 'hub', 'hub_case', 1, 'dob', 'hub_case.dob.type' from delivery",
            f"2011-10-31.{sequence}", sequence,
        )  # fmt: skip
    reporting.build("2011-10-31", police="fresh", hub="fresh")
    reporting.page()
    figures = "select column_name, value_text from published.figure where table_name = 'rejected_rows'"
    found = dict(reporting.warehouse.query(figures))
    assert (found["open"], found["closed"]) == ("1", "0")


def test_what_first_came_after_a_night_had_not_come_that_night(reporting):
    reporting.configure(PROJECT_DIR / "examples" / "leeds" / "partnership")
    came(reporting, "2011-11-01.1", "refused")
    for night, why in (("2011-10-31", "have never been delivered"), ("2011-11-01", "were refused each time they came")):
        reporting.build(night, schema=f"asof_{night.replace('-', '')}", police="fresh", hub="absent")
        with database.session("publisher") as conn:
            source = open_source(conn, date.fromisoformat(night))
            assert reach.never_delivered(source) == {"hub": why}


def test_what_first_came_during_the_build_had_not_come(reporting):
    reporting.configure(PROJECT_DIR / "examples" / "leeds" / "partnership")
    build_id = reporting.build("2011-10-31", police="fresh", hub="absent")
    came(reporting, "2011-10-31.1", "published")
    reporting.warehouse.query("update audit.build set finished_at = clock_timestamp() where build_id = %s", build_id)
    with database.session("publisher") as conn:
        assert reach.never_delivered(open_source(conn, None)) == {"hub": "have never been delivered"}


OF_OCTOBER = "The hub's data reach to 15 October 2013: they tell nothing of November to December 2013."


def test_nothing_is_told_of_months_that_a_feed_has_not_reached(sections):
    """It ended in the first month of the quarter: a stock of each month end would be three times that of its last day."""
    month = {**sections_in_marts.EVERYONE, "period_kind": "month", "opening": 434, "closing": 434, "data_cut": date(2013, 10, 15)}
    months = [
        month | {"period_start": date(2013, number, 1), "period_end": last, "joiners": joiners, "leavers": joiners}
        for number, last, joiners in ((10, OCTOBER, 7), (11, NOVEMBER, 0), (12, sections_in_marts.LAST, 0))
    ]
    quarter = {**month, **sections_in_marts.QUARTER, "joiners": 7, "leavers": 7}
    sections.fill("mart_partnership", "caseload_movement", [quarter, *months])
    at_end = [row for row in sections_in_marts.risk_spread() if row["as_on"] == sections_in_marts.LAST]
    sections.fill("mart_partnership", "risk_spread", [row | {"as_on": day} for day in (OCTOBER, NOVEMBER) for row in at_end])
    sections.fill("mart_needs", "need_progress", [row | {"as_on": OCTOBER} for row in sections_in_marts.need_progress()])
    for table in ("mart_partnership.caseload_movement", "mart_partnership.risk_spread", "mart_needs.need_progress"):
        sections.warehouse.query(f"update {table} set data_cut = '2013-10-15', is_complete = false")
    sections.build(str(sections_in_marts.LAST), reached={"hub": "2013-10-15"}, **sections_in_marts.EVERY_FEED)
    page = sections.page()
    for name in ("caseload", "risk", "needs"):
        assert OF_OCTOBER in section_of(page, name), name
    assert sections.warehouse.query(LABELS, "caseload_by_month") == [("October 2013",)]
    assert sections.warehouse.query(LABELS, "risk_spread") == [("30 September 2013",), ("15 October 2013",)]
    assert sections.warehouse.query(LABELS, "need_change") != [], "those of the last month that is known"
    assert sections.shown("caseload_movement", "All schemes", "joiners") == ("7", "shown"), "a quarter that has begun stays"
    assert "44 releases are planned for the next 90 days" in page, "what is planned is no month that was not reached"
    [points] = sections.warehouse.query("select main_points from published.report")[0]
    assert points[0] == OF_OCTOBER


def test_charts_stand_beside_their_tables_with_a_sentence_each(sections):
    page = sections.page()
    said = re.findall(r'aria-label="Chart: ([^"]*)"', page)
    assert len(said) == page.count("<svg") == 3
    assert any(each.startswith("27 people moved to a higher risk and 35 to a lower one.") for each in said)
    assert any(each.startswith("90 people were arrested for a trigger offence") for each in said)
    assert any(each.startswith("A need was gone most often in accommodation") for each in said)


def test_nothing_is_said_to_have_been_saved(sections):
    assert not re.search(r"\bsav(e|ed|es|ing|ings)\b", section_of(sections.page(), "value"))
    assert sections.warehouse.value("select count(*) from published.figure where table_name = 'break_even'") == 2 * 11, (
        "central only"
    )


def test_a_programme_that_costs_no_more_breaks_even_whatever_it_prevents(sections):
    sections.warehouse.query(
        "update mart_cost.break_even set additional_cost = -5, break_even_crimes = 0, break_even_per_person = 0,"
        " break_even_pct_of_expected = 0, findings = 'costs_no_more'"
    )
    found = section_of(sections.page(), "value")
    assert "In 2012/13 the programme cost no more than what it took the place of: it breaks even whatever it prevents." in found
    assert "to break even it would have to prevent" not in found.lower()


def test_a_report_without_these_marts_says_why_in_every_section(reporting):
    reporting.configure(PROJECT_DIR / "examples" / "leeds" / "partnership")
    reporting.build("2011-10-31", police="fresh")
    reporting.fill("mart_reoffending", "reoffending_summary", leeds_in_marts.summary())
    page = reporting.page()
    assert not EMPTY.search(page)
    for name in set(SECTIONS) - {"reoffending", "quality"}:
        assert re.search(r"There (is|are) no|No |Nobody ", section_of(page, name)), name


def test_waits_and_shares_that_cannot_be_known_say_so(sections):
    sections.page()
    assert sections.shown("attendance", "Voluntary sector of Fenshire", "share") == ("nobody wrote down who came", "missing")
    few = "fewer than half of the outcomes were written down"
    assert sections.shown("attendance", "Councils of Fenshire", "share") == (few, "missing")
    assert sections.shown("recorded_crime", "2013/14", "change") == ("not compared", "missing")
    assert sections.shown("recorded_crime", "2013/14", "findings")[0] == "year not complete"
    assert sections.shown("dip_chain", "Arrested for a trigger offence", "share") == ("the first stage", "missing")
    for table in ("dip_chain", "dip_chain_of_first"):
        no_day = ("the day they came is not delivered", "missing")
        assert sections.shown(table, "Came to the first assessment", "median") == no_day
    assert sections.shown("contract_position", "C1", "completions_due") == ("none was set", "missing")


BESIDE = {
    ("service_outcome", "All services", "completers_interval"): "20% to 43%",
    ("service_outcome", "All services", "starters_interval"): "32% to 49%",
    ("dip_chain", "Tested", "people_interval"): "81% to 94%",
    ("risk_spread", "31 December 2013", "interval"): "23.1% to 31.4%",
    ("recorded_crime", "2012/13", "change_interval"): "14% fewer to 6% fewer",
}


def test_shares_and_changes_stand_beside_their_intervals(sections):
    """18 of 60, 48 of 120, 80 of 90 and 116 of 429 by Wilson; 4,500 beside 5,000 crimes by the ratio of two counts."""
    sections.page()
    assert {place: sections.shown(*place)[0] for place in BESIDE} == BESIDE


def test_the_margins_of_the_moves_are_the_spread(sections):
    sections.page()
    for risk, label in (("red", "Red"), ("amber", "Amber")):
        assert sections.shown("risk_transition", f"From {label.lower()}", "opening") == sections.shown(
            "risk_change", label, "opening"
        )
        assert sections.shown("risk_transition", "At the end", risk) == sections.shown("risk_spread", "31 December 2013", risk)


def test_the_board_sees_no_small_count_of_people_nor_what_gives_it_away(sections):
    sections.page("board")
    hidden_somehow = {("<5", "suppressed"), ("c", "suppressed_with_another")}  # a mark that tells too much goes
    assert sections.shown("risk_change", "Not rated", "closing") == ("c", "suppressed_with_another")
    assert sections.shown("risk_spread", "31 December 2013", "not_rated") == ("c", "suppressed_with_another")
    hidden = sections.warehouse.query(
        "select column_name from published.figure where table_name = 'risk_spread' and row_label = '31 December 2013'"
        " and suppression_status = 'suppressed_with_another'"
    )
    assert len(hidden) >= 1, "else the caseload less the others is the one that is hidden"
    assert sections.shown("referrals_by_agency", "Not known", "accepted") in hidden_somehow
    assert sections.shown("referrals_by_agency", "Not known", "share")[1] == "suppressed"
    assert sections.shown("dip_chain", "In treatment for 12 weeks", "people") in hidden_somehow
    assert sections.shown("dip_chain", "In treatment for 12 weeks", "people_share")[1] == "suppressed"
    assert sections.shown("transitions_by_stage", "18 already, still on the youth scheme", "people") in hidden_somehow
    assert sections.shown("transitions_by_stage", "Will be 18 within six months", "people")[1] == "suppressed_with_another"
    assert sections.shown("contract_position", "C1", "started") in hidden_somehow
    assert sections.shown("service_access", "Drug treatment", "median")[1] == "suppressed", "of five people"
    assert sections.shown("attendance", "All agencies", "attended") == ("4", "shown"), "agencies are no people"


def test_the_public_sees_rounded_counts_only(sections):
    sections.page("public")
    exact = sections.warehouse.query(
        "select table_name, row_label, column_name, value_text from published.figure where suppression_status = 'rounded'"
        " and value::int % 5 <> 0"
    )
    assert exact == []
    assert sections.shown("risk_spread", "31 December 2013", "caseload") == ("430", "rounded")
    assert sections.shown("releases_planned", "South", "releases")[1] in ("rounded", "suppressed_with_another")
    assert sections.shown("referrals_by_agency", "All agencies", "share")[0] == "60%"


def test_no_person_is_in_a_report(sections):
    page = sections.page()
    assert "90000" not in page


def test_no_heading_and_no_row_is_a_code(sections):
    page = sections.page()
    headings = re.findall(r'<thead><tr><th scope="col">([^<]*)</th>', page)
    assert {"Name", "Group"}.isdisjoint(headings) and {"Agency", "Need", "Stage", "Service", "Feed", "Contract"} <= set(headings)
    assert "DIP, Hub, Police, Prison and Probation up to date." in page
    assert sections.warehouse.query("select distinct row_label from published.figure where row_label ~ '^[a-z]|_'") == []
    services = sections_in_marts.service_access()[1] | {"service_group": "ete"}
    sections.fill("mart_services", "service_access", [services])
    sections.build(str(sections_in_marts.LAST), **sections_in_marts.EVERY_FEED)
    assert "Education, training and employment (ETE)" in section_of(sections.page(), "services")


def test_marts_by_quarter_in_reports_of_months_and_years(shared_sections):
    """A month shows the last quarter that has ended with it and none that still runs; a year adds its quarters up."""
    before = {"period_start": date(2013, 7, 1), "period_end": date(2013, 9, 30)}
    of_both = {
        ("mart_services", "order_outcomes"): sections_in_marts.order_outcomes(),
        ("mart_services", "requirement_outcomes"): sections_in_marts.requirement_outcomes(),
        ("mart_dip", "alcohol_chain"): sections_in_marts.alcohol_chain(),
        ("mart_needs", "release_accommodation"): sections_in_marts.release_accommodation(),
        ("mart_needs", "need_at_release"): [row for row in sections_in_marts.need_at_release() if row["kind"] == "released"],
    }
    for (schema, mart), rows in of_both.items():
        shared_sections.fill(schema, mart, [row | before for row in rows])
    counted = {
        "order_outcomes": "ended",
        "requirement_outcomes": "began",
        "alcohol_chain": "positive",
        "release_accommodation": "settled",
        "need_at_release": "open",
    }

    def first_rows(kind, first):
        with database.transaction("publisher") as conn:
            source, of = open_source(conn, None), scope.Scope(scope.beginning(kind, first))
            drafts = [
                order_ends.draft(source, of, ""), requirements.draft(source, of, ""), *alcohol.drafts(source, of, ""),
                *needs_at_release.drafts(source, of, ""),
            ]  # fmt: skip
        rows = {draft.table.name: draft.table.rows[0] for draft in drafts if draft.table.rows}
        return {name: (rows[name].cells[column].value, rows[name].context.period_start) for name, column in counted.items()}

    third, fourth, year = date(2013, 7, 1), date(2013, 10, 1), date(2013, 1, 1)
    once = {
        "order_outcomes": 60,
        "requirement_outcomes": 50,
        "alcohol_chain": 50,
        "release_accommodation": 40,
        "need_at_release": 15,
    }
    assert first_rows("month", date(2013, 11, 1)) == {name: (count, third) for name, count in once.items()}
    assert first_rows("month", date(2013, 12, 1)) == {name: (count, fourth) for name, count in once.items()}
    assert first_rows("quarter", fourth) == {name: (count, fourth) for name, count in once.items()}
    assert first_rows("year", year) == {name: (2 * count, year) for name, count in once.items()}
    assert reports.publish("annual", "2013/14", audience="board"), "nothing blocks the year"


def test_a_need_at_release_that_nobody_looked_at_stands_with_those_it_is_not_known_of(sections):
    rows = [row for row in sections_in_marts.need_at_release() if row["kind"] == "released" and row["need"] == "accommodation"]
    nobody = {"need": "health", "need_order": 6, "n_assessed": 0, "n_open": 0, "n_not_known": 0, "share_open": None}
    unseen = [row | nobody | {"n_not_assessed": row["n_releases"]} for row in rows]
    sections.fill("mart_needs", "need_at_release", unseen)
    for audience in ("internal", "board", "public"):
        sections.page(audience)
        assert sections.shown("need_at_release", "Health", "share")[0] == "nothing is known"
        assert sections.shown("need_at_release", "Health", "assessed")[0] == "0"
        releases = sections.shown("need_at_release", "Health", "releases")
        assert sections.shown("need_at_release", "Health", "not_assessed") == releases


def test_a_month_says_that_a_quarter_is_not_its_own():
    quarter = Context(period_start=date(2013, 7, 1), period_end=date(2013, 9, 30))
    november = scope.Scope(scope.beginning("month", date(2013, 11, 1)))
    assert figures.when_in_quarters(quarter, november) == (
        "from 1 July 2013 to 30 September 2013, the last quarter with any that had ended by 30 November 2013"
    )
