"""Requirements of orders that began, treatment for drugs and alcohol among them, and what has become of them."""

from iom_warehouse.disclosure import Context, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, ratios, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

ALL = "all"
KINDS = {
    ALL: "All requirements", "alcohol_treatment": "Alcohol treatment", "drug_rehabilitation": "Drug rehabilitation",
    "mental_health": "Mental health treatment", "programme": "Programme", "unpaid_work": "Unpaid work", "residence": "Residence",
    "curfew": "Curfew", "other": "Another requirement", "unknown": "Not known",
}  # fmt: skip
COUNTS = {
    "began": "n_started", "completed": "n_completed", "breached": "n_breached", "revoked": "n_revoked", "open": "n_open",
    "unknown": "n_unknown",
}  # fmt: skip
ENDED = ("completed", "breached", "revoked")
COLUMNS = (
    *figures.count_columns(began="Began", completed="Completed", breached="Breached", revoked="Revoked", open="Go on",
                           unknown="Ended, not known how"),
    *figures.share_columns("completed", "ended", "Completed, of those that ended as is known"),
    figures.unseen("ended"),
)  # fmt: skip


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """Of the last quarter that has ended and has any; of a year, its quarters together."""
    of = (
        source, "mart_services", "requirement_outcomes", scope, f"{figures.OF_AREA} and group_by = 'all'",
        "array_position(%(kinds)s, requirement)",
    )  # fmt: skip
    given = {**scope.place, "kinds": list(KINDS)}
    facts = figures.of_quarters(*of, key=("requirement",), adding_up=tuple(COUNTS.values()), largest=("n_people",), **given)
    parts = figures.by_key(figures.quarters_of(*of, **given), lambda fact: str(fact["requirement"]))
    # Provisional is the whole as long as one goes on. Of a single kind that would tell whether any does.
    rows = tuple(_row(fact, figures.context(facts[0])) for fact in facts)
    ties = (
        *figures.add_up(rows, "began", "ended", "open", "unknown"),
        *figures.add_up(rows, "ended", *ENDED),
        *figures.total_of(ALL, rows[1:], (*COUNTS, "ended")),
    )
    table = Table("requirement_outcomes", "Requirements of orders", COLUMNS, rows, ties, never_nought="began")
    return Draft(
        figures.made_of_parts(table, scope, parts, lambda fact: _row(fact, figures.context(fact)).cells, *COUNTS, "ended"),
        section=section, meaning=lambda released: _meaning(released, scope), source_systems=("probation",),
        row_heading="Requirement",
        caveat="A requirement runs for months, so most of those that began lately go on. That one was completed does not say that"
        " it helped. Somebody with two requirements is counted twice.",
        when_empty=f"No requirement of an order began in {figures.sought_in(scope)}, or probation has delivered none.",
    )  # fmt: skip


def _row(fact: Fact, context: Context) -> Row:
    ended = int(fact["n_completed"] + fact["n_breached"] + fact["n_revoked"])
    cells = figures.behind(fact | {"ended": ended}, "n_started", "n_people", **COUNTS, ended="ended")
    share = ratios.wilson(int(fact["n_completed"]), ended)
    cells |= figures.share_cells(int(fact["n_completed"]), ended, share, "none has ended", cells["ended"].people)
    return Row(fact["requirement"], KINDS[fact["requirement"]], cells, context=context)


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    """All of them, and the two treatments that services for drugs and alcohol go by."""
    if not released.rows:
        return ""
    whole = released.rows[0]
    treatments = [
        f"{row.cells['began'].text} of {row.label[:1].lower()}{row.label[1:]}"
        for row in released.rows if row.key in ("alcohol_treatment", "drug_rehabilitation")
    ]  # fmt: skip
    named = f", {wording.listed(treatments)}" if treatments else ""
    completed = f" {wording.doing(whole.cells['completed'], 'is', 'are')} completed" + wording.in_brackets(
        whole.cells["share"], "of those that ended as is known"
    )
    return (
        f"{wording.counted(whole.cells['began'], 'requirement of an order', 'requirements of orders')} began"
        f" {figures.when_in_quarters(whole.contexts['began'], scope)}{named}.{completed}."
        + figures.so_far(whole.contexts["began"])
    )
