"""How the text of a delivered field becomes a typed value: null for anything that is not written exactly as the interface asks.

PostgreSQL alone would take `now`, `epoch`, `01-02-03` or `20130101` for a date. A shape is compared with LIKE and a short regular
expression, which together cost a fifth of a full one; `pg_input_is_valid` then decides whether the day or number exists.
"""

from psycopg2 import sql

from iom_warehouse.contracts import Column

# SQL templates over the field `{0}`.
CONVERSIONS = {
    "date": "case when {0} like '____-__-__' and {0} !~ '[^0-9-]' and length(replace({0}, '-', '')) = 8"
    " and pg_input_is_valid({0}, 'date') then {0}::date end",
    # PostgreSQL would take hour 24, second 60, one digit for two, two hyphens for one, and a point without digits.
    "ts": "case when {0} like '____-__-__T__:__%' and {0} !~ '[^0-9TZ:.+-]|[T:+-].?[TZ:.+-]'"
    " and ({0} like '%Z' or {0} like '%+__:__' or {0} like '%-__:__')"
    " and {0} not like '%T24%' and {0} not like '%:60%' and {0} not like '%Z_%'"
    " and ({0} not like '%.%' or {0} !~ '[.][^0-9]')"
    " and pg_input_is_valid({0}, 'timestamptz') then {0}::timestamptz end",
    # One spelling per number (no leading zeros), since a whole number may be part of a key and keys are compared as delivered.
    "int": "case when {0} !~ '[^0-9-]|^0.|^-0' and pg_input_is_valid({0}, 'integer') then {0}::integer end",
    # Exponents have two digits at most: 1e131000 is a number to PostgreSQL, and a page of noughts to everybody else.
    "num": "case when {0} !~ '[^0-9.eE+-]|[eE][+-]?[0-9]{{3}}' and pg_input_is_valid({0}, 'numeric') then {0}::numeric end",
    "yn": "case {0} when 'Y' then true when 'N' then false end",
}


def is_text(column: Column) -> bool:
    """Whether the field is stored as it was delivered."""
    return column.type not in CONVERSIONS


def converted(column: Column, alias: str = "b") -> sql.Composable:
    """SQL for the typed value of a delivered field."""
    field = sql.Identifier(alias, column.name)
    return field if is_text(column) else sql.SQL(CONVERSIONS[column.type]).format(field)
