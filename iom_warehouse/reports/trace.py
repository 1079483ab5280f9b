"""From a published figure back to what it rests on: measure, build, deliveries and their validation, and the audit chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from psycopg2.extensions import connection as Connection

from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.speaking import speaking
from iom_warehouse.reports import counting
from iom_warehouse.reports.source import Fact, fetch

FIGURE = """
    select f.*, t.title, t.section, t.rule_parameters, t.source_systems
    from published.figure f join published.report_table t using (report_id, table_name)
    where report_id = %(report)s and table_name = %(table)s and row_order = %(row)s and column_name = %(column)s
"""
REPORT = """
    select r.*, encode(r.audit_head, 'hex') as audit_hash, s.state, s.version, s.replaces, s.correction, s.released_hash,
        b.kind as build_kind, b.started_at, b.finished_at, b.linkage_run, b.project_sha256, b.configuration_id,
        c.sha256 as configuration_sha256, e.event_id as head_event, access.content_as_signed(r.report_id) as is_as_signed
    from published.report r
    join published.report_state s using (report_id)
    join audit.build b using (build_id)
    left join audit.configuration c using (configuration_id)
    left join audit.event e on e.hash = r.audit_head
    where r.report_id = %(report)s
"""
DELIVERIES = "select * from published.report_delivery where report_id = %(report)s order by feed, sequence"
REQUEST_COUNTS = "select access.request_counts(%(report)s, %(table)s, %(row)s, %(column)s, %(reason)s)"
COUNTS = "select * from access.counts_behind(%s)"
BROKEN = "select audit.first_broken_event() as event"
TESTED = ("passed", "failed", "exempted", "noted", "rows", "rejected")


class Place(NamedTuple):
    """Where a figure stands; the row is counted from 1."""

    report: int
    table: str
    row: int
    column: str

    def __str__(self) -> str:
        return "/".join(map(str, self))


@dataclass(frozen=True)
class Basis:
    """What a report rests on. `deliveries`: rows of published.report_delivery, by feed and sequence."""

    report: Fact
    deliveries: list[Fact]

    def by_file(self, feeds: list[str] | None = None) -> list[Fact]:
        """What was validated of each file in all these deliveries together, of these feeds or of all."""
        found: dict[tuple[str, str], Fact] = {}
        for delivery in self.deliveries:
            if feeds is None or delivery["feed"] in feeds:
                for file, tested in sorted(delivery["files"].items()):
                    start = {"feed": delivery["feed"], "file": file, "deliveries": 0} | dict.fromkeys(TESTED, 0)
                    total = found.setdefault((delivery["feed"], file), start)
                    total["deliveries"] += 1
                    total |= {name: total[name] + (tested[name] or 0) for name in TESTED}
        return list(found.values())

    def last_by_feed(self) -> dict[str, Fact]:
        """The last delivery of each feed."""
        return {delivery["feed"]: delivery for delivery in self.deliveries}


def place_of(text: str) -> Place:
    """A figure as a trace names it. Raises IomError when it is written otherwise."""
    parts = text.split("/")
    if len(parts) != len(Place._fields) or not (parts[0].isdecimal() and parts[2].isdecimal()):
        raise IomError(
            f"{text!r} names no figure.",
            "Write report, table, row and column as in 12/caseload_movement/1/closing; the trace page of the report lists them.",
        )
    return Place(int(parts[0]), parts[1], int(parts[2]), parts[3])


def basis_of(conn: Connection, report_id: int) -> Basis:
    """What a report rests on. Raises IomError when there is none of this number."""
    for report in fetch(conn, REPORT, report=report_id):
        return Basis(report, fetch(conn, DELIVERIES, report=report_id))
    raise IomError(f"There is no report {report_id}.", "`iom report list` shows those there are.")


def trace_figure(text: str, person: Connection | None = None, reason: str = "") -> Iterator[str]:
    """Lines about the figure that `text` names, and for a `person` with the right to them the counts behind it.

    That look is written down with its `reason`. Raises IomError when there is no such figure, or when the person may not see
    the counts.
    """
    place = place_of(text)
    with database.transaction("publisher") as conn:
        basis = basis_of(conn, place.report)
        figures = fetch(conn, FIGURE, **place._asdict())
        [chain] = fetch(conn, BROKEN)
    if not figures:
        raise IomError(f"Report {place.report} has no figure {place}.", "The trace page of the report lists its figures.")
    [figure] = figures
    yield from _figure(place, figure)
    if person:
        yield from _counts(place, person, reason)
    yield from _report(basis.report)
    feeds = [feed for feed in figure["source_systems"] if feed in basis.last_by_feed()]
    yield from _deliveries(basis, feeds or None)
    yield from _chain(basis.report, chain["event"])


def _figure(place: Place, figure: Fact) -> Iterator[str]:
    yield f"{place}: {figure['value_text']} ({figure['suppression_status']})"
    yield f"  {figure['title']}: {figure['column_title']} of {figure['row_label']}"
    if figure["measure_id"]:
        yield f"  measure {figure['measure_id']}, version {figure['measure_version']}; cohort {figure['cohort_id']}"
    for title, words in counting.in_words(figure["rule_parameters"]):
        yield f"    {title}: {words}"
    horizon = f", {figure['horizon_days']} days" if figure["horizon_days"] else ""
    if figure["period_start"]:
        yield f"  period {figure['period_start']} to {figure['period_end']}{horizon}"
    if figure["data_cut"]:
        yield f"  data reach to {figure['data_cut']}; {figure['maturity'] or 'of no stated maturity'}"
    if figure["fact"]:
        yield f"  the same count in other tables and reports: {figure['fact']}"


def _counts(place: Place, person: Connection, reason: str) -> Iterator[str]:
    refusal = IomError(
        f"{person.info.user} may not see the counts behind figures.", "Analysts, stewards and auditors may; leave --by out."
    )
    with speaking(person, refusal) as cursor:
        cursor.execute(REQUEST_COUNTS, {**place._asdict(), "reason": reason})
        token = cursor.fetchone()
    not_theirs = f"Report {place.report} is of no area of {person.info.user}, or they read no internal reports"
    how = "Areas and audiences are in people_access.csv. Ask your steward."
    with speaking(person, IomError(f"{not_theirs}; the attempt was written down.", how)) as cursor:
        cursor.execute(COUNTS, token)
        found: tuple[Any, ...] | None = cursor.fetchone()
    if found is None:
        yield "  no counts are behind it"
        return
    counted, numerator, denominator, made_of = found
    if counted is not None:
        yield f"  counted: {counted:,}"
    if denominator is not None:
        yield f"  of: {denominator:,}" if numerator is None else f"  worked out of: {numerator:,} and {denominator:,}"
    if made_of:
        yield f"  made of the columns: {', '.join(made_of)}"


def _report(report: Fact) -> Iterator[str]:
    version = f", version {report['version']}" if report["version"] else ""
    yield f"report {report['report_id']}: {report['title']}; audience {report['audience']}; {report['state']}{version}"
    if report["correction"]:
        yield f"  corrects report {report['replaces']}: {report['correction']}"
    yield f"build {report['build_id']} of {report['business_date']} ({report['build_kind']}), ended {report['finished_at']}"
    yield f"  linkage run {report['linkage_run'] or 'none'}; models {report['project_sha256'] or 'not known'}"
    yield f"  configuration {report['configuration_id'] or 'none'} {report['configuration_sha256'] or ''}".rstrip()


def _deliveries(basis: Basis, feeds: list[str] | None) -> Iterator[str]:
    for delivery in basis.deliveries:
        if feeds is None or delivery["feed"] in feeds:
            if delivery["delivery_id"] is None:
                yield f"{delivery['feed']}: {delivery['state']}, no delivery"
                continue
            yield (
                f"{delivery['feed']} {delivery['folder']}: delivery {delivery['delivery_id']}, {delivery['extract']} extract,"
                f" sequence {delivery['sequence']}, extracted {delivery['extracted_at']}, manifest {delivery['manifest_sha256']}"
            )
    for file in basis.by_file(feeds):
        exempted = f", {file['exempted']} failed with an exemption" if file["exempted"] else ""
        yield (
            f"  {file['file']}: {file['passed']} rules held, {file['failed']} failed{exempted}, {file['noted']} broken but only"
            f" noted; {file['rows']:,} rows, {file['rejected']:,} rejected, in {file['deliveries']} deliveries"
        )


def _chain(report: Fact, broken: int | None) -> Iterator[str]:
    yield f"audit chain: event {report['head_event'] or 'not found'}, {report['audit_hash']}, when it was made"
    yield "  the chain holds" if broken is None else f"  the chain is BROKEN at event {broken}"
    yield {
        None: "  nobody has checked the report yet",
        True: "  the report shows what was checked",
        False: "  the report does NOT show what was checked: tell the auditor",
    }[report["is_as_signed"]]
