"""How the text of a delivered field becomes a typed value, and when it does not.

`strict` gives null for anything that is not written exactly as the interface asks; PostgreSQL alone would take `now`, `epoch`,
`01-02-03` or `20130101` for a date. A shape is compared with LIKE and a character class, which costs a fifth of a full regular
expression; `pg_input_is_valid` then decides whether the day or number exists.
"""

from dataclasses import dataclass

from psycopg2 import sql

from iom_warehouse.contracts import Column


@dataclass(frozen=True)
class Conversion:
    """SQL templates over the field `{0}`: `strict` is null for text that is no such value, `plain` for text known to be one."""

    strict: str
    plain: str


_DATE = "case when {0} like '____-__-__' and {0} !~ '[^0-9-]' and pg_input_is_valid({0}, 'date') then {0}::date end"
_TIMESTAMP = (
    "case when {0} like '____-__-__T__:__%%' and {0} !~ '[^0-9TZ:.+-]' "
    "and ({0} like '%%Z' or {0} like '%%+__:__' or {0} like '%%-__:__') "
    "and pg_input_is_valid({0}, 'timestamptz') then {0}::timestamptz end"
).replace("%%", "%")
# One spelling per number (no leading zeros), since a whole number may be part of a key and keys are compared as delivered.
_INTEGER = "case when {0} !~ '[^0-9-]|^0.|^-0' and pg_input_is_valid({0}, 'integer') then {0}::integer end"
_NUMBER = "case when {0} !~ '[^0-9.eE+-]' and pg_input_is_valid({0}, 'numeric') then {0}::numeric end"
_YES_NO = "case {0} when 'Y' then true when 'N' then false end"

CONVERSIONS = {
    "date": Conversion(_DATE, "{0}::date"),
    "ts": Conversion(_TIMESTAMP, "{0}::timestamptz"),
    "int": Conversion(_INTEGER, "{0}::integer"),
    "num": Conversion(_NUMBER, "{0}::numeric"),
    "yn": Conversion(_YES_NO, "({0} = 'Y')"),
}


def is_text(column: Column) -> bool:
    """Whether the field is stored as it was delivered."""
    return column.type not in CONVERSIONS


def strict(column: Column, alias: str = "b") -> sql.Composable:
    """The typed value of a delivered field, or null when it is not written as the interface asks."""
    return _expression(column, alias, "strict")


def plain(column: Column, alias: str = "b") -> sql.Composable:
    """The typed value of a delivered field that validation has let through."""
    return _expression(column, alias, "plain")


def _expression(column: Column, alias: str, which: str) -> sql.Composable:
    field = sql.Identifier(alias, column.name)
    if is_text(column):
        return field
    return sql.SQL(getattr(CONVERSIONS[column.type], which)).format(field)
