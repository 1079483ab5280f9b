"""The functions of the schema `statistics` against scipy, on random values, to 1e-9."""

from collections.abc import Iterator
from typing import Any

import pytest
from delivery_maker import Warehouse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from iom_warehouse.platform import database

often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
COUNTS = st.integers(0, 20_000)
LEVELS = st.sampled_from([0.8, 0.95, 0.99, 0.998])
SHARES = st.tuples(st.integers(0, 5_000), st.integers(1, 5_000)).map(lambda pair: (min(pair), max(pair)))


@pytest.fixture(scope="module")
def connection(shared_warehouse: Warehouse) -> Iterator[database.Connection]:
    opened = database.connect("transformer")
    yield opened
    opened.close()


def ask(connection: database.Connection, function: str, *arguments: float) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"select * from statistics.{function}({', '.join(['%s'] * len(arguments))})", arguments)
        row = cursor.fetchone()
        return row[0] if len(row) == 1 else row


def wilson(share: tuple[int, int], z: float) -> tuple[float, float]:
    interval = stats.binomtest(*share).proportion_ci(confidence_level=2 * stats.norm.cdf(z) - 1, method="wilson")
    return interval.low, interval.high


@often
@given(share=SHARES, level=LEVELS)
def test_wilson(connection: database.Connection, share: tuple[int, int], level: float) -> None:
    z = float(stats.norm.ppf((1 + level) / 2))
    assert ask(connection, "wilson_interval", *share, z) == pytest.approx(wilson(share, z), rel=1e-9, abs=1e-12)


@often
@given(count=COUNTS, level=LEVELS)
def test_exact_interval_of_a_count(connection: database.Connection, count: int, level: float) -> None:
    low = stats.chi2.ppf((1 - level) / 2, 2 * count) / 2 if count else 0
    high = stats.chi2.ppf((1 + level) / 2, 2 * count + 2) / 2
    assert ask(connection, "exact_count_interval", count, level) == pytest.approx((low, high), rel=1e-9)


@often
@given(count=st.integers(10, 20_000))
def test_byar_is_close_to_exact(connection: database.Connection, count: int) -> None:
    """An approximation: within 3% / count of the exact ends from 10 events on."""
    exact = ask(connection, "exact_count_interval", count)
    assert ask(connection, "byar_interval", count) == pytest.approx(exact, rel=0.03 / count)


@often
@given(before=COUNTS, after=COUNTS, exposure=st.floats(0.1, 10))
def test_two_counts(connection: database.Connection, before: int, after: int, exposure: float) -> None:
    chance = stats.binom(before + after, exposure / (1 + exposure))
    p = min(1, 2 * min(chance.cdf(after), chance.sf(after - 1)))
    assert ask(connection, "compare_counts_p", before, after, exposure) == pytest.approx(p, rel=1e-9, abs=1e-12)


@often
@given(one=SHARES, other=SHARES)
def test_newcombe(connection: database.Connection, one: tuple[int, int], other: tuple[int, int]) -> None:
    (p1, (low1, high1)), (p2, (low2, high2)) = ((share[0] / share[1], wilson(share, 1.959964)) for share in (one, other))
    low = p1 - p2 - ((p1 - low1) ** 2 + (high2 - p2) ** 2) ** 0.5
    high = p1 - p2 + ((high1 - p1) ** 2 + (p2 - low2) ** 2) ** 0.5
    assert ask(connection, "newcombe_interval", *one, *other) == pytest.approx((low, high), rel=1e-9, abs=1e-9)


@often
@given(target=st.floats(0.01, 0.99), n=st.integers(10, 5_000), z=st.sampled_from([1.96, 3.09]))
def test_a_share_on_the_funnel_limit_is_z_from_the_target(
    connection: database.Connection, target: float, n: int, z: float
) -> None:
    """A limit is a share whose score test against the target gives z: |limit - target| = z sqrt(limit (1 - limit) / n)."""
    for limit in ask(connection, "funnel_limits", target, n, z):
        assert abs(limit - target) == pytest.approx(z * (limit * (1 - limit) / n) ** 0.5, rel=1e-6)


@often
@given(z=st.floats(-8, 8))
def test_normal(connection: database.Connection, z: float) -> None:
    assert ask(connection, "two_sided_p", z) == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)


@often
@given(k=COUNTS, mean=st.floats(0.01, 20_000))
def test_poisson(connection: database.Connection, k: int, mean: float) -> None:
    assert ask(connection, "poisson_cdf", k, mean) == pytest.approx(stats.poisson.cdf(k, mean), rel=1e-9, abs=1e-12)
