"""What a test stands in: settings of its own and a folder of its own."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from iom_warehouse.platform.settings import settings

# A copy of a database is a thousand files: on some virtual disks they cost twenty times what they do in memory.
MEMORY = Path("/dev/shm")
ROOM = 8 << 30  # bytes: the servers of two workers


@contextmanager
def environment(**values: str | Path) -> Iterator[None]:
    """Settings from these variables (given without IOM_) until the end of the block."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(f"IOM_{name.upper()}", str(value))
        settings.cache_clear()
        yield
    settings.cache_clear()


@contextmanager
def temporary_folder(on_disk: bool = False) -> Iterator[Path]:
    """A folder that the server's own user may enter (pytest's may not be), gone at the end of the block.

    It lies in memory where there is room, unless it is asked for `on_disk`: what is measured there is to cost what it will cost.
    """
    in_memory = not on_disk and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM
    folder = Path(tempfile.mkdtemp(prefix="iom-test-", dir=MEMORY if in_memory else None))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def in_a_child(question: Callable[[], bool]) -> bool:
    """The answer of a child process that is not root, who may read everything."""
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setuid(65534)
        os._exit(0 if question() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
