"""Warehouses with marts that are filled by hand, so that a report is tested without a build."""

import shutil
from pathlib import Path

import pytest
from delivery_maker import Warehouse
from marts_by_hand import Reporting, with_sections

from iom_warehouse.platform.settings import PROJECT_DIR


@pytest.fixture
def reporting(warehouse: Warehouse) -> Reporting:
    return Reporting(warehouse)


@pytest.fixture
def sections(reporting: Reporting) -> Reporting:
    """Marts of every section for October to December 2013, with the partnership's own configuration."""
    return with_sections(reporting, PROJECT_DIR / "partnership")


@pytest.fixture(scope="module")
def shared_sections(shared_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Reporting:
    """The same for the tests of a module, with some more kinds of report."""
    folder = Path(shutil.copytree(PROJECT_DIR / "partnership", tmp_path_factory.mktemp("configuration") / "partnership"))
    with (folder / "reports.csv").open("a") as file:
        file.write("caseload_monthly,1,Caseload,monthly,,,,caseload,,2004-01-01\n")
        file.write("referrals_quarterly,1,Referrals,quarterly,,,,referrals,,2004-01-01\n")
        file.write("referrals_yearly,1,Referrals,annual,,,,referrals,,2004-01-01\n")
    return with_sections(Reporting(shared_warehouse), folder)
