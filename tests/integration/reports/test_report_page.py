"""The page itself: whole without network, in words where there is nothing, harmless whatever stands in a name."""

import csv
import re
import shutil
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import leeds_in_marts
import pytest
import signers
from child import assert_killed, die, start
from marts_by_hand import Reporting

from iom_warehouse import access, reports
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import PROJECT_DIR

DAY = date(2013, 10, 10)
EVIL = '<script>alert("x")</script>'
RIGHT_TO_LEFT = "שלום \u202egnorw"
LONG = "Long" * 50
NAMES = {"D1": EVIL, "D2": RIGHT_TO_LEFT, "D3": LONG}


class Elements(HTMLParser):
    """Tags with their attributes, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[tuple[str, dict[str, str | None]]]:
        return [(tag, attributes) for tag, attributes in self.found if tag in tags]


def caseload(**more):
    return {
        "period_kind": "quarter", "period_start": date(2013, 10, 1), "period_end": DAY, "scheme": "any", "area_level": "all",
        "area": "all",
        "opening": 434, "joiners": 11, "leavers": 22, "closing": 423, "pct_change": -2.5346, "is_complete": False,
        "data_cut": DAY,
    } | more  # fmt: skip


def need(pathway: int, **more):
    return {
        "as_on": DAY, "scheme": "any", "area_level": "all", "area": "all", "group_by": "all", "group_value": "all",
        "instrument": "hub",
        "pathway": pathway, "n_people": 423, "n_assessed": 300, "n_not_assessed": 123, "n_with_need": 90, "share": 0.3,
        "ci_low": 0.251,
        "ci_high": 0.354, "is_complete": False, "data_cut": DAY,
    } | more  # fmt: skip


def prepare(reporting: Reporting, folder: Path) -> Reporting:
    """The default configuration with names that a page must survive, and every mart that a report reads."""
    shutil.copytree(PROJECT_DIR / "partnership", folder)
    areas = folder / "areas.csv"
    with areas.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows((code, name, "district", "FX-N", "2004-01-01") for code, name in NAMES.items())
    reporting.configure(folder)
    reporting.build(str(DAY), police="fresh", hub="fresh", probation="stale", dip="absent", prison="absent")
    quarter = caseload(period_kind="month")
    reporting.fill("mart_partnership", "caseload_movement", [
        caseload(), *(caseload(area_level="district", area=area, opening=3, closing=2, joiners=0, leavers=1) for area in ("D1",
        "D2", "D3")),
        quarter | {"period_start": date(2013, 9, 1), "period_end": date(2013, 9, 30), "closing": 434, "opening": 430,
        "joiners": 9, "leavers": 5},
        quarter,
    ])  # fmt: skip
    reporting.fill(
        "mart_needs",
        "need_prevalence",
        [
            need(1),
            need(4, n_with_need=200, share=2 / 3),
            need(2, n_assessed=0, n_with_need=0, share=None, ci_low=None, ci_high=None),
        ],
    )
    return reporting


@pytest.fixture
def partnership(reporting, tmp_path: Path) -> Reporting:
    return prepare(reporting, tmp_path / "partnership")


@pytest.fixture(scope="module")
def page(shared_reporting, tmp_path_factory) -> str:
    """The page of that partnership, for the tests that only read it."""
    return prepare(shared_reporting, tmp_path_factory.mktemp("configuration") / "partnership").page()


def test_nothing_is_loaded_from_anywhere(page):
    loading = [attributes for _, attributes in Elements(page).found if attributes.keys() & {"src", "srcset", "poster", "data"}]
    links = [attributes["href"] for _, attributes in Elements(page).found if "href" in attributes]
    assert loading == []
    assert links and all(link.startswith("#") for link in links)
    assert "://" not in page
    assert not re.search(r"@import|url\((?!#)", page)


def test_every_identifier_is_unique_and_every_link_arrives(page):
    elements = Elements(page).found
    identifiers = Counter(attributes["id"] for _, attributes in elements if "id" in attributes)
    assert [name for name, count in identifiers.items() if count > 1] == []
    assert {attributes["href"][1:] for _, attributes in elements if "href" in attributes} <= identifiers.keys()


def test_tables_can_be_read_aloud(page):
    elements = Elements(page)
    assert elements.all("html") == [("html", {"lang": "en-GB"})]
    assert all(attributes.get("scope") in ("col", "row", "rowgroup") for _, attributes in elements.all("th"))
    assert len(elements.all("caption")) == len(elements.all("table")) > 3
    levels = [int(tag[1]) for tag, _ in elements.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_charts_have_their_message_in_words(page):
    pictures = [attributes for _, attributes in Elements(page).all("div") if attributes.get("role") == "img"]
    assert len(pictures) == len(Elements(page).all("svg")) == 2
    assert any("200 of 300 people assessed, 66.7%" in (attributes["aria-label"] or "") for attributes in pictures)


def test_the_page_is_marked(page):
    assert "Draft: nobody has checked this report yet." in page
    marking = {"name": "classification", "content": "OFFICIAL-SENSITIVE"}
    assert marking in [attributes for _, attributes in Elements(page).all("meta")]
    assert page.count('<p class="marking">OFFICIAL-SENSITIVE</p>') == 2
    assert "<title>OFFICIAL-SENSITIVE: " in page


def test_names_of_areas_are_text(page):
    assert "<script" not in page
    assert "&lt;script&gt;alert(" in page
    assert RIGHT_TO_LEFT in page and LONG in page


def test_a_fall_of_the_caseload_says_fewer(page):
    assert "423 people were on the caseload of all schemes, 2.5% fewer than before the quarter: 11 joined and 22 left." in page
    assert "The quarter is not over." in page


def test_what_is_missing_is_said(page):
    assert "nobody was assessed" in page
    assert "NaN" not in page and "None" not in page
    assert "Nobody belongs" not in page
    assert "No measure of this kind is configured, or none has anybody to count." in page
    assert "Hub and Police up to date; Probation older than that; DIP and Prison never delivered." in page
    assert "No deliveries of the quarter were refused." in page


def test_small_areas_are_hidden_from_the_board(partnership):
    assert "whoever releases it must" in partnership.page("board")
    assert partnership.shown("caseload_movement", LONG, "opening") == ("c", "suppressed_with_another")
    assert partnership.shown("caseload_movement", LONG, "change")[1] == "suppressed"
    assert partnership.shown("caseload_movement", "All schemes", "opening") == ("434", "shown")


def test_counts_are_held_against_what_was_released_and_not_against_drafts(partnership):
    """Two people more than in the first report: only once that is released does the second give them away."""
    with database.session("owner") as owner:
        access.apply(owner)
    first = reports.publish_quarterly(None, "board")
    partnership.warehouse.query(
        "update mart_partnership.caseload_movement set opening = 436, joiners = 9 where area_level = 'all' and opening = 434"
    )
    partnership.warehouse.query("update mart_partnership.caseload_movement set closing = 436, joiners = 11 where closing = 434")
    partnership.build(str(DAY), hub="fresh")
    second = reports.publish_quarterly(None, "board")
    assert partnership.shown("caseload_movement", "All schemes", "opening") == ("436", "shown")
    signers.release(first)
    with pytest.raises(IomError, match="tells small numbers beside what was released since it was made: caseload any, all all"):
        signers.sign(signers.ANALYST, second, "check")
    signers.sign(signers.ANALYST, second, "withdraw")
    assert reports.publish_quarterly(None, "board") > second
    assert partnership.shown("caseload_movement", "All schemes", "opening") == ("c", "suppressed_with_another")


def test_a_partnership_without_a_hub_has_a_whole_report(reporting):
    """Only police: no mart of caseload or needs has rows, and linkage was never built."""
    reporting.configure(PROJECT_DIR / "examples" / "leeds" / "partnership")
    reporting.build("2011-10-31", police="fresh")
    reporting.fill("mart_reoffending", "reoffending_summary", leeds_in_marts.summary())
    reporting.fill("mart_partnership", "caseload_movement", [])
    page = reporting.page()
    assert "There are no caseload figures: the partnership&#39;s hub has not delivered its case tracking." in page
    assert "There are no figures from the partnership&#39;s own assessments" in page
    assert not re.search(r"<h[23][^>]*>[^<]*</h[23]>\s*<h[12]", page)  # a heading with nothing below it
    assert not re.search(r"<tbody>\s*</tbody>|<ul>\s*</ul>|<p>\s*</p>", page)


def figure(name: str, item: str, n: int, of_n: int | None = None, *, feed: str = "", reason: str = "", **before):
    """A row of the mart of linkage figures; `n_before` and `of_before` are those of a month before."""
    n_before, of_before = before.get("n_before"), before.get("of_before")
    share = n / of_n if of_n else None
    share_before = n_before / of_before if of_before else None
    return {
        "figure": name, "feed": feed, "item": item, "reason": reason, "n": n, "of_n": of_n, "share": share, "n_before": n_before,
        "share_before": share_before, "compared_with": date(2013, 9, 9) if before else None,
        "pct_change": 100 * (n - n_before) / n_before if n_before else None,
        "points_change": 100 * (share - share_before) if share is not None and share_before is not None else None,
    }  # fmt: skip


@pytest.fixture
def linked(partnership):
    """Figures of the linkage: those of the hub have fallen, and some are of few people."""
    partnership.fill("mart_quality", "linkage_quality", [
        figure("linked_records", "", 120, 200, feed="hub", n_before=160, of_before=200),
        figure("linked_records", "", 45, 50, feed="prison"),
        figure("linked_records", "", 3, 40, feed="dip"),
        *(figure("people", "", n, feed=feed) for feed, n in {"hub": 190, "dip": 30, "prison": 50}.items()),
        *(figure("linked_people", "", n, of_n, feed=feed)
          for feed, n, of_n in (("hub", 115, 190), ("dip", 3, 30), ("prison", 45, 50))),
        figure("people_in_common", "prison", 40, 190, feed="hub", n_before=54, of_before=180),
        figure("people_in_common", "hub", 40, 50, feed="prison", n_before=54, of_before=60),
        *(figure("people_by_size", size, n, 197) for size, n in {"1": 150, "2": 44, "6 to 10": 3}.items()),
        figure("uncertain_pairs", "scored", 30, n_before=20), figure("conflicts", "suspected_twins", 2, n_before=1),
        figure("decisions", "same", 7),
        figure("identifiers_rejected", "pnc", 12, 160, feed="hub", reason="invalid", n_before=4, of_before=160),
        figure("identifiers_rejected", "cro", 0, None, feed="prison", reason="invalid", n_before=1, of_before=40),
    ])  # fmt: skip
    partnership.fill("mart_quality", "input_anomaly", [
        {"anomaly": "event_after_death", "treatment": "counted; days at risk end at death", "row_count": 1},
    ])  # fmt: skip
    return partnership


def test_the_linkage_is_shown_with_what_it_was_a_month_before(linked):
    page = linked.page()
    assert linked.shown("linkage", "Hub", "change") == ("−20.0", "shown")
    assert linked.shown("linkage", "Prison", "before") == ("no night a month before", "missing")
    assert linked.shown("people_in_common", "Hub and Prison", "other_share") == ("80.0%", "shown")
    assert linked.shown("people_by_size", "6 to 10 records", "people") == ("3", "shown")
    assert linked.shown("linkage_work", "Two people who may be one", "change") == ("+50.0% (more)", "shown")
    assert linked.shown("identifiers_rejected", "Hub, PNC: invalid", "share") == ("7.5%", "shown")
    assert "Prison, CRO number" not in page
    assert "Records that share an identifier which the rest speaks against" not in page, "there are none"
    assert "NaN" not in page and "None" not in page


def test_few_people_of_the_linkage_are_hidden_from_the_board(linked):
    linked.page("board")
    assert linked.shown("people_by_size", "6 to 10 records", "people") == ("<5", "suppressed")
    assert linked.shown("linkage", "DIP", "linked") == ("<5", "suppressed")
    assert linked.shown("linkage", "DIP", "share")[1] == "suppressed"
    assert linked.shown("linkage", "DIP", "records") == ("40", "shown")
    assert linked.shown("linkage", "Hub", "linked") == ("120", "shown")
    assert linked.shown("anomalies", "Event after death", "rows") == ("<5", "suppressed")
    assert linked.shown("people_by_size", "6 to 10 records", "share")[1] == "suppressed"
    assert linked.shown("people_by_size", "2 records", "share")[1] == "suppressed_with_another", "else their total is known"
    assert linked.shown("people_by_size", "1 record", "people") == ("150", "shown")
    assert linked.shown("linkage_work", "Suspected twins", "now") == ("c", "suppressed_with_another")
    assert linked.shown("linkage_work", "Suspected twins", "change")[1] == "suppressed"
    assert linked.shown("people_in_common", "Hub and Prison", "people") == ("40", "shown")


def test_the_latest_page_is_the_newest_quarter_of_the_whole_partnership(reporting, tmp_path):
    """Whichever report was made last: that of an area, or of an earlier quarter."""
    reporting.configure(PROJECT_DIR / "partnership")
    reporting.build("2013-10-10")
    newest = reports.publish_quarterly()
    later = reports.publish("quarterly", area="FX-A") + reports.publish("quarterly", "2013Q2")
    for report_id in (newest, *later):
        page = reports.render(report_id, tmp_path).read_text("utf-8")
        assert ((tmp_path / "latest.html").read_text("utf-8") == page) == (report_id == newest)


def render_and_die_before_the_page(report_id: int, folder: Path) -> None:
    Path.replace = die
    reports.render(report_id, folder)


def test_a_page_whose_writing_is_killed_is_not_seen(reporting, tmp_path):
    reporting.configure(PROJECT_DIR / "partnership")
    reporting.build("2013-10-10")
    report_id = reports.publish_quarterly()
    assert_killed(start(render_and_die_before_the_page, report_id, tmp_path))
    assert list(tmp_path.rglob("*.html")) == []
    page = reports.render(report_id, tmp_path)
    assert (
        sorted(tmp_path.rglob("*.html")) == [page, tmp_path / "latest.html"] and page.parent == tmp_path / "internal" / "drafts"
    )
