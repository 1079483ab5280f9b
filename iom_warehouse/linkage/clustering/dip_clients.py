"""DIP clients: each joins the one person who holds the identifier that was given with consent."""

from psycopg2.extensions import cursor as Cursor

from iom_warehouse.linkage.clustering import joining

# The people who hold an identifier of a DIP client, and what speaks against them. A client whom a steward placed is left alone.
FIND_HOLDERS = """
    truncate linking_holder;
    insert into linking_holder
    with shared as (
        select record_a as client_id, record_b as holder_id from identity.pair where kind = 'dip_identifier'
        union all
        select record_b, record_a from identity.pair where kind = 'dip_identifier'
    ),
    grown as (select distinct parent from linking_group where parent <> group_id)
    select
        client.place, holder.place, grouped.parent, case when c.pnc = h.pnc then 'pnc' else 'prison_number' end,
        case
            when exists (select from linking_apart as apart where (apart.group_a, apart.group_b)
                = (least(client.place, grouped.parent), greatest(client.place, grouped.parent))) then 'steward_different'
            when c.pnc is not null and main.pncs <> '{}' and not main.pncs @> array[c.pnc] then 'two_pncs'
            when c.dob <> h.dob and left(h.forename, 1) || left(h.surname, 1) <> c.forename || c.surname then 'dip_contradicted'
        end
    from shared
    join linking_record as client on client.record_id = client_id and client.source_file = 'dip_client'
    join linking_record as holder on holder.record_id = holder_id and holder.source_file <> 'dip_client'
    join identity.usable_record as c on c.record_id = client_id
    join identity.usable_record as h on h.record_id = holder_id
    join linking_group as own on own.group_id = client.place
    join linking_group as grouped on grouped.group_id = holder.place
    join linking_group as main on main.group_id = grouped.parent
    where own.parent = client.place and client.place not in (select parent from grown)
"""
# Of two clients who were told apart the later one does not follow the earlier one to the same person.
KEEP_CLIENTS_APART = """
    update linking_holder as later set objection = 'steward_different'
    from linking_holder as earlier join linking_apart on group_a = earlier.place
    where group_b = later.place and earlier.parent = later.parent and later.objection is null
"""
JOIN_DIP_CLIENTS = """
    update linking_group as joined set parent = held.parent
    from (
        select place, min(parent) as parent from linking_holder
        group by place having count(distinct parent) = 1 and count(objection) = 0
    ) as held
    where joined.group_id = held.place
"""
# Clients of whom no other feed knows, with the same birth date and either identifier in common.
PAIR_UNHELD_CLIENTS = """
    with unheld as (
        select place, record_id, dob
        from linking_record
        join identity.usable_record using (record_id)
        join linking_group on group_id = place
        where usable_record.source_file = 'dip_client' and parent = place
            and place not in (select place from linking_holder)
            and place not in (select parent from linking_group where parent <> group_id)
    ),
    alike as (
        select least(a.place, b.place) as place_a, greatest(a.place, b.place) as place_b
        from identity.pair
        join unheld as a on a.record_id = record_a
        join unheld as b on b.record_id = record_b and b.dob is not distinct from a.dob
        where kind = 'dip_identifier'
    ),
    edge as (
        insert into linking_edge
        select (select coalesce(max(turn), 0) from linking_edge) + row_number() over (order by place_a, place_b),
            place_a, place_b, false, true
        from alike
        returning *
    )
    insert into linking_pending select place_a, place_b, turn, is_vouched from edge
"""


def join_dip_clients(cursor: Cursor) -> None:
    """Put clients into the groups that `linking_group` has; leaves in `linking_holder` whom each might belong to and what speaks
    against it."""
    for statement in (FIND_HOLDERS, KEEP_CLIENTS_APART, JOIN_DIP_CLIENTS, PAIR_UNHELD_CLIENTS):
        cursor.execute(statement)
    joining.take_turns(cursor)
