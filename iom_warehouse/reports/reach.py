"""How far the data of each feed reach: no table shows a row of a period that its data have not reached, and each says so.

Marts give every period up to the business date a row. Where a feed's data end before the period begins, such a row is the last
that was known under a new date, or nought: nobody knows. So the rule is here, once, for the tables of all sections.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from iom_warehouse.disclosure import Context, ReleasedTable, Table
from iom_warehouse.reports import wording
from iom_warehouse.reports.drafts import Draft, nothing
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Source

REACHED = """
    select feed, least(business_date, %(today)s) as day from audit.build_vintage
    where build_id = %(build)s and business_date is not null
"""
WHOSE = {
    "hub": "The hub's data", "police": "The police's data", "prison": "The prisons' data", "probation": "Probation's data",
    "dip": "The data of drug services",
}  # fmt: skip


def of_build(source: Source) -> dict[str, date]:
    """The day that the data of each feed reach to; a feed that was never delivered is absent."""
    rows = source.rows(REACHED, build=source.build_id, today=source.business_date)
    return {row["feed"]: row["day"] for row in rows}


def known_on(context: Context) -> date | None:
    """The day that a stock is really of: the last of its period, or the one that the data reach to before that."""
    return min(filter(None, (context.period_end, context.data_cut)), default=None)


def limited(draft: Draft, scope: Scope, reached: Mapping[str, date]) -> Draft:
    """The draft without rows that begin in the period where the data end before it, and with a sentence for each such feed.

    The sentence stands in place of a table without rows, else behind what the table means.
    """
    behind = {feed: reached[feed] for feed in draft.source_systems if reached.get(feed, scope.first) < scope.first}
    if not behind:
        return draft
    sentences = tuple(_sentence(feed, day, scope) for feed, day in behind.items())
    table = _known(draft.table, scope)
    is_whole = len(table.rows) == len(draft.table.rows)

    def meaning(released: ReleasedTable) -> str:
        return " ".join(filter(None, (draft.meaning(released), *sentences)))

    return replace(
        draft, table=table, meaning=meaning, headline=draft.headline if is_whole else nothing, when_empty=" ".join(sentences),
        unreached=sentences,
    )  # fmt: skip


def _sentence(feed: str, day: date, scope: Scope) -> str:
    whose = WHOSE.get(feed, f"The data of the feed {feed}")
    return f"{whose} reach to {wording.day(day)}: they tell nothing of {scope.period.in_words}."


def _known(table: Table, scope: Scope) -> Table:
    """The table without the rows, the sums and the groups of what its data have not reached."""
    rows = tuple(row for row in table.rows if not _pretends(row.context, scope))
    keys = {row.key for row in rows}
    ties = tuple(tie for tie in table.ties if keys.issuperset(key for key, _ in tie.places))
    groupings = tuple(
        replace(one, blocks=tuple(tuple(key for key in block if key in keys) for block in one.blocks)) for one in table.groupings
    )
    return replace(table, rows=rows, ties=ties, groupings=groupings)


def _pretends(context: Context, scope: Scope) -> bool:
    """Whether a row is of days from the beginning of the period on, of which its data know nothing."""
    begins, reach = context.period_start, context.data_cut
    return begins is not None and reach is not None and reach < scope.first <= begins
