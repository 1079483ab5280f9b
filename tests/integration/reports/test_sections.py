"""The sections of the outcome report: each stands in the page in words and figures, and shows each audience what it may see."""

import re

import leeds_in_marts

from iom_warehouse.platform.settings import PROJECT_DIR
from iom_warehouse.reports.page import SECTIONS

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
        "referrals": "Of the 50 that are decided 30 were accepted (60%, 95% interval 46% to 72%); 10 wait for a decision.",
        "engagement": "Of 9 invitations of agencies 5 have a recorded outcome, and 3 of these came (60%).",
        "needs": "in accommodation: 15 of the people who had it at first have it no more, 27% of them (95% interval 17% to 40%).",
        "drug_services": "90 people were arrested for a trigger offence in the quarter, 80 of them tested and 40 positive.",
        "releases": "44 releases are planned for the next 90 days",
        "transitions": "17 people are on the way from youth to adult services; 9 of them are on an adult scheme already",
        "value": "In 2012/13 the additional cost equals what 300 crimes of the cohort's own mix cost, which is 25% of the crimes",
        "services": "40 have started; half of them waited 8 days at most, and 6 still wait.",
        "acquisitive_crime": "in 2012/13: 4,500 crimes were recorded, 10% fewer than in the year before.",
        "scrutiny": "3 recommendations were assessed so far; 2 of them achieved and 1 watched on.",
    }.items():
        assert sentence in section_of(page, name)


def test_a_quarter_without_referrals_shows_the_last_one_that_had_any(sections):
    sections.build("2014-02-10", hub="fresh")
    words = section_of(sections.page(), "referrals")
    assert (
        "60 referrals were made from 1 October 2013 to 31 December 2013, the last quarter with any before that of 1 January"
        in words
    )


def test_charts_stand_beside_their_tables_with_a_sentence_each(sections):
    page = sections.page()
    said = re.findall(r'aria-label="Chart: ([^"]*)"', page)
    assert len(said) == page.count("<svg") == 3
    assert any(each.startswith("27 people moved to a higher risk and 35 to a lower one.") for each in said)
    assert any(each.startswith("90 people were arrested for a trigger offence") for each in said)
    assert any(each.startswith("A need was gone most often in accommodation") for each in said)


def test_nothing_is_said_to_have_been_saved(sections):
    assert not re.search(r"\bsav(e|ed|es|ing|ings)\b", section_of(sections.page(), "value"))
    assert sections.warehouse.value("select count(*) from published.figure where table_name = 'break_even'") == 2 * 9, (
        "central only"
    )


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
    assert sections.shown("recorded_crime", "2013/14", "change") == ("not compared", "missing")
    assert sections.shown("recorded_crime", "2013/14", "findings")[0] == "year not complete"
    assert sections.shown("dip_chain", "Arrested for a trigger offence", "share") == ("the first stage", "missing")
    assert sections.shown("contract_position", "C1", "completions_due") == ("none was set", "missing")


def test_the_margins_of_the_moves_are_the_spread(sections):
    sections.page()
    for risk, label in (("red", "Red"), ("amber", "Amber")):
        assert sections.shown("risk_transition", f"From {label.lower()}", "opening") == sections.shown(
            "risk_change", label, "opening"
        )
        assert sections.shown("risk_transition", "At the end", risk) == sections.shown("risk_spread", "31 December 2013", risk)


def test_the_board_sees_no_small_count_of_people_nor_what_gives_it_away(sections):
    sections.page("board")
    assert sections.shown("risk_change", "Not rated", "closing") == ("<5", "suppressed")
    assert sections.shown("risk_spread", "31 December 2013", "not_rated") == ("<5", "suppressed")
    hidden = sections.warehouse.query(
        "select column_name from published.figure where table_name = 'risk_spread' and row_label = '31 December 2013'"
        " and suppression_status = 'suppressed_with_another'"
    )
    assert len(hidden) >= 1, "else the caseload less the others is the one that is hidden"
    assert sections.shown("referrals_by_agency", "Not known", "accepted") == ("<5", "suppressed")
    assert sections.shown("referrals_by_agency", "Not known", "share")[1] == "suppressed"
    assert sections.shown("dip_chain", "In treatment for 12 weeks", "people") == ("<5", "suppressed")
    assert sections.shown("dip_chain", "In treatment for 12 weeks", "people_share")[1] == "suppressed"
    assert sections.shown("transitions_by_stage", "18 already, still on the youth scheme", "people") == ("<5", "suppressed")
    assert sections.shown("transitions_by_stage", "Will be 18 within six months", "people")[1] == "suppressed_with_another"
    assert sections.shown("contract_position", "C1", "started") == ("<5", "suppressed")
    assert sections.shown("service_access", "Drugs", "median")[1] == "suppressed", "of five people"
    assert sections.shown("attendance", "All agencies", "attended") == ("3", "shown"), "agencies are no people"


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
