"""The report to the agency that sent a delivery: file, row, column, value, what is wrong, what to do. Its only reader is its owner.

Two files, readable by the service only: rows.csv with every row that broke a rule, and report.html with the first of them.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import Contract, File
from iom_warehouse.delivery.finding import Finding
from iom_warehouse.loading import names
from iom_warehouse.loading.ledger import Delivery
from iom_warehouse.platform.settings import settings

HEADER = ("file", "row", "column", "value", "what is wrong", "what to do", "kept back")
ROWS_ON_PAGE = 500
LONGEST_VALUE = 200
FORMULA = "^[=+@\\t\\r-]"  # a spreadsheet would run such a value


def folder_of(feed: str, folder: str) -> Path:
    """Where the report about a delivery lies."""
    return settings().state_dir / "sender_reports" / feed / folder


def write(conn: Connection, contract: Contract, delivery: Delivery, status: str, findings: Sequence[Finding]) -> Path | None:
    """Write the report while the delivery is still in landing. Returns its folder; None when there is nothing to report."""
    queries = list(_row_queries(conn, contract, delivery.delivery_id))
    if not findings and not queries:
        return None
    target = folder_of(delivery.feed, delivery.folder)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows_path = target / "rows.csv"
    with _private(rows_path).open("wb") as handle, conn.cursor() as cursor:
        handle.write((",".join(HEADER) + "\r\n").encode())
        for query in queries:
            cursor.copy_expert(sql.SQL("copy ({}) to stdout (format csv)").format(query), handle)
    page = _template().render(
        contract=contract,
        delivery=delivery,
        status=status,
        findings=findings,
        header=HEADER,
        rows=_first_rows(rows_path),
        most=ROWS_ON_PAGE,
    )
    _private(target / "report.html").write_text(page, encoding="utf-8")
    return target


def _row_queries(conn: Connection, contract: Contract, delivery_id: int) -> Iterator[sql.Composed]:
    """One query per file of which rows broke a rule."""
    with conn.cursor() as cursor:
        cursor.execute("select to_regclass(%s) is not null", (f"landing.{names.rejections(delivery_id)}",))
        if not cursor.fetchone()[0]:
            return
        cursor.execute(sql.SQL("select distinct file from {}").format(names.in_landing(names.rejections(delivery_id))))
        broken = {file for (file,) in cursor.fetchall()}
    for file in contract.files:
        if file.name in broken:
            yield _rows_of(file, delivery_id)


def _rows_of(file: File, delivery_id: int) -> sql.Composed:
    words = {rule.rule_id: (rule.description, rule.remedy) for rule in file.rules} | _words_of_cascades(file)
    texts = sql.SQL(", ").join(sql.SQL("({}, {}, {})").format(*map(sql.Literal, (rule, *text))) for rule, text in words.items())
    return sql.SQL(
        "select r.file, r.row_number, r.column_name, case when v.value ~ {formula} then '''' || v.value else v.value end, t.description, t.remedy,"
        " case r.severity when 'info' then 'no' else 'yes' end"
        " from {rejections} r join {base} b using (row_number) left join (values {texts}) t (rule_id, description, remedy) using (rule_id)"
        " cross join lateral (select left(string_agg(to_jsonb(b) ->> name, ' | '), {longest}) as value"
        " from string_to_table(r.column_name, ', ') as name) v"
        " where r.file = {file} order by r.row_number, r.rule_id"
    ).format(
        rejections=names.in_landing(names.rejections(delivery_id)), base=names.in_landing(names.base(file.name, delivery_id)), texts=texts,
        formula=sql.Literal(FORMULA), longest=sql.Literal(LONGEST_VALUE), file=sql.Literal(file.name),
    )  # fmt: skip


def _words_of_cascades(file: File) -> dict[str, tuple[str, str]]:
    """Rules that loading adds to those of the contract."""
    words = {
        f"{file.name}.change.code": ("Each change is upsert or delete.", "Write one of the two and send the row again."),
        f"{file.name}.change.key": ("A deletion names the whole key.", "Send the key of the row that is to be deleted."),
    }
    for reference in file.references:
        words[f"{file.name}.{'_'.join(reference.columns)}.parent_rejected"] = (
            f"The row of {reference.parent_file} that it belongs to was itself kept back.",
            f"Correct that row of {reference.parent_file} and send both again.",
        )
    return words


def _first_rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        reader = csv.reader(handle)
        next(reader)
        return [row for row, _ in zip(reader, range(ROWS_ON_PAGE), strict=False)]


def _private(path: Path) -> Path:
    """The file, empty, readable and writable by its owner only."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
    return path


def _template():
    environment = Environment(
        loader=PackageLoader("iom_warehouse.loading"), autoescape=select_autoescape(), undefined=StrictUndefined
    )
    return environment.get_template("sender_report.html.jinja")
