"""What a run left behind, in numbers: `audit.linkage_quality`, which the marts, the report and the alerts read. Counts only."""

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json

from iom_warehouse.linkage import sources
from iom_warehouse.linkage.model import Model
from iom_warehouse.linkage.sources import IDENTIFIERS

COUNTED_BEFORE = "select distinct jsonb_object_keys(files) from identity.people_alike"
# Only people with a link that this run opened or closed are others than they were: the cost follows the night's change. What does
# not add up to the links there are (somebody removed some by hand) is counted again, of everybody.
COUNT_PEOPLE = """
    with person as (
        select difference, count(*) as records, {counted}
        from identity.link
        cross join lateral (values
            (1, closed_by_run is null),
            (-1, {was_counted})
        ) as either (difference, is_held)
        where is_held and {may_differ}
        group by person_key, difference
    ),
    change as (
        select jsonb_strip_nulls(jsonb_build_object({by_file})) as files, records, sum(difference) as people
        from person
        group by records, {in_files}
        having sum(difference) <> 0
    )
    merge into identity.people_alike as alike using change on alike.files = change.files
    when matched and alike.people + change.people <= 0 then delete
    when matched then update set people = alike.people + change.people
    when not matched and change.people > 0 then
        insert (files, records, people) values (change.files, change.records, change.people)
"""
OF_CHANGES = {
    "was_counted": "opened_by_run < %(run_id)s and (closed_by_run is null or closed_by_run = %(run_id)s)",
    "may_differ": "person_key in (select person_key from identity.link where %(run_id)s in (opened_by_run, closed_by_run))",
}
OF_EVERYBODY = {"was_counted": "false", "may_differ": "true"}
ADDS_UP = """
    select (select coalesce(sum(records * people), 0) from identity.people_alike)
        = (select count(*) from identity.link where closed_by_run is null)
"""
FORGET = "delete from identity.people_alike"
PEOPLE = """
    with of_feed as (
        select files, feed, own_records::integer as own_records, records, people
        from identity.people_alike
        cross join lateral jsonb_each_text(files) as of_file (source_file, own_records)
        join (values {files}) as source (feed, source_file) using (source_file)
    ),
    feed as (
        select
            feed, sum(own_records * people) as records, sum(people) as people,
            coalesce(sum(own_records * people) filter (where own_records < records), 0) as linked,
            coalesce(sum(people) filter (where own_records < records), 0) as linked_people
        from of_feed
        group by feed
    ),
    common as (
        select one.feed, other.feed as other_feed, sum(one.people) as people
        from of_feed as one join of_feed as other using (files)
        group by 1, 2
    )
    insert into audit.linkage_quality (run_id, figure, feed, item, n, of_n)
    select %(run_id)s, 'records', feed, '', records, null::bigint from feed
    union all
    select %(run_id)s, 'people', feed, '', people, null from feed
    union all
    select %(run_id)s, 'linked_records', feed, '', linked, records from feed
    union all
    select %(run_id)s, 'linked_people', feed, '', linked_people, people from feed
    union all
    select %(run_id)s, 'people_in_common', feed.feed, other.feed, coalesce(common.people, 0), feed.people
    from feed join feed as other on other.feed <> feed.feed
    left join common on (common.feed, common.other_feed) = (feed.feed, other.feed)
    union all
    select %(run_id)s, 'people_by_size', '', size, sum(people), (select sum(people) from identity.people_alike)
    from (
        select people, case when records <= 5 then records::text when records <= 10 then '6 to 10'
            when records <= 20 then '11 to 20' else 'more than 20' end as size
        from identity.people_alike
    ) as sized
    group by size
    union all
    select %(run_id)s, 'largest_person', '', '', coalesce(max(records), 0), null from identity.people_alike
"""

# An identifier that a file has no column for was not left out by anybody.
IDENTIFIERS_USED = f"""
    with held as (
        select source_file, rejected, count(*) as records, {", ".join(f"count({kind}) as {kind}" for kind in IDENTIFIERS)}
        from identity.record
        group by source_file, rejected
    ),
    given as (
        select source_file, item, sum(records) as records, sum(n) as n
        from held cross join lateral (values {", ".join(f"('{kind}', {kind})" for kind in IDENTIFIERS)}) as of_kind (item, n)
        group by source_file, item
    ),
    rejected as (
        select source_file, item, reason, sum(records) as n
        from held cross join lateral jsonb_each_text(rejected) as why (item, reason)
        group by 1, 2, 3
        union all
        select source_file, overused.kind, 'on too many records', count(*)
        from identity.overused_value as overused
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
# Of surnames and of forenames the one that is furthest beyond what the model takes its frequency to be: agreement on it counts
# for more than it says. A name of few records is no share of anything. Names of drug services are initials.
NAMES_BEYOND_MODEL = """
    insert into audit.linkage_quality (run_id, figure, item, reason, n)
    with held as (
        select
            case when surname is null then 'forename_root' else 'surname' end as kind, coalesce(surname, forename_root) as name,
            count(*) as records
        from identity.record
        where source_file <> 'dip_client'
        group by grouping sets ((surname), (forename_root))
    ),
    ranked as (
        select
            *, sum(records) over (partition by kind) as all_records,
            rank() over (partition by kind order by records desc) as rank
        from held
        where name is not null
    ),
    beyond as (
        select distinct on (kind) kind, records, rank, times
        from ranked
        cross join lateral (
            select records / all_records
                / coalesce((%(frequencies)s::jsonb -> kind ->> name)::numeric, (%(floors)s::jsonb ->> kind)::numeric) as times
        ) as believed
        where records >= %(fewest)s
        order by kind, times desc, rank, name
    )
    select %(run_id)s, 'name_beyond_model', replace(kind, '_root', ''), reason, n
    from beyond cross join lateral (values ('times', round(times)), ('records', records), ('rank', rank)) as told (reason, n)
"""
FEWEST_OF_A_NAME = 50
# What waits, as the queue (identity.stewardship_item) asks it: once of two people, by the weightiest evidence, and not what was
# decided. The queue itself looks at every pair; what joined is left out here before the people are looked up.
WORK_OF_STEWARDS = """
    insert into audit.linkage_quality (run_id, figure, item, n)
    with evidence as (
        select 1 as rank, conflict.kind, one.person_key as one_key, other.person_key as other_key
        from identity.conflict
        join identity.link as one using (source_file, source_key)
        join identity.link as other on (other.source_file, other.source_key) = (other_source_file, other_source_key)
        where conflict.closed_by_run is null and kind <> 'steward_different'
            and one.closed_by_run is null and other.closed_by_run is null
        union all
        select
            case kind when 'dip_identifier' then 2 when 'scored' then 3 else 4 end,
            case kind when 'dip_identifier' then 'identifier_contradicted' else kind end,
            one.person_key, other.person_key
        from identity.pair
        join identity.held_record as one on one.record_id = record_a
        join identity.held_record as other on other.record_id = record_b
        where (kind = 'scored' and weight < %(join)s and not looks_like_twins or kind in ('dip_identifier', 'dip_candidate'))
            and not (kind = 'dip_candidate' and not exists (  -- the client, or each of two, belongs to somebody already
                select from (values (one.source_file, one.person_key), (other.source_file, other.person_key)) as side (file, key)
                where file = 'dip_client' and not exists (
                    select from identity.link as fellow
                    where fellow.person_key = key and fellow.closed_by_run is null and fellow.source_file <> 'dip_client')))
    ),
    question as (
        select distinct on (least(one_key, other_key), greatest(one_key, other_key))
            least(one_key, other_key) as one_key, greatest(one_key, other_key) as other_key, kind
        from evidence
        where one_key <> other_key
        order by 1, 2, rank, kind
    ),
    decided as (
        select least(one.person_key, other.person_key) as one_key, greatest(one.person_key, other.person_key) as other_key
        from linking_decision as decision
        join identity.held_record as one using (record_id)
        join identity.held_record as other on other.record_id = other_id
    )
    select %(run_id)s, case when kind in ('scored', 'dip_candidate') then 'uncertain_pairs' else 'conflicts' end, kind, count(*)
    from question
    where (one_key, other_key) not in (select one_key, other_key from decided)
    group by kind
    union all
    select %(run_id)s, 'conflicts', kind, count(*)
    from identity.conflict where closed_by_run is null and kind = 'steward_different' group by kind
    union all
    select %(run_id)s, 'decisions', kind, count(*)
    from identity.decision join identity.linkage_run on run_id = %(run_id)s
    where decision_id <= last_decision and coalesce(withdrawn_by_decision > last_decision, true) and kind <> 'undecided'
    group by kind
"""


def write_figures(cursor: Cursor, run_id: int, model: Model) -> None:
    """Write the figures of a run that is at its end (none without a feed of people): `identity` must be as the run made it."""
    values = {"run_id": run_id, "join": model.thresholds.join}
    if not sources.all():
        return
    parts = _parts(cursor)
    cursor.execute(COUNT_PEOPLE.format(**parts, **OF_CHANGES), values)
    cursor.execute(ADDS_UP)
    if cursor.fetchone() == (False,):
        cursor.execute(FORGET)
        cursor.execute(COUNT_PEOPLE.format(**parts, **OF_EVERYBODY), values)
    for statement in (PEOPLE, IDENTIFIERS_USED):
        cursor.execute(statement.format(**parts), values)
    cursor.execute(WORK_OF_STEWARDS, values)
    frequencies, floors = Json(model.frequency_of()), Json(model.frequency_floor)
    cursor.execute(
        NAMES_BEYOND_MODEL, {"run_id": run_id, "frequencies": frequencies, "floors": floors, "fewest": FEWEST_OF_A_NAME}
    )


def _parts(cursor: Cursor) -> dict[str, str]:
    """What stands in the statements for the files of people. Names of feeds and files are letters, digits and _ only.

    People are counted by the files that earlier runs counted as well, so that those of a file that is none any more go out.
    """
    found = sources.all()
    cursor.execute(COUNTED_BEFORE)
    counted = dict.fromkeys([*(source.file for source in found), *sorted(file for (file,) in cursor.fetchall())])
    return {
        "counted": ", ".join(f"count(*) filter (where source_file = '{file}') as in_{file}" for file in counted),
        "in_files": ", ".join(f"in_{file}" for file in counted),
        "by_file": ", ".join(f"'{file}', nullif(in_{file}, 0)" for file in counted),
        "files": ", ".join(f"('{source.feed}', '{source.file}')" for source in found),
        "columns": ", ".join(
            f"('{source.feed}', '{source.file}', '{kind}')" for source in found for kind in IDENTIFIERS if getattr(source, kind)
        ),
    }
