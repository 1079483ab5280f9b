"""The Makefile: paths with spaces arrive whole, and `make clean` removes what a run has marked and nothing else."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from iom_warehouse.platform import state
from iom_warehouse.platform.settings import PROJECT_DIR

SHOW = '--eval=show: ; @printf "%s|" "$$IOM_STATE_DIR" "$$IOM_INBOX" "$$IOM_CONFIGURATION_DIR"'


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "-C", str(PROJECT_DIR), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "the partnership's state"
    (path / "reports").mkdir(parents=True)
    return path


def test_paths_arrive_whole() -> None:
    shown = make(SHOW, "show", "STATE=/a b/state", "INBOX=in box", "CONFIG=/c d/it's")
    assert shown.stdout == "/a b/state|in box|/c d/it's|"


def test_up_on_a_port_in_use_says_so_and_starts_nothing(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = somebody.getsockname()[1]
        done = make("-o", ".venv/.done", "up", f"STATE={folder}", f"PORT={port}")
    assert done.returncode
    assert f"Port {port} of 127.0.0.1 is in use" in done.stdout and "make up PORT=" in done.stdout
    assert [path.name for path in folder.iterdir()] == ["reports"], "nothing was made, so nothing was started"


def test_up_with_an_inbox_that_is_not_there_says_so(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    done = make("-o", ".venv/.done", "up", f"STATE={folder}", f"PORT={port}", "INBOX=/nowhere/inbox")
    assert done.returncode and "The inbox /nowhere/inbox is no folder" in done.stdout + done.stderr


def test_clean_removes_a_state_directory(folder: Path) -> None:
    (folder / state.MARK).touch()
    assert make("clean", f"STATE={folder}").returncode == 0
    assert not folder.exists()


def test_clean_leaves_a_directory_that_is_no_state(folder: Path) -> None:
    done = make("clean", f"STATE={folder}")
    assert done.returncode and state.MARK in done.stderr
    assert (folder / "reports").is_dir()


def test_clean_stops_when_something_still_runs_there(folder: Path) -> None:
    (folder / state.MARK).touch()
    assert make("clean", f"STATE={folder}", IOM_CUT_OFF_HOUR="no hour").returncode  # any reason for `iom down` to fail
    assert (folder / "reports").is_dir()
