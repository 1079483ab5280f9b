"""The state directory: made here with its mode and its mark. `make clean` removes only a directory that holds the mark."""

import os
import shlex
from pathlib import Path

from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import Settings, settings

MARK = ".iom-state"
NAMED = ("state_dir", "inbox", "configuration_dir", "secrets_dir")
OURS = frozenset(
    ("airflow", "dbt", "documentation", "inbox", "inbox.unfinished", "postgres", "postgres.new", "reports", "sample_truth",
     "secrets", "sender_reports", "validation")
)  # fmt: skip


def make() -> Path:
    """The state directory, made and marked by the first run. Returns its path.

    A directory that held something else before, such as an inbox of the partnership's own, is used as it is: without the mark,
    nothing ever removes it.
    """
    folder = settings().state_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IomError(
            f"The state directory {folder} cannot be made: {error.strerror}.", "Give STATE a folder that you may write to."
        ) from None
    if not (folder / MARK).exists() and _all_is_ours(folder):
        _close(folder)
        (folder / MARK).write_text("The state of an IOM partnership warehouse; `make clean` removes this directory.\n")
    return folder


def sample_truth() -> Path:
    """Where the sample says who really is who."""
    return settings().state_dir / "sample_truth"


def holds_sample() -> bool:
    """Whether what is loaded here is the sample, whose nights are long over: its newest night is its today."""
    return "inbox" not in settings().model_fields_set and sample_truth().is_dir()


def how_commands_begin() -> str:
    """How a command line about this state begins, as a shell takes it: the settings that name it, and `iom`."""
    given = settings()
    named = {name: str(getattr(given, name)) for name in NAMED if name in given.model_fields_set}
    if given.state_dir == Settings.model_fields["state_dir"].default:
        named.pop("state_dir", None)
    words = [f"IOM_{name.upper()}={shlex.quote(value)}" for name, value in named.items()]
    if given.database_url:
        words.append('IOM_DATABASE_URL="$IOM_DATABASE_URL"')  # it may hold a password
    return " ".join([*words, "iom"])


def _all_is_ours(folder: Path) -> bool:
    given = {settings().inbox.name} if "inbox" in settings().model_fields_set else set()
    return {path.name for path in folder.iterdir()} <= OURS - given


def _close(folder: Path) -> None:
    """Mode 0750; as root 0711, since the server's own user must pass through. What was closed before stays closed."""
    found = folder.stat()
    if found.st_uid == os.geteuid():
        folder.chmod(found.st_mode & 0o7777 & ~(0o027 if found.st_uid else 0o066))
