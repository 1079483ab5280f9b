"""The Rossi example: 432 men released from Maryland prisons and followed for 52 weeks, as three deliveries of ours.

Source: the data set `rossi` of the lifelines package (MIT), after Rossi, Berk and Lenihan, Money, Work, and Crime (1980).
Real are the week of arrest, parole, the number of earlier convictions, age and ethnicity. Invented are names, identifiers
and every date, of which only the intervals matter: releases fall on the Mondays of 1972; an arrest in week w is dated
release + 7 (w - 1) + 3 days, so that it falls inside its week; the index offence lies 60 days before reception, the stay
in prison lasts 400 days, and earlier convictions lie 75 days apart before the index offence.
"""

import itertools
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
from lifelines.datasets import load_rossi

from iom_warehouse.synthetic.check_letters import pnc_id
from iom_warehouse.synthetic.delivery_writer import write_only_deliveries

BUSINESS_DATE = date(1974, 6, 30)
FOLLOW_UP_DAYS = 364
OFFENCE_CODE = "099/00"
_FIRST_MONDAY = date(1972, 1, 3)
_ONSETS = "b br c ch d dr f fl g gr h j k kl l m n p pr r s sh st t th tr v w y z"
_VOWELS = "a e i o u ai ea oa"
_CODAS = "n r l s t m d k th ck nd"
_FORENAME_SEED = 432


def write_rossi(inbox: Path) -> list[Path]:
    """Write the deliveries of prison, police and probation below `inbox` and return their folders."""
    people = _people()
    feeds = {"police": _police(people), "prison": _prison(people), "probation": _probation(people)}
    extracted_at = datetime.combine(BUSINESS_DATE, datetime.min.time(), UTC).replace(hour=23)
    return write_only_deliveries(inbox, BUSINESS_DATE, extracted_at, feeds)


def _people() -> pl.DataFrame:
    """One row per man: the study's own columns and the invented names, identifiers and dates."""
    study = pl.from_pandas(load_rossi()).with_row_index("n", offset=1).with_columns(pl.col("n").cast(pl.Int64))
    released_on = pl.lit(_FIRST_MONDAY) + pl.duration(days=7 * (pl.col("n") % 52))
    return study.with_columns(
        released_on=released_on,
        received_on=released_on - pl.duration(days=400),
        police_ref=pl.format("P{}", "n"),
        prison_number=pl.format("A{}AQ", pl.col("n").cast(pl.String).str.zfill(4)),
        crn=pl.format("A{}", pl.col("n").cast(pl.String).str.zfill(6)),
        pncid=pnc_id(pl.lit(1974), pl.col("n")),
        dob=pl.date(1972 - pl.col("age"), 1, 1),
        ethnicity=pl.when(pl.col("race") == 1).then(pl.lit("black")).otherwise(pl.lit("other")),
        sex=pl.lit("M"),
        cro_number=_null(),
        postcode=_null(),
        **_names(study.height),
    )


def _names(people: int) -> dict[str, pl.Series]:
    """Made-up names: surnames of two syllables, all different, and forenames of one, drawn with a fixed seed."""
    syllables = np.array(["".join(parts[::-1]) for parts in itertools.product(_CODAS.split(), _VOWELS.split(), _ONSETS.split())])
    n = np.arange(1, people + 1)
    surnames = np.char.add(syllables[-n % len(syllables)], syllables[(3 * n - 1) % len(syllables)])
    forenames = np.random.default_rng(_FORENAME_SEED).choice(syllables, people)
    return {
        "surname": pl.Series(surnames).str.to_titlecase(),
        "forenames": pl.Series(forenames).str.to_titlecase(),
    }


def _events(people: pl.DataFrame) -> pl.DataFrame:
    """One row per offence: each man's index offence, his earlier convictions going back in time, then the arrest in follow-up."""
    index_on = pl.col("received_on") - pl.duration(days=60)
    index = people.select("n", "police_ref", order=0, on=index_on, text=pl.lit("index offence (synthetic date)"))
    earlier = (
        people.select("n", "police_ref", order=pl.int_ranges(1, pl.col("prio") + 1), on=index_on)
        .filter(pl.col("order").list.len() > 0)
        .explode("order")
        .with_columns(on=pl.col("on") - pl.duration(days=75 * pl.col("order")), text=pl.lit("prior conviction (synthetic date)"))
    )
    arrest_on = pl.col("released_on") + pl.duration(days=7 * (pl.col("week") - 1) + 3)
    later = people.filter(pl.col("arrest") == 1).select(
        "n", "police_ref", order=1000, on=arrest_on, text=pl.lit("arrest in follow-up")
    )
    events = pl.concat([index, earlier, later], how="vertical_relaxed").sort("n", "order")
    return events.with_row_index("event", offset=1)


def _police(people: pl.DataFrame) -> dict[str, pl.DataFrame]:
    events = _events(people).with_columns(
        arrest_ref=pl.format("AR{}", "event"), crime_ref=pl.format("CR{}", "event"), offence_code=pl.lit(OFFENCE_CODE)
    )
    is_index = pl.col("order") == 0
    convictions = events.filter(pl.col("text") != "arrest in follow-up").select(
        conviction_ref=pl.format("CV{}", "event"),
        police_ref="police_ref",
        occasion_ref=pl.format("OC{}", "event"),
        crime_ref="crime_ref",
        offence_code="offence_code",
        offence_text="text",
        offence_on="on",
        proved_on=pl.col("on") + pl.duration(days=pl.when(is_index).then(60).otherwise(30)),
        proof=pl.lit("court"),
        disposal=pl.when(is_index).then(pl.lit("custody")).otherwise(pl.lit("other")),
        is_principal=pl.lit("Y"),
        is_breach=pl.lit("N"),
        recordable=pl.lit("Y"),
        committed_in_ew=pl.lit("Y"),
        court=_null(),
    )
    return {
        "police_person": people.select(
            "police_ref", "pncid", "cro_number", "surname", "forenames", "dob", "sex", "ethnicity", "postcode", died_on=_null()
        ),
        "police_arrest": events.select(
            "arrest_ref",
            "police_ref",
            "crime_ref",
            asn=_null(),
            arrested_at=pl.col("on").dt.strftime("%Y-%m-%dT12:00:00+00:00"),
            offence_code="offence_code",
            offence_text="text",
            division=_null(),
            custody_suite=_null(),
        ),
        "police_charge": events.select(
            charge_ref=pl.format("CH{}", "event"),
            arrest_ref="arrest_ref",
            police_ref="police_ref",
            crime_ref="crime_ref",
            offence_on="on",
            charged_on="on",
            offence_code="offence_code",
            scheme_flagged=pl.lit("N"),
        ),
        "police_crime": events.select(
            "crime_ref",
            "offence_code",
            offence_class=_null(),
            offence_text="text",
            committed_from="on",
            committed_to="on",
            recorded_on="on",
            division=_null(),
            ward=_null(),
            outcome=pl.lit("charged"),
            outcome_on="on",
            cancelled_on=_null(),
        ),
        "police_suspect": events.select("crime_ref", "police_ref", named_on="on", outcome=pl.lit("charged"), outcome_on="on"),
        "police_conviction": convictions,
    }


def _prison(people: pl.DataFrame) -> dict[str, pl.DataFrame]:
    spells = people.select(
        booking_ref=pl.format("B{}", "n"),
        prison_number="prison_number",
        received_on="received_on",
        released_on="released_on",
        establishment=pl.lit("sentence"),
        custody_type=pl.lit("sentenced"),
        release_type=pl.lit("licence"),
        sentenced_on=_null(),
        sentence_days=_null(),
        offence_code=pl.lit(OFFENCE_CODE),
        home_district=_null(),
        supervision_on_release=_null(),
        accommodation_on_release=_null(),
    )
    return {
        "prison_person": people.select("prison_number", "pncid", "cro_number", "surname", "forenames", "dob", "sex", "ethnicity"),
        "prison_spell": spells,
    }


def _probation(people: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Parole becomes a licence from release to the end of the study's 52 weeks."""
    on_parole = people.filter(pl.col("paro") == 1).with_row_index("order", offset=1)
    orders = on_parole.select(
        order_ref=pl.format("O{}", "order"),
        crn="crn",
        order_type=pl.lit("licence"),
        offence_code=pl.lit(OFFENCE_CODE),
        sentenced_on="released_on",
        starts_on="released_on",
        expected_end_on=_null(),
        ended_on=pl.col("released_on") + pl.duration(days=FOLLOW_UP_DAYS),
        end_reason=pl.lit("expired"),
        sentence_days=_null(),
        settled_at_end=_null(),
        employed_at_end=_null(),
    )
    persons = on_parole.select(
        "crn", "pncid", "prison_number", "surname", "forenames", "dob", "sex", "ethnicity", "postcode", district=_null()
    )
    return {
        "probation_person": persons,
        "probation_order": orders,
    }


def _null() -> pl.Expr:
    return pl.lit(None, pl.String)
