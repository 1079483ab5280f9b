"""Alcohol: from screening to brief intervention, and who was arrested again within six and twelve months."""

from dataclasses import replace
from datetime import date

from iom_warehouse.disclosure import Cell, ReleasedRow, ReleasedTable, Row, Table
from iom_warehouse.reports import figures, ratios, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

EVERYONE = "all"
SCREENED = {
    "screened": "n_screened", "without_score": "n_without_score", "positive": "n_positive", "given": "n_brief_intervention",
    "not_said": "n_brief_intervention_not_known", "referred": "n_referred",
}  # fmt: skip
OF_ALL = ("known", "not_given", "negative")
CHAIN = (
    *figures.count_columns(
        screened="Screened", positive="Positive", without_score="Without a score", given="Given a brief intervention",
        not_said="Nobody says whether", referred="Positive and referred to treatment",
    ),
    *figures.share_columns("given", "known", "Given one, of those positive and known"),
    *(figures.unseen(name) for name in OF_ALL),
)  # fmt: skip
INTERVENTIONS = {
    "all": "All screened positive",
    "given": "Given a brief intervention",
    "not_given": "Not given one",
    "not_known": "Nobody says",
}
POSITIVE = {"positive": "n_positive", "not_followed": "n_not_followed", "followed": "n_followed", "again": "n_rearrested"}
SINCE = ("followed", "again")  # counts that the report of two quarters before has by six months
AGAIN = (
    *figures.count_columns(positive="Screened positive", followed="Followed", again="Arrested again"),
    *figures.share_columns("again", "followed", "Arrested again, of those followed"),
    *figures.count_columns(not_followed="Not followed"),
    *map(figures.unseen, ("free", "to_come", *(f"{name}_{when}" for name in SINCE for when in ("before", "since")))),
)  # fmt: skip


def drafts(source: Source, scope: Scope, section: str) -> list[Draft]:
    return [_chain(source, scope, section), _again(source, scope, section)]


def _chain(source: Source, scope: Scope, section: str) -> Draft:
    """Of the last quarter that has ended and has any; of a year, its quarters together."""
    of = source, "mart_dip", "alcohol_chain", scope, f"{figures.OF_AREA} and group_by = 'all' and tool = 'all'", "1"
    facts = figures.of_quarters(
        *of, key=("tool",), adding_up=tuple(SCREENED.values()), largest=("n_people_screened", "n_people_positive"), **scope.place
    )
    parts = figures.by_key(figures.quarters_of(*of, **scope.place), lambda _: EVERYONE)
    rows = tuple(_tool(fact) for fact in facts)
    ties = (
        *figures.add_up(rows, "screened", "positive", "negative", "without_score"),
        *figures.add_up(rows, "positive", "known", "not_said"), *figures.add_up(rows, "known", "given", "not_given"),
    )  # fmt: skip
    table = Table("alcohol_chain", "Screening for alcohol and brief interventions", CHAIN, rows, ties)
    table = figures.with_rests(table, ("referred", "positive"))
    return Draft(
        figures.made_of_parts(table, scope, parts, lambda fact: _tool(fact).cells, *SCREENED, *OF_ALL),
        section=section, meaning=lambda released: _chain_in_words(released, scope), source_systems=("dip",),
        row_heading="Screening tool",
        caveat="A screening is positive from the threshold of its tool on. Somebody screened twice is counted twice. A positive"
        " screening may be referred to treatment without a brief intervention.",
        when_empty=f"Nobody was screened for alcohol in {figures.sought_in(scope)}, or drug services have"
        " delivered nothing.",
    )  # fmt: skip


def _tool(fact: Fact) -> Row:
    known = int(fact["n_positive"] - fact["n_brief_intervention_not_known"])
    of_all = {
        "known": known, "not_given": known - fact["n_brief_intervention"],
        "negative": fact["n_screened"] - fact["n_positive"] - fact["n_without_score"],
    }  # fmt: skip
    names = SCREENED | {name: name for name in of_all}
    cells = figures.behind(fact | of_all, "n_screened", "n_people_screened", **names)
    cells["positive"] = Cell(int(fact["n_positive"]), people=int(fact["n_people_positive"]), fact=_name(fact, "positive"))
    shares = ratios.wilson(int(fact["n_brief_intervention"]), known)
    cells |= figures.share_cells(int(fact["n_brief_intervention"]), known, shares, "nothing is known", cells["known"].people)
    return Row(EVERYONE, "All tools", cells, context=figures.context(fact))


def _name(fact: Fact, name: str) -> str:
    """Of a count of a quarter's screenings, the same in both tables and, where no months matter, after six and after twelve."""
    within = "" if name in ("positive", "not_followed") else f" within {fact['horizon_months']} months"
    of = f"{fact.get('brief_intervention', EVERYONE)}, {fact['area_level']} {fact['area']}"
    return f"alcohol {name}{within}, {of}, {fact['period_start']} to {fact['period_end']}"


def _chain_in_words(released: ReleasedTable, scope: Scope) -> str:
    if not released.rows:
        return ""
    row = released.rows[0]
    cells = row.cells
    share = wording.in_brackets(cells["share"], "of those of whom it is known")
    return (
        f"{wording.counted(cells['screened'], 'screening for alcohol was', 'screenings for alcohol were')} made"
        f" {figures.when_in_quarters(row.contexts['screened'], scope)}. {cells['positive'].text} were positive, and after"
        f" {cells['given'].text} of"
        f" these a brief intervention was given{share}." + figures.so_far(row.contexts["screened"])
    )


def _again(source: Source, scope: Scope, section: str) -> Draft:
    """Of the newest quarter by the end of the period whose months are over, of six and of twelve each."""
    facts = source.mart(
        "mart_dip", "alcohol_rearrest",
        f"{figures.OF_AREA} and group_by = 'all' and status = 'final' and period_end <= %(last)s",
        "horizon_months, array_position(array['all', 'given', 'not_given', 'not_known'], brief_intervention)", last=scope.last,
        **scope.place,
    )  # fmt: skip
    by_months = [[fact for fact in facts if fact["horizon_months"] == months] for months in (6, 12)]
    shown = [figures.newest(of_months) for of_months in by_months]
    sooner = {_screened(fact): _given(fact) for fact in by_months[0]}
    rows = tuple(_beside(_given(fact), sooner.get(_screened(fact))) for of_months in shown for fact in of_months)
    ties = [
        *figures.add_up(rows, "positive", "followed", "not_followed", "to_come"),
        *figures.add_up(rows, "followed", "again", "free"),
    ]
    for name in SINCE:
        rows, steps = figures.with_steps(rows, name, f"{name}_before", f"{name}_since")
        ties += steps
    for of_months in shown:
        keys = [_key(fact) for fact in of_months]
        parts = [row for row in rows if row.key in keys[1:]]
        ties += figures.total_of(keys[0], parts, (*POSITIVE, "free", "to_come")) if keys else ()
    return Draft(
        Table("alcohol_rearrest", "Arrested again after a positive screening for alcohol", AGAIN, rows, tuple(ties)),
        section=section, meaning=_again_in_words, source_systems=("dip", "police"), row_heading="Brief intervention",
        caveat="Given and not given stand beside each other and are no effect of the intervention: who is given one was"
        " chosen. Only who consents to sharing and is known to the police is followed; an arrest is no proof of an offence.",
        when_empty="There is no quarter yet after whose screenings six months are over, or nobody was screened positive, or drug"
        " services or the police have delivered nothing.",
    )  # fmt: skip


def _key(fact: Fact) -> str:
    return f"{fact['horizon_months']}:{fact['brief_intervention']}"


def _screened(fact: Fact) -> tuple[date, str]:
    return fact["period_start"], fact["brief_intervention"]


def _beside(row: Row, sooner: Row | None) -> Row:
    """A row of twelve months with what the same quarter's had after six: the board holds both, though in two reports."""
    if sooner is None or sooner.key == row.key:
        return row
    return replace(row, cells={**row.cells, **{f"{name}_before": sooner.cells[name] for name in SINCE}})


def _given(fact: Fact) -> Row:
    free, to_come = fact["n_followed"] - fact["n_rearrested"], fact["n_not_matured"]
    cells = figures.behind(
        fact | {"free": free, "to_come": to_come}, "n_positive", "n_clients", **POSITIVE, free="free", to_come="to_come"
    )
    cells = {name: replace(cell, fact=_name(fact, name)) for name, cell in cells.items()}
    shares = fact["share_rearrested"], fact["ci_low"], fact["ci_high"]
    cells |= figures.share_cells(
        int(fact["n_rearrested"]), int(fact["n_followed"]), shares, "nobody was followed", cells["followed"].people
    )
    group = f"Within {fact['horizon_months']} months, screened from {wording.days(fact['period_start'], fact['period_end'])}"
    return Row(_key(fact), INTERVENTIONS[fact["brief_intervention"]], cells, group, figures.context(fact))


def _again_in_words(released: ReleasedTable) -> str:
    return " ".join(_sentence(row) for row in released.rows if row.key.endswith(f":{EVERYONE}"))


def _sentence(row: ReleasedRow) -> str:
    cells, context = row.cells, row.contexts["followed"]
    share = wording.in_brackets(cells["share"])
    return (
        f"Within {row.key.partition(':')[0]} months {cells['again'].text} of {wording.of_the(cells['followed'])} followed were"
        f" arrested again{share}, of those screened positive from {wording.days(context.period_start, context.period_end)}."
    )
