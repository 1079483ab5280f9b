"""Reports: figures of the marts are published once, after disclosure control, and pages are rendered from what was published."""

from iom_warehouse.reports.data_docs import write_data_docs
from iom_warehouse.reports.documentation_pages import write_documentation
from iom_warehouse.reports.formats import FORMATS, write
from iom_warehouse.reports.publishing import due, publish, publish_quarterly
from iom_warehouse.reports.rendering import lies_as_released, path_of, remove_released, render
from iom_warehouse.reports.trace import trace_figure
from iom_warehouse.reports.trace_pages import write_trace_pages
from iom_warehouse.reports.validation_pages import write_validation_pages

__all__ = [
    "FORMATS", "due", "lies_as_released", "path_of", "publish", "publish_quarterly", "remove_released", "render", "trace_figure",
    "write", "write_data_docs", "write_documentation", "write_trace_pages", "write_validation_pages",
]  # fmt: skip
