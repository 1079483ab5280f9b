"""Drug services: the chain from an arrest for a trigger offence to twelve weeks in treatment, and their caseload."""

from datetime import date

from iom_warehouse.disclosure import Cell, Column, Context, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, ratios, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.source import Fact, Source, labels

SECTION = "drug_services"
STAGES = {
    "arrested": "Arrested for a trigger offence", "tested": "Tested", "positive": "Tested positive",
    "required": "Required to be assessed", "initial_attended": "Came to the first assessment",
    "follow_up_attended": "Came to the second one", "found_in_need": "Found to need help", "on_caseload": "Taken on the caseload",
    "care_plan": "With a care plan", "in_treatment": "In treatment", "retained_12_weeks": "In treatment for 12 weeks",
}  # fmt: skip
CHAIN = (
    *figures.count_columns(people="People", arrests="Arrests"),
    *figures.share_columns("arrests", "arrests_before", "Arrests, of those at the stage before"),
    Column("people_share", "People, of those at the stage before", "rate", wording.percentage, ("people_before", "people"),
           ("people", "people_before"), is_share=True),
    figures.wait("median", "Days since the arrest: half took at most", "arrests"),
    *figures.count_columns(to_come="Arrests that may still reach it"),
    Column("status", "Status", "plain"),
    figures.unseen("people_before"), figures.unseen("arrests_before"), figures.part_of("people", "arrests"),
)  # fmt: skip
CHAIN_CAVEAT = (
    "A stage counts only where all before it are on record, so a missing record looks like somebody who stopped. From the"
    " required assessment on only clients who consent to sharing are joined to an arrest. Whoever is on the caseload already"
    " begins no new episode and stops before it. Leaving the chain is not offending, and staying in it is not recovery."
)
MOVES = {"episodes": "n_episodes", "taken_on": "n_taken_on", "from_prison": "n_from_prison", "closed": "n_closed",
         "completed": "n_completed", "to_custody": "n_to_custody"}  # fmt: skip
CASELOAD = (
    *figures.count_columns(
        people="People on the last day", episodes="Their open episodes", taken_on="Episodes taken on", from_prison="From prison",
        closed="Episodes closed", completed="Completed", to_custody="Ended by custody",
    ),
    figures.unseen("taken_on_otherwise"), figures.unseen("closed_otherwise"), figures.part_of("people", "episodes"),
)  # fmt: skip
EVERYONE = "all:all"


def drafts(source: Source, quarter: tuple[date, date]) -> list[Draft]:
    return [_chain(source, quarter), _caseload(source, quarter)]


def _chain(source: Source, quarter: tuple[date, date]) -> Draft:
    facts = source.mart(
        "mart_dip", "dip_chain",
        "period_kind = 'quarter' and period_start = %(first)s and area_level = 'all' and group_by = 'all'", "stage_number",
        first=quarter[0],
    )  # fmt: skip
    rows = tuple(_stage(fact, before) for fact, before in zip(facts, [None, *facts], strict=False))
    return Draft(
        Table("dip_chain", "From arrest to treatment, arrests of the quarter", CHAIN, rows),
        section=SECTION, meaning=_chain_in_words, headline=_chain_in_words, caveat=CHAIN_CAVEAT,
        when_empty="There is no chain from arrest to treatment: nobody was arrested for a trigger offence in this quarter, or"
        " drug services have delivered nothing.",
        source_systems=("police", "dip"),
    )  # fmt: skip


def _stage(fact: Fact, before: Fact | None) -> Row:
    people, arrests = _people(fact), _arrests(fact)
    cells = {
        "people": people, "arrests": arrests, "to_come": Cell(int(fact["n_to_come"])), "status": Cell(fact["status"]),
        "median": figures.days(fact["median_days_from_arrest"], fact["n_events"], "no day is known"),
        "people_share": Cell(missing="the first stage"), "share": Cell(missing="the first stage"),
        "interval": Cell(missing="the first stage"),
    }  # fmt: skip
    if before is not None:
        shares = fact["share_of_previous"], fact["ci_low"], fact["ci_high"]
        nobody = "nobody was at the stage before"
        cells |= {
            "people_before": _people(before), "arrests_before": _arrests(before),
            **figures.share_cells(fact["n_events"], before["n_events"], shares, nobody),
            "people_share": Cell(
                wording.rounded(wording.as_percent(fact["people_share_of_previous"]), wording.decimals_for(before["n_people"])),
                numerator=fact["n_people"], denominator=before["n_people"], missing=nobody, says=ratios.only_value(ratios.share),
            ),
        }  # fmt: skip
    return Row(fact["stage"], STAGES[fact["stage"]], cells, context=figures.context(fact))


def _people(fact: Fact) -> Cell:
    return Cell(int(fact["n_people"]), fact=f"people {fact['stage']}, {fact['period_start']} to {fact['period_end']}")


def _arrests(fact: Fact) -> Cell:
    return Cell(int(fact["n_events"]), fact=f"arrests {fact['stage']}, {fact['period_start']} to {fact['period_end']}")


def _chain_in_words(released: ReleasedTable) -> str:
    stages = {row.key: row for row in released.rows}
    if not stages:
        return ""
    of_people = {stage: row.cells["people"].text for stage, row in stages.items()}
    return (
        f"{of_people['arrested']} people were arrested for a trigger offence in the quarter, {of_people['tested']} of them tested"
        f" and {of_people['positive']} positive. {of_people['in_treatment']} came into treatment and"
        f" {of_people['retained_12_weeks']} stayed for 12 weeks, as far as is known." + figures.so_far(_when(released))
    )


def _caseload(source: Source, quarter: tuple[date, date]) -> Draft:
    facts = source.mart(
        "mart_dip", "dip_caseload", "period_kind = 'quarter' and period_start = %(first)s and group_by = 'all'",
        "area_level <> 'all', area = 'unknown', area", first=quarter[0],
    )  # fmt: skip
    areas = dict(labels(source))
    rows = tuple(_area(fact, areas) for fact in facts)
    ties = (
        *figures.add_up(rows, "taken_on", "from_prison", "taken_on_otherwise"),
        *figures.add_up(rows, "closed", "completed", "to_custody", "closed_otherwise"),
        *figures.total_of(EVERYONE, rows[1:], ("people", *MOVES)),
    )
    return Draft(
        Table("dip_caseload", "Caseload of drug services in the quarter", CASELOAD, rows, ties),
        section=SECTION, meaning=_caseload_in_words, source_systems=("dip",),
        caveat="A person with two open episodes, or on the books of two areas, is one person of all areas together. An episode"
        " that was completed says that the plan was carried through, not that nothing was used since.",
        when_empty="There is no caseload of drug services: they have delivered nothing about this quarter.",
    )  # fmt: skip


def _area(fact: Fact, areas: dict[str, str]) -> Row:
    cells = figures.counts(fact, people="n_people", **MOVES) | {
        "taken_on_otherwise": Cell(int(fact["n_taken_on"] - fact["n_from_prison"])),
        "closed_otherwise": Cell(int(fact["n_closed"] - fact["n_completed"] - fact["n_to_custody"])),
    }
    label = "All areas" if fact["area_level"] == "all" else wording.group_label("district", fact["area"], areas)
    return Row(f"{fact['area_level']}:{fact['area']}", label, cells, context=figures.context(fact))


def _caseload_in_words(released: ReleasedTable) -> str:
    if not released.rows:
        return ""
    cells = released.rows[0].cells
    return (
        f"{cells['people'].text} people were on the caseload on the last day. {cells['taken_on'].text} episodes were taken on and"
        f" {cells['closed'].text} closed in the quarter, {cells['completed'].text} of them completed."
        + figures.so_far(_when(released))
    )


def _when(released: ReleasedTable) -> Context:
    return released.rows[0].contexts["people"]
