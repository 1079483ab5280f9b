"""Publishing: rows of the marts, through disclosure control, into `published.*`, once for a build, period, area and audience."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import inf
from typing import Any

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json, execute_values

from iom_warehouse import disclosure
from iom_warehouse.disclosure import Audience, Bounds, Decision, ReleasedTable, Seen, Shown, Table, audiences
from iom_warehouse.disclosure.tables import JOINED
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get
from iom_warehouse.reports import (
    acquisitive_crime,
    basis,
    caseload,
    definitions,
    drug_services,
    engagement,
    maturity,
    needs,
    overlaps,
    printed,
    quality,
    reach,
    referrals,
    releases,
    reoffending,
    risk,
    scope,
    scrutiny,
    services,
    transitions,
    value,
    wording,
)
from iom_warehouse.reports.definitions import Definition, Due
from iom_warehouse.reports.drafts import Draft, Published, readable_by
from iom_warehouse.reports.scope import WHOLE, Area, Period, Scope
from iom_warehouse.reports.source import Source, force, is_anything_built, open_source
from iom_warehouse.reports.stacking import Stack, stack

log = get("reports")
MOST_POINTS = 3  # of one section
SECTIONS = {
    part.SECTION: part
    for part in (
        reoffending, caseload, risk, referrals, engagement, needs, drug_services, releases, transitions, value, services,
        acquisitive_crime, scrutiny, quality,
    )
}  # fmt: skip

FIND = """
    select report_id from published.report inner join published.report_state using (report_id)
    where kind = %(kind)s and area = %(area)s and period_start = %(first)s and period_end = %(last)s and audience = %(audience)s
        and build_id = %(build)s and state <> 'withdrawn'
"""
RELEASED_BEFORE = """
    select figure.fact, array_agg(distinct figure.value::bigint) as counts
    from published.figure as figure
    inner join published.report as report using (report_id)
    inner join published.sign_off as signed on signed.report_id = report.report_id and signed.step = 'release'
    where report.audience = %(audience)s and figure.fact is not null and figure.suppression_status = 'shown'
    group by figure.fact
"""
# Released reports, withdrawn ones included, and drafts of the same build; a draft withdrawn nobody has seen.
HELD = """
    select report.report_id, report.audience, build.configuration_id, report.business_date
    from published.report as report
    inner join published.report_state as standing using (report_id)
    inner join audit.build as build using (build_id)
    where (report.audience <> %(internal)s or report.audience = %(audience)s)
        and (report.build_id = %(build)s and standing.state <> 'withdrawn' or standing.version is not null)
    order by report.report_id
"""
SEEN = """
    select fact, array_agg(distinct value::bigint) filter (where value is not null) as numbers,
        coalesce(bool_or(suppression_status = 'suppressed'), false) as is_marked,
        coalesce(bool_or(suppression_status in ('suppressed', 'suppressed_with_another')), false) as is_hidden,
        jsonb_agg(distinct jsonb_build_array(least, most)) filter (where least is not null) as worked_out
    from (
        select fact, value, suppression_status, null::bigint as least, null::bigint as most
        from published.figure
        where report_id = any(%(reports)s) and (fact = any(%(facts)s) or position(%(joined)s in fact) > 0)
        union all
        select fact, null, null, least, most
        from published.worked_out
        where report_id = any(%(reports)s) and (fact = any(%(facts)s) or position(%(joined)s in fact) > 0)
    ) as held
    group by fact
"""
OPEN = """
    insert into published.report (kind, definition_version, area, area_name, sections, period_start, period_end, audience,
        build_id, business_date, data_cut, classification, title, main_points, audit_head)
    values (%(kind)s, %(version)s, %(area)s, %(area_name)s, %(sections)s, %(first)s, %(last)s, %(audience)s, %(build)s,
        %(day)s, %(data_cut)s, %(classification)s, %(title)s, %(main_points)s,
        (select hash from audit.event order by event_id desc limit 1))
    returning report_id
"""


def publish_quarterly(business_date: date | None = None, audience: str = audiences.INTERNAL) -> int:
    """Publish the outcome report of the quarter that `business_date` (default: the last built night) lies in. See `publish`."""
    [report_id] = publish(definitions.QUARTERLY, audience=audience, known_on=business_date)
    return report_id


def publish(
    kind: str, period: str | None = None, area: str | None = None, audience: str = audiences.INTERNAL,
    known_on: date | None = None,
) -> list[int]:  # fmt: skip
    """Publish the report of a kind, as known on a night (default: the last built one), and return its report_id.

    `period`: such as 2013Q4 (default: that of the night). `area`: code or name; without it a kind that is made by area is made of
    each, and the answer has the reports in the order of the areas. The same build, kind, period, area and audience again is the
    same report, unless that was withdrawn. Raises IomError when there is no such build, kind, period, area or audience.
    """
    with database.transaction("publisher") as conn, conn.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('published.report'))")  # two at once would make it twice
        source = open_source(conn, known_on)
        definition = definitions.get(source, kind)
        covered = _period(source, definition, period)
        reader = disclosure.read(cursor, audience, source.configuration_id, source.business_date)
        areas = definitions.areas_of(source, definition, area)
        issues = [_Issue(source, definition, Scope(covered, each), reader) for each in areas]
        known = {issue.scope.area: found for issue in issues if (found := issue.find(cursor))}
        missing = [issue.scope for issue in issues if issue.scope.area not in known]
        released = _release(source, definition, missing, reader) if missing else {}
        return [known.get(issue.scope.area) or issue.write(cursor, released[issue.scope.area]) for issue in issues]


def due(day: date) -> tuple[list[Due], list[Due]]:
    """Reports made on a day, and reports that wait for a night: see `definitions.due`. None before the first night was built."""
    with database.transaction("publisher") as conn:
        return definitions.due(open_source(conn, None), day) if is_anything_built(conn) else ([], [])


def _period(source: Source, definition: Definition, wanted: str | None) -> Period:
    period = scope.read(wanted, definition.period) if wanted else scope.containing(definition.period, source.business_date)
    if period.first > source.business_date:
        raise IomError(
            f"{period.in_words} begins after {source.business_date}, the night that the figures are of.",
            "Give an earlier period, or build a later night first.",
        )
    return period


@dataclass(frozen=True)
class _Issue:
    """One report: what it is, apart from its figures."""

    source: Source
    definition: Definition
    scope: Scope
    reader: Audience

    @property
    def facts(self) -> dict[str, Any]:
        area = self.scope.area
        where = ", ".join(filter(None, (force(self.source), area.name)))
        return {
            "kind": self.definition.kind, "version": self.definition.version, "area": area.code, "area_name": area.name,
            "sections": list(self.definition.sections_of(area)), "first": self.scope.first, "last": self.scope.last,
            "audience": self.reader.name, "build": self.source.build_id, "day": self.source.business_date,
            "classification": self.reader.classification,
            "title": ": ".join(filter(None, (where, f"{self.definition.title}, {self.scope.period.in_words}"))),
        }  # fmt: skip

    def find(self, cursor: Cursor) -> int | None:
        cursor.execute(FIND, self.facts)
        found = cursor.fetchone()
        return found[0] if found else None

    def write(self, cursor: Cursor, released: list[Published]) -> int:
        facts = self.facts
        what = f"{facts['kind']} report {facts['first']} to {facts['last']}, area {facts['area']}"
        cursor.execute(
            "select audit.record_event('publish', %s, %s, %s)",
            (what, f"for the audience {self.reader.name}", Json({"build_id": self.source.build_id})),
        )
        facts |= {"data_cut": _data_cut(released), "main_points": _main_points(released)}
        cursor.execute(OPEN, facts)
        (report_id,) = cursor.fetchone()
        _store(cursor, report_id, released)
        log.info("report %s: %s, %s tables for the audience %s", report_id, what, len(released), self.reader.name)
        return int(report_id)


def _release(source: Source, definition: Definition, scopes: Sequence[Scope], audience: Audience) -> dict[Area, list[Published]]:
    """Every table of the reports of some areas of one kind, after disclosure control of all areas together."""
    period, kind_of_area = scopes[0].period, scopes[0].area
    areas = [WHOLE] if kind_of_area.is_whole else definitions.protected_together(source)
    printed_in = definition.sections_of(kind_of_area)
    sections = {area: [name for name in definition.sections_of(area) if name in printed_in] for area in areas}
    drafts = {area: _drafts(source, Scope(period, area), sections[area], audience) for area in areas}
    tables: dict[str, dict[Area, Table]] = {}
    for area, of_area in drafts.items():
        for draft in of_area:
            tables.setdefault(draft.table.name, {})[area] = draft.table
    stacks = {name: _enough_to_show(stack(of_areas), audience) for name, of_areas in tables.items()}
    stacked = {name: each.table for name, each in stacks.items()}
    part_of: dict[str, dict[str, bool]] = {}
    for draft in (draft for of_area in drafts.values() for draft in of_area):
        part_of.setdefault(draft.table.name, {}).update(draft.part_of)
    attacked = [*stacked.values(), *overlaps.of_tables(part_of, stacked)]
    together = disclosure.control_all(attacked, audience, _released_before(source, audience), _seen(source, audience, attacked))
    released = dict(zip(stacks, together[: len(stacks)], strict=True))  # of what measures leave of each other nothing is printed
    return {
        of.area: [
            one
            for draft in drafts[of.area]
            for name in [draft.table.name]
            for one in _beside_print(
                source, replace(draft, table=stacks[name].uncut(of.area)), stacks[name].cut(released[name], of.area), audience
            )
        ]
        for of in scopes
    }


def _enough_to_show(of_areas: Stack, audience: Audience) -> Stack:
    return replace(of_areas, table=disclosure.merged(of_areas.table, audience))


def _drafts(source: Source, of: Scope, sections: Sequence[str], audience: Audience) -> list[Draft]:
    reached, never = reach.of_build(source), reach.never_delivered(source)
    drafts = readable_by((draft for name in sections for draft in SECTIONS[name].drafts(source, of)), audience.name)
    return [reach.limited(reach.told(draft, never), of, reached, source.business_date) for draft in drafts]


def _beside_print(source: Source, draft: Draft, table: ReleasedTable, audience: Audience) -> list[Published]:
    """The table, with a note at what was printed otherwise; and, where anything was printed of its measure, the comparison."""
    as_printed = printed.read(source, draft.of_measure) if draft.of_measure else []
    found = [Published(draft, printed.beside(table, as_printed, audience))]
    if draft.of_measure and as_printed:
        found.append(_controlled(printed.draft(draft.of_measure, table, as_printed, audience), audience))
    return found


def _released_before(source: Source, audience: Audience) -> dict[str, list[int]]:
    """The counts that the audience has been shown exactly in released reports, withdrawn ones included."""
    return {row["fact"]: row["counts"] for row in source.rows(RELEASED_BEFORE, audience=audience.name)}


def _seen(source: Source, audience: Audience, tables: Iterable[Table]) -> Seen:
    """What reports that are out show the audience and hide from it, and what they tell others outside the partnership."""
    if not audience.min_count:
        return Seen()
    counts = {table.fact(place): count for table in tables for place, count in table.counts.items()}
    shown: dict[str, Bounds] = {}
    worked_out: dict[str, Bounds] = {}
    elsewhere: dict[str, Bounds] = {}
    hidden: set[str] = set()
    for reader, reports in _held(source, audience).items():
        rows = source.rows(SEEN, reports=reports, facts=list(counts), joined=JOINED)
        is_own = reader.name == audience.name
        if is_own:
            hidden |= {row["fact"] for row in rows if row["is_hidden"]}
        of_facts = {row["fact"]: Shown(row["numbers"] or (), row["is_marked"], _bounds(row["worked_out"])) for row in rows}
        _narrow(shown if is_own else elsewhere, disclosure.known(of_facts, counts, reader))
        _narrow(worked_out if is_own else elsewhere, disclosure.worked_out_before(of_facts, counts, reader))
    as_now = {
        fact for fact, bounds in shown.items()
        if fact in counts and bounds.width <= disclosure.as_shown(counts[fact], audience).width
    }  # fmt: skip
    return Seen(shown, frozenset(hidden - as_now), elsewhere, worked_out)


def _narrow(held: dict[str, Bounds], by: Mapping[str, Bounds]) -> None:
    for fact, bounds in by.items():
        held[fact] = held.get(fact, Bounds()).within(bounds.low, bounds.high)


def _bounds(pairs: Iterable[tuple[int, int | None]] | None) -> list[Bounds]:
    return [Bounds(least, inf if most is None else most) for least, most in pairs or ()]


def _held(source: Source, audience: Audience) -> dict[Audience, list[int]]:
    """The reports that the audience, or somebody outside the partnership, holds, by the audience as it was protected then."""
    reports: dict[tuple[str, int, date], list[int]] = {}
    for row in source.rows(HELD, internal=audiences.INTERNAL, audience=audience.name, build=source.build_id):
        of = row["audience"], row["configuration_id"], row["business_date"]
        reports.setdefault(of, []).append(row["report_id"])
    held: dict[Audience, list[int]] = {}
    with source.conn.cursor() as cursor:
        for of, report_ids in reports.items():
            held.setdefault(disclosure.read(cursor, *of), []).extend(report_ids)
    return held


def _main_points(released: Iterable[Published]) -> list[str]:
    """What the data do not reach, then the first sentences of each section, a provisional one with what is still to come."""
    spoken = [(one.draft, _spoken(one.table)) for one in released]
    to_come = maturity.to_come(table for _, table in spoken)
    by_section: dict[str, list[str]] = {}
    for draft, table in spoken:
        if point := wording.sentences(draft.headline(table)):
            late = maturity.in_words(table, to_come) if draft.measure.measure_id else ""
            by_section.setdefault(draft.section, []).append(f"{point}{late}")
    unreached = dict.fromkeys(sentence for draft, _ in spoken for sentence in draft.unreached)
    return [*unreached, *(point for points in by_section.values() for point in points[:MOST_POINTS])]


def _spoken(table: ReleasedTable) -> ReleasedTable:
    """The table as sentences quote it: a letter for a hidden number would read as a word left out."""

    def said(cell: Decision) -> Decision:
        text = cell.text.replace("<", "fewer than ") if cell.text.startswith("<") else wording.HIDDEN_NUMBER
        return replace(cell, text=text) if cell.is_hidden else cell

    rows = (replace(row, cells={name: said(cell) for name, cell in row.cells.items()}) for row in table.rows)
    return replace(table, rows=tuple(rows))


def _controlled(draft: Draft, audience: Audience) -> Published:
    return Published(draft, disclosure.control(draft.table, audience))


def _data_cut(released: Iterable[Published]) -> date | None:
    cuts = [
        context.data_cut for one in released for row in one.table.rows for context in row.contexts.values() if context.data_cut
    ]
    return min(cuts, default=None)


def _store(cursor: Cursor, report_id: int, released: list[Published]) -> None:
    tables = [_table_row(report_id, order, one) for order, one in enumerate(released, 1)]
    worked_out: dict[str, Bounds] = {}
    for one in released:
        for row in one.table.rows:
            _narrow(worked_out, row.worked_out)
    execute_values(
        cursor,
        "insert into published.report_table (report_id, table_name, table_order, section, title, row_heading, meaning, caveat,"
        " when_empty, charts, measure_id, measure_version, cohort_id, source_systems, rule_parameters) values %s",
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
    execute_values(
        cursor,
        "insert into published.worked_out (report_id, fact, least, most) values %s",
        [
            (report_id, fact, int(bounds.low), None if bounds.high == inf else int(bounds.high))
            for fact, bounds in worked_out.items()
        ],
        page_size=1000,
    )
    basis.store(cursor, report_id, released)


def _table_row(report_id: int, order: int, one: Published) -> tuple:
    draft, table = one.draft, one.table
    return (
        report_id, table.name, order, draft.section, table.title, draft.row_heading,
        wording.sentences(draft.meaning(_spoken(table))), draft.caveat,
        draft.when_empty, list(draft.charts),
        draft.measure.measure_id, draft.measure.measure_version, draft.measure.cohort_id, list(draft.feeds),
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
