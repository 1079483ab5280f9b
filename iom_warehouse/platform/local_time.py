"""The clock that the agencies and their extracts go by."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from iom_warehouse.platform.settings import settings

LONDON = ZoneInfo("Europe/London")
NOON = timedelta(hours=12)  # extracts are made in the evening or the small hours: both are the same night


def night_of(moment: datetime) -> date:
    """The night that something done at a moment belongs to: the day on which its evening was."""
    return (moment.astimezone(LONDON) - NOON).date()


def this_night() -> date:
    """The newest night that can have begun by now."""
    return night_of(datetime.now(LONDON))


def cut_off(night: date) -> datetime:
    """When the night is built whether all feeds have come or not."""
    return datetime.combine(night + timedelta(days=1), time(settings().cut_off_hour), LONDON)
