"""`make nightly`: from an empty state directory to a published table, and a summary that a person can read."""

import os
import shlex
import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from iom_warehouse import access, configuration, contracts
from iom_warehouse.contracts import ddl
from iom_warehouse.orchestration import airflow_home, nightly, services, summary
from iom_warehouse.platform import database, migrations, postgres_server, secrets, state
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings

log = get("nightly")
PUBLISHER = "iom_publisher"  # the login of the service that makes reports


def run(say: Callable[[str], None]) -> list[date]:
    """Prepare everything, run every waiting night, say what came of it. Returns the nights that were built.

    Raises IomError, when all that is said, for a delivery that could not be decided, for a build or report that failed, and where
    nothing that came could be loaded.
    """
    started = time.monotonic()
    prepare_inbox(say)
    say("Database: starting and migrating")
    prepare_database()
    with database.alone("loader", airflow_home.NIGHT) as is_alone:
        if not is_alone:
            raise IomError(
                "Another `iom nightly` is at work on this warehouse.",
                "Wait until it has ended; `pgrep -af 'iom nightly'` finds it.",
            )
        say("Configuration: checking and applying")
        if changed := apply_configuration():
            say(f"Configuration {changed} is in force from now on.")
        say("Airflow: preparing")
        services.migrate()
        for dag, started_at in airflow_home.end_left_runs():
            say(f"A run before this one was killed in the middle of {dag}, begun at {started_at}: what it left is done now.")
        airflow_home.prepare(in_process=True)
        since = summary.clock()
        done, failure = nightly.Done(), None
        try:
            nightly.run(done, say)
        except nightly.Failed as error:
            failure = error
    for line in summary.lines(done.built, since):
        say(line)
    say(f"Done in {time.monotonic() - started:.0f} s.")
    if failure:
        raise failure
    if done.stuck:
        names = ", ".join(f"{feed}/{folder}" for feed, folder in done.stuck.items())
        raise IomError(f"Not decided: {names}.", f"See {nightly.NIGHTLY_LOG} in the state, mend the cause and run this again.")
    if nothing := summary.nothing_loaded(since):
        raise IomError(nothing, "Above is what to do about each.")
    return done.built


def prepare_inbox(say: Callable[[str], None]) -> None:
    """The state directory, and a sample in it where no inbox was given. Raises IomError for an inbox that is no folder."""
    is_given = "IOM_INBOX" in os.environ
    if is_given and not settings().inbox.is_dir():
        raise IomError(f"The inbox {settings().inbox} is no folder.", "Give INBOX the folder of <feed>/<date>.<sequence>/.")
    state.make()
    if not settings().database_url:
        postgres_server.check_place()
    if not is_given:
        _make_sample(say)


def prepare_database() -> None:
    """The server (embedded, unless the settings name one), roles, migrations and the contracts' tables."""
    if not settings().database_url:
        postgres_server.start()
    migrations.migrate()
    with database.transaction("owner") as conn:
        ddl.apply(conn, contracts.all())


def psql_line() -> str:
    """A command line that opens the database as the first analyst of people_access, or else as the role of the reports.

    It reads the first password where that still opens it; else psql asks.
    """
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute("select login from access.person_role where role = 'analyst' order by login limit 1")
        analyst = cursor.fetchone()
    login, secret = (analyst[0], f"people/{analyst[0]}") if analyst else (PUBLISHER, PUBLISHER)
    server = database.dsn("admin")
    password, psql = (shlex.quote(str(path)) for path in (secrets.path_of(secret), postgres_server.binary("psql")))
    given = [f'PGPASSWORD="$(cat {password})"'] if _opens(login, secrets.path_of(secret)) else []
    given += [f"{name}={shlex.quote(value)}" for name, value in database.client_environment().items()]
    where = f"-h {server['host']} -p {server['port']} -U {shlex.quote(login)} {shlex.quote(str(server['dbname']))}"
    return " ".join([*given, psql, where])


def _opens(login: str, password: Path) -> bool:
    """Whether the file holds the password of a login: people change theirs, and files are handed out."""
    try:
        with database.session_of_person(login, password.read_text("utf-8").strip()):
            return True
    except (OSError, IomError):
        return False


def apply_configuration() -> int | None:
    """Returns the number of the configuration if it is a new one."""
    with database.session("owner") as conn:
        before = configuration.in_force(conn)
        number = configuration.apply(configuration.folder_given(conn), conn)
        access.apply(conn)
    return None if before and before.number == number else number


def _make_sample(say: Callable[[str], None]) -> None:
    """Write it beside the inbox first: a part of it must never be taken for the whole."""
    from iom_warehouse.synthetic.sample import write_sample

    if settings().inbox.exists():
        return
    if (settings().state_dir / nightly.NIGHTLY_LOG).exists():
        raise IomError(
            f"{settings().state_dir} was filled from an inbox of your own, and none was given now.",
            "Give INBOX and CONFIG as before; the sample needs a STATE of its own.",
        )
    say(f"No inbox was given: making a sample partnership in {settings().inbox}")
    unfinished = settings().inbox.with_name("inbox.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    write_sample(unfinished, state.sample_truth())
    unfinished.rename(settings().inbox)
