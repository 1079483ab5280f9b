"""The pages that people read with a login of Airflow: which reports a login may read, and where the files lie.

Imported by the process that answers browsers, so it imports no stage.
"""

from iom_warehouse.site.files import NotAsReleasedError, Served, documentation, report, validation
from iom_warehouse.site.html import home, list_of_reports
from iom_warehouse.site.register import Facts, reports_of

__all__ = [
    "Facts", "NotAsReleasedError", "Served", "documentation", "home", "list_of_reports", "report", "reports_of", "validation",
]  # fmt: skip
