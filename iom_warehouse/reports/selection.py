"""Selection by district: how many the scoring matrix considers, how many reach the threshold, and what people decided."""

from iom_warehouse.disclosure import Cell, Column, Context, ReleasedTable, Row, Table, Tie
from iom_warehouse.reports import figures, reach, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source, labels

COUNTS = {
    "considered": "n_considered", "over": "n_over", "awaiting": "n_over_awaiting_decision", "over_on_scheme": "n_over_on_scheme",
    "under_on_scheme": "n_under_on_scheme",
}  # fmt: skip
COLUMNS = (
    Column("threshold", "Threshold", "plain"),
    *figures.count_columns(
        considered="Considered", over="At the threshold or above", awaiting="Of these, awaiting a decision",
        over_on_scheme="At or above, on a scheme", under_on_scheme="Below, on a scheme",
    ),
)  # fmt: skip
FEEDS = ("police", "hub")
WITHIN = (("over", "considered"), ("awaiting", "over"), ("over_on_scheme", "over"))
UNDER = "considered_without_over"  # those below the threshold
CAVEAT = (
    "A score is an indicator: it puts nobody on a scheme and keeps nobody off, which only people decide. Somebody below the"
    " threshold can rightly be on a scheme. Thresholds are each district's own, so that numbers above them do not compare."
    " People of no known district are not counted."
)


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """As on the night of the build, for each version of the matrix that is in force."""
    is_of_period, today = not figures.is_long_over(scope, source), wording.day(source.business_date)
    facts = source.mart("mart_cohort", "selection_by_district", order="rule_version, district") if is_of_period else []
    names = dict(labels(source))
    rows: list[Row] = []
    ties: list[Tie] = []
    context = _context(source)
    for of_version in figures.by_key(facts, lambda fact: str(fact["rule_version"])).values():
        districts = [_row(fact, wording.group_label("district", fact["district"], names), context) for fact in of_version]
        whole = of_version[0] | {column: sum(fact[column] for fact in of_version) for column in COUNTS.values()}
        everybody = _row(whole | {"district": "all", "threshold": None}, "All districts", context)
        rows += [everybody, *districts]
        ties += figures.total_of(everybody.key, districts, COUNTS)
    table = Table("selection_by_district", f"Selection by district, on {today}", COLUMNS, tuple(rows), tuple(ties))
    return Draft(
        figures.with_rests(figures.with_rests(table, *WITHIN), ("under_on_scheme", UNDER)),
        section=section, meaning=_meaning, caveat=CAVEAT, source_systems=FEEDS, row_heading="District",
        when_empty="There is no scoring matrix in force." if is_of_period else figures.of_today(source),
    )  # fmt: skip


def _context(source: Source) -> Context:
    """The mart stands as on the night; how far the data reach, the build knows."""
    today, reached = source.business_date, reach.of_build(source)
    day = min((reached[feed] for feed in FEEDS if feed in reached), default=None)
    return Context(period_start=today, period_end=today, data_cut=day, maturity="final" if day == today else "provisional")


def _row(fact: Fact, label: str, context: Context) -> Row:
    is_whole = fact["district"] == "all"
    threshold = Cell(
        wording.shortest(fact["threshold"]),
        missing="each its own" if is_whole else "none was set: nobody is at it or below",
    )
    return Row(
        f"{fact['rule_version']}:{fact['district']}", label, figures.counts(fact, **COUNTS) | {"threshold": threshold},
        f"Scoring matrix {fact['rule_version']}", context,
    )  # fmt: skip


def _meaning(released: ReleasedTable) -> str:
    """By each matrix, of all districts together; and how many districts have no threshold."""
    wholes = [row for row in released.rows if row.key.endswith(":all")]
    told = [
        f"By the {row.group[:1].lower()}{row.group[1:]} {wording.counted(row.cells['considered'], 'person is', 'people are')}"
        f" considered: {wording.doing(row.cells['over'], 'reaches', 'reach')} the threshold of their district, of whom"
        f" {wording.doing(row.cells['awaiting'], 'awaits', 'await')} a decision, and"
        f" {wording.doing(row.cells['under_on_scheme'], 'is', 'are')} on a scheme below it."
        for row in wholes
    ]
    without = {row.label for row in released.rows if not row.key.endswith(":all") and row.cells["threshold"].status == "missing"}
    if without:
        told.append(f"{wording.number(len(without), 'district has', 'districts have')} no threshold.")
    return " ".join(told) + (figures.so_far(wholes[0].contexts["considered"]) if wholes else "")
