"""Versions in raw: what differs between the typed rows of one file and its current versions is closed and opened by a delivery.

The caller owns the transaction.
"""

from collections import Counter

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import File
from iom_warehouse.loading import names
from iom_warehouse.loading.ledger import Delivery
from iom_warehouse.platform.errors import IomError

OPEN = sql.SQL("r.closed_by_sequence is null")
VERSION_COLUMNS = ("opened_by_sequence", "closed_by_sequence", "recorded_from", "recorded_to")


class VersionWriter:
    """Writes the rows of `typed` (row_number and the columns of the file) into raw, as versions that the delivery opens.

    `examined_as` is SQL for the hash by which a row `b` is known again, null where it is to be examined the next time.
    """

    def __init__(
        self, conn: Connection, file: File, delivery: Delivery, typed: sql.Composable, examined_as: sql.Composable
    ) -> None:
        self.conn, self.file, self.delivery, self.typed, self.examined_as = conn, file, delivery, typed, examined_as
        self.raw = sql.Identifier("raw", file.name)
        self.stamp = sql.SQL("{}, null::bigint, {}, null::timestamptz").format(
            sql.Literal(delivery.sequence), sql.Literal(delivery.extracted_at)
        )

    def apply_difference(self, more: str = "") -> Counter[str]:
        """Find what differs from the current versions in one join, close those versions and open new ones.

        `more` goes on with the query for what differs. Returns how many rows are new, changed, deleted and gone.
        """
        self.execute("drop table if exists pg_temp.difference")
        self.execute("create temp table difference as " + self._sent() + more)
        self.execute("analyze difference")
        closed = self.execute(
            "update {raw} r set closed_by_sequence = {sequence}, recorded_to = {moment} from difference d"
            " where d.kind in ('changed', 'gone', 'deleted') and r.ctid = d.version"
        )
        opened = self.execute(
            "insert into {raw} ({targets}) select {sent} from {typed} b join difference d using (row_number)"
            " where d.kind in ('new', 'changed')"
        )
        with self.conn.cursor() as cursor:
            cursor.execute("select kind, count(*) from difference group by kind")
            counts = Counter(dict(cursor.fetchall()))
        if closed != counts["changed"] + counts["gone"] + counts["deleted"] or opened != counts["new"] + counts["changed"]:
            message = f"{self.file.name}: {closed} versions closed and {opened} opened, which is not what differs."
            raise IomError(message, "This is a fault of the warehouse; nothing of the delivery was published.")
        return counts

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

    def close_rejections(self, closures: str, **more: sql.Composable) -> None:
        """Close rejections of the file. What is closed has no content in quarantine any more.

        `closures` is a query of delivery_id, row_number and closure, null for a row that stays rejected.
        """
        self.execute(
            f"with closed as ({closures}),"
            " gone as (delete from quarantine.rejected_row q using closed c"
            " where q.file = {file} and (q.delivery_id, q.row_number) = (c.delivery_id, c.row_number) and c.closure is not null)"
            " update audit.rejected_row a set closure = c.closure, closed_by_delivery = {delivery_id}, closed_at"
            " = clock_timestamp()"
            " from closed c where a.file = {file} and (a.delivery_id, a.row_number) = (c.delivery_id, c.row_number)"
            " and a.closed_at is null and c.closure is not null",
            **more,
        )

    def accepted(self) -> sql.Composable:
        """SQL condition for the rows `b` that are written."""
        return sql.SQL("true")

    def same_key(self, one: str, other: str) -> sql.Composable:
        """SQL condition for rows of one key."""
        return sql.SQL(" and ").join(
            sql.SQL("{} = {}").format(sql.Identifier(one, name), sql.Identifier(other, name)) for name in self.file.key
        )

    def parts(self) -> dict[str, sql.Composable]:
        """What statements may name in braces."""
        all_columns = [column.name for column in self.file.columns]
        return {
            "raw": self.raw,
            "typed": self.typed,
            "open": OPEN,
            "accepted": self.accepted(),
            "is_deletion": sql.SQL("false"),
            "targets": names.columns([*all_columns, *VERSION_COLUMNS, names.EXAMINED_AS]),
            "sent": sql.SQL(", ").join([names.columns(all_columns, "b"), self.stamp, self.examined_as]),
            "examined_as": self.examined_as,
            "key_matches": self.same_key("b", "r"),
            "b_columns": names.columns(all_columns, "b"),
            "r_columns": names.columns(all_columns, "r"),
            "file": sql.Literal(self.file.name),
            "delivery_id": sql.Literal(self.delivery.delivery_id),
            "sequence": sql.Literal(self.delivery.sequence),
            "moment": sql.Literal(self.delivery.extracted_at),
        }

    def query(self, statement: str, **more: sql.Composable) -> sql.Composed:
        """A statement with its parts put in."""
        return sql.SQL(statement).format(**(self.parts() | more))

    def count(self, query: str, **more: sql.Composable) -> int:
        """The only number that a query gives."""
        with self.conn.cursor() as cursor:
            cursor.execute(self.query(query, **more))
            return cursor.fetchone()[0]

    def execute(self, statement: str, **more: sql.Composable) -> int:
        """Run a statement. Returns the number of its rows."""
        with self.conn.cursor() as cursor:
            cursor.execute(self.query(statement, **more))
            return cursor.rowcount
