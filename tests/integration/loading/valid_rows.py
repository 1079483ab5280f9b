"""Rows that pass every rule of a contract, made from it: the n-th row of a file refers to the n-th of its parents."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from iom_warehouse.contracts import Column, Contract, File, Rule

Row = dict[str, str]
FIRST_DAY = date(2010, 1, 1)
DAYS_APART = 10  # between dates of which one follows the other, so that a date can be put between them
ROW_OF_ONE_DAY = 3  # the row in which they are all the same day
ALPHABET = "ZABCDEFGHJKLMNPQRTUVWXY"
TEXTS = ("Alder", "A", "LS1 4AP", "LS1 4", "028/03", "28E")  # one of them suits every pattern in the contracts


def rows(contract: Contract, file: File, count: int) -> list[Row]:
    """The first `count` rows of a file."""
    return [row(contract, file, number) for number in range(1, count + 1)]


def row(contract: Contract, file: File, number: int) -> Row:
    """The n-th row: every column has a value."""
    return {column.name: value(contract, file, column, number) for column in file.columns}


def value(contract: Contract, file: File, column: Column, number: int) -> str:
    """The value of a column in the n-th row, as it is written in a delivery."""
    parent = _parent(file, column)
    if parent:
        parent_file = contract.file(parent[0])
        return value(contract, parent_file, parent_file.column(parent[1]), number)
    if column.identifier:
        return IDENTIFIERS[column.identifier](number)
    if pair := _pair(file, column, number):
        return pair
    if column.codes:
        return column.codes[number % len(column.codes)]
    return MAKERS[column.type](file, column, number)


def check_letter(number: int) -> str:
    """The letter that goes with a number: its remainder by 23."""
    return ALPHABET[number % 23]


def rules_on(file: File, column: Column, expectation: str) -> Iterator[Rule]:
    """Rules of one kind that look at a column alone."""
    return (rule for rule in file.rules if rule.expectation == expectation and rule.kwargs.get("column") == column.name)


def depth(file: File, column: str, number: int) -> int:
    """How many columns must come before this one, one after another; 0 in the row where all are equal, if equal they may be."""
    rules = [rule for rule in file.rules if rule.expectation == "expect_column_pair_values_a_to_be_greater_than_b"]
    if number == ROW_OF_ONE_DAY and all(rule.kwargs.get("or_equal") for rule in rules):
        return 0
    found: dict[str, int] = {}
    for _ in file.columns:
        for later, earlier in ((rule.kwargs["column_A"], rule.kwargs["column_B"]) for rule in rules):
            found[later] = max(found.get(later, 0), found.get(earlier, 0) + 1)
    return found.get(column, 0)


def _parent(file: File, column: Column) -> tuple[str, str] | None:
    """The file and column that a column refers to, whatever the severity of that rule."""
    for rule in file.rules:
        if rule.expectation == "expect_columns_to_refer_to" and column.name in rule.columns:
            return rule.kwargs["parent_file"], rule.kwargs["parent_columns"][rule.columns.index(column.name)]
    return None


def _pair(file: File, column: Column, number: int) -> str | None:
    for rule in file.rules:
        if rule.expectation == "expect_column_pair_values_to_be_in_set" and column.name in rule.columns:
            allowed = rule.kwargs["value_pairs_set"]
            return str(allowed[number % len(allowed)][rule.columns.index(column.name)])
    return None


def _text(file: File, column: Column, number: int) -> str:
    patterns = [rule.kwargs["regex"] for rule in rules_on(file, column, "expect_column_values_to_match_regex")]
    return next(text for text in TEXTS if all(re.search(pattern, text) for pattern in patterns))


def _day(file: File, column: Column, number: int) -> str:
    return (FIRST_DAY + timedelta(days=DAYS_APART * depth(file, column.name, number))).isoformat()


def _time(file: File, column: Column, number: int) -> str:
    return f"{_day(file, column, number)}T12:00:00+00:00"


def _whole(file: File, column: Column, number: int) -> str:
    low, high = _range(file, column)
    found = low + depth(file, column.name, number)
    return str(found if high is None else min(found, high))


def _number(file: File, column: Column, number: int) -> str:
    low, high = _range(file, column)
    step = Decimal(1) if high is None else (high - low) / 10
    return str(low + step * (depth(file, column.name, number) + 1))


def _range(file: File, column: Column) -> tuple[Decimal, Decimal | None]:
    bounds = [rule.kwargs for rule in rules_on(file, column, "expect_column_values_to_be_between")]
    lows = [Decimal(str(bound["min_value"])) for bound in bounds if bound.get("min_value") is not None]
    highs = [Decimal(str(bound["max_value"])) for bound in bounds if bound.get("max_value") is not None]
    return max(lows, default=Decimal(0)), min(highs, default=None)


IDENTIFIERS = {
    "pnc": lambda number: f"2001/{number:07d}{check_letter(int(f'01{number:07d}'))}",
    "cro": lambda number: f"{number:06d}/01{check_letter(int(f'01{number:06d}'))}",
    "asn": lambda number: f"1101ZD01{number:011d}{check_letter(int(f'010111{number:011d}'))}",
    "prison_number": lambda number: f"A{number:04d}BC",
    "crn": lambda number: f"X{number:06d}",
}
MAKERS = {
    "ref": lambda file, column, number: f"{column.name}-{number}",
    "text": _text,
    "area": lambda file, column, number: "FX-N",
    "agency": lambda file, column, number: "POL",
    "hocode": _text,
    "date": _day,
    "ts": _time,
    "int": _whole,
    "num": _number,
    "yn": lambda file, column, number: "YN"[number % 2],
}
