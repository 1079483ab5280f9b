"""Steps in a child process that can be killed or kills itself, and locks that stop it where a test wants it."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any

from iom_warehouse.platform import database

PATIENCE = 300  # seconds

# Forked from a server that has done nothing but import: it spares each child seconds, and unlike a fork of the tests' own process
# it carries over no lock that one of their threads held.
_children = multiprocessing.get_context("forkserver")
_children.set_forkserver_preload(["iom_warehouse.loading", "iom_warehouse.loading.expectations"])


def start(task: Callable[..., object], *arguments: Any) -> BaseProcess:
    """Run a function in a process of its own, in the environment of now. It ends with 0 when that returned, else with 1."""
    child = _children.Process(target=_run, args=(dict(os.environ), task, arguments), daemon=True)
    child.start()
    return child


def _run(surroundings: dict[str, str], task: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    os.environ.clear()
    os.environ.update(surroundings)
    task(*arguments)


def wait(child: BaseProcess) -> int | None:
    """The exit code; negative when a signal ended it."""
    child.join()
    return child.exitcode


def kill(child: BaseProcess) -> None:
    child.kill()
    assert_killed(child)


def die(*_: object, **__: object) -> None:
    """What a child puts in the place of a function to be killed where that is called."""
    os.kill(os.getpid(), signal.SIGKILL)


def assert_killed(child: BaseProcess) -> None:
    assert wait(child) == -signal.SIGKILL


@contextmanager
def barrier(statement: str) -> Iterator[None]:
    """Hold what `statement` locks until the end of the block."""
    with database.transaction("admin") as conn:
        with conn.cursor() as cursor:
            cursor.execute(statement)
        yield
        conn.rollback()


def until_somebody_waits(stage: str = "loader") -> None:
    """Return as soon as a stage stands before a lock that is not that of another process of it."""
    query = (
        f"select exists (select from pg_stat_activity where usename = 'iom_{stage}' and datname = current_database()"
        " and wait_event_type = 'Lock' and query not like '%pg_advisory_lock%')"
    )
    until(query, f"no {stage} came to the barrier")


def until_nobody_loads() -> None:
    """Return as soon as no loader does anything, not even on behalf of a client that was killed."""
    query = (
        "select not exists (select from pg_stat_activity where usename = 'iom_loader' and datname = current_database()"
        " and state <> 'idle')"
    )
    until(query, "a connection of a loader stays")


def until(query: str, complaint: str) -> None:
    """Return as soon as the query finds true."""
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
