"""Harm: what the crimes of a cohort weigh, beside how many they are, by the weights of the configuration.

Of measures of crimes that count what happened, not of those that set it beside a prediction; of the newest period that is over,
or by the last horizon. Weights are given to two figures: an exact sum would tell of which kinds the crimes are.
"""

from collections.abc import Iterable
from typing import Any

from iom_warehouse.disclosure import Cell, Column, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, measures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.source import Fact, Source

MADE_OF = ("people", "events", "weighed", "weight")
NO_WEIGHT = "no offence has a weight"
COLUMNS = (
    *figures.count_columns(people="People", events="Offences", weighed="Of these, with a weight", unweighed="Without one"),
    Column("harm", "What they weigh, about", "rate", made_of=MADE_OF, tells_counts=True),
    Column("per_person", "For each person", "rate", made_of=MADE_OF, tells_counts=True),
    Column("of_one", "Share of the one person with most", "rate", wording.percentage, MADE_OF),
    Column("confidence", "Trust in the weights", "plain"),
    Column("status", "Status", "plain"),
    figures.unseen("weight"),  # hides what is made of it when it is of few people, or mainly of one
)
CAVEAT = (
    "A weight says how grave a kind of offence is, as its source reckons it, and is no money. Never read it without the number of"
    " offences: one grave offence outweighs all the others of a small cohort. Offences without a weight are counted and weigh"
    " nothing. Time in custody is not taken off. This does not show that the scheme caused anything."
)


def drafts(source: Source, tables: Iterable[tuple[Measure, Table]]) -> list[Draft]:
    """`tables`: measures with their tables in the same report, since a count is the same count there and here."""
    facts = source.mart("mart_cost", "harm", "role = 'follow_up'", "measure_id, measure_version, period_number")
    found = [(measure, table, [fact for fact in facts if measure.has(fact)]) for measure, table in tables]
    found = [each for each in found if each[2] and each[0].definition["comparison"] != "expected"]
    rows = tuple(row for measure, table, of_measure in found if (row := _row(measure, table, of_measure)))
    if not rows:
        return []
    listed = [measure for measure, _, _ in found]
    return [Draft(
        Table("harm", "How grave the offences were", COLUMNS, rows,
              figures.add_up(rows, "events", "weighed", "unweighed")),
        section=measures.SECTION, meaning=_meaning, caveat=CAVEAT, source_systems=measures.sources(listed),
        people_from=measures.people_from(listed), row_heading="Measure", when_empty="No offence has a weight.",
    )]  # fmt: skip


def _row(measure: Measure, table: Table, facts: list[Fact]) -> Row | None:
    """Of the newest period that was over when the data were taken, where it stands beside another; None where none was."""
    by_period = {(row["period_end"], row["horizon_days"]): row for row in measure.rows if row["group_by"] == measure.area.level}
    pairs = [(by_period.get((fact["period_end"], fact["horizon_days"])), fact) for fact in facts]
    known = [
        (row, fact) for row, fact in pairs if row and (not measure.has_baseline or row["period_end"] <= row["data_cut"])
    ]
    return _of_period(measure, table, *known[-1]) if known else None


def _of_period(measure: Measure, table: Table, summary: Fact, fact: Fact) -> Row:
    people, events, weighed = (int(fact[name]) for name in ("n_people", "n_events", "n_events_weighed"))
    named = _names(measure, table, summary, people, events)
    behind = {"people": summary["n_distinct_people"]}
    of: dict[str, Any] = {"denominator": people, "missing": NO_WEIGHT if people else "nobody was counted", **behind}
    harm = fact["harm"] if people else None
    cells = {
        "people": Cell(people, fact=named["people"], most=summary["most_entries"], **behind),
        "events": Cell(
            events, fact=named["events"], people=summary["n_distinct_with_event"],
            most=int(fact["most_events"]),
        ),
        "weighed": Cell(
            weighed, fact=named["weighed"], people=int(fact["n_people_weighed"]), most=int(fact["most_events_weighed"])
        ),
        "unweighed": Cell(
            events - weighed, fact=named["unweighed"], people=int(fact["n_people_without_weight"]),
            most=int(fact["most_events_without_weight"]),
        ),
        "harm": Cell(wording.to_two_figures(harm), **of),
        "per_person": Cell(wording.to_two_figures(fact["harm_per_person"] if people else None), **of),
        # it is a figure of one person
        "of_one": Cell(wording.rounded(wording.as_percent(fact["share_of_one_person"])), denominator=1, missing=NO_WEIGHT),
        "confidence": Cell(fact["confidence"], missing="no weight"),
        "status": measures.status(fact),
        "weight": Cell(int(harm or 0), people=int(fact["n_people_weighed"]), most=int(fact["harm_of_one_person"] or 0)),
    }  # fmt: skip
    return Row(measure.counts_of, measure.title, cells, context=measure.row_context(summary))


def _names(measure: Measure, table: Table, summary: Fact, people: int, events: int) -> dict[str, str]:
    """The names of the counts: those of the measure's own table, where these are the same; else of their own days."""
    key, horizon = measure.area.key, summary["horizon_days"]
    row = key if measure.has_baseline else f"{key}:{horizon or ''}"
    up_to = "so far" if measure.is_open else f"up to {summary['period_end']}"
    own = {name: f"{measure.counts_of} / {name} {up_to}, {horizon or 'no'} days" for name in ("offences", "weighed", "unweighed")}
    same = figures.same_count(table, (row, "total" if measure.has_baseline else "events"), events)
    return own | {"people": figures.same_count(table, (row, "people"), people), "events": same or own["offences"]}


def _meaning(released: ReleasedTable) -> str:
    known = [row for row in released.rows if row.cells["harm"].value is not None]
    if not known:
        return "What the offences weigh cannot be given, or is hidden for this audience."
    return " ".join(
        f"{row.label}: {wording.counted(row.cells['events'], 'offence', 'offences')} of"
        f" {wording.counted(row.cells['people'], 'person', 'people')} weigh about {row.cells['harm'].text},"
        f" {row.cells['per_person'].text} for each person."
        for row in known
    )
