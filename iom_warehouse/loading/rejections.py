"""Which rows of a landed delivery broke which rule, in an unlogged table of its own until the delivery is decided.

Severity warning keeps the row back; info only notes it.
"""

from collections.abc import Sequence

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import File, Reference, Rule
from iom_warehouse.loading import names, rows, types

MOST_NOTED_ROWS = 100_000  # of an `info` rule
DELETION = "delete"
KINDS_OF_CHANGE = ("upsert", DELETION)


def make(conn: Connection, delivery_id: int) -> None:
    """Make the table, empty."""
    table = _table(delivery_id)
    with conn.cursor() as cursor:
        cursor.execute(sql.SQL("drop table if exists {}").format(table))
        cursor.execute(
            sql.SQL(
                "create unlogged table {} (file text not null, row_number bigint not null, column_name text,"
                " rule_id text not null,"
                " severity text not null, primary key (file, row_number, rule_id))"
            ).format(table)
        )


def rejected_count(conn: Connection, delivery_id: int, file: str) -> int:
    """Rows of the file that at least one warning rule rejects."""
    query = sql.SQL("select count(distinct row_number) from {} where file = %s and severity = 'warning'")
    with conn.cursor() as cursor:
        cursor.execute(query.format(_table(delivery_id)), (file,))
        return cursor.fetchone()[0]


def noted_rows(conn: Connection, delivery_id: int, file: str, rule_ids: Sequence[str]) -> sql.Composable | None:
    """SQL condition for the rows `b` of a file that broke one of the rules; None when no row did.

    It holds for every row when more rows broke a rule than are written down.
    """
    with conn.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "select coalesce(bool_or(severity = 'info' and row_count = %s), false), count(*) from ("
                " select severity, count(*) as row_count from {} where file = %s and rule_id = any(%s) group by rule_id, severity"
                ") noted"
            ).format(_table(delivery_id)),
            (MOST_NOTED_ROWS, file, list(rule_ids)),
        )
        is_cut_short, rules = cursor.fetchone()
    if is_cut_short:
        return sql.SQL("true")
    if not rules:
        return None
    return sql.SQL("exists (select from {} j where j.file = {} and j.row_number = b.row_number and j.rule_id = any({}))").format(
        _table(delivery_id), sql.Literal(file), sql.Literal(list(rule_ids))
    )


def note(conn: Connection, rule: Rule, delivered: rows.DeliveredFile) -> int:
    """Write down which rows broke a rule. Returns how many; 0 for a rule on the whole file. Those of a share are only counted."""
    if not rows.counts_rows(rule):
        return 0
    failing = rows.failing(rule, delivered)
    if rows.judges_rows(rule):
        return _insert(conn, delivered, rule.rule_id, ", ".join(rule.columns) or None, rule.severity, failing)
    with conn.cursor() as cursor:
        cursor.execute(sql.SQL("select count(*) from ({}) failing").format(failing))
        return cursor.fetchone()[0]


def reject_bad_changes(conn: Connection, delivered: rows.DeliveredFile) -> None:
    """What the interface asks of a `changes` row, whatever its file: a known kind of change, and a key where it deletes."""
    if not delivered.is_changes:
        return
    key = sql.SQL(", ").join(types.converted(delivered.file.column(name)) for name in delivered.file.key)
    unknown = sql.SQL("coalesce(b.change, '') <> all ({})").format(sql.Literal(list(KINDS_OF_CHANGE)))
    unreadable = sql.SQL("b.change = {} and num_nulls({}) > 0").format(sql.Literal(DELETION), key)
    for name, predicate in (("code", unknown), ("key", unreadable)):
        failing = sql.SQL("select b.row_number from {} b where {}").format(delivered.base, predicate)
        _insert(conn, delivered, f"{delivered.file.name}.{names.CHANGE}.{name}", names.CHANGE, "warning", failing)


def reject_children(conn: Connection, delivered: rows.DeliveredFile) -> None:
    """A rejected parent rejects the rows that refer to it, unless the same key was also delivered in a row that stands."""
    for reference in delivered.file.references:
        if reference.parent_file in delivered.landed and rejected_count(conn, delivered.delivery_id, reference.parent_file):
            failing = _children_of_rejected(delivered, reference)
            _insert(conn, delivered, parent_rule(delivered.file, reference), ", ".join(reference.columns), "warning", failing)


def parent_rule(file: File, reference: Reference) -> str:
    """What the rejection of a rejected parent's child is called."""
    return f"{file.name}.{'_'.join(reference.columns)}.parent_rejected"


def waiting_in_words(file: File) -> dict[str, str]:
    """By the name of each such rule, what a row must keep to that no rule of the contract says."""
    return {
        parent_rule(file, reference): f"The row of {reference.parent_file} that {' and '.join(reference.columns)} names is right."
        for reference in file.references
    }


def forget_taken_up(conn: Connection, delivery_id: int) -> None:
    """Rows that waited for others and were taken up by their own delivery are kept back no longer: nobody need correct them."""
    query = sql.SQL(
        "delete from {} r using audit.rejected_row a where a.delivery_id = {id} and a.closed_by_delivery = {id}"
        " and a.closure = 'corrected'"
        " and (a.file, a.row_number) = (r.file, r.row_number) and r.severity = 'warning'"
    )
    with conn.cursor() as cursor:
        cursor.execute(query.format(_table(delivery_id), id=sql.Literal(delivery_id)))


def _children_of_rejected(delivered: rows.DeliveredFile, reference: Reference) -> sql.Composed:
    """A deletion needs no parent, so it is none of them."""
    pairs = zip(reference.columns, reference.parent_columns, strict=True)
    same = sql.SQL(" and ").join(sql.SQL("c.{} = p.{}").format(*map(sql.Identifier, pair)) for pair in pairs)
    lives = sql.SQL(" and c.change is distinct from {}").format(sql.Literal(DELETION)) if delivered.is_changes else sql.SQL("")
    return sql.SQL(
        "select c.row_number from {child} c join {parent} p on {same}{lives}"
        " left join {rejections} r on r.file = {parent_file} and r.row_number = p.row_number and r.severity = 'warning'"
        " group by c.row_number having bool_and(r.row_number is not null)"
    ).format(
        child=delivered.base,
        parent=names.in_landing(names.base(reference.parent_file, delivered.delivery_id)),
        same=same,
        lives=lives,
        rejections=_table(delivered.delivery_id),
        parent_file=sql.Literal(reference.parent_file),
    )


def _insert(
    conn: Connection, delivered: rows.DeliveredFile, rule_id: str, column: str | None, severity: str, failing: sql.Composable
) -> int:
    """Write failing rows down: all where they are rejected, else the first ones. Returns how many there are."""
    values = map(sql.Literal, (delivered.file.name, column, rule_id, severity))
    most = MOST_NOTED_ROWS if severity == "info" else None
    statement = sql.SQL(
        "with failing as materialized ({}),"
        " written as (insert into {} select {}, f.row_number, {}, {}, {} from failing f limit {} on conflict do nothing)"
        " select count(*) from failing"
    ).format(failing, _table(delivered.delivery_id), *values, sql.Literal(most))
    with conn.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def _table(delivery_id: int) -> sql.Identifier:
    return names.in_landing(names.rejections(delivery_id))
