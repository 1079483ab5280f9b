"""What a run left behind, in numbers: `audit.linkage_quality`, which the marts, the report and the alerts read. Counts only."""

from psycopg2.extensions import cursor as Cursor

from iom_warehouse.linkage import sources
from iom_warehouse.linkage.model import Model
from iom_warehouse.linkage.sources import IDENTIFIERS

# People who have as many records in each file are one row: a few hundred rows stand for everybody.
GATHER = """
    create temporary table linking_likeness on commit drop as
    select row_number() over () as likeness, {in_files}, {in_files_together} as records, count(*) as people
    from (select {counted} from identity.link where closed_by_run is null group by person_key) as person
    group by {in_files}
"""
PEOPLE = """
    with of_feed as (
        select likeness, feed, sum(own_records) as own_records, records, people
        from linking_likeness cross join lateral (values {of_feeds}) as of_file (feed, own_records)
        where own_records > 0
        group by likeness, feed, records, people
    ),
    feed as (
        select
            feed, sum(own_records * people) as records, sum(people) as people,
            coalesce(sum(own_records * people) filter (where own_records < records), 0) as linked
        from of_feed
        group by feed
    ),
    common as (
        select one.feed, other.feed as other_feed, sum(one.people) as people
        from of_feed as one join of_feed as other using (likeness)
        group by 1, 2
    )
    insert into audit.linkage_quality (run_id, figure, feed, item, n, of_n)
    select %(run_id)s, 'records', feed, '', records, null::bigint from feed
    union all
    select %(run_id)s, 'people', feed, '', people, null from feed
    union all
    select %(run_id)s, 'linked_records', feed, '', linked, records from feed
    union all
    select %(run_id)s, 'people_in_common', feed.feed, other.feed, coalesce(common.people, 0), feed.people
    from feed join feed as other on other.feed <> feed.feed
    left join common on (common.feed, common.other_feed) = (feed.feed, other.feed)
    union all
    select %(run_id)s, 'people_by_size', '', size, sum(people), (select sum(people) from linking_likeness)
    from (
        select people, case when records <= 5 then records::text when records <= 10 then '6 to 10'
            when records <= 20 then '11 to 20' else 'more than 20' end as size
        from linking_likeness
    ) as sized
    group by size
    union all
    select %(run_id)s, 'largest_person', '', '', coalesce(max(records), 0), null from linking_likeness
"""

# An identifier that a file has no column for was not left out by anybody.
IDENTIFIERS_USED = f"""
    with held as (
        select source_file, count(*) as records, {", ".join(f"count({kind}) as {kind}" for kind in IDENTIFIERS)}
        from identity.record
        group by source_file
    ),
    given as (
        select source_file, records, item, n
        from held cross join lateral (values {", ".join(f"('{kind}', {kind})" for kind in IDENTIFIERS)}) as of_kind (item, n)
    ),
    rejected as (
        select source_file, item, reason, count(*) as n
        from identity.record cross join lateral jsonb_each_text(rejected) as why (item, reason)
        where rejected is not null
        group by 1, 2, 3
        union all
        select source_file, overused.kind, 'on too many records', count(*)
        from identity.overused_identifier as overused
        join identity.record
            on {" or ".join(f"overused.kind = '{kind}' and overused.value = record.{kind}" for kind in IDENTIFIERS)}
        group by 1, 2
    ),
    unused as (select source_file, item, sum(n) as n from rejected group by 1, 2),
    overused as (select source_file, item, n from rejected where reason = 'on too many records')
    insert into audit.linkage_quality (run_id, figure, feed, item, reason, n, of_n)
    select %(run_id)s, 'identifiers_used', feed, item, '', given.n - coalesce(overused.n, 0), given.records
    from (values {{columns}}) as known (feed, source_file, item)
    join given using (source_file, item)
    left join overused using (source_file, item)
    union all
    select %(run_id)s, 'identifiers_rejected', feed, item, reason, rejected.n, given.n + unused.n - coalesce(overused.n, 0)
    from (values {{columns}}) as known (feed, source_file, item)
    join rejected using (source_file, item)
    join unused using (source_file, item)
    join given using (source_file, item)
    left join overused using (source_file, item)
"""
WORK_OF_STEWARDS = """
    insert into audit.linkage_quality (run_id, figure, item, n)
    select %(run_id)s, 'uncertain_pairs', pair.kind, count(*)
    from identity.pair
    join identity.record as one on one.record_id = record_a
    join identity.record as other on other.record_id = record_b
    join identity.link as one_link on (one_link.source_file, one_link.source_key) = (one.source_file, one.source_key)
    join identity.link as other_link on (other_link.source_file, other_link.source_key) = (other.source_file, other.source_key)
    where (pair.kind = 'scored' and weight < %(join)s or pair.kind = 'dip_candidate')
        and one_link.closed_by_run is null and other_link.closed_by_run is null
        and one_link.person_key <> other_link.person_key
        and not exists (
            select from identity.decision
            where withdrawn_by_decision is null
                and (source_file, source_key, other_source_file, other_source_key) in (
                    (one.source_file, one.source_key, other.source_file, other.source_key),
                    (other.source_file, other.source_key, one.source_file, one.source_key)))
    group by pair.kind
    union all
    select %(run_id)s, 'conflicts', kind, count(*) from identity.conflict where closed_by_run is null group by kind
    union all
    select %(run_id)s, 'decisions', kind, count(*) from identity.decision where withdrawn_by_decision is null group by kind
"""


def write_figures(cursor: Cursor, run_id: int, model: Model) -> None:
    """Write the figures of a run that is at its end (none without a feed of people): `identity` must be as the run made it."""
    values = {"run_id": run_id, "join": model.thresholds.join}
    if not sources.all():
        return
    parts = _parts()
    cursor.execute(GATHER.format(**parts))
    for statement in (PEOPLE, IDENTIFIERS_USED):
        cursor.execute(statement.format(**parts), values)
    cursor.execute(WORK_OF_STEWARDS, values)
    cursor.execute("drop table linking_likeness")


def _parts() -> dict[str, str]:
    """What stands in the statements for the files of people. Names of feeds and files are letters, digits and _ only."""
    found = sources.all()
    in_files = [f"in_{source.file}" for source in found]
    return {
        "in_files": ", ".join(in_files),
        "in_files_together": " + ".join(in_files),
        "counted": ", ".join(f"count(*) filter (where source_file = '{source.file}') as in_{source.file}" for source in found),
        "of_feeds": ", ".join(f"('{source.feed}', in_{source.file})" for source in found),
        "columns": ", ".join(
            f"('{source.feed}', '{source.file}', '{kind}')" for source in found for kind in IDENTIFIERS if getattr(source, kind)
        ),
    }
