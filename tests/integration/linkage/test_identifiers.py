"""Identifiers: the rule of each kind as a table, and thousands of random ones against a second writing of the rules."""

import random
import string

import check_letters_again as again
import pytest
from delivery_maker import Warehouse

from iom_warehouse.platform import database

AS_OF = 2013

PNC = [
    ("2002/0073319Z", "2002/0073319Z"),
    ("20020073319Z", "2002/0073319Z"),
    ("1979/0163001B", "1979/0163001B"),
    ("81/34U", "1981/0000034U"),
    ("8134U", "1981/0000034U"),
    ("00/223R", "2000/0000223R"),
    ("033Y", "2003/0000003Y"),
    ("67/9893091D", "1967/9893091D"),
    (" 2002/0073319z ", "2002/0073319Z"),
    ("20030011985Z", None),
    ("20120052494O", None),
    ("20230583843N", None),
    ("2001/0171310S", None),
    ("2001/0123456X", None),
    ("2001/0123456F", "2001/0123456F"),
    ("2002/73319Z", None),  # a short serial goes with a short year
    ("033/1A", None),
    ("0000/0000000Z", None),  # no such year
    ("2002//0073319Z", None),
    ("２００２/0073319Z", None),  # digits of another script
    ("", None),
]
CRO = [
    ("65656/91H", "065656/91H"),
    ("065656/91H", "065656/91H"),
    ("65656/91h", "065656/91H"),
    ("SF05/482703J", "SF05/482703J"),
    ("SF83/50058Z", "SF83/50058Z"),
    ("SF83/50058B", None),  # the letter of the padded number, which does not count
    ("SF83/050058Z", None),  # another serial as written is another number
    ("SF83/050058B", "SF83/050058B"),
    ("85227/65G", None),
    ("123456/01A", None),
    ("123456/01X", "123456/01X"),
    ("1234567/01X", None),
    ("", None),
]
ASN = [
    ("1101ZD0100000410836V", "1101ZD0100000410836V"),
    ("11/01ZD/01/00000410836V", "1101ZD0100000410836V"),
    ("11/01ZD/01/410836V", "1101ZD0100000410836V"),
    ("1101ZD01410836V", "1101ZD0100000410836V"),
    ("1101zd0100000410836v", "1101ZD0100000410836V"),
    ("11/01AB/01/12345C", "1101AB0100000012345C"),
    ("1101XX0100000410836V", "1101XX0100000410836V"),  # the unit does not count
    ("1101ZD0200000410836V", None),  # the system does
    ("11A01ZD0100000410836V", "11A01ZD0100000410836V"),  # 21 characters: a top-level letter before the force
    ("1101ZDNP00000000001E", "1101ZDNP00000000001E"),  # a system in letters does not count
    ("11A1ZDNP00000000001N", "11A1ZDNP00000000001N"),  # nor does a force that is not all digits
    ("1101ZDNP00000000001N", None),
    ("1101zZ０100000410836V", None),
    ("1101ZD0100000410836S", None),
    ("", None),
]
PRISON_NUMBER = [
    ("A1234BC", "A1234BC"),
    (" a1234bc", "A1234BC"),
    ("AB123456", "AB123456"),
    ("A12345C", None),
    ("A1234BCD", None),
    ("", None),
]
CRN = [("X123456", "X123456"), ("x123456 ", "X123456"), ("X12345", None), ("XX12345", None), ("1234567", None), ("", None)]
TABLES = {
    "cro": CRO,
    "asn": ASN,
    "prison_number": PRISON_NUMBER,
    "crn": CRN,
}
CASES = [(kind, value, expected) for kind, cases in TABLES.items() for value, expected in cases]


@pytest.fixture
def ask(owner: database.Connection):
    """ask(expression, values…) -> the value of an SQL expression."""

    def ask(expression: str, *values):
        with owner.cursor() as cursor:
            cursor.execute(f"select {expression}", values)
            return cursor.fetchone()[0]

    return ask


@pytest.mark.parametrize(("value", "expected"), PNC)
def test_pnc(ask, value: str, expected: str | None) -> None:
    assert ask("identifiers.canonical_pnc(%s, %s)", value, AS_OF) == expected
    assert ask("identifiers.is_valid_pnc(%s)", value) == (expected is not None)


@pytest.mark.parametrize(("kind", "value", "expected"), CASES)
def test_other_kinds(ask, kind: str, value: str, expected: str | None) -> None:
    assert ask(f"identifiers.canonical_{kind}(%s)", value) == expected
    assert ask(f"identifiers.is_valid_{kind}(%s)", value) == (expected is not None)


@pytest.mark.parametrize(
    ("as_of_year", "expected"),
    [(1974, "1913"), (2012, "1913"), (2013, "2013"), (2099, "2013")],
)
def test_a_short_year_lies_in_the_past_of_its_delivery(ask, as_of_year: int, expected: str) -> None:
    short = f"13/34{again.letter('130000034')}"
    assert ask("identifiers.canonical_pnc(%s, %s)", short, as_of_year) == f"{expected}/0000034{short[-1]}"


@pytest.mark.parametrize("spelling", ["{}", " {} ", "{:.4}{:.8}"])
def test_a_pnc_is_of_a_year_that_has_begun(ask, spelling: str) -> None:
    """What its form and letter allow is still valid to the contract, which knows no day."""
    written = spelling.format(again.pnc(2014, 34), again.pnc(2014, 34)[5:])
    assert ask("identifiers.canonical_pnc(%s, 2014)", written) == again.pnc(2014, 34)
    assert ask("identifiers.canonical_pnc(%s, 2013)", written) is None
    assert ask("identifiers.is_valid_pnc(%s)", written)


@pytest.mark.parametrize("kind", ["pnc", *TABLES])
def test_nothing_is_neither_valid_nor_invalid(ask, kind: str) -> None:
    assert ask(f"identifiers.is_valid_{kind}(null)") is None


def spoiled(rng: random.Random, value: str) -> str:
    """The value, or one that is a slip of the keyboard away from it."""
    place = rng.randrange(len(value))
    kept, character, rest = value[:place], value[place], value[place + 1 :]
    other = rng.choice(string.digits if character.isdigit() else string.ascii_uppercase + "/")
    return rng.choice(
        [value, value, kept + other + rest, kept + rest, value.replace("/", ""), kept + character + character + rest]
    )


def random_pnc(rng: random.Random) -> str:
    year, serial = rng.randint(1950, 2049), rng.choice([rng.randrange(10**7), rng.randrange(100)])
    long, slash = again.pnc(year, serial), rng.choice(["", "/"])
    short = f"{year % 100:02d}{slash}{serial}{long[-1]}"
    return rng.choice([long, long.replace("/", slash), short])


def random_cro(rng: random.Random) -> str:
    year, serial = f"{rng.randrange(100):02d}", str(rng.randrange(10 ** rng.randint(1, 6)))
    file_only = f"SF{year}/{serial}{again.letter(year + serial)}"
    return rng.choice([again.cro(int(year), int(serial)), f"{serial}/{year}{again.letter(year + serial.zfill(6))}", file_only])


def random_asn(rng: random.Random) -> str:
    def place() -> str:
        return rng.choice([f"{rng.randrange(100):02d}", "".join(rng.choices(string.ascii_uppercase + string.digits, k=2))])

    year, force, unit, system = f"{rng.randrange(100):02d}", place(), place(), place()
    top, sequence = rng.choice(["", "", "C"]), str(rng.randrange(10 ** rng.randint(1, 11)))
    counted = "".join(part for part in (force, system) if part.isdigit()) + year + sequence.zfill(11)
    written = rng.choice([sequence, sequence.zfill(11)]) + again.letter(counted)
    return rng.choice([f"{year}{top}{force}{unit}{system}{written}", f"{year}/{top}{force}{unit}/{system}/{written}"])


@pytest.mark.parametrize(
    ("expression", "make", "expected"),
    [
        ("identifiers.canonical_pnc(v, 2013)", random_pnc, lambda value: again.canonical_pnc(value, 2013)),
        ("identifiers.canonical_cro(v)", random_cro, again.canonical_cro),
        ("identifiers.canonical_asn(v)", random_asn, again.canonical_asn),
    ],
    ids=["pnc", "cro", "asn"],
)
def test_random_identifiers(owner: database.Connection, expression: str, make, expected) -> None:
    rng = random.Random(11)
    values = [spoiled(rng, make(rng)) for _ in range(8000)]
    with owner.cursor() as cursor:
        cursor.execute(f"select {expression} from unnest(%s) with ordinality as given (v, place) order by place", (values,))
        found = [row[0] for row in cursor.fetchall()]
    wanted = [expected(value) for value in values]
    assert [value for value, one, other in zip(values, found, wanted, strict=True) if one != other] == []
    valid = sum(bool(value) for value in wanted)
    assert 400 < valid < 7600, "the random values must try both verdicts"


def test_functions_may_be_indexed_and_run_in_parallel(ask) -> None:
    loose = """array_agg(p.oid::regprocedure::text) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
               where n.nspname = 'identifiers' and (p.provolatile <> 'i' or p.proparallel <> 's')"""
    assert ask(loose) is None


@pytest.mark.parametrize("role", ["loader", "linker", "transformer", "publisher"])
def test_every_stage_may_ask(shared_warehouse: Warehouse, role: str) -> None:
    with database.transaction(role) as connection, connection.cursor() as cursor:
        cursor.execute("select identifiers.is_valid_pnc('81/34U')")
        assert cursor.fetchone() == (True,)
