"""Needs at the first assessment beside those at the latest, of the people who have both."""

from dataclasses import replace
from typing import Any

from iom_warehouse.disclosure import Cell, Column, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, need_comparison, reach, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

COUNTS = {
    "both": "n_with_both",
    "gone": "need_to_none",
    "arisen": "none_to_need",
    "stayed": "need_to_need",
    "never": "none_to_none",
}
COLUMNS = (
    *figures.count_columns(both="Assessed twice or more", gone="Need at first, none now", arisen="No need at first, need now",
                           stayed="Need at both"),
    *figures.share_columns("gone", "needed", "Need gone, of those who had it"),
    Column("change", "Mean change of the {}", "rate", wording.with_sign, made_of=("both", "share"), tells_counts=True),
    figures.unseen("never"), figures.unseen("needed"),
)  # fmt: skip
WITHOUT_THRESHOLD = "no threshold is known"
CAVEAT = (
    "People who are assessed twice are not like those who are assessed once. That a need is gone does not say what took it away,"
    " and some of those chosen at their worst get better by themselves. A mean change below nought is less need."
)


def draft(source: Source, scope: Scope, section: str, pathways: dict[int, str], of_its_group: str) -> Draft:
    """By pathway, of the caseload, by the partnership's own assessments; on the last day that the mart has.

    `of_its_group`: which rows of the mart are of everybody whom a pathway is about.
    """
    facts = _facts(source, scope, f"section = 'all' and instrument = 'hub' and {of_its_group}", "pathway")
    rows = tuple(_row(fact, str(fact["pathway"]), pathways[fact["pathway"]]) for fact in facts)
    return Draft(
        _table("need_change", "Needs at the first assessment and at the latest", "level, 0 to 4", rows),
        section=section, meaning=_meaning, caveat=CAVEAT, charts=("need_change",), source_systems=("hub",),
        row_heading="Need",
        when_empty="Nobody on the caseload has been assessed twice, or the partnership's hub has delivered no assessments.",
    )  # fmt: skip


def draft_of_oasys(source: Source, scope: Scope, section: str) -> Draft:
    """The same by section of OASys."""
    names = need_comparison.SECTIONS
    facts = _facts(
        source, scope, "section <> 'all' and instrument = 'oasys' and group_by = 'all'", "array_position(%(sections)s, section)",
        sections=list(names),
    )  # fmt: skip
    rows = tuple(_row(fact, fact["section"], names[fact["section"]]) for fact in facts)
    return Draft(
        _table("need_change_oasys", "Needs at the first OASys assessment and at the latest", "score of the section", rows),
        section=section, meaning=_meaning, source_systems=("hub", "probation"), row_heading="Section of OASys",
        caveat=f"{CAVEAT} Finance and emotional wellbeing have a score and no threshold, so nobody is with or without that need.",
        when_empty="Nobody on the caseload has been assessed with OASys twice, or probation has delivered no assessments.",
    )  # fmt: skip


def _facts(source: Source, scope: Scope, condition: str, order: str, **parameters: Any) -> list[Fact]:
    facts = source.mart(
        "mart_needs", "need_progress",
        f"population_kind = 'scheme' and population_id = 'any' and {condition} and {figures.OF_AREA}"
        " and as_on between %(first)s and %(last)s",
        f"as_on, {order}", first=scope.first, last=scope.last, **scope.place, **parameters,
    )  # fmt: skip
    return reach.last_known(facts)


def _table(name: str, title: str, score: str, rows: tuple[Row, ...]) -> Table:
    with_threshold = [row for row in rows if not row.cells["gone"].is_missing]
    ties = (
        *figures.add_up(with_threshold, "both", "gone", "arisen", "stayed", "never"),
        *figures.add_up(with_threshold, "needed", "gone", "stayed"),
    )
    columns = (replace(column, title=column.title.format(score)) for column in COLUMNS)
    return Table(name, title, tuple(columns), rows, ties)


def _row(fact: Fact, key: str, label: str) -> Row:
    cells = figures.counts(fact, both=COUNTS["both"])
    if fact["need_to_need"] is None:
        states = (*COUNTS, "needed", "share", "interval")
        cells |= {name: Cell(missing=WITHOUT_THRESHOLD) for name in states if name != "both"}
    else:
        needed = int(fact["need_to_need"] + fact["need_to_none"])
        shares = fact["share_resolved"], fact["ci_low"], fact["ci_high"]
        cells |= figures.counts(fact, **COUNTS) | {"needed": Cell(needed)}
        cells |= figures.share_cells(fact["need_to_none"], needed, shares, "nobody had the need")
    cells["change"] = Cell(
        wording.rounded(fact["mean_score_change"], 1), denominator=int(fact["n_with_both"]), missing="nobody has both"
    )
    context = figures.context_on_day(fact)
    return Row(key, label, cells, context=context)


def _meaning(released: ReleasedTable) -> str:
    of_those = wording.of_those(released.rows, "gone", "share")
    if all(row.cells["share"].value is None for row in released.rows):
        why = "All shares are hidden for this audience." if of_those else "Nobody who was assessed twice had a need at first."
        return why if released.rows else ""
    most = wording.most(released.rows, "gone", "share")  # a share leads where one of one is gone
    if most is None:
        return f"No need{of_those} is gone for anybody who had it at first."
    cells = most.cells
    return (
        f"A need{of_those} was gone most often in {most.label.lower()}: {cells['gone'].text} of the people who had it at first"
        f" have it no more, {cells['share'].text} of them (95% interval {cells['interval'].text}). For"
        f" {wording.counted(cells['arisen'], 'person', 'people')} it has arisen since."
    )
