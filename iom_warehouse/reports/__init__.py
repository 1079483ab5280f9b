"""Reports: figures of the marts are published once, after disclosure control, and pages are rendered from what was published."""

from iom_warehouse.reports.data_docs import write_data_docs
from iom_warehouse.reports.publishing import publish_quarterly
from iom_warehouse.reports.rendering import page_of, render
from iom_warehouse.reports.trace import trace_figure
from iom_warehouse.reports.trace_pages import write_trace_pages
from iom_warehouse.reports.validation_pages import write_validation_pages

__all__ = [
    "page_of",
    "publish_quarterly",
    "render",
    "trace_figure",
    "write_data_docs",
    "write_trace_pages",
    "write_validation_pages",
]
