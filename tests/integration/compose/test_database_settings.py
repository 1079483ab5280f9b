"""PostgreSQL with the settings, access rules and first-start SQL of docker/postgres."""

import psycopg2
import pytest
from stand import Stand

MIGRATE = "from iom_warehouse.platform.migrations import migrate; migrate(); migrate()"


@pytest.fixture(scope="module")
def migrated(database: Stand) -> Stand:
    """`iom db migrate` as the bootstrap service runs it, twice."""
    done = database.run("bootstrap", "python", "-c", MIGRATE)
    assert done.returncode == 0, done.stderr
    return database


def refused(connect, user: str, dbname: str, secret: str | None = None) -> str:
    with pytest.raises(psycopg2.OperationalError) as failure:
        connect(user, dbname, secret)
    return str(failure.value)


def test_the_administrator_makes_roles_and_databases_and_is_no_superuser(migrated: Stand, connect) -> None:
    with connect("iom_admin", "iom") as conn, conn.cursor() as cursor:
        cursor.execute("select rolname from pg_roles where rolsuper")
        assert cursor.fetchall() == [("postgres",)]
        cursor.execute("select datname, pg_get_userbyid(datdba) from pg_database where datname in ('iom', 'airflow') order by 1")
        assert cursor.fetchall() == [("airflow", "airflow"), ("iom", "iom_owner")]


@pytest.mark.parametrize("role", ["iom_owner", "iom_loader", "iom_linker", "iom_transformer", "iom_publisher", "iom_display"])
def test_every_stage_connects_with_its_own_secret(migrated: Stand, connect, role: str) -> None:
    connect(role, "iom").close()
    assert "password authentication failed" in refused(connect, role, "iom", secret="redis")


@pytest.mark.parametrize(
    ("user", "dbname"),
    [("postgres", "iom"), ("postgres", "postgres"), ("airflow", "iom"), ("iom_loader", "airflow"), ("iom_loader", "postgres")],
)
def test_nobody_reaches_what_is_not_theirs(migrated: Stand, connect, user: str, dbname: str) -> None:
    assert "pg_hba.conf rejects connection" in refused(connect, user, dbname)


def test_the_server_log_holds_no_value_of_a_row(migrated: Stand, connect) -> None:
    name = "Zebulon-Quicksilver"
    statements = (
        f"select '{name}'::date",
        f"create temp table t (surname text primary key); insert into t values ('{name}'), ('{name}')",
        f"select * from no_such_table where surname = '{name}'",
    )
    for statement in statements:
        with connect("iom_owner", "iom") as conn, conn.cursor() as cursor, pytest.raises(psycopg2.Error):
            cursor.execute(statement)
    log = migrated.log("database")
    assert "iom_owner@iom" in log, "the log should say who connected"
    assert name not in log


def test_times_are_those_of_london(migrated: Stand, connect) -> None:
    with connect("iom_admin", "postgres") as conn, conn.cursor() as cursor:  # not iom, which has a setting of its own
        cursor.execute("show timezone")
        assert cursor.fetchone() == ("Europe/London",)
