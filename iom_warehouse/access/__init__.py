"""People and what they may see: logins from the configuration, and the logged look at one person."""

from iom_warehouse.access.logins import Changes, apply, session
from iom_warehouse.access.looks import Name, look

__all__ = ["Changes", "Name", "apply", "look", "session"]
