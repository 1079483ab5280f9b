"""Passwords as files, one per role, mode 0600. Made here when the directory is ours to write, never shown."""

import os
import secrets as random_secrets
import tempfile
from pathlib import Path

from iom_warehouse.platform import state
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings


def path_of(name: str) -> Path:
    """The file of a secret, whether it is there or not."""
    return settings().secrets_dir / name


def exists(name: str) -> bool:
    """Whether the secret is there; an empty file is none."""
    path = path_of(name)
    return path.is_file() and bool(path.read_text().strip())


def read(name: str) -> str:
    """The secret's value. Raises IomError when the file is missing or empty."""
    if not exists(name):
        raise IomError(
            f"The secret {name} is missing from {settings().secrets_dir}.",
            "Put the file there, mode 0600; `iom db migrate` makes those of the stages.",
        )
    return path_of(name).read_text().strip()


def read_or_make(name: str) -> str:
    """The secret's value; a missing one is made from 32 random bytes."""
    if not exists(name):
        write(name, random_secrets.token_urlsafe(32))
    return read(name)


def write(name: str, value: str) -> None:
    """Write a secret for its owner only, wholly or not at all: a kill leaves the old file, or none."""
    path = path_of(name)
    if settings().state_dir in path.parents:
        state.make()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, unfinished = tempfile.mkstemp(prefix=".unfinished-", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as handle:
            handle.write(value)
            handle.flush()
            os.fsync(handle.fileno())
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
