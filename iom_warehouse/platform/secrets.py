"""Passwords as files, one per role, mode 0600. Made here when the directory is ours to write, never shown."""

import secrets as random_secrets
from pathlib import Path

from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings


def path_of(name: str) -> Path:
    """The file of a secret, whether it is there or not."""
    return settings().secrets_dir / name


def read(name: str) -> str:
    """The secret's value. Raises IomError when the file is missing or empty."""
    path = path_of(name)
    value = path.read_text().strip() if path.is_file() else ""
    if not value:
        raise IomError(
            f"The secret {name} is missing from {settings().secrets_dir}.", "Run `iom db migrate`, or put the file there."
        )
    return value


def read_or_make(name: str) -> str:
    """The secret's value; a missing one is made from 32 random bytes and written for its owner only."""
    path = path_of(name)
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(random_secrets.token_urlsafe(32))
    return read(name)
