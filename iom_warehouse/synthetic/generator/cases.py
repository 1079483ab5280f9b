"""What the police make of the careers: each event under a person's record, with its crime and arrest number, a place, a test."""

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator.columns import numbered, plus_days
from iom_warehouse.synthetic.generator.dice import chance, choose, stream, waiting_days
from iom_warehouse.synthetic.generator.identifiers import assign_records
from iom_warehouse.synthetic.generator.offence_mix import offence_mix
from iom_warehouse.synthetic.generator.places import OUTSIDE, draw_wards
from iom_warehouse.synthetic.generator.population import age_on

_TESTED_SHARE = 0.7


def open_cases(events: pl.DataFrame, people: pl.DataFrame, records: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The events with police_ref, crime_ref (offences only), arrest_ref (arrests only), the offence's facts, ward and district of
    the deed (mostly near home), the person's dob and uses_drugs, and recorded_on and arrest_known_on."""
    rng = stream(seed, "cases")
    cases = events.join(people.select("person", "dob", "uses_drugs", "ward"), on="person", maintain_order="left")
    cases = cases.join(offence_mix(), on="offence", maintain_order="left")
    size = cases.height
    is_deed = pl.col("kind") == "offence"
    away = pl.lit(draw_wards(rng, size))
    where = pl.lit(pl.Series(choose(rng, ["near", "away", "outside"], [0.83, 0.13, 0.04], size)))
    recorded_on = pl.min_horizontal(
        plus_days(pl.col("committed_on"), waiting_days(rng, 1.5, size)), "arrested_on", "charged_on", "outcome_on"
    )
    cases = cases.with_columns(
        police_ref=assign_records(cases, records, rng),
        crime_ref=numbered("CR", pl.when(is_deed).then("committed_on").rank("ordinal")),
        arrest_ref=numbered("AR", pl.col("arrested_on").rank("ordinal")),
        ward=pl.when(where == "near").then("ward").when(where == "away").then(away),
        recorded_on=recorded_on,
        arrest_known_on=plus_days(pl.col("arrested_on"), 1),
        second=pl.lit(pl.Series(rng.integers(1_800, 80_000, size))),
    )
    return cases.with_columns(district=pl.col("ward").str.slice(0, 4).fill_null(OUTSIDE))


def draw_drug_tests(cases: pl.DataFrame, seed: int) -> pl.DataFrame:
    """One row per arrest after which an adult was tested for drugs: person, arrest, tested_on, basis, and the result for opiates
    and for cocaine."""
    rng = stream(seed, "drug tests")
    adult = age_on(pl.col("arrested_on")) >= 18
    tested = cases.filter(pl.col("arrested_on").is_not_null() & adult)
    odds = (
        tested.select(pl.when("trigger").then(_TESTED_SHARE).when("uses_drugs").then(0.12).otherwise(0.02)).to_series().to_numpy()
    )
    tested = tested.filter(pl.Series(chance(rng, odds, tested.height)))
    size, uses = tested.height, tested["uses_drugs"].to_numpy()
    refused = chance(rng, 0.03, size)
    results = {
        substance: np.where(refused, "refused", np.where(chance(rng, np.where(uses, *odds), size), "positive", "negative"))
        for substance, odds in {"opiates": (0.62, 0.06), "cocaine": (0.55, 0.10)}.items()
    }
    return tested.select(
        "person", "police_ref", "arrest_ref", "arrested_on", "second",
        basis=pl.when("trigger").then(pl.lit("trigger_offence")).otherwise(pl.lit("inspector")),
        known_on=plus_days(pl.col("arrested_on"), 2),
    ).with_columns(**{substance: pl.Series(result) for substance, result in results.items()})  # fmt: skip
