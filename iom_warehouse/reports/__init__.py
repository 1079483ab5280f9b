"""Reports: figures of the marts are published once, after disclosure control, and pages are rendered from what was published."""

from iom_warehouse.reports.publishing import publish_quarterly
from iom_warehouse.reports.rendering import render

__all__ = ["publish_quarterly", "render"]
