"""Needs of the people on the caseload, pathway by pathway."""

from collections.abc import Sequence

from iom_warehouse.disclosure import Cell, Column, ReleasedTable, Row, Table, Tie
from iom_warehouse.reports import (
    figures,
    measures,
    need_change,
    need_comparison,
    need_severity,
    needs_at_release,
    needs_counted,
    needs_of_cohorts,
    reach,
    wording,
)
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

SECTION = "needs"
PATHWAYS = {
    1: "Accommodation", 2: "Education, training and employment", 3: "Health", 4: "Drugs and alcohol",
    5: "Finance, benefit and debt", 6: "Children and families", 7: "Attitudes, thinking and behaviour",
    8: "Abuse (women)", 9: "Sex work (women)",
}  # fmt: skip
OF_ITS_GROUP = "(group_by = 'all' and pathway not in (8, 9) or group_by = 'sex' and group_value = 'F' and pathway in (8, 9))"
INSTRUMENTS = {"hub": "the partnership's own assessments", "oasys": "OASys assessments of probation"}
CAVEAT = (
    "Whoever was not assessed is in no share: a share of the people assessed need not be that of the whole caseload. A need"
    " that was found says nothing"
    " about whether it was met. Shares of different pathways overlap and do not add up."
)
COLUMNS = (
    Column("people", "People on the caseload", "count"),
    Column("assessed", "Assessed", "count"),
    Column("not_assessed", "Not assessed", "count"),
    Column("with_need", "With the need", "count"),
    *figures.share_columns("with_need", "assessed", "Share of those assessed"),
    figures.unseen("everybody"),
)
OF_ONE_SECTION = {1: "accommodation", 2: "ete", 6: "relationships"}  # pathways with one section of OASys that has a threshold


def drafts(source: Source, scope: Scope) -> list[Draft]:
    """One table per instrument, of the last day of the period that the build knows; and what became of needs since the first.

    Of the whole partnership also the needs of people on a scheme beside those of others, how many needs people have, needs at
    release and, of a year, those of cohorts: of an area they are of too few people.
    """
    facts = source.mart(
        "mart_needs", "need_prevalence",
        f"scheme = 'any' and {figures.OF_AREA} and as_on between %(first)s and %(last)s and {OF_ITS_GROUP}",
        "as_on, pathway", first=scope.first, last=scope.last, **scope.place,
    )  # fmt: skip
    compared = need_comparison.drafts(source, scope, SECTION) if scope.area.is_whole else []
    of_instruments = {name: [fact for fact in facts if fact["instrument"] == name] for name in INSTRUMENTS}
    found = [
        _draft(instrument, reach.last_known(of_instrument), [draft.table for draft in compared])
        for instrument, of_instrument in of_instruments.items()
    ]
    found.append(need_change.draft(source, scope, SECTION, PATHWAYS, OF_ITS_GROUP))
    if scope.area.is_whole:
        found.append(need_change.draft_of_oasys(source, scope, SECTION))
        found += [*compared, need_severity.draft(source, scope, SECTION)]
        found += [needs_counted.draft(source, scope, SECTION), *needs_at_release.drafts(source, scope, SECTION)]
    if scope.area.is_whole and scope.period.kind == "year":
        found += needs_of_cohorts.drafts(source, scope, SECTION, PATHWAYS, OF_ITS_GROUP, INSTRUMENTS)
    return found


def _draft(instrument: str, facts: list[Fact], compared: Sequence[Table] = ()) -> Draft:
    """`compared`: the tables of OASys by scheme, in which some of the same counts stand."""
    everybody = next((_people(fact) for fact in facts if fact["group_by"] == "all"), Cell())
    rows = tuple(
        Row(str(fact["pathway"]), PATHWAYS[fact["pathway"]], _cells(fact, everybody, compared), "", figures.context_on_day(fact))
        for fact in facts
    )
    ties = tuple(Tie(((row.key, "people"),), ((row.key, "assessed"), (row.key, "not_assessed"))) for row in rows)
    sources = ("hub",) if instrument == "hub" else ("hub", "probation")
    table = Table(f"needs_{instrument}", f"Needs found in {INSTRUMENTS[instrument]}", COLUMNS, rows, ties)
    return Draft(
        figures.with_rests(table, ("with_need", "assessed"), ("people", "everybody")),
        section=SECTION,
        meaning=_meaning,
        headline=lambda released: _meaning(released) if instrument == "hub" and released.rows else "",
        caveat=CAVEAT,
        when_empty=f"There are no figures from {INSTRUMENTS[instrument]}: nothing was delivered that they could be made of.",
        charts=("need_prevalence",),
        source_systems=sources,
        row_heading="Need",
    )


def _people(fact: Fact) -> Cell:
    """The caseload, or the women on it: the same count at every pathway, in both tables and wherever else it stands."""
    caseload = figures.on_caseload("any", fact["area_level"], fact["area"], fact["as_on"])
    return Cell(fact["n_people"], fact=caseload if fact["group_by"] == "all" else f"women on the {caseload}")


def _cells(fact: Fact, everybody: Cell, compared: Sequence[Table]) -> dict[str, Cell]:
    """Of pathways that only women are asked about, with everybody on the caseload, whom the others leave to be worked out."""
    assessed, with_need = fact["n_assessed"], fact["n_with_need"]
    why = "nobody was assessed" if not assessed else "no threshold is known"
    return {
        "people": _people(fact),
        "assessed": Cell(assessed, fact=_in_comparison(fact, "on_scheme", assessed, compared)),
        "not_assessed": Cell(fact["n_not_assessed"]),
        "with_need": Cell(
            with_need, missing="no threshold is known", fact=_in_comparison(fact, "on_scheme_need", with_need, compared)
        ),
        "everybody": Cell() if fact["group_by"] == "all" else everybody,
        **figures.share_cells(with_need, assessed, (fact["share"], fact["ci_low"], fact["ci_high"]), why),
    }


def _in_comparison(fact: Fact, column: str, count: int | None, compared: Sequence[Table]) -> str:
    """The name of a count of people on any scheme as the comparison by section of OASys has it, where it stands there too."""
    place = f"threshold:{OF_ONE_SECTION.get(fact['pathway'])}", column
    of_any = [table for table in compared if table.name == need_comparison.NAME_OF_ANY]
    if fact["instrument"] != "oasys" or count is None or not of_any:
        return ""
    return figures.same_count(of_any[0], place, count)


def _meaning(released: ReleasedTable) -> str:
    known = [row for row in released.rows if row.cells["share"].value is not None]
    if not known:
        return (
            "All shares are hidden for this audience."
            if wording.of_those(released.rows, "share")
            else "Nobody on the caseload has an assessment that counts."
        )
    of_enough = [row for row in known if (row.cells["assessed"].value or 0) >= measures.FEW_PEOPLE]
    if not of_enough:
        return f"No share that can be given is of {measures.FEW_PEOPLE} people or more, so none is called the largest."
    most, of_those = wording.most(of_enough, "share"), wording.of_those(released.rows, "share")
    day = wording.day(reach.known_on(of_enough[0].contexts["share"]))
    if most is None:
        return f"On {day} no need{of_those} was found in anybody." + figures.so_far(of_enough[0].contexts["share"])
    cells = most.cells
    return (
        f"On {day} the need found most often{of_those} was {most.label.lower()}:"
        f" {cells['with_need'].text} of"
        f" {wording.counted(cells['assessed'], 'person', 'people')} assessed,"
        f" {cells['share'].text} (95% interval {cells['interval'].text})."
        f" {wording.counted(cells['not_assessed'], 'person', 'people')} on the caseload had no assessment of it that counts."
        + figures.so_far(most.contexts["share"])
    )
