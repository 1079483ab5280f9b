"""Pages behind Airflow's login: reports, validation, documentation and alerts, each for those who may read it.

Below /pages/ a browser without a login is led to it; one without the right is refused in words. What a report's reader may see
follows from people_access.csv: the login here is the login there. See docs/adr/deployment-pages-behind-airflows-login.md.

GET /iom-alerts/ shows the alerts of the warehouse to people with `can_read` on `IOM alerts`; Airflow's menu has both.
"""

from enum import StrEnum
from typing import Annotated
from urllib.parse import quote

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, FastAPI, HTTPException, Path, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from iom_warehouse import site
from iom_warehouse.orchestration import alerts_page

NOT_KEPT = {"Cache-Control": "no-store"}
NOTHING_FROM_ELSEWHERE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self'"
}
REFUSALS = {
    403: "Your account may not read these pages. An administrator can give it the role that may.\n",
    404: "There is no such page, or it is not for your account.\n",
    409: "This file is not the one that was released, so it is not handed out. Tell whoever released the report.\n",
}
TRACE = "trace"  # the part of the validation pages that tells of reports
PLACES = {  # what opens it -> where it is, its name, what is there
    "IOM reports": ("reports/", "Reports", "Those released for your audiences and areas; drafts for those who sign them off."),
    "IOM validation": ("validation/", "Validation", "Every delivery, what became of its rows, and the history of every rule."),
    "IOM audit": ("validation/trace/", "Trace", "What each report rests on, back to the deliveries and the audit chain."),
    "IOM documentation": (
        "documentation/",
        "Documentation",
        "Data dictionary, configuration, and the methods with worked cases.",
    ),
    "IOM alerts": ("../iom-alerts/", "Alerts", "What wants something done."),
}


class Format(StrEnum):
    """What a report can be read as."""

    html = "html"
    pdf = "pdf"
    xlsx = "xlsx"
    csv = "csv"


Number = Annotated[int, Path(ge=1, lt=2**63)]
pages = FastAPI(title="Pages", openapi_url=None)
alerts = FastAPI(title="Alerts", openapi_url=None)


def _may_read(user: GetUserDep, resource: str) -> bool:
    return get_auth_manager().is_authorized_custom_view(method="GET", resource_name=resource, user=user)


def _refuse_without_permission(resource: str, user: GetUserDep) -> None:
    if not _may_read(user, resource):
        raise HTTPException(status_code=403)


def _may_read_alerts(user: GetUserDep) -> None:
    _refuse_without_permission("IOM alerts", user)


def _answer(user: GetUserDep, content: str | bytes, media: str = "text/html; charset=utf-8", name: str = "") -> Response:
    """A page or file, kept nowhere; the front takes the login out for its log."""
    headers = NOT_KEPT | NOTHING_FROM_ELSEWHERE | {"X-IOM-Login": quote(user.get_name())}
    if name:
        headers["Content-Disposition"] = f'{"inline" if media.startswith("text/html") else "attachment"}; filename="{name}"'
    return Response(content, media_type=media, headers=headers)


def _served(user: GetUserDep, found: site.Served | None) -> Response:
    if found is None:
        raise HTTPException(status_code=404)
    return _answer(user, found.content, found.media, found.name)


@pages.exception_handler(StarletteHTTPException)
def explain(request: Request, error: StarletteHTTPException) -> Response:
    """To the login where there is none; else words for a person."""
    if error.status_code == 401:
        return RedirectResponse(f"/auth/login/?next={quote(request.url.path)}", 302, NOT_KEPT)
    return PlainTextResponse(REFUSALS.get(error.status_code, "This cannot be shown.\n"), error.status_code, NOT_KEPT)


@pages.get("/")
def show_home(user: GetUserDep) -> Response:
    """What this login may open."""
    return _answer(user, site.home([place for resource, place in PLACES.items() if _may_read(user, resource)]))


def _reports_of(user: GetUserDep, number: int | None = None) -> list[site.Facts]:
    _refuse_without_permission("IOM reports", user)
    return site.reports_of(user.get_name(), _may_read(user, "IOM every report"), number)


@pages.get("/reports/")
def list_reports(user: GetUserDep) -> Response:
    """The reports that this login may read."""
    return _answer(user, site.list_of_reports(_reports_of(user)))


@pages.get("/reports/{number}/{form}")
def show_report(number: Number, form: Format, user: GetUserDep) -> Response:
    """A report in one format; 404 for one that is not this login's, 409 for a file that is not the released one."""
    found = _reports_of(user, number)
    try:
        return _served(user, site.report(found[0], form) if found else None)
    except site.NotAsReleasedError:
        raise HTTPException(status_code=409) from None


@pages.get("/validation/{name:path}")
def show_validation(name: str, user: GetUserDep) -> Response:
    """Deliveries and rules for auditors and engineers; the traces of reports for auditors alone."""
    found = site.validation(name)
    _refuse_without_permission("IOM audit" if found and found.part == TRACE else "IOM validation", user)
    return _served(user, found)


@pages.get("/documentation/{name:path}")
def show_documentation(name: str, user: GetUserDep) -> Response:
    """Data dictionary and methods."""
    _refuse_without_permission("IOM documentation", user)
    return _served(user, site.documentation(name))


@alerts.get("/", dependencies=[Depends(_may_read_alerts)])
def show_alerts() -> HTMLResponse:
    """The alerts as a page; 401 without a login, 403 without the permission."""
    return HTMLResponse(alerts_page.html(), headers=NOT_KEPT | NOTHING_FROM_ELSEWHERE)


class IomPages(AirflowPlugin):
    """Registers the routes with the API server and their first pages with the menu."""

    name = "iom_pages"
    fastapi_apps = [
        {"app": pages, "url_prefix": "/pages", "name": "Pages"},
        {"app": alerts, "url_prefix": "/iom-alerts", "name": "Alerts"},
    ]
    external_views = [
        {"name": "Pages", "href": "/pages/", "destination": "nav", "url_route": "pages", "nav_top_level": True},
        {"name": "Alerts", "href": "/iom-alerts/", "destination": "nav", "url_route": "alerts", "nav_top_level": True},
    ]
