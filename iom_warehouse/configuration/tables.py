"""The tables `reference.<file>`, made and widened from the declaration; nothing else creates them."""

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from iom_warehouse.configuration.declaration import ConfigurationFile, files

SCHEMA = "reference"
VERSION_COLUMNS = {"opened_by_configuration": "bigint", "closed_by_configuration": "bigint"}


def create(cursor: Cursor) -> None:
    """Make the tables and columns that are missing. Where nothing is missing, nothing is locked."""
    cursor.execute("select table_name, column_name from information_schema.columns where table_schema = %s", (SCHEMA,))
    present = set(cursor.fetchall())
    for file in files():
        if (file.name, "effective_from") not in present:
            _create_table(cursor, file)
            continue
        for column in file.columns:
            if (file.name, column.name) not in present:
                cursor.execute(_sql("alter table {} add column {} {}", table(file), column.name, sql.SQL(column.sql_type)))
                _comment(cursor, file, column.name, column.describes)


def table(file: ConfigurationFile) -> sql.Composable:
    return sql.Identifier(SCHEMA, file.name)


def _create_table(cursor: Cursor, file: ConfigurationFile) -> None:
    columns = [
        _sql("{} {}{}", column.name, sql.SQL(column.sql_type), sql.SQL(" not null" if column.required else ""))
        for column in file.columns
    ]
    opened, closed = VERSION_COLUMNS
    columns += [
        _sql("{} bigint not null references audit.configuration", opened),
        _sql("{} bigint references audit.configuration", closed),
    ]
    cursor.execute(_sql("create table {} ({})", table(file), sql.SQL(", ").join(columns)))
    key = sql.SQL(", ").join(map(sql.Identifier, file.full_key))
    cursor.execute(_sql("create unique index {} on {} ({}) where {} is null", f"{file.name}_current", table(file), key, closed))
    cursor.execute(_sql("comment on table {} is {}", table(file), sql.Literal(file.describes)))
    for column in file.columns:
        _comment(cursor, file, column.name, column.describes)
    _comment(cursor, file, opened, "Configuration that brought this row; part of a build's vintage.")
    _comment(cursor, file, closed, "First configuration without this row; empty while it is current.")


def _comment(cursor: Cursor, file: ConfigurationFile, column: str, text: str) -> None:
    cursor.execute(_sql("comment on column {} is {}", sql.Identifier(SCHEMA, file.name, column), sql.Literal(text)))


def _sql(template: str, *parts: str | sql.Composable) -> sql.Composed:
    """A statement from a template; plain strings are identifiers."""
    return sql.SQL(template).format(*(part if isinstance(part, sql.Composable) else sql.Identifier(part) for part in parts))
