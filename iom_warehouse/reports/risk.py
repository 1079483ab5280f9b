"""Risk: how the caseload spreads over red, amber and green, and who moved between them."""

from collections.abc import Sequence
from datetime import date, timedelta

from iom_warehouse.disclosure import Cell, Column, Context, ReleasedTable, Row, Table, Tie
from iom_warehouse.reports import caseload, figures, ratios, reach, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import MONTHS, Scope
from iom_warehouse.reports.source import Fact, Source

SECTION = "risk"
RISKS = {"red": "Red", "amber": "Amber", "green": "Green", "prison": "In prison", "not_rated": "Not rated"}
ELSEWHERE = "not_on_caseload"
ENDS = {**RISKS, ELSEWHERE: "Not on the caseload"}
AT_END = "at_end"
WHEN_EMPTY = "There are no figures of risk: the partnership's hub has not delivered ratings of people on the caseload."
CAVEAT = (
    "A rating is a judgement that decides how closely somebody is worked with; it is no count of offences. Fewer people rated red"
    " can mean that they offend less, that they were sent to prison, or that they were rated in another way."
)
EVERYONE = f"scheme = 'any' and {figures.OF_AREA}"


def drafts(source: Source, scope: Scope) -> list[Draft]:
    """The spread at the month ends of a year; the period risk by risk; and who moved from which to which.

    Of a year there is the spread only: where somebody was before it and at its end does not follow from its quarters. Of an area
    nearly all moves are of so few people that only the spread and its change are given.
    """
    if scope.period.kind == "year":
        return [_spread(source, scope)]
    of_period = f"{EVERYONE} and period_kind = %(kind)s and period_start = %(first)s"
    of = {"kind": scope.period.kind, "first": scope.first, **scope.place}
    changes = source.mart("mart_partnership", "risk_change", of_period, "risk", **of)
    changes.sort(key=lambda fact: list(RISKS).index(fact["risk"]))
    moves = source.mart("mart_partnership", "risk_transition", of_period, "risk_from, risk_to", **of)
    moved = {(fact["risk_from"], fact["risk_to"]): int(fact["n_people"]) for fact in moves}
    transitions = [_transitions(scope, changes, moved)] if scope.area.is_whole else []
    return [_spread(source, scope), _change(scope, changes, moved), *transitions]


def _on(scope: Scope, risk: str, day: date) -> str:
    """The name of the count of people of a risk on a day, wherever it stands."""
    return scope.of_area(f"risk {risk} on {day}")


def _spread(source: Source, scope: Scope) -> Draft:
    facts = source.mart(
        "mart_partnership", "risk_spread",
        f"{EVERYONE} and as_on <= %(last)s and as_on > %(last)s - make_interval(months => %(months)s)", "as_on",
        last=scope.last, months=caseload.MONTHS_SHOWN if scope.area.is_whole else MONTHS[scope.period.kind], **scope.place,
    )  # fmt: skip
    by_day: dict[date, list[Fact]] = {}
    for fact in facts:
        by_day.setdefault(fact["as_on"], []).append(fact)
    rows = tuple(_day(scope, day, of_day) for day, of_day in by_day.items())
    columns = (
        *figures.count_columns(**RISKS, caseload="On the caseload"),
        *figures.share_columns("red", "caseload", "Share rated red"),
    )
    return Draft(
        Table("risk_spread", f"Spread of risk at the end of each month, {scope.everyone}", columns, rows,
              figures.add_up(rows, "caseload", *RISKS)),
        section=SECTION, meaning=_spread_in_words, headline=_spread_in_words, caveat=CAVEAT, when_empty=WHEN_EMPTY,
        source_systems=("hub", "prison"), row_heading="Day",
    )  # fmt: skip


def _day(scope: Scope, day: date, facts: Sequence[Fact]) -> Row:
    people = int(facts[0]["n_caseload"])
    cells = {fact["risk"]: Cell(int(fact["n_people"]), fact=_on(scope, fact["risk"], day)) for fact in facts}
    red = next(fact for fact in facts if fact["risk"] == "red")
    cells["caseload"] = Cell(people, fact=figures.on_caseload("any", scope.area.level, scope.area.code, day))
    cells |= figures.share_cells(
        int(red["n_people"]), people, ratios.wilson(red["n_people"], people), "nobody was on the caseload"
    )
    maturity = "final" if red["is_complete"] else "provisional"
    context = Context(period_start=day, period_end=day, data_cut=red["data_cut"], maturity=maturity)
    return Row(str(day), wording.day(reach.known_on(context)), cells, context=context)


def _change(scope: Scope, facts: Sequence[Fact], moved: dict[tuple[str, str], int]) -> Draft:
    rows = tuple(_risk(scope, fact, moved) for fact in facts)
    columns = (
        *figures.count_columns(
            opening=f"Before the {scope.period.kind}", stayed="In it before and at the end", came="Came into it", went="Left it",
            closing="At the end",
        ),
        Column("change", "Change", "rate", wording.change, ("opening", "closing"), ("closing", "opening")),
    )  # fmt: skip
    ties = (*figures.add_up(rows, "opening", "stayed", "went"), *figures.add_up(rows, "closing", "stayed", "came"))
    return Draft(
        Table("risk_change", f"Change of risk in the {scope.period.kind}, {scope.everyone}", columns, rows, ties),
        section=SECTION,
        meaning=lambda released: _change_in_words(released, scope),
        caveat=CAVEAT,
        when_empty=WHEN_EMPTY,
        source_systems=("hub", "prison"),
        row_heading="Risk",
    )


def _risk(scope: Scope, fact: Fact, moved: dict[tuple[str, str], int]) -> Row:
    risk, opening = fact["risk"], int(fact["n_opening"])
    cells = figures.counts(fact, came="n_came", went="n_went") | {
        "opening": Cell(opening, fact=_on(scope, risk, fact["period_start"] - timedelta(days=1))),
        "stayed": Cell(moved.get((risk, risk), 0), fact=_stayed(scope, risk, fact)),
        "closing": Cell(int(fact["n_closing"]), fact=_on(scope, risk, fact["period_end"])),
        "change": Cell(
            wording.rounded(fact["pct_change"]), numerator=int(fact["n_closing"]), denominator=opening,
            missing="nobody was in it before", says=ratios.only_value(ratios.change_from(1)),
        ),
    }  # fmt: skip
    return Row(risk, RISKS[risk], cells, context=figures.context(fact))


def _stayed(scope: Scope, risk: str, fact: Fact) -> str:
    return scope.of_area(f"risk {risk} from {fact['period_start']} to {fact['period_end']}")


def _transitions(scope: Scope, facts: Sequence[Fact], moved: dict[tuple[str, str], int]) -> Draft:
    """From each risk (a row) to each (a column). What stands in the margins is what the tables before have."""
    rows = tuple(_from(scope, before, facts, moved) for before in ENDS) if facts else ()
    at_end = {fact["risk"]: Cell(int(fact["n_closing"]), fact=_on(scope, fact["risk"], fact["period_end"])) for fact in facts}
    if facts:
        rows += (Row(AT_END, "At the end", at_end | _margins(), context=figures.context(facts[0])),)
    columns = figures.count_columns(**{risk: f"To {_place(risk)}" for risk in ENDS}, opening=f"Before the {scope.period.kind}")
    ties = (
        *(Tie(((risk, "opening"),), tuple((risk, after) for after in ENDS)) for risk in RISKS),
        *(Tie(((AT_END, risk),), tuple((before, risk) for before in ENDS)) for risk in RISKS),
    )
    return Draft(
        Table(
            "risk_transition",
            f"Who moved from which risk to which in the {scope.period.kind}, {scope.everyone}",
            columns,
            rows,
            ties,
        ),
        section=SECTION,
        meaning=lambda _: (
            f"Each row is where people were before the {scope.period.kind}, each column where they were at its end. What"
            " happened to somebody in between is not in the table."
        ),
        caveat=CAVEAT,
        when_empty=WHEN_EMPTY,
        charts=("risk_moves",),
        source_systems=("hub", "prison"),
        row_heading="From which risk",
    )


def _from(scope: Scope, before: str, facts: Sequence[Fact], moved: dict[tuple[str, str], int]) -> Row:
    of_risk = next((fact for fact in facts if fact["risk"] == before), None)
    cells = {after: Cell(moved.get((before, after), 0)) for after in ENDS}
    if of_risk is None:
        return Row(before, f"From {_place(before)}", cells | _margins(), context=figures.context(facts[0]))
    cells[before] = Cell(moved.get((before, before), 0), fact=_stayed(scope, before, of_risk))
    cells["opening"] = Cell(int(of_risk["n_opening"]), fact=_on(scope, before, of_risk["period_start"] - timedelta(days=1)))
    return Row(before, f"From {_place(before)}", cells, context=figures.context(of_risk))


def _place(risk: str) -> str:
    return {"prison": "prison", ELSEWHERE: "outside the caseload"}.get(risk, ENDS[risk].lower())


def _margins() -> dict[str, Cell]:
    """Whoever is on the caseload at neither end is nobody's to count."""
    return {ELSEWHERE: Cell(missing="not counted"), "opening": Cell(missing="not counted")}


def _spread_in_words(released: ReleasedTable) -> str:
    if not released.rows:
        return ""
    row = released.rows[-1]
    share = f", {row.cells['share'].text} of" if row.cells["share"].value is not None else " of"
    return (
        f"On {row.label} {wording.counted(row.cells['red'], 'person was', 'people were')} rated red{share}"
        f" {wording.of_the(row.cells['caseload'])} on the caseload;"
        f" {row.cells['amber'].text} were amber, {row.cells['green'].text} green, {row.cells['prison'].text} in prison and"
        f" {row.cells['not_rated'].text} not rated." + figures.so_far(row.contexts["caseload"])
    )


def _change_in_words(released: ReleasedTable, scope: Scope) -> str:
    red = next((row for row in released.rows if row.key == "red"), None)
    if red is None:
        return ""
    return (
        f"{wording.counted(red.cells['stayed'], 'person was', 'people were')} rated red before the"
        f" {scope.period.kind} and at its end;"
        f" {red.cells['came'].text} came to be rated red or joined as such, {red.cells['went'].text} are rated red no more or"
        " left the caseload." + figures.so_far(red.contexts["closing"])
    )
