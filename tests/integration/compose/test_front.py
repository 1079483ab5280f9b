"""The web front before a real Airflow: no page without a login that may read it."""

import http.cookiejar
import json
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message

import pytest
from stand import Stand, wait_for

ALERTS = "/iom-alerts/"
REPORT, VALIDATION = "/reports/latest.html", "/validation/index.html"
UNSIGNED_TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."  # {"alg":"none"} {"sub":"1"}
READER_PASSWORD = "reads-reports-only-1"  # an account of this test


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
    """Keeps cookies, accepts the test's own certificate."""

    def __init__(self, front: Stand) -> None:
        self.address = front.public_url
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(Stay(), urllib.request.HTTPSHandler(context=context), cookies)

    def get(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(self.address + path, data, {"Referer": f"{self.address}/auth/login/"} | headers)
        try:
            with self.opener.open(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read().decode())

    def log_in(self, login: str, password: str, wanted: str = "/") -> Answer:
        page = self.get(f"/auth/login/?next={wanted}").body
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token, "the login page has no form"
        return self.get(f"/auth/login/?next={wanted}", {"csrf_token": token.group(1), "username": login, "password": password})


@pytest.fixture(scope="module")
def administrator(front: Stand) -> Browser:
    browser = Browser(front)
    answer = browser.log_in("first.admin", (front.secrets / "airflow_admin_password").read_text(), REPORT)
    assert answer.headers["location"] == front.public_url + REPORT
    return browser


@pytest.fixture(scope="module")
def report_reader(front: Stand) -> Browser:
    name = ("--username", "reader", "--firstname", "R", "--lastname", "R", "--email", "reader@example.org")
    create = ("airflow", "users", "create", "--role", "Report reader", *name, "--password", READER_PASSWORD)
    done = front.run("bootstrap", *create)
    assert done.returncode == 0, done.stderr[-2000:]
    browser = Browser(front)
    browser.log_in("reader", READER_PASSWORD)
    return browser


@pytest.mark.parametrize("path", [REPORT, VALIDATION, "/reports/", "/validation/", "/reports/missing.html", f"/x/..{REPORT}"])
@pytest.mark.parametrize("cookie", ["", "_token=forged", f"_token={UNSIGNED_TOKEN}"])
def test_without_a_login_there_is_no_page_but_the_way_to_the_login(front: Stand, path: str, cookie: str) -> None:
    answer = Browser(front).get(path, **({"Cookie": cookie} if cookie else {}))
    assert answer.status in ((302,) if not cookie else (302, 403))
    assert "THE " not in answer.body and "latest" not in answer.body
    if answer.status == 302:
        assert answer.headers["Location"].startswith("/auth/login/?next=/")


def test_the_administrator_reads_every_page(administrator: Browser) -> None:
    assert administrator.get(REPORT).body == "THE REPORT"
    assert administrator.get(VALIDATION).body == "THE VALIDATION"


def test_a_report_reader_reads_reports_only(report_reader: Browser) -> None:
    assert report_reader.get(REPORT).body == "THE REPORT"
    refused = report_reader.get(VALIDATION)
    assert refused.status == 403
    assert "may not read these pages" in refused.body


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
    assert [(view["name"], view["href"], view["destination"]) for view in views] == [("Alerts", ALERTS, "nav")]


@pytest.mark.parametrize("cookie", ["", "_token=forged", f"_token={UNSIGNED_TOKEN}"])
def test_without_a_login_there_are_no_alerts(front: Stand, alert: str, cookie: str) -> None:
    answer = Browser(front).get(ALERTS, **({"Cookie": cookie} if cookie else {}))
    assert answer.status in (401, 403)
    assert alert not in answer.body


def test_a_report_reader_reads_no_alerts(report_reader: Browser, alert: str) -> None:
    answer = report_reader.get(ALERTS)
    assert answer.status == 403 and alert not in answer.body


def test_pages_stay_in_no_cache_and_load_nothing_from_elsewhere(administrator: Browser) -> None:
    headers = administrator.get(REPORT).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "max-age" in headers["Strict-Transport-Security"]


def test_a_wrong_password_opens_nothing(front: Stand) -> None:
    browser = Browser(front)
    browser.log_in("first.admin", "a wrong password", REPORT)
    assert browser.get(REPORT).status == 302


def test_cookies_are_for_https_and_not_for_scripts(front: Stand) -> None:
    browser = Browser(front)
    cookies = browser.log_in("first.admin", (front.secrets / "airflow_admin_password").read_text()).cookies
    assert {cookie.split("=")[0] for cookie in cookies} == {"_token", "session"}
    assert all("HttpOnly" in cookie and "Secure" in cookie and "samesite=lax" in cookie.lower() for cookie in cookies)


@pytest.mark.parametrize("path", [
    "/execution/health", "//execution/health", "/%65xecution/health", "/x/../execution/health",
    "/iom-access/reports", "/may-read/reports", "/may-read/validation",
])  # fmt: skip
def test_inner_interfaces_are_not_there(administrator: Browser, path: str) -> None:
    assert administrator.get(path).status == 404


def test_airflow_asks_for_its_login_itself(front: Stand) -> None:
    assert Browser(front).get("/api/v2/dags").status == 401
    assert Browser(front).get("/healthz").body == "ok\n"


def test_looks_are_logged_with_the_login(front: Stand, report_reader: Browser) -> None:
    def looks() -> list[dict]:
        return [json.loads(line) for line in front.log("web").splitlines() if line.startswith("{")]

    before = len(looks())
    report_reader.get(f"{REPORT}?from=mail")
    wait_for("the log", lambda: any(look["login"] == "reader" for look in looks()[before:]))  # it is written after the answer
    assert looks()[-1]["request"] == f"GET {REPORT}"
    assert looks()[-1]["status"] == 200
