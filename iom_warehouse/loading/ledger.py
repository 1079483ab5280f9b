"""The ledger of deliveries: what was received, how far it got, why it was refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from iom_warehouse import contracts
from iom_warehouse.delivery.finding import Finding
from iom_warehouse.delivery.manifest import Manifest
from iom_warehouse.platform.errors import IomError

DECIDED = ("published", "refused")
REPLACED = "delivery.replaced"


@dataclass(frozen=True)
class Delivery:
    """A row of audit.delivery. The fields from business_date on are None when the manifest could not be read."""

    delivery_id: int
    feed: str
    folder: str
    status: str
    attempt: int
    business_date: date | None
    sequence: int | None
    extract: str | None
    base_sequence: int | None
    extracted_at: datetime | None

    @property
    def is_decided(self) -> bool:
        return self.status in DECIDED


_COLUMNS = "delivery_id, feed, folder, status, attempt, business_date, sequence, extract, base_sequence, extracted_at"


def lock_feed(conn: Connection, feed: str) -> None:
    """One load of a feed at a time; the lock goes with the connection, so a killed process never keeps it.

    Another load may take its time, so this wait has no end but that of the statement.
    """
    with conn.cursor() as cursor:
        cursor.execute("set local lock_timeout to 0")
        cursor.execute("select pg_advisory_lock(hashtext('iom.load'), hashtext(%s))", (feed,))
    conn.commit()


def try_lock_feed(conn: Connection, feed: str) -> bool:
    """The same without waiting: whether the lock was free and is now ours."""
    with conn.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtext('iom.load'), hashtext(%s))", (feed,))
        is_ours = cursor.fetchone()[0]
    conn.commit()
    return is_ours


def find(conn: Connection, delivery_id: int) -> Delivery:
    """A delivery of the ledger. Raises IomError when there is none of this number."""
    with conn.cursor() as cursor:
        cursor.execute(f"select {_COLUMNS} from audit.delivery where delivery_id = %s", (delivery_id,))
        row = cursor.fetchone()
    if not row:
        raise IomError(f"There is no delivery {delivery_id}.", "Run `iom delivery list` to see those there are.")
    return Delivery(*row)


def undecided(conn: Connection, feed: str, folder: str, besides: int) -> list[Delivery]:
    """Other deliveries that came in the same folder, with another manifest, and were neither published nor refused."""
    with conn.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from audit.delivery where feed = %s and folder = %s and delivery_id <> %s and status not in %s",
            (feed, folder, besides, DECIDED),
        )
        return [Delivery(*row) for row in cursor.fetchall()]


def overtaken(conn: Connection, published: Delivery) -> list[Delivery]:
    """Deliveries of the same feed with an earlier sequence that were neither published nor refused."""
    with conn.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from audit.delivery where feed = %s and sequence < %s and status not in %s order by sequence",
            (published.feed, published.sequence, DECIDED),
        )
        return [Delivery(*row) for row in cursor.fetchall()]


def last_published(conn: Connection, feed: str) -> Delivery | None:
    """The feed's last published delivery."""
    with conn.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from audit.delivery where feed = %s and status = 'published' order by sequence desc limit 1",
            (feed,),
        )
        row = cursor.fetchone()
    return Delivery(*row) if row else None


def was_decided(conn: Connection, feed: str, sequence: int, besides: int) -> bool:
    """Whether another delivery of the feed with this sequence was published or refused; one that was replaced unread is none."""
    with conn.cursor() as cursor:
        cursor.execute(
            "select exists (select from audit.delivery d where feed = %s and sequence = %s and status in %s and delivery_id <> %s"
            " and not exists (select from audit.delivery_finding f where f.delivery_id = d.delivery_id and f.rule_id = %s))",
            (feed, sequence, DECIDED, besides, REPLACED),
        )
        return cursor.fetchone()[0]


def decided_folders(conn: Connection, feed: str) -> set[tuple[str, str]]:
    """(folder name, SHA-256 of its manifest) of every delivery of the feed that was published or refused."""
    with conn.cursor() as cursor:
        cursor.execute("select folder, manifest_sha256 from audit.delivery where feed = %s and status in %s", (feed, DECIDED))
        return set(cursor.fetchall())


def published_folders(conn: Connection, feeds: list[str]) -> set[tuple[str, str]]:
    """(feed, folder name) of every delivery of these feeds that was published."""
    with conn.cursor() as cursor:
        cursor.execute("select feed, folder from audit.delivery where feed = any(%s) and status = 'published'", (feeds,))
        return set(cursor.fetchall())


def register(conn: Connection, feed: str, folder: str, manifest_sha256: str, manifest: Manifest | None) -> int:
    """Enter a delivery, or find it when it was entered before. Returns its delivery_id.

    Of its files those are entered that the contract has, by their names there: the sender's own may hold a person's name.
    """
    facts: tuple[Any, ...] = (None,) * 6
    if manifest:
        facts = (manifest.business_date, manifest.sequence, manifest.extract, manifest.base_sequence,
                 manifest.extracted_at, manifest.contract_version)  # fmt: skip
    with conn.cursor() as cursor:
        cursor.execute(
            "insert into audit.delivery (feed, folder, manifest_sha256, business_date, sequence, extract,"
            " base_sequence, extracted_at,"
            " contract_version) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            (feed, folder, manifest_sha256, *facts),
        )
        cursor.execute(
            "select delivery_id from audit.delivery where feed = %s and folder = %s and manifest_sha256 = %s",
            (feed, folder, manifest_sha256),
        )
        delivery_id = cursor.fetchone()[0]
        known = {file.name for file in contracts.get(feed).files}
        entries = [entry for entry in manifest.files if entry.file in known] if manifest else []
        execute_values(
            cursor,
            "insert into audit.file_load (delivery_id, file, sha256, rows_in_manifest) values %s on conflict do nothing",
            [(delivery_id, entry.file, entry.sha256, entry.rows) for entry in entries],
        )
    return delivery_id


def manifest_sha256(conn: Connection, delivery_id: int) -> str:
    """The checksum of the manifest with which a delivery was received."""
    with conn.cursor() as cursor:
        cursor.execute("select manifest_sha256 from audit.delivery where delivery_id = %s", (delivery_id,))
        return cursor.fetchone()[0]


def set_rows_in_file(conn: Connection, delivery_id: int, file: str, rows: int) -> None:
    with conn.cursor() as cursor:
        cursor.execute(
            "update audit.file_load set rows_in_file = %s where delivery_id = %s and file = %s", (rows, delivery_id, file)
        )


def rows_in_files(conn: Connection, delivery_id: int) -> dict[str, int]:
    """Rows that were landed, by file of the delivery."""
    with conn.cursor() as cursor:
        cursor.execute("select file, rows_in_file from audit.file_load where delivery_id = %s", (delivery_id,))
        return dict(cursor.fetchall())


def advance(conn: Connection, delivery_id: int, status: str) -> None:
    """Move a delivery to landed, validated, published or refused, with the time at which it got there."""
    moment = "decided_at" if status in DECIDED else f"{status}_at"
    with conn.cursor() as cursor:
        cursor.execute(
            f"update audit.delivery set status = %s, {moment} = clock_timestamp() where delivery_id = %s", (status, delivery_id)
        )


def note(conn: Connection, delivery: Delivery, findings: Iterable[Finding]) -> None:
    """Write findings down under the delivery's present attempt; those that stand there already are left alone."""
    rows = [
        (delivery.delivery_id, delivery.attempt, found.file, found.line, found.column, found.rule_id, found.severity,
         found.message)
        for found in findings
    ]  # fmt: skip
    with conn.cursor() as cursor:
        execute_values(
            cursor,
            "insert into audit.delivery_finding"
            " (delivery_id, attempt, file, line_number, column_name, rule_id, severity, message)"
            " select v.* from (values %s) v (delivery_id, attempt, file, line_number, column_name, rule_id, severity, message)"
            " where not exists (select from audit.delivery_finding f where f.delivery_id = v.delivery_id and"
            " f.attempt = v.attempt"
            " and f.rule_id = v.rule_id and f.message = v.message)",
            rows,
            template="(%s::bigint, %s::integer, %s, %s::bigint, %s, %s, %s, %s)",
        )


def findings(conn: Connection, delivery: Delivery) -> list[Finding]:
    """What stands in the ledger about the delivery's present attempt, those first that refuse it."""
    with conn.cursor() as cursor:
        cursor.execute(
            "select rule_id, message, file, line_number, column_name, severity from audit.delivery_finding"
            " where delivery_id = %s and attempt = %s order by severity = 'info', finding_id",
            (delivery.delivery_id, delivery.attempt),
        )
        return [Finding(*row) for row in cursor.fetchall()]


def reopen(conn: Connection, delivery_id: int) -> None:
    """Let a refused delivery be tried again, as a new attempt; what was found the first time stays in the ledger."""
    with conn.cursor() as cursor:
        cursor.execute(
            "update audit.delivery set status = 'received', attempt = attempt + 1, decided_at = null, landed_at"
            " = null, validated_at = null"
            " where delivery_id = %s and status = 'refused'",
            (delivery_id,),
        )


def set_counts(conn: Connection, delivery_id: int, file: str, counts: Mapping[str, int]) -> None:
    """Enter what became of a file's rows: unchanged, new, changed, deleted, rejected, gone. The table checks that they add up."""
    assignments = ", ".join(f"rows_{kind} = %({kind})s" for kind in counts)
    with conn.cursor() as cursor:
        cursor.execute(
            f"update audit.file_load set {assignments} where delivery_id = %(delivery_id)s and file = %(file)s",
            {**counts, "delivery_id": delivery_id, "file": file},
        )


def set_taken_up(conn: Connection, delivery_id: int, taken_up: Mapping[str, int]) -> None:
    """Enter, by file, how many rows kept back earlier the delivery took up. The file itself need not have come with it."""
    with conn.cursor() as cursor:
        execute_values(
            cursor,
            "insert into audit.file_load (delivery_id, file, rows_in_file, rows_unchanged, rows_new, rows_changed,"
            " rows_deleted, rows_rejected, rows_gone, rows_taken_up) values %s"
            " on conflict (delivery_id, file) do update set rows_taken_up = excluded.rows_taken_up",
            [(delivery_id, file, count) for file, count in taken_up.items()],
            template="(%s, %s, 0, 0, 0, 0, 0, 0, 0, %s)",
        )


def record_event(conn: Connection, action: str, delivery: Delivery) -> None:
    """Append what was done with a delivery to the audit chain."""
    with conn.cursor() as cursor:
        cursor.execute(
            "select audit.record_event(%s, %s, %s)",
            (action, f"delivery {delivery.delivery_id}: {delivery.feed} {delivery.folder}", "nightly load"),
        )
