"""What the crimes before, during and after a scheme cost, of the people of the table of phases, by the configured unit costs.

Sums are given to two figures. They are no surer than that, and an exact one would tell of which kinds the crimes are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from iom_warehouse.disclosure import Cell, Column, Decision, ReleasedRow, ReleasedTable, Row, Table
from iom_warehouse.disclosure.tables import InWords
from iom_warehouse.reports import figures, measures, phases, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.source import Fact, Source

KINDS = ("detected_crime", "proven_offence")
MADE_OF = ("people", "events", "costed", "pounds")
NOTHING_TO_COMPARE = "No scheme has a cost of all three phases that can be shown."


def _range(cell: Cell, _: InWords) -> str:
    assert cell.interval
    return f"{cell.interval[0]:,} to {cell.interval[1]:,}"


def _money(name: str, title: str) -> Column:
    """Where all crimes are of one kind, what they cost tells how many they are."""
    return Column(name, title, "rate", made_of=MADE_OF, tells_counts=True)


COLUMNS = (
    *figures.count_columns(people="People", events="Crimes", costed="Of these, with a unit cost", uncosted="Without one"),
    _money("cost", "What they cost, about (£)"),
    replace(_money("range", "From the low to the high estimate (£)"), show=_range),
    _money("per_person", "For each person (£)"),
    _money("per_year", "For each year at liberty (£)"),
    Column("price_year", "At prices of", "plain"),
    Column("confidence", "Trust in the costs", "plain"),
    Column("findings", "Findings", "plain", wording.findings),
    Column("status", "Status", "plain"),
    figures.unseen("pounds"),  # hides what money is made of when it is of few people, or mainly of one
)
CAVEAT = (
    f"{phases.NOT_AN_EFFECT} What a crime costs is an estimate for the whole country, most of it no money that anybody"
    " spends. A crime without a unit cost is counted and has no cost, so the true sum is higher. Only crimes that were found out"
    " are in it. Detected crimes and proven offences are in part the same and must not be added up."
)


def draft(source: Source, section: str) -> Draft:
    rows = tuple(_row(fact) for fact in phases.facts_of(source, "mart_cost", "phase_cost", KINDS))
    return Draft(
        Table("phase_cost", "What crimes before, during and after a scheme cost", COLUMNS, rows,
              figures.add_up(rows, "events", "costed", "uncosted"), goes_on=True),
        section=section, meaning=_meaning, caveat=CAVEAT, source_systems=("police",), people_from=("hub", "dip"),
        columns_from={"prison": ("per_year",)}, row_heading="Phase",
        when_empty="There is no cost of crimes before, during and after a scheme: nobody has been on one yet.",
    )  # fmt: skip


def _row(fact: Fact) -> Row:
    people, with_cost = int(fact["n_people"]), int(fact["n_people_with_cost"])
    of: dict[str, Any] = {"denominator": people, "missing": _why_missing(fact)}
    low, high = (wording.to_two_figures(fact[f"cost_{estimate}"]) for estimate in ("low", "high"))
    no_range = {"missing": "not configured"} if fact["cost_central"] is not None else {}
    return phases.row_of(fact, {
        "costed": Cell(int(fact["n_events_costed"]), people=with_cost, most=fact["most_events_with_cost"]),
        "uncosted": Cell(
            int(fact["n_events_without_cost"]), people=int(fact["n_people_without_cost"]), most=fact["most_events_without_cost"]
        ),
        "cost": Cell(wording.to_two_figures(fact["cost_central"]), **of),
        "range": Cell(interval=wording.interval(low, high), **of | no_range),
        "per_person": Cell(wording.to_two_figures(fact["cost_per_person_central"]), **of),
        "per_year": Cell(wording.to_two_figures(fact["cost_per_person_year_central"]), **of),
        "price_year": Cell(fact["price_year"], missing="no cost"),
        "confidence": Cell(fact["confidence"], missing="no cost"),
        "findings": measures.findings(fact),
        "status": measures.status(fact),
        "pounds": Cell(int(fact["cost_central"] or 0), people=with_cost, most=int(fact["cost_of_one_person"] or 0)),
    })  # fmt: skip


def _why_missing(fact: Fact) -> str:
    return "no crime has a unit cost" if fact["n_events"] and fact["cost_central"] is None else phases.why_missing(fact)


def _meaning(released: ReleasedTable) -> str:
    known = phases.by_group(released.rows, "cost")
    if not known:
        return NOTHING_TO_COMPARE if released.rows else ""
    told = " ".join(_sentence(group, of_phase) for group, of_phase in known.items())
    return f"{told} {phases.NOT_AN_EFFECT}"


def _sentence(group: str, of_phase: Mapping[str, ReleasedRow]) -> str:
    before, during, after = (of_phase[name].cells for name in phases.PHASES)
    return (
        f"{group} of {wording.counted(before['people'], 'person', 'people')} cost society about {before['cost'].text} pounds in"
        f" the twelve months before, {during['cost'].text} on it and {after['cost'].text} in the twelve months after"
        f"{_for_each_year([before, during, after])}.{phases.so_far(of_phase)}"
    )


def _for_each_year(cells: Sequence[Mapping[str, Decision]]) -> str:
    each = [of["per_year"] for of in cells]
    if any(one.value is None for one in each):
        return ""
    return f": for each year at liberty {wording.listed([one.text for one in each])}"
