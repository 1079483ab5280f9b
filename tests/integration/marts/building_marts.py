"""The marts about caseloads and needs, built from rows put straight into raw."""

from collections.abc import Callable
from datetime import date
from typing import Any

from messy_rows import DIVISION_OF, PRISON_DELIVERIES, TODAY, Rows, person_of
from psycopg2 import sql
from psycopg2.extras import execute_values

from iom_warehouse.configuration import tables
from iom_warehouse.platform import database
from iom_warehouse.transform import results, runner

DATA_CUT = {  # three feeds are late
    "hub": date(2013, 11, 11), "prison": TODAY, "probation": date(2013, 9, 15), "police": TODAY, "dip": date(2013, 10, 20),
}  # fmt: skip
VINTAGE = dict.fromkeys(DATA_CUT, 1) | {"prison": max(PRISON_DELIVERIES)}
RECORDS = {
    "hub_case": "case_ref", "prison_person": "prison_number", "probation_person": "crn", "police_person": "police_ref",
    "dip_client": "client_ref",
}  # fmt: skip
Query = Callable[[str], list[tuple[Any, ...]]]


def build(rows: Rows) -> Query:
    """Publish the rows, link people as `person_of` says, build the marts. Returns query(statement) -> rows."""
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        for file, listed in rows.files.items():
            _insert(cursor, "raw", file, [{"opened_by_sequence": 1, "recorded_from": TODAY} | row for row in listed])
        _link(cursor, rows)
        _configure(cursor)
        _insert(cursor, "audit", "build", [{"business_date": TODAY, "kind": "nightly", "linkage_run": 1, "configuration_id": 1}])
        _insert(cursor, "audit", "delivery", [_published("prison", *delivery) for delivery in PRISON_DELIVERIES.items()])
        delivered = {"build_id": 1, "sequence": 1, "state": "fresh", "days_stale": 0}
        vintage = [delivered | {"feed": feed, "business_date": day} for feed, day in DATA_CUT.items()]
        _insert(cursor, "audit", "build_vintage", vintage)
    variables = {"build_id": 1, "business_date": str(TODAY), "vintage": VINTAGE, "linkage_run": 1}
    variables |= {"configuration_id": 1}
    outcome = runner.run("build", "--exclude-resource-type", "unit_test", variables=variables)
    failed = [f"{one.node}: {one.message}" for one in results.read(outcome.result or ()) if one.is_failed]
    assert outcome.success, failed or outcome.exception
    return _query


def _published(feed: str, sequence: int, day: date) -> dict[str, Any]:
    folder = {"folder": f"{day}.{sequence}", "manifest_sha256": "-", "extract": "full", "extracted_at": day}
    return folder | {"feed": feed, "business_date": day, "sequence": sequence, "status": "published", "decided_at": day}


def _configure(cursor: Any) -> None:
    tables.create(cursor)
    _insert(cursor, "audit", "configuration", [{"sha256": "1", "folder": "by hand"}])
    divisions = [{"area": area, "area_type": "division", "parent": None} for area in set(DIVISION_OF.values()) if area]
    districts = [{"area": area, "area_type": "district", "parent": parent} for area, parent in DIVISION_OF.items()]
    in_force = {"effective_from": "2000-01-01", "opened_by_configuration": 1}
    _insert(cursor, "reference", "offence_sets", [in_force | {"offence_set": "trigger_offences", "pattern": "046/*"}])
    agencies = [in_force | {"agency": agency, "agency_name": agency} for agency in ("POL", "PRB")]
    _insert(cursor, "reference", "agencies", agencies)
    _insert(cursor, "reference", "areas", [in_force | {"area_name": row["area"]} | row for row in divisions + districts])


def _link(cursor: Any, rows: Rows) -> None:
    links = [(file, row[column]) for file, column in RECORDS.items() for row in rows.of(file)]
    keys = sorted({person_of(record) for _, record in links})
    _insert(cursor, "identity", "linkage_run", [{"method": "by hand", "vintage": "{}"}])
    people = [{"person_key": key, "minted_at": TODAY, "minted_by_run": 1} for key in keys]
    _insert(cursor, "identity", "person", people, "overriding system value")
    linked = {"method": "by hand", "evidence": "{}", "opened_by_run": 1, "linked_from": TODAY}
    _insert(
        cursor,
        "identity",
        "link",
        [linked | {"source_file": file, "source_key": record, "person_key": person_of(record)} for file, record in links],
    )


def _insert(cursor: Any, schema: str, table: str, rows: list[dict[str, Any]], overriding: str = "") -> None:
    names = sorted({name for row in rows for name in row})
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("insert into {} ({}) {} values %s").format(sql.Identifier(schema, table), columns, sql.SQL(overriding))
    execute_values(cursor, statement, [tuple(row.get(name) for name in names) for row in rows])


def _query(statement: str) -> list[tuple[Any, ...]]:
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
