"""Published examples of police identifiers; letters that are known to be wrong must not come out."""

import polars as pl
import pytest

from iom_warehouse.synthetic.check_letters import asn, cro_number, pnc_id


def one(expression: pl.Expr) -> str:
    return pl.select(expression).item()


@pytest.mark.parametrize(
    ("year", "serial", "expected"),
    [
        (2002, 73319, "2002/0073319Z"),
        (1979, 163001, "1979/0163001B"),
        (1981, 34, "1981/0000034U"),
        (2000, 223, "2000/0000223R"),
        (2003, 3, "2003/0000003Y"),
        (1967, 9893091, "1967/9893091D"),
        (2001, 123456, "2001/0123456F"),
    ],
)
def test_pnc_id(year: int, serial: int, expected: str) -> None:
    assert one(pnc_id(pl.lit(year), pl.lit(serial))) == expected


@pytest.mark.parametrize(("year", "serial", "expected"), [(1991, 65656, "065656/91H"), (2001, 123456, "123456/01X")])
def test_cro_number(year: int, serial: int, expected: str) -> None:
    assert one(cro_number(pl.lit(year), pl.lit(serial))) == expected


@pytest.mark.parametrize(
    ("sequence", "unit", "expected"), [(410836, "ZD", "1101ZD0100000410836V"), (12345, "AB", "1101AB0100000012345C")]
)
def test_asn(sequence: int, unit: str, expected: str) -> None:
    assert one(asn(pl.lit(2011), pl.lit(sequence), force=1, unit=unit)) == expected


def test_a_column_at_a_time() -> None:
    frame = pl.DataFrame({"year": [2002, 1979], "serial": [73319, 163001]})
    assert frame.select(pnc_id(pl.col("year"), pl.col("serial"))).to_series().to_list() == ["2002/0073319Z", "1979/0163001B"]
