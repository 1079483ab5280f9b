"""Needs at the first assessment beside those at the latest, of the people who have both."""

from iom_warehouse.disclosure import Cell, Context, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, reach, wording
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
    figures.unseen("never"), figures.unseen("needed"),
)  # fmt: skip
CAVEAT = (
    "People who are assessed twice are not like those who are assessed once. That a need is gone does not say what took it away,"
    " and some of those chosen at their worst get better by themselves."
)


def draft(source: Source, scope: Scope, section: str, pathways: dict[int, str], of_its_group: str) -> Draft:
    """By pathway, of the caseload, by the partnership's own assessments; on the last day that the mart has.

    `of_its_group`: which rows of the mart are of everybody whom a pathway is about.
    """
    facts = source.mart(
        "mart_needs", "need_progress",
        "population_kind = 'scheme' and population_id = 'any' and section = 'all' and instrument = 'hub'"
        f" and need_to_need is not null and {of_its_group} and {figures.OF_AREA} and as_on between %(first)s and %(last)s",
        "as_on, pathway", first=scope.first, last=scope.last, **scope.place,
    )  # fmt: skip
    rows = tuple(_row(fact, pathways) for fact in reach.last_known(facts))
    ties = (*figures.add_up(rows, "both", "gone", "arisen", "stayed", "never"), *figures.add_up(rows, "needed", "gone", "stayed"))
    return Draft(
        Table("need_change", "Needs at the first assessment and at the latest", COLUMNS, rows, ties),
        section=section, meaning=_meaning, caveat=CAVEAT, charts=("need_change",), source_systems=("hub",),
        row_heading="Need",
        when_empty="Nobody on the caseload has been assessed twice, or the partnership's hub has delivered no assessments.",
    )  # fmt: skip


def _row(fact: Fact, pathways: dict[int, str]) -> Row:
    needed = int(fact["need_to_need"] + fact["need_to_none"])
    shares = fact["share_resolved"], fact["ci_low"], fact["ci_high"]
    cells = figures.counts(fact, **COUNTS) | {"needed": Cell(needed)}
    cells |= figures.share_cells(fact["need_to_none"], needed, shares, "nobody had the need")
    context = Context(
        period_start=fact["as_on"], period_end=fact["as_on"], data_cut=fact["data_cut"],
        maturity="final" if fact["is_complete"] else "provisional",
    )  # fmt: skip
    return Row(str(fact["pathway"]), pathways[fact["pathway"]], cells, context=context)


def _meaning(released: ReleasedTable) -> str:
    known = [row for row in released.rows if row.cells["share"].value is not None]
    if not known:
        return "All shares are hidden for this audience." if released.rows else ""
    most = max(known, key=lambda row: row.cells["gone"].value or 0)  # a share leads where one of one is gone
    cells = most.cells
    return (
        f"A need was gone most often in {most.label.lower()}: {cells['gone'].text} of the people who had it at first have it no"
        f" more, {cells['share'].text} of them (95% interval {cells['interval'].text}). For"
        f" {wording.counted(cells['arisen'], 'person', 'people')} it has arisen since."
    )
