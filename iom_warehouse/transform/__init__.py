"""Build the marts: dbt run in this process on what the linked feeds hold at a vintage.

transform.build(business_date, vintage, linkage_run, configuration_id, build_id, as_of_schema="", since_build=0)
transform.find_changes(cursor, since, vintage, linkage_run, business_date)    # who is built again, before a build since another
transform.project_digest()
transform.docs(target_dir)
"""

from iom_warehouse.transform.building import BuildFailed, build
from iom_warehouse.transform.changes import Since
from iom_warehouse.transform.changes import find as find_changes
from iom_warehouse.transform.documentation import docs
from iom_warehouse.transform.project import digest as project_digest

__all__ = ["BuildFailed", "Since", "build", "docs", "find_changes", "project_digest"]
