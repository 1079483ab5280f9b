"""Roles, databases and the numbered migrations of `sql/`, applied by yoyo as iom_owner."""

import psycopg2
from psycopg2 import sql
from yoyo import get_backend, read_migrations

from iom_warehouse.platform import database, secrets
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings

log = get("platform")

# Nightly statements are few and large: they get memory and both cores. A statement that outlives its client is ended.
STAGE_SETTINGS = {
    "work_mem": "256MB",
    "min_parallel_table_scan_size": "8MB",
    "statement_timeout": "2h",
    "idle_in_transaction_session_timeout": "1h",
    "client_connection_check_interval": "10s",
}


def migrate() -> list[str]:
    """Bring the database to the newest migration; returns the names of those applied now. Running it again does nothing."""
    _make_roles_and_databases()
    backend = get_backend(database.url("owner"))
    with backend.lock():
        waiting = backend.to_apply(read_migrations(str(settings().project_dir / "sql")))
        for migration in waiting:
            log.info("migration %s", migration.id)
            backend.apply_one(migration)
    return [migration.id for migration in waiting]


def _make_roles_and_databases() -> None:
    """The stages' login roles and the two databases. Passwords follow the secret files."""
    admin = database.dsn("admin")
    conn = psycopg2.connect(**(admin | {"dbname": "postgres"}))
    conn.autocommit = True
    with conn.cursor() as cursor:
        for name in [*(f"iom_{role}" for role in database.STAGE_ROLES), "airflow"]:
            _make_role(cursor, name, secrets.read_or_make(name))
        for role in database.STAGE_ROLES:
            for setting, value in STAGE_SETTINGS.items():
                cursor.execute(
                    sql.SQL("alter role {} set {} to {}").format(
                        sql.Identifier(f"iom_{role}"), sql.Identifier(setting), sql.Literal(value)
                    )
                )
        cursor.execute("alter role iom_owner createrole")
        _make_database(cursor, str(admin["dbname"]), "iom_owner")
        _make_database(cursor, "airflow", "airflow")
    conn.close()


def _make_role(cursor, name: str, password: str) -> None:
    cursor.execute("select 1 from pg_roles where rolname = %s", (name,))
    verb = "alter" if cursor.fetchone() else "create"
    cursor.execute(sql.SQL("{} role {} login password {}").format(sql.SQL(verb), sql.Identifier(name), sql.Literal(password)))


def _make_database(cursor, name: str, owner: str) -> None:
    cursor.execute("select 1 from pg_database where datname = %s", (name,))
    if not cursor.fetchone():
        cursor.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(owner)))
        cursor.execute(
            sql.SQL("create database {} owner {} encoding 'UTF8' template template0").format(*map(sql.Identifier, (name, owner)))
        )
    cursor.execute(sql.SQL("revoke connect on database {} from public").format(sql.Identifier(name)))
    cursor.execute(sql.SQL("alter database {} set timezone to 'Europe/London'").format(sql.Identifier(name)))
