"""Rows of the Leeds example that a correct count leaves out, and people on the edges of the cohort who are in it.

Left out: breaches, offences that are not recordable or were committed outside England and Wales, offences before the baseline
and after the follow-up, cautions, a second proof of a crime already counted, and whatever was done by people who were not on the
scheme on 1 April 2010: who joined the day after, left that very day, were on another scheme only, or on none.
"""

from datetime import date
from typing import Any

import polars as pl

from iom_warehouse.synthetic.generator.columns import plus_days
from iom_warehouse.synthetic.generator.dice import Rng

_JOINED, _DAY_AFTER = date(2010, 4, 1), date(2010, 4, 2)
_MOVED_ON, _DIED_ON = date(2010, 9, 15), date(2011, 2, 20)
_ALTERED: dict[str, tuple[int, dict[str, Any]]] = {  # how many rows of each kind, and what sets them apart
    "breach": (12, {"offence_code": "000/01", "is_breach": True}),
    "not recordable": (8, {"offence_code": "809/01", "recordable": False}),
    "abroad": (6, {"committed_in_ew": False}),
    "caution": (8, {"proof": "caution"}),
    "too early": (5, {"offence_on": date(2009, 3, 31), "proved_on": date(2009, 6, 2)}),
    "too late": (5, {"offence_on": date(2011, 4, 1), "proved_on": date(2011, 6, 2)}),
}
_OUTSIDERS: dict[
    str, tuple[int, dict[str, Any] | None]
] = {  # how many people of each kind, with their membership if they have any
    "joined the day after": (4, {"scheme": "PPO", "starts_on": _DAY_AFTER, "ends_on": None}),
    "left on the day": (3, {"scheme": "PPO", "starts_on": date(2008, 10, 6), "ends_on": _JOINED}),
    "another scheme": (4, {"scheme": "DIP", "starts_on": date(2009, 2, 2), "ends_on": None}),
    "none": (5, None),
}
_CONVICTIONS_OF_OUTSIDERS = 6
_PROVED_AGAIN = 10


def add_decoys(memberships: pl.DataFrame, convictions: pl.DataFrame, rng: Rng) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The memberships and convictions that count, with those that must not. Columns as they come in."""
    outside, theirs = _outsiders(memberships, convictions, rng)
    altered = [_drawn(convictions, number, rng).with_columns(**_literals(values)) for number, values in _ALTERED.values()]
    everything = pl.concat([convictions, *altered, theirs], how="vertical_relaxed").with_columns(
        crime=pl.int_range(1, pl.len() + 1)
    )
    again = _drawn(everything.head(convictions.height), _PROVED_AGAIN, rng)
    again = again.with_columns(proved_on=plus_days(pl.col("proved_on"), 30), second_record=pl.int_range(pl.len()) % 2 == 0)
    return pl.concat([_with_edges(memberships, convictions), outside], how="diagonal_relaxed"), pl.concat([everything, again])


def _drawn(convictions: pl.DataFrame, number: int, rng: Rng) -> pl.DataFrame:
    return convictions[rng.choice(convictions.height, number, replace=False)]


def _literals(values: dict[str, Any]) -> dict[str, pl.Expr]:
    return {column: pl.lit(value) for column, value in values.items()}


def _with_edges(memberships: pl.DataFrame, convictions: pl.DataFrame) -> pl.DataFrame:
    """Members of the cohort at its edges: joined on the day, left the day after, moved to another division later, died later."""
    person = pl.col("person")
    quiet = memberships.join(convictions.filter(pl.col("offence_on") >= _JOINED), on="person", how="anti", maintain_order="left")
    dead = quiet["person"].head(1).item()
    joined, left, moved = memberships["person"].filter(memberships["person"] != dead).gather([2, 12, 45]).to_list()
    edged = memberships.with_columns(
        starts_on=pl.when(person == joined).then(pl.lit(_JOINED)).otherwise("starts_on"),
        ends_on=pl.when(person == left).then(pl.lit(_DAY_AFTER))
        .when(person == moved).then(pl.lit(_MOVED_ON))
        .when(person == dead).then(pl.lit(_DIED_ON)),
        end_reason=pl.when(person == left).then(pl.lit("no_offending"))
        .when(person == moved).then(pl.lit("moved"))
        .when(person == dead).then(pl.lit("died")),
        died_on=pl.when(person == dead).then(pl.lit(_DIED_ON)),
    )  # fmt: skip
    elsewhere = edged.filter(person == moved).with_columns(
        division=pl.lit("City & Holbeck"),
        starts_on=pl.lit(_MOVED_ON),
        ends_on=pl.lit(None, pl.Date),
        end_reason=pl.lit(None, pl.String),
    )
    return pl.concat([edged, elsewhere])


def _outsiders(memberships: pl.DataFrame, convictions: pl.DataFrame, rng: Rng) -> tuple[pl.DataFrame, pl.DataFrame]:
    """People who are not in the cohort, and convictions of theirs that would count if they were."""
    kinds = [(kind, values) for kind, (number, values) in _OUTSIDERS.items() for _ in range(number)]
    first = memberships.height
    theirs = [
        _drawn(convictions, _CONVICTIONS_OF_OUTSIDERS, rng).with_columns(person=pl.lit(first + n)) for n in range(len(kinds))
    ]
    people = [
        {"person": first + n, "division": "NE Leeds", **(values or {"scheme": None, "starts_on": None, "ends_on": None})}
        for n, (_, values) in enumerate(kinds)
    ]
    return pl.DataFrame(people, schema_overrides={"starts_on": pl.Date, "ends_on": pl.Date}), pl.concat(theirs)
