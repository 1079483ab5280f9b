"""DIP clients: each joins the one person who holds the identifier that was given with consent."""

from psycopg2.extensions import cursor as Cursor

from iom_warehouse.linkage.clustering import joining

# Groups of clients alone: one client, or those whom a steward put together, who go together.
OF_CLIENTS = """
    of_clients as materialized (
        select parent
        from linking_group join linking_record on place = group_id
        where parent in (
            select parent from linking_group join linking_record on place = group_id where source_file = 'dip_client')
        group by parent
        having bool_and(source_file = 'dip_client')
    )
"""
# The people who hold an identifier of a DIP client, and what speaks against them. What a client gave whom a steward put with
# somebody is held by that person too, for clients of the same birth date.
FIND_HOLDERS = f"""
    truncate linking_holder;
    insert into linking_holder
    with shared as (
        select record_a as client_id, record_b as holder_id from identity.pair where kind = 'dip_identifier'
        union all
        select record_b, record_a from identity.pair where kind = 'dip_identifier'
    ),
    {OF_CLIENTS}
    select
        own.parent, client.place, holder.place, grouped.parent, case when c.pnc = h.pnc then 'pnc' else 'prison_number' end,
        case
            when exists (select from linking_apart as apart where (apart.group_a, apart.group_b)
                = (least(own.parent, grouped.parent), greatest(own.parent, grouped.parent))) then 'steward_different'
            when not (main.pncs @> clients.pncs or clients.pncs @> main.pncs) then 'two_pncs'
            when c.dob <> h.dob and num_nulls(c.forename, c.surname, h.forename, h.surname) = 0 and not (
                exists (select from unnest(h.forenames) as name where left(name, 1) = c.forename)
                and exists (select from unnest(h.surnames) as name where left(name, 1) = c.surname)
            ) then 'dip_contradicted'
        end
    from shared
    join linking_record as client on client.record_id = client_id
    join linking_record as holder on holder.record_id = holder_id
    join identity.usable_record as c on c.record_id = client_id
    join identity.usable_record as h on h.record_id = holder_id
    join linking_group as own on own.group_id = client.place
    join linking_group as clients on clients.group_id = own.parent
    join linking_group as grouped on grouped.group_id = holder.place
    join linking_group as main on main.group_id = grouped.parent
    where own.parent in (select parent from of_clients) and grouped.parent not in (select parent from of_clients)
        and (holder.source_file <> 'dip_client' or c.dob is not distinct from h.dob)
"""
JOINING = """
    select group_id, min(parent) as parent from linking_holder
    group by group_id having count(distinct parent) = 1 and count(objection) = 0
"""
# Of clients who were told apart, or would give one person two PNCs, the later one does not follow the earlier one there. Once for
# those whose earlier ones join for certain: who joins not stands in nobody's way.
KEEP_CLIENTS_APART = f"""
    with joining as materialized ({JOINING}),
    rival as materialized (
        select
            earlier.group_id as earlier_id, later.group_id as later_id,
            case when apart.group_a is not null then 'steward_different' else 'two_pncs' end as objection
        from joining as earlier
        join joining as later on later.parent = earlier.parent and later.group_id > earlier.group_id
        join linking_group as a on a.group_id = earlier.group_id
        join linking_group as b on b.group_id = later.group_id
        join linking_group as main on main.group_id = earlier.parent
        left join linking_apart as apart on (apart.group_a, apart.group_b) = (earlier.group_id, later.group_id)
        where apart.group_a is not null
            or not (a.pncs @> b.pncs or b.pncs @> a.pncs or main.pncs @> a.pncs or main.pncs @> b.pncs)
    )
    update linking_holder as held set objection = refused.objection
    from (
        select later_id, min(objection) as objection from rival
        where earlier_id not in (select later_id from rival)
        group by later_id
    ) as refused
    where held.group_id = refused.later_id
"""
JOIN_DIP_CLIENTS = f"""
    update linking_group as joined set parent = held.parent
    from ({JOINING}) as held
    where joined.parent = held.group_id
"""
# Clients of whom no other feed knows, with the same birth date and either identifier in common.
PAIR_UNHELD_CLIENTS = f"""
    with {OF_CLIENTS},
    unheld as (
        select place, parent, record_id, dob
        from of_clients
        join linking_group using (parent)
        join linking_record on place = group_id
        join identity.usable_record using (record_id)
        where parent not in (select group_id from linking_holder)
    ),
    alike as (
        select
            least(a.place, b.place) as place_a, greatest(a.place, b.place) as place_b,
            least(a.parent, b.parent) as group_a, greatest(a.parent, b.parent) as group_b
        from identity.pair
        join unheld as a on a.record_id = record_a
        join unheld as b on b.record_id = record_b and b.parent <> a.parent and b.dob is not distinct from a.dob
        where kind = 'dip_identifier'
    ),
    edge as (
        insert into linking_edge
        select (select coalesce(max(turn), 0) from linking_edge) + row_number() over (order by place_a, place_b),
            place_a, place_b, false, true, false
        from alike
        returning turn, place_a, place_b
    )
    insert into linking_pending
    select group_a, group_b, min(turn), true from edge join alike using (place_a, place_b) group by group_a, group_b
"""


def join_dip_clients(cursor: Cursor) -> None:
    """Put clients into the groups that `linking_group` has; leaves in `linking_holder` whom each might belong to and what speaks
    against it."""
    cursor.execute(FIND_HOLDERS)
    joining.repeat(cursor, KEEP_CLIENTS_APART)
    cursor.execute(JOIN_DIP_CLIENTS)
    cursor.execute(PAIR_UNHELD_CLIENTS)
    joining.take_turns(cursor)
