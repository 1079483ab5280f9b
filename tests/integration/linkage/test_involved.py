"""Only whom the night concerns is scored: nobody is missed, nobody else is taken, and no search reads every record."""

import random

import check_letters_again as again
import pytest
from feeds_of_people import Feeds
from test_matching import ANN, BOB, LEEDS, QUILL, SMITH, hub, police, prison, probation
from test_random_people import deliver, random_night

from iom_warehouse.linkage import involved, model, records
from iom_warehouse.platform.database import Connection

SETTLED = [f"P{number}" for number in range(10, 40)]
PAIRS = """
    select a.source_key, b.source_key, pair.kind, weight, shares_identifier, looks_like_twins, levels
    from identity.pair join identity.record a on a.record_id = record_a join identity.record b on b.record_id = record_b
    union all
    select a.source_key, b.source_key, 'distant_twins', null, null, true, null
    from identity.distant_twins join identity.record a on a.record_id = record_a join identity.record b on b.record_id = record_b
    order by 3, 1, 2
"""


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The keys of the records that each run took for scoring; where all were taken, nothing is added."""
    found: list[set[str]] = []
    search = involved.find

    def find(cursor, with_model) -> bool:
        is_narrow = search(cursor, with_model)
        if is_narrow:
            cursor.execute("select source_key from linking_involved join identity.record using (record_id)")
            found.append({key for (key,) in cursor.fetchall()})
        return is_narrow

    monkeypatch.setattr(involved, "find", find)
    return found


STRANGERS = [police(key, pncid=again.pnc(2000, n), **QUILL | {"dob": f"19{50 + n}-01-07", "surname": f"Quill{chr(65 + n)}"})
             for n, key in enumerate(SETTLED)]  # fmt: skip
# Who changes, and who should be taken with them: one case for each kind of rule.
CASES = {
    "a PNC": ({"pncid": ANN}, {"pncid": ANN}),
    "surname and birth date": (SMITH, SMITH | {"forenames": "Pete", "sex": "F"}),
    "one part of a surname and the birth date": (SMITH, SMITH | {"surname": "Smith-Jones", "forenames": "Pete"}),
    "a nickname and the birth date": (SMITH, SMITH | {"forenames": "Jack", "surname": "Wood"}),
    "an address and the birth date": (SMITH | LEEDS, LEEDS | {"dob": SMITH["dob"]}),
    "initials exchanged and the birth date": (SMITH, SMITH | {"forenames": "Sam", "surname": "Jones"}),
    "names exchanged and the year": (SMITH, SMITH | {"forenames": "Smith", "surname": "John", "dob": "1980-12-01"}),
    "names and the day of birth": (SMITH, SMITH | {"dob": "1979-05-17"}),
    "names and the postcode area": (SMITH | LEEDS, SMITH | {"dob": None, "postcode": "LS1 1ZZ"}),
    "surname and address": (SMITH | LEEDS, LEEDS | {"surname": "Smith"}),
    "forename and address": (SMITH | LEEDS, LEEDS | {"forenames": "John"}),
}


@pytest.mark.parametrize("what", CASES)
def test_whoever_agrees_with_a_changed_record_is_taken_and_nobody_else(feeds: Feeds, taken: list[set[str]], what: str) -> None:
    there, new = CASES[what]
    feeds.deliver("police", 1, [police("P1", **there), *STRANGERS])
    feeds.link()
    feeds.deliver("hub", 1, [hub("H1", **new)])
    feeds.link()
    assert taken == [{"P1", "H1"}]


def test_an_address_of_the_past_is_one_too(feeds: Feeds, taken: list[set[str]]) -> None:
    feeds.deliver("police", 1, [police("P1", **SMITH | LEEDS), *STRANGERS])
    feeds.deliver("police", 2, [police("P1", **SMITH | {"postcode": "LS1 1ZZ"}), *STRANGERS])
    feeds.link()
    feeds.deliver("hub", 1, [hub("H1", **LEEDS | {"surname": "Smith"})])
    feeds.link()
    assert taken == [{"P1", "H1"}]


def test_an_identifier_that_stands_for_nobody_concerns_nobody(feeds: Feeds, taken: list[set[str]]) -> None:
    many = [prison(f"A{n:04}BC", pncid=BOB) for n in range(records.OVERUSED_ABOVE + 1)]
    feeds.deliver("prison", 1, many)
    feeds.link()
    feeds.deliver("probation", 1, [probation("X123456", pncid=BOB)])
    feeds.link()
    assert taken == [{"X123456"}]


def test_a_night_that_changes_many_takes_everybody(feeds: Feeds, taken: list[set[str]]) -> None:
    feeds.deliver("police", 1, STRANGERS)
    feeds.link()
    assert taken == []


@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_those_that_all_records_would_give(feeds: Feeds, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    pairs = {}
    for few in (1e-9, 2):  # never narrow, always narrow
        monkeypatch.setattr(records, "FEW", few)
        rng = random.Random(seed)
        for sequence in (1, 2):
            deliver(feeds, random_night(rng, size=40), sequence)
            feeds.link()
        pairs[few] = feeds.query(PAIRS)
        feeds.clear()
    assert pairs[1e-9] == pairs[2] != []


def test_every_rule_of_the_model_is_served_by_an_index(feeds: Feeds, linker: Connection) -> None:
    with linker, linker.cursor() as cursor:
        cursor.execute("create temporary table linking_sought on commit drop as select * from identity.usable_record")
        involved.create_tables(cursor)
        cursor.execute("set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off")
        for statement in involved.statements(model.load()):
            cursor.execute(b"explain " + statement.as_string(cursor).encode())
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan on record" not in plan, plan
            assert "Index Scan" in plan, plan


def test_a_relink_of_everybody_leaves_the_indexes_as_they_were(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    indexes = "select indexname, indexdef from pg_indexes where schemaname = 'identity' and tablename = 'record' order by 1"
    before = feeds.query(indexes)
    feeds.deliver("police", 1, STRANGERS)
    feeds.link()
    feeds.query("update identity.linkage_run set reference_digest = 'another', vintage = '{}'")
    feeds.link()
    assert feeds.query(indexes) == before
    assert len(before) == 11
