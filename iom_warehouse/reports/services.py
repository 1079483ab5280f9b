"""Services: how long people wait for them, how many complete them, and how contracts stand."""

from typing import Any

from iom_warehouse.disclosure import Cell, Column, Context, Grouping, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, order_ends, ratios, service_outcomes, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

SECTION = "services"
EVERYONE, UNKNOWN = "all:all", "unknown"
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
ENDED = ("n_completed", "n_partly", "n_dropped_out")
ACCESS = (
    *figures.count_columns(referred="Referred", started="Started", waiting="Still waiting"),
    figures.wait("median", "Days waited of those started, where known: half at most", "known"),
    figures.wait("p90", "Nine in ten at most", "known"),
    *figures.count_columns(completed="Completed"),
    *figures.share_columns("completed", "ended", "Completed, of those that ended"),
    Column("status", "Status", "plain"),
    *(figures.unseen(name) for name in ("never", "known", "ended", "not_completed")),
    figures.part_of("known", "started"), figures.part_of("ended", "started"),
)  # fmt: skip
ACCESS_CAVEAT = (
    "Waits are those of people who started. Whoever still waits is in none of them, and the longest waits are among these."
    " Completing a service does not say that it helped."
)
CONTRACTS = (
    Column("provider", "Provider", "plain"),
    Column("intention", "What it is meant to achieve", "plain"),
    Column("year", "Year of the contract", "plain"),
    Column("budget", "Budget due by now (£)", "plain"),
    Column("spent", "Spent (£)", "plain"),
    Column("starts_due", "Starts due by now", "plain"),
    Column("started", "Started", "count"),
    Column("completions_due", "Completions due by now", "plain"),
    Column("completed", "Completed", "count"),
    Column("status", "Status", "plain"),
)


def drafts(source: Source, scope: Scope) -> list[Draft]:
    if not scope.area.is_whole:
        return [_access(source, scope)]
    outcomes = (service_outcomes.draft(source, scope, SECTION), order_ends.draft(source, scope, SECTION))
    return [_access(source, scope), *outcomes, _contracts(source)]


def _access(source: Source, scope: Scope) -> Draft:
    facts = source.mart(
        "mart_services", "service_access",
        f"{figures.QUARTERS_ENDED} and service_by in ('all', 'service_type') and {figures.OF_AREA} and group_by = 'all'",
        "service_by <> 'all', service_group = 'unknown', service_group", first=scope.first, last=scope.last, **scope.place,
    )  # fmt: skip
    facts = figures.newest(facts)
    rows = tuple(
        Row(f"{fact['service_by']}:{fact['service_group']}", _label(fact), _cells(fact), context=figures.context(fact))
        for fact in facts
    )
    ties = (
        *figures.add_up(rows, "referred", "started", "waiting", "never"),
        *figures.add_up(rows, "ended", "completed", "not_completed"),
        *figures.total_of(EVERYONE, rows[1:], (*COUNTS, "ended", "not_completed")),
    )
    return Draft(
        Table("service_access", "Waits for services", ACCESS, rows, ties, _groupings(facts)),
        section=SECTION, meaning=lambda released: _access_in_words(released, scope),
        caveat=ACCESS_CAVEAT, source_systems=("hub",), row_heading="Service",
        when_empty=f"Nobody was referred to a service in this {scope.period.kind} or the year before, or the"
        " partnership's hub has not delivered it.",
    )  # fmt: skip


def _groupings(facts: list[Fact]) -> tuple[Grouping, ...]:
    """The kinds of service, of which small ones may become the other ones."""
    kinds = {
        f"{fact['service_by']}:{fact['service_group']}": fact
        for fact in facts
        if fact["service_by"] != "all" and fact["service_group"] != UNKNOWN
    }

    def together(group: tuple[str, ...]) -> Row:
        listed = wording.listed(sorted(_label(kinds[key]).lower() for key in group))
        fact = figures.together([kinds[key] for key in group], dict.fromkeys((*COUNTS.values(), *ENDED)))
        behind = {name: max(kinds[key][name] for key in group) for name in PEOPLE.values()}  # somebody can be in several
        completed, ended = fact["n_completed"], sum(fact[column] for column in ENDED)
        shares = dict(zip(("completion", "ci_low", "ci_high"), ratios.wilson(completed, ended), strict=True))
        no_waits = dict.fromkeys(("median_days_waited", "ninetieth_centile_days_waited"))
        cells = _cells(fact | shares | no_waits | behind, "of single kinds only")
        return Row("other", f"Other services ({listed})", cells, context=figures.context(fact))

    return (Grouping((tuple(kinds),), "rest", together),)


def _label(fact: Fact) -> str:
    if fact["service_by"] == "all":
        return "All services"
    service = fact["service_group"]
    return "Not known" if service == UNKNOWN else SERVICES.get(service, wording.plain_words(service).capitalize())


def _cells(fact: Fact, no_wait: str = "nobody started") -> dict[str, Cell]:
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


def _access_in_words(released: ReleasedTable, scope: Scope) -> str:
    if not released.rows:
        return ""
    cells, context = released.rows[0].cells, released.rows[0].contexts["referred"]
    waited = f"; half of them waited {cells['median'].text} days at most" if cells["median"].value is not None else ""
    return (
        f"{wording.counted(cells['referred'], 'referral to services was', 'referrals to services were')} made"
        f" {figures.when_in_quarters(context, scope)}."
        f" {cells['started'].text} have started{waited},"
        f" and {cells['waiting'].text} still wait." + figures.so_far(context)
    )


def _contracts(source: Source) -> Draft:
    facts = source.mart("mart_services", "contract_position", order="provider, contract_ref")
    rows = tuple(
        Row(fact["contract_ref"], fact["contract_ref"], {
            "provider": Cell(fact["provider"], missing="not known"),
            "intention": Cell(fact["intention"], missing="nobody has said"),
            "year": Cell(wording.days(fact["year_start"], fact["year_end"])),
            "budget": _number(fact["budget_by_now"]), "spent": _number(fact["spent_to_date"]),
            "starts_due": _number(fact["starts_due_by_now"]),
            "started": Cell(int(fact["n_started"]), people=fact["n_people_started"]),
            "completions_due": _number(fact["completions_due_by_now"]),
            "completed": Cell(int(fact["n_completed"]), people=fact["n_people_completed"]),
            "status": Cell(fact["status"]),
        }, context=Context(period_start=fact["year_start"], period_end=fact["year_end"], data_cut=fact["data_cut"]))
        for fact in facts
    )  # fmt: skip
    return Draft(
        Table("contract_position", "Contracts in their current year", CONTRACTS, rows),
        section=SECTION, meaning=_contracts_in_words, source_systems=("hub",), row_heading="Contract", free_text=("intention",),
        caveat="What is due by now is the part of the year that has passed; a service that begins slowly is behind without having"
        " failed. Money spent is what the hub was told.",
        when_empty="There is no contract that has begun, or the partnership's hub has not delivered its contracts.",
    )  # fmt: skip


def _number(value: Any) -> Cell:
    return Cell(f"{wording.rounded(value):,}" if value is not None else None, missing="none was set")


def _contracts_in_words(released: ReleasedTable) -> str:
    running = sum(1 for row in released.rows if row.cells["status"].text == "running")
    number = wording.number(running, "contract is running", "contracts are running")
    return f"{number}; what was spent, started and completed stands beside what was due by now." if released.rows else ""
