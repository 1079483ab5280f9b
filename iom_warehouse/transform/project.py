"""The dbt project as files: where they are and whether they changed. Without dbt, which takes seconds to load."""

import hashlib
from pathlib import Path

from iom_warehouse.platform.settings import settings


def folder() -> Path:
    return settings().project_dir / "dbt_project"


def digest() -> str:
    """Digest of what makes the marts: names and contents of all files of the project but what is said about it, and of the
    migrations, whose functions the models call.
    """
    found = hashlib.sha256()
    home = settings().project_dir
    for path in (*(file for file in files() if file.suffix != ".md"), *sorted((home / "sql").glob("*.sql"))):
        content = path.read_bytes()
        found.update(f"{path.relative_to(home)} {len(content)}\n".encode() + content)
    return found.hexdigest()


def state_dir() -> Path:
    """Where dbt keeps its parse cache, compiled SQL and logs."""
    return settings().state_dir / "dbt"


def stamp() -> int:
    """What changes when a file of the project does: names, times and sizes of all its files."""
    return hash(tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files()))


def files() -> list[Path]:
    return sorted(path for path in folder().rglob("*") if path.is_file())
