"""What the partnership's configuration says about a delivery: the codes and sharing agreements that it knows.

A partnership may keep no such table, or none yet; then nothing is asked of a delivery.
"""

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import Rule
from iom_warehouse.delivery.finding import Finding
from iom_warehouse.loading import rows

SCHEMA = "reference"
MOST_CODES = 10
# A value is quoted only if it is written like a code of the partnership, letter for letter and digit for digit: what is not may
# be anything that slipped into the column, a name too.
FORM = "regexp_replace(regexp_replace({}, '[A-Z]', 'A', 'g'), '[0-9]', '9', 'g')"
UNKNOWN_CODES = """
    with written as (select distinct {form_of_known} as form from {known} where closed_by_configuration is null),
    unknown as ({unknown}),
    counted as (
        select given.code, count(*) as row_count from unknown given join {view} v on v.{column} = given.code group by given.code
    ),
    shown as (select case when {form_of_given} in (select form from written) then code end as code, row_count from counted)
    select code, sum(row_count)::bigint from shown group by code order by code is null, 2 desc, 1
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
    """The note on a column with codes that the configuration does not know: which, in how many rows, and who can mend it."""
    table, column, code = (rule.kwargs[name] for name in ("table", "column", "code"))
    query = sql.SQL(UNKNOWN_CODES).format(
        form_of_known=sql.SQL(FORM).format(sql.Identifier(code)), form_of_given=sql.SQL(FORM).format(sql.Identifier("code")),
        known=sql.Identifier(SCHEMA, table), unknown=rows.unknown_codes(rule, delivered), view=delivered.view,
        column=sql.Identifier(column),
    )  # fmt: skip
    with conn.cursor() as cursor:
        cursor.execute(query)
        counted = cursor.fetchall()
    quoted = [f"{code} ({_in_words(count)})" for code, count in counted[:MOST_CODES] if code is not None]
    others = sum(count for _, count in counted) - sum(count for code, count in counted[:MOST_CODES] if code is not None)
    if others:
        quoted.append(f"{'others' if quoted else 'values'} that only the report to the sender shows ({_in_words(others)})")
    message = (
        f"{rule.file}: {column} has codes that are not in {table}.csv: {', '.join(quoted)}. The rows are used as they are. Either"
        f" the agency corrects the codes at their source, or the partnership adds them to {table}.csv."
    )
    return Finding(rule.rule_id, message, file=rule.file, column=column, severity="info")


def _in_words(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
