"""The figures that a run leaves in the ledger, counted by hand."""

import random

import check_letters_again as again
import pytest
from feeds_of_people import Feeds, with_thresholds
from test_matching import ANN, BOB, LEEDS, QUILL, SMITH, dip, hub, police, prison, probation
from test_random_people import deliver, random_night

from iom_warehouse.linkage.records import OVERUSED_ABOVE
from iom_warehouse.platform import database

Key = tuple[str, str, str, str]
PEOPLE_ALIKE = "select files, records, people from identity.people_alike order by files"
COUNTED_AGAIN = """
    select files, records, count(*)
    from (
        select jsonb_object_agg(source_file, n) as files, sum(n)::bigint as records
        from (
            select person_key, source_file, count(*) as n from identity.link where closed_by_run is null group by 1, 2
        ) as of_file
        group by person_key
    ) as person
    group by files, records
    order by files
"""


def figures(feeds: Feeds, run: int, *names: str) -> dict[Key, tuple[int, int | None]]:
    rows = feeds.query(
        "select figure, feed, item, reason, n, of_n from audit.linkage_quality where run_id = %s and figure = any(%s)",
        (run, list(names)),
    )
    return {(figure, feed, item, reason): (n, of_n) for figure, feed, item, reason, n, of_n in rows}


def deliver_two_people_and_a_stranger(feeds: Feeds) -> None:
    """Ann has two records of the police, one of prison and one of probation; Bob one of the police and one of prison."""
    feeds.deliver("police", 1, [police("P1", pncid=ANN), police("P2", pncid=ANN), police("P3", pncid=BOB), police("P4", **QUILL)])
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN), prison("A1234BD", pncid=BOB)])
    feeds.deliver("probation", 1, [probation("X123456", pncid=ANN)])


def test_linked_records_and_people_in_common(feeds: Feeds) -> None:
    deliver_two_people_and_a_stranger(feeds)
    run = feeds.link().run_id
    assert figures(feeds, run, "records", "people", "linked_records", "people_in_common") == {
        ("records", "police", "", ""): (4, None), ("people", "police", "", ""): (3, None),
        ("records", "prison", "", ""): (2, None), ("people", "prison", "", ""): (2, None),
        ("records", "probation", "", ""): (1, None), ("people", "probation", "", ""): (1, None),
        ("linked_records", "police", "", ""): (3, 4),
        ("linked_records", "prison", "", ""): (2, 2),
        ("linked_records", "probation", "", ""): (1, 1),
        ("people_in_common", "police", "prison", ""): (2, 3), ("people_in_common", "prison", "police", ""): (2, 2),
        ("people_in_common", "police", "probation", ""): (1, 3), ("people_in_common", "probation", "police", ""): (1, 1),
        ("people_in_common", "prison", "probation", ""): (1, 2), ("people_in_common", "probation", "prison", ""): (1, 1),
    }  # fmt: skip


def test_records_of_one_feed_alone_are_not_linked(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN), police("P2", pncid=ANN)])
    feeds.deliver("hub", 1, [hub("H1", **QUILL)])
    run = feeds.link().run_id
    assert figures(feeds, run, "linked_records", "people_in_common") == {
        ("linked_records", "police", "", ""): (0, 2), ("linked_records", "hub", "", ""): (0, 1),
        ("people_in_common", "police", "hub", ""): (0, 1), ("people_in_common", "hub", "police", ""): (0, 1),
    }  # fmt: skip


def test_people_by_the_number_of_their_records(feeds: Feeds) -> None:
    sizes = {1: 2, 5: 1, 6: 1, 10: 1, 11: 1, 20: 1, 21: 1}  # records -> people
    feeds.deliver("police", 1, [
        police(f"P{size}.{person}.{n}", pncid=again.pnc(1990, 100 * size + person))
        for size, people in sizes.items() for person in range(people) for n in range(size)
    ])  # fmt: skip
    run = feeds.link().run_id
    assert figures(feeds, run, "people_by_size", "largest_person") == {
        ("people_by_size", "", "1", ""): (2, 8), ("people_by_size", "", "5", ""): (1, 8),
        ("people_by_size", "", "6 to 10", ""): (2, 8), ("people_by_size", "", "11 to 20", ""): (2, 8),
        ("people_by_size", "", "more than 20", ""): (1, 8), ("largest_person", "", "", ""): (21, None),
    }  # fmt: skip


def test_identifiers_by_what_became_of_them(feeds: Feeds) -> None:
    """A wrong letter is invalid; one that most of the prison has stands for nobody; a file without the column has no figure."""
    wrong = ANN[:-1] + ("A" if ANN[-1] != "A" else "B")
    feeds.deliver("probation", 1, [probation("X123456", pncid=ANN), probation("X123457", pncid=wrong), probation("X123458")])
    shared = OVERUSED_ABOVE + 1
    feeds.deliver("prison", 1, [prison(f"A{n:04}BC", pncid=BOB) for n in range(shared)] + [prison("A9999BC", pncid=wrong)])
    run = feeds.link().run_id
    found = figures(feeds, run, "identifiers_used", "identifiers_rejected")
    assert found == {
        ("identifiers_used", "probation", "pnc", ""): (1, 3), ("identifiers_used", "probation", "prison_number", ""): (0, 3),
        ("identifiers_used", "probation", "crn", ""): (3, 3),
        ("identifiers_used", "prison", "pnc", ""): (0, shared + 1), ("identifiers_used", "prison", "cro", ""): (0, shared + 1),
        ("identifiers_used", "prison", "prison_number", ""): (shared + 1, shared + 1),
        ("identifiers_rejected", "probation", "pnc", "invalid"): (1, 2),
        ("identifiers_rejected", "prison", "pnc", "invalid"): (1, shared + 1),
        ("identifiers_rejected", "prison", "pnc", "on too many records"): (shared, shared + 1),
    }  # fmt: skip


def test_a_pnc_of_somebody_else_s_childhood_is_counted_by_its_own_reason(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=again.pnc(1999, 11), **QUILL), police("P2", pncid=BOB)])  # born in 1991
    run = feeds.link().run_id
    reason = "of a year in which its holder was not yet ten"
    assert figures(feeds, run, "identifiers_rejected") == {("identifiers_rejected", "police", "pnc", reason): (1, 2)}


def test_a_bad_value_is_counted_by_its_own_reason(feeds: Feeds) -> None:
    [(value, reason)] = feeds.query("select value, reason from reference.bad_values where field = 'pncid' order by value limit 1")
    feeds.deliver("hub", 1, [hub("H1", pncid=value)])
    run = feeds.link().run_id
    assert figures(feeds, run, "identifiers_rejected") == {("identifiers_rejected", "hub", "pnc", reason): (1, 1)}


def test_names_that_are_commoner_than_the_model_has_them(feeds: Feeds) -> None:
    """One name of each kind is told; a name of few records is none, however few records there are."""
    quills = [police(f"Q{n}", forenames="Zebedee", surname="Quill", dob=f"1980-02-{n % 28 + 1:02}") for n in range(50)]
    smiths = [police(f"S{n}", surname="Smith", dob=f"1981-02-{n % 28 + 1:02}") for n in range(150)]
    feeds.deliver("police", 1, [*quills[:49], *smiths])
    few = feeds.link().run_id
    feeds.deliver("police", 2, [*quills, *smiths])
    run = feeds.link().run_id
    smith = {"times": 18, "records": 150, "rank": 1}  # 150 of 199 records, 0.04093 in the model
    quill = {"times": 1250, "records": 50, "rank": 2}  # 50 of 200, 0.0002
    zebedee = {"times": 2000, "records": 50, "rank": 1}  # all who have a forename, 0.0005
    for number, expected in ((few, {"surname": smith}), (run, {"surname": quill, "forename": zebedee})):
        found = figures(feeds, number, "name_beyond_model")
        assert found == {
            ("name_beyond_model", "", item, reason): (n, None) for item, told in expected.items() for reason, n in told.items()
        }


def test_what_waits_for_a_steward_and_what_was_decided(feeds: Feeds) -> None:
    """A client of a drug service who may be a person of the police; and two unlike records with one PNC."""
    feeds.deliver("police", 1, [police("P1", **SMITH | LEEDS), police("P2", pncid=BOB, **QUILL), police("P3", pncid=ANN),
                                police("P4")])  # fmt: skip
    feeds.deliver("hub", 1, [hub("H1", pncid=ANN, **QUILL)])
    feeds.deliver("dip", 1, [
        dip("D1", forename_initial="J", surname_initial="S", dob=SMITH["dob"], sex="M", postcode_sector="LS6 2")
    ])  # fmt: skip
    run = feeds.link().run_id
    found = figures(feeds, run, "uncertain_pairs", "conflicts", "decisions")
    assert found[("uncertain_pairs", "", "dip_candidate", "")] == (1, None)
    assert {item for figure, _, item, _ in found if figure == "conflicts"} == {kind for kind, *_ in feeds.conflicts()} != set()
    assert not any(figure == "decisions" for figure, *_ in found)
    feeds.decide("different", "P1", "D1")
    feeds.decide("same", "P1", "P4")
    run = feeds.link().run_id
    found = figures(feeds, run, "uncertain_pairs", "decisions")
    assert found == {("decisions", "", "different", ""): (1, None), ("decisions", "", "same", ""): (1, None)}


def test_a_pair_whose_decision_was_withdrawn_waits_again(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", **SMITH | LEEDS)])
    feeds.deliver("dip", 1, [
        dip("D1", forename_initial="J", surname_initial="S", dob=SMITH["dob"], sex="M", postcode_sector="LS6 2")
    ])  # fmt: skip
    feeds.link()
    feeds.decide("different", "P1", "D1")
    assert figures(feeds, feeds.link().run_id, "uncertain_pairs") == {}
    feeds.decide("undecided", "P1", "D1", withdraws=1)
    found = figures(feeds, feeds.link().run_id, "uncertain_pairs", "decisions")
    assert found == {("uncertain_pairs", "", "dip_candidate", ""): (1, None)}


def test_an_uncertain_pair_waits_until_its_records_are_one_person(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    with_thresholds(monkeypatch, join=60, split=50)  # nothing is certain
    feeds.deliver("police", 1, [police("P1", **SMITH | LEEDS), police("P2", **SMITH | LEEDS)])
    assert figures(feeds, feeds.link().run_id, "uncertain_pairs") == {("uncertain_pairs", "", "scored", ""): (1, None)}
    feeds.decide("same", "P1", "P2")
    assert figures(feeds, feeds.link().run_id, "uncertain_pairs") == {}


def test_each_run_keeps_its_own_figures(feeds: Feeds) -> None:
    deliver_two_people_and_a_stranger(feeds)
    first = feeds.link().run_id
    before = figures(feeds, first, "records", "linked_records")
    feeds.deliver("prison", 2, [])
    second = feeds.link().run_id
    assert figures(feeds, first, "records", "linked_records") == before
    assert ("records", "prison", "", "") not in figures(feeds, second, "records")
    past = feeds.link(police=1, prison=1).run_id
    assert figures(feeds, past, "linked_records")["linked_records", "police", "", ""] == (3, 4)
    assert feeds.link(police=1, prison=1).run_id == past, "found again, written once"


def test_what_a_night_changed_adds_up_to_a_count_of_everybody(feeds: Feeds) -> None:
    rng = random.Random(3)
    for sequence in range(1, 5):
        deliver(feeds, random_night(rng, size=30), sequence)
        feeds.link()
        assert feeds.query(PEOPLE_ALIKE) == feeds.query(COUNTED_AGAIN) != []
    feeds.link(police=1, prison=2, hub=3)
    assert feeds.query(PEOPLE_ALIKE) == feeds.query(COUNTED_AGAIN), "a past night is put back with all that it changed"


def test_a_count_that_does_not_add_up_is_made_again(feeds: Feeds) -> None:
    """As when the owner has removed links, or the counts, by hand."""
    rng = random.Random(4)
    empty, wrong = "truncate identity.people_alike", "update identity.people_alike set people = 1"
    for sequence, spoilt in enumerate(("select", empty, wrong), 1):
        with database.transaction("owner") as owner, owner.cursor() as cursor:
            cursor.execute(spoilt)
        deliver(feeds, random_night(rng, size=30), sequence)
        feeds.link()
        assert feeds.query(PEOPLE_ALIKE) == feeds.query(COUNTED_AGAIN) != [], spoilt


def test_nobody_is_counted_as_nobody(feeds: Feeds) -> None:
    run = feeds.link().run_id
    assert feeds.query("select figure, n from audit.linkage_quality where run_id = %s", (run,)) == [("largest_person", 0)]
