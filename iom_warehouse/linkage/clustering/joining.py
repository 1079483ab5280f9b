"""Joining groups: one edge after another from the strongest down, many at a time where they touch different groups."""

from typing import Any

from psycopg2.extensions import cursor as Cursor

# Of two who share an identifier: whatever else there is says that it is somebody else's.
IS_CONTRADICTED = """
    (shares_identifier and (kind = 'shared_identifier'
        or levels ->> 'forename' = %(other_forename)s and levels ->> 'dob' = any(%(other_birth_dates)s)))
"""
PLACE = 'array_position(%(files)s::text[], source_file), source_key collate "C"'
START = f"""
    truncate linking_record, linking_group, linking_edge, linking_pending, linking_apart, linking_alike, linking_refused,
        linking_conflict, linking_evidence;
    analyze linking_touched;

    insert into linking_record
    select row_number() over (order by {PLACE}), record_id, source_file, source_key
    from linking_touched join identity.record using (record_id);

    insert into linking_group
    select place, place, case when pnc is null then '{{}}' else array[pnc] end, false
    from linking_record join identity.usable_record using (record_id);
    analyze linking_record;
    analyze linking_group;

    insert into linking_edge
    with edge as (
        select a.place as place_a, b.place as place_b, false as is_stewards, shares_identifier as is_vouched,
            has_two_forenames, weight
        from identity.pair
        join linking_record as a on a.record_id = record_a
        join linking_record as b on b.record_id = record_b
        where kind = 'scored' and not looks_like_twins and {IS_CONTRADICTED} is not true
            and (weight >= %(join)s or weight >= %(split)s and exists (
            select
            from identity.link as link
            join identity.link as fellow using (person_key)
            where (link.source_file, link.source_key) = (a.source_file, a.source_key)
                and (fellow.source_file, fellow.source_key) = (b.source_file, b.source_key)
                and link.opened_by_run <= %(known_at)s and coalesce(link.closed_by_run > %(known_at)s, true)
                and fellow.opened_by_run <= %(known_at)s and coalesce(fellow.closed_by_run > %(known_at)s, true)
        ))
        union all
        select a.place, b.place, true, true, false, 0
        from linking_decision as decided
        join linking_record as a on a.record_id = decided.record_id
        join linking_record as b on b.record_id = other_id
        where kind = 'same'
    )
    select
        row_number() over (order by is_stewards desc, weight desc, least(place_a, place_b), greatest(place_a, place_b)),
        least(place_a, place_b), greatest(place_a, place_b), is_stewards, is_vouched, has_two_forenames
    from edge;
    analyze linking_edge;

    insert into linking_pending select place_a, place_b, min(turn), bool_or(is_vouched) from linking_edge group by 1, 2;
    insert into linking_apart
    select distinct
        least(a.place, b.place), greatest(a.place, b.place), least(a.place, b.place), greatest(a.place, b.place), reason
    from (
        select record_id, other_id, 'steward_different' as reason from linking_decision where kind = 'different'
        union all
        select record_a, record_b, 'suspected_twins' from identity.pair where looks_like_twins
        union all
        select record_a, record_b, 'identifier_contradicted' from identity.pair where {IS_CONTRADICTED}
    ) as told
    join linking_record as a using (record_id)
    join linking_record as b on b.record_id = other_id;
    analyze linking_apart
"""

# Where nothing can be refused, the order does not matter and all that is connected is one group. That settles almost everybody.
START_COMPONENTS = """
    truncate linking_component;
    insert into linking_component
    select group_id, group_id
    from (select group_a as group_id from linking_pending union select group_b from linking_pending) as met;
    analyze linking_component;
    analyze linking_pending
"""
HOOK_COMPONENTS = """
    update linking_component as root set label = met.label
    from (
        select greatest(a.label, b.label) as root_id, min(least(a.label, b.label)) as label
        from linking_pending
        join linking_component as a on a.group_id = group_a
        join linking_component as b on b.group_id = group_b
        where a.label <> b.label
        group by 1
    ) as met
    where root.group_id = met.root_id
"""
FOLLOW_LABELS = """
    update linking_component as within set label = above.label
    from linking_component as above
    where above.group_id = within.label and above.label <> within.label
"""
# Of those who weigh next to nothing only whom edges connect at all: there are many, and each round goes through whoever is apart.
ADD_DISTANT_TWINS = """
    insert into linking_apart
    select
        least(a.place, b.place), greatest(a.place, b.place), least(a.place, b.place), greatest(a.place, b.place),
        'suspected_twins'
    from identity.distant_twins
    join linking_record as a on a.record_id = record_a
    join linking_record as b on b.record_id = record_b
    join linking_component as of_a on of_a.group_id = a.place
    join linking_component as of_b on of_b.group_id = b.place and of_b.label = of_a.label;
    analyze linking_apart
"""
JOIN_UNDISPUTED = """
    with held as (
        select label, array_agg(distinct pnc) filter (where pnc is not null) as pncs
        from linking_component join linking_group using (group_id) left join lateral unnest(pncs) as pnc on true
        group by label
    ),
    undisputed as (
        select label, coalesce(pncs, '{}') as pncs
        from held
        where coalesce(cardinality(pncs), 0) < 2
            and label not in (
                select a.label
                from linking_apart
                join linking_component as a on a.group_id = group_a
                join linking_component as b on b.group_id = group_b
                where a.label = b.label)
    ),
    settled as (
        update linking_group as joined set parent = undisputed.label, pncs = undisputed.pncs
        from linking_component as component join undisputed using (label)
        where component.group_id = joined.group_id
    )
    delete from linking_pending using linking_component as component join undisputed using (label)
    where component.group_id = group_a
"""
# Of those whom no steward told apart the forenames say whether a person goes by two already.
FIND_ALIKE = """
    insert into linking_alike
    with twin as materialized (
        select place, record_id
        from (
            select place_a as place from linking_apart where reason <> 'steward_different'
            union
            select place_b from linking_apart where reason <> 'steward_different'
        ) as apart
        join linking_record using (place)
    ),
    met as (
        select place, record_b as other_id, pair.* from twin join identity.pair on record_a = record_id
        union all
        select place, record_a, pair.* from twin join identity.pair on record_b = record_id
    )
    select met.place, other.place
    from met join linking_record as other on other.record_id = other_id
    where kind = 'scored' and not (looks_like_twins or has_two_forenames) and levels ->> 'forename' <> %(other_forename)s;
    analyze linking_alike
"""

# The edges whose turn it is: none that is still pending comes before them for either of their groups.
TAKE_TURN = """
    truncate linking_turn;
    analyze linking_pending;
    insert into linking_turn
    with found_in as (select turn, unnest(array[group_a, group_b]) as group_id from linking_pending),
    next_of_group as (select turn, min(turn) over (partition by group_id) as next_turn from found_in),
    next as (
        select turn, pending.group_a, pending.group_b, pending.is_vouched,
            a.has_two_forenames as has_two_a, b.has_two_forenames as has_two_b, a.pncs as pncs_a, b.pncs as pncs_b
        from (select turn from next_of_group group by turn having bool_and(turn = next_turn)) as next
        join linking_pending as pending using (turn)
        join linking_group as a on a.group_id = pending.group_a
        join linking_group as b on b.group_id = pending.group_b
    ),
    apart as (
        select turn, array_agg(distinct reason) as reasons
        from next join linking_apart using (group_a, group_b)
        where reason = 'steward_different'
            or not (has_two_a and exists (select from linking_alike where (place, group_id) = (place_b, next.group_a)))
            and not (has_two_b and exists (select from linking_alike where (place, group_id) = (place_a, next.group_b)))
        group by turn
    )
    select
        turn, group_a, group_b,
        case
            when 'steward_different' = any(reasons) then 'steward_different'
            when not (pncs_a @> pncs_b or pncs_b @> pncs_a or is_stewards) then 'two_pncs'
            when 'identifier_contradicted' = any(reasons) and not is_stewards then 'identifier_contradicted'
            when 'suspected_twins' = any(reasons) and not next.is_vouched then 'suspected_twins'
        end,
        reasons is not null or has_two_a or has_two_b or has_two_forenames
    from next join linking_edge using (turn) left join apart using (turn);
    analyze linking_turn;
    insert into linking_refused select turn, objection from linking_turn where objection is not null
"""

JOIN_GROUPS = """
    update linking_group as joined
    set pncs = array(select distinct pnc from unnest(joined.pncs || other.pncs) as pnc order by pnc),
        has_two_forenames = turn.has_two_forenames
    from linking_turn as turn join linking_group as other on other.group_id = turn.group_b
    where turn.objection is null and joined.group_id = turn.group_a
        and not (joined.pncs @> other.pncs and joined.has_two_forenames = turn.has_two_forenames);

    update linking_group as joined set parent = turn.group_a
    from linking_turn as turn
    where turn.objection is null and joined.group_id = turn.group_b
"""

# Between two groups only the first edge counts: when it joins, the others are within the group; when it is refused, so are they.
MOVED = """
    with held as (delete from {table} returning *),
    moved as (
        select coalesce(a.group_a, held.group_a) as now_a, coalesce(b.group_a, held.group_b) as now_b, held.*
        from held
        left join linking_turn as a on a.objection is null and a.group_b = held.group_a
        left join linking_turn as b on b.objection is null and b.group_b = held.group_b
    )
    insert into {table}
"""
MOVE_PENDING = f"""
    {MOVED.format(table="linking_pending")}
    select least(now_a, now_b), greatest(now_a, now_b), min(turn), bool_or(is_vouched)
    from moved
    where now_a <> now_b and not exists (select from linking_turn as refused
        where refused.objection is not null and (refused.group_a, refused.group_b) = (moved.group_a, moved.group_b))
    group by 1, 2
"""
SIDES = """
    case when {one} < {other} then place_a else place_b end, case when {one} < {other} then place_b else place_a end
"""
MOVE_APART = f"""
    {MOVED.format(table="linking_apart")}
    select least(now_a, now_b), greatest(now_a, now_b), {SIDES.format(one="now_a", other="now_b")}, reason
    from moved
    where now_a <> now_b
"""
MOVE_ALIKE = """
    update linking_alike as alike set group_id = turn.group_a
    from linking_turn as turn
    where turn.objection is null and turn.group_b = alike.group_id
"""

FOLLOW_PARENTS = """
    update linking_group as joined set parent = above.parent
    from linking_group as above
    where above.group_id = joined.parent and above.parent <> above.group_id
"""
# Those that were settled together have moved no row yet.
FOLLOW_APART = f"""
    update linking_apart as apart
    set group_a = least(a.parent, b.parent), group_b = greatest(a.parent, b.parent),
        (place_a, place_b) = row({SIDES.format(one="a.parent", other="b.parent")})
    from linking_group as a, linking_group as b
    where a.group_id = apart.group_a and b.group_id = apart.group_b
"""


def join_groups(cursor: Cursor, values: dict[str, Any]) -> None:
    """Make a group of each record in `linking_touched`, and join those that its edges join; `parent` is then the last group."""
    cursor.execute(START, values)
    _settle_undisputed(cursor)
    cursor.execute(FIND_ALIKE, values)
    take_turns(cursor)


def take_turns(cursor: Cursor) -> None:
    """Take the edges of `linking_pending`, one after another."""
    while _is_pending(cursor):  # each round is the turn of the first pending edge at least
        for statement in (TAKE_TURN, JOIN_GROUPS, MOVE_PENDING, MOVE_APART, MOVE_ALIKE):
            cursor.execute(statement)
    repeat(cursor, FOLLOW_PARENTS)
    cursor.execute(FOLLOW_APART)


def _settle_undisputed(cursor: Cursor) -> None:
    cursor.execute(START_COMPONENTS)
    cursor.execute(HOOK_COMPONENTS)
    while cursor.rowcount:
        repeat(cursor, FOLLOW_LABELS)
        cursor.execute(HOOK_COMPONENTS)
    cursor.execute(ADD_DISTANT_TWINS)
    cursor.execute(JOIN_UNDISPUTED)


def _is_pending(cursor: Cursor) -> bool:
    cursor.execute("select exists (select from linking_pending)")
    return cursor.fetchone()[0]


def repeat(cursor: Cursor, statement: str) -> None:
    """Run a statement until it changes no row."""
    cursor.execute(statement)
    while cursor.rowcount:
        cursor.execute(statement)
