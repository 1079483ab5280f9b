"""The report to the agency that sent a delivery: file, row, column, value, what is wrong, what to do. Only its owner reads it.

Two files, readable by the service only: rows.csv with everything that is wrong, and report.html with the first of it.
"""

import csv
import io
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import Contract, File, Reference
from iom_warehouse.contracts.rules import shown
from iom_warehouse.delivery.finding import Finding
from iom_warehouse.loading import ledger, names, rejections
from iom_warehouse.loading.ledger import Delivery
from iom_warehouse.platform.settings import settings

HEADER = ("file", "row", "column", "value", "what is wrong", "what to do", "kept back", "rule")
PAGE = "report.html"
ROWS_ON_PAGE = 200
NOTED_ROWS_LISTED = 1000  # of a rule that only notes: enough to see the pattern
LONGEST_VALUE = 200
FORMULA = "^[=+@\\t\\r-]"  # a spreadsheet would run such a value
KEPT_BACK = {"critical": "the whole delivery", "info": "no"}
TO_DO = {"critical": "Mend this and send the whole delivery again, with a new sequence."}


@dataclass(frozen=True)
class FileOnPage:
    """A file of which rows break a rule. `lines` are the first of its lines in rows.csv, as mappings by HEADER."""

    file: File
    rows: int
    kept_back: int
    noted: int
    lines: Sequence[Mapping[str, str]]


def folder_of(feed: str, folder: str, delivery_id: int | None = None) -> Path:
    """Where the report about a delivery lies; without a number, that about the newest delivery that came in the folder."""
    reports = settings().state_dir / "sender_reports" / feed
    if delivery_id is None:
        numbers = [int(path.name.rpartition("-")[2]) for path in reports.glob(f"{folder}-*")]
        delivery_id = max(numbers, default=0)
    return reports / f"{folder}-{delivery_id}"


def page_of(feed: str, folder: str, delivery_id: int) -> Path | None:
    """The page of the report about a delivery; None where there was nothing to report."""
    page = folder_of(feed, folder, delivery_id) / PAGE
    return page if page.exists() else None


def write(conn: Connection, contract: Contract, delivery: Delivery, status: str) -> Path | None:
    """Write the report while the delivery is still in landing, with what the ledger holds against it by now.

    Returns its folder, which appears whole or not at all; None when there is nothing to report.
    """
    target = folder_of(delivery.feed, delivery.folder, delivery.delivery_id)
    unfinished = target.with_name(f".{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)  # of an attempt that was killed
    findings = ledger.findings(conn, delivery)
    broken = _broken_rows(conn, delivery)
    if not findings and not broken:
        _put_away(target)
        return None
    unfinished.mkdir(parents=True, mode=0o700)
    rows_path = unfinished / "rows.csv"
    with _private(rows_path).open("wb") as handle, conn.cursor() as cursor:
        handle.write(_csv_lines([HEADER, *map(_line, findings)]))
        for file in contract.files:
            if file.name in broken:
                cursor.copy_expert(sql.SQL("copy ({}) to stdout (format csv)").format(_rows_of(file, delivery, broken)), handle)
    rows = ledger.rows_in_files(conn, delivery.delivery_id)
    page = _template().render(
        contract=contract,
        delivery=delivery,
        status=status,
        reasons=[found for found in findings if found.severity == "critical"],
        notes=[found for found in findings if found.severity != "critical"],
        files=[
            FileOnPage(file, rows[file.name] or 0, *broken[file.name], _first_lines(conn, file, delivery, broken))
            for file in contract.files
            if file.name in broken
        ],
        most=ROWS_ON_PAGE,
        most_noted=NOTED_ROWS_LISTED,
    )
    _private(unfinished / PAGE).write_text(page, encoding="utf-8")
    _put_away(target)
    unfinished.rename(target)
    return target


def _put_away(target: Path) -> None:
    """Take away the report of an earlier attempt, all at once for whoever looks."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
        shutil.rmtree(old)


def _broken_rows(conn: Connection, delivery: Delivery) -> dict[str, tuple[int, int]]:
    """Of each file with rows that break a rule: how many of them are kept back, and how many only noted."""
    table = names.rejections(delivery.delivery_id)
    with conn.cursor() as cursor:
        cursor.execute("select to_regclass(%s) is not null", (f"landing.{table}",))
        if not cursor.fetchone()[0]:
            return {}
        cursor.execute(
            sql.SQL(
                "select file, count(*) filter (where is_kept_back), count(*) filter (where not is_kept_back) from"
                " (select file, bool_or(severity <> 'info') as is_kept_back from {} group by file, row_number) r group by file"
            ).format(names.in_landing(table))
        )
        return {file: (kept_back, noted) for file, kept_back, noted in cursor.fetchall()}


def _rows_of(file: File, delivery: Delivery, broken: Collection[str], most: int | None = None) -> sql.Composed:
    """Query for the lines of rows.csv about one file, or for the first `most` of them.

    `broken`: the files of the delivery with rows that break a rule.
    """
    columns = [column.name for column in file.columns] + ([names.CHANGE] if delivery.extract == "changes" else [])
    words = {rule.rule_id: (rule.complaint, rule.remedy) for rule in file.rules if rule.complaint}
    words |= _words_of_changes(file, delivery)
    parents = [reference for reference in file.references if reference.parent_file in broken]
    words |= {rejections.parent_rule(file, reference): _words_of_parent(file, reference) for reference in parents}
    remedies = sql.SQL(", ").join(
        sql.SQL("({}, {})").format(*map(sql.Literal, (rule, remedy))) for rule, (_, remedy) in words.items()
    )
    complaints = sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(sql.Literal(rule), _complaint(text)) for rule, (text, _) in words.items()
    )
    fields = sql.SQL(", ").join(sql.SQL("({}, {})").format(sql.Literal(name), _value(name)) for name in columns)
    return sql.SQL(
        "select r.file, r.row_number, r.column_name, case when v.value ~ {formula} then '\'\'' || v.value else v.value end,"
        " case r.rule_id {complaints} end, t.remedy,"
        " case when r.severity <> 'info' then 'yes' when r.is_kept_back then 'by another rule' else 'no' end, r.rule_id"
        " from (select * from (select *, row_number() over (partition by rule_id order by row_number) as place,"
        " bool_or(severity <> 'info') over (partition by row_number) as is_kept_back"
        " from {rejections} where file = {file}) numbered where severity <> 'info' or place <= {noted}"
        " order by row_number, rule_id limit {most}) r"
        " join ({delivered}) b using (row_number)"
        " left join (values {remedies}) t (rule_id, remedy) using (rule_id)"
        " cross join lateral (select string_agg(f.value, ' | ' order by named.place) as value"
        " from string_to_table(r.column_name, ', ') with ordinality as named (name, place)"
        " join (values {fields}) f (name, value) using (name)) v"
        " order by r.row_number, r.rule_id"
    ).format(
        rejections=names.in_landing(names.rejections(delivery.delivery_id)), formula=sql.Literal(FORMULA), remedies=remedies,
        delivered=_delivered(file, delivery, parents), fields=fields, file=sql.Literal(file.name),
        complaints=complaints, most=sql.Literal(most), noted=sql.Literal(NOTED_ROWS_LISTED),
    )  # fmt: skip


def _complaint(text: str) -> sql.Composed:
    """A rule's complaint with the values of the row in the places of its columns."""
    parts: list[sql.Composable] = []
    for words, column, _, _ in Formatter().parse(text):
        parts.append(sql.Literal(words))
        if column:
            parts.append(sql.SQL("coalesce({}, 'nothing')").format(_value(column)))
    return sql.SQL("concat({})").format(sql.SQL(", ").join(parts))


def _value(column: str) -> sql.Composed:
    """A field as it was delivered; of a long one its beginning."""
    return sql.SQL("case when length({0}) > {1} then left({0}, {1}) || '…' else {0} end").format(
        sql.Identifier("b", column), sql.Literal(LONGEST_VALUE)
    )


def _words_of_changes(file: File, delivery: Delivery) -> dict[str, tuple[str, str]]:
    """Complaint and remedy of the rules that loading adds to those of the contract for a `changes` extract."""
    if delivery.extract != "changes":
        return {}
    return {
        f"{file.name}.change.code": (
            "change: '{change}' is neither upsert nor delete.", "Write one of the two and send the row again.",
        ),
        f"{file.name}.change.key": (
            f"{shown(file.key)} cannot be deleted: a part of this key is empty or cannot be read.",
            "Send the whole key of the row that is to be deleted.",
        ),
    }  # fmt: skip


def _words_of_parent(file: File, reference: Reference) -> tuple[str, str]:
    """Complaint and remedy of a row that is kept back because the row it belongs to is."""
    parent, rule = reference.parent_file, rejections.parent_rule(file, reference)
    return (
        f"{shown(reference.columns)}: that row of {parent} was itself kept back ({{{rule}}}).",
        f"Correct that row of {parent} and send it again; this one is then taken up with it.",
    )


def _delivered(file: File, delivery: Delivery, parents: Sequence[Reference]) -> sql.Composed:
    """Query for the rows of a file as delivered, each with a column per parent file: which rows it belongs to there, and by which
    rules those are kept back. The column is called like the rule that keeps the child back.
    """
    told = [sql.SQL(", told_{}.told as {}").format(sql.SQL(str(number)), sql.Identifier(rejections.parent_rule(file, reference)))
            for number, reference in enumerate(parents)]  # fmt: skip
    joins = [
        sql.SQL(
            " left join (select {columns}, array_to_string((array_agg(format('row %s, rule %s', x.row_number, x.rule_id)"
            " order by x.row_number, x.rule_id))[1:3], '; ') || case when count(*) > 3 then '; …' else '' end as told"
            " from {base} p join {rejections} x using (row_number)"
            " where x.file = {parent} and x.severity <> 'info' group by {columns}) told_{number} on {same}"
        ).format(
            columns=names.columns(reference.parent_columns, "p"),
            base=names.in_landing(names.base(reference.parent_file, delivery.delivery_id)),
            rejections=names.in_landing(names.rejections(delivery.delivery_id)),
            parent=sql.Literal(reference.parent_file),
            number=sql.SQL(str(number)),
            same=sql.SQL(" and ").join(
                sql.SQL("d.{} = told_{}.{}").format(sql.Identifier(column), sql.SQL(str(number)), sql.Identifier(of_parent))
                for column, of_parent in zip(reference.columns, reference.parent_columns, strict=True)
            ),
        )
        for number, reference in enumerate(parents)
    ]
    return sql.SQL("select d.*{} from {} d{}").format(
        sql.Composed(told), names.in_landing(names.base(file.name, delivery.delivery_id)), sql.Composed(joins)
    )


def _line(finding: Finding) -> tuple[str | int | None, ...]:
    """A finding on a file or on the delivery as a line of rows.csv; a file that cannot be read has lines, not rows."""
    kept_back, to_do = KEPT_BACK[finding.severity], TO_DO.get(finding.severity)
    where = f"line {finding.line}" if finding.line else None
    return (finding.file, where, finding.column, None, finding.message, to_do, kept_back, finding.rule_id)


def _csv_lines(lines: Sequence[Sequence[object]]) -> bytes:
    with io.StringIO(newline="") as text:
        csv.writer(text, lineterminator="\n").writerows(lines)
        return text.getvalue().encode()


def _first_lines(conn: Connection, file: File, delivery: Delivery, broken: Collection[str]) -> list[Mapping[str, str]]:
    """The first lines of rows.csv about a file, for the page."""
    with conn.cursor() as cursor:
        cursor.execute(_rows_of(file, delivery, broken, ROWS_ON_PAGE))
        lines = cursor.fetchall()
    return [dict(zip(HEADER, ("" if value is None else str(value) for value in line), strict=True)) for line in lines]


def _private(path: Path) -> Path:
    """A new file, empty, readable and writable by its owner only."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
    return path


@cache
def _template() -> Template:
    environment = Environment(loader=PackageLoader("iom_warehouse.loading"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("sender_report.html.jinja")
