"""Functions that run as the owner cannot be made to run what their caller wrote."""

import time
from collections.abc import Iterator

import psycopg2
import pytest
from delivery_maker import Warehouse
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import connection as Connection

from iom_warehouse.platform import database

PERSON = "pru"
PASSWORD = "for-this-test-only"
SHADOW = """
    create function pg_temp.f(value pg_catalog.uuid) returns boolean language plpgsql as $$
    begin
        raise exception 'ran as %', current_user;
    end $$;
    create domain pg_temp.uuid as pg_catalog.uuid check (pg_temp.f(value))
"""
FUNCTIONS = """
    select p.oid::regprocedure::text,
           (select regexp_replace(setting, '^search_path=', '') from unnest(p.proconfig) setting where setting ~ '^search_path=')
    from pg_proc p
    where p.prosecdef and p.pronamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
    order by 1
"""


@pytest.fixture(scope="module")
def owner(shared_warehouse: Warehouse) -> Iterator[Connection]:
    connection = database.connect("owner")
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture
def practitioner(owner: Connection) -> Iterator[Connection]:
    """A login that is a practitioner and nothing else."""
    _run(owner, f"create role {PERSON} login password '{PASSWORD}' in role iom_practitioner")
    connection = psycopg2.connect(**(database.dsn("owner") | {"user": PERSON, "password": PASSWORD}))
    yield connection
    connection.close()
    _await_end_of_session(owner)
    _run(owner, f"drop role {PERSON}")


def _await_end_of_session(owner: Connection) -> None:
    """The server takes a moment to clear a closed session's temporary objects, which hold the role fast until then."""
    for _ in range(1200):
        if not _run(owner, f"select 1 from pg_stat_activity where usename = '{PERSON}'"):
            return
        time.sleep(0.1)


def test_people_make_no_temporary_objects(practitioner: Connection) -> None:
    with pytest.raises(InsufficientPrivilege):
        _run(practitioner, "create temporary table t (n integer)")


def test_a_type_of_the_caller_is_not_used_by_the_owner(owner: Connection, practitioner: Connection) -> None:
    [(name,)] = _run(owner, "select current_database()")
    _run(owner, f'grant temporary on database "{name}" to {PERSON}')
    try:
        _run(practitioner, SHADOW)
        assert _run(practitioner, "select access.request_passport(1, 'just looking')") != []
    finally:
        practitioner.close()
        _run(owner, f'revoke temporary on database "{name}" from {PERSON}')


def test_temporary_objects_come_last_in_every_function_of_the_owner(owner: Connection) -> None:
    found = dict(_run(owner, FUNCTIONS))
    assert "access.request_passport(bigint,text)" in found
    assert {name: path for name, path in found.items() if path != "pg_catalog, pg_temp"} == {}


@pytest.mark.parametrize("stage", ["loader", "linker", "transformer"])
def test_stages_that_need_temporary_tables_make_them(owner: Connection, stage: str) -> None:
    connection = database.connect(stage)
    _run(connection, "create temporary table t (n integer)")
    connection.close()


def _run(connection: Connection, statement: str) -> list[tuple]:
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []
