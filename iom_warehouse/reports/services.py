"""Services: how long people wait for them, how many complete them, and how contracts stand."""

from typing import Any

from iom_warehouse.disclosure import Cell, Column, Context, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, health_access, order_ends, requirements, service_access, service_outcomes, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Source

SECTION = "services"
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
    access = service_access.draft(source, scope, SECTION)
    if not scope.area.is_whole:
        return [access]
    outcomes = (each.draft(source, scope, SECTION) for each in (service_outcomes, order_ends, requirements))
    return [access, health_access.draft(source, scope, SECTION), *outcomes, _contracts(source, scope)]


def _contracts(source: Source, scope: Scope) -> Draft:
    is_of_period = not figures.is_long_over(scope, source)
    facts = [] if not is_of_period else source.mart("mart_services", "contract_position", order="provider, contract_ref")
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
        " failed. Starts and completions whose day nobody gave are of no year, and not in it. Money spent is what the"
        " hub was told.",
        when_empty="There is no contract that has begun, or the partnership's hub has not delivered its contracts."
        if is_of_period else figures.of_today(source),
    )  # fmt: skip


def _number(value: Any) -> Cell:
    return Cell(wording.rounded(value), missing="none was set")


def _contracts_in_words(released: ReleasedTable) -> str:
    running = sum(1 for row in released.rows if row.cells["status"].text == "running")
    number = wording.number(running, "contract is running", "contracts are running")
    return f"{number}; what was spent, started and completed stands beside what was due by now." if released.rows else ""
