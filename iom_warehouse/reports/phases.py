"""Before, during and after a scheme: arrests and proven offences of the same people, and what they did for each year at liberty.

Of every scheme and of episodes of drug services those who were followed through all three phases. All schemes together are left
out: beside the single ones they would tell of those who are on a small one.
"""

from collections.abc import Iterable, Mapping, Sequence

from iom_warehouse.disclosure import Cell, Column, Context, ReleasedRow, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, measures, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.source import Fact, Source

PHASES = {"before": "The twelve months before", "during": "On the scheme", "after": "The twelve months after"}
KINDS = ("arrest", "proven_offence")
THE_SAME_PEOPLE = (
    "area_level = 'all' and scheme <> 'any' and basis = 'all_phases' and event_kind = any(%(kinds)s) and phase = any(%(phases)s)"
)
IN_ORDER = "scheme = 'dip_episode', scheme, event_kind, array_position(%(phases)s, phase)"
DAYS_IN_YEAR = 365
MADE_OF = ("people", "with_event", "events")
OF_LIBERTY = ("years", "rate", "interval")  # the prisons say who is at liberty
COLUMNS = (
    *figures.count_columns(
        people="People", left_out="People with a spell left out", with_event="People with an event", events="Arrests or offences",
    ),
    Column("years", "Years at liberty", "plain", made_of=MADE_OF, tells_counts=True),
    Column("rate", "For each year at liberty", "rate", made_of=MADE_OF),
    # the two ends over the rate are those of the number of events, whatever the days
    Column("interval", "95% interval", "rate", wording.plain_interval, MADE_OF, tells_counts=True),
    Column("status", "Status", "plain"),
    figures.part_of("with_event", "events"),
)  # fmt: skip
NOT_AN_EFFECT = (
    "This is not an effect of the scheme: people are chosen when they offend most, so fewer offences later are to be expected by"
    " themselves (regression to the mean)."
)
NOTHING_TO_COMPARE = (
    "No scheme has figures of all three phases that can be shown: too few people were seen through all of them, or they are"
    " hidden for this audience."
)
CAVEAT = (
    f"{NOT_AN_EFFECT} Only whose three phases were all seen to their end are counted, so that the rows of a scheme are about the"
    " same people: whoever is still on it, left it less than twelve months ago, died before a phase began, joined so early that"
    " records do not reach twelve months further back, or is not known to the police is left out. Time on a scheme differs from"
    " person to person, so compare what was done for each year at liberty and not the numbers. A person on two schemes stands"
    " with both, so schemes do not add up. One person may have many events, so the true uncertainty is wider than the interval."
)


def drafts(source: Source) -> list[Draft]:
    facts = facts_of(source, "mart_reoffending", "before_during_after", KINDS)
    if not facts:
        return []
    rows = tuple(_row(fact) for fact in facts)
    table = Table("before_during_after", "Before, during and after a scheme", COLUMNS, rows, goes_on=True)
    return [Draft(
        figures.with_rests(table, ("with_event", "people")),
        section=measures.SECTION, meaning=_meaning, caveat=CAVEAT, source_systems=("police",), people_from=("hub", "dip"),
        columns_from={"prison": OF_LIBERTY}, row_heading="Phase",
        when_empty="Nobody has been on a scheme yet.",
    )]  # fmt: skip


def facts_of(source: Source, schema: str, mart: str, kinds: Sequence[str]) -> list[Fact]:
    """The rows of the same people in all phases, of each single scheme in the whole partnership."""
    return source.mart(schema, mart, THE_SAME_PEOPLE, IN_ORDER, kinds=list(kinds), phases=list(PHASES))


def row_of(fact: Fact, cells: Mapping[str, Cell]) -> Row:
    """A row with the counts that any table of phases has: people are the same in all three, and the same count in each table."""
    of = f"{fact['scheme']}, {fact['event_kind']}"
    counted = {
        "people": Cell(int(fact["n_people"]), fact=f"before, during and after {of}: people"),
        "left_out": Cell(int(fact["n_people_not_observed"]), fact=f"before, during and after {of}: left out"),
        "events": Cell(
            int(fact["n_events"]), fact=f"{fact['phase']} {of}: events", people=int(fact["n_people_with_event"]),
            most=fact["most_events"],
        ),
    }  # fmt: skip
    group = f"{wording.group_label('scheme', fact['scheme'], {})}: {measures.EVENTS[fact['event_kind']]}"
    key = f"{fact['scheme']}:{fact['event_kind']}:{fact['phase']}"
    context = Context(data_cut=fact["data_cut"], maturity=fact["status"])
    return Row(key, PHASES[fact["phase"]], counted | dict(cells), group, context)


def why_missing(fact: Fact) -> str:
    return "nobody was at liberty" if fact["n_people"] else "nobody was counted"


def _row(fact: Fact) -> Row:
    people, why = int(fact["n_people"]), why_missing(fact)
    ends = wording.interval(fact["ci_low"], fact["ci_high"], 2)
    return row_of(fact, {
        "with_event": Cell(int(fact["n_people_with_event"])),
        "years": Cell(wording.rounded(fact["days_at_liberty"] / DAYS_IN_YEAR, 1) if people else None, missing=why),
        "rate": Cell(wording.rounded(fact["rate"], 2), denominator=people, missing=why),
        "interval": Cell(interval=ends, denominator=people, missing=why),
        "status": measures.status(fact),
    })  # fmt: skip


def by_group(rows: Iterable[ReleasedRow], column: str) -> dict[str, dict[str, ReleasedRow]]:
    """By group the rows of its phases, of those groups of which the audience may see this column in all three."""
    found: dict[str, dict[str, ReleasedRow]] = {}
    for row in rows:
        found.setdefault(row.group, {})[row.key.rpartition(":")[2]] = row
    return {
        group: phases
        for group, phases in found.items()
        if phases.keys() == PHASES.keys() and all(row.cells[column].value is not None for row in phases.values())
    }


def _meaning(released: ReleasedTable) -> str:
    known = by_group(released.rows, "rate")
    if not known:
        return NOTHING_TO_COMPARE if released.rows else ""
    told = [_sentence(group, phases) for group, phases in known.items()]
    return f"{' '.join(told)} {NOT_AN_EFFECT}"


def _sentence(group: str, phases: Mapping[str, ReleasedRow]) -> str:
    before, during, after = (phases[name].cells for name in PHASES)
    return (
        f"{group} of {wording.counted(before['people'], 'person', 'people')}: {before['rate'].text} for each year at liberty in"
        f" the twelve months before, {during['rate'].text} on it and {after['rate'].text} in the twelve months after."
        f"{so_far(phases)}"
    )


def so_far(phases: Mapping[str, ReleasedRow]) -> str:
    """That what was done last can still become known, where it can."""
    is_final = phases["after"].contexts["people"].maturity == "final"
    return "" if is_final else " The last of these is provisional: more can still become known."
