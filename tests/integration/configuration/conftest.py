"""A configuration folder to apply."""

from pathlib import Path
from shutil import copytree

import pytest

SOUND = Path(__file__).parents[2] / "unit" / "configuration" / "sound"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sound folder of the unit tests."""
    return Path(copytree(SOUND, tmp_path / "partnership"))
