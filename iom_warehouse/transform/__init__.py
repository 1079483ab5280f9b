"""Build the marts: dbt run in this process on what the linked feeds hold at a vintage.

transform.build(business_date, vintage, linkage_run, configuration_id, build_id, as_of_schema="")
transform.docs(target_dir)
"""

from iom_warehouse.transform.building import BuildFailed, BuildResult, build
from iom_warehouse.transform.documentation import docs

__all__ = ["BuildFailed", "BuildResult", "build", "docs"]
