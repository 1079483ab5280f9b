"""Orders and licences that ended: how many people had settled accommodation, and how many had work."""

from iom_warehouse.disclosure import Cell, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, ratios, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

OUTCOMES = {"settled_accommodation": "In settled accommodation", "employed": "In work"}
COUNTS = {"ended": "n_ended", "reached": "n_reached", "not_reached": "n_not_reached", "unknown": "n_unknown"}
OF_ALL = f"{figures.OF_AREA} and group_by = 'all' and order_type = 'all'"
COLUMNS = (
    *figures.count_columns(ended="Ended", reached="Yes", not_reached="No", unknown="Not known"),
    *figures.share_columns("reached", "known", "Yes, of those known"),
    figures.unseen("known"),
)


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """Of the last quarter that has ended and has any; of a year, its quarters together."""
    of = source, "mart_services", "order_outcomes", scope, OF_ALL, "outcome desc"
    facts = figures.of_quarters(*of, key=("outcome",), adding_up=tuple(COUNTS.values()), largest=("n_people",), **scope.place)
    parts = figures.by_key(figures.quarters_of(*of, **scope.place), lambda fact: str(fact["outcome"]))
    rows = tuple(_row(fact) for fact in facts)
    ties = (*figures.add_up(rows, "ended", "known", "unknown"), *figures.add_up(rows, "known", "reached", "not_reached"))
    table = Table("order_outcomes", "Accommodation and work when orders and licences ended", COLUMNS, rows, ties)
    return Draft(
        figures.made_of_parts(table, scope, parts, lambda fact: _row(fact).cells, *COUNTS, "known"),
        section=section, meaning=lambda released: _meaning(released, scope), source_systems=("probation",),
        row_heading="On the last day",
        caveat="It is how people lived on the day, not what the order did: many had a home or work before. Not known is no"
        " word for no. Somebody with two orders that ended is counted twice.",
        when_empty=f"No order or licence ended in {figures.sought_in(scope)}, or probation has delivered none.",
    )  # fmt: skip


def _row(fact: Fact) -> Row:
    known = int(fact["n_reached"] + fact["n_not_reached"])
    cells = figures.behind(fact | {"known": known}, "n_ended", "n_people", **COUNTS, known="known")
    name = f"orders ended, {fact['area_level']} {fact['area']}, {fact['period_start']} to {fact['period_end']}"
    cells["ended"] = Cell(int(fact["n_ended"]), people=int(fact["n_people"]), fact=name)  # the same of both outcomes
    shares = ratios.wilson(int(fact["n_reached"]), known)
    people = figures.at_least(known, int(fact["n_ended"]), int(fact["n_people"]))
    cells |= figures.share_cells(int(fact["n_reached"]), known, shares, "nothing is known", people)
    return Row(fact["outcome"], OUTCOMES[fact["outcome"]], cells, context=figures.context(fact))


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    if not released.rows:
        return ""
    first = released.rows[0]
    reached = [
        f"at the end of {row.cells['reached'].text} the person was {row.label[:1].lower()}{row.label[1:]}"
        + wording.in_brackets(row.cells["share"], "of those known")
        for row in released.rows
    ]
    return (
        f"{wording.counted(first.cells['ended'], 'order or licence', 'orders and licences')} ended"
        f" {figures.when_in_quarters(first.contexts['ended'], scope)}: {wording.listed(reached)}."
        + figures.so_far(first.contexts["ended"])
    )
