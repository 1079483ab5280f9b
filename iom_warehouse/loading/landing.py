"""Landing: every file of a delivery into a text table of its own, as delivered, by COPY."""

import re

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from iom_warehouse.contracts import File
from iom_warehouse.delivery.finding import Refused
from iom_warehouse.delivery.opening import CHUNK, OpenedFile
from iom_warehouse.loading import examination, names, types

COPY_LINE = re.compile(r"COPY \S+, line (\d+)")
QUOTED = re.compile(r' (for|in) column "([^"]*)"')
NOT_UTF8 = "22021"
NEVER_CLOSED = "unterminated CSV quoted field"  # in PostgreSQL's words
BAD_CSV = "22P04"
TOO_LARGE = "54"  # class of SQLSTATEs
# Its workers hold a lock that the dropping of a table waits for, and nothing in landing lives long enough to be cleaned.
NO_AUTOVACUUM = sql.SQL("with (autovacuum_enabled = false)")


def land_file(conn: Connection, file: File, opened: OpenedFile, delivery_id: int, is_changes: bool) -> int:
    """COPY an opened file into landing and make the typed copy of rows to examine. Returns the number of rows.

    Raises Refused for a checksum or row count that is not the manifest's and for anything that COPY cannot read. The table has
    the columns of the header that was sent; whether they are those of the contract is for validation to say.
    """
    _check_header(file, opened)
    table, typed = (names.in_landing(name(file.name, delivery_id)) for name in (names.base, names.typed))
    with conn.cursor() as cursor:
        differing = names.in_landing(names.differing(file.name, delivery_id))
        cursor.execute(sql.SQL("drop table if exists {}, {}, {} cascade").format(table, typed, differing))
        cursor.execute(
            sql.SQL("create unlogged table {} ({} bigint generated always as identity (cache 1000), {}) {}").format(
                table,
                sql.Identifier(names.ROW_NUMBER),
                sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in opened.header),
                NO_AUTOVACUUM,
            )  # fmt: skip
        )
        _copy(cursor, table, file, opened)
        rows = cursor.rowcount
        opened.check_sha256()
        has_all_columns = {column.name for column in file.columns} <= set(opened.header)
        is_partial = not is_changes and has_all_columns and examination.compare(conn, file, delivery_id)
        typed_rows = _typed_rows(conn, file, opened.header, delivery_id, has_all_columns)
        if is_partial:
            cursor.execute(sql.SQL("analyze {}").format(differing))
            cursor.execute(_whole_view(file, delivery_id, typed_rows))
        cursor.execute(_typed_table(file, delivery_id, typed_rows, is_partial))
        cursor.execute(_checked_view(file, opened.header, delivery_id, is_changes))
        _analyze(cursor, file, opened.header, table, typed)
    if rows != opened.entry.rows:
        raise opened.refuse("rows", f"has {rows:,} rows; the manifest says {opened.entry.rows:,}.")
    return rows


def _check_header(file: File, opened: OpenedFile) -> None:
    """Landing adds columns of its own; a foreign column of such a name cannot lie beside them."""
    foreign = set(opened.header) - {column.name for column in file.columns}
    if foreign & names.ADDED or any(name.endswith(names.TEXT_SUFFIX) for name in foreign):
        raise opened.refuse("header", "has a column that is not in the contract, of a name that the warehouse itself uses.")


def _copy(cursor: Cursor, table: sql.Composable, file: File, opened: OpenedFile) -> None:
    statement = sql.SQL("copy {} ({}) from stdin (format csv, force_null *, freeze)").format(table, names.columns(opened.header))
    try:
        cursor.copy_expert(statement, opened, CHUNK)
    except psycopg2.Error as error:
        if opened.is_damaged:
            raise opened.damaged() from None
        refused = _refusal(error, file, opened)
        if refused:
            opened.check_sha256()  # that the file was cut short or changed on its way is the better reason, if it is so
            raise refused from None
        raise


def _refusal(error: psycopg2.Error, file: File, opened: OpenedFile) -> Refused | None:
    """COPY's error without the line that it quotes, which is somebody's record. None when the file is not to blame."""
    context = COPY_LINE.search(error.diag.context or "")
    line = int(context[1]) + 1 if context else None  # the header line was taken off before
    if error.pgcode == NOT_UTF8:
        return opened.refuse("encoding", "is not UTF-8 or holds a NUL byte. Export it as UTF-8.", line)
    if error.pgcode == BAD_CSV and (error.diag.message_primary or "").startswith(NEVER_CLOSED):  # told of the end of the file
        what = (
            "cannot be read as CSV: a quoted field is never closed. It may begin far above; write a quote within a field twice."
        )
        return opened.refuse("csv", what)
    if error.pgcode == BAD_CSV:
        what = (
            f"cannot be read as CSV: {_without_data(error, file)}. Quote fields that hold quotes or line ends."
            " If this is the last line, the file was cut short."
        )
        return opened.refuse("csv", what, line)
    if error.pgcode and error.pgcode.startswith(TOO_LARGE):
        return opened.refuse("size", "has a field or a row that is too large to take.", line)
    return None


def _without_data(error: psycopg2.Error, file: File) -> str:
    """PostgreSQL's words. They may name a column; where the header row was left out, that name is somebody's data."""
    known = {column.name for column in file.columns}
    return QUOTED.sub(lambda found: found[0] if found[2] in known else "", error.diag.message_primary or "")


def _typed_table(file: File, delivery_id: int, typed_rows: sql.Composed, is_partial: bool) -> sql.Composed:
    """The rows to examine with typed columns. A table, so that each field is converted once, by several workers at a time."""
    typed = sql.SQL("create unlogged table {} {} as ").format(
        names.in_landing(names.typed(file.name, delivery_id)), NO_AUTOVACUUM
    )
    differing = sql.SQL(" join {} using (row_number)").format(names.in_landing(names.differing(file.name, delivery_id)))
    return typed + typed_rows + (differing if is_partial else sql.SQL(""))


def _whole_view(file: File, delivery_id: int, typed_rows: sql.Composed) -> sql.Composed:
    """All rows with the columns of the typed copy. Typed values are converted when asked for, which is rare."""
    view = names.in_landing(names.whole(file.name, delivery_id))
    return sql.SQL("create view {} as ").format(view) + typed_rows


def _typed_rows(conn: Connection, file: File, header: list[str], delivery_id: int, has_all_columns: bool) -> sql.Composed:
    """The query for typed rows. Their hash is made here too, where several workers share the rows; publishing has one."""
    known = {column.name: column for column in file.columns}
    parts: list[sql.Composable] = [sql.Identifier("b", names.ROW_NUMBER)]
    for name in header:
        field = sql.Identifier("b", name)
        if name in known and not types.is_text(known[name]):
            as_delivered = sql.Identifier(name + names.TEXT_SUFFIX)
            parts.append(
                sql.SQL("{} as {}, {} as {}").format(types.converted(known[name]), sql.Identifier(name), field, as_delivered)
            )
        else:
            parts.append(field)
    if has_all_columns:
        parts.append(sql.SQL("{} as {}").format(examination.hash_of_row(conn, file), sql.Identifier(names.EXAMINED_AS)))
    base = names.in_landing(names.base(file.name, delivery_id))
    return sql.SQL("select {} from {} b").format(sql.SQL(", ").join(parts), base)


def _analyze(cursor: Cursor, file: File, header: list[str], *tables: sql.Identifier) -> None:
    """Statistics of the columns that rows are found by: keys and references."""
    wanted = {*file.key, *(name for reference in file.references for name in reference.columns)}
    columns = names.columns([name for name in header if name in wanted] or [names.ROW_NUMBER])
    cursor.execute("set local default_statistics_target = 10")  # a rough number of distinct keys is enough
    for table in tables:
        cursor.execute(sql.SQL("analyze {} ({})").format(table, columns))


def _checked_view(file: File, header: list[str], delivery_id: int, is_changes: bool) -> sql.Composed:
    lives = " where change is distinct from 'delete'" if is_changes and names.CHANGE in header else ""
    return sql.SQL("create view {} as select * from {}" + lives).format(
        names.in_landing(names.checked(file.name, delivery_id)), names.in_landing(names.typed(file.name, delivery_id))
    )


def finish(conn: Connection, feed: str, delivery_id: int) -> None:
    """Note, once all files of a delivery are landed, with which state of the feed their rows were compared."""
    table = names.in_landing(names.landed(delivery_id))
    with conn.cursor() as cursor:
        cursor.execute(sql.SQL("drop table if exists {}").format(table))
        cursor.execute(
            sql.SQL("create unlogged table {} as select {}::bigint as sequence").format(
                table, sql.Literal(examination.compared_with(conn, feed))
            )
        )


def is_complete(conn: Connection, feed: str, delivery_id: int) -> bool:
    """Whether what was landed is still there, and was compared with what is current now.

    A crash of the server empties unlogged tables, the note of what was compared among them.
    """
    table = names.landed(delivery_id)
    with conn.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", (f"landing.{table}",))
        if cursor.fetchone()[0] is None:
            return False
        cursor.execute(sql.SQL("select sequence from {}").format(names.in_landing(table)))
        return cursor.fetchone() == (examination.compared_with(conn, feed),)


def clear(conn: Connection, delivery_id: int) -> None:
    """Drop everything that the delivery has in landing."""
    with conn.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = 'landing'::regnamespace and relkind = 'r' and"
            " relname ~ ('_' || %s::text || '(_typed|_differing)?$')",
            (delivery_id,),
        )
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("drop table if exists {} cascade").format(names.in_landing(table)))
