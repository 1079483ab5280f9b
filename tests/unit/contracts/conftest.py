"""A folder of contracts with a sixth feed, and a warehouse without tables of feeds."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from iom_warehouse.platform import migrations, postgres_server
from iom_warehouse.platform.settings import settings

YOUTH = Path(__file__).parent / "youth.yml"


@pytest.fixture
def youth(tmp_path: Path) -> Path:
    """The contract of the sixth feed, in a folder of its own; it may be changed."""
    return Path(shutil.copy(YOUTH, tmp_path))


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
