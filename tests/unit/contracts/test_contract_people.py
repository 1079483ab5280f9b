"""Which files hold people, and which their other names: said in the contract, and refused where they are not fit for it."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from iom_warehouse import contracts
from iom_warehouse.contracts import ContractError

SIXTH_FEED = Path(__file__).parents[2] / "sixth_feed" / "youth.yml"
SAID = {"customProperties": [{"property": "dataSubject", "value": "convicted"}, {"property": "factOrOpinion", "value": "fact"}]}
NAME = {"logicalType": "string", "classification": "identifier", "description": "A name."}
RELATIVES: dict[str, Any] = SAID | {
    "name": "youth_relative",
    "businessName": "Relatives",
    "description": "One row per relative of a person.",
    "properties": [
        {
            "name": "relative_ref",
            "logicalType": "string",
            "primaryKey": True,
            "classification": "identifier",
            "description": "Key.",
        },
        {**NAME, "name": "person_ref", "relationships": [{"to": "youth_person.person_ref"}]},
        {**NAME, "name": "surname"},
        {**NAME, "name": "forenames"},
        {**NAME, "name": "dob", "logicalType": "date"},
        {**NAME, "name": "sex", "enum": [{"value": "M", "description": "Male"}, {"value": "F", "description": "Female"}]},
    ],
}
Document = dict[str, Any]
Change = Callable[[Document], object]


def part(document: Document, file: str, column: str = "") -> dict[str, Any]:
    """A file of the contract, or a column of it."""
    (found,) = [entry for entry in document["schema"] if entry["name"] == file]
    return next(entry for entry in found["properties"] if entry["name"] == column) if column else found


def say(document: Document, file: str, fact: str, value: object) -> None:
    part(document, file)["customProperties"].append({"property": fact, "value": value})


def leave_out(document: Document, file: str, column: str) -> None:
    part(document, file)["properties"].remove(part(document, file, column))


def call_it_drug_services(document: Document) -> None:
    document["id"] = "dip"
    part(document, "youth_person")["name"] = "dip_client"
    document["schema"] = document["schema"][:1]


def with_relatives(folder: Path, *changes: Change) -> contracts.Contract:
    """The contract of the sixth feed with a file of relatives, and changes made to it."""
    document = yaml.safe_load(SIXTH_FEED.read_text())
    document["schema"].append(copy.deepcopy(RELATIVES))
    for change in changes:
        change(document)
    (folder / f"{document['id']}.yml").write_text(yaml.safe_dump(document, sort_keys=False))
    return contracts.get(document["id"], folder)


def test_relatives_of_whom_the_contract_says_nothing_are_neither_people_nor_names_of_the_person(tmp_path: Path) -> None:
    contract = with_relatives(tmp_path)
    assert contract.people and contract.people.name == "youth_person"
    assert contract.other_names(contract.people) is None


def test_other_names_are_those_that_the_contract_calls_so(tmp_path: Path) -> None:
    contract = with_relatives(tmp_path, lambda feed: say(feed, "youth_relative", "otherNamesOf", "youth_person"))
    assert contract.people
    assert contract.other_names(contract.people) == contract.file("youth_relative")


def test_a_feed_that_the_linker_may_not_read_has_no_people_to_link(tmp_path: Path) -> None:
    contract = with_relatives(tmp_path, lambda feed: feed["roles"].pop(1))
    assert [role.role for role in contract.roles] == ["loader", "transformer"]
    assert contract.people is None


# What is wrong: the change, what the message says, what it says to do.
MISTAKES: dict[str, tuple[Change, str, str]] = {
    "neither true nor false": (
        lambda feed: say(feed, "youth_relative", "holdsPeople", "no"),
        "youth.yml: youth_relative: holdsPeople is 'no'", "True, False",
    ),
    "people twice": (
        lambda feed: say(feed, "youth_relative", "holdsPeople", True),
        "youth.yml: youth_person and youth_relative hold people", "one file",
    ),
    "people without a name": (
        lambda feed: leave_out(feed, "youth_person", "forenames"),
        "youth_person: holdsPeople needs the column forenames", "leave holdsPeople out",
    ),
    "birth date as text": (
        lambda feed: part(feed, "youth_person", "dob").update(logicalType="string"),
        "youth_person: holdsPeople needs dob as date, and it is text", "logicalType: date",
    ),
    "surname as a number": (
        lambda feed: part(feed, "youth_person", "surname").update(logicalType="integer"),
        "youth_person: holdsPeople needs surname as string, and it is int", "logicalType: string",
    ),
    "identifier as a number": (
        lambda feed: part(feed, "youth_person", "pncid").update(logicalType="integer"),
        "youth_person: holdsPeople needs pncid as string", "logicalType: string",
    ),
    "postcode as a number": (
        lambda feed: part(feed, "youth_person")["properties"].append({**NAME, "name": "postcode", "logicalType": "integer"}),
        "youth_person: holdsPeople needs postcode as string", "logicalType: string",
    ),
    "sex in other codes": (
        lambda feed: part(feed, "youth_person", "sex")["enum"].append({"value": "X", "description": "Other"}),
        "youth_person.sex: holdsPeople cannot be with these codes: X", "U (not known)",
    ),
    "sex in any words": (
        lambda feed: part(feed, "youth_person", "sex").pop("enum"),
        "youth_person.sex: holdsPeople cannot be with these codes: no enum", "under enum",
    ),
    "key of two columns": (
        lambda feed: (part(feed, "youth_person", "pncid").update(primaryKey=True), feed.update(schema=feed["schema"][:1])),
        "youth_person: holdsPeople needs a key of one column", "person_ref, pncid",
    ),
    "key that is no text": (
        lambda feed: part(feed, "youth_person", "person_ref").update(logicalType="integer"),
        "youth_person: holdsPeople needs a key of one column that is a string", "person_ref",
    ),
    "people of drug services": (
        call_it_drug_services,
        "dip_client: holdsPeople stands at a file whose people are linked with their consent only", "Leave it out",
    ),
    "names of a file without people": (
        lambda feed: say(feed, "youth_relative", "otherNamesOf", "youth_order"),
        "youth_relative: otherNamesOf is 'youth_order', which is no file of this feed with holdsPeople", "Name the file",
    ),
    "names of nobody's key": (
        lambda feed: (part(feed, "youth_relative", "person_ref").pop("relationships"),
                      say(feed, "youth_relative", "otherNamesOf", "youth_person")),
        "youth_relative: otherNamesOf needs a column that says whose name it is", "{to: youth_person.person_ref}",
    ),
    "other names that are no names": (
        lambda feed: say(feed, "youth_order", "otherNamesOf", "youth_person"),
        "youth_order: otherNamesOf needs the column surname, which is not there", "leave otherNamesOf out",
    ),
    "other names twice": (
        lambda feed: (feed["schema"].append({**copy.deepcopy(RELATIVES), "name": "youth_alias"}),
                      say(feed, "youth_relative", "otherNamesOf", "youth_person"),
                      say(feed, "youth_alias", "otherNamesOf", "youth_person")),
        "youth_relative and youth_alias are both otherNamesOf youth_person", "one file",
    ),
    "people and other names": (
        lambda feed: say(feed, "youth_person", "otherNamesOf", "youth_person"),
        "youth_person: it has both holdsPeople and otherNamesOf", "Leave the one",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_what_cannot_be_is_told_with_its_place_and_what_would_be_right(tmp_path: Path, name: str) -> None:
    change, said, next_step = MISTAKES[name]
    with pytest.raises(ContractError) as error:
        with_relatives(tmp_path, change)
    assert said in error.value.message
    assert next_step in error.value.next_step
