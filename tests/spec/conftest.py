"""One warehouse and one build for all spec cases."""

from collections.abc import Iterator

import parsed_project
import pytest
from delivery_maker import Warehouse
from random_people import RandomPeople
from spec_cases import read_all
from spec_world import SEQUENCE, TODAY, World, apply_configuration, open_build

from iom_warehouse import contracts, transform
from iom_warehouse.platform import database


@pytest.fixture(scope="session")
def random_people() -> RandomPeople:
    return RandomPeople()


@pytest.fixture(scope="module")
def world(
    shared_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory, random_people: RandomPeople
) -> Iterator[tuple[World, database.Connection]]:
    """Everybody of every case, built once; and a connection that may read every model."""
    world, cases = World(), [*read_all(), random_people.case]
    for case in cases:
        world.add(case)
    owner = database.connect("owner")
    configuration_id = apply_configuration(cases, tmp_path_factory.mktemp("configuration"), owner)
    world.write(owner)
    owner.close()
    parsed_project.take(parsed_project.of_this_run(tmp_path_factory), shared_warehouse.state)
    build_id = open_build(configuration_id)
    transform.build(TODAY, {contract.feed: SEQUENCE for contract in contracts.all()}, 1, configuration_id, build_id)
    reader = database.connect("transformer")
    yield world, reader
    reader.close()
