"""Publishing: the rows of a validated delivery become versions in raw, all its files in one transaction.

A row that has not changed writes nothing. A rejected row leaves the last good version in place. The caller owns the transaction.
"""

from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import File
from iom_warehouse.loading import names, types
from iom_warehouse.loading.ledger import Delivery

OPEN = sql.SQL("r.closed_by_sequence is null")
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
    """Publishes one landed file of a delivery."""

    def __init__(self, conn: Connection, file: File, delivery: Delivery, rows: int, rejected: int) -> None:
        self.conn, self.file, self.delivery, self.rows, self.rejected = conn, file, delivery, rows, rejected
        self.raw = sql.Identifier("raw", file.name)
        self.base = names.in_landing(names.base(file.name, delivery.delivery_id))
        self.is_changes = delivery.extract == "changes"
        self.stamp = sql.SQL("{}, null::bigint, {}, null::timestamptz").format(
            sql.Literal(delivery.sequence), sql.Literal(delivery.extracted_at)
        )

    def publish(self) -> Counts:
        """Apply the file to raw. Returns the counts that the ledger will hold."""
        if self.rejected:
            self._quarantine()
        if not self._has_current_rows() and not self.is_changes:
            self._execute("insert into {raw} ({targets}) select {values}, {stamp} from {base} b where {accepted}")
            counts = {"new": self.rows - self.rejected}
        else:
            counts = self._apply_difference()
        self._close_rejections()
        kinds = {kind: counts.get(kind, 0) for kind in ("new", "changed", "deleted", "gone")}
        unchanged = self.rows - self.rejected - kinds["new"] - kinds["changed"] - kinds["deleted"]
        return Counts(unchanged=unchanged, rejected=self.rejected, **kinds)

    def _apply_difference(self) -> dict[str, int]:
        """Find what differs from the current versions in one join, close those versions and open new ones."""
        self._execute("drop table if exists pg_temp.difference")
        self._execute("create temp table difference as " + (self._changes() if self.is_changes else self._full()))
        self._execute(
            "update {raw} r set closed_by_sequence = {sequence}, recorded_to = {moment} from difference d"
            " where d.kind in ('changed', 'gone', 'deleted') and {open} and {same_key}",
            same_key=self._same_key("r", "d"),
        )
        self._execute(
            "insert into {raw} ({targets}) select {values}, {stamp} from {base} b join difference d using (row_number) where d.kind in ('new', 'changed')"
        )
        with self.conn.cursor() as cursor:
            cursor.execute("select kind, count(*) from difference group by kind")
            return dict(cursor.fetchall())

    def _full(self) -> str:
        """Delivered rows against current ones: new, changed, or gone. One unreadable key, and nothing counts as gone."""
        gone = " or b.row_number is null" if self._every_key_is_readable() else ""
        return (
            "select b.row_number, {raw_key}, case when b.row_number is null then 'gone' when r.is_current is null then 'new' else 'changed' end as kind"
            " from (select b.row_number, {accepted} as is_accepted, {typed} from {base} b) b"
            " full join (select true as is_current, r.* from {raw} r where {open}) r on {key_matches}"
            " where (b.is_accepted and (r.is_current is null or ({b_columns}) is distinct from ({r_columns})))" + gone
        )

    def _changes(self) -> str:
        return (
            "select b.row_number, {raw_key}, case when b.change = 'delete' then 'deleted' when r.is_current is null then 'new' else 'changed' end as kind"
            " from (select b.row_number, b.change, {typed} from {base} b where {accepted}) b"
            " left join (select true as is_current, r.* from {raw} r where {open}) r on {key_matches}"
            " where case when b.change = 'delete' then r.is_current else r.is_current is null or ({b_columns}) is distinct from ({r_columns}) end"
        )

    def _quarantine(self) -> None:
        """Keep rejected rows with their content, and enter each rule they broke."""
        self._execute(
            "insert into quarantine.rejected_row (delivery_id, file, row_number, key, content)"
            " select {delivery_id}, {file}, b.row_number, {key_text}, to_jsonb(b) - 'row_number' from {base} b where not {accepted}",
            key_text=self._key_text("b"),
        )
        self._execute(
            "insert into audit.rejected_row (delivery_id, feed, file, row_number, column_name, rule_id)"
            " select {delivery_id}, {feed}, file, row_number, column_name, rule_id from {rejections} where file = {file} and severity = 'warning'"
        )

    def _close_rejections(self) -> None:
        """Say what became of rows rejected earlier: sent right, rejected again, or no longer sent at all (full extracts only)."""
        with self.conn.cursor() as cursor:
            cursor.execute("select exists (select from audit.rejected_row where file = %s and closed_at is null and delivery_id <> %s)",
                           (self.file.name, self.delivery.delivery_id))  # fmt: skip
            if not cursor.fetchone()[0]:
                return
        withdrawn = sql.SQL("true") if not self.is_changes else sql.SQL("now.key is not null")
        self._execute(
            "with now as (select {key_text} as key, bool_or({accepted}) as is_accepted from {base} b group by 1)"
            " update audit.rejected_row a set closed_by_delivery = {delivery_id}, closed_at = clock_timestamp(),"
            " closure = case when now.is_accepted and now.key is not null then 'corrected' when now.is_accepted is not null then 'rejected_again'"
            " else 'withdrawn' end"
            " from quarantine.rejected_row q left join now on now.key is not distinct from q.key"
            " where q.delivery_id = a.delivery_id and q.file = a.file and q.row_number = a.row_number and a.file = {file}"
            " and a.closed_at is null and a.delivery_id <> {delivery_id} and {withdrawn}",
            key_text=self._key_text("b"), withdrawn=withdrawn,
        )  # fmt: skip

    def _has_current_rows(self) -> bool:
        with self.conn.cursor() as cursor:
            cursor.execute(sql.SQL("select exists (select from {} r where {})").format(self.raw, OPEN))
            return cursor.fetchone()[0]

    def _every_key_is_readable(self) -> bool:
        if not self.rejected:
            return True
        with self.conn.cursor() as cursor:
            cursor.execute(
                self._query(
                    "select not exists (select from {base} b where not {accepted} and {key_text} is null)",
                    key_text=self._key_text("b"),
                )
            )
            return cursor.fetchone()[0]

    def _accepted(self) -> sql.Composable:
        if not self.rejected:
            return sql.SQL("true")
        return sql.SQL(
            "not exists (select from {} j where j.file = {} and j.row_number = b.row_number and j.severity = 'warning')"
        ).format(names.in_landing(names.rejections(self.delivery.delivery_id)), sql.Literal(self.file.name))

    def _typed(self) -> sql.Composable:
        """Columns as values; where rejected rows are about, or only the key of a deletion counts, conversion must not raise."""
        convert = types.strict if self.rejected or self.is_changes else types.plain
        return sql.SQL(", ").join(
            sql.SQL("{} as {}").format(convert(column), sql.Identifier(column.name)) for column in self.file.columns
        )

    def _key_text(self, alias: str) -> sql.Composable:
        """The delivered key as one text, null when a part of it is missing or cannot be read."""
        key = [self.file.column(name) for name in self.file.key]
        readable = sql.SQL(", ").join(types.strict(column, alias) for column in key)
        return sql.SQL("case when num_nulls({}) = 0 then jsonb_build_array({})::text end").format(
            readable, names.columns(self.file.key, alias)
        )

    def _same_key(self, one: str, other: str) -> sql.Composable:
        return sql.SQL(" and ").join(
            sql.SQL("{} = {}").format(sql.Identifier(one, name), sql.Identifier(other, name)) for name in self.file.key
        )

    def _query(self, statement: str, **more: sql.Composable) -> sql.Composed:
        all_columns = [column.name for column in self.file.columns]
        parts = {
            "raw": self.raw, "base": self.base, "stamp": self.stamp, "open": OPEN, "accepted": self._accepted(), "typed": self._typed(),
            "targets": names.columns([*all_columns, *VERSION_COLUMNS]),
            "values": sql.SQL(", ").join(types.plain(column) for column in self.file.columns),
            "raw_key": names.columns(self.file.key, "r"), "key_matches": self._same_key("b", "r"),
            "b_columns": names.columns(all_columns, "b"), "r_columns": names.columns(all_columns, "r"),
            "rejections": names.in_landing(names.rejections(self.delivery.delivery_id)), "file": sql.Literal(self.file.name),
            "feed": sql.Literal(self.delivery.feed), "delivery_id": sql.Literal(self.delivery.delivery_id),
            "sequence": sql.Literal(self.delivery.sequence), "moment": sql.Literal(self.delivery.extracted_at),
        }  # fmt: skip
        return sql.SQL(statement).format(**(parts | more))

    def _execute(self, statement: str, **more: sql.Composable) -> None:
        with self.conn.cursor() as cursor:
            cursor.execute(self._query(statement, **more))
