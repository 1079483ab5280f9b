"""A configuration folder as text: every file read once, its digest and its rows taken from the same bytes."""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from iom_warehouse.configuration.declaration import ConfigurationFile, declaration_path, files
from iom_warehouse.configuration.findings import Finding, did_you_mean, quoted
from iom_warehouse.platform.errors import IomError

IGNORED = {"README.md"}
ROW = "row"
COPY_IT = "Copy it from partnership/ and put your own rows in"
SEPARATORS = {";": "semicolons", "\t": "tabs"}  # what a spreadsheet may put where a comma belongs


@dataclass(frozen=True)
class Folder:
    """The folder as it was read.

    tables: file name -> frame of text columns (null = empty) with the spreadsheet row in `row`; an absent file has no rows.
    digest: SHA-256 over the files and the declaration they were read by.
    findings: what could not be read.
    """

    path: Path
    digest: str
    tables: dict[str, pl.DataFrame]
    findings: list[Finding]

    @property
    def unreadable(self) -> set[str]:
        """Files with rows that were not read, so that what points to them cannot be judged."""
        return {finding.file for finding in self.findings}


def read(path: Path) -> Folder:
    """Read the folder. Raises IomError when there is none; everything else that is wrong becomes a finding."""
    if not path.is_dir():
        raise IomError(f"There is no configuration folder {path}.", "Give the folder that holds areas.csv and the other files.")
    present = {
        entry.name: entry for entry in sorted(path.iterdir()) if entry.name not in IGNORED and not entry.name.startswith(".")
    }
    known = {file.csv_name: file for file in files()}
    findings = [_unknown_file(name, list(known)) for name in present if name not in known]
    findings += [
        Finding(name, 0, "", "this is a folder; put the file itself here")
        for name, entry in present.items()
        if name in known and entry.is_dir()
    ]
    findings += [_missing_file(file) for name, file in known.items() if file.needed and name not in present]
    content = {name: entry.read_bytes() for name, entry in present.items() if name in known and not entry.is_dir()}
    tables = {}
    for name, file in known.items():
        tables[file.name], problems = _table(file, content[name]) if name in content else (_frame(file, []), [])
        findings += problems
    return Folder(path, _digest(content), tables, findings)


def _digest(content: dict[str, bytes]) -> str:
    total = hashlib.sha256(declaration_path().read_bytes())
    for name, data in sorted(content.items()):
        total.update(f"{name} {len(data)}\n".encode() + data)
    return total.hexdigest()


def _unknown_file(name: str, known: list[str]) -> Finding:
    return Finding(
        name, 0, "", f"this is not a file of the configuration{did_you_mean(name, known) or '; take it out of the folder'}"
    )


def _missing_file(file: ConfigurationFile) -> Finding:
    return Finding(file.csv_name, 0, "", f"this file is missing; {file.needed}. {COPY_IT}")


def _table(file: ConfigurationFile, content: bytes) -> tuple[pl.DataFrame, list[Finding]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return _frame(file, []), [
            Finding(file.csv_name, line, "", "this is not UTF-8 text; in a spreadsheet save the file as 'CSV UTF-8'")
        ]
    if separator := _other_separator(text):
        message = f"the columns are separated by {separator}; save the file with commas, and ; only between the values of a list"
        return _frame(file, []), [Finding(file.csv_name, 1, "", message)]
    rows: list[tuple[int, list[str]]] = []
    try:
        for number, cells in _records(text):
            rows.append((number, cells))
    except csv.Error as error:
        line = rows[-1][0] + 1 if rows else 1
        return _frame(file, []), [
            Finding(
                file.csv_name, line, "", f"this row cannot be read as CSV ({error}); look for a quotation mark that is not closed"
            )
        ]
    return _checked(file, rows)


def _other_separator(text: str) -> str:
    """What stands between the columns of the header in place of commas; an empty text where they are there."""
    header = text.strip().partition("\n")[0].strip()
    return "" if "," in header else next((name for sign, name in SEPARATORS.items() if sign in header), "")


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    for number, cells in enumerate(reader, start=1):
        if any(cell.strip() for cell in cells):
            yield number, [cell.strip() for cell in cells]


def _checked(file: ConfigurationFile, rows: list[tuple[int, list[str]]]) -> tuple[pl.DataFrame, list[Finding]]:
    if not rows:
        return _frame(file, []), [Finding(file.csv_name, 0, "", "this file is empty; it needs at least its header row")]
    (_, header), *body = rows
    findings = _header_findings(file, header)
    if findings:
        return _frame(file, []), findings
    for number, cells in body:
        if len(cells) != len(header):
            message = (
                f"this row has {len(cells)} fields and the header {len(header)}; put a text that holds a comma in quotation"
                " marks, and ; between the values of a list"
            )
            findings.append(Finding(file.csv_name, number, "", message))
    whole = [{ROW: number} | dict(zip(header, cells, strict=True)) for number, cells in body if len(cells) == len(header)]
    return _frame(file, whole), findings


def _header_findings(file: ConfigurationFile, header: list[str]) -> list[Finding]:
    known = [column.name for column in file.columns]
    findings = [
        Finding(file.csv_name, 1, "", f"{quoted(name)} is not a column of this file{did_you_mean(name, known)}")
        for name in header
        if name not in known
    ]
    findings += [Finding(file.csv_name, 1, name, "this column is there twice") for name in known if header.count(name) > 1]
    missing = [column.name for column in file.columns if column.required and column.name not in header]
    return findings + [Finding(file.csv_name, 1, name, "this column is missing") for name in missing]


def _frame(file: ConfigurationFile, rows: list[dict]) -> pl.DataFrame:
    names = [column.name for column in file.columns]
    frame = pl.DataFrame(rows, schema={ROW: pl.Int64} | dict.fromkeys(names, pl.String))
    return frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in names)
