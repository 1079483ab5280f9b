"""Validation: Great Expectations decides every rule of a landed file; SQL from the same rules names the rows that failed."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from iom_warehouse.contracts import Contract, File, Rule
from iom_warehouse.delivery.finding import Finding
from iom_warehouse.loading import configured, examination, exemptions, names, rejections, rows
from iom_warehouse.loading.ledger import Delivery
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.local_time import LONDON

MOST_REJECTED_SHARE = 0.5  # a file of which half is wrong is a wrong file, not a set of wrong rows
SMALLEST_FILE_WITH_SHARE = 20
ROW_COUNT_RATIO = 2
SMALLEST_FILE_WITH_HISTORY = 100
COLUMNS_RULE = "expect_table_columns_to_match_set"
ROW_COUNT_RULE = "expect_table_row_count_to_be_between"
CONFIGURED_RULE = "expect_column_values_to_be_configured"
COLUMN_NAME = re.compile("[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Result:
    """The decision on one rule; `details` says more about a rule on the whole file that failed."""

    rule: Rule
    success: bool
    is_exempt: bool
    element_count: int
    unexpected_count: int
    details: str

    @property
    def refuses(self) -> bool:
        return not self.success and self.rule.severity == "critical" and not self.is_exempt


@dataclass(frozen=True)
class Header:
    """The columns that came against those of the contract (with `change` in a `changes` extract)."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    known_count: int

    @property
    def is_right(self) -> bool:
        return not self.missing and not self.unknown

    def in_words(self) -> str:
        """What is wrong with it. A file without a header row has data in its place, which is never quoted."""
        is_header = self.known_count > len(self.unknown) and all(COLUMN_NAME.fullmatch(name) for name in self.unknown)
        unknown = ", ".join(self.unknown) if is_header else f"{len(self.unknown)} (is the header row there?)"
        parts = [f"Missing: {', '.join(self.missing)}."] if self.missing else []
        return " ".join([*parts, *([f"Not in the contract: {unknown}."] if self.unknown else [])])


def validate_delivery(
    conn: Connection, contract: Contract, delivery: Delivery, rows_in_files: Mapping[str, int]
) -> list[Finding]:
    """Check every landed file that has rows; write results and rejections. Returns why it is refused, and notes on it."""
    landed = frozenset(rows_in_files)
    files = [file for file in contract.files if file.name in landed]
    headers = {file.name: _header(conn, file, delivery) for file in files}
    rejections.make(conn, delivery.delivery_id)
    conn.commit()  # what Great Expectations reads must be visible to its own connection
    exempt = exemptions.of_feed(conn, delivery.feed)
    configuration = _configuration(conn, files)
    findings: list[Finding] = []
    for file in files:
        count = rows_in_files[file.name]
        delivered = rows.DeliveredFile(
            file,
            delivery.delivery_id,
            delivery.extract == "changes",
            landed,
            _parameters(conn, delivery, file),
            examination.is_partial(conn, file, delivery.delivery_id),
        )
        rules = _rules_to_check(delivered, headers, count, configuration)
        results = _check(conn, delivered, rules, exempt, count, headers[file.name])
        _store(conn, delivery, results)
        findings += [_refusal(result) for result in results if result.refuses]
        findings += [configured.note_on_codes(conn, result.rule, delivered) for result in results if _has_unknown_codes(result)]
        if all(header.is_right for header in headers.values()):
            rejections.reject_bad_changes(conn, delivered)
            rejections.reject_children(conn, delivered)
            findings += _too_many_rejected(conn, delivered, count)
    return findings


def wrong_columns(conn: Connection, contract: Contract, delivery: Delivery, landed: Collection[str]) -> list[Finding]:
    """Refusals of landed files with other columns than those of the contract, where another keeps rows from being examined."""
    found = []
    for file in (file for file in contract.files if file.name in landed):
        header = _header(conn, file, delivery)
        [rule] = [rule for rule in file.rules if rule.expectation == COLUMNS_RULE]
        if not header.is_right:
            found.append(_refusal(Result(rule, False, False, 0, 0, _wrong(header))))
    return found


def _header(conn: Connection, file: File, delivery: Delivery) -> Header:
    expected = [column.name for column in file.columns] + ([names.CHANGE] if delivery.extract == "changes" else [])
    with conn.cursor() as cursor:
        cursor.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
            (f"landing.{names.base(file.name, delivery.delivery_id)}",),
        )
        sent = [name for (name,) in cursor.fetchall() if name != names.ROW_NUMBER]
    missing = tuple(name for name in expected if name not in sent)
    return Header(missing, tuple(name for name in sent if name not in expected), len(expected) - len(missing))


def _parameters(conn: Connection, delivery: Delivery, file: File) -> dict[str, Any]:
    """Values of the {$PARAMETER: …} that rules may use; the row count's bounds come from the feed's own history."""
    assert delivery.extracted_at
    minimum, maximum = None, None
    if delivery.extract == "full":
        with conn.cursor() as cursor:
            cursor.execute(
                "select l.rows_in_file from audit.file_load l join audit.delivery d using (delivery_id)"
                " where d.feed = %s and l.file = %s and l.file_name is not null and d.status = 'published' and d.extract = 'full'"
                " order by d.sequence desc limit 1",
                (delivery.feed, file.name),
            )
            before = cursor.fetchone()
        if before and before[0] >= SMALLEST_FILE_WITH_HISTORY:
            minimum, maximum = before[0] // ROW_COUNT_RATIO, before[0] * ROW_COUNT_RATIO
    return {
        "extracted_on": _day_in_london(delivery).isoformat(),
        "extracted_at": delivery.extracted_at.isoformat(),
        "row_count_min": minimum,
        "row_count_max": maximum,
    }


def _day_in_london(delivery: Delivery) -> date:
    assert delivery.extracted_at
    return delivery.extracted_at.astimezone(LONDON).date()


def _configuration(conn: Connection, files: Iterable[File]) -> frozenset[str]:
    """The tables of the configuration that rules on these files ask and that have rows."""
    asked = {rule.kwargs["table"] for file in files for rule in file.rules if rule.expectation == CONFIGURED_RULE}
    return frozenset(table for table in asked if configured.has_rows(conn, table))


def _has_unknown_codes(result: Result) -> bool:
    return not result.success and result.rule.expectation == CONFIGURED_RULE


def _rules_to_check(
    delivered: rows.DeliveredFile, headers: Mapping[str, Header], count: int, configuration: frozenset[str]
) -> tuple[Rule, ...]:
    """The rules that can run and can fail: none on columns that did not come or codes that nobody listed, and no suite for a file
    that is rightly empty."""
    rules = delivered.file.rules
    if not headers[delivered.file.name].is_right:
        return tuple(rule for rule in rules if rule.expectation == COLUMNS_RULE)
    if not count:
        return tuple(rule for rule in rules if rule.expectation == ROW_COUNT_RULE and _bounds(rule, delivered)[0])
    unreadable = {name for name, header in headers.items() if not header.is_right}
    return tuple(
        rule
        for rule in rules
        if rule.kwargs.get("parent_file") not in unreadable
        and (rule.expectation != CONFIGURED_RULE or rule.kwargs["table"] in configuration)
    )


def _check(
    conn: Connection, delivered: rows.DeliveredFile, rules: tuple[Rule, ...], exempt: set[str], count: int, header: Header
) -> list[Result]:
    if not rules:
        return []
    from iom_warehouse.loading import expectations  # Great Expectations takes seconds to import

    conn.commit()  # the parent's rejections, and no transaction left open while Great Expectations works
    successes = expectations.check(conn, delivered, rules)
    results = []
    for rule in rules:
        success = successes[rule.rule_id]
        unexpected = 0 if success else rejections.note(conn, rule, delivered)
        if not success and not unexpected and rows.judges_rows(rule):
            message = f"Great Expectations says that rows break {rule.rule_id}, and our SQL finds none of them."
            raise IomError(message, "This is a fault of the warehouse: the delivery stays undecided until it is mended.")
        details = "" if success else _details(rule, delivered, count, header)
        results.append(Result(rule, success, rule.rule_id in exempt, count, unexpected, details))
    return results


def _details(rule: Rule, delivered: rows.DeliveredFile, count: int, header: Header) -> str:
    if rule.expectation == COLUMNS_RULE:
        return _wrong(header)
    if rule.expectation == ROW_COUNT_RULE:
        low, high = _bounds(rule, delivered)
        return f"It has {count:,} rows; expected were {low or 0:,} or more" + (f", and at most {high:,}." if high else ".")
    return ""


def _wrong(header: Header) -> str:
    return f"Its columns are not those of the contract. {header.in_words()}"


def _bounds(rule: Rule, delivered: rows.DeliveredFile) -> tuple[int | None, int | None]:
    """The least and the most rows that a rule on the number of rows allows."""
    return tuple(rows.argument(rule.kwargs.get(name), delivered) for name in ("min_value", "max_value"))


def _too_many_rejected(conn: Connection, delivered: rows.DeliveredFile, row_count: int) -> list[Finding]:
    rejected = rejections.rejected_count(conn, delivered.delivery_id, delivered.file.name)
    if row_count < SMALLEST_FILE_WITH_SHARE or rejected <= row_count * MOST_REJECTED_SHARE:
        return []
    message = (
        f"{delivered.file.name}: {rejected:,} of {row_count:,} rows break a rule, which is more than half. The file as a whole is"
        " wrong; the report lists the rows. Correct the export and send the delivery again with a new sequence."
    )
    return [Finding(f"{delivered.file.name}.rejected_share", message, file=delivered.file.name)]


def _refusal(result: Result) -> Finding:
    rule = result.rule
    what = result.details or f"{result.unexpected_count:,} rows break a rule that refuses the delivery: {rule.description}"
    return Finding(rule.rule_id, f"{rule.file}: {what} {rule.remedy}", file=rule.file, column=", ".join(rule.columns) or None)


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
            "insert into audit.validation_result (delivery_id, attempt, file, rule_id, expectation, column_name, severity,"
            " dimension, success, is_exempt, element_count, unexpected_count) values %s"
            " on conflict (delivery_id, attempt, rule_id) do update set success = excluded.success, is_exempt ="
            " excluded.is_exempt,"
            " element_count = excluded.element_count, unexpected_count = excluded.unexpected_count, validated_at = now()",
            values,
        )
