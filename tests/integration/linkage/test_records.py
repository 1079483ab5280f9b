"""Standard records: what a delivered row becomes before it is compared, as tables of delivered and standard forms."""

from typing import Any

import check_letters_again as again
import pytest
from feeds_of_people import Feeds
from test_matching import ANN, ANN_CRO, dip, hub, police, prison, probation

NAMES = [
    # delivered forenames, surname -> forename, root, surname, forenames, surnames
    ("John", "Smith", "JOHN", "JOHN", "SMITH", ["JOHN"], ["SMITH"]),
    ("  john  paul ", "SMITH", "JOHN", "JOHN", "SMITH", ["JOHN", "PAUL"], ["SMITH"]),
    ("Jack", "Smith", "JACK", "JOHN", "SMITH", ["JACK", "JOHN"], ["SMITH"]),
    ("Peter Bob", "Smith", "PETER", "PETER", "SMITH", ["BOB", "PETER", "ROBERT"], ["SMITH"]),
    ("Zoë", "Müller", "ZOE", "ZOE", "MULLER", ["ZOE"], ["MULLER"]),
    ("Łukasz", "Grześkowiak", "LUKASZ", "LUKASZ", "GRZESKOWIAK", ["LUKASZ"], ["GRZESKOWIAK"]),
    ("Søren", "Æbelø Strauß", "SOREN", "SOREN", "AEBELO STRAUSS", ["SOREN"], ["AEBELO", "AEBELO STRAUSS", "STRAUSS"]),
    ("Sean", "O'Brien", "SEAN", "SEAN", "OBRIEN", ["SEAN"], ["OBRIEN"]),
    *(
        (
            f"Jean{dash}Paul",
            f"Smith{dash}Jones",
            "JEAN",
            "JEAN",
            "SMITH JONES",
            ["JEAN", "PAUL"],
            ["JONES", "SMITH", "SMITH JONES"],
        )
        for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
    ),
    *(
        ("D'Arcy".replace("'", mark), f"O{mark}Brien", "DARCY", "DARCY", "OBRIEN", ["DARCY"], ["OBRIEN"])
        for mark in "\u2018\u201b\u2032\u02b9\u02bb\u02bc\u00b4"
    ),
    ("Sean", "O\u2019Brien", "SEAN", "SEAN", "OBRIEN", ["SEAN"], ["OBRIEN"]),
    ("Sinead", "Ní Dhomhnaill", "SINEAD", "SINEAD", "NI DHOMHNAILL", ["SINEAD"], ["DHOMHNAILL", "NI DHOMHNAILL"]),
    ("Jean-Paul", "Smith-Jones", "JEAN", "JEAN", "SMITH JONES", ["JEAN", "PAUL"], ["JONES", "SMITH", "SMITH JONES"]),
    ("Maria", "van der Berg", "MARIA", "MARIA", "VAN DER BERG", ["MARIA"], ["BERG", "VAN DER BERG"]),
    ("J.", "St. John", "J", "J", "ST JOHN", ["J"], ["JOHN", "ST JOHN"]),
    ("Иван", "Петров", "IVAN", "IVAN", "PETROV", ["IVAN"], ["PETROV"]),
    ("Юлия Андріївна", "ЩЕРБАЧЁВА", "IULIIA", "IULIIA", "SHCHERBACHEVA", ["ANDRIIVNA", "IULIIA"], ["SHCHERBACHEVA"]),
    ("Γιώργος", "Παπαθεοδώρου", "GIORGOS", "GIORGOS", "PAPATHEODOROU", ["GIORGOS"], ["PAPATHEODOROU"]),
    ("محمد", "حسن", "محمد", "محمد", "حسن", ["محمد"], ["حسن"]),
    ("\u201cJohn\u201d \u201eJack\u201c", "\u00abSmith\u00bb", "JOHN", "JOHN", "SMITH", ["JACK", "JOHN"], ["SMITH"]),
    ("\u2039Ann\u203a\u2003Mary\u2026", "Smith \u2022", "ANN", "ANN", "SMITH", ["ANN", "MARY"], ["SMITH"]),
    ("\u200eJo\u200bhn\ufeff", "Sm\u00adith\u200d", "JOHN", "JOHN", "SMITH", ["JOHN"], ["SMITH"]),
    ("\u201c\u201d", "\u200b\u2060", None, None, None, [], []),
    ("Unknown", "Not  known", None, None, None, [], []),
    ("- ", "123", None, None, None, [], []),
    (None, None, None, None, None, [], []),
]


def record(feeds: Feeds, columns: str) -> tuple[Any, ...]:
    [row] = feeds.query(f"select {columns} from identity.record")
    return row


def records(feeds: Feeds, rows: list[dict[str, Any]], columns: str) -> list[tuple[Any, ...]]:
    """What becomes of each of these rows of the police, delivered in one night."""
    feeds.deliver("police", 1, [police(f"P{number}", **row) for number, row in enumerate(rows)])
    feeds.link()
    found = {key: tuple(values) for key, *values in feeds.query(f"select source_key, {columns} from identity.record")}
    return [found[f"P{number}"] for number in range(len(rows))]


def test_names(feeds: Feeds) -> None:
    found = records(
        feeds,
        [{"forenames": forenames, "surname": surname} for forenames, surname, *_ in NAMES],
        "forename, forename_root, surname, forenames, surnames",
    )
    for (forenames, surname, *expected), standard in zip(NAMES, found, strict=True):
        if expected[0] and not expected[0].isascii():  # another script is kept; whether it has cases depends on the server
            expected, standard = (
                [part.upper() if isinstance(part, str) else [one.upper() for one in part] for part in told]
                for told in (expected, standard)
            )
        assert list(standard) == expected, (forenames, surname)


def test_aliases_are_further_forms_and_placeholders_among_them_are_not(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", forenames="John", surname="Smith")])
    feeds.deliver_aliases(
        1, [("A1", "P1", "Dave", "Kelly-Nolan"), ("A2", "P1", "Unknown", "Unknown"), ("A3", "P9", "Zed", "Zed")]
    )
    feeds.link()
    assert record(feeds, "forename, surname") == ("JOHN", "SMITH")
    assert record(feeds, "forenames, surnames") == (["DAVE", "DAVID", "JOHN"], ["KELLY", "KELLY NOLAN", "NOLAN", "SMITH"])


def test_a_changed_alias_changes_the_record_of_its_person(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", surname="Smith")])
    feeds.link()
    feeds.deliver_aliases(2, [("A1", "P1", None, "Kelly")])
    feeds.deliver("police", 2, [police("P1", surname="Smith")])
    feeds.link()
    assert record(feeds, "surnames") == (["KELLY", "SMITH"],)
    feeds.link(police=1)
    feeds.deliver("hub", 1, [hub("H1")])
    feeds.link()
    assert feeds.query("select surnames from identity.record where source_key = 'P1'") == [(["KELLY", "SMITH"],)]


BIRTH_DATES = [
    # as delivered, used, whether it is rough, why it is not used
    ("1980-05-17", "1980-05-17", False, None),
    ("1980-01-01", "1980-01-01", True, None),
    ("1900-01-01", None, False, {"dob": "entered where the date is not known"}),
    ("1970-01-01", None, False, {"dob": "day nought of many systems"}),
    (None, None, False, None),
]


def test_birth_dates(feeds: Feeds) -> None:
    found = records(feeds, [{"dob": delivered} for delivered, *_ in BIRTH_DATES], "dob::text, dob_is_rough, rejected")
    assert found == [tuple(expected) for _, *expected in BIRTH_DATES]


def test_postcodes_ever_seen_up_to_the_vintage(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", postcode="LS6 2AB")])
    feeds.deliver("police", 2, [police("P1", postcode="bd1 1aa")])
    feeds.deliver("police", 3, [police("P1", postcode="ZZ99 3VZ")])  # no fixed abode
    feeds.deliver("police", 4, [police("P1", postcode="nowhere")])
    seen = {}
    for sequence in (4, 2, 3, 1):
        feeds.link(police=sequence)
        feeds.query("truncate identity.linkage_run, identity.link, identity.person, identity.conflict")
        seen[sequence] = record(feeds, "postcode, postcodes")
    assert seen == {
        1: ("LS62AB", ["LS62AB"]),
        2: ("BD11AA", ["BD11AA", "LS62AB"]),
        3: (None, ["BD11AA", "LS62AB"]),
        4: (None, ["BD11AA", "LS62AB"]),
    }


YOUNGER_THAN_TEN = "of a year in which its holder was not yet ten"
IDENTIFIERS = [
    # row, identifiers used, why others are not
    (police("P1", pncid="81/34U", cro_number=ANN_CRO), ("1981/0000034U", ANN_CRO, None, None), None),
    (police("P1", pncid="2001/0123456X"), (None,) * 4, {"pnc": "invalid"}),
    (police("P1", pncid="0000/0000000Z", cro_number=" "), (None,) * 4,
     {"pnc": "all noughts: its check letter fits by chance", "cro": "invalid"}),
    (police("P1", pncid=again.pnc(2013, 34)), (again.pnc(2013, 34), None, None, None), None),
    (police("P1", pncid=again.pnc(2014, 34)), (None,) * 4, {"pnc": "of a year after its delivery"}),
    (police("P1", pncid=again.pnc(1990, 34), dob="1980-05-17"), (again.pnc(1990, 34), None, None, None), None),
    (police("P1", pncid=again.pnc(1989, 34), dob="1980-05-17"), (None,) * 4, {"pnc": YOUNGER_THAN_TEN}),
    (police("P1", pncid=again.pnc(1989, 34)[2:], dob="1980-01-01"), (None,) * 4, {"pnc": YOUNGER_THAN_TEN}),
    (dip("D1", pncid=again.pnc(1989, 34), dob="1980-05-17"), (None,) * 4, {"pnc": YOUNGER_THAN_TEN}),
    (police("P1", pncid=again.pnc(1974, 34), dob="1970-01-01"), (again.pnc(1974, 34), None, None, None),
     {"dob": "day nought of many systems"}),
    (police("P1"), (None,) * 4, None),
]  # fmt: skip


@pytest.mark.parametrize(("row", "used", "rejected"), IDENTIFIERS)
def test_identifiers(feeds: Feeds, row: dict, used: tuple, rejected: dict | None) -> None:
    feeds.deliver("dip" if "client_ref" in row else "police", 1, [row])
    feeds.link()
    assert record(feeds, "pnc, cro, prison_number, crn") == used
    assert record(feeds, "rejected") == (rejected,)


def test_the_year_of_a_pnc_is_that_of_its_delivery(feeds: Feeds) -> None:
    """A night that is built late, or again, does not know it any better than its own day did."""
    feeds.deliver("police", 1, [police("P1", pncid=again.pnc(2014, 34))])
    feeds.deliver("police", 2, [police("P1", pncid=again.pnc(2014, 34), sex="F")], "2014-01-02T23:40:00Z")
    feeds.link()
    assert record(feeds, "pnc, rejected") == (again.pnc(2014, 34), None)
    feeds.link(police=1)
    feeds.query("truncate identity.linkage_run, identity.link, identity.person, identity.conflict")
    feeds.link(police=1)
    assert record(feeds, "pnc, rejected") == (None, {"pnc": "of a year after its delivery"})


BAD_VALUES = [
    # row of bad_values, delivered columns, what is used of them, and whether the birth date is rough
    (("dob", "any-07-14"), {"dob": "1980-07-14"}, {"dob": "1980-07-14"}, True),
    (("dob", "1980-07-14"), {"dob": "1980-07-14"}, {"dob": None}, False),
    (("pncid", "8134u"), {"pncid": "81/34U"}, {"pnc": None}, False),
    (("cro_number", "65656/91h"), {"cro_number": "065656/91H"}, {"cro": None}, False),
    (("surname", "."), {"surname": "Smith"}, {"surname": "SMITH"}, False),
    (("forenames", "123"), {"forenames": "John"}, {"forename": "JOHN"}, False),
]


@pytest.mark.parametrize(("bad", "delivered", "used", "is_rough"), BAD_VALUES)
def test_bad_values(feeds: Feeds, bad: tuple[str, str], delivered: dict, used: dict, is_rough: bool) -> None:
    feeds.query("update reference.bad_values set field = %s, value = %s where (field, value) = ('surname', 'DUPLICATE')", bad)
    feeds.deliver("police", 1, [police("P1", **delivered)])
    try:
        feeds.link()
    finally:
        feeds.query("update reference.bad_values set field = 'surname', value = 'DUPLICATE' where (field, value) = (%s, %s)", bad)
    [(name, value)] = used.items()
    assert record(feeds, f"{name}::text, dob_is_rough") == (value, is_rough)


def test_a_nickname_without_a_letter_stops_no_run(feeds: Feeds) -> None:
    feeds.query("update reference.nicknames set name = '-' where name = 'Jack'")
    feeds.deliver("police", 1, [police("P1", forenames="John")])
    try:
        feeds.link()
    finally:
        feeds.query("update reference.nicknames set name = 'Jack' where name = '-'")
    assert record(feeds, "forename") == ("JOHN",)


def test_a_nickname_and_a_bad_value_hold_from_their_day_on(feeds: Feeds) -> None:
    """A night of 2013 does not know what a nickname stands for since 2015, whenever it is built."""
    later = """
        insert into reference.{0}
        select (jsonb_populate_record(held, jsonb_build_object('effective_from', '2015-01-01', {1}))).*
        from reference.{0} as held where {2}
    """
    feeds.query(later.format("nicknames", "'canonical', 'Jonathan'", "name = 'Jack'"))
    feeds.query(later.format("bad_values", "'field', 'surname', 'value', 'Smith'", "value = '1970-01-01'"))
    jack = police("P1", forenames="Jack", surname="Smith", dob="1980-05-17")
    try:
        feeds.deliver("police", 1, [jack])
        feeds.link()
        in_2013 = record(feeds, "forename_root, surname")
        feeds.deliver("prison", 1, [])
        feeds.deliver("hub", 1, [], "2015-01-01T23:40:00Z")
        feeds.link()
        in_2015 = record(feeds, "forename_root, surname")
        feeds.link(police=1, prison=1)
        runs = feeds.query("select vintage ? 'hub', reference_digest from identity.linkage_run order by run_id")
    finally:
        for table in ("nicknames", "bad_values"):
            feeds.query(f"delete from reference.{table} where effective_from = '2015-01-01'")
    assert (in_2013, in_2015) == (("JOHN", "SMITH"), ("JONATHAN", None))
    assert record(feeds, "forename_root, surname") == in_2015, "a past night puts the present back"
    then, now = runs[0][1], runs[1][1]
    assert runs == [(False, then), (True, now), (False, then), (True, now)] and then != now


def test_every_feed_gives_what_it_has(feeds: Feeds) -> None:
    who = {"forenames": "John", "surname": "Smith", "dob": "1980-05-17", "sex": "U"}
    feeds.deliver("probation", 1, [probation("X123456", pncid=ANN, prison_number="a1234bc", postcode="LS6 2AB", **who)])
    feeds.deliver("prison", 1, [prison("A1234BC", cro_number=ANN_CRO, **who)])
    feeds.deliver("hub", 1, [hub("H1", crn="X123456", **who)])
    client = {"forename_initial": "j", "surname_initial": "S", "postcode_sector": "ls6 2", "dob": "1980-05-17", "sex": "M"}
    feeds.deliver("dip", 1, [dip("D1", prison_number="A1234BC", **client)])
    feeds.link()
    rows = feeds.query(
        """select source_file, source_key, forename, surname, sex, postcodes, pnc, cro, prison_number, crn
           from identity.record order by record_id"""
    )
    assert rows == [
        ("probation_person", "X123456", "JOHN", "SMITH", None, ["LS62AB"], ANN, None, "A1234BC", "X123456"),
        ("prison_person", "A1234BC", "JOHN", "SMITH", None, [], None, ANN_CRO, "A1234BC", None),
        ("dip_client", "D1", "J", "S", "M", ["LS62"], None, None, "A1234BC", None),
        ("hub_case", "H1", "JOHN", "SMITH", None, [], None, None, None, "X123456"),
    ]


def test_only_records_that_differ_are_made_again(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", surname="Smith"), police("P2", surname="Jones", ethnicity="W1")])
    feeds.link()
    versions = "select source_key, record_id, xmin::text from identity.record order by 1"
    before = feeds.query(versions)
    feeds.deliver("police", 2, [police("P1", surname="Smyth"), police("P2", surname="Jones", ethnicity="W9")])
    feeds.link()
    [(_, *smyth), (_, *jones)] = feeds.query(versions)
    assert jones == list(before[1][1:]), "nothing that is compared has changed"
    assert smyth[0] == before[0][1]
    assert smyth[1] != before[0][2]
    assert feeds.query("select surname from identity.record where source_key = 'P1'") == [("SMYTH",)]


def test_other_reference_data_makes_all_records_again(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", forenames="Jack")])
    first = feeds.link()
    feeds.query("update reference.nicknames set canonical = 'Jonathan' where name = 'Jack'")
    try:
        second = feeds.link()
    finally:
        feeds.query("update reference.nicknames set canonical = 'John' where name = 'Jack'")
    assert second.run_id > first.run_id
    assert record(feeds, "forename_root") == ("JONATHAN",)
    third = feeds.link()
    assert third.run_id > second.run_id, "what was linked before is not what the present is"
    assert record(feeds, "forename_root") == ("JOHN",)
    assert feeds.link() == third
