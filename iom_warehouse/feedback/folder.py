"""The delivery folder made for an agency, `OUTBOX/<agency>/<date>.<sequence>/`: CSV files first, the manifest last."""

import hashlib
import json
import shutil
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.delivery import openpgp
from iom_warehouse.delivery.manifest import MANIFEST
from iom_warehouse.feedback.register import Planned
from iom_warehouse.platform.local_time import LONDON
from iom_warehouse.platform.settings import settings

CLASSIFICATION = "OFFICIAL-SENSITIVE"  # what every file about single people is marked as
ROWS = """
    copy (select {columns} from access.take_disclosure({number}) as told ({types}, person_key bigint))
    to stdout (format csv, header)
"""


class Written(NamedTuple):
    """A file in a folder: its rows, its checksum as it lies there, that of its content, and its key (None: not encrypted)."""

    name: str
    rows: int
    sha256: str
    content_sha256: str
    openpgp_key: str | None


def path_of(recipient: str, night: date, sequence: int) -> Path:
    """Where the delivery of a night lies."""
    return settings().outbox / recipient / f"{night}.{sequence}"


class Folder:
    """A delivery folder, readable by the service only. It counts as finished once it has its manifest."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries: list[dict[str, Any]] = []

    @property
    def is_finished(self) -> bool:
        return (self.path / MANIFEST).is_file()

    def make(self) -> None:
        self.path.mkdir(parents=True, mode=0o700)

    def clear(self) -> None:
        """Take away the folder, its manifest first, so that it counts as unfinished at once; it need not be there."""
        if self.path.exists():
            (self.path / MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(self.path)

    def write(self, conn: Connection, disclosure_id: int, planned: Planned, key: str | None) -> Written:
        """Write a file of an open disclosure, encrypted to `key` if the agency has one.

        What is to be encrypted passes through a file without a name, so that no readable copy of it is left behind.
        """
        name = f"{planned.file}.csv" + (".gpg" if key else "")
        target = self.path / name
        with tempfile.TemporaryFile() as content:
            rows = _copy(conn, disclosure_id, planned.columns, content)
            content.seek(0)
            content_digest = hashlib.file_digest(content, "sha256").hexdigest()
            content.seek(0)
            if key:
                openpgp.encrypt(content, key, target)
            else:
                with target.open("xb") as stream:
                    shutil.copyfileobj(content, stream)
        with target.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        entry = {"file": planned.file, "name": name, "rows": rows, "sha256": digest}
        self._entries.append(entry | {"agreement": planned.agreement_id, "purpose": planned.purpose})
        return Written(name, rows, digest, content_digest, key)

    def finish(self, recipient: str, night: date, sequence: int) -> None:
        """Put the manifest in place in one step: it is that of a delivery, its feed named after the agency."""
        manifest = {
            "feed": recipient,
            "business_date": night.isoformat(),
            "extracted_at": datetime.now(LONDON).isoformat(timespec="seconds"),
            "sequence": sequence,
            "extract": "full",
            "base_sequence": None,
            "contract_version": "1",
            "classification": CLASSIFICATION,
            "files": self._entries,
        }
        unfinished = self.path / f"{MANIFEST}.part"
        unfinished.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        unfinished.replace(self.path / MANIFEST)


def _copy(conn: Connection, disclosure_id: int, columns: list[str], target: BinaryIO) -> int:
    """Let the server write the rows of a disclosure as CSV; returns how many."""
    names = [sql.Identifier(name) for name in columns]
    statement = sql.SQL(ROWS).format(
        columns=sql.SQL(", ").join(names),
        types=sql.SQL(", ").join(sql.SQL("{} text").format(name) for name in names),
        number=sql.Literal(disclosure_id),
    )
    with conn, conn.cursor() as cursor:
        cursor.copy_expert(statement, target)
        return cursor.rowcount
