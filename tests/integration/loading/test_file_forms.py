"""The same rows in every form that the interface allows: order of columns, line ends, byte order mark, compression, OpenPGP."""

import gzip
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from delivery_maker import Warehouse, as_csv
from prison_rows import people

from iom_warehouse import contracts, loading
from iom_warehouse.delivery import openpgp
from iom_warehouse.platform.errors import IomError, MissingSystemPackage
from iom_warehouse.platform.settings import settings

FILE = "prison_person"
needs_gpg = pytest.mark.skipif(not shutil.which("gpg"), reason="needs gpg (Debian package gpg)")


def plain() -> str:
    return as_csv(contracts.get("prison").file(FILE), people(1, 2)).decode()


def turned_round(text: str) -> str:
    return "\n".join(",".join(reversed(line.split(","))) for line in text.splitlines()) + "\n"


FORMS = {
    "as agreed": plain(),
    "columns in another order": turned_round(plain()),
    "CRLF": plain().replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + plain(),
    "no line end at the end": plain().rstrip("\n"),
    "everything quoted": "\n".join(",".join(f'"{field}"' for field in line.split(",")) for line in plain().splitlines()) + "\n",
}


@pytest.mark.parametrize("compress", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(shared_warehouse: Warehouse, form: str, compress: bool) -> None:
    sequence = 1 + 2 * list(FORMS).index(form) + compress
    kind = "unchanged" if shared_warehouse.current(FILE, "prison_number") else "new"
    outcome = shared_warehouse.take("prison", sequence, {FILE: FORMS[form]}, compress=compress)
    assert outcome.status == "published"
    assert shared_warehouse.counts(outcome.delivery_id, FILE) == {"in_file": 2, kind: 2}
    assert shared_warehouse.current(FILE, "prison_number", "surname", "dob::text", "ethnicity") == [
        ("A0001BC", "Alder", "1980-02-29", None),
        ("A0002BC", "Alder", "1980-02-29", None),
    ]


def test_a_header_without_rows_is_a_delivery_without_rows(warehouse: Warehouse) -> None:
    outcome = warehouse.take("prison", 1, {})
    assert outcome.status == "published"
    assert warehouse.counts(outcome.delivery_id, FILE) == {}


@pytest.fixture
def keys(warehouse: Warehouse, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Our key in the warehouse's keyring, keys of two agencies in another; each side knows the other's public keys."""
    import gnupg

    tmp_path.chmod(0o700)
    agency = gnupg.GPG(gnupghome=str(tmp_path))
    ours = openpgp.keyring()
    fingerprints = {}
    for name, ring in (("warehouse", ours), ("prison", agency), ("police", agency)):
        request = ring.gen_key_input(
            key_type="EDDSA", key_curve="ed25519", subkey_type="ECDH", subkey_curve="cv25519",
            name_email=f"{name}@example.org", no_protection=True,
        )  # fmt: skip
        fingerprints[name] = ring.gen_key(request).fingerprint
    agency.import_keys(ours.export_keys(fingerprints["warehouse"]))
    ours.import_keys(agency.export_keys([fingerprints["prison"], fingerprints["police"]]))
    signers = settings().secrets_dir / openpgp.SIGNERS
    signers.mkdir(exist_ok=True)
    grouped = " ".join(fingerprints["prison"][place : place + 4] for place in range(0, 40, 4))
    (signers / "prison").write_text(f"# the prison's data hub\n{grouped}  # until 2014\n")
    yield {"agency": agency, **fingerprints}
    shutil.rmtree(signers)
    for home in (ours.gnupghome, agency.gnupghome):
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
    shutil.rmtree(ours.gnupghome)


def encrypted(keys: dict[str, Any], data: bytes, sign: str | None, to: str = "warehouse") -> bytes:
    result = keys["agency"].encrypt(data, keys[to], sign=keys[sign] if sign else None, always_trust=True, armor=False)
    assert result.ok
    return result.data


def take_encrypted(warehouse: Warehouse, data: bytes, ending: str = "csv.gpg", **entry: str) -> loading.Outcome:
    """Deliver two people in a file that is encrypted already. `entry`: what the manifest says of it besides."""
    return warehouse.take("prison", 1, {FILE: data}, entries={FILE: {"name": f"{FILE}.{ending}", "rows": 2, **entry}})


@needs_gpg
@pytest.mark.parametrize("ending", ["csv.gpg", "csv.gz.gpg"])
def test_a_file_signed_by_the_agency_and_encrypted_to_us_is_read(warehouse: Warehouse, keys: dict, ending: str) -> None:
    data = gzip.compress(plain().encode()) if "gz" in ending else plain().encode()
    assert take_encrypted(warehouse, encrypted(keys, data, sign="prison"), ending).status == "published"
    assert len(warehouse.current(FILE, "prison_number")) == 2


@needs_gpg
@pytest.mark.parametrize(
    ("sign", "to", "rule"),
    [(None, "warehouse", "signature"), ("police", "warehouse", "signature"), ("prison", "police", "openpgp")],
    ids=["not signed", "signed by another agency", "encrypted to somebody else"],
)
def test_a_file_that_is_not_the_agencys_or_not_for_us_is_refused(
    warehouse: Warehouse, keys: dict, sign: str | None, to: str, rule: str
) -> None:
    outcome = take_encrypted(warehouse, encrypted(keys, plain().encode(), sign, to))
    assert outcome.status == "refused"
    assert set(warehouse.findings(outcome.delivery_id)) == {f"{FILE}.{rule}"}


def changed(data: bytes) -> bytes:
    return data[:-20] + bytes([data[-20] ^ 1]) + data[-19:]


@needs_gpg
def test_a_file_changed_after_it_was_encrypted_is_refused(warehouse: Warehouse, keys: dict) -> None:
    data = changed(encrypted(keys, plain().encode(), sign="prison"))
    assert set(warehouse.findings(take_encrypted(warehouse, data).delivery_id)) == {f"{FILE}.openpgp"}


@needs_gpg
@pytest.mark.parametrize("harm", [changed, lambda data: data[:99], lambda data: b""], ids=["changed", "cut", "empty"])
def test_an_encrypted_file_that_suffered_on_its_way_has_the_wrong_checksum(warehouse: Warehouse, keys: dict, harm) -> None:
    whole = encrypted(keys, plain().encode(), sign="prison")
    outcome = take_encrypted(warehouse, harm(whole), sha256=hashlib.sha256(whole).hexdigest())
    assert set(warehouse.findings(outcome.delivery_id)) == {f"{FILE}.sha256"}


@needs_gpg
def test_without_our_own_key_the_delivery_waits(warehouse: Warehouse, keys: dict) -> None:
    """The agency has done nothing wrong, and need send nothing again."""
    data, ring = encrypted(keys, plain().encode(), sign="prison"), openpgp.keyring()
    ours = ring.export_keys(keys["warehouse"], secret=True, expect_passphrase=False)
    assert ring.delete_keys(keys["warehouse"], secret=True, expect_passphrase=False).status == "ok"
    with pytest.raises(IomError, match="no key of our own to read"):
        take_encrypted(warehouse, data)
    assert warehouse.value("select status from audit.delivery") == "received"
    ring.import_keys(ours)
    assert warehouse.load("prison", "2013-10-01.1").status == "published"


@needs_gpg
def test_without_an_agreed_signer_the_delivery_waits(warehouse: Warehouse, keys: dict) -> None:
    signers = settings().secrets_dir / openpgp.SIGNERS / "prison"
    agreed = signers.read_text()
    signers.write_text("# nobody yet\n")
    with pytest.raises(IomError, match="not known which OpenPGP keys"):
        take_encrypted(warehouse, encrypted(keys, plain().encode(), sign="prison"))
    assert warehouse.value("select status from audit.delivery") == "received"
    signers.write_text(agreed)
    assert warehouse.load("prison", "2013-10-01.1").status == "published"


def test_without_gpg_the_error_names_the_package(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    signers = settings().secrets_dir / openpgp.SIGNERS
    signers.mkdir()
    (signers / "prison").write_text("A" * 40)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingSystemPackage, match="apt-get install gpg"):
        take_encrypted(warehouse, b"whatever")
    shutil.rmtree(signers)
