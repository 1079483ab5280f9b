"""PostgreSQL ends without warning in the middle of a load and starts again: what its crash emptied is landed anew."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from child import barrier, start, until, until_somebody_waits, wait
from delivery_maker import Warehouse
from surroundings import environment, temporary_folder
from two_prison_nights import FIRST, SECOND, state

from iom_warehouse import contracts, loading
from iom_warehouse.contracts import ddl
from iom_warehouse.linkage import LinkageError, link_people
from iom_warehouse.loading import Outcome, publishing
from iom_warehouse.platform import database, migrations, postgres_server
from iom_warehouse.platform.errors import IomError

EMPTY = (
    "truncate audit.delivery, audit.file_load, audit.validation_result, audit.delivery_finding, audit.rejected_row,"
    " quarantine.rejected_row, raw.prison_person, raw.prison_spell, raw.hub_case restart identity cascade"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Warehouse]:
    """A warehouse on a server of its own."""
    with temporary_folder() as folder, environment(state_dir=folder):
        (folder / "inbox").mkdir()
        postgres_server.start()
        migrations.migrate()
        with database.transaction("owner") as conn:
            ddl.apply(conn, contracts.all())
        yield Warehouse(folder / "inbox", folder)
        postgres_server.stop("immediate")


@pytest.fixture
def first_night(server: Warehouse) -> Warehouse:
    """The same, with nothing in it but the first night."""
    server.query("alter table audit.event disable trigger events_stay")
    server.query(f"{EMPTY}; truncate audit.event restart identity cascade")
    server.query("alter table audit.event enable trigger events_stay")
    for name in ("inbox/prison", "inbox/hub", "sender_reports"):
        if (server.state / name).exists():
            shutil.rmtree(server.state / name)
    server.take("prison", 1, FIRST)
    return server


@pytest.fixture(scope="module")
def undisturbed(server: Warehouse) -> dict:
    server.take("prison", 1, FIRST)
    server.take("prison", 2, SECOND)
    return state(server)


def crash() -> None:
    postgres_server.stop("immediate")
    postgres_server.start()


@pytest.mark.parametrize("step", [loading.land, loading.validate], ids=["landed", "validated"])
@pytest.mark.parametrize("again", [loading.land, loading.validate, loading.publish], ids=["land", "validate", "publish"])
def test_what_the_crash_emptied_is_landed_again(
    undisturbed: dict, first_night: Warehouse, step: Callable[[int], Outcome], again: Callable[[int], Outcome]
) -> None:
    folder = first_night.deliver("prison", 2, SECOND)
    delivery_id = step(loading.receive("prison", folder).delivery_id).delivery_id
    crash()
    assert first_night.value(f"select count(*) from landing.prison_person_{delivery_id}") == 0
    again(delivery_id)
    assert loading.publish(delivery_id).status == "published"
    assert state(first_night) == undisturbed


# step: what holds it in its middle, and the delivery's status then and afterwards
HELD = {
    "land": ("lock table audit.file_load in share mode", "received"),
    "validate": ("lock table landing.prison_person_{} in access exclusive mode", "landed"),
    "publish": ("lock table raw.prison_spell in share mode", "validated"),
}


@pytest.mark.parametrize("step", HELD)
def test_a_load_whose_server_goes_away_says_so_and_goes_on_when_it_is_back(
    undisturbed: dict, first_night: Warehouse, step: str
) -> None:
    held, status = HELD[step]
    folder = first_night.deliver("prison", 2, SECOND)
    delivery_id = loading.receive("prison", folder).delivery_id
    if step == "validate":
        loading.land(delivery_id)
    with pytest.raises(Exception, match="terminat|closed|administrator"), barrier(held.format(delivery_id)):
        child = start(load_in_vain, step, delivery_id)
        until_somebody_waits()
        crash()
    assert wait(child) == 0
    assert first_night.value("select status from audit.delivery where sequence = 2") == status
    assert first_night.value("select count(*) from raw.prison_person where opened_by_sequence = 2") == 0
    assert loading.publish(delivery_id).status == "published"
    assert state(first_night) == undisturbed


def load_in_vain(step: str, delivery_id: int) -> None:
    with pytest.raises(
        IomError, match="The database ended a load of prison|could not evaluate prison_person .*iom delivery retry"
    ):
        getattr(loading, step)(delivery_id)


def test_a_server_that_goes_away_while_rows_stream_in_keeps_none_of_them(first_night: Warehouse) -> None:
    cases = [{"case_ref": f"C{n}", "surname": "Alder", "forenames": "Kim", "dob": "1980-02-29"} for n in range(100_000)]
    folder = first_night.deliver("hub", 1, {"hub_case": cases})
    delivery_id = loading.receive("hub", folder).delivery_id
    child = start(land_hub_in_vain, delivery_id)
    until(
        "select exists (select from pg_stat_progress_copy where datname = current_database() and tuples_processed > 0)",
        "no rows came",
    )
    crash()
    assert wait(child) == 0
    assert first_night.value("select status from audit.delivery where feed = 'hub'") == "received"
    assert first_night.value("select to_regclass('landing.hub_case_' || %s) is null", delivery_id)
    assert loading.publish(delivery_id).status == "published"


def land_hub_in_vain(delivery_id: int) -> None:
    with pytest.raises(IomError, match="The database ended a load of hub"):
        loading.land(delivery_id)


def test_a_server_that_goes_away_while_people_are_linked_links_nobody(first_night: Warehouse) -> None:
    with pytest.raises(Exception, match="terminat|closed|administrator"), barrier("lock table identity.link in share mode"):
        child = start(link_in_vain)
        until_somebody_waits("linker")
        crash()
    assert wait(child) == 0
    counts = "select (select count(*) from identity.link), (select count(*) from identity.linkage_run)"
    assert first_night.query(counts) == [(0, 0)]
    with database.session("linker") as conn:
        assert link_people(conn).records == 4


def link_in_vain() -> None:
    with pytest.raises(LinkageError, match="Nothing was written. Run it again"), database.session("linker") as conn:
        link_people(conn)


def test_what_was_published_survives(undisturbed: dict, first_night: Warehouse) -> None:
    first_night.take("prison", 2, SECOND)
    crash()
    assert state(first_night) == undisturbed


def test_a_large_first_load_survives(first_night: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows are not in the server's log, and its table was given a new file."""
    monkeypatch.setattr(publishing, "LARGE", 2)
    cases = [{"case_ref": f"C{n}", "surname": "Alder", "forenames": "Kim", "dob": "1980-02-29"} for n in range(20_000)]
    first_night.take("hub", 1, {"hub_case": cases})
    crash()
    second = first_night.take("hub", 2, {"hub_case": cases})
    assert first_night.counts(second.delivery_id, "hub_case") == {"in_file": 20_000, "unchanged": 20_000}
