"""A delivery is whole or not there, and its manifest tells the truth about its files."""

import gzip
import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from iom_warehouse.platform.errors import IomError
from iom_warehouse.synthetic.delivery_writer import Header, write_delivery

EXTRACTED_AT = datetime(2013, 10, 1, 23, 40, tzinfo=UTC)
FULL = Header("hub", date(2013, 10, 1), 7, EXTRACTED_AT)
CHANGES = Header("hub", date(2013, 10, 1), 7, EXTRACTED_AT, base_sequence=6)
ROWS = pl.DataFrame({"meeting_ref": ["M1", "M2"], "held_on": [date(2013, 9, 3), None], "district": ['Ash, "by"', "two\nlines"]})


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def test_full_delivery(tmp_path: Path) -> None:
    folder = write_delivery(tmp_path, FULL, {"hub_meeting": ROWS, "hub_case": ROWS.clear()})
    content = (folder / "hub_meeting.csv").read_bytes()
    assert folder == tmp_path / "hub" / "2013-10-01.7"
    assert content == b'meeting_ref,held_on,district\r\nM1,2013-09-03,"Ash, ""by"""\r\nM2,,"two\nlines"\r\n'
    assert manifest_of(folder) == {
        "feed": "hub",
        "business_date": "2013-10-01",
        "extracted_at": "2013-10-01T23:40:00+00:00",
        "sequence": 7,
        "extract": "full",
        "base_sequence": None,
        "contract_version": "1",
        "files": [
            {"file": "hub_meeting", "name": "hub_meeting.csv", "rows": 2, "sha256": hashlib.sha256(content).hexdigest()},
            {
                "file": "hub_case",
                "name": "hub_case.csv",
                "rows": 0,
                "sha256": hashlib.sha256(b"meeting_ref,held_on,district\r\n").hexdigest(),
            },
        ],
    }


def test_gzip_names_the_file_and_sums_it_as_sent(tmp_path: Path) -> None:
    folder = write_delivery(tmp_path, FULL, {"hub_meeting": ROWS}, compress=True)
    content = (folder / "hub_meeting.csv.gz").read_bytes()
    (entry,) = manifest_of(folder)["files"]
    assert (entry["name"], entry["rows"]) == ("hub_meeting.csv.gz", 2)
    assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert gzip.decompress(content).startswith(b"meeting_ref,")


@pytest.mark.parametrize("compress", [False, True])
def test_duckdb_relation(tmp_path: Path, compress: bool) -> None:
    relation = duckdb.sql("select 'M' || n as meeting_ref, null::date as held_on from range(3) as t(n)")
    folder = write_delivery(tmp_path, FULL, {"hub_meeting": relation}, compress=compress)
    (entry,) = manifest_of(folder)["files"]
    content = (folder / entry["name"]).read_bytes()
    text = gzip.decompress(content) if compress else content
    assert entry["rows"] == 3
    assert text.split() == [b"meeting_ref,held_on", b"M0,", b"M1,", b"M2,"]


def test_changes_need_their_column(tmp_path: Path) -> None:
    with pytest.raises(IomError, match="no column change"):
        write_delivery(tmp_path, CHANGES, {"hub_meeting": ROWS})
    folder = write_delivery(tmp_path, CHANGES, {"hub_meeting": ROWS.with_columns(change=pl.lit("upsert"))})
    assert (manifest_of(folder)["extract"], manifest_of(folder)["base_sequence"]) == ("changes", 6)


def test_an_interrupted_delivery_has_no_manifest_and_is_written_anew(tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        write_delivery(tmp_path, FULL, {"hub_meeting": ROWS, "hub_case": None})
    folder = tmp_path / "hub" / "2013-10-01.7"
    assert [path.name for path in folder.iterdir()] == ["hub_meeting.csv"]
    write_delivery(tmp_path, FULL, {"hub_meeting": ROWS})
    assert sorted(path.name for path in folder.iterdir()) == ["hub_meeting.csv", "manifest.json"]


def test_a_finished_delivery_is_left_alone(tmp_path: Path) -> None:
    folder = write_delivery(tmp_path, FULL, {"hub_meeting": ROWS})
    before = (folder / "manifest.json").read_bytes()
    with pytest.raises(IomError, match="already delivered"):
        write_delivery(tmp_path, FULL, {"hub_meeting": ROWS.head(1)})
    assert (folder / "manifest.json").read_bytes() == before


def test_extraction_time_needs_an_offset(tmp_path: Path) -> None:
    with pytest.raises(IomError, match="offset"):
        write_delivery(tmp_path, Header("hub", date(2013, 10, 1), 7, datetime(2013, 10, 1)), {"hub_meeting": ROWS})
