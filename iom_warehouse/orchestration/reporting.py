"""Making the pages that people read from the newest build: outcome reports, and what auditors inspect."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import psycopg2

from iom_warehouse import reports, sending, signoff
from iom_warehouse.orchestration import alerts
from iom_warehouse.platform import database, state
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.local_time import LONDON
from iom_warehouse.platform.log import get
from iom_warehouse.platform.report_files import RELEASED
from iom_warehouse.platform.settings import settings

log = get("reports")
NOT_WRITTEN = "report not written "  # and its number: a kind of alert


def quarterly(business_date: str | None = None, audience: str = "internal") -> str:
    """Publish and render the report of the quarter that `business_date` (default: the last built night) lies in.

    Returns the path of the page.
    """
    report_id = reports.publish_quarterly(date.fromisoformat(business_date) if business_date else None, audience)
    return str(written(report_id, ["html"])[0])


def make(
    kind: str, period: str | None = None, area: str | None = None, audience: str = "internal", known_on: date | None = None,
    formats: Sequence[str] = reports.FORMATS,
) -> list[Path]:  # fmt: skip
    """Publish a report, of each of its areas if it has any, and write it in some formats. Returns the files.

    Raises IomError where there is no such report; what keeps a format from being written is raised after all others are there.
    """
    issued = reports.publish(kind, period, area, audience, known_on)
    return [path for report_id in issued for path in written(report_id, formats)]


def due(day: date) -> list[Path]:
    """Make all reports that are due on a day: see `reports.due`. Of those that wait for a night there is an alert, but on the
    sample, which will have no later night.

    All are published before the first is written. One that may not be published, or of which a format cannot be written, holds up
    no other: IomError says which these are once all others are there.
    """
    wanted, waiting = reports.due(day)
    if waiting and not state.holds_sample():
        commands = "; ".join(f"iom report {kind} --period {period} --audience {audience}" for kind, period, audience in waiting)
        message = f"Reports that are due wait for a night that is not built yet. Once it is, make them: {commands}"
        alerts.raise_alert(f"reports waiting {day}", message, business_date=day)
    issued: dict[int, str] = {}
    made: list[Path] = []
    failed: list[str] = []
    for kind, period, audience in wanted:
        what = f"{kind} of {period} for {audience}"
        log.info("due: %s", what)
        try:
            issued |= dict.fromkeys(reports.publish(kind, period, None, audience), what)
        except IomError as error:
            failed.append(f"Not published: {what}: {error.message}")
    for report_id, what in issued.items():
        try:
            made += written(report_id)
        except (IomError, OSError) as error:
            why = error.message if isinstance(error, IomError) else type(error).__name__
            failed.append(f"Not written in every format: report {report_id}, {what}: {why}")
    if failed:
        raise IomError(" ".join(failed), "All others were made. Look into these; the same step makes them once they can be.")
    return made


def written(report_id: int, formats: Sequence[str] = reports.FORMATS) -> list[Path]:
    """The files of a report as it stands now, in these formats and this order; what is not there is written.

    A draft is written again. A released report stays as it was written when it was released: the digests of its files are kept.
    Raises IomError for one that would be another by now, and where the report is signed off meanwhile.
    """
    with database.session_alone("publisher", "iom.report_files"):  # what lies there is digested by whoever wrote it
        kept = signoff.kept_files(report_id)
        paths = {form: reports.path_of(report_id, _folder(), form) for form in formats}
        to_write = [form for form, path in paths.items() if _digest(path) != kept.digests.get(form, "")]
        if to_write and kept.state in RELEASED:
            _write_and_keep(report_id, kept.state, {form: paths[form] for form in to_write})
        elif to_write:
            reports.write(report_id, _folder(), to_write)
    return list(paths.values())


def _write_and_keep(report_id: int, state: str, paths: Mapping[str, Path]) -> None:
    """Write formats of a report that stands in this state, and keep the digests of those that came about."""
    for path in paths.values():  # of an earlier state, or changed: not to be taken for what is written now
        path.unlink(missing_ok=True)
    try:
        reports.write(report_id, _folder(), list(paths))
    finally:  # also where one format could not be written
        digests = {form: digest for form, path in paths.items() if (digest := _digest(path))}
        if digests:
            signoff.keep_files(report_id, state, digests)


def render_after_signing(report_id: int) -> Path:
    """Write it in all formats, and the one that it replaces (it says so), and their traces. Returns the path of the page."""
    replaced = signoff.read(report_id).replaces
    if replaced:
        written(replaced)
    reports.write_trace_pages(settings().state_dir / "validation" / "trace")
    return written(report_id)[0]


def write_missing() -> None:
    """Write what a run that ended before its time left unwritten, and take away what is released no longer.

    Of a report that waits for a signature that is its page, of a released one every format. One that cannot be written holds up
    no other: there is an alert of it, which closes once it is there.
    """
    messages: dict[str, str] = {}
    for report in signoff.listed():
        try:
            if report.state in RELEASED:
                written(report.number)
            elif _lacks_a_file(report) and report.state != "withdrawn":
                written(report.number, ["html"])
            elif _lacks_a_file(report):
                written(report.number)  # says that it is withdrawn; first, so that a run which ends here is gone on with
                reports.remove_released(report.number, _folder())
        except (IomError, psycopg2.Error, OSError) as error:
            what = str(error) if isinstance(error, IomError) else type(error).__name__  # others' words may quote a row
            messages[f"{NOT_WRITTEN}{report.number}"] = f"Report {report.number} lacks a file: {what}"
    today = datetime.now(LONDON).date()
    alerts.keep_open(NOT_WRITTEN, messages, today, "auditor_pages", "Its files lie where they belong.")


def lacks_files() -> bool:
    """Whether `write_missing` would have something to write or to take away."""
    return any(_lacks_a_file(report) for report in signoff.listed())


def _lacks_a_file(report: signoff.Report) -> bool:
    if report.state == "withdrawn":
        return reports.lies_as_released(report.number, _folder())
    paths = {form: reports.path_of(report.number, _folder(), form) for form in reports.FORMATS}
    if report.state in RELEASED:
        kept = signoff.kept_files(report.number).digests
        return any(_digest(path) != kept.get(form, "") for form, path in paths.items())
    return not paths["html"].is_file()


def describe(report_id: int) -> Iterator[str]:
    """Lines about a report: how it stands, and its sign-off step by step."""
    report = signoff.read(report_id)
    version = f", version {report.version}" if report.version else ""
    yield f"Report {report_id}: {report.title}; for the audience {report.audience}, {report.marking}"
    yield f"  made {report.made_at:%Y-%m-%d %H:%M} from build {report.build_id}; it is {report.state}{version}"
    if report.correction:
        yield f"  corrects report {report.replaces}: {report.correction}"
    if report.replaced_by:
        yield f"  replaced by report {report.replaced_by}"
    for signed in signoff.history(report_id):
        yield f"  {signed.signed_at:%Y-%m-%d %H:%M}  {signed.step} by {signed.login}: {signed.reason}"
    for attempt in sending.of_report(report_id):
        why = f" ({attempt.failure})" if attempt.failure else ""
        yield f"  {attempt.ended_at:%Y-%m-%d %H:%M}  {attempt.way} for {attempt.recipient}: {attempt.outcome}{why}"
    yield f"  page: {reports.path_of(report_id, _folder())}"


def auditor_pages() -> str:
    """Write the validation pages, the traces of reports and Great Expectations' Data Docs. Returns the path of the index."""
    folder = settings().state_dir / "validation"
    reports.write_data_docs(folder / "data_docs")
    reports.write_trace_pages(folder / "trace")
    return str(reports.write_validation_pages(folder))


def documentation_pages() -> str:
    """Write the data dictionary, the reference of the configuration and the methods. Returns the path of the index."""
    from iom_warehouse import configuration, contracts
    from iom_warehouse.contracts import dictionary
    from iom_warehouse.transform import methods  # brings dbt

    of_feeds = {f"feed-{contract.feed}": dictionary.markdown(contract) for contract in contracts.all()}
    of_topics = {f"methods-{topic}": text for topic, text in methods.markdown_by_topic().items()}
    texts = of_feeds | {"configuration": configuration.markdown()} | of_topics
    return str(reports.write_documentation(settings().state_dir / "documentation", texts))


def _digest(path: Path) -> str | None:
    """SHA-256 of a file, None where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _folder() -> Path:
    return settings().state_dir / "reports"
