"""Steps of a load in a child process that can be killed, and locks that stop it where a test wants it."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from iom_warehouse.loading import expectations
from iom_warehouse.platform import database

PATIENCE = 300  # seconds


def start(task: Callable[[], object]) -> int:
    """Run `task` in a fork of this process, which spares it seconds of imports. Returns its process id; it ends with 0 when the
    task returned, else with 1."""
    child = os.fork()
    if child == 0:
        of_the_parent = dict(expectations._sources)  # open connections that are not the child's to use, nor to close
        expectations._sources.clear()
        try:
            task()
            assert of_the_parent is not None
            os._exit(0)
        except BaseException as error:
            print(f"child: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(1)
    return child


def wait(child: int) -> int:
    """The exit code; negative when a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    assert wait(child) == -signal.SIGKILL


@contextmanager
def barrier(statement: str) -> Iterator[None]:
    """Hold what `statement` locks until the end of the block."""
    with database.transaction("admin") as conn:
        with conn.cursor() as cursor:
            cursor.execute(statement)
        yield
        conn.rollback()


def until_somebody_waits() -> None:
    """Return as soon as a loader stands before a lock that is not that of another load."""
    query = (
        "select exists (select from pg_stat_activity where usename = 'iom_loader' and datname = current_database()"
        " and wait_event_type = 'Lock' and query not like '%pg_advisory_lock%')"
    )
    _until(query, "no load came to the barrier")


def until_nobody_loads() -> None:
    """Return as soon as no loader does anything, not even on behalf of a client that was killed."""
    query = (
        "select not exists (select from pg_stat_activity where usename = 'iom_loader' and datname = current_database()"
        " and state <> 'idle')"
    )
    _until(query, "a connection of a loader stays")


def _until(query: str, complaint: str) -> None:
    conn = database.connect("admin")
    conn.autocommit = True  # a transaction would see the same activity for ever
    try:
        for _ in range(PATIENCE * 50):
            with conn.cursor() as cursor:
                cursor.execute(query)
                if cursor.fetchone()[0]:
                    return
            time.sleep(0.02)
    finally:
        conn.close()
    raise AssertionError(complaint)
