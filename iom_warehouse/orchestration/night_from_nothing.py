"""`make nightly`: from an empty state directory to a published table, and a summary that a person can read."""

import os
import time
from collections.abc import Callable
from datetime import date

from iom_warehouse import access, configuration, contracts
from iom_warehouse.contracts import ddl
from iom_warehouse.orchestration import airflow_home, services, summary
from iom_warehouse.platform import database, migrations, postgres_server, secrets
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings

log = get("nightly")


def run(say: Callable[[str], None]) -> list[date]:
    """Prepare everything, run every waiting night, say what came of it. Returns the nights that were built."""
    started = time.monotonic()
    settings().state_dir.mkdir(parents=True, exist_ok=True)
    if not settings().inbox.exists() and "IOM_INBOX" not in os.environ:
        _make_sample(say)
    say("Database: starting and migrating")
    prepare_database()
    say("Configuration: checking and applying")
    apply_configuration()
    say("Airflow: preparing")
    airflow_home.prepare(quiet=True)
    services.migrate()
    from iom_warehouse.orchestration import nightly  # imports Airflow, which reads its settings at import

    built = nightly.run(say)
    for line in summary.lines(built):
        say(line)
    say(f"Done in {time.monotonic() - started:.0f} s.")
    return built


def prepare_database() -> None:
    """The server (embedded, unless the settings name one), roles, migrations and the contracts' tables."""
    if not settings().database_url:
        postgres_server.start()
    migrations.migrate()
    with database.transaction("owner") as conn:
        ddl.apply(conn, contracts.all())


def psql_line() -> str:
    """A command line that opens the database as the first analyst of people_access, or else as the role of the reports."""
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute("select login from access.person_role where role = 'analyst' order by login limit 1")
        analyst = cursor.fetchone()
    login, secret = (analyst[0], f"people/{analyst[0]}") if analyst else ("iom_publisher", "iom_publisher")
    server = database.dsn("admin")
    psql = postgres_server.binary("psql")
    where = f"-h {server['host']} -p {server['port']} -U {login} {server['dbname']}"
    return f"PGPASSWORD=$(cat '{secrets.path_of(secret)}') '{psql}' {where}"


def apply_configuration() -> None:
    with database.session("owner") as conn:
        configuration.apply(settings().configuration_dir, conn)
        access.apply(conn)


def _make_sample(say: Callable[[str], None]) -> None:
    from iom_warehouse.synthetic.sample import write_sample

    say(f"No inbox was given: making a sample partnership in {settings().inbox}")
    write_sample(settings().inbox, settings().state_dir / "sample_truth")
