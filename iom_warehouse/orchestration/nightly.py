"""The one-command night: the real DAGs, one after another in this process, for every night that waits in the inbox.

The order is that of arrival: a delivery belongs to the night on which it was extracted, so a late feed comes a night later.
"""

import logging
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from iom_warehouse import contracts
from iom_warehouse.delivery.inbox import DeliveryFolder
from iom_warehouse.delivery.manifest import read
from iom_warehouse.orchestration.task_defaults import LONDON
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings

log = get("nightly")
NOON = timedelta(hours=12)  # extracts are made in the evening or the small hours: both are the same night

Say = Callable[[str], None]


def run(say: Say) -> list[date]:
    """Load, watch and build every waiting night, then make the outcome report. Returns the nights that were built.

    `say` is told what happens while it happens. A refused delivery does not stop the run; a failed build does.
    """
    dags = load_dags()
    nights = _waiting_nights()
    for night, folders in sorted(nights.items()):
        started = time.monotonic()
        for folder in sorted(folders, key=lambda found: (found.feed, found.sequence)):
            say(f"{night}  {folder.feed} {folder.path.name}: {_load(dags, folder)}")
        run_dag(dags["watch_deliveries"], {"business_date": night.isoformat()})
        for message in _alerts(night):
            say(f"{night}  alert: {message}")
        _build(dags, night)
        say(f"{night}  marts built ({time.monotonic() - started:.0f} s for the night)")
    built = sorted(nights)
    if not nights and (stale := _night_to_rebuild()):
        say(f"{stale}  the configuration has changed: building again")
        _build(dags, stale)
        built = [stale]
    if built:
        for pages in ("outcome_reports", "auditor_pages"):
            _succeed(run_dag(dags[pages], {"business_date": built[-1].isoformat()}), pages)
    return built


def arrival_night(folder: DeliveryFolder) -> date:
    """The night on which a delivery was extracted; the business date of its folder where the manifest cannot be read."""
    manifest = read(folder.path).content
    return (manifest.extracted_at.astimezone(ZoneInfo(LONDON)) - NOON).date() if manifest else folder.business_date


def load_dags() -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    logging.getLogger("airflow").setLevel(logging.ERROR)
    bag = DagBag(str(settings().project_dir / "dags"))
    if bag.import_errors:
        raise IomError(f"DAG files do not load: {', '.join(bag.import_errors)}", "Run: airflow dags list-import-errors")
    return dict(bag.dags)


def _waiting_nights() -> dict[date, list[DeliveryFolder]]:
    from iom_warehouse.orchestration.waiting import waiting

    nights: dict[date, list[DeliveryFolder]] = defaultdict(list)
    for contract in contracts.all():
        for folder in waiting(contract.feed):
            nights[arrival_night(folder)].append(folder)
    return nights


def _load(dags: dict[str, Any], folder: DeliveryFolder) -> str:
    """Run load_<feed> for one delivery; what became of it, in words, from the ledger."""
    run_dag(dags[f"load_{folder.feed}"], {"folder": folder.path.name})
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(
            "select d.status, sum(l.rows_in_file), sum(l.rows_new + l.rows_changed + l.rows_deleted), sum(l.rows_rejected)"
            " from audit.delivery d left join audit.file_load l using (delivery_id) where d.feed = %s and d.folder = %s"
            " group by d.delivery_id order by d.delivery_id desc limit 1",
            (folder.feed, folder.path.name),
        )
        status, rows, written, rejected = cursor.fetchone() or ("not received", None, None, None)
    if status != "published":
        return status
    return f"published, {rows or 0:,} rows, {written or 0:,} written" + (f", {rejected:,} rejected" if rejected else "")


def _build(dags: dict[str, Any], night: date) -> None:
    _succeed(run_dag(dags["build_warehouse"], {"business_date": night.isoformat()}), "build_warehouse")


def run_dag(dag: Any, conf: dict[str, Any]) -> Any:
    """Run a DAG here and now. Retries do not wait: a person is watching."""
    for task in dag.tasks:
        task.retries = 0
    with _output_to(settings().state_dir / "airflow" / "nightly.log"):
        return dag.test(run_conf=conf)


@contextmanager
def _output_to(path: Path) -> Iterator[None]:
    """What Airflow and its tasks print goes to a file, so that a person sees the progress and not the machinery."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(number) for number in (1, 2)]
    with path.open("ab") as target:
        for number in (1, 2):
            os.dup2(target.fileno(), number)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, original in zip((1, 2), kept, strict=True):
                os.dup2(original, number)
                os.close(original)


def _succeed(run: Any, what: str) -> None:
    if run.state != "success":
        raise IomError(
            f"{what} failed.", "See: iom build show, and airflow/nightly.log in the state. Mend the cause and run this again."
        )


def _alerts(night: date) -> list[str]:
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute("select message from audit.alert where business_date = %s order by alert_id", (night,))
        return [message for (message,) in cursor.fetchall()]


def _night_to_rebuild() -> date | None:
    """The last built night, when the configuration that it was built with is no longer the newest, or its build failed."""
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(
            "select business_date, status, configuration_id < (select max(configuration_id) from audit.configuration)"
            " from audit.build where kind = 'nightly' order by build_id desc limit 1"
        )
        last = cursor.fetchone()
    return last[0] if last and (last[1] != "succeeded" or last[2]) else None
