"""Watching the feeds: late, missing or stale deliveries and refusals become alerts; what waits without a run is started."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter

from iom_warehouse import contracts
from iom_warehouse.contracts import Contract
from iom_warehouse.orchestration.alerts import raise_alert
from iom_warehouse.orchestration.task_defaults import LONDON
from iom_warehouse.orchestration.waiting import waiting
from iom_warehouse.platform import database
from iom_warehouse.platform.settings import settings

# A refusal counts until a delivery of that night or a later one was published.
REFUSED = """
    select max(delivery_id) from audit.delivery d
    where feed = %s and status = 'refused' and business_date = %s and not exists (
        select from audit.delivery p where p.feed = d.feed and p.status = 'published' and p.business_date >= d.business_date
    )
"""


def check(business_date: date | None = None) -> list[str]:
    """Raise alerts for the feeds of a night; without a date, for the last night whose deliveries should have come by now.

    A feed that has never been delivered is absent, not late. Returns the messages that are true now, new or not.
    """
    found = []
    for contract in contracts.all():
        night = business_date or last_due(contract, datetime.now(ZoneInfo(LONDON)))
        found += _late_or_stale(contract, night)
        found += _refused(contract, night)
    return found


def last_due(contract: Contract, now: datetime) -> date:
    """The business date whose delivery should be here: the day before the last expected arrival that is late by now."""
    arrival: datetime = croniter(contract.expected_by, now - timedelta(hours=contract.late_after_hours)).get_prev(datetime)
    return arrival.date() if arrival.hour >= 12 else arrival.date() - timedelta(days=1)


def runs_to_start(now: datetime) -> list[dict]:
    """Runs that should be there: a load for each feed whose delivery waits, and at the cut-off the build of last night."""
    runs = []
    for contract in contracts.all():
        for folder in waiting(contract.feed)[:1]:
            name = folder.path.name
            runs.append(
                {"trigger_dag_id": f"load_{contract.feed}", "trigger_run_id": f"waiting__{name}", "conf": {"folder": name}}
            )
    night = now.date() - timedelta(days=1)
    if now.hour >= settings().cut_off_hour and not _was_built(night):
        conf = {"business_date": night.isoformat()}
        runs.append({"trigger_dag_id": "build_warehouse", "trigger_run_id": f"cut_off__{night}", "conf": conf})
    return runs


def _late_or_stale(contract: Contract, night: date) -> list[str]:
    last = _one(
        "select max(business_date) from audit.delivery where feed = %s and status = 'published' and business_date <= %s",
        contract.feed,
        night,
    )
    if last is None or last >= night:
        return []
    days = (night - last).days
    kind = "stale" if days > contract.stale_after_days else "late"
    message = f"{contract.feed}: no delivery for {night} was published; the last good one is of {last}. Ask {contract.owner}."
    raise_alert(kind, message, contract.feed, night)
    return [message]


def _refused(contract: Contract, night: date) -> list[str]:
    number = _one(REFUSED, contract.feed, night)
    if number is None:
        return []
    message = f"{contract.feed}: the delivery of {night} was refused. See: iom delivery show {number}"
    raise_alert("refused", message, contract.feed, night)
    return [message]


def _was_built(night: date) -> bool:
    return (
        _one("select bool_or(status = 'succeeded') from audit.build where kind = 'nightly' and business_date >= %s", night)
        or False
    )


def _one(query: str, *arguments: object):
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(query, arguments)
        return cursor.fetchone()[0]
