"""Whole runs of the one command, each in a process and a state directory of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from installations import Installation
from surroundings import temporary_folder

from iom_warehouse.platform.settings import PROJECT_DIR


@pytest.fixture(scope="module")
def installation() -> Iterator[Callable[..., Installation]]:
    """Makes installations, each with its own state directory, and stops their servers at the end of the module."""
    made: list[Installation] = []

    def make(state: Path, **settings: str | Path) -> Installation:
        made.append(Installation(state, {f"IOM_{name.upper()}": str(value) for name, value in settings.items()}))
        return made[-1]

    with temporary_folder() as folder:
        make.folder = folder  # type: ignore[attr-defined]
        yield make
        for one in made:
            one.iom("db", "down", check=False)


@pytest.fixture(scope="module")
def example(installation) -> Callable[[str], tuple[Installation, str]]:
    """Runs one of the project's examples with its own configuration folder. Returns the installation and what was printed."""

    def run(name: str) -> tuple[Installation, str]:
        inbox = installation.folder / f"{name}_inbox"
        configuration = PROJECT_DIR / "examples" / name / "partnership"
        made = installation(installation.folder / name, inbox=inbox, configuration_dir=configuration)
        made.iom("example", name, str(inbox))
        return made, made.iom("nightly").stdout

    return run
