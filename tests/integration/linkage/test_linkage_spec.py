"""Every case of `tests/spec/linkage`: some records, delivered and linked, and what became of two of them; and identifiers."""

from dataclasses import dataclass
from pathlib import Path

import check_letters_again as again
import pytest
import yaml
from feeds_of_people import KEYS, Feeds, Row

from iom_warehouse.linkage.records import OVERUSED_POSTCODE_ABOVE

FOLDER = Path(__file__).parents[2] / "spec" / "linkage"
NAMES = {"dip": {"forenames": "forename_initial", "surname": "surname_initial", "postcode": "postcode_sector"}}
KNOWN = {"joined", "candidate", "apart"}


@dataclass(frozen=True)
class Case:
    name: str
    why: str
    hostel: str | None
    records: list[Row]
    aliases: list[Row]
    decisions: list[Row]
    expect: list[Row]


def read_all() -> list[Case]:
    return [
        Case(
            f"{path.stem}-{number}",
            case["why"],
            case.get("hostel"),
            *(table(case.get(part, "")) for part in ("records", "aliases", "decisions", "expect")),
        )
        for path in sorted(FOLDER.glob("*.yml"))
        for number, case in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")).get("cases", []), 1)
    ]


def identifiers() -> list[Row]:
    """Identifiers as delivered, with their canonical form; none for what is no valid one."""
    written = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yml"))]
    return [row for rules in written for row in table(rules.get("identifiers", ""))]


def table(text: str) -> list[Row]:
    """The rows of a table written with | between cells; `-` is no value, and # begins a comment."""
    lines = [line.partition("#")[0] for line in text.splitlines()]
    names, *rows = [[cell.strip() for cell in line.split("|")] for line in lines] or [[]]
    return [{name: None if cell == "-" else cell for name, cell in zip(names, row, strict=True)} for row in rows]


def with_letter(kind: str, number: str | None) -> str | None:
    return getattr(again, kind)(*map(int, number.split("/"))) if number else None


def deliver(feeds: Feeds, case: Case) -> None:
    by_feed: dict[str, list[Row]] = {}
    for record in case.records:
        feed, key, consent = record.pop("feed"), record.pop("key"), record.pop("consent", None)
        row = {NAMES.get(feed, {}).get(name, name): value for name, value in record.items()} | {KEYS[feed]: key}
        for column, kind in {"pncid": "pnc", "cro_number": "cro"}.items():
            if column in row:
                row[column] = with_letter(kind, row[column])
        if feed == "dip":
            row |= {"consent_to_share": consent == "yes", "consent_on": "2013-01-01" if consent == "yes" else None}
        by_feed.setdefault(feed, []).append(row)
    if case.hostel:
        residents = range(OVERUSED_POSTCODE_ABOVE)
        by_feed["police"] += [{KEYS["police"]: f"resident {number}", "postcode": case.hostel} for number in residents]
    if case.aliases:
        feeds.deliver_aliases(
            1, [(f"A{number}", row["key"], row["forenames"], row["surname"]) for number, row in enumerate(case.aliases)]
        )
    for feed, rows in by_feed.items():
        feeds.deliver(feed, 1, rows)


def verdict(feeds: Feeds, one: str, other: str) -> str:
    keys = {key: person for (_, key), person in feeds.keys().items()}
    if keys[one] == keys[other]:
        return "joined"
    pairs = feeds.query(
        """select 1 from identity.pair
           join identity.record a on a.record_id = record_a join identity.record b on b.record_id = record_b
           where array[a.source_key, b.source_key] <@ %s""",
        ([one, other],),
    )
    return "candidate" if pairs else "apart"


def question(feeds: Feeds, one: str, other: str) -> str | None:
    """The kind of question about the people of two records that waits for a steward."""
    keys = {key: person for (_, key), person in feeds.keys().items()}
    people = sorted({keys[one], keys[other]})
    found = feeds.query("select kind from identity.stewardship_item where item = %s", ("-".join(map(str, people)),))
    return found[0][0] if found else None


@pytest.mark.parametrize("case", read_all(), ids=lambda case: case.name)
def test_verdict(case: Case, feeds: Feeds) -> None:
    deliver(feeds, case)
    feeds.link()
    for decision in case.decisions:
        feeds.decide(decision["kind"], decision["one"], decision["other"])
    feeds.link()
    conflicts = {frozenset(key for _, key in pair): kind for kind, _, pair in feeds.conflicts()}
    for row in case.expect:
        assert row["verdict"] in KNOWN
        found = (verdict(feeds, row["one"], row["other"]), conflicts.get(frozenset({row["one"], row["other"]})))
        assert found == (row["verdict"], row["conflict"]), case.why
        if "question" in row:
            assert question(feeds, row["one"], row["other"]) == row["question"], case.why


def test_identifiers(feeds: Feeds) -> None:
    rows = identifiers()
    assert len(rows) >= 8 and {row["kind"] for row in rows} == {"cro", "asn"}
    for row in rows:
        [(canonical,)] = feeds.query(f"select identifiers.canonical_{row['kind']}(%s)", (row["as_delivered"],))
        assert canonical == row["canonical"], row
