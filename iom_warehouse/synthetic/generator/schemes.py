"""Who is managed on a scheme, when, and how it ends; and who dies.

Chosen are mostly people with many offences on record, some weeks after one of these.
"""

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator.calendar_days import HISTORY_FROM, HISTORY_TO, day_number, to_dates, to_numbers
from iom_warehouse.synthetic.generator.columns import plus_days
from iom_warehouse.synthetic.generator.dice import Rng, chance, choose, days, stream, waiting_days

_SCHEMES_FROM = day_number(HISTORY_FROM) + 700
_MEMBER_SHARE = 0.175
_DEATH_SHARE = 0.03  # of those who have not been in trouble for long
_LONG_STAY_DAYS = 240
_DRUG_USERS_SCHEMES = {"IOM": 0.55, "PPO": 0.24, "DIP": 0.18, "MAPPA": 0.03}
_OTHERS_SCHEMES = {"IOM": 0.68, "PPO": 0.25, "MAPPA": 0.07}
_END_REASONS = {"no_offending": 0.38, "lower_risk": 0.28, "moved": 0.10, "to_mappa": 0.03, "disengaged": 0.14, "other": 0.07}


def draw_deaths(people: pl.DataFrame, cases: pl.DataFrame, seed: int) -> pl.DataFrame:
    """`people` with `died_on`: a few of those whose last order, sentence or stay was over before they died."""
    rng = stream(seed, "deaths")
    last = cases.group_by("person").agg(
        over_on=pl.max_horizontal(
            plus_days(pl.col("committed_on").max(), 600), plus_days(pl.col("proved_on").max(), 600), pl.col("custody_to").max()
        )
    )
    since = to_numbers(people.join(last, on="person", how="left", maintain_order="left")["over_on"])
    left = day_number(HISTORY_TO) - since
    dies = chance(rng, _DEATH_SHARE, people.height) & (left > 60)
    died = since + (rng.random(people.height) * np.maximum(left - 5, 1)).astype(np.int64)
    return people.with_columns(died_on=to_dates(died, ~dies))


def draw_memberships(people: pl.DataFrame, cases: pl.DataFrame, stays: pl.DataFrame, seed: int) -> pl.DataFrame:
    """One row per membership, by person and start: person, scheme, strand, starts_on, ends_on, end_reason.

    One that goes on has an end after the days of the sample. Young people are Deter Young Offenders until their eighteenth
    birthday; some drug users are in two schemes at once; some people are taken on again.
    """
    rng = stream(seed, "memberships")
    first = _first_memberships(people, cases, rng)
    also_dip = first.filter((pl.col("scheme").is_in(["PPO", "IOM"])) & pl.col("uses_drugs"))
    also_dip = also_dip.filter(pl.Series(chance(rng, 0.2, also_dip.height))).with_columns(scheme=pl.lit("DIP"))
    adults = first.filter(pl.col("end_reason") == "turned_18")
    adults = _again(adults.filter(pl.Series(chance(rng, 0.7, adults.height))), 0, 14, rng)
    others = first.filter(pl.col("end_reason") != "turned_18")
    again = _again(others.filter(pl.Series(chance(rng, 0.15, others.height))), 60, 400, rng)
    memberships = pl.concat([first, also_dip, adults, again]).filter(pl.col("starts_on") <= HISTORY_TO)
    memberships = _ended_by_custody(memberships, stays, rng)
    memberships = _ended_by_death(memberships.join(people.select("person", "died_on"), on="person", maintain_order="left"))
    fixed = pl.lit(pl.Series(choose(rng, ["fixed", "flex", "free"], [0.4, 0.35, 0.25], memberships.height)))
    strand = pl.when(pl.col("scheme") == "PPO").then(pl.lit("fixed")).when(pl.col("scheme") == "IOM").then(fixed)
    columns = ["person", "scheme", "strand", "starts_on", "ends_on", "end_reason"]
    return memberships.with_columns(strand=strand).select(columns).sort("person", "starts_on", "scheme")


def _first_memberships(people: pl.DataFrame, cases: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    entered = _entries(people, cases, rng).join(people.select("person", "dob", "uses_drugs"), on="person", maintain_order="left")
    size = entered.height
    turns_18_on = pl.col("dob").dt.offset_by("18y")
    for_users, for_others = (
        pl.lit(pl.Series(choose(rng, list(shares), list(shares.values()), size)))
        for shares in (_DRUG_USERS_SCHEMES, _OTHERS_SCHEMES)
    )
    drawn_end = plus_days(pl.col("starts_on"), 90 + waiting_days(rng, 650, size))
    young = pl.col("starts_on") < turns_18_on
    grows_up = young & (turns_18_on <= drawn_end)
    return entered.select(
        "person",
        "uses_drugs",
        "starts_on",
        scheme=pl.when(young).then(pl.lit("DYO")).when("uses_drugs").then(for_users).otherwise(for_others),
        ends_on=pl.when(grows_up).then(turns_18_on).otherwise(drawn_end),
        end_reason=pl.when(grows_up).then(pl.lit("turned_18")).otherwise(_reasons(rng, size)),
    )


def _entries(people: pl.DataFrame, cases: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """The people chosen, by number of offences with some chance in it, and the day on which each enters."""
    deeds = cases.filter((pl.col("kind") == "offence") & (pl.col("committed_on").cast(pl.Int32) >= _SCHEMES_FROM))
    number = deeds.group_by("person").agg(deeds=pl.len())
    ranked = people.select("person").join(number, on="person", how="left", maintain_order="left")["deeds"].fill_null(0).to_numpy()
    appeal = np.where(ranked > 0, ranked + rng.gumbel(0, 0.8, people.height), -1)
    chosen = people.filter(pl.Series(appeal >= np.quantile(appeal, 1 - _MEMBER_SHARE)))
    own = deeds.join(chosen, on="person", how="semi", maintain_order="left").select("person", "committed_on")
    one = (
        own.with_columns(luck=pl.Series(rng.random(own.height)))
        .sort("person", "luck")
        .unique("person", keep="first", maintain_order=True)
    )
    return one.select("person", starts_on=plus_days(pl.col("committed_on"), days(rng, 14, 75, one.height)))


def _again(ended: pl.DataFrame, low: int, high: int, rng: Rng) -> pl.DataFrame:
    """A second membership, of the IOM scheme, some days after the end of the first."""
    size = ended.height
    again = ended.with_columns(starts_on=plus_days(pl.col("ends_on"), days(rng, low, high, size)), scheme=pl.lit("IOM"))
    ends_on = plus_days(pl.col("starts_on"), 90 + waiting_days(rng, 500, size))
    return again.with_columns(ends_on=ends_on, end_reason=_reasons(rng, size))


def _ended_by_custody(memberships: pl.DataFrame, stays: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Half of the memberships that a long stay interrupts end some weeks after reception."""
    long = stays.filter((pl.col("released_on") - pl.col("received_on")).dt.total_days() >= _LONG_STAY_DAYS)
    long = long.select("person", "received_on").sort("received_on")
    followed = memberships.sort("starts_on", "person", "scheme").join_asof(
        long, left_on="starts_on", right_on="received_on", by="person", strategy="forward", check_sortedness=False
    )
    ends_on = plus_days(pl.col("received_on"), 30)
    half = pl.lit(pl.Series(chance(rng, 0.5, followed.height)))
    interrupted = (half & (ends_on < pl.col("ends_on"))).fill_null(False)
    return followed.with_columns(
        ends_on=pl.when(interrupted).then(ends_on).otherwise("ends_on"),
        end_reason=pl.when(interrupted).then(pl.lit("long_custody")).otherwise("end_reason"),
    ).drop("received_on")


def _ended_by_death(memberships: pl.DataFrame) -> pl.DataFrame:
    dead = (pl.col("died_on") < pl.col("ends_on")).fill_null(False)
    return memberships.filter((pl.col("starts_on") < pl.col("died_on")).fill_null(True)).with_columns(
        ends_on=pl.when(dead).then("died_on").otherwise("ends_on"),
        end_reason=pl.when(dead).then(pl.lit("died")).otherwise("end_reason"),
    )


def _reasons(rng: Rng, size: int) -> pl.Expr:
    return pl.lit(pl.Series(choose(rng, list(_END_REASONS), list(_END_REASONS.values()), size)))
