"""What lies in the inbox: INBOX/<feed>/<YYYY-MM-DD>.<sequence>/ with a manifest written last."""

import os
import re
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from iom_warehouse.delivery import manifest
from iom_warehouse.platform.errors import IomError

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
    complete = (find(inbox, feed, path.name) for path in _open_children(inbox / feed))
    return sorted(found for found in complete if found and not _is_settling(found.path))


def find(inbox: Path, feed: str, name: str) -> DeliveryFolder | None:
    """The delivery in the folder `name` of a feed; None when it is no delivery folder or has no manifest of its own.

    Raises IomError for one that may not be read.
    """
    found = _named(feed, inbox / feed / name) if FOLDER_NAME.fullmatch(name) else None
    if found and not _may_be_read(found.path):
        raise IomError(f"{found.path} may not be read by this service.", "Mend its permissions: it waits until then.")
    return found if found and manifest.is_there(found.path) else None


def closed(inbox: Path, feeds: list[str], done: Collection[tuple[str, str]] = ()) -> list[str]:
    """Folders of feeds and of deliveries that this service may not read, as relative paths fit to be shown.

    `done`: feed and folder name of the deliveries of which nothing is to be read any more.
    """
    places = [inbox / feed for feed in feeds if (inbox / feed).is_dir()]
    open_matters = (path for place in places for path in _children(place) if (place.name, path.name) not in done)
    deliveries = [path for path in open_matters if _named(path.parent.name, path) and not _may_be_read(path)]
    shut = [place for place in places if not _may_be_listed(place)] + deliveries
    return _to_be_shown(shut, inbox)


def oddities(inbox: Path, feeds: list[str]) -> dict[str, int]:
    """How many things lie in the inbox (`.`) and in the folder of each feed that are no delivery, where there are any.

    Their names may hold anything, a person's too: none is told. A folder still arriving is none of them.
    """
    strangers = {".": sum(path.name not in feeds for path in _children(inbox))}
    for feed in feeds:
        found = _open_children(inbox / feed)
        strangers[feed] = sum(_named(feed, path) is None or _has_false_manifest(path) for path in found)
    return {place: count for place, count in strangers.items() if count}


def without_manifest(inbox: Path, feeds: list[str]) -> list[str]:
    """Folders of deliveries that have no manifest, as relative paths fit to be shown: what is written last has not come."""
    return _to_be_shown((path for path in _deliveries(inbox, feeds) if not manifest.is_there(path)), inbox)


def settling(inbox: Path, feeds: list[str]) -> list[str]:
    """Folders with a manifest that is new and cannot be read yet, as relative paths fit to be shown."""
    return _to_be_shown((path for path in _deliveries(inbox, feeds) if manifest.is_there(path) and _is_settling(path)), inbox)


def unlisted(folder: Path, listed: Collection[str]) -> int:
    """How many things lie in a delivery's folder that its manifest does not list. Their names may hold anything: none is told."""
    return sum(path.name not in listed for path in _children(folder) if path.name != manifest.MANIFEST)


def _deliveries(inbox: Path, feeds: list[str]) -> Iterator[Path]:
    """Folders called like a delivery that have a manifest of their own, or none yet."""
    for feed in feeds:
        yield from (path for path in _open_children(inbox / feed) if _named(feed, path) and not _has_false_manifest(path))


def _to_be_shown(paths: Iterable[Path], inbox: Path) -> list[str]:
    return sorted(ascii(str(path.relative_to(inbox))) for path in paths)


def _children(folder: Path) -> Iterator[Path]:
    if folder.is_dir() and _may_be_listed(folder):
        yield from (path for path in folder.iterdir() if not path.name.startswith("."))


def _open_children(folder: Path) -> Iterator[Path]:
    """What one account may not read must not stop what others have sent."""
    yield from (path for path in _children(folder) if _may_be_read(path))


def _may_be_listed(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.X_OK)


def _may_be_read(path: Path) -> bool:
    """Whether a folder, and every file in it, can be opened; what is no folder is for others to judge."""
    if path.is_symlink() or not path.is_dir():
        return True
    return _may_be_listed(path) and all(
        file.is_symlink() or not file.is_file() or os.access(file, os.R_OK) for file in path.iterdir()
    )


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
    try:
        written = (path / manifest.MANIFEST).stat().st_ctime  # copying tools may set the time of modification back
    except FileNotFoundError:  # taken away meanwhile
        return True
    return time.time() - written < SETTLING_SECONDS and not manifest.is_json(path)
