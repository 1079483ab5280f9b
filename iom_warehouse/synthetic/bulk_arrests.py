"""Two large full nights of the police feed, to measure loading with; one arrest in a hundred changes between them."""

from datetime import date, datetime, time
from pathlib import Path

import polars as pl

from iom_warehouse.platform.local_time import LONDON
from iom_warehouse.synthetic.check_letters import asn
from iom_warehouse.synthetic.delivery_writer import Header, write_delivery
from iom_warehouse.synthetic.empty_files import empty_files
from iom_warehouse.synthetic.generator.columns import nothing, numbered, plus_days, timestamp
from iom_warehouse.synthetic.generator.dice import Rng, pick, stream
from iom_warehouse.synthetic.generator.identifiers import ErrorRates, draw_records
from iom_warehouse.synthetic.generator.offence_mix import offence_mix
from iom_warehouse.synthetic.generator.police import FORCE_NUMBER, UNIT
from iom_warehouse.synthetic.generator.population import draw_people

NIGHTS = (date(2013, 7, 1), date(2013, 7, 2))
CHANGED_EVERY = 100
_ARRESTS_PER_PERSON = 10
_FIRST_DAY, _DAYS = date(2003, 7, 1), 3650


def write_police_arrest(inbox: Path, rows: int = 1_000_000, seed: int = 2013) -> list[Path]:
    """Write two full deliveries of `rows` arrests of a tenth as many people below `inbox`; returns their folders.

    The second night differs from the first in the custody suite of every hundredth arrest.
    """
    rng = stream(seed, "bulk arrests")
    people = _people(max(rows // _ARRESTS_PER_PERSON, 1), seed, rng)
    arrests = _arrests(people, rows, rng)
    moved = pl.int_range(pl.len()) % CHANGED_EVERY == 0
    next_night = arrests.with_columns(
        custody_suite=pl.when(moved).then(pl.col("custody_suite") + ", annexe").otherwise("custody_suite")
    )
    return [
        _write(inbox, sequence, night, people, table)
        for sequence, (night, table) in enumerate(zip(NIGHTS, (arrests, next_night), strict=True), 1)
    ]


def _write(inbox: Path, sequence: int, night: date, people: pl.DataFrame, arrests: pl.DataFrame) -> Path:
    tables = {"police_person": people, "police_arrest": arrests}
    extracted_at = datetime.combine(night, time(23, 40), LONDON)
    return write_delivery(inbox, Header("police", night, sequence, extracted_at), tables | empty_files("police", tables))


def _people(size: int, seed: int, rng: Rng) -> pl.DataFrame:
    records = draw_records(draw_people(seed, size), rng, ErrorRates(second_record=0.0), prefix="P")
    return records.select(
        pl.col("ref").alias("police_ref"),
        *("pncid", "cro_number", "surname", "forenames", "dob", "sex", "ethnicity", "postcode"),
        died_on=nothing(),
    )


def _arrests(people: pl.DataFrame, rows: int, rng: Rng) -> pl.DataFrame:
    mix = offence_mix()
    offence = pick(rng, mix["share"].to_numpy(), rows)
    day = pl.Series(rng.integers(0, _DAYS, rows))
    drawn = pl.DataFrame(
        {
            "police_ref": people["police_ref"].gather(rng.integers(0, people.height, rows)),
            "code": mix["code"].gather(offence),
            "text": mix["text"].gather(offence),
            "second": rng.integers(1_800, 80_000, rows),
            "division": pl.Series(["FX-N", "FX-S"]).gather(rng.integers(0, 2, rows)),
        }
    ).with_columns(arrested_on=plus_days(pl.lit(_FIRST_DAY), pl.lit(day)))
    year = pl.col("arrested_on").dt.year().cast(pl.Int64)
    return drawn.select(
        arrest_ref=numbered("AR"),
        police_ref="police_ref",
        crime_ref=nothing(),
        asn=asn(year, pl.int_range(1, pl.len() + 1, dtype=pl.Int64), force=FORCE_NUMBER, unit=UNIT),
        arrested_at=timestamp(pl.col("arrested_on"), pl.col("second")),
        offence_code="code",
        offence_text="text",
        division="division",
        custody_suite=pl.when(pl.col("division") == "FX-N")
        .then(pl.lit("Ashby Custody Suite"))
        .otherwise(pl.lit("Carrow Custody Suite")),
    )
