"""The contracts: what each agency delivers and what is checked about it. One file per feed, and no other place, says so.

    for contract in contracts.all():
        for file in contract.files: …

Light to import: DAG files read contracts on every parse.
"""

from functools import lru_cache
from pathlib import Path

from iom_warehouse.contracts import reading
from iom_warehouse.contracts.model import Column, Contract, ContractError, File, Reference, Role, Rule
from iom_warehouse.platform.settings import settings

__all__ = ["Column", "Contract", "ContractError", "File", "Reference", "Role", "Rule", "all", "get"]

DEFAULTS = "defaults.yml"


def all(directory: Path | str | None = None) -> list[Contract]:
    """Every contract of `directory` (default: the setting contracts_dir), sorted by feed. Raises ContractError for a wrong one.

    A folder without a defaults.yml of its own uses the one that comes with the project.
    """
    folder = _folder(directory)
    feeds = _feeds(folder)
    if not feeds:
        raise ContractError(
            f"There is no contract in {folder}.", "Point IOM_CONTRACTS_DIR at the folder with one .yml file per feed."
        )
    return [get(feed, folder) for feed in feeds]


def get(feed: str, directory: Path | str | None = None) -> Contract:
    """The contract of one feed; the others are not read. Raises ContractError when there is none, or when it is wrong."""
    folder = _folder(directory)
    if feed not in _feeds(folder):
        raise ContractError(f"There is no feed {feed!r} in {folder}.", f"There are: {', '.join(_feeds(folder)) or 'none'}.")
    path, defaults = folder / f"{feed}.yml", folder / DEFAULTS
    if not defaults.exists():
        defaults = settings().project_dir / "expectations" / DEFAULTS
    return _read(path, _stamp(path), defaults, _stamp(defaults))


def _folder(directory: Path | str | None) -> Path:
    return Path(directory) if directory else settings().contracts_dir


def _feeds(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yml") if path.name != DEFAULTS)


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when a file does: its time and size."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=64)
def _read(path: Path, _stamp: tuple[int, int], defaults: Path, _defaults_stamp: tuple[int, int]) -> Contract:
    return reading.read(path, _defaults(defaults, _defaults_stamp))


@lru_cache(maxsize=4)
def _defaults(path: Path, _stamp: tuple[int, int]) -> reading.Defaults:
    return reading.read_defaults(path)
