"""How each agency writes a person down: with gaps, slips and old addresses, and a few people twice.

Every rate is a parameter, so that linkage can be tried on cleaner and on worse data.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator.calendar_days import HISTORY_FROM, HISTORY_TO, NIGHTS_FROM, day_number, to_dates
from iom_warehouse.synthetic.generator.columns import numbered, plus_days
from iom_warehouse.synthetic.generator.dice import Booleans, Rng, chance, days
from iom_warehouse.synthetic.generator.history import Late
from iom_warehouse.synthetic.generator.names import NICKNAMES

IDENTIFIERS = ("pncid", "cro_number", "prison_number", "crn")


@dataclass(frozen=True)
class ErrorRates:
    """Share of the records of an agency in which something is wrong.

    second_record: people whom one agency holds twice. missing and mistyped: of each identifier, a mistyped one having a wrong
    check letter or no existing owner. someone_else: a valid identifier of another person. found_later: identifiers that
    are entered only during the nights. old_address: people who moved and whose agency does not learn of it.
    """

    second_record: float = 0.03
    missing: float = 0.20
    mistyped: float = 0.02
    someone_else: float = 0.002
    found_later: float = 0.01
    typo: float = 0.04
    nickname: float = 0.05
    names_swapped: float = 0.004
    day_and_month_swapped: float = 0.015
    wrong_year: float = 0.01
    no_birth_date: float = 0.005
    old_address: float = 0.15


MOVED = Late("_moved_on", {"postcode": pl.col("_old_postcode"), "district": pl.col("_old_district")})
IDENTIFIED = Late("_identified_on", {"pncid": None})


def draw_records(people: pl.DataFrame, rng: Rng, rates: ErrorRates, *, prefix: str, own: str | None = None) -> pl.DataFrame:
    """One row per record that an agency holds of `people`: `person`, `record` (0, or 1 for a second one), `ref`, and the
    person's columns as this agency has them, with the helper columns of MOVED and IDENTIFIED.

    `ref` is the agency's `own` identifier, beginning with `prefix` in a second record; without one it is `prefix` and a number
    that does not follow from the person's.
    """
    twice = people.filter(pl.Series(chance(rng, rates.second_record, people.height)))
    records = pl.concat([people.with_columns(record=pl.lit(0)), twice.with_columns(record=pl.lit(1))])
    if own is None:
        ref = numbered(prefix, pl.lit(pl.Series(rng.permutation(records.height) + 1)))
    else:
        ref = pl.when(pl.col("record") == 0).then(own).otherwise(pl.lit(prefix) + pl.col(own).str.slice(1))
    records = records.with_columns(ref=ref)
    return records.with_columns(
        **_written_names(records, rng, rates),
        **_written_birth(records, rng, rates),
        **{name: _written_identifier(records[name], rng, rates) for name in IDENTIFIERS},
        **_written_address(records, rng, rates),
        _identified_on=_identified_on(rng, rates, records.height),
    )


def assign_records(events: pl.DataFrame, records: pl.DataFrame, rng: Rng) -> pl.Series:
    """The `ref` of the record under which each event is entered; of two records the second takes about a third."""
    second = records.filter(pl.col("record") == 1).select("person", second="ref")
    first = records.filter(pl.col("record") == 0).select("person", "ref")
    found = events.select("person").join(first, on="person", how="left", maintain_order="left")
    found = found.join(second, on="person", how="left", maintain_order="left")
    takes_second = pl.lit(pl.Series(chance(rng, 0.35, events.height))) & pl.col("second").is_not_null()
    return found.select(pl.when(takes_second).then("second").otherwise("ref").alias("ref")).to_series()


def typed(text: pl.Series, rng: Rng, share: float) -> pl.Series:
    """The texts with a slip of the keyboard in a share of them: a letter left out, doubled or exchanged with the next."""
    size = len(text)
    length = text.str.len_chars().to_numpy()
    at = (1 + rng.random(size) * np.maximum(length - 2, 1)).astype(np.int64)
    frame = pl.DataFrame({"text": text, "at": at, "slip": rng.integers(0, 3, size)})
    head, rest = pl.col("text").str.slice(0, pl.col("at")), pl.col("text").str.slice(pl.col("at") + 1)
    letter = pl.col("text").str.slice(pl.col("at"), 1)
    slipped = (
        pl.when(pl.col("slip") == 0).then(head + rest)
        .when(pl.col("slip") == 1).then(head + letter + letter + rest)
        .otherwise(head + rest.str.slice(0, 1) + letter + rest.str.slice(1))
    )  # fmt: skip
    happens = pl.lit(pl.Series(chance(rng, share, size) & (length > 3)))
    return frame.select(pl.when(happens).then(slipped).otherwise("text").alias("text")).to_series()


def _written_names(records: pl.DataFrame, rng: Rng, rates: ErrorRates) -> dict[str, pl.Series]:
    size = records.height
    first = records["forenames"].str.split(" ").list.first()
    nickname = first.replace_strict(list(NICKNAMES), list(NICKNAMES.values()), default=first, return_dtype=pl.String)
    forenames = _either(chance(rng, rates.nickname, size), nickname, records["forenames"])
    surname, forenames = typed(records["surname"], rng, rates.typo), typed(forenames, rng, rates.typo)
    swapped = chance(rng, rates.names_swapped, size)
    return {"surname": _either(swapped, forenames, surname), "forenames": _either(swapped, surname, forenames)}


def _written_birth(records: pl.DataFrame, rng: Rng, rates: ErrorRates) -> dict[str, pl.Series]:
    size, dob = records.height, pl.col("dob")
    swappable = (dob.dt.day() <= 12) & pl.lit(pl.Series(chance(rng, rates.day_and_month_swapped, size)))
    older = dob.dt.offset_by("-1y")
    written = (
        pl.when(pl.lit(pl.Series(chance(rng, rates.no_birth_date, size)))).then(pl.lit(None, pl.Date))
        .when(swappable).then(pl.date(dob.dt.year(), dob.dt.day(), dob.dt.month()))
        .when(pl.lit(pl.Series(chance(rng, rates.wrong_year, size)))).then(older)
        .otherwise(dob)
    )  # fmt: skip
    return {"dob": records.select(written.alias("dob")).to_series()}


def _written_identifier(identifier: pl.Series, rng: Rng, rates: ErrorRates) -> pl.Series:
    """The identifier, another person's, with one digit wrong, or nothing."""
    size = len(identifier)
    other = identifier.gather(rng.integers(0, size, size))
    identifier = _either(chance(rng, rates.someone_else, size), other, identifier)
    identifier = _either(chance(rng, rates.mistyped, size), _one_digit_wrong(identifier), identifier)
    return _either(chance(rng, rates.missing, size), pl.Series([None], dtype=pl.String).new_from_index(0, size), identifier)


def _one_digit_wrong(identifier: pl.Series) -> pl.Series:
    """The last digit raised by one (9 becomes 0), which no check letter lets pass."""
    parts = identifier.to_frame("text").select(
        head=pl.col("text").str.extract(r"^(.*)\d\D*$", 1),
        digit=pl.col("text").str.extract(r"(\d)\D*$", 1).cast(pl.Int64),
        tail=pl.col("text").str.extract(r"\d(\D*)$", 1),
    )
    return parts.select(pl.format("{}{}{}", "head", (pl.col("digit") + 1) % 10, "tail")).to_series()


def _written_address(records: pl.DataFrame, rng: Rng, rates: ErrorRates) -> dict[str, pl.Series]:
    """Of those who move, some agencies never hear; the others some days later."""
    size = records.height
    unheard = chance(rng, rates.old_address, size)
    heard_on = records.select(plus_days(pl.col("moved_on"), days(rng, 0, 20, size))).to_series()
    moves = (records["moved_on"] > HISTORY_FROM).to_numpy()
    keeps_old = unheard & moves
    postcode = _either(keeps_old, records["old_postcode"], records["postcode"])
    return {
        "postcode": postcode,
        "district": _either(keeps_old, records["old_district"], records["district"]),
        "_old_postcode": records["old_postcode"],
        "_old_district": records["old_district"],
        "_moved_on": heard_on,
    }


def _identified_on(rng: Rng, rates: ErrorRates, size: int) -> pl.Series:
    """The day on which the PNC identifier is entered: for nearly everybody long ago."""
    later = chance(rng, rates.found_later, size)
    first, last = day_number(NIGHTS_FROM), day_number(HISTORY_TO)
    return to_dates(np.where(later, days(rng, first, last, size), day_number(HISTORY_FROM)))


def _either(condition: Booleans, then: pl.Series, otherwise: pl.Series) -> pl.Series:
    return pl.select(pl.when(pl.Series(condition)).then(then).otherwise(otherwise)).to_series()
