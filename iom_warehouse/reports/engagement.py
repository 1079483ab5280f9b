"""Engagement: which agencies came to the meetings that they were invited to.

Everything here is about agencies, not about the people discussed, so nothing of it is hidden from anyone.
"""

from iom_warehouse.disclosure import Cell, Column, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, ratios, wording
from iom_warehouse.reports.drafts import Draft, plain
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source, agencies

SECTION = "engagement"
COUNTS = {"meetings": "n_meetings", "invited": "n_invited", "recorded": "n_recorded", "attended": "n_attended",
          "uninvited": "n_came_uninvited", "missing": "n_needed_not_invited"}  # fmt: skip
COLUMNS = (
    *plain(meetings="Meetings held", invited="Invitations", recorded="Of these, outcome recorded", attended="Came"),
    Column("share", "Came, of those recorded", "plain", wording.percentage),
    Column("interval", "95% interval (Wilson)", "plain", wording.percentage_interval),
    *plain(uninvited="Came without invitation", missing="Had a case, was not invited"),
)
CAVEAT = (
    "Being there is not the same as taking part. An invitation of which nobody wrote down the outcome is in no share, and where"
    " fewer than half of the outcomes were written down there is none: who came is noted sooner than who did not. A share"
    " of few meetings moves a long way with one of them, as its interval says."
)


def drafts(source: Source, scope: Scope) -> list[Draft]:
    facts = figures.of_period(
        source, "mart_partnership", "attendance", scope, figures.OF_AREA, "agency <> 'all', agency = 'unknown', agency",
        key=("agency",), adding_up=tuple(COUNTS.values()), back=True, **scope.place,
    )  # fmt: skip
    names = agencies(source)
    rows = tuple(
        Row(fact["agency"], names[fact["agency"]], _cells(fact), context=figures.context(fact))
        for fact in facts
    )
    return [Draft(
        Table("attendance", "Attendance of agencies at meetings", COLUMNS, rows),
        section=SECTION, meaning=lambda released: _meaning(released, scope), caveat=CAVEAT, source_systems=("hub",),
        row_heading="Agency",
        when_empty=f"No meeting was held in this {scope.period.kind} or the year before, or the partnership's hub"
        " has not delivered its meetings.",
    )]  # fmt: skip


def _cells(fact: Fact) -> dict[str, Cell]:
    """The share by the rule of the mart, worked out here since a year is its quarters added up."""
    invited, recorded, attended = (int(fact[COUNTS[name]]) for name in ("invited", "recorded", "attended"))
    why = (
        "nobody was invited" if not invited else "nobody wrote down who came" if not recorded
        else "fewer than half of the outcomes were written down" if recorded * 2 < invited else ""
    )  # fmt: skip
    shares = (None, None, None) if why else ratios.wilson(attended, recorded)
    return figures.counts(fact, **COUNTS) | figures.share_cells(attended, recorded, shares, why)


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    if not released.rows:
        return ""
    row = released.rows[0]
    share = wording.in_brackets(row.cells["share"])
    return (
        f"{wording.counted(row.cells['meetings'], 'meeting was', 'meetings were')} held"
        f" {figures.when(row.contexts['meetings'], scope)}."
        f" Of {wording.counted(row.cells['invited'], 'invitation', 'invitations')} of agencies"
        f" {row.cells['recorded'].text} have a recorded outcome, and {row.cells['attended'].text} of these came{share}."
        + figures.so_far(row.contexts["meetings"])
    )
