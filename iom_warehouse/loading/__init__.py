"""Loading a delivery: land it as text, validate it, publish all its files in one transaction or refuse it whole.

Every step can be killed at any point and run again; a step that is done already does nothing.
"""

from iom_warehouse.loading.steps import Outcome, land, publish, receive, retry, validate

__all__ = ["Outcome", "land", "publish", "receive", "retry", "validate"]
