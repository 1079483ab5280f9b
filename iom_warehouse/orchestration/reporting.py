"""Making the pages that people read from the newest build: the outcome report of a quarter, and what auditors inspect."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from iom_warehouse import reports, sending, signoff
from iom_warehouse.platform.settings import settings


def quarterly(business_date: str | None = None, audience: str = "internal") -> str:
    """Publish and render the report of the quarter that `business_date` (default: the last built night) lies in.

    Returns the path of the page.
    """
    report_id = reports.publish_quarterly(date.fromisoformat(business_date) if business_date else None, audience)
    return str(render(report_id))


def render(report_id: int) -> Path:
    """Write the page of a report again, as it stands now. Returns its path."""
    return reports.render(report_id, settings().state_dir / "reports")


def render_after_signing(report_id: int) -> Path:
    """The same, that of the report which this one replaces (it says so), and their traces."""
    replaced = signoff.read(report_id).replaces
    if replaced:
        render(replaced)
    reports.write_trace_pages(settings().state_dir / "validation" / "trace")
    return render(report_id)


def describe(report_id: int) -> Iterator[str]:
    """Lines about a report: how it stands, and its sign-off step by step."""
    report = signoff.read(report_id)
    version = f", version {report.version}" if report.version else ""
    yield f"Report {report_id}: {report.title}; for the audience {report.audience}, {report.marking}"
    yield f"  made {report.made_at:%Y-%m-%d %H:%M} from build {report.build_id}; it is {report.state}{version}"
    if report.correction:
        yield f"  corrects report {report.replaces}: {report.correction}"
    if report.replaced_by:
        yield f"  replaced by report {report.replaced_by}"
    for signed in signoff.history(report_id):
        yield f"  {signed.signed_at:%Y-%m-%d %H:%M}  {signed.step} by {signed.login}: {signed.reason}"
    for attempt in sending.of_report(report_id):
        why = f" ({attempt.failure})" if attempt.failure else ""
        yield f"  {attempt.ended_at:%Y-%m-%d %H:%M}  {attempt.way} for {attempt.recipient}: {attempt.outcome}{why}"
    yield f"  page: {reports.page_of(report_id, settings().state_dir / 'reports')}"


def auditor_pages() -> str:
    """Write the validation pages, the traces of reports and Great Expectations' Data Docs. Returns the path of the index."""
    folder = settings().state_dir / "validation"
    reports.write_data_docs(folder / "data_docs")
    reports.write_trace_pages(folder / "trace")
    return str(reports.write_validation_pages(folder))
