"""What lies in the inbox: INBOX/<feed>/<YYYY-MM-DD>.<sequence>/ with a manifest written last."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from iom_warehouse.delivery.manifest import MANIFEST

FOLDER_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,12})")
SETTLING_SECONDS = 60  # an unreadable manifest younger than this may still be on its way


@dataclass(frozen=True, order=True)
class DeliveryFolder:
    """A complete delivery in the inbox; sorts by sequence."""

    sequence: int
    business_date: date
    feed: str
    path: Path


def folders(inbox: Path, feed: str) -> list[DeliveryFolder]:
    """The feed's delivery folders that have their manifest, by sequence. Folders still arriving are left out."""
    return sorted(found for path in _children(inbox / feed) if (found := _delivery(feed, path)) and _has_arrived(path))


def oddities(inbox: Path, feeds: list[str]) -> list[str]:
    """What lies in the inbox and is no delivery, as relative paths fit to be shown."""
    strangers = [path for path in _children(inbox) if path.name not in feeds]
    strangers += [path for feed in feeds for path in _children(inbox / feed) if _delivery(feed, path) is None]
    return sorted(ascii(str(path.relative_to(inbox))) for path in strangers)


def _children(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if not path.name.startswith("."))


def _delivery(feed: str, path: Path) -> DeliveryFolder | None:
    match = FOLDER_NAME.fullmatch(path.name)
    if not match or path.is_symlink() or not path.is_dir():
        return None
    try:
        return DeliveryFolder(int(match[2]), date.fromisoformat(match[1]), feed, path)
    except ValueError:
        return None


def _has_arrived(path: Path) -> bool:
    manifest = path / MANIFEST
    if not manifest.is_file() or manifest.is_symlink():
        return False
    if time.time() - manifest.stat().st_mtime > SETTLING_SECONDS:
        return True
    try:
        json.loads(manifest.read_bytes())
    except ValueError:
        return False
    return True
