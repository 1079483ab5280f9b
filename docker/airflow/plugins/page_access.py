"""The web front asks here, for every page it hands out, whether the person behind the request may read it.

GET /iom-access/reports and /iom-access/validation answer 204 with the login in X-IOM-Login, 401 without a login, 403 without
the permission `can_read` on the resource below. docker/web/nginx.conf is the only caller and hides the route from outside.
"""

from enum import StrEnum
from urllib.parse import quote

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI, HTTPException, Response


class Pages(StrEnum):
    """What the front hands out, by the first part of its path."""

    reports = "reports"
    validation = "validation"


app = FastAPI(title="Access to pages", openapi_url=None)


@app.get("/{pages}", status_code=204)
def may_read(pages: Pages, user: GetUserDep) -> Response:
    """204 when the user may read these pages; 401 and 403 otherwise."""
    if not get_auth_manager().is_authorized_custom_view(method="GET", resource_name=f"IOM {pages}", user=user):
        raise HTTPException(status_code=403)
    return Response(status_code=204, headers={"X-IOM-Login": quote(user.get_name())})


class PageAccess(AirflowPlugin):
    """Registers the route with the API server."""

    name = "iom_page_access"
    fastapi_apps = [{"app": app, "url_prefix": "/iom-access", "name": "Access to pages"}]
