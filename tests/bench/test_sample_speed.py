"""Ten times the people cost no more than ten times as much to make up. IOM_BENCH_SAMPLE makes it larger, up to a million.

Held against the limit is the processors' time: what else the machine does makes the run longer and the ratio no other.
"""

import json
import os
import subprocess
import sys

import pytest
from surroundings import temporary_folder

pytestmark = [pytest.mark.bench, pytest.mark.timeout(4 * 3600)]
PEOPLE = int(os.environ.get("IOM_BENCH_SAMPLE", 30_000))
WRITE = """
import json, resource, sys, time
from pathlib import Path
from iom_warehouse.synthetic.sample import write_sample
started, worked = time.perf_counter(), time.process_time()
write_sample(Path(sys.argv[1]) / "inbox", Path(sys.argv[1]) / "truth", people=int(sys.argv[2]))
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([time.perf_counter() - started, time.process_time() - worked, memory]))
"""


def label(people: int) -> str:
    return f"{people:,} people"


def test_ten_times_the_people(stopwatch):
    for people in (PEOPLE // 10, PEOPLE):
        with temporary_folder(on_disk=True) as folder:
            command = [sys.executable, "-c", WRITE, str(folder), str(people)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seconds, worked, memory = json.loads(done.stdout.splitlines()[-1])
            stopwatch.seconds[label(people)] = worked  # without starting Python, which would flatter the larger one
            size = sum(path.stat().st_size for path in folder.rglob("*.csv*")) // 1_000_000
            took = f"{seconds:.1f} s, {worked:.1f} s of processors"
            print(f"    {label(people)}: {took}, {size:,} MB of files, peak memory {memory:,} MB")
    stopwatch.ratio(label(PEOPLE), label(PEOPLE // 10), limit=10)
