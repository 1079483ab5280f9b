"""Ten times the people cost no more than ten times as much to make up. IOM_BENCH_SAMPLE makes it larger, up to a million."""

import os
import subprocess
import sys

import pytest
from surroundings import temporary_folder

pytestmark = [pytest.mark.bench, pytest.mark.timeout(4 * 3600)]
PEOPLE = int(os.environ.get("IOM_BENCH_SAMPLE", 30_000))
WRITE = """
import resource, sys
from pathlib import Path
from iom_warehouse.synthetic.sample import write_sample
write_sample(Path(sys.argv[1]) / "inbox", Path(sys.argv[1]) / "truth", people=int(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_ten_times_the_people(stopwatch):
    for people in (PEOPLE // 10, PEOPLE):
        with temporary_folder() as folder:
            with stopwatch(f"{people:,} people"):
                command = [sys.executable, "-c", WRITE, str(folder), str(people)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
            size = sum(path.stat().st_size for path in folder.rglob("*.csv*")) // 1_000_000
            print(f"    {people:,} people: {size:,} MB of files, peak memory {int(done.stdout):,} MB")
    stopwatch.ratio(f"{PEOPLE:,} people", f"{PEOPLE // 10:,} people", limit=10)
