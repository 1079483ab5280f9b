"""A file of a source as it is at the end of any day: which rows are there, and which of their values are known yet.

A source learns of a row on its `known_on` and may drop it on its `gone_on`; some of its values come later still. From that
follow both the full extract of a night and the changes between two nights.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

KNOWN_ON, GONE_ON = "known_on", "gone_on"


@dataclass(frozen=True)
class Late:
    """Values that are not known before the day in column `day`: until then each column of `before` holds what is given there."""

    day: str
    before: Mapping[str, pl.Expr | str | None]


@dataclass(frozen=True)
class History:
    """Every row that a file will ever have.

    rows: the columns of the file, `known_on`, perhaps `gone_on`, and helper columns whose names begin with `_`.
    key: the columns that tell rows apart. every: the source extracts this file afresh every so many nights only.
    """

    rows: pl.DataFrame
    key: tuple[str, ...]
    late: tuple[Late, ...] = ()
    every: int = 1

    @property
    def columns(self) -> list[str]:
        """The columns of the file, as it is delivered."""
        return [column for column in self.rows.columns if column not in (KNOWN_ON, GONE_ON) and not column.startswith("_")]

    def as_at(self, day: date) -> pl.DataFrame:
        """The file at the end of `day`, by key."""
        present = self.rows.filter(pl.col(KNOWN_ON) <= day)
        if GONE_ON in present.columns:
            present = present.filter(pl.col(GONE_ON).is_null() | (pl.col(GONE_ON) > day))
        unknown_yet = [
            pl.when(pl.col(late.day) > day).then(_expression(before)).otherwise(pl.col(column)).alias(column)
            for late in self.late
            for column, before in late.before.items()
        ]
        return present.with_columns(unknown_yet).select(self.columns).sort(self.key)

    def changes(self, since: date, until: date) -> pl.DataFrame:
        """The rows of a `changes` extract: what became different after `since` and up to the end of `until`."""
        moments = [KNOWN_ON, *(late.day for late in self.late), *({GONE_ON} & set(self.rows.columns))]
        touched = pl.any_horizontal(pl.col(moments).is_between(since, until, closed="right"))
        few = replace(self, rows=self.rows.filter(touched))
        return changes_between(few.as_at(since), few.as_at(until), self.key)

    def new_keys(self, since: date, until: date) -> pl.DataFrame:
        """The keys of the rows that became known after `since` and up to the end of `until`."""
        return self.rows.filter(pl.col(KNOWN_ON).is_between(since, until, closed="right")).select(self.key)


def changes_between(before: pl.DataFrame, after: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """The `changes` extract that turns `before` into `after`: new and altered rows, and deleted ones as they last were."""
    upserts = after.join(before, on=after.columns, how="anti", nulls_equal=True).with_columns(change=pl.lit("upsert"))
    deletes = before.join(after, on=key, how="anti").with_columns(change=pl.lit("delete"))
    return pl.concat([upserts, deletes]).sort(key)


def first_known(*children: tuple[History, str]) -> pl.DataFrame:
    """For each parent (`ref`) the first day on which one of its children, given with the column that names it, is known."""
    mentions = [child.rows.select(pl.col(column).alias("ref"), KNOWN_ON) for child, column in children]
    return pl.concat(mentions).drop_nulls().group_by("ref").agg(pl.min(KNOWN_ON))


def _expression(value: pl.Expr | str | None) -> pl.Expr:
    return value if isinstance(value, pl.Expr) else pl.lit(value)
