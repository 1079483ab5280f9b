"""Whom the night's change can reach: only they are regrouped, all others stay as they are."""

from typing import Any

from psycopg2.extensions import cursor as Cursor

# What could ever join, or be kept apart against the evidence: the reach of a change.
BINDING = "(shares_identifier or looks_like_twins or weight >= %(split)s)"

TOUCH_ALL = "truncate linking_touched; insert into linking_touched select record_id, 0 from identity.record"

# Who changed, who was one person with somebody who changed or left, and those of whom a steward decided what was not obeyed then.
TOUCH_FIRST = """
    truncate linking_touched;
    insert into linking_touched
    with moved as (
        select source_file, source_key from linking_changed join identity.record using (record_id)
        union
        select source_file, source_key from linking_gone
        union
        select named.* from identity.decision
        cross join lateral (values (source_file, source_key), (other_source_file, other_source_key)) as named
        where decision_id > %(known_decision)s or withdrawn_by_decision > %(known_decision)s
    )
    select record_id, 0 from moved join identity.record using (source_file, source_key)
    union
    select record.record_id, 0
    from moved
    join identity.link as link using (source_file, source_key)
    join identity.link as fellow using (person_key)
    join identity.record as record on (record.source_file, record.source_key) = (fellow.source_file, fellow.source_key)
    where link.closed_by_run is null and fellow.closed_by_run is null
"""
TOUCH_NEXT = f"""
    insert into linking_touched
    with edge as (select record_id from linking_touched where step = %(step)s)
    select record_b, %(step)s + 1 from edge join identity.pair on record_a = record_id where {BINDING}
    union
    select record_a, %(step)s + 1 from edge join identity.pair on record_b = record_id where {BINDING}
    union
    select other.record_id, %(step)s + 1
    from edge
    join identity.record as one using (record_id)
    join identity.link as link using (source_file, source_key)
    join identity.link as fellow using (person_key)
    join identity.record as other on (other.source_file, other.source_key) = (fellow.source_file, fellow.source_key)
    where link.closed_by_run is null and fellow.closed_by_run is null
    union
    select case when decided.record_id = edge.record_id then other_id else decided.record_id end, %(step)s + 1
    from linking_decision as decided join edge on edge.record_id in (decided.record_id, other_id)
    on conflict do nothing
"""


def touch(cursor: Cursor, values: dict[str, Any]) -> None:
    """Fill `linking_touched` from `linking_changed`, `linking_gone` and the decisions since the last run, step by step."""
    cursor.execute("select not exists (select from identity.record offset (select count(*) from linking_changed))")
    if cursor.fetchone()[0]:
        cursor.execute(TOUCH_ALL)
        return
    cursor.execute(TOUCH_FIRST, values)
    step = 0
    while cursor.rowcount:
        cursor.execute(TOUCH_NEXT, values | {"step": step})
        step += 1
