"""The force area Fenshire: three districts of four wards, in two divisions. Invented throughout."""

import polars as pl

from iom_warehouse.synthetic.generator.dice import Rng, pick

DISTRICTS = ("FX-A", "FX-B", "FX-C")
DISTRICT_NAMES = {"FX-A": "Ashby", "FX-B": "Brackley", "FX-C": "Carrow"}
DIVISION_OF = {"FX-A": "FX-N", "FX-B": "FX-N", "FX-C": "FX-S", "OUT": "OUT"}
OUTSIDE = "OUT"
WARDS_PER_DISTRICT = 4
_DISTRICT_WEIGHTS = (5.0, 3.0, 4.0)
_WARD_WEIGHTS = (4.0, 3.0, 2.0, 1.0)


def wards() -> list[str]:
    """Codes of the twelve wards, district by district."""
    return [f"{district}-{number:02d}" for district in DISTRICTS for number in range(1, WARDS_PER_DISTRICT + 1)]


def draw_wards(rng: Rng, size: int) -> pl.Series:
    """Wards that people live in; the poorer wards have more of them."""
    weights = [d * w for d in _DISTRICT_WEIGHTS for w in _WARD_WEIGHTS]
    return pl.Series("ward", wards()).gather(pick(rng, weights, size))


def district_of(ward: pl.Expr) -> pl.Expr:
    return ward.str.slice(0, 4)


def division_of(district: pl.Expr) -> pl.Expr:
    return district.replace_strict(DIVISION_OF, return_dtype=pl.String)


def postcodes() -> pl.DataFrame:
    """Every postcode of the force area with its ward: four sectors of ten in each ward. (FN is no real postcode area.)"""
    units = [f"{sector}A{letter}" for sector in range(1, 5) for letter in "ABDEFGHJLN"]
    outward = pl.DataFrame({"ward": wards(), "outward": [f"FN{number}" for number in range(1, len(wards()) + 1)]})
    return outward.join(pl.DataFrame({"inward": units}), how="cross").select(
        pl.format("{} {}", "outward", "inward").alias("postcode"), "ward"
    )


def draw_postcodes(rng: Rng, ward: pl.Series) -> pl.Series:
    """A postcode in each of the given wards."""
    known = postcodes()
    per_ward = known.height // len(wards())
    first = ward.replace_strict(wards(), list(range(0, known.height, per_ward)), return_dtype=pl.Int64).to_numpy()
    return known["postcode"].gather(first + rng.integers(0, per_ward, len(ward)))
