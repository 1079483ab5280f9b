"""OGRS3 in the database: the printed vectors, a thousand random cases against a program of its own, and what bad input gives."""

import csv
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from math import exp, log
from typing import Any

import numpy as np
import pytest
from delivery_maker import Warehouse
from psycopg2.extras import execute_values

from iom_warehouse.platform import database
from iom_warehouse.platform.settings import PROJECT_DIR

Case = tuple[str | None, int | None, int | None, int | None, int | None, str | None]

# Coefficients once more, for the program below alone: youngest age of each band, then men and women.
YOUNGEST = [10, 12, 14, 16, 18, 21, 25, 30, 35, 40, 50]
AGE = {
    "M": [0, 0.083922902, 0.075775765, -0.061594199, -0.625103618, -1.051515067, -1.166679288, -1.325976554, -1.368045933,
          -1.499690953, -2.025261458],
    "F": [-0.785038489, -0.613852078, -0.669521331, -0.959179629, -0.897480934, -1.028488454, -1.052777806, -1.129127959,
          -1.42187494, -1.524652221, -2.44983716],
}  # fmt: skip
OFFENCE = {
    "violence": 0, "robbery": -0.634795912, "public_order": 0.181917975, "sexual_against_child": -0.653434071,
    "sexual_not_against_child": 0.03276327, "soliciting_prostitution": 0.760608858, "burglary_domestic": -0.12394352,
    "burglary_other": 0.240604429, "theft_non_motor": 0.661244321, "handling": 0.351866973, "fraud_and_forgery": 0.159910192,
    "absconding_and_bail": 0.733378677, "taking_and_driving_away": 0.380059431, "theft_from_vehicles": 0.427225615,
    "motoring": 0.262228428, "drink_driving": -0.121439408, "criminal_damage": 0.204960477,
    "drug_import_export_production": -0.795556373, "drug_possession_supply": 0.077165871, "other": -0.060667525,
}  # fmt: skip


def predicted(sex: str, at_risk: int, convicted: int, first: int, previous: int, group: str) -> tuple[float, float]:
    """OGRS3 step by step, apart from the SQL."""
    z = AGE[sex][bisect_right(YOUNGEST, at_risk) - 1] + OFFENCE[group]
    z += 0.463062792 if previous else 0.126142106
    z += 1.251124464 * log((1 + min(previous, 50)) / (10 + convicted - first))
    return 1 / (1 + exp(-1.402562384 - z)), 1 / (1 + exp(-2.121705678 - z))


@pytest.fixture(scope="module")
def connection(shared_warehouse: Warehouse) -> Iterator[database.Connection]:
    opened = database.connect("transformer")
    yield opened
    opened.close()


def score(connection: database.Connection, cases: Sequence[Case]) -> list[tuple[Any, ...]]:
    """one_year, two_year, reason of each case, all in one statement."""
    statement = """
        select one_year, two_year, reason
        from (values %s) as asked (place, sex, at_risk, convicted, first, previous, offence_group),
             prediction.ogrs3(sex, at_risk::integer, convicted::integer, first::integer, previous::integer, offence_group)
        order by place
    """
    with connection.cursor() as cursor:
        return execute_values(
            cursor, statement, [(place, *case) for place, case in enumerate(cases)], page_size=10_000, fetch=True
        )


VECTORS = [
    (("M", 23, 23, 12, 25, "taking_and_driving_away"), 0.811743, 0.898487),
    (("F", 34, 33, 17, 12, "burglary_domestic"), 0.436677, 0.614077),
    (("M", 19, 19, 19, 0, "theft_non_motor"), 0.211489, 0.355069),
    (("M", 41, 40, 15, 79, "theft_non_motor"), 0.817306, 0.901796),
    (("M", 52, 51, 30, 3, "drink_driving"), 0.055045, 0.106800),
    (("M", 28, 27, 14, 34, "theft_non_motor"), 0.868239, 0.931159),
    (("F", 22, 22, 16, 5, "theft_non_motor"), 0.567398, 0.729164),
    (("M", 18, 18, 16, 1, "robbery"), 0.163012, 0.285601),
    (("M", 35, 33, 15, 20, "burglary_domestic"), 0.503427, 0.675431),
    (("F", 50, 49, 49, 0, "fraud_and_forgery"), 0.025530, 0.051033),
]


@pytest.mark.parametrize(("case", "one_year", "two_year"), VECTORS)
def test_vector(connection: database.Connection, case: Case, one_year: float, two_year: float) -> None:
    [found] = score(connection, [case])
    assert found[:2] == pytest.approx((one_year, two_year), abs=5e-7) and found[2] is None


def test_a_thousand_random_cases(connection: database.Connection) -> None:
    rng = np.random.default_rng(2009)
    groups = sorted(OFFENCE)
    cases: list[Case] = []
    for _ in range(1000):
        first, convicted, at_risk = np.sort(rng.integers(10, 96, 3))
        previous = rng.choice([0, 1, rng.integers(2, 50), rng.integers(50, 200)])
        cases.append((rng.choice(["M", "F"]), int(at_risk), int(convicted), int(first), int(previous), groups[rng.integers(20)]))
    cases = [(str(case[0]), *case[1:]) for case in cases]
    found = score(connection, cases)
    expected = [predicted(*case) for case in cases]
    assert max(abs(a - b) for row, pair in zip(found, expected, strict=True) for a, b in zip(row[:2], pair, strict=True)) < 1e-9
    assert {row[2] for row in found} == {None} and {case[5] for case in cases} == set(OFFENCE)


@pytest.mark.parametrize("age", sorted({*YOUNGEST, *(age - 1 for age in YOUNGEST[1:]), 120}))
def test_every_edge_of_the_age_bands(connection: database.Connection, age: int) -> None:
    for sex in "MF":
        [found] = score(connection, [(sex, age, 10, 10, 3, "other")])
        assert found[:2] == pytest.approx(predicted(sex, age, 10, 10, 3, "other"), abs=1e-12)


SOUND: Case = ("M", 30, 29, 15, 7, "robbery")
BAD = [
    (0, None, "sex_not_known"), (0, "U", "sex_not_known"), (1, None, "age_not_known"), (2, None, "age_not_known"),
    (3, None, "age_not_known"), (1, 121, "age_out_of_range"), (3, 9, "age_out_of_range"), (3, -1, "age_out_of_range"),
    (3, 30, "first_sanction_after_current"), (3, 39, "first_sanction_after_current"), (1, 28, "risk_before_conviction"),
    (4, None, "previous_sanctions_not_known"), (4, -1, "previous_sanctions_not_known"), (5, None, "offence_not_mapped"),
    (5, "999", "offence_not_mapped"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value", "reason"), BAD)
def test_bad_input_has_no_score_and_a_reason(connection: database.Connection, place: int, value: Any, reason: str) -> None:
    case = (*SOUND[:place], value, *SOUND[place + 1 :])
    assert score(connection, [case, SOUND])[0] == (None, None, reason)
    with connection.cursor() as cursor:  # as constants, which the planner works out beforehand
        cursor.execute("select * from prediction.ogrs3(%s, %s, %s, %s, %s, %s)", case)
        assert cursor.fetchall() == [(None, None, reason)]


def test_drink_driving_and_motoring_are_not_swapped(connection: database.Connection) -> None:
    motoring, drinking = score(connection, [(*SOUND[:5], "motoring"), (*SOUND[:5], "drink_driving")])
    assert log(motoring[0] / (1 - motoring[0])) - log(drinking[0] / (1 - drinking[0])) == pytest.approx(0.262228428 + 0.121439408)


def test_the_groups_are_those_of_the_configuration(connection: database.Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select offence_group from prediction.ogrs3_offence")
        groups = {group for [group] in cursor.fetchall()}
    with (PROJECT_DIR / "partnership" / "offences.csv").open(encoding="utf-8", newline="") as offences:
        assert groups == {row["ogrs3_group"] for row in csv.DictReader(offences)} - {""}


@pytest.mark.parametrize(
    ("probability", "percent", "band"),
    [(0.001, 1, "low"), (0.494, 49, "low"), (0.495, 50, "medium"), (0.745, 75, "high"), (0.894, 89, "high"),
     (0.9, 90, "very high"), (0.9999, 99, "very high")],
)  # fmt: skip
def test_shown_percentage_and_band(connection: database.Connection, probability: float, percent: int, band: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select prediction.ogrs3_percent(%s), prediction.ogrs3_band(%s)", (probability, probability))
        assert cursor.fetchone() == (percent, band)


def test_the_function_becomes_part_of_the_statement(connection: database.Connection) -> None:
    """So a million people are one join and no million calls."""
    with connection.cursor() as cursor:
        cursor.execute("explain select s.* from generate_series(10, 99) age, prediction.ogrs3('M', age, age, age, 0, 'other') s")
        assert not any("Function Scan on ogrs3" in line for [line] in cursor.fetchall())
