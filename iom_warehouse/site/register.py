"""Which reports a login may read, as `people_access` and the sign-off have it. Asked as a role that sees no figure."""

from typing import Any

from psycopg2.extras import RealDictCursor

from iom_warehouse.platform import database

Facts = dict[str, Any]
PAGES = "select * from access.pages_of(%s, %s, %s)"


def reports_of(login: str, is_administrator: bool, number: int | None = None) -> list[Facts]:
    """A row of access.pages_of for each report, the newest first, or for one `number`; an administrator may read all of them."""
    with database.transaction("display") as conn, conn.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(PAGES, (login, is_administrator, number))
        return [dict(row) for row in cursor.fetchall()]
