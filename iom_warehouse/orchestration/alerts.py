"""Alerts: written to audit.alert, sent by SMTP when a server is set, read with `iom alert list` and in Airflow's UI."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from typing import Any

from iom_warehouse.platform import database, mail
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings

log = get("alerts")
SHORTEST_REASON = 10  # characters, as audit.alert asks
LOAD = "load_"  # what the DAGs that load a feed begin with
MAIL = "mail"  # the kind of alert, with the number of the address
UNREACHED = "Alerts do not reach address {place} of IOM_ALERT_TO: {why}."
LISTED = """
    select alert_id, raised_at, kind, message, sent_at is not null, closed_at, closed_by, closed_because from audit.alert
    where not %(only_open)s or closed_at is null order by alert_id
"""
# What was late or stale is in order once a delivery of that night or a later one was published; what was refused or could not be
# loaded, once that happened after it.
SETTLED = """
    update audit.alert a set closed_at = clock_timestamp(), closed_by = 'watch_deliveries',
        closed_because = 'A delivery of ' || p.business_date || ' was published.'
    from (
        select a.alert_id, max(d.business_date) as business_date
        from audit.alert a
        join audit.delivery d on d.feed = a.feed and d.business_date >= coalesce(a.business_date, d.business_date)
        where d.status = 'published' and (
            a.kind in ('late', 'stale') or a.kind similar to '(refused|failed load_)%' and d.decided_at > a.raised_at
        )
        group by a.alert_id
    ) p
    where a.closed_at is null and a.alert_id = p.alert_id
"""
# A feed was delivered whatever became of the delivery: a refusal has an alert of its own.
DELIVERED = """
    update audit.alert a set closed_at = clock_timestamp(), closed_by = 'watch_deliveries', closed_because = 'A delivery came.'
    where closed_at is null and kind = 'never delivered' and exists (select from audit.delivery d where d.feed = a.feed)
"""
# A build that failed is made good by a later one.
BUILT = """
    update audit.alert a set closed_at = clock_timestamp(), closed_by = 'watch_deliveries',
        closed_because = 'Build ' || b.build_id || ' of ' || b.business_date || ' was completed.'
    from (select build_id, business_date, finished_at from audit.build where kind = 'nightly' and status = 'succeeded'
          order by build_id desc limit 1) b
    where a.closed_at is null and a.kind like 'failed build_warehouse%' and b.finished_at > a.raised_at
"""


@dataclass(frozen=True)
class Alert:
    """A row of audit.alert; the last three are None while it is open. `is_sent`: by mail, to whoever is to be told."""

    alert_id: int
    raised_at: datetime
    kind: str
    message: str
    is_sent: bool
    closed_at: datetime | None
    closed_by: str | None
    closed_because: str | None

    @property
    def state(self) -> str:
        """`open`, and whether it has yet to go by mail; or who closed it, when and why."""
        if self.closed_at is None:
            return "open" if self.is_sent or not _mails() else "open, not sent by mail yet"
        return f"closed {self.closed_at:%Y-%m-%d %H:%M} by {self.closed_by}: {self.closed_because}"


def raise_alert(kind: str, message: str, feed: str | None = None, business_date: date | None = None) -> bool:
    """Record an alert unless one of its kind, feed and date is open or was closed for good. Returns whether it is new.

    Messages hold no personal values.
    """
    is_new = _record(kind, message, feed, business_date)
    send_waiting()
    return is_new


def _record(kind: str, message: str, feed: str | None = None, business_date: date | None = None) -> bool:
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(
            "insert into audit.alert (feed, kind, business_date, message) values (%s, %s, %s, %s)"
            " on conflict do nothing returning alert_id",
            (feed, kind, business_date, message),
        )
        is_new = cursor.fetchone() is not None
    if is_new:
        log.warning("alert: %s", message)
    return is_new


def keep_open(prefix: str, messages: Mapping[str, str], day: date, closed_by: str, because: str) -> None:
    """Have one open alert for each kind of `messages`, and none for other kinds that begin with `prefix`.

    One that is open already is not raised again: whoever knows of it need not be told each time.
    """
    if _keep_open(prefix, messages, day, closed_by, because):
        send_waiting()


def _keep_open(prefix: str, messages: Mapping[str, str], day: date, closed_by: str, because: str) -> bool:
    """Returns whether one is new."""
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute("select kind from audit.alert where starts_with(kind, %s) and closed_at is null", (prefix,))
        known = {kind for (kind,) in cursor.fetchall()}
        cursor.execute(
            "update audit.alert set closed_at = clock_timestamp(), closed_by = %s, closed_because = %s"
            " where kind = any(%s) and closed_at is null",
            (closed_by, because, sorted(known - set(messages))),
        )
    return any([_record(kind, messages[kind], business_date=day) for kind in sorted(set(messages) - known)])


def refused(feed: str, folder: str, delivery_id: int) -> str:
    """Raise the alert of a refused delivery, which closes by itself once a good one came. Returns its message.

    `folder`: its name in the inbox, <business date>.<sequence>.
    """
    message = f"{feed}: the delivery {folder} was refused. See: iom delivery show {delivery_id}"
    business_date = date.fromisoformat(folder.split(".")[0])
    raise_alert(f"refused {delivery_id}", message, feed, business_date)
    return message


def send_waiting() -> int:
    """Send every open alert that was not sent yet. Returns how many went; without a server they wait for the next time.

    Each address is written to by itself, so that one which is refused keeps nobody else from knowing. It has an alert of its own,
    and is told all that is open as soon as it is taken again.
    """
    if not _mails():
        return 0
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(
            "select alert_id, kind, message, sent_at is null from audit.alert where closed_at is null order by alert_id"
            " for update skip locked"
        )
        found = cursor.fetchall()
        missed = {kind for _, kind, _, _ in found}
        waiting = [number for number, _, _, is_unsent in found if is_unsent]
        due = {  # by the place of the address
            place: (to, [text for _, _, text, is_unsent in found if is_unsent or f"{MAIL} {place}" in missed])
            for place, to in enumerate(map(str.strip, str(settings().alert_to).split(",")), 1)
        }
        tried = {place: _refusal(to, texts) for place, (to, texts) in due.items() if texts}
        refused = {place: why for place, why in tried.items() if why}
        if len(refused) == len(tried):
            if waiting:
                log.error("Alerts did not go (%s); they are sent when the watch looks again.", next(iter(refused.values())))
            return 0
        cursor.execute("update audit.alert set sent_at = now() where alert_id = any(%s)", (waiting,))
    unreached = {f"{MAIL} {place}": UNREACHED.format(place=place, why=why) for place, why in refused.items()}
    _keep_open(MAIL, unreached, date.today(), "send_waiting", "It was taken again.")
    return len(waiting)


def _mails() -> bool:
    return bool(settings().alert_to and settings().smtp_host)


def _refusal(to: str, texts: list[str]) -> str:
    """Why alerts did not go to an address; nothing when they did."""
    try:
        mail.hand_over(_message(to, texts), [to])
    except (mail.NotTakenError, mail.NotKnownError) as error:
        return str(error)
    return ""


def listed(only_open: bool = False, role: str = "loader") -> list[Alert]:
    """Alerts in the order in which they were raised; `role` is a stage's that reads the ledger."""
    with database.transaction(role) as conn, conn.cursor() as cursor:
        cursor.execute(LISTED, {"only_open": only_open})
        return [Alert(*row) for row in cursor.fetchall()]


def of_night(night: date, after: int) -> list[str]:
    """What the open alerts of a night say, and of others those with a number above `after`, in the order of their raising."""
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(
            "select message from audit.alert where (business_date = %s or alert_id > %s) and closed_at is null order by alert_id",
            (night, after),
        )
        return [message for (message,) in cursor.fetchall()]


def close(alert_id: int, by: str, because: str) -> None:
    """Close an alert for good: it is not raised again. Raises IomError without a reason, and for one that is not open."""
    if len(because.strip()) < SHORTEST_REASON or not by.strip():
        raise IomError("An alert is closed with a name and a reason.", f"Give a reason of at least {SHORTEST_REASON} characters.")
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(
            "update audit.alert set closed_at = clock_timestamp(), closed_by = %s, closed_because = %s, is_closed_for_good = true"
            " where alert_id = %s and closed_at is null",
            (by.strip(), because.strip(), alert_id),
        )
        if not cursor.rowcount:
            raise IomError(f"There is no open alert {alert_id}.", "`iom alert list --open` shows those there are.")
        subject = f"alert {alert_id}, by {by.strip()}"
        cursor.execute("select audit.record_event('close alert', %s, %s)", (subject, because.strip()))


def close_settled() -> None:
    """Close what is late, stale, refused, not loaded, not built or never delivered no longer: the others want something done."""
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(SETTLED)
        cursor.execute(DELIVERED)
        cursor.execute(BUILT)


def task_failed(context: dict[str, Any]) -> None:
    """Airflow calls this when a task has failed for good. The text of an exception that is not ours stays in the task's log: it
    may quote data.

    A task that gave up by itself (AirflowFailException: a refused delivery) has said why in an alert of its own; one that a
    person ended needs none.
    """
    from airflow.sdk.exceptions import AirflowFailException

    error = context.get("exception")
    if isinstance(error, AirflowFailException | KeyboardInterrupt):
        return
    task = context["task_instance"]
    why = f": {error}" if isinstance(error, IomError) else "; its log says why."
    feed = task.dag_id.removeprefix(LOAD) if task.dag_id.startswith(LOAD) else None
    what = "as-of build" if (context.get("params") or {}).get("as_of") else task.dag_id  # which no build of a night makes good
    raise_alert(f"failed {what}.{task.task_id} {task.run_id}", f"Task {task.task_id} of {task.dag_id} failed{why}", feed)


def _message(to: str, texts: list[str]) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = f"IOM warehouse: {len(texts)} alert{'s' if len(texts) > 1 else ''}"
    message["From"] = settings().smtp_from
    message["To"] = to
    message.set_content("\n".join(f"- {text}" for text in texts))
    return message
