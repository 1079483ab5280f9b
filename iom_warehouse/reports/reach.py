"""How far the data of each feed reach: no table shows a row of months that its data have not reached, and each says so.

Marts give every period up to the business date a row, and every month end a stock. Where a feed's data end before the month in
which such a row begins, it is the last that was known under a new date, or nought: nobody knows. Of a feed never delivered
every count is nought: a table that needs it has no row at all. So the rule is here, once, for the tables of all sections.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from iom_warehouse.disclosure import Cell, Context, ReleasedTable, Table
from iom_warehouse.reports import known, wording
from iom_warehouse.reports.drafts import Draft, nothing
from iom_warehouse.reports.scope import Scope, months
from iom_warehouse.reports.source import Fact, Source

NEVER = """
    select v.feed, case when count(d.*) = 0 then 'have never been delivered'
        when bool_and(d.was_refused) then 'were refused each time they came'
        else 'have come, but were not checked in time' end as why
    from audit.build_vintage v left join known d using (feed)
    where v.build_id = %(build)s and v.state = 'absent' group by v.feed
"""
REACHED = """
    select feed, least(business_date, %(today)s) as day from audit.build_vintage
    where build_id = %(build)s and business_date is not null
"""
WHOSE = {
    "hub": "The hub's data", "police": "The police's data", "prison": "The prisons' data", "probation": "Probation's data",
    "dip": "The data of drug services",
}  # fmt: skip
LACKING_PEOPLE = "people who enter a cohort only by them are not counted."
LACKING_WORDS = "what only they would tell is not counted."
MORE_THAN_A_MONTH = timedelta(days=31)  # after the first of a month: a day of the next one


def of_build(source: Source) -> dict[str, date]:
    """The day that the data of each feed reach to; a feed of which nothing was taken is absent."""
    rows = source.rows(REACHED, build=source.build_id, today=source.business_date)
    return {row["feed"]: row["day"] for row in rows}


def never_delivered(source: Source) -> dict[str, str]:
    """The feeds with a contract of which this build has no row at all, and why."""
    return {row["feed"]: row["why"] for row in known.rows(source, NEVER)}


def told(draft: Draft, never: Mapping[str, str]) -> Draft:
    """The draft without rows, and with a sentence in their place, where feeds that it needs are among those `never` delivered.

    Where the people of a cohort come from several feeds and some were delivered, it keeps its rows and says whom it lacks; and
    where several tell of the same, what.
    """
    if not (silent := missing(draft, never)):
        some = _of_some(draft, [feed for feed in draft.people_from if feed in never], never, LACKING_PEOPLE)
        some = _of_some(some, [feed for feed in draft.asked_of if feed in never], never, LACKING_WORDS)
        return _without_columns(some, [feed for feed in draft.columns_from if feed in never], never)
    sentences = _untold(silent, never)
    table = replace(draft.table, rows=(), ties=(), groupings=())
    return replace(draft, table=table, headline=nothing, when_empty=" ".join(sentences), unreached=sentences)


def _untold(feeds: Sequence[str], never: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{_whose(feed)} {never[feed]}: no figure that needs them is given." for feed in feeds)


def missing(draft: Draft, never: Mapping[str, str]) -> list[str]:
    """The feeds among those `never` delivered without which the draft has no figure to give, each once."""
    silent = [feed for feed in draft.source_systems if feed in never]
    if draft.people_from and all(feed in never for feed in draft.people_from):
        silent += draft.people_from
    return list(dict.fromkeys(silent))


def _of_some(draft: Draft, feeds: Sequence[str], never: Mapping[str, str], lacking: str) -> Draft:
    if not feeds:
        return draft
    sentences = tuple(f"{_whose(feed)} {never[feed]}: {lacking}" for feed in feeds)
    return replace(draft, meaning=_with(draft, sentences), unreached=(*draft.unreached, *sentences))


def _without_columns(draft: Draft, feeds: Sequence[str], never: Mapping[str, str]) -> Draft:
    """The draft without the figures of columns that need these feeds: noughts of what nobody delivered."""
    if not feeds:
        return draft
    unknown = dict.fromkeys((name for feed in feeds for name in draft.columns_from[feed]), Cell(missing="not delivered"))
    table = replace(draft.table, rows=tuple(replace(row, cells={**row.cells, **unknown}) for row in draft.table.rows))
    others = {feed: names for feed, names in draft.columns_from.items() if feed not in feeds}
    sentences = _untold(feeds, never)
    return replace(
        draft, table=table, columns_from=others, meaning=_with(draft, sentences), unreached=(*draft.unreached, *sentences)
    )


def _with(draft: Draft, sentences: Sequence[str]) -> Callable[[ReleasedTable], str]:
    """What the table means, and then some sentences."""
    return lambda released: " ".join(filter(None, (draft.meaning(released), *sentences)))


def known_on(context: Context) -> date | None:
    """The day that a stock is really of: the last of its period, or the one that the data reach to before that."""
    return min(filter(None, (context.period_end, context.data_cut)), default=None)


def last_known(facts: Sequence[Fact]) -> list[Fact]:
    """Of stocks (with `as_on` and `data_cut`) those of the last day whose month the data reach."""
    reached = [fact for fact in facts if fact["data_cut"] is None or fact["data_cut"] >= _month(fact["as_on"])]
    last = max((fact["as_on"] for fact in reached), default=None)
    return [fact for fact in reached if fact["as_on"] == last]


def limited(draft: Draft, scope: Scope, reached: Mapping[str, date], today: date) -> Draft:
    """The draft without rows of months of the period that the data have not reached, and with a sentence for each such feed.

    The sentence stands in place of a table without rows, else behind what the table means. `today`: the business date; what is
    planned for later days was known then.
    """
    due = _month(min(scope.last, today))
    behind = {feed: reached[feed] for feed in (*draft.source_systems, *draft.asked_of) if reached.get(feed, due) < due}
    if not behind:
        return draft
    sentences = tuple(_sentence(feed, day, scope, today) for feed, day in behind.items())
    table = _known(draft.table, scope, today)
    is_whole = len(table.rows) == len(draft.table.rows)
    is_nothing_known = not is_whole or min(behind.values()) < scope.first
    return replace(
        draft, table=table, meaning=_with(draft, sentences), headline=draft.headline if is_whole else nothing,
        when_empty=" ".join(sentences if is_nothing_known else (draft.when_empty, *sentences)),
        unreached=(*draft.unreached, *sentences),
    )  # fmt: skip


def _sentence(feed: str, day: date, scope: Scope, today: date) -> str:
    after = _month(day) + MORE_THAN_A_MONTH
    untold = scope.period.in_words if day < scope.first else months(after, min(scope.last, today))
    return f"{_whose(feed)} reach to {wording.day(day)}: they tell nothing of {untold}."


def _whose(feed: str) -> str:
    return WHOSE.get(feed, f"The data of the feed {feed}")


def _known(table: Table, scope: Scope, today: date) -> Table:
    """The table without the rows, the sums and the groups of what its data have not reached."""
    rows = tuple(row for row in table.rows if not _pretends(row.context, scope, today))
    keys = {row.key for row in rows}
    ties = tuple(tie for tie in table.ties if keys.issuperset(key for key, _ in tie.places))
    groupings = tuple(
        replace(one, blocks=tuple(tuple(key for key in block if key in keys) for block in one.blocks)) for one in table.groupings
    )
    return replace(table, rows=rows, ties=ties, groupings=groupings)


def _pretends(context: Context, scope: Scope, today: date) -> bool:
    """Whether a row is of days from the beginning of the period on, and its data do not reach the month that it begins in."""
    begins, reach = context.period_start, context.data_cut
    return begins is not None and reach is not None and begins >= scope.first and reach < _month(min(begins, today))


def _month(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)
