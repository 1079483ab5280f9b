"""Validation: Great Expectations decides every rule of a landed file; SQL from the same rules names the rows that failed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from iom_warehouse.contracts import Contract, File, Rule
from iom_warehouse.delivery.finding import Finding
from iom_warehouse.loading import names, rows
from iom_warehouse.loading.ledger import Delivery

MOST_REJECTED_SHARE = 0.5  # a file of which half is wrong is a wrong file, not a set of wrong rows
SMALLEST_FILE_WITH_SHARE = 20
ROW_COUNT_RATIO = 2
SMALLEST_FILE_WITH_HISTORY = 100


@dataclass(frozen=True)
class Result:
    """The decision on one rule."""

    rule: Rule
    success: bool
    is_exempt: bool
    element_count: int
    unexpected_count: int

    @property
    def refuses(self) -> bool:
        return not self.success and self.rule.severity == "critical" and not self.is_exempt


def validate_delivery(
    conn: Connection, contract: Contract, delivery: Delivery, rows_in_files: Mapping[str, int]
) -> list[Finding]:
    """Check every landed file that has rows; write results and rejections. Returns the findings that refuse the delivery."""
    landed = frozenset(rows_in_files)
    _make_rejections(conn, delivery.delivery_id)
    exempt = _exemptions(conn, delivery)
    findings: list[Finding] = []
    for file in contract.files:
        if not rows_in_files.get(file.name):
            continue
        delivered = rows.DeliveredFile(
            file, delivery.delivery_id, delivery.extract == "changes", landed, _parameters(conn, delivery, file)
        )
        results = _check(conn, delivered, rows_in_files[file.name], exempt)
        _store(conn, delivery, results)
        findings += [_refusal(result) for result in results if result.refuses]
        if not _columns_failed(results):
            _reject_bad_changes(conn, delivered)
            _reject_children(conn, delivered)
            findings += _too_many_rejected(conn, delivered, rows_in_files[file.name])
    return findings


def rejected_count(conn: Connection, delivery_id: int, file: str) -> int:
    """Rows of the file that at least one warning rule rejects."""
    with conn.cursor() as cursor:
        cursor.execute(
            sql.SQL("select count(distinct row_number) from {} where file = %s and severity = 'warning'").format(
                _rejections(delivery_id)
            ),
            (file,),
        )
        return cursor.fetchone()[0]


def _rejections(delivery_id: int) -> sql.Identifier:
    return names.in_landing(names.rejections(delivery_id))


def _make_rejections(conn: Connection, delivery_id: int) -> None:
    with conn.cursor() as cursor:
        cursor.execute(sql.SQL("drop table if exists {}").format(_rejections(delivery_id)))
        cursor.execute(
            sql.SQL(
                "create unlogged table {} (file text not null, row_number bigint not null, column_name text, rule_id text not null,"
                " severity text not null, primary key (file, row_number, rule_id))"
            ).format(_rejections(delivery_id))
        )


def _exemptions(conn: Connection, delivery: Delivery) -> set[str]:
    with conn.cursor() as cursor:
        cursor.execute("select rule_id from audit.exemption where feed = %s and current_date <= expires_on", (delivery.feed,))
        return {rule_id for (rule_id,) in cursor.fetchall()}


def _parameters(conn: Connection, delivery: Delivery, file: File) -> dict[str, Any]:
    """Values of the {$PARAMETER: …} that rules may use; the row count's bounds come from the feed's own history."""
    assert delivery.extracted_at
    minimum, maximum = None, None
    if delivery.extract == "full":
        with conn.cursor() as cursor:
            cursor.execute(
                "select l.rows_in_file from audit.file_load l join audit.delivery d using (delivery_id)"
                " where d.feed = %s and l.file = %s and d.status = 'published' and d.extract = 'full' order by d.sequence desc limit 1",
                (delivery.feed, file.name),
            )
            before = cursor.fetchone()
        if before and before[0] >= SMALLEST_FILE_WITH_HISTORY:
            minimum, maximum = before[0] // ROW_COUNT_RATIO, before[0] * ROW_COUNT_RATIO
    return {
        "extracted_on": _day_in_london(conn, delivery).isoformat(),
        "extracted_at": delivery.extracted_at.isoformat(),
        "row_count_min": minimum,
        "row_count_max": maximum,
    }


def _day_in_london(conn: Connection, delivery: Delivery) -> date:
    with conn.cursor() as cursor:
        cursor.execute("select (%s at time zone 'Europe/London')::date", (delivery.extracted_at,))
        return cursor.fetchone()[0]


def _check(conn: Connection, delivered: rows.DeliveredFile, row_count: int, exempt: set[str]) -> list[Result]:
    from iom_warehouse.loading import expectations  # Great Expectations takes seconds to import

    conn.commit()  # what GX and the workers of its queries read must be visible to their own connection
    rules = delivered.file.rules
    if not _has_contract_columns(conn, delivered):
        rules = tuple(rule for rule in rules if rule.expectation == "expect_table_columns_to_match_set")
    successes = expectations.check(conn, delivered, rules)
    results = []
    for rule in rules:
        unexpected = 0 if successes[rule.rule_id] else _note_rows(conn, rule, delivered)
        results.append(Result(rule, successes[rule.rule_id], rule.rule_id in exempt, row_count, unexpected))
    return results


def _has_contract_columns(conn: Connection, delivered: rows.DeliveredFile) -> bool:
    """Whether the header was that of the contract, so that rules on its columns can run at all."""
    expected = {column.name for column in delivered.file.columns} | ({names.CHANGE} if delivered.is_changes else set())
    with conn.cursor() as cursor:
        cursor.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            (f"landing.{names.base(delivered.file.name, delivered.delivery_id)}",),
        )
        return {name for (name,) in cursor.fetchall()} - {names.ROW_NUMBER} == expected


def _columns_failed(results: Iterable[Result]) -> bool:
    return any(not result.success and result.rule.expectation == "expect_table_columns_to_match_set" for result in results)


def _note_rows(conn: Connection, rule: Rule, delivered: rows.DeliveredFile) -> int:
    """Write down which rows broke a rule. Returns how many; 0 for a rule on the whole file."""
    if not rows.judges_rows(rule):
        return 0
    statement = sql.SQL("insert into {} select {}, f.row_number, {}, {}, {} from ({}) f on conflict do nothing").format(
        _rejections(delivered.delivery_id), sql.Literal(delivered.file.name), sql.Literal(", ".join(rule.columns) or None),
        sql.Literal(rule.rule_id), sql.Literal(rule.severity), rows.failing(rule, delivered),
    )  # fmt: skip
    with conn.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount


def _reject_bad_changes(conn: Connection, delivered: rows.DeliveredFile) -> None:
    """What the interface asks of a `changes` row, whatever its file: a known kind of change, and a key where it deletes."""
    if not delivered.is_changes:
        return
    no_key = sql.SQL(" or ").join(sql.SQL("b.{} is null").format(sql.Identifier(name)) for name in delivered.file.key)
    for rule, predicate in (
        ("change.code", sql.SQL("coalesce(b.change, '') not in ('upsert', 'delete')")),
        ("change.key", sql.SQL("b.change = 'delete' and ({})").format(no_key)),
    ):
        with conn.cursor() as cursor:
            cursor.execute(
                sql.SQL(
                    "insert into {} select {file}, b.row_number, 'change', {}, 'warning' from {} b where {} on conflict do nothing"
                ).format(
                    _rejections(delivered.delivery_id),
                    sql.Literal(f"{delivered.file.name}.{rule}"),
                    delivered.base,
                    predicate,
                    file=sql.Literal(delivered.file.name),
                )  # fmt: skip
            )


def _reject_children(conn: Connection, delivered: rows.DeliveredFile) -> None:
    """A rejected parent rejects the rows that refer to it, unless the same key was also delivered in a row that stands."""
    for reference in delivered.file.references:
        if reference.parent_file not in delivered.landed:
            continue
        pairs = zip(reference.columns, reference.parent_columns, strict=True)
        same = sql.SQL(" and ").join(
            sql.SQL("c.{} = p.{}").format(sql.Identifier(own), sql.Identifier(other)) for own, other in pairs
        )
        statement = sql.SQL(
            "insert into {rejections} select {file}, c.row_number, {columns}, {rule}, 'warning' from {child} c join {parent} p on {same}"
            " left join {rejections} r on r.file = {parent_file} and r.row_number = p.row_number and r.severity = 'warning'"
            " group by c.row_number having bool_and(r.row_number is not null) on conflict do nothing"
        ).format(
            rejections=_rejections(delivered.delivery_id), file=sql.Literal(delivered.file.name), same=same,
            columns=sql.Literal(", ".join(reference.columns)), parent_file=sql.Literal(reference.parent_file),
            rule=sql.Literal(f"{delivered.file.name}.{'_'.join(reference.columns)}.parent_rejected"), child=delivered.base,
            parent=names.in_landing(names.base(reference.parent_file, delivered.delivery_id)),
        )  # fmt: skip
        with conn.cursor() as cursor:
            cursor.execute(
                sql.SQL("select exists (select from {} where file = %s and severity = 'warning')").format(
                    _rejections(delivered.delivery_id)
                ),
                (reference.parent_file,),
            )
            if cursor.fetchone()[0]:
                cursor.execute(statement)


def _too_many_rejected(conn: Connection, delivered: rows.DeliveredFile, row_count: int) -> list[Finding]:
    rejected = rejected_count(conn, delivered.delivery_id, delivered.file.name)
    if row_count < SMALLEST_FILE_WITH_SHARE or rejected <= row_count * MOST_REJECTED_SHARE:
        return []
    message = (
        f"{delivered.file.name}: {rejected:,} of {row_count:,} rows break a rule, which is more than half. The file as a whole is wrong;"
        " the report lists the rows. Correct the export and send the delivery again with a new sequence."
    )
    return [Finding(f"{delivered.file.name}.rejected_share", message, file=delivered.file.name)]


def _refusal(result: Result) -> Finding:
    rule = result.rule
    count = f" {result.unexpected_count:,} rows break this." if result.unexpected_count else ""
    return Finding(
        rule.rule_id,
        f"{rule.file}: not so: {rule.description}{count} {rule.remedy}",
        file=rule.file,
        column=", ".join(rule.columns) or None,
    )


def _store(conn: Connection, delivery: Delivery, results: Iterable[Result]) -> None:
    values = [
        (delivery.delivery_id, delivery.attempt, result.rule.file, result.rule.rule_id, result.rule.expectation,
         ", ".join(result.rule.columns) or None, result.rule.severity, result.rule.dimension, result.success, result.is_exempt,
         result.element_count, result.unexpected_count)
        for result in results
    ]  # fmt: skip
    with conn.cursor() as cursor:
        execute_values(
            cursor,
            "insert into audit.validation_result (delivery_id, attempt, file, rule_id, expectation, column_name, severity, dimension,"
            " success, is_exempt, element_count, unexpected_count) values %s"
            " on conflict (delivery_id, attempt, rule_id) do update set success = excluded.success, is_exempt = excluded.is_exempt,"
            " element_count = excluded.element_count, unexpected_count = excluded.unexpected_count, validated_at = now()",
            values,
        )
