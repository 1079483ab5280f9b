"""The functions of the schema `statistics`, to the test values of the methods and against scipy."""

from collections.abc import Callable
from typing import Any

import pytest
from delivery_maker import Warehouse
from scipy import stats

from iom_warehouse.platform import database

Call = Callable[..., Any]


@pytest.fixture
def call(shared_warehouse: Warehouse) -> Call:
    def run(function: str, *arguments: float | None) -> Any:
        with database.transaction("transformer") as connection, connection.cursor() as cursor:
            cursor.execute(f"select * from statistics.{function}({', '.join(['%s'] * len(arguments))})", arguments)
            row = cursor.fetchone()
            return row[0] if len(row) == 1 else row

    return run


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 20, 0.00, 16.11),
        (30, 43, 54.89, 81.40),
        (17, 31, 37.77, 70.84),
        (12, 25, 30.03, 66.50),
        (59, 99, 49.75, 68.73),
        (30, 30, 88.65, 100),
    ],
)
def test_wilson(call: Call, successes: int, trials: int, low: float, high: float) -> None:
    found = call("wilson_interval", successes, trials)
    assert [100 * end for end in found] == pytest.approx([low, high], abs=0.005)


@pytest.mark.parametrize(
    ("count", "byar", "exact"),
    [
        (0, (0, 3.668), (0, 3.689)), (1, (0.013, 5.564), (0.025, 5.572)), (5, (1.611, 11.668), (1.623, 11.668)),
        (10, (4.787, 18.391), (4.795, 18.390)), (35, (24.375, 48.678), (24.379, 48.677)), (73, (57.218, 91.788), None),
        (148, (125.115, 173.858), None),
    ],
)  # fmt: skip
def test_interval_of_a_count(call: Call, count: int, byar: tuple, exact: tuple | None) -> None:
    assert call("byar_interval", count) == pytest.approx(byar, abs=0.0005)
    if exact:
        assert call("exact_count_interval", count) == pytest.approx(exact, abs=0.0005)
    assert call("count_interval", count) == pytest.approx(exact if count < 10 else byar, abs=0.0005)


def test_published_counts_against_their_baseline(call: Call) -> None:
    """NI 30: only LEEDS is significant, ratio -23%, -38% to -5%."""
    assert [round(call("compare_counts_p", *pair), 3) for pair in ((193, 148), (86, 73), (53, 35), (54, 40))] == [
        0.017,
        0.341,
        0.069,
        0.18,
    ]
    assert call("count_ratio_interval", 193, 148) == pytest.approx((0.6190, 0.9500), abs=0.00005)
    assert call("poisson_range", 48.25) == (35, 62)


def test_an_interval_without_a_count_is_empty(call: Call) -> None:
    assert call("count_ratio_interval", 0, 4) == call("count_ratio_interval", 4, 0) == (None, None)
    assert call("wilson_interval", 0, 0) == (None, None)


@pytest.mark.parametrize("mean", [0.02, 0.5, 3.3, 48.25, 700.0, 12345.6])
def test_poisson_against_scipy(call: Call, mean: float) -> None:
    for k in {0, 1, int(mean / 2), int(mean), int(mean + 3 * mean**0.5) + 1}:
        assert call("poisson_cdf", k, mean) == pytest.approx(stats.poisson.cdf(k, mean), rel=1e-9, abs=1e-14)
    assert call("poisson_range", mean) == tuple(map(int, stats.poisson.interval(0.95, mean)))


@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (20, 0.03), (341, 0.5), (5000, 0.91)])
def test_binomial_against_scipy(call: Call, n: int, p: float) -> None:
    for k in (0, 1, int(n * p), n - 1, n):
        assert call("binomial_cdf", k, n, p) == pytest.approx(stats.binom.cdf(k, n, p), rel=1e-9, abs=1e-14)


@pytest.mark.parametrize(
    ("n", "two_sigma", "three_sigma"),
    [
        (25, (36.2, 72.5), (27.4, 79.8)),
        (31, (37.9, 71.0), (29.7, 78.0)),
        (43, (40.3, 68.8), (32.9, 75.3)),
        (99, (45.2, 64.4), (39.8, 69.3)),
    ],
)
def test_funnel(call: Call, n: int, two_sigma: tuple, three_sigma: tuple) -> None:
    for z, limits in ((1.96, two_sigma), (3.09, three_sigma)):
        assert [100 * limit for limit in call("funnel_limits", 0.55, n, z)] == pytest.approx(limits, abs=0.05)


def test_newcombe(call: Call) -> None:
    """The first example of Newcombe (1998): 56 of 70 against 48 of 80."""
    assert call("newcombe_interval", 56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=0.00005)


def test_normal(call: Call) -> None:
    """NI 18's example: z -2.43, p 0.0149."""
    z = (55 - 74) / 60.936**0.5
    assert call("two_sided_p", z) == pytest.approx(0.0149, abs=0.00005)
