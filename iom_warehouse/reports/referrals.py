"""Referrals of the period by the agency that made them: what was decided, how many were accepted, how long it took."""

from collections.abc import Mapping

from iom_warehouse.disclosure import Cell, Grouping, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, selection, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source, agencies

SECTION = "referrals"
EVERYONE, UNKNOWN = "all", "unknown"
OF_ALL_ROUTES = f"route = 'all' and {figures.OF_AREA}"
COUNTS = {"made": "n_made", "decided": "n_decided", "accepted": "n_accepted", "declined": "n_declined", "pending": "n_pending",
          "timed": "n_timed"}  # fmt: skip
PEOPLE = {"made": "n_people", "decided": "n_people_decided", "accepted": "n_people_accepted", "declined": "n_people_declined",
          "pending": "n_people_pending", "timed": "n_people_decided"}  # fmt: skip
COLUMNS = (
    *figures.count_columns(made="Referrals made", pending="Not decided yet", decided="Decided", accepted="Accepted"),
    *figures.share_columns("accepted", "decided", "Accepted of those decided"),
    figures.wait("median", "Days to the decision, where its day is known: half took at most", "timed"),
    figures.wait("p90", "Nine in ten took at most", "timed"),
    figures.unseen("declined"),
    figures.unseen("timed"),
    figures.part_of("timed", "decided"),
)
CAVEAT = (
    "A referral that was declined can have been a good one: places are few. What is not decided yet is no refusal, and the ones"
    " that take longest are decided last, so waits of a period that is not over look short. A person referred twice is two"
    " referrals."
)


def drafts(source: Source, scope: Scope) -> list[Draft]:
    facts = figures.of_period(
        source, "mart_partnership", "referrals", scope, OF_ALL_ROUTES,
        "referring_agency <> 'all', referring_agency = 'unknown', referring_agency", key=("referring_agency",),
        adding_up=tuple(COUNTS.values()), largest=tuple(PEOPLE.values()),
        unknown=("median_days_to_decision", "p90_days_to_decision"), back=True, **scope.place,
    )  # fmt: skip
    facts = figures.shared(facts, "acceptance", "n_accepted", "n_decided")
    parts = figures.parts_of(
        source, "mart_partnership", "referrals", scope, OF_ALL_ROUTES, lambda fact: str(fact["referring_agency"]), **scope.place
    )
    names = agencies(source)
    rows = tuple(
        Row(fact["referring_agency"], names[fact["referring_agency"]], _cells(fact), context=figures.context(fact))
        for fact in facts
    )
    ties = (
        *figures.add_up(rows, "made", "decided", "pending"), *figures.add_up(rows, "decided", "accepted", "declined"),
        *figures.total_of(EVERYONE, rows[1:], COUNTS),
    )  # fmt: skip
    table = Table("referrals_by_agency", "Referrals by the agency that made them", COLUMNS, rows, ties, _groupings(facts, names),
                  never_nought="made")  # fmt: skip
    by_agency = Draft(
        figures.made_of_parts(table, scope, parts, _counts, *COUNTS),
        section=SECTION, meaning=lambda released: _meaning(released, scope), caveat=CAVEAT, source_systems=("hub",),
        row_heading="Agency",
        when_empty=f"No referral was made in this {scope.period.kind} or the year before, or the partnership's hub has not"
        " delivered its referrals.",
    )  # fmt: skip
    return [by_agency, selection.draft(source, scope, SECTION)] if scope.area.is_whole else [by_agency]


def _groupings(facts: list[Fact], names: Mapping[str, str]) -> tuple[Grouping, ...]:
    """The agencies, of which small ones may become the other ones."""
    by_agency = {fact["referring_agency"]: fact for fact in facts if fact["referring_agency"] not in (EVERYONE, UNKNOWN)}

    def together(group: tuple[str, ...]) -> Row:
        listed = wording.listed(sorted(names[agency] for agency in group))
        fact = figures.together([by_agency[agency] for agency in group], {*COUNTS.values(), *PEOPLE.values()})
        [fact] = figures.shared([fact], "acceptance", "n_accepted", "n_decided")
        of_single_ones = dict.fromkeys(("median_days_to_decision", "p90_days_to_decision"))
        cells = _cells(fact | of_single_ones, "of single agencies only")
        return Row("other", f"Other agencies ({listed})", cells, context=figures.context(fact))

    return (Grouping((tuple(by_agency),), "rest", together),)


def _counts(fact: Fact) -> dict[str, Cell]:
    """Referrals, with how many people they are of; of agencies that were joined, the most that there can be."""
    return {name: Cell(int(fact[column]), people=fact[PEOPLE[name]]) for name, column in COUNTS.items()}


def _cells(fact: Fact, no_days: str = figures.NOT_OF_A_YEAR) -> dict[str, Cell]:
    timed, none, people = fact["n_timed"], "nothing was decided", fact["n_people_decided"]
    shares = fact["acceptance"], fact["ci_low"], fact["ci_high"]
    no_wait = none if not fact["n_decided"] else no_days
    return {
        **_counts(fact),
        **figures.share_cells(fact["n_accepted"], fact["n_decided"], shares, none, people),
        "median": figures.days(fact["median_days_to_decision"], timed, no_wait, people),
        "p90": figures.days(fact["p90_days_to_decision"], timed, no_wait, people),
    }


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    if not released.rows:
        return ""
    row = released.rows[0]
    share = row.cells["share"]
    accepted = f" ({share.text}, 95% interval {row.cells['interval'].text})" if share.value is not None else ""
    return (
        f"{wording.counted(row.cells['made'], 'referral was', 'referrals were')} made"
        f" {figures.when(row.contexts['made'], scope)}."
        f" Of {wording.of_the(row.cells['decided'])} that are decided"
        f" {row.cells['accepted'].text} were accepted{accepted}; {row.cells['pending'].text} still to be decided."
        + figures.so_far(row.contexts["made"])
    )
