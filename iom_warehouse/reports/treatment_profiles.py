"""The Treatment Outcomes Profile: how clients of drug services said they were at one profile and at a later one."""

from iom_warehouse.disclosure import Cell, Column, ReleasedRow, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, measures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

STEPS = {
    "start_to_review": "From the start to the last review", "review_to_exit": "From the last review to the end of treatment",
    "start_to_exit": "From the start to the end of treatment",
}  # fmt: skip
ITEMS = {
    "opiate_days": "Opiates, days used", "crack_days": "Crack, days used", "cocaine_days": "Cocaine, days used",
    "amphetamine_days": "Amphetamines, days used", "cannabis_days": "Cannabis, days used", "alcohol_days": "Alcohol, days drunk",
    "other_drug_days": "Another drug, days used", "injected_days": "Injected, days", "shared_equipment": "Shared equipment",
    "psychological_health": "Psychological health", "physical_health": "Physical health", "quality_of_life": "Quality of life",
    "paid_work_days": "Paid work, days", "education_days": "Education, days", "acute_housing_problem": "Acute housing problem",
    "eviction_risk": "At risk of eviction",
}  # fmt: skip
COUNTS = {"both": "n_with_both", "without": "n_without_both", "better": "n_better", "same": "n_same", "worse": "n_worse"}
COLUMNS = (
    *figures.count_columns(both="Answered at both", better="Better", same="The same", worse="Worse", without="Without both"),
    *figures.share_columns("better", "both", "Better, of those with both"),
    Column(
        "change", "Mean change (of 28 days, or of 20 points)", "plain", wording.with_sign, ("both", "share"), tells_counts=True
    ),
    figures.unseen("treatments"),
)  # fmt: skip


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """Of treatments that began in the newest quarter by the end of the period whose change is final."""
    facts = source.mart(
        "mart_dip", "top_change",
        f"{figures.OF_AREA} and group_by = 'all' and step = any(%(steps)s) and n_with_both > 0 and status = 'final'"
        " and period_end <= %(last)s",
        "array_position(%(steps)s, step), array_position(%(items)s, item)", steps=list(STEPS), items=list(ITEMS), last=scope.last,
        **scope.place,
    )  # fmt: skip
    rows = tuple(_row(fact) for fact in figures.newest(facts))
    return Draft(
        Table("top_change", "Change between Treatment Outcomes Profiles", COLUMNS, rows,
              (*figures.add_up(rows, "both", "better", "same", "worse"), *figures.add_up(rows, "treatments", "both", "without"))),
        section=section, meaning=_meaning, source_systems=("dip",), row_heading="Item",
        caveat="Two profiles are compared when they are at least 28 days apart, as each asks about 28 days. Those who stay"
        " to a second profile are not like those who do not, and people are at their worst when treatment begins. What the"
        " profile asks about crime is left out: it is no measure of offending. A mean"
        " change above nought is more days or points: better of health, quality of life, work and education, worse of all else.",
        when_empty="There is no quarter of treatments yet whose profiles are final, or drug services have delivered none.",
    )  # fmt: skip


def _row(fact: Fact) -> Row:
    both = int(fact["n_with_both"])
    cells = figures.behind(fact, "n_treatments", "n_clients", **COUNTS)
    name = f"treatments begun, {fact['area_level']} {fact['area']}, {fact['period_start']} to {fact['period_end']}"
    cells["treatments"] = Cell(int(fact["n_treatments"]), people=int(fact["n_clients"]), fact=name)
    shares = figures.shared([fact], "share", "n_better", "n_with_both")[0]
    cells |= figures.share_cells(
        int(fact["n_better"]), both, (shares["share"], shares["ci_low"], shares["ci_high"]), "nobody has both",
        cells["both"].people,
    )  # fmt: skip
    cells["change"] = Cell(wording.rounded(fact["mean_change"], 1), missing="nobody has both")
    return Row(f"{fact['step']}:{fact['item']}", ITEMS[fact["item"]], cells, STEPS[fact["step"]], figures.context(fact))


def _meaning(released: ReleasedTable) -> str:
    """The item that got better most often, of the longest step that has any."""
    of_enough = [row for row in released.rows if (row.cells["both"].value or 0) >= measures.FEW_PEOPLE]
    known = [row for row in of_enough if row.cells["share"].value is not None]
    if not known:
        few = f"No share that can be given is of {measures.FEW_PEOPLE} people or more, so none is called the largest."
        return few if released.rows else ""
    step = max((row.key.partition(":")[0] for row in known), key=list(STEPS).index)
    most = wording.most((row for row in known if row.key.startswith(step)), "share")
    of_those = wording.of_those((row for row in released.rows if row.key.startswith(step)), "share")
    context = known[0].contexts["both"]
    return (
        f"{STEPS[step]}, of treatments that began from {wording.days(context.period_start, context.period_end)}, most often"
        f" better{of_those} was {_named(most) if most else 'nothing'}." + figures.so_far(context)
    )


def _named(row: ReleasedRow) -> str:
    cells = row.cells
    name = row.label[:1].lower() + row.label[1:]
    better = f"{cells['better'].text} of {wording.of_the(cells['both'])} with both ({cells['share'].text})"
    return f"{name}: {better}, {cells['worse'].text} worse"
