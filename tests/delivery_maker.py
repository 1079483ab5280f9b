"""Small deliveries with correct manifests, written by hand or broken on purpose, and the way to load them."""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from iom_warehouse import configuration, contracts, loading
from iom_warehouse.contracts import File
from iom_warehouse.loading import Outcome
from iom_warehouse.platform import database

Row = Mapping[str, Any]
Content = Sequence[Row] | str | bytes
FIRST_NIGHT = date(2013, 10, 1)
PARTNERSHIP = Path(__file__).parents[1] / "partnership"
BRITISH_SUMMER_TIME = timezone(timedelta(hours=1))


def as_csv(file: File, rows: Sequence[Row], extra: Sequence[str] = ()) -> bytes:
    """The rows as a CSV with the contract's columns (and `extra` ones); what a row leaves out is empty."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*(column.name for column in file.columns), *extra], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def extracted_at(sequence: int) -> datetime:
    """Night after night at 23:40, the sequence saying which."""
    return datetime(2013, 9, 30, 23, 40, tzinfo=BRITISH_SUMMER_TIME) + timedelta(days=sequence)


def seal(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest, which makes a folder a delivery."""
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@dataclass(frozen=True)
class Warehouse:
    """A database, reached through the settings, and the inbox that goes with it."""

    inbox: Path
    state: Path

    def deliver(
        self,
        feed: str,
        sequence: int,
        files: Mapping[str, Content],
        *,
        base: int | None = None,
        compress: bool = False,
        leave_out: Sequence[str] = (),
        entries: Mapping[str, Mapping[str, Any]] | None = None,
        **manifest: Any,
    ) -> str:
        """Put a delivery into the inbox and return the name of its folder.

        `files` holds rows, or the content as it is. Files that are not named come with a header and no rows; optional ones do not
        come. `base` makes it a `changes` delivery. `entries` overrides facts about files in the manifest, `manifest` its rest.
        """
        contract = contracts.get(feed)
        day = manifest.pop("business_date", FIRST_NIGHT + timedelta(days=sequence - 1))
        folder = self.inbox / feed / f"{day}.{sequence}"
        folder.mkdir(parents=True)
        listed = []
        for file in contract.files:
            if file.name in leave_out or (file.optional and file.name not in files):
                continue
            content = files.get(file.name, ())
            data = content.encode() if isinstance(content, str) else content
            if not isinstance(data, bytes):
                data = as_csv(file, data, ("change",) if base is not None else ())
            rows = max(_lines(data) - 1, 0)
            entry = {"file": file.name, "name": f"{file.name}.csv" + (".gz" if compress else ""), "rows": rows}
            entry |= (entries or {}).get(file.name, {})
            written = gzip.compress(data) if compress else data
            (folder / entry["name"]).write_bytes(written)
            listed.append({"sha256": hashlib.sha256(written).hexdigest()} | entry)
        seal(
            folder,
            {
                "feed": feed, "business_date": str(day), "sequence": sequence, "extract": "full" if base is None else "changes",
                "base_sequence": base, "extracted_at": extracted_at(sequence).isoformat(), "contract_version": contract.version,
                "files": listed,
            } | manifest,
        )  # fmt: skip
        return folder.name

    def load(self, feed: str, folder: str) -> Outcome:
        """Take the delivery through every step."""
        return loading.publish(loading.receive(feed, folder).delivery_id)

    def take(self, feed: str, sequence: int, files: Mapping[str, Content], **more: Any) -> Outcome:
        """Deliver and load."""
        return self.load(feed, self.deliver(feed, sequence, files, **more))

    def configure(self, folder: Path = PARTNERSHIP) -> None:
        """Apply a partnership's configuration."""
        with database.session("owner") as conn:
            configuration.apply(folder, conn)

    def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query, as the administrator."""
        with database.transaction("admin") as conn, conn.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement: str, *parameters: Any) -> Any:
        """The only value of a query."""
        ((found,),) = self.query(statement, *parameters)
        return found

    def current(self, file: str, *columns: str) -> list[tuple[Any, ...]]:
        """The current versions of a file's rows, sorted."""
        return self.query(
            f"select {', '.join(columns)} from raw.{file} where closed_by_sequence is null order by {', '.join(columns)}"
        )

    def findings(self, delivery_id: int) -> dict[str, str]:
        """What was found about a delivery in its present attempt: messages by rule."""
        found = self.query(
            "select f.rule_id, f.message from audit.delivery_finding f join audit.delivery using (delivery_id, attempt)"
            " where delivery_id = %s order by finding_id",
            delivery_id,
        )
        return dict(found)

    def rejections(self, delivery_id: int) -> list[tuple[str, int, str]]:
        """File, row number and rule of every rejection of a published delivery."""
        return self.query(
            "select file, row_number, rule_id from audit.rejected_row where delivery_id = %s order by 1, 2, 3", delivery_id
        )

    def counts(self, delivery_id: int, file: str) -> dict[str, int]:
        """What became of a file's rows, without the kinds that did not occur."""
        kinds = ("in_file", "unchanged", "new", "changed", "deleted", "rejected", "gone", "taken_up")
        row = self.query(
            f"select {', '.join(f'rows_{kind}' for kind in kinds)} from audit.file_load where delivery_id = %s and file = %s",
            delivery_id,
            file,
        )[0]
        return {kind: count for kind, count in zip(kinds, row, strict=True) if count}


def _lines(data: bytes) -> int:
    """Rows of a CSV, header included, with fields of any length; the limit of the csv module is everybody's and is put back."""
    before = csv.field_size_limit(1 << 30)
    try:
        return len(list(csv.reader(io.StringIO(data.decode("utf-8", "replace"), newline=""))))
    finally:
        csv.field_size_limit(before)
