"""Deliveries that cannot be taken: each is refused with its reason, nothing of it stays, and the last good data are in place."""

import gzip
import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from delivery_maker import Warehouse, as_csv, extracted_at
from prison_rows import people, person, spell

from iom_warehouse import contracts, loading
from iom_warehouse.loading import Outcome, sender_report
from iom_warehouse.platform.errors import IomError

FILE = "prison_person"
GOOD = as_csv(contracts.get("prison").file(FILE), people(1, 2)).decode()
HEADER, FIRST, SECOND = GOOD.splitlines()
BIG = gzip.compress(as_csv(contracts.get("prison").file(FILE), [person(1, ethnicity=os.urandom(1_000_000).hex())]), mtime=0)


def broken(data: bytes) -> bytes:
    """The same with a few bytes changed in the middle."""
    middle = len(data) // 2
    return data[:middle] + b"\x00\xff\x00\xff" + data[middle + 4 :]


FILES: dict[str, tuple[str | bytes, str, str]] = {
    "a column missing": (GOOD.replace(",dob,", ",").replace(",1980-02-29,", ","), "columns", "Missing: dob."),
    "a column too many": (f"{HEADER},height\n{FIRST},170\n", "columns", "Not in the contract: height."),
    "a column misspelt": (GOOD.replace("surname", "surnme"), "columns", "Missing: surname. Not in the contract: surnme."),
    "no header row": (f"{FIRST}\n", "header", "none of them empty or repeated"),
    "a row for a header": ("A0003BC,p,q,Alder,Kim,1980-02-29,M,w\n", "columns", "8 (is the header row there?)"),
    "a column of ours": (GOOD.replace("ethnicity", "dob__text"), "header", "of a name that the warehouse itself uses"),
    "a column called row_number": (GOOD.replace("ethnicity", "row_number"), "header", "of a name that the warehouse itself uses"),
    "a thousand columns too many": (",".join(f"c{number}" for number in range(1100)) + "\n", "header", "at most 1,000 of them"),
    "nothing at all": (b"", "empty", "not even a header row"),
    "not UTF-8": (GOOD.encode() + "A0003BC,,,Müller,Kim,1980-02-29,M,\n".encode("latin-1"), "encoding", "line 4, is not UTF-8"),
    "a NUL byte": (GOOD + "A0003BC,,,Al\x00der,Kim,1980-02-29,M,\n", "encoding", "line 4, is not UTF-8 or holds a NUL byte"),
    "UTF-16": (GOOD.encode("utf-16"), "encoding", "is not UTF-8 (header row)"),
    "an open quote": (GOOD + 'A0003BC,,,"Alder,Kim,1980-02-29,M,\n', "csv", "a quoted field is never closed"),
    "a quote inside a field": (GOOD + 'A0003BC,,,Al"der,Kim,1980-02-29,M,\n', "csv", "a quoted field is never closed"),
    "a field too few": (f"{HEADER}\n{FIRST}\nA0003BC,,,Alder\n", "csv", 'line 3, cannot be read as CSV: missing data for column'),
    "a field too many": (f"{HEADER}\n{FIRST},\n", "csv", "line 2, cannot be read as CSV: extra data after last expected column"),
    "line ends of two kinds": (f"{HEADER}\n{FIRST}\n{SECOND}\r\n", "csv", "line 3, cannot be read as CSV"),
    "semicolons": (GOOD.replace(",", ";"), "header", "separate column names by commas"),
}  # fmt: skip


NOTES = {"delivery.skipped", "delivery.unlisted"}
sequences = count(2)


@pytest.fixture(scope="module")
def prison(shared_warehouse: Warehouse) -> Warehouse:
    """A warehouse in which two people were published."""
    shared_warehouse.take("prison", 1, {FILE: people(1, 2), "prison_spell": [spell(1, of=1)]})
    return shared_warehouse


def assert_refused(warehouse: Warehouse, outcome: Outcome, rule: str, message: str) -> None:
    """Refused for this reason and no other; told to the sender; nothing left of it; the last good rows as they were."""
    assert outcome.status == "refused"
    found = warehouse.findings(outcome.delivery_id)
    assert set(found) - NOTES == {rule}
    assert message in found[rule]
    report = sender_report.folder_of("prison", outcome.folder, outcome.delivery_id)
    assert "was refused" in (report / "report.html").read_text()
    lines = (report / "rows.csv").read_text().splitlines()
    (line,) = [line for line in lines if line.endswith(f",{rule}")]
    if rule.startswith(FILE):
        where = re.search(r"line \d+", found[rule])
        assert found[rule].startswith(FILE) and line.startswith(f"{FILE},{where[0] if where else ''},")
    assert "Mend this and send the whole delivery again" in line
    assert warehouse.current(FILE, "prison_number", "surname") == [("A0001BC", "Alder"), ("A0002BC", "Alder")]
    assert warehouse.value("select count(*) from raw.prison_person") == 2
    assert warehouse.value("select count(*) from pg_class where relnamespace = 'landing'::regnamespace") == 0
    assert warehouse.value("select count(*) from quarantine.rejected_row") == 0


@pytest.mark.parametrize(("content", "rule", "message"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read_refuses_the_delivery(
    prison: Warehouse, content: str | bytes, rule: str, message: str
) -> None:
    outcome = prison.take("prison", next(sequences), {FILE: content})
    assert_refused(prison, outcome, f"{FILE}.{rule}", message)


ENTRIES: dict[str, tuple[bytes, dict[str, Any], str, str]] = {
    "another checksum": (GOOD.encode(), {"sha256": "0" * 64}, "sha256", "does not have the checksum"),
    "rows missing": (GOOD.encode(), {"rows": 5}, "rows", "has 2 rows; the manifest says 5."),
    "gzip cut off by the sender": (BIG[:-9], {"name": f"{FILE}.csv.gz", "rows": 1}, "gzip", "ends too early or is damaged"),
    "gzip damaged by the sender": (broken(BIG), {"name": f"{FILE}.csv.gz", "rows": 1}, "gzip", "ends too early or is damaged"),
    "gzip cut off on its way": (BIG[:-9], {"name": f"{FILE}.csv.gz", "rows": 1, "sha256": "0" * 64}, "sha256", "cut short"),
    "gzip with something behind": (gzip.compress(GOOD.encode()) + b"more", {"name": f"{FILE}.csv.gz"}, "gzip", "damaged"),
    "no gzip": (GOOD.encode(), {"name": f"{FILE}.csv.gz"}, "gzip", "damaged"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "entry", "rule", "message"), ENTRIES.values(), ids=ENTRIES)
def test_a_file_that_is_not_what_the_manifest_says_refuses_the_delivery(
    prison: Warehouse, content: bytes, entry: dict[str, Any], rule: str, message: str
) -> None:
    outcome = prison.take("prison", next(sequences), {FILE: content}, entries={FILE: entry})
    assert_refused(prison, outcome, f"{FILE}.{rule}", message)


PASSWORDS = {"file": FILE, "name": "../../etc/passwd", "rows": 1, "sha256": "0" * 64}
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
MANIFESTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "an extract of tomorrow": ({"extracted_at": TOMORROW}, "extracted_at", "lies in the future"),
    "a day after its extract": ({"extracted_at": "2013-10-01T23:50:00+01:00"}, "business_date", "after the day on which"),
    "changes on the wrong base": ({"extract": "changes", "base_sequence": 7}, "base_sequence", "changes since sequence 7, but"),
    "another contract": ({"contract_version": "2"}, "contract_version", "names contract version 2; ours is 1"),
    "a way out of the folder": ({"files": [PASSWORDS]}, "manifest", "files.0.name"),
    "no list of files": ({"files": None}, "manifest", "is wrong at files"),
    "a base beyond all bounds": ({"extract": "changes", "base_sequence": 10**30}, "manifest", "is wrong at base_sequence"),
}


def change_manifest(folder: Path, **facts: Any) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))


@pytest.mark.parametrize(("facts", "rule", "message"), MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_cannot_be_right_refuses_the_delivery(
    prison: Warehouse, facts: dict[str, Any], rule: str, message: str
) -> None:
    folder = prison.deliver("prison", next(sequences), {FILE: people(1, 2, 3)})
    change_manifest(prison.inbox / "prison" / folder, **facts)
    assert_refused(prison, prison.load("prison", folder), f"delivery.{rule}", message)


def test_an_older_extract_refuses_the_delivery(prison: Warehouse) -> None:
    facts = {"business_date": "2013-09-01", "extracted_at": "2013-09-01T23:40:00+01:00"}
    outcome = prison.take("prison", next(sequences), {FILE: people(1, 2, 3)}, **facts)
    assert_refused(
        prison, outcome, "delivery.extracted_at", "before the last published delivery, sequence 1: what is newer stays"
    )


@pytest.mark.parametrize("sequence", [1, 2], ids=["published", "refused"])
def test_a_sequence_seen_before_refuses_the_delivery(prison: Warehouse, sequence: int) -> None:
    folder = prison.deliver("prison", sequence, {FILE: people(1, 2, 3)}, business_date="2013-09-30")
    assert_refused(prison, prison.load("prison", folder), "delivery.sequence", f"Sequence {sequence} was used before.")


def without_file(folder: Path) -> None:
    (folder / f"{FILE}.csv").unlink()


def linked_file(folder: Path) -> None:
    (folder / f"{FILE}.csv").rename(folder / "elsewhere.csv")
    (folder / f"{FILE}.csv").symlink_to(folder / "elsewhere.csv")


def listed(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "manifest.json").read_text())["files"]


def unlisted_file(folder: Path) -> None:
    change_manifest(folder, files=[entry for entry in listed(folder) if entry["file"] != FILE])


def foreign_file(folder: Path) -> None:
    change_manifest(folder, files=[*listed(folder), PASSWORDS | {"file": "police_person", "name": "police_person.csv"}])


FOLDERS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "the file is not there": (without_file, f"{FILE}.missing", "not in the folder as a regular file"),
    "the file is a link": (linked_file, f"{FILE}.missing", "not in the folder as a regular file"),
    "the manifest lacks a file": (unlisted_file, "delivery.missing_file", "prison_person is missing from the manifest"),
    "the manifest has a foreign file": (foreign_file, "delivery.unknown_file", "has no file police_person"),
}


@pytest.mark.parametrize(("spoil", "rule", "message"), FOLDERS.values(), ids=FOLDERS)
def test_a_folder_that_is_not_as_agreed_refuses_the_delivery(
    prison: Warehouse, spoil: Callable[[Path], None], rule: str, message: str
) -> None:
    folder = prison.deliver("prison", next(sequences), {FILE: people(1, 2, 3)})
    spoil(prison.inbox / "prison" / folder)
    assert_refused(prison, prison.load("prison", folder), rule, message)


def test_a_file_under_a_wrong_name_is_told_beside_the_one_that_is_missing(prison: Warehouse) -> None:
    folder = prison.deliver("prison", next(sequences), {FILE: people(1, 2, 3)})
    path = prison.inbox / "prison" / folder / f"{FILE}.csv"
    path.rename(path.with_name("Kim Alder.csv"))
    outcome = prison.load("prison", folder)
    assert_refused(prison, outcome, f"{FILE}.missing", "not in the folder as a regular file")
    note = prison.findings(outcome.delivery_id)["delivery.unlisted"]
    assert note.startswith("The folder holds 1 file not listed in the manifest") and "Alder" not in note


def test_all_that_is_wrong_with_the_files_is_told_at_once(prison: Warehouse) -> None:
    outcome = prison.take("prison", next(sequences), {FILE: b"", "prison_spell": GOOD, "prison_resettlement": "x\n\x00\n"})
    assert set(prison.findings(outcome.delivery_id)) - NOTES == {
        f"{FILE}.empty", "prison_spell.columns", "prison_resettlement.encoding",
    }  # fmt: skip
    outcome = prison.take("prison", next(sequences), {FILE: "x\n1\n", "prison_spell": [spell(1, of=1), spell(1, of=1)] * 10})
    assert set(prison.findings(outcome.delivery_id)) - NOTES == {f"{FILE}.columns"}
    assert (
        prison.value(
            "select success from audit.validation_result where delivery_id = %s and rule_id = 'prison_spell.booking_ref.unique'",
            outcome.delivery_id,
        )
        is False
    )


@pytest.mark.parametrize("name", ["../police/2013-10-01.1", "2013-10-01.1'; drop schema raw --", "2013-10-01.1\n", "", ".."])
def test_a_folder_of_another_name_is_no_delivery(prison: Warehouse, name: str) -> None:
    with pytest.raises(IomError, match="There is no delivery"):
        loading.receive("prison", name)


def test_after_all_that_the_next_good_delivery_is_published(prison: Warehouse) -> None:
    outcome = prison.take("prison", next(sequences), {FILE: people(1, 2, 3)})
    assert outcome.status == "published"
    assert len(prison.current(FILE, "prison_number")) == 3


def test_a_published_folder_whose_manifest_changes_is_refused_and_keeps_its_first_report(warehouse: Warehouse) -> None:
    first = warehouse.take("prison", 1, {FILE: [person(1), person(2, dob="never")]})
    path = warehouse.inbox / "prison" / first.folder / "manifest.json"
    path.write_text(path.read_text() + " ")
    second = warehouse.load("prison", first.folder)
    assert second.delivery_id != first.delivery_id and second.status == "refused"
    assert "was used before" in warehouse.findings(second.delivery_id)["delivery.sequence"]
    reports = [sender_report.folder_of("prison", first.folder, number) for number in (first.delivery_id, second.delivery_id)]
    assert ["was published" in (report / "report.html").read_text() for report in reports] == [True, False]
    assert sender_report.folder_of("prison", first.folder) == reports[1]


@pytest.mark.parametrize("step", [loading.land, loading.validate], ids=["landed", "validated"])
def test_a_manifest_replaced_before_publication_is_received_anew(warehouse: Warehouse, step: Callable[[int], Outcome]) -> None:
    folder = warehouse.deliver("prison", 1, {FILE: people(1)})
    first = step(loading.receive("prison", folder).delivery_id)
    path = warehouse.inbox / "prison" / folder / "manifest.json"
    path.write_text(path.read_text() + " ")
    with pytest.raises(IomError, match="has changed since it was received"):
        loading.publish(first.delivery_id)
    second = warehouse.load("prison", folder)
    assert second.delivery_id != first.delivery_id and second.status == "published"
    assert set(warehouse.findings(first.delivery_id)) == {"delivery.replaced"}
    assert warehouse.value("select count(*) from pg_class where relnamespace = 'landing'::regnamespace") == 0


def test_files_changed_behind_the_manifest_are_found_when_they_are_landed_again(warehouse: Warehouse) -> None:
    folder = warehouse.deliver("prison", 1, {FILE: people(1)})
    delivery_id = loading.land(loading.receive("prison", folder).delivery_id).delivery_id
    warehouse.query(f"truncate landing.{FILE}_{delivery_id}, landing.landed_{delivery_id}")
    (warehouse.inbox / "prison" / folder / f"{FILE}.csv").write_text(GOOD)
    assert loading.publish(delivery_id).status == "refused"
    assert set(warehouse.findings(delivery_id)) == {f"{FILE}.sha256"}


def test_a_delivery_overtaken_by_a_newer_one_is_refused(warehouse: Warehouse) -> None:
    older = loading.validate(loading.receive("prison", warehouse.deliver("prison", 1, {FILE: people(1)})).delivery_id)
    assert warehouse.take("prison", 2, {FILE: people(1, 2)}).status == "published"
    assert loading.publish(older.delivery_id).status == "refused"
    assert set(warehouse.findings(older.delivery_id)) == {"delivery.overtaken"}
    assert warehouse.query("select distinct recorded_from from raw.prison_person") == [(extracted_at(2),)]
