"""The clock that the agencies and their extracts go by."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from iom_warehouse.platform.settings import settings

LONDON = ZoneInfo("Europe/London")


def cut_off(night: date) -> datetime:
    """When the night is built whether all feeds have come or not."""
    return datetime.combine(night + timedelta(days=1), time(settings().cut_off_hour), LONDON)
