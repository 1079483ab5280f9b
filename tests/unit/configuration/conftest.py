"""A small sound folder that tests spoil in one place."""

from pathlib import Path
from shutil import copytree

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sound folder."""
    return Path(copytree(Path(__file__).with_name("sound"), tmp_path / "partnership"))
