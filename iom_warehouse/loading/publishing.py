"""Publishing: the rows of a validated delivery become versions in raw, all its files in one transaction.

A row that has not changed writes nothing. A rejected row leaves the last good version in place. The caller owns the transaction.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import File
from iom_warehouse.delivery.finding import Finding
from iom_warehouse.loading import examination, names, types
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
        self.is_partial = examination.is_partial(conn, file, delivery.delivery_id)
        self.examined_as = examination.hash_to_keep(conn, file, delivery.delivery_id)
        self.unreadable = self._count_unreadable_keys() if rejected else 0
        self.findings: list[Finding] = []

    def publish(self) -> Counts:
        """Apply the file to raw. Returns the counts that the ledger will hold."""
        if self.rejected:
            self._quarantine()
        is_compared = self.is_changes or self.is_partial
        counts = self._apply_difference() if is_compared else Counter(new=self._insert_all())
        if counts["gone"] and not self.rows:
            message = f"{self.file.name}: the file came empty, so all {counts['gone']:,} rows that were current are withdrawn."
            self.findings.append(Finding(f"{self.file.name}.emptied", message, file=self.file.name, severity="info"))
        self._close_rejections()
        unchanged = self.rows - self.rejected - counts["new"] - counts["changed"] - counts["deleted"]
        return Counts(unchanged, counts["new"], counts["changed"], counts["deleted"], self.rejected, counts["gone"])

    def _insert_all(self) -> int:
        """Every accepted row is new. The indexes of a large empty table are made once, after its rows."""
        is_unindexed = self.rows >= LARGE and self._call("drop_indexes", self.file.name)
        written = self._execute("insert into {raw} ({targets}) select {sent} from {typed} b where {accepted}")
        if is_unindexed:
            self._call("make_indexes", self.file.name, list(self.file.key))
        return written

    def _apply_difference(self) -> Counter[str]:
        """Find what differs from the current versions in one join, close those versions and open new ones."""
        self._execute("drop table if exists pg_temp.difference")
        self._execute("create temp table difference as " + self._sent() + ("" if self.is_changes else self._gone()))
        self._execute("analyze difference")
        closed = self._execute(
            "update {raw} r set closed_by_sequence = {sequence}, recorded_to = {moment} from difference d"
            " where d.kind in ('changed', 'gone', 'deleted') and r.ctid = d.version"
        )
        opened = self._execute(
            "insert into {raw} ({targets}) select {sent} from {typed} b join difference d using (row_number)"
            " where d.kind in ('new', 'changed')"
        )
        with self.conn.cursor() as cursor:
            cursor.execute("select kind, count(*) from difference group by kind")
            counts = Counter(dict(cursor.fetchall()))
        if closed != counts["changed"] + counts["gone"] + counts["deleted"] or opened != counts["new"] + counts["changed"]:
            message = f"{self.file.name}: {closed} versions closed and {opened} opened, which is not what differs."
            raise IomError(message, "This is a fault of the warehouse; nothing of the delivery was published.")
        if self._count("select count(*) from {typed} b where {accepted}") > counts["new"] + counts["changed"] + counts["deleted"]:
            self._mark_examined()
        return counts

    def _mark_examined(self) -> None:
        """Versions that stay, although their rows were examined, are known again from now on: rules or spelling are others."""
        self._execute(
            "update {raw} r set examined_as = {examined_as} from {typed} b where {accepted} and {open} and {key_matches}"
            " and not exists (select from difference d where d.row_number = b.row_number)"
            " and r.examined_as is distinct from {examined_as}"
        )

    def _gone(self) -> str:
        """Current versions that a full file lacks. One unreadable key, and nothing counts as gone."""
        if self.unreadable:
            message = (
                f"{self.file.name}: {self.unreadable:,} rows have no readable key, so no row was taken as deleted this time."
            )
            self.findings.append(Finding(f"{self.file.name}.gone", message, file=self.file.name, severity="info"))
            return ""
        return (
            " union all select null, r.ctid, 'gone' from {differing} d join {raw} r on {open} and {key_is_gone}"
            " where d.row_number is null"
        )

    def _sent(self) -> str:
        """Examined rows against current versions. A row that is as it was changes nothing, nor does a deletion of nothing."""
        return (
            "select b.row_number, r.version,"
            " case when {is_deletion} then 'deleted' when r.is_current is null then 'new' else 'changed' end as kind"
            " from (select b.* from {typed} b where {accepted}) b"
            " left join (select true as is_current, r.ctid as version, r.* from {raw} r where {open}) r on {key_matches}"
            " where case when {is_deletion} then r.is_current"
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
            is_unknown=sql.Literal(self.unreadable > 0 and not self.is_changes),
            is_full=sql.Literal(not self.is_changes),
        )

    def _count_unreadable_keys(self) -> int:
        return self._count("select count(*) from {base} b where not {accepted} and {key_text} is null")

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
            "raw": self.raw, "base": self.base, "open": OPEN, "accepted": self._accepted(),
            "typed": self.typed, "key_text": self._key_text(),
            "targets": names.columns([*all_columns, *VERSION_COLUMNS, names.EXAMINED_AS]),
            "examined_as": self.examined_as,
            "is_deletion": sql.SQL("b.change = 'delete'" if self.is_changes else "false"),
            "differing": names.in_landing(names.differing(self.file.name, self.delivery.delivery_id)),
            "sent": sql.SQL(", ").join([names.columns(all_columns, "b"), self.stamp, self.examined_as]),
            "key_matches": self._same_key("b", "r"), "key_is_gone": self._same_key("d", "r"),
            "b_columns": names.columns(all_columns, "b"), "r_columns": names.columns(all_columns, "r"),
            "rejections": names.in_landing(names.rejections(self.delivery.delivery_id)), "file": sql.Literal(self.file.name),
            "feed": sql.Literal(self.delivery.feed), "delivery_id": sql.Literal(self.delivery.delivery_id),
            "sequence": sql.Literal(self.delivery.sequence), "moment": sql.Literal(self.delivery.extracted_at),
        }  # fmt: skip
        return sql.SQL(statement).format(**(parts | more))

    def _count(self, query: str) -> int:
        with self.conn.cursor() as cursor:
            cursor.execute(self._query(query))
            return cursor.fetchone()[0]

    def _call(self, function: str, *arguments: str | list[str]) -> Any:
        with self.conn.cursor() as cursor:
            cursor.callproc(f"raw.{function}", arguments)
            return cursor.fetchone()[0]

    def _execute(self, statement: str, **more: sql.Composable) -> int:
        with self.conn.cursor() as cursor:
            cursor.execute(self._query(statement, **more))
            return cursor.rowcount
