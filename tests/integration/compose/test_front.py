"""The web front before a real Airflow: no page without a login that may read it, and no report but one's own."""

import http.cookiejar
import json
import re
import shutil
import ssl
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message

import pytest
import signers
from delivery_maker import Warehouse
from playwright.sync_api import sync_playwright
from signers import STEWARD, draft, release
from stand import Stand, wait_for

from iom_warehouse.orchestration import reporting
from iom_warehouse.platform import database

ALERTS = "/iom-alerts/"
HOME, REPORTS, VALIDATION, TRACE, DOCUMENTATION = (
    f"/pages/{place}" for place in ("", "reports/", "validation/", "validation/trace/", "documentation/")
)
UNSIGNED_TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."  # {"alg":"none"} {"sub":"1"}
PASSWORD = "reads-pages-only-1"  # of the accounts of this test
ACCOUNTS = {  # login: role in Airflow; those of people_access.csv are also people there
    "sample_commissioner": "Report reader", "plain_commissioner": "Report reader", "district_commissioner": "Report reader",
    "sample_practitioner": "Report reader", "stranger": "Report reader", "sample_auditor": "Validation reader",
    "engineer": "Load reader", "nobody": "Viewer",
}  # fmt: skip
MAKE_ACCOUNTS = """
import json, sys
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils.providers_configuration_loader import providers_configuration_loaded

@providers_configuration_loaded
def make(accounts, password):
    with get_application_builder() as builder:
        for login, role in accounts.items():
            assert builder.sm.add_user(login, "A", "Person", login + "@example.org", builder.sm.find_role(role), password)

make(json.loads(sys.argv[1]), sys.argv[2])
"""
PEOPLE = """
    insert into access.person_role (login, role, areas, audiences, signs_off) values
        ('plain_commissioner', 'commissioner', '{}', '{board,public}', '{}'),
        ('district_commissioner', 'commissioner', '{FX-A}', '{public}', '{}');
    insert into access.person_area values ('district_commissioner', 'FX-A')
"""


@dataclass
class Answer:
    status: int
    headers: Message
    body: str

    @property
    def cookies(self) -> list[str]:
        return self.headers.get_all("set-cookie", [])


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are answers to look at, not to follow."""

    def redirect_request(self, *_: object) -> None:
        return None


class Browser:
    """Keeps cookies, accepts the test's own certificate. `token`: that of a login which was made elsewhere."""

    def __init__(self, front: Stand, token: str = "") -> None:
        self.address = front.public_url
        self.cookie = {"Cookie": f"_token={token}"} if token else {}
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(Stay(), urllib.request.HTTPSHandler(context=context), cookies)

    def get(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(
            self.address + path, data, {"Referer": f"{self.address}/auth/login/"} | self.cookie | headers
        )
        try:
            with self.opener.open(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read().decode(errors="replace"))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read().decode())

    def log_in(self, login: str, password: str, wanted: str = "/") -> Answer:
        page = self.get(f"/auth/login/?next={wanted}").body
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token, "the login page has no form"
        return self.get(f"/auth/login/?next={wanted}", {"csrf_token": token.group(1), "username": login, "password": password})


@dataclass(frozen=True)
class Shelf:
    """Numbers of reports: released for an audience and area, a draft, a withdrawn one."""

    board: int
    district: int
    other_district: int
    internal: int
    draft: int
    withdrawn: int

    @property
    def all(self) -> set[int]:
        return set(vars(self).values())


@pytest.fixture(scope="module")
def shelf(own_warehouse: Warehouse, front: Stand) -> Shelf:
    """Reports in every standing, their files, and pages for auditors and engineers, as workers write them."""
    signers.build(own_warehouse)
    with database.transaction("owner") as owner, owner.cursor() as cursor:
        cursor.execute(PEOPLE)
    found = Shelf(
        release(draft()), release(draft(audience="public", area="FX-A")), release(draft(audience="public", area="FX-B")),
        release(draft(audience="internal"), by=STEWARD), draft(quarter="2013-07-01"), release(draft(quarter="2013-04-01")),
    )  # fmt: skip
    signers.sign(STEWARD, found.withdrawn, "withdraw")
    for number in found.all:
        reporting.written(number, ["html", "csv"])
    for name in (
        "validation/index.html",
        "validation/deliveries/1.html",
        "validation/trace/index.html",
        "documentation/index.html",
    ):
        page = own_warehouse.state / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"<title>THE PAGE {name}</title>")
    return found


@pytest.fixture(scope="module")
def administrator(front: Stand, shelf: Shelf) -> Browser:
    browser = Browser(front)
    answer = browser.log_in("first.admin", (front.secrets / "airflow_admin_password").read_text(), REPORTS)
    assert answer.headers["location"] == front.public_url + REPORTS
    return browser


@pytest.fixture(scope="module")
def people(front: Stand, shelf: Shelf) -> dict[str, Browser]:
    """A browser for each of ACCOUNTS, logged in behind the front, which lets nobody try so many logins."""
    done = front.run("bootstrap", "python", "-c", MAKE_ACCOUNTS, json.dumps(ACCOUNTS), PASSWORD)
    assert done.returncode == 0, done.stderr[-2000:]
    return {login: Browser(front, token(front, login)) for login in ACCOUNTS}


def token(front: Stand, login: str) -> str:
    body = json.dumps({"username": login, "password": PASSWORD}).encode()
    address = f"http://127.0.0.1:{front.ports['api-server']}/auth/token"
    with urllib.request.urlopen(
        urllib.request.Request(address, body, {"Content-Type": "application/json"}), timeout=30
    ) as answer:
        return json.load(answer)["access_token"]


def report(number: int, form: str = "html") -> str:
    return f"{REPORTS}{number}/{form}"


@pytest.mark.parametrize("path", [
    HOME, REPORTS, VALIDATION, TRACE, DOCUMENTATION, report(1), report(4, "csv"), f"{VALIDATION}missing.html",
])  # fmt: skip
@pytest.mark.parametrize("cookie", ["", "_token=forged", f"_token={UNSIGNED_TOKEN}"])
def test_without_a_login_there_is_no_page_but_the_way_to_the_login(front: Stand, shelf: Shelf, path: str, cookie: str) -> None:
    answer = Browser(front).get(path, **({"Cookie": cookie} if cookie else {}))
    assert answer.status in ((302,) if not cookie else (302, 403))
    assert "THE PAGE" not in answer.body and "Outcomes" not in answer.body
    if answer.status == 302:
        assert answer.headers["Location"].startswith("/auth/login/?next=/")


@pytest.mark.parametrize("path", [f"/x/..{report(1)}", "/%70ages/reports/1/html", f"/{report(1)}", "/pages/missing", "/pages"])
def test_no_other_way_of_writing_an_address_leads_to_a_page(front: Stand, shelf: Shelf, path: str) -> None:
    answer = Browser(front).get(path)
    assert "THE PAGE" not in answer.body and "Outcomes" not in answer.body


@pytest.mark.parametrize(
    ("login", "sees"),
    [
        ("sample_commissioner", {"board", "district", "other_district", "draft", "withdrawn"}),  # signs off, so sees drafts
        ("plain_commissioner", {"board", "district", "other_district"}),
        ("district_commissioner", {"district"}),
        ("sample_practitioner", {"district"}),
        ("stranger", set()),
    ],
)
def test_a_login_reads_the_reports_of_its_own_audience_areas_and_standing(
    people, shelf: Shelf, login: str, sees: set[str]
) -> None:
    """By their addresses as well as in the list, in every format, and no other."""
    browser = people[login]
    own = {getattr(shelf, name) for name in sees}
    listed = browser.get(REPORTS)
    assert listed.status == 200
    assert {int(number) for number in re.findall(r'href="(\d+)/html"', listed.body)} == own
    for number in sorted(shelf.all):
        page, archive = browser.get(report(number)), browser.get(report(number, "csv"))
        if number in own:
            assert page.status == 200 and "<h1>Outcomes</h1>" in page.body and archive.status == 200
            assert "inline; filename=" in page.headers["Content-Disposition"]
            assert "attachment; filename=" in archive.headers["Content-Disposition"]
        else:
            assert (page.status, archive.status) == (404, 404) and "Outcomes" not in page.body


@pytest.mark.parametrize(
    ("login", "opens"),
    [
        ("sample_commissioner", {REPORTS, DOCUMENTATION}),
        ("sample_auditor", {VALIDATION, f"{VALIDATION}deliveries/1.html", TRACE, DOCUMENTATION}),
        ("engineer", {VALIDATION, f"{VALIDATION}deliveries/1.html", DOCUMENTATION, ALERTS}),
        ("nobody", set()),
    ],
)
def test_a_role_opens_its_own_pages(people, login: str, opens: set[str]) -> None:
    places = {REPORTS, VALIDATION, f"{VALIDATION}deliveries/1.html", TRACE, DOCUMENTATION, ALERTS}
    answers = {place: people[login].get(place) for place in places}
    assert {place for place, answer in answers.items() if answer.status == 200} == opens
    refused = {answer.status for place, answer in answers.items() if place not in opens}
    assert refused <= {403}
    home = people[login].get(HOME)
    named = {urllib.parse.urljoin(HOME, link) for link in re.findall(r'<dt><a href="([^"]+)"', home.body)}
    assert home.status == 200 and named == opens & {REPORTS, VALIDATION, TRACE, DOCUMENTATION, ALERTS}


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium: apt-get install chromium")
def test_a_person_logs_in_and_reads_a_report_in_a_browser(front: Stand, people, shelf: Shelf) -> None:
    """From an address in a mail to the login, the report and the list; pages keep their style under their own policy."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(base_url=front.public_url, ignore_https_errors=True)
        page.goto(report(shelf.board))
        page.get_by_label("Username").fill("plain_commissioner")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Outcomes").wait_for()
        page.on("console", lambda each: complaints.append(each.text))
        page.reload()
        assert page.url == front.public_url + report(shelf.board)
        assert page.evaluate("getComputedStyle(document.querySelector('header')).backgroundColor") == "rgb(11, 12, 12)"
        page.goto(REPORTS)
        page.get_by_role("link", name=f"page of report {shelf.district}", exact=True).click()
        page.wait_for_url(front.public_url + report(shelf.district))
        assert complaints == []
        browser.close()


def test_a_refusal_says_who_can_help(people) -> None:
    assert "may not read these pages" in people["engineer"].get(REPORTS).body


def test_the_administrator_reads_every_page(administrator: Browser, shelf: Shelf) -> None:
    assert {administrator.get(report(number)).status for number in shelf.all} == {200}
    for place, name in ((VALIDATION, "validation"), (TRACE, "validation/trace"), (DOCUMENTATION, "documentation")):
        assert administrator.get(place).body == f"<title>THE PAGE {name}/index.html</title>"


def test_a_withdrawal_takes_the_page_from_its_readers_at_once(people, shelf: Shelf, own_warehouse: Warehouse) -> None:
    """Before any file was written again."""
    number = release(draft(quarter="2013-01-01"))
    reporting.written(number, ["html"])
    assert people["plain_commissioner"].get(report(number)).status == 200
    signers.sign(STEWARD, number, "withdraw")
    assert people["plain_commissioner"].get(report(number)).status == 404


def test_a_file_that_is_not_the_released_one_is_not_handed_out(people, shelf: Shelf, own_warehouse: Warehouse) -> None:
    number = release(draft(quarter="2012-10-01"))
    [page] = reporting.written(number, ["html"])
    page.write_text("OTHER FIGURES")
    answer = people["plain_commissioner"].get(report(number))
    assert answer.status == 409 and "not the one that was released" in answer.body and "OTHER" not in answer.body


@pytest.mark.parametrize("path", [
    f"{VALIDATION}../reports/board/released", f"{VALIDATION}%2e%2e/reports/latest.html",
    f"{VALIDATION}..%2freports%2flatest.html", f"{VALIDATION}/etc/passwd", f"{VALIDATION}%2fetc%2fpasswd",
    f"{VALIDATION}index.html%00", f"{DOCUMENTATION}..%2f..%2f.iom-state",
    f"{REPORTS}1/..%2f..%2fvalidation", f"{REPORTS}latest.html", f"{REPORTS}1/exe", f"{REPORTS}999999999999999999999/html",
])  # fmt: skip
def test_nothing_but_pages_is_handed_out(administrator: Browser, own_warehouse: Warehouse, path: str) -> None:
    (own_warehouse.state / "reports" / "latest.html").write_text("THE PAGE latest")
    answer = administrator.get(path)
    assert answer.status in (400, 404, 422) and "THE PAGE" not in answer.body and "root:" not in answer.body


def test_the_trace_is_not_reached_by_another_way(people) -> None:
    for path in (f"{VALIDATION}deliveries/..%2ftrace%2findex.html", f"{VALIDATION}deliveries/../trace/index.html"):
        assert people["engineer"].get(path).status == 403


def test_the_trace_in_another_spelling_is_the_trace(people, own_warehouse: Warehouse) -> None:
    """As a file system has it that does not tell them apart."""
    folder = own_warehouse.state / "validation" / "TRACE"
    folder.mkdir()
    (folder / "index.html").write_text("THE PAGE trace")
    assert people["engineer"].get(f"{VALIDATION}TRACE/").status == 403
    assert people["sample_auditor"].get(f"{VALIDATION}TRACE/").status == 200


@pytest.fixture(scope="module")
def alert(connect) -> str:
    """An open alert with a message that a page must not run."""
    conn = connect("iom_loader", "iom")
    with conn, conn.cursor() as cursor:
        cursor.execute("insert into audit.alert (kind, message) values ('test', 'hub <b>late</b>')")
    conn.close()
    return "hub &lt;b&gt;late&lt;/b&gt;"


def test_the_administrator_finds_the_alerts_in_the_menu(administrator: Browser, alert: str) -> None:
    answer = administrator.get(ALERTS)
    assert alert in answer.body and "iom alert close" in answer.body
    assert answer.headers["Cache-Control"] == "no-store" and "default-src 'none'" in answer.headers["Content-Security-Policy"]
    plugins = json.loads(administrator.get("/api/v2/plugins").body)["plugins"]
    views = [view for plugin in plugins for view in plugin["external_views"]]
    assert [(view["name"], view["href"], view["destination"]) for view in views] == [
        ("Pages", HOME, "nav"), ("Alerts", ALERTS, "nav"),
    ]  # fmt: skip


@pytest.mark.parametrize("cookie", ["", "_token=forged", f"_token={UNSIGNED_TOKEN}"])
def test_without_a_login_there_are_no_alerts(front: Stand, alert: str, cookie: str) -> None:
    answer = Browser(front).get(ALERTS, **({"Cookie": cookie} if cookie else {}))
    assert answer.status in (401, 403)
    assert alert not in answer.body


def test_a_report_reader_reads_no_alerts(people, alert: str) -> None:
    answer = people["sample_commissioner"].get(ALERTS)
    assert answer.status == 403 and alert not in answer.body


def test_pages_stay_in_no_cache_and_load_nothing_from_elsewhere(administrator: Browser, shelf: Shelf) -> None:
    for place in (HOME, REPORTS, report(shelf.board), VALIDATION, DOCUMENTATION):
        headers = administrator.get(place).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
        assert "max-age" in headers["Strict-Transport-Security"] and headers["X-IOM-Login"] is None


def test_a_wrong_password_opens_nothing(front: Stand) -> None:
    browser = Browser(front)
    browser.log_in("first.admin", "a wrong password", REPORTS)
    assert browser.get(REPORTS).status == 302


def test_cookies_are_for_https_and_not_for_scripts(front: Stand) -> None:
    browser = Browser(front)
    cookies = browser.log_in("first.admin", (front.secrets / "airflow_admin_password").read_text()).cookies
    assert {cookie.split("=")[0] for cookie in cookies} == {"_token", "session"}
    assert all("HttpOnly" in cookie and "Secure" in cookie and "samesite=lax" in cookie.lower() for cookie in cookies)


@pytest.mark.parametrize("path", [
    "/execution/health", "//execution/health", "/%65xecution/health", "/x/../execution/health",
])  # fmt: skip
def test_inner_interfaces_are_not_there(administrator: Browser, path: str) -> None:
    assert administrator.get(path).status == 404


def test_airflow_asks_for_its_login_itself(front: Stand) -> None:
    assert Browser(front).get("/api/v2/dags").status == 401
    assert Browser(front).get("/healthz").body == "ok\n"


def looks(front: Stand) -> list[dict]:
    """What the front has logged; it writes after the answer."""
    return [json.loads(line) for line in front.log("web").splitlines() if line.startswith("{")]


def test_looks_are_logged_with_the_login(front: Stand, people, shelf: Shelf) -> None:
    """Those that were refused too: tries at reports of others are what the log is read for."""
    reader = people["plain_commissioner"]
    changed = release(draft(quarter="2012-07-01"))
    reporting.written(changed, ["html"])[0].write_text("OTHER FIGURES")
    tried = {
        report(shelf.board): 200, report(shelf.internal): 404, report(changed): 409, VALIDATION: 403, ALERTS: 403,
        f"{REPORTS}a/html": 404,
    }  # fmt: skip
    before = len(looks(front))
    for path, status in tried.items():
        answer = reader.get(f"{path}?from=mail")
        assert (answer.status, answer.headers["Cache-Control"]) == (status, "no-store"), path
    wait_for("the log", lambda: len(looks(front)) >= before + len(tried))
    assert [(look["login"], look["request"], look["status"]) for look in looks(front)[before:]] == [
        ("plain_commissioner", f"GET {path}", status) for path, status in tried.items()
    ]
