"""Files that are handed out, each looked up below the folder of its kind: what is asked for names no place on the disk."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from iom_warehouse.platform import report_files
from iom_warehouse.platform.settings import settings
from iom_warehouse.site.register import Facts

MEDIA = {
    "html": "text/html; charset=utf-8", "pdf": "application/pdf", "csv": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


class NotAsReleasedError(Exception):
    """The file of a released report is not the one that was released."""


@dataclass(frozen=True)
class Served:
    """A file as it goes out; `part` is the first folder of its path, empty for a file that lies in none."""

    name: str
    content: bytes
    media: str
    part: str = ""


def report(facts: Facts, form: str) -> Served | None:
    """A format of a report of `reports_of`; None where it was not written. Raises NotAsReleasedError.

    The digests of a released report were kept when it was released, so whatever became of its files, no other one goes out.
    """
    path = settings().state_dir / "reports" / report_files.path_of(facts, form)
    is_released = facts["state"] in report_files.RELEASED
    if not path.is_file() or (is_released and form not in facts["files"]):
        return None
    content = path.read_bytes()
    if is_released and hashlib.sha256(content).hexdigest() != facts["files"][form]:
        raise NotAsReleasedError
    return Served(path.name, content, MEDIA[form])


def validation(name: str) -> Served | None:
    """A page for auditors and engineers by its path below `validation`; None where there is no such page."""
    return _page("validation", name)


def documentation(name: str) -> Served | None:
    """A page of the data dictionary or of the methods."""
    return _page("documentation", name)


def _page(kind: str, name: str) -> Served | None:
    folder = (settings().state_dir / kind).resolve()
    path = (folder / (f"{name}index.html" if name.endswith("/") or not name else name)).resolve()
    if not path.is_relative_to(folder) or path.suffix != ".html" or not path.is_file():
        return None
    return Served(path.name, path.read_bytes(), MEDIA["html"], _part(path.relative_to(folder)))


def _part(path: Path) -> str:
    return path.parts[0] if len(path.parts) > 1 else ""
