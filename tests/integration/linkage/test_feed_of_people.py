"""A feed of people that nobody wrote code for: its contract alone has them linked with those of the others."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import check_letters_again as again
import pytest
import yaml
from delivery_maker import Warehouse
from surroundings import environment

from iom_warehouse import contracts
from iom_warehouse.contracts import ddl
from iom_warehouse.linkage import link_people, sources
from iom_warehouse.platform import database
from iom_warehouse.platform.settings import PROJECT_DIR
from iom_warehouse.reports.linkage import _linked

YOUTH = Path(__file__).parents[2] / "sixth_feed" / "youth.yml"
ANN = {"pncid": again.pnc(2003, 11), "surname": "Quillfeather", "forenames": "Ann", "dob": "1991-11-02", "sex": "F"}
BOB = {"surname": "Oakenshaw", "forenames": "Bob", "dob": "1980-05-17", "sex": "M"}
NAMES = """
    select name.source_file || ' ' || name.source_key
    from identity.link, access.names_of(person_key) as name
    where link.source_file = 'police_person' and link.source_key = 'P1' and link.closed_by_run is null
    order by 1
"""
LINKS = "select source_file || ' ' || source_key, person_key from identity.link where closed_by_run is null"


@pytest.fixture(scope="module")
def contracts_dir(shared_warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project's contracts and that of the sixth feed, whose tables are made."""
    folder = Path(shutil.copytree(PROJECT_DIR / "expectations", tmp_path_factory.mktemp("six") / "expectations"))
    shutil.copy(YOUTH, folder)
    with environment(contracts_dir=folder):
        apply_contracts()
        yield folder


@pytest.fixture
def without_the_role(shared_warehouse: Warehouse, contracts_dir: Path) -> Iterator[None]:
    """The linker may not read the sixth feed while a test goes on."""
    path = contracts_dir / "youth.yml"
    text = path.read_text()
    document = yaml.safe_load(text)
    document["roles"] = [role for role in document["roles"] if role["role"] != "linker"]
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    apply_contracts()
    yield
    path.write_text(text)
    apply_contracts()


def apply_contracts() -> None:
    with database.transaction("owner") as conn:
        ddl.apply(conn, contracts.all())


def link(vintage: dict[str, int] | None = None) -> int:
    """Link; the run that did."""
    with database.session("linker") as linker:
        return link_people(linker, vintage).run_id


def test_its_people_are_linked_with_those_of_other_feeds(shared_warehouse: Warehouse, contracts_dir: Path) -> None:
    shared_warehouse.take("police", 1, {"police_person": [{"police_ref": "P1", **ANN}]})
    link()
    shared_warehouse.take("youth", 1, {"youth_person": [{"person_ref": "M1", **ANN}, {"person_ref": "M2", **BOB}]})
    link()
    person = dict(shared_warehouse.query(LINKS))
    assert person["police_person P1"] == person["youth_person M1"] != person["youth_person M2"]
    common = "select n, of_n from audit.linkage_quality where figure = 'people_in_common' and feed = 'youth' and item = 'police'"
    assert shared_warehouse.query(common) == [(1, 2)]
    assert shared_warehouse.query(NAMES) == [("police_person P1",), ("youth_person M1",)]


def test_the_report_has_it_among_the_feeds(shared_warehouse: Warehouse, contracts_dir: Path) -> None:
    link()
    columns = ("figure", "feed", "n", "of_n")
    of_last_run = "from audit.linkage_quality where run_id = (select max(run_id) from identity.linkage_run)"
    rows = shared_warehouse.query(f"select {', '.join(columns)} {of_last_run}")
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    facts = [fact | {"share": fact["n"] / fact["of_n"] if fact["of_n"] else None} for fact in found]
    shown = {
        row.label: [row.cells[name].value for name in ("records", "people", "linked", "share")]
        for row in _linked(facts).table.rows
    }
    assert shown == {"Police": [1, 1, 1, 100], "Youth": [2, 2, 1, 50]}


def test_a_feed_whose_rows_the_linker_may_no_longer_read_leaves_no_link(
    shared_warehouse: Warehouse, without_the_role: None
) -> None:
    before = dict(shared_warehouse.query(LINKS))
    assert shared_warehouse.query(NAMES) == [("police_person P1",)], "whose links still stand till the next night"
    vintage_of_before_it_came = link()
    assert dict(shared_warehouse.query(LINKS)) == {"police_person P1": before["police_person P1"]}
    assert shared_warehouse.query("select source_file from identity.record") == [("police_person",)]
    assert link() == vintage_of_before_it_came, "there is nothing to do again"
    shared_warehouse.take("police", 2, {"police_person": [{"police_ref": "P1", **ANN}, {"police_ref": "P2", **BOB}]})
    assert link() == vintage_of_before_it_came + 1, "no second run puts an older vintage back"
    assert dict(shared_warehouse.query(LINKS)).keys() == {"police_person P1", "police_person P2"}


def test_a_feed_that_the_linker_may_read_again_is_linked_as_before(shared_warehouse: Warehouse, contracts_dir: Path) -> None:
    last = shared_warehouse.query("select max(run_id) from identity.linkage_run")[0][0]
    assert link() == last + 1
    person = dict(shared_warehouse.query(LINKS))
    assert person["police_person P1"] == person["youth_person M1"] != person["youth_person M2"] == person["police_person P2"]


def test_other_names_are_found_by_the_reference_to_the_people() -> None:
    assert {source.file: source.aliases for source in sources.all() if source.aliases} == {"police_person": "police_alias"}
