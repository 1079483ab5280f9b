"""The days that the sample covers, and days as numbers (days since 1970), which is how they are reckoned with."""

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

HISTORY_FROM = date(2008, 4, 1)
NIGHTS_FROM = date(2013, 7, 1)
NIGHTS_TO = date(2013, 12, 30)
HISTORY_TO = date(2013, 12, 31)
NEVER = 1_000_000  # a day number beyond every date of the sample


def day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def to_dates(numbers: npt.NDArray[np.int64], missing: npt.NDArray[np.bool_] | None = None) -> pl.Series:
    """Day numbers as dates; null where `missing`."""
    series = pl.Series(numbers).cast(pl.Int32).cast(pl.Date)
    return series if missing is None else pl.select(pl.when(~pl.Series(missing)).then(series)).to_series()


def to_numbers(dates: pl.Series) -> npt.NDArray[np.int64]:
    """Dates without nulls as day numbers."""
    return dates.cast(pl.Int32).cast(pl.Int64).to_numpy()


def nights(number: int) -> list[date]:
    """`number` business dates spread evenly over the two quarters, the first and the last day included."""
    span = (NIGHTS_TO - NIGHTS_FROM).days
    offsets = np.linspace(0, span, number).round().astype(int) if number > 1 else np.array([0])
    return [date.fromordinal(NIGHTS_FROM.toordinal() + int(offset)) for offset in offsets]
