"""A folder of contracts with a sixth feed."""

import shutil
from pathlib import Path

import pytest

YOUTH = Path(__file__).parent / "youth.yml"


@pytest.fixture
def youth(tmp_path: Path) -> Path:
    """The contract of the sixth feed, in a folder of its own; it may be changed."""
    return Path(shutil.copy(YOUTH, tmp_path))
