"""Where nothing may be left out, a test that lacks a program of the system fails; any other skip stays one."""

import os
import subprocess
import sys
from pathlib import Path

import left_out
import pytest

FILE = """
import pytest

@pytest.fixture
def browser():
    pytest.skip("needs Chromium: apt-get install chromium")

def test_in_a_browser(browser): ...

@pytest.mark.skipif(True, reason="needs gpg (Debian package gpg)")
def test_with_gpg(): ...

@pytest.mark.skipif(True, reason="runs as an ordinary user then")
def test_as_root(): ...
"""


@pytest.mark.parametrize(("is_set", "ended"), [("", "3 skipped"), ("1", "1 skipped, 2 errors")])
def test_a_test_without_its_program(tmp_path: Path, is_set: str, ended: str) -> None:
    (tmp_path / "test_it.py").write_text(FILE)
    surroundings = os.environ | {left_out.NOTHING_LEFT_OUT: is_set, "PYTHONPATH": str(Path(left_out.__file__).parent)}
    apart = ["-p", "left_out", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    command = [sys.executable, "-m", "pytest", "-q", *apart]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert ended in done.stdout, done.stdout
    assert (done.returncode == 0) == (not is_set)
