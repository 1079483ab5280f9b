"""Measures that follow people from an index event: how many had an event by each horizon."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from iom_warehouse.disclosure import Cell, Column, Grouping, ReleasedRow, ReleasedTable, Row, Table, Tie
from iom_warehouse.reports import figures, measures, ratios, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.source import Fact

OF = ("with_event", "people")
HOW_OFTEN = ("events", "with_event")
PROVEN = ("proven_offence", "court_conviction")
GREW = {"with_event": "n_people_with_event", "events": "n_events"}  # from one horizon to the next
CAVEAT = (
    "This does not say what would have happened to the same people without the scheme, and it is no forecast for any one of"
    " them. Days at risk end"
    " with the first event. Only what came to the notice of the police, a court or a prison is counted."
)


def draft(measure: Measure) -> Draft:
    """The table of a measure without comparison: everyone at each horizon, then each group at the last."""
    rows = [(group_by, _row(measure, group_by, value, facts)) for group_by, value, facts in _listed(measure)]
    columns = _columns(measure)
    counts = [column for column in columns if column.kind == "count"]
    names = [column.name for column in counts]
    everyone = [row for group_by, row in rows if measure.is_everyone(group_by)]
    ties = (*measure.ties(rows, everyone[-1].key, names), *_horizons(everyone)) if everyone else ()
    rows, of_two_schemes = measure.with_more_than_once(rows, everyone[-1].key if everyone else "", names)
    listed, ties = tuple(row for _, row in rows), (*ties, *of_two_schemes)
    columns = (*columns, *figures.columns_of_more(counts))
    table = Table(
        measure.name, measure.title, columns, listed, ties, _groupings(measure), measure.counts_of, goes_on=True,
        never_nought="people",
    )  # fmt: skip
    return Draft(
        figures.with_rests(table, OF),
        section=measures.SECTION,
        meaning=lambda released: _meaning(measure, released),
        headline=lambda released: _said(measure, released),
        caveat=CAVEAT,
        when_empty="Nobody belongs to this cohort yet.",
        charts=("rate_by_horizon", "funnel") if len(everyone) > 1 else ("funnel",),
        measure=measure.context,
        source_systems=measure.source_systems,
        people_from=measure.people_from,
        rule_parameters=measure.parameters,
    )


def _columns(measure: Measure) -> tuple[Column, ...]:
    made_of = ("people", "with_event")
    return (
        Column("people", "People", "count"),
        Column("with_event", "People with an event", "count"),
        Column("rate", "Share of people with an event", "rate", wording.percentage, made_of, OF, is_share=True),
        Column("interval", "95% interval (Wilson)", "rate", wording.percentage_interval, made_of, OF, is_share=True),
        Column("events", f"Number of {measure.events}", "count"),
        *_how_often(measure),
        Column("days_at_risk", "Days at risk", "plain", made_of=made_of, tells_counts=True),  # 365 each without an event
        Column("status", "Status", "plain"),
        Column("findings", "Findings", "plain", wording.findings, numbers_with=(*made_of, "events")),
        *(figures.unseen(f"grew_{name}") for name in GREW),
    )


def _how_often(measure: Measure) -> Iterator[Column]:
    """The frequency of proven reoffending, beside the share as in the national statistics; not where people share a crime."""
    if measure.definition["event_kind"] in PROVEN and measure.definition["count_unit"] != "distinct_crime":
        title = f"{measure.events.capitalize()} for each person with one"
        yield Column("how_often", title, "rate", made_of=HOW_OFTEN, of=HOW_OFTEN)


def _horizons(rows: Sequence[Row]) -> Iterator[Tie]:
    """What is counted by each horizon is what was counted by the one before it, and what came since."""
    for before, row in pairwise(rows):
        for name in GREW:
            yield Tie(((row.key, name),), ((before.key, name), (row.key, f"grew_{name}")))


def _groupings(measure: Measure) -> tuple[Grouping, ...]:
    return measure.groupings(lambda group_by, value, facts: _row(measure, group_by, value, facts))


def _listed(measure: Measure) -> list[tuple[str, str, list[Fact]]]:
    """What a row is given for, with its facts up to the row's horizon."""
    return [
        (group_by, value, facts[:number])
        for group_by, value, facts in measure.groups()
        for number in (range(1, len(facts) + 1) if measure.is_everyone(group_by) else [len(facts)])
    ]


def _row(measure: Measure, group_by: str, value: str, facts: Sequence[Fact]) -> Row:
    """The row of the last of the facts."""
    fact = facts[-1]
    people, with_event = fact["n_people"], fact["n_people_with_event"]
    decimals = wording.decimals_for(people)
    behind = {"people": fact["n_distinct_people"]}
    made_of = {"numerator": with_event, "denominator": people, "missing": "nobody was counted", **behind}
    ends = wording.interval(wording.as_percent(fact["ci_low"]), wording.as_percent(fact["ci_high"]), decimals)
    cells = {
        "people": measures.count(people, **behind, most=fact["most_entries"]),
        "with_event": measures.count(with_event, people=fact["n_distinct_with_event"], most=fact["most_entries_with_event"]),
        "rate": Cell(wording.rounded(wording.as_percent(fact["rate"]), decimals), ends, **made_of, says=ratios.share),
        "interval": Cell(interval=ends, **made_of, says=ratios.only_interval(ratios.share)),
        "events": measures.count(fact["n_events"], people=fact["n_distinct_with_event"], most=fact["most_events"]),
        "how_often": Cell(
            wording.rounded(fact["events_per_person_with_event"], decimals + 1),
            numerator=int(fact["n_events"]), denominator=with_event, people=fact["n_distinct_with_event"],
            missing="nobody had one", says=ratios.each(decimals + 1),
        ),
        "days_at_risk": measures.count(fact["days_at_risk"]),
        "status": measures.status(fact),
        "findings": measures.findings(fact),
        **_grew(facts),
    }
    within = _within(measure, fact)
    name, is_everyone = measure.label(group_by, value), measure.is_everyone(group_by)
    label = f"{name}, {within}" if is_everyone else name
    kind = "Everyone" if is_everyone else f"{wording.GROUPS[group_by]}, {within}"
    return Row(f"{group_by}:{value}:{fact['horizon_days'] or ''}", label, cells, kind, measure.row_context(fact))


def _grew(facts: Sequence[Fact]) -> dict[str, Cell]:
    """What came since the horizon before: two horizons that are shown give it away."""
    return {
        f"grew_{name}": Cell(int(after[column] - before[column]))
        for before, after in pairwise(facts[-2:])
        for name, column in GREW.items()
    }


def _within(measure: Measure, fact: Fact) -> str:
    if fact["horizon_days"]:
        return f"by day {fact['horizon_days']}" + (" at liberty" if measure.definition["clock"] == "at_liberty" else "")
    return f"within {measure.definition['follow_up_months']} months"


def _meaning(measure: Measure, released: ReleasedTable) -> str:
    last = next((row for row in reversed(released.rows) if row.group == "Everyone"), None)
    if not last or last.cells["rate"].value is None or last.contexts["rate"].maturity != "provisional":
        return _said(measure, released)
    still = "" if all(row["is_over"] for row in measure.rows) else ": not everybody has been followed for so long yet"
    return f"{_said(measure, released)} The figure is provisional{still}."


def _said(measure: Measure, released: ReleasedTable) -> str:
    everyone = [row for row in released.rows if row.group == "Everyone"]
    if not everyone:
        return ""
    row = everyone[-1]
    rate = row.cells["rate"]
    if rate.value is None:
        return f"{measure.cohort_title}: no share can be given ({'hidden for this audience' if rate.is_hidden else rate.text})."
    interval = f" (95% interval {row.cells['interval'].text})" if row.cells["interval"].interval else ""
    return (
        f"{measure.cohort_title}: {row.cells['with_event'].text} of"
        f" {wording.counted(row.cells['people'], 'person', 'people')} had at least one of the"
        f" {measure.events_of_set} counted {row.label.rpartition(', ')[2]}, which is {rate.text}{interval}."
        f"{_how_often_in_words(row)}"
    )


def _how_often_in_words(row: ReleasedRow) -> str:
    how_often = row.cells.get("how_often")
    return f" Those who did had {how_often.text} on average." if how_often and how_often.value is not None else ""
