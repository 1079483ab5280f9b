"""Training: the next version of the model from standardised records, and a report of what it changes.

u (how often two records of different people agree) comes from a random sample of pairs, m (how often two records of one
person do) from truth where it is known, else from Splink's expectation maximisation. Levels marked fixed keep the values that
were set by policy. The levels themselves, the blocking rules and the thresholds are those of the version that is trained
anew.
The same records (in whatever order they came), base, seed and versions of Splink and DuckDB give the same files, byte for byte.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import log2
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import duckdb
from psycopg2.extensions import cursor as Cursor
from splink import DuckDBAPI, Linker
from splink.internals.exceptions import SplinkException

from iom_warehouse.linkage import scoring
from iom_warehouse.linkage.model import Model, ModelError, ask_for_new, save
from iom_warehouse.platform.settings import settings

RANDOM_PAIRS = 2e6
EM_PAIRS = 1e6
FEWEST_RECORDS = 1000  # below, shares of pairs say nothing
FEWEST_WITH_NAME = 10  # a name of fewer people is never written down, whatever its share
PRIOR_PAIRS = 200.0  # the values of the base weigh as much as so many pairs, so that a level seen twice is not believed
SMALLEST_U = 1e-7
SMALLEST_M = 0.01  # (or the base's own, if less) one disagreement never all but proves two people: people marry, clerks mistype
# Splink's expectation maximisation runs once within each of these, and estimates what the rule does not fix.
EM_RULES = ("l.dob = r.dob", "l.surname = r.surname and l.forename_root = r.forename_root")

EXPORT = f"""
    copy (select {scoring.EXPORTED}, true from identity.usable_record where source_file <> 'dip_client') to stdout (format csv)
"""
WITHOUT_TRUTH = "select * exclude (is_new, order_key) from records"
WITH_TRUTH = """
    select records.* exclude (is_new, order_key), person
    from records join read_csv($path, all_varchar = true) using (source_file, source_key)
"""
# Splink draws its random pairs by the records' numbers: those of the warehouse say in which order the records came.
TAKE_RECORDS = """
    create table records as
    select * replace (row_number() over (order by source_file, source_key) as record_id), true as is_new,
        hash(source_file, source_key) as order_key
    from given
    order by record_id
"""
SAME_PERSON = "select coalesce(sum(n * (n - 1) / 2), 0) as pairs from (select count(*) as n from records group by person)"
# Without truth: those with the same names and birth date, some two thirds of the pairs of one person in registers like ours.
SURELY_SAME = """
    select coalesce(sum(n * (n - 1) / 2), 0) / 0.67 as pairs
    from (select count(*) as n from records where dob is not null group by surname, forename_root, dob)
"""
FREQUENCIES = """
    select '{column}' as "column", {column} as value, round(count(*) / sum(count(*)) over (), 5)::varchar as frequency
    from records where {column} is not null
    group by {column}
    qualify count(*) >= {fewest} and count(*) / sum(count(*)) over () >= {floor}
    order by count(*) desc, {column}
"""
ACCURACY = """
    with true_pairs as ({same_person})
    select
        coalesce(avg((a.person = b.person)::double), 1),
        coalesce(count(*) filter (a.person = b.person) / (select pairs from true_pairs), 1)
    from {predictions}
    join records as a on a.record_id = record_id_l
    join records as b on b.record_id = record_id_r
    where match_weight >= {join}
"""


@dataclass(frozen=True)
class Level:
    """A level of a comparison in two versions; weights in bits (log2 of m over u)."""

    comparison: str
    name: str
    old_weight: float
    new_weight: float


@dataclass(frozen=True)
class Accuracy:
    """Of the pairs at or over the join threshold: the share that is right, and the share of the right ones that is found."""

    precision: float
    recall: float


@dataclass(frozen=True)
class Report:
    """What a training did: the file it wrote, how, and what is different now. Accuracies are None where truth is not known."""

    path: Path
    origin: str
    levels: tuple[Level, ...]
    names_before: int
    names_after: int
    before: Accuracy | None
    after: Accuracy | None

    def lines(self) -> Iterator[str]:
        """The report for a reader, level by level."""
        yield f"{self.path.name}: {self.origin}"
        yield f"{'comparison':<15}{'level':<40}{'before':>9}{'now':>9}"
        for level in self.levels:
            yield f"{level.comparison:<15}{level.name:<40}{level.old_weight:>+9.2f}{level.new_weight:>+9.2f}"
        yield f"names with a frequency of their own: {self.names_before} before, {self.names_after} now"
        for word, accuracy in (("before", self.before), ("now", self.after)):
            if accuracy:
                yield f"pairs at the join threshold, {word}: precision {accuracy.precision:.5f}, recall {accuracy.recall:.5f}"


def retrain(
    records: duckdb.DuckDBPyRelation, base: Model, version: str, folder: Path, seed: int = 1, own_prior: bool = False
) -> Report:
    """Train `base` anew on `records` and write it to `folder` as `version`.

    `records` has the columns of identity.record, and `person` where it is known whose each record is. The chance that two
    records are one person's before anything is compared stays what policy made it, which is cautious, unless `own_prior`: then
    it is what the records themselves show.
    Raises ModelError when there are too few records to learn from, or the version cannot be written there.
    """
    ask_for_new(version, folder)
    with _private(threads=1) as connection:  # sums in one order, so that they come out the same
        given = records.to_arrow_table()
        connection.register("given", given)
        connection.execute(TAKE_RECORDS)
        number, has_truth = len(given), "person" in given.column_names
        if number < FEWEST_RECORDS:
            raise ModelError(
                f"{number} records are too few to train on.", f"Link people first; at least {FEWEST_RECORDS} records are needed."
            )
        trained = _estimate(connection, base, seed, has_truth)
        if own_prior:
            trained |= {"probability_two_random_records_match": _prior(connection, has_truth)}
        rows = list(_frequencies(connection, base.frequency_floor))
        origin = f"{base.version} trained on {number} records, m {'from truth' if has_truth else 'by EM'}, seed {seed}"
        model = replace(base, version=version, origin=origin, settings=trained, frequencies=folder / f"{version}_frequencies.csv")
        path = save(model, rows, folder)
        return Report(
            path=path,
            origin=origin,
            levels=tuple(_compare(base.settings, trained)),
            names_before=len(base.frequencies.read_text(encoding="utf-8").splitlines()) - 1,
            names_after=len(rows),
            before=_accuracy(connection, base) if has_truth else None,
            after=_accuracy(connection, model) if has_truth else None,
        )


def retrain_on_warehouse(
    cursor: Cursor, base: Model, version: str, folder: Path, seed: int = 1, truth: Path | None = None
) -> Report:
    """Train `base` anew on the records of the last linkage run, as `retrain` does.

    `truth` is a CSV of source_file, source_key, person: records that are not in it are left out. Without it m comes from EM.
    Raises ModelError, without Splink's and DuckDB's own words, which may quote a record.
    """
    if truth and not truth.is_file():
        raise ModelError(f"There is no file {truth}.", "Give the links.csv that `iom example sample` writes, or none.")
    try:
        with _records_of_warehouse(cursor) as connection:
            given = connection.sql(WITH_TRUTH if truth else WITHOUT_TRUTH, params={"path": str(truth)} if truth else None)
            return retrain(given, base, version, folder, seed)
    except (duckdb.Error, SplinkException) as error:
        what = type(error.__cause__ or error).__name__
        raise ModelError(f"Training the model failed: {what}.", "Look whether the model that is set fits this release.") from None


def comparisons_by_rule(cursor: Cursor, model: Model) -> dict[str, int]:
    """For each blocking rule how many pairs of the records of the last linkage run it has compared, other rules aside."""
    with _records_of_warehouse(cursor) as connection:
        return {rule.name: scoring.count_pairs(connection, rule) for rule in model.blocking_rules}


@contextmanager
def _records_of_warehouse(cursor: Cursor) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the table `records`, by way of a file without a name."""
    with TemporaryFile(dir=settings().state_dir) as exported, _private() as connection:
        cursor.copy_expert(EXPORT, exported)
        exported.flush()
        connection.execute(scoring.IMPORT, {"path": f"/dev/fd/{exported.fileno()}"})
        yield connection


@contextmanager
def _private(**config: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory; what does not fit goes to a folder that nobody else may enter, not beside the caller's files."""
    state = settings().state_dir
    with (
        TemporaryDirectory(prefix="training-spill-", dir=state if state.is_dir() else None) as folder,
        duckdb.connect(config={"temp_directory": folder} | config) as connection,
    ):
        yield connection


def weight(level: dict[str, Any]) -> float:
    """The match weight of a level, in bits."""
    return log2(level["m_probability"] / level["u_probability"])


def _estimate(connection: duckdb.DuckDBPyConnection, base: Model, seed: int, has_truth: bool) -> dict[str, Any]:
    """The settings of `base` with m and u as the records have them."""
    linker = Linker(DuckDBAPI(connection).register("records"), base.settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(RANDOM_PAIRS, seed=seed, min_count_per_level=None)
    if has_truth:
        linker.training.estimate_m_from_label_column("person")
    else:
        for rule in EM_RULES:
            linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=EM_PAIRS)
    found = linker.misc.save_model_to_json()
    pairs, prior = _pairs_of_one_person(connection, has_truth), _prior(connection, has_truth)
    return base.settings | {
        "comparisons": [
            _settle(comparison, learnt, pairs, prior)
            for comparison, learnt in zip(base.settings["comparisons"], found["comparisons"], strict=True)
        ]
    }


def _pairs_of_one_person(connection: duckdb.DuckDBPyConnection, has_truth: bool) -> float:
    return scoring.one_row(connection, SAME_PERSON if has_truth else SURELY_SAME)[0]


def _prior(connection: duckdb.DuckDBPyConnection, has_truth: bool) -> float:
    """The share of all pairs that are of one person."""
    (pairs,) = scoring.one_row(connection, "select count(*) * (count(*) - 1) / 2 from records")
    return float(f"{max(_pairs_of_one_person(connection, has_truth), 1) / pairs:.2g}")


def _settle(comparison: dict[str, Any], learnt: dict[str, Any], pairs: float, prior: float) -> dict[str, Any]:
    """A comparison with what was learnt about its levels, held together by its old values and in the order of its levels."""
    levels = [
        _mix(old, new, pairs, prior)
        for old, new in zip(comparison["comparison_levels"], learnt["comparison_levels"], strict=True)
    ]
    values = [level for level in levels if not level.get("is_null_level")]
    for name in ("m_probability", "u_probability"):
        free = [level for level in values if not level.get(f"fix_{name}")]
        if free:
            rest = 1 - sum(level[name] for level in values if level.get(f"fix_{name}"))
            total = sum(level[name] for level in free)
            for level in free:
                level[name] *= rest / total
    _put_in_order(values)
    for level in values:
        level |= {name: float(f"{level[name]:.4g}") for name in ("m_probability", "u_probability")}
    return comparison | {"comparison_levels": levels}


def _mix(old: dict[str, Any], new: dict[str, Any], pairs: float, prior: float) -> dict[str, Any]:
    """A level with its old shares and those learnt, each with the weight of the pairs behind it.

    Among random pairs are some of one person, and they would make a chance agreement look commoner than it is: they are taken
    off.
    """
    mixed = dict(old)
    if old.get("is_null_level"):
        return mixed
    m, u = _share(new, "m_probability"), _share(new, "u_probability")
    if not old.get("fix_m_probability"):
        mixed["m_probability"] = max(_mean(m, pairs, old["m_probability"]), min(SMALLEST_M, old["m_probability"]))
    if not old.get("fix_u_probability"):
        mixed["u_probability"] = max(_mean(max(u - prior * m, u / 10), RANDOM_PAIRS, old["u_probability"]), SMALLEST_U)
    return mixed


def _share(level: dict[str, Any], name: str) -> float:
    """What Splink learnt; it gives words where it saw nothing."""
    return level[name] if isinstance(level.get(name), float) else 0.0


def _mean(share: float, seen: float, before: float) -> float:
    return (seen * share + PRIOR_PAIRS * before) / (seen + PRIOR_PAIRS)


def _put_in_order(levels: list[dict[str, Any]]) -> None:
    """Where a better level would weigh less than the next, the two get one weight (pooled; u stays)."""
    pools: list[list[dict[str, Any]]] = []
    for level in levels:
        pools.append([level])
        while len(pools) > 1 and _pooled(pools[-2]) < _pooled(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    for pool in pools:
        ratio = _pooled(pool)
        for level in pool:
            level["m_probability"] = level["u_probability"] * ratio


def _pooled(pool: list[dict[str, Any]]) -> float:
    return sum(level["m_probability"] for level in pool) / sum(level["u_probability"] for level in pool)


def _frequencies(connection: duckdb.DuckDBPyConnection, floors: dict[str, float]) -> Iterable[dict[str, str]]:
    for column, floor in floors.items():
        found = connection.execute(FREQUENCIES.format(column=column, floor=floor, fewest=FEWEST_WITH_NAME)).fetchall()
        yield from (dict(zip(("column", "value", "frequency"), row, strict=True)) for row in found)


def _compare(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Level]:
    for before, after in zip(old["comparisons"], new["comparisons"], strict=True):
        for old_level, new_level in zip(before["comparison_levels"], after["comparison_levels"], strict=True):
            if not new_level.get("is_null_level"):
                yield Level(after["output_column_name"], new_level["label_for_charts"], weight(old_level), weight(new_level))


def _accuracy(connection: duckdb.DuckDBPyConnection, model: Model) -> Accuracy:
    predictions = scoring.predict(connection, model)
    query = ACCURACY.format(same_person=SAME_PERSON, predictions=predictions, join=model.thresholds.join)
    found = scoring.one_row(connection, query)
    for (table,) in connection.execute("select table_name from duckdb_tables() where table_name <> 'records'").fetchall():
        connection.execute(f'drop table "{table}"')
    return Accuracy(*found)
