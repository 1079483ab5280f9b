"""Tests that lack a program are left out, and fail instead where nothing may be left out: a green run there has run them all."""

import os
from collections.abc import Generator

import pytest

NOTHING_LEFT_OUT = "TESTS_LEAVE_NOTHING_OUT"  # set by .ci/run, which installs the programs
NAMED = ("apt-get install ", "Debian package ")  # in the reason of each test that needs one


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    why = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
    if os.environ.get(NOTHING_LEFT_OUT) and any(words in why for words in NAMED):
        report.outcome = "failed"
        report.longrepr = f"{NOTHING_LEFT_OUT} is set, and this test was left out: {why}"
    return report
