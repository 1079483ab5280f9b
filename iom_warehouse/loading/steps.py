"""The steps of a load, as tasks call them: receive, land, validate, publish. Each takes and returns numbers, never rows.

A step first makes sure of the one before it, so any of them can be run again after a crash, by anybody, in any state.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection

from iom_warehouse import contracts
from iom_warehouse.delivery import inbox
from iom_warehouse.delivery import manifest as manifests
from iom_warehouse.delivery.finding import Finding, Refused
from iom_warehouse.delivery.manifest import Manifest, ReadManifest
from iom_warehouse.delivery.opening import open_file
from iom_warehouse.loading import acceptance, landing, ledger, rejections, sender_report, taking_up, validation, withdrawals
from iom_warehouse.loading.ledger import Delivery
from iom_warehouse.loading.publishing import FilePublisher
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings

log = get("loading")
GO_ON = "run `iom delivery retry NUMBER` (`iom delivery list` shows the number): it goes on from there."
TABLES_DIFFER = f"The tables do not fit the contracts: run `iom contracts apply`, then {GO_ON}"
LOCK_IS_HELD = (
    "Another transaction kept a lock that this needs, such as that of audit.event: pg_locks and pg_stat_activity show whose."
    f" End it, then {GO_ON}"
)
NEXT_STEPS = {"42P01": TABLES_DIFFER, "42703": TABLES_DIFFER, "55P03": LOCK_IS_HELD}  # undefined table, undefined column, lock


@dataclass(frozen=True)
class Outcome:
    """Where a delivery has got to. No values of rows: fit for logs and XCom."""

    delivery_id: int
    feed: str
    folder: str
    status: str


def receive(feed: str, folder: str) -> Outcome:
    """Enter a delivery folder into the ledger and check whether it may be taken at all; refuses it if not."""
    found = inbox.find(settings().inbox, feed, folder)
    if not found:
        raise IomError(
            f"There is no delivery {feed}/{folder} in {settings().inbox}.", "Run `iom delivery list` to see what waits."
        )
    with _loading(feed) as conn:
        read = manifests.read(found.path)
        delivery_id = ledger.register(conn, feed, folder, read.sha256, read.content)
        conn.commit()  # so that it has a number to be tried again by, whatever happens now
        for replaced in ledger.undecided(conn, feed, folder, besides=delivery_id):
            message = f"Its manifest was replaced before it was loaded; it was received anew as delivery {delivery_id}."
            _go_on_to(conn, replaced, [Finding(ledger.REPLACED, message)], replaced.status)
        delivery = ledger.find(conn, delivery_id)
        if delivery.status != "received":
            return _outcome(delivery)
        findings = list(read.findings)
        if read.content:
            findings += acceptance.check(conn, contracts.get(feed), read.content, delivery_id)
        return _outcome(_go_on_to(conn, delivery, findings, delivery.status))


def land(delivery_id: int) -> Outcome:
    """COPY every file of a received delivery into landing; refuses it when a file cannot be read."""
    with _delivery(delivery_id) as (conn, delivery):
        if delivery.status == "received":
            delivery = _land(conn, delivery)
        return _outcome(delivery)


def validate(delivery_id: int) -> Outcome:
    """Let Great Expectations decide every rule; refuses the delivery when a critical one fails."""
    with _delivery(delivery_id) as (conn, delivery):
        return _outcome(_validate(conn, delivery))


def publish(delivery_id: int) -> Outcome:
    """Make a validated delivery visible: all its files in one transaction, with the ledger's counts."""
    with _delivery(delivery_id) as (conn, delivery):
        return _outcome(_publish_if_valid(conn, delivery))


def retry(delivery_id: int) -> Outcome:
    """Try a refused delivery again from the start, once what stood in its way is mended; go on with one that was left undecided.

    Raises IomError, with nothing changed, when it could not even be received: its reasons and its report stay as they are.
    """
    with _delivery(delivery_id) as (conn, delivery):
        if delivery.status != "refused":
            return _outcome(_publish_if_valid(conn, delivery))
        read = _read_again(conn, delivery)
        findings = [
            *read.findings,
            *(acceptance.check(conn, contracts.get(delivery.feed), read.content, delivery_id) if read.content else ()),
        ]
        if critical := [found.message for found in findings if found.severity == "critical"]:
            reasons = "".join(f"\n  {message}" for message in critical)
            raise IomError(
                f"Delivery {delivery_id} cannot be taken as it lies there:{reasons}\n",
                "Nothing was changed. What the agency mends comes with a new sequence; this delivery need not be tried again.",
            )
        ledger.reopen(conn, delivery_id)
    return publish(receive(delivery.feed, delivery.folder).delivery_id)


@contextmanager
def _loading(feed: str) -> Iterator[Connection]:
    """A connection as loader that holds the feed's lock; one load of a feed at a time.

    What goes wrong in the database leaves as an IomError without the database's words, which may quote a row.
    """
    conn = database.connect("loader")
    try:
        if not ledger.try_lock_feed(conn, feed):
            log.info("%s: waiting until another load of this feed ends", feed)
            ledger.lock_feed(conn, feed)
        yield conn
        conn.commit()
    except psycopg2.Error as error:
        raise _without_values(error, feed).with_traceback(error.__traceback__) from None
    finally:
        conn.close()


def _without_values(error: psycopg2.Error, feed: str) -> IomError:
    place = ", ".join(part for part in (error.diag.table_name, error.diag.column_name, error.diag.constraint_name) if part)
    what = f"{type(error).__name__}, SQLSTATE {error.pgcode}" + (f", {place}" if place else "")
    next_step = NEXT_STEPS.get(
        error.pgcode or "", f"To try again, {GO_ON} If it ends so again, the place above says where."
    )
    return IomError(f"The database ended a load of {feed} ({what}). Nothing of this step was kept.", next_step)


@contextmanager
def _delivery(delivery_id: int) -> Iterator[tuple[Connection, Delivery]]:
    with database.transaction("loader") as conn:
        feed = ledger.find(conn, delivery_id).feed
    with _loading(feed) as conn:
        yield conn, ledger.find(conn, delivery_id)


def _land(conn: Connection, delivery: Delivery) -> Delivery:
    contract = contracts.get(delivery.feed)
    manifest = _manifest_of(conn, delivery)
    folder = _folder_of(delivery)
    findings = _not_in_manifest(folder, manifest)
    entries = {entry.file: entry for entry in manifest.files}
    landed = []
    for file in contract.files:
        if file.name not in entries:
            continue
        try:
            with conn.cursor() as cursor:
                cursor.execute("savepoint before_file")
            with open_file(folder, delivery.feed, entries[file.name]) as opened:
                rows = landing.land_file(conn, file, opened, delivery.delivery_id, delivery.extract == "changes")
            ledger.set_rows_in_file(conn, delivery.delivery_id, file.name, rows)
            landed.append(file.name)
            log.debug("%s %s: %s has %s rows", delivery.feed, delivery.folder, file.name, f"{rows:,}")
        except Refused as refused:
            findings += refused.findings
            with conn.cursor() as cursor:
                cursor.execute("rollback to savepoint before_file")
    landing.finish(conn, delivery.feed, delivery.delivery_id)
    if any(found.severity == "critical" for found in findings):  # its sender is to mend all of it at once
        findings += validation.wrong_columns(conn, contract, delivery, landed)
    return _go_on_to(conn, delivery, findings, "landed")


def _not_in_manifest(folder: Path, manifest: Manifest) -> list[Finding]:
    """A note on files that nothing was done with: one of them may be a missing file under a wrong name."""
    number = inbox.unlisted(folder, [entry.name for entry in manifest.files])
    if not number:
        return []
    message = (
        f"The folder holds {number:,} {'file' if number == 1 else 'files'} not listed in the manifest; nothing was done with"
        f" {'it' if number == 1 else 'them'}. Compare the names in the folder with those in the manifest."
    )
    return [Finding("delivery.unlisted", message, severity="info")]


def _validate(conn: Connection, delivery: Delivery) -> Delivery:
    if delivery.is_decided:
        return delivery
    contract = contracts.get(delivery.feed)
    rows = {file: count for file, count in ledger.rows_in_files(conn, delivery.delivery_id).items() if count is not None}
    if delivery.status == "received" or not landing.is_complete(conn, delivery.feed, delivery.delivery_id):
        delivery = _land(conn, delivery)
        rows = ledger.rows_in_files(conn, delivery.delivery_id)
    elif delivery.status == "validated":
        return delivery
    if delivery.is_decided:
        return delivery
    findings = validation.validate_delivery(conn, contract, delivery, rows)
    return _go_on_to(conn, delivery, findings, "validated")


def _publish_if_valid(conn: Connection, delivery: Delivery) -> Delivery:
    delivery = _validate(conn, delivery)
    return _publish(conn, delivery) if delivery.status == "validated" else delivery


def _publish(conn: Connection, delivery: Delivery) -> Delivery:
    contract = contracts.get(delivery.feed)
    findings = acceptance.check(conn, contract, _manifest_of(conn, delivery), delivery.delivery_id)
    if any(found.severity == "critical" for found in findings):  # another delivery was published since this one was received
        return _go_on_to(conn, delivery, findings, "validated")
    rows = ledger.rows_in_files(conn, delivery.delivery_id)
    notes: list[Finding] = []
    withdrawn_from: set[str] = set()
    for file in contract.files:
        if file.name in rows:
            rejected = rejections.rejected_count(conn, delivery.delivery_id, file.name)
            publisher = FilePublisher(conn, file, delivery, rows[file.name], rejected)
            counts = publisher.publish()
            ledger.set_counts(conn, delivery.delivery_id, file.name, asdict(counts))
            notes += publisher.findings
            if counts.deleted or counts.gone:
                withdrawn_from.add(file.name)
    ledger.set_taken_up(conn, delivery.delivery_id, taking_up.take_up(conn, contract, delivery))
    rejections.forget_taken_up(conn, delivery.delivery_id)
    notes += withdrawals.notes(conn, contract, delivery, withdrawn_from)
    ledger.note(conn, delivery, notes)
    sender_report.write(conn, contract, delivery, "published")
    landing.clear(conn, delivery.delivery_id)
    ledger.advance(conn, delivery.delivery_id, "published")
    ledger.record_event(conn, "publish delivery", delivery)
    conn.commit()
    log.info("%s %s: published", delivery.feed, delivery.folder)
    _refuse_overtaken(conn, delivery)
    return ledger.find(conn, delivery.delivery_id)


def _refuse_overtaken(conn: Connection, published: Delivery) -> None:
    """What was left undecided before a delivery was published can follow it no longer, and must not stay in landing for ever."""
    for overtaken in ledger.overtaken(conn, published):
        message = f"The delivery {published.folder} was published before this one was decided. Send what is still missing anew."
        _go_on_to(conn, overtaken, [Finding("delivery.overtaken", message)], overtaken.status)


def _manifest_of(conn: Connection, delivery: Delivery) -> Manifest:
    """The manifest that was received. Raises IomError when the folder was changed or removed since."""
    content = _read_again(conn, delivery).content
    if content is None:
        raise IomError(
            f"The manifest of {delivery.feed}/{delivery.folder} cannot be read.", "The agency sends the delivery again."
        )
    return content


def _read_again(conn: Connection, delivery: Delivery) -> ReadManifest:
    read = manifests.read(_folder_of(delivery))
    if read.sha256 != ledger.manifest_sha256(conn, delivery.delivery_id):
        raise IomError(
            f"The manifest of {delivery.feed}/{delivery.folder} has changed since it was received.",
            "The next run takes it as a new delivery.",
        )
    return read


def _folder_of(delivery: Delivery) -> Path:
    found = inbox.find(settings().inbox, delivery.feed, delivery.folder)
    if not found:
        raise IomError(
            f"The folder of delivery {delivery.feed}/{delivery.folder} is no longer in the inbox.",
            f"Put it back, then run: iom delivery retry {delivery.delivery_id}",
        )
    return found.path


def _go_on_to(conn: Connection, delivery: Delivery, findings: Sequence[Finding], status: str) -> Delivery:
    """Note the findings; refuse the delivery when one of them is critical, else move it to `status`."""
    ledger.note(conn, delivery, findings)
    if any(found.severity == "critical" for found in findings):
        sender_report.write(conn, contracts.get(delivery.feed), delivery, "refused")
        landing.clear(conn, delivery.delivery_id)
        ledger.record_event(conn, "refuse delivery", delivery)
        status = "refused"
        for found in findings:
            if found.severity == "critical":
                log.warning("%s %s refused: %s", delivery.feed, delivery.folder, found.message)
    if status != delivery.status:
        ledger.advance(conn, delivery.delivery_id, status)
    conn.commit()
    return ledger.find(conn, delivery.delivery_id)


def _outcome(delivery: Delivery) -> Outcome:
    return Outcome(delivery.delivery_id, delivery.feed, delivery.folder, delivery.status)
