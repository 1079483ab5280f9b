"""Warehouses with marts that are filled by hand, so that a report is tested without a build."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import relay
import signers
from cluster import Cluster, own_warehouse, warehouse_of
from delivery_maker import Warehouse
from marts_by_hand import Reporting, with_sections
from relay import Relay
from sent_reports import FRONT

from iom_warehouse.platform.settings import PROJECT_DIR


@pytest.fixture
def reporting(warehouse: Warehouse) -> Reporting:
    return Reporting(warehouse)


@pytest.fixture(scope="module")
def shared_reporting(shared_warehouse: Warehouse) -> Reporting:
    return Reporting(shared_warehouse)


@pytest.fixture(scope="session")
def every_section(cluster: Cluster) -> Iterator[str]:
    """A database to copy: marts of every section for October to December 2013, with the partnership's own configuration."""
    name = cluster.create()
    with warehouse_of(cluster, name) as found:
        with_sections(Reporting(found), PROJECT_DIR / "partnership")
    cluster.seal(name)
    yield name
    cluster.drop(name)


@pytest.fixture
def sections(cluster: Cluster, every_section: str) -> Iterator[Reporting]:
    """A warehouse of a test's own with these marts."""
    with own_warehouse(cluster, every_section) as found:
        yield Reporting(found)


@pytest.fixture(scope="module")
def shared_sections(shared_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Reporting:
    """The same for the tests of a module, with some more kinds of report."""
    folder = Path(shutil.copytree(PROJECT_DIR / "partnership", tmp_path_factory.mktemp("configuration") / "partnership"))
    with (folder / "reports.csv").open("a") as file:
        file.write("caseload_monthly,1,Caseload,monthly,,,,caseload,2004-01-01\n")
        file.write("referrals_monthly,1,Referrals,monthly,,,,referrals,2004-01-01\n")
        file.write("referrals_quarterly,1,Referrals,quarterly,,,,referrals,2004-01-01\n")
        file.write("referrals_yearly,1,Referrals,annual,,,,referrals,2004-01-01\n")
    return with_sections(Reporting(shared_warehouse), folder)


@pytest.fixture(scope="session")
def signing(cluster: Cluster) -> Iterator[str]:
    """A database to copy: the default configuration, its people, and a build whose reports are to be signed off."""
    name = cluster.create()
    with warehouse_of(cluster, name) as found:
        signers.prepare(found)
    cluster.seal(name)
    yield name
    cluster.drop(name)


@pytest.fixture
def signable(cluster: Cluster, signing: str) -> Iterator[Warehouse]:
    """A warehouse of a test's own in which people sign reports off."""
    with own_warehouse(cluster, signing) as found:
        yield found


@pytest.fixture
def mailbox(signable: Warehouse) -> Iterator[Relay]:
    with relay.running(public_url=FRONT + "/", smtp_from="iom@fenshire.example") as found:
        yield found
