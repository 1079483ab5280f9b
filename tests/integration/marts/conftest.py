"""A warehouse built once for all tests about these marts."""

from collections.abc import Iterator
from typing import Any

import pytest
from building_marts import Query, build
from county_rows import add_county
from messy_rows import draw
from recount import Recount

from iom_warehouse import contracts
from iom_warehouse.contracts import ddl
from iom_warehouse.platform import database, migrations
from iom_warehouse.platform.settings import settings

NAME = database.DATABASE  # dbt's parsed project, kept by the process, holds the name of its database


@pytest.fixture(scope="module")
def built(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Query, Recount]]:
    """query(statement) -> rows, of the marts built on untidy rows and a county's; and the same rows recounted."""
    rows = draw(people=120, seed=2013)
    add_county(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IOM_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        patch.setenv("IOM_SECRETS_DIR", str(cluster.secrets))
        patch.setenv("IOM_DATABASE_URL", cluster.url(NAME))
        settings.cache_clear()
        migrations.migrate()
        with database.transaction("owner") as owner:
            ddl.apply(owner, contracts.all())
        yield build(rows), Recount(rows)
    settings.cache_clear()
    cluster.drop(NAME)
