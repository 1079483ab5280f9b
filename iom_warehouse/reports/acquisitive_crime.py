"""Recorded crime of the area, year by year, and the share of the detected that people on the schemes did."""

from dataclasses import replace
from datetime import date
from typing import Any

from iom_warehouse.disclosure import Cell, Column, Context, ReleasedRow, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, measures, ratios, wording
from iom_warehouse.reports.drafts import Draft, nothing
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

SECTION = "acquisitive_crime"
YEARS_SHOWN = 5
OF_MEMBERS = ("by_members", "share", "interval")  # the hub says who is on a scheme
NOT_COMPARED = "not compared"
BEFORE = ("recorded", "before")
COLUMNS = (
    Column("recorded", "Crimes recorded", "count"),
    Column("change", "Change on the year before", "rate", wording.change, BEFORE, BEFORE),
    Column("change_interval", "95% interval of the change", "rate", wording.change_interval, BEFORE, BEFORE),
    *figures.count_columns(detected="Detected", by_members="Of these, by people on a scheme"),
    *figures.share_columns("by_members", "detected", "Share of the detected"),
    Column("findings", "Findings", "plain", wording.findings),
    figures.unseen("before"), figures.part_of("detected", "recorded"),
)  # fmt: skip
CAVEAT = (
    "Recorded crime is what came to the notice of the police and was written down. Most of it is never detected, and people on a"
    " scheme are watched, so their share of the detected need not be their share of all. A fall here has many causes; this"
    " table does not show that the scheme is one of them. The interval of a change takes crimes to happen independently of each"
    " other; a few people can commit many, so the true uncertainty is wider."
)


def drafts(source: Source, scope: Scope) -> list[Draft]:
    """In the last financial years up to the end of the period: the sets of offences that are called acquisitive."""
    facts = source.mart(
        "mart_partnership", "acquisitive_crime",
        "offence_set like '%%acquisitive%%' and area_level = %(level)s and area = %(area)s and period_start <= %(last)s"
        " and period_start > %(last)s - make_interval(years => %(years)s)",
        "offence_set, period_start", last=scope.last, years=YEARS_SHOWN, **scope.place,
    )  # fmt: skip
    table = Table("recorded_crime", "Recorded crime in the area, by financial year", COLUMNS, tuple(map(_row, facts)))
    return [Draft(
        figures.with_rests(table, ("by_members", "detected")),
        section=SECTION, meaning=_meaning, headline=nothing if scope.area.is_whole else _meaning, caveat=CAVEAT,
        source_systems=("police",), columns_from={"hub": OF_MEMBERS}, row_heading="Financial year",
        when_empty="There is no recorded crime of the area: the police have delivered none, or no set of"
        " offences that is called acquisitive is configured.",
    )]  # fmt: skip


def _row(fact: Fact) -> Row:
    key, context = f"{fact['offence_set']}:{fact['year']}", _context(fact, _recording(fact))
    return Row(key, fact["year"], _cells(fact), _title(fact["offence_set"]), context)


def _title(offence_set: str) -> str:
    return offence_set.replace("_", " ").capitalize()


def _cells(fact: Fact) -> dict[str, Cell]:
    before, says = fact["n_recorded_before"], ratios.change_from(1)
    ends = says(int(fact["n_recorded"]), int(before))[1] if fact["pct_change"] is not None else None
    compared: dict[str, Any] = {"numerator": fact["n_recorded"], "denominator": before, "missing": NOT_COMPARED}
    shares = figures.share_cells(
        fact["n_by_members"], fact["n_detected"], (fact["share_by_members"], fact["ci_low"], fact["ci_high"]),
        "nothing was detected", fact["n_people_detected"],
    )
    late = _context(fact, fact["status"])
    return {
        "recorded": _recorded(fact["n_recorded"], fact, fact["period_start"]),
        "before": _recorded(before, fact, fact["period_start"].replace(year=fact["period_start"].year - 1)),
        "change": Cell(wording.rounded(fact["pct_change"]), ends, **compared, says=says),
        "change_interval": Cell(interval=ends, **compared, says=ratios.only_interval(says)),
        "detected": Cell(int(fact["n_detected"]), people=fact["n_people_detected"], most=fact["most_by_person"], context=late),
        "by_members": Cell(int(fact["n_by_members"]), people=fact["n_members"], most=fact["most_by_member"], context=late),
        **{name: replace(cell, context=late) for name, cell in shares.items()},
        "findings": measures.findings(fact),
    }  # fmt: skip


def _recorded(count: int | None, fact: Fact, year_from: date) -> Cell:
    return measures.count(count, fact=f"recorded {fact['offence_set']}, {fact['area']}, year from {year_from}")


def _context(fact: Fact, maturity: str) -> Context:
    return Context(
        period_start=fact["period_start"], period_end=fact["period_end"], data_cut=fact["data_cut"], maturity=maturity
    )  # fmt: skip


def _recording(fact: Fact) -> str:
    """Whether more crimes of the year may be recorded. Of those that are, some may be cleared up later."""
    return "provisional" if "year_not_complete" in (fact["findings"] or "") else "final"


def _meaning(released: ReleasedTable) -> str:
    known = [row for row in released.rows if row.contexts["recorded"].maturity == "final"]
    if not known:
        return "No financial year is complete yet, so none can be compared." if released.rows else ""
    newest = max(row.label for row in known)
    return " ".join(_sentence(row) for row in known if row.label == newest)


def _sentence(row: ReleasedRow) -> str:
    change, share = row.cells["change"], row.cells["share"]
    compared = f", {wording.compared(change.value)} in the year before" if change.value is not None else ""
    so_far = " so far" if row.contexts["share"].maturity == "provisional" else ""
    of_members = f" People on a scheme did {share.text} of those that were detected{so_far}." if share.value is not None else ""
    recorded = wording.counted(row.cells["recorded"], "crime was", "crimes were")
    return f"{row.group} in {row.label}: {recorded} recorded{compared}.{of_members}"
