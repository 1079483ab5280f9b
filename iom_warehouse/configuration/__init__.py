"""The partnership's configuration: a folder of CSV files, checked as a whole and kept as versions in `reference.*`."""

from iom_warehouse.configuration.declaration import ConfigurationColumn, ConfigurationFile, files
from iom_warehouse.configuration.documentation import markdown
from iom_warehouse.configuration.findings import ConfigurationRefused, Finding
from iom_warehouse.configuration.folder import apply, check, folder_given, in_force, lapsed

__all__ = [
    "ConfigurationColumn",
    "ConfigurationFile",
    "ConfigurationRefused",
    "Finding",
    "apply",
    "check",
    "files",
    "folder_given",
    "in_force",
    "lapsed",
    "markdown",
]
