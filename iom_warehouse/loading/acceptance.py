"""Whether a delivery may be taken at all: its place in the feed's sequence, its files, the agreement it comes under."""

from datetime import UTC, datetime, timedelta

from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import Contract
from iom_warehouse.delivery.finding import Finding
from iom_warehouse.delivery.manifest import Manifest
from iom_warehouse.loading import configured, ledger
from iom_warehouse.platform.local_time import LONDON

CLOCKS_MAY_DIFFER_BY = timedelta(hours=1)
AGAIN = "Send the delivery again with a new sequence."


def check(conn: Connection, contract: Contract, manifest: Manifest, delivery_id: int) -> list[Finding]:
    """Findings about a delivery before a byte of its files is read; those of severity info do not stand in its way."""
    return [
        *_terms(contract, manifest, delivery_id),
        *_agreement(conn, contract),
        *_files(contract, manifest),
        *_order(conn, contract.feed, manifest, delivery_id),
    ]


def _terms(contract: Contract, manifest: Manifest, delivery_id: int) -> list[Finding]:
    found = []
    if manifest.contract_version != contract.version:
        message = f"The manifest names contract version {manifest.contract_version}; ours is {contract.version}. {AGAIN}"
        found.append(_finding("contract_version", message))
    if manifest.business_date > manifest.extracted_at.astimezone(LONDON).date():
        found.append(_finding("business_date", f"The business date lies after the day on which it was extracted. {AGAIN}"))
    if manifest.business_date > contract.agreement_review_on:
        message = (
            f"The sharing agreement {contract.agreement_id} was to be reviewed by {contract.agreement_review_on}:"
            " nothing may be loaded under it. Once it is renewed, the partnership puts the new date into the contract of"
            f" {contract.feed} and runs `iom delivery retry {delivery_id}`; the delivery need not be sent again."
        )
        found.append(_finding("agreement", message))
    return found


def _agreement(conn: Connection, contract: Contract) -> list[Finding]:
    if configured.knows_agreement(conn, contract.agreement_id):
        return []
    message = (
        f"The contract of {contract.feed} names the sharing agreement {contract.agreement_id}, which is not in agreements.csv."
        " That alone refuses nothing; the partnership adds it to agreements.csv or corrects its number in the contract."
    )
    return [_finding("agreement_unknown", message, severity="info")]


def _files(contract: Contract, manifest: Manifest) -> list[Finding]:
    known = {file.name: file for file in contract.files}
    sent = {entry.file for entry in manifest.files}
    unknown = len(sent - set(known))
    missing = [name for name, file in known.items() if name not in sent and not file.optional]
    return [
        *([_unknown_files(contract, unknown)] if unknown else ()),
        *(
            _finding("missing_file", f"{name} is missing from the manifest; a file without rows is sent with its header. {AGAIN}")
            for name in missing
        ),
    ]


def _unknown_files(contract: Contract, number: int) -> Finding:
    """Told without their names, which the sender chose and which may hold a person's."""
    files = "file" if number == 1 else "files"
    what = f"The manifest lists {number:,} {files} that the contract of {contract.feed} does not have"
    return _finding("unknown_file", f"{what}: compare each `file` of the manifest with the contract. {AGAIN}")


def _order(conn: Connection, feed: str, manifest: Manifest, delivery_id: int) -> list[Finding]:
    found = []
    last = ledger.last_published(conn, feed)
    if ledger.was_decided(conn, feed, manifest.sequence, besides=delivery_id):
        found.append(_finding("sequence", f"Sequence {manifest.sequence} was used before. {AGAIN}"))
    if manifest.extracted_at > datetime.now(UTC) + CLOCKS_MAY_DIFFER_BY:
        found.append(
            _finding(
                "extracted_at",
                f"extracted_at lies in the future: {manifest.extracted_at.isoformat()}. Check the sender's clock. {AGAIN}",
            )
        )
    if last and last.sequence is not None and last.extracted_at is not None:
        if manifest.sequence < last.sequence:
            found.append(
                _finding(
                    "sequence", f"Sequence {manifest.sequence} comes after {last.sequence} was published; sequences rise. {AGAIN}"
                )
            )
        if manifest.extracted_at < last.extracted_at:
            found.append(
                _finding(
                    "extracted_at",
                    f"It was extracted before the last published delivery, sequence {last.sequence}: what is"
                    f" newer stays. {AGAIN}",
                )
            )
        if manifest.sequence > last.sequence + 1:
            first, final = last.sequence + 1, manifest.sequence - 1
            skipped = f"Sequence {first} was" if first == final else f"Sequences {first} to {final} were"
            found.append(_finding("skipped", f"{skipped} never published.", severity="info"))
    if manifest.extract == "changes" and manifest.base_sequence != (last.sequence if last else None):
        base = f"the last published delivery is {last.sequence}" if last else "nothing was published yet"
        message = (
            f"It holds changes since sequence {manifest.base_sequence}, but {base}."
            " Send a full extract, or the changes since that one, with a new sequence."
        )
        found.append(_finding("base_sequence", message))
    return found


def _finding(rule: str, message: str, severity: str = "critical") -> Finding:
    return Finding(f"delivery.{rule}", message, severity=severity)
