"""The SQL that reads a field takes exactly what the interface allows: held against a parser that knows no PostgreSQL."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from delivery_maker import Warehouse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg2 import sql

from iom_warehouse import contracts
from iom_warehouse.loading import types
from iom_warehouse.platform import database
from iom_warehouse.platform.database import Connection

ANY_COLUMN = contracts.get("prison").file("prison_person").column("surname")
MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]+))?)?(Z|([+-])(0[0-9]|1[0-5]):([0-5][0-9]))"
)


def a_date(text: str) -> date | None:
    return _day(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None


def a_moment(text: str) -> Decimal | None:
    """Seconds since 1970, as a Python datetime would not do for the first and last days of all time."""
    found = MOMENT.fullmatch(text)
    day = _day(found[1]) if found else None
    if not found or not day:
        return None
    days = day.toordinal() - date(1970, 1, 1).toordinal()
    seconds = ((days * 24 + int(found[2])) * 60 + int(found[3])) * 60 + Decimal(f"{found[4] or 0}.{found[5] or 0}")
    offset = (int(found[8] or 0) * 60 + int(found[9] or 0)) * 60
    return seconds - (offset if found[7] == "+" else -offset)


def a_whole_number(text: str) -> int | None:
    is_one = re.fullmatch("0|-?[1-9][0-9]*", text) and -(2**31) <= int(text) < 2**31
    return int(text) if is_one else None


def a_number(text: str) -> Decimal | None:
    is_one = re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?", text)
    return Decimal(text) if is_one else None


def a_yes_or_no(text: str) -> bool | None:
    return {"Y": True, "N": False}.get(text)


def _day(text: str) -> date | None:
    try:
        return date(*map(int, text.split("-")))
    except ValueError:
        return None


PARSERS: dict[str, Callable[[str], Any]] = {
    "date": a_date, "ts": a_moment, "int": a_whole_number, "num": a_number, "yn": a_yes_or_no,
}  # fmt: skip


def words(text: str) -> list[str]:
    return text.split()


NO_ZONES = words("z +0100 +01 +16:00 +24:00 +01:60 Z+01:00 -01:00Z +01:00-02:00 T+01:00 +T1:00 BST")
TIME_ZONES = st.sampled_from([*words("Z +01:00 -01:30 +15:59"), *NO_ZONES, "", " +01:00"])
CLOCKS = st.from_regex(r"[T ]?[0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{0,7})?)?", fullmatch=True)
NO_DAYS = words(
    "now today epoch infinity -infinity 20130101 01/02/2013 0000-01-01 2013-02-29 13-1-01-01 -001-01-01 2013-1--01 2013-001"
    " 2013-W01-1 J2451187 Jan-01-2013"
)
DAYS = st.one_of(
    st.dates().map(str),
    st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]", fullmatch=True),
    st.from_regex(r"[-+0-9./ ]{8,11}", fullmatch=True),
    st.sampled_from(NO_DAYS),
)
NO_NUMBERS = words("NaN Infinity 0x1F 0b1 0o7 1_000 007 -0 +5 ٣ 1e999 1e-999 2147483648 . e --1")
NUMBERS = st.one_of(
    st.integers(-(2**32), 2**32).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"[-+]{0,2}[0-9_]{0,3}[.,]?[0-9]{0,3}([eE][-+]?[0-9]{0,3})?", fullmatch=True),
    st.sampled_from(NO_NUMBERS),
)
VALUES = {
    "date": DAYS,
    "ts": st.one_of(st.tuples(DAYS, CLOCKS, TIME_ZONES).map("".join), DAYS),
    "int": NUMBERS,
    "num": NUMBERS,
    "yn": st.sampled_from(["Y", "N", "y", "n", "yes", "true", "t", "1", "0", "YN", "Ｙ"]),
}


# Each of these is a value to PostgreSQL and was let through once, or nearly is one.
ONCE_LET_THROUGH = {
    "date": ["2013-1--01", *NO_DAYS],
    "ts": [f"2013-10-01T{end}" for end in words("23:40Z+01:00 23:40:00.Z 24:00Z 23:59:60Z 23:40:5Z 23:4Z")]
    + ["2013-1--01T00:00Z", "2013--1-01T00:00Z", "2013-01--1T00:00Z", "2013-01-1-T00:00Z"]
    + [f"2013-10-01T23:40{zone}" for zone in NO_ZONES],
    "int": NO_NUMBERS,
    "num": NO_NUMBERS,
    "yn": words("y n yes true t 1 0"),
}


def nearly(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Values, and values with one character put in, left out or changed. A missing field is no matter of types."""
    characters = st.sampled_from(["", " ", "\n", "\t", "-", "0", "9", "T", ".", "é"])
    mistakes = st.tuples(values, st.integers(0, 40), characters, st.booleans())
    return st.one_of(values, mistakes.map(_with_mistake)).filter(bool)


def _with_mistake(parts: tuple[str, int, str, bool]) -> str:
    text, place, character, in_place_of_another = parts
    return text[:place] + character + text[place + in_place_of_another :]


@pytest.fixture(scope="module")
def loader(shared_warehouse: Warehouse) -> Iterator[Connection]:
    connection = database.connect("loader")
    yield connection
    connection.close()


def convert(conn: Connection, column_type: str, texts: list[str]) -> list[Any]:
    value = types.converted(replace(ANY_COLUMN, name="field", type=column_type))
    if column_type == "ts":
        value = sql.SQL("extract(epoch from {})").format(value)
    query = sql.SQL("select {} from unnest({}) with ordinality as b (field, place) order by place")
    with conn.cursor() as cursor:
        cursor.execute(query.format(value, sql.Literal(texts)))
        return [found for (found,) in cursor.fetchall()]


@pytest.mark.parametrize("column_type", PARSERS)
def test_sql_takes_what_the_interface_allows_and_nothing_else(loader: Connection, column_type: str) -> None:
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @example(ONCE_LET_THROUGH[column_type])
    @given(st.lists(nearly(VALUES[column_type]), min_size=1, max_size=100))
    def agree(texts: list[str]) -> None:
        found = convert(loader, column_type, texts)
        expected = [PARSERS[column_type](text) for text in texts]
        wrong = [case for case in zip(texts, found, expected, strict=True) if not same(column_type, *case[1:])]
        assert not wrong

    agree()


def same(column_type: str, found: Any, expected: Any) -> bool:
    if column_type == "ts" and None not in (found, expected):
        return abs(found - expected) <= Decimal("0.000001")  # what PostgreSQL keeps of a second
    return found == expected
