"""What one report is about: a period of the calendar and an area, or the whole partnership."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from iom_warehouse.platform.errors import IomError

Kind = Literal["month", "quarter", "year"]
MONTHS: Mapping[Kind, int] = {"month": 1, "quarter": 3, "year": 12}
EXAMPLES: Mapping[Kind, str] = {"month": "2013-11", "quarter": "2013Q4", "year": "2013, or 2013/14 from April to March"}
ALL = "all"
APRIL = 4
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """A calendar month or quarter, or a year from January or April on; both days belong to it."""

    kind: Kind
    first: date
    last: date

    @property
    def in_words(self) -> str:
        return str(self.first.year) if (self.first.month, self.kind) == (1, "year") else months(self.first, self.last)

    @property
    def code(self) -> str:
        """As people write it: 2013-11, 2013Q4, 2013 or 2013/14."""
        if self.kind == "month":
            return f"{self.first:%Y-%m}"
        if self.kind == "quarter":
            return f"{self.first.year}Q{(self.first.month + 2) // 3}"
        return str(self.first.year) if self.first.month == 1 else f"{self.first.year}/{self.last:%y}"

    @property
    def mart_kind(self) -> Kind:
        """The kind of period that the marts have rows of: a year is its quarters."""
        return "quarter" if self.kind == "year" else self.kind


def months(first: date, last: date) -> str:
    """The months that two days lie in and those between: December 2013, or October to December 2013."""
    if first.replace(day=1) == last.replace(day=1):
        return f"{last:%B %Y}"
    return f"{first:{'%B' if first.year == last.year else '%B %Y'}} to {last:%B %Y}"


def beginning(kind: Kind, first: date) -> Period:
    after = first.month - 1 + MONTHS[kind]
    return Period(kind, first, date(first.year + after // 12, after % 12 + 1, 1) - DAY)


def containing(kind: Kind, day: date) -> Period:
    """The period that a day lies in; the year is the financial one."""
    if kind == "year":
        return beginning(kind, date(day.year - (day.month < APRIL), APRIL, 1))
    months = MONTHS[kind]
    return beginning(kind, date(day.year, months * ((day.month - 1) // months) + 1, 1))


def month_before(day: date) -> Period:
    """The month before the one that a day lies in."""
    return containing("month", day.replace(day=1) - DAY)


def read(text: str, kind: Kind) -> Period:
    """A period as people write it. Raises IomError when it is not one, or none of this kind."""
    found = _read(text)
    if found is None:
        raise IomError(f"{text!r} is not a period.", f"Write a {kind} as {EXAMPLES[kind]}.")
    if found.kind != kind:
        raise IomError(f"{text} is a {found.kind}, and this report covers a {kind}.", f"Write it as {EXAMPLES[kind]}.")
    return found


def _read(text: str) -> Period | None:
    if quarter := re.fullmatch(r"(19|20)(\d\d)[Qq]([1-4])", text):
        return beginning("quarter", date(int(quarter[1] + quarter[2]), 3 * int(quarter[3]) - 2, 1))
    if month := re.fullmatch(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])", text):
        return beginning("month", date(int(month[1]), int(month[2]), 1))
    if year := re.fullmatch(r"((?:19|20)\d\d)(?:/(\d\d))?", text):
        if year[2] is None:
            return beginning("year", date(int(year[1]), 1, 1))
        if int(year[2]) == (int(year[1]) + 1) % 100:
            return beginning("year", date(int(year[1]), APRIL, 1))
    return None


@dataclass(frozen=True)
class Area:
    """An area that figures are given for; the whole partnership is `all` of the level `all`."""

    code: str = ALL
    level: str = ALL
    name: str = ""
    parent: str | None = None  # code of the area that it lies in

    @property
    def is_whole(self) -> bool:
        return self.level == ALL

    @property
    def key(self) -> str:
        return f"{self.level}:{self.code}"


WHOLE = Area()


@dataclass(frozen=True)
class Scope:
    """The period and the area that tables are made for."""

    period: Period
    area: Area = WHOLE

    @property
    def first(self) -> date:
        return self.period.first

    @property
    def last(self) -> date:
        return self.period.last

    @property
    def place(self) -> dict[str, Any]:
        """Parameters of a condition on the area of a mart: `area_level = %(level)s and area = %(area)s`."""
        return {"level": self.area.level, "area": self.area.code}

    def of_area(self, fact: str) -> str:
        """The name of a count, as the whole partnership has it, for this area."""
        return fact if self.area.is_whole else f"{fact}, {self.area.level} {self.area.code}"

    @property
    def everyone(self) -> str:
        return "all schemes" if self.area.is_whole else f"all schemes, {self.area.name}"
