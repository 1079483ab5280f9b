"""What the tables of counts have in common: contexts, shares with their intervals, waits, and counts that are part of others."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from iom_warehouse.disclosure import Cell, Column, Context, Row, Tie
from iom_warehouse.reports import ratios, wording
from iom_warehouse.reports.source import Fact

# A quarter without anything gives way to the last one of a year that has something.
WITHIN_A_YEAR = "period_start <= %(first)s and period_start > %(first)s - interval '1 year'"


def context(fact: Fact) -> Context:
    """Of a row of a mart by period. It is final where the mart says so: by its status or because the period is complete."""
    is_final = fact["status"] == "final" if "status" in fact else fact["is_complete"]
    return Context(
        period_start=fact["period_start"], period_end=fact["period_end"], data_cut=fact["data_cut"],
        maturity="final" if is_final else "provisional",
    )  # fmt: skip


def counts(fact: Fact, **columns: str) -> dict[str, Cell]:
    """Cells of the counts in the mart's columns."""
    return {name: Cell(int(fact[column])) for name, column in columns.items()}


def count_columns(**titles: str) -> tuple[Column, ...]:
    return tuple(Column(name, title, "count") for name, title in titles.items())


def share_columns(part: str, whole: str, title: str) -> tuple[Column, Column]:
    """A share of two counts of the same row, and Wilson's interval."""
    made_of, of = (whole, part), (part, whole)
    return (
        Column("share", title, "rate", wording.percentage, made_of, of, is_share=True),
        Column("interval", "95% interval (Wilson)", "rate", wording.percentage_interval, made_of, of, is_share=True),
    )


def share_cells(part: int | None, whole: int, figures: tuple[Any, Any, Any], missing: str) -> dict[str, Cell]:
    """Their cells. `figures`: the share and the ends of its interval as the mart has them, between 0 and 1."""
    decimals = wording.decimals_for(whole)
    share, low, high = (wording.as_percent(figure) for figure in figures)
    ends = wording.interval(low, high, decimals)
    made_of: dict[str, Any] = {"numerator": part, "denominator": whole, "missing": missing}
    return {
        "share": Cell(wording.rounded(share, decimals), ends, **made_of, says=ratios.share),
        "interval": Cell(interval=ends, **made_of, says=ratios.only_interval(ratios.share)),
    }


def part_of(part: str, whole: str) -> Column:
    """Nothing to see: it tells disclosure control that the first count is never more than the second."""
    return Column(f"{part}_of_{whole}", "", "rate", of=(part, whole), is_share=True, is_shown=False)


def unseen(name: str) -> Column:
    """A count that nobody prints, but that can be worked out."""
    return Column(name, "", "count", is_shown=False)


def wait(name: str, title: str, of: str) -> Column:
    """Days that people waited, of as many as the column `of` counts."""
    return Column(name, title, "rate", made_of=(of,))


def days(value: Any, of: int, missing: str) -> Cell:
    return Cell(wording.rounded(value), denominator=of, missing=missing)


def add_up(rows: Iterable[Row], whole: str, *parts: str) -> tuple[Tie, ...]:
    """In every row the parts are the whole."""
    return tuple(Tie(((row.key, whole),), tuple((row.key, part) for part in parts)) for row in rows)


def total_of(total: str, rows: Iterable[Row], columns: Iterable[str]) -> tuple[Tie, ...]:
    """In every column the rows are the row `total`."""
    keys = [row.key for row in rows]
    return tuple(Tie(((total, column),), tuple((key, column) for key in keys)) for column in columns) if keys else ()


def newest(facts: list[Fact]) -> list[Fact]:
    """The rows of the newest period: of the report's quarter, or of the last one before it that has any."""
    last = max((fact["period_start"] for fact in facts), default=None)
    return [fact for fact in facts if fact["period_start"] == last]


def when(of: Context, quarter: tuple[date, date]) -> str:
    """The days that the figures are of, and that they are not those of the report's quarter where they are not."""
    before = f", the last quarter with any before that of {wording.days(*quarter)}" if of.period_start != quarter[0] else ""
    return f"from {wording.days(of.period_start, of.period_end)}{before}"


def so_far(of: Context) -> str:
    """A sentence for a period that is not over or not known to its end; nothing for one that is."""
    return "" if of.maturity == "final" else f" These figures are provisional: the data reach to {wording.day(of.data_cut)}."
