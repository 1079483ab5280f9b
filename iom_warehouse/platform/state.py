"""The state directory: made here with its mode and its mark. `make clean` removes only a directory that holds the mark."""

import os
from pathlib import Path

from iom_warehouse.platform.settings import settings

MARK = ".iom-state"
OURS = frozenset(
    ("airflow", "dbt", "inbox", "postgres", "postgres.new", "reports", "sample_truth", "secrets", "sender_reports", "validation")
)


def make() -> Path:
    """The state directory, made and marked by the first run. Returns its path.

    A directory that held something else before is used as it is: without the mark, nothing ever removes it.
    """
    folder = settings().state_dir
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / MARK).exists() and {path.name for path in folder.iterdir()} <= OURS:
        _close(folder)
        (folder / MARK).write_text("The state of an IOM partnership warehouse; `make clean` removes this directory.\n")
    return folder


def _close(folder: Path) -> None:
    """Mode 0750; as root 0711, since the server's own user must pass through. What was closed before stays closed."""
    found = folder.stat()
    if found.st_uid == os.geteuid():
        folder.chmod(found.st_mode & 0o7777 & ~(0o027 if found.st_uid else 0o066))
