"""A warehouse with marts as dbt's contracts declare them, filled by hand, so that a report is tested without a build."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import signers
import yaml
from cluster import Cluster, own_warehouse, warehouse_of
from delivery_maker import Warehouse
from psycopg2 import sql
from psycopg2.extras import execute_values

from iom_warehouse import reports
from iom_warehouse.platform import database
from iom_warehouse.platform.settings import PROJECT_DIR, settings

MARTS = PROJECT_DIR / "dbt_project" / "models" / "marts"


@dataclass(frozen=True)
class Reporting:
    """A warehouse whose marts hold what a test puts there."""

    warehouse: Warehouse

    def configure(self, folder: Path) -> None:
        self.warehouse.configure(folder)

    def build(self, day: str, **vintage: str) -> int:
        """A finished build of a night. `vintage` gives the state of feeds; those left out are absent."""
        build_id = self.warehouse.value(
            "insert into audit.build (business_date, kind, configuration_id, status, finished_at)"
            " select %s, 'nightly', max(configuration_id), 'succeeded', clock_timestamp() from audit.configuration"
            " returning build_id", day,
        )  # fmt: skip
        for feed in ("dip", "hub", "police", "prison", "probation"):
            state = vintage.get(feed, "absent")
            self.warehouse.query(
                "insert into audit.build_vintage (build_id, feed, sequence, business_date, state, days_stale) values (%s, %s,"
                " %s, %s, %s, %s)",
                build_id, feed, *((None, None, state, None) if state == "absent" else (1, day, state, 0)),
            )  # fmt: skip
        return build_id

    def fill(self, schema: str, mart: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Make a mart with the columns of its contract and put rows into it; columns that a row leaves out are empty."""
        columns = _columns(mart)
        place = sql.Identifier(schema, mart)
        described = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns.items()
        )
        with database.transaction("transformer") as conn, conn.cursor() as cursor:
            cursor.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
            cursor.execute(sql.SQL("create table {} ({})").format(place, described))
            values = [tuple(row.get(name) for name in columns) for row in rows]
            execute_values(cursor, sql.SQL("insert into {} values %s").format(place), values)
            cursor.execute(sql.SQL("grant usage on schema {} to iom_publisher").format(sql.Identifier(schema)))
            cursor.execute(sql.SQL("grant select on all tables in schema {} to iom_publisher").format(sql.Identifier(schema)))

    def page(self, audience: str = "internal") -> str:
        """Publish, render, and read the page."""
        return reports.render(reports.publish_quarterly(None, audience), settings().state_dir / "reports").read_text("utf-8")

    def shown(self, table: str, row: str, column: str) -> tuple[str, str]:
        """Text and status of a released cell of the newest report."""
        return self.warehouse.query(
            "select value_text, suppression_status from published.figure where report_id = (select max(report_id) from"
            " published.report)"
            " and table_name = %s and row_label = %s and column_name = %s", table, row, column,
        )[0]  # fmt: skip


def _columns(mart: str) -> dict[str, str]:
    """Columns and types of a mart, from its contract."""
    for path in MARTS.glob("*/_*.yml"):
        for model in yaml.safe_load(path.read_text())["models"]:
            if model["name"] == mart:
                return {column["name"]: column["data_type"] for column in model["columns"]}
    raise KeyError(mart)


@pytest.fixture
def reporting(warehouse: Warehouse) -> Iterator[Reporting]:
    return Reporting(warehouse)


@pytest.fixture(scope="module")
def shared_reporting(shared_warehouse: Warehouse) -> Reporting:
    return Reporting(shared_warehouse)


@pytest.fixture(scope="session")
def signing(cluster: Cluster) -> Iterator[str]:
    """A database to copy: the default configuration, its people, and a build whose reports are to be signed off."""
    name = cluster.create()
    with warehouse_of(cluster, name) as found:
        signers.prepare(found)
    cluster.seal(name)
    yield name
    cluster.drop(name)


@pytest.fixture
def signable(cluster: Cluster, signing: str) -> Iterator[Warehouse]:
    """A warehouse of a test's own in which people sign reports off."""
    with own_warehouse(cluster, signing) as found:
        yield found
