"""Value for money: what the programme costs, and how many crimes cost as much (break-even, never a saving).

What is made of the baseline is given to two figures and only with the counts that it is made of: it follows from them by one
division, so an exact one would tell those that the measure's own table hides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from iom_warehouse.disclosure import Cell, Column, Context, Decision, ReleasedRow, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, measures, phase_cost, static_cohort, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import WHOLE, Scope
from iom_warehouse.reports.source import Fact, Source

SECTION = "value"
COUNTED = {"people": "n_people", "baseline": "n_events"}
NO_MIX = "no_baseline_crime"
NO_BREAK_EVEN = "The break-even cannot be given: a cost or crimes to set beside it are missing, or hidden for this audience."
FINDINGS = Column("findings", "Findings", "plain", wording.findings)
COST = (
    Column("additional", "Additional cost of the year (£)", "plain"),
    Column("set_up", "Setting up, not in it (£)", "plain"),
    Column("people", "People managed", "count"),
    # beside a rounded count of people, as long as most are managed all year, these tell how many there are
    Column("person_years", "Years that they were managed", "plain", made_of=("people",), tells_counts=True),
    Column("per_year", "Cost per managed year (£)", "plain", made_of=("people",), tells_counts=True),
    FINDINGS,
)
MADE_OF = ("people", "baseline", "costed", "pounds")
BREAK_EVEN = (
    *figures.count_columns(people="People of the cohort", baseline="Crimes of the baseline", costed="Of these, with a unit cost"),
    Column("multiplier", "Crimes per crime found out", "plain"),
    Column("additional", "Additional cost of the year (£)", "plain"),
    Column("unit_cost", "What a crime of theirs costs on average, about (£)", "rate", made_of=MADE_OF, tells_counts=True),
    Column("crimes", "Crimes that cost as much, about", "rate", made_of=MADE_OF, tells_counts=True),
    Column("per_person", "Crimes per person, about", "rate", made_of=MADE_OF, tells_counts=True),
    Column("of_expected", "Of the crimes expected of them, about", "rate", wording.percentage, MADE_OF, tells_counts=True),
    Column("confidence", "Trust in the costs", "plain"),
    FINDINGS,
    *map(figures.unseen, ("uncosted", "pounds", "compared")),
)
CAVEAT = (
    "No money is shown to have been avoided: the table sets two costs beside each other and says nothing about whether one led to"
    " less of the other. What a crime costs is an estimate for the whole country, most of it no money that anybody spends."
)


def drafts(source: Source, scope: Scope) -> list[Draft]:
    """The years of the programme up to the quarter, and the break-even by the central estimate of what crimes cost.

    Then what crimes cost before, during and after each scheme, whatever the quarter.
    """
    return [_cost(source, scope), _break_even(source, scope), phase_cost.draft(source, SECTION)]


def _begun(facts: Iterable[Fact], scope: Scope) -> list[Fact]:
    """Those of years that have begun when the period ends."""
    return [fact for fact in facts if _first_day(fact["year"]) <= scope.last]


def _first_day(year: str) -> date:
    """Of a financial year (2013/14), or of one of the calendar."""
    return date(int(year[:4]), 4 if "/" in year else 1, 1)


def _context(fact: Fact) -> Context:
    first = _first_day(fact["year"])
    is_over = "year_not_over" not in (fact["findings"] or "")
    return Context(
        period_start=first, period_end=first.replace(year=first.year + 1) - timedelta(days=1), data_cut=fact["data_cut"],
        maturity="final" if is_over else "provisional",
    )  # fmt: skip


def _cost(source: Source, scope: Scope) -> Draft:
    facts = _begun(source.mart("mart_cost", "programme_cost", order="year"), scope)
    rows = tuple(
        Row(fact["year"], fact["year"], {
            "additional": _pounds(fact["additional_cost"]), "set_up": _pounds(fact["set_up"]),
            "people": measures.count(fact["n_people"]),
            "person_years": Cell(wording.rounded(fact["person_years"], 1), missing="nobody was managed"),
            "per_year": _pounds(fact["cost_per_person_year"]), "findings": measures.findings(fact),
        }, context=_context(fact))
        for fact in facts
    )  # fmt: skip
    return Draft(
        Table("programme_cost", "What the programme costs beyond what was spent anyway", COST, rows),
        section=SECTION, meaning=_cost_in_words, caveat=CAVEAT, source_systems=("hub",), row_heading="Year",
        when_empty="No costs of the programme are configured.",
    )  # fmt: skip


def _break_even(source: Source, scope: Scope) -> Draft:
    order = "year, measure_id, measure_version, multiplier"
    facts = _begun(source.mart("mart_cost", "break_even", "estimate = 'central'", order), scope)
    titles = {(row["measure_id"], row["version"]): row["title"] for row in source.definitions("measures", "measure_id, version")}
    tables = {measure.counts_of: static_cohort.draft(measure).table for measure in measures.read(source) if measure.has_baseline}
    rows = tuple(_row(fact, titles.get((fact["measure_id"], fact["measure_version"])), tables) for fact in facts)
    return Draft(
        _with_sums(Table("break_even", "How many crimes cost as much as the programme", BREAK_EVEN, rows)),
        section=SECTION, meaning=_break_even_in_words, caveat=CAVEAT, source_systems=("hub", "police"),
        row_heading="Year",
        when_empty="There is no break-even: no measure follows a cohort through a year of which costs are configured.",
    )  # fmt: skip


def _with_sums(table: Table) -> Table:
    """The crimes with a unit cost and those without; and what the baseline has beyond that of the measure's own table."""
    ties = figures.add_up(table.rows, "baseline", "costed", "uncosted")
    return figures.with_rests(replace(table, ties=ties), ("compared", "baseline"))


def _row(fact: Fact, title: str | None, tables: Mapping[str, Table]) -> Row:
    """`tables`: of measures, by what their counts are named after, which are the same counts there and here."""
    of_measure = f"{fact['measure_id']} version {fact['measure_version']}"
    people, baseline, costed = (int(fact[name]) for name in ("n_people", "n_events", "n_events_costed"))
    table = tables.get(of_measure, Table("", "", (), ()))
    in_table = {name: table.cells.get((WHOLE.key, name), Cell()) for name in ("people", "baseline")}
    same = {name: cell.fact for name, cell in in_table.items() if cell.value == fact[COUNTED[name]]}
    named = {name: f"{of_measure} / {name}, baseline of {fact['year']}" for name in ("baseline", "costed", "uncosted")} | same
    why = "no crime in the baseline" if NO_MIX in (fact["findings"] or "") else "costs are not complete"
    of: dict[str, Any] = {"denominator": people, "people": in_table["people"].people, "missing": why}
    pounds = round((fact["average_unit_cost"] or 0) * costed)
    cells = {
        "people": replace(in_table["people"], value=people, fact=same.get("people", "")),
        "baseline": Cell(baseline, people=fact["n_people_with_event"], most=fact["most_events"], fact=named["baseline"]),
        "costed": Cell(
            costed, people=fact["n_people_with_cost"], most=fact["most_events_with_cost"], fact=named["costed"]
        ),
        "uncosted": Cell(
            baseline - costed, people=fact["n_people_without_cost"], most=fact["most_events_without_cost"], fact=named["uncosted"]
        ),
        "pounds": Cell(pounds, people=fact["n_people_with_cost"], most=int(fact["cost_of_one_person"] or 0)),
        "compared": in_table["baseline"],
        "multiplier": Cell(wording.shortest(fact["multiplier"])),
        "additional": _pounds(fact["additional_cost"]),
        "unit_cost": Cell(wording.to_two_figures(fact["average_unit_cost"]), **of),
        "crimes": Cell(wording.to_two_figures(fact["break_even_crimes"]), **of),
        "per_person": Cell(wording.to_two_figures(fact["break_even_per_person"]), **of),
        "of_expected": Cell(wording.to_two_figures(fact["break_even_pct_of_expected"]), **of),
        "confidence": Cell(fact["confidence"], missing="no costs are known"),
        "findings": measures.findings(fact),
    }  # fmt: skip
    return Row(
        f"{fact['year']}:{fact['measure_id']}:{fact['measure_version']}:{fact['multiplier']}",
        fact["year"],
        cells,
        title or wording.plain_words(fact["measure_id"]).capitalize(),
        Context(fact["measure_id"], fact["measure_version"], data_cut=fact["data_cut"]),
    )


def _pounds(value: Any) -> Cell:
    return Cell(wording.rounded(value), missing="not complete")


def _cost_in_words(released: ReleasedTable) -> str:
    if not released.rows:
        return ""
    over = [row for row in released.rows if row.contexts["people"].maturity == "final"]
    row = (over or released.rows)[-1]
    cost = row.cells["additional"]
    was = "is not known, since a part of it is not configured" if cost.status == "missing" else f"was {cost.text} pounds"
    return (
        f"In {row.label} the programme's additional cost {was}{'' if over else ' for the whole year'}, with"
        f" {wording.counted(row.cells['people'], 'person', 'people')} managed{'' if over else ' so far'}."
        f" {_per_year(row.cells['per_year'])}"
    )


def _per_year(cost: Decision) -> str:
    if cost.status != "shown":
        why = "it is hidden for this audience" if cost.is_hidden else cost.text
        return f"What it cost to manage one person for a year cannot be given yet ({why})."
    return f"To manage one person for a year cost {cost.text} pounds."


def _break_even_in_words(released: ReleasedTable) -> str:
    known = [row for row in released.rows if row.cells["crimes"].value is not None]
    if not known:
        return NO_BREAK_EVEN if released.rows else ""
    row = next(row for row in known if row.label == known[-1].label)  # of the newest year, each crime found out once
    if wording.FINDINGS["costs_no_more"][0] in row.cells["findings"].text:
        return f"In {row.label} the programme cost no more than what it took the place of: it breaks even whatever it prevents."
    return (
        f"In {row.label} the programme's additional cost was as much as {row.cells['crimes'].text} crimes of the kinds that the"
        f" cohort is found to commit cost society ({row.group})."
        f" {_needed(row)} More crimes are committed than are found"
        " out: further rows take each one found out to stand for several, and the more, the fewer it takes."
    )


def _needed(row: ReleasedRow) -> str:
    """What it would take to break even, of the crimes expected of the cohort if nothing were done.

    The share has two figures, so that 104% is shown as 100%: whether it is more than all is the finding's to say.
    """
    of_expected = row.cells["of_expected"]
    if of_expected.value is None:
        return "How many of the crimes expected of the cohort that is cannot be given."
    if wording.FINDINGS["more_than_expected_crimes"][0] in row.cells["findings"].text:
        return "That is more than all the crimes expected of the cohort in the year: by these alone it could not break even."
    return (
        f"To break even it would have to prevent that many, which is {of_expected.text} of the crimes expected of the cohort in"
        " the year. This table cannot show whether it did."
    )
