"""How long people stay without an event: the survival curve of each measure, at its horizons.

Day by day the curve would show each single person, so that it is given at the horizons only, to everyone.
"""

from collections.abc import Iterable
from typing import Any

from iom_warehouse.disclosure import Cell, Column, ReleasedTable, Row, Table, Tie
from iom_warehouse.reports import figures, measures, ratios, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.source import Fact, Source

MADE_OF = ("people", "with_event")
OF = ("with_event", "people")
COLUMNS = (
    *figures.count_columns(with_event="People with an event so far", at_risk="Still followed that day, without one before"),
    Column("survival", "Share still without an event", "rate", wording.percentage, MADE_OF, OF, is_share=True),
    Column("interval", "95% interval", "rate", wording.percentage_interval, MADE_OF, OF, is_share=True),
    *(figures.unseen(name) for name in ("people", "before", "that_day", "ended")),
)
CAVEAT = (
    "Whoever died or could not be followed any longer leaves the count without an event, and is taken to be like those who"
    " stay in it. An event on the day itself counts in both columns of people. The curve says how long it took, not why, and is"
    " no forecast for any one person."
)


def drafts(source: Source, tables: Iterable[tuple[Measure, Table]]) -> list[Draft]:
    """`tables`: measures with their tables in the same report, since a count of people is the same count there and here."""
    facts = source.mart("mart_reoffending", "survival_curve", "group_by = 'all' and is_horizon", "measure_id, day")
    listed = list(tables)
    rows = tuple(_row(measure, table, fact) for measure, table in listed for fact in facts if measure.has(fact))
    if not rows:
        return []
    followed = [measure for measure, _ in listed if any(measure.has(fact) for fact in facts)]
    ties = (
        *figures.add_up(rows, "with_event", "before", "that_day"),
        *(Tie(((row.key, "people"),), ((row.key, "at_risk"), (row.key, "before"), (row.key, "ended"))) for row in rows),
    )
    return [Draft(
        Table("survival", "How long people stay without an event", COLUMNS, rows, ties, goes_on=True),
        section=measures.SECTION, meaning=_meaning, caveat=CAVEAT, charts=("survival",),
        source_systems=measures.sources(followed), people_from=measures.people_from(followed),
        row_heading="Day",
        when_empty="No measure follows people by days.",
    )]  # fmt: skip


def _row(measure: Measure, table: Table, fact: Fact) -> Row:
    so_far, that_day, at_risk = (int(fact[name]) for name in ("events_so_far", "n_events", "n_at_risk"))
    before, ended = so_far - that_day, int(fact["ended_before"])
    people = at_risk + before + ended
    decimals = wording.decimals_for(people)
    ends = wording.interval(wording.as_percent(fact["ci_low"]), wording.as_percent(fact["ci_high"]), decimals)
    summary = next(row for row in measure.rows if row["horizon_days"] == fact["day"] and row["group_by"] == "all")
    distinct = summary["n_distinct_people"]
    made_of: dict[str, Any] = {
        "numerator": so_far, "denominator": people, "people": distinct, "missing": "cannot be given: nobody is left",
    }  # fmt: skip
    key = f"{measure.area.key}:{fact['day']}"
    cells = {
        "people": Cell(people, fact=figures.same_count(table, (key, "people"), people), people=distinct),
        "with_event": Cell(
            so_far, fact=figures.same_count(table, (key, "with_event"), so_far), people=summary["n_distinct_with_event"]
        ),
        "at_risk": Cell(at_risk, people=distinct), "before": Cell(before), "that_day": Cell(that_day), "ended": Cell(ended),
        "survival": Cell(wording.rounded(wording.as_percent(fact["survival"]), decimals), ends, **made_of, says=ratios.survival),
        "interval": Cell(interval=ends, **made_of, says=ratios.only_interval(ratios.survival)),
    }  # fmt: skip
    return Row(f"{measure.counts_of}:{fact['day']}", f"Day {fact['day']}", cells, measure.title, measure.row_context(summary))


def _meaning(released: ReleasedTable) -> str:
    known = [row for row in released.rows if row.cells["survival"].value is not None]
    if not known:
        is_any_hidden = any(row.cells["survival"].is_hidden for row in released.rows)
        return "All shares are hidden for this audience." if is_any_hidden else "No share can be given yet."
    row = max(known, key=lambda each: each.contexts["survival"].horizon_days or 0)
    return (
        f"{row.group}: after {row.label.lower().replace('day ', '')} days {row.cells['survival'].text} of the people were still"
        f" without an event (95% interval {row.cells['interval'].text})."
    )
