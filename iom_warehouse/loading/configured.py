"""What the partnership's configuration says about a delivery: the codes and sharing agreements that it knows.

A partnership may keep no such table, or none yet; then nothing is asked of a delivery.
"""

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import Rule
from iom_warehouse.delivery.finding import Finding
from iom_warehouse.loading import rows

SCHEMA = "reference"
UNKNOWN_CODES = """
    with unknown as ({unknown})
    select count(distinct given.code), count(*) from unknown given join {view} v on v.{column} = given.code
"""


def has_rows(conn: Connection, table: str) -> bool:
    """Whether the configuration that is in force has anything in a table."""
    with conn.cursor() as cursor:
        cursor.execute("select to_regclass(%s) is not null", (f"{SCHEMA}.{table}",))
        if not cursor.fetchone()[0]:
            return False
        query = sql.SQL("select exists (select from {} where closed_by_configuration is null)")
        cursor.execute(query.format(sql.Identifier(SCHEMA, table)))
        return cursor.fetchone()[0]


def knows_agreement(conn: Connection, agreement_id: str) -> bool:
    """Whether agreements.csv has a sharing agreement; True where the partnership keeps no agreements."""
    if not has_rows(conn, "agreements"):
        return True
    with conn.cursor() as cursor:
        cursor.execute(
            "select exists (select from reference.agreements where agreement_id = %s and closed_by_configuration is null)",
            (agreement_id,),
        )
        return cursor.fetchone()[0]


def note_on_codes(conn: Connection, rule: Rule, delivered: rows.DeliveredFile) -> Finding:
    """The note on a column with codes that the configuration does not know: how many, in how many rows, and who can mend it.

    None is quoted: what slipped into the column may be a name. The sender's report lists them.
    """
    table, column = rule.kwargs["table"], rule.kwargs["column"]
    query = sql.SQL(UNKNOWN_CODES).format(
        unknown=rows.unknown_codes(rule, delivered), view=delivered.view(rule), column=sql.Identifier(column)
    )
    with conn.cursor() as cursor:
        cursor.execute(query)
        codes, row_count = cursor.fetchone()
    message = (
        f"{rule.file}: {column} has {_counted(codes, 'code')} not in {table}.csv, in {_counted(row_count, 'row')}; rows.csv"
        " of the report to the sender lists them. No row is kept back for it. Either the agency corrects them at their source, or"
        f" the partnership adds them to {table}.csv."
    )
    return Finding(rule.rule_id, message, file=rule.file, column=column, severity="info")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
