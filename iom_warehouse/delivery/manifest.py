"""The manifest of a delivery: what the agency says it sent."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError, model_validator

from iom_warehouse.delivery.finding import Finding, Refused

MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 1_000_000
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,150}\.csv(\.gz)?(\.gpg)?$")]


class ManifestFile(BaseModel):
    """One file of a delivery. `file` is its name in the contract, `name` its name in the folder, `rows` without the header."""

    file: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")]
    name: FileName
    rows: Annotated[int, Field(ge=0, strict=True)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """The manifest as the interface fixes it."""

    feed: str
    business_date: date
    sequence: Annotated[int, Field(ge=1, strict=True)]
    extract: Literal["full", "changes"]
    base_sequence: int | None = None
    extracted_at: AwareDatetime
    contract_version: str
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


def read(folder: Path) -> ReadManifest:
    """Read the manifest of a delivery folder. Wrong content ends in findings, not in an exception."""
    path = folder / MANIFEST
    with path.open("rb") as handle:
        data = handle.read(MAX_MANIFEST_BYTES + 1)
    digest = hashlib.sha256(data).hexdigest()
    try:
        if len(data) > MAX_MANIFEST_BYTES:
            raise Refused(_finding(f"is larger than {MAX_MANIFEST_BYTES:,} bytes"))
        return ReadManifest(digest, _parse(data, folder), ())
    except Refused as refused:
        return ReadManifest(digest, None, refused.findings)


def _parse(data: bytes, folder: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate(json.loads(data.decode("utf-8")))
    except UnicodeDecodeError:
        raise Refused(_finding("is not UTF-8")) from None
    except json.JSONDecodeError as error:
        raise Refused(_finding(f"is not JSON (line {error.lineno}, column {error.colno})")) from None
    except RecursionError:
        raise Refused(_finding("is nested too deeply")) from None
    except ValidationError as errors:
        raise Refused(
            *(_finding(f"{_place(error['loc'])}: {error['msg']}") for error in errors.errors(include_input=False))
        ) from None
    expected = f"{manifest.business_date.isoformat()}.{manifest.sequence}"
    wrong = []
    if manifest.feed != folder.parent.name:
        wrong.append(_finding("feed is not that of the folder it lies in"))
    if folder.name != expected:
        wrong.append(_finding(f"business_date and sequence make {expected}, which is not the name of its folder"))
    if wrong:
        raise Refused(*wrong)
    return manifest


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in location) or "the manifest"


def _finding(what: str) -> Finding:
    return Finding(
        "delivery.manifest", f"{MANIFEST} {what}. Send the delivery again with a manifest as agreed and a new sequence."
    )
