"""Young adults: offending at 16 and 17 and at 18 to 24, needs of those on the caseload, and how old the victims were."""

from iom_warehouse.disclosure import Cell, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope, containing
from iom_warehouse.reports.source import Fact, Source

AGES = {"16-17": "16 and 17", "18-24": "18 to 24"}
PEOPLE = {"arrested": "n_people_arrested", "proven": "n_people_proven", "again": "n_people_reoffending",
          "detected": "n_people_detected"}  # fmt: skip
EVENTS = {"arrests": ("n_arrests", "n_people_arrested"), "offences": ("n_proven_offences", "n_people_proven"),
          "crimes": ("n_detected_crimes", "n_people_detected")}  # fmt: skip
CASELOAD = {"caseload": "n_caseload", "assessed": "n_assessed", "needs": "n_with_need"}
VICTIMS = {"victims": "n_victims", "under_16": "n_victims_under_16", "of_16": "n_victims_16_17", "of_18": "n_victims_18_24",
           "of_25": "n_victims_25_and_over", "unknown": "n_victims_age_unknown"}  # fmt: skip
PARTS = (("again", "proven"), ("assessed", "caseload"), ("needs", "assessed"))
NOBODY_TOLD = "the police have delivered nothing"
OFFENDING_COLUMNS = (
    *figures.count_columns(
        arrested="People arrested", arrests="Arrests", proven="People with a proved offence", offences="Proved offences",
        again="Of the people, again within a year", detected="People with a detected crime", crimes="Detected crimes",
        caseload="On a caseload on the last day", assessed="Of these, assessed", needs="With a need",
    ),
    figures.part_of("arrested", "arrests"), figures.part_of("proven", "offences"),
)  # fmt: skip
VICTIM_COLUMNS = figures.count_columns(
    victims="Victims", under_16="Under 16", of_16="16 and 17", of_18="18 to 24", of_25="25 and over", unknown="Age not known"
)


def drafts(source: Source, scope: Scope, section: str) -> list[Draft]:
    """Of the period.

    Somebody can be one of the people of two quarters, so those of a year are not known; they are as many as in one quarter at
    least, which is enough to protect what they did.
    """
    facts = figures.of_period(
        source, "mart_partnership", "young_adults", scope, figures.OF_AREA, "age_group", key=("age_group",),
        adding_up=tuple(events for events, _ in EVENTS.values()), largest=tuple(PEOPLE.values()),
        unknown=tuple(VICTIMS.values()), **scope.place,
    )  # fmt: skip
    parts = figures.parts_of(
        source, "mart_partnership", "young_adults", scope, figures.OF_AREA, lambda fact: str(fact["age_group"]), **scope.place
    )
    facts = [_at_the_end(fact, parts.get(fact["age_group"], []), source, scope) for fact in facts]
    return [_offending(facts, parts, scope, section), _victims(facts, scope, section)]


def _at_the_end(fact: Fact, parts: list[Fact], source: Source, scope: Scope) -> Fact:
    """With the caseload of the year's last quarter: the mart has no row of one in which there was nobody of the age."""
    if scope.period.kind != "year":
        return fact
    last = containing("quarter", min(scope.last, source.business_date))
    if any(part["period_kind"] == "quarter" and part["period_start"] == last.first for part in parts):
        return fact
    nobody = dict.fromkeys(CASELOAD.values(), 0)
    ends_on = min(last.last, source.business_date)
    return fact | nobody | {"period_end": ends_on, "is_complete": last.last <= fact["data_cut"]}


def _offending(facts: list[Fact], parts: dict[str, list[Fact]], scope: Scope, section: str) -> Draft:
    rows = tuple(
        Row(fact["age_group"], AGES[fact["age_group"]], _offending_cells(fact, scope), context=figures.context(fact))
        for fact in facts
    )
    table = Table("young_adults", f"Young people's offending and needs in the {scope.period.kind}", OFFENDING_COLUMNS, rows)
    with_rests = figures.with_rests(table, *PARTS)
    told = {key: [part for part in of_key if part["n_arrests"] is not None] for key, of_key in parts.items()}
    return Draft(
        figures.made_of_parts(with_rests, scope, told, lambda fact: _offending_cells(fact, scope), *EVENTS),
        section=section, meaning=lambda released: _meaning(released, scope), source_systems=("police", "hub"), row_heading="Age",
        caveat="Age is that of the day of the event, and of the last day for the caseload. Again within a year is another proved"
        " offence in the twelve months before one of these; a breach of an order is none. Offences of late are proved later, so"
        " the newest numbers are low.",
        when_empty=f"Nobody of 16 to 24 was arrested or is on a caseload in this {scope.period.kind}, or nothing was delivered.",
    )  # fmt: skip


def _offending_cells(fact: Fact, scope: Scope) -> dict[str, Cell]:
    cells = {name: _count(fact[column]) for name, column in (PEOPLE | CASELOAD).items()}
    if scope.period.kind == "year":
        cells |= dict.fromkeys(PEOPLE, Cell(missing=figures.NOT_OF_A_YEAR))
    return cells | {name: _count(fact[column], fact[people]) for name, (column, people) in EVENTS.items()}


def _count(value: int | None, people: int | None = None) -> Cell:
    return Cell(missing=NOBODY_TOLD) if value is None else Cell(int(value), people=people)


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    told = [
        f"of those of {row.label} {wording.counted(row.cells['arrested'], 'person was', 'people were')} arrested and"
        f" {row.cells['again'].text} of {wording.of_the(row.cells['proven'])} with a proved offence had another within a year"
        for row in released.rows
        if row.cells["arrested"].status != "missing"
    ]
    if not told:
        return ""
    said = wording.listed(told)
    return f"In the {scope.period.kind} {said}." + figures.so_far(released.rows[0].contexts["arrested"])


def _victims(facts: list[Fact], scope: Scope, section: str) -> Draft:
    """A count of victims tells of few people where few people did these crimes."""
    rows = tuple(
        Row(fact["age_group"], AGES[fact["age_group"]],
            {name: Cell(int(fact[column]), people=int(fact[f"n_people_{column.removeprefix('n_')}"]))
             for name, column in VICTIMS.items()}, context=figures.context(fact))
        for fact in facts if fact["n_victims"] is not None
    )  # fmt: skip
    parts = tuple(name for name in VICTIMS if name != "victims")
    return Draft(
        Table("young_adults_victims", "Victims of crimes that young people were found to have done, by the victims' age",
              VICTIM_COLUMNS, rows, figures.add_up(rows, "victims", *parts)),
        section=section, meaning=_victims_in_words, source_systems=("police",), row_heading="Age of who did it",
        caveat="Each victim is counted once for each age group of those who did the crime, however many they were. Crimes"
        " that were not detected have no one who did them.",
        when_empty=f"There are no victims' ages of this {scope.period.kind}: the police deliver none, or it is given by"
        " quarter only.",
    )  # fmt: skip


def _victims_in_words(released: ReleasedTable) -> str:
    told = [
        f"{wording.counted(row.cells['victims'], 'victim', 'victims')} of people of {row.label},"
        f" {row.cells['under_16'].text} of them under 16 and {row.cells['of_18'].text} of 18 to 24"
        for row in released.rows
    ]
    return f"There were {wording.listed(told)}." if told else ""
