"""Every rule of `tests/spec`, on the real models."""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from random_people import NAME, RandomPeople
from spec_cases import Case, Row, as_written, decimals, read_all
from spec_world import SEQUENCE, TODAY, World, open_build, own_id, write_configuration

from iom_warehouse import configuration, contracts, transform
from iom_warehouse.disclosure import Audience, control
from iom_warehouse.platform import database
from iom_warehouse.platform.database import Connection
from iom_warehouse.platform.settings import PROJECT_DIR
from iom_warehouse.reports import measures, static_cohort

SCHEMA_OF = (
    "select table_schema from information_schema.tables where table_name = %s and table_schema not in ('raw', 'reference')"
)
INPUTS = """
    select person_key, sanctioned_on, least(risk_on, date '2020-12-31'), previous_sanctions, offence_group,
        age_at_first_sanction, two_year, reason
    from intermediate.int_risk__ogrs3 where asked_on = 'infinity' and sanctioned_on is not null
"""
SCORES = "select person_key, score, prediction from mart_cohort.selection_matrix where rule_version = %s"
OWN = ("measure_id", "cohort_id", "person_key")
PLACES = ("area", "district", "inquiry", "service_group", "contract_ref")  # what names the case where a row is about nobody


@pytest.mark.parametrize("case", read_all(), ids=lambda case: case.name)
def test_rule(case: Case, world: tuple[World, Connection]) -> None:
    people, connection = world
    for relation, expected in case.expect.items():
        names = list(expected[0])
        rows = _rows(relation, connection, case.where.get(relation, "true"))
        if "area_level = 'all'" not in relation:
            rows = _about(case, rows, people, names)
        found = [_written(row, expected, names) for row in rows]
        assert sorted(found) == sorted(list(row.values()) for row in expected if any(row.values())), f"{relation} of {case.rule}"


def _cases(part: str) -> Any:
    """The cases that have this part, as parameters of a test."""
    return pytest.mark.parametrize("case", [case for case in read_all() if getattr(case, part)], ids=lambda case: case.name)


def test_looks_and_feedback_place_a_person_as_the_marts_do(world: tuple[World, Connection]) -> None:
    """They go by a function over raw, which cannot read the marts."""
    in_marts = _rows(
        "int_schemes__placement", world[1],
        f"scheme <> 'TF' and valid_from <= '{TODAY}' and (valid_to is null or valid_to > '{TODAY}')",
    )  # fmt: skip
    with database.transaction("owner") as owner, owner.cursor() as cursor:
        cursor.execute("select membership_ref, district from access.placements(%s) where scheme <> 'TF'", (TODAY,))
        placed = cursor.fetchall()
    assert len(placed) > 20
    assert sorted(placed) == sorted((row["membership_ref"], row["district"]) for row in in_marts)


@_cases("refused")
def test_refused(case: Case, tmp_path: Path) -> None:
    told = [row["says"] for row in case.refused.values()]
    rows = {name: {column: value for column, value in row.items() if column != "says"} for name, row in case.refused.items()}
    findings = [str(finding) for finding in configuration.check(write_configuration([replace(case, measures=rows)], tmp_path))]
    assert [says for says in told if not any(finding.endswith(says) for finding in findings)] == [], findings


@_cases("shown")
def test_shown(case: Case, world: tuple[World, Connection]) -> None:
    """The change of everyone in the report of each audience that the project ships."""
    for row in case.shown:
        released = control(static_cohort.draft(_measure(case, row["measure"], world[1])).table, _audience(row["audience"]))
        change = released.decision(("all:all", "change_1"))
        assert change is not None and (change.text, change.note or "-") == (row["change"], row["note"]), row


def _measure(case: Case, name: str, connection: Connection) -> measures.Measure:
    """The measure as a report reads it."""
    measure_id = own_id(case, name)
    definition = dict.fromkeys(measures.PARAMETERS) | dict(case.measures[name]) | {"measure_id": measure_id, "version": "1"}
    marts = (_rows(f"reoffending_{mart}", connection, f"measure_id = '{measure_id}'") for mart in ("summary", "uncertainty"))
    return measures.Measure(definition | {"title": name}, "Cohort", {}, tuple(measures.with_people_behind(*marts)))


def _audience(name: str) -> Audience:
    """An audience of the default configuration."""
    with (PROJECT_DIR / "partnership" / "audiences.csv").open(encoding="utf-8") as content:
        [row] = [row for row in csv.DictReader(content) if row["audience"] == name]
    limits = ("min_count", "round_to", "min_denominator", "flag_denominator")
    return Audience(name, *(int(row[limit]) for limit in limits))


def _written(row: dict[str, Any], expected: list[Row], names: list[str]) -> list[str]:
    return [as_written(row[name], decimals(one[name] for one in expected)) for name in names]


def _about(case: Case, rows: list[dict[str, Any]], world: World, names: list[str]) -> list[dict[str, Any]]:
    """The rows about the case's measures, cohorts, people, places or rules, with the names that the case gave them."""
    if not rows or not {*OWN, *PLACES} & rows[0].keys():
        return rows  # about everybody: the case says by `where` which of them
    versions = [rule["version"] for rule in case.definitions.get("scoring_rules", ())]
    own = {
        "measure_id": ("measure", {own_id(case, name): name for name in case.measures}),
        "cohort_id": ("cohort", {own_id(case, name): name for name in case.cohorts}),
        "person_key": ("person", {key: name for (of, name), key in world.people.items() if of == case.name}),
        "rule_version": ("version", {own_id(case, name): name for name in versions}),
    }
    places = {case.name, *(row["area"] for row in case.definitions.get("areas", []))}
    for row in rows:
        row |= {name: names_of.get(row[column]) for column, (name, names_of) in own.items() if column in row}
        is_about_nobody = all(row.get(column) is None for column in OWN)
        here = (row[name] for name in PLACES if row.get(name) in places or _is_own(case, row.get(name)))
        row["place"] = next(here, None) if is_about_nobody else None
        row |= {name: row[name].removeprefix(f"{case.name} ") for name in PLACES if row.get(name) and name != "district"}
        row["is_own"] = any(row.get(name) is not None for name in ("measure", "cohort", "person"))
        if all(row.get(name) is None for name in OWN):  # about nobody in particular: two cases may have areas of one name
            row["is_own"] = row["place"] is not None
    rows = [row for row in rows if row["is_own"]]
    if rows and "rule_version" in rows[0]:
        rows = [row for row in rows if row["version"] is not None]
    return [row for row in rows if "group_by" in names or row.get("group_by") in (None, "all")]


def _is_own(case: Case, value: Any) -> bool:
    return isinstance(value, str) and value.startswith(f"{case.name} ")


def _rows(relation: str, connection: Connection, condition: str) -> list[dict[str, Any]]:
    """The rows of a model that fulfil the condition; `model where condition` adds one of its own."""
    name, _, own_condition = relation.partition(" where ")
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA_OF, (name,))
        [schema] = cursor.fetchone()
        cursor.execute(f'select * from "{schema}"."{name}" where ({condition}) and ({own_condition or True})')
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.mark.parametrize("service_by", ["all", "service", "provider", "service_type", "client_group"])
def test_every_start_is_in_the_outcomes_of_services(world: tuple[World, Connection], service_by: str) -> None:
    """Also those of services that the hub does not name, and of whatever year; one without a day of referral is of none."""
    every_start = _rows("int_services__start", world[1], "true")
    assert None in {start["service_code"] for start in every_start}
    of_a_year = [start for start in every_start if start["referred_on"]]
    assert 0 < len(of_a_year) < len(every_start)
    for over, starts in {"all": every_start, "financial_year": of_a_year}.items():
        outcomes = _rows("service_outcome", world[1], f"service_by = '{service_by}' and period_kind = '{over}'")
        assert sum(row["n_starters_followed"] + row["n_not_followed"] for row in outcomes) == len(starts)
        assert sum(row["n_starters_rearrested"] for row in outcomes) == sum(
            row["is_followed"] and row["is_rearrested"] for row in starts
        )


def test_nobody_is_in_two_districts_unless_the_hub_says_so(world: tuple[World, Connection]) -> None:
    """Only Jan of `handed_over` is, Dan and Gil of `out_in_and_never`, Wes of `planned_and_moved` and Cat of
    `district_of_told_lists`: no transfer explains their second membership."""
    _, connection = world
    with connection.cursor() as cursor:
        cursor.execute("select row_count from mart_quality.input_anomaly where anomaly = 'memberships_in_two_districts_at_once'")
        assert cursor.fetchall() == [(5,)]


def test_planned_releases_that_have_passed(world: tuple[World, Connection]) -> None:
    """People who are still inside after the day planned, which the calendar of releases keeps for a week: they are counted."""
    people, connection = world
    names = {key: name for name, key in people.people.items()}
    with connection.cursor() as cursor:
        cursor.execute("select person_key from intermediate.int_custody__release_plan where planned_on < %s", (TODAY,))
        passed = sorted(names[key] for (key,) in cursor.fetchall())
        cursor.execute("select row_count from mart_quality.input_anomaly where anomaly = 'planned_release_passed'")
        assert cursor.fetchall() == [(len(passed),)]
    left_out = [("who_is_left_out", name) for name in ("Cat", "Jon", "Kim", "Leo")]
    moved = [("planned_and_moved", name) for name in ("Eve", "Una", "Val")]
    assert passed == [("open_on_release", "Gus"), *moved, *left_out]


def test_people_who_died_and_are_still_on_the_caseload(world: tuple[World, Connection]) -> None:
    """Each once, in no case but those that say so."""
    people, connection = world
    still_on = _rows(
        "int_caseload__spell", connection, f"scheme = 'any' and area_level = 'all' and coalesce(valid_to, 'infinity') > '{TODAY}'"
    )
    died = {row["person_key"] for row in _rows("int_people__person", connection, f"died_on <= '{TODAY}'")}
    names = {key: name for name, key in people.people.items()}
    found = sorted(names[row["person_key"]] for row in still_on if row["person_key"] in died)
    assert [name for case, name in found if case == "died_and_still_on"] == ["Ann", "Bob", "Fay"]
    [counted] = _rows("input_anomaly", connection, "anomaly = 'on_caseload_after_death'")
    assert counted["row_count"] == len(found)


def test_managed_people_and_others_are_all_whose_orders_ended(world: tuple[World, Connection]) -> None:
    ended = {"all": 0, "managed": 0}
    for row in _rows("order_outcomes", world[1], "area_level = 'all' and group_by in ('all', 'managed') and order_type = 'all'"):
        ended[row["group_by"]] += row["n_ended"]
    assert ended["all"] == ended["managed"] > 0


def test_each_event_is_one_row(world: tuple[World, Connection]) -> None:
    """Too dear for every night: no event of anybody in any case is there twice."""
    _, connection = world
    with connection.cursor() as cursor:
        cursor.execute(
            "select person_key, event_kind, event_ref from intermediate.int_offences__event group by 1, 2, 3 having count(*) > 1"
        )
        assert cursor.fetchall() == []


FREE_TEXT = "Quentin Testname told the board"  # planted in the scrutiny case
READABLE = """
    select format('%I.%I', n.nspname, c.relname),
        exists (select from pg_attribute where attrelid = c.oid and attname = 'person_key' and not attisdropped)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^(pg_|information_schema)' and c.relkind in ('r', 'v', 'm')
        and has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'select')
"""


@contextmanager
def _logged_in(role: str, areas: str) -> Iterator[Connection]:
    """Somebody of a role, of the areas that fulfil the condition."""
    login = f"spec_{role}"
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute(f"create role {login} login password 'for-this-test-only' in role iom_{role}")
        cursor.execute("insert into access.person_role values (%s, %s, '{all}')", (login, role))
        cursor.execute(f"insert into access.person_area select distinct %s, area from reference.areas where {areas}", (login,))
    with database.session_of_person(login, "for-this-test-only") as connection:
        yield connection
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute("delete from access.person_area where login = %s", (login,))
        cursor.execute("delete from access.person_role where login = %s", (login,))
        cursor.execute(f"drop role {login}")


@pytest.fixture(scope="module")
def analyst(world: tuple[World, Connection]) -> Iterator[Connection]:
    """An analyst of all districts, logged in."""
    with _logged_in("analyst", "true") as connection:
        yield connection


WORKED_FROM = {
    "mart_cohort.level_mismatch", "mart_cohort.review_due", "mart_partnership.agency_agenda",
    "mart_partnership.custody_movement", "mart_partnership.level_history", "mart_partnership.release_calendar",
    "mart_partnership.transfers", "mart_partnership.transitions", "mart_partnership.two_districts_at_once",
}  # fmt: skip


def test_a_practitioner_reads_the_lists_of_people_of_the_own_area_and_nothing_else(world: tuple[World, Connection]) -> None:
    with _logged_in("practitioner", "area = 'Moat'") as practitioner, practitioner, practitioner.cursor() as cursor:
        cursor.execute(READABLE)
        tables = {table for table, _ in cursor.fetchall() if not table.startswith(("access.", "published."))}
        assert tables == WORKED_FROM
        cursor.execute("select distinct district from mart_partnership.release_calendar")
        assert cursor.fetchall() == [("Moat",)]
        cursor.execute("select count(*) from mart_partnership.level_history")
        assert cursor.fetchone() == (0,), "nobody in Moat has a level"


def test_the_queries_of_the_guide_for_practitioners_answer(world: tuple[World, Connection]) -> None:
    guide = (PROJECT_DIR / "docs" / "how-to" / "find-your-lists.md").read_text("utf-8")
    queries = re.findall(r'lists <<< "(.+)"$', guide, re.MULTILINE)
    assert len(queries) == 6
    answered = {}
    with _logged_in("practitioner", "true") as practitioner, practitioner, practitioner.cursor() as cursor:
        for query in queries:
            cursor.execute(query)
            answered[query] = cursor.rowcount
    assert min(answered.values()) > 0, answered


def test_who_may_see_every_area_sees_people_of_an_area_that_is_not_listed(
    world: tuple[World, Connection], analyst: Connection
) -> None:
    rows = "select count(*) from mart_cohort.selection_matrix"
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute(rows)
        (of_everybody,) = cursor.fetchone()
        cursor.execute("delete from access.person_area where login = 'spec_analyst' and area = 'scoring_matrix'")
    with analyst, analyst.cursor() as cursor:
        cursor.execute(rows)
        assert 0 < cursor.fetchone()[0] < of_everybody
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute("insert into access.person_area values ('spec_analyst', 'unknown')")
    with analyst, analyst.cursor() as cursor:
        cursor.execute(rows)
        assert cursor.fetchone()[0] == of_everybody


def test_no_analyst_reads_who_is_a_client_without_consent(world: tuple[World, Connection], analyst: Connection) -> None:
    """Whatever has a row for each person is looked through: no value of people without consent is the scheme or an agency of
    drug services, and no cohort is theirs. Of Ann, who consents, all of it is there to be found.
    """
    people = {name: key for (case, name), key in world[0].people.items() if case == "told_with_consent_only"}
    tells = {"DIP", "DRUGS", "CHARITY", "dip_episode", "told_with_consent_only.theirs", "told_with_consent_only.joined"}
    told: dict[str, set[str]] = {}
    with analyst, analyst.cursor() as cursor:
        cursor.execute(READABLE)
        of_people = [table for table, has_people in cursor.fetchall() if has_people]
        assert len(of_people) >= 12
        for name in ("Ann", "Bob", "Cat", "Dan", "Eve", "Fay", "Gil"):
            for table in of_people:
                cursor.execute(f"select to_jsonb(of_person) from {table} as of_person where person_key = %s", (people[name],))
                values = {str(value) for (row,) in cursor.fetchall() for value in row.values()}
                told.setdefault(name, set()).update(word for value in values for word in value.split(";"))
    assert told["Ann"] >= tells
    assert {name: words & tells for name, words in told.items() if name != "Ann"} == dict.fromkeys(told.keys() - {"Ann"}, set())


def test_no_analyst_reads_what_an_assessment_rests_on(analyst: Connection) -> None:
    with analyst, analyst.cursor() as cursor:
        cursor.execute(READABLE)
        tables = [table for table, _ in cursor.fetchall()]
        assert "mart_partnership.recommendation_history" in tables
        for table in tables:
            cursor.execute(f"select count(*) from {table} as one where one::text like %s", (f"%{FREE_TEXT}%",))
            assert cursor.fetchone() == (0,), table


@pytest.fixture(scope="module")
def keys(world: tuple[World, Connection]) -> dict[str, int]:
    return {name: key for (case, name), key in world[0].people.items() if case == NAME}


PASSPORT_NEEDS = """
    select own.person_key, need.pathway::integer, need.found_by
    from (
        select
            person_key,
            array_agg(source_key) filter (where source_file = 'probation_person') as crns,
            array_agg(source_key) filter (where source_file = 'prison_person') as prison_numbers
        from identity.link group by person_key
    ) as own
    cross join lateral access.needs_of('{}', own.crns, own.prison_numbers, date '2020-12-31') as need
    where need.found_by in ('oasys', 'prison')
"""
MODEL_NEEDS = """
    select person_key, pathway, source
    from intermediate.int_partnership__open_need
    cross join lateral unnest(string_to_array(sources, ';')) as source
    where source in ('oasys', 'prison')
"""


def test_the_passport_and_the_figures_see_the_same_needs(world: tuple[World, Connection]) -> None:
    with world[1].cursor() as cursor:
        cursor.execute(MODEL_NEEDS)
        expected = cursor.fetchall()
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute(PASSPORT_NEEDS)
        assert sorted(cursor.fetchall()) == sorted(expected)
    assert all(len({person for person, _, source in expected if source == found_by}) > 1 for found_by in ("oasys", "prison"))


def _by_person(connection: Connection, statement: str, *arguments: Any) -> dict[int, tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return {key: rest for key, *rest in cursor.fetchall()}


def test_inputs_of_ogrs3(world: tuple[World, Connection], random_people: RandomPeople, keys: dict[str, int]) -> None:
    found = _by_person(world[1], INPUTS)
    expected = {name: random_people.ogrs3_inputs(name) for name in random_people.names}
    for name, inputs in expected.items():
        assert (keys.get(name) in found) == (inputs is not None), name
        if inputs:
            sanctioned_on, first_on, risk_on, previous, group = inputs
            born = random_people.people[name]["born_on"]
            first_age = first_on.year - int(born[:4]) - (f"{first_on:%m-%d}" < born[5:])
            two_year = found[keys[name]][5]
            assert tuple(found[keys[name]][:5]) == (sanctioned_on, risk_on, previous, group, first_age), name
            assert (two_year is None) == (group is None), name
    assert len([inputs for inputs in expected.values() if inputs]) > 80


def test_selection_scores(world: tuple[World, Connection], random_people: RandomPeople, keys: dict[str, int]) -> None:
    matrix, calculated = _by_person(world[1], SCORES, f"{NAME}.1"), _by_person(world[1], INPUTS)
    considered = 0
    for name in random_people.names:
        official = random_people.official(name)
        of_ours = calculated.get(keys.get(name, 0), [None] * 7)[5]
        expected = random_people.score(name, official if official is not None else of_ours)
        found = matrix.get(keys.get(name, 0))
        if expected is None:
            assert found is None, name
            continue
        considered += 1
        assert float(found[0]) == expected, name
        assert found[1] == ("official" if official else "calculated by the warehouse" if of_ours else None), name
    assert considered > 60


def test_interval_that_draws_whole_people(world: tuple[World, Connection]) -> None:
    """`one_or_two_people`: with 200,000 draws numpy gives -72.4 to 10.0; ours draws a thousand times, each group by itself."""
    _, connection = world
    with connection.cursor() as cursor:
        cursor.execute(
            "select group_value, bootstrap_low, bootstrap_high from mart_reoffending.reoffending_uncertainty"
            " where measure_id = 'one_or_two_people'"
        )
        found = {group: interval for group, *interval in cursor.fetchall()}
    low, high = found["all"]
    assert low == pytest.approx(-72.4, abs=4) and high == pytest.approx(10.0, abs=6)
    assert found["IOM"] == found["all"]  # the same people
    assert found["F"] == pytest.approx([100 * (9 / 7 - 1)] * 2)  # Dan alone


# Each takes as long as the build of the cases; most figures are the police's.
SELDOM = [pytest.param(feed, marks=pytest.mark.bench) for feed in ("probation", "prison", "dip", "hub")]


@pytest.mark.parametrize("absent", ["police", *SELDOM])
def test_the_marts_are_built_where_a_feed_was_never_delivered(world: tuple[World, Connection], absent: str) -> None:
    """With all their tests, of which none may take what is empty then for wrong."""
    _, connection = world
    with connection.cursor() as cursor:
        cursor.execute("select max(configuration_id) from audit.build")
        (configuration_id,) = cursor.fetchone()
    connection.commit()
    vintage = {contract.feed: SEQUENCE for contract in contracts.all() if contract.feed != absent}
    transform.build(TODAY, vintage, 1, configuration_id, open_build(configuration_id, absent), as_of_schema="asof_20010101")
