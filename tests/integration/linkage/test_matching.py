"""Which records are one person: evidence joins, contradictions keep apart and are recorded."""

import check_letters_again as again
import pytest
from feeds_of_people import Feeds, with_thresholds

from iom_warehouse.linkage import records

ANN, BOB = again.pnc(2003, 11), again.pnc(2004, 12)
ANN_CRO, BOB_CRO = again.cro(1999, 11), again.cro(2004, 12)
SMITH = {"forenames": "John", "surname": "Smith", "dob": "1980-05-17", "sex": "M"}
LEEDS = {"postcode": "LS6 2AB"}
QUILL = {"forenames": "Ann", "surname": "Quill", "dob": "1991-11-02", "sex": "F"}


def police(ref: str, **columns) -> dict:
    return {"police_ref": ref, **columns}


def probation(crn: str, **columns) -> dict:
    return {"crn": crn, **columns}


def prison(number: str, **columns) -> dict:
    return {"prison_number": number, **columns}


def hub(ref: str, **columns) -> dict:
    return {"case_ref": ref, **columns}


def dip(ref: str, **columns) -> dict:
    return {"client_ref": ref, "consent_to_share": True, "consent_on": "2013-01-01", **columns}


def test_one_person_in_five_feeds(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, cro_number=ANN_CRO), police("P2", pncid=BOB)])
    feeds.deliver("prison", 1, [prison("A1234BC", cro_number=ANN_CRO)])
    feeds.deliver("probation", 1, [probation("X123456", prison_number="A1234BC")])
    feeds.deliver("hub", 1, [hub("H1", crn="X123456")])
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN)])
    result = feeds.link()
    ann = frozenset({("police", "P1"), ("prison", "A1234BC"), ("probation", "X123456"), ("hub", "H1"), ("dip", "D1")})
    assert feeds.people() == {ann, frozenset({("police", "P2")})}
    by_model = dict.fromkeys(ann, "splink v1")
    assert feeds.methods() == by_model | {("police", "P2"): "single", ("dip", "D1"): "dip identifier"}
    assert (result.records, result.people, result.minted, result.links_opened, result.conflicts) == (6, 2, 2, 6, 0)


def test_evidence_names_the_strongest_pairs_by_weight_and_level(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH), police("P2", pncid=ANN), police("P3", **QUILL)])
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN, **SMITH)])
    feeds.link()
    evidence = dict(feeds.query("select source_key, evidence from identity.link"))
    first, second = evidence["P1"]["edges"]
    assert (first["record"], second["record"]) == ("prison_person A1234BC", "police_person P2")
    assert first["weight"] > second["weight"]
    assert first["levels"].keys() == {"forename", "surname", "dob", "sex", "pnc"}
    assert second["levels"].keys() == {"pnc"}, "what is missing on one side is no evidence"
    assert evidence["P3"] == {}


def test_evidence_names_three_records_at_most(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police(f"P{number}", pncid=ANN, **SMITH) for number in range(1, 7)])
    feeds.link()
    assert len(feeds.people()) == 1
    [(edges,)] = feeds.query("select evidence -> 'edges' from identity.link where source_key = 'P2'")
    assert [edge["record"] for edge in edges] == ["police_person P1", "police_person P3", "police_person P4"]


def test_names_and_birth_date_join_without_an_identifier(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", **SMITH | LEEDS), police("P2", **QUILL)])
    feeds.deliver("hub", 1, [hub("H1", **SMITH | LEEDS | {"forenames": "Jack"})])
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("hub", "H1")}), frozenset({("police", "P2")})}


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


def test_a_missing_birth_date_is_no_contradiction(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, dob="1980-01-01")])
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN)])
    feeds.link()
    assert len(feeds.people()) == 1
    assert feeds.conflicts() == set()


def test_an_identifier_against_all_other_evidence_joins_nobody_and_is_a_conflict(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", cro_number=ANN_CRO, **SMITH)])
    feeds.deliver("prison", 1, [prison("A1234BC", cro_number=ANN_CRO, **QUILL)])
    result = feeds.link()
    assert len(feeds.people()) == 2
    assert feeds.conflicts() == {("identifier_contradicted", "cro", frozenset({("police", "P1"), ("prison", "A1234BC")}))}
    assert result.conflicts == 1


def test_two_valid_pncs_are_never_one_person(feeds: Feeds) -> None:
    same = {"cro_number": ANN_CRO, **SMITH}
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **same), police("P2", pncid=BOB, **same)])
    feeds.deliver("prison", 1, [prison("A1234BC", **same)])  # like both: goes to the first
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("prison", "A1234BC")}), frozenset({("police", "P2")})}
    assert feeds.conflicts() == {("two_pncs", "cro", frozenset({("police", "P2"), ("prison", "A1234BC")}))}


def test_two_pncs_do_not_meet_over_a_chain(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN), police("P2", pncid=BOB, cro_number=BOB_CRO)])
    feeds.deliver("prison", 1, [prison("A1234BC", cro_number=BOB_CRO)])
    feeds.deliver("probation", 1, [probation("X123456", prison_number="A1234BC")])
    feeds.deliver("hub", 1, [hub("H1", pncid=ANN, crn="X123456")])
    feeds.link()
    assert len(feeds.people()) == 2
    assert not any({("police", "P1"), ("police", "P2")} <= person for person in feeds.people())
    assert [kind for kind, _, _ in feeds.conflicts()] == ["two_pncs"]


def test_who_has_no_address_any_more_has_the_former_ones_still(feeds: Feeds) -> None:
    her = {"forenames": "Maureen", "dob": "1985-11-23", "sex": "F"}
    feeds.deliver("police", 1, [police("P1", **her, surname="Oakenfold", **LEEDS)])
    feeds.deliver("police", 2, [police("P1", **her, surname="Oakenfold")])
    feeds.deliver("hub", 1, [hub("H1", **her, surname="Trubshaw", **LEEDS)])
    feeds.link()
    assert len(feeds.people()) == 1
    assert feeds.query("select levels ->> 'postcode' from identity.pair") == [("one in common",)]


@pytest.mark.parametrize("same_surname", ["Smith", "Smith-Jones"])
def test_suspected_twins_stay_apart(feeds: Feeds, same_surname: str) -> None:
    twin = SMITH | LEEDS | {"forenames": "Peter", "surname": same_surname}
    feeds.deliver("police", 1, [police("P1", **SMITH | LEEDS), police("P2", **twin)])
    feeds.link()
    assert len(feeds.people()) == 2
    assert feeds.query("select looks_like_twins from identity.pair") == [(True,)]


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
            dip("D5", pncid=ANN, consent_on=None),
        ],
    )
    feeds.link()
    assert frozenset({("police", "P1"), ("dip", "D1")}) in feeds.people()
    assert len(feeds.people()) == 5
    unused = "select dob, forename, postcodes, pnc from identity.record where source_key in ('D2', 'D3', 'D4', 'D5')"
    assert feeds.query(unused) == [(None, None, [], None)] * 4

    feeds.deliver("dip", 2, [dip("D1", pncid=ANN, consent_withdrawn_on="2013-10-01")])
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1")}), frozenset({("dip", "D1")})}


def test_a_dip_client_whose_identifier_two_people_hold_joins_neither(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH), police("P2", pncid=ANN, **QUILL)])
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN)])
    feeds.link()
    assert len(feeds.people()) == 3
    assert ("dip_ambiguous", "pnc", frozenset({("dip", "D1"), ("police", "P1")})) in feeds.conflicts()


def test_a_dip_client_of_another_birth_date_and_other_initials_joins_nobody(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH)])
    client = {"forename_initial": "J", "surname_initial": "S", "pncid": ANN}
    feeds.deliver(
        "dip", 1, [dip("D1", **client, dob="1980-05-18"), dip("D2", **client | {"surname_initial": "Q"}, dob="1960-02-03")]
    )
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("dip", "D1")}), frozenset({("dip", "D2")})}
    assert feeds.conflicts() == {("dip_contradicted", "pnc", frozenset({("dip", "D2"), ("police", "P1")}))}


def test_a_dip_client_contradicted_by_one_of_a_persons_records_is_not_said_to_be_ambiguous(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH | LEEDS)])
    feeds.deliver("hub", 1, [hub("H1", pncid=ANN, **SMITH | LEEDS | {"forenames": "Peter", "dob": "1980-05-18"})])
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN, forename_initial="J", surname_initial="S", dob=SMITH["dob"])])
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("hub", "H1")}), frozenset({("dip", "D1")})}
    assert feeds.conflicts() == {("dip_contradicted", "pnc", frozenset({("dip", "D1"), ("hub", "H1")}))}


def test_dip_clients_nobody_else_knows_are_one_person_by_identifier_and_birth_date(feeds: Feeds) -> None:
    births = {"D1": "1980-05-17", "D2": "1980-05-17", "D3": "1981-05-17"}
    feeds.deliver("dip", 1, [dip(ref, pncid=ANN, dob=dob) for ref, dob in births.items()])
    feeds.link()
    assert feeds.people() == {frozenset({("dip", "D1"), ("dip", "D2")}), frozenset({("dip", "D3")})}


def test_dip_clients_are_one_person_by_either_identifier_and_over_a_third(feeds: Feeds) -> None:
    born = {"dob": "1980-05-17"}
    clients = {"D1": {"pncid": ANN}, "D2": {"prison_number": "A1234BC"}, "D3": {"pncid": ANN, "prison_number": "A1234BC"}}
    feeds.deliver("dip", 1, [dip(ref, **born, **given) for ref, given in clients.items()])
    feeds.link()
    assert feeds.people() == {frozenset({("dip", "D1"), ("dip", "D2"), ("dip", "D3")})}


def test_dip_clients_of_two_pncs_do_not_meet_over_a_prison_number(feeds: Feeds) -> None:
    given = {"dob": "1980-05-17", "prison_number": "A1234BC"}
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN, **given), dip("D2", pncid=BOB, **given), dip("D3", **given)])
    feeds.link()
    assert feeds.people() == {frozenset({("dip", "D1"), ("dip", "D3")}), frozenset({("dip", "D2")})}
    assert [kind for kind, _, _ in feeds.conflicts()] == ["two_pncs"]


def test_dip_clients_of_two_pncs_do_not_meet_in_a_person_without_one(feeds: Feeds) -> None:
    feeds.deliver("prison", 1, [prison("A1234BC")])
    given = {"D1": ANN, "D2": BOB, "D3": None, "D4": ANN}
    clients = [dip(ref, prison_number="A1234BC", pncid=pnc) for ref, pnc in given.items()]
    feeds.deliver("dip", 1, clients[1:])
    feeds.link()
    assert feeds.keys()["dip", "D4"] != feeds.keys()["dip", "D2"] == feeds.keys()["prison", "A1234BC"]
    feeds.deliver("dip", 2, clients)  # the order of keys decides, not that of arrival
    feeds.link()
    together = frozenset({("prison", "A1234BC"), ("dip", "D1"), ("dip", "D3"), ("dip", "D4")})
    assert feeds.people() == {together, frozenset({("dip", "D2")})}
    assert feeds.conflicts() == {("two_pncs", "prison_number", frozenset({("dip", "D2"), ("prison", "A1234BC")}))}


def test_a_dip_client_who_joins_nobody_keeps_no_other_from_joining(feeds: Feeds) -> None:
    feeds.deliver("prison", 1, [prison("A1234BC")])
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    clients = [dip("D1", prison_number="A1234BC", pncid=ANN), dip("D2", prison_number="A1234BC", pncid=BOB), dip("D3", pncid=ANN)]
    feeds.deliver("dip", 1, clients)
    feeds.link()
    together = {frozenset({("prison", "A1234BC"), ("dip", "D2")}), frozenset({("police", "P1"), ("dip", "D3")})}
    assert feeds.people() == together | {frozenset({("dip", "D1")})}
    assert {kind for kind, _, _ in feeds.conflicts()} == {"dip_ambiguous"}

    feeds.decide("different", "D1", "D3")
    feeds.link()
    assert feeds.people() == together | {frozenset({("dip", "D1")})}


def test_dip_clients_join_a_person_to_whom_a_steward_gave_both_their_pncs(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN), police("P2", pncid=BOB)])
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN), dip("D2", pncid=BOB)])
    feeds.link()
    feeds.decide("same", "P1", "P2")
    feeds.link()
    assert len(feeds.people()) == 1
    assert feeds.conflicts() == set()


def test_initials_birth_date_sex_and_sector_make_a_candidate_and_no_link(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", **SMITH | LEEDS)])
    like_smith = {"forename_initial": "J", "surname_initial": "S", "dob": SMITH["dob"], "sex": "M", "postcode_sector": "LS6 2"}
    clients = [
        dip("D1", **like_smith),
        dip("D2", **like_smith | {"postcode_sector": "LS7 2"}),
        dip("D3", **like_smith) | {"consent_to_share": False},
    ]
    feeds.deliver("dip", 1, clients)
    feeds.link()
    assert len(feeds.people()) == 4
    candidates = """
        select a.source_key, b.source_key from identity.pair
        join identity.record a on a.record_id = record_a join identity.record b on b.record_id = record_b
        where kind = 'dip_candidate'
    """
    assert {frozenset(pair) for pair in feeds.query(candidates)} == {frozenset({"P1", "D1"})}


def test_a_placeholder_identifier_on_hundreds_of_records_joins_nobody(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police(f"P{n:03}", cro_number=ANN_CRO) for n in range(500)])
    result = feeds.link()
    assert (result.people, result.conflicts) == (500, 0)
    assert feeds.query("select count(*) from identity.pair") == [(0,)]
    assert feeds.query("select kind, count(*) from identity.overused_value group by kind") == [("cro", 1)]


def test_an_identifier_that_becomes_overused_or_usable_again_is_judged_anew(feeds: Feeds) -> None:
    few = [police(f"P{n:03}", cro_number=ANN_CRO) for n in range(50)]
    feeds.deliver("police", 1, few)
    assert feeds.link().people == 1
    feeds.deliver("hub", 1, [hub("H1")])
    feeds.deliver("prison", 1, [prison("A1234BC", cro_number=ANN_CRO)])
    assert feeds.link().people == 52
    feeds.deliver("prison", 2, [])
    assert feeds.link().people == 2


def test_an_address_of_too_many_records_for_a_home_is_none(feeds: Feeds) -> None:
    hostel = {"postcode": "LS2 7UE"}
    lee = {"forenames": "Lee", "surname": "Smith", "dob": "1980-01-01", "sex": "M"}
    residents = [police(f"P{n}", **hostel) for n in range(records.OVERUSED_POSTCODE_ABOVE - 1)]
    clients = [dip(f"D{n}", postcode_sector="LS6 2") for n in range(records.OVERUSED_POSTCODE_ABOVE + 1)]
    feeds.deliver("police", 1, [police("L1", **lee | hostel), *residents[1:]])
    feeds.deliver("hub", 1, [hub("L2", **lee | hostel)])
    feeds.deliver("dip", 1, clients)
    feeds.link()
    assert are_one(feeds, "L1", "L2")
    for sequence, present in ((2, residents), (3, residents[1:])):
        feeds.deliver("police", sequence, [police("L1", **lee | hostel), *present])
        feeds.link()
        overused = feeds.query("select kind, value from identity.overused_value")
        assert overused == ([("postcode", "LS27UE")] if present is residents else [])
        assert are_one(feeds, "L1", "L2") == (present is not residents)


def test_an_address_is_one_beside_another_of_too_many_records(feeds: Feeds) -> None:
    lee = {"forenames": "Lee", "surname": "Smith", "dob": "1980-01-01", "sex": "M"}
    residents = [police(f"P{n}", postcode="LS2 7UE") for n in range(records.OVERUSED_POSTCODE_ABOVE)]
    feeds.deliver("police", 1, [police("L1", **lee | LEEDS)])
    feeds.deliver("police", 2, [police("L1", **lee | {"postcode": "LS2 7UE"}), *residents])
    feeds.deliver("hub", 1, [hub("L2", **lee | LEEDS)])
    feeds.link()
    assert feeds.query("select postcode, postcodes from identity.usable_record where source_key = 'L1'") == [(None, ["LS62AB"])]
    assert are_one(feeds, "L1", "L2")


def are_one(feeds: Feeds, one: str, other: str) -> bool:
    keys = {key: person for (_, key), person in feeds.keys().items()}
    return keys[one] == keys[other]


def test_a_long_chain_is_one_person(feeds: Feeds) -> None:
    numbers = range(300)
    feeds.deliver("hub", 1, [hub(f"H{n:03}", prison_number=f"A{n:04}BC", crn=f"X{n:06}") for n in numbers])
    feeds.deliver("probation", 1, [probation(f"X{n:06}", prison_number=f"A{n + 1:04}BC") for n in numbers])
    assert feeds.link().people == 1


def test_what_a_steward_decided_stands(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH), police("P2", pncid=BOB, **QUILL), police("P3", **SMITH)])
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("police", "P3")}), frozenset({("police", "P2")})}

    feeds.decide("same", "P1", "P2")
    feeds.decide("different", "P1", "P3")
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("police", "P2")}), frozenset({("police", "P3")})}
    assert feeds.methods()["police", "P2"] == "steward"
    assert feeds.conflicts() == {("steward_different", None, frozenset({("police", "P1"), ("police", "P3")}))}

    feeds.decide("different", "P1", "P2", withdraws=1)
    feeds.link()
    assert len(feeds.people()) == 3


def test_a_steward_may_confirm_or_reject_a_dip_client(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH)])
    feeds.deliver("dip", 1, [dip("D1", pncid=ANN), dip("D2")])
    feeds.link()
    feeds.decide("different", "P1", "D1")
    feeds.decide("same", "P1", "D2")
    feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("dip", "D2")}), frozenset({("dip", "D1")})}


def weight_beside_smith(feeds: Feeds, row: dict) -> float:
    feeds.clear()
    feeds.deliver("police", 1, [police("P1", **SMITH | LEEDS)])
    feeds.deliver("hub", 1, [hub("H1", **row)])
    feeds.link()
    return feeds.query("select weight from identity.pair")[0][0]


def test_people_stay_together_down_to_the_split_threshold(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    weak_row = SMITH | LEEDS | {"dob": "1980-05-18"}
    strong, weak = weight_beside_smith(feeds, SMITH | LEEDS), weight_beside_smith(feeds, weak_row)
    with_thresholds(monkeypatch, join=(strong + weak) / 2, split=weak - 0.1)
    feeds.clear()
    feeds.deliver("police", 1, [police("P1", **SMITH | LEEDS)])
    feeds.deliver("hub", 1, [hub("H1", **weak_row)])
    feeds.link()
    assert len(feeds.people()) == 2, "below the join threshold"
    feeds.deliver("hub", 2, [hub("H1", **SMITH | LEEDS)])
    feeds.link()
    assert len(feeds.people()) == 1
    feeds.deliver("hub", 3, [hub("H1", **weak_row)])
    together = feeds.link()
    assert len(feeds.people()) == 1, "above the split threshold"
    feeds.link(police=1, hub=1)
    assert len(feeds.people()) == 1, "a look at the past does not take it apart"
    assert together.people == 1
    feeds.deliver("hub", 4, [hub("H1", **QUILL)])
    feeds.link()
    assert len(feeds.people()) == 2
