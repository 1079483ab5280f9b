"""Every rule of `tests/spec`, on the real models."""

from typing import Any

import pytest
from spec_cases import Case, Row, as_written, decimals, read_all
from spec_world import World, own_id

from iom_warehouse.platform.database import Connection

SCHEMA_OF = (
    "select table_schema from information_schema.tables where table_name = %s and table_schema not in ('raw', 'reference')"
)
TOLD_BY = ("area", "service_group", "contract_ref")  # what names the case where a model has no measure, cohort or person


@pytest.mark.parametrize("case", read_all(), ids=lambda case: case.name)
def test_rule(case: Case, world: tuple[World, Connection]) -> None:
    people, connection = world
    for relation, expected in case.expect.items():
        names = list(expected[0])
        rows = _rows(relation, connection)
        if "area_level = 'all'" not in relation:
            rows = _about(case, rows, people, names)
        found = [_written(row, expected, names) for row in rows]
        assert sorted(found) == sorted(list(row.values()) for row in expected if any(row.values())), f"{relation} of {case.rule}"


def _written(row: dict[str, Any], expected: list[Row], names: list[str]) -> list[str]:
    return [as_written(row[name], decimals(one[name] for one in expected)) for name in names]


def _about(case: Case, rows: list[dict[str, Any]], world: World, names: list[str]) -> list[dict[str, Any]]:
    """The rows about the case's measures, cohorts or people, with the names that the case gave them."""
    people = {key: name for (of, name), key in world.people.items() if of == case.name}
    measures = {own_id(case, name): name for name in case.measures}
    cohorts = {own_id(case, name): name for name in case.cohorts}
    if not rows:
        return []
    for row in rows:
        row["person"] = people.get(row.get("person_key", 0))
        row["measure"] = measures.get(row.get("measure_id", ""))
        row["cohort"] = cohorts.get(row.get("cohort_id", ""))
        row["own"] = next((value for value in map(row.get, TOLD_BY) if f"{value} ".startswith(f"{case.name} ")), None)
        row |= {name: row[name].removeprefix(f"{case.name} ") for name in TOLD_BY if row.get(name)}
    told_by = next((one for one in ("measure", "cohort", "person") if {f"{one}_id", f"{one}_key"} & rows[0].keys()), "own")
    rows = [row for row in rows if row[told_by] is not None]
    return [row for row in rows if "group_by" in names or row.get("group_by", "all") == "all"]


def _rows(relation: str, connection: Connection) -> list[dict[str, Any]]:
    """The rows of a model, or those of `model where condition`."""
    name, _, condition = relation.partition(" where ")
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA_OF, (name,))
        [schema] = cursor.fetchone()
        cursor.execute(f'select * from "{schema}"."{name}" where {condition or True}')
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_nobody_is_in_two_districts_unless_the_hub_says_so(world: tuple[World, Connection]) -> None:
    """Of everybody in every case only Jan of `handed_over` is, who was never transferred."""
    _, connection = world
    with connection.cursor() as cursor:
        cursor.execute("select row_count from mart_quality.input_anomaly where anomaly = 'memberships_in_two_districts_at_once'")
        assert cursor.fetchall() == [(1,)]


def test_each_event_is_one_row(world: tuple[World, Connection]) -> None:
    """Too dear for every night: no event of anybody in any case is there twice."""
    _, connection = world
    with connection.cursor() as cursor:
        cursor.execute(
            "select person_key, event_kind, event_ref from intermediate.int_offences__event group by 1, 2, 3 having count(*) > 1"
        )
        assert cursor.fetchall() == []
