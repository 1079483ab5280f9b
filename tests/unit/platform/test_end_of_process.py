"""A process that ends without a last look through its objects ends as any other: its status, its last words, what it owes."""

import subprocess
import sys

import pytest

PROCESS = """
import atexit, sys
from iom_warehouse.platform import garbage
atexit.register(print, "owed")
with garbage.without_a_last_look():
    print("said")
    {}
"""


@pytest.mark.parametrize(
    ("end", "status", "complaint"),
    [("pass", 0, ""), ("sys.exit()", 0, ""), ("sys.exit(3)", 3, ""), ("sys.exit('no such night')", 1, "no such night\n")],
)
def test_it_ends_as_it_would(end: str, status: int, complaint: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROCESS.format(end)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (status, "said\nowed\n", complaint)


def test_a_fault_is_told_as_ever() -> None:
    done = subprocess.run([sys.executable, "-c", PROCESS.format("1 / 0")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "said\nowed\n") and "ZeroDivisionError" in done.stderr
