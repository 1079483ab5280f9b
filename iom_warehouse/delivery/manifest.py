"""The manifest of a delivery: what the agency says it sent."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from iom_warehouse.delivery.finding import Finding, Refused

MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 1_000_000
MAX_FINDINGS = 20
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,150}\.csv(\.gz)?(\.gpg)?$")]
FORMS = {
    "name": "a file name without a folder, of letters, digits, dots, hyphens and underscores, which ends in"
    " .csv or .csv.gz, with .gpg after it if it is encrypted",
    "file": "the name of a file of the contract, such as police_arrest",
    "feed": "the name of a feed, such as police",
    "sha256": "64 digits of 0-9 and a-f",
    "contract_version": "letters, digits, dots, hyphens and underscores",
    "business_date": "a day of the calendar, written like 2013-10-01",
    "extracted_at": "a time with its offset from UTC, written like 2013-10-01T23:40:00+01:00",
}
Sequence = Annotated[int, Field(ge=1, lt=10**12, strict=True)]  # what fits into the name of a folder


class ManifestFile(BaseModel):
    """One file of a delivery. `file` is its name in the contract, `name` its name in the folder, `rows` without the header.

    The sender chose `name`, and it may hold a person's: it opens the file and is told nowhere.
    """

    file: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")]
    name: FileName
    rows: Annotated[int, Field(ge=0, lt=10**12, strict=True)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """The manifest as the interface fixes it."""

    feed: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")]
    business_date: date
    sequence: Sequence
    extract: Literal["full", "changes"]
    base_sequence: Sequence | None = None
    extracted_at: AwareDatetime
    contract_version: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,50}$")]
    files: list[ManifestFile]

    @model_validator(mode="after")
    def _is_consistent(self) -> "Manifest":
        for what in ("file", "name"):
            values = [getattr(entry, what) for entry in self.files]
            if len(set(values)) != len(values):
                raise ValueError(f"two entries of files have the same {what}")
        if (self.extract == "changes") != (self.base_sequence is not None):
            raise ValueError("base_sequence is given for changes, and for changes only")
        return self


@dataclass(frozen=True)
class ReadManifest:
    """A manifest's bytes as a checksum, which names the delivery in the ledger, and its content where it could be read."""

    sha256: str
    content: Manifest | None
    findings: tuple[Finding, ...]


def is_there(folder: Path) -> bool:
    """Whether the folder has a manifest of its own: a file, and no link to one elsewhere."""
    path = folder / MANIFEST
    return path.is_file() and not path.is_symlink()


def is_json(folder: Path) -> bool:
    """Whether the manifest is written to its end, as far as one can see."""
    try:
        _json(_bytes(folder))
    except Refused:
        return False
    return True


def read(folder: Path) -> ReadManifest:
    """Read the manifest of a delivery folder. Wrong content ends in findings, not in an exception."""
    data = _bytes(folder)
    digest = hashlib.sha256(data).hexdigest()
    try:
        return ReadManifest(digest, _manifest(_json(data), folder), ())
    except Refused as refused:
        return ReadManifest(digest, None, refused.findings)


def _bytes(folder: Path) -> bytes:
    with (folder / MANIFEST).open("rb") as handle:
        return handle.read(MAX_MANIFEST_BYTES + 1)


def _json(data: bytes) -> Any:
    if len(data) > MAX_MANIFEST_BYTES:
        raise Refused(_finding(f"is larger than {MAX_MANIFEST_BYTES:,} bytes"))
    if not data.strip():
        raise Refused(_finding("is empty"))
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused(_finding("is not UTF-8")) from None
    except json.JSONDecodeError as error:
        raise Refused(_finding(f"is not JSON (line {error.lineno}, column {error.colno})")) from None
    except ValueError:
        raise Refused(_finding("holds a number of thousands of digits")) from None
    except RecursionError:
        raise Refused(_finding("is nested too deeply")) from None


def _manifest(content: Any, folder: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as errors:
        wrong = errors.errors(include_input=False)[:MAX_FINDINGS]
        raise Refused(*(_finding(f"is wrong at {_place(error['loc'])}: {_complaint(error)}") for error in wrong)) from None
    expected = f"{manifest.business_date.isoformat()}.{manifest.sequence}"
    findings = []
    if manifest.feed != folder.parent.name:
        findings.append(_finding("names another feed than the folder it lies in"))
    if folder.name != expected:
        findings.append(_finding(f"has a business_date and sequence that make {expected}, which is not the name of its folder"))
    if findings:
        raise Refused(*findings)
    return manifest


def _complaint(error: ErrorDetails) -> str:
    """What is wrong, in words; of a text, day or time that does not have its form, the form."""
    is_misshapen = error["type"].startswith(("string_pattern", "date", "timezone"))
    form = FORMS.get(str(error["loc"][-1])) if is_misshapen and error["loc"] else None
    return f"this must be {form}" if form else error["msg"]


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in location) or "its top level"


def _finding(what: str) -> Finding:
    message = f"{MANIFEST} {what}. Send the delivery again with a manifest as agreed and a new sequence."
    return Finding("delivery.manifest", message)
