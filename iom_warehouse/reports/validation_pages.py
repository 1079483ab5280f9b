"""Pages for auditors, from the ledger: every delivery with its rules and what became of its rows, every rule with its history.

Counts and names of rules only; the rows themselves are for the agency that sent them.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection

from iom_warehouse import contracts
from iom_warehouse.platform import database
from iom_warehouse.reports.rendering import environment, write
from iom_warehouse.reports.source import Fact, fetch

CLOCKS_DIFFER = timedelta(minutes=10)
HISTORY = 60  # checks of one rule on its page, the newest; all of them are in audit.validation_result

DELIVERIES = """
    select d.delivery_id, d.feed, d.folder, d.business_date, d.sequence, d.extract, d.status, d.attempt, d.received_at,
        d.decided_at, d.extracted_at, d.contract_version, greatest(d.received_at, d.decided_at, r.closed_at) as changed_at,
        l.n_rows, l.n_rejected, v.n_rules, v.n_failed, r.n_open
    from audit.delivery d
    left join (
        select delivery_id, sum(rows_in_file)::bigint as n_rows, sum(rows_rejected)::bigint as n_rejected
        from audit.file_load group by 1
    ) l using (delivery_id)
    left join (
        select delivery_id, attempt, count(*) as n_rules, count(*) filter (where not success) as n_failed
        from audit.validation_result group by 1, 2
    ) v using (delivery_id, attempt)
    left join (
        select delivery_id, max(closed_at) as closed_at,
            count(distinct (file, row_number)) filter (where closed_at is null) as n_open
        from audit.rejected_row group by 1
    ) r using (delivery_id)
    order by d.delivery_id desc
"""
FILES = """
    select delivery_id, file, rows_in_file, rows_unchanged, rows_new, rows_changed, rows_deleted, rows_rejected, rows_gone,
        rows_taken_up
    from audit.file_load where delivery_id = any(%(deliveries)s) order by delivery_id, file
"""
RESULTS = """
    select v.delivery_id, v.file, v.rule_id, v.expectation, v.severity, v.dimension, v.success, v.is_exempt, v.element_count,
        v.unexpected_count, r.n_rejected, r.n_corrected, r.n_open
    from audit.validation_result v
    join audit.delivery d using (delivery_id, attempt)
    left join (
        select delivery_id, rule_id, count(*) as n_rejected, count(*) filter (where closure = 'corrected') as n_corrected,
            count(*) filter (where closed_at is null) as n_open
        from audit.rejected_row group by 1, 2
    ) r using (delivery_id, rule_id)
    where v.delivery_id = any(%(deliveries)s)
    order by v.delivery_id, v.file, v.success, v.rule_id
"""
FINDINGS = """
    select f.delivery_id, f.rule_id, f.severity, f.message
    from audit.delivery_finding f join audit.delivery d using (delivery_id, attempt)
    where f.delivery_id = any(%(deliveries)s)
    order by f.delivery_id, f.finding_id
"""
# Rules that loading adds to those of the contract have rejections and no results.
OTHER_REJECTIONS = """
    select r.delivery_id, r.rule_id, count(*) as n_rejected, count(*) filter (where r.closure = 'corrected') as n_corrected,
        count(*) filter (where r.closed_at is null) as n_open
    from audit.rejected_row r
    where r.delivery_id = any(%(deliveries)s) and not exists (
        select from audit.validation_result v where v.delivery_id = r.delivery_id and v.rule_id = r.rule_id
    ) group by 1, 2 order by 1, 2
"""
PARTS = {"files": FILES, "results": RESULTS, "findings": FINDINGS, "others": OTHER_REJECTIONS}
CHECKS = """
    select * from (
        select v.rule_id, v.delivery_id, d.feed, d.folder, d.business_date, v.attempt, v.severity, v.success, v.is_exempt,
            v.element_count, v.unexpected_count, v.validated_at,
            row_number() over (partition by v.rule_id order by v.validated_at desc, v.delivery_id desc) as age
        from audit.validation_result v join audit.delivery d using (delivery_id)
    ) checks where age <= %(most)s order by rule_id, age
"""


def write_validation_pages(folder: Path) -> Path:
    """Write index.html, a page per delivery and a page per rule into `folder`. Returns the path of the index.

    The page of a delivery that has not changed since it was written is left as it is, so a night costs a night's pages.
    """
    for part in ("deliveries", "rules"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    with database.transaction("publisher") as conn:
        deliveries = fetch(conn, DELIVERIES)
        changed = [delivery for delivery in deliveries if not is_written(_page_of(folder, delivery), delivery["changed_at"])]
        ids = [delivery["delivery_id"] for delivery in changed]
        parts = {name: _by(conn, query, "delivery_id", deliveries=ids) for name, query in PARTS.items()}
        checks = _by(conn, CHECKS, "rule_id", most=HISTORY)
    rules = _declared()
    pages = environment()
    page = pages.get_template("delivery.html.jinja")
    for delivery in changed:
        facts = {name: found.get(delivery["delivery_id"], []) for name, found in parts.items()}
        write(_page_of(folder, delivery), page.render(delivery=delivery, rules=rules, **facts))
    page = pages.get_template("rule.html.jinja")
    for rule_id, found in checks.items():
        text = page.render(rule_id=rule_id, rule=rules.get(rule_id), checks=found, most=HISTORY)
        write(folder / "rules" / f"{rule_id}.html", text)
    index = folder / "index.html"
    traces = (folder / "trace" / "index.html").exists()
    write(
        index,
        pages.get_template("validation.html.jinja").render(deliveries=deliveries, rules=_in_short(checks, rules), traces=traces),
    )
    return index


def _page_of(folder: Path, delivery: Fact) -> Path:
    return folder / "deliveries" / f"{delivery['delivery_id']}.html"


def is_written(page: Path, changed_at: datetime) -> bool:
    """Whether the page is younger than the newest change, by more than the clocks of the two machines may differ."""
    return page.exists() and datetime.fromtimestamp(page.stat().st_mtime, UTC) > changed_at + CLOCKS_DIFFER


def _declared() -> dict[str, Any]:
    """The rules of the contracts by their names."""
    return {rule.rule_id: rule for contract in contracts.all() for file in contract.files for rule in file.rules}


def _in_short(checks: dict[Any, list[Fact]], rules: dict[str, Any]) -> list[Fact]:
    """Rules that failed in one of their newest checks, those that failed last first."""
    failing = [
        {
            "rule_id": rule_id,
            "description": rules[rule_id].description if rule_id in rules else "no longer in the contract",
            "severity": found[0]["severity"],
            "n_checks": len(found),
            "n_failed": sum(not check["success"] for check in found),
            "last_failed": max(check["validated_at"] for check in found if not check["success"]),
        }
        for rule_id, found in checks.items()
        if not all(check["success"] for check in found)
    ]
    return sorted(failing, key=lambda rule: rule["last_failed"], reverse=True)


def _by(conn: Connection, query: str, column: str, **parameters: Any) -> dict[Any, list[Fact]]:
    found: dict[Any, list[Fact]] = defaultdict(list)
    for row in fetch(conn, query, **parameters):
        found[row[column]].append(row)
    return found
