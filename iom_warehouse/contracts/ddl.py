"""The tables of `raw` that a contract asks for, as SQL: one table per file, every published version of every row.

With them goes the list of the files that hold people, from which a look has its names.

A version is current at a feed's sequence V when opened_by_sequence <= V and its closed_by_sequence is null or above V.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from iom_warehouse.contracts.model import STAGES, Column, Contract, ContractError, File, Role

SCHEMA = "raw"
VERSION_COLUMNS: Mapping[str, str] = {
    "opened_by_sequence": "bigint not null",
    "closed_by_sequence": "bigint",
    "recorded_from": "timestamptz not null",
    "recorded_to": "timestamptz",
}
LOADING_COLUMNS: Mapping[str, str] = {"examined_as": "bigint"}  # by which loading knows a row again; no other stage reads it
NAME_IN_CATALOGUE = {"timestamptz": "timestamp with time zone"}
EXISTING_TABLES = """
    select
        c.relname,
        (select jsonb_object_agg(a.attname, format_type(a.atttypid, a.atttypmod))
         from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
        (select jsonb_agg(a.attname order by k.position)
         from pg_index i
         cross join unnest(i.indkey::int2[]) with ordinality as k (attnum, position)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
         where i.indexrelid = to_regclass(format('%%I.%%I', n.nspname, c.relname || '_current')))
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = %s and c.relname = any(%s) and c.relkind = 'r'
"""
FORGET_FILES_OF_PEOPLE = "delete from access.file_of_people where file <> all(%s)"
NOTE_FILE_OF_PEOPLE = "insert into access.file_of_people (file, key_column) values (%s, %s) on conflict (file) do nothing"


@dataclass(frozen=True)
class Table:
    """A table as it stands in the database: its columns with their SQL types, and the key of its current rows."""

    columns: Mapping[str, str]
    key: tuple[str, ...]


def apply(connection: Any, contracts: Iterable[Contract]) -> None:
    """Bring the tables of `raw`, and which of them hold people, to what the contracts (all there are) say, in the transaction of
    `connection` (psycopg2, as the owner).

    Does nothing the second time. Raises ContractError when a contract contradicts a table that exists.
    """
    found = list(contracts)
    with connection.cursor() as cursor:
        for contract in found:
            cursor.execute(EXISTING_TABLES, (SCHEMA, [file.name for file in contract.files]))
            existing = {name: Table(columns, tuple(key or ())) for name, columns, key in cursor.fetchall()}
            check(contract, existing)
            cursor.execute("\n".join(statements(contract, existing)))
        people = [contract.people for contract in found if contract.people]
        cursor.execute(FORGET_FILES_OF_PEOPLE, ([file.name for file in people],))
        for file in people:
            cursor.execute(NOTE_FILE_OF_PEOPLE, (file.name, *file.key))


def statements(contract: Contract, existing: Mapping[str, Table] | None = None) -> list[str]:
    """Idempotent SQL for all files of a contract: tables, columns that were added since, indexes, comments and grants.

    Tables of `existing` that have every column are not altered, so that nobody who reads them is waited for.
    """
    found: list[str] = []
    for file in contract.files:
        table = (existing or {}).get(file.name)
        if table is None or any(column.name not in table.columns for column in file.columns):
            found += _table(contract, file)
        found += [*_comments(file), *_grants(contract, file)]
    return found


def check(contract: Contract, existing: Mapping[str, Table]) -> None:
    """Raise ContractError when a file lost a column, or changed a column's type or its key: published rows need them."""
    for file in contract.files:
        if file.name in existing:
            _check_file(file, existing[file.name])


def _check_file(file: File, table: Table) -> None:
    place = f"The contract of {file.feed} and the table {SCHEMA}.{file.name} disagree:"
    wanted = {column.name: column for column in file.columns}
    for name, sql_type in table.columns.items():
        if name in VERSION_COLUMNS or name in LOADING_COLUMNS:
            continue
        if name not in wanted:
            raise ContractError(
                f"{place} the contract no longer has the column {name}.",
                f"A column may be added but not dropped. Put {name} back; an agency that has no values for it sends it empty.",
            )
        if sql_type != _catalogue_name(wanted[name]):
            raise ContractError(
                f"{place} the column {name} is {sql_type} in the table and {_catalogue_name(wanted[name])} in the contract.",
                "A type may not change under published rows. Add a column of the new type under a new name.",
            )
    if table.key != file.key:
        raise ContractError(
            f"{place} the key is ({', '.join(table.key)}) in the table and ({', '.join(file.key)}) in the contract.",
            "A key may not change under published rows. Add a file with the new key under a new name.",
        )


def _table(contract: Contract, file: File) -> list[str]:
    table = f'{SCHEMA}."{file.name}"'
    columns = [f'"{column.name}" {column.sql_type}{" not null" if column.is_key else ""}' for column in file.columns]
    columns += [f"{name} {definition}" for name, definition in {**VERSION_COLUMNS, **LOADING_COLUMNS}.items()]
    columns.append(  # one expression, since every row of a first load goes through it
        "check (case when closed_by_sequence is null then recorded_to is null"
        " else closed_by_sequence > opened_by_sequence and recorded_to is not null and recorded_to >= recorded_from end)"
    )
    added = [column for column in file.columns if not column.is_key]
    key, looked_up = (", ".join(map(_quoted, names)) for names in (file.key, contract.looked_up_by(file)))
    return [
        f"create table if not exists {table} ({', '.join(columns)});",
        *(f'alter table {table} add column if not exists "{column.name}" {column.sql_type};' for column in added),
        f"select {SCHEMA}.make_indexes({_quoted(file.name)}, array[{key}]);",
        f"select {SCHEMA}.make_build_indexes({_quoted(file.name)}, array[{looked_up}]::name[]);",
    ]


def _comments(file: File) -> list[str]:
    table = f'{SCHEMA}."{file.name}"'
    return [
        f"comment on table {table} is {_quoted(file.description)};",
        *(
            f'comment on column {table}."{column.name}" is {_quoted(f"{column.description} [{column.classification}]")};'
            for column in file.columns
        ),
    ]


def _grants(contract: Contract, file: File) -> list[str]:
    """What the contract gives, and no more: whatever an earlier contract gave to a stage is taken away first."""
    table = f'{SCHEMA}."{file.name}"'
    return [
        f"revoke all on {table} from {', '.join(f'iom_{stage}' for stage in STAGES)};",
        *(f"grant {_privileges(role, file)} on {table} to iom_{role.role};" for role in contract.roles),
    ]


def _privileges(role: Role, file: File) -> str:
    if role.access == "pseudonymous":
        columns = ", ".join(f'"{name}"' for name in (*file.pseudonymous_columns, *VERSION_COLUMNS))
        return f"select ({columns})"
    return {"read": "select", "write": "select, insert, update"}[role.access]


def _catalogue_name(column: Column) -> str:
    return NAME_IN_CATALOGUE.get(column.sql_type, column.sql_type)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
