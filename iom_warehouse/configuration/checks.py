"""Checks that follow from the declaration: required, type, codes, range, pattern, references, keys."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date

import polars as pl

from iom_warehouse.configuration.declaration import ConfigurationColumn, ConfigurationFile, files
from iom_warehouse.configuration.findings import Finding, did_you_mean, quoted
from iom_warehouse.configuration.reading import COPY_IT, ROW, Folder

PATTERNS = {
    "ref": r"""[^;/\\"'<>=+@-][^;/\\"'<>]{0,99}""",
    "hocode": r"[0-9]{3}/[0-9]{2}",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "int": r"-?[0-9]{1,9}",
    "num": r"-?[0-9]{1,12}(\.[0-9]{1,9})?",
    "yn": r"[YN]",
}
REMEDIES = {
    "ref": "use at most 100 characters without ; / \\ quotation marks or brackets, and begin with a letter or digit",
    "hocode": "write class and subclass, such as 028/03",
    "date": "write year, month and day, such as 2014-12-31",
    "int": "write a whole number in digits only, such as 1250",
    "num": "write a number with a full stop for decimals and no other signs, such as 1250.50",
    "yn": "write Y or N",
}
WHAT_IT_IS = {
    "ref": "a name",
    "hocode": "an offence code",
    "date": "a date",
    "int": "a whole number",
    "num": "a number",
    "yn": "Y or N",
}
FORMULA = r"\A[=+@-]"
LONGEST_TEXT = 2000
YEARS = ("1900-01-01", "2199-12-31")
Values = pl.DataFrame  # columns row, value: one line per value of a column, lists taken apart


def findings(folder: Folder) -> list[Finding]:
    """All findings of the declared checks, for all files."""
    return [finding for file in files() for finding in (*_file_findings(file, folder), *_nothing_there(file, folder))]


def typed(file: ConfigurationFile, table: pl.DataFrame) -> pl.DataFrame:
    """The table with its declared types and defaults. Values that do not fit are null: their findings say so."""
    return table.select(pl.col(ROW), *(_typed(column) for column in file.columns))


def values(table: pl.DataFrame, column: ConfigurationColumn) -> Values:
    """Row number and value of every value that is given in a column."""
    column_values = table.select(ROW, value=pl.col(column.name)).drop_nulls()
    if not column.list:
        return column_values
    return (
        column_values.select(ROW, pl.col("value").str.split(";")).explode("value").select(ROW, pl.col("value").str.strip_chars())
    )


def _typed(column: ConfigurationColumn) -> pl.Expr:
    text = pl.col(column.name)
    if column.default is not None:
        text = text.fill_null(column.default)
    if column.list:
        return text.str.replace_all(r"\s*;\s*", ";")
    if column.type == "date":
        return text.str.to_date("%Y-%m-%d", strict=False)
    if column.type == "yn":
        return text.replace_strict({"Y": True, "N": False}, default=None, return_dtype=pl.Boolean)
    if column.type in ("int", "num"):
        return text.cast(pl.Int64 if column.type == "int" else pl.Float64, strict=False)
    return text


def _file_findings(file: ConfigurationFile, folder: Folder) -> Iterator[Finding]:
    table = folder.tables[file.name]
    for column in file.columns:
        if column.required:
            missing = table.filter(pl.col(column.name).is_null())
            yield from (Finding(file.csv_name, row, column.name, "this must not be empty") for row in missing[ROW])
        given = values(table, column)
        if given.is_empty():
            continue
        for check in (_format, _codes, _range, _reference):
            for row, message in check(column, given, folder):
                yield Finding(file.csv_name, row, column.name, message)
        if column.list:
            yield from _repeated(file, column, given)
    yield from _duplicate_keys(file, table)


Problems = Iterator[tuple[int, str]]
Check = Callable[[ConfigurationColumn, Values, Folder], Problems]


def _format(column: ConfigurationColumn, given: Values, folder: Folder) -> Problems:
    if column.type == "code":
        return
    if column.type == "text":
        yield from _unsafe_text(given)
    pattern = column.pattern or PATTERNS.get(column.type)
    if not pattern:
        return
    for row, value in given.filter(~_fits(pattern)).iter_rows():
        what = WHAT_IT_IS.get(column.type, "in the form that this column needs")
        yield row, f"{quoted(value)} is not {what}; {_remedy(column, value)}"
    if column.type == "date":
        unreal = given.filter(_fits(pattern) & pl.col("value").str.to_date("%Y-%m-%d", strict=False).is_null())
        yield from ((row, f"{quoted(value)} is not a day of the calendar") for row, value in unreal.iter_rows())


def _fits(pattern: str) -> pl.Expr:
    return pl.col("value").str.contains(rf"\A(?:{pattern})\z") & ~pl.col("value").str.contains(r"[\p{Cc}]")


def _remedy(column: ConfigurationColumn, value: str) -> str:
    days = _readings(value) if column.type == "date" else []
    if len(days) == 1:
        return f"write {days[0]}"
    return _between(column, value) or (f"write it like {column.example}" if column.example else REMEDIES[column.type])


def _readings(value: str) -> list[date]:
    """The days that a date with the year at its end can mean, by whether day or month comes first."""
    found = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", value)
    days = set()
    if found:
        one, other, year = map(int, found.groups())
        for day, month in ((one, other), (other, one)):
            with suppress(ValueError):
                days.add(date(year, month, day))
    return list(days)


def _between(column: ConfigurationColumn, value: str) -> str:
    """What to do about a list with commas in it; an empty text for any other value."""
    if not column.list or "," not in value:
        return ""
    parted = ";".join(part.strip() for part in value.split(","))
    return f"put ; between the values of a list, as in {quoted(parted)}"


def _advice(column: ConfigurationColumn, value: str, allowed: list[str]) -> str:
    """What the editor may have meant by a value that is none of the allowed ones; an empty text where nobody can tell."""
    between = _between(column, value)
    return f"; {between}" if between else did_you_mean(value, allowed)


def _unsafe_text(given: Values) -> Problems:
    text = pl.col("value")
    for row, value in given.filter(text.str.contains(r"[\p{Cc}]")).iter_rows():
        yield row, f"{quoted(value)} holds a line break or another control character; write it on one line"
    for row, value in given.filter(text.str.contains(FORMULA)).iter_rows():
        yield row, f"{quoted(value)} begins with {value[0]}, which a spreadsheet would run as a formula; write it otherwise"
    for row, value in given.filter(text.str.len_chars() > LONGEST_TEXT).iter_rows():
        yield row, f"this has {len(value):,} characters; at most {LONGEST_TEXT:,} are kept"


def _codes(column: ConfigurationColumn, given: Values, folder: Folder) -> Problems:
    if column.codes:
        for row, value in given.filter(~pl.col("value").is_in(list(column.codes))).iter_rows():
            advice = _advice(column, value, list(column.codes))
            yield row, f"{quoted(value)} is not one of {', '.join(column.codes)}{advice}"


def _range(column: ConfigurationColumn, given: Values, folder: Folder) -> Problems:
    if column.type == "date":
        first, last = map(pl.lit, YEARS)
        outside = given.filter(_fits(PATTERNS["date"]) & ~pl.col("value").is_between(first, last))
        yield from ((row, f"{quoted(value)} is not between the years 1900 and 2199") for row, value in outside.iter_rows())
    if column.min is None and column.max is None:
        return
    number = pl.col("value").cast(pl.Float64, strict=False)
    low, high = column.min if column.min is not None else float("-inf"), column.max if column.max is not None else float("inf")
    limits = f"at least {column.min:g}" if column.max is None else f"between {column.min:g} and {column.max:g}"
    for row, value in given.filter(_fits(PATTERNS[column.type]) & ~number.is_between(low, high)).iter_rows():
        yield row, f"{quoted(value)} is out of range; this must be {limits}"


def _reference(column: ConfigurationColumn, given: Values, folder: Folder) -> Problems:
    file, _, target = column.to.partition(".")
    if not column.to or f"{file}.csv" in folder.unreadable or folder.tables[file].is_empty():
        return
    allowed = folder.tables[file][target].drop_nulls().unique().to_list()
    unknown = given.filter(~pl.col("value").is_in(allowed))
    advice = {value: _advice(column, value, allowed) for value in unknown["value"].unique()}
    what = f"{'an' if target[0] in 'aeiou' else 'a'} {target.removesuffix('_id').replace('_', ' ')}"
    for row, value in unknown.iter_rows():
        yield row, f"{quoted(value)} is not {what} in {file}.csv{advice[value] or '; add it there or put it right'}"


def _nothing_there(file: ConfigurationFile, folder: Folder) -> Iterator[Finding]:
    """That others point to a file without any row, said once and not of each row that does."""
    if file.csv_name in folder.unreadable or not folder.tables[file.name].is_empty():
        return
    pointing = {
        other.csv_name: [column.name for column in other.columns if _points_to(column, file, folder.tables[other.name])]
        for other in files()
    }
    told = [f"{name} ({', '.join(columns)})" for name, columns in pointing.items() if columns]
    if told:
        is_there = (folder.path / file.csv_name).exists()
        what, remedy = ("has no rows", "Put your own rows in") if is_there else ("is missing", COPY_IT)
        points = "points" if len(told) == 1 else "point"
        yield Finding(file.csv_name, 0, "", f"this file {what}, and {', '.join(told)} {points} to it. {remedy}")


def _points_to(column: ConfigurationColumn, file: ConfigurationFile, table: pl.DataFrame) -> bool:
    return column.to.partition(".")[0] == file.name and not values(table, column).is_empty()


def _repeated(file: ConfigurationFile, column: ConfigurationColumn, given: Values) -> Iterator[Finding]:
    for row, value in given.filter(given.is_duplicated()).unique().iter_rows():
        yield Finding(file.csv_name, row, column.name, f"{quoted(value)} stands twice in this list")


def _duplicate_keys(file: ConfigurationFile, table: pl.DataFrame) -> Iterator[Finding]:
    key = list(file.full_key)
    complete = table.drop_nulls(key)
    repeated = complete.with_columns(first=pl.col(ROW).min().over(key)).filter(pl.col(ROW) != pl.col("first"))
    for row in repeated.iter_rows(named=True):
        what = ", ".join(f"{name} {quoted(row[name])}" for name in key)
        message = f"{what} is already in row {row['first']}; keep one of the two, or give a later effective_from"
        yield Finding(file.csv_name, row[ROW], ", ".join(key), message)
