"""Publishing: the rows of a validated delivery become versions in raw, all its files in one transaction.

A row that has not changed writes nothing. A rejected row leaves the last good version in place. The caller owns the transaction.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse import contracts
from iom_warehouse.contracts import File
from iom_warehouse.delivery.finding import Finding
from iom_warehouse.loading import names, types
from iom_warehouse.loading.ledger import Delivery
from iom_warehouse.platform.errors import IomError

OPEN = sql.SQL("r.closed_by_sequence is null")
LARGE = 100_000  # rows of a first load; below it, the index is not worth the lock
LONGEST_KEPT = 100_000  # characters of a field in quarantine
LONGEST_KEY = 2_000  # bytes; an index takes no longer ones, and no source has them
VERSION_COLUMNS = ("opened_by_sequence", "closed_by_sequence", "recorded_from", "recorded_to")


@dataclass(frozen=True)
class Counts:
    """What became of the rows of one file, and how many current rows a full file no longer has."""

    unchanged: int
    new: int
    changed: int
    deleted: int
    rejected: int
    gone: int


class FilePublisher:
    """Publishes one landed file of a delivery. `findings` are notes that it made on the way."""

    def __init__(self, conn: Connection, file: File, delivery: Delivery, rows: int, rejected: int) -> None:
        self.conn, self.file, self.delivery, self.rows, self.rejected = conn, file, delivery, rows, rejected
        self.raw = sql.Identifier("raw", file.name)
        self.base = names.in_landing(names.base(file.name, delivery.delivery_id))
        self.typed = names.in_landing(names.typed(file.name, delivery.delivery_id))
        self.is_changes = delivery.extract == "changes"
        self.stamp = sql.SQL("{}, null::bigint, {}, null::timestamptz").format(
            sql.Literal(delivery.sequence), sql.Literal(delivery.extracted_at)
        )
        self.unreadable = self._count_unreadable_keys() if rejected else 0
        self.findings: list[Finding] = []

    def publish(self) -> Counts:
        """Apply the file to raw. Returns the counts that the ledger will hold."""
        if self.rejected:
            self._quarantine()
        if not self._has_current_rows() and not self.is_changes:
            counts = Counter(new=self._insert_all())
        else:
            counts = self._apply_difference()
        self._close_rejections()
        unchanged = self.rows - self.rejected - counts["new"] - counts["changed"] - counts["deleted"]
        return Counts(unchanged, counts["new"], counts["changed"], counts["deleted"], self.rejected, counts["gone"])

    def _insert_all(self) -> int:
        """Every accepted row is new. The indexes of a large empty table are made once, after its rows."""
        is_unindexed = self.rows >= LARGE and self._call("drop_indexes", self.file.name)
        written = self._execute("insert into {raw} ({targets}) select {values}, {stamp} from {typed} b where {accepted}")
        if is_unindexed:
            looked_up_by = contracts.get(self.delivery.feed).looked_up_by(self.file)
            self._call("make_indexes", self.file.name, list(self.file.key), list(looked_up_by))
        return written

    def _apply_difference(self) -> Counter[str]:
        """Find what differs from the current versions in one join, close those versions and open new ones."""
        self._execute("drop table if exists pg_temp.difference")
        self._execute("create temp table difference as " + (self._changes() if self.is_changes else self._full()))
        self._execute("analyze difference")
        closed = self._execute(
            "update {raw} r set closed_by_sequence = {sequence}, recorded_to = {moment} from difference d"
            " where d.kind in ('changed', 'gone', 'deleted') and {open} and {same_key}",
            same_key=self._same_key("r", "d"),
        )
        opened = self._execute(
            "insert into {raw} ({targets}) select {values}, {stamp} from {typed} b join difference d using (row_number)"
            " where d.kind in ('new', 'changed')"
        )
        with self.conn.cursor() as cursor:
            cursor.execute("select kind, count(*) from difference group by kind")
            counts = Counter(dict(cursor.fetchall()))
        if closed != counts["changed"] + counts["gone"] + counts["deleted"] or opened != counts["new"] + counts["changed"]:
            message = f"{self.file.name}: {closed} versions closed and {opened} opened, which is not what differs."
            raise IomError(message, "This is a fault of the warehouse; nothing of the delivery was published.")
        return counts

    def _full(self) -> str:
        """Delivered rows against current ones: new, changed, or gone. One unreadable key, and nothing counts as gone."""
        if self.unreadable:
            message = (
                f"{self.file.name}: {self.unreadable:,} rows have no readable key, so no row was taken as deleted this time."
            )
            self.findings.append(Finding(f"{self.file.name}.gone", message, file=self.file.name, severity="info"))
        gone = "" if self.unreadable else " or b.row_number is null"
        return (
            "select b.row_number, {raw_key},"
            " case when b.row_number is null then 'gone' when r.is_current is null then 'new' else 'changed' end as kind"
            " from (select b.*, {accepted} as is_accepted from {typed} b) b"
            " full join (select true as is_current, r.* from {raw} r where {open}) r on {key_matches}"
            " where (b.is_accepted and (r.is_current is null or ({b_columns}) is distinct from ({r_columns})))" + gone
        )

    def _changes(self) -> str:
        """A deletion of what is not there, and a row that is as it was, change nothing."""
        return (
            "select b.row_number, {raw_key},"
            " case when b.change = 'delete' then 'deleted' when r.is_current is null then 'new' else 'changed' end as kind"
            " from (select b.* from {typed} b where {accepted}) b"
            " left join (select true as is_current, r.* from {raw} r where {open}) r on {key_matches}"
            " where case when b.change = 'delete' then r.is_current"
            " else r.is_current is null or ({b_columns}) is distinct from ({r_columns}) end"
        )

    def _quarantine(self) -> None:
        """Keep rejected rows with their content (of an endless field its beginning), and enter each rule they broke."""
        content = [column.name for column in self.file.columns] + ([names.CHANGE] if self.is_changes else [])
        fields = [sql.SQL("left(b.{0}, {1}) as {0}").format(sql.Identifier(name), sql.Literal(LONGEST_KEPT)) for name in content]
        self._execute(
            "insert into quarantine.rejected_row (delivery_id, file, row_number, key, content)"
            " select {delivery_id}, {file}, b.row_number, {key_text}, to_jsonb(kept)"
            " from {base} b cross join lateral (select {fields}) kept where not {accepted}",
            fields=sql.SQL(", ").join(fields),
        )
        self._execute(
            "insert into audit.rejected_row (delivery_id, feed, file, row_number, column_name, rule_id)"
            " select {delivery_id}, {feed}, file, row_number, column_name, rule_id from {rejections}"
            " where file = {file} and severity = 'warning'"
        )

    def _close_rejections(self) -> None:
        """Say what became of rows rejected earlier: sent right, rejected again, or withdrawn.

        A row is known again by its key; it is withdrawn when it is deleted, or gone from a full extract. What is closed has no
        content in quarantine any more.
        """
        with self.conn.cursor() as cursor:
            cursor.execute("drop table if exists pg_temp.waiting")
            cursor.execute(
                "create temp table waiting as select q.delivery_id, q.row_number, q.key::jsonb as key from"
                " quarantine.rejected_row q"
                " where q.file = %s and q.delivery_id <> %s",
                (self.file.name, self.delivery.delivery_id),
            )
            if not cursor.rowcount:
                return
        key = [
            sql.SQL("b.{} = w.key ->> {}").format(sql.Identifier(name), sql.Literal(place))
            for place, name in enumerate(self.file.key)
        ]
        self._execute(
            "with now as (select w.delivery_id, w.row_number, bool_or({accepted}) as is_accepted,"
            " bool_or({is_deletion}) as is_deleted"
            " from waiting w join {base} b on {is_sent_again} group by 1, 2),"
            " closed as (select w.delivery_id, w.row_number, case when now.is_accepted and now.is_deleted then 'withdrawn'"
            " when now.is_accepted then 'corrected' when not now.is_accepted or w.key is null and {is_unknown}"
            " then 'rejected_again'"
            " when {is_full} then 'withdrawn' end as closure from waiting w left join now using (delivery_id, row_number)),"
            " gone as (delete from quarantine.rejected_row q using closed c"
            " where q.file = {file} and (q.delivery_id, q.row_number) = (c.delivery_id, c.row_number) and c.closure is not null)"
            " update audit.rejected_row a set closure = c.closure, closed_by_delivery = {delivery_id}, closed_at"
            " = clock_timestamp()"
            " from closed c where a.file = {file} and (a.delivery_id, a.row_number) = (c.delivery_id, c.row_number)"
            " and a.closed_at is null and c.closure is not null",
            is_sent_again=sql.SQL(" and ").join(key),
            is_deletion=sql.SQL("b.change = 'delete'" if self.is_changes else "false"),
            is_unknown=sql.Literal(self.unreadable > 0 and not self.is_changes),
            is_full=sql.Literal(not self.is_changes),
        )

    def _has_current_rows(self) -> bool:
        with self.conn.cursor() as cursor:
            cursor.execute(sql.SQL("select exists (select from {} r where {})").format(self.raw, OPEN))
            return cursor.fetchone()[0]

    def _count_unreadable_keys(self) -> int:
        with self.conn.cursor() as cursor:
            cursor.execute(self._query("select count(*) from {base} b where not {accepted} and {key_text} is null"))
            return cursor.fetchone()[0]

    def _accepted(self) -> sql.Composable:
        if not self.rejected:
            return sql.SQL("true")
        return sql.SQL(
            "not exists (select from {} j where j.file = {} and j.row_number = b.row_number and j.severity = 'warning')"
        ).format(names.in_landing(names.rejections(self.delivery.delivery_id)), sql.Literal(self.file.name))

    def _key_text(self) -> sql.Composable:
        """The delivered key as one text, null when a part of it is missing, cannot be read or is longer than any key."""
        key = [self.file.column(name) for name in self.file.key]
        readable = sql.SQL(", ").join(types.converted(column) for column in key)
        length = sql.SQL(" + ").join(sql.SQL("octet_length(b.{})").format(sql.Identifier(column.name)) for column in key)
        return sql.SQL("case when num_nulls({}) = 0 and {} <= {} then jsonb_build_array({})::text end").format(
            readable, length, sql.Literal(LONGEST_KEY), names.columns(self.file.key, "b")
        )

    def _same_key(self, one: str, other: str) -> sql.Composable:
        return sql.SQL(" and ").join(
            sql.SQL("{} = {}").format(sql.Identifier(one, name), sql.Identifier(other, name)) for name in self.file.key
        )

    def _query(self, statement: str, **more: sql.Composable) -> sql.Composed:
        all_columns = [column.name for column in self.file.columns]
        parts = {
            "raw": self.raw, "base": self.base, "stamp": self.stamp, "open": OPEN, "accepted": self._accepted(),
            "typed": self.typed, "key_text": self._key_text(),
            "targets": names.columns([*all_columns, *VERSION_COLUMNS]),
            "values": names.columns(all_columns, "b"),
            "raw_key": names.columns(self.file.key, "r"), "key_matches": self._same_key("b", "r"),
            "b_columns": names.columns(all_columns, "b"), "r_columns": names.columns(all_columns, "r"),
            "rejections": names.in_landing(names.rejections(self.delivery.delivery_id)), "file": sql.Literal(self.file.name),
            "feed": sql.Literal(self.delivery.feed), "delivery_id": sql.Literal(self.delivery.delivery_id),
            "sequence": sql.Literal(self.delivery.sequence), "moment": sql.Literal(self.delivery.extracted_at),
        }  # fmt: skip
        return sql.SQL(statement).format(**(parts | more))

    def _call(self, function: str, *arguments: str | list[str]) -> Any:
        with self.conn.cursor() as cursor:
            cursor.callproc(f"raw.{function}", arguments)
            return cursor.fetchone()[0]

    def _execute(self, statement: str, **more: sql.Composable) -> int:
        with self.conn.cursor() as cursor:
            cursor.execute(self._query(statement, **more))
            return cursor.rowcount
