"""What a manifest must be, and what is said about one that is not."""

import json
from pathlib import Path
from typing import Any

import pytest

from iom_warehouse.delivery import manifest

RIGHT: dict[str, Any] = {
    "feed": "police", "business_date": "2013-10-01", "sequence": 184, "extract": "full", "base_sequence": None,
    "extracted_at": "2013-10-01T23:40:00+01:00", "contract_version": "1",
    "files": [{"file": "police_person", "name": "police_person.csv", "rows": 18234, "sha256": "0" * 64}],
}  # fmt: skip
PERSON = RIGHT["files"][0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "police" / "2013-10-01.184"
    path.mkdir(parents=True)
    return path


def messages(folder: Path, data: bytes) -> list[str]:
    (folder / manifest.MANIFEST).write_bytes(data)
    read = manifest.read(folder)
    assert (read.content is None) == bool(read.findings)
    assert {finding.rule_id for finding in read.findings} <= {"delivery.manifest"}
    return [finding.message for finding in read.findings]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_a_right_manifest_is_read(folder: Path, mark: bytes) -> None:
    assert messages(folder, mark + json.dumps(RIGHT).encode()) == []
    content = manifest.read(folder).content
    assert content and content.files[0].rows == 18234 and content.extracted_at.isoformat() == "2013-10-01T23:40:00+01:00"


def test_changes_name_their_base(folder: Path) -> None:
    assert messages(folder, json.dumps(RIGHT | {"extract": "changes", "base_sequence": 183}).encode()) == []


DAY = "is wrong at business_date: this must be a day of the calendar, written like 2013-10-01."
TIME = "is wrong at extracted_at: this must be a time with its offset from UTC, written like 2013-10-01T23:40:00+01:00."
WRONG_FACTS = {
    "another feed": ({"feed": "prison"}, "names another feed than the folder"),
    "another day": ({"business_date": "2013-10-02"}, "not the name of its folder"),
    "another sequence": ({"sequence": 185}, "not the name of its folder"),
    "a sequence as text": ({"sequence": "184"}, "is wrong at sequence"),
    "a sequence beyond all bounds": ({"sequence": 10**30}, "is wrong at sequence"),
    "a base beyond all bounds": ({"extract": "changes", "base_sequence": 10**30}, "is wrong at base_sequence"),
    "no base of changes": ({"extract": "changes"}, "base_sequence is given for changes"),
    "a base of a full one": ({"base_sequence": 183}, "base_sequence is given for changes"),
    "an unknown extract": ({"extract": "partial"}, "is wrong at extract"),
    "no offset": ({"extracted_at": "2013-10-01T23:40:00"}, TIME),
    "a time of its own form": ({"extracted_at": "01/10/2013 23:40"}, TIME),
    "an impossible day": ({"business_date": "2013-02-30"}, DAY),
    "a day of its own form": ({"business_date": "01/19/2016"}, DAY),
    "a NUL in the version": ({"contract_version": "1\x00"}, "is wrong at contract_version"),
    "a way out of the folder": (
        {"files": [PERSON | {"name": "../../etc/passwd"}]},
        "is wrong at files.0.name: this must be a file name without a folder",
    ),
    "an absolute path": ({"files": [PERSON | {"name": "/etc/passwd.csv"}]}, "is wrong at files.0.name"),
    "a quote in a name": ({"files": [PERSON | {"name": "a'b.csv"}]}, "is wrong at files.0.name"),
    "a semicolon in a name": ({"files": [PERSON | {"name": "a;b.csv"}]}, "is wrong at files.0.name"),
    "a newline in a name": ({"files": [PERSON | {"name": "a\nb.csv"}]}, "is wrong at files.0.name"),
    "a newline after a name": ({"files": [PERSON | {"name": "a.csv\n"}]}, "is wrong at files.0.name"),
    "another ending": ({"files": [PERSON | {"name": "a.xlsx"}]}, "is wrong at files.0.name"),
    "SQL for a file": ({"files": [PERSON | {"file": 'x"; drop schema raw; --'}]}, "is wrong at files.0.file"),
    "fewer than no rows": ({"files": [PERSON | {"rows": -1}]}, "is wrong at files.0.rows"),
    "more rows than there can be": ({"files": [PERSON | {"rows": 10**30}]}, "is wrong at files.0.rows"),
    "a short checksum": ({"files": [PERSON | {"sha256": "00"}]}, "is wrong at files.0.sha256"),
    "a file twice": ({"files": [PERSON, PERSON | {"name": "b.csv"}]}, "two entries of files have the same file"),
    "one file under two names": (
        {"files": [PERSON, PERSON | {"file": "police_alias"}]},
        "two entries of files have the same name",
    ),
}


@pytest.mark.parametrize(("change", "message"), WRONG_FACTS.values(), ids=WRONG_FACTS)
def test_wrong_facts_are_named(folder: Path, change: dict[str, Any], message: str) -> None:
    found = messages(folder, json.dumps(RIGHT | change).encode())
    assert len(found) == 1 and message in found[0] and found[0].endswith("a new sequence.")


@pytest.mark.parametrize("name", [name for name in RIGHT if name != "base_sequence"])
def test_a_missing_fact_is_named(folder: Path, name: str) -> None:
    found = messages(folder, json.dumps({key: value for key, value in RIGHT.items() if key != name}).encode())
    assert len(found) == 1 and f"is wrong at {name}: Field required" in found[0]


NO_MANIFESTS = {
    "nothing": (b"", "is empty"),
    "half of it": (json.dumps(RIGHT).encode()[:40], "is not JSON"),
    "no UTF-8": (b'{"feed": "\xe9"}', "is not UTF-8"),
    "a list": (b"[]", "is wrong at its top level"),
    "very deep": (b"[" * 100_000, "is nested too deeply"),
    "a number without end": (b"9" * 5_000, "thousands of digits"),
    "very long": (b" " * 1_000_001, "is larger than 1,000,000 bytes"),
}


@pytest.mark.parametrize(("data", "message"), NO_MANIFESTS.values(), ids=NO_MANIFESTS)
def test_what_is_no_manifest_is_said_to_be_none(folder: Path, data: bytes, message: str) -> None:
    found = messages(folder, data)
    assert len(found) == 1 and message in found[0]


def test_a_thousand_mistakes_make_a_short_report(folder: Path) -> None:
    files = [PERSON | {"name": f"../{number}", "file": f"f{number}"} for number in range(1000)]
    assert len(messages(folder, json.dumps(RIGHT | {"files": files}).encode())) == manifest.MAX_FINDINGS


def test_no_value_of_the_manifest_is_quoted(folder: Path) -> None:
    wrong = RIGHT | {"extract": "Zzyzxworth", "files": [PERSON | {"name": "../Zzyzxworth"}]}
    assert not any("Zzyzxworth" in message for message in messages(folder, json.dumps(wrong).encode()))
