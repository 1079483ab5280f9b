"""Which records are one person: valid identifiers join, contradictions keep apart and are recorded."""

import hashlib

import check_letters_again as again
from feeds_of_people import Feeds

ANN, BOB = again.pnc(1999, 11), again.pnc(2004, 12)
ANN_CRO, BOB_CRO = again.cro(1999, 11), again.cro(2004, 12)


def police(ref: str, **columns) -> dict:
    return {"police_ref": ref, **columns}


def probation(crn: str, **columns) -> dict:
    return {"crn": crn, **columns}


def prison(number: str, **columns) -> dict:
    return {"prison_number": number, **columns}


def hub(ref: str, **columns) -> dict:
    return {"case_ref": ref, **columns}


def dip(ref: str, **columns) -> dict:
    return {"client_ref": ref, "consent_to_share": True, **columns}


def test_one_person_in_five_feeds(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, cro_number=ANN_CRO), police("P2", pncid=BOB)])
    feeds.deliver("prison", 1, [prison("A1234BC", cro_number=ANN_CRO)])
    feeds.deliver("probation", 1, [probation("X123456", prison_number="A1234BC")])
    feeds.deliver("hub", 1, [hub("H1", crn="X123456")])
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN)])
    result = feeds.link()
    ann = frozenset({("police", "P1"), ("prison", "A1234BC"), ("probation", "X123456"), ("hub", "H1"), ("dip", "D1")})
    assert feeds.people() == {ann, frozenset({("police", "P2")})}
    assert feeds.methods() == {
        ("police", "P1"): "several",
        ("police", "P2"): "single",
        ("prison", "A1234BC"): "several",
        ("probation", "X123456"): "several",
        ("hub", "H1"): "crn",
        ("dip", "D1"): "pnc",
    }
    assert (result.records, result.people, result.minted, result.links_opened, result.conflicts) == (6, 2, 2, 6, 0)


def test_evidence_names_the_records_that_share_an_identifier(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, cro_number=ANN_CRO), police("P2", pncid=ANN), police("P3")])
    feeds.deliver("prison", 1, [prison("A1234BC", cro_number=ANN_CRO)])
    feeds.link()
    assert dict(feeds.query("select source_key, evidence from identity.link")) == {
        "P1": {"pnc": ["police_person P2"], "cro": ["prison_person A1234BC"]},
        "P2": {"pnc": ["police_person P1"]},
        "P3": {},
        "A1234BC": {"cro": ["police_person P1"]},
    }


def test_evidence_names_five_records_at_most(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police(f"P{number}", pncid=ANN) for number in range(1, 10)])
    feeds.link()
    evidence = dict(feeds.query("select source_key, evidence -> 'pnc' from identity.link"))
    assert len(feeds.people()) == 1
    assert evidence["P1"] == [f"police_person P{number}" for number in (2, 3, 4, 5, 6)]
    assert evidence["P3"] == [f"police_person P{number}" for number in (1, 2, 4, 5, 6)]
    assert evidence["P9"] == [f"police_person P{number}" for number in (1, 2, 3, 4, 5)]


def test_spellings_of_one_identifier_join(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid="81/34U"), police("P2", pncid="1981/0000034U"), police("P3", pncid="8134u")])
    feeds.deliver("prison", 1, [prison("A1234BC"), prison(" a1234bc")])
    feeds.link()
    assert {len(person) for person in feeds.people()} == {3, 2}


def test_invalid_identifiers_join_nobody(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police(ref, pncid="2001/0123456X", cro_number="123456/01A") for ref in ("P1", "P2")])
    feeds.deliver("probation", 1, [probation(crn, prison_number="unknown") for crn in ("X123456", "X123457")])
    feeds.deliver("hub", 1, [hub("H1", crn="none"), hub("H2", crn="none")])
    feeds.link()
    assert len(feeds.people()) == 6


def test_the_same_text_as_another_kind_joins_nobody(feeds: Feeds) -> None:
    feeds.deliver("probation", 1, [probation("X123456")])
    feeds.deliver("prison", 1, [prison("X123456")])  # no valid prison number, but a valid CRN
    feeds.link()
    assert len(feeds.people()) == 2


def test_a_short_year_is_read_as_of_its_delivery(feeds: Feeds) -> None:
    short = again.pnc(2013, 34)[2:]
    feeds.deliver("police", 1, [police("P1", pncid=again.pnc(2013, 34)), police("P2", pncid=again.pnc(1913, 34))])
    feeds.deliver("hub", 1, [hub("H1", pncid=short)], extracted_at="2013-01-01T00:10:00+00:00")
    feeds.deliver("probation", 1, [probation("X123456", pncid=short)], extracted_at="2012-12-31T23:50:00+00:00")
    feeds.link()
    assert feeds.people() == {
        frozenset({("police", "P1"), ("hub", "H1")}),
        frozenset({("police", "P2"), ("probation", "X123456")}),
    }


def test_dip_identifiers_count_only_while_consent_holds(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    feeds.deliver(
        "dip",
        1,
        [
            dip("D1", pncid=ANN),
            dip("D2", pncid=ANN, consent_to_share=False),
            dip("D3", pncid=ANN, consent_to_share=None),
            dip("D4", pncid=ANN, consent_withdrawn_on="2013-09-01"),
        ],
    )
    feeds.link()
    assert frozenset({("police", "P1"), ("dip", "D1")}) in feeds.people()
    assert len(feeds.people()) == 4

    feeds.deliver("dip", 2, [dip("D1", pncid=ANN, consent_withdrawn_on="2013-10-01")])
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1")}), frozenset({("dip", "D1")})}


def test_one_identifier_with_two_birth_dates_joins_per_birth_date(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, dob="1980-01-01"), police("P2", pncid=ANN, dob="1980-01-01")])
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN, dob="1981-01-01"), prison("B1234BC", pncid=ANN)])
    result = feeds.link()
    assert feeds.people() == {
        frozenset({("police", "P1"), ("police", "P2")}),
        frozenset({("prison", "A1234BC")}),
        frozenset({("prison", "B1234BC")}),  # no birth date: which of the two it is, this PNC does not say
    }
    assert feeds.conflicts() == {("identifier_two_birth_dates", "pnc", frozenset({("police", "P1"), ("prison", "A1234BC")}))}
    assert result.conflicts == 1


def test_a_missing_birth_date_is_no_contradiction(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, dob="1980-01-01")])
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN)])
    feeds.link()
    assert len(feeds.people()) == 1
    assert feeds.conflicts() == set()


def test_two_birth_dates_do_not_meet_over_a_record_without_one(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, dob="1980-01-01")])
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN, cro_number=BOB_CRO)])
    feeds.deliver("hub", 1, [hub("H1", prison_number="A1234BC", dob="1981-01-01")])
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("prison", "A1234BC")}), frozenset({("hub", "H1")})}
    assert feeds.conflicts() == {
        ("identifier_two_birth_dates", "prison_number", frozenset({("prison", "A1234BC"), ("hub", "H1")}))
    }


def test_two_valid_pncs_are_never_one_person(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, cro_number=ANN_CRO), police("P2", pncid=BOB, cro_number=ANN_CRO)])
    feeds.deliver("prison", 1, [prison("A1234BC", cro_number=ANN_CRO)])  # the CRO does not say whose it is
    feeds.link()
    assert len(feeds.people()) == 3
    assert feeds.conflicts() == {("two_pncs", "cro", frozenset({("police", "P1"), ("police", "P2")}))}


def test_two_pncs_do_not_meet_over_a_chain(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN), police("P2", pncid=BOB, cro_number=BOB_CRO)])
    feeds.deliver("prison", 1, [prison("A1234BC", cro_number=BOB_CRO)])
    feeds.deliver("probation", 1, [probation("X123456", prison_number="A1234BC")])
    feeds.deliver("hub", 1, [hub("H1", pncid=ANN, crn="X123456")])
    feeds.link()
    # CRO and prison number come before CRN: probation's record is BOB's, and the hub's CRN is what contradicts
    assert feeds.people() == {
        frozenset({("police", "P1"), ("hub", "H1")}),
        frozenset({("police", "P2"), ("prison", "A1234BC"), ("probation", "X123456")}),
    }
    assert feeds.conflicts() == {("two_pncs", "crn", frozenset({("probation", "X123456"), ("hub", "H1")}))}


def test_of_two_identifiers_of_a_kind_that_contradict_each_other_a_fixed_hash_decides(feeds: Feeds) -> None:
    outcomes = set()
    for serial in range(1, 9):
        feeds.clear()
        smaller, greater = again.cro(1999, serial), again.cro(1999, serial + 100)
        feeds.deliver("police", 1, [police("P1", pncid=ANN, cro_number=smaller), police("P2", pncid=ANN, cro_number=greater)])
        feeds.deliver(
            "prison",
            1,
            [prison("A1234BC", cro_number=smaller, dob="1980-01-01"), prison("B1234BC", cro_number=greater, dob="1990-02-02")],
        )
        feeds.link()
        first = min((smaller, greater), key=lambda value: hashlib.md5(value.encode()).digest())
        joined = "A1234BC" if first == smaller else "B1234BC"
        outcomes.add(joined)
        assert frozenset({("police", "P1"), ("police", "P2"), ("prison", joined)}) in feeds.people()
        assert len(feeds.conflicts()) == 1
    assert outcomes == {"A1234BC", "B1234BC"}


def test_one_pnc_with_two_birth_dates_may_meet_again_over_a_record_that_agrees(feeds: Feeds) -> None:
    feeds.deliver(
        "police", 1, [police("P1", pncid=ANN, cro_number=ANN_CRO, dob="1980-01-01"), police("P2", pncid=ANN, dob="1990-02-02")]
    )
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN, cro_number=ANN_CRO)])  # no birth date, but the CRO of P1
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("prison", "A1234BC")}), frozenset({("police", "P2")})}


def test_conflicts_of_a_birth_date_and_of_pncs_on_one_identifier(feeds: Feeds) -> None:
    feeds.deliver(
        "police",
        1,
        [
            police("P1", pncid=ANN, cro_number=ANN_CRO, dob="1980-01-01"),
            police("P2", cro_number=ANN_CRO, dob="1980-01-01"),
            police("P3", pncid=BOB, cro_number=ANN_CRO, dob="1990-02-02"),
        ],
    )
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("police", "P2")}), frozenset({("police", "P3")})}
    assert feeds.conflicts() == {("identifier_two_birth_dates", "cro", frozenset({("police", "P1"), ("police", "P3")}))}


def test_an_identifier_on_hundreds_of_records_writes_a_conflict_a_record(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police(f"P{n:03}", cro_number=ANN_CRO, dob=f"19{50 + n % 50}-01-01") for n in range(500)])
    result = feeds.link()
    assert result.people == 50, "one for each birth date"
    assert result.conflicts == 490, "all but the ten that agree with the first record"


def test_a_long_chain_is_one_person(feeds: Feeds) -> None:
    numbers = range(300)
    feeds.deliver("hub", 1, [hub(f"H{n:03}", prison_number=f"A{n:04}BC", crn=f"X{n:06}") for n in numbers])
    feeds.deliver("probation", 1, [probation(f"X{n:06}", prison_number=f"A{n + 1:04}BC") for n in numbers])
    assert feeds.link().people == 1
