"""Figures printed elsewhere beside ours: kept as printed, with a finding where the two differ."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from iom_warehouse.disclosure import Audience, Cell, Column, Decision, Place, ReleasedTable, Row, Table
from iom_warehouse.disclosure.tables import Show, plainly
from iom_warehouse.reports import measures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.source import Fact, Source

# Where a column of the summary is shown in our tables: the front of a column's name.
COLUMNS = {
    "pct_change": "change_", "reduction_pct": "change_", "target_count": "target", "n_people": "people",
    "baseline_count": "baseline", "n_events": "total", "n_people_with_event": "with_event",
}  # fmt: skip
TITLES = {
    "pct_change": "change in %", "reduction_pct": "change in %, printed as a reduction", "target_count": "target",
    "n_people": "people", "baseline_count": "baseline", "n_events": "total", "n_people_with_event": "people with an event",
}  # fmt: skip
CHANGES = ("pct_change", "reduction_pct")
DERIVED = (*CHANGES, "target_count")
OF_NO_PERIOD = ("people", "baseline", "target")  # one of each in a table, whatever period was printed
DIFFERS = "DQ-NI30-001"
SAME, NOT_SHOWN = "same", "hidden for this audience"


def read(source: Source, measure: Measure) -> list[Fact]:
    """What was printed of a measure, in the order of print: groups, then figures, then periods; everyone last."""
    rows = source.mart(
        "mart_reoffending", "published_comparison",
        "measure_id = %(measure)s and coalesce(measure_version, %(version)s) = %(version)s",
        "figure, group_by = 'all', group_value, period", measure=measure.measure_id, version=measure.definition["version"],
    )  # fmt: skip
    return [
        _as_change(row) | {"group_by": row["group_by"] or "all", "group_value": row["group_value"] or "all"} for row in rows
    ]


def _as_change(row: Fact) -> Fact:
    """A printed reduction with the sign of a change, which is what our tables show."""
    turned = ("printed_value", "recalculated_value") if row["figure"] == "reduction_pct" else ()
    return row | {name: None if row[name] is None else -row[name] for name in turned}


def beside(released: ReleasedTable, printed: list[Fact], audience: Audience) -> ReleasedTable:
    """The table with a note at every figure that was printed differently."""
    notes = {
        place: f"{DIFFERS}: printed {_show(row['figure'])(_printed(row), str)}"
        for row in printed
        if _differs(released, row, audience) and (place := _place(released, row)) and not _hidden(released, place)
    }
    rows = (
        replace(row, cells={name: _noted(cell, notes.get((row.key, name))) for name, cell in row.cells.items()})
        for row in released.rows
    )
    return replace(released, rows=tuple(rows))


def draft(measure: Measure, released: ReleasedTable, printed: list[Fact], audience: Audience) -> Draft:
    """The table of comparison. Ours is what was released of our table, so nothing comes out here that is hidden there."""
    rows = tuple(
        Row(
            f"{number}",
            measure.label(row["group_by"], row["group_value"]),
            _cells(released, row, audience),
            TITLES.get(row["figure"], str(row["figure"])),
        )
        for number, row in enumerate(printed)
    )
    columns = (
        Column("period", "Period", "plain"),
        Column("printed", "As printed", "plain"),
        Column("ours", "Ours", "plain"),
        Column("agreement", "Do they agree?", "plain"),
        Column("source", "Printed in", "plain"),
    )
    return Draft(
        Table(f"{measure.name}_as_printed", f"Figures printed elsewhere beside ours: {measure.title}", columns, rows),
        section=measures.SECTION,
        meaning=lambda table: _meaning(table, printed),
        caveat="Neither figure is taken for the right one: a printed figure stays as it was printed, and ours as it is computed.",
        when_empty="No figure of this measure was printed elsewhere.",
        measure=measure.context,
    )


def _cells(released: ReleasedTable, row: Fact, audience: Audience) -> Mapping[str, Cell]:
    ours = _ours(released, row, audience)
    agrees = (
        NOT_SHOWN
        if ours.value == NOT_SHOWN
        else "nothing to compare"
        if row["recalculated_value"] is None
        else f"{DIFFERS}: they differ"
        if _differs(released, row, audience)
        else SAME
    )
    return {
        "period": Cell("baseline" if row["period"] == "baseline" else row["period"].replace("/", " to ")),
        "printed": _printed(row),
        "ours": ours,
        "agreement": Cell(agrees),
        "source": Cell(row["source"]),
    }


def _looks_the_same(released: ReleasedTable, row: Fact) -> bool:
    """Whether the two agree in the decimals that our table shows: in more of them, they would tell the counts behind ours."""
    place = _place(released, row)
    decision = released.decision(place) if place else None
    if decision is None or decision.value is None:
        return False
    ours = Decimal(decision.value)
    return Decimal(row["printed_value"]).quantize(ours, ROUND_HALF_UP) == ours


def _ours(released: ReleasedTable, row: Fact, audience: Audience) -> Cell:
    value = row["recalculated_value"]
    if value is None:
        return Cell(missing="not computed here")
    place = _place(released, row)
    if (place is None and audience.min_count) or (place and _hidden(released, place)):
        return Cell(NOT_SHOWN)
    decision = released.decision(place) if place else None
    if decision and audience.min_count:  # as shown there, with no more decimals
        return Cell(decision.value, show=_show(row["figure"]))
    return Cell(wording.shortest(value), show=_show(row["figure"]))


def _hidden(released: ReleasedTable, place: Place) -> bool:
    """Whether the audience sees something else in our table than the figure itself."""
    decision = released.decision(place)
    return decision is None or decision.status not in ("shown", "flagged")


def _place(released: ReleasedTable, printed: Fact) -> Place | None:
    """The cell of our table that gives the same figure."""
    front = COLUMNS.get(printed["figure"])
    end = printed["period"].partition("/")[2]
    for row in released.rows:
        if front and row.key == f"{printed['group_by']}:{printed['group_value']}":
            named = [name for name in row.cells if name == front or (front.endswith("_") and name.startswith(front))]
            return next(
                ((row.key, name) for name in named if name in OF_NO_PERIOD or str(row.contexts[name].period_end) == end), None
            )
    return None


def _noted(cell: Decision, note: str | None) -> Decision:
    return replace(cell, note="; ".join(filter(None, (cell.note, note)))) if note else cell


def _differs(released: ReleasedTable, row: Fact, audience: Audience) -> bool:
    is_same = _looks_the_same(released, row) if audience.min_count else row["is_reproduced"]
    return row["recalculated_value"] is not None and not is_same


def _printed(row: Fact) -> Cell:
    return Cell(wording.shortest(row["printed_value"]), show=_show(row["figure"]))


def _show(figure: str) -> Show:
    return wording.change if figure in CHANGES else plainly


def _meaning(table: ReleasedTable, printed: list[Fact]) -> str:
    if any(row.cells["agreement"].text == NOT_SHOWN for row in table.rows):
        return "Some of our figures are hidden for this audience and are not set beside the printed ones."
    agrees = [row.cells["agreement"].text == SAME for row in table.rows]
    derived = [is_same for row, is_same in zip(printed, agrees, strict=True) if row["figure"] in DERIVED]
    everything = f"{sum(agrees)} of {len(printed)} printed figures come out the same here"
    return (
        f"{everything}; of the {len(derived)} that are worked out from counts (targets and changes), {sum(derived)} do."
        if derived
        else f"{everything}."
    )
