"""The report to the agency that sent a delivery: file, row, column, value, what is wrong, what to do. Only its owner reads it.

Two files, readable by the service only: rows.csv with everything that is wrong, and report.html with the first of it.
"""

import csv
import io
import os
import shutil
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import Contract, File
from iom_warehouse.delivery.finding import Finding
from iom_warehouse.loading import names, rejections
from iom_warehouse.loading.ledger import Delivery
from iom_warehouse.platform.settings import settings

HEADER = ("file", "row", "column", "value", "what is wrong", "what to do", "kept back", "rule")
ROWS_ON_PAGE = 500
LONGEST_VALUE = 200
FORMULA = "^[=+@\\t\\r-]"  # a spreadsheet would run such a value


def folder_of(feed: str, folder: str, delivery_id: int | None = None) -> Path:
    """Where the report about a delivery lies; without a number, that about the newest delivery that came in the folder."""
    reports = settings().state_dir / "sender_reports" / feed
    if delivery_id is None:
        numbers = [int(path.name.rpartition("-")[2]) for path in reports.glob(f"{folder}-*")]
        delivery_id = max(numbers, default=0)
    return reports / f"{folder}-{delivery_id}"


def write(conn: Connection, contract: Contract, delivery: Delivery, status: str, findings: Sequence[Finding]) -> Path | None:
    """Write the report while the delivery is still in landing. Returns its folder; None when there is nothing to report."""
    target = folder_of(delivery.feed, delivery.folder, delivery.delivery_id)
    shutil.rmtree(target, ignore_errors=True)  # that of an earlier attempt
    queries = list(_row_queries(conn, contract, delivery))
    if not findings and not queries:
        return None
    target.mkdir(parents=True, mode=0o700)
    rows_path = target / "rows.csv"
    with _private(rows_path).open("wb") as handle, conn.cursor() as cursor:
        handle.write(_csv_lines([HEADER, *map(_line, findings)]))
        for query in queries:
            cursor.copy_expert(sql.SQL("copy ({}) to stdout (format csv)").format(query), handle)
    page = _template().render(
        contract=contract,
        delivery=delivery,
        status=status,
        findings=findings,
        header=HEADER,
        rows=_first_rows(rows_path, skipped=1 + len(findings)),
        most=ROWS_ON_PAGE,
    )
    _private(target / "report.html").write_text(page, encoding="utf-8")
    return target


def _row_queries(conn: Connection, contract: Contract, delivery: Delivery) -> Iterator[sql.Composed]:
    """One query per file of which rows broke a rule."""
    table = names.rejections(delivery.delivery_id)
    with conn.cursor() as cursor:
        cursor.execute("select to_regclass(%s) is not null", (f"landing.{table}",))
        if not cursor.fetchone()[0]:
            return
        cursor.execute(sql.SQL("select distinct file from {}").format(names.in_landing(table)))
        broken = {file for (file,) in cursor.fetchall()}
    for file in contract.files:
        if file.name in broken:
            yield _rows_of(file, delivery)


def _rows_of(file: File, delivery: Delivery) -> sql.Composed:
    words = {rule.rule_id: (rule.description, rule.remedy) for rule in file.rules} | _words_of_cascades(file)
    texts = sql.SQL(", ").join(sql.SQL("({}, {}, {})").format(*map(sql.Literal, (rule, *text))) for rule, text in words.items())
    columns = [column.name for column in file.columns] + ([names.CHANGE] if delivery.extract == "changes" else [])
    fields = sql.SQL(", ").join(
        sql.SQL("({}, left({}, {}))").format(sql.Literal(name), sql.Identifier("b", name), sql.Literal(LONGEST_VALUE))
        for name in columns
    )
    return sql.SQL(
        "select r.file, r.row_number, r.column_name, case when v.value ~ {formula} then '''' || v.value else v.value end,"
        " t.description, t.remedy, case r.severity when 'info' then 'no' else 'yes' end, r.rule_id"
        " from {rejections} r join {base} b using (row_number)"
        " left join (values {texts}) t (rule_id, description, remedy) using (rule_id)"
        " cross join lateral (select string_agg(f.value, ' | ' order by named.place) as value"
        " from string_to_table(r.column_name, ', ') with ordinality as named (name, place)"
        " join (values {fields}) f (name, value) using (name)) v"
        " where r.file = {file} order by r.row_number, r.rule_id"
    ).format(
        rejections=names.in_landing(names.rejections(delivery.delivery_id)), formula=sql.Literal(FORMULA), texts=texts,
        base=names.in_landing(names.base(file.name, delivery.delivery_id)), fields=fields, file=sql.Literal(file.name),
    )  # fmt: skip


def _words_of_cascades(file: File) -> dict[str, tuple[str, str]]:
    """Rules that loading adds to those of the contract."""
    words = {
        f"{file.name}.change.code": ("Each change is upsert or delete.", "Write one of the two and send the row again."),
        f"{file.name}.change.key": ("A deletion names the whole key.", "Send the key of the row that is to be deleted."),
    }
    for reference in file.references:
        words[rejections.parent_rule(file, reference)] = (
            f"The row of {reference.parent_file} that it belongs to was itself kept back.",
            f"Correct that row of {reference.parent_file} and send both again.",
        )
    return words


def _line(finding: Finding) -> tuple[str | int | None, ...]:
    """A finding on a file or on the delivery as a line of rows.csv."""
    return (finding.file, finding.row_number, finding.column, None, finding.message, None, "the whole delivery", finding.rule_id)


def _csv_lines(lines: Sequence[Sequence[object]]) -> bytes:
    with io.StringIO(newline="") as text:
        csv.writer(text, lineterminator="\n").writerows(lines)
        return text.getvalue().encode()


def _first_rows(path: Path, skipped: int) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(islice(csv.reader(handle), skipped, skipped + ROWS_ON_PAGE))


def _private(path: Path) -> Path:
    """A new file, empty, readable and writable by its owner only."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
    return path


def _template():
    environment = Environment(loader=PackageLoader("iom_warehouse.loading"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("sender_report.html.jinja")
