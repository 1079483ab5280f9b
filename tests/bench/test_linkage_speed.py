"""A full relink beside a bare Splink script that does the same comparisons, and a night with one per cent new records.

The bare script is given the standard records as a file and ends with clusters in memory. A relink makes the standard records from
`raw`, and ends with pairs, links, keys and evidence in PostgreSQL. A night is held against a relink without what both spend on
starting Python and importing libraries; beside the bare script each is a whole process.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import linkage_population
import pytest
from surroundings import environment, temporary_folder

from iom_warehouse import configuration, contracts
from iom_warehouse.contracts import ddl
from iom_warehouse.platform import database, migrations, postgres_server
from iom_warehouse.platform.settings import settings

pytestmark = [pytest.mark.bench, pytest.mark.timeout(4 * 3600)]
RECORDS = int(os.environ.get("IOM_BENCH_RECORDS", 1_000_000))

RELINK = """
import resource, sys, time
import splink
from iom_warehouse.linkage import link_people
from iom_warehouse.platform import database
vintage = dict.fromkeys(("police", "probation", "prison", "hub"), int(sys.argv[1]))
started = time.perf_counter()
linked = link_people(database.connect("linker"), vintage)
print(time.perf_counter() - started)
print(linked.records)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
MOST_RELINKS = 4  # a bare script that has not ended after so many times a relink is stopped: the ratio is lower still
BARE_SCRIPT = Path(__file__).parent / "bare_splink.py"
EXPORT = """
    copy (select record_id, source_file, source_key, forename, surname, forename_root, array_to_string(forenames, '|'),
        array_to_string(surnames, '|'), dob, dob_is_rough, sex, postcode, array_to_string(postcodes, '|'), pnc, cro,
        prison_number, crn
        from identity.usable_record) to stdout (format csv)
"""


@pytest.fixture(scope="module")
def warehouse():
    with temporary_folder(on_disk=True) as state, environment(state_dir=state):
        postgres_server.start()
        migrations.migrate()
        with database.transaction("owner") as owner:
            ddl.apply(owner, contracts.all())
        with database.session("owner") as owner:
            configuration.apply(settings().configuration_dir, owner)
            yield owner
        postgres_server.stop("immediate")


def run(*arguments: str) -> list[str]:
    """Run Python in a process of its own; returns the words it printed, the last of them records and peak memory in MB."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True).stdout.split()


def run_for(most: float, *arguments: str, cwd: Path) -> tuple[int | None, int]:
    """The same, stopped after so many seconds: records, or None where it was stopped, and its peak memory in MB so far."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True, cwd=cwd)
    try:
        output, _ = process.communicate(timeout=most)
    except subprocess.TimeoutExpired:
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text("utf-8"))
        process.kill()
        process.wait()
        return None, int(peak[1]) // 1024
    assert process.returncode == 0, output
    records, memory = output.split()[-2:]
    return int(records), int(memory)


def link(stopwatch, label: str, sequence: int) -> tuple[int, int]:
    """Link in a process of its own; returns the number of records and the peak memory in MB, and notes the time of linking."""
    with stopwatch(label):
        seconds, records, memory = run("-c", RELINK, str(sequence))[-3:]
    stopwatch.seconds[f"{label}, linking"] = float(seconds)
    print(f"    of which linking{float(seconds):32.2f} s")
    return int(records), int(memory)


def test_a_full_relink_and_a_night(warehouse, stopwatch, tmp_path: Path):
    people = int(RECORDS / linkage_population.RECORDS_OF_A_PERSON)
    linkage_population.write(warehouse, 1, people, sequence=1)
    records, memory = link(stopwatch, "full relink", 1)
    with (tmp_path / "records.csv").open("wb") as file, warehouse.cursor() as cursor:
        cursor.copy_expert(EXPORT, file)
    warehouse.commit()
    linkage_population.write(warehouse, people + 1, people + people // 100, sequence=2)
    link(stopwatch, "night with 1% new records", 2)
    with stopwatch("bare Splink script"):  # it spills to the disk, below its own folder
        most = MOST_RELINKS * stopwatch.seconds["full relink"]
        bare_records, bare_memory = run_for(most, str(BARE_SCRIPT), file.name, cwd=tmp_path)
    print(f"    {records:,} records; peak memory {memory} MB, bare Splink script {bare_memory} MB"
          f"{' until it was stopped' if bare_records is None else ''}")  # fmt: skip
    assert bare_records in (None, records)
    assert memory <= 1.1 * bare_memory
    stopwatch.ratio("full relink", "bare Splink script", limit=1.1)
    stopwatch.ratio("night with 1% new records, linking", "full relink, linking", limit=0.05)
