"""A warehouse built once for all tests about these marts."""

import pytest
from building_marts import Query, build
from delivery_maker import Warehouse
from messy_dip import add_drug_services
from messy_rows import draw
from recount import Recount
from unlisted_codes import slipped_in


@pytest.fixture(scope="module")
def built(shared_warehouse: Warehouse) -> tuple[Query, Recount]:
    """query(statement) -> rows, of the marts built on untidy rows; and the same rows recounted, without names for codes."""
    rows = draw(people=120, seed=2013)
    add_drug_services(rows, people=400, seed=2014)
    return build(slipped_in(rows)), Recount(rows)
