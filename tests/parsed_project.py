"""dbt's parse of the project, ten seconds long: what one test has parsed, later ones begin with, as a next night would."""

import os
import shutil
from pathlib import Path

import pytest

FILE = Path("dbt", "target", "partial_parse.msgpack")


def of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it lies for all workers."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / FILE.name


def take(of_run: Path, state: Path) -> None:
    """Give a state directory what there is."""
    if of_run.exists():
        (state / FILE).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(of_run, state / FILE)


def keep(of_run: Path, state: Path) -> None:
    """Keep what was parsed in a state directory for the others, whole."""
    if not of_run.exists() and (state / FILE).exists():
        unfinished = of_run.with_suffix(f".{os.getpid()}")
        shutil.copy(state / FILE, unfinished)
        unfinished.replace(of_run)
