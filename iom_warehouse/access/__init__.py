"""People and what they may see: logins from the configuration, and the logged look at one person."""

from iom_warehouse.access.logins import Changes, apply, change_password, renew
from iom_warehouse.access.looks import Entry, passport
from iom_warehouse.access.passport_lines import passport_lines

__all__ = ["Changes", "Entry", "apply", "change_password", "passport", "passport_lines", "renew"]
