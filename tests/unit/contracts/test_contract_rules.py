"""Which rules a declaration leads to, and how severe they are."""

from collections import Counter
from string import Formatter

import pytest

from iom_warehouse import contracts
from iom_warehouse.contracts import Rule
from iom_warehouse.contracts.vocabulary import EXPECTATIONS

FILES = {file.name: file for contract in contracts.all() for file in contract.files}
RULES = [rule for file in FILES.values() for rule in file.rules]


def rules_of(place: str) -> dict[str, Rule]:
    """Rules of `<file>.<column>` alone, by short name."""
    file, column = place.split(".")
    return {rule.rule_id.rpartition(".")[2]: rule for rule in FILES[file].rules if rule.columns == (column,)}


# Severities: c refuses the delivery, w rejects the row, i is noted.
EXPECTED = {
    "police_person.police_ref": "unique w, not_null w, length w",
    "police_person.pncid": "identifier i, length w, null_share i",
    "police_person.cro_number": "identifier i, length w",
    "police_person.surname": "length w, null_share i, format i",
    "police_person.dob": "type w, plausible w, null_share i",
    "police_person.sex": "code w, null_share i",
    "police_arrest.asn": "identifier i, length w",
    "police_arrest.police_ref": "reference w, filled i, length w",
    "police_arrest.crime_ref": "length w, reference i",
    "police_arrest.arrested_at": "required w, type w, plausible w",
    "police_arrest.offence_code": "format w, null_share i",
    "police_suspect.crime_ref": "not_null w, reference w, length w",
    "police_victim.age": "type w, range w",
    "prison_person.prison_number": "unique w, not_null w, length w",
    "probation_person.prison_number": "identifier i, length w",
    "probation_person.crn": "unique w, not_null w, length w",
    "probation_order.starts_on": "required w, type w, plausible w",
    "probation_order.settled_at_end": "type w",
    "prison_release_date.date_type": "not_null w, code w",
    "prison_resettlement.pathway": "not_null w, type w, range w",
    "hub_case.crn": "identifier i, length w",
    "hub_case.district": "length w, known i",
    "hub_attendance.agency": "not_null w, length w, known i",
    "dip_top.injected_days": "type w, range w",
}


@pytest.mark.parametrize("place", EXPECTED)
def test_rules_of_a_column(place: str):
    found = {f"{name} {rule.severity[0]}" for name, rule in rules_of(place).items()}
    assert found == set(EXPECTED[place].split(", "))


@pytest.mark.parametrize("name", FILES)
def test_rules_of_every_file(name: str):
    file = FILES[name]
    columns = next(rule for rule in file.rules if rule.rule_id == f"{name}.columns")
    assert (columns.severity, columns.kwargs["exact_match"]) == ("critical", True)
    assert columns.kwargs["column_set"] == [column.name for column in file.columns]
    count = next(rule for rule in file.rules if rule.rule_id == f"{name}.row_count")
    assert (count.severity, count.kwargs) == (
        "critical",
        {"min_value": {"$PARAMETER": "row_count_min"}, "max_value": {"$PARAMETER": "row_count_max"}},
    )
    unique = next(rule for rule in file.rules if rule.rule_id == f"{name}.{'_'.join(file.key)}.unique")
    assert unique.columns == file.key
    assert unique.kwargs == ({"column": file.key[0]} if len(file.key) == 1 else {"column_list": list(file.key)})


@pytest.mark.parametrize(
    ("place", "bounds"),
    [
        ("police_person.dob", {"min_value": "1900-01-01", "max_value": {"$PARAMETER": "extracted_on"}}),
        ("police_arrest.arrested_at", {"min_value": "1900-01-01T00:00:00+00:00", "max_value": {"$PARAMETER": "extracted_at"}}),
        ("prison_release_date.release_on", {"min_value": "1900-01-01"}),
    ],
)
def test_plausible_dates(place: str, bounds: dict):
    assert rules_of(place)["plausible"].kwargs == {"column": place.split(".")[1]} | bounds


@pytest.mark.parametrize(
    "rule_id",
    [
        "prison_spell.released_on_received_on.order",
        "police_conviction.proved_on_offence_on.order",
        "police_charge.charged_on_offence_on.order",
        "police_person.died_on_dob.order",
        "probation_order.ended_on_starts_on.order",
        "hub_membership.ends_on_starts_on.order",
        "dip_episode.closed_on_referred_on.not_before_referral",
    ],
)
def test_dates_in_order(rule_id: str):
    (rule,) = (rule for rule in RULES if rule.rule_id == rule_id)
    assert (rule.severity, rule.kwargs["or_equal"]) == ("warning", True)


def test_a_consent_that_was_withdrawn_is_never_kept_back():
    """The row before it says that there is consent."""
    (rule,) = (rule for rule in RULES if rule.rule_id.startswith("dip_client.consent_withdrawn_on_"))
    assert rule.severity == "info"


def test_rule_ids_are_unique():
    assert [rule_id for rule_id, times in Counter(rule.rule_id for rule in RULES).items() if times > 1] == []


def test_every_rule_says_what_holds_and_what_to_do():
    for rule in RULES:
        assert rule.description.endswith("."), rule.rule_id
        assert rule.remedy.endswith("."), rule.rule_id
        assert "$" not in rule.description + rule.remedy + rule.complaint, rule.rule_id
        assert rule.rule_id.startswith(f"{rule.file}."), rule.rule_id


COMPLAINTS = {
    "police_person.dob.type": "dob: {dob} is not a date such as 2013-10-01.",
    "police_person.sex.code": "sex: '{sex}' is none of M, F, U.",
    "police_arrest.police_ref.reference": "police_ref {police_ref} names no row of police_person.",
    "prison_spell.released_on_received_on.order": "released_on {released_on} is before received_on {received_on}.",
    "probation_score.two_year_one_year.order": "two_year {two_year} is less than one_year {one_year}.",
    "probation_answer.section_question.question_of_section": "section {section} does not go with question {question}.",
    "hub_agenda.meeting_ref_case_ref_agency_needed.unique": "meeting_ref {meeting_ref} and case_ref {case_ref} and agency_needed"
    " {agency_needed} stand together in more than one row of the file.",
    "hub_case.district.known": "district: '{district}' is not in the partnership's areas.csv.",
    "police_person.surname.format": "surname: '{surname}' is not as agreed. A name has no digits and none of the signs @ # _ /.",
}


@pytest.mark.parametrize("rule_id", COMPLAINTS)
def test_a_complaint_says_what_is_wrong_with_the_value(rule_id: str):
    (rule,) = (rule for rule in RULES if rule.rule_id == rule_id)
    assert rule.complaint == COMPLAINTS[rule_id]


def test_a_complaint_names_columns_of_its_file_only_and_every_rule_on_rows_has_one():
    for rule in RULES:
        places = {place for _, place, _, _ in Formatter().parse(rule.complaint) if place}
        assert places <= set(rule.columns), rule.rule_id
        assert rule.complaint or "mostly" in rule.kwargs or not EXPECTATIONS[rule.expectation].row_level, rule.rule_id


def test_what_names_a_row_fits_into_an_index():
    """An index takes about 2,700 bytes of a key, and a letter may have four."""
    for file in FILES.values():
        naming = {name for reference in file.references for name in reference.columns} | set(file.key)
        limits = {rule.columns[0]: rule.kwargs["max_value"] for rule in file.rules if rule.rule_id.endswith(".length")}
        bounded = {name for name in naming if file.column(name).type not in ("ref", "text", "area", "agency")}
        assert {name: limits.get(name) for name in naming - bounded} == dict.fromkeys(naming - bounded, 100), file.name
        assert 4 * 100 * len(file.key) < 2700, file.name


def test_only_rules_on_rows_reject_rows():
    for rule in RULES:
        if rule.severity == "warning":
            assert EXPECTATIONS[rule.expectation].row_level, rule.rule_id
            assert "mostly" not in rule.kwargs, rule.rule_id


def test_two_rules_may_not_share_a_name(youth):
    twice = youth.read_text().replace("      - name: kind\n", YET_ANOTHER_ORDER + "      - name: kind\n")
    youth.write_text(twice)
    with pytest.raises(contracts.ContractError, match="two rules are called youth_order.ends_on_starts_on.order"):
        contracts.all(youth.parent)


YET_ANOTHER_ORDER = """
          - type: custom
            engine: greatExpectations
            severity: info
            description: The same once more.
            implementation:
              {expectation: expect_column_pair_values_a_to_be_greater_than_b, column_A: ends_on, column_B: starts_on}
"""


def test_severity_and_remedy_may_be_changed_for_a_folder_of_contracts(youth):
    """A defaults.yml beside the contracts goes before the one of the project."""
    shipped = contracts._folder(None) / "defaults.yml"
    changed = shipped.read_text().replace("name: code\n", "name: listed\n")
    (youth.parent / "defaults.yml").write_text(changed)
    rules = contracts.get("youth", youth.parent).file("youth_order").rules
    assert "youth_order.kind.listed" in {rule.rule_id for rule in rules}


@pytest.mark.parametrize(("field", "may_be_empty"), [("police_arrest.arrested_at", False), ("police_person.dob", True)])
def test_nobody_is_told_to_leave_a_required_value_empty(field: str, may_be_empty: bool) -> None:
    remedies = {rule.rule_id: rule.remedy for file in contracts.get("police").files for rule in file.rules}
    for rule in ("type", "plausible"):
        assert ("leave it empty" in remedies[f"{field}.{rule}"]) == may_be_empty
