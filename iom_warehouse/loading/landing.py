"""Landing: every file of a delivery into a text table of its own, as delivered, by COPY."""

import gzip
import re
import zlib
from collections.abc import Mapping

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import File
from iom_warehouse.delivery.finding import Finding, Refused
from iom_warehouse.delivery.opening import CHUNK, OpenedFile
from iom_warehouse.loading import names, types

COPY_LINE = re.compile(r"COPY \S+, line (\d+)")
NOT_UTF8 = "22021"
BAD_CSV = "22P04"


def land_file(conn: Connection, file: File, opened: OpenedFile, delivery_id: int, is_changes: bool) -> int:
    """COPY an opened file into landing and make its typed view. Returns the number of rows.

    Raises Refused for a checksum or row count that is not the manifest's and for anything that COPY cannot read. The table has the
    columns of the header that was sent; whether they are those of the contract is for validation to say.
    """
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
        _copy(cursor, table, opened)
        rows = cursor.rowcount
        opened.check_sha256()
        cursor.execute(_typed_view(file, opened.header, delivery_id, is_changes))
        cursor.execute(sql.SQL("analyze {}").format(table))
    if rows != opened.entry.rows:
        message = f"{opened.entry.name} has {rows:,} rows; the manifest says {opened.entry.rows:,}. Send the delivery again with a new sequence."
        raise Refused(Finding(f"{file.name}.rows", message, file=file.name))
    return rows


def _copy(cursor, table: sql.Composable, opened: OpenedFile) -> None:
    if names.ROW_NUMBER in opened.header:
        raise _unreadable(opened, "header", f"has a column {names.ROW_NUMBER}, which the contract does not know.", None)
    statement = sql.SQL("copy {} ({}) from stdin (format csv, force_null *)").format(table, names.columns(opened.header))
    try:
        cursor.copy_expert(statement, opened.rows, CHUNK)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise opened.truncated() from None
    except psycopg2.Error as error:
        if isinstance(error.__context__, EOFError | zlib.error | gzip.BadGzipFile) or "truncated" in str(error).lower():
            raise opened.truncated() from None
        raise _explained(error, opened) from None


def _explained(error: psycopg2.Error, opened: OpenedFile) -> Exception:
    """COPY's error without the line that it quotes, which is somebody's record."""
    context = COPY_LINE.search(error.diag.context or "")
    line = int(context[1]) + 1 if context else None  # the header line was taken off before
    if error.pgcode == NOT_UTF8:
        return _unreadable(opened, "encoding", "is not UTF-8 or holds a NUL byte. Export it as UTF-8.", line)
    if error.pgcode == BAD_CSV:
        return _unreadable(
            opened,
            "csv",
            f"cannot be read as CSV: {error.diag.message_primary}. Quote fields that hold quotes or line ends.",
            line,
        )
    if error.pgcode and error.pgcode.startswith("54"):
        return _unreadable(opened, "size", "has a field or a row that is too large to take.", line)
    return psycopg2.OperationalError(f"COPY failed with SQLSTATE {error.pgcode}")


def _unreadable(opened: OpenedFile, rule: str, what: str, line: int | None) -> Refused:
    where = f", line {line:,}," if line else ""
    file = opened.entry.file
    message = f"{opened.entry.name}{where} {what} Send the delivery again with a new sequence."
    return Refused(Finding(f"{file}.{rule}", message, file=file, row_number=line))


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
        value, text = sql.Identifier(f"{column.name}__value"), sql.Identifier(column.name)
        inner.append(sql.SQL("{} as {}").format(types.strict(column), value))
        outer.append(sql.SQL("{} as {}, {} as {}").format(value, text, text, sql.Identifier(column.name + names.TEXT_SUFFIX)))
    upserts = sql.SQL(" where b.change is distinct from 'delete'") if is_changes and names.CHANGE in header else sql.SQL("")
    return sql.SQL("create view {} as select {} from (select {} from {} b{} offset 0) typed").format(
        names.in_landing(names.typed(file.name, delivery_id)), sql.SQL(", ").join(outer), sql.SQL(", ").join(inner),
        names.in_landing(names.base(file.name, delivery_id)), upserts,
    )  # fmt: skip


def is_complete(conn: Connection, rows: Mapping[str, int], delivery_id: int) -> bool:
    """Whether everything that was landed is still there: a crash of the server empties unlogged tables."""
    with conn.cursor() as cursor:
        for file, count in rows.items():
            cursor.execute("select to_regclass(%s)", (f"landing.{names.base(file, delivery_id)}",))
            if cursor.fetchone()[0] is None:
                return False
            cursor.execute(sql.SQL("select count(*) from {}").format(names.in_landing(names.base(file, delivery_id))))
            if cursor.fetchone()[0] != count:
                return False
    return True


def clear(conn: Connection, delivery_id: int) -> None:
    """Drop everything that the delivery has in landing."""
    with conn.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = 'landing'::regnamespace and relkind = 'r' and relname ~ ('_' || %s::text || '$')",
            (delivery_id,),
        )
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("drop table if exists {} cascade").format(names.in_landing(table)))
