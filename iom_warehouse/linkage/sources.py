"""The files that describe people, and their records as they were at a vintage."""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor


@dataclass(frozen=True)
class Source:
    """A file whose rows are people. Attributes that name a column are None where the file has no such column."""

    feed: str
    file: str
    key: str
    pnc: str | None = None
    cro: str | None = None
    prison_number: str | None = None
    crn: str | None = None
    only_with_consent: bool = False


SOURCES = (
    Source("police", "police_person", key="police_ref", pnc="pncid", cro="cro_number"),
    Source("probation", "probation_person", key="crn", pnc="pncid", prison_number="prison_number", crn="crn"),
    Source("prison", "prison_person", key="prison_number", pnc="pncid", cro="cro_number", prison_number="prison_number"),
    Source("dip", "dip_client", key="client_ref", pnc="pncid", prison_number="prison_number", only_with_consent=True),
    Source("hub", "hub_case", key="case_ref", pnc="pncid", prison_number="prison_number", crn="crn"),
)
FEEDS = tuple(source.feed for source in SOURCES)

# One row per source record. Records are numbered in the order of SOURCES and of their keys: every tie is decided by that.
RECORD_TABLE = """
    create temporary table linking_record (
        record_id bigint primary key,
        source_file text not null,
        source_key text not null,
        dob date,
        pnc text,
        cro text,
        prison_number text,
        crn text
    ) on commit drop
"""

# A short PNC year is read as of the year in which its row was delivered, so that a vintage gives the same answer in any year.
READ_SOURCE = """
    insert into linking_record
    select
        coalesce((select max(record_id) from linking_record), 0) + row_number() over (order by {key} collate "C"),
        {file}, {key}, dob,
        case when {may_match} then
            identifiers.canonical_pnc({pnc}, extract(year from recorded_from at time zone 'Europe/London')::integer) end,
        case when {may_match} then identifiers.canonical_cro({cro}) end,
        case when {may_match} then identifiers.canonical_prison_number({prison_number}) end,
        case when {may_match} then identifiers.canonical_crn({crn}) end
    from raw.{table}
    where opened_by_sequence <= %(sequence)s
        and (closed_by_sequence is null or closed_by_sequence > %(sequence)s)
"""
WITH_CONSENT = "consent_to_share and consent_withdrawn_on is null"


def create_tables(cursor: Cursor) -> None:
    """Make the (empty) table of records for this transaction."""
    cursor.execute(RECORD_TABLE)


def read_records(cursor: Cursor, vintage: Mapping[str, int]) -> None:
    """Fill the table of records with those current at `vintage` (feed -> sequence); a feed that is not in it is absent."""
    cursor.execute("truncate linking_record")
    for source in SOURCES:
        if source.feed in vintage and _exists(cursor, source.file):
            cursor.execute(_read_statement(source), {"sequence": vintage[source.feed]})
    cursor.execute("analyze linking_record")


def _exists(cursor: Cursor, file: str) -> bool:
    cursor.execute("select to_regclass(%s) is not null", (f"raw.{file}",))
    return cursor.fetchone()[0]


def _read_statement(source: Source) -> sql.Composed:
    def column(name: str | None) -> sql.Composable:
        return sql.Identifier(name) if name else sql.SQL("null::text")

    return sql.SQL(READ_SOURCE).format(
        table=sql.Identifier(source.file),
        file=sql.Literal(source.file),
        key=sql.Identifier(source.key),
        may_match=sql.SQL(WITH_CONSENT if source.only_with_consent else "true"),
        pnc=column(source.pnc),
        cro=column(source.cro),
        prison_number=column(source.prison_number),
        crn=column(source.crn),
    )
