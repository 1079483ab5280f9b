"""One file per feed is all it takes: a sixth feed and a new column load without another line of code."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from delivery_maker import Warehouse
from prison_rows import people, person
from surroundings import environment

from iom_warehouse import contracts, loading
from iom_warehouse.contracts import ddl
from iom_warehouse.platform import database
from iom_warehouse.platform.settings import PROJECT_DIR

FILE = "prison_person"
YOUTH = Path(__file__).parents[2] / "sixth_feed" / "youth.yml"


@pytest.fixture
def contracts_dir(warehouse: Warehouse, tmp_path: Path) -> Iterator[Path]:
    """A copy of the contracts that the warehouse reads, to be changed."""
    folder = Path(shutil.copytree(PROJECT_DIR / "expectations", tmp_path / "expectations"))
    with environment(contracts_dir=folder):
        yield folder


def change(path: Path, change_document: Any) -> None:
    document = yaml.safe_load(path.read_text())
    change_document(document)
    path.write_text(yaml.safe_dump(document, sort_keys=False))


def apply_contracts() -> None:
    with database.transaction("owner") as conn:
        ddl.apply(conn, contracts.all())


def test_a_sixth_feed_is_one_file(warehouse: Warehouse, contracts_dir: Path) -> None:
    shutil.copy(YOUTH, contracts_dir)
    apply_contracts()
    rows = [
        {"order_ref": "Y1", "made_on": "2013-05-01", "months": "12"},
        {"order_ref": "Y2", "made_on": "2013-05-32", "months": "12"},
        {"order_ref": "Y3", "made_on": "2013-05-01", "months": "40"},
    ]
    first = warehouse.take("youth", 1, {"youth_order": rows})
    assert warehouse.current("youth_order", "order_ref", "made_on::text", "months") == [("Y1", "2013-05-01", 12)]
    assert warehouse.rejections(first.delivery_id) == [
        ("youth_order", 2, "youth_order.made_on.type"),
        ("youth_order", 3, "youth_order.months.range"),
    ]
    second = warehouse.take("youth", 2, {"youth_order": [row | {"made_on": "2013-05-01", "months": "6"} for row in rows]})
    assert warehouse.counts(second.delivery_id, "youth_order") == {"in_file": 3, "new": 2, "changed": 1}
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute("select count(*) from raw.youth_order")
        assert cursor.fetchone() == (4,)


def test_a_new_column_is_one_entry(warehouse: Warehouse, contracts_dir: Path) -> None:
    warehouse.take("prison", 1, {FILE: people(1, 2)})
    column = {"name": "height_cm", "logicalType": "integer", "classification": "personal", "description": "Height."}
    change(contracts_dir / "prison.yml", lambda document: document["schema"][0]["properties"].append(column))
    apply_contracts()
    second = warehouse.take("prison", 2, {FILE: [person(1, height_cm="170"), person(2), person(3, height_cm="tall")]})
    assert warehouse.counts(second.delivery_id, FILE) == {"in_file": 3, "unchanged": 1, "changed": 1, "rejected": 1}
    assert warehouse.current(FILE, "prison_number", "height_cm") == [("A0001BC", 170), ("A0002BC", None)]
    assert warehouse.rejections(second.delivery_id) == [(FILE, 3, "prison_person.height_cm.type")]


def test_tables_that_do_not_fit_the_contract_yet_say_what_to_run(warehouse: Warehouse, contracts_dir: Path) -> None:
    column = {"name": "height_cm", "logicalType": "integer", "classification": "personal", "description": "Height."}
    change(contracts_dir / "prison.yml", lambda document: document["schema"][0]["properties"].append(column))
    folder = warehouse.deliver("prison", 1, {FILE: [person(1, height_cm="170")]})
    with pytest.raises(Exception, match="iom contracts apply"):
        warehouse.load("prison", folder)
    apply_contracts()
    assert warehouse.load("prison", folder).status == "published"


def test_nothing_is_loaded_under_an_agreement_that_was_to_be_reviewed(warehouse: Warehouse, contracts_dir: Path) -> None:
    def review(day: str) -> None:
        def set_day(document: Any) -> None:
            facts = {fact["property"]: fact for fact in document["customProperties"]}
            facts["sharingAgreementReviewOn"]["value"] = day

        change(contracts_dir / "prison.yml", set_day)

    review("2013-10-01")
    assert warehouse.take("prison", 1, {FILE: people(1)}).status == "published"
    refused = warehouse.take("prison", 2, {FILE: people(1, 2)})
    assert refused.status == "refused"
    message = warehouse.findings(refused.delivery_id)["delivery.agreement"]
    assert "DSA-PRISON" in message and f"iom delivery retry {refused.delivery_id}" in message
    assert warehouse.current(FILE, "prison_number") == [("A0001BC",)]
    review("2014-10-01")
    assert loading.retry(refused.delivery_id).status == "published"
    assert len(warehouse.current(FILE, "prison_number")) == 2
