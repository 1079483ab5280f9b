"""Tests and intervals in which a person may stand behind several records."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from delivery_maker import Warehouse
from scipy import stats

from iom_warehouse.platform import database


@pytest.fixture(scope="module")
def connection(shared_warehouse: Warehouse) -> Iterator[database.Connection]:
    opened = database.connect("transformer")
    yield opened
    opened.close()


def ask(connection: database.Connection, call: str, *arguments: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(f"select * from statistics.{call}", arguments)
        return cursor.fetchone()


def bootstrap(
    connection: database.Connection, people: Sequence[int], y: Sequence[float], x: Sequence[float], replicates: int = 1000
) -> tuple:
    call = "bootstrap_interval(%s::bigint[], %s::double precision[], %s::double precision[], %s)"
    return ask(connection, call, list(people), list(y), list(x), replicates)


def test_nobody_and_nothing_to_divide_by_have_no_interval(connection: database.Connection) -> None:
    assert bootstrap(connection, [], [], []) == (None, None)
    assert bootstrap(connection, [1], [1], [0]) == (None, None)


def test_the_bootstrap_is_that_of_its_draws(connection: database.Connection) -> None:
    """The interval, worked out again from the draws; a person's records stay together."""
    rng = np.random.default_rng(3)
    people = rng.integers(1, 10**9, 40).repeat(2)
    y, x = rng.poisson(3, 80).astype(float), rng.integers(1, 400, 80).astype(float)
    with connection.cursor() as cursor:
        cursor.execute(
            "select array_agg(statistics.bootstrap_draw(person_key, replicate, 40) order by person_key)"
            " from unnest(%s::bigint[]) as person_key, generate_series(1, 200) as replicate group by replicate",
            (sorted({int(person) for person in people}),),
        )
        draws = np.array([row for [row] in cursor.fetchall()]) - 1
    order = np.argsort(people[::2])
    summed_y, summed_x = (values.reshape(40, 2).sum(axis=1)[order] for values in (y, x))
    ratios = summed_y[draws].sum(axis=1) / summed_x[draws].sum(axis=1)
    arguments = [list(map(float, y)), list(map(float, x))]
    assert bootstrap(connection, list(map(int, people)), *arguments, 200) == pytest.approx(
        np.quantile(ratios, [0.025, 0.975]), rel=1e-12
    )
    assert draws.min() == 0 and draws.max() == 39
    assert stats.chisquare(np.bincount(draws.ravel(), minlength=40)).pvalue > 1e-4, "everybody is drawn alike often"


def test_the_order_of_records_does_not_matter(connection: database.Connection) -> None:
    people, y, x = [5, 9, 5, 7], [3.0, 1.0, 4.0, 0.0], [1.0, 2.0, 1.0, 3.0]
    forwards, backwards = bootstrap(connection, people, y, x), bootstrap(connection, people[::-1], y[::-1], x[::-1])
    assert forwards == backwards and forwards[0] < forwards[1]


def test_prolific_people_widen_the_interval_beyond_poisson(connection: database.Connection) -> None:
    counts = [1.0] * 25 + [float(count) for count in range(16)]
    low, high = bootstrap(connection, range(1, 42), counts, [1.0] * 41)
    exact = stats.chi2.ppf([0.025, 0.975], [290, 292]) / 2 / 41
    assert low < exact[0] and high > exact[1]
    reference = stats.bootstrap((np.array(counts),), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(1))
    assert (low, high) == pytest.approx(tuple(reference.confidence_interval), rel=0.05)


def test_five_thousand_people_and_no_more(connection: database.Connection) -> None:
    counts = [float(number % 4) for number in range(5001)]
    low, high = bootstrap(connection, range(5000), counts[:5000], [1.0] * 5000)
    assert 1.4 < low < 1.5 < high < 1.6
    assert bootstrap(connection, range(5001), counts, [1.0] * 5001) == (None, None)
