"""What goes wrong in the sample's nights, once each: the faults that an agency's delivery can have and that loading must catch.

Nights are counted from 1. A fault on a night that is not delivered does not happen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

Tables = Mapping[str, pl.DataFrame]
TRUNCATED = ("probation", 3)  # one file is cut short after its checksum was taken: the delivery is refused
REJECTED = ("police", 4)  # single rows are wrong; the next night brings them right
LATE = ("dip", 5)  # the delivery of this night comes with the next one
REDELIVERED = ("hub", 7)  # the delivery has wrong colours; a corrected full one follows within the hour
_TRUNCATED_FILE = "probation_contact"
_NO_DATE, _NO_CODE = "2013-02-30", "postive"


@dataclass(frozen=True)
class Spoilt:
    """tables: the delivery with its faults. owed: the rows that do not get in, as they should be. notes: fault, file, key."""

    tables: dict[str, pl.DataFrame]
    owed: dict[str, pl.DataFrame]
    notes: list[tuple[str, str, str]]


def spoil_rows(changes: Tables, new_keys: Tables) -> Spoilt:
    """A police delivery with an impossible date, an unknown code, a charge without its arrest, and one key with two contents.

    Only rows that are new (`new_keys`) and that no other row hangs on are spoilt, so that exactly these are rejected.
    """
    tables = dict(changes)
    new = {
        file: table.join(new_keys[file], on=new_keys[file].columns, how="semi", maintain_order="left")
        for file, table in changes.items()
    }
    conviction, test, suspect = (new[file].head(1) for file in ("police_conviction", "police_drug_test", "police_suspect"))
    arrest, charge = _arrest_with_one_charge(new)
    tables["police_conviction"] = _with_value(tables["police_conviction"], conviction, "conviction_ref", "proved_on", _NO_DATE)
    tables["police_drug_test"] = _with_value(tables["police_drug_test"], test, "test_ref", "result", _NO_CODE)
    tables["police_arrest"] = tables["police_arrest"].join(arrest, on="arrest_ref", how="anti", maintain_order="left")
    other = suspect.with_columns(outcome=pl.when(pl.col("outcome") == "tic").then(pl.lit("charged")).otherwise(pl.lit("tic")))
    tables["police_suspect"] = pl.concat([tables["police_suspect"], other])
    owed = {
        "police_conviction": conviction,
        "police_drug_test": test,
        "police_arrest": arrest,
        "police_charge": charge,
        "police_suspect": suspect,
    }
    notes = [
        ("impossible date", "police_conviction", conviction["conviction_ref"].item()),
        ("unknown code", "police_drug_test", test["test_ref"].item()),
        ("parent missing", "police_charge", charge["charge_ref"].item()),
        ("key with two contents", "police_suspect", "/".join(suspect.select("crime_ref", "police_ref").row(0))),
    ]
    return Spoilt(tables, owed, notes)


def _arrest_with_one_charge(new: Tables) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A new arrest that only one new charge hangs on, and that charge."""
    tested = new["police_drug_test"].select("arrest_ref")
    charges = new["police_charge"].filter(pl.col("arrest_ref").is_not_null() & pl.col("arrest_ref").is_unique())
    charges = charges.join(tested, on="arrest_ref", how="anti", maintain_order="left")
    charge = charges.join(new["police_arrest"], on="arrest_ref", how="semi", maintain_order="left").head(1)
    return new["police_arrest"].join(charge, on="arrest_ref", how="semi"), charge


def _with_value(table: pl.DataFrame, row: pl.DataFrame, key: str, column: str, value: str) -> pl.DataFrame:
    is_row = pl.col(key) == row[key].item()
    return table.with_columns(pl.when(is_row).then(pl.lit(value)).otherwise(pl.col(column).cast(pl.String)).alias(column))


def mistake_colours(changes: Tables) -> dict[str, pl.DataFrame]:
    """A hub delivery in which every new colour is green: valid, and wrong."""
    wrong = changes["hub_rag"].with_columns(
        colour=pl.when(pl.col("change") == "upsert").then(pl.lit("green")).otherwise("colour")
    )
    return {**changes, "hub_rag": wrong}


def truncate(folder: Path) -> tuple[str, str, str]:
    """Cut the second half off one file of a finished delivery."""
    path = folder / f"{_TRUNCATED_FILE}.csv"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return ("truncated file", _TRUNCATED_FILE, "")
