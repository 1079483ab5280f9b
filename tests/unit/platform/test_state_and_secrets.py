"""The state directory's mark and mode, and secrets that survive a kill."""

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from surroundings import environment

from iom_warehouse.orchestration import airflow_home
from iom_warehouse.platform import secrets, state
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import PROJECT_DIR, settings


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A state directory that is not there yet, with a space and a quote in its name."""
    path = tmp_path / "the partnership's state"
    with environment(state_dir=path):
        yield path


def test_a_command_about_this_state_names_it_as_a_shell_takes_it(folder: Path, tmp_path: Path) -> None:
    begins = state.how_commands_begin()
    assert shlex.split(begins) == [f"IOM_STATE_DIR={folder}", "iom"]
    with environment(inbox=tmp_path / "in", configuration_dir=tmp_path / "their rules", database_url="postgresql://u:secret@h/d"):
        words = shlex.split(state.how_commands_begin())
    assert words[1:] == [
        f"IOM_INBOX={tmp_path / 'in'}", f"IOM_CONFIGURATION_DIR={tmp_path / 'their rules'}", "IOM_DATABASE_URL=$IOM_DATABASE_URL",
        "iom",
    ]  # fmt: skip
    with environment(state_dir=".state"):
        assert state.how_commands_begin() == "iom", "the one that commands speak of by themselves"


def test_a_secret_is_made_once_for_its_owner_only(folder: Path) -> None:
    made = secrets.read_or_make("key")
    assert len(made) >= 40 and secrets.read_or_make("key") == made
    assert stat.S_IMODE(secrets.path_of("key").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "secrets").stat().st_mode) == 0o700


def test_an_empty_file_is_no_secret(folder: Path) -> None:
    (folder / "secrets").mkdir(parents=True)
    (folder / "secrets" / "key").touch()
    with pytest.raises(IomError, match="missing"):
        secrets.read("key")
    assert secrets.read_or_make("key")


def test_a_write_that_fails_leaves_the_old_value_and_nothing_else(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = secrets.read_or_make("key")

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        secrets.write("key", "other")
    assert secrets.read("key") == before
    assert [path.name for path in (folder / "secrets").iterdir()] == ["key"]


def test_the_first_run_marks_and_closes_the_state_directory(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    (folder / "inbox").mkdir()
    assert state.make() == folder
    assert (folder / state.MARK).is_file()
    assert stat.S_IMODE(folder.stat().st_mode) == (0o750 if os.geteuid() else 0o711)


def test_a_directory_of_somebody_elses_is_neither_marked_nor_changed(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    (folder / "thesis.txt").touch()
    state.make()
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_an_inbox_of_the_partnerships_own_is_never_marked(folder: Path) -> None:
    (folder / "inbox").mkdir(parents=True)
    with environment(inbox=folder / "inbox"):
        state.make()
    assert not (folder / state.MARK).exists()


def test_a_relative_path_counts_from_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with environment(state_dir="a state"):
        assert settings().state_dir == PROJECT_DIR / "a state"


def test_airflow_reads_its_secrets_from_a_folder_with_any_name(folder: Path) -> None:
    secrets.write("airflow_fernet_key", "the value")
    assert os.popen(airflow_home.environment()["AIRFLOW__CORE__FERNET_KEY_CMD"]).read() == "the value"
