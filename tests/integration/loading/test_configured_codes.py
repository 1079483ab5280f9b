"""Codes of areas and agencies, and sharing agreements, that the partnership's configuration does not know: noted, not refused."""

import csv

import pytest
from delivery_maker import Warehouse
from prison_rows import people, spell

from iom_warehouse.loading import sender_report

KNOWN = "prison_spell.home_district.known"
CLOSE = "update reference.{} set closed_by_configuration = opened_by_configuration"
AGREEMENT = "delivery.agreement_unknown"


def spells(*districts: str) -> list[dict]:
    return [spell(number, of=1) | {"home_district": district} for number, district in enumerate(districts, 1)]


def checked(warehouse: Warehouse, rule_id: str) -> list[tuple]:
    """Success and number of failing rows of each check of a rule."""
    return warehouse.query("select success, unexpected_count from audit.validation_result where rule_id = %s", rule_id)


def test_unknown_codes_are_noted_with_their_counts_and_the_rows_are_used(warehouse: Warehouse) -> None:
    warehouse.configure()
    files = {"prison_person": people(1), "prison_spell": spells("FX-Q", "FX-N", "FX-Q", "", "FX-W")}
    first = warehouse.take("prison", 1, files)
    assert first.status == "published" and warehouse.rejections(first.delivery_id) == []
    assert warehouse.counts(first.delivery_id, "prison_spell") == {"in_file": 5, "new": 5}
    assert checked(warehouse, KNOWN) == [(False, 3)]
    message = warehouse.findings(first.delivery_id)[KNOWN]
    assert "home_district has 2 codes not in areas.csv, in 3 rows; rows.csv of the report to the sender lists them." in message
    assert "the agency corrects" in message and "the partnership adds them to areas.csv" in message
    report = sender_report.folder_of("prison", first.folder, first.delivery_id)
    page = (report / "report.html").read_text()
    assert message in page and "home_district: &#39;FX-W&#39; is not in the partnership&#39;s areas.csv." in page
    with (report / "rows.csv").open(newline="") as handle:
        lines = [(line["row"], line["value"], line["kept back"]) for line in csv.DictReader(handle) if line["rule"] == KNOWN]
    assert lines == [("", "", "no"), ("1", "FX-Q", "no"), ("3", "FX-Q", "no"), ("5", "FX-W", "no")]


def test_what_slipped_into_the_column_is_shown_to_its_sender_only(warehouse: Warehouse) -> None:
    warehouse.configure()
    slipped = ("Alder", "COX", "Kim Alder")  # the second has the form of a code: agencies and OUT are three capitals
    first = warehouse.take("prison", 1, {"prison_person": people(1), "prison_spell": spells(*slipped)})
    message = warehouse.findings(first.delivery_id)[KNOWN]
    assert "has 3 codes not in areas.csv, in 3 rows" in message and not any(value in message for value in slipped)
    report = sender_report.folder_of("prison", first.folder, first.delivery_id)
    assert "&#39;Kim Alder&#39; is not in" in (report / "report.html").read_text()


def test_known_codes_pass_and_a_code_that_left_the_configuration_does_not(warehouse: Warehouse) -> None:
    warehouse.configure()
    warehouse.take("prison", 1, {"prison_person": people(1), "prison_spell": spells("FX-B")})
    warehouse.query(f"{CLOSE.format('areas')} where area = 'FX-B' returning 1")
    warehouse.take("prison", 2, {"prison_person": people(1), "prison_spell": spells("FX-B")})
    assert checked(warehouse, KNOWN) == [(True, 0), (False, 1)]


@pytest.mark.parametrize("is_configured", [False, True], ids=["no configuration", "no agencies"])
def test_codes_are_not_asked_for_where_the_configuration_has_none(warehouse: Warehouse, is_configured: bool) -> None:
    if is_configured:
        warehouse.configure()
        warehouse.query(f"{CLOSE.format('agencies')} returning 1")
    case = {"case_ref": "C1", "district": "FX-A", "lead_agency": "nobody"}
    first = warehouse.take("hub", 1, {"hub_case": [case]})
    assert first.status == "published"
    assert checked(warehouse, "hub_case.lead_agency.known") == []
    assert checked(warehouse, "hub_case.district.known") == ([(True, 0)] if is_configured else [])


def test_a_contract_with_an_unknown_sharing_agreement_is_noted(warehouse: Warehouse) -> None:
    files = {"prison_person": people(1)}
    without = warehouse.take("prison", 1, files)
    warehouse.configure()
    known = warehouse.take("prison", 2, files)
    warehouse.query(f"{CLOSE.format('agreements')} where agreement_id = 'DSA-PRISON' returning 1")
    unknown = warehouse.take("prison", 3, files)
    assert [AGREEMENT in warehouse.findings(outcome.delivery_id) for outcome in (without, known, unknown)] == [False, False, True]
    assert unknown.status == "published"
    message = warehouse.findings(unknown.delivery_id)[AGREEMENT]
    assert "DSA-PRISON, which is not in agreements.csv" in message
    assert message in (sender_report.folder_of("prison", unknown.folder, unknown.delivery_id) / "report.html").read_text()
