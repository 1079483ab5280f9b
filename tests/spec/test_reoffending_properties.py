"""Many generated worlds in one build: counted again the slow way, and told in other ways that must change nothing."""

from collections.abc import Iterator
from typing import Any

import parsed_project
import pytest
from counted_by_hand import (
    against_prediction,
    arrests_in_the_same_months,
    convictions_by_quarter,
    crimes_arrested_for,
    rearrests,
    releases,
)
from delivery_maker import Warehouse
from generated_worlds import HORIZONS, LEAP_CYCLE, Member, tell, worlds
from hypothesis import HealthCheck, Phase, given, settings
from psycopg2 import sql
from spec_world import SEQUENCE, TODAY, World, apply_configuration, open_build

from iom_warehouse import contracts, transform
from iom_warehouse.platform import database

DRAWN, WORLDS = 120, 40
QUARTER_ENDS = [90, 182, 274, 364]  # 30 June, 30 September, 31 December 2013 and 31 March 2014
OTHER_WAYS = {
    "backwards": {"backwards": True},
    "later": {"shift": LEAP_CYCLE},
    "crowded": {"bystanders": 3},
    "in_two_deliveries": {},
}
DATES = ("period_start", "period_end")
Rows = list[dict[str, Any]]  # by period
Found = dict[str, dict[str, Rows]]  # measure of a telling -> group -> rows


@pytest.fixture(scope="module")
def told(shared_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[list[Member]], Found]]:
    """The worlds, and what the marts say of each telling of them after one build."""
    people = _draw()
    cases = [tell(f"w{number}", world) for number, world in enumerate(people)]
    cases += [tell(f"w{n}.{way}", world, **how) for n, world in enumerate(people) for way, how in OTHER_WAYS.items()]
    world = World()
    for case in cases:
        world.add(case)
    owner = database.connect("owner")
    configuration_id = apply_configuration(cases, tmp_path_factory.mktemp("configuration"), owner)
    world.write(owner)
    with owner, owner.cursor() as cursor:
        _deliver_twice(cursor)
        cursor.execute("analyze")  # as after a load: a plan must not hang on whether autovacuum has passed by
    owner.close()
    parsed_project.take(parsed_project.of_this_run(tmp_path_factory), shared_warehouse.state)
    transform.build(
        TODAY, {contract.feed: SEQUENCE for contract in contracts.all()}, 1, configuration_id, open_build(configuration_id)
    )
    yield people, _found()


def _draw() -> list[list[Member]]:
    """The fullest worlds of those drawn, the same in every run, and an empty one. Built once: shrinking would build again."""
    drawn: list[list[Member]] = []

    @settings(
        max_examples=DRAWN,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds)
    def draw(found: list[Member]) -> None:
        drawn.append(found)

    draw()
    return [[], *sorted(drawn, key=len, reverse=True)[:WORLDS]]


KEYS = {"police_arrest": "arrest_ref", "police_conviction": "conviction_ref", "prison_spell": "booking_ref"}
EARLIER = "update raw.{} set opened_by_sequence = 0 where {} like %s and hashtext({}) %% 2 = 0"
SINCE_CORRECTED = """
    insert into raw.police_arrest (arrest_ref, police_ref, crime_ref, arrested_at, offence_code, recorded_from, recorded_to,
                                   opened_by_sequence, closed_by_sequence)
    select arrest_ref, police_ref, crime_ref, arrested_at - interval '20 days', offence_code, recorded_from, recorded_from, 0, 1
    from raw.police_arrest where arrest_ref like %s and opened_by_sequence = 1
"""


def _deliver_twice(cursor: Any) -> None:
    """Half of the rows of these worlds came a delivery earlier, and of the other half of the arrests a wrong version did."""
    for file, key in KEYS.items():
        cursor.execute(
            sql.SQL(EARLIER).format(sql.Identifier(file), sql.Identifier(key), sql.Identifier(key)), ["%.in_two_deliveries %"]
        )
    cursor.execute(SINCE_CORRECTED, ["%.in_two_deliveries %"])


def _found() -> Found:
    """Rows of summary and uncertainty, in order of periods; without dates, which may shift, and draws by person."""
    connection = database.connect("transformer")
    with connection, connection.cursor() as cursor:
        cursor.execute(
            """
            select summary.*,
                to_jsonb(uncertainty) - '{measure_id,period_end,bootstrap_low,bootstrap_high}'::text[] as uncertainty
            from mart_reoffending.reoffending_summary as summary
            inner join mart_reoffending.reoffending_uncertainty as uncertainty
                using (measure_id, measure_version, group_by, group_value, period_end)
            where summary.horizon_days is not distinct from uncertainty.horizon_days
            order by period_end, horizon_days
            """
        )
        names = [column.name for column in cursor.description or ()]
        found: Found = {}
        for values in cursor.fetchall():
            row = {name: value for name, value in zip(names, values, strict=True) if name not in (*DATES, "cohort_id")}
            found.setdefault(row.pop("measure_id"), {}).setdefault(row["group_value"], []).append(row)
    connection.close()
    return found


@pytest.mark.parametrize("clock", ["calendar", "free"])
def test_arrests_after_release_as_counted_by_hand(told: Any, clock: str) -> None:
    people, found = told
    for number, world in enumerate(people):
        rows = found[f"w{number}.{clock}"]["all"]
        got = [(row["n_people"], row["n_people_with_event"], row["n_events"], row["days_at_risk"]) for row in rows]
        assert got == [rearrests(world, horizon, at_liberty=clock == "free") for horizon in HORIZONS], world


def test_convictions_of_those_listed_as_counted_by_hand(told: Any) -> None:
    people, found = told
    for number, world in enumerate(people):
        rows = found[f"w{number}.quarters"]["all"]
        got = [(row["n_people"], row["baseline_count"], row["n_events"]) for row in rows]
        assert got == convictions_by_quarter(world, QUARTER_ENDS), world


def test_arrests_after_every_release_as_counted_by_hand(told: Any) -> None:
    people, found = told
    for number, world in enumerate(people):
        rows = found[f"w{number}.each_time"]["all"]
        got = [(row["n_people"], row["n_people_with_event"], row["n_events"], row["days_at_risk"]) for row in rows]
        assert got == [rearrests(world, horizon, each_time=True) for horizon in HORIZONS], world


def test_people_against_prediction_as_counted_by_hand(told: Any) -> None:
    people, found = told
    for number, world in enumerate(people):
        [row] = found[f"w{number}.predicted"]["all"]
        assert (row["n_people"], row["n_people_with_event"], row["expected_count"]) == against_prediction(world), world


@pytest.mark.parametrize("sex", ["M", "F"])
def test_a_group_is_counted_as_its_people_by_themselves(told: Any, sex: str) -> None:
    people, found = told
    for number, world in enumerate(people):
        of_sex = [member for member in world if member.sex == sex]
        got = [(row["n_people"], row["baseline_count"], row["n_events"]) for row in found[f"w{number}.quarters"].get(sex, [])]
        assert _is(got, convictions_by_quarter(of_sex, QUARTER_ENDS)), world
        rows = found[f"w{number}.calendar"].get(sex, [])
        got = [(row["n_people"], row["n_people_with_event"], row["n_events"], row["days_at_risk"]) for row in rows]
        assert _is(got, [rearrests(of_sex, horizon) for horizon in HORIZONS]), world


def _is(got: list[Any], by_hand: list[Any]) -> bool:
    """A group that nobody of the cohort is in has no rows."""
    return got == by_hand or (not got and not by_hand[0][0])


@pytest.mark.parametrize("measure", ["quarters", "calendar"])
def test_age_bands_add_up_to_everybody(told: Any, measure: str) -> None:
    people, found = told
    counts = ("n_people", "n_excluded", "n_people_with_event", "n_events", "days_at_risk")
    for number, world in enumerate(people):
        groups = found[f"w{number}.{measure}"].values()
        banded = [rows for rows in groups if rows[0]["group_by"] == "age_band"]
        for period, row in enumerate(found[f"w{number}.{measure}"]["all"]):
            of_bands = [sum(rows[period][count] for rows in banded) for count in counts]
            assert of_bands == [row[count] for count in counts], world


@pytest.mark.parametrize(("measure", "by_hand"), [("same_months", arrests_in_the_same_months), ("crimes", crimes_arrested_for)])
def test_arrests_against_a_baseline_as_counted_by_hand(told: Any, measure: str, by_hand: Any) -> None:
    people, found = told
    for number, world in enumerate(people):
        [row] = found[f"w{number}.{measure}"]["all"]
        assert (row["n_people"], row["baseline_count"], row["n_events"]) == by_hand(world), world


@pytest.mark.parametrize("way", OTHER_WAYS)
def test_told_in_another_way_it_is_the_same(told: Any, way: str) -> None:
    people, found = told
    for number, world in enumerate(people):
        for measure in ("quarters", "proven", "calendar", "free", "each_time", "predicted", "same_months", "crimes"):
            assert found[f"w{number}.{way}.{measure}"] == found[f"w{number}.{measure}"], world


def test_the_worlds_are_worth_counting(told: Any) -> None:
    """Guards the tests above: there are events, deaths, people in custody and excluded people among them."""
    people, found = told
    everybody = [member for world in people for member in world]
    assert len(everybody) > 100
    rows = [row for groups in found.values() for row in groups["all"]]
    assert sum(row["n_events"] for row in rows) > 500
    assert any(row["n_excluded"] for row in rows)
    found_of = {finding.partition("=")[0] for row in rows for finding in (row["findings"] or "").split("; ")}
    assert found_of >= {"no_people", "small_n", "provisional", "baseline_zero", "follow_up_incomplete"}, found_of
    assert any(None in (length for _, length in member.stays) for member in everybody)
    assert any(len(releases(member)) > 1 for member in everybody)
    predicted = [row for number in range(len(people)) for row in found[f"w{number}.predicted"]["all"]]
    assert sum(row["n_people"] for row in predicted) > sum(row["n_people_with_event"] for row in predicted) > 0
