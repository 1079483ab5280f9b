"""Measurements are printed as ratios to a reference in the same run; a limit that is exceeded fails the measurement."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


class Stopwatch:
    """Seconds of a block, kept under a label, and printed as they come."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, label: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[label] = time.perf_counter() - started
        print(f"    {label:<40}{self.seconds[label]:8.2f} s")

    def ratio(self, label: str, reference: str, limit: float) -> None:
        """Print one time as a multiple of another and hold it against its limit."""
        found = self.seconds[label] / self.seconds[reference]
        print(f"    {label} / {reference} = {found:.2f} (limit {limit})")
        assert found <= limit


@pytest.fixture(scope="module")
def stopwatch() -> Stopwatch:
    print()
    return Stopwatch()
