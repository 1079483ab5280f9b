"""Opening a delivered file: its header, its checksum, and what is refused before a row is read."""

import gzip
import hashlib
import os
from pathlib import Path

import pytest
from surroundings import in_a_child, temporary_folder

from iom_warehouse.delivery.finding import Refused
from iom_warehouse.delivery.manifest import ManifestFile
from iom_warehouse.delivery.opening import open_file
from iom_warehouse.platform.errors import IomError


def entry(data: bytes, name: str = "police_person.csv") -> ManifestFile:
    return ManifestFile(file="police_person", name=name, rows=0, sha256=hashlib.sha256(data).hexdigest())


def put(folder: Path, data: bytes, name: str = "police_person.csv") -> ManifestFile:
    (folder / name).write_bytes(data)
    return entry(data, name)


def refusal(folder: Path, manifest_entry: ManifestFile) -> tuple[str, str]:
    with pytest.raises(Refused) as raised, open_file(folder, "police", manifest_entry) as opened:
        opened.read()
        opened.check_sha256()
    (finding,) = raised.value.findings
    assert finding.file == "police_person" and finding.message.startswith(manifest_entry.name)
    return finding.rule_id, finding.message


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b"\xef\xbb\xbfa,b\r\n1,2\n", b'"a","b"\n1,2\n'], ids=["plain", "mark", "quoted"])
def test_the_header_is_taken_off_and_the_rows_follow(tmp_path: Path, data: bytes) -> None:
    for written, name in ((data, "police_person.csv"), (gzip.compress(data), "police_person.csv.gz")):
        with open_file(tmp_path, "police", put(tmp_path, written, name)) as opened:
            assert opened.header == ["a", "b"]
            assert opened.read() == b"1,2\n"
            opened.check_sha256()


HEADERS = {
    "empty": (b"", "empty"),
    "only a mark": (b"\xef\xbb\xbf", "empty"),
    "blank line": (b"\n1,2\n", "header"),
    "no line end": (b"x" * 70_000, "header"),
    "no UTF-8": (b"a,\xe9\n", "encoding"),
    "NUL": (b"a,b\x00\n", "header"),
    "a name twice": (b"a,b,a\n", "header"),
    "a column without a name": (b"a,,b\n", "header"),
    "a long name": (b"a," + b"b" * 61 + b"\n", "header"),
    "an open quote": (b'a,"b\n', "header"),
    "too many columns": (",".join(f"c{number}" for number in range(1001)).encode() + b"\n", "header"),
}


@pytest.mark.parametrize(("data", "rule"), HEADERS.values(), ids=HEADERS)
def test_a_header_that_is_none_is_refused(tmp_path: Path, data: bytes, rule: str) -> None:
    assert refusal(tmp_path, put(tmp_path, data))[0] == f"police_person.{rule}"


def test_other_bytes_than_those_of_the_manifest_are_refused(tmp_path: Path) -> None:
    promised = put(tmp_path, b"a,b\n1,2\n3,4\n")
    (tmp_path / promised.name).write_bytes(b"a,b\n1,2\n")
    assert refusal(tmp_path, promised)[0] == "police_person.sha256"


def test_a_file_of_which_nothing_arrived_has_the_wrong_checksum(tmp_path: Path) -> None:
    promised = put(tmp_path, b"a,b\n1,2\n3,4\n")
    (tmp_path / promised.name).write_bytes(b"")
    assert refusal(tmp_path, promised)[0] == "police_person.sha256"


def test_a_gzip_file_that_is_cut_off_in_its_header_has_the_wrong_checksum(tmp_path: Path) -> None:
    promised = put(tmp_path, gzip.compress(b"a,b\n1,2\n"), "police_person.csv.gz")
    (tmp_path / promised.name).write_bytes(b"\x1f\x8b\x08")
    assert refusal(tmp_path, promised)[0] == "police_person.sha256"


@pytest.mark.parametrize(("promise", "rule"), [("whole", "sha256"), ("cut", "gzip")])
def test_a_gzip_file_that_is_cut_off_in_its_rows_is_known_as_damaged(tmp_path: Path, promise: str, rule: str) -> None:
    whole = gzip.compress(b"a,b\n" + os.urandom(2_000_000).hex().encode())
    cut = put(tmp_path, whole[: len(whole) * 2 // 3], "police_person.csv.gz")
    promised = {"whole": entry(whole, cut.name), "cut": cut}[promise]
    with open_file(tmp_path, "police", promised) as opened:
        with pytest.raises(EOFError):
            opened.read()
        assert opened.is_damaged
        assert opened.damaged().findings[0].rule_id == f"police_person.{rule}"


def test_what_is_called_gzip_and_is_none_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, put(tmp_path, b"a,b\n1,2\n", "police_person.csv.gz"))[0] == "police_person.gzip"


@pytest.mark.parametrize("kind", ["nothing", "link", "folder", "pipe"])
def test_only_a_regular_file_of_the_folder_is_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "police_person.csv"
    if kind == "link":
        (tmp_path / "secret.csv").write_bytes(b"a,b\n")
        path.symlink_to(tmp_path / "secret.csv")
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    assert refusal(tmp_path, entry(b"a,b\n"))[0] == "police_person.missing"


@pytest.mark.parametrize(("mode", "is_ours"), [(0o000, True), (0o644, False)])
def test_a_file_that_we_may_not_read_is_our_own_matter(mode: int, is_ours: bool) -> None:
    with temporary_folder() as folder:
        promised = put(folder, b"a,b\n")
        (folder / promised.name).chmod(mode)
        assert in_a_child(lambda: is_refused_to_us(folder, promised)) == is_ours


def is_refused_to_us(folder: Path, promised: ManifestFile) -> bool:
    try:
        with open_file(folder, "police", promised):
            return False
    except IomError:
        return True
