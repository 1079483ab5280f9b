"""Sending feedback as a step of the night: what could not be sent becomes an alert, which closes once it was."""

from datetime import date

from iom_warehouse import feedback
from iom_warehouse.feedback import Planned
from iom_warehouse.orchestration import alerts
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError

KIND = "feedback "
# One alert per file, not one per file and night: whoever knows of it need not be told again.
OPEN = "select kind from audit.alert where kind like %s || '%%' and closed_at is null"
CLOSE = """
    update audit.alert set closed_at = clock_timestamp(), closed_by = 'send_feedback',
        closed_because = 'It may be sent again, or is no longer asked for.'
    where kind = any(%s) and closed_at is null
"""


def send(business_date: str | None = None) -> list[Planned]:
    """Send the feedback of a night, by default of the last built one, and raise alerts. Returns what was not sent."""
    night = date.fromisoformat(business_date) if business_date else _last_night()
    stopped = feedback.send(night)
    kinds = {f"{KIND}{planned.recipient}/{planned.file}": str(planned.fault) for planned in stopped}
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(OPEN, (KIND,))
        known = {kind for (kind,) in cursor.fetchall()}
        cursor.execute(CLOSE, (sorted(known - set(kinds)),))
    for kind in sorted(set(kinds) - known):
        alerts.raise_alert(kind, kinds[kind], business_date=night)
    return stopped


def _last_night() -> date:
    build = feedback.last_build()
    if build is None:
        raise IomError("Nothing was built yet.", "Feedback is sent from the marts of a night: iom build run NIGHT")
    return build.business_date
