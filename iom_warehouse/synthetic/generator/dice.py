"""Seeded random numbers and the few draws that all parts need."""

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Rng = np.random.Generator
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


def stream(seed: int, name: str) -> Rng:
    """The random numbers of the part called `name`, the same for the same seed."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def pick(rng: Rng, weights: Sequence[float] | Floats, size: int) -> Integers:
    """`size` positions in `weights`, each drawn in proportion to its weight."""
    cumulative = np.cumsum(weights)
    drawn: Integers = np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right")
    return drawn


def choose(rng: Rng, values: Sequence[str], weights: Sequence[float], size: int) -> npt.NDArray[np.str_]:
    """`size` of `values`, each drawn in proportion to its weight."""
    chosen: npt.NDArray[np.str_] = np.asarray(values)[pick(rng, weights, size)]
    return chosen


def chance(rng: Rng, probability: float | Floats, size: int) -> Booleans:
    """True with the given probability."""
    happened: Booleans = rng.random(size) < probability
    return happened


def days(rng: Rng, low: int, high: int, size: int) -> Integers:
    """Whole days from `low` to `high`, both included."""
    return rng.integers(low, high + 1, size)


def waiting_days(rng: Rng, mean: float | Floats, size: int) -> Integers:
    """Whole days of a wait that is mostly short and sometimes long, with the given mean; 0 occurs."""
    waited: Integers = np.floor(rng.exponential(mean, size)).astype(np.int64)
    return waited
