"""The statement of data quality: what was delivered, refused and rejected, how old it is, and how far records are linked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iom_warehouse import contracts
from iom_warehouse.disclosure import Cell, Column, ReleasedTable, Table
from iom_warehouse.loading import rejections
from iom_warehouse.reports import known, linkage, wording
from iom_warehouse.reports.drafts import Draft, nothing, plain, rows_of
from iom_warehouse.reports.scope import Scope
from iom_warehouse.reports.source import Fact, Source

SECTION = linkage.SECTION
MOST_ROWS = 20
STATES = {
    "fresh": "up to date", "stale": "older than this report's day", "absent": "never delivered",
    "refused": "every delivery refused", "undecided": "delivered, but not checked in time",
}  # fmt: skip

FEEDS = """
    select v.feed, v.state, v.business_date, v.sequence, v.days_stale,
        count(d.*) as n_known,
        count(d.*) filter (where d.was_published) as n_published,
        count(d.*) filter (where d.was_refused) as n_refused,
        count(d.*) filter (where d.was_refused and
            coalesce(d.business_date, split_part(d.folder, '.', 1)::date) between %(first)s and %(last)s) as n_refused_in_period,
        coalesce(sum(l.rows_in_file) filter (where d.was_published), 0) as n_rows,
        coalesce(sum(l.rows_rejected) filter (where d.was_published), 0) as n_rejected
    from audit.build_vintage v
    left join known d using (feed)
    left join (
        select delivery_id, sum(rows_in_file) as rows_in_file, sum(rows_rejected) as rows_rejected from audit.file_load group by
        delivery_id
    ) l using (delivery_id)
    where v.build_id = %(build)s
    group by v.feed, v.state, v.business_date, v.sequence, v.days_stale order by v.feed
"""
REFUSED = """
    select d.feed, d.folder, d.business_date, f.message from known d
    join lateral (
        select string_agg(message, ' ' order by finding_id) as message from (
            select finding_id, message from audit.delivery_finding f
            where f.delivery_id = d.delivery_id and f.attempt = d.attempt and f.severity = 'critical' order by finding_id limit 3
        ) first_findings
    ) f on true
    where d.was_refused
    order by d.delivery_id desc limit %(most)s
"""
REJECTED = """
    select
        r.feed, r.file, r.rule_id,
        count(*) filter (where closing.delivery_id is null) as n_open,
        count(*) filter (where closing.delivery_id is not null and r.closure <> 'rejected_again') as n_closed
    from known join audit.rejected_row r using (delivery_id)
    left join known as closing on closing.delivery_id = r.closed_by_delivery and closing.was_published
    where known.was_published
    group by r.feed, r.file, r.rule_id order by n_open desc, n_closed desc, r.rule_id limit %(most)s
"""


def drafts(source: Source, scope: Scope) -> list[Draft]:
    """What was delivered and what became of it, of all time; the sentence on refusals is about the period."""
    return [_feeds(source, scope), _refused(source), _rejected(source), *linkage.drafts(source), _anomalies(source)]


def _feeds(source: Source, scope: Scope) -> Draft:
    facts = [fact | {"state": _state(fact)} for fact in known.rows(source, FEEDS, first=scope.first, last=scope.last)]
    columns = plain(
        state="State", last="Newest data", stale="Days behind", published="Deliveries in use or superseded",
        refused="Deliveries refused",
        rows="Rows delivered", rejected="Rows rejected",
    )  # fmt: skip
    rows = [
        (wording.feed(fact["feed"]), {
            "state": STATES[fact["state"]], "last": _or(fact["business_date"], wording.day, "none"),
            "stale": Cell(fact["days_stale"], missing="none"),
            "published": fact["n_published"], "refused": fact["n_refused"], "rows": int(fact["n_rows"]),
            "rejected": int(fact["n_rejected"]),
        })
        for fact in facts
    ]  # fmt: skip
    words = _feeds_in_words(source, scope, facts)
    title = "What the agencies delivered since the beginning"
    return _draft("feeds", title, "Feed", columns, rows, lambda _: words, "This build knows no feed.", headline=lambda _: words)


def _state(fact: Fact) -> str:
    """As the build saw it; a feed of which nothing was taken may have been delivered all the same."""
    if fact["state"] != "absent" or not fact["n_known"]:
        return str(fact["state"])
    return "refused" if fact["n_refused"] == fact["n_known"] else "undecided"


def _feeds_in_words(source: Source, scope: Scope, facts: Sequence[Fact]) -> str:
    named = {state: [wording.feed(fact["feed"]) for fact in facts if fact["state"] == state] for state in STATES}
    parts = [
        f"{wording.listed(named['fresh'])} up to date" if named["fresh"] else "",
        f"{wording.listed(named['stale'])} older than that" if named["stale"] else "",
        f"{wording.listed(named['absent'])} never delivered" if named["absent"] else "",
        f"of {wording.listed(named['refused'])} every delivery refused" if named["refused"] else "",
        f"{wording.listed(named['undecided'])} delivered, but not checked in time" if named["undecided"] else "",
    ]
    period = f"the {scope.period.kind}"
    refused = sum(fact["n_refused_in_period"] for fact in facts)
    return (
        f"This report is of the night of {wording.day(source.business_date)}: {'; '.join(filter(None, parts))}."
        f" {wording.number(refused, f'delivery of {period} was', f'deliveries of {period} were')} refused."
    )


def _refused(source: Source) -> Draft:
    facts = known.rows(source, REFUSED, most=MOST_ROWS)
    rows = [
        (f"{wording.feed(fact['feed'])} {fact['folder']}", {"why": fact["message"] or "no reason was recorded"})
        for fact in facts
    ]  # fmt: skip
    meaning = (
        f"Nothing of a refused delivery was taken; the data before it stayed in use. The newest {MOST_ROWS} at most are listed."
    )
    return _draft(
        "refused_deliveries",
        "Deliveries refused",
        "Delivery",
        plain(why="Why"),
        rows,
        lambda _: meaning,
        "No delivery was refused.",
    )


def _rejected(source: Source) -> Draft:
    facts = known.rows(source, REJECTED, most=MOST_ROWS)
    rows = [
        (_rule_in_words(fact), {
            "feed": wording.feed(fact["feed"]), "open": fact["n_open"], "closed": fact["n_closed"], "rule": fact["rule_id"],
        })
        for fact in facts
    ]  # fmt: skip
    meaning = (
        "A rejected row is kept back with its reason until the agency sends it right; the last good version of it stays in use."
        f" The {MOST_ROWS} rules broken most often at most are listed."
    )
    columns = plain(feed="Feed", open="Rows still kept back", closed="Rows settled since", rule="Name of the rule")
    return _draft(
        "rejected_rows", "Rows rejected, by rule", "What a row must keep to", columns, rows, lambda _: meaning,
        "No row was rejected.",
    )  # fmt: skip


def _rule_in_words(fact: Fact) -> str:
    """The file and its rule as the contract has them now; the name alone of one that is no longer there."""
    try:
        file = contracts.get(fact["feed"]).file(fact["file"])
    except contracts.ContractError:
        return str(fact["rule_id"])
    described = {rule.rule_id: rule.description for rule in file.rules} | rejections.waiting_in_words(file)
    return f"{file.title}: {described.get(fact['rule_id'], fact['rule_id'])}"


def _anomalies(source: Source) -> Draft:
    facts = source.mart("mart_quality", "input_anomaly", "row_count > 0", "anomaly")
    rows = [
        (wording.plain_words(fact["anomaly"]).capitalize(), {
            "rows": Cell(fact["row_count"], fact=f"anomalies / {fact['anomaly']}"), "treatment": fact["treatment"],
        })
        for fact in facts
    ]  # fmt: skip
    meaning = "These rows keep to their file's rules, but cannot all be right. This is what was done with them."
    return _draft(
        "anomalies", "Input that was read in a stated way", "What was found",
        (Column("rows", "Rows", "count"), *plain(treatment="What was done")), rows,
        lambda _: meaning, "No such input was found.",
    )  # fmt: skip


def _draft(
    name: str, title: str, row_heading: str, columns: tuple[Column, ...], rows: Sequence[tuple[str, Mapping[str, Any]]],
    meaning: Callable[[ReleasedTable], str], when_empty: str, headline: Callable[[ReleasedTable], str] = nothing,
) -> Draft:  # fmt: skip
    table = Table(name, title, columns, rows_of(rows))
    return Draft(table, SECTION, meaning, when_empty, headline=headline, row_heading=row_heading)


def _or(value: Any, show: Callable[[Any], str], otherwise: str) -> str:
    return otherwise if value is None else show(value)
