"""Writing versions: a row that is unchanged writes nothing, one that changed is closed and opened again."""

import io

import polars as pl
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from iom_warehouse.configuration import tables
from iom_warehouse.configuration.declaration import ConfigurationFile
from iom_warehouse.configuration.reading import ROW

INCOMING = sql.Identifier("incoming_configuration")


def write(cursor: Cursor, file: ConfigurationFile, rows: pl.DataFrame, configuration_id: int) -> tuple[int, int]:
    """Bring reference.<file> to `rows` (typed, without findings); returns how many rows were opened and closed."""
    names = [column.name for column in file.columns]
    parts = {
        "reference": tables.table(file),
        "incoming": INCOMING,
        "columns": _list(names),
        "same": sql.SQL(" and ").join(
            [*(_equal(name) for name in file.full_key), *(_not_distinct(name) for name in names if name not in file.full_key)]
        ),
        "id": sql.Literal(configuration_id),
    }
    _copy(cursor, parts, rows.drop(ROW))
    cursor.execute(_CLOSE.format(**parts))
    closed = cursor.rowcount
    cursor.execute(_OPEN.format(**parts))
    opened = cursor.rowcount
    cursor.execute(sql.SQL("drop table {}").format(INCOMING))
    return opened, closed


_CLOSE = sql.SQL("""
    update {reference} as held set closed_by_configuration = {id}
    where closed_by_configuration is null and not exists (select from {incoming} as given where {same})""")
_OPEN = sql.SQL("""
    insert into {reference} ({columns}, opened_by_configuration)
    select {columns}, {id} from {incoming} as given
    where not exists (select from {reference} as held where closed_by_configuration is null and {same})""")


def _copy(cursor: Cursor, parts: dict[str, sql.Composable], rows: pl.DataFrame) -> None:
    cursor.execute(sql.SQL("create temporary table {incoming} as select {columns} from {reference} with no data").format(**parts))
    content = io.BytesIO()
    numbers_as_written = pl.col(pl.Float64).cast(pl.String).str.strip_suffix(".0")
    rows.with_columns(numbers_as_written).write_csv(content, include_header=False, quote_style="always")
    content.seek(0)
    cursor.copy_expert(sql.SQL("copy {incoming} ({columns}) from stdin (format csv, force_null *)").format(**parts), content)
    cursor.execute(sql.SQL("analyze {incoming}").format(**parts))


def _list(names: list[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _equal(name: str) -> sql.Composable:
    return sql.SQL("held.{0} = given.{0}").format(sql.Identifier(name))


def _not_distinct(name: str) -> sql.Composable:
    return sql.SQL("held.{0} is not distinct from given.{0}").format(sql.Identifier(name))
