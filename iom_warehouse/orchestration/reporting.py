"""Making the pages that people read from the newest build: outcome reports, and what auditors inspect."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from iom_warehouse import reports
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings

log = get("reports")


def quarterly(business_date: str | None = None, audience: str = "internal") -> str:
    """Publish and render the report of the quarter that `business_date` (default: the last built night) lies in.

    Returns the path of the page.
    """
    report_id = reports.publish_quarterly(date.fromisoformat(business_date) if business_date else None, audience)
    return str(reports.render(report_id, _folder()))


def make(
    kind: str, period: str | None = None, area: str | None = None, audience: str = "internal", known_on: date | None = None,
    formats: Sequence[str] = reports.FORMATS,
) -> list[Path]:  # fmt: skip
    """Publish a report, of each of its areas if it has any, and write it in some formats. Returns the files.

    Raises IomError where there is no such report; what keeps a format from being written is raised after all others are there.
    """
    issued = reports.publish(kind, period, area, audience, known_on)
    return [path for report_id in issued for path in reports.write(report_id, _folder(), formats)]


def due(day: date) -> list[Path]:
    """Make all reports whose period ended with the month before that of `day`, for each of their audiences."""
    found = reports.due(day)
    for kind, period, audience in found:
        log.info("due: %s of %s for %s", kind, period, audience)
    return [path for kind, period, audience in found for path in make(kind, period, None, audience)]


def auditor_pages() -> str:
    """Write the validation pages and Great Expectations' Data Docs. Returns the path of the index."""
    folder = settings().state_dir / "validation"
    reports.write_data_docs(folder / "data_docs")
    return str(reports.write_validation_pages(folder))


def _folder() -> Path:
    return settings().state_dir / "reports"
