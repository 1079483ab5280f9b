"""Sending feedback as a step of the night: what could not be sent becomes an alert, which closes once it was."""

from datetime import date

from iom_warehouse import feedback
from iom_warehouse.feedback import Planned
from iom_warehouse.orchestration import alerts
from iom_warehouse.platform.errors import IomError

KIND = "feedback "  # one alert per file, not one per file and night


def send(business_date: str | None = None, again: str | None = None) -> list[Planned]:
    """Send the feedback of a night, by default of the last built one, raise alerts, and take outdated folders away. Returns
    what was not sent.

    `again`: an agency that gets its files whatever it has.
    """
    night = date.fromisoformat(business_date) if business_date else _last_night()
    stopped = feedback.send(night, again)
    messages = {f"{KIND}{planned.recipient}/{planned.file}": str(planned.fault) for planned in stopped}
    alerts.keep_open(KIND, messages, night, "send_feedback", "It may be sent again, or is no longer asked for.")
    feedback.remove_outdated(night)
    return stopped


def _last_night() -> date:
    build = feedback.last_build()
    if build is None:
        raise IomError("Nothing was built yet.", "Feedback is sent from the marts of a night: iom build run NIGHT")
    return build.business_date
