"""Watching the feeds: late, missing or stale deliveries and refusals become alerts; what waits without a run is started."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from croniter import croniter

from iom_warehouse import contracts
from iom_warehouse.contracts import Contract
from iom_warehouse.delivery import inbox
from iom_warehouse.delivery.inbox import DeliveryFolder
from iom_warehouse.delivery.manifest import read
from iom_warehouse.orchestration import alerts
from iom_warehouse.orchestration.undecided import closed, waiting
from iom_warehouse.platform import database, state
from iom_warehouse.platform.local_time import LONDON, cut_off
from iom_warehouse.platform.settings import settings

CLOSED = "closed"  # the kind of alert, with the path
NOON = time(12)  # what is expected before it is of the day before
TRIES = 3  # by the watch, for the same delivery, or the same night and the same news; then a person has to look

# The newest published delivery that the last good build did not see, the newest night, whether all feeds have that night, and
# whether a build is at work: one that has begun with dbt holds a lock, and leaves no trace of its end when it is killed.
NEWS = """
    with last as (
        select build_id from audit.build where kind = 'nightly' and status = 'succeeded' order by build_id desc limit 1
    ), feed as (
        select feed, max(business_date) as business_date from audit.delivery where status = 'published' group by feed
    )
    select
        (select max(d.delivery_id) from audit.delivery d left join last on true
         left join audit.build_vintage v on v.build_id = last.build_id and v.feed = d.feed
         where d.status = 'published' and d.sequence > coalesce(v.sequence, 0)),
        (select max(business_date) from feed),
        (select bool_and(business_date = (select max(business_date) from feed)) from feed),
        not pg_try_advisory_xact_lock(hashtext('iom.build')) or exists (
            select from audit.build
            where status = 'running' and transformed_at is null and started_at > now() - interval '1 hour'
        )
"""
# A refusal counts until, after it, a delivery of that night or a later one was published. What was overtaken wants nothing done.
REFUSED = """
    select folder, delivery_id from audit.delivery d
    where feed = %s and status = 'refused' and business_date = %s and not exists (
        select from audit.delivery p where p.feed = d.feed and p.status = 'published' and p.business_date >= d.business_date
        and p.decided_at > d.decided_at
    ) and not exists (
        select from audit.delivery_finding f
        where (f.delivery_id, f.attempt, f.rule_id) = (d.delivery_id, d.attempt, 'delivery.overtaken')
    )
    order by delivery_id desc limit 1
"""

NEVER_DELIVERED = """
    select not exists (select from audit.delivery where feed = %s)
        and exists (select from audit.delivery where status = 'published' and business_date <= %s)
"""


def check(business_date: date | None = None) -> list[str]:
    """Raise alerts for the feeds of a night; without a date, for the last night whose deliveries should have come by now.

    Asked for a night whose deliveries need not have come yet, it looks at the last one of which they should have.

    Of the sample that is its last night: nobody delivers to it. Of a feed that does not come every night it is the last of its
    nights until then.

    A feed that has never been delivered is not late: once others have come for a night of its own, or before it, there is one
    alert that says so. Alerts of what has come by now are closed, and those that could not be sent before are. Returns the
    messages that are true now, new or not.
    """
    alerts.close_settled()
    shut = _closed()
    business_date = business_date or (_newest_night() if state.holds_sample() else None)
    found = list(shut.values())
    for contract in contracts.all():
        due = last_due(contract, datetime.now(LONDON))
        night = min(night_of(contract, business_date), due) if business_date else due
        refusal = _refused(contract, night)
        is_here = bool(refusal) or bool(closed([contract.feed]))
        found += _never_delivered(contract, night) + _late_or_stale(contract, night, is_here) + refusal
    alerts.send_waiting()
    return found


def _closed() -> dict[str, str]:
    """Have an alert for whatever in the inbox this service may not read. Returns the messages by their kind."""
    messages = {
        f"{CLOSED} {path}": f"{path} in the inbox may not be read by this service. Mend its permissions: it waits until then."
        for path in closed([contract.feed for contract in contracts.all()])
    }
    today = datetime.now(LONDON).date()
    alerts.keep_open(CLOSED, messages, today, "watch_deliveries", "It can be read now, or was taken away.")
    return messages


def _newest_night() -> date | None:
    (night,) = _row("select max(business_date) from audit.delivery where status = 'published'")
    return night


def last_due(contract: Contract, now: datetime) -> date:
    """The business date whose delivery should be here: the day before the last expected arrival that is late by now."""
    arrival: datetime = croniter(contract.expected_by, now - timedelta(hours=contract.late_after_hours)).get_prev(datetime)
    return arrival.date() if arrival.hour >= NOON.hour else arrival.date() - timedelta(days=1)


def night_of(contract: Contract, night: date) -> date:
    """The last business date of the feed until a night: its delivery is expected before noon of the day after."""
    noon = datetime.combine(night + timedelta(days=1), NOON, LONDON)
    return last_due(contract, noon + timedelta(hours=contract.late_after_hours))


def runs_to_start(now: datetime, failed_runs: Callable[[str, list[str]], int]) -> list[dict]:
    """Runs that should be there: a load for each feed whose delivery waits, and the build of the newest night when it is due.

    `failed_runs` says how many of the runs of a DAG (its id, their ids) have failed. A load or build that fails is started TRIES
    times in all; then an alert says that it is up to a person.
    """
    wanted = [_load_of(folder) for contract in contracts.all() for folder in waiting(contract.feed)[:1]]
    due = build_due(now)
    return [run for one in (*wanted, *([_build_of(*due)] if due else ())) for run in _next_try(one, failed_runs)]


@dataclass(frozen=True)
class Wanted:
    """A run that should be there: its DAG, what the ids of its tries begin with, its conf, and the alert when none is left."""

    dag_id: str
    named: str
    conf: dict[str, str]
    night: date
    given_up: str
    feed: str | None = None


def _load_of(folder: DeliveryFolder) -> Wanted:
    name = folder.path.name
    return Wanted(
        f"load_{folder.feed}", f"waiting__{name}__{read(folder.path).sha256[:12]}", {"folder": name}, folder.business_date,
        f"The load of {folder.feed}/{name} failed {TRIES} times and is not started again. The log of its task says why; once that"
        f" is mended, run: iom delivery retry NUMBER (iom delivery list --feed {folder.feed} shows it)",
        folder.feed,
    )  # fmt: skip


def _build_of(night: date, news: int) -> Wanted:
    return Wanted(
        "build_warehouse", f"watch__{night}__{news}", {"business_date": night.isoformat()}, night,
        f"The build of {night} failed {TRIES} times and is not started again. `iom build show` says why; once that is mended,"
        f" run: iom build run {night}, and then: iom feedback send {night}",
    )  # fmt: skip


def _next_try(wanted: Wanted, failed_runs: Callable[[str, list[str]], int]) -> list[dict]:
    tries = [f"{wanted.named}__{number}" for number in range(1, TRIES + 1)]
    failed = failed_runs(wanted.dag_id, tries)
    if failed < TRIES:
        return [{"trigger_dag_id": wanted.dag_id, "trigger_run_id": tries[failed], "conf": wanted.conf}]
    alerts.raise_alert(f"failed {wanted.dag_id} {wanted.named}", wanted.given_up, wanted.feed, wanted.night)
    return []


def build_due(now: datetime) -> tuple[date, int] | None:
    """The night to build, and the newest delivery that no build has seen: once every feed has come, or at the cut-off.

    None while nothing new was published, while a build runs, or while a feed may still come in time. A partnership may have some
    of the feeds only, so the feeds that count are those that were ever published.
    """
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(NEWS)
        news, night, all_in, is_running = cursor.fetchone()
    if news is None or is_running:
        return None
    return (night, news) if all_in or now >= cut_off(night) else None


def _late_or_stale(contract: Contract, night: date, came: bool) -> list[str]:
    """`came`: a delivery was refused or may not be read, which has an alert of its own, so that the feed is not late as well."""
    (last,) = _row(
        "select max(business_date) from audit.delivery where feed = %s and status = 'published' and business_date <= %s",
        contract.feed,
        night,
    )
    if last is None or last >= night:
        return []
    days = (night - last).days
    is_stale = days > contract.stale_after_days
    if came and not is_stale:
        return []
    message = f"{contract.feed}: no delivery for {night} was published; the last good one is of {last}. Ask {contract.owner}."
    message += _unfinished(contract.feed)
    alerts.raise_alert("stale" if is_stale else "late", message, contract.feed, night)
    return [message]


def _never_delivered(contract: Contract, night: date) -> list[str]:
    """Of a night on which another feed was published, or which lies after one: before that nothing was expected of anybody."""
    (is_silent,) = _row(NEVER_DELIVERED, contract.feed, night)
    if not is_silent or waiting(contract.feed):
        return []
    message = (
        f"{contract.feed}: never delivered. Ask {contract.owner}; if the partnership has no such feed, close this alert for good."
    ) + _unfinished(contract.feed)
    alerts.raise_alert("never delivered", message, contract.feed)
    return [message]


def _unfinished(feed: str) -> str:
    """A sentence on the last delivery of a feed that lies there without its manifest; empty where none does."""
    found = inbox.without_manifest(settings().inbox, [feed])
    return f" {found[-1]} lies there without its manifest.json: it has not arrived whole." if found else ""


def _refused(contract: Contract, night: date) -> list[str]:
    found = _row(REFUSED, contract.feed, night)
    return [alerts.refused(contract.feed, *found)] if found else []


def _row(query: str, *arguments: object) -> Any:
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(query, arguments)
        return cursor.fetchone()
