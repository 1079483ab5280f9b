"""An earlier night built again equals what was built that night, whatever came since."""

import pytest
from delivery_maker import Warehouse
from two_nights import FIRST, build

from iom_warehouse.platform.database import Connection

SUMMARY = """
    select measure_version, n_people, n_people_with_event, n_events, period_end::text, status
    from {}.reoffending_summary order by measure_version
"""
PLAN = """
    select planned_on::text, planned_a_week_ago::text, moved_earlier_count, moved_later_count from {}.release_calendar
"""


@pytest.fixture(scope="module")
def first_night_again(two_nights_built: Warehouse) -> str:
    build(FIRST, as_of_schema="asof_20140331")
    return "asof_20140331"


def test_second_night_shows_what_changed(reader: Connection) -> None:
    assert _rows(reader, SUMMARY.format("kept")) == [("1", 2, 2, 2, "2014-03-31", "provisional")]
    assert _rows(reader, SUMMARY.format("mart_reoffending")) == [
        ("1", 1, 1, 1, "2014-02-28", "provisional"),
        ("2", 1, 1, 1, "2013-09-30", "final"),
    ]


def test_every_mart_of_the_first_night_comes_out_again(reader: Connection, first_night_again: str) -> None:
    tables = [name for [name] in _rows(reader, "select table_name from information_schema.tables where table_schema = 'kept'")]
    assert "reoffending_summary" in tables
    for table in tables:
        for here, there in ((first_night_again, "kept"), ("kept", first_night_again)):
            assert _rows(reader, f'select * from {here}."{table}" except all select * from {there}."{table}"') == [], table


def test_the_linkage_of_the_first_night_is_as_it_was_then(reader: Connection, first_night_again: str) -> None:
    figures = "select figure, n, of_n, compared_with from {}.linkage_quality order by figure"
    assert _rows(reader, figures.format("mart_quality")) == [("linked_records", 3, 3, None)]
    assert _rows(reader, figures.format(first_night_again)) == [("conflicts", 4, None, None), ("linked_records", 2, 3, None)]


def test_history_ends_with_the_deliveries_that_the_build_saw(reader: Connection, first_night_again: str) -> None:
    for schema in ("kept", first_night_again):
        assert _rows(reader, PLAN.format(schema)) == [("2014-05-01", "2014-05-08", 1, 0)]
        assert _rows(reader, f"select movement, news from {schema}.custody_movement") == [("reception", "new")]
        assert _rows(reader, f"select category from {schema}.recommendation_history") == [(4,)]
    assert _rows(reader, "select category from mart_partnership.recommendation_history order by assessed_on") == [(4,), (2,)]


def test_building_an_earlier_night_leaves_the_marts_alone(reader: Connection, first_night_again: str) -> None:
    assert [version for version, *_ in _rows(reader, SUMMARY.format("mart_reoffending"))] == ["1", "2"]


@pytest.mark.parametrize("role", ["iom_publisher", "iom_analyst"])
def test_who_reads_marts_reads_those_of_an_earlier_night_and_nothing_below_them(
    reader: Connection, first_night_again: str, role: str
) -> None:
    marts = _rows(reader, "select table_name from information_schema.tables where table_schema = 'kept' order by 1")
    readable = f"""
        select relname from pg_class where relnamespace = '{first_night_again}'::regnamespace and relkind in ('r', 'v')
          and has_table_privilege('{role}', oid, 'select') order by 1"""
    assert _rows(reader, readable) == marts
    assert _rows(reader, f"select has_schema_privilege('{role}', '{first_night_again}', 'usage')") == [(True,)]


def test_rows_about_people_are_limited_to_areas_in_an_earlier_night_too(reader: Connection, first_night_again: str) -> None:
    about_people = _rows(
        reader,
        "select distinct table_name from information_schema.columns"
        " where table_schema like 'mart\\_%' and column_name = 'person_key' order by 1",
    )
    limited = "select relname from pg_class where relnamespace::regnamespace::text ~ '{}' and relrowsecurity order by 1"
    assert len(about_people) >= 10
    for schemas in ("^mart_", f"^{first_night_again}$"):
        assert _rows(reader, limited.format(schemas)) == about_people


def test_nobody_reads_rows_about_people_as_they_were_told_on_an_earlier_night(reader: Connection, first_night_again: str) -> None:
    """Consent that was in force then may have been withdrawn since."""
    policies = "select distinct policyname from pg_policies where schemaname ~ '{}' order by 1"
    assert _rows(reader, policies.format("^mart_")) == [("own_areas",), ("publishing",)]
    assert _rows(reader, policies.format(f"^{first_night_again}$")) == [("publishing",)]


def test_an_absent_feed_has_no_rows_and_a_stale_one_says_so(reader: Connection) -> None:
    stale = _rows(reader, "select feed, state, last_sequence, days_stale from mart_quality.feed_staleness order by feed")
    assert stale == [("dip", "absent", None, None), ("hub", "fresh", 10, 0), ("police", "fresh", 8, 0), ("prison", "stale", 4, 2)]
    assert _rows(reader, "select count(*) from staging.stg_dip__client") == [(0,)]


def _rows(reader: Connection, statement: str) -> list[tuple]:
    with reader.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
