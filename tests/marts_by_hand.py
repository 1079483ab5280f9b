"""A warehouse with marts as dbt's contracts declare them, filled by hand, so that a report is tested without a build."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sections_in_marts
from delivery_maker import Warehouse
from psycopg2 import sql
from psycopg2.extras import execute_values

from iom_warehouse import reports
from iom_warehouse.platform import database, yaml_file
from iom_warehouse.platform.settings import PROJECT_DIR, settings

MARTS = PROJECT_DIR / "dbt_project" / "models" / "marts"


@dataclass(frozen=True)
class Reporting:
    """A warehouse whose marts hold what a test puts there."""

    warehouse: Warehouse

    def configure(self, folder: Path) -> None:
        self.warehouse.configure(folder)

    def build(self, day: str, schema: str = "", reached: Mapping[str, str] | None = None, **vintage: str) -> int:
        """A finished build of a night; with a `schema`, of what was known then.

        `vintage`: state of feeds; nothing is said of others.
        `reached`: the day that the data of a feed reach to, where it is not that of the night.
        """
        build_id = self.warehouse.value(
            "insert into audit.build (business_date, kind, schema_prefix, configuration_id, status, finished_at)"
            " select %s, %s, %s, max(configuration_id), 'succeeded', clock_timestamp() from audit.configuration"
            " returning build_id", day, "as_of" if schema else "nightly", schema,
        )  # fmt: skip
        for feed, state in vintage.items():
            newest = (reached or {}).get(feed, day)
            self.warehouse.query(
                "insert into audit.build_vintage (build_id, feed, sequence, business_date, state, days_stale) values (%s, %s,"
                " %s, %s, %s, %s)",
                build_id, feed, *((None, None, state, None) if state == "absent" else (1, newest, state, 0)),
            )  # fmt: skip
        return build_id

    def fill(self, schema: str, mart: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put rows into a mart with the columns of its contract, made if need be; columns that a row leaves out are empty."""
        columns = _columns()[mart]
        place = sql.Identifier(schema, mart)
        described = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns.items()
        )
        with database.transaction("transformer") as conn, conn.cursor() as cursor:
            cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
            cursor.execute(sql.SQL("create table if not exists {} ({})").format(place, described))
            values = [tuple(row.get(name) for name in columns) for row in rows]
            execute_values(cursor, sql.SQL("insert into {} values %s").format(place), values)
            cursor.execute(sql.SQL("grant usage on schema {} to iom_publisher").format(sql.Identifier(schema)))
            cursor.execute(sql.SQL("grant select on all tables in schema {} to iom_publisher").format(sql.Identifier(schema)))

    def fill_sections(self, schema: str = "", leaving_out: Collection[str] = ()) -> None:
        """Put the rows of `sections_in_marts` into their marts, or all into one schema."""
        for own, marts in sections_in_marts.MARTS.items():
            for mart in (each for each in marts if each.__name__ not in leaving_out):
                self.fill(schema or own, mart.__name__, mart())

    def page(self, audience: str = "internal") -> str:
        """Publish, render, and read the page."""
        return reports.render(reports.publish_quarterly(None, audience), settings().state_dir / "reports").read_text("utf-8")

    def release(self, report_ids: Sequence[int]) -> None:
        """Take the reports as released, whoever did it: sign-off has tests of its own."""
        self.warehouse.query("alter table published.sign_off disable trigger user")
        for report_id in report_ids:
            self.warehouse.query(
                "insert into published.sign_off (report_id, step, login, reason, version, content_sha256, event_id, signed_at)"
                " values (%s, 'release', 'somebody', 'for a test', 1, '', -%s, now())", report_id, report_id,
            )  # fmt: skip
        self.warehouse.query("alter table published.sign_off enable trigger user")

    def shown(self, table: str, row: str, column: str) -> tuple[str, str]:
        """Text and status of a released cell of the newest report."""
        return self.warehouse.query(
            "select value_text, suppression_status from published.figure where report_id = (select max(report_id) from"
            " published.report)"
            " and table_name = %s and row_label = %s and column_name = %s", table, row, column,
        )[0]  # fmt: skip


@cache
def _columns() -> dict[str, dict[str, str]]:
    """Columns and types of each mart, from its contract."""
    models = (model for path in MARTS.glob("*/_*.yml") for model in yaml_file.read(path)["models"])
    return {model["name"]: {column["name"]: column["data_type"] for column in model["columns"]} for model in models}


def with_sections(reporting: Reporting, configuration: Path) -> Reporting:
    reporting.configure(configuration)
    reporting.build(str(sections_in_marts.LAST), **sections_in_marts.EVERY_FEED)
    reporting.fill_sections()
    return reporting
