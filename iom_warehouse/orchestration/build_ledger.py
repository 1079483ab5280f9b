"""What the ledger says of a build."""

from dataclasses import dataclass
from datetime import date

from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError


@dataclass(frozen=True)
class Build:
    """A row of audit.build with its vintage (feed -> last published sequence that it sees; absent feeds left out)."""

    build_id: int
    business_date: date
    kind: str
    schema_prefix: str
    linkage_run: int | None
    configuration_id: int | None
    vintage: dict[str, int]


def read(build_id: int) -> Build:
    """The build and its vintage, from the ledger. Raises IomError when there is no such build."""
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute(
            "select build_id, business_date, kind, schema_prefix, linkage_run, configuration_id from audit.build"
            " where build_id = %s",
            (build_id,),
        )
        facts = cursor.fetchone()
        if facts is None:
            raise IomError(f"There is no build {build_id}.", "`iom build show` shows the last one and its number.")
        _, business_date, kind, prefix, linkage_run, configuration_id = facts
        cursor.execute("select feed, sequence from audit.build_vintage where build_id = %s and sequence is not null", (build_id,))
        return Build(build_id, business_date, kind, prefix, linkage_run, configuration_id, vintage=dict(cursor.fetchall()))
