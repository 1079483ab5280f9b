"""The clock that the agencies and their extracts go by."""

from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
