"""Making the outcome report of a quarter from the marts of its newest build."""

from datetime import date

from iom_warehouse import reports
from iom_warehouse.platform.settings import settings


def quarterly(business_date: str | None = None, audience: str = "internal") -> str:
    """Publish and render the report of the quarter that `business_date` (default: the last built night) lies in.

    Returns the path of the page.
    """
    report_id = reports.publish_quarterly(date.fromisoformat(business_date) if business_date else None, audience)
    return str(reports.render(report_id, settings().state_dir / "reports"))
