"""How many needs people have: of the eight sections of OASys that have a threshold, those that are a need."""

from iom_warehouse.disclosure import Cell, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, ratios, reach, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

ASSESSED, SECTIONS = "assessed", 8
OTHERS = {"partly": "n_partly_assessed", "not_assessed": "n_not_assessed"}
PEOPLE = {
    "caseload": "On the caseload", ASSESSED: "Assessed in all eight sections", "partly": "Assessed in some of them only",
    "not_assessed": "No assessment that counts",
}  # fmt: skip
COLUMNS = (
    *figures.count_columns(people="People"),
    *figures.share_columns("people", ASSESSED, "Share of those assessed in all eight"),
    figures.unseen(ASSESSED),
)
CAVEAT = (
    "Only people with a score in all eight sections are counted by their number of needs: a section that nobody answered is not"
    " one without a need. Finance and emotional wellbeing are none of the eight, since they have no threshold. More needs are not"
    " a higher risk: one can weigh more than four."
)


def draft(source: Source, scope: Scope, section: str) -> Draft:
    """Of the caseload, on the last day of the period that the mart has."""
    facts = reach.last_known(source.mart(
        "mart_needs", "number_of_needs",
        f"population_kind = 'scheme' and population_id = 'any' and group_by = 'all' and {figures.OF_AREA}"
        " and as_on between %(first)s and %(last)s",
        "as_on", first=scope.first, last=scope.last, **scope.place,
    ))  # fmt: skip
    rows = tuple(row for fact in facts for row in _rows(fact))
    numbers = tuple(row for row in rows if row.key.isdigit())
    ties = (
        *figures.total_of("caseload", [row for row in rows if row.key in (ASSESSED, *OTHERS)], ["people"]),
        *figures.total_of(ASSESSED, numbers, ["people"]),
    )
    return Draft(
        figures.with_rests(Table("number_of_needs", "Number of needs by OASys", COLUMNS, rows, ties), ("people", ASSESSED)),
        section=section, meaning=_meaning, caveat=CAVEAT, source_systems=("hub", "probation"), row_heading="People",
        when_empty="There is no number of needs: nobody was on the caseload, or probation has delivered no assessments.",
    )  # fmt: skip


def _rows(fact: Fact) -> list[Row]:
    """Who was assessed, then how many needs those have of whom all is known."""
    context = figures.context_on_day(fact)
    place = f"{fact['area_level']} {fact['area']}, on {fact['as_on']}"
    assessed = Cell(int(fact["n_assessed"]), fact=f"assessed in every section of OASys, {place}")
    people = {
        "caseload": Cell(
            int(fact["n_people"]), fact=figures.on_caseload("any", fact["area_level"], fact["area"], fact["as_on"])
        ),
        ASSESSED: assessed,
        **figures.counts(fact, **OTHERS),
    }
    of_none = dict.fromkeys(("share", "interval", ASSESSED), Cell(missing="given by number of needs only"))
    found = [Row(key, PEOPLE[key], {"people": cell, **of_none}, "The caseload", context) for key, cell in people.items()]
    for number in range(SECTIONS + 1):
        count, whole = int(fact[f"n_with_{number}"]), int(fact["n_assessed"])
        shares = figures.share_cells(count, whole, ratios.wilson(count, whole), "nobody was assessed in all eight")
        cells = {"people": Cell(count), ASSESSED: assessed, **shares}
        label = wording.number(number, "need", "needs") if number else "No need"
        found.append(Row(str(number), label, cells, "Assessed in all eight sections, by number of needs", context))
    return found


def _meaning(released: ReleasedTable) -> str:
    if not released.rows:
        return ""
    rows = {row.key: row.cells for row in released.rows}
    context = released.rows[0].contexts["people"]
    assessed = wording.counted(rows[ASSESSED]["people"], "person", "people")
    none, every = (rows[str(number)]["people"].text for number in (0, SECTIONS))
    return (
        f"On {wording.day(reach.known_on(context))} {assessed} on the caseload had an OASys assessment with a score in all eight"
        f" sections: {none} of them had no need and {every} had all eight. {rows['partly']['people'].text} more have a score in"
        f" some sections, and {rows['not_assessed']['people'].text} no assessment that counts." + figures.so_far(context)
    )
