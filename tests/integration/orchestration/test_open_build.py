"""Which night a build may show, and what it sees: the marts never go back, and as-of is what was built then."""

import pytest

from iom_warehouse.orchestration import building
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError


def execute(statement: str, *arguments: object) -> None:
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute(statement, arguments)


@pytest.fixture(autouse=True)
def configuration(warehouse) -> None:
    versions = "('a', 'f', '2013-01-01'), ('b', 'f', '2014-01-01')"
    execute(f"insert into audit.configuration (sha256, folder, applied_at) values {versions}")


def deliver(sequence: int, night: str, extracted_at: str) -> None:
    execute(
        "insert into audit.delivery"
        " (feed, folder, manifest_sha256, business_date, sequence, extract, extracted_at, status, decided_at)"
        " values ('police', %s, %s, %s, %s, 'full', %s, 'published', now())",
        f"{night}.{sequence}", str(sequence), night, sequence, extracted_at,
    )  # fmt: skip


def finish(build_id: int, started_at: str) -> None:
    statement = "update audit.build set status = 'succeeded', finished_at = now(), started_at = %s where build_id = %s"
    execute(statement, started_at, build_id)


def test_a_night_before_the_last_one_is_not_built_over_it():
    deliver(1, "2013-10-01", "2013-10-01 23:40+01")
    finish(building.open_build("2013-10-02"), "2013-10-03 02:00+01")
    with pytest.raises(building.PastNight, match="--as-of"):
        building.open_build("2013-10-01")
    assert building.open_build("2013-10-02"), "the same night may be built again"


def test_as_of_is_what_was_built_that_night_and_not_a_later_build_of_it():
    deliver(1, "2013-10-01", "2013-10-01 23:40+01")
    finish(building.open_build("2013-10-01"), "2013-10-02 02:00+01")
    deliver(2, "2013-10-01", "2013-10-02 12:00+01")
    finish(building.open_build("2013-10-01"), "2013-10-02 13:00+01")
    seen = building.read(building.open_build("2013-10-01", as_of=True))
    assert seen.vintage == {"police": 1}
    assert seen.schema_prefix == "asof_20131001"


def test_as_of_a_night_that_was_never_built_sees_what_was_extracted_and_configured_by_its_cut_off():
    deliver(1, "2013-10-01", "2013-10-01 23:40+01")
    deliver(2, "2013-10-02", "2013-10-02 23:40+01")
    seen = building.read(building.open_build("2013-10-01", as_of=True))
    assert seen.vintage == {"police": 1}
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute("select c.sha256 from audit.build b join audit.configuration c using (configuration_id)")
        assert cursor.fetchall() == [("a",)]


def test_an_absent_feed_has_no_staleness():
    deliver(1, "2013-10-01", "2013-10-01 23:40+01")
    building.open_build("2013-10-04")
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute("select feed, state, days_stale from audit.build_vintage where feed in ('police', 'dip') order by feed")
        assert cursor.fetchall() == [("dip", "absent", None), ("police", "stale", 3)]


def test_a_night_before_any_delivery_is_not_built_as_of_and_one_to_come_not_at_all(warehouse):
    deliver(1, "2013-10-01", "2013-10-01 23:40+01")
    with pytest.raises(IomError, match="Nothing had been delivered by the night of 2001-10-01"):
        building.open_build("2001-10-01", as_of=True)
    with pytest.raises(IomError, match="is yet to come"):
        building.open_build("2999-10-01", as_of=True)
    with pytest.raises(IomError, match="is yet to come"):
        building.open_build("2999-10-01")
    assert warehouse.value("select count(*) from audit.build") == 0
