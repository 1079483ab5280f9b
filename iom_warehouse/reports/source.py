"""Where figures come from: one build of the marts, whatever schema it lies in, and the configuration it was built with."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extras import RealDictCursor

from iom_warehouse.platform.errors import IomError
from iom_warehouse.reports import wording

Fact = dict[str, Any]

# The marts hold the newest night; a rebuild of an earlier one has a schema of its own.
BUILD = """
    select build_id, business_date, kind, schema_prefix, configuration_id from audit.build
    where status = 'succeeded' and (%(day)s::date is null and kind = 'nightly' or business_date = %(day)s)
    order by kind = 'nightly' and build_id = (select max(build_id) from audit.build where kind = 'nightly' and status =
    'succeeded') desc,
        kind = 'as_of' desc, build_id desc
    limit 1
"""
NEWEST = """
    select max(build_id) filter (where status = 'succeeded'), max(build_id) filter (where status = 'succeeded') < max(build_id)
    from audit.build where kind = 'nightly'
"""


@dataclass(frozen=True)
class Source:
    """A build of the marts on an open connection."""

    conn: Connection
    build_id: int
    business_date: date
    schema_prefix: str
    configuration_id: int

    def rows(self, query: str | sql.Composable, **parameters: Any) -> list[Fact]:
        return fetch(self.conn, query, **parameters)

    def mart(
        self, schema: str, table: str, condition: str = "true", order: str = "1", *, select: str = "*", group_by: str = "",
        **parameters: Any,
    ) -> list[Fact]:  # fmt: skip
        """Rows of a mart, or what the database counts of them (`select`, `group_by`); none when this build has no such table."""
        place = sql.Identifier(self.schema_prefix or schema, table)
        if not self.rows("select to_regclass(%(place)s) is not null as found", place=place.as_string(self.conn))[0]["found"]:
            return []
        grouped = sql.SQL(f"group by {group_by}" if group_by else "")
        query = sql.SQL("select {} from {} where {} {} order by {}").format(
            sql.SQL(select), place, sql.SQL(condition), grouped, sql.SQL(order)
        )
        return self.rows(query, **parameters)

    def definitions(self, file: str, key: str, condition: str = "true") -> list[Fact]:
        """Rows of a configuration file in force on the business date, as this build's configuration holds them; one per `key`."""
        query = sql.SQL(
            "select distinct on ({key}) * from {} where effective_from <= %(day)s"
            " and opened_by_configuration <= %(configuration)s"
            " and (closed_by_configuration is null or closed_by_configuration > %(configuration)s) and {condition}"
            " order by {key}, effective_from desc"
        ).format(sql.Identifier("reference", file), key=sql.SQL(key), condition=sql.SQL(condition))
        return self.rows(query, day=self.business_date, configuration=self.configuration_id)


def fetch(conn: Connection, query: str | sql.Composable, **parameters: Any) -> list[Fact]:
    """Rows of a query, each a mapping of column to value."""
    with conn.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(query, parameters)
        return [dict(row) for row in cursor.fetchall()]


def open_source(conn: Connection, business_date: date | None) -> Source:
    """The newest build, or that of `business_date`. Raises IomError when its marts are not there any more."""
    with conn.cursor() as cursor:
        cursor.execute(BUILD, {"day": business_date})
        found = cursor.fetchone()
        cursor.execute(NEWEST)
        newest, is_half_rebuilt = cursor.fetchone()
    if found is None and newest is None:
        raise IomError("No build has succeeded yet.", "Run: iom nightly")
    if found is None:
        raise IomError(
            f"The night of {business_date} was not built.",
            f"`iom build run {business_date} --as-of` builds what was known then.",
        )
    build_id, day, kind, prefix, configuration_id = found
    if kind == "nightly" and is_half_rebuilt:
        raise IomError("A later build is under way or has failed; the marts may be of two nights.", "Run first: iom nightly")
    if kind == "nightly" and build_id != newest:
        raise IomError(f"The marts hold a later night than {day}.", f"Run: iom build run {day} --as-of")
    return Source(conn, build_id, day, prefix, configuration_id)


def is_anything_built(conn: Connection) -> bool:
    """Whether there are marts of a night at all."""
    return bool(fetch(conn, "select from audit.build where kind = 'nightly' and status = 'succeeded' limit 1"))


def force(source: Source) -> str:
    """The name of the police force area or areas that the partnership lies in; empty where the configuration names none."""
    return wording.listed([row["area_name"] for row in source.definitions("areas", "area", "area_type = 'force'")])


def labels(source: Source) -> Mapping[str, str]:
    """Names of areas by code."""
    return {row["area"]: row["area_name"] for row in source.definitions("areas", "area")}


def parents(source: Source) -> Mapping[str, str]:
    """The code of the area that each area lies in."""
    return {row["area"]: row["parent"] for row in source.definitions("areas", "area") if row["parent"]}


def agencies(source: Source) -> Mapping[str, str]:
    """Names of agencies by code, and of all of them. One that nobody lists is not called by its code, which may be anything."""
    named = {row["agency"]: row["agency_name"] for row in source.definitions("agencies", "agency")}
    return defaultdict(lambda: wording.NOT_KNOWN, named | {"all": "All agencies"})
