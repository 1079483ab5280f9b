"""What a delivery withdrew from under other rows: current rows that refer to a row which is no longer there."""

from collections.abc import Collection

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import Contract, File, Reference
from iom_warehouse.delivery.finding import Finding
from iom_warehouse.loading.ledger import Delivery

LEFT_BEHIND = """
    with withdrawn as (
        select {parent_key} from {parent} p where p.closed_by_sequence = {sequence}
        except select {parent_key} from {parent} p where p.closed_by_sequence is null
    )
    select count(*) from {child} c join withdrawn p on {same} where c.closed_by_sequence is null
"""


def notes(conn: Connection, contract: Contract, delivery: Delivery, withdrawn_from: Collection[str]) -> list[Finding]:
    """One note per reference to a file of `withdrawn_from` (rows of it were deleted, or gone) that left current rows behind.

    Asked within the transaction that publishes the delivery, once all its files are applied.
    """
    found = []
    for file in contract.files:
        for reference in file.references:
            if reference.parent_file in withdrawn_from:
                count = _left_behind(conn, file, reference, delivery)
                found += [_note(file, reference, count)] if count else []
    return found


def _left_behind(conn: Connection, file: File, reference: Reference, delivery: Delivery) -> int:
    pairs = zip(reference.columns, reference.parent_columns, strict=True)
    query = sql.SQL(LEFT_BEHIND).format(
        parent_key=sql.SQL(", ").join(sql.Identifier("p", name) for name in reference.parent_columns),
        parent=sql.Identifier("raw", reference.parent_file),
        child=sql.Identifier("raw", file.name),
        sequence=sql.Literal(delivery.sequence),
        same=sql.SQL(" and ").join(sql.SQL("c.{} = p.{}").format(*map(sql.Identifier, pair)) for pair in pairs),
    )
    with conn.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def _note(file: File, reference: Reference, count: int) -> Finding:
    columns = ", ".join(reference.columns)
    rows = "1 current row refers" if count == 1 else f"{count:,} current rows refer"
    message = (
        f"{file.name}: {rows} by {columns} to rows of {reference.parent_file} that this delivery withdrew. They stay until they"
        " are withdrawn too; those that no longer belong to a person count in no figure of people. Withdraw them as well, or send"
        f" the rows of {reference.parent_file} again."
    )
    rule = f"{file.name}.{'_'.join(reference.columns)}.parent_withdrawn"
    return Finding(rule, message, file=file.name, column=columns, severity="info")
