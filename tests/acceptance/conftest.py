"""Whole runs of the one command, each in a process and a state directory of its own."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import parsed_project
import pytest
from installations import Installation
from surroundings import environment, temporary_folder

from iom_warehouse.platform import postgres_server, secrets
from iom_warehouse.platform.settings import PROJECT_DIR


@dataclass
class Installer:
    """Makes installations in a folder, each with its own state directory."""

    folder: Path
    parsed: Path
    made: list[Installation] = field(default_factory=list)

    def __call__(self, state: Path, **settings: str | Path) -> Installation:
        parsed_project.take(self.parsed, state)
        self.made.append(Installation(state, {f"IOM_{name.upper()}": str(value) for name, value in settings.items()}))
        return self.made[-1]

    def close(self) -> None:
        for one in self.made:
            one.iom("db", "down", check=False)
            parsed_project.keep(self.parsed, one.state)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installer]:
    """The servers of what it makes are stopped at the end of the module."""
    with temporary_folder() as folder:
        installer = Installer(folder, parsed_project.of_this_run(tmp_path_factory))
        yield installer
        installer.close()


@pytest.fixture(scope="module")
def server_of_their_own() -> Iterator[dict[str, str | Path]]:
    """Settings of a partnership that has a PostgreSQL server: its address, and secrets with the administrator's password."""
    with temporary_folder() as folder:
        with environment(state_dir=folder / "elsewhere"):
            postgres_server.start()
            url = f"postgresql://postgres@127.0.0.1:{postgres_server.port()}/county"
            password = secrets.path_of("postgres")
        theirs = folder / "secrets"
        theirs.mkdir(mode=0o700)
        shutil.copy(password, theirs)
        yield {"database_url": url, "secrets_dir": theirs}
        with environment(state_dir=folder / "elsewhere"):
            postgres_server.stop("immediate")


@pytest.fixture(scope="module")
def example(installation) -> Callable[..., tuple[Installation, str]]:
    """Runs one of the project's examples with its own configuration folder. Returns the installation and what was printed."""

    def run(name: str, **more: str | Path) -> tuple[Installation, str]:
        inbox = installation.folder / f"{name}_inbox"
        configuration = PROJECT_DIR / "examples" / name / "partnership"
        made = installation(installation.folder / name, inbox=inbox, configuration_dir=configuration, **more)
        made.iom("example", name, str(inbox))
        return made, made.iom("nightly").stdout

    return run
