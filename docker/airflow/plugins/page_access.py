"""Pages behind Airflow's login: reports, validation, documentation and alerts, each for those who may read it.

Below /pages/ a browser without a login is led to it; one without the right is refused in words. What a report's reader may see
follows from people_access.csv: the login here is the login there. See docs/adr/deployment-pages-behind-airflows-login.md.

GET /iom-alerts/ shows the alerts of the warehouse to people with `can_read` on `IOM alerts`; Airflow's menu has both.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated
from urllib.parse import quote

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, FastAPI, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from iom_warehouse import site
from iom_warehouse.orchestration import alerts_page

NOTHING_FROM_ELSEWHERE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self'"
}
REFUSALS = {
    403: "Your account may not read these pages. An administrator can give it the role that may.\n",
    404: "There is no such page, or it is not for your account.\n",
    409: "This file is not the one that was released, so it is not handed out. Tell whoever released the report.\n",
}
TRACE = "trace"  # the part of the validation pages that tells of reports; some file systems take TRACE for it
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


@pages.middleware("http")
@alerts.middleware("http")
async def say_who_asked(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Whatever the answer is, nobody keeps it, and it names the login, which the front takes out for its log."""
    request.state.login = ""
    answered = await answer(request)
    answered.headers.setdefault("Cache-Control", "no-store")
    if request.state.login:
        answered.headers["X-IOM-Login"] = request.state.login
    return answered


def _known(request: Request, user: GetUserDep) -> BaseUser:
    """Whoever is logged in, from here on in the log, also where they are refused."""
    request.state.login = quote(user.get_name())
    return user


User = Annotated[BaseUser, Depends(_known)]


def _may_read(user: BaseUser, resource: str) -> bool:
    return get_auth_manager().is_authorized_custom_view(method="GET", resource_name=resource, user=user)


def _refuse_without_permission(resource: str, user: BaseUser) -> None:
    if not _may_read(user, resource):
        raise HTTPException(status_code=403)


def _may_read_alerts(user: User) -> None:
    _refuse_without_permission("IOM alerts", user)


def _answer(content: str | bytes, media: str = "text/html; charset=utf-8", name: str = "") -> Response:
    """A page or file."""
    headers = dict(NOTHING_FROM_ELSEWHERE)
    if name:
        headers["Content-Disposition"] = f'{"inline" if media.startswith("text/html") else "attachment"}; filename="{name}"'
    return Response(content, media_type=media, headers=headers)


def _served(found: site.Served | None) -> Response:
    if found is None:
        raise HTTPException(status_code=404)
    return _answer(found.content, found.media, found.name)


@pages.exception_handler(StarletteHTTPException)
def explain(request: Request, error: StarletteHTTPException) -> Response:
    """To the login where there is none; else words for a person."""
    if error.status_code == 401:
        return RedirectResponse(f"/auth/login/?next={quote(request.url.path)}", 302)
    return PlainTextResponse(REFUSALS.get(error.status_code, "This cannot be shown.\n"), error.status_code)


@pages.exception_handler(RequestValidationError)
def explain_address(request: Request, _: RequestValidationError) -> Response:
    """An address that is written wrongly is that of no page."""
    return explain(request, StarletteHTTPException(404))


@pages.get("/")
def show_home(user: User) -> Response:
    """What this login may open."""
    return _answer(site.home([place for resource, place in PLACES.items() if _may_read(user, resource)]))


def _reports_of(user: BaseUser, number: int | None = None) -> list[site.Facts]:
    _refuse_without_permission("IOM reports", user)
    return site.reports_of(user.get_name(), _may_read(user, "IOM every report"), number)


@pages.get("/reports/")
def list_reports(user: User) -> Response:
    """The reports that this login may read."""
    return _answer(site.list_of_reports(_reports_of(user)))


@pages.get("/reports/{number}/{form}")
def show_report(number: Number, form: Format, user: User) -> Response:
    """A report in one format; 404 for one that is not this login's, 409 for a file that is not the released one."""
    found = _reports_of(user, number)
    try:
        return _served(site.report(found[0], form) if found else None)
    except site.NotAsReleasedError:
        raise HTTPException(status_code=409) from None


@pages.get("/validation/{name:path}")
def show_validation(name: str, user: User) -> Response:
    """Deliveries and rules for auditors and engineers; the traces of reports for auditors alone."""
    found = site.validation(name)
    _refuse_without_permission("IOM audit" if found and found.part.casefold() == TRACE else "IOM validation", user)
    return _served(found)


@pages.get("/documentation/{name:path}")
def show_documentation(name: str, user: User) -> Response:
    """Data dictionary and methods."""
    _refuse_without_permission("IOM documentation", user)
    return _served(site.documentation(name))


@alerts.get("/", dependencies=[Depends(_may_read_alerts)])
def show_alerts() -> HTMLResponse:
    """The alerts as a page; 401 without a login, 403 without the permission."""
    return HTMLResponse(alerts_page.html(), headers=NOTHING_FROM_ELSEWHERE)


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
