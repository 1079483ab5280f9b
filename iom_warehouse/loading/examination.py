"""Which rows of a full file are examined: those that differ from what is current, and those that were not found right before.

Most of a full extract is what it was the night before. A version of `raw` keeps a hash of the row as it was delivered, in
`examined_as`, when the row broke no rule that judges it by itself. The same text under the same rules passes again, so it is not
converted, not asked again, and not compared column by column. Rules on shares, keys and references look at all rows every night.
"""

import hashlib
import json
from functools import cache
from pathlib import Path

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import File
from iom_warehouse.loading import ledger, names, rejections, rows, types


def rules_in_force(conn: Connection, file: File) -> int:
    """A number for what a row is held to: the file's columns, its rules on single rows, and how values are read and checked.

    It goes into the hashes, so that a change of any of them lets every row be examined once more. A new release of Great
    Expectations is none: what its expectations on single rows mean does not change.
    """
    with conn.cursor() as cursor:
        cursor.execute(
            "select pg_get_functiondef(oid) from pg_proc where pronamespace = 'identifiers'::regnamespace order by proname, oid"
        )
        functions = [definition for (definition,) in cursor.fetchall()]
    columns = [(column.name, column.type) for column in file.columns]
    rules = [(rule.rule_id, rule.expectation, rule.kwargs) for rule in file.rules if rows.is_lasting(rule)]
    content = json.dumps([columns, rules, functions, *_code()], sort_keys=True, default=str)
    return int.from_bytes(hashlib.sha256(content.encode()).digest()[:8], "big", signed=True)


@cache
def _code() -> tuple[str, ...]:
    """How values are read and rules are asked."""
    return tuple((Path(__file__).parent / name).read_text("utf-8") for name in ("types.py", "rows.py", "expectations.py"))


def hash_of_row(conn: Connection, file: File) -> sql.Composed:
    """SQL for the hash of a row `b` of the file as it was delivered."""
    return sql.SQL("hash_record_extended(row({}), {})").format(
        names.columns([column.name for column in file.columns], "b"), sql.Literal(rules_in_force(conn, file))
    )


def hash_to_keep(conn: Connection, file: File, delivery_id: int) -> sql.Composable:
    """SQL for the hash that a version of a typed row `b` gets: null where the row broke a rule that judges it by itself."""
    lasting = [rule.rule_id for rule in file.rules if rows.is_lasting(rule)]
    noted = rejections.noted_rows(conn, delivery_id, file.name, lasting)
    examined_as = sql.Identifier("b", names.EXAMINED_AS)
    return sql.SQL("case when not {} then {} end").format(noted, examined_as) if noted else examined_as


def compare(conn: Connection, file: File, delivery_id: int) -> bool:
    """Put the rows to examine into a table: row_number, and the key of the current version, either of which may be null.

    A version without a row is gone from the file. Returns False, without a table, when no version is current.
    """
    with conn.cursor() as cursor:
        raw = sql.Identifier("raw", file.name)
        cursor.execute(sql.SQL("select exists (select from {} where closed_by_sequence is null)").format(raw))
        if not cursor.fetchone()[0]:
            return False
        # The planner takes most rows to differ, and would leave a join of two whole files to one process.
        cursor.execute("set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0")
        cursor.execute(
            sql.SQL(
                "create unlogged table {differing} with (autovacuum_enabled = false) as"
                " select b.row_number, {raw_key} from {base} b"
                " full join (select {key}, {examined_as} from {raw} where closed_by_sequence is null) r on {same_key}"
                " where r.{examined_as} is distinct from {hash}"
            ).format(
                differing=names.in_landing(names.differing(file.name, delivery_id)),
                base=names.in_landing(names.base(file.name, delivery_id)), raw=raw, hash=hash_of_row(conn, file),
                key=names.columns(file.key), raw_key=names.columns(file.key, "r"), examined_as=sql.Identifier(names.EXAMINED_AS),
                same_key=sql.SQL(" and ").join(
                    sql.SQL("{} = {}").format(types.converted(file.column(name)), sql.Identifier("r", name)) for name in file.key
                ),
            )
        )  # fmt: skip
        cursor.execute("reset parallel_setup_cost; reset parallel_tuple_cost")
    return True


def is_partial(conn: Connection, file: File, delivery_id: int) -> bool:
    """Whether a landed file was compared, so that only a part of its rows has a typed copy."""
    with conn.cursor() as cursor:
        cursor.execute("select to_regclass(%s) is not null", (f"landing.{names.differing(file.name, delivery_id)}",))
        return cursor.fetchone()[0]


def compared_with(conn: Connection, feed: str) -> int:
    """The feed's last published sequence, with whose rows a delivery is compared now; 0 when there is none."""
    last = ledger.last_published(conn, feed)
    return (last.sequence or 0) if last else 0
