"""The tables of `raw` follow from the contracts: made once, extended, never turned against what was published."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from child import assert_killed, die, start
from delivery_maker import Warehouse
from psycopg2 import errors

from iom_warehouse import contracts
from iom_warehouse.contracts import ContractError, ddl
from iom_warehouse.platform import database

YOUTH = Path(__file__).parents[2] / "unit" / "contracts" / "youth.yml"
KEPT = "insert into raw.youth_person (yot_ref, opened_by_sequence, recorded_from) values ('Y1', 1, '2026-01-01')"
CLOSED = "update raw.youth_person set closed_by_sequence = {}, recorded_to = {}"


@pytest.fixture
def youth(tmp_path: Path) -> Path:
    """The contract of a sixth feed, in a folder of its own; it may be changed."""
    return Path(shutil.copy(YOUTH, tmp_path))


@pytest.fixture
def connection(shared_warehouse: Warehouse) -> Iterator[psycopg2.extensions.connection]:
    """The owner's connection; whatever a test does is rolled back."""
    conn = database.connect("owner")
    yield conn
    conn.rollback()
    conn.close()


@pytest.fixture
def with_youth(connection, youth: Path):
    ddl.apply(connection, contracts.all(youth.parent))
    return connection


def apply_and_die(folder: Path) -> None:
    ddl.apply(database.connect("owner"), contracts.all(folder))
    die()


def test_contracts_that_are_applied_by_a_run_that_is_killed_are_as_if_they_had_not_been(shared_warehouse, youth: Path):
    assert_killed(start(apply_and_die, youth.parent))
    assert shared_warehouse.value("select to_regclass('raw.youth_person') is null")
    with database.session("owner") as conn:
        ddl.apply(conn, contracts.all(youth.parent))
        assert columns(conn, "youth_person")
        conn.rollback()


def columns(connection, table: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name, data_type from information_schema.columns where table_schema = 'raw' and table_name = %s",
            (table,),
        )
        return dict(cursor.fetchall())


def run(connection, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_every_shipped_file_has_its_table(connection):
    ddl.apply(connection, contracts.all())
    for contract in contracts.all():
        for file in contract.files:
            found = columns(connection, file.name)
            assert list(found)[: len(file.columns)] == [column.name for column in file.columns]
            assert set(found) - {column.name for column in file.columns} == {*ddl.VERSION_COLUMNS, *ddl.LOADING_COLUMNS}
    assert columns(connection, "police_arrest")["arrested_at"] == "timestamp with time zone"
    assert columns(connection, "probation_score")["one_year"] == "numeric"
    assert columns(connection, "prison_resettlement")["has_need"] == "boolean"


def test_applying_again_changes_nothing(with_youth, youth: Path):
    run(with_youth, KEPT)
    ddl.apply(with_youth, contracts.all(youth.parent))
    with with_youth.cursor() as cursor:
        cursor.execute("select count(*) from raw.youth_person")
        assert cursor.fetchone() == (1,)


def test_an_added_column_is_added(with_youth, youth: Path):
    run(with_youth, KEPT)
    added = "      - {name: sex, logicalType: string, classification: personal, description: Sex.}\n  - name: youth_order"
    youth.write_text(youth.read_text().replace("  - name: youth_order", added))
    ddl.apply(with_youth, contracts.all(youth.parent))
    assert columns(with_youth, "youth_person")["sex"] == "text"


@pytest.mark.parametrize(
    ("sound", "changed", "said"),
    [
        ("name: dob", "name: born_on", "no longer has the column dob"),
        (
            "name: dob\n        logicalType: date",
            "name: dob\n        logicalType: string",
            "the column dob is date in the table and text in the contract",
        ),
        (
            "primaryKeyPosition: 2",
            "primaryKeyPosition: 0",
            r"the key is \(yot_ref, number\) in the table and \(number, yot_ref\) in the contract",
        ),
    ],
)
def test_what_was_published_stays(with_youth, youth: Path, sound: str, changed: str, said: str):
    youth.write_text(youth.read_text().replace(sound, changed))
    with pytest.raises(ContractError, match=said):
        ddl.apply(with_youth, contracts.all(youth.parent))


def test_one_current_version_per_key(with_youth):
    run(with_youth, KEPT)
    run(with_youth, CLOSED.format(2, "'2026-01-02'"))
    run(with_youth, KEPT)
    with pytest.raises(errors.UniqueViolation):
        run(with_youth, KEPT)


@pytest.mark.parametrize("end", [(1, "'2026-01-02'"), (2, "'2025-12-31'"), (2, "null")])
def test_a_version_ends_after_it_begins(with_youth, end: tuple[int, str]):
    run(with_youth, KEPT)
    with pytest.raises(errors.CheckViolation):
        run(with_youth, CLOSED.format(*end))


def test_a_version_has_its_key(with_youth):
    with pytest.raises(errors.NotNullViolation):
        run(with_youth, KEPT.replace("'Y1'", "null"))


@pytest.mark.parametrize(
    ("role", "privileges"),
    [("loader", {"INSERT", "SELECT", "UPDATE"}), ("linker", set()), ("publisher", set())],
)
def test_grants_are_those_of_the_contract(with_youth, role: str, privileges: set[str]):
    with with_youth.cursor() as cursor:
        cursor.execute(
            "select privilege from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) as privilege"
            " where has_table_privilege(%s, 'raw.youth_order', privilege)",
            (f"iom_{role}",),
        )
        assert {privilege for (privilege,) in cursor.fetchall()} == privileges


READABLE_COLUMNS = """
    select attname from pg_attribute
    where attrelid = 'raw.youth_person'::regclass and attnum > 0
    and has_column_privilege('iom_transformer', attrelid, attnum, 'SELECT')
    order by attnum
"""


def test_a_stage_without_names_reads_keys_stated_uses_and_versions(with_youth):
    with with_youth.cursor() as cursor:
        cursor.execute(READABLE_COLUMNS)
        assert [name for [name] in cursor.fetchall()] == ["yot_ref", "dob", *ddl.VERSION_COLUMNS]


def test_applying_takes_away_what_the_contract_does_not_give(with_youth, youth: Path):
    run(with_youth, "grant select on raw.youth_person to iom_transformer")
    run(with_youth, "grant select (surname) on raw.youth_person to iom_publisher")
    ddl.apply(with_youth, contracts.all(youth.parent))
    with with_youth.cursor() as cursor:
        for role in ("iom_transformer", "iom_publisher"):
            cursor.execute("select has_column_privilege(%s, 'raw.youth_person', 'surname', 'SELECT')", (role,))
            assert cursor.fetchone() == (False,)


def test_tables_and_columns_are_described(with_youth):
    with with_youth.cursor() as cursor:
        cursor.execute("select obj_description('raw.youth_person'::regclass), col_description('raw.youth_person'::regclass, 2)")
        assert cursor.fetchone() == ("One row per young person.", "Date of birth. [identifier]")
