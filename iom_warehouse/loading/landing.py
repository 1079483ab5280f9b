"""Landing: every file of a delivery into a text table of its own, as delivered, by COPY."""

import re
from collections.abc import Mapping

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import File
from iom_warehouse.delivery.finding import Refused
from iom_warehouse.delivery.opening import CHUNK, OpenedFile
from iom_warehouse.loading import names, types

COPY_LINE = re.compile(r"COPY \S+, line (\d+)")
QUOTED = re.compile(r' (for|in) column "([^"]*)"')
NOT_UTF8 = "22021"
BAD_CSV = "22P04"
TOO_LARGE = "54"  # class of SQLSTATEs


def land_file(conn: Connection, file: File, opened: OpenedFile, delivery_id: int, is_changes: bool) -> int:
    """COPY an opened file into landing and make its typed view. Returns the number of rows.

    Raises Refused for a checksum or row count that is not the manifest's and for anything that COPY cannot read. The table has
    the columns of the header that was sent; whether they are those of the contract is for validation to say.
    """
    _check_header(file, opened)
    table = names.in_landing(names.base(file.name, delivery_id))
    with conn.cursor() as cursor:
        cursor.execute(sql.SQL("drop table if exists {} cascade").format(table))
        cursor.execute(
            sql.SQL("create unlogged table {} ({} bigint generated always as identity (cache 1000), {})").format(
                table,
                sql.Identifier(names.ROW_NUMBER),
                sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in opened.header),
            )  # fmt: skip
        )
        _copy(cursor, table, file, opened)
        rows = cursor.rowcount
        opened.check_sha256()
        cursor.execute(_typed_view(file, opened.header, delivery_id, is_changes))
        cursor.execute(sql.SQL("analyze {}").format(table))
    if rows != opened.entry.rows:
        raise opened.refuse("rows", f"has {rows:,} rows; the manifest says {opened.entry.rows:,}.")
    return rows


def _check_header(file: File, opened: OpenedFile) -> None:
    """Landing adds columns of its own; a foreign column of such a name cannot lie beside them."""
    foreign = set(opened.header) - {column.name for column in file.columns}
    if any(name == names.ROW_NUMBER or name.endswith(names.SUFFIXES) for name in foreign):
        raise opened.refuse("header", "has a column that is not in the contract, of a name that the warehouse itself uses.")


def _copy(cursor, table: sql.Composable, file: File, opened: OpenedFile) -> None:
    statement = sql.SQL("copy {} ({}) from stdin (format csv, force_null *)").format(table, names.columns(opened.header))
    try:
        cursor.copy_expert(statement, opened, CHUNK)
    except psycopg2.Error as error:
        if opened.is_damaged:
            raise opened.damaged() from None
        refused = _refusal(error, file, opened)
        if refused:
            raise refused from None
        raise


def _refusal(error: psycopg2.Error, file: File, opened: OpenedFile) -> Refused | None:
    """COPY's error without the line that it quotes, which is somebody's record. None when the file is not to blame."""
    context = COPY_LINE.search(error.diag.context or "")
    line = int(context[1]) + 1 if context else None  # the header line was taken off before
    if error.pgcode == NOT_UTF8:
        return opened.refuse("encoding", "is not UTF-8 or holds a NUL byte. Export it as UTF-8.", line)
    if error.pgcode == BAD_CSV:
        what = f"cannot be read as CSV: {_without_data(error, file)}. Quote fields that hold quotes or line ends."
        return opened.refuse("csv", what, line)
    if error.pgcode and error.pgcode.startswith(TOO_LARGE):
        return opened.refuse("size", "has a field or a row that is too large to take.", line)
    return None


def _without_data(error: psycopg2.Error, file: File) -> str:
    """PostgreSQL's words. They may name a column; where the header row was left out, that name is somebody's data."""
    known = {column.name for column in file.columns}
    return QUOTED.sub(lambda found: found[0] if found[2] in known else "", error.diag.message_primary or "")


def _typed_view(file: File, header: list[str], delivery_id: int, is_changes: bool) -> sql.Composed:
    """The delivered rows with typed columns, each conversion done once per row (`offset 0` keeps the planner from repeating it).

    Rows of a `changes` file that ask for a deletion are left out: only their key matters.
    """
    known = {column.name: column for column in file.columns}
    texts = [name for name in header if name not in known or types.is_text(known[name])]
    converted = [known[name] for name in header if name not in texts]
    outer = [sql.Identifier(names.ROW_NUMBER), *map(sql.Identifier, texts)]
    inner = [sql.SQL("b.*")]
    for column in converted:
        value, text = sql.Identifier(column.name + names.VALUE_SUFFIX), sql.Identifier(column.name)
        inner.append(sql.SQL("{} as {}").format(types.strict(column), value))
        outer.append(sql.SQL("{} as {}, {} as {}").format(value, text, text, sql.Identifier(column.name + names.TEXT_SUFFIX)))
    upserts = sql.SQL(" where b.change is distinct from 'delete'") if is_changes and names.CHANGE in header else sql.SQL("")
    return sql.SQL("create view {} as select {} from (select {} from {} b{} offset 0) typed").format(
        names.in_landing(names.typed(file.name, delivery_id)), sql.SQL(", ").join(outer), sql.SQL(", ").join(inner),
        names.in_landing(names.base(file.name, delivery_id)), upserts,
    )  # fmt: skip


def is_complete(conn: Connection, rows: Mapping[str, int], delivery_id: int) -> bool:
    """Whether what was landed is still there. A crash of the server empties unlogged tables, always the whole of them."""
    with conn.cursor() as cursor:
        for file, count in rows.items():
            table = names.base(file, delivery_id)
            cursor.execute("select to_regclass(%s)", (f"landing.{table}",))
            if cursor.fetchone()[0] is None:
                return False
            cursor.execute(sql.SQL("select exists (select from {})").format(names.in_landing(table)))
            if cursor.fetchone()[0] != (count > 0):
                return False
    return True


def clear(conn: Connection, delivery_id: int) -> None:
    """Drop everything that the delivery has in landing."""
    with conn.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = 'landing'::regnamespace and relkind = 'r' and"
            " relname ~ ('_' || %s::text || '$')",
            (delivery_id,),
        )
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("drop table if exists {} cascade").format(names.in_landing(table)))
