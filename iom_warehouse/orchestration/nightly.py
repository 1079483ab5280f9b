"""The one-command night: the real DAGs, one after another in this process, for every night that waits in the inbox.

The order is that of arrival: a delivery belongs to the night on which it was extracted, so a late feed comes a night later.
"""

import logging
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from iom_warehouse import contracts, feedback, sending, transform
from iom_warehouse.delivery.inbox import DeliveryFolder
from iom_warehouse.delivery.manifest import read
from iom_warehouse.loading import ledger
from iom_warehouse.orchestration import alerts, ending, reporting
from iom_warehouse.orchestration.undecided import waiting
from iom_warehouse.platform import database, state
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.local_time import night_of, this_night
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings

log = get("nightly")
NIGHTLY_LOG = "airflow/nightly.log"
BUNDLE = "dags-folder"  # Airflow's own name for it, under which the scheduler knows the same DAGs
# The business date of the newest published delivery, if that, the newest configuration or the dbt project is unknown to the last
# good build.
UNSEEN = """
    with last as (
        select build_id, business_date, configuration_id, project_sha256 from audit.build
        where kind = 'nightly' and status = 'succeeded' order by build_id desc limit 1
    )
    select case when exists (
        select from audit.delivery d left join last on true
        left join audit.build_vintage v on v.build_id = last.build_id and v.feed = d.feed
        where d.status = 'published' and d.sequence > coalesce(v.sequence, 0)
    ) or (
        select configuration_id < (select max(configuration_id) from audit.configuration) or project_sha256 is distinct from %s
        from last
    )
    then greatest(
        (select max(business_date) from audit.delivery where status = 'published'), (select business_date from last)
    ) end
"""
GOES_ON = "Everything that was published stays. See to the server, then run again: iom nightly"

Say = Callable[[str], None]


class Failed(IomError):
    """A DAG after the loads failed. What was published before stays."""


@dataclass(frozen=True)
class Done:
    """The nights that were built, and by feed the folder of the delivery that could not be decided."""

    built: list[date] = field(default_factory=list)
    stuck: dict[str, str] = field(default_factory=dict)


def run(done: Done, say: Say) -> None:
    """Load, watch and build every waiting night, make the pages, send feedback to agencies and released reports by mail.

    `say` is told what happens while it happens, and `done` holds how far it came, also where it raises Failed. A refused delivery
    does not stop the run. A feed of which a delivery could not be decided stops there, since what comes after builds on it; the
    others go on.
    """
    dags = load_dags()
    nights = _waiting_nights()
    for number, (night, folders) in enumerate(sorted(nights.items()), 1):
        say(f"{night}  night {number} of {len(nights)}, deliveries: {len(folders)}")
        if _take_night(dags, night, folders, done.stuck, say):
            done.built.append(night)
    if rebuilt := _catch_up(dags, say):
        done.built.append(rebuilt)
    _make_pages(dags, bool(done.built), bool(nights), say)
    _send(dags, bool(done.built), say)


def _take_night(dags: dict[str, Any], night: date, folders: list[DeliveryFolder], stuck: dict[str, str], say: Say) -> bool:
    """Load what came in a night, watch and build. Whether it was built; feeds that cannot go on are entered into `stuck`."""
    started = time.monotonic()
    for folder in sorted(folders, key=lambda found: (found.feed, found.sequence)):
        if folder.feed in stuck:
            continue
        status, words = _load(dags, folder)
        say(f"{night}  {folder.feed} {folder.path.name}: {words}")
        if status not in ledger.DECIDED:
            stuck[folder.feed] = folder.path.name
    if night >= (_last_built() or night):  # of a night that is over, what was late then is late no longer
        _watch(dags, night, say)
    is_built = _build(dags, night, say)
    if is_built:
        say(f"{night}  marts built ({time.monotonic() - started:.0f} s for the night)")
    return is_built


def _catch_up(dags: dict[str, Any], say: Say) -> date | None:
    """Watch over what should be here by now, and build what no build has seen; the night of that build, if there was one."""
    rebuilt = _night_to_rebuild()
    if rebuilt:
        _watch(dags, rebuilt, say)  # a run that ended before may not have
    if not state.holds_sample():  # what should be here by now and is not; nobody delivers to the sample
        _watch(dags, this_night(), say)
    if not (rebuilt and _build(dags, rebuilt, say)):
        return None
    say(f"{rebuilt}  marts built again: there was something new that no build had seen")
    return rebuilt


def _make_pages(dags: dict[str, Any], is_built: bool, something_came: bool, say: Say) -> None:
    """Reports and pages after a build, or where a run that was ended left some unwritten."""
    if is_built or _pages_are_missing():
        say(f"{_last_built()}  reports and pages")
        for pages in ("outcome_reports", "auditor_pages"):
            _succeed(run_dag(dags[pages], {"business_date": str(_last_built())}), pages)
        _pages_mark().write_text(_pages_of())
    elif something_came or reporting.lacks_files():  # all that came was refused: auditors see that too; or a run was ended
        _succeed(run_dag(dags["auditor_pages"], {}), "auditor_pages")


def _send(dags: dict[str, Any], is_built: bool, say: Say) -> None:
    """Feedback for the agencies, and released reports by mail, where any is due."""
    if is_built or feedback.is_due():  # once, from the newest night: what earlier ones would have told is out of date
        say(f"{_last_built()}  feedback for the agencies")
        _succeed(run_dag(dags["send_feedback"], {"business_date": str(_last_built())}), "send_feedback")
    if sending.is_due():
        say("released reports for their recipients")
        _succeed(run_dag(dags["send_reports"], {}), "send_reports")


def arrival_night(folder: DeliveryFolder) -> date:
    """The night on which a delivery was extracted; the business date of its folder where the manifest cannot be read."""
    manifest = read(folder.path).content
    return night_of(manifest.extracted_at) if manifest else folder.business_date


def begun(nights: Mapping[date, list[DeliveryFolder]], last_built: date | None) -> dict[date, list[DeliveryFolder]]:
    """The nights without those to come: what is dated later is refused, and must not move the clock of everybody else."""
    found = {night: folders for night, folders in nights.items() if night <= this_night()}
    newest = max(found, default=last_built or this_night())
    to_come = [folder for night, folders in nights.items() if night not in found for folder in folders]
    return found | {newest: [*found.get(newest, []), *to_come]} if to_come else found


def load_dags() -> dict[str, Any]:
    """Read the DAG files and enter them into Airflow's database, as `airflow dags reserialize` does. Returns the DAGs by id."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db

    logging.getLogger("airflow").setLevel(logging.ERROR)
    folder = settings().project_dir / "dags"
    bag = BundleDagBag(dag_folder=folder, bundle_path=folder, bundle_name=BUNDLE)
    if bag.import_errors:
        raise IomError(f"DAG files do not load: {', '.join(bag.import_errors)}", "Run: airflow dags list-import-errors")
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(bag, BUNDLE, bundle_version=None)
    return dict(bag.dags)


def _waiting_nights() -> dict[date, list[DeliveryFolder]]:
    nights: dict[date, list[DeliveryFolder]] = defaultdict(list)
    for contract in contracts.all():
        for folder in waiting(contract.feed):
            nights[arrival_night(folder)].append(folder)
    return begun(nights, _last_built())


def _load(dags: dict[str, Any], folder: DeliveryFolder) -> tuple[str, str]:
    """Run load_<feed> for one delivery; its status, and what became of it in words, from the ledger."""
    run = run_dag(dags[f"load_{folder.feed}"], {"folder": folder.path.name})
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(
            "select d.status, sum(l.rows_in_file), sum(l.rows_new + l.rows_changed + l.rows_deleted), sum(l.rows_rejected),"
            " sum(l.rows_taken_up), (select f.message from audit.delivery_finding f where f.delivery_id = d.delivery_id"
            " and f.attempt = d.attempt and f.severity = 'critical' order by f.finding_id limit 1)"
            " from audit.delivery d left join audit.file_load l using (delivery_id) where d.feed = %s and d.folder = %s"
            " group by d.delivery_id order by d.delivery_id desc limit 1",
            (folder.feed, folder.path.name),
        )
        status, rows, written, rejected, taken_up, reason = cursor.fetchone() or ("not received", *[None] * 5)
    if status != "published":
        reason = reason or why_failed(run)
        return status, f"{status}: {reason}" if reason else status
    words = f"published, {rows or 0:,} rows, {written or 0:,} written" + (f", {rejected:,} rejected" if rejected else "")
    return status, words + (f", {taken_up:,} kept back earlier taken up" if taken_up else "")


def why_failed(run: Any) -> str:
    """What the alert of a task of this run says; empty where none was raised."""
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(
            "select message from audit.alert where starts_with(kind, %s) and split_part(kind, ' ', 3) = %s"
            " order by alert_id desc limit 1",
            (f"failed {run.dag_id}.", run.run_id),
        )
        found = cursor.fetchone()
    return found[0] if found else ""


def _watch(dags: dict[str, Any], night: date, say: Say) -> None:
    """Raise and tell the alerts of a night, and whatever else is new; what was mended by now is not told."""
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute("select coalesce(max(alert_id), 0) from audit.alert")
        (before,) = cursor.fetchone()
    run_dag(dags["watch_deliveries"], {"business_date": night.isoformat()})
    for message in alerts.of_night(night, before):
        say(f"{night}  alert: {message}")


def _build(dags: dict[str, Any], night: date, say: Say) -> bool:
    """Build the marts as of the night, or of the last built night where that is later. False when nothing new was published.

    A build that failed is tried once more, as the watch does where Airflow runs: what was of the moment needs nobody.
    """
    if not _night_to_rebuild():
        return False
    last = _last_built()
    night = max(night, last) if last else night
    conf = {"business_date": night.isoformat()}
    run = run_dag(dags["build_warehouse"], conf)
    if run.state != "success":
        say(f"{night}  the build failed and is tried once more. {why_failed(run)}".rstrip())
        run = run_dag(dags["build_warehouse"], conf)
    _succeed(run, "build_warehouse")
    return True


def run_dag(dag: Any, conf: dict[str, Any]) -> Any:
    """Run a DAG here and now. Retries do not wait: a person is watching.

    Nothing is told to Airflow's assets: what they would start, this run starts itself, and a scheduler that comes later would
    find the events and start builds of past nights.
    """
    for task in dag.tasks:
        task.retries, task.outlets = 0, []
    with _output_to(settings().state_dir / NIGHTLY_LOG) as terminal, ending.by_a_signal(dag, terminal):
        try:
            return dag.test(run_conf=conf)
        except DBAPIError as error:  # Airflow's own database lies on the same server
            if not database.is_gone(error):
                raise
            raise IomError(f"The database went away in the middle of {dag.dag_id}.", GOES_ON) from None


@contextmanager
def _output_to(path: Path) -> Iterator[int]:
    """What Airflow and its tasks print goes to a file, so that a person sees the progress and not the machinery.

    Yields the descriptor of where it went before.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(number) for number in (1, 2)]
    with path.open("ab") as target:
        for number in (1, 2):
            os.dup2(target.fileno(), number)
        try:
            yield kept[0]
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, original in zip((1, 2), kept, strict=True):
                os.dup2(original, number)
                os.close(original)


def _succeed(run: Any, what: str) -> None:
    if run.state != "success":
        raise Failed(f"{what} failed. {why_failed(run)}".rstrip(), "See: iom build show. Mend the cause and run this again.")


def _night_to_rebuild() -> date | None:
    """The night that the marts should show: when the last good build did not see a delivery, configuration or the dbt project."""
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(UNSEEN, (transform.project_digest(),))
        return cursor.fetchone()[0]


def _last_built() -> date | None:
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute("select max(business_date) from audit.build where kind = 'nightly' and status = 'succeeded'")
        return cursor.fetchone()[0]


def _pages_are_missing() -> bool:
    """Whether some page of the last good build may not be written, because a run was ended before that."""
    mark = _pages_mark()
    return _pages_of() != (mark.read_text() if mark.exists() else "")


def _pages_mark() -> Path:
    """The file that names the build whose pages are all written: a report in the database may lack its page."""
    return settings().state_dir / "airflow" / "pages_of_build"


def _pages_of() -> str:
    build = feedback.last_build()
    return str(build.build_id) if build else ""
