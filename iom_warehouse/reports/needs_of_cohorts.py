"""Needs of everybody who ever entered a cohort, on a scheme still or not, pathway by pathway."""

from collections.abc import Mapping, Sequence
from itertools import permutations

from iom_warehouse.disclosure import Cell, ReleasedRow, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, measures, overlaps, reach, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

COLUMNS = (
    *figures.count_columns(assessed="Assessed, of those who ever entered it", with_need="With the need"),
    *figures.share_columns("with_need", "assessed", "Share of those assessed"),
)
WITHOUT_NEED = ("with_need", "assessed")
OF_PARTS = ("assessed", "with_need", figures.name_of_rest(*WITHOUT_NEED))
Cohort = tuple[str, str]  # and its version
CAVEAT = (
    "These are the needs on one day of people who entered a cohort on other days, of which some are on no scheme any more;"
    " whoever was not assessed is in no share. Cohorts overlap and do not add up, and neither do pathways. It says whom a cohort"
    " is of, and not why anybody offended."
)


def drafts(
    source: Source, scope: Scope, section: str, pathways: Mapping[int, str], of_its_group: str, instruments: Mapping[str, str]
) -> list[Draft]:
    """A table for each instrument. The mart is of the day of the build, so a year that is long over has none.

    How many people entered a cohort is not shown: less those whom a measure counts it would give away how many that leaves out.
    `of_its_group`: which rows of the mart are of everybody whom a pathway is about.
    """
    is_of_period = not figures.is_long_over(scope, source)
    facts = [] if not is_of_period else source.mart(
        "mart_needs", "need_prevalence_of_cohort", f"{figures.OF_AREA} and {of_its_group}",
        "cohort_id, cohort_version, pathway", **scope.place,
    )  # fmt: skip
    cohorts = {(row["cohort_id"], row["version"]): row for row in source.definitions("cohorts", "cohort_id")}
    facts = [fact for fact in facts if _cohort(fact) in cohorts]
    when_empty = "No cohort of the configuration has entered anybody." if is_of_period else figures.of_today(source)
    return [
        Draft(
            _table(instrument, words, [fact for fact in facts if fact["instrument"] == instrument], cohorts, pathways),
            section=section, meaning=_meaning, caveat=CAVEAT, row_heading="Need", when_empty=when_empty,
            source_systems=("hub",) if instrument == "hub" else ("probation",),
            people_from=tuple(dict.fromkeys(feed for row in cohorts.values() for feed in measures.feeds_of_cohort(row))),
        )
        for instrument, words in instruments.items()
    ]  # fmt: skip


def _cohort(fact: Fact) -> Cohort:
    return fact["cohort_id"], fact["cohort_version"]


def _table(
    instrument: str, words: str, facts: Sequence[Fact], cohorts: Mapping[Cohort, Fact], pathways: Mapping[int, str]
) -> Table:
    rows = tuple(_row(fact, cohorts[_cohort(fact)]["title"], pathways) for fact in facts)
    table = Table(f"needs_of_cohorts_{instrument}", f"Needs of cohorts, found in {words}", COLUMNS, rows)
    table = figures.with_rests(table, WITHOUT_NEED)
    return figures.with_overlapping_parts(table, _within(table, facts, cohorts), *OF_PARTS)


def _row(fact: Fact, title: str, pathways: Mapping[int, str]) -> Row:
    assessed, with_need = int(fact["n_assessed"]), fact["n_with_need"]
    unknown = "no threshold is known" if assessed else "nobody was assessed"
    cells = figures.counts(fact, assessed="n_assessed") | {
        "with_need": Cell(None if with_need is None else int(with_need), missing="no threshold is known"),
        **figures.share_cells(with_need, assessed, (fact["share"], fact["ci_low"], fact["ci_high"]), unknown),
    }
    context = figures.context_on_day(fact)
    return Row(_key(fact["pathway"], _cohort(fact)), pathways[fact["pathway"]], cells, title, context)


def _key(pathway: int, cohort: Cohort) -> str:
    return f"{pathway}:{' '.join(cohort)}"


def _within(table: Table, facts: Sequence[Fact], cohorts: Mapping[Cohort, Fact]) -> dict[str, list[str]]:
    """The rows of cohorts that are a part of another one, by the row of that, where they count no more than it does."""
    pairs = [
        (part, whole) for part, whole in permutations(cohorts, 2) if overlaps.is_cohort_within(cohorts[part], cohorts[whole])
    ]
    known = {row.key for row in table.rows}
    found: dict[str, list[str]] = {}
    for pathway in dict.fromkeys(fact["pathway"] for fact in facts):
        for one, other in ((_key(pathway, part), _key(pathway, whole)) for part, whole in pairs):
            more = (table.counts.get((one, name), 0) > table.counts.get((other, name), 0) for name in OF_PARTS)
            if {one, other} <= known and not any(more):
                found.setdefault(other, []).append(one)
    return found


def _meaning(released: ReleasedTable) -> str:
    """The need found most often in each cohort that has enough people for it."""
    known = [row for row in released.rows if row.cells["share"].value is not None]
    of_enough = [row for row in known if (row.cells["assessed"].value or 0) >= measures.FEW_PEOPLE]
    by_cohort: dict[str, list[ReleasedRow]] = {}
    for row in of_enough:
        by_cohort.setdefault(row.group, []).append(row)
    if not by_cohort:
        return f"No share of {measures.FEW_PEOPLE} people or more can be given." if released.rows else ""
    named = (_named(title, rows, [row for row in released.rows if row.group == title]) for title, rows in by_cohort.items())
    first = of_enough[0].contexts["share"]
    return f"On {wording.day(reach.known_on(first))} the need found most often was: {'; '.join(named)}." + figures.so_far(first)


def _named(title: str, of_enough: Sequence[ReleasedRow], rows: Sequence[ReleasedRow]) -> str:
    most = wording.most(of_enough, "share")
    title = ",".join(filter(None, (title, wording.of_those(rows, "share"))))
    if most is None:
        return f"of {title}, none"
    cells = most.cells
    return f"of {title}, {most.label.lower()} ({cells['share'].text} of {wording.of_the(cells['assessed'])} assessed)"
