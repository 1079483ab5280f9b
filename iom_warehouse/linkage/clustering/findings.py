"""What is written about the groups: why each record is in its group, and which pairs were kept apart against the evidence."""

from typing import Any

from psycopg2.extensions import cursor as Cursor

from iom_warehouse.linkage.clustering.joining import IS_CONTRADICTED

# A pair of groups has one conflict: the strongest edge that a steward or two PNCs refused, else those of their records that look
# like twins, else an identifier they share (one that is somebody else's first), else the edge that twins refused who weigh too
# little to be a pair themselves.
NOTE_CONFLICTS = f"""
    insert into linking_conflict
    with edge as (
        select
            case when objection in ('suspected_twins', 'identifier_contradicted') then 4 else 1 end as strength,
            turn, place_a, place_b, objection as kind
        from linking_refused join linking_edge using (turn)
        union all
        select
            case when looks_like_twins then 2 else 3 end,
            row_number() over (
                order by {IS_CONTRADICTED} is true desc, weight desc nulls last,
                    least(a.place, b.place), greatest(a.place, b.place)),
            least(a.place, b.place), greatest(a.place, b.place),
            case when looks_like_twins then 'suspected_twins' else 'identifier_contradicted' end
        from identity.pair
        join linking_record as a on a.record_id = record_a
        join linking_record as b on b.record_id = record_b
        where kind <> 'dip_identifier' and (shares_identifier or looks_like_twins)
    ),
    refused as (
        select distinct on (least(a.parent, b.parent), greatest(a.parent, b.parent))
            least(a.parent, b.parent) as group_a, greatest(a.parent, b.parent) as group_b, place_a, place_b, kind
        from edge
        join linking_group as a on a.group_id = place_a
        join linking_group as b on b.group_id = place_b
        where a.parent <> b.parent
        order by 1, 2, strength, turn
    )
    select
        kind,
        case when a.pnc = b.pnc then 'pnc' when a.cro = b.cro then 'cro'
            when a.prison_number = b.prison_number then 'prison_number' when a.crn = b.crn then 'crn' end,
        place_a, place_b
    from refused
    join linking_record as at_a on at_a.place = place_a
    join linking_record as at_b on at_b.place = place_b
    join identity.usable_record as a on a.record_id = at_a.record_id
    join identity.usable_record as b on b.record_id = at_b.record_id
    union all
    (
        select distinct on (group_id, held.parent)
            coalesce(objection, 'dip_ambiguous'), identifier_kind, held.place, holder_place
        from linking_holder as held
        join linking_group using (group_id)
        where linking_group.parent = group_id
        order by group_id, held.parent, objection, held.place, holder_place  -- an objection comes before none
    )
"""
# Clients who gave an identifier of whom nothing else says why they are apart: their birth dates differ.
NOTE_APART_CLIENTS = """
    insert into linking_conflict
    with noted as (
        select least(a.parent, b.parent) as group_a, greatest(a.parent, b.parent) as group_b
        from linking_conflict as conflict
        join linking_group as a on a.group_id = place
        join linking_group as b on b.group_id = other_place
    )
    select distinct on (least(a.parent, b.parent), greatest(a.parent, b.parent))
        'identifier_contradicted', case when levels ? 'pnc' then 'pnc' else 'prison_number' end,
        least(a.group_id, b.group_id), greatest(a.group_id, b.group_id)
    from identity.pair
    join linking_record as at_a on at_a.record_id = record_a
    join linking_record as at_b on at_b.record_id = record_b
    join linking_group as a on a.group_id = at_a.place
    join linking_group as b on b.group_id = at_b.place
    where kind = 'dip_identifier' and a.parent <> b.parent
        and (least(a.parent, b.parent), greatest(a.parent, b.parent)) not in (select group_a, group_b from noted)
    order by least(a.parent, b.parent), greatest(a.parent, b.parent), 3, 4
"""

# A pair that by the rules joins nobody is no reason to be one person, though both be of it: others, or a steward, joined them.
EXPLAIN = f"""
    insert into linking_evidence
    with together as materialized (
        select record_id, place, group_id, parent, source_file || ' ' || source_key as name
        from linking_record join linking_group on group_id = place
        where parent in (select parent from linking_group group by parent having count(*) > 1)
    ),
    edge as (
        select a.place, b.place as other_place, b.name as other_name, pair.kind, pair.weight, pair.levels
        from identity.pair as pair
        join together as a on a.record_id = record_a
        join together as b on b.record_id = record_b and b.parent = a.parent
        where kind <> 'dip_candidate' and not looks_like_twins and {IS_CONTRADICTED} is not true
    ),
    either as (
        select place, other_place, other_name, kind, weight, levels from edge
        union all
        select edge.other_place, edge.place, together.name, kind, weight, levels from edge join together using (place)
    ),
    ranked as (
        select *, row_number() over (partition by place order by weight desc nulls last, other_place) as rank from either
    ),
    explained as (
        select
            place, bool_or(weight >= %(split)s) as is_scored, bool_or(weight >= %(join)s) as would_join,
            bool_or(kind = 'dip_identifier') as is_dip,
            jsonb_agg(
                jsonb_strip_nulls(jsonb_build_object('record', other_name, 'weight', weight, 'levels', levels)) order by rank
            ) as edges
        from ranked where rank <= 3
        group by place
    ),
    decided as (
        select a.place, jsonb_agg(distinct decision_id) as decisions
        from linking_decision as decision
        cross join lateral (values (decision.record_id, other_id), (other_id, decision.record_id)) as named (this_id, that_id)
        join together as a on a.record_id = this_id
        join together as b on b.record_id = that_id and b.parent = a.parent
        where kind = 'same'
        group by a.place
    )
    select
        place,
        case when decisions is not null then 'steward' when is_scored then %(method)s when is_dip then 'dip identifier'
            else 'single' end,
        jsonb_strip_nulls(jsonb_build_object(
            'edges', edges, 'decisions', decisions, 'is_only_held', case when is_scored and not would_join then true end))
    from linking_record left join explained using (place) left join decided using (place);
    analyze linking_evidence
"""


def note(cursor: Cursor, values: dict[str, Any]) -> None:
    """Fill `linking_conflict` and `linking_evidence`."""
    cursor.execute(NOTE_CONFLICTS, values)
    cursor.execute(NOTE_APART_CLIENTS)
    cursor.execute(EXPLAIN, values)
