"""Proven offences: convictions, cautions and breaches of the careers, and the sanctions from before the sample begins."""

import numpy as np
import polars as pl

from iom_warehouse.synthetic.generator.calendar_days import HISTORY_FROM, day_number, to_dates, to_numbers
from iom_warehouse.synthetic.generator.columns import numbered, plus_days, yes_no
from iom_warehouse.synthetic.generator.dice import chance, choose, pick, stream, waiting_days
from iom_warehouse.synthetic.generator.history import History
from iom_warehouse.synthetic.generator.offence_mix import BREACH_CODE, BREACH_TEXT, offence_mix
from iom_warehouse.synthetic.generator.population import age_on

REPRIMANDS_ENDED_ON = day_number(HISTORY_FROM) + 1834  # 8 April 2013: the youth caution took their place
_MOST_EARLIER_SANCTIONS = 30
_COURTS = ("Ashby Magistrates' Court", "Carrow Magistrates' Court", "Fenshire Crown Court")


def draw_earlier_sanctions(people: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Sanctions between the onset of the career and the beginning of the sample: person, offence, offence_on, proved_on."""
    rng = stream(seed, "earlier sanctions")
    onset, begin = to_numbers(people["onset_on"]), day_number(HISTORY_FROM) - 200
    years = np.maximum(begin - onset, 0) / 365.25
    number = np.minimum(rng.poisson(np.minimum(people["rate"].to_numpy(), 4) * 0.45 * years), _MOST_EARLIER_SANCTIONS)
    who = np.repeat(np.arange(people.height), number)
    committed = onset[who] + (rng.random(len(who)) * (begin - onset[who])).astype(np.int64)
    return pl.DataFrame(
        {
            "person": who,
            "offence": pick(rng, offence_mix()["share"].to_numpy(), len(who)),
            "offence_on": to_dates(committed),
            "proved_on": to_dates(committed + 1 + np.minimum(waiting_days(rng, 50, len(who)), 190)),
            "court_disposal": choose(rng, ["custody", "community", "fine", "discharge", "other"], [1, 3, 4, 2, 1], len(who)),
        }
    )


def sanctions_per_person(earlier: pl.DataFrame, people: pl.DataFrame) -> pl.Series:
    """How many of them each person has, in the order of `people`."""
    number = earlier.group_by("person").agg(sanctions=pl.len().cast(pl.Int64))
    return people.join(number, on="person", how="left", maintain_order="left")["sanctions"].fill_null(0)


def convictions(events: pl.DataFrame, earlier: pl.DataFrame, people: pl.DataFrame, seed: int) -> History:
    """Every proven offence. Court results reach the police after days or weeks, some after months.

    `events` and `earlier` carry `police_ref`; `events` also `crime_ref`.
    """
    rng = stream(seed, "convictions")
    proven = pl.concat([_of_court(events), _of_police(events), _before(earlier)], how="diagonal_relaxed")
    proven = (
        proven.join(people.select("person", "dob"), on="person")
        .join(offence_mix(), on="offence")
        .sort("person", "proved_on", "event")
    )
    size = proven.height
    late = np.where(chance(rng, 0.08, size), 60 + waiting_days(rng, 40, size), 1 + waiting_days(rng, 9, size))
    is_court = pl.col("proof") == "court"
    proven = proven.with_columns(
        proof=pl.when(is_court).then(pl.col("proof")).otherwise(_out_of_court()),
        known_on=plus_days(pl.col("proved_on"), late),
        is_principal=yes_no(pl.col("gravity").rank("ordinal", descending=True).over("police_ref", "proved_on") == 1),
        occasion=pl.struct("police_ref", "proved_on").rank("dense"),
        court=pl.when(is_court)
        .then(pl.lit(pl.Series(choose(rng, _COURTS, [4, 3, 1], size))))
        .otherwise(pl.lit("Police station")),
        abroad=pl.lit(pl.Series(chance(rng, 0.004, size))),
    )
    rows = proven.select(
        conviction_ref=numbered("CV"),
        police_ref="police_ref",
        occasion_ref=numbered("OC", pl.col("occasion")),
        crime_ref="crime_ref",
        offence_code=pl.when("breach").then(pl.lit(BREACH_CODE)).otherwise("code"),
        offence_text=pl.when("breach").then(pl.lit(BREACH_TEXT)).otherwise("text"),
        offence_on="offence_on",
        proved_on="proved_on",
        proof="proof",
        disposal="disposal",
        is_principal="is_principal",
        is_breach=yes_no(pl.col("breach")),
        recordable=yes_no(pl.col("recordable") & ~pl.col("breach")),
        committed_in_ew=yes_no(~pl.col("abroad")),
        court="court",
        known_on="known_on",
    )
    return History(rows, ("conviction_ref",))


def _of_court(events: pl.DataFrame) -> pl.DataFrame:
    return events.filter(pl.col("proved_on").is_not_null()).select(
        "event", "person", "police_ref", "crime_ref", "offence", "proved_on", "disposal",
        offence_on="committed_on", proof=pl.lit("court"), breach=pl.col("kind") == "breach",
    )  # fmt: skip


def _of_police(events: pl.DataFrame) -> pl.DataFrame:
    return events.filter(pl.col("outcome") == "cautioned").select(
        "event", "person", "police_ref", "crime_ref", "offence", offence_on="committed_on", proved_on="outcome_on",
        disposal=pl.lit("caution"), proof=pl.lit("caution"), breach=pl.lit(False),
    )  # fmt: skip


def _before(earlier: pl.DataFrame) -> pl.DataFrame:
    """The first sanction of each person is a caution, the others are convictions."""
    is_first = pl.col("offence_on").rank("ordinal").over("person") == 1
    return earlier.select(
        "person", "police_ref", "offence", "offence_on", "proved_on", breach=pl.lit(False),
        proof=pl.when(is_first).then(pl.lit("caution")).otherwise(pl.lit("court")),
        disposal=pl.when(is_first).then(pl.lit("caution")).otherwise("court_disposal"),
    )  # fmt: skip


def _out_of_court() -> pl.Expr:
    """Adults are cautioned; young people were reprimanded, then warned, until the youth caution came."""
    times = pl.col("proved_on").rank("ordinal").over("person")
    old = pl.when(times == 1).then(pl.lit("reprimand")).otherwise(pl.lit("warning"))
    young = pl.when(pl.col("proved_on").cast(pl.Int32) >= REPRIMANDS_ENDED_ON).then(pl.lit("youth_caution")).otherwise(old)
    return pl.when(age_on(pl.col("proved_on")) < 18).then(young).otherwise(pl.lit("caution"))
