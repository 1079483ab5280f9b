"""Watching the linkage: a share that is suddenly another than usual, a person of too many records, or a name that is far commoner
than the model has it, becomes an alert.

Usual is the middle one of the figures of the nights in the month before, or of the last night where that is longer ago: one bad
night does not move it, and what stays becomes usual in time. Limits are rows of alert_limits.csv.
"""

from dataclasses import dataclass
from datetime import date

from iom_warehouse.orchestration import alerts
from iom_warehouse.platform import database

KIND = "linkage: "
# Shares are in per cent. An identifier of which none was rejected has a share of nought.
UNUSUAL = """
    with tonight as (select business_date, linkage_run from audit.build where build_id = %(build)s),
    night as (
        select distinct on (build.business_date) build.business_date, build.linkage_run
        from audit.build, tonight
        where kind = 'nightly' and status = 'succeeded' and build.business_date < tonight.business_date
        order by build.business_date desc, build_id desc
    ),
    month_before as (
        select night.linkage_run
        from night, tonight
        where night.business_date >= least(tonight.business_date - interval '1 month', (select max(business_date) from night))
    ),
    share as (
        select run_id, 'linked_share' as figure, feed, '' as item, 100.0 * n / of_n as percent
        from audit.linkage_quality
        where figure = 'linked_records' and of_n > 0
        union all
        select run_id, 'identifiers_used', feed, item, 100.0 * n / of_n
        from audit.linkage_quality
        where figure = 'identifiers_used' and of_n > 0
        union all
        select run_id, 'identifiers_rejected', feed, item, coalesce(100.0 * sum(rejected.n) / max(rejected.of_n), 0)
        from audit.linkage_quality as used
        left join (select * from audit.linkage_quality where figure = 'identifiers_rejected') as rejected
            using (run_id, feed, item)
        where used.figure = 'identifiers_used'
        group by run_id, feed, item
        union all
        select run_id, figure, feed, item, 100.0 * n / of_n
        from audit.linkage_quality
        where figure = 'people_in_common' and of_n > 0
        union all
        select
            run_id, 'people_of_several_records', '', '', 100.0 * coalesce(sum(n) filter (where item <> '1'), 0) / max(of_n)
        from audit.linkage_quality
        where figure = 'people_by_size' and of_n > 0
        group by run_id
        union all
        select
            run_id, 'uncertain_pairs', '', '',
            100.0 * coalesce(sum(n) filter (where figure = 'uncertain_pairs'), 0) / max(of_n)
        from audit.linkage_quality
        where figure in ('people_by_size', 'uncertain_pairs')
        group by run_id
        having max(of_n) > 0
    ),
    usual as (
        select figure, feed, item, percentile_disc(0.5) within group (order by percent) as percent
        from share
        where run_id in (select linkage_run from month_before)
        group by figure, feed, item
    ),
    allowed as (
        select distinct on (figure) figure, at_most
        from reference.alert_limits, tonight
        where closed_by_configuration is null and effective_from <= business_date
        order by figure, effective_from desc
    )
    select figure, feed, item, share.percent, usual.percent
    from share join tonight on linkage_run = run_id join usual using (figure, feed, item) join allowed using (figure)
    where abs(share.percent - usual.percent) > at_most
    union all
    select figure, '', item, n, at_most
    from audit.linkage_quality join tonight on linkage_run = run_id join allowed using (figure)
    where (figure = 'largest_person' or figure = 'name_beyond_model' and reason = 'times') and n > at_most
    order by 1, 2, 3
"""
# One that is open says it already, and one that a person closed within the month is known.
KNOWN = """
    select exists (
        select from audit.alert
        where kind = %(kind)s and feed is not distinct from %(feed)s and (closed_at is null
            or is_closed_for_good and business_date > %(night)s - interval '1 month'))
"""
SETTLED = """
    update audit.alert set closed_at = clock_timestamp(), closed_by = 'build_warehouse',
        closed_because = 'The linkage of ' || %(night)s || ' is as usual again.'
    where kind like 'linkage: %%' and closed_at is null
        and (kind, coalesce(feed, '')) not in (select * from unnest(%(kinds)s::text[], %(feeds)s::text[]))
"""
WORDS = {
    "linked_share": "{found:.1f}% of its records belong to people whom another feed knows too",
    "identifiers_used": "{found:.1f}% of its records have a {item} that can be used",
    "identifiers_rejected": "{found:.1f}% of the values of {item} that it gives are rejected",
    "people_in_common": "{found:.1f}% of its people are known to {item} too",
    "people_of_several_records": "{found:.1f}% of all people have several records",
    "uncertain_pairs": "There are {found:.1f} uncertain pairs for each hundred people",
}


@dataclass(frozen=True)
class Unusual:
    """A figure beyond its limit. `usual` is what it was; of a person of too many records, or a name, the limit."""

    figure: str
    feed: str
    item: str
    found: float
    usual: float

    @property
    def kind(self) -> str:
        return f"{KIND}{self.figure} {self.item}".rstrip()

    @property
    def message(self) -> str:
        if self.figure == "largest_person":
            return (
                f"A person has {self.found:.0f} records, more than the {self.usual:.0f} that are likely. Often a placeholder was"
                " taken for an identifier: add it to bad_values.csv."
            )
        if self.figure == "name_beyond_model":
            return (
                f"One {self.item} is {self.found:.0f} times as common as the model believes, more than the {self.usual:.0f}"
                " that are allowed: people may be joined by it who only share it. Run: iom people retrain"
            )
        said = WORDS[self.figure].format(found=self.found, item=self.item.replace("_", " "))
        if not self.feed:
            return f"{said}; usual in the month before was {self.usual:.1f}. Look through the queue: iom people queue"
        return (
            f"{self.feed}: {said}; usual in the month before was {self.usual:.1f}%."
            f" Look whether its delivery is whole: iom delivery list --feed {self.feed}"
        )


def check(build_id: int) -> list[str]:
    """Raise alerts for what is unusual after the linkage of a nightly build, and close those of what is usual again.

    Returns the messages that are true now, new or not.
    """
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute("select business_date, to_regclass('reference.alert_limits') is not null from audit.build"
                       " where build_id = %s", (build_id,))  # fmt: skip
        night, is_configured = cursor.fetchone()
        found: list[Unusual] = []
        if is_configured:
            cursor.execute(UNUSUAL, {"build": build_id})
            found = [Unusual(*row) for row in cursor.fetchall()]
        cursor.execute(SETTLED, {"night": str(night), "kinds": [one.kind for one in found], "feeds": [one.feed for one in found]})
    causes = [one for one in found if not _follows(one, found)]
    for one in causes:
        _raise(one, night)
    return [one.message for one in causes]


def _follows(one: Unusual, found: list[Unusual]) -> bool:
    """Whether a figure follows from a feed's changed share of linked records, which is told already."""
    feeds = {other.feed for other in found if other.figure == "linked_share"}
    if one.figure == "people_in_common":
        return bool(feeds & {one.feed, one.item})
    return one.figure == "people_of_several_records" and bool(feeds)


def _raise(one: Unusual, night: date) -> None:
    feed = one.feed or None
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(KNOWN, {"kind": one.kind, "feed": feed, "night": night})
        (is_known,) = cursor.fetchone()
    if not is_known:
        alerts.raise_alert(one.kind, one.message, feed, night)
