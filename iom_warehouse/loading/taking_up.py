"""Rows that were kept back only because a row they refer to was not there, or was kept back itself: taken up once it is right.

Its source did not change, so a sender of changes does not send such a row again. The caller owns the transaction, in which all
files of a delivery are published by now: of whatever was sent again since, no earlier rejection stands any more.
"""

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import Contract, File, Reference
from iom_warehouse.loading import names, rejections, types
from iom_warehouse.loading.ledger import Delivery
from iom_warehouse.loading.versions import VersionWriter

REFERENCE = "expect_columns_to_refer_to"
TAKEN_UP = sql.Identifier("pg_temp", "taken_up")
# Next to the columns of the file, typed: the place of the row in quarantine (of_delivery, of_row).
READY = """
    create temp table taken_up as
    select b.of_delivery, b.of_row, row_number() over () as row_number, {columns}
    from (
        select q.delivery_id as of_delivery, q.row_number as of_row, {fields}
        from quarantine.rejected_row q
        where q.file = {file} and {may_be_own} and not exists (
            select from audit.rejected_row a
            where (a.delivery_id, a.file, a.row_number) = (q.delivery_id, q.file, q.row_number) and a.rule_id <> all ({awaited})
        )
    ) b
    where {are_there}
"""
# A parent whose last good version stands while a newer one is kept back is not right yet.
IS_THERE = """
    (num_nulls({fields}) > 0 or exists (
        select from {parent} p where {same} and p.closed_by_sequence is null and not exists (
            select from quarantine.rejected_row k join audit.delivery since using (delivery_id)
            where k.file = {parent_file} and k.key = jsonb_build_array({fields})::text and since.sequence > p.opened_by_sequence
        )
    ))
"""


def take_up(conn: Connection, contract: Contract, delivery: Delivery) -> dict[str, int]:
    """Publish what waited for rows that are current now, parents before their children. Returns the number of rows by file."""
    taken_up = {}
    for file in _with_waiting_rows(conn, contract, delivery):
        if count := _WaitingRows(conn, file, delivery).take_up():
            taken_up[file.name] = count
    return taken_up


def _with_waiting_rows(conn: Connection, contract: Contract, delivery: Delivery) -> list[File]:
    """The files of which a row waits for another, in the order of the contract, which has parents first."""
    awaited = [rule for file in contract.files for rule in _awaited(file)]
    query = sql.SQL(
        "select distinct q.file from audit.rejected_row q"
        " where q.file = any(%s) and q.closed_at is null and q.rule_id = any(%s) and {may_be_own}"
    ).format(may_be_own=_may_be_own(delivery))
    with conn.cursor() as cursor:
        cursor.execute(query, ([file.name for file in contract.files], awaited))
        waiting = {name for (name,) in cursor.fetchall()}
    return [file for file in contract.files if file.name in waiting]


def _awaited(file: File) -> list[str]:
    """The rules by which a row is kept back for want of another."""
    by_parent = [rejections.parent_rule(file, reference) for reference in file.references]
    return by_parent + [rule.rule_id for rule in file.rules if rule.expectation == REFERENCE]


def _may_be_own(delivery: Delivery) -> sql.Composable:
    """Condition for rows `q`: what a full extract refers to must come with it, so of its own rows none is taken up."""
    if delivery.extract == "changes":
        return sql.SQL("true")
    return sql.SQL("q.delivery_id <> {}").format(sql.Literal(delivery.delivery_id))


class _WaitingRows(VersionWriter):
    """The rows of one file that waited, as versions that the delivery opens. They are examined anew when they are sent again."""

    def __init__(self, conn: Connection, file: File, delivery: Delivery) -> None:
        super().__init__(conn, file, delivery, TAKEN_UP, sql.SQL("null::bigint"))

    def take_up(self) -> int:
        self.execute("drop table if exists pg_temp.taken_up")
        count = self.execute(READY)
        if count:
            self.apply_difference()
            self.close_rejections("select of_delivery as delivery_id, of_row as row_number, 'corrected' as closure from {typed}")
        return count

    def parts(self) -> dict[str, sql.Composable]:
        return {
            **super().parts(),
            "columns": sql.SQL(", ").join(
                sql.SQL("{} as {}").format(types.converted(column), sql.Identifier(column.name)) for column in self.file.columns
            ),
            "fields": sql.SQL(", ").join(
                sql.SQL("q.content ->> {} as {}").format(sql.Literal(column.name), sql.Identifier(column.name))
                for column in self.file.columns
            ),
            "may_be_own": _may_be_own(self.delivery),
            "awaited": sql.Literal(_awaited(self.file)),
            "are_there": sql.SQL(" and ").join(map(self._is_there, self._references())),
        }

    def _references(self) -> list[Reference]:
        """All that keep a row back, those of the file's columns and those that only a rule names."""
        return [
            Reference(rule.columns, rule.kwargs["parent_file"], tuple(rule.kwargs["parent_columns"]))
            for rule in self.file.rules
            if rule.expectation == REFERENCE and rule.severity == "warning"
        ]

    def _is_there(self, reference: Reference) -> sql.Composable:
        pairs = zip(reference.columns, reference.parent_columns, strict=True)
        return sql.SQL(IS_THERE).format(
            fields=names.columns(reference.columns, "b"),
            parent=sql.Identifier("raw", reference.parent_file),
            parent_file=sql.Literal(reference.parent_file),
            same=sql.SQL(" and ").join(
                sql.SQL("p.{} = {}").format(sql.Identifier(of_parent), types.converted(self.file.column(column)))
                for column, of_parent in pairs
            ),
        )
