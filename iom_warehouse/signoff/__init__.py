"""Signing reports off: a report is a draft until one person has checked it and another has released it."""

from iom_warehouse.signoff.files import Kept, keep_files, kept_files
from iom_warehouse.signoff.register import Report, Signed, history, listed, read
from iom_warehouse.signoff.steps import Step, sign

__all__ = ["Kept", "Report", "Signed", "Step", "history", "keep_files", "kept_files", "listed", "read", "sign"]
