"""The digests of released reports' files, kept when they were released: what is served and sent is held against them."""

from collections.abc import Mapping

from psycopg2.extras import Json

from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.speaking import speaking

KEPT = """
    select format, sha256 from published.report_file inner join published.report_state using (report_id, state)
    where report_id = %s
"""


def kept_files(number: int) -> dict[str, str]:
    """SHA-256 by format of a report's files as it stands now; empty for one that is not released."""
    with database.transaction("publisher") as conn, conn.cursor() as cursor:
        cursor.execute(KEPT, (number,))
        return dict(cursor.fetchall())


def keep_files(number: int, digests: Mapping[str, str]) -> None:
    """Keep the digests (SHA-256 by format) of a released report's files. Raises IomError where another was kept."""
    with database.session("publisher") as conn:
        refusal = IomError("The publisher may not do this.", "Run: iom db migrate")
        with speaking(conn, refusal) as cursor:
            cursor.execute("select access.keep_files(%s, %s)", (number, Json(dict(digests))))
