"""Reading: a new feed is one file, and a wrong one is told where and what would be right."""

import json
import os
import subprocess
import sys
from datetime import date
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

from iom_warehouse import contracts
from iom_warehouse.contracts import ContractError, Reference
from iom_warehouse.platform.settings import settings

SHIPPED = sorted(path for path in settings().contracts_dir.glob("*.yml") if path.name != "defaults.yml")


def test_a_sixth_feed_is_one_file(youth: Path):
    (contract,) = contracts.all(youth.parent)
    assert contract == contracts.get("youth", youth.parent)
    assert (contract.feed, contract.version, contract.agreement_id) == ("youth", "1", "DSA-YOUTH")
    assert contract.agreement_review_on == date(2028, 3, 31)
    assert (contract.expected_by, contract.late_after_hours, contract.stale_after_days, contract.retention_years) == (
        "0 4 * * *",
        2,
        3,
        5,
    )
    order = contract.file("youth_order")
    assert order.key == ("yot_ref", "number")
    assert order.references == (Reference(("yot_ref",), "youth_person", ("yot_ref",)),)
    assert order.column("kind").codes == ("referral", "yro")
    assert [column.sql_type for column in order.columns] == ["integer", "text", "date", "date", "text"]


def test_a_changed_file_is_read_again(youth: Path):
    assert contracts.get("youth", youth.parent).version == "1"
    youth.write_text(youth.read_text().replace('version: "1"', 'version: "1.1"'))
    assert contracts.get("youth", youth.parent).version == "1.1"


def test_an_unchanged_file_is_read_once(youth: Path):
    assert contracts.get("youth", youth.parent) is contracts.get("youth", youth.parent)


def test_one_wrong_contract_does_not_hide_the_others(youth: Path):
    (youth.parent / "broken.yml").write_text("kind: nonsense\n")
    assert contracts.get("youth", youth.parent).feed == "youth"
    with pytest.raises(ContractError, match="broken.yml"):
        contracts.all(youth.parent)


# What is wrong: the sound text, the wrong one, what the message says, what it says to do.
MISTAKES = {
    "not YAML": ("schema:\n", "schema: [\n", "no valid YAML", "yamllint"),
    "misspelt field": ("        required: true", "        requird: true", "youth_order.properties.starts_on.requird", "misspelt"),
    "wrong shape": ("required: true", "required: [1]", "youth_order.properties.starts_on.required", "Standard"),
    "not a contract": ("kind: DataContract", "kind: Something", "kind is 'Something'", "kind: DataContract"),
    "id is not the file name": ("id: youth", "id: young", "id is 'young'", "young.yml"),
    "no review date": ("value: 2028-03-31", "value: soon", "sharingAgreementReviewOn is 'soon'", "ISO date"),
    "no controller": (
        "  - {property: controller, value: The youth justice partnership}\n", "",
        "customProperties.controller is missing", "value",
    ),
    "unknown own fact": (
        "mayBeFuture", "mayBeInFuture",
        "youth_order.ends_on: there is no custom property 'mayBeInFuture'", "mayBeFuture",
    ),
    "unknown regime": ("value: LED", "value: none", "regime is 'none'", "UK GDPR"),
    "no retention": ("property: retention", "property: keep", "slaProperties has no retention", "unit: y"),
    "latency in days": ("value: 2, unit: h", "value: 2, unit: d", "slaProperties has no latency in the unit 'h'", "unit: h"),
    "no schedule": ("schedule: '0 4 * * *'", "description: nightly", "slaProperties.frequency.schedule is missing", "cron"),
    "unknown role": ("role: transformer", "role: analyst", "roles.role is 'analyst'", "transformer"),
    "file of another feed": (
        "name: youth_person", "name: police_person",
        "'police_person' cannot be the name of a file", "youth_",
    ),
    "no key": (
        "        primaryKey: true\n        classification", "        classification",
        "youth_person: there is no key", "primaryKey",
    ),
    "key that has several spellings": (
        "logicalType: integer", "logicalType: number",
        "youth_order.number: a key cannot be a number", "one spelling",
    ),
    "column twice": ("name: dob", "name: yot_ref", "youth_person: a column is declared twice", "one declaration"),
    "name that is no name": ("name: dob", "name: dob; drop table", "cannot be the name of a column", "lower-case"),
    "name that is taken": ("name: dob", "name: recorded_from", "cannot be the name of a column", "none of"),
    "unknown type": ("logicalType: integer", "logicalType: array", "youth_order.number: logicalType is 'array'", "integer"),
    "unknown kind of text": ("format: ref", "format: nhs", "logicalTypeOptions.format is 'nhs'", "prison_number"),
    "unknown class": ("classification: identifier", "classification: secret", "classification is 'secret'", "personal"),
    "identifier that is none": (
        "        classification: identifier\n        customProperties: [{property: pseudonymousUse",
        "        classification: personal\n        customProperties: [{property: pseudonymousUse",
        "youth_person.dob: pseudonymousUse stands at a column of the class personal", "only identifiers",
    ),
    "no description": ("        description: Date of birth.\n", "", "youth_person.dob: the description is missing", "full stop"),
    "parent that is not there": (
        "to: youth_person.yot_ref", "to: youth_people.yot_ref",
        "youth_people (yot_ref), which is not the key", "youth_person",
    ),
    "parent without its key": (
        "to: youth_person.yot_ref", "to: youth_person.dob",
        "youth_person (dob), which is not the key", "yot_ref",
    ),
    "relationship to nothing": ("to: youth_person.yot_ref", "to: yot_ref", "cannot be read", "<file>.<column>"),
    "quality that nobody runs": ("engine: greatExpectations", "engine: soda", "quality entry is not one", "greatExpectations"),
    "metric that nobody runs": ("metric: nullValues", "metric: rowCount", "youth_order.kind: this standard metric", "nullValues"),
    "unknown expectation": (
        "a_to_be_greater_than_b", "a_to_be_less_than_b",
        "no expectation 'expect_column_pair_values_a_to_be_less", "Use one of",
    ),
    "unknown argument": ("or_equal: true", "or_equals: true", "has no argument 'or_equals'", "or_equal"),
    "argument left out": ("              column_B: starts_on\n", "", "needs the argument 'column_B'", "Add it"),
    "column that is not there": ("column_B: starts_on", "column_B: start", "names the column 'start'", "starts_on"),
    "unknown severity": ("severity: warning", "severity: error", "has the severity 'error'", "critical"),
    "unknown dimension": (
        "severity: warning", "severity: warning\n            dimension: taste",
        "has the dimension 'taste'", "accuracy",
    ),
    "unknown parameter": ("or_equal: true", "or_equal: {$PARAMETER: today}", "asks for the parameter 'today'", "extracted_on"),
    "share of rows that would reject rows": (
        "or_equal: true", "mostly: 0.9",
        "severity warning but judges no single row", "critical or info",
    ),
    "share above a hundred": (
        "mustBeLessOrEqualTo: 10", "mustBeLessOrEqualTo: 100",
        "youth_order.kind: this standard metric", "nullValues",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_would_be_right(youth: Path, name: str):
    sound, wrong, said, next_step = MISTAKES[name]
    text = youth.read_text()
    assert sound in text
    youth.write_text(text.replace(sound, wrong))
    with pytest.raises(ContractError) as error:
        contracts.all(youth.parent)
    assert "youth.yml: " in error.value.message or "youth.yml is" in error.value.message
    assert said in error.value.message
    assert next_step in error.value.next_step


def test_no_feed_of_that_name(youth: Path):
    with pytest.raises(ContractError, match="There are: youth"):
        contracts.get("yuoth", youth.parent)


def test_an_empty_folder(tmp_path: Path):
    with pytest.raises(ContractError, match="IOM_CONTRACTS_DIR"):
        contracts.all(tmp_path)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_contracts_conform_to_the_standard(path: Path):
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text())
    document = yaml.safe_load(path.read_text())
    errors = jsonschema.Draft201909Validator(schema).iter_errors(json.loads(json.dumps(document, default=str)))
    assert [f"{'.'.join(map(str, error.path))}: {error.message}" for error in errors] == []


def test_importing_contracts_is_light():
    """DAG files are parsed every few seconds."""
    heavy = {"great_expectations", "pandas", "airflow", "psycopg2", "polars", "numpy"}
    program = f"import sys; from iom_warehouse import contracts; contracts.all(); print({heavy!r} & set(sys.modules))"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert printed.stdout.strip() == "set()"
