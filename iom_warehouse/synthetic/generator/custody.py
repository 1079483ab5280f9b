"""Stays in custody: the careers' stays joined where they overlap, and the prison feed made from them."""

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator import rare
from iom_warehouse.synthetic.generator.careers import LICENCE_FROM_SENTENCE_DAYS
from iom_warehouse.synthetic.generator.columns import nothing, numbered, plus_days, yes_no
from iom_warehouse.synthetic.generator.dice import Integers, Rng, chance, choose, stream, waiting_days
from iom_warehouse.synthetic.generator.history import History, Late, first_known
from iom_warehouse.synthetic.generator.identifiers import IDENTIFIED, assign_records

_HDC_FROM_SENTENCE_DAYS, _HDC_SHARE = 84, 0.18
_ASSESSED_FROM_STAY_DAYS = 42
_ACCOMMODATION_ASKED_DAYS = 28  # before release
_ESTABLISHMENTS = ("HMP Ashby Moor", "HMP Carrow", "HMP Thornleigh", "HMYOI Brackley Vale", "HMP/YOI Ferriby Hall")
_NEED_SHARES = (0.45, 0.60, 0.35, 0.55, 0.40, 0.30, 0.50, 0.40, 0.10)
_WOMEN_ONLY_FROM_PATHWAY = 8


def join_stays(events: pl.DataFrame) -> pl.DataFrame:
    """One row per unbroken stay, by person: stay, person, received_on, released_on, custody_type, sentenced_on, sentence_days,
    code (of the offence with the longest sentence), and expiry_on where a licence follows."""
    single = events.filter(pl.col("custody_from").is_not_null()).sort("person", "custody_from", "event")
    reached = pl.col("custody_to").cum_max().shift(1).over("person")
    single = single.with_columns(stay=(reached.is_null() | (pl.col("custody_from") > reached)).cum_sum())
    is_sentence = pl.col("custody_type") == "sentenced"
    joined = single.group_by("stay", maintain_order=True).agg(
        pl.col("person").first(),
        received_on=pl.col("custody_from").min(),
        released_on=pl.col("custody_to").max(),
        custody_type=pl.when(is_sentence.any())
        .then(pl.lit("sentenced"))
        .when((pl.col("custody_type") == "recall").any())
        .then(pl.lit("recall"))
        .otherwise(pl.lit("remand")),
        sentenced_on=pl.col("proved_on").filter(is_sentence).min(),
        sentence_days=pl.col("sentence_days").max(),
        code=pl.col("code").sort_by(pl.col("sentence_days").fill_null(0), descending=True).first(),
    )
    expiry = plus_days(pl.col("sentenced_on"), pl.col("sentence_days"))
    has_licence = (pl.col("sentence_days") >= LICENCE_FROM_SENTENCE_DAYS) & (expiry > pl.col("released_on"))
    return joined.with_columns(expiry_on=pl.when(has_licence).then(expiry))


def prison_files(stays: pl.DataFrame, people: pl.DataFrame, records: pl.DataFrame, seed: int) -> dict[str, History]:
    """All files of the feed, parents first."""
    rng = stream(seed, "custody")
    size = stays.height
    booked = stays.join(people.select("person", "sex", "district"), on="person", maintain_order="left").with_columns(
        booking_ref=numbered("BK", pl.col("received_on").rank("ordinal")),
        prison_number=assign_records(stays, records, rng),
        is_hdc=pl.lit(pl.Series(chance(rng, _HDC_SHARE, size))) & (pl.col("sentence_days") >= _HDC_FROM_SENTENCE_DAYS),
    )
    spells, release_dates = rare.recall_rescinded(booked, _spells(booked, seed), _release_dates(booked, seed))
    persons = records.join(first_known((spells, "prison_number")), on="ref").select(
        pl.col("ref").alias("prison_number"),
        *("pncid", "cro_number", "surname", "forenames", "dob", "sex", "ethnicity", "known_on", "_identified_on"),
    )
    return {
        "prison_person": History(persons, ("prison_number",), (IDENTIFIED,)),
        "prison_spell": spells,
        "prison_release_date": release_dates,
        "prison_resettlement": _resettlement(booked, seed),
    }


def _spells(booked: pl.DataFrame, seed: int) -> History:
    rng = stream(seed, "spells")
    size = booked.height
    accommodation = choose(rng, ["settled", "temporary", "none", "unknown"], [0.62, 0.18, 0.12, 0.08], size)
    licence = pl.col("expiry_on").is_not_null() | (pl.col("custody_type") == "recall")
    from_court = pl.when(pl.lit(pl.Series(chance(rng, 0.4, size)))).then(pl.lit("bail")).otherwise(pl.lit("court"))
    supervision_known = pl.lit(pl.Series(chance(rng, 0.96, size)))
    rows = booked.select(
        "booking_ref",
        "prison_number",
        "received_on",
        "released_on",
        establishment=pl.Series(choose(rng, _ESTABLISHMENTS, [4, 3, 2, 2, 1], size)),
        custody_type="custody_type",
        release_type=pl.when(pl.col("custody_type") == "remand")
        .then(from_court)
        .when("is_hdc")
        .then(pl.lit("hdc"))
        .when(licence)
        .then(pl.lit("licence"))
        .otherwise(pl.lit("sentence_end")),
        sentenced_on="sentenced_on",
        sentence_days="sentence_days",
        offence_code="code",
        home_district="district",
        supervision_on_release=pl.when(~supervision_known)
        .then(pl.lit("unknown"))
        .when(licence)
        .then(pl.lit("licence"))
        .otherwise(pl.lit("none")),
        accommodation_on_release=pl.Series(accommodation),
        known_on="received_on",
        _released_on="released_on",
        _sentenced_on="sentenced_on",
        _asked_on=plus_days(pl.col("released_on"), -_ACCOMMODATION_ASKED_DAYS),
    )
    late = (
        Late("_released_on", {"released_on": None, "release_type": None}),
        Late(
            "_sentenced_on",
            {"sentenced_on": None, "sentence_days": None, "custody_type": "remand", "supervision_on_release": None},
        ),
        Late("_asked_on", {"accommodation_on_release": None}),
    )
    return History(rows, ("booking_ref",), late)


def _release_dates(booked: pl.DataFrame, seed: int) -> History:
    """Dates reckoned at the sentence; the planned one is put right when a later hearing or good conduct changes it."""
    rng = stream(seed, "release dates")
    sentenced = booked.filter(pl.col("sentenced_on").is_not_null())
    half = plus_days(pl.col("sentenced_on"), pl.col("sentence_days") // 2)
    dated = sentenced.with_columns(
        conditional=pl.max_horizontal(half, "sentenced_on"),
        sentence_expiry=plus_days(pl.col("sentenced_on"), pl.col("sentence_days")),
        expected="released_on",
        hdc_eligibility=pl.when("is_hdc").then(plus_days(half, -pl.min_horizontal(pl.lit(60), pl.col("sentence_days") // 4))),
        recalculated_on=plus_days(pl.col("sentenced_on"), 10 + waiting_days(rng, 40, sentenced.height)),
        first_plan=pl.max_horizontal("sentenced_on", plus_days(pl.col("released_on"), _first_errors(rng, sentenced.height))),
    )
    rows = dated.unpivot(
        on=["conditional", "sentence_expiry", "expected", "hdc_eligibility"],
        index=["booking_ref", "sentenced_on", "recalculated_on", "first_plan"],
        variable_name="date_type",
        value_name="release_on",
    ).filter(pl.col("release_on").is_not_null())
    changes = (pl.col("date_type") == "expected") & (pl.col("first_plan") != pl.col("release_on"))
    rows = rows.select(
        "booking_ref",
        "date_type",
        "release_on",
        calculated_on=pl.when(changes).then("recalculated_on").otherwise("sentenced_on"),
        known_on="sentenced_on",
        _recalculated_on=pl.when(changes).then("recalculated_on"),
        _first_plan="first_plan",
        _first_calculated_on="sentenced_on",
    )
    before = {"release_on": pl.col("_first_plan"), "calculated_on": pl.col("_first_calculated_on")}
    return History(rare.moved_later(rows), ("booking_ref", "date_type"), (Late("_recalculated_on", before),))


def _first_errors(rng: Rng, size: int) -> Integers:
    """Days by which the first plan is wrong: none for most, two weeks late for some, ten days early for fewer."""
    is_right, is_late = chance(rng, 0.75, size), chance(rng, 0.6, size)
    return np.where(is_right, 0, np.where(is_late, 14, -10))


def _resettlement(booked: pl.DataFrame, seed: int) -> History:
    """Needs looked at in the second week of longer sentences; whether they were met is known at release."""
    rng = stream(seed, "resettlement")
    stay_days = (pl.col("released_on") - pl.col("received_on")).dt.total_days()
    assessed = booked.filter((pl.col("custody_type") == "sentenced") & (stay_days >= _ASSESSED_FROM_STAY_DAYS))
    pathways = pl.DataFrame({"pathway": range(1, 10), "share": _NEED_SHARES})
    rows = assessed.join(pathways, how="cross", maintain_order="left_right")
    rows = rows.filter((pl.col("pathway") < _WOMEN_ONLY_FROM_PATHWAY) | (pl.col("sex") == "F"))
    has_need = chance(rng, rows["share"].to_numpy(), rows.height)
    need, met = pl.lit(pl.Series(has_need)), pl.lit(pl.Series(chance(rng, 0.55, rows.height)))
    rows = rows.select(
        "booking_ref",
        "pathway",
        assessed_on=plus_days(pl.col("received_on"), 10),
        has_need=yes_no(need),
        met_at_release=pl.when(need).then(yes_no(met)),
        detail=nothing(),
        known_on=plus_days(pl.col("received_on"), 12),
        _released_on="released_on",
    )
    return History(rows, ("booking_ref", "pathway"), (Late("_released_on", {"met_at_release": None}),), every=2)
