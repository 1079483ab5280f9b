"""The pages in a real browser: what axe-core finds, the keyboard, a narrow screen, print, and no request to anywhere."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from marts_by_hand import Reporting
from playwright.sync_api import Browser, Page, sync_playwright

from iom_warehouse import reports, site
from iom_warehouse.orchestration import alerts, alerts_page, reporting

GOOD = {"police_ref": "P1", "surname": "Grommet", "forenames": "Ysolde", "dob": "1980-02-03", "sex": "F"}
PLACES = [("reports/", "Reports", "Those released for you."), ("validation/", "Validation", "Every delivery.")]
NARROW = {"width": 320, "height": 256}  # a screen of 1280 by 1024 at 400 %
PAPER = {"width": 1031, "height": 680}  # A4 landscape within its margins
KINDS = (
    "outcome report", "board report", "validation index", "delivery", "rule", "trace index", "trace", "data docs",
    "sender's report", "home", "list of reports", "documentation index", "feed", "methods", "alerts",
)  # fmt: skip
WITHOUT_HEAD = ("sender's report", "alerts")  # nothing to skip
FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]"
FOCUS = """() => {
    const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
    return {
        number: [...document.querySelectorAll(FOCUSABLE)].indexOf(at),
        name: at.textContent.trim() || at.getAttribute("aria-label"),
        is_seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight
            && box.left < innerWidth,
        is_marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    };
}""".replace("FOCUSABLE", repr(FOCUSABLE))
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest(".wide, svg, .unseen, .skip"))
    .map(each => each.tagName + ": " + each.textContent.trim().slice(0, 60))"""


@pytest.fixture(scope="module")
def pages(shared_sections: Reporting) -> dict[str, Path]:
    """A page of each kind: reports of every section, a delivery with rejected rows and its pages, and those that lead to them."""
    warehouse = shared_sections.warehouse
    outcome = warehouse.take("police", 1, {"police_person": [GOOD, GOOD | {"police_ref": "P2", "sex": "Q"}]})
    state = warehouse.state
    board = reports.publish_quarterly(None, "board")
    [traced] = reports.publish("caseload_monthly", audience="board")  # its trace is a page as any other, and no thousand rows
    internal, public = reporting.written(reports.publish_quarterly(), ["html"])[0], reporting.written(board, ["html"])[0]
    reporting.auditor_pages()
    reporting.documentation_pages()
    alerts.raise_alert("test", "the hub is late")
    made = {
        "home": site.home(PLACES),
        "list": site.list_of_reports(site.reports_of("nobody", True)),
        "alerts": alerts_page.html(),
    }
    for name, text in made.items():
        (state / f"{name}.html").write_text(text)
    validation, documentation = state / "validation", state / "documentation"
    found = (
        internal, public, validation / "index.html", validation / "deliveries" / f"{outcome.delivery_id}.html",
        validation / "rules" / "police_person.sex.code.html", validation / "trace" / "index.html",
        validation / "trace" / f"{traced}.html", validation / "data_docs" / "police.html",
        state / "sender_reports" / "police" / f"{outcome.folder}-{outcome.delivery_id}" / "report.html",
        state / "home.html", state / "list.html", documentation / "index.html", documentation / "feed-police.html",
        documentation / "methods-needs.html", state / "alerts.html",
    )  # fmt: skip
    return dict(zip(KINDS, found, strict=True))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if not program:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser, pages: dict[str, Path], request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page of the test's kind, opened without a network, at the width of a desk."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 1024})
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda each: asked.append(each.url))
    opened.on("console", lambda each: asked.append(each.text))
    address = pages[request.param].as_uri()
    opened.goto(address)
    yield opened
    context.close()
    assert asked == [address], "it asked for something, or complained"


def every_kind(test):
    return pytest.mark.parametrize("page", KINDS, indirect=True)(test)


@every_kind
def test_axe_finds_nothing_serious(page: Page) -> None:
    """At a desk and on a narrow screen; contrast, names, headings, tables, landmarks and much more."""
    for size in (page.viewport_size, NARROW):
        page.set_viewport_size(size)
        found = Axe().run(page).response["violations"]
        serious = [(each["id"], each["nodes"][0]["html"][:200]) for each in found if each["impact"] in ("serious", "critical")]
        assert serious == []


@every_kind
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(page: Page) -> None:
    count = page.locator(FOCUSABLE).count()
    reached = []
    for _ in range(min(count, 60)):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUS))
    assert [each["number"] for each in reached] == list(range(len(reached)))
    assert [each["name"] for each in reached if not (each["is_seen"] and each["is_marked"])] == []


@pytest.mark.parametrize("page", [kind for kind in KINDS if kind not in WITHOUT_HEAD], indirect=True)
def test_the_first_key_leads_past_the_head_of_the_page(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the main part"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main" and page.locator("#main h1").count() == 1


@every_kind
def test_a_narrow_screen_scrolls_sideways_in_tables_only(page: Page) -> None:
    page.set_viewport_size(NARROW)
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


@every_kind
def test_nothing_is_cut_off_on_paper(page: Page) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER["width"]
    assert page.evaluate("[...document.querySelectorAll('.wide')].every(each => each.scrollWidth <= each.clientWidth + 1)")
