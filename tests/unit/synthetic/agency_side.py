"""Reading deliveries back the way a careful recipient would, without any code of delivery or loading."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from iom_warehouse.contracts.model import File, Rule

Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Delivery:
    """One delivery folder: what its manifest says, and its files with every value as text."""

    folder: Path
    manifest: dict

    @property
    def extracted_at(self) -> datetime:
        return datetime.fromisoformat(self.manifest["extracted_at"])

    @property
    def business_date(self) -> date:
        return date.fromisoformat(self.manifest["business_date"])

    @property
    def is_full(self) -> bool:
        return self.manifest["extract"] == "full"

    @property
    def tables(self) -> Tables:
        return {entry["file"]: pl.read_csv(self.folder / entry["name"], infer_schema=False) for entry in self.manifest["files"]}

    @property
    def damaged_files(self) -> list[str]:
        """Files whose checksum is not that of the manifest."""
        files = self.manifest["files"]
        return [f["file"] for f in files if hashlib.sha256((self.folder / f["name"]).read_bytes()).hexdigest() != f["sha256"]]


def deliveries(inbox: Path, feed: str) -> list[Delivery]:
    """The deliveries of a feed by sequence."""
    found = [Delivery(path.parent, json.loads(path.read_text())) for path in (inbox / feed).glob("*/manifest.json")]
    return sorted(found, key=lambda delivery: delivery.manifest["sequence"])


def take_up(state: Tables, delivery: Delivery, keys: dict[str, tuple[str, ...]]) -> Tables:
    """The state after a delivery, all values as text."""
    if delivery.is_full:
        return delivery.tables
    after = dict(state)
    for file, changes in delivery.tables.items():
        kept = state[file].join(changes, on=keys[file], how="anti")
        after[file] = pl.concat([kept, changes.filter(pl.col("change") == "upsert").drop("change").select(kept.columns)])
    return after


def broken_rules(file: File, rows: pl.DataFrame, state: Tables, extracted_at: datetime) -> dict[str, int]:
    """Rules of the contract that reject rows or deliveries, with the number of rows that break each; `rows` are all text."""
    data = rows.filter(pl.col("change") != "delete").drop("change") if "change" in rows.columns else rows
    counts = {
        rule.rule_id: data.select(_bad(rule, state, extracted_at).fill_null(False).sum()).item()
        for rule in file.rules
        if rule.severity != "info" and rule.columns
    }
    unknown = set(data.columns) ^ {column.name for column in file.columns}
    return {rule: count for rule, count in counts.items() if count} | ({"columns": len(unknown)} if unknown else {})


def _bad(rule: Rule, state: Tables, extracted_at: datetime) -> pl.Expr:
    """True for the rows that break the rule; empty values break only the rules that ask for one."""
    arguments = dict(rule.kwargs)
    column = pl.col(rule.columns[0])
    match rule.expectation:
        case "expect_column_values_to_not_be_null":
            return column.is_null()
        case "expect_column_values_to_be_unique" | "expect_compound_columns_to_be_unique":
            return pl.struct(rule.columns).is_duplicated()
        case "expect_column_values_to_be_in_set":
            return ~column.is_in(list(arguments["value_set"]))
        case "expect_column_values_to_match_regex":
            return ~column.str.contains(arguments["regex"])
        case "expect_column_value_lengths_to_be_between":
            return column.str.len_chars() > arguments["max_value"]
        case "expect_column_values_to_parse_as":
            return column.is_not_null() & _parsed(column, arguments["type"]).is_null()
        case "expect_column_values_to_be_between":
            return _outside(column, arguments, extracted_at)
        case "expect_column_pair_values_a_to_be_greater_than_b":
            return _parsed(pl.col(arguments["column_A"]), "date") < _parsed(pl.col(arguments["column_B"]), "date")
        case "expect_column_pair_values_to_be_in_set":
            pairs = ["/".join(pair) for pair in arguments["value_pairs_set"]]
            return ~pl.concat_str(arguments["column_A"], arguments["column_B"], separator="/").is_in(pairs)
        case "expect_columns_to_refer_to":
            parent = state[arguments["parent_file"]]
            known = parent.select(pl.concat_str(arguments["parent_columns"], separator="/")).to_series()
            return ~pl.concat_str(rule.columns, separator="/").is_in(known.implode())
    raise AssertionError(f"no check here for {rule.expectation}")


def _parsed(column: pl.Expr, type_: str) -> pl.Expr:
    match type_:
        case "date":
            return column.str.to_date("%Y-%m-%d", strict=False)
        case "ts":
            return column.str.to_datetime("%Y-%m-%dT%H:%M:%S%:z", strict=False)
        case "yn":
            return pl.when(column.is_in(["Y", "N"])).then(True)
        case _:
            return column.cast(pl.Int64 if type_ == "int" else pl.Float64, strict=False)


def _outside(column: pl.Expr, arguments: dict, extracted_at: datetime) -> pl.Expr:
    """Outside the bounds: numbers as numbers, times as instants, dates as text, in which they sort as dates do."""
    low, high = (arguments.get(bound) for bound in ("min_value", "max_value"))
    if isinstance(low, str) and "T" in low:
        return _parsed(column, "ts") > pl.lit(extracted_at)
    if isinstance(low, str):
        high = extracted_at.date().isoformat() if isinstance(high, dict) else high
        return (column < low) | (column > high if high else pl.lit(False))
    number = column.cast(pl.Float64, strict=False)
    return (number < low if low is not None else pl.lit(False)) | (number > high if high is not None else pl.lit(False))
