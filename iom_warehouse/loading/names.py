"""Names of the objects that a delivery has in the schema landing. They carry its number, so no two deliveries meet."""

from collections.abc import Iterable

from psycopg2 import sql

TEXT_SUFFIX = "__text"  # the field as delivered, beside its typed value
ROW_NUMBER = "row_number"
EXAMINED_AS = "examined_as"  # hash of the row as delivered
ADDED = {ROW_NUMBER, EXAMINED_AS}
CHANGE = "change"  # extra column of `changes` extracts


def base(file: str, delivery_id: int) -> str:
    """The file as delivered: row_number and one text column per column of the header."""
    return f"{file}_{delivery_id}"


def typed(file: str, delivery_id: int) -> str:
    """The same with typed columns, null where the text is no such value, and the delivered text of those beside them."""
    return f"{file}_{delivery_id}_typed"


def differing(file: str, delivery_id: int) -> str:
    """Of a full file that is not the first: numbers of the rows to examine, with the keys of current versions that differ."""
    return f"{file}_{delivery_id}_differing"


def checked(file: str, delivery_id: int) -> str:
    """View of the typed rows that rules apply to: all but the deletions of a `changes` file, of which only the key matters."""
    return f"{file}_{delivery_id}_checked"


def whole(file: str, delivery_id: int) -> str:
    """View of all rows with the columns of the typed ones, where only a part of the rows has a typed copy."""
    return f"{file}_{delivery_id}_whole"


def landed(delivery_id: int) -> str:
    """One row: the feed's last published sequence when the delivery was landed."""
    return f"landed_{delivery_id}"  # another name whenever landed tables get other columns: what was landed before is landed anew


def rejections(delivery_id: int) -> str:
    """Rows that broke a row-level rule: file, row_number, column_name, rule_id, severity."""
    return f"rejections_{delivery_id}"


def in_landing(name: str) -> sql.Identifier:
    return sql.Identifier("landing", name)


def columns(names: Iterable[str], alias: str | None = None) -> sql.Composed:
    """Names as a comma-separated list, qualified when an alias is given."""
    parts = [sql.Identifier(alias, name) if alias else sql.Identifier(name) for name in names]
    return sql.SQL(", ").join(parts)
