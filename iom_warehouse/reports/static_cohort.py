"""Measures that set a cohort's count beside a baseline or a prediction (sections 1, 2 and 4 of the methods)."""

from collections.abc import Iterator

from iom_warehouse.disclosure import Cell, Column, ReleasedTable, Row, Table
from iom_warehouse.reports import measures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.source import Fact

EVERYONE = "all:all"
CHANGE = "change_"
CAVEAT = (
    "This does not show that the scheme caused the change. People are chosen for a scheme when they offend most, and such offending tends to fall"
    " by itself afterwards (regression to the mean). Time in custody is not taken off. Only what came to the notice of the police or a court is"
    " counted, and later results can still change a provisional figure. Intervals assume that offences happen independently of each other;"
    " some people commit many, so the true uncertainty is wider."
)


def draft(measure: Measure) -> Draft:
    """The table of a measure with a comparison."""
    rows = [(group_by, _row(measure, group_by, value, facts)) for group_by, value, facts in measure.groups()]
    columns = _columns(measure)
    counts = [column.name for column in columns if column.kind == "count" and column.name != "target"]
    compared = sum(1 for _, row in rows if row.cells["interval"].interval)
    many = f" {compared} groups are compared here: of twenty intervals, one misses the truth by chance." if compared > 10 else ""
    return Draft(
        Table(measure.name, measure.title, columns, tuple(row for _, row in rows), measure.ties(rows, EVERYONE, counts)),
        section=measures.SECTION,
        meaning=lambda released: _meaning(measure, released),
        headline=lambda released: _meaning(measure, released) if measure.is_by_quarter else "",
        caveat=CAVEAT + many,
        when_empty="Nobody belongs to this cohort yet.",
        chart="change_by_quarter" if measure.is_by_quarter else None,
        measure=measure.context,
        source_systems=measure.source_systems,
        rule_parameters=measure.parameters,
    )


def _columns(measure: Measure) -> tuple[Column, ...]:
    return (
        Column("people", "People", "count"),
        *_compared_with(measure),
        *_changes(measure),
        Column("interval", f"95% interval of the change{_at_the_end(measure)}", "rate", wording.change_interval, ("people", *_parts(measure))),
        *_targets(measure),
        Column("status", "Status", "plain"),
        Column("findings", "Findings", "plain", wording.findings),
    )


def _parts(measure: Measure) -> tuple[str, ...]:
    return ("baseline", "total") if measure.has_baseline else ("total",)


def _compared_with(measure: Measure) -> Iterator[Column]:
    if measure.has_baseline:
        months = " (same months a year before)" if measure.definition["comparison"] == "same_months_prior_year" else ""
        yield Column("baseline", f"Baseline{months}: {measure.events}", "count")
    else:
        yield Column("expected", "People expected to have an event", "rate", made_of=("people",))
    if measure.has_baseline and measure.definition["target_pct"] is not None:
        yield Column("target", f"Target: at most so many {measure.events}", "count", made_of=("baseline",))


def _changes(measure: Measure) -> Iterator[Column]:
    """One change per quarter, cumulative from the first day; the last of them behind the total, as it is the total's."""
    counted = measure.events if measure.has_baseline else "people with an event"
    total = Column("total", f"Total: {counted}", "count")
    ends = _ends(measure)
    for number, end in enumerate(ends, 1):
        if number == len(ends):
            yield total
        upto = f" up to {end:%B %Y}" if measure.is_by_quarter and number < len(ends) else _at_the_end(measure)
        made_of = ("people", "baseline") if number < len(ends) else ("people", *_parts(measure))
        yield Column(f"{CHANGE}{number}", f"Change{upto}", "rate", wording.change, made_of)


def _at_the_end(measure: Measure) -> str:
    return f" over {len(_ends(measure))} quarters" if measure.is_by_quarter else ""


def _targets(measure: Measure) -> Iterator[Column]:
    if measure.has_baseline and measure.definition["target_pct"] is not None:
        yield Column("target_met", "Target met", "plain", made_of=("people", *_parts(measure)))
        if not measure.is_by_quarter:
            yield Column("meeting", "People who each meet the target", "count")
            yield Column("eligible", "of people with a baseline", "count")


def _ends(measure: Measure) -> list:
    return sorted({row["period_end"] for row in measure.rows})


def _row(measure: Measure, group_by: str, value: str, facts: list[Fact]) -> Row:
    last = facts[-1]
    cells = {
        "people": measures.count(last["n_people"]),
        "baseline": measures.count(last["baseline_count"]),
        "expected": Cell(wording.rounded(last["expected_count"], 1), denominator=last["n_people"], missing="no prediction"),
        "target": measures.count(last["target_count"], "no target"),
        "total": measures.count(last["n_events"] if measure.has_baseline else last["n_people_with_event"]),
        "interval": Cell(
            interval=wording.interval(last["ci_low"], last["ci_high"]), missing="cannot be given: a count is nought", denominator=last["n_people"]
        ),
        "target_met": _target_met(last),
        "meeting": measures.count(last["n_meeting_target"]),
        "eligible": measures.count(last["n_eligible"]),
        "status": measures.status(last),
        "findings": measures.findings(last),
    } | {f"{CHANGE}{number}": _change(measure, row) for number, row in enumerate(facts, 1)}
    label = measure.label(group_by, value)
    return Row(f"{group_by}:{value}", label, cells, wording.GROUPS[group_by], measure.row_context(last))


def _change(measure: Measure, row: Fact) -> Cell:
    return Cell(
        wording.rounded(row["pct_change"]),
        wording.interval(row["ci_low"], row["ci_high"]),
        numerator=int(row["n_events"] if measure.has_baseline else row["n_people_with_event"]),
        denominator=row["n_people"],
        missing="period not begun" if row["period_start"] > row["data_cut"] else "nothing to compare with",
        context=measure.row_context(row),
    )


def _target_met(row: Fact) -> Cell:
    if row["target_count"] is None:
        return Cell(missing="no target")
    if row["period_end"] > row["data_cut"]:
        return Cell(missing="period not over")
    return Cell("met" if row["n_events"] <= row["target_count"] else "not met")




def _meaning(measure: Measure, released: ReleasedTable) -> str:
    """A sentence on everyone, from what the audience may see."""
    row = next((row for row in released.rows if row.key == EVERYONE), None)
    if row is None:
        return ""
    change = row.cells[max(name for name in row.cells if name.startswith(CHANGE))]
    if change.value is None:
        return f"{measure.cohort_title}: no change can be given ({'hidden for this audience' if change.is_hidden else change.text})."
    context = row.contexts["total"]
    counted = measure.events if measure.has_baseline else "people with an event"
    beside = "its share of the baseline" if measure.has_baseline else "predicted"
    sentence = (
        f"{measure.cohort_title}: {row.cells['total'].text} {counted} of {row.cells['people'].text} people from {wording.day(context.period_start)}"
        f" to {wording.day(min(context.period_end, context.data_cut))}, {wording.more_or_fewer(change.value)} than {beside}."
    )
    interval = row.cells["interval"].interval
    if interval is None:
        return sentence
    ends = f"The 95% interval runs from {wording.more_or_fewer(interval[0])} to {wording.more_or_fewer(interval[1])}"
    chance = "could be chance alone" if interval[0] <= 0 <= interval[1] else "is more than chance alone would explain"
    return f"{sentence} {ends}: the difference {chance}." + (" The figure is provisional." if context.maturity == "provisional" else "")
