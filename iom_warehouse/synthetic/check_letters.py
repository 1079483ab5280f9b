"""Identifiers with their modulus 23 check letter, built whole columns at a time.

The letter is the remainder of a number by 23, looked up in an alphabet without I, O and S; which digits make up the
number differs by identifier (PNC: last two digits of the year and the serial padded to seven; CRO: year and serial
padded to six; ASN: force and system where they are digits, year and sequence padded to eleven, the unit left out).
"""

import polars as pl

ALPHABET = "ZABCDEFGHJKLMNPQRTUVWXY"


def check_letter(number: pl.Expr) -> pl.Expr:
    """The check letter of each (non-negative) integer."""
    return (number % 23).replace_strict(list(range(23)), list(ALPHABET), return_dtype=pl.String)


def pnc_id(year: pl.Expr, serial: pl.Expr) -> pl.Expr:
    """`YYYY/NNNNNNNL` from a four-figure year and a serial of up to seven digits."""
    letter = check_letter(year % 100 * 10_000_000 + serial)
    return pl.format("{}/{}{}", year.cast(pl.String), _padded(serial, 7), letter)


def cro_number(year: pl.Expr, serial: pl.Expr) -> pl.Expr:
    """`NNNNNN/YYL` from a four-figure year and a serial of up to six digits."""
    letter = check_letter(year % 100 * 1_000_000 + serial)
    return pl.format("{}/{}{}", _padded(serial, 6), _padded(year % 100, 2), letter)


def asn(year: pl.Expr, sequence: pl.Expr, *, force: int, unit: str, system: int = 1) -> pl.Expr:
    """`YYFFUUSSNNNNNNNNNNNL`, an arrest summons number of a force with a numeric code; the unit's code is not in the sum."""
    origin = pl.lit(force * 100 + system, pl.Int64) * 100 + year % 100
    letter = check_letter(origin * 100_000_000_000 + sequence)
    prefix = f"{force:02d}{unit}{system:02d}"
    return pl.format("{}{}{}{}", _padded(year % 100, 2), pl.lit(prefix), _padded(sequence, 11), letter)


def _padded(number: pl.Expr, width: int) -> pl.Expr:
    return number.cast(pl.String).str.zfill(width)
