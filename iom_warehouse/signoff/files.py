"""The digests of released reports' files, kept when they were released: what is served and sent is held against them."""

from collections.abc import Mapping
from typing import NamedTuple

from psycopg2.extras import Json

from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.speaking import speaking
from iom_warehouse.signoff.register import no_report

KEPT = """
    select state, format, sha256 from published.report_state left join published.report_file using (report_id, state)
    where report_id = %s
"""


class Kept(NamedTuple):
    """How a report stands, and the SHA-256 of its files by format as they were kept in that state: none unless it is released."""

    state: str
    digests: dict[str, str]


def kept_files(number: int) -> Kept:
    """The files of a report as it stands now. Raises IomError when there is none of this number."""
    with database.transaction("publisher") as conn, conn.cursor() as cursor:
        cursor.execute(KEPT, (number,))
        rows = cursor.fetchall()
    if not rows:
        raise no_report(number)
    return Kept(rows[0][0], {form: digest for _, form, digest in rows if form})


def keep_files(number: int, state: str, digests: Mapping[str, str]) -> None:
    """Keep the digests (SHA-256 by format) of files that were written while the report stood in this state.

    Raises IomError where it stands otherwise by now, is not released, or has another file of the format kept.
    """
    with database.session("publisher") as conn:
        refusal = IomError("The publisher may not do this.", "Run: iom db migrate")
        with speaking(conn, refusal) as cursor:
            cursor.execute("select access.keep_files(%s, %s, %s)", (number, state, Json(dict(digests))))
