"""Sending released reports by mail: who gets them is configured, each sending is registered first, and nothing goes twice."""

from iom_warehouse.sending.register import Sending, Trouble, is_due, lose, of_report
from iom_warehouse.sending.run import send

__all__ = ["Sending", "Trouble", "is_due", "lose", "of_report", "send"]
