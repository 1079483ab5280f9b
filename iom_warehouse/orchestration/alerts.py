"""Alerts: written to audit.alert, where the UI and the reports see them, and sent by SMTP when a server is set."""

import smtplib
from datetime import date
from email.message import EmailMessage
from typing import Any

from iom_warehouse.platform import database
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings

log = get("alerts")


def raise_alert(kind: str, message: str, feed: str | None = None, business_date: date | None = None) -> bool:
    """Record an alert once per kind, feed and date. Returns whether it is new. Messages hold no personal values."""
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(
            "insert into audit.alert (feed, kind, business_date, message) values (%s, %s, %s, %s)"
            " on conflict do nothing returning alert_id",
            (feed, kind, business_date, message),
        )
        is_new = cursor.fetchone() is not None
    if is_new:
        log.warning("alert: %s", message)
    send_waiting()
    return is_new


def send_waiting() -> int:
    """Send every alert that was not sent yet. Returns how many went; none without a server, and they wait for the next time."""
    to, host = settings().alert_to, settings().smtp_host
    if not (to and host):
        return 0
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(
            "select alert_id, kind, message from audit.alert where sent_at is null order by alert_id for update skip locked"
        )
        waiting = cursor.fetchall()
        if not waiting:
            return 0
        try:
            _send(host, to, waiting)
        except OSError as error:
            log.error("The mail server does not take alerts (%s); they are sent with the next one.", type(error).__name__)
            return 0
        cursor.execute("update audit.alert set sent_at = now() where alert_id = any(%s)", ([number for number, _, _ in waiting],))
    return len(waiting)


def task_failed(context: dict[str, Any]) -> None:
    """Airflow calls this when a task has failed for good. The exception's text stays in the task's log: it may quote data."""
    task = context["task_instance"]
    raise_alert(
        f"failed {task.dag_id}.{task.task_id} {task.run_id}", f"Task {task.task_id} of {task.dag_id} failed; its log says why."
    )


def _send(host: str, to: str, waiting: list[tuple[int, str, str]]) -> None:
    message = EmailMessage()
    message["Subject"] = f"IOM warehouse: {len(waiting)} alert{'s' if len(waiting) > 1 else ''}"
    message["From"] = settings().smtp_from
    message["To"] = to
    message.set_content("\n".join(f"- {text}" for _, _, text in waiting))
    with smtplib.SMTP(host, settings().smtp_port, timeout=20) as server:
        server.send_message(message)
