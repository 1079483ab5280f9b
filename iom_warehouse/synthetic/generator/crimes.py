"""Recorded crimes, who is suspected of them, and their victims."""

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator.calendar_days import HISTORY_FROM, HISTORY_TO
from iom_warehouse.synthetic.generator.columns import numbered, plus_days
from iom_warehouse.synthetic.generator.dice import Rng, chance, choose, days, pick, stream, waiting_days
from iom_warehouse.synthetic.generator.history import History, Late
from iom_warehouse.synthetic.generator.offence_mix import offence_mix
from iom_warehouse.synthetic.generator.places import district_of, division_of, draw_wards

_UNSOLVED_PER_NAMED = 0.30
_JOINT_SHARE = 0.06
_OUTCOME_LATER = Late("_outcome_on", {"outcome": "none", "outcome_on": None})


def crimes(deeds: pl.DataFrame, seed: int) -> History:
    """Crimes of the careers, and others that nobody is suspected of. The helper column _has_victim says which have victims."""
    rng = stream(seed, "crimes")
    named = deeds.with_columns(cancelled_on=pl.lit(None, pl.Date))
    unsolved = _unsolved(rng, int(deeds.height * _UNSOLVED_PER_NAMED))
    both = pl.concat([named.select(unsolved.columns), unsolved])
    overnight = pl.lit(pl.Series(chance(rng, 0.25, both.height)))
    rows = both.select(
        "crime_ref",
        offence_code="code",
        offence_class="class",
        offence_text="text",
        committed_from=plus_days(pl.col("committed_on"), -overnight.cast(pl.Int32)),
        committed_to="committed_on",
        recorded_on="recorded_on",
        division=division_of(pl.col("district")),
        ward="ward",
        outcome="outcome",
        outcome_on="outcome_on",
        cancelled_on="cancelled_on",
        known_on="recorded_on",
        _outcome_on="outcome_on",
        _has_victim="victim",
    )
    return History(rows, ("crime_ref",), (_OUTCOME_LATER, Late("cancelled_on", {"cancelled_on": None})))


def suspects(deeds: pl.DataFrame, seed: int) -> History:
    """Who is suspected: the person of the career, and in some crimes one more who was at liberty that day."""
    rng = stream(seed, "suspects")
    arrested_or_dealt_with = pl.coalesce("arrested_on", pl.min_horizontal("charged_on", "outcome_on"), "recorded_on")
    own = deeds.with_columns(named_on=pl.max_horizontal("recorded_on", arrested_or_dealt_with))
    rows = pl.concat([own, _joint_suspects(own, rng).select(own.columns)]).select(
        "crime_ref", "police_ref", "named_on", "outcome", "outcome_on", known_on="named_on", _outcome_on="outcome_on"
    )
    return History(rows, ("crime_ref", "police_ref"), (_OUTCOME_LATER,))


def victims(crimes_recorded: History, seed: int) -> History:
    rng = stream(seed, "victims")
    rows = crimes_recorded.rows.filter(pl.col("_has_victim"))
    rows = rows.filter(pl.Series(chance(rng, 0.8, rows.height)))
    age = np.clip(rng.normal(38, 16, rows.height), 8, 92).astype(np.int64)
    sex = choose(rng, ["M", "F", "U"], [0.53, 0.45, 0.02], rows.height)
    return History(
        rows.select(
            victim_ref=numbered("VI"), crime_ref="crime_ref", age=pl.Series(age), sex=pl.Series(sex), known_on="known_on"
        ),
        ("victim_ref",),
        every=3,
    )


def _unsolved(rng: Rng, size: int) -> pl.DataFrame:
    """Crimes without a suspect; a few turn out to be none and are cancelled."""
    mix = offence_mix()
    span = (HISTORY_TO - HISTORY_FROM).days
    drawn = pl.DataFrame({"offence": pick(rng, mix["drug_share"].to_numpy(), size), "ward": draw_wards(rng, size)})
    closed, cancelled = chance(rng, 0.6, size), chance(rng, 0.02, size)
    recorded_on = plus_days(pl.lit(HISTORY_FROM), (committed := days(rng, 0, span, size)) + waiting_days(rng, 1.5, size))
    is_closed, is_cancelled = pl.lit(pl.Series(closed & ~cancelled)), pl.lit(pl.Series(cancelled))
    later = plus_days(recorded_on, 3 + waiting_days(rng, 30, size))
    return drawn.join(mix, on="offence", maintain_order="left").select(
        "code",
        "class",
        "text",
        "victim",
        "ward",
        crime_ref=numbered("CU"),
        district=district_of(pl.col("ward")),
        committed_on=plus_days(pl.lit(HISTORY_FROM), committed),
        recorded_on=recorded_on,
        outcome=pl.when(is_closed).then(pl.lit("no_suspect")).otherwise(pl.lit("none")),
        outcome_on=pl.when(is_closed).then(later),
        cancelled_on=pl.when(is_cancelled).then(later),
    )


def _joint_suspects(own: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    """Second suspects, taken from people with an earlier crime who are not in custody; half of them without an outcome."""
    other = own.select("person", "police_ref", "committed_on")[rng.permutation(own.height)].rename(lambda name: f"other_{name}")
    pairs = pl.concat([own, other], how="horizontal").filter(pl.Series(chance(rng, _JOINT_SHARE, own.height)))
    pairs = pairs.filter((pl.col("person") != pl.col("other_person")) & (pl.col("other_committed_on") <= pl.col("committed_on")))
    stays = own.filter(pl.col("custody_from").is_not_null()).select("person", stay_from="custody_from", stay_to="custody_to")
    inside = pairs.join(stays, left_on="other_person", right_on="person").filter(
        pl.col("committed_on").is_between(pl.col("stay_from"), pl.col("stay_to"), closed="left")
    )
    pairs = pairs.join(inside, on="crime_ref", how="anti", maintain_order="left")
    shares_outcome = pl.lit(pl.Series(chance(rng, 0.5, pairs.height)))
    return pairs.with_columns(
        police_ref="other_police_ref",
        outcome=pl.when(shares_outcome).then("outcome").otherwise(pl.lit("none")),
        outcome_on=pl.when(shares_outcome).then("outcome_on"),
    )
