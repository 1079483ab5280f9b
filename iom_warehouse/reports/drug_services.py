"""Drug services: the chain from an arrest for a trigger offence to staying in treatment, and their caseload."""

from dataclasses import replace
from itertools import pairwise

from iom_warehouse.disclosure import Cell, Column, Context, ReleasedRow, ReleasedTable, Row, Table
from iom_warehouse.reports import alcohol, figures, ratios, reach, treatment_profiles, wording
from iom_warehouse.reports.drafts import Draft, nothing
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source, labels

SECTION = "drug_services"
STAGES = {
    "arrested": "Arrested for a trigger offence", "tested": "Tested", "positive": "Tested positive",
    "required": "Required to be assessed", "initial_attended": "Came to the first assessment",
    "follow_up_attended": "Came to the second one", "found_in_need": "Found to need help", "on_caseload": "Taken on the caseload",
    "care_plan": "With a care plan", "in_treatment": "In treatment", "retained": "In treatment for {}",
}  # fmt: skip
ATTENDANCES = ("initial_attended", "follow_up_attended")  # of which services tell that somebody came, and not when
CHAIN = (
    *figures.count_columns(people="People", arrests="Arrests"),
    *figures.share_columns("arrests", "arrests_before", "Arrests, of those at the stage before"),
    *figures.share_columns("people", "people_before", "People, of those at the stage before", "people_"),
    figures.wait("median", "Days since the arrest: half took at most", "arrests"),
    *figures.count_columns(to_come="Arrests that may yet come to this stage"),
    Column("status", "Status", "plain"),
    figures.unseen("people_before"), figures.unseen("arrests_before"), figures.part_of("people", "arrests"),
    figures.unseen("people_lost"), figures.unseen("arrests_lost"),  # since the stage before: two that are shown give it away
)  # fmt: skip
OF_FIRST = (
    *figures.count_columns(people="People", arrests="Arrests"),
    *figures.share_columns("arrests", "arrests_at_first", "Arrests, of all that were made"),
    *figures.share_columns("people", "people_at_first", "People, of all who were arrested", "people_"),
    figures.wait("median", "Days since the stage before: half took at most", "arrests"),
    Column("status", "Status", "plain"),
    figures.unseen("people_at_first"), figures.unseen("arrests_at_first"), figures.part_of("people", "arrests"),
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
PEOPLE = {"episodes": "n_people"} | {name: f"n_people_{name}" for name in MOVES if name != "episodes"}
EVERYONE = "all:all"
DISTRICT = "district"
OF_DISTRICT = "area_level = 'area' and area = %(area)s"  # drug services call their areas so
OF_PEOPLE = ("people_share_of_previous", "people_share_of_first", "median_days_from_arrest", "median_days_from_previous")


def drafts(source: Source, scope: Scope) -> list[Draft]:
    """Arrests are counted by division, the caseload by district; profiles and alcohol of the whole partnership."""
    chain = [] if scope.area.level == DISTRICT else _chain(source, scope)
    caseload = [] if scope.area.level == "division" else [_caseload(source, scope)]
    if not scope.area.is_whole:
        return [*chain, *caseload]
    return [*chain, *caseload, treatment_profiles.draft(source, scope, SECTION), *alcohol.drafts(source, scope, SECTION)]


def _chain(source: Source, scope: Scope) -> list[Draft]:
    """Each stage beside the one before it, and beside the first."""
    facts = figures.of_period(
        source, "mart_dip", "dip_chain", scope, f"{figures.OF_AREA} and group_by = 'all'", "stage_number", key=("stage",),
        adding_up=("n_events", "n_to_come"), largest=("n_people", "n_people_to_come"), unknown=OF_PEOPLE, **scope.place,
    )  # fmt: skip
    for fact, before in zip(facts[1:], facts, strict=False):
        shares = ratios.wilson(fact["n_events"], before["n_events"])
        fact |= dict(zip(("share_of_previous", "ci_low", "ci_high"), shares, strict=True))
    facts = [fact for fact in facts if fact["data_cut"] is not None]  # of stages whose feed never delivered nothing is known
    rows = tuple(_stage(scope, fact, before) for fact, before in zip(facts, [None, *facts], strict=False))
    table = Table("dip_chain", f"From arrest to treatment, arrests of the {scope.period.kind}", CHAIN, rows)
    parts = figures.parts_of(
        source, "mart_dip", "dip_chain", scope, f"{figures.OF_AREA} and group_by = 'all'", lambda fact: str(fact["stage"]),
        **scope.place,
    )  # fmt: skip
    earlier = {
        (fact["period_kind"], fact["period_start"], stage): fact
        for stage_before, stage in pairwise(STAGES) for fact in parts.get(stage_before, [])
    }  # fmt: skip

    def of_part(fact: Fact) -> dict[str, Cell]:
        before = earlier.get((fact["period_kind"], fact["period_start"], fact["stage"]))
        return {"arrests": _arrests(scope, fact)} | _arrests_before(scope, fact, before)

    def meaning(released: ReleasedTable) -> str:
        return _chain_in_words(released, scope, _long(facts[0]) if facts else "")

    chain = Draft(
        _with_losses(figures.made_of_parts(table, scope, parts, of_part, "arrests", "arrests_before", "arrests_lost")),
        section=SECTION, meaning=meaning, headline=meaning, caveat=CHAIN_CAVEAT, charts=("dip_chain",),
        when_empty=f"There is no chain from arrest to treatment: nobody was arrested for a trigger offence in this"
        f" {scope.period.kind}, or"
        " drug services have delivered nothing.",
        source_systems=("police", "dip"), row_heading="Stage",
    )  # fmt: skip
    of_first = tuple(_stage_of_first(scope, fact, facts[0]) for fact in facts[1:])
    title = f"The same stages beside the first, arrests of the {scope.period.kind}"
    return [chain, replace(
        chain, table=Table("dip_chain_of_first", title, OF_FIRST, of_first), meaning=_first_in_words, headline=nothing, charts=(),
    )]  # fmt: skip


def _stage(scope: Scope, fact: Fact, before: Fact | None) -> Row:
    people, arrests = _people(scope, fact), _arrests(scope, fact)
    cells = {
        "people": people, "arrests": arrests, "status": Cell(fact["status"]),
        "to_come": Cell(int(fact["n_to_come"]), people=fact["n_people_to_come"]),
        "median": figures.days(fact["median_days_from_arrest"], fact["n_events"], _no_days(scope, fact), fact["n_people"]),
        **dict.fromkeys(("share", "interval", "people_share", "people_interval"), Cell(missing="the first stage")),
    }  # fmt: skip
    if before is not None:
        shares = fact["share_of_previous"], fact["ci_low"], fact["ci_high"]
        nobody = "nobody was at the stage before"
        ours, all_before = _known_people(scope, fact), _known_people(scope, before)
        cells |= {
            "people_before": _people(scope, before), **_arrests_before(scope, fact, before),
            **({} if ours is None or all_before is None else {"people_lost": Cell(all_before - ours)}),
            **figures.share_cells(fact["n_events"], before["n_events"], shares, nobody, before["n_people"]),
            **figures.share_cells(
                ours, all_before, ratios.wilson(ours, all_before),
                figures.NOT_OF_A_YEAR if scope.period.kind == "year" else nobody, name="people_",
            ),
        }  # fmt: skip
    return Row(fact["stage"], STAGES[fact["stage"]].format(_long(fact)), cells, context=figures.context(fact))


def _stage_of_first(scope: Scope, fact: Fact, first: Fact) -> Row:
    nobody = "nobody was arrested"
    ours, all_first = _known_people(scope, fact), _known_people(scope, first)
    cells = {
        "people": _people(scope, fact), "arrests": _arrests(scope, fact), "status": Cell(fact["status"]),
        "people_at_first": _people(scope, first), "arrests_at_first": _arrests(scope, first),
        "median": figures.days(fact["median_days_from_previous"], fact["n_events"], _no_days(scope, fact), fact["n_people"]),
        **figures.share_cells(
            fact["n_events"], first["n_events"], ratios.wilson(fact["n_events"], first["n_events"]), nobody, first["n_people"]
        ),
        **figures.share_cells(
            ours, all_first, ratios.wilson(ours, all_first),
            figures.NOT_OF_A_YEAR if scope.period.kind == "year" else nobody, name="people_",
        ),
    }  # fmt: skip
    return Row(fact["stage"], STAGES[fact["stage"]].format(_long(fact)), cells, context=figures.context(fact))


def _no_days(scope: Scope, fact: Fact) -> str:
    """Why there are no days until a stage."""
    if scope.period.kind == "year":
        return figures.NOT_OF_A_YEAR
    return "the day they came is not delivered" if fact["stage"] in ATTENDANCES else "nobody came this far"


def _first_in_words(released: ReleasedTable) -> str:
    if not released.rows:
        return ""
    last = released.rows[-1]
    cells = last.cells
    share = wording.in_brackets(cells["share"], "of all arrests for a trigger offence")
    label = f"{last.label[:1].lower()}{last.label[1:]}"
    arrests = wording.counted(cells["arrests"], "arrest", "arrests")
    return f"The last stage, {label}, was reached after {arrests}{share}." + figures.so_far(last.contexts["arrests"])


def _long(fact: Fact) -> str:
    """How long somebody is in treatment who is retained."""
    weeks, days = divmod(int(fact["retained_days"]), 7)
    return f"{fact['retained_days']} days" if days else wording.number(weeks, "week", "weeks")


def _people(scope: Scope, fact: Fact) -> Cell:
    name = scope.of_area(f"people {fact['stage']}, {fact['period_start']} to {fact['period_end']}")
    return Cell(_known_people(scope, fact), fact=name, missing=figures.NOT_OF_A_YEAR)


def _known_people(scope: Scope, fact: Fact) -> int | None:
    """Somebody arrested in two quarters is one person of the year, so those of a year are not known.

    They are as many as in one quarter at least, which is enough to protect their arrests.
    """
    return None if scope.period.kind == "year" else int(fact["n_people"])


def _arrests(scope: Scope, fact: Fact) -> Cell:
    name = scope.of_area(f"arrests {fact['stage']}, {fact['period_start']} to {fact['period_end']}")
    return Cell(int(fact["n_events"]), fact=name, people=fact["n_people"])


def _arrests_before(scope: Scope, fact: Fact, before: Fact | None) -> dict[str, Cell]:
    """Those of the stage before, and those lost since. These hide by their number: of how many people they are, nobody counts."""
    if before is None:
        return {"arrests_before": Cell(), "arrests_lost": Cell()}
    name = scope.of_area(f"arrests lost before {fact['stage']}, {fact['period_start']} to {fact['period_end']}")
    lost = Cell(int(before["n_events"] - fact["n_events"]), fact=name)
    return {"arrests_before": _arrests(scope, before), "arrests_lost": lost}


def _with_losses(table: Table) -> Table:
    """What is at a stage and what was lost since the one before are what was there, in each part of a year or quarter too."""
    ties = [
        tie for row in table.rows for name in row.cells if "_lost" in name
        for tie in figures.add_up([row], name.replace("_lost", "_before"), name.replace("_lost", ""), name)
    ]  # fmt: skip
    return replace(table, ties=(*table.ties, *ties))


def _chain_in_words(released: ReleasedTable, scope: Scope, long: str) -> str:
    stages = {row.key: row for row in released.rows}
    if not stages:
        return ""
    is_year = scope.period.kind == "year"
    counts = {stage: row.cells["arrests" if is_year else "people"] for stage, row in stages.items()}
    found = {stage: cell.text for stage, cell in counts.items()}
    words = ("arrest was made", "arrests were made") if is_year else ("person was arrested", "people were arrested")
    tested = (
        f"{wording.counted(counts['arrested'], *words)} for a trigger offence in the {scope.period.kind},"
        f" {found['tested']} of them {'led to a test' if is_year else 'tested'}"
        f" and {found['positive']} {'to a positive one' if is_year else 'positive'}."
    )
    if "retained" not in stages:
        return f"{tested} Drug services have delivered nothing, so nobody knows what followed." + figures.so_far(_when(released))
    return (
        f"{tested} {found['in_treatment']} {'led to treatment' if is_year else 'came into treatment'} and"
        f" {found['retained']} {f'to {long} of it' if is_year else f'stayed for {long}'}, as far as is known."
        + _to_come(stages["retained"])
        + figures.so_far(stages["retained"].contexts["people"])
    )


def _to_come(last: ReleasedRow) -> str:
    """Who may still be retained: without them the end of the chain would read as if it were final."""
    to_come = last.cells["to_come"]
    return "" if to_come.value == 0 else f" Of {wording.counted(to_come, 'more arrest', 'more arrests')} it is too early to say."


def _caseload(source: Source, scope: Scope) -> Draft:
    of_areas = "true" if scope.area.is_whole else OF_DISTRICT
    facts = figures.of_period(
        source, "mart_dip", "dip_caseload", scope, f"group_by = 'all' and {of_areas}",
        "area_level <> 'all', area = 'unknown', area", key=("area_level", "area"), adding_up=tuple(MOVES.values())[1:],
        largest=tuple(PEOPLE.values())[1:], **scope.place,
    )  # fmt: skip
    parts = figures.parts_of(source, "mart_dip", "dip_caseload", scope, f"group_by = 'all' and {of_areas}", _key, **scope.place)
    moves = [name for name in MOVES if name != "episodes"]  # open on a day: they are no sum
    areas = dict(labels(source))
    rows = tuple(_area(fact, areas) for fact in facts)
    ties = (
        *figures.add_up(rows, "taken_on", "from_prison", "taken_on_otherwise"),
        *figures.add_up(rows, "closed", "completed", "to_custody", "closed_otherwise"),
        *figures.total_of(EVERYONE, rows[1:], ("people", *MOVES)),
    )
    table = Table("dip_caseload", f"Caseload of drug services in the {scope.period.kind}", CASELOAD, rows, ties)
    return Draft(
        figures.made_of_parts(table, scope, parts, _moves, *moves),
        section=SECTION, meaning=lambda released: _caseload_in_words(released, scope), source_systems=("dip",),
        row_heading="Area",
        caveat="A person with two open episodes, or on the books of two areas, is one person of all areas together. An episode"
        " that was completed says that the plan was carried through, not that nothing was used since.",
        when_empty=f"There is no caseload of drug services: they have delivered nothing about this {scope.period.kind}.",
    )  # fmt: skip


def _key(fact: Fact) -> str:
    return EVERYONE if fact["area_level"] == "all" else f"{DISTRICT}:{fact['area']}"


def _area(fact: Fact, areas: dict[str, str]) -> Row:
    cells = figures.counts(fact, people="n_people") | _moves(fact)
    otherwise = {
        "taken_on": int(fact["n_taken_on"] - fact["n_from_prison"]),
        "closed": int(fact["n_closed"] - fact["n_completed"] - fact["n_to_custody"]),
    }
    cells |= {f"{of}_otherwise": Cell(count, people=figures.at_least_of(count, cells[of])) for of, count in otherwise.items()}
    label = "All areas" if fact["area_level"] == "all" else wording.group_label(DISTRICT, fact["area"], areas)
    return Row(_key(fact), label, cells, context=figures.context(fact))


def _moves(fact: Fact) -> dict[str, Cell]:
    """Episodes, each with the people whose they are."""
    return {name: Cell(int(fact[column]), people=fact[PEOPLE[name]]) for name, column in MOVES.items()}


def _caseload_in_words(released: ReleasedTable, scope: Scope) -> str:
    if not released.rows:
        return ""
    cells = released.rows[0].cells
    people = wording.counted(cells["people"], "person was", "people were")
    taken_on = wording.counted(cells["taken_on"], "episode was", "episodes were")
    return (
        f"On {wording.day(reach.known_on(_when(released)))} {people} on the caseload of drug services."
        f" {taken_on} taken on and {cells['closed'].text} closed in the {scope.period.kind},"
        f" {cells['completed'].text} of them completed." + figures.so_far(_when(released))
    )


def _when(released: ReleasedTable) -> Context:
    return released.rows[0].contexts["people"]
