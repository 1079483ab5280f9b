"""SIGINT and SIGTERM in the middle of a DAG run of the night: heard at once, obeyed when the statement at work is over.

Python calls a handler between two of its own instructions, and so not while PostgreSQL works for it. What is said at once is
therefore said by a thread, to which the interpreter passes the number of every signal as it comes.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from iom_warehouse.platform.errors import IomError

ASKED = (signal.SIGINT, signal.SIGTERM)
OVER = b"\0"  # is no number of a signal
GOES_ON = "What was under way is done again by: iom nightly"


@contextmanager
def by_a_signal(dag: Any, terminal: int) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the task that runs, and with it the whole run; the second of them ends the process at once.

    `terminal`: a file descriptor, on which it is said that they were heard. To Airflow a task that was ended is one that failed,
    and it would go on with the next. It takes SIGTERM for itself and hands it on to the task's `on_kill`, which it also calls
    when the task has taken too long. Raises IomError at the end of a run that was asked to end.
    """
    from airflow.sdk.exceptions import AirflowTaskTimeout

    was_asked = False

    def end(*_: Any) -> None:
        nonlocal was_asked
        was_asked = True
        raise KeyboardInterrupt

    def on_kill() -> None:
        if not isinstance(sys.exc_info()[1], AirflowTaskTimeout):
            end()

    for task in dag.tasks:
        task.on_kill = on_kill
    before = {number: signal.signal(number, end) for number in ASKED}
    try:
        with _answered(dag.dag_id, terminal):
            yield
    except KeyboardInterrupt:
        if not was_asked:
            raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if was_asked:
        raise IomError(f"Ended by a signal in the middle of {dag.dag_id}.", GOES_ON)


@contextmanager
def _answered(dag_id: str, terminal: int) -> Iterator[None]:
    """Have a thread say that a signal was heard, until the end of the block."""
    numbers, wakes = os.pipe()
    os.set_blocking(wakes, False)
    thread = threading.Thread(target=_answer, args=(numbers, dag_id, terminal), daemon=True)
    thread.start()
    before = signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.write(wakes, OVER)
        thread.join()
        os.close(wakes)
        os.close(numbers)


def _answer(numbers: int, dag_id: str, terminal: int) -> None:
    """Every step can be killed at any point and done again, so the second signal need not wait for anything."""
    times = 0
    while (read := os.read(numbers, 1)) != OVER:
        if read[0] not in ASKED:
            continue
        times += 1
        if times > 1:
            _say(terminal, f"Ended at once in the middle of {dag_id}; what is half done is made again by the next run. {GOES_ON}")
            os._exit(128 + read[0])
        _say(
            terminal,
            f"Heard: {dag_id} ends as soon as the statement at work is over. A second signal (Ctrl-C again) ends it at once,"
            " which is safe as well.",
        )


def _say(terminal: int, words: str) -> None:
    with suppress(OSError):  # whoever read it may be gone, and a second signal has to be heard all the same
        os.write(terminal, f"{words}\n".encode())
