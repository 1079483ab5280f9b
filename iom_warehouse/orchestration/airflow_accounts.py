"""Accounts and roles in Airflow's own login, made through its security manager: no password stands in a list of processes.

Imports Airflow, which reads its settings at import: a process of its own, `python -m …airflow_accounts LOGIN EMAIL SECRET`.
"""

import sys

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride
from airflow.utils.providers_configuration_loader import providers_configuration_loaded

from iom_warehouse.platform import secrets

ADMINISTRATORS_ONLY = "IOM every report"
PAGE_ROLES = {  # role -> what it may read; docker/airflow/plugins/page_access.py asks for it
    "Report reader": ("IOM reports", "IOM documentation"),
    "Validation reader": ("IOM validation", "IOM audit", "IOM documentation"),
    "Load reader": ("IOM validation", "IOM alerts", "IOM documentation"),
    "Alert reader": ("IOM alerts",),
}


def make_page_roles(security: FabAirflowSecurityManagerOverride) -> None:
    """The roles that open pages; the administrator opens all, and reports of everybody.

    What a role may do already stays; what it lacks of these, after an upgrade or a run that was ended, it gets. Raises SystemExit
    where Airflow has no administrator.
    """
    administrator = security.find_role("Admin")
    if administrator is None:
        raise SystemExit("Airflow has no role Admin, so its database is not migrated yet: airflow db migrate")
    resources = {ADMINISTRATORS_ONLY, *(each for of_role in PAGE_ROLES.values() for each in of_role)}
    permissions = {resource: security.create_permission("can_read", resource) for resource in sorted(resources)}
    for permission in permissions.values():
        security.add_permission_to_role(administrator, permission)
    for role_name, of_role in PAGE_ROLES.items():
        role = security.add_role(role_name)  # or the one that is there
        for resource in of_role:
            security.add_permission_to_role(role, permissions[resource])


def make_administrator(security: FabAirflowSecurityManagerOverride, login: str, email: str, secret: str) -> bool:
    """Make an account with the role Admin unless there is one of that login; `secret` names its password's secret file.

    Returns whether it was made now. Raises SystemExit when Airflow refuses it.
    """
    if security.find_user(login):
        return False
    if not security.add_user(login, "First", "Administrator", email, security.find_role("Admin"), secrets.read(secret)):
        raise SystemExit(f"Airflow refused to make the account {login}: is {email} in use for another?")
    return True


@providers_configuration_loaded
def main(login: str, email: str, secret: str) -> None:
    with get_application_builder() as builder:
        make_page_roles(builder.sm)
        make_administrator(builder.sm, login, email, secret)


if __name__ == "__main__":
    main(*sys.argv[1:])
