"""Roles, databases and the numbered migrations of `sql/`, applied by yoyo as iom_owner.

Roles belong to the whole server, and their passwords follow the secret files of whoever migrates. So a server belongs to one
warehouse: a comment on the role iom_owner holds its id, and so does the secret `warehouse_id`. Another one is refused.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
import psycopg2.errors
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor
from yoyo import get_backend, read_migrations

from iom_warehouse.platform import database, secrets
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings

log = get("platform")
LOCK_PATIENCE = "10min"
OWNER, ID = "iom_owner", "warehouse_id"
MARK = "The warehouse "  # followed by its id

# Nightly statements are few and large: they get memory and both cores. A statement that outlives its client is ended, and so
# is one that waits for a lock that somebody keeps, such as that of the audit chain: a night fails and says so, it never hangs.
STAGE_SETTINGS = {
    "work_mem": "256MB",
    "parallel_tuple_cost": "0.01",  # conversions and checks cost more than handing their rows on, which the default does not know
    "min_parallel_table_scan_size": "8MB",
    "statement_timeout": "2h",
    "lock_timeout": "5min",
    "idle_in_transaction_session_timeout": "1h",
    "client_connection_check_interval": "10s",
}


def migrate() -> list[str]:
    """Bring the database to the newest migration; returns the names of those applied now. Running it again does nothing.

    Two runs wait for each other at a lock that ends with its connection. yoyo's own lock is a row, which a killed run leaves
    behind for ever: whoever holds ours may clear it.

    Raises IomError, with nothing changed, when the server belongs to a warehouse with other secrets.
    """
    with _one_at_a_time():
        _refuse_server_of_another()
        _make_roles_and_databases()
        backend = get_backend(database.url("owner"))
        backend.break_lock()
        waiting = backend.to_apply(read_migrations(str(settings().project_dir / "sql")))
        for migration in waiting:
            log.info("migration %s", migration.id)
            backend.apply_one(migration)
    return [migration.id for migration in waiting]


def take_over() -> None:
    """Make the server this warehouse's own: its mark, and passwords of all roles from this secrets directory; then migrate."""
    with _one_at_a_time():
        _make_roles_and_databases()
    migrate()


@contextmanager
def _server() -> Iterator[psycopg2.extensions.cursor]:
    """A cursor of the administrator beside the warehouse's database, which may not be there yet."""
    with closing(psycopg2.connect(**(database.dsn("admin") | {"dbname": "postgres"}))) as conn, conn.cursor() as cursor:
        conn.autocommit = True
        yield cursor


def _refuse_server_of_another() -> None:
    with _server() as cursor:
        cursor.execute("select shobj_description(oid, 'pg_authid') from pg_roles where rolname = %s", (OWNER,))
        [mark] = cursor.fetchone() or [None]
    own = MARK + secrets.read(ID) if secrets.exists(ID) else None
    if mark and mark.startswith(MARK) and mark != own:
        raise IomError(
            "This PostgreSQL server belongs to another warehouse, with secrets other than those in"
            f" {settings().secrets_dir}; nothing was changed.",
            "Set IOM_SECRETS_DIR to that warehouse's secrets directory, or IOM_DATABASE_URL to a server of its own."
            " If that directory is lost, `iom db take-over` gives stages and people new passwords and makes the server yours.",
        )


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the server's lock of migrations."""
    with _server() as cursor:
        cursor.execute("set lock_timeout to %s", (LOCK_PATIENCE,))
        try:
            cursor.execute("select pg_advisory_lock(hashtext('iom migrations'))")
        except psycopg2.errors.LockNotAvailable:
            raise IomError("Another run has been migrating this server for long.", "Wait until it has ended.") from None
        yield


def _make_roles_and_databases() -> None:
    """The stages' login roles, the server's mark and the two databases. Passwords follow the secret files."""
    name_of_database = str(database.dsn("admin")["dbname"])
    with _server() as cursor:
        for name in [*(f"iom_{role}" for role in database.STAGE_ROLES), "airflow"]:
            _make_role(cursor, name, secrets.read_or_make(name))
        mark = sql.Literal(MARK + secrets.read_or_make(ID))
        cursor.execute(sql.SQL("comment on role {} is {}").format(sql.Identifier(OWNER), mark))
        for role in database.STAGE_ROLES:
            for setting, value in STAGE_SETTINGS.items():
                cursor.execute(
                    sql.SQL("alter role {} set {} to {}").format(
                        sql.Identifier(f"iom_{role}"), sql.Identifier(setting), sql.Literal(value)
                    )
                )
        cursor.execute("alter role iom_owner createrole")
        _make_database(cursor, name_of_database, OWNER)
        for statement in stage_rights(name_of_database):
            cursor.execute(statement)
        _make_database(cursor, "airflow", "airflow")
        # Airflow commits many times for each task. After a crash it may have forgotten its last second and run a task again that
        # had ended, which changes nothing: what became of a delivery or a build stands in our own ledger, which waits for
        # the disk.
        cursor.execute("alter role airflow set synchronous_commit to off")


def stage_rights(name: str) -> tuple[sql.Composable, ...]:
    """Statements that give the stages their rights in the database of this name, which no copy of a database takes over.

    The transformer makes the schemas of dbt itself. Nobody else may make temporary objects: a person could shadow with them
    what a function of the owner calls.
    """
    templates = (
        "revoke temporary on database {} from public",
        "grant temporary on database {} to iom_loader, iom_linker, iom_transformer",
        "grant create on database {} to iom_transformer",
    )
    return tuple(sql.SQL(template).format(sql.Identifier(name)) for template in templates)


def _make_role(cursor: Cursor, name: str, password: str) -> None:
    cursor.execute("select 1 from pg_roles where rolname = %s", (name,))
    verb = "alter" if cursor.fetchone() else "create"
    cursor.execute(sql.SQL("{} role {} login password {}").format(sql.SQL(verb), sql.Identifier(name), sql.Literal(password)))


def _make_database(cursor: Cursor, name: str, owner: str) -> None:
    cursor.execute("select 1 from pg_database where datname = %s", (name,))
    if not cursor.fetchone():
        cursor.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(owner)))
        cursor.execute(
            sql.SQL("create database {} owner {} encoding 'UTF8' template template0").format(*map(sql.Identifier, (name, owner)))
        )
    cursor.execute(sql.SQL("revoke connect on database {} from public").format(sql.Identifier(name)))
    cursor.execute(sql.SQL("alter database {} set timezone to 'Europe/London'").format(sql.Identifier(name)))
