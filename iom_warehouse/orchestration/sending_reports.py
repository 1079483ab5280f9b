"""Sending released reports as a step that runs by itself: what did not go becomes an alert, which closes once it went."""

from datetime import datetime
from itertools import groupby

from iom_warehouse import sending
from iom_warehouse.orchestration import alerts, reporting
from iom_warehouse.platform.local_time import LONDON
from iom_warehouse.sending import Trouble

KIND = "report not sent "


def send() -> list[Trouble]:
    """Send what is released and was not sent, and raise an alert for each report of which something did not go."""
    troubles = sending.send(reporting.written)
    messages = {
        f"{KIND}{report_id}": f"Report {report_id} did not reach everybody. "
        + " ".join(f"{one.recipient}: {one.why}." for one in of_report)
        + f" See: iom report show {report_id}"
        for report_id, of_report in groupby(sorted(troubles), key=lambda trouble: trouble.report_id)
    }
    today = datetime.now(LONDON).date()
    alerts.keep_open(KIND, messages, today, "send_reports", "Everybody has the report now, or is to have it no longer.")
    return troubles
