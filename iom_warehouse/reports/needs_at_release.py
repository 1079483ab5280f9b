"""People who left prison, and those who will: which needs are open, and where they went to live. Short sentences stand apart."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from iom_warehouse.disclosure import Cell, ReleasedRow, ReleasedTable, Row, Table, Tie
from iom_warehouse.reports import figures, ratios, releases, wording
from iom_warehouse.reports.drafts import Draft
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

NEEDS = {
    "accommodation": "Accommodation", "alcohol": "Alcohol use", "drugs": "Drug use",
    "drugs_and_alcohol": "Drugs and alcohol together", "ete": "Education, training and employment",
    "health": "Health", "finance": "Finance, benefit and debt", "family": "Children and families",
    "attitudes": "Attitudes, thinking and behaviour", "abuse": "Abuse (women)", "sex_work": "Sex work (women)",
}  # fmt: skip
SENTENCES = {
    "all": "All releases", "under_12_months": "Sentences of under 12 months",
    "others": "Longer sentences, none, or of unknown length",
}  # fmt: skip
DUE = "due"
# Some sources tell them apart. A need of one is one of the first; looked at for one is not looked at for both.
TOGETHER, APART = "drugs_and_alcohol", ("alcohol", "drugs")
IN_PLANNED = "in the table of planned releases"
OF_ITS_GROUP = (
    "(group_by = 'all' and need not in ('abuse', 'sex_work')"
    " or group_by = 'sex' and group_value = 'F' and need in ('abuse', 'sex_work'))"
)
SHORT = "under_12_months"
OPEN = {"assessed": "n_assessed", "not_assessed": "n_not_assessed", "open": "n_open"}
NOT_KNOWN = "n_not_known"
OPEN_COLUMNS = (
    *figures.count_columns(releases="Releases", assessed="Looked at for the need", open="With the need open"),
    *figures.share_columns("open", "known", "Open, of those known"),
    *figures.count_columns(not_assessed="Nobody looked"),
    *(figures.unseen(name) for name in ("known", "met", "due", "due_not_assessed")),
)  # fmt: skip
KINDS = {"settled": "n_settled", "temporary": "n_temporary", "none": "n_none", "unknown": "n_unknown"}
HOMES = (
    *figures.count_columns(
        releases="Releases", settled="To settled accommodation", temporary="To temporary accommodation",
        none="Without accommodation", unknown="Not known",
    ),
    *figures.share_columns("settled", "known", "Settled, of those known"),
    figures.unseen("known"), figures.unseen("unsettled"),
)  # fmt: skip


def drafts(source: Source, scope: Scope, section: str) -> list[Draft]:
    """Of the last quarter that has ended and has any, or of a year's quarters together; and of the day of the build on."""
    return [_needs(source, scope, section), _accommodation(source, scope, section)]


def _facts(
    source: Source, scope: Scope, mart: str, condition: str, order: str, key: tuple[str, ...], adding_up: Iterable[str]
) -> tuple[list[Fact], list[Fact]]:
    """All releases, those after a short sentence, and the others; and, of a year, the same of its quarters."""
    whom = f"population = 'everybody' and sentence_group in ('all', '{SHORT}') and {condition} and {figures.OF_AREA}"
    of = source, "mart_needs", mart, scope, whom, f"sentence_group <> 'all', {order}"
    facts = figures.of_quarters(
        *of, key=("sentence_group", *key), adding_up=("n_releases", *adding_up), largest=("n_people",), **scope.place
    )
    quarters = figures.by_key(figures.quarters_of(*of, **scope.place), lambda fact: str(fact["period_start"]))
    return _with_others(facts), [fact for _, of_quarter in sorted(quarters.items()) for fact in _with_others(of_quarter)]


def _with_others(facts: list[Fact]) -> list[Fact]:
    """Of one period, the others beside them, which are the difference of both."""
    everybody = {fact.get("need"): fact for fact in facts if fact["sentence_group"] == "all"}
    short = [fact for fact in facts if fact["sentence_group"] == SHORT]
    others = [_without(everybody[fact.get("need")], fact) for fact in short]
    return [*facts, *(other for other in others if other["n_releases"])]


def _without(whole: Fact, part: Fact) -> Fact:
    """The counts of the other releases; the people of them are as many at least, and more where some had a short one too."""
    counts = {name: whole[name] - part[name] for name in whole if name.startswith("n_")}
    people = max(counts["n_people"], min(counts["n_releases"], 1))
    return whole | counts | {"n_people": people, "sentence_group": "others"}


def _needs(source: Source, scope: Scope, section: str) -> Draft:
    condition = f"source = 'any' and {OF_ITS_GROUP}"
    facts, quarters = _facts(
        source,
        scope,
        "need_at_release",
        f"kind = 'released' and {condition}",
        "need_order",
        ("need",),
        (*OPEN.values(), NOT_KNOWN),
    )
    parts = figures.by_key(quarters, lambda fact: _need(fact).key)
    due = _facts_of_due(source, scope, condition)
    table = _table(tuple(_need(fact) for fact in facts), due, releases.planned(source, scope))
    parts_of_all = {row.key: [row.key.replace(TOGETHER, need) for need in APART] for row in table.rows if TOGETHER in row.key}
    table = figures.with_overlapping_parts(table, parts_of_all, "open")
    return Draft(
        figures.made_of_parts(table, scope, parts, lambda fact: _need(fact).cells, "releases", *OPEN, "known", "met"),
        section=section, meaning=lambda released: _needs_in_words(released, scope), row_heading="Need",
        source_systems=("prison",), asked_of=("probation", "hub", "dip"),
        caveat="A need is open when the prison has not met it, or the last assessment that counts on the day of release finds"
        " it. Alcohol and drugs apart are what probation and drug services found, as the prison and the hub do not tell them"
        " apart; together are all, and nobody is without the need of whom only one of the two is known. Whoever nobody looked"
        " at is in no share and need not be without the need. Somebody released twice is two releases.",
        when_empty=f"There are no needs at release: nobody left prison in {figures.sought_in(scope)}, or the"
        " prisons have delivered nothing.",
    )  # fmt: skip


def _table(gone: tuple[Row, ...], due: list[Fact], planned: Mapping[str, Cell]) -> Table:
    going = tuple(_due(fact, planned) for fact in due)
    rows = (*gone, *going)
    ties = (
        *figures.add_up(gone, "releases", "assessed", "not_assessed"), *figures.add_up(rows, "known", "open", "met"),
        *figures.add_up(going, "due", "assessed", "due_not_assessed"),
        *_by_sentence(gone, ("releases", *OPEN)), *_by_sentence(going, ("due", "assessed", "due_not_assessed", "open")),
    )  # fmt: skip
    table = Table("need_at_release", "Needs still open when people left prison", OPEN_COLUMNS, rows, ties)
    return figures.with_rests(table, ("known", "assessed"))


def _facts_of_due(source: Source, scope: Scope, condition: str) -> list[Fact]:
    if figures.is_long_over(scope, source):
        return []
    return _with_others(source.mart(
        "mart_needs", "need_at_release",
        f"kind = '{DUE}' and sentence_group in ('all', '{SHORT}') and population = 'everybody' and {condition}"
        f" and {figures.OF_AREA} and period_start = %(today)s", "sentence_group <> 'all', need_order", today=source.business_date,
        **scope.place,
    ))  # fmt: skip


def _due(fact: Fact, planned: Mapping[str, Cell]) -> Row:
    """How many will be released stands in another table, by the calendar, so that whom nobody looked at can be worked out.

    `planned`: the counts there by kind of sentence, which are of the same releases where they are the same.
    """
    row = _need(fact)
    due = Cell(int(fact["n_releases"]), people=int(fact["n_people"]))
    of_calendar = planned.get(fact["sentence_group"])
    if of_calendar and fact["group_by"] == "all" and due.value == of_calendar.value:
        due = replace(due, fact=of_calendar.fact)
    unseen = {"due": due, "due_not_assessed": row.cells["not_assessed"]}
    untold = dict.fromkeys(("releases", "not_assessed"), Cell(missing=IN_PLANNED))
    cells = {**row.cells, **unseen, **untold}
    is_all = fact["sentence_group"] == "all"
    key = f"{DUE}:{fact['need']}" if is_all else f"{DUE}:{row.key}"
    group = "To be released in the next 90 days" + ("" if is_all else f": {row.group[:1].lower()}{row.group[1:]}")
    return replace(row, key=key, cells=cells, group=group)


def _need(fact: Fact) -> Row:
    known = int(fact["n_assessed"] - fact[NOT_KNOWN])
    counted = fact | {"known": known, "met": known - fact["n_open"]}
    people = figures.at_least(known, int(fact["n_releases"]), int(fact["n_people"]))
    shares = ratios.wilson(int(fact["n_open"]), known)
    cells = {"releases": _releases(fact)}
    cells |= figures.behind(counted, "n_releases", "n_people", **OPEN, known="known", met="met")
    cells |= figures.share_cells(int(fact["n_open"]), known, shares, "nothing is known", people)
    key = f"{fact['sentence_group']}:{fact['need']}"
    return Row(key, NEEDS[fact["need"]], cells, SENTENCES[fact["sentence_group"]], figures.context(fact))


def _releases(fact: Fact) -> Cell:
    """The same count in every row of a kind of sentence, and in both tables."""
    who = "" if fact["group_by"] == "all" else f" {fact['group_by']} {fact['group_value']}"
    place = f"{fact['area_level']} {fact['area']}, {fact['period_start']} to {fact['period_end']}"
    return Cell(int(fact["n_releases"]), people=int(fact["n_people"]), fact=f"releases {fact['sentence_group']}{who}, {place}")


def _by_sentence(rows: Iterable[Row], columns: tuple[str, ...]) -> list[Tie]:
    """Releases after a short sentence and the others are all releases."""
    of_kind: dict[str, dict[str, str]] = {}  # keys by need and kind of sentence
    for row in rows:
        kind, _, need = row.key.removeprefix(f"{DUE}:").rpartition(":")
        of_kind.setdefault(need, {})[kind or "all"] = row.key
    found = []
    for keys in of_kind.values():
        parts = [keys[kind] for kind in (SHORT, "others") if kind in keys]
        if "all" in keys and parts:
            found += [Tie(((keys["all"], column),), tuple((part, column) for part in parts)) for column in columns]
    return found


def _needs_in_words(released: ReleasedTable, scope: Scope) -> str:
    of_short = [row for row in released.rows if row.key.startswith("under_12_months:")]
    rows = of_short or list(released.rows)
    known = [row for row in rows if row.cells["share"].value is not None and not row.key.startswith(f"{DUE}:")]
    if not known:
        return "No share can be given." if released.rows else ""
    first = rows[0]
    whom = " after a sentence of under 12 months" if of_short else ""
    return (
        f"{wording.counted(first.cells['releases'], 'release', 'releases')}{whom}"
        f" {figures.when_in_quarters(first.contexts['releases'], scope)}:"
        f" {wording.listed([_named(row) for row in known[:3]])}." + figures.so_far(first.contexts["releases"])
    )


def _named(row: ReleasedRow) -> str:
    cells = row.cells
    return f"{row.label.lower()} was an open need of {cells['open'].text} ({cells['share'].text} of those known)"


def _accommodation(source: Source, scope: Scope, section: str) -> Draft:
    facts, quarters = _facts(source, scope, "release_accommodation", "group_by = 'all'", "1", (), KINDS.values())
    parts = figures.by_key(quarters, lambda fact: str(fact["sentence_group"]))
    rows = tuple(_home(fact) for fact in facts)
    ties = (
        *figures.add_up(rows, "releases", *KINDS), *figures.add_up(rows, "known", "settled", "unsettled"),
        *figures.total_of("all", rows[1:], ("releases", *KINDS)),
    )  # fmt: skip
    table = Table("release_accommodation", "Where people went to live when they left prison", HOMES, rows, ties)
    return Draft(
        figures.made_of_parts(table, scope, parts, lambda fact: _home(fact).cells, "releases", *KINDS, "known", "unsettled"),
        section=section, meaning=lambda released: _homes_in_words(released, scope), row_heading="Sentence",
        source_systems=("prison",),
        caveat="It is what the prison wrote down on the day. Settled is no promise that it lasted, and not known is no word for"
        " none.",
        when_empty=f"Nobody left prison in {figures.sought_in(scope)}, or the prisons have delivered nothing.",
    )  # fmt: skip


def _home(fact: Fact) -> Row:
    known = int(fact["n_releases"] - fact["n_unknown"])
    counted = fact | {"known": known, "unsettled": known - fact["n_settled"]}
    people = figures.at_least(known, int(fact["n_releases"]), int(fact["n_people"]))
    shares = ratios.wilson(int(fact["n_settled"]), known)
    cells = {"releases": _releases(fact)}
    cells |= figures.behind(counted, "n_releases", "n_people", **KINDS, known="known", unsettled="unsettled")
    cells |= figures.share_cells(int(fact["n_settled"]), known, shares, "nothing is known", people)
    return Row(fact["sentence_group"], SENTENCES[fact["sentence_group"]], cells, context=figures.context(fact))


def _homes_in_words(released: ReleasedTable, scope: Scope) -> str:
    if not released.rows:
        return ""
    row = released.rows[0]
    cells = row.cells
    share = wording.in_brackets(cells["share"], "of those known")
    when = figures.when_in_quarters(row.contexts["releases"], scope)
    return (
        f"Of {wording.counted(cells['releases'], 'release', 'releases')} {when}"
        f" {cells['settled'].text} were to settled accommodation{share}, {cells['none'].text} to none, and of"
        f" {cells['unknown'].text} nobody knows." + figures.so_far(row.contexts["releases"])
    )
