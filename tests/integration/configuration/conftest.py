"""A migrated warehouse of its own, on the embedded server."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from iom_warehouse.platform import migrations, postgres_server
from iom_warehouse.platform.settings import settings

SOUND = Path(__file__).parents[2] / "unit" / "configuration" / "sound"


@pytest.fixture(scope="session")
def warehouse() -> Iterator[None]:
    """A server with all migrations applied, in a state directory that the server's own user may enter."""
    state = Path(tempfile.mkdtemp(prefix="iom-test-"))
    state.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IOM_STATE_DIR", str(state))
        settings.cache_clear()
        postgres_server.start()
        migrations.migrate()
        yield
        postgres_server.stop("immediate")
    settings.cache_clear()
    shutil.rmtree(state)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sound folder of the unit tests."""
    return Path(copytree(SOUND, tmp_path / "partnership"))
