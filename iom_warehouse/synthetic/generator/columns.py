"""Expressions that the files of all feeds share."""

import polars as pl

from iom_warehouse.synthetic.generator.dice import Integers


def yes_no(condition: pl.Expr) -> pl.Expr:
    """Y or N; null where the condition is null."""
    return pl.when(condition).then(pl.lit("Y")).when(~condition).then(pl.lit("N"))


def numbered(prefix: str, number: pl.Expr | None = None) -> pl.Expr:
    """References such as AR0000012: the given numbers, or the rows counted from 1."""
    counted = pl.int_range(1, pl.len() + 1) if number is None else number
    return pl.format("{}{}", pl.lit(prefix), counted.cast(pl.String).str.zfill(7))


def plus_days(day: pl.Expr, number: Integers | pl.Expr | int) -> pl.Expr:
    """Dates moved by whole days."""
    days = number if isinstance(number, pl.Expr) else pl.lit(number) if isinstance(number, int) else pl.lit(pl.Series(number))
    return (day.cast(pl.Int32) + days).cast(pl.Int32).cast(pl.Date)


def nothing() -> pl.Expr:
    return pl.lit(None, pl.String)


def timestamp(day: pl.Expr, second: pl.Expr) -> pl.Expr:
    """The time `second` seconds after midnight UTC on `day`, written with the offset of London."""
    instant = day.cast(pl.Datetime("us")) + pl.duration(seconds=second)
    local = instant.dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/London")
    return local.dt.strftime("%Y-%m-%dT%H:%M:%S%:z")
