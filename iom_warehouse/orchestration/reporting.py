"""Making the pages that people read from the newest build: the outcome report of a quarter, and what auditors inspect."""

from datetime import date

from iom_warehouse import reports
from iom_warehouse.platform.settings import settings


def quarterly(business_date: str | None = None, audience: str = "internal") -> str:
    """Publish and render the report of the quarter that `business_date` (default: the last built night) lies in.

    Returns the path of the page.
    """
    report_id = reports.publish_quarterly(date.fromisoformat(business_date) if business_date else None, audience)
    return str(reports.render(report_id, settings().state_dir / "reports"))


def auditor_pages() -> str:
    """Write the validation pages and Great Expectations' Data Docs. Returns the path of the index."""
    folder = settings().state_dir / "validation"
    reports.write_data_docs(folder / "data_docs")
    return str(reports.write_validation_pages(folder))
