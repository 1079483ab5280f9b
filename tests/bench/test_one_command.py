"""Ten nights of the sample as the one command runs them, from an empty state: the environment is there, nothing else is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from surroundings import temporary_folder

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]
IOM = str(Path(sys.executable).parent / "iom")
LONGEST = 8 * 60  # seconds on two cores, with the half minute that the environment takes before


def test_the_one_command(stopwatch):
    with temporary_folder(on_disk=True) as state:
        surroundings = os.environ | {"IOM_STATE_DIR": str(state)}
        with stopwatch("iom nightly"):
            subprocess.run([IOM, "nightly"], env=surroundings, check=True, capture_output=True)
        with stopwatch("iom nightly, nothing new"):
            again = subprocess.run([IOM, "nightly"], env=surroundings, check=True, capture_output=True, text=True)
        subprocess.run([IOM, "down"], env=surroundings, check=True, capture_output=True)
    print(f"    of {LONGEST} s that it may take with the environment: {stopwatch.seconds['iom nightly']:.0f} s")
    assert "Nothing new was waiting; the marts stay as they are." in again.stdout
    assert stopwatch.seconds["iom nightly"] < LONGEST
