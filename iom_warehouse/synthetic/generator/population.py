"""The people of the sample: who they are, where they live, how their lives incline them. One row per person."""

import numpy as np
import polars as pl

from iom_warehouse.synthetic.check_letters import ALPHABET, cro_number, pnc_id
from iom_warehouse.synthetic.generator.calendar_days import HISTORY_FROM, HISTORY_TO, NIGHTS_FROM, day_number, to_dates
from iom_warehouse.synthetic.generator.dice import Floats, Integers, Rng, chance, days, stream
from iom_warehouse.synthetic.generator.names import HERITAGES, draw_heritages, draw_names
from iom_warehouse.synthetic.generator.places import district_of, draw_postcodes, draw_wards

MALE_SHARE = 0.88
DRUG_SHARE = 0.32
DRINK_SHARE = 0.35
_RATE_MEDIAN, _RATE_SPREAD, _RATE_MOST = 0.28, 1.5, 16.0
_MOVE_SHARE = 0.15
_TWIN_SHARE = 0.05  # of brothers and sisters
_OF_A_FAMILY = ("surname", "ethnicity", "ward", "district", "postcode", "old_postcode", "old_district", "moved_on")


def draw_people(seed: int, size: int, relatives: float = 0.0) -> pl.DataFrame:
    """People numbered from 0, of whom a share (`relatives`) are brothers and sisters who live together, some of them twins.

    person, sex, dob, ethnicity, surname, forenames, ward, district, postcode and, before moved_on, old_postcode, old_district;
    pncid, cro_number, prison_number, crn: each unique, and used by a feed only for people who come its way;
    rate: named offences a year at liberty (heavy-tailed); uses_drugs, drinks; onset_on: first day of the criminal career.
    """
    rng = stream(seed, "population")
    is_male = chance(rng, MALE_SHARE, size)
    heritages = draw_heritages(rng, size)
    uses_drugs = chance(rng, DRUG_SHARE, size)
    born, onset = _lives(rng, size)
    people = pl.DataFrame(
        {
            "person": np.arange(size),
            "sex": np.where(is_male, "M", "F"),
            "dob": to_dates(born),
            "onset_on": to_dates(onset),
            "ethnicity": np.asarray([heritage.ethnicity for heritage in HERITAGES])[heritages],
            **draw_names(rng, heritages, is_male),
            "rate": _rates(rng, uses_drugs),
            "uses_drugs": uses_drugs,
            "drinks": chance(rng, DRINK_SHARE, size),
            **_homes(rng, size),
        }
    )
    people = people.with_columns(district=district_of(pl.col("ward"))).with_columns(**_identifiers(rng, size))
    return _make_relatives(people, stream(seed, "relatives"), relatives)


def age_on(day: pl.Expr) -> pl.Expr:
    """Completed years on `day` of the people in the frame, from their column dob."""
    dob = pl.col("dob")
    before_birthday = (day.dt.month() * 100 + day.dt.day()) < (dob.dt.month() * 100 + dob.dt.day())
    return day.dt.year() - dob.dt.year() - before_birthday.cast(pl.Int32)


def _make_relatives(people: pl.DataFrame, rng: Rng, share: float) -> pl.DataFrame:
    """Every second person may be a brother or sister of the one before, to whom nothing happens."""
    is_second = np.arange(len(people)) % 2 == 1
    is_sibling = pl.lit(pl.Series(is_second & chance(rng, share, len(people))))
    is_twin = is_sibling & pl.lit(pl.Series(chance(rng, _TWIN_SHARE, len(people))))
    taken = {column: is_sibling for column in _OF_A_FAMILY} | {column: is_twin for column in ("dob", "onset_on")}
    return people.with_columns(
        pl.when(is_taken).then(pl.col(column).shift(1)).otherwise(pl.col(column)).alias(column)
        for column, is_taken in taken.items()
    )


def _lives(rng: Rng, size: int) -> tuple[Integers, Integers]:
    """Days of birth and of the onset of offending: nobody starts before the tenth birthday or in the last weeks of the sample."""
    age = np.minimum(14.0 + rng.gamma(2.0, 8.0, size), 70.0)
    born = day_number(NIGHTS_FROM) - (age * 365.25).astype(np.int64)
    onset_age = 11.5 + rng.gamma(2.2, 2.6, size)
    latest = day_number(HISTORY_TO) - days(rng, 30, 900, size)
    onset = np.minimum(born + (onset_age * 365.25).astype(np.int64), latest)
    return born, np.maximum(onset, born + 10 * 366)


def _rates(rng: Rng, uses_drugs: np.ndarray) -> Floats:
    """Individual rates: most people offend rarely, a few very often, and dependent drug use goes with more."""
    rates = rng.lognormal(np.log(_RATE_MEDIAN), _RATE_SPREAD, len(uses_drugs)) * np.where(uses_drugs, 1.8, 0.8)
    return np.minimum(rates, _RATE_MOST)


def _homes(rng: Rng, size: int) -> dict[str, pl.Series]:
    """Where people live now and, for those who moved in the last two years of the sample, where they lived before."""
    ward, old_ward = draw_wards(rng, size), draw_wards(rng, size)
    moves = chance(rng, _MOVE_SHARE, size)
    moved = day_number(HISTORY_TO) - days(rng, 1, 730, size)
    return {
        "ward": ward,
        "postcode": draw_postcodes(rng, ward),
        "old_postcode": draw_postcodes(rng, old_ward),
        "old_district": old_ward.str.slice(0, 4),
        "moved_on": to_dates(np.where(moves, moved, day_number(HISTORY_FROM))),
    }


def _identifiers(rng: Rng, size: int) -> dict[str, pl.Expr]:
    """One identifier per person and system; the serial numbers are shuffled, so that none follows from another."""
    pnc, cro, prison, crn = (pl.lit(pl.Series(rng.permutation(size))) for _ in range(4))
    year = pl.col("onset_on").dt.year().cast(pl.Int64)
    letters = list(ALPHABET)
    suffix = [(prison // 10_000 // len(letters) % len(letters)), (prison // 10_000 % len(letters))]
    last_two = [place.replace_strict(list(range(len(letters))), letters, return_dtype=pl.String) for place in suffix]
    return {
        "pncid": pnc_id(year, pnc + 1),
        "cro_number": cro_number(year, cro % 999_999 + 1),
        "prison_number": pl.format("A{}{}{}", (prison % 10_000).cast(pl.String).str.zfill(4), *last_two),
        "crn": pl.format("X{}", crn.cast(pl.String).str.zfill(6)),
    }
