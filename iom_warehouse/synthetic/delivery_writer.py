"""Write one delivery the way an agency does: the CSV files first, `manifest.json` last.

A folder without its manifest counts as still arriving, so a reader never sees half a delivery.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl

from iom_warehouse.platform.errors import IomError
from iom_warehouse.synthetic.empty_files import empty_files

Table = pl.DataFrame | duckdb.DuckDBPyRelation
LINE_END = "\r\n"  # RFC 4180


@dataclass(frozen=True)
class Header:
    """What a manifest says about a delivery before it lists the files.

    `base_sequence` is the last published sequence that a `changes` extract builds on; None makes it a `full` one.
    """

    feed: str
    business_date: date
    sequence: int
    extracted_at: datetime
    base_sequence: int | None = None
    contract_version: str = "1"

    @property
    def extract(self) -> str:
        return "full" if self.base_sequence is None else "changes"

    @property
    def folder(self) -> str:
        """`<business date>.<sequence>`, the name of the delivery's folder below its feed's."""
        return f"{self.business_date.isoformat()}.{self.sequence}"


def write_delivery(inbox: Path, header: Header, tables: Mapping[str, Table], *, compress: bool = False) -> Path:
    """Write `tables` (file name without ending -> rows) as one delivery and return its folder.

    A `changes` delivery needs the column `change` in every table. An unfinished folder of the same name is written
    anew; a finished one is an error, since a delivery never alters once it has its manifest.
    """
    if header.extracted_at.tzinfo is None:
        raise IomError("extracted_at has no offset.", "Pass a datetime with a time zone.")
    folder = inbox / header.feed / header.folder
    manifest = folder / "manifest.json"
    if manifest.exists():
        raise IomError(f"{header.feed} {header.folder} is already delivered.", "Choose another sequence or an empty inbox.")
    folder.mkdir(parents=True, exist_ok=True)
    files = [_write_file(folder, name, table, header, compress) for name, table in tables.items()]
    _write_manifest(manifest, header, files)
    return folder


def write_only_deliveries(
    inbox: Path, business_date: date, extracted_at: datetime, feeds: Mapping[str, Mapping[str, Table]]
) -> list[Path]:
    """Write the one full delivery that each of these feeds has, files without rows where the contract asks for them."""
    return [
        write_delivery(inbox, Header(feed, business_date, 1, extracted_at), {**tables, **empty_files(feed, tables)})
        for feed, tables in feeds.items()
    ]


def _write_file(folder: Path, file: str, table: Table, header: Header, compress: bool) -> dict[str, object]:
    """Write one CSV and return its entry of the manifest."""
    if header.extract == "changes" and "change" not in table.columns:
        raise IomError(f"{file} of a changes delivery has no column change.", "Add it, with upsert or delete in each row.")
    path = folder / (f"{file}.csv.gz" if compress else f"{file}.csv")
    if isinstance(table, pl.DataFrame):
        rows = table.height
        table.write_csv(path, line_terminator=LINE_END, compression="gzip" if compress else "uncompressed")
    else:
        rows = table.shape[0]  # a query of its own: give a relation over a stored table
        table.write_csv(str(path), compression="gzip" if compress else "none")
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"file": file, "name": path.name, "rows": rows, "sha256": digest}


def _write_manifest(path: Path, header: Header, files: list[dict[str, object]]) -> None:
    """Put the manifest in place in one step, so that it is either whole or not there."""
    manifest = {
        "feed": header.feed,
        "business_date": header.business_date.isoformat(),
        "extracted_at": header.extracted_at.isoformat(),
        "sequence": header.sequence,
        "extract": header.extract,
        "base_sequence": header.base_sequence,
        "contract_version": header.contract_version,
        "files": files,
    }
    unfinished = path.with_suffix(".json.part")
    unfinished.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    unfinished.replace(path)
