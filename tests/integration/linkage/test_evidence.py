"""How the evidence of two records adds up: in words and as a picture, to the weight that the nightly run gave the pair."""

from xml.etree import ElementTree

import pytest
from feeds_of_people import Feeds, Row
from test_matching import ANN, BOB, LEEDS, QUILL, SMITH, dip, hub, police, prison

from iom_warehouse.linkage import evidence, stewardship, waterfall_picture
from iom_warehouse.linkage.evidence import Evidence
from iom_warehouse.linkage.records import OVERUSED_POSTCODE_ABOVE
from iom_warehouse.linkage.waterfall import sentences
from iom_warehouse.platform import database

WHY = "looked at both files"
SVG = "{http://www.w3.org/2000/svg}"


def shown(feeds: Feeds, steward: database.Connection, item: str = "1-2", **rows: list[Row]) -> Evidence:
    """The evidence of an item once each feed has delivered these rows."""
    for feed, of_feed in rows.items():
        feeds.deliver(feed, 1, of_feed)
    feeds.link()
    return evidence.of(stewardship.look(steward, item, WHY))


# Names common, rare, exchanged and alike; birth dates of every level; what is missing; identifiers that agree and do not.
PAIRS = [
    (SMITH | LEEDS, SMITH | {"dob": "1980-05-18"} | LEEDS),
    (SMITH | LEEDS | {"pncid": ANN}, SMITH | LEEDS | {"pncid": BOB}),
    (SMITH | LEEDS, SMITH | LEEDS | {"forenames": "Peter"}),
    (SMITH | LEEDS, SMITH | {"surname": "Smyth", "postcode": "LS6 2AC"}),
    (QUILL | LEEDS, QUILL | {"forenames": "Quill", "surname": "Ann", "postcode": "LS6 2AC", "dob": "1991-02-11"}),
    (QUILL | LEEDS | {"dob": "1980-01-01"}, QUILL | {"surname": "Quilt", "dob": "1980-01-01", "postcode": "BD1 1AA"}),
]


@pytest.mark.parametrize("one,other", PAIRS)
def test_the_sum_is_the_weight_of_the_nightly_run(feeds: Feeds, steward, one: Row, other: Row) -> None:
    found = shown(feeds, steward, police=[police("P1", **one)], hub=[hub("H1", **other)])
    ((weight,),) = feeds.query("select weight from identity.pair")
    assert found.waterfall and found.waterfall.totals[-1] == pytest.approx(weight, abs=0.001)
    ((levels,),) = feeds.query("select levels from identity.pair")
    assert {step.comparison: step.level for step in found.waterfall.steps if step.level} == levels


def test_a_pair_below_every_threshold_is_weighed_too(feeds: Feeds, steward) -> None:
    found = shown(
        feeds,
        steward,
        police=[police("P1", pncid=ANN, **SMITH | LEEDS)],
        prison=[prison("A1234BC", pncid=ANN, **QUILL)],
    )
    assert feeds.query("select kind, weight from identity.pair") == [("shared_identifier", None)]
    assert found.waterfall and found.waterfall.totals[-1] < -4


def test_each_comparison_is_a_sentence_and_none_holds_a_value(feeds: Feeds, steward) -> None:
    found = shown(feeds, steward, police=[police("P1", pncid=ANN, **SMITH | LEEDS)], hub=[hub("H1", pncid=BOB, **SMITH)])
    assert found.waterfall
    words = list(sentences(found.waterfall))
    assert words[0] == "It starts at -20.9: before anything is compared, more than a million to one against one person."
    assert words[1].startswith("The forename ends at “same”: +") and "because the name is common" in words[1]
    assert "The postcode is missing on a side and says nothing." in words
    assert "The PNC ends at “different”: -5.6" in " ".join(words)
    assert words[-1].startswith("The sum is ") and words[-1].endswith("From +1.0 on the model joins; that is not reached.")
    assert len(words) == 2 + len(found.waterfall.steps)
    for value in ("JOHN", "SMITH", "1980", ANN, BOB):
        assert value not in " ".join(words)


def test_only_what_a_name_is_weighed_down_by_is_put_down_to_its_being_common(feeds: Feeds, steward) -> None:
    for surname, other, said in (
        ("Quill", "Quilt", "The surname ends at “much alike”: +6.3, which makes"),
        ("Smith", "Smyth", "The surname ends at “much alike”: +4.4 (-1.9 of it because the name is common), which makes"),
    ):
        feeds.clear()
        one, another = SMITH | {"surname": surname}, SMITH | {"surname": other, "dob": None}
        found = shown(feeds, steward, police=[police("P1", **one)], hub=[hub("H1", **another)])
        assert found.waterfall and any(sentence.startswith(said) for sentence in sentences(found.waterfall))


def test_a_steward_sees_the_records(feeds: Feeds, steward) -> None:
    found = shown(feeds, steward, police=[police("P1", pncid=ANN, **SMITH | LEEDS)], hub=[hub("H1", pncid=BOB, **SMITH)])
    first, second, third, *_ = found.lines()
    assert first == f"Person 1, record 1, police_person P1: JOHN SMITH; born 1980-05-17; M; of LS62AB; PNC {ANN}"
    assert second == f"Person 2, record 2, hub_case H1: JOHN SMITH; born 1980-05-17; M; PNC {BOB}"
    assert third == "Compared are police_person P1 and hub_case H1."


def test_a_client_of_a_drug_service_is_not_weighed(feeds: Feeds, steward) -> None:
    client = dip("D1", forename_initial="J", surname_initial="S", dob="1980-05-17", sex="M", postcode_sector="LS6 2")
    found = shown(feeds, steward, police=[police("P1", **SMITH | LEEDS)], dip=[client])
    assert found.waterfall is None
    *_, last = found.lines()
    assert last == "  A drug service's client is not weighed. In common: initials, birth date, sex, postcode sector."


def test_a_client_may_have_the_initials_of_a_middle_name_or_an_alias(feeds: Feeds, steward) -> None:
    client = dip("D1", forename_initial="D", surname_initial="S", dob="1980-05-17", sex="M", postcode_sector="LS6 2")
    found = shown(feeds, steward, police=[police("P1", **SMITH | LEEDS | {"forenames": "John David"})], dip=[client])
    *_, last = found.lines()
    assert last.endswith("In common: initials of a middle name or an alias, birth date, sex, postcode sector.")


def test_an_address_of_too_many_records_is_shown_as_none_and_its_sector_counts_for_a_client(feeds: Feeds, steward) -> None:
    residents = [police(f"R{number}", postcode="LS2 7UE") for number in range(OVERUSED_POSTCODE_ABOVE)]
    feeds.deliver("police", 1, [police("P1", **SMITH, postcode="LS2 7UE"), *residents])
    client = dip("D1", forename_initial="J", surname_initial="S", dob="1980-05-17", sex="M", postcode_sector="LS2 7")
    feeds.deliver("dip", 1, [client])
    feeds.link()
    item = f"{feeds.keys()['police', 'P1']}-{feeds.keys()['dip', 'D1']}"
    first, *_, last = evidence.of(stewardship.look(steward, item, WHY)).lines()
    assert first.endswith("M; of LS27UE, which counts as absent: too many records have it")
    assert last.endswith("In common: initials, birth date, sex, postcode sector.")


def test_one_person_is_records_only(feeds: Feeds, steward) -> None:
    found = shown(feeds, steward, "1", police=[police("P1", pncid=ANN, **SMITH), police("P2", pncid=ANN, **SMITH)])
    assert (found.waterfall, len(list(found.lines()))) == (None, 2)


def test_the_picture_says_the_same_and_needs_nothing_else(feeds: Feeds, steward) -> None:
    found = shown(feeds, steward, police=[police("P1", pncid=ANN, **SMITH | LEEDS)], hub=[hub("H1", pncid=BOB, **SMITH)])
    assert found.waterfall
    svg = waterfall_picture.draw(found.waterfall, "Evidence of 1-2")
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "Evidence of 1-2"
    assert root.findtext(f"{SVG}desc") == " ".join(sentences(found.waterfall))
    written = {text.text for text in root.iter(f"{SVG}text")}
    assert {"forename: same", "PNC: different", "postcode: missing", "sum"} <= written
    assert "<script" not in svg and "@import" not in svg
    for value in ("JOHN", "SMITH", "1980", ANN, BOB):
        assert value not in svg
