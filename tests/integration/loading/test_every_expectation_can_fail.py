"""Every rule of every contract: valid rows pass it, a seeded fault breaks it, Great Expectations and our SQL see the same rows.

The faults of a file lie in one table. What each faulty row breaks is predicted by an independent reading of the rules.
"""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

import pytest
import seeded_faults
import valid_rows
from delivery_maker import Warehouse, as_csv
from valid_rows import Row

from iom_warehouse import contracts
from iom_warehouse.contracts import Contract, File, Rule
from iom_warehouse.contracts.vocabulary import EXPECTATIONS
from iom_warehouse.delivery.manifest import ManifestFile
from iom_warehouse.delivery.opening import open_file
from iom_warehouse.loading import expectations, landing, rows
from iom_warehouse.platform import database
from iom_warehouse.platform.database import Connection

COLUMNS, ROW_COUNT = "expect_table_columns_to_match_set", "expect_table_row_count_to_be_between"
UNIQUE = ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique")
SOME_ROWS = 12
FILES = [(contract, file) for contract in contracts.all() for file in contract.files]
_delivery_ids = count(1)

Prediction = dict[str, set[int]]  # row numbers by rule; a rule on the whole file that fails has row 0


class Table:
    """Rows to land: each with the valid row that it was made from, and the rows that repeat a key."""

    def __init__(self, contract: Contract, file: File) -> None:
        self.contract, self.file = contract, file
        self.rows: list[tuple[Row, Row]] = []
        self.repeated: set[int] = set()

    def add(self, change: Row) -> None:
        valid = valid_rows.row(self.contract, self.file, len(self.rows) + 1)
        self.rows.append((valid | change, valid))

    def repeat(self, change: Row) -> None:
        """Add the last row once more, with a change. A row that differs from its twin takes the twin with it."""
        row, valid = self.rows[-1]
        self.rows.append((row | change, row | change))
        self.repeated |= {len(self.rows)} | ({len(self.rows) - 1} if change else set())

    def predict(self, extra_column: bool, too_few: bool) -> Prediction:
        """Row numbers that break each rule."""
        return {rule.rule_id: self._broken(rule, extra_column, too_few) for rule in self.file.rules}

    def _broken(self, rule: Rule, extra_column: bool, too_few: bool) -> set[int]:
        if rule.expectation == COLUMNS:
            return {0} if extra_column else set()
        if rule.expectation == ROW_COUNT:
            return {0} if too_few else set()
        if rule.expectation in UNIQUE:
            return self.repeated
        found = {number for number, pair in enumerate(self.rows, 1) if seeded_faults.breaks(rule, self.file, *pair)}
        if "mostly" in rule.kwargs:
            return found if len(found) > (1 - rule.kwargs["mostly"]) * len(self.rows) else set()
        return found


def valid_table(contract: Contract, file: File) -> Table:
    table = Table(contract, file)
    for _ in range(SOME_ROWS):
        table.add({})
    return table


def faulty_table(contract: Contract, file: File) -> Table:
    """At least one fault for every rule on rows, each in a row of its own, and a row with nothing in it that need not be."""
    table = valid_table(contract, file)
    table.add({column.name: "" for column in file.columns if seeded_faults.may_be_empty(file, column.name)})
    for rule in file.rules:
        if rule.expectation in UNIQUE:
            table.add({})
            table.repeat({})
            change = _harmless_change(contract, file, len(table.rows) + 1)
            if change:
                table.add({})
                table.repeat(change)
        elif rule.expectation in seeded_faults.FAULTS and "mostly" not in rule.kwargs:
            number = len(table.rows) + 1
            for change in seeded_faults.changes(rule, file, valid_rows.row(contract, file, number)):
                table.add(change)
                assert len(table.rows) in table._broken(rule, False, False), (
                    f"the fault made for {rule.rule_id} does not break it"
                )
    return table


def _harmless_change(contract: Contract, file: File, number: int) -> Row:
    """Another valid value for a column outside the key; nothing for a file that is all key."""
    valid = valid_rows.row(contract, file, number)
    following = valid_rows.row(contract, file, number + 1)
    for column in file.columns:
        for value in (following[column.name], ""):
            change = {column.name: value}
            if not column.is_key and value != valid[column.name]:
                broken = [
                    rule for rule in file.rules if _on_rows(rule) and seeded_faults.breaks(rule, file, valid | change, valid)
                ]
                if not broken:
                    return change
    return {}


def _on_rows(rule: Rule) -> bool:
    return rule.expectation in seeded_faults.BREAKS and "mostly" not in rule.kwargs


def table_with_gaps(contract: Contract, file: File) -> Table:
    """Every column of which a share may be missing is missing in every row."""
    gaps = {rule.kwargs["column"]: "" for rule in file.rules if "mostly" in rule.kwargs}
    table = Table(contract, file)
    for _ in range(SOME_ROWS if gaps else 0):
        table.add(gaps)
    return table


class Bench:
    """Lands tables of one file beside the valid rows of its parents, and asks both judges."""

    def __init__(self, conn: Connection, folder: Path, contract: Contract, file: File) -> None:
        self.conn, self.folder, self.contract, self.file = conn, folder, contract, file
        self.delivery_id = next(_delivery_ids)
        self.parents = frozenset(rule.kwargs["parent_file"] for rule in file.rules if "parent_file" in rule.kwargs)

    def land_parents(self, number: int) -> None:
        for name in self.parents:
            parent = self.contract.file(name)
            self._land(parent, valid_rows.rows(self.contract, parent, number))

    def check(self, table: Table, *, extra_column: bool = False, too_few: bool = False) -> Prediction:
        """Land a table and compare both judges with the prediction. Returns the prediction."""
        predicted = table.predict(extra_column, too_few)
        self._land(self.file, [row for row, _ in table.rows], ["surprise"] if extra_column else [])
        rows_in_file = len(table.rows)
        parameters = seeded_faults.PARAMETERS | {
            "row_count_min": rows_in_file + 1 if too_few else rows_in_file, "row_count_max": rows_in_file * 2,
        }  # fmt: skip
        delivered = rows.DeliveredFile(self.file, self.delivery_id, False, self.parents, parameters)
        verdicts = expectations.evaluate(self.conn, delivered, self.file.rules, "BASIC")
        failed_in_gx = {rule_id for rule_id, verdict in verdicts.items() if not verdict.success}
        assert failed_in_gx == {rule_id for rule_id, numbers in predicted.items() if numbers}
        for rule in self.file.rules:
            in_gx = verdicts[rule.rule_id].result.get("unexpected_count")
            assert in_gx in (None, len(predicted[rule.rule_id])) or "mostly" in rule.kwargs, (
                f"{rule.rule_id} in Great Expectations"
            )
            if rows.judges_rows(rule):
                assert self._found(rule, delivered) == predicted[rule.rule_id], f"{rule.rule_id} in SQL"
        return predicted

    def _found(self, rule: Rule, delivered: rows.DeliveredFile) -> set[int]:
        with self.conn.cursor() as cursor:
            cursor.execute(rows.failing(rule, delivered))
            return {number for (number,) in cursor.fetchall()}

    def _land(self, file: File, content: Iterable[Row], extra: Iterable[str] = ()) -> None:
        content = list(content)
        data = as_csv(file, content, list(extra))
        (self.folder / f"{file.name}.csv").write_bytes(data)
        entry = ManifestFile(file=file.name, name=f"{file.name}.csv", rows=len(content), sha256=hashlib.sha256(data).hexdigest())
        with open_file(self.folder, self.contract.feed, entry) as opened:
            landing.land_file(self.conn, file, opened, self.delivery_id, is_changes=False)
        self.conn.commit()


@pytest.fixture
def loader(shared_warehouse: Warehouse) -> Iterator[Connection]:
    shared_warehouse.configure()  # the codes of areas and agencies; the second time it changes nothing
    connection = database.connect("loader")
    yield connection
    connection.close()


@pytest.mark.parametrize(("contract", "file"), FILES, ids=[file.name for _, file in FILES])
def test_every_rule_passes_valid_rows_and_finds_its_fault(
    contract: Contract, file: File, loader: Connection, tmp_path: Path
) -> None:
    bench = Bench(loader, tmp_path, contract, file)
    faulty = faulty_table(contract, file)
    bench.land_parents(len(faulty.rows))
    assert not any(bench.check(valid_table(contract, file)).values())
    failed = bench.check(faulty, extra_column=True, too_few=True)
    gaps = table_with_gaps(contract, file)
    if gaps.rows:
        failed = {rule_id: numbers or failed[rule_id] for rule_id, numbers in bench.check(gaps).items()}
    assert {rule_id for rule_id, numbers in failed.items() if not numbers} == set(), "never seen to fail"


def test_every_expectation_of_the_vocabulary_has_a_fault() -> None:
    others = {COLUMNS, ROW_COUNT, *UNIQUE}
    assert set(EXPECTATIONS) - others == set(seeded_faults.FAULTS) == set(seeded_faults.BREAKS)


@pytest.mark.parametrize("file", [file for _, file in FILES], ids=[file.name for _, file in FILES])
def test_no_row_gets_by_that_could_not_be_stored(file: File) -> None:
    """Publishing converts without looking again, and the key must be whole and unique: these rules may not merely note."""
    needed = {(COLUMNS, "*")} | {("expect_column_values_to_not_be_null", name) for name in file.key}
    needed |= {
        ("expect_column_values_to_parse_as", column.name) for column in file.columns if column.type in seeded_faults.UNPARSEABLE
    }
    needed |= {(UNIQUE[0] if len(file.key) == 1 else UNIQUE[1], "_".join(file.key))}
    strict = [rule for rule in file.rules if rule.severity in ("critical", "warning") and "mostly" not in rule.kwargs]
    assert needed <= {(rule.expectation, "_".join(rule.columns) or "*") for rule in strict}
