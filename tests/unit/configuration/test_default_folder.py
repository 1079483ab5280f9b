"""The folder that the project ships."""

import csv
import re
from pathlib import Path

import pytest

from iom_warehouse import contracts
from iom_warehouse.configuration import check, files

PARTNERSHIP = Path(__file__).parents[3] / "partnership"


def rows(name: str) -> list[dict[str, str]]:
    with (PARTNERSHIP / f"{name}.csv").open(encoding="utf-8", newline="") as content:
        return list(csv.DictReader(content))


def test_it_is_sound() -> None:
    assert [str(finding) for finding in check(PARTNERSHIP)] == []


def test_its_readme_explains_every_file() -> None:
    table = "\n".join(line for line in (PARTNERSHIP / "README.md").read_text().splitlines() if line.startswith("|"))
    assert [file.name for file in files() if not re.search(rf"\b{file.name}\b", table)] == []


@pytest.mark.parametrize("contract", contracts.all(), ids=lambda contract: contract.feed)
def test_every_feed_rests_on_an_agreement_that_covers_all_its_files(contract: contracts.Contract) -> None:
    [agreement] = [row for row in rows("agreements") if row["agreement_id"] == contract.agreement_id]
    assert agreement["review_on"] == contract.agreement_review_on.isoformat()
    assert {file.name for file in contract.files} == set(agreement["files"].split(";"))


def test_the_police_are_told_who_came_into_prison_who_left_it_and_who_will() -> None:
    told = {(row["file"], row["source"]) for row in rows("outbound") if row["recipient"] == "POL"}
    assert {
        ("prison_movements", "custody_movement.movement"), ("prison_movements", "custody_movement.moved_on"),
        ("prison_releases", "prison_release_date.release_on"),
    } <= told  # fmt: skip


def test_every_agency_that_gives_records_of_people_gets_its_own_agenda() -> None:
    people = {"police_person", "probation_person", "prison_person", "dip_client", "hub_case"}
    givers = {row["from_agency"] for row in rows("agreements") if people & set(row["files"].split(";"))}
    told = {row["recipient"] for row in rows("outbound") if row["source"] == "agency_agenda.meeting_ref"}
    assert told == givers == {"POL", "PRB", "PRI", "DIP", "COU"}


def test_all_offence_codes_are_there_and_every_pattern_of_a_code_finds_some() -> None:
    codes = [row["offence_code"] for row in rows("offences")]
    assert len(codes) == len(set(codes)) == 3039
    patterns = {row["pattern"] for row in rows("offence_sets") if "/" in row["pattern"]}
    assert [pattern for pattern in patterns if not any(code.startswith(pattern.rstrip("*")) for code in codes)] == []


HELD = [
    ("trigger_offences", "046/00", True), ("trigger_offences", "043/00", False), ("trigger_offences", "092/51", True),
    ("trigger_offences", "092/61", False), ("serious_acquisitive_crime", "028/03", True),
    ("serious_acquisitive_crime", "126/00", False),
    ("serious_acquisitive_crime", "044/00", False), ("serious_acquisitive_crime", "046/00", False),
    ("serious_acquisitive_crime", "030/02", False), ("serious_acquisitive_crime", "039/00", False),
    ("neighbourhood_crime", "039/00", True), ("domestic_burglary", "029/00", True),
]  # fmt: skip


@pytest.mark.parametrize(("offence_set", "code", "is_in"), HELD)
def test_what_offence_sets_hold(offence_set: str, code: str, is_in: bool) -> None:
    patterns = [row["pattern"] for row in rows("offence_sets") if row["offence_set"] == offence_set]
    assert any(code == pattern or (pattern.endswith("*") and code.startswith(pattern[:-1])) for pattern in patterns) == is_in


GROUPS = [
    ("028/03", "burglary_domestic"), ("029/00", "violence"), ("030/02", "burglary_other"), ("034/01", "robbery"),
    ("044/00", "theft_non_motor"), ("046/00", "theft_non_motor"), ("048/01", "taking_and_driving_away"),
    ("045/10", "theft_from_vehicles"),
    ("126/00", "motoring"), ("803/02", "drink_driving"), ("092/03", "drug_import_export_production"),
    ("092/51", "drug_possession_supply"), ("088/00", ""), ("111/00", ""), ("141/00", ""),
]  # fmt: skip


@pytest.mark.parametrize(("code", "group"), GROUPS)
def test_offence_groups_of_the_predictor(code: str, group: str) -> None:
    assert [row["ogrs3_group"] for row in rows("offences") if row["offence_code"] == code] == [group]


def test_no_cost_is_given_without_saying_how_sure_it_is() -> None:
    assert all("confidence" in row["source"] for row in rows("unit_costs"))
    assert not any("low confidence" in row["source"] for row in rows("unit_costs"))
