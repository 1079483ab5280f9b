"""How much of a provisional figure is known: what will be counted in the end if results go on coming as late as they did."""

from collections.abc import Iterable, Mapping

from iom_warehouse.disclosure import Cell, Column, ReleasedRow, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, measures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.source import Fact, Source

NAME = "maturity"
MADE_OF = ("known",)
COLUMNS = (
    *figures.count_columns(known="Known so far"),
    Column("growth", "Expected to grow by (estimate)", "rate", lambda cell, _: f"{cell.value}%", MADE_OF),
    Column("interval", "95% interval", "rate", wording.percentage_interval, MADE_OF),
    Column("up_to", "Period up to", "plain"),
)
REASONS = {
    "too_few_events": "too few events to say", "nothing_known_yet": "nothing is known yet",
    "delay_not_known": "how late results come is not known", "interval_not_known": "how sure it is is not known",
}  # fmt: skip
NOT_ESTIMATED = "results that come late can still change it, and how much is not estimated"
CAVEAT = (
    "This is an estimate, not a count: it takes late results to come as late as they did so far. It says nothing about offences"
    " that are never found out."
)


def drafts(source: Source, tables: Iterable[tuple[Measure, Table]]) -> list[Draft]:
    """`tables`: measures with their tables in the same report. Of each the newest period that is over and provisional."""
    facts = source.mart(
        "mart_reoffending", "expected_final",
        "measure_id is not null and group_by = 'all' and coalesce(reason, '') <> 'follow_up_not_over'",
        "measure_id, period_end, horizon_days",
    )  # fmt: skip
    found = [(measure, table, [fact for fact in facts if measure.has(fact)]) for measure, table in tables]
    rows = tuple(_row(measure, table, of_measure[-1]) for measure, table, of_measure in found if of_measure)
    if not rows:
        return []
    return [Draft(
        Table(NAME, "Provisional figures: what is known, and what will be in the end", COLUMNS, rows),
        section=measures.SECTION, meaning=_meaning, caveat=CAVEAT, charts=("maturity",),
        source_systems=measures.sources(measure for measure, _, of_measure in found if of_measure),
        people_from=measures.people_from(measure for measure, _, of_measure in found if of_measure),
        row_heading="Measure", when_empty="No figure is provisional.",
    )]  # fmt: skip


def _row(measure: Measure, table: Table, fact: Fact) -> Row:
    known = int(fact["n_events"])
    growth, low, high = (_growth(fact[name], known) for name in ("expected_final", "ci_low", "ci_high"))
    ends = wording.interval(low, high)
    why = REASONS.get(fact["reason"], "not known")
    summary = next(row for row in measure.rows if row["group_by"] == "all" and _is_of(fact, row))
    cells = {
        "known": Cell(
            known, fact=_name(measure, table, fact), people=summary["n_distinct_with_event"], most=summary["most_events"]
        ),
        "growth": Cell(wording.rounded(growth), ends, denominator=known, missing=why),
        "interval": Cell(interval=ends, denominator=known, missing=why),
        "up_to": Cell(wording.day(fact["period_end"])),
    }
    return Row(measure.name, measure.title, cells, context=measure.row_context(summary | {"status": "provisional"}))


def _is_of(fact: Fact, row: Fact) -> bool:
    """Whether a row of the summary is that of the same period or horizon."""
    return (fact["period_end"], fact["horizon_days"]) == (row["period_end"], row["horizon_days"])


def _name(measure: Measure, table: Table, fact: Fact) -> str:
    """The name of the count: that of the table of the measure, where this counts the same events. Beside a prediction it counts
    people, and they stand here only.
    """
    horizon, known = fact["horizon_days"], int(fact["n_events"])
    everyone = measure.area.key
    place = (everyone, "total") if measure.has_baseline else (f"{everyone}:{horizon or ''}", "events")
    if table.counts.get(place) == known:
        return table.fact(place)
    up_to = "so far" if measure.is_open else f"up to {fact['period_end']}"
    return f"{measure.counts_of} / known {up_to}, {horizon or 'no'} days"


def _growth(expected: float | None, known: int) -> float | None:
    """In per cent of what is known: the number expected itself would tell an exact count from a rounded one."""
    return None if expected is None or not known else 100 * (float(expected) / known - 1)


def to_come(tables: Iterable[ReleasedTable]) -> dict[str, str]:
    """What late results will add to each measure, by the name of its table, as the audience may read it."""
    rows = next((table.rows for table in tables if table.name == NAME), ())
    return {row.key: _late_results(row) for row in rows}


def in_words(table: ReleasedTable, late: Mapping[str, str]) -> str:
    """The end of a main point: that the figure of everyone is provisional and what is still to come; nothing for a final one.

    `table`: of a measure; `late`: as `to_come`.
    """
    everyone = [row for row in table.rows if row.label.startswith("Everyone")]
    if not everyone or everyone[-1].contexts["people"].maturity != "provisional" or not _is_told(everyone[-1]):
        return ""
    return f" Provisional: {late.get(table.name, NOT_ESTIMATED)}."


def _is_told(row: ReleasedRow) -> bool:
    """Whether a share or a change of the row may be seen."""
    return any(cell.value is not None for name, cell in row.cells.items() if name == "rate" or name.startswith("change_"))


def _late_results(row: ReleasedRow) -> str:
    growth, interval = row.cells["growth"], row.cells["interval"]
    if growth.value is not None:
        sure = f"95% interval {interval.text}" if interval.interval else ""
        how_much = growth.text if growth.value else "hardly anything"
        beside = ", ".join(filter(None, ("" if growth.value else growth.text, sure)))
        return f"results that come late are expected to add {how_much}" + (f" ({beside})" if beside else "")
    why = "it is hidden for this audience" if growth.is_hidden else growth.text
    return f"results that come late can still change it, and how much cannot be said ({why})"


def _meaning(released: ReleasedTable) -> str:
    told = [row for row in released.rows if row.cells["growth"].value is not None]
    if not told:
        return "What will be known in the end cannot be said, or is hidden for this audience."
    row = max(told, key=lambda each: each.cells["growth"].value or 0)
    known, up_to = wording.counted(row.cells["known"], "event is", "events are"), row.cells["up_to"].text
    return f"Furthest from final: {row.label}. {known} known of the time up to {up_to}; {_late_results(row)}."
