"""Periods as people write them, and those that a day lies in."""

from datetime import date

import pytest

from iom_warehouse.platform.errors import IomError
from iom_warehouse.reports import scope


@pytest.mark.parametrize(
    ("text", "kind", "first", "last", "in_words"),
    [
        ("2013-11", "month", date(2013, 11, 1), date(2013, 11, 30), "November 2013"),
        ("2012-02", "month", date(2012, 2, 1), date(2012, 2, 29), "February 2012"),
        ("2013Q4", "quarter", date(2013, 10, 1), date(2013, 12, 31), "October to December 2013"),
        ("2013q1", "quarter", date(2013, 1, 1), date(2013, 3, 31), "January to March 2013"),
        ("2013", "year", date(2013, 1, 1), date(2013, 12, 31), "2013"),
        ("2013/14", "year", date(2013, 4, 1), date(2014, 3, 31), "April 2013 to March 2014"),
        ("1999/00", "year", date(1999, 4, 1), date(2000, 3, 31), "April 1999 to March 2000"),
    ],
)
def test_a_period_as_it_is_written(text, kind, first, last, in_words):
    found = scope.read(text, kind)
    assert (found.first, found.last, found.in_words, found.code) == (first, last, in_words, text.upper())


@pytest.mark.parametrize("text", ["", "2013Q5", "2013Q0", "2013-13", "2013-1", "13Q1", "2013/15", "2013Q1; drop table x", "٢٠١٣"])
def test_what_is_no_period_says_what_one_is(text):
    with pytest.raises(IomError, match="is not a period. Write a quarter as 2013Q4."):
        scope.read(text, "quarter")


def test_a_period_of_another_length_says_so():
    with pytest.raises(IomError, match="2013Q4 is a quarter, and this report covers a month. Write it as 2013-11."):
        scope.read("2013Q4", "month")


@pytest.mark.parametrize(
    ("day", "kind", "code"),
    [
        (date(2013, 12, 31), "month", "2013-12"),
        (date(2013, 12, 31), "quarter", "2013Q4"),
        (date(2014, 3, 31), "year", "2013/14"),
        (date(2014, 4, 1), "year", "2014/15"),
    ],
)
def test_the_period_of_a_day(day, kind, code):
    assert scope.containing(kind, day).code == code
