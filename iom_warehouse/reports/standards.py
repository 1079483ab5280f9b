"""Minimum standards of each district: met and missed, as the last assessment found. They are about areas, not about people."""

from iom_warehouse.disclosure import Cell, Column, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, wording
from iom_warehouse.reports.drafts import Draft, plain
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source, labels

COUNTS = {"standards": "n_standards", "met": "n_met", "missed": "n_missed", "gained": "n_gained", "lost": "n_lost",
          "assessed": "n_assessed_in_quarter"}  # fmt: skip
COLUMNS = (
    *plain(standards="Standards assessed so far", met="Met", missed="Missed"),
    Column("share", "Met, of those assessed", "plain", wording.percentage),
    Column("interval", "95% interval (Wilson)", "plain", wording.percentage_interval),
    *plain(
        gained="Met now, missed a quarter before",
        lost="Missed now, met a quarter before",
        assessed="Assessed since the quarter began",
    ),
)


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """As the last quarter that has ended when the period ends found them, or one of the year before."""
    facts = source.mart(
        "mart_partnership",
        "standards_met",
        figures.QUARTERS_ENDED,
        "area_level <> 'all', area",
        first=scope.first,
        last=scope.last,
    )
    names = dict(labels(source))
    rows = tuple(_row(fact, names) for fact in figures.newest(facts))
    return Draft(
        Table("standards_met", "Minimum standards by district", COLUMNS, rows),
        section=section, meaning=lambda released: _meaning(released, scope), source_systems=("hub",), row_heading="District",
        caveat="A standard stands as its last assessment found it, however long ago that was. A standard that nobody"
        " assessed is in no share.",
        when_empty="No minimum standard was assessed, or the partnership's hub has not delivered any.",
    )  # fmt: skip


def _row(fact: Fact, names: dict[str, str]) -> Row:
    shares = fact["share_met"], fact["ci_low"], fact["ci_high"]
    cells: dict[str, Cell] = figures.counts(fact, **COUNTS)
    cells |= figures.share_cells(int(fact["n_met"]), int(fact["n_standards"]), shares, "none was assessed")
    label = "All districts" if fact["area_level"] == "all" else wording.group_label("district", fact["area"], names)
    return Row(f"{fact['area_level']}:{fact['area']}", label, cells, context=figures.context(fact))


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    if not released.rows:
        return ""
    row = released.rows[0]
    return (
        f"{row.cells['met'].text} of {wording.counted(row.cells['standards'], 'standard', 'standards')} of the districts were met"
        f" ({row.cells['share'].text}) at the end of the quarter {figures.when_in_quarters(row.contexts['met'], scope)};"
        f" {row.cells['gained'].text} had been missed a quarter before and {row.cells['lost'].text} were met then and are missed"
        " now." + figures.so_far(row.contexts["met"])
    )
