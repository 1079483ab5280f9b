"""Pages behind Airflow's login: who may read those that the web front hands out, and the alerts, which are shown here.

GET /iom-access/reports and /iom-access/validation answer 204 with the login in X-IOM-Login, 401 without a login, 403 without
the permission `can_read` on the resource below. docker/web/nginx.conf is the only caller and hides the route from outside.

GET /iom-alerts/ shows the alerts of the warehouse to people with `can_read` on `IOM alerts`; Airflow's menu has it.
"""

from enum import StrEnum
from urllib.parse import quote

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.responses import HTMLResponse

from iom_warehouse.orchestration import alerts_page

NOT_KEPT = {"Cache-Control": "no-store"}
NOTHING_FROM_ELSEWHERE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"}


class Pages(StrEnum):
    """What the front hands out, by the first part of its path."""

    reports = "reports"
    validation = "validation"


access = FastAPI(title="Access to pages", openapi_url=None)
alerts = FastAPI(title="Alerts", openapi_url=None)


def _refuse_without_permission(resource: str, user: GetUserDep) -> None:
    if not get_auth_manager().is_authorized_custom_view(method="GET", resource_name=resource, user=user):
        raise HTTPException(status_code=403)


def _may_read_alerts(user: GetUserDep) -> None:
    _refuse_without_permission("IOM alerts", user)


@access.get("/{pages}", status_code=204)
def may_read(pages: Pages, user: GetUserDep) -> Response:
    """204 when the user may read these pages; 401 and 403 otherwise."""
    _refuse_without_permission(f"IOM {pages}", user)
    return Response(status_code=204, headers={"X-IOM-Login": quote(user.get_name())})


@alerts.get("/", dependencies=[Depends(_may_read_alerts)])
def show_alerts() -> HTMLResponse:
    """The alerts as a page; 401 without a login, 403 without the permission."""
    return HTMLResponse(alerts_page.html(), headers=NOT_KEPT | NOTHING_FROM_ELSEWHERE)


class IomPages(AirflowPlugin):
    """Registers the routes with the API server and the alerts with the menu."""

    name = "iom_pages"
    fastapi_apps = [
        {"app": access, "url_prefix": "/iom-access", "name": "Access to pages"},
        {"app": alerts, "url_prefix": "/iom-alerts", "name": "Alerts"},
    ]
    external_views = [
        {"name": "Alerts", "href": "/iom-alerts/", "destination": "nav", "url_route": "alerts", "nav_top_level": True}
    ]
