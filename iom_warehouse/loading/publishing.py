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
from iom_warehouse.loading import examination, names, rows, types
from iom_warehouse.loading.ledger import Delivery
from iom_warehouse.loading.versions import VersionWriter
from iom_warehouse.platform.errors import IomError

LARGE = 100_000  # rows of a first load; below it, the index is not worth the lock
LONGEST_KEPT = 100_000  # characters of a field in quarantine
LONGEST_KEY = 2_000  # bytes; an index takes no longer ones, and no source has them


@dataclass(frozen=True)
class Counts:
    """What became of the rows of one file, and how many current rows a full file no longer has."""

    unchanged: int
    new: int
    changed: int
    deleted: int
    rejected: int
    gone: int


class FilePublisher(VersionWriter):
    """Publishes one landed file of a delivery. `findings` are notes that it made on the way."""

    def __init__(self, conn: Connection, file: File, delivery: Delivery, rows: int, rejected: int) -> None:
        typed = names.in_landing(names.typed(file.name, delivery.delivery_id))
        super().__init__(conn, file, delivery, typed, examination.hash_to_keep(conn, file, delivery.delivery_id))
        self.rows, self.rejected = rows, rejected
        self.base = names.in_landing(names.base(file.name, delivery.delivery_id))
        self.is_changes = delivery.extract == "changes"
        self.is_partial = examination.is_partial(conn, file, delivery.delivery_id)
        self.without_key = self._count_without_key() if rejected else 0
        self.findings: list[Finding] = []

    def publish(self) -> Counts:
        """Apply the file to raw. Returns the counts that the ledger will hold."""
        if self.rejected:
            self._quarantine()
        is_compared = self.is_changes or self.is_partial
        counts = self._write_difference() if is_compared else Counter(new=self._insert_all())
        if counts["gone"] and not self.rows:
            message = f"{self.file.name}: the file came empty, so all {counts['gone']:,} rows that were current are withdrawn."
            self.findings.append(Finding(f"{self.file.name}.emptied", message, file=self.file.name, severity="info"))
        self._close_earlier_rejections()
        unchanged = self.rows - self.rejected - counts["new"] - counts["changed"] - counts["deleted"]
        return Counts(unchanged, counts["new"], counts["changed"], counts["deleted"], self.rejected, counts["gone"])

    def _insert_all(self) -> int:
        """Every accepted row is new. The indexes of a large empty table are made once, after its rows."""
        is_unindexed = self.rows >= LARGE and self._call("drop_indexes", self.file.name)
        written = self.execute("insert into {raw} ({targets}) select {sent} from {typed} b where {accepted}")
        if is_unindexed:
            self._call("make_indexes", self.file.name, list(self.file.key))
        if written != self.rows - self.rejected:
            message = f"{self.file.name}: {written:,} rows written of {self.rows:,}, of which {self.rejected:,} were rejected."
            raise IomError(message, "This is a fault of the warehouse; nothing of the delivery was published.")
        return written

    def _write_difference(self) -> Counter[str]:
        counts = self.apply_difference("" if self.is_changes else self._gone())
        if self.count("select count(*) from {typed} b where {accepted}") > counts["new"] + counts["changed"] + counts["deleted"]:
            self._mark_examined()
        return counts

    def _mark_examined(self) -> None:
        """Versions that stay, although their rows were examined, are known again from now on: rules or spelling are others."""
        self.execute(
            "update {raw} r set examined_as = {examined_as} from {typed} b where {accepted} and {open} and {key_matches}"
            " and not exists (select from difference d where d.row_number = b.row_number)"
            " and r.examined_as is distinct from {examined_as}"
        )

    def _gone(self) -> str:
        """Current versions that a full file lacks. One key that cannot be read or is wrong, and nothing counts as gone."""
        if self.without_key:
            message = (
                f"{self.file.name}: the key of {self.without_key:,} rows cannot be read or is wrong, so no row was taken as"
                " deleted this time."
            )
            self.findings.append(Finding(f"{self.file.name}.gone", message, file=self.file.name, severity="info"))
            return ""
        return (
            " union all select null, r.ctid, 'gone' from {differing} d join {raw} r on {open} and {key_is_gone}"
            " where d.row_number is null"
        )

    def _quarantine(self) -> None:
        """Keep rejected rows with their content (of an endless field its beginning), and enter each rule they broke."""
        content = [column.name for column in self.file.columns] + ([names.CHANGE] if self.is_changes else [])
        fields = [sql.SQL("left(b.{0}, {1}) as {0}").format(sql.Identifier(name), sql.Literal(LONGEST_KEPT)) for name in content]
        self.execute(
            "insert into quarantine.rejected_row (delivery_id, file, row_number, key, content)"
            " select {delivery_id}, {file}, b.row_number, {key_text}, to_jsonb(kept)"
            " from {base} b cross join lateral (select {fields}) kept where not {accepted}",
            fields=sql.SQL(", ").join(fields),
        )
        self.execute(
            "insert into audit.rejected_row (delivery_id, feed, file, row_number, column_name, rule_id)"
            " select {delivery_id}, {feed}, file, row_number, column_name, rule_id from {rejections}"
            " where file = {file} and severity = 'warning'"
        )

    def _close_earlier_rejections(self) -> None:
        """Say what became of rows rejected earlier: sent right, rejected again, or withdrawn.

        A row is known again by its key; it is withdrawn when it is deleted, or gone from a full extract. A repetition of a row
        that stands in the same file is settled at once: nothing of it is missing, and nobody waits for it.
        """
        with self.conn.cursor() as cursor:
            cursor.execute("drop table if exists pg_temp.waiting")
            cursor.execute(
                "create temp table waiting as"
                " select q.delivery_id, q.row_number, q.key::jsonb as key, q.delivery_id = %s as is_own"
                " from quarantine.rejected_row q where q.file = %s",
                (self.delivery.delivery_id, self.file.name),
            )
            if not cursor.rowcount:
                return
        key = [
            sql.SQL("b.{} = w.key ->> {}").format(sql.Identifier(name), sql.Literal(place))
            for place, name in enumerate(self.file.key)
        ]
        self.close_rejections(
            "with now as (select w.delivery_id, w.row_number, bool_or({accepted}) as is_accepted,"
            " bool_or({is_deletion}) as is_deleted"
            " from waiting w join {base} b on {is_sent_again} group by 1, 2)"
            " select w.delivery_id, w.row_number, case when w.is_own then case when now.is_accepted then 'repeated' end"
            " when now.is_accepted and now.is_deleted then 'withdrawn'"
            " when now.is_accepted then 'corrected' when not now.is_accepted or w.key is null and {is_unknown}"
            " then 'rejected_again'"
            " when {is_full} then 'withdrawn' end as closure from waiting w left join now using (delivery_id, row_number)",
            is_sent_again=sql.SQL(" and ").join(key),
            is_unknown=sql.Literal(self.without_key > 0 and not self.is_changes),
            is_full=sql.Literal(not self.is_changes),
        )

    def _count_without_key(self) -> int:
        """Rejected rows of which nobody knows whose they are: the key cannot be read, or is itself what is wrong."""
        wrong_keys = [
            rule.rule_id
            for rule in self.file.rules
            if rule.severity == "warning" and rows.is_lasting(rule) and set(rule.columns) <= set(self.file.key)
        ]
        return self.count(
            "select count(*) from {base} b where not {accepted} and ({key_text} is null or exists (select from {rejections} j"
            " where j.file = {file} and j.row_number = b.row_number and j.rule_id = any({wrong_keys})))",
            wrong_keys=sql.Literal(wrong_keys),
        )

    def accepted(self) -> sql.Composable:
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

    def parts(self) -> dict[str, sql.Composable]:
        return {
            **super().parts(),
            "base": self.base,
            "key_text": self._key_text(),
            "is_deletion": sql.SQL("b.change = 'delete'" if self.is_changes else "false"),
            "differing": names.in_landing(names.differing(self.file.name, self.delivery.delivery_id)),
            "key_is_gone": self.same_key("d", "r"),
            "rejections": names.in_landing(names.rejections(self.delivery.delivery_id)),
            "feed": sql.Literal(self.delivery.feed),
        }

    def _call(self, function: str, *arguments: str | list[str]) -> Any:
        with self.conn.cursor() as cursor:
            cursor.callproc(f"raw.{function}", arguments)
            return cursor.fetchone()[0]
