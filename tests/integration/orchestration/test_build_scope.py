"""When a build makes everything from nothing, and why: each reason in the ledger, none of it by chance."""

import pytest
from delivery_maker import Warehouse

from iom_warehouse import configuration, transform
from iom_warehouse.orchestration import build_scope, building
from iom_warehouse.platform import database
from iom_warehouse.platform.settings import settings

MODELS = """
    create schema intermediate authorization iom_transformer;
    create table intermediate.int_changes__awaited (person_key bigint, day date);
    create table intermediate.int_reoffending__measure (measure_id text, measure_version text, final_after_months integer);
    create table intermediate.int_reoffending__windows
        (measure_id text, measure_version text, person_key bigint, valid_to date, over_on date, is_final boolean);
    create table intermediate.int_reoffending__counted (person_key bigint, role text, is_within_same_lag boolean);
    create table intermediate.int_selection__counted (person_key bigint, oldest_known_on date, window_months numeric);
    create table intermediate.int_risk__ogrs3 (person_key bigint, asked_on date, risk_on date, age_at_risk integer);
    create table intermediate.int_people__person (person_key bigint, born_on date);
    create table intermediate.int_selection__latest (person_key bigint, factor text, value numeric);
    grant select on all tables in schema intermediate to iom_transformer
"""
FINISH = "update audit.build set status = 'succeeded', finished_at = clock_timestamp() where build_id = %s"


@pytest.fixture(autouse=True)
def first(warehouse: Warehouse) -> int:
    """A completed build of 1 October 2013 that saw two feeds, with the tables of models that a choice reads, empty."""
    warehouse.configure()
    warehouse.query(MODELS)
    warehouse.query("insert into identity.linkage_run (method, vintage) values ('one', '{}'), ('one', '{}'), ('two', '{}')")
    warehouse.query("insert into identity.person (minted_at, minted_by_run) select now(), 1 from generate_series(1, 9)")
    deliver(warehouse, "police", 1, "2013-10-01")
    deliver(warehouse, "prison", 1, "2013-10-01")
    return complete(warehouse, open_build(warehouse))


def deliver(warehouse: Warehouse, feed: str, sequence: int, night: str) -> None:
    warehouse.query(
        "insert into audit.delivery"
        " (feed, folder, manifest_sha256, business_date, sequence, extract, extracted_at, status, decided_at)"
        " values (%s, %s, %s, %s, %s, 'full', %s, 'published', now())",
        feed, f"{night}.{sequence}", str(sequence), night, sequence, night,
    )  # fmt: skip


def open_build(warehouse: Warehouse, night: str = "2013-10-01", run: int = 1, as_of: bool = False) -> int:
    build_id = building.open_build(night, as_of=as_of)
    warehouse.query("update audit.build set linkage_run = %s where build_id = %s", run, build_id)
    return build_id


def decide(build_id: int, in_full: bool = False) -> str:
    """The reason that the ledger then holds."""
    build_scope.decide(building.read(build_id), in_full)
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute("select since_build, scope_reason from audit.build where build_id = %s", (build_id,))
        since, reason = cursor.fetchone()
    assert (since is None) == reason.startswith("everything: ")
    return reason


def complete(warehouse: Warehouse, build_id: int) -> int:
    decide(build_id)
    warehouse.query(FINISH, build_id)
    return build_id


def test_the_first_build_makes_everything(warehouse: Warehouse, first: int) -> None:
    assert warehouse.value("select scope_reason from audit.build where build_id = %s", first).endswith(
        "no build before it was completed"
    )


def test_a_later_night_is_limited_to_what_changed(warehouse: Warehouse, first: int) -> None:
    deliver(warehouse, "police", 2, "2013-10-02")
    assert decide(open_build(warehouse, "2013-10-02")).startswith(f"since build {first}: 0 people")


def test_everything_on_request_and_in_a_schema_of_its_own(warehouse: Warehouse) -> None:
    assert decide(open_build(warehouse), in_full=True) == "everything: it was asked for"
    assert "a schema of its own" in decide(open_build(warehouse, as_of=True))


def test_another_project_configuration_or_linkage_model(warehouse: Warehouse, first: int) -> None:
    assert "linkage model" in decide(open_build(warehouse, run=3))
    with database.session("owner") as owner:
        configuration.apply(settings().project_dir / "examples/leeds/partnership", owner)
    assert "configuration" in decide(open_build(warehouse))
    warehouse.query("update audit.build set project_sha256 = 'another' where build_id = %s", first)
    assert "dbt project" in decide(open_build(warehouse))


def test_a_definition_that_comes_into_force(warehouse: Warehouse) -> None:
    warehouse.query("update reference.cohorts set effective_from = '2013-10-02' where cohort_id = 'dip_2012'")
    assert decide(open_build(warehouse)).startswith("since build")
    assert "a definition comes into force" in decide(open_build(warehouse, "2013-10-02"))


@pytest.mark.parametrize(("feed", "sequence", "night"), [("prison", 2, "2013-09-30"), ("hub", 1, "2013-10-01")])
def test_a_feed_that_went_back_or_is_new(warehouse: Warehouse, feed: str, sequence: int, night: str) -> None:
    deliver(warehouse, feed, sequence, night)
    assert "a feed is there for the first time, is gone, or went back" in decide(open_build(warehouse))


def test_a_build_of_changes_that_failed_leaves_its_people_to_the_next(warehouse: Warehouse, first: int) -> None:
    warehouse.query("insert into intermediate.int_changes__awaited values (4, '2013-10-02'), (5, '2013-10-03')")
    failed = open_build(warehouse, "2013-10-02")
    assert decide(failed).startswith(f"since build {first}: 1 people")
    warehouse.query("delete from intermediate.int_changes__awaited where person_key = 4")  # its table was made again already
    assert decide(open_build(warehouse, "2013-10-03")).startswith(f"since build {first}: 2 people")
    assert "a later night" in decide(open_build(warehouse, "2013-10-02"))


def test_a_build_of_everything_that_failed_is_followed_by_one(warehouse: Warehouse) -> None:
    decide(open_build(warehouse), in_full=True)
    again = open_build(warehouse)
    assert "did not end" in decide(again)
    assert "did not end" in decide(again), "tried again, it knows that it had begun to make everything"
    warehouse.query(FINISH, again)
    assert decide(open_build(warehouse)).startswith(f"since build {again}")


def test_windows_count_while_they_are_open_and_on_the_day_they_become_final(warehouse: Warehouse) -> None:
    warehouse.query("insert into intermediate.int_reoffending__measure values ('m', '1', 6)")
    warehouse.query(
        "insert into intermediate.int_reoffending__windows"
        " select 'm', '1', person_key, valid_to, coalesce(died_on, valid_to - 1), is_final from (values"
        " (1, date '2013-10-03', null::date, false), (2, '2013-10-02', null, false), (3, 'infinity', null, false),"
        " (4, '2013-04-03', null, false), (5, '2013-04-04', null, false), (6, '2013-04-01', null, true),"
        " (9, '2013-09-01', '2013-04-02', false)) as of_person (person_key, valid_to, died_on, is_final)"
    )
    warehouse.query("insert into intermediate.int_reoffending__counted values (7, 'baseline', false), (8, 'baseline', true)")
    decide(open_build(warehouse, "2013-10-02"))
    found = warehouse.query("select person_key from intermediate.person_to_rebuild where is_unsettled order by 1")
    assert [person for (person,) in found] == [1, 3, 4, 7, 9]


def test_who_looks_otherwise_from_another_day(warehouse: Warehouse) -> None:
    warehouse.query(
        "insert into intermediate.int_selection__counted values"
        " (1, '2012-10-02', 12), (1, '2013-01-01', 24), (2, '2012-10-03', 12)"
    )
    warehouse.query(
        "insert into intermediate.int_people__person select person_key, born_on::date from (values"
        " (3, '1990-10-02'), (4, '1990-10-03'), (5, '1990-01-01'), (6, '1990-01-01'), (7, '1990-10-02'))"
        " as born (person_key, born_on)"
    )
    warehouse.query(
        "insert into intermediate.int_risk__ogrs3 values"
        " (3, 'infinity', 'infinity', 22), (4, 'infinity', 'infinity', 22),"  # a birthday on the day, and the day after
        " (5, 'infinity', '2011-10-02', 21), (6, 'infinity', '2011-10-03', 21),"  # two years since the sanction
        " (7, '2013-04-01', '2011-04-01', 20)"  # asked for another day
    )
    warehouse.query(
        "insert into intermediate.int_selection__latest values"
        " (8, 'custody_days_left', 1), (9, 'custody_days_left', 0), (9, 'ogrs3_two_year_percent', 40)"
    )
    decide(open_build(warehouse, "2013-10-02"))
    found = warehouse.query("select person_key from intermediate.person_to_rebuild where is_aged and not is_changed order by 1")
    assert [person for (person,) in found] == [1, 3, 5, 8]


def test_the_digest_follows_the_files(tmp_path, monkeypatch) -> None:
    before = transform.project_digest()
    for name, text in (("a.sql", "select 1"), ("b.sql", "select 1")):
        (tmp_path / "dbt_project").mkdir(exist_ok=True)
        (tmp_path / "dbt_project" / name).write_text(text)
    monkeypatch.setenv("IOM_PROJECT_DIR", str(tmp_path))
    settings.cache_clear()
    digests = {before, transform.project_digest()}
    (tmp_path / "dbt_project" / "b.sql").write_text("select 2")
    digests.add(transform.project_digest())
    (tmp_path / "dbt_project" / "b.sql").rename(tmp_path / "dbt_project" / "c.sql")
    digests.add(transform.project_digest())
    settings.cache_clear()
    assert len(digests) == 4
