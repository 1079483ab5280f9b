"""Publishing: rows of the marts, through disclosure control, into `published.*`, once for a build, a quarter and an audience."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json, execute_values

from iom_warehouse import disclosure
from iom_warehouse.disclosure import Audience
from iom_warehouse.platform import database
from iom_warehouse.platform.log import get
from iom_warehouse.reports import (
    acquisitive_crime,
    basis,
    caseload,
    drug_services,
    engagement,
    follow_up,
    measures,
    needs,
    printed,
    quality,
    referrals,
    releases,
    risk,
    scrutiny,
    services,
    static_cohort,
    transitions,
    trust,
    value,
)
from iom_warehouse.reports.drafts import Draft, Published
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.source import Source, force, open_source, quarter_of

log = get("reports")
KIND = "quarterly"
CLASSIFICATION = "OFFICIAL"
MOST_POINTS = 3  # of one section
SECTIONS = (  # after reoffending
    caseload, risk, referrals, engagement, needs, drug_services, releases, transitions, value, services, acquisitive_crime,
    scrutiny, quality,
)  # fmt: skip

FIND = """
    select report_id from published.report inner join published.report_state using (report_id)
    where kind = %(kind)s and period_start = %(first)s and period_end = %(last)s and audience = %(audience)s and build_id =
    %(build)s and state <> 'withdrawn'
"""
RELEASED_BEFORE = """
    select figure.fact, array_agg(distinct figure.value::bigint) as counts
    from published.figure as figure
    inner join published.report as report using (report_id)
    inner join published.sign_off as signed on signed.report_id = report.report_id and signed.step = 'release'
    where report.audience = %(audience)s and figure.fact is not null and figure.suppression_status = 'shown'
    group by figure.fact
"""
OPEN = """
    insert into published.report (kind, period_start, period_end, audience, build_id, business_date, data_cut, classification,
    title, main_points,
        audit_head)
    values (%(kind)s, %(first)s, %(last)s, %(audience)s, %(build)s, %(day)s, %(data_cut)s, %(classification)s, %(title)s,
    %(main_points)s,
        (select hash from audit.event order by event_id desc limit 1))
    returning report_id
"""


def publish_quarterly(business_date: date | None = None, audience: str = "internal") -> int:
    """Publish the outcome report of the quarter that `business_date` (default: the last built night) lies in.

    Returns its report_id. The same build, quarter and audience again is the same report, unless that was withdrawn.
    Raises IomError when there is no such build or audience.
    """
    with database.transaction("publisher") as conn, conn.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('published.report'))")  # two at once would make it twice
        source = open_source(conn, business_date)
        first, last = quarter_of(source.business_date)
        facts: dict[str, Any] = {
            "kind": KIND, "first": first, "last": last, "audience": audience, "build": source.build_id,
            "day": source.business_date,
            "classification": CLASSIFICATION, 
            "title": ": ".join(filter(None, (force(source), f"Outcomes, {first:%B} to {last:%B %Y}"))),
        }  # fmt: skip
        cursor.execute(FIND, facts)
        if existing := cursor.fetchone():
            return existing[0]
        released = _release(
            source, (first, last), disclosure.read(cursor, audience, source.configuration_id, source.business_date)
        )
        cursor.execute(
            "select audit.record_event('publish', %s, %s, %s)",
            (f"{KIND} report {first} to {last}", f"for the audience {audience}", Json({"build_id": source.build_id})),
        )
        facts |= {
            "data_cut": _data_cut(released),
            "main_points": _main_points(released),
        }
        cursor.execute(OPEN, facts)
        (report_id,) = cursor.fetchone()
        _store(cursor, report_id, released)
    log.info("report %s: %s, %s tables for the audience %s", report_id, facts["title"], len(released), audience)
    return report_id


def _release(source: Source, quarter: tuple[date, date], audience: Audience) -> list[Published]:
    """Every table of the report, after disclosure control."""
    of_measures = {measure.name: measure for measure in measures.read(source)}
    drafts = [_of_measure(measure) for measure in of_measures.values()]
    tables = [draft.table for draft in drafts]
    drafts += trust.drafts(source, zip(of_measures.values(), tables, strict=True))
    drafts += [draft for section in SECTIONS for draft in section.drafts(source, quarter)]
    together = disclosure.control_all([draft.table for draft in drafts], audience, _released_before(source, audience))
    found: list[Published] = []
    for draft, table in zip(drafts, together, strict=True):
        measure = of_measures.get(table.name)
        as_printed = printed.read(source, measure) if measure else []
        found.append(Published(draft, printed.beside(table, as_printed)))
        if measure and as_printed:
            found.append(_controlled(printed.draft(measure, table, as_printed, audience), audience))
    return found


def _released_before(source: Source, audience: Audience) -> dict[str, list[int]]:
    """The counts that the audience has been shown exactly in released reports, withdrawn ones included."""
    return {row["fact"]: row["counts"] for row in source.rows(RELEASED_BEFORE, audience=audience.name)}


def _of_measure(measure: Measure) -> Draft:
    return (follow_up if measure.definition["comparison"] == "none" else static_cohort).draft(measure)


def _main_points(released: Iterable[Published]) -> list[str]:
    """The first sentences of each section."""
    by_section: dict[str, list[str]] = {}
    for one in released:
        if point := one.draft.headline(one.table):
            by_section.setdefault(one.draft.section, []).append(point)
    return [point for points in by_section.values() for point in points[:MOST_POINTS]]


def _controlled(draft: Draft, audience: Audience) -> Published:
    return Published(draft, disclosure.control(draft.table, audience))


def _data_cut(released: Iterable[Published]) -> date | None:
    cuts = [
        context.data_cut for one in released for row in one.table.rows for context in row.contexts.values() if context.data_cut
    ]
    return min(cuts, default=None)


def _store(cursor: Cursor, report_id: int, released: list[Published]) -> None:
    tables = [_table_row(report_id, order, one) for order, one in enumerate(released, 1)]
    execute_values(
        cursor,
        "insert into published.report_table (report_id, table_name, table_order, section, title, meaning, caveat, when_empty,"
        " chart, measure_id,"
        " measure_version, cohort_id, source_systems, rule_parameters) values %s",
        tables,
    )
    execute_values(
        cursor,
        "insert into published.figure (report_id, table_name, row_order, column_order, row_group, row_label, column_name, fact,"
        " column_title, value, ci_low,"
        " ci_high, value_text, note, suppression_status, measure_id, measure_version, cohort_id, period_start, period_end,"
        " horizon_days, data_cut,"
        " maturity) values %s",
        [figure for one in released for figure in _figures(report_id, one)],
        page_size=1000,
    )
    basis.store(cursor, report_id, released)


def _table_row(report_id: int, order: int, one: Published) -> tuple:
    draft, table = one.draft, one.table
    return (
        report_id, table.name, order, draft.section, table.title, draft.meaning(table), draft.caveat, draft.when_empty,
        draft.chart,
        draft.measure.measure_id, draft.measure.measure_version, draft.measure.cohort_id, list(draft.source_systems),
        Json({name: str(value) for name, value in draft.rule_parameters.items()}),
    )  # fmt: skip


def _figures(report_id: int, one: Published) -> Iterable[tuple]:
    for row_order, row in enumerate(one.table.rows, 1):
        for column_order, (name, title) in enumerate(one.table.columns, 1):
            cell, context = row.cells[name], row.contexts[name]
            low, high = cell.interval or (None, None)
            yield (
                report_id, one.table.name, row_order, column_order, row.group, row.label, name, row.facts.get(name), title,
                cell.value, low, high,
                cell.text, cell.note,
                cell.status, context.measure_id, context.measure_version, context.cohort_id, context.period_start,
                context.period_end,
                context.horizon_days, context.data_cut, context.maturity,
            )  # fmt: skip
