"""Faults, one maker per expectation, and an independent reading of every rule that predicts what each faulty row breaks.

An expectation without an entry in FAULTS and BREAKS fails the test that walks the contracts.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from valid_rows import Row, rules_on

from iom_warehouse.contracts import Column, File, Rule

EXTRACTED_AT = datetime.fromisoformat("2013-10-01T23:40:00+01:00")
PARAMETERS = {"extracted_on": "2013-10-01", "extracted_at": EXTRACTED_AT.isoformat()}
UNPARSEABLE = {"date": "2013-02-30", "ts": "2013-10-01T23:40:00", "int": "1.5", "num": "one", "yn": "yes"}
NOWHERE = "no such row"


def typed(column: Column, text: str | None) -> Any:
    """A delivered text as a value; None when it is missing or is no such value."""
    try:
        return PARSERS.get(column.type, str)(text) if text else None
    except (ValueError, InvalidOperation, KeyError):
        return None


PARSERS: Mapping[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "ts": lambda text: datetime.fromisoformat(text) if text[-6] in "+-" else None,
    "int": int,
    "num": Decimal,
    "yn": {"Y": True, "N": False}.__getitem__,
}


def bound(value: Any) -> Any:
    """A rule's bound, with the delivery's parameter in its place."""
    return PARAMETERS.get(value["$PARAMETER"]) if isinstance(value, Mapping) else value


def breaks(rule: Rule, file: File, row: Row, valid: Row) -> bool:
    """Whether a row breaks a rule on rows. `valid` is the row that it was made from."""
    return BREAKS[rule.expectation](rule, file, row, valid)


def _outside(rule: Rule, value: Any, convert: Callable[[str], Any]) -> bool:
    if value is None:
        return False
    low, high = (bound(rule.kwargs.get(name)) for name in ("min_value", "max_value"))
    is_low = low is not None and (value < convert(str(low)) or (rule.kwargs.get("strict_min") and value == convert(str(low))))
    is_high = high is not None and (value > convert(str(high)) or (rule.kwargs.get("strict_max") and value == convert(str(high))))
    return bool(is_low or is_high)


def _of(rule: Rule, file: File, row: Row, name: str = "column") -> Any:
    column = file.column(rule.kwargs[name])
    return typed(column, row[column.name])


def _is_outside(rule: Rule, file: File, row: Row, valid: Row) -> bool:
    column = file.column(rule.kwargs["column"])
    return _outside(rule, typed(column, row[column.name]), PARSERS.get(column.type, str))


def _has_no_match(rule: Rule, file: File, row: Row, valid: Row) -> bool:
    text = row[rule.kwargs["column"]]
    return bool(text) and not re.search(rule.kwargs["regex"], text)


def _is_not_later(rule: Rule, file: File, row: Row, valid: Row) -> bool:
    later, earlier = _of(rule, file, row, "column_A"), _of(rule, file, row, "column_B")
    if later is None or earlier is None:
        return False
    return later < earlier or (later == earlier and not rule.kwargs.get("or_equal"))


def _is_no_pair(rule: Rule, file: File, row: Row, valid: Row) -> bool:
    pair = [row[rule.kwargs["column_A"]], row[rule.kwargs["column_B"]]]
    return all(pair) and pair not in rule.kwargs["value_pairs_set"]


def _is_changed(rule: Rule, file: File, row: Row, valid: Row) -> bool:
    """Identifiers, codes and references are right as they were made; a changed one is wrong."""
    return any(row[name] and row[name] != valid[name] for name in rule.columns)


BREAKS: Mapping[str, Callable[[Rule, File, Row, Row], bool]] = {
    "expect_column_values_to_not_be_null": lambda rule, file, row, valid: not row[rule.kwargs["column"]],
    "expect_column_values_to_be_in_set": lambda rule, file, row, valid: (
        bool(row[rule.kwargs["column"]]) and row[rule.kwargs["column"]] not in rule.kwargs["value_set"]
    ),
    "expect_column_values_to_match_regex": _has_no_match,
    "expect_column_values_to_be_between": _is_outside,
    "expect_column_value_lengths_to_be_between": lambda rule, file, row, valid: _outside(
        rule, len(row[rule.kwargs["column"]]) or None, int
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": _is_not_later,
    "expect_column_pair_values_to_be_in_set": _is_no_pair,
    "expect_column_values_to_parse_as": lambda rule, file, row, valid: (
        bool(row[rule.kwargs["column"]]) and _of(rule, file, row) is None
    ),
    "expect_column_values_to_be_valid_identifier": _is_changed,
    "expect_column_values_to_be_configured": _is_changed,
    "expect_columns_to_refer_to": _is_changed,
}


Change = dict[str, str]


def changes(rule: Rule, file: File, row: Row) -> list[Change]:
    """Ways to make a valid row break a rule: the columns to change, and what to."""
    return [_spare_others(change, rule, file, row) for change in FAULTS[rule.expectation](rule, file, row)]


def _spare_others(change: Change, rule: Rule, file: File, row: Row) -> Change:
    """Empty the columns by which the change would break other rules too, where they may be empty."""
    for other in file.rules:
        if other is rule or other.expectation not in BREAKS or not breaks(other, file, row | change, row):
            continue
        free = [name for name in other.columns if name not in rule.columns and may_be_empty(file, name)]
        change = change | {name: "" for name in free}
    return change


def may_be_empty(file: File, name: str) -> bool:
    column = file.column(name)
    rules = rules_on(file, column, "expect_column_values_to_not_be_null")
    return not column.is_key and all("mostly" in rule.kwargs for rule in rules)


def _beyond(rule: Rule, file: File, row: Row) -> Iterator[Change]:
    column = file.column(rule.kwargs["column"])
    for name, sign in (("min_value", -1), ("max_value", 1)):
        limit = bound(rule.kwargs.get(name))
        if limit is not None:
            value = PARSERS[column.type](str(limit)) + (sign if column.type in ("int", "num") else timedelta(days=sign))
            yield {column.name: value.isoformat() if isinstance(value, date) else str(value)}


def _wrong_length(rule: Rule, file: File, row: Row) -> Iterator[Change]:
    if rule.kwargs.get("max_value") is not None:
        yield {rule.kwargs["column"]: "x" * (rule.kwargs["max_value"] + 1)}
    if rule.kwargs.get("min_value"):
        yield {rule.kwargs["column"]: "x" * (rule.kwargs["min_value"] - 1)}


def _too_early(rule: Rule, file: File, row: Row) -> Iterator[Change]:
    """The later one, put a little before the earlier one."""
    later, earlier = file.column(rule.kwargs["column_A"]), row[rule.kwargs["column_B"]]
    value = typed(later, earlier)
    if later.type == "num":
        yield {later.name: str(value - Decimal("0.01"))}
    elif later.type == "int":
        yield {later.name: str(value - 1)}
    else:
        yield {later.name: (value - timedelta(days=1)).isoformat()}


def _unknown_pair(rule: Rule, file: File, row: Row) -> Iterator[Change]:
    pairs = rule.kwargs["value_pairs_set"]
    first = pairs[0][0]
    yield {
        rule.kwargs["column_A"]: first,
        rule.kwargs["column_B"]: next(second for _, second in pairs if [first, second] not in pairs),
    }


def _other_last_letter(rule: Rule, file: File, row: Row) -> Iterator[Change]:
    name = rule.kwargs["column"]
    if rule.kwargs["identifier"] in ("prison_number", "crn"):  # they have no check letter, only a form
        yield {name: row[name][1:]}
    else:
        yield {name: row[name][:-1] + ("A" if row[name][-1] != "A" else "B")}


def _one_column(text: str) -> Callable[[Rule, File, Row], Iterator[Change]]:
    return lambda rule, file, row: iter([{rule.kwargs["column"]: text}])


FAULTS: Mapping[str, Callable[[Rule, File, Row], Iterator[Change]]] = {
    "expect_column_values_to_not_be_null": _one_column(""),
    "expect_column_values_to_be_in_set": _one_column("no such code"),
    "expect_column_values_to_match_regex": _one_column("#1"),
    "expect_column_values_to_be_between": _beyond,
    "expect_column_value_lengths_to_be_between": _wrong_length,
    "expect_column_pair_values_a_to_be_greater_than_b": _too_early,
    "expect_column_pair_values_to_be_in_set": _unknown_pair,
    "expect_column_values_to_parse_as": lambda rule, file, row: iter(
        [{rule.kwargs["column"]: UNPARSEABLE[file.column(rule.kwargs["column"]).type]}]
    ),
    "expect_column_values_to_be_valid_identifier": _other_last_letter,
    "expect_column_values_to_be_configured": _one_column("no such code"),
    "expect_columns_to_refer_to": lambda rule, file, row: iter([{rule.columns[0]: NOWHERE}]),
}
