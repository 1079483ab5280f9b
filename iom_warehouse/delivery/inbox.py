"""What lies in the inbox: INBOX/<feed>/<YYYY-MM-DD>.<sequence>/ with a manifest written last."""

import re
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from iom_warehouse.delivery import manifest

FOLDER_NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,12})")
SETTLING_SECONDS = 60  # an unreadable manifest that was written less long ago may still be on its way


@dataclass(frozen=True, order=True)
class DeliveryFolder:
    """A complete delivery in the inbox; sorts by sequence."""

    sequence: int
    business_date: date
    feed: str
    path: Path


def folders(inbox: Path, feed: str) -> list[DeliveryFolder]:
    """The feed's delivery folders that have their manifest, by sequence. Folders still arriving are left out."""
    complete = (find(inbox, feed, path.name) for path in _children(inbox / feed))
    return sorted(found for found in complete if found and not _is_settling(found.path))


def find(inbox: Path, feed: str, name: str) -> DeliveryFolder | None:
    """The delivery in the folder `name` of a feed; None when it is no delivery folder or has no manifest of its own."""
    found = _named(feed, inbox / feed / name) if FOLDER_NAME.fullmatch(name) else None
    return found if found and manifest.is_there(found.path) else None


def oddities(inbox: Path, feeds: list[str]) -> list[str]:
    """What lies in the inbox and is no delivery, as relative paths fit to be shown. A folder still arriving is none of them."""
    strangers = [path for path in _children(inbox) if path.name not in feeds]
    for feed in feeds:
        strangers += [path for path in _children(inbox / feed) if _named(feed, path) is None or _has_false_manifest(path)]
    return sorted(ascii(str(path.relative_to(inbox))) for path in strangers)


def arriving(inbox: Path, feeds: list[str]) -> list[str]:
    """Folders without a manifest, or with one that is new and cannot be read yet, as relative paths fit to be shown."""
    found = [path for feed in feeds for path in _children(inbox / feed) if _named(feed, path) and not _has_false_manifest(path)]
    unfinished = [path for path in found if not manifest.is_there(path) or _is_settling(path)]
    return sorted(ascii(str(path.relative_to(inbox))) for path in unfinished)


def unlisted(folder: Path, listed: Collection[str]) -> int:
    """How many things lie in a delivery's folder that its manifest does not list. Their names may hold anything: none is told."""
    return sum(path.name not in listed for path in _children(folder) if path.name != manifest.MANIFEST)


def _children(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if not path.name.startswith("."))


def _named(feed: str, path: Path) -> DeliveryFolder | None:
    match = FOLDER_NAME.fullmatch(path.name)
    if not match or path.is_symlink() or not path.is_dir():
        return None
    try:
        return DeliveryFolder(int(match[2]), date.fromisoformat(match[1]), feed, path)
    except ValueError:
        return None


def _has_false_manifest(path: Path) -> bool:
    """Whether something is called like a manifest and is no file of this folder, such as a symbolic link."""
    return (path / manifest.MANIFEST).is_symlink() or ((path / manifest.MANIFEST).exists() and not manifest.is_there(path))


def _is_settling(path: Path) -> bool:
    """Whether the manifest is so new that it may be half written, and looks as if it were."""
    written = (path / manifest.MANIFEST).stat().st_ctime  # copying tools may set the time of modification back
    return time.time() - written < SETTLING_SECONDS and not manifest.is_json(path)
