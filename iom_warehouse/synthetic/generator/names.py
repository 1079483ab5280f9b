"""Names of several heritages, drawn from the pools in `name_pools.yml`.

The rarer surnames of the largest group are put together from parts of English place names, as many real ones are.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from iom_warehouse.platform import yaml_file
from iom_warehouse.synthetic.generator.dice import Rng, chance, pick


@dataclass(frozen=True)
class Heritage:
    """One group of people: its share of the population, how it is recorded, and its names, most common first."""

    share: float
    ethnicity: str
    surnames: str
    men: str
    women: str


_POOLS = yaml_file.read(Path(__file__).with_name("name_pools.yml"))
HERITAGES = tuple(Heritage(**pool) for pool in _POOLS["heritages"])
NICKNAMES: dict[str, str] = _POOLS["nicknames"]
_RARE_SURNAME_SHARE = 0.25
_MIDDLE_NAME_SHARE = 0.45


def draw_heritages(rng: Rng, size: int) -> np.ndarray:
    """Positions in HERITAGES."""
    return pick(rng, [heritage.share for heritage in HERITAGES], size)


def draw_names(rng: Rng, heritages: np.ndarray, is_male: np.ndarray) -> dict[str, pl.Series]:
    """Columns `surname` and `forenames` (a first and perhaps a middle name) for people of the given heritages and sexes."""
    size = len(heritages)
    surnames, first, middle = (np.full(size, "", dtype="U24") for _ in range(3))
    for number, heritage in enumerate(HERITAGES):
        own = np.flatnonzero(heritages == number)
        surnames[own] = _draw(rng, heritage.surnames.split(), len(own))
        for pool, members in ((heritage.men, own[is_male[own]]), (heritage.women, own[~is_male[own]])):
            first[members] = _draw(rng, pool.split(), len(members))
            middle[members] = _draw(rng, pool.split(), len(members))
    rare = (heritages == 0) & chance(rng, _RARE_SURNAME_SHARE, size)
    parts = (rng.choice(_POOLS[f"place_name_{part}"].split(), rare.sum()) for part in ("beginnings", "endings"))
    surnames[rare] = np.char.add(*parts)
    has_middle = chance(rng, _MIDDLE_NAME_SHARE, size) & (first != middle)
    forenames = np.where(has_middle, np.char.add(np.char.add(first, " "), middle), first)
    return {"surname": pl.Series(surnames), "forenames": pl.Series(forenames)}


def _draw(rng: Rng, pool: list[str], size: int) -> np.ndarray:
    """Names of a pool, the frequency falling with the rank as it does in real name lists."""
    weights = 1 / (np.arange(len(pool)) + 4.0)
    return np.asarray(pool)[pick(rng, weights, size)]
