"""The data dictionary says everything that the contracts say."""

import json
from pathlib import Path

import pytest

from iom_warehouse import contracts
from iom_warehouse.contracts import dictionary


@pytest.mark.parametrize("contract", contracts.all(), ids=lambda contract: contract.feed)
def test_every_file_column_and_rule_is_there(contract: contracts.Contract):
    page = dictionary.markdown(contract)
    for fact in (contract.controller, contract.legal_gateway, contract.agreement_id, contract.expected_by, contract.conditions):
        assert fact in page
    for file in contract.files:
        assert f"\n## {file.name}: {file.title}\n" in page
        assert file.description in page
        for column in file.columns:
            assert column.description in page
            assert all(f"{code}: " in page for code in column.codes)
        for rule in file.rules:
            assert f"| {rule.rule_id} | {rule.description} | {dictionary.CONSEQUENCES[rule.severity]} |" in page


@pytest.mark.parametrize(
    "line",
    [
        "Key: yot_ref, number. About: convicted. Fact.",
        "| **yot_ref** | reference of the source system | youth_person |  | identifies a person | The young person. |",
        "| dob | date |  |  | identifies a person; also read without names: Ages. | Date of birth. |",
        "| ends_on | date, may lie in the future |  |  | criminal-offence data | Last day of the order. |",
        "| kind | one of the codes |  | referral: referral order; yro: youth rehabilitation order"
        " | criminal-offence data | Kind of order. |",
        "| youth_order.ends_on_starts_on.order | An order does not end before it starts."
        " | the row is rejected and waits in quarantine |",
    ],
)
def test_a_file_in_words(youth: Path, line: str):
    page = dictionary.markdown(contracts.get("youth", youth.parent))
    assert line in page.splitlines()


def test_who_is_linked_with_whom_is_in_words():
    page = dictionary.markdown(contracts.get("police"))
    assert "Its rows are people, who are linked with those of other feeds." in page
    assert "Its rows are other names of the people of police_person." in page


def test_a_bar_does_not_end_a_cell(youth: Path):
    youth.write_text(youth.read_text().replace("description: Kind of order.", "description: Kind | sort of order."))
    assert "| Kind \\| sort of order. |" in dictionary.markdown(contracts.get("youth", youth.parent))


def test_a_column_carries_its_legal_facts_and_rules(youth: Path):
    entry = dictionary.feed_entry(contracts.get("youth", youth.parent))
    column = next(column for column in entry["files"][1]["columns"] if column["name"] == "ends_on")
    assert (column["controller"], column["regime"]) == ("The youth justice partnership", "LED")
    assert [rule["rule_id"] for rule in column["rules"]] == [
        "youth_order.ends_on.type", "youth_order.ends_on.plausible", "youth_order.ends_on_starts_on.order",
    ]  # fmt: skip
    assert json.loads(json.dumps(entry))["title"] == "Youth justice"


def test_pages_are_written_per_feed(tmp_path: Path, youth: Path):
    (page,) = dictionary.write(contracts.all(youth.parent), tmp_path / "reference")
    assert page == tmp_path / "reference" / "youth.md"
    assert page.read_text().startswith("# Youth justice\n")
