"""What the ledger says about deliveries and rules, for engineers and auditors. Never values of rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from iom_warehouse import contracts
from iom_warehouse.delivery import inbox, manifest
from iom_warehouse.loading import rejections, sender_report
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings

WAITING = "waiting"


@dataclass(frozen=True)
class DeliveryLine:
    """A delivery at a glance. One that waits in the inbox has no number; rows and rejected are None until they are counted."""

    delivery_id: int | None
    feed: str
    folder: str
    status: str
    rows: int | None = None
    rejected: int | None = None


@dataclass(frozen=True)
class RuleCheck:
    """One rule, checked on one attempt at one delivery: how many rows the file had, and how many of them broke the rule."""

    delivery_id: int
    feed: str
    business_date: date
    attempt: int
    severity: str
    success: bool
    is_exempt: bool
    element_count: int
    unexpected_count: int
    validated_at: datetime


@dataclass(frozen=True)
class FileLine:
    """What became of the rows of one file; None where the delivery did not get that far. `taken_up`: rows kept back earlier."""

    file: str
    rows: int | None
    unchanged: int | None
    new: int | None
    changed: int | None
    deleted: int | None
    rejected: int | None
    gone: int | None
    taken_up: int


@dataclass(frozen=True)
class FailedRule:
    """A rule that did not hold in a delivery's present attempt."""

    rule_id: str
    severity: str
    is_exempt: bool
    unexpected_count: int


@dataclass(frozen=True)
class KeptBackRows:
    """Rows rejected for what no rule of the contract says: a parent that was rejected itself, or a mark that is none."""

    rule_id: str
    count: int


@dataclass(frozen=True)
class FindingLine:
    """Why a delivery was refused, or a note on it."""

    rule_id: str
    severity: str
    message: str


@dataclass(frozen=True)
class DeliveryDetails:
    """One delivery with its files, the rules that failed in its present attempt, what else rejected rows, and its findings."""

    delivery_id: int
    feed: str
    folder: str
    status: str
    attempt: int
    extract: str | None
    extracted_at: datetime | None
    received_at: datetime
    decided_at: datetime | None
    files: tuple[FileLine, ...]
    failed_rules: tuple[FailedRule, ...]
    kept_back: tuple[KeptBackRows, ...]
    findings: tuple[FindingLine, ...]


def deliveries(feed: str | None = None) -> list[DeliveryLine]:
    """Deliveries of one feed or of all: those in the ledger in the order of arrival, then those that wait in the inbox."""
    rows = _rows(
        "select d.delivery_id, d.feed, d.folder, d.status, sum(l.rows_in_file)::bigint, sum(l.rows_rejected)::bigint"
        " from audit.delivery d left join audit.file_load l using (delivery_id) where %(feed)s is null or d.feed = %(feed)s"
        " group by d.delivery_id order by d.delivery_id",
        feed=feed,
    )
    return [*(DeliveryLine(*row) for row in rows), *_waiting(feed)]


def delivery(delivery_id: int) -> DeliveryDetails:
    """One delivery in full. Raises IomError when the ledger has none of this number."""
    facts = _rows(
        "select delivery_id, feed, folder, status, attempt, extract, extracted_at, received_at, decided_at from"
        " audit.delivery where delivery_id = %(id)s",
        id=delivery_id,
    )
    if not facts:
        raise IomError(f"There is no delivery {delivery_id}.", "Run `iom delivery list` to see those there are.")
    files = _rows(
        "select file, rows_in_file, rows_unchanged, rows_new, rows_changed, rows_deleted, rows_rejected,"
        " rows_gone, rows_taken_up from audit.file_load"
        " where delivery_id = %(id)s order by file",
        id=delivery_id,
    )
    failed = _rows(
        "select v.rule_id, v.severity, v.is_exempt, v.unexpected_count from audit.validation_result v join"
        " audit.delivery d using (delivery_id, attempt)"
        " where v.delivery_id = %(id)s and not v.success order by array_position(array['critical', 'warning',"
        " 'info'], v.severity), v.rule_id",
        id=delivery_id,
    )
    kept_back = _rows(
        "select rule_id, count(*) from audit.rejected_row where delivery_id = %(id)s and not rule_id = any(%(failed)s)"
        " group by rule_id order by rule_id",
        id=delivery_id,
        failed=[rule_id for rule_id, *_ in failed],
    )
    findings = _rows(
        "select f.rule_id, f.severity, f.message from audit.delivery_finding f join audit.delivery d using (delivery_id, attempt)"
        " where f.delivery_id = %(id)s order by f.finding_id",
        id=delivery_id,
    )
    lists = ((FileLine, files), (FailedRule, failed), (KeptBackRows, kept_back), (FindingLine, findings))
    return DeliveryDetails(*[*facts[0], *(tuple(line(*row) for row in rows) for line, rows in lists)])


def describe(delivery_id: int) -> Iterator[str]:
    """The same as `delivery`, in lines for a person."""
    found = delivery(delivery_id)
    attempt = f", attempt {found.attempt}" if found.attempt > 1 else ""
    yield f"Delivery {found.delivery_id}: {found.feed} {found.folder} is {found.status}{attempt}"
    made = f"{found.extract} extract of {found.extracted_at}" if found.extract else "its manifest could not be read"
    yield f"  {made}, received {found.received_at:%Y-%m-%d %H:%M}"
    for file in found.files:
        yield f"  {file.file}: {_file_in_words(file)}"
    for rule in found.failed_rules:
        exempt = ", set aside by an exemption" if rule.is_exempt else ""
        broken = f": {_broken(rule.unexpected_count)} it" if rule.unexpected_count else ""  # none of a rule on the whole file
        yield f"  rule {rule.rule_id} ({rule.severity}{exempt}) failed{broken}"
    for rows in found.kept_back:
        yield f"  rule {rows.rule_id} kept back {rows.count:,} {'row' if rows.count == 1 else 'rows'}{_kept_for(rows.rule_id)}"
    for finding in found.findings:
        yield f"  {finding.severity}: {finding.message} (rule {finding.rule_id})"
    page = sender_report.page_of(found.feed, found.folder, found.delivery_id)
    if page:
        yield f"  report for the sender: {page}"


# Rules of the interface itself, such as a checksum, and of loading, such as a parent kept back: known only where they fail.
BESIDE_CONTRACTS = """
    select delivery_id, d.feed, d.business_date, f.attempt, f.severity, false, false, null::bigint, count(*), max(d.decided_at)
    from audit.delivery_finding f join audit.delivery d using (delivery_id) where f.rule_id = %(rule)s
    group by delivery_id, d.feed, d.business_date, f.attempt, f.severity
    union all
    select delivery_id, d.feed, d.business_date, d.attempt, 'warning', false, false, null, count(*), max(d.decided_at)
    from audit.rejected_row r join audit.delivery d using (delivery_id) where r.rule_id = %(rule)s
    group by delivery_id, d.feed, d.business_date, d.attempt
    order by 1, 4
"""


def of_rule(rule_id: str) -> list[RuleCheck]:
    """Every check of one rule, the newest last. Raises IomError for a rule that is in no contract and was never checked."""
    checks = [
        RuleCheck(*row)
        for row in _rows(
            "select v.delivery_id, d.feed, d.business_date, v.attempt, v.severity, v.success, v.is_exempt,"
            " v.element_count, v.unexpected_count,"
            " v.validated_at from audit.validation_result v join audit.delivery d using (delivery_id)"
            " where v.rule_id = %(rule)s order by v.validated_at, v.delivery_id",
            rule=rule_id,
        )
    ]
    checks = checks or [RuleCheck(*row) for row in _rows(BESIDE_CONTRACTS, rule=rule_id)]
    if not checks and rule_id not in {
        rule.rule_id for contract in contracts.all() for file in contract.files for rule in file.rules
    }:
        raise IomError(
            f"There is no rule {rule_id!r}.",
            "Rules are called <file>.<columns>.<name>, for example prison_spell.released_on.type.",
        )
    return checks


def _waiting(feed: str | None) -> Iterator[DeliveryLine]:
    feeds = [feed] if feed else [contract.feed for contract in contracts.all()]
    received = set(_rows("select feed, folder, manifest_sha256 from audit.delivery"))
    for name in feeds:
        for folder in inbox.folders(settings().inbox, name):
            if (name, folder.path.name, manifest.read(folder.path).sha256) not in received:
                yield DeliveryLine(None, name, folder.path.name, WAITING)


def _kept_for(rule_id: str) -> str:
    """What a row must keep to that is kept back by no rule of the contract."""
    files = (file for contract in contracts.all() for file in contract.files)
    words = {rule: text for file in files for rule, text in rejections.waiting_in_words(file).items()}
    return f": {words[rule_id]}" if rule_id in words else ""


def _broken(count: int) -> str:
    return "1 row breaks" if count == 1 else f"{count:,} rows break"


def _file_in_words(file: FileLine) -> str:
    if file.rows is None:
        return "not landed"
    kinds = ("unchanged", "new", "changed", "deleted", "rejected", "gone")
    parts = [f"{count:,} {kind}" for kind in kinds if (count := getattr(file, kind))]
    words = f"{file.rows:,} rows" + (f" ({', '.join(parts)})" if parts else "")
    return words + (f"; {file.taken_up:,} kept back earlier taken up" if file.taken_up else "")


def _rows(query: str, **parameters: Any) -> list[Any]:
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
