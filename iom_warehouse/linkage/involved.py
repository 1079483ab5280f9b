"""Which records a night can concern: those that changed, and all that agree with one of them on the key of a blocking rule.

PostgreSQL finds them, so that only they go to DuckDB and the cost follows the night's change. The indexes of identity.record
serve the rules of the shipped model; a rule that none of them serves gives the same records, more slowly.
"""

from itertools import chain
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from iom_warehouse.linkage.model import Model
from iom_warehouse.linkage.records import few_changed
from iom_warehouse.linkage.sources import IDENTIFIERS

CREATE_TABLES = "create temporary table linking_involved (record_id bigint not null) on commit drop"
START = """
    truncate linking_involved;
    insert into linking_involved select record_id from linking_changed;
    create temporary table linking_sought on commit drop as
    select usable_record.* from identity.usable_record join linking_changed using (record_id) where source_file <> 'dip_client';
    analyze linking_sought
"""
# Rules with one of these in their key are sought together by its index: whoever has the same is read once, not once for each
# rule. Fewer share an address than a birth date.
SHARED = ("unnest(postcodes)", "dob")
# Identifiers are sought as they are used and found as they are held: one that stands for nobody is not sought.
FIND = """
    insert into linking_involved
    select record_id
    from (select distinct {parts} from linking_sought) as sought
    join identity.record on source_file <> 'dip_client' and {agreement}
"""


def create_tables(cursor: Cursor) -> None:
    """Make the (empty) table of this stage for this transaction."""
    cursor.execute(CREATE_TABLES)


def find(cursor: Cursor, model: Model) -> bool:
    """Fill `linking_involved` with the changed records and those that they can be compared with, some of them more than once.

    Returns False, and finds nothing, when so many changed that all records may as well be taken.
    """
    if not few_changed(cursor):
        return False
    cursor.execute(START)
    for statement in statements(model):
        cursor.execute(statement)
    cursor.execute("drop table linking_sought; analyze linking_involved")
    return True


def statements(model: Model) -> list[sql.Composed]:
    """What finds whoever agrees with a changed record on an identifier or on the key of a rule."""
    together: dict[Any, list[tuple[str, ...]]] = {}
    for key in dict.fromkeys((*((kind,) for kind in IDENTIFIERS), *(rule.key for rule in model.blocking_rules))):
        together.setdefault(next((part for part in SHARED if part in key), key), []).append(key)
    return [_find_any(keys) for keys in together.values()]


def _find_any(keys: list[tuple[str, ...]]) -> sql.Composed:
    """Find whoever agrees with a changed record on every part of one of the keys; of an array that is one element in common."""
    parts = {part: sql.Identifier(f"part_{place}") for place, part in enumerate(dict.fromkeys(chain(*keys)))}
    agreements = {
        part: sql.SQL("{} {} sought.{}").format(_column(part), sql.SQL("&&" if _is_array(part) else "="), name)
        for part, name in parts.items()
    }
    common = [part for part in parts if all(part in key for key in keys)]
    others = [[agreements[part] for part in key if part not in common] or [sql.SQL("true")] for key in keys]
    either = sql.SQL(" or ").join(sql.SQL(" and ").join(other) for other in others)
    return sql.SQL(FIND).format(
        parts=sql.SQL(", ").join(sql.SQL("{} as {}").format(_column(part), name) for part, name in parts.items()),
        agreement=sql.SQL(" and ").join([*(agreements[part] for part in common), sql.SQL("({})").format(either)]),
    )


def _column(part: str) -> sql.SQL:
    return sql.SQL(part.removeprefix("unnest(").removesuffix(")") if _is_array(part) else part)


def _is_array(part: str) -> bool:
    return part.startswith("unnest(")
