"""How often Python looks for garbage in a process that runs Airflow, dbt or Great Expectations."""

import atexit
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def look_seldom() -> None:
    """Look for garbage less often than Python does by itself.

    These libraries hold millions of objects for good, and to look through them over and over costs a fifth of a night.
    """
    gc.set_threshold(50_000, 20, 100)


@contextmanager
def without_a_last_look() -> Iterator[None]:
    """End the process at the end of the block, as `sys.exit` would, but for looking through all objects once more.

    After a night that takes three seconds, in which whoever started it waits for nothing.
    """
    status: object = 0
    try:
        yield
    except SystemExit as end:
        status = end.code
    if isinstance(status, str):
        print(status, file=sys.stderr)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # whoever read it may have left
            stream.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))
