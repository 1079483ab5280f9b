"""Scoring: each changed record against those it can be compared with, by Splink in DuckDB; pairs, weights and levels come back.

The records go to DuckDB and the pairs come back by COPY through files that have no name, so that nothing of them is left behind
by a run that was killed. Splink scores the pairs that the model's blocking rules give with a changed record in them.
DIP clients are no part of that: what they share with other records is found in SQL.
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Any

import duckdb
from psycopg2.extensions import cursor as Cursor

from iom_warehouse.linkage import involved, records
from iom_warehouse.linkage.model import IN_COMMON, NO_OTHER_FORENAME, BlockingRule, Model
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings

ARRAYS = ("forenames", "surnames", "postcodes")
COLUMNS = {
    "record_id": "bigint", "source_file": "varchar", "source_key": "varchar", "forename": "varchar", "surname": "varchar",
    "forename_root": "varchar", "forenames": "varchar", "surnames": "varchar", "dob": "date", "dob_is_rough": "boolean",
    "sex": "varchar", "postcode": "varchar", "postcodes": "varchar", "pnc": "varchar", "cro": "varchar",
    "prison_number": "varchar", "crn": "varchar", "is_new": "boolean",
}  # fmt: skip
# Standard names and postcodes hold no stroke.
EXPORTED = ", ".join(f"array_to_string({name}, '|')" if name in ARRAYS else name for name in COLUMNS if name != "is_new")
EXPORT = f"""
    copy (
        select {EXPORTED}, changed.record_id is not null
        from identity.usable_record left join linking_changed as changed using (record_id)
        where source_file <> 'dip_client' {{only}}
    ) to stdout (format csv)
"""
ONLY_INVOLVED = "and record_id in (select record_id from linking_involved)"

# order_key is another way to say which record it is, the same whenever the record arrived: comparisons of two texts may depend
# on which comes first, so the one with the smaller key does.
IMPORT = f"""
    create table records as
    select * replace ({", ".join(f"coalesce(string_split(nullif({name}, ''), '|'), []) as {name}" for name in ARRAYS)}),
        hash(source_file, source_key) as order_key
    from read_csv($path, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = '',
        parallel = true, columns = {COLUMNS!r})
"""

KEYS = (
    "create table blocking_key_{number} as select * from (select record_id, order_key, is_new, {key} from records) where {known}"
)
PAIRS_OF_RULE = """
    select
        case when one.order_key < other.order_key then one.record_id else other.record_id end as join_key_l,
        case when one.order_key < other.order_key then other.record_id else one.record_id end as join_key_r
    from blocking_key_{number} as one join blocking_key_{number} as other using ({names})
    where one.is_new and one.record_id <> other.record_id and (not other.is_new or one.order_key < other.order_key)
"""

FREQUENCIES = """
    create table frequency_of_{column} as
    with given as (select value, frequency from read_csv($path, header = true, columns = {{
        'column': 'varchar', 'value': 'varchar', 'frequency': 'double'}}) where "column" = '{column}')
    select {column}, coalesce(frequency, {floor}) as tf_{column}
    from (select distinct {column} from records where {column} is not null) left join given on value = {column}
"""

# Weights are rounded, so that the last bit of a sum never decides. Pairs that share an identifier are kept whatever they weigh.
RESULT = """
    copy (
        with scored as (
            select *, least(record_id_l, record_id_r) as record_a, greatest(record_id_l, record_id_r) as record_b
            from {predictions}
        ),
        sharing as (
            select distinct least(one, other) as record_a, greatest(one, other) as record_b from ({sharing}) as met (one, other)
        )
        select
            record_a, record_b, 'scored', round(match_weight, 3), {shares} as shares_identifier,
            not shares_identifier and {other_forename}, shares_identifier and {other_forename},
            '{{' || concat_ws(',', {levels}) || '}}'
        from scored join records as a on a.record_id = record_a join records as b on b.record_id = record_b
        union all
        select record_a, record_b, 'shared_identifier', null::double, true, false, false, '{{}}'
        from sharing anti join scored using (record_a, record_b)
        order by 1, 2
    ) to '{path}' (format csv, header false, use_tmp_file false)
"""
IDENTIFIERS = ("pnc", "cro", "prison_number", "crn")
SHARES = "(" + " or ".join(f"coalesce(a.{name} = b.{name}, false)" for name in IDENTIFIERS) + ")"
SHARING = " union all ".join(
    f"select a.record_id, b.record_id from records as a join records as b using ({name})"
    " where a.is_new and a.record_id <> b.record_id"
    for name in IDENTIFIERS
)
# Two who differ in the forename, as the model's last level of it has it, and in nothing that twins do not share. A forename that
# is merely like the other's is another one where they are man and woman (Daniel and Danielle), and where the model knows both as
# names (Dean and Sean).
OTHER_FORENAME = """
    (coalesce(a.dob = b.dob and list_has_any(a.surnames, b.surnames), false)
        and ({level} = 0 or {level} not in ({no_other_forename}) and (coalesce(a.sex <> b.sex, false)
            or a.forename_root in (select unnest({known})) and b.forename_root in (select unnest({known})))))
"""
MISSING = -1  # the number of the level at which two end where one has no forename
# Two whose name in common is the first of neither (Liam James, Patrick James; often it is the family's, or a mere letter) end
# where their first names do.
LEVEL_OF_FIRST_NAMES = """
    case when gamma_forename = {in_common} and not (
        list_has_any(a.forenames, [b.forename, b.forename_root]) or list_has_any(b.forenames, [a.forename, a.forename_root]))
    then {without_later_names} else gamma_forename end
"""
# Those who look like twins and weigh less than the model keeps: nobody is asked about them, but no chain may join them. They are
# sought among the pairs that were compared, by birth date and surname first, which leaves few.
DISTANT_TWINS = """
    with alike as materialized (
        select join_key_l, join_key_r
        from blocked_pairs
        join records as l on l.record_id = join_key_l
        join records as r on r.record_id = join_key_r and r.dob = l.dob
        where list_has_any(l.surnames, r.surnames)
    ),
    compared as (
        select least(join_key_l, join_key_r) as record_a, greatest(join_key_l, join_key_r) as record_b, {values}
        from alike join records as l on l.record_id = join_key_l join records as r on r.record_id = join_key_r
    ),
    levelled as (select *, {forename_level} as gamma_forename from compared)
    select record_a, record_b
    from levelled join records as a on a.record_id = record_a join records as b on b.record_id = record_b
    where {other_forename} and not {shares} and not exists (
        select 1 from {predictions}
        where record_a = least(record_id_l, record_id_r) and record_b = greatest(record_id_l, record_id_r))
"""

WRITE = "copy ({query} order by 1, 2) to '{path}' (format csv, header false, use_tmp_file false)"

MAY_NOT_FIT = "The model may not fit this release: put the shipped one back into iom_warehouse/linkage/model, and run it again."

FORGET_PAIRS = """
    delete from identity.pair using linking_changed as changed where record_a = changed.record_id;
    delete from identity.pair using linking_changed as changed where record_b = changed.record_id;
    delete from identity.pair using linking_gone as gone where record_a = gone.record_id;
    delete from identity.pair using linking_gone as gone where record_b = gone.record_id;
    delete from identity.distant_twins using linking_changed as changed where record_a = changed.record_id;
    delete from identity.distant_twins using linking_changed as changed where record_b = changed.record_id;
    delete from identity.distant_twins using linking_gone as gone where record_a = gone.record_id;
    delete from identity.distant_twins using linking_gone as gone where record_b = gone.record_id
"""
KEEP_PAIRS = """
    copy identity.pair (record_a, record_b, kind, weight, shares_identifier, looks_like_twins, has_two_forenames, levels)
    from stdin (format csv)
"""
KEEP_DISTANT_TWINS = "copy identity.distant_twins (record_a, record_b) from stdin (format csv)"

# A DIP client and whoever has the same identifier (a usable one of the client's is usable for all), or the same initials (those
# of aliases too), birth date, sex and postcode sector: what changed of either side against all of the other, so that no night
# compares everybody again. Another client has initials for names and sectors for postcodes.
LIKE_A_CLIENT = {
    "other.pnc = client.pnc": "'pnc'",
    "other.prison_number = client.prison_number": "'prison_number'",
    """other.dob = client.dob and other.sex = client.sex and case  -- what is cheap says no to most
        when (left(other.surname, 1) = client.surname or other.surname is null or cardinality(other.surnames) > 1)
            and (left(other.forename, 1) = client.forename or other.forename is null or cardinality(other.forenames) > 1)
        then exists (select from unnest(other.forenames) as name where left(name, 1) = client.forename)
            and exists (select from unnest(other.surnames) as name where left(name, 1) = client.surname)
            and exists (select from unnest(other.postcodes) as lived where client.postcode in (lived, left(lived, -2)))
        else false end""": "null",
}
SIDES = (
    "client join changed using (record_id) join identity.record as other",
    "changed join identity.record as other using (record_id) join client",
)
PAIR_DIP_CLIENTS = f"""
    with client as materialized (select * from identity.usable_record where source_file = 'dip_client'),
    changed as (select record_id from linking_changed),
    alike as ({
    " union ".join(
        f"select client.record_id, other.record_id as other_id, {identifier} as identifier from {side} on {alike}"
        for alike, identifier in LIKE_A_CLIENT.items()
        for side in SIDES
    )
})
    insert into identity.pair (record_a, record_b, kind, shares_identifier, looks_like_twins, levels)
    select
        least(record_id, other_id), greatest(record_id, other_id),
        case when count(identifier) > 0 then 'dip_identifier' else 'dip_candidate' end, count(identifier) > 0, false,
        coalesce(jsonb_object_agg(identifier, 'same') filter (where identifier is not null), '{{}}')
    from alike
    where record_id <> other_id
    group by 1, 2
"""


class LinkageError(IomError):
    """Linking people did not work; nothing was written."""


def score_changed(cursor: Cursor, model: Model) -> None:
    """Bring `identity.pair` to what the changed records are now; nothing is done when none changed."""
    cursor.execute(FORGET_PAIRS)
    cursor.execute("select exists (select from linking_changed)")
    if not cursor.fetchone()[0]:
        return
    only = ONLY_INVOLVED if involved.find(cursor, model) else ""
    with _file() as exported, _file() as pairs, _file() as twins:
        cursor.copy_expert(EXPORT.format(only=only), exported)
        exported.flush()
        with _duckdb() as connection:
            connection.execute(IMPORT, {"path": _path(exported)})
            _score(connection, model, pairs, twins)
        for file, keep in ((pairs, KEEP_PAIRS), (twins, KEEP_DISTANT_TWINS)):
            file.seek(0)
            cursor.copy_expert(keep, file)
    cursor.execute(PAIR_DIP_CLIENTS)
    for table in ("pair", "distant_twins"):
        records.analyze(cursor, table)


def _score(connection: duckdb.DuckDBPyConnection, model: Model, pairs: IO[bytes], twins: IO[bytes]) -> None:
    """Write the scored pairs, and the distant twins."""
    predictions = predict(connection, model)
    connection.execute(
        RESULT.format(
            shares=SHARES,
            sharing=SHARING,
            other_forename=other_forename(model),
            levels=", ".join(map(_level_names, model.settings["comparisons"])),
            predictions=predictions,
            path=_path(pairs),
        )
    )
    connection.execute(WRITE.format(query=distant_twins(model, predictions), path=_path(twins)))


def other_forename(model: Model) -> str:
    """SQL for whether two records `a` and `b` differ as twins do; beside them it reads `gamma_forename` and the forenames that
    were compared, as Splink names them."""
    number_of = {level["label_for_charts"]: number for number, level in _numbered(_forename(model))}
    level = LEVEL_OF_FIRST_NAMES.format(
        in_common=number_of[IN_COMMON], without_later_names=_level_number(_forename(model), leave_out=IN_COMMON)
    )
    same = [number_of[label] for label in NO_OTHER_FORENAME]
    known = [name for name in model.frequency_of()["forename_root"] if len(name) > 1]  # an initial is short for many
    return OTHER_FORENAME.format(
        level=level, no_other_forename=", ".join(map(str, (MISSING, *same))), known=f"{known!r}::varchar[]"
    )


def distant_twins(model: Model, predictions: str) -> str:
    """A query for the pairs (record_a, record_b) that look like twins and are not in `predictions`, the table of `predict`."""
    return DISTANT_TWINS.format(
        values=", ".join(f"{side}.{name} as {name}_{side}" for name in COLUMNS for side in "lr"),
        forename_level=_level_number(_forename(model)),
        other_forename=other_forename(model),
        shares=SHARES,
        predictions=predictions,
    )


def _forename(model: Model) -> dict[str, Any]:
    return next(found for found in model.settings["comparisons"] if found["output_column_name"] == "forename")


def predict(connection: duckdb.DuckDBPyConnection, model: Model) -> str:
    """Score the pairs of the table `records` that the blocking rules give with a new record in them.

    Returns the name of Splink's table: record_id_l, record_id_r, match_weight (from `possible` on), gamma_<comparison>.
    Raises duckdb.Error, or LinkageError where Splink fails by itself.
    """
    try:
        from splink import DuckDBAPI, Linker  # takes a second, which no other command should pay
        from splink.internals.exceptions import SplinkException
    except ImportError:
        raise IomError("Linking people needs Splink, which is not installed.", "Run: make env") from None
    _block(connection, model.blocking_rules)
    api = DuckDBAPI(connection)
    # Splink gives the level of each comparison only together with the values that were compared.
    linker = Linker(
        api.register("records"),
        splink_settings(model) | {"retain_matching_columns": True},
        log_level=logging.WARNING,
        validate_settings=False,  # it says in the log what DuckDB says as an error, and takes longer than a night's pairs
    )
    for column, floor in model.frequency_floor.items():
        connection.execute(FREQUENCIES.format(column=column, floor=floor), {"path": str(model.frequencies)})
        linker.table_management.register_term_frequency_lookup(api.register(f"frequency_of_{column}"), column)
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked_pairs"))
    try:
        found = linker.inference.predict(threshold_match_weight=model.thresholds.possible, warning_mode="never")
    except SplinkException as error:  # it quotes the statement and DuckDB's words, and they may quote a record
        if isinstance(error.__cause__, duckdb.Error):
            raise error.__cause__ from None
        raise LinkageError(f"Splink failed: {type(error).__name__}. Nothing was written.", MAY_NOT_FIT) from None
    return found.physical_name


def splink_settings(model: Model) -> dict[str, Any]:
    """The model's settings as Splink is to go by them: a misspelt or half name weighs no more than the name itself."""
    return model.settings | {"comparisons": [_held_to_same(comparison) for comparison in model.settings["comparisons"]]}


def _held_to_same(comparison: dict[str, Any]) -> dict[str, Any]:
    """A comparison of names of which no level weighs more than the level "same" does, for the commoner of the two names.

    A level that speaks for one person is weighed as "same" is of a name so common that it comes to the level's own weight; only a
    commoner one changes that. Splink has no other way to say so.
    """
    same = next((level for level in comparison["comparison_levels"] if "tf_adjustment_column" in level), None)
    if same is None:
        return comparison
    as_same = {name: value for name, value in same.items() if name.startswith(("m_", "u_", "tf_adjustment"))}
    return comparison | {
        "comparison_levels": [
            level | as_same | {"tf_minimum_u_value": same["m_probability"] * level["u_probability"] / level["m_probability"]}
            if level is not same and _speaks_for_one_person(level)
            else level
            for level in comparison["comparison_levels"]
        ]
    }


def _speaks_for_one_person(level: dict[str, Any]) -> bool:
    return not level.get("is_null_level") and level["m_probability"] > level["u_probability"]


def count_pairs(connection: duckdb.DuckDBPyConnection, rule: BlockingRule) -> int:
    """How many pairs of the table `records` with a new record in them a rule gives."""
    _make_keys(connection, 0, rule)
    query = f"select count(*) from (select distinct * from ({_pairs_of(0, rule)}))"
    (pairs,) = one_row(connection, query)
    connection.execute("drop table blocking_key_0")
    return pairs


def one_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """The row of a query that always gives one, such as a count."""
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def _block(connection: duckdb.DuckDBPyConnection, rules: tuple[BlockingRule, ...]) -> None:
    """Make `blocked_pairs`, as Splink wants it: every pair with a changed record that agrees on all of a rule's key, once."""
    for number, rule in enumerate(rules):
        _make_keys(connection, number, rule)
    of_rules = " union all ".join(_pairs_of(number, rule) for number, rule in enumerate(rules))
    connection.execute(
        f"create table blocked_pairs as select distinct '0' as match_key, join_key_l, join_key_r from ({of_rules})"
    )
    for number in range(len(rules)):
        connection.execute(f"drop table blocking_key_{number}")


def _make_keys(connection: duckdb.DuckDBPyConnection, number: int, rule: BlockingRule) -> None:
    names = _names_of_key(rule)
    key = ", ".join(f"{expression} as {name}" for expression, name in zip(rule.key, names, strict=True))
    connection.execute(KEYS.format(number=number, key=key, known=" and ".join(f"{name} is not null" for name in names)))


def _pairs_of(number: int, rule: BlockingRule) -> str:
    return PAIRS_OF_RULE.format(number=number, names=", ".join(_names_of_key(rule)))


def _names_of_key(rule: BlockingRule) -> list[str]:
    return [f"key_{place}" for place in range(len(rule.key))]


def _level_names(comparison: dict[str, Any]) -> str:
    """SQL for `"comparison":"name of its level"`, null where a value is missing."""
    name = comparison["output_column_name"]
    cases = " ".join(f'when {number} then \'"{name}":"{level["label_for_charts"]}"\'' for number, level in _numbered(comparison))
    return f"case gamma_{name} {cases} end"


def _level_number(comparison: dict[str, Any], leave_out: str | None = None) -> str:
    """SQL for the number of the level at which a comparison ends, as Splink has it in gamma_<comparison>; one may be left out."""
    missing = [(MISSING, level) for level in comparison["comparison_levels"] if level.get("is_null_level")]
    levels = [level for level in (*missing, *_numbered(comparison)) if level[1]["label_for_charts"] != leave_out]
    cases = [(number, level["sql_condition"]) for number, level in levels]
    return f"case {' '.join(f'when {condition} then {number}' for number, condition in cases if condition != 'ELSE')} else 0 end"


def _numbered(comparison: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """The levels of two values with their numbers: Splink counts them down to 0."""
    levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
    return list(zip(range(len(levels) - 1, -1, -1), levels, strict=True))


@contextmanager
def _duckdb() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory; what does not fit goes to a private folder, which a run that was killed leaves to the next one."""
    folder = settings().state_dir / "linkage-spill"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    connection = duckdb.connect(config={"temp_directory": str(folder), "preserve_insertion_order": False})
    try:
        yield connection
    finally:
        connection.close()
        shutil.rmtree(folder)


def _file() -> IO[bytes]:
    """A new file without a name."""
    return TemporaryFile(dir=settings().state_dir)


def _path(file: IO[bytes]) -> str:
    """The path of an open file that has no name."""
    return f"/dev/fd/{file.fileno()}"
