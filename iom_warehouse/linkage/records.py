"""Standard records: `identity.record` is brought from the vintage of the last run to that of this one.

Only what differs between the two is made again: keys with a version (or an alias) that was opened or closed between them. That
works forwards and backwards. Records of a file that holds people no longer go. A run with another model or other reference data,
or one in full, makes all again.
Leaves `linking_changed` (record_id), the records that are new or not as they were, and `linking_gone` (their former links' keys).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json

from iom_warehouse.linkage import sources
from iom_warehouse.linkage.sources import DIP, Source

Vintage = Mapping[str, int]
FEW = 0.1  # of the records: so many that changed are no reason to look at all, or to count the database's statistics again
OVERUSED_ABOVE = 50  # nobody has so many records: an identifier on more of them is a placeholder that happens to be valid
# A postcode is a hundred homes at most, and they have not so many records: it is a hostel's, a court's or a prison's.
OVERUSED_POSTCODE_ABOVE = 1000

CREATE_TABLES = """
    create temporary table linking_reference (nicknames jsonb not null, bad_values jsonb not null) on commit drop;
    create temporary table linking_key (
        source_file text not null, source_key text not null, primary key (source_file, source_key)
    ) on commit drop;
    create temporary table linking_changed (record_id bigint primary key) on commit drop;
    create temporary table linking_gone (record_id bigint, source_file text not null, source_key text not null) on commit drop;
"""
# Of each key the newest definition in force on the newest business date of the vintage. One without a delivery has no day: then
# the newest of all.
NEWEST_DAY = """
    select coalesce(max(business_date)::text, 'infinity')
    from jsonb_each_text(%s) as part (feed, sequence)
    join audit.delivery on delivery.feed = part.feed and delivery.sequence = part.sequence::bigint
    where status = 'published'
"""
IN_FORCE = "closed_by_configuration is null and effective_from <= %(day)s"
READ_NICKNAMES = f"""
    select jsonb_object_agg(identity.standard_name(name), identity.standard_name(canonical) order by effective_from, name)
    from reference.nicknames where {IN_FORCE} and identity.standard_name(name) is not null
"""
# The bad values of each field, in the spelling in which values are compared; an identifier without a canonical one, as delivered.
READ_BAD_VALUES = f"""
    select jsonb_object_agg(field, reasons)
    from (
        select field, jsonb_object_agg(standard, reason order by effective_from, value) as reasons
        from reference.bad_values
        cross join lateral (
            select case
                when field in ('surname', 'forenames') then identity.standard_name(value)
                when field = 'postcode' then upper(replace(value, ' ', ''))
                when field = 'dob' then lower(btrim(value))
                else coalesce(
                    case field
                        when 'pncid' then identifiers.canonical_pnc(value, extract(year from effective_from)::integer)
                        when 'cro_number' then identifiers.canonical_cro(value)
                        when 'prison_number' then identifiers.canonical_prison_number(value)
                        when 'crn' then identifiers.canonical_crn(value)
                    end,
                    upper(btrim(value)))
            end as standard
        ) as spelt
        where {IN_FORCE} and standard is not null
        group by field
    ) as of_field
"""

# A version is current at sequence S when it was opened by then and not closed by then.
CURRENT = "opened_by_sequence <= {sequence} and (closed_by_sequence is null or closed_by_sequence > {sequence})"

NOTE_KEYS = """
    insert into linking_key
    select distinct {file}, {key} from raw.{table}
    where {key} is not null and (
        (opened_by_sequence > %(low)s and opened_by_sequence <= %(high)s)
        or (closed_by_sequence > %(low)s and closed_by_sequence <= %(high)s))
    on conflict do nothing
"""
# The linker may not read the table of a feed that holds people no longer, so its records say which keys it had.
NOTE_KEYS_WITHOUT_SOURCE = """
    insert into linking_key select source_file, source_key from identity.record where source_file <> all(%s)
"""

# `offset 0` keeps each step apart, so that a standard form is made once and not wherever it is used.
BUILD_SOURCE = """
    select
        {file}::text as source_file, source_key, split_part(forenames, ' ', 1) as forename, surname,
        coalesce({nicknames} ->> split_part(forenames, ' ', 1), split_part(forenames, ' ', 1)) as forename_root,
        identity.forename_forms(array_remove(forenames || other_forenames, null), {nicknames}) as forenames,
        identity.surname_forms(array_remove(surname || other_surnames, null)) as surnames,
        dob, coalesce({bad_values} -> 'dob' ? ('any' || substr(dob::text, 5)), false) as dob_is_rough, sex, postcode,
        coalesce(postcodes, '{{}}') as postcodes, pnc, cro, prison_number, crn, nullif(rejected, '{{}}') as rejected,
        true as is_linkable
    from (
        select
            source_key, sex, other_forenames, other_surnames, postcodes,
            case when not {bad_values} -> 'forenames' ? forenames then forenames end as forenames,
            case when not {bad_values} -> 'surname' ? surname then surname end as surname,
            case when not {bad_values} -> 'dob' ? dob::text then dob end as dob,
            case when not {bad_values} -> 'postcode' ? postcode then postcode end as postcode,
            {usable_identifiers}, {rejected} as rejected
        from (
            select
                version.{key} as source_key, identity.standard_name(version.{forenames}) as forenames,
                identity.standard_name(version.{surname}) as surname, version.dob, nullif(version.sex, 'U') as sex,
                {postcode} as postcode, {delivered}, {canonical}, {other_names}, {postcodes}
            from raw.{table} as version
            {joins}
            where {current} {only_keys} and {consents}
            offset 0
        ) as standard
        offset 0
    ) as usable
"""
NO_BAD_VALUES = (
    '{"surname": {}, "forenames": {}, "dob": {}, "postcode": {}, "pncid": {}, "cro_number": {}, "prison_number": {}, "crn": {}}'
)
IDENTIFIERS = {"pnc": "pncid", "cro": "cro_number", "prison_number": "prison_number", "crn": "crn"}  # as bad_values call them

# A short PNC year is read as of the year in which its row was delivered, so that a vintage gives the same answer in any year.
CANONICAL = {
    "pnc": "identifiers.canonical_pnc({}, extract(year from version.recorded_from at time zone 'Europe/London')::integer)",
    "cro": "identifiers.canonical_cro({})",
    "prison_number": "identifiers.canonical_prison_number({})",
    "crn": "identifiers.canonical_crn({})",
}
# The police give nobody a PNC before the year in which they turn ten: such a number, or the birth date, is somebody else's.
IS_OF_A_CHILD = "left(standard_pnc, 4)::integer < extract(year from dob) + 10 and not {bad_values} -> 'dob' ? dob::text"
JOIN_ALIASES = """
    left join (
        select
            {key} as key,
            array_agg(surname) filter (where not {bad_values} -> 'surname' ? surname) as other_surnames,
            array_agg(forenames) filter (where not {bad_values} -> 'forenames' ? forenames) as other_forenames
        from (
            select {key}, identity.standard_name(surname) as surname, identity.standard_name(forenames) as forenames
            from raw.{aliases} where {current} {only_keys}
            offset 0
        ) as other
        group by {key}
    ) as alias on alias.key = version.{key}
"""
JOIN_POSTCODES = """
    left join (
        select {key} as key, array_agg(distinct {standard} order by {standard}) as postcodes
        from raw.{table} where opened_by_sequence <= {sequence} and {column} is not null {only_keys} group by {key}
    ) as lived on lived.key = version.{key}
"""
# A yes without its day is none. The contract keeps days after the extract out, so consent that has a day has been given by then.
CONSENTS = "coalesce(version.consent_to_share and version.consent_on is not null and version.consent_withdrawn_on is null, false)"
WITHOUT_CONSENT = """
    select {file}::text, version.{key}, null::text, null::text, null::text, '{{}}'::text[], '{{}}'::text[], null::date, false,
        null::text, null::text, '{{}}'::text[], null::text, null::text, null::text, null::text, null::jsonb, false
    from raw.{table} as version
    where {current} {only_keys} and not {consents}
"""

COLUMNS = (
    "source_file, source_key, forename, surname, forename_root, forenames, surnames, dob, dob_is_rough, sex, postcode, "
    "postcodes, pnc, cro, prison_number, crn, rejected, is_linkable"
)
# Whose a record is, or was when it was withdrawn, its last link says. Of a file that holds people no longer nothing is known.
DELETED_BY_HAND = """
    with kept as ({keys}),
    last_link as (
        select distinct on (source_file, source_key) source_file, source_key, person_key
        from identity.link order by source_file, source_key, opened_by_run desc
    ),
    known as (
        select source_file, record_id, person_key, source_file = any (%s) and kept.source_key is null as is_deleted
        from last_link
        left join kept using (source_file, source_key)
        left join identity.record using (source_file, source_key)
    )
    select
        array(select source_file || ' ' || record_id from known where is_deleted and record_id is not null order by record_id),
        array(select person_key from known group by person_key having bool_and(is_deleted) order by person_key)
"""
REPLACE_ALL = f"""
    insert into linking_gone
    select null, source_file, source_key from identity.link
    where closed_by_run is null and not exists (select from linking_built as built
        where (built.source_file, built.source_key) = (link.source_file, link.source_key));
    truncate identity.record, identity.pair, identity.distant_twins;
    select identity.drop_record_indexes();
    insert into identity.record ({COLUMNS}) select {COLUMNS} from linking_built;
    select identity.make_record_indexes();
    insert into linking_changed select record_id from identity.record
"""
REPLACE_CHANGED = f"""
    with merged as (
        merge into identity.record as held using linking_built as built
        on (held.source_file, held.source_key) = (built.source_file, built.source_key)
        when matched and ({", ".join(f"held.{name}" for name in COLUMNS.split(", "))})
            is distinct from ({", ".join(f"built.{name}" for name in COLUMNS.split(", "))})
            then update set {", ".join(f"{name} = built.{name}" for name in COLUMNS.split(", "))}
        when not matched then insert ({COLUMNS}) values ({", ".join(f"built.{name}" for name in COLUMNS.split(", "))})
        returning held.record_id
    )
    insert into linking_changed select record_id from merged;

    with gone as (
        delete from identity.record as held using linking_key as noted
        where (held.source_file, held.source_key) = (noted.source_file, noted.source_key)
            and not exists (select from linking_built as built
                where (built.source_file, built.source_key) = (held.source_file, held.source_key))
        returning held.record_id, held.source_file, held.source_key
    )
    insert into linking_gone select record_id, source_file, source_key from gone
"""

# Only a value of a changed record, or one that is overused already, can have crossed the line.
FIND_OVERUSED = """
    with suspect as (
        select value
        from linking_changed join identity.record using (record_id) cross join lateral unnest({values}) as given (value)
        where value is not null
        union
        select value from identity.overused_value where kind = %(kind)s
    ),
    counted as (
        select value, count(record_id) > %(most)s as is_overused
        from suspect left join identity.record on {has_it}
        group by value
    ),
    added as (
        insert into identity.overused_value
        select %(kind)s, value from counted where is_overused
        on conflict do nothing
        returning value
    ),
    removed as (
        delete from identity.overused_value as overused using counted
        where (overused.kind, overused.value) = (%(kind)s, counted.value) and not counted.is_overused
        returning overused.value
    )
    insert into linking_changed
    select record_id
    from (select value from added union all select value from removed) as crossed join identity.record on {has_it}
    on conflict do nothing
"""
# Kind -> its values in a record, whether a record has `value`, and how many may have it. A drug service gives no addresses.
MAY_BE_OVERUSED = {kind: (f"array[{kind}]", f"{kind} = value", OVERUSED_ABOVE) for kind in IDENTIFIERS} | {
    "postcode": (
        "case when source_file <> 'dip_client' then postcodes end",
        "postcodes @> array[value] and source_file <> 'dip_client'",
        OVERUSED_POSTCODE_ABOVE,
    )
}


def create_tables(cursor: Cursor) -> None:
    """Make the (empty) tables of this stage for this transaction."""
    cursor.execute(CREATE_TABLES)


def read_reference(cursor: Cursor, vintage: Vintage) -> str:
    """Take the nicknames and bad values in force on the newest business date of `vintage` into use; returns a digest of them."""
    cursor.execute(NEWEST_DAY, (Json(dict(vintage)),))
    (day,) = cursor.fetchone()
    nicknames, bad_values = (
        _read(cursor, table, statement, day)
        for table, statement in (("nicknames", READ_NICKNAMES), ("bad_values", READ_BAD_VALUES))
    )
    cursor.execute(
        """truncate linking_reference;
           insert into linking_reference values (%s, %s::jsonb || %s)
           returning md5(nicknames::text || bad_values::text)""",
        (nicknames, NO_BAD_VALUES, bad_values),
    )
    return cursor.fetchone()[0]


def rebuild_all(cursor: Cursor, vintage: Vintage) -> None:
    """Make every record of `vintage` (feed -> sequence; a feed that is not in it is absent) again."""
    cursor.execute("truncate linking_changed, linking_gone, identity.overused_value")
    _build(cursor, vintage, only_keys=False)
    cursor.execute(REPLACE_ALL)
    _end(cursor)


def rebuild_changed(cursor: Cursor, present: Vintage, vintage: Vintage) -> None:
    """Bring the records from the vintage `present`, which they are of, to `vintage`."""
    cursor.execute("truncate linking_changed, linking_gone, linking_key")
    for source in sources.all():
        _note_keys(cursor, source, present.get(source.feed, -1), vintage.get(source.feed, -1))
    cursor.execute(NOTE_KEYS_WITHOUT_SOURCE, ([source.file for source in sources.all()],))
    cursor.execute("analyze linking_key")
    _build(cursor, vintage, only_keys=True)
    cursor.execute(REPLACE_CHANGED)
    _end(cursor)


@dataclass(frozen=True)
class Erased:
    """Records of the last run whose rows are gone from `raw` though nobody withdrew them, each as its file and number; and the
    people of whom `raw` has no record any more, withdrawn ones included."""

    records: list[str]
    people: list[int]


def deleted_by_hand(cursor: Cursor) -> Erased:
    """What the last runs linked, and somebody has deleted from `raw`."""
    present = [source for source in sources.all() if _exists(cursor, f"raw.{source.file}")]
    if not present:
        return Erased([], [])
    keys = sql.SQL(" union ").join(
        sql.SQL("select {}::text as source_file, {} as source_key from raw.{}").format(
            sql.Literal(source.file), sql.Identifier(source.key), sql.Identifier(source.file)
        )
        for source in present
    )
    cursor.execute(sql.SQL(DELETED_BY_HAND).format(keys=keys), ([source.file for source in present],))
    return Erased(*cursor.fetchone())


def few_changed(cursor: Cursor) -> bool:
    """Whether the night's change is small beside all records."""
    beyond = "select (count(*) / %s)::bigint from linking_changed"  # so many records are counted at most
    cursor.execute(f"select exists (select from identity.record offset ({beyond}))", (FEW,))
    return cursor.fetchone()[0]


def analyze(cursor: Cursor, table: str) -> None:
    """Have the statistics of a table of `identity` counted again, unless few records changed: then the old ones will do."""
    if not few_changed(cursor):
        cursor.execute(sql.SQL("analyze identity.{}").format(sql.Identifier(table)))


def _end(cursor: Cursor) -> None:
    cursor.execute("drop table linking_built; analyze linking_changed")
    analyze(cursor, "record")
    for kind, (values, has_it, most) in MAY_BE_OVERUSED.items():
        cursor.execute(FIND_OVERUSED.format(values=values, has_it=has_it), {"kind": kind, "most": most})


def _read(cursor: Cursor, table: str, statement: str, day: str) -> str:
    """A reference table of a day as JSON text; empty before a configuration was applied."""
    if not _exists(cursor, f"reference.{table}"):
        return "{}"
    cursor.execute(f"select coalesce(({statement}), '{{}}')::text", {"day": day})
    return cursor.fetchone()[0]


def _exists(cursor: Cursor, table: str) -> bool:
    cursor.execute("select to_regclass(%s) is not null", (table,))
    return cursor.fetchone()[0]


def _note_keys(cursor: Cursor, source: Source, one: int, other: int) -> None:
    bounds = {"low": min(one, other), "high": max(one, other)}
    for table in filter(None, (source.file, source.aliases)):
        if one != other and _exists(cursor, f"raw.{table}"):
            cursor.execute(
                sql.SQL(NOTE_KEYS).format(
                    file=sql.Literal(source.file), key=sql.Identifier(source.key), table=sql.Identifier(table)
                ),
                bounds,
            )


def _build(cursor: Cursor, vintage: Vintage, only_keys: bool) -> None:
    """Fill `linking_built` with the records of `vintage` in standard form, in the order of files and keys."""
    cursor.execute("select nicknames::text, bad_values::text from linking_reference")
    reference = cursor.fetchone()
    statements = [
        statement
        for source in sources.all()
        if source.feed in vintage and _exists(cursor, f"raw.{source.file}")
        for statement in _source_statements(cursor, source, vintage[source.feed], reference, only_keys)
    ]
    cursor.execute(sql.SQL("create temporary table linking_built on commit drop as ") + sql.SQL(" union all ").join(
        statements or [sql.SQL(f"select {COLUMNS} from identity.record where false")]
    ))  # fmt: skip
    cursor.execute("analyze linking_built")


def _source_statements(
    cursor: Cursor, source: Source, sequence: int, reference: tuple[str, str], only_keys: bool
) -> list[sql.Composed]:
    nicknames, bad_values = (sql.SQL("{}::jsonb").format(sql.Literal(text)) for text in reference)
    noted = sql.SQL("and {} in (select source_key from linking_key where source_file = {})").format(
        sql.Identifier(source.key), sql.Literal(source.file)
    )
    part: dict[str, sql.Composable] = {
        "file": sql.Literal(source.file),
        "table": sql.Identifier(source.file),
        "key": sql.Identifier(source.key),
        "sequence": sql.Literal(sequence),
        "nicknames": nicknames,
        "bad_values": bad_values,
        "surname": sql.Identifier(source.surname),
        "forenames": sql.Identifier(source.forenames),
        "current": sql.SQL(CURRENT).format(sequence=sql.Literal(sequence)),
        "only_keys": noted if only_keys else sql.SQL(""),
        "consents": sql.SQL(CONSENTS if source is DIP else "true"),
    }
    part |= _identifiers(source, bad_values) | _aliases(cursor, source, part) | _postcodes(source, part)
    part["joins"] = part.pop("join_aliases") + part.pop("join_postcodes")
    templates = (BUILD_SOURCE, WITHOUT_CONSENT) if source is DIP else (BUILD_SOURCE,)
    return [sql.SQL(template).format(**part) for template in templates]


def _identifiers(source: Source, bad_values: sql.Composable) -> dict[str, sql.Composable]:
    """The expressions of the identifiers: as delivered, canonical, usable, and why they (and the birth date) are not."""
    columns = {kind: getattr(source, kind) for kind in IDENTIFIERS}
    delivered = {
        kind: sql.SQL("version.{}").format(sql.Identifier(column)) if column else sql.SQL("null::text")
        for kind, column in columns.items()
    }
    fields = {kind: sql.SQL("({} -> {})").format(bad_values, sql.Literal(field)) for kind, field in IDENTIFIERS.items()}
    beyond = {"pnc": sql.SQL(IS_OF_A_CHILD).format(bad_values=bad_values)}
    usable = {
        kind: sql.SQL("case when {} ? {} or {} then null else {} end").format(
            fields[kind], standard, beyond.get(kind, sql.SQL("false")), standard
        )
        for kind in IDENTIFIERS
        for standard in [sql.Identifier(f"standard_{kind}")]
    }
    return {
        "delivered": _listed("{value} as {name}", delivered, "delivered_"),
        "canonical": _listed(
            "{value} as {name}",
            {kind: sql.SQL(CANONICAL[kind]).format(value) for kind, value in delivered.items()},
            "standard_",
        ),
        "usable_identifiers": _listed("{value} as {name}", usable, ""),
        "rejected": sql.SQL("jsonb_strip_nulls(jsonb_build_object({}))").format(
            sql.SQL(", ").join([
                sql.SQL("'dob', {} -> 'dob' ->> dob::text").format(bad_values),
                *(sql.SQL("{}, identity.why_rejected({}, {}, {}, {})").format(
                    sql.Literal(kind), sql.Identifier(f"delivered_{kind}"), usable[kind], fields[kind],
                    sql.Identifier(f"standard_{kind}"),
                ) for kind in (kind for kind, column in columns.items() if column)),
            ])
        ),
    }  # fmt: skip


def _listed(template: str, values: Mapping[str, sql.Composable], prefix: str) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL(template).format(value=value, name=sql.Identifier(prefix + name)) for name, value in values.items()
    )


def _aliases(cursor: Cursor, source: Source, part: Mapping[str, sql.Composable]) -> dict[str, sql.Composable]:
    if not source.aliases or not _exists(cursor, f"raw.{source.aliases}"):
        return {
            "other_names": sql.SQL("null::text[] as other_surnames, null::text[] as other_forenames"),
            "join_aliases": sql.SQL(""),
        }
    return {
        "other_names": sql.SQL("other_surnames, other_forenames"),
        "join_aliases": sql.SQL(JOIN_ALIASES).format(aliases=sql.Identifier(source.aliases), **part),
    }


def _postcodes(source: Source, part: Mapping[str, sql.Composable]) -> dict[str, sql.Composable]:
    if not source.postcode:
        return {
            "postcode": sql.SQL("null::text"),
            "postcodes": sql.SQL("null::text[] as postcodes"),
            "join_postcodes": sql.SQL(""),
        }
    column = sql.Identifier(source.postcode)
    standard = sql.SQL("upper(replace({}, ' ', ''))" if source is DIP else "identity.standard_postcode({})")
    return {
        "postcode": standard.format(sql.SQL("version.{}").format(column)),
        "postcodes": sql.SQL(
            "array(select lived from unnest(postcodes) as lived where not {} -> 'postcode' ? lived) as postcodes"
        ).format(part["bad_values"]),
        "join_postcodes": sql.SQL(JOIN_POSTCODES).format(column=column, standard=standard.format(column), **part),
    }
