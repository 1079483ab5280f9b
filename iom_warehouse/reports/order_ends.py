"""Orders and licences that ended: how many people had settled accommodation, and how many had work."""

from iom_warehouse.disclosure import Cell, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

OUTCOMES = {"settled_accommodation": "In settled accommodation", "employed": "In work"}
ORDERS = {
    "all": "All orders and licences", "community": "Community orders", "suspended": "Suspended sentence orders",
    "licence": "Licences", "post_sentence": "Post-sentence supervision", "youth": "Orders of people under 18",
    "unknown": "Not known",
}  # fmt: skip
COUNTS = {"ended": "n_ended", "reached": "n_reached", "not_reached": "n_not_reached", "unknown": "n_unknown"}
COLUMNS = (
    *figures.count_columns(ended="Ended", reached="Yes", not_reached="No", unknown="Not known"),
    *figures.share_columns("reached", "known", "Yes, of those known"),
    figures.unseen("known"),
)


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """Of the newest quarter of the period, or of the last one of a year that has any."""
    facts = source.mart(
        "mart_services", "order_outcomes", f"{figures.WITHIN_A_YEAR} and {figures.OF_AREA} and group_by = 'all'",
        "outcome desc, order_type <> 'all', order_type", first=scope.first, last=scope.last, **scope.place,
    )  # fmt: skip
    rows = tuple(_row(fact) for fact in figures.newest(facts))
    ties = [*figures.add_up(rows, "ended", "known", "unknown"), *figures.add_up(rows, "known", "reached", "not_reached")]
    for outcome in OUTCOMES:
        kinds = [row for row in rows if row.key.startswith(f"{outcome}:") and row.key != f"{outcome}:all"]
        ties += figures.total_of(f"{outcome}:all", kinds, (*COUNTS, "known"))
    return Draft(
        Table("order_outcomes", "Accommodation and work when orders and licences ended", COLUMNS, rows, tuple(ties)),
        section=section, meaning=lambda released: _meaning(released, scope), source_systems=("probation",),
        row_heading="Order",
        caveat="It is how people lived on the day, not what the order did: many had a home or work before. Not known is no"
        " word for no. Somebody with two orders that ended is counted twice.",
        when_empty=f"No order or licence ended in this {scope.period.kind} or the year before, or probation has delivered none.",
    )  # fmt: skip


def _row(fact: Fact) -> Row:
    known = int(fact["n_reached"] + fact["n_not_reached"])
    cells = figures.behind(fact | {"known": known}, "n_ended", "n_people", **COUNTS, known="known")
    name = (
        f"orders ended {fact['order_type']}, {fact['area_level']} {fact['area']}, {fact['period_start']} to {fact['period_end']}"
    )
    cells["ended"] = Cell(int(fact["n_ended"]), people=int(fact["n_people"]), fact=name)  # the same of both outcomes
    shares = fact["share"], fact["ci_low"], fact["ci_high"]
    people = figures.at_least(known, int(fact["n_ended"]), int(fact["n_people"]))
    cells |= figures.share_cells(int(fact["n_reached"]), known, shares, "nothing is known", people)
    order = ORDERS.get(fact["order_type"], wording.plain_words(fact["order_type"]).capitalize())
    return Row(f"{fact['outcome']}:{fact['order_type']}", order, cells, OUTCOMES[fact["outcome"]], figures.context(fact))


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    totals = {row.key.partition(":")[0]: row for row in released.rows if row.key.endswith(":all")}
    if not totals:
        return ""
    first = next(iter(totals.values()))
    reached = [
        f"{row.cells['reached'].text} of {wording.of_the(row.cells['ended'])} people were {OUTCOMES[outcome].lower()}"
        + (f" ({row.cells['share'].text} of those known)" if row.cells["share"].value is not None else "")
        for outcome, row in totals.items()
    ]
    return (
        f"{wording.counted(first.cells['ended'], 'order or licence', 'orders and licences')} ended"
        f" {figures.when(first.contexts['ended'], scope)}: {wording.listed(reached)}." + figures.so_far(first.contexts["ended"])
    )
