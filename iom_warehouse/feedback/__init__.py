"""Feedback to the agencies: files about people whom they know already, as agreed, each of them a disclosure in the audit log."""

from iom_warehouse.feedback.register import Disclosure, Planned, disclosures, last_build, plan
from iom_warehouse.feedback.sending import is_due, remove_outdated, send

__all__ = ["Disclosure", "Planned", "disclosures", "is_due", "last_build", "plan", "remove_outdated", "send"]
