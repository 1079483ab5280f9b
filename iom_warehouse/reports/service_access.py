"""Waits for services: how many people were referred to which, started, still wait and completed."""

from collections.abc import Sequence

from iom_warehouse.disclosure import Cell, Column, Grouping, ReleasedTable, Row, Table, Tie
from iom_warehouse.reports import figures, ratios, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

NAME, EVERYONE, UNKNOWN = "service_access", "all:all", "unknown"
SERVICES = {
    "ete": "Education, training and employment (ETE)", "talking_therapy": "Psychological therapy", "drugs": "Drug treatment",
    "alcohol": "Alcohol treatment", "debt": "Debt and money advice", "family": "Family support", "women": "Services for women",
    "other": "Other services",
}  # fmt: skip
COUNTS = {
    "referred": "n_referred", "started": "n_started", "waiting": "n_waiting", "never": "n_never_started",
    "completed": "n_completed", "known": "n_wait_known",
}  # fmt: skip
PEOPLE = {
    "referred": "n_people", "started": "n_people_started", "waiting": "n_people_waiting", "never": "n_people_never_started",
    "completed": "n_people_completed", "ended": "n_people_ended",
}  # fmt: skip
GOING_ON = ("ended", "started")  # of what has started all that has not ended goes on, or ended in a way that nobody knows
ENDED = ("n_completed", "n_partly", "n_dropped_out")
COLUMNS = (
    *figures.count_columns(referred="Referred", started="Started", waiting="Still waiting"),
    figures.wait("median", "Days waited of those started, where known: half at most", "known"),
    figures.wait("p90", "Nine in ten at most", "known"),
    *figures.count_columns(completed="Completed"),
    *figures.share_columns("completed", "ended", "Completed, of those that ended"),
    Column("status", "Status", "plain"),
    *(figures.unseen(name) for name in ("never", "known", "ended", "not_completed")),
    figures.part_of("known", "started"),
)  # fmt: skip
CAVEAT = (
    "Waits are those of people who started. Whoever still waits is in none of them, and the longest waits are among these."
    " Completing a service does not say that it helped."
)


def draft(source: Source, scope: Scope, section: str) -> Draft:
    facts = source.mart(
        "mart_services", "service_access",
        f"{figures.QUARTERS_ENDED} and service_by in ('all', 'service_type') and {figures.OF_AREA} and group_by = 'all'",
        "service_by <> 'all', service_group = 'unknown', service_group", first=scope.first, last=scope.last, **scope.place,
    )  # fmt: skip
    facts = with_one_status(figures.newest(facts))
    rows = tuple(
        Row(f"{fact['service_by']}:{fact['service_group']}", label(fact), cells_of(fact), context=figures.context(fact))
        for fact in facts
    )
    ties = (*ties_of(rows), *figures.total_of(EVERYONE, rows[1:], (*COUNTS, "ended", "not_completed")))
    table = Table(NAME, "Waits for services", COLUMNS, rows, ties, _groupings(facts), never_nought="referred")
    return Draft(
        figures.with_rests(table, GOING_ON), section=section, meaning=lambda released: _meaning(released, scope),
        caveat=CAVEAT, source_systems=("hub",), row_heading="Service",
        when_empty=when_empty(scope),
    )  # fmt: skip


def when_empty(scope: Scope) -> str:
    return (
        f"Nobody was referred to a service in this {scope.period.kind} or the year before, or the partnership's hub has not"
        " delivered it."
    )


def ties_of(rows: Sequence[Row]) -> tuple[Tie, ...]:
    """What adds up within each row."""
    of_referred = figures.add_up(rows, "referred", "started", "waiting", "never")
    return (*of_referred, *figures.add_up(rows, "ended", "completed", "not_completed"))


def _groupings(facts: list[Fact]) -> tuple[Grouping, ...]:
    """The kinds of service, of which small ones may become the other ones."""
    kinds = {
        f"{fact['service_by']}:{fact['service_group']}": fact
        for fact in facts
        if fact["service_by"] != "all" and fact["service_group"] != UNKNOWN
    }

    def together(group: tuple[str, ...]) -> Row:
        listed = wording.listed(sorted(label(kinds[key]).lower() for key in group))
        fact = figures.together([kinds[key] for key in group], dict.fromkeys((*COUNTS.values(), *ENDED)))
        behind = {name: max(kinds[key][name] for key in group) for name in PEOPLE.values()}  # somebody can be in several
        completed, ended = fact["n_completed"], sum(fact[column] for column in ENDED)
        shares = dict(zip(("completion", "ci_low", "ci_high"), ratios.wilson(completed, ended), strict=True))
        no_waits = dict.fromkeys(("median_days_waited", "ninetieth_centile_days_waited"))
        cells = cells_of(fact | shares | no_waits | behind, "of single kinds only")
        return Row("other", f"Other services ({listed})", cells, context=figures.context(fact))

    return (Grouping((tuple(kinds),), "rest", together),)


def with_one_status(facts: list[Fact]) -> list[Fact]:
    """The facts with the status of all of them together: of a single kind it would tell whether anybody waits or goes on."""
    is_final = all(fact["status"] == "final" for fact in facts)
    return [fact | {"status": "final" if is_final else "provisional"} for fact in facts]


def label(fact: Fact) -> str:
    if fact["service_by"] == "all":
        return "All services"
    service = fact["service_group"]
    return wording.NOT_KNOWN if service == UNKNOWN else SERVICES.get(service, wording.plain_words(service).capitalize())


def cells_of(fact: Fact, no_wait: str = "nobody started") -> dict[str, Cell]:
    counted = fact | {"ended": sum(fact[column] for column in ENDED)}
    cells = {
        name: Cell(int(counted[column]), people=fact[PEOPLE[name]])
        for name, column in {**COUNTS, "ended": "ended"}.items() if name in PEOPLE
    }  # fmt: skip
    known, not_completed = int(fact["n_wait_known"]), int(counted["ended"] - fact["n_completed"])
    known_of = figures.at_least_of(known, cells["started"])
    return {
        **cells,
        "known": Cell(known, people=known_of),
        "not_completed": Cell(not_completed, people=figures.at_least_of(not_completed, cells["ended"])),
        "median": figures.days(fact["median_days_waited"], known, no_wait, known_of),
        "p90": figures.days(fact["ninetieth_centile_days_waited"], known, no_wait, known_of),
        **figures.share_cells(
            fact["n_completed"], counted["ended"], (fact["completion"], fact["ci_low"], fact["ci_high"]), "nothing ended",
            cells["ended"].people,
        ),
        "status": Cell(fact["status"]),
    }  # fmt: skip


def _meaning(released: ReleasedTable, scope: Scope) -> str:
    if not released.rows:
        return ""
    cells, context = released.rows[0].cells, released.rows[0].contexts["referred"]
    waited = f"; half of them waited {cells['median'].text} days at most" if cells["median"].value is not None else ""
    return (
        f"{wording.counted(cells['referred'], 'referral to services was', 'referrals to services were')} made"
        f" {figures.when_in_quarters(context, scope)}."
        f" {wording.doing(cells['started'], 'has', 'have')} started{waited},"
        f" and {wording.doing(cells['waiting'], 'still waits', 'still wait')}." + figures.so_far(context)
    )
