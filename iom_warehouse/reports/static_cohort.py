"""Measures that set a cohort's count beside a baseline or a prediction.

Figures are of periods that were over when the data were taken: half a period beside its whole baseline, or half a year beside the
prediction of a whole one, would look like a fall.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from iom_warehouse.disclosure import Cell, Column, Decision, Grouping, ReleasedRow, ReleasedTable, Row, Says, Table, Tie
from iom_warehouse.disclosure.control import HIDDEN
from iom_warehouse.disclosure.tables import Interval
from iom_warehouse.reports import figures, measures, ratios, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.source import Fact

CHANGE, COUNT, GREW, TOTAL = "change_", "count_", "grew_", "total"
NOT_OVER = "period not over"
CAVEAT = (
    "This does not show that the scheme caused the change. People are chosen for a scheme when they offend most, and such"
    " offending tends to fall by itself afterwards (regression to the mean). Time in custody is not taken off; the days at"
    " risk beside a figure are those at liberty. Whoever dies, moves away or leaves the scheme stays in. Only what came to"
    " the notice of the police or a court is counted, and later results can still change a provisional figure. Intervals"
    " assume that offences happen independently of each other; some people commit many, so the true uncertainty is wider."
)
SAME_LAG = re.compile(re.escape(wording.FINDINGS["baseline_with_same_lag"][0]).replace(r"\{\}", "(.+)"))
BESIDE = {
    "pro_rata_baseline": "in as long a part of the baseline", "same_months_prior_year": "in the same months a year before",
    "expected": "predicted",
}  # fmt: skip


def draft(measure: Measure) -> Draft:
    """The table of a measure with a comparison."""
    rows = [(group_by, _row(measure, group_by, value, facts)) for group_by, value, facts in measure.groups()]
    columns = _columns(measure)
    counts = [column for column in columns if column.kind == "count" and column.name != "target"]
    names, everyone = [column.name for column in counts], measure.area.key
    ties = (*measure.ties(rows, everyone, names), *_quarters(columns, rows))
    rows, of_two_schemes = measure.with_more_than_once(rows, everyone, names)
    columns = (*columns, *figures.columns_of_more(counts))
    compared = sum(1 for _, row in rows if row.cells["interval"].interval)
    many = f" {compared} groups are compared here: of twenty intervals, one misses the truth by chance." if compared > 10 else ""
    listed, ties = tuple(row for _, row in rows), (*ties, *of_two_schemes)
    table = Table(
        measure.name, measure.title, columns, listed, ties, _groupings(measure), measure.counts_of, goes_on=measure.is_open,
        never_nought="people",
    )  # fmt: skip
    return Draft(
        figures.with_rests(table, *_parts_of_people(measure)),
        section=measures.SECTION,
        meaning=lambda released: _meaning(measure, released),
        headline=lambda released: _said(measure, released),
        caveat=CAVEAT + many,
        when_empty="Nobody belongs to this cohort yet.",
        charts=("change_by_quarter",) if measure.is_by_quarter else (),
        measure=measure.context,
        source_systems=measure.source_systems,
        people_from=measure.people_from,
        rule_parameters=measure.parameters,
    )


def _groupings(measure: Measure) -> tuple[Grouping, ...]:
    return measure.groupings(lambda group_by, value, facts: _row(measure, group_by, value, facts))


def _columns(measure: Measure) -> tuple[Column, ...]:
    made_of = ("people", *_parts(measure))
    return (
        Column("people", "People", "count"),
        *_compared_with(measure),
        *_changes(measure),
        *_behind_changes(measure),
        Column("interval", "95% interval of the last change", "rate", wording.change_interval, made_of, _of(measure, TOTAL)),
        Column(
            "days_at_risk", f"Days at risk{_up_to(measure, _last_over(measure))}", "plain", made_of=made_of, tells_counts=True
        ),
        *_targets(measure),
        Column("status", "Status", "plain"),
        Column("findings", "Findings", "plain", wording.findings, numbers_with=made_of),
    )


def _parts(measure: Measure) -> tuple[str, ...]:
    return ("baseline", "total") if measure.has_baseline else ("total",)


def _parts_of_people(measure: Measure) -> list[tuple[str, str]]:
    """Columns that count some of the people of another: everybody can work out how many are left."""
    if not measure.has_baseline:
        return [(TOTAL, "people")]
    return [("meeting", "eligible"), ("eligible", "people")] if any(c.name == "meeting" for c in _targets(measure)) else []


def _compared_with(measure: Measure) -> Iterator[Column]:
    if measure.has_baseline:
        months = " (same months a year before)" if measure.definition["comparison"] == "same_months_prior_year" else ""
        yield Column("baseline", f"Baseline{months}: {measure.events}", "count")
    else:
        yield Column("expected", "People expected to have an event", "rate", made_of=("people",))
    if measure.has_baseline and measure.definition["target_pct"] is not None:
        yield Column("target", "Target: at most", "count", made_of=("baseline",))


def _changes(measure: Measure) -> Iterator[Column]:
    """One change per quarter, cumulative from the first day; the last of them behind the total, as it is the total's."""
    over = _last_over(measure)
    counted = measure.events if measure.has_baseline else "people with an event"
    ends = _ends(measure)
    for number, end in enumerate(ends, 1):
        if number == len(ends):
            yield Column("total", f"Total{_up_to(measure, over)}: {counted}", "count")
        counted_up_to = TOTAL if end == over else f"{COUNT}{number}"
        made_of = ("people", *_parts(measure)[:-1], counted_up_to)
        title = f"Change{_up_to(measure, end)}"
        yield Column(f"{CHANGE}{number}", title, "rate", wording.change, made_of, _of(measure, counted_up_to))


def _of(measure: Measure, count: str) -> tuple[str, str]:
    """What a change is made of. What was predicted is shown to anyone, so there only the count is found from it."""
    return count, "baseline" if measure.has_baseline else "people"


def _behind_changes(measure: Measure) -> Iterator[Column]:
    """Counts that nobody prints, but that changes and totals give away: cumulative, and of each quarter by itself."""
    for number, end in enumerate(_ends(measure), 1):
        if end != _last_over(measure):
            yield Column(f"{COUNT}{number}", "", "count", is_shown=False)
        yield Column(f"{GREW}{number}", "", "count", is_shown=False)


def _quarters(columns: tuple[Column, ...], rows: list[tuple[str, Row]]) -> Iterator[Tie]:
    """Each cumulative count is the one before it and what its own quarter added."""
    quarters = [column.name.removeprefix(GREW) for column in columns if column.name.startswith(GREW)]
    for _, row in rows:
        counted = [f"{COUNT}{number}" if f"{COUNT}{number}" in row.cells else TOTAL for number in quarters]
        for number, before, after in zip(quarters, ["", *counted], counted, strict=False):
            added = (*(((row.key, before),) if before else ()), (row.key, f"{GREW}{number}"))
            yield Tie(((row.key, after),), added)


def _targets(measure: Measure) -> Iterator[Column]:
    if measure.has_baseline and measure.definition["target_pct"] is not None:
        yield Column("target_met", "Target met", "plain", made_of=("people", *_parts(measure)))
        if not measure.is_by_quarter:
            yield Column("meeting", "People who each meet the target", "count")
            yield Column("eligible", "People with a baseline, who could", "count")


def _ends(measure: Measure) -> list[date]:
    return sorted({row["period_end"] for row in measure.rows})


def _last_over(measure: Measure) -> date | None:
    """Last day of the newest period that was over when the data were taken."""
    return max((row["period_end"] for row in measure.rows if row["is_over"]), default=None)


def _up_to(measure: Measure, end: date | None) -> str:
    """Words for a cumulative period within the title of a column."""
    if not measure.is_by_quarter or end is None:
        return ""
    return f" over {len(_ends(measure))} quarters" if end == _ends(measure)[-1] else f" up to {end:%B %Y}"


def _row(measure: Measure, group_by: str, value: str, facts: list[Fact]) -> Row:
    over = [fact for fact in facts if fact["is_over"]]
    shown = over[-1] if over else facts[0]
    counted = shown["n_events"] if measure.has_baseline else shown["n_people_with_event"]
    ends = wording.interval(shown["ci_low"], shown["ci_high"]) if over else None
    people = shown["n_distinct_people"]
    eligible = {"people": shown["n_distinct_eligible"]}
    named = _names(measure, shown)
    cells = {
        "people": measures.count(shown["n_people"], people=people, most=shown["most_entries"], fact=named["people"]),
        "baseline": measures.count(
            shown["baseline_count"], **eligible, most=shown["most_baseline_events"], fact=named["baseline"]
        ),
        "expected": Cell(
            wording.rounded(shown["expected_count"], 1), denominator=shown["n_people"], people=people, missing="no prediction"
        ),
        "target": measures.count(shown["target_count"], "no target", fact=named["target"]),
        "total": measures.count(counted if over else None, NOT_OVER, **_few(measure, shown), fact=_counted_up_to(measure, shown)),
        "interval": Cell(
            interval=ends,
            missing="cannot be given: a count is nought" if over else NOT_OVER,
            numerator=int(counted),
            denominator=shown["n_people"],
            people=people,
            says=ratios.only_interval(_says(measure, shown)),
        ),
        "days_at_risk": measures.count(shown["days_at_risk"] if over else None, NOT_OVER),
        "target_met": _target_met(facts[-1]),
        "meeting": measures.count(shown["n_meeting_target"] if over else None, NOT_OVER, people=shown["n_distinct_meeting"]),
        "eligible": measures.count(shown["n_eligible"], **eligible, fact=named["eligible"]),
        "status": measures.status(shown),
        "findings": measures.findings(shown),
    } | {f"{CHANGE}{number}": _change(measure, row) for number, row in enumerate(facts, 1)}
    cells |= _counts_behind(measure, over)
    label = measure.label(group_by, value)
    return Row(
        f"{group_by}:{value}",
        label,
        cells,
        "" if measure.is_everyone(group_by) else wording.GROUPS[group_by],
        measure.row_context(shown),
    )


def _counts_behind(measure: Measure, over: list[Fact]) -> dict[str, Cell]:
    counted = [int(fact["n_events"] if measure.has_baseline else fact["n_people_with_event"]) for fact in over]
    grew = [after - before for before, after in zip([0, *counted], counted, strict=False)]
    behind = zip(counted[:-1], over, strict=False)
    cumulative = [Cell(count, **_few(measure, fact), fact=_counted_up_to(measure, fact)) for count, fact in behind]
    return {f"{COUNT}{number}": cell for number, cell in enumerate(cumulative, 1)} | {
        f"{GREW}{number}": Cell(count) for number, count in enumerate(grew, 1)
    }


def _names(measure: Measure, row: Fact) -> dict[str, str]:
    """Of counts that stay the same from quarter to quarter, so that a release of a later one is held against them."""
    of_group = f"{measure.counts_of} / {row['group_by']}:{row['group_value']}"
    since = "so far" if measure.is_open else f"from {row['period_start']}"
    return {name: f"{of_group} / {name} / {since}" for name in ("people", "baseline", "target", "eligible")}


def _counted_up_to(measure: Measure, row: Fact) -> str:
    """The name of a cumulative count by its own last day: the total of one quarter stands behind a change in the next.

    Where the cohort still takes people in, that day is of the last who came, and tells which horizon it is no more.
    """
    days = f"from {row['period_start']} to {row['period_end']}"
    if measure.is_open:
        days = f"so far, {row['horizon_days'] or 'no'} days"
    return f"{measure.counts_of} / {row['group_by']}:{row['group_value']} / counted / {days}"


def _few(measure: Measure, row: Fact) -> dict[str, Any]:
    """How many people the count is of, events or entries with one, and how many of them the most active has."""
    most = row["most_events" if measure.has_baseline else "most_entries_with_event"]
    return {"people": row["n_distinct_with_event"], "most": most}


def _says(measure: Measure, row: Fact) -> Says:
    """What the change of a row would say of other counts."""
    if measure.has_baseline:
        return ratios.change_from(float(row["expected_count"] / row["baseline_count"]) if row["baseline_count"] else 0.0)
    expected = float(row["expected_count"] or 0)
    spread = (row["ci_high"] - row["ci_low"]) / 200 * expected if row["ci_low"] is not None else 0.0
    return ratios.change_from_expected(expected, spread)


def _change(measure: Measure, row: Fact) -> Cell:
    context = measure.row_context(row)
    if not row["is_over"]:
        return Cell(missing=NOT_OVER, context=context)
    return Cell(
        wording.rounded(row["pct_change"]),
        wording.interval(row["ci_low"], row["ci_high"]),
        numerator=int(row["n_events"] if measure.has_baseline else row["n_people_with_event"]),
        denominator=row["n_people"],
        people=row["n_distinct_people"],
        missing="nothing to compare with",
        context=context,
        says=_says(measure, row),
    )


def _target_met(row: Fact) -> Cell:
    if row["target_count"] is None:
        return Cell(missing="no target")
    if not row["is_over"]:
        return Cell(missing=NOT_OVER)
    if not row["baseline_count"]:
        return Cell(missing="nothing to compare with")  # a target of nought at most is not met by counting nobody
    return Cell("met" if row["n_events"] <= row["target_count"] else "not met")


def _meaning(measure: Measure, released: ReleasedTable) -> str:
    row = _everyone(measure, released)
    is_provisional = row and _newest_change(row).value is not None and row.contexts["total"].maturity == "provisional"
    return _said(measure, released) + (" The figure is provisional." if is_provisional else "")


def _everyone(measure: Measure, released: ReleasedTable) -> ReleasedRow | None:
    return next((row for row in released.rows if row.key == measure.area.key), None)


def _said(measure: Measure, released: ReleasedTable) -> str:
    """Sentences on everyone, from what the audience may see."""
    row = _everyone(measure, released)
    if row is None:
        return ""
    change = _newest_change(row)
    if change.value is None:
        why = "it is hidden for this audience" if change.is_hidden else change.text
        return f"{measure.cohort_title}: no change can be given ({why})."
    said = (
        f"{measure.cohort_title}: {_counted(measure, row)}, {wording.compared(change.value)}"
        f" {BESIDE[measure.definition['comparison']]}."
    )
    return " ".join(filter(None, (said, _chance(measure, row), _to_the_mean(measure, change), _at_the_same_lag(row))))


def _counted(measure: Measure, row: ReleasedRow) -> str:
    total, people, context = row.cells["total"], row.cells["people"], row.contexts["total"]
    days = wording.days(context.period_start, context.period_end)
    if measure.has_baseline:
        events = measure.events_of_set
        return f"{wording.counted(total, events, events)} of {wording.counted(people, 'person', 'people')} from {days}"
    return (
        f"{total.text} of {wording.counted(people, 'person', 'people')} who entered from {days} had at least one of the"
        f" {measure.events_of_set} counted"
    )


def _chance(measure: Measure, row: ReleasedRow) -> str:
    """By the interval that draws whole people, where there is one: that of single offences is too narrow.

    Its ends are told of whole cohorts only, as in the table of trust, which hides them where it hides the interval here.
    """
    interval, drawn = row.cells["interval"].interval, _drawn(measure, row)
    if interval is None:
        return ""
    low, high = drawn or interval
    if high < 0 and not measure.has_baseline and row.contexts["total"].maturity == "provisional":
        return f"The 95% interval runs {_ends_in_words(interval)}, but more can still be proved: no difference is shown yet."
    chance = f"the difference {'could be chance alone' if low <= 0 <= high else 'is more than chance alone would explain'}"
    if not drawn:
        return f"The 95% interval runs {_ends_in_words(interval)}: {chance}."
    runs = f", which runs {_ends_in_words(drawn)}" if measure.area.is_whole else ""
    return (
        f"The 95% interval runs {_ends_in_words(interval)}, as if each offence came by itself. By the one that draws whole"
        f" people{runs}, {chance}."
    )


def _ends_in_words(interval: Interval) -> str:
    return f"from {wording.more_or_fewer(interval[0])} to {wording.more_or_fewer(interval[1])}"


def _drawn(measure: Measure, row: ReleasedRow) -> Interval | None:
    """The ends of that interval, of the period of the row's total."""
    end = row.contexts["total"].period_end
    facts = [fact for fact in measure.rows_of_area if measure.is_everyone(fact["group_by"]) and fact["period_end"] == end]
    return next(filter(None, (wording.interval(*(fact[name] for name in measures.DRAWN)) for fact in facts)), None)


def _to_the_mean(measure: Measure, change: Decision) -> str:
    is_fall = measure.has_baseline and change.value is not None and change.value < 0
    return (
        "People are chosen when they offend most, so a fall is to be expected by itself (regression to the mean)."
        if is_fall
        else ""
    )


def _at_the_same_lag(row: ReleasedRow) -> str:
    """How the baseline stood at the same age, where that is another number: the same words as among the findings.

    Only whoever sees every count reads a number there.
    """
    for finding in row.cells["findings"].text.split("; "):
        if (found := SAME_LAG.fullmatch(finding)) and found[1] != HIDDEN:
            return f"Counted as soon after its end, the baseline would be {found[1]} instead of {row.cells['baseline'].text}."
    return ""


def _newest_change(row: ReleasedRow) -> Decision:
    """The change of the newest period that is over, or the first where none is."""
    changes = [cell for name, cell in row.cells.items() if name.startswith(CHANGE)]
    return next((cell for cell in reversed(changes) if cell.status != "missing"), changes[0])
