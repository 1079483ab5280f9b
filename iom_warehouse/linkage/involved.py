"""Which records a night can concern: those that changed, and all that agree with one of them on the key of a blocking rule.

PostgreSQL finds them, so that only they go to DuckDB and the cost follows the night's change. The indexes of identity.record
serve the rules of the shipped model; a rule that none of them serves gives the same records, more slowly.
"""

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from iom_warehouse.linkage.model import Model
from iom_warehouse.linkage.records import IDENTIFIERS, few_changed

CREATE_TABLES = "create temporary table linking_involved (record_id bigint primary key) on commit drop"
START = """
    truncate linking_involved;
    insert into linking_involved select record_id from linking_changed;
    create temporary table linking_sought on commit drop as
    select usable_record.* from identity.usable_record join linking_changed using (record_id) where source_file <> 'dip_client';
    analyze linking_sought
"""
# Few share an address, so it is sought by its index before the rest of a key is looked at; the planner cannot know that.
ADDRESS, AT_ADDRESS = "unnest(postcodes)", "and postcodes && sought.{} offset 0"
# Identifiers are sought as they are used and found as they are held: one that stands for nobody is not sought.
FIND = """
    insert into linking_involved
    select held.record_id
    from (select distinct {names} from (select {key} from linking_sought) as every) as sought
    join lateral (select record_id, {key} from identity.record where source_file <> 'dip_client' {first}) as held on {agreement}
    on conflict do nothing
"""


def create_tables(cursor: Cursor) -> None:
    """Make the (empty) table of this stage for this transaction."""
    cursor.execute(CREATE_TABLES)


def find(cursor: Cursor, model: Model) -> bool:
    """Fill `linking_involved` with the changed records and those that they can be compared with.

    Returns False, and finds nothing, when so many changed that all records may as well be taken.
    """
    if not few_changed(cursor):
        return False
    cursor.execute(START)
    for key in dict.fromkeys((*((kind,) for kind in IDENTIFIERS), *(rule.key for rule in model.blocking_rules))):
        cursor.execute(statement(key))
    cursor.execute("drop table linking_sought; analyze linking_involved")
    return True


def statement(key: tuple[str, ...]) -> sql.Composed:
    """Find whoever agrees with a changed record on every part of a key; of an array that is one element in common."""
    names = [sql.Identifier(f"key_{place}") for place in range(len(key))]
    columns = [part.removeprefix("unnest(").removesuffix(")") if _is_array(part) else part for part in key]
    return sql.SQL(FIND).format(
        first=sql.SQL(AT_ADDRESS).format(names[key.index(ADDRESS)]) if ADDRESS in key else sql.SQL(""),
        names=sql.SQL(", ").join(names),
        key=sql.SQL(", ").join(
            sql.SQL("{} as {}").format(sql.SQL(column), name) for column, name in zip(columns, names, strict=True)
        ),
        agreement=sql.SQL(" and ").join(
            sql.SQL("held.{name} {agrees} sought.{name}").format(name=name, agrees=sql.SQL("&&" if _is_array(part) else "="))
            for part, name in zip(key, names, strict=True)
        ),
    )


def _is_array(part: str) -> bool:
    return part.startswith("unnest(")
