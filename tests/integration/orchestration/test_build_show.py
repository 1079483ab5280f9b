"""`iom build show` gives the cause of a failed build, whatever step failed, and no value of a row."""

import shutil
from pathlib import Path

import pytest
from delivery_maker import Warehouse
from surroundings import environment

from iom_warehouse.orchestration import building
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import PROJECT_DIR

NAME = "Quillfeather"


@pytest.fixture
def build_id(warehouse: Warehouse) -> int:
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute("insert into audit.configuration (sha256, folder) values ('a', 'f')")
    return building.open_build("2013-10-01")


def shown(build_id: int) -> str:
    return "\n".join(building.describe(build_id))


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("spoilt.sql", "select {{ ref('nothing_of_that_name') }}", "nothing_of_that_name"),
        ("spoilt.sql", "select {% if %} 1", "spoilt.sql"),
        ("_spoilt.yml", "models: [name: spoilt", "_spoilt.yml"),
    ],
    ids=["unknown reference", "broken template", "broken YAML"],
)
def test_a_project_that_dbt_cannot_read_is_the_cause(build_id: int, tmp_path: Path, name: str, content: str, cause: str) -> None:
    project = Path(shutil.copytree(PROJECT_DIR / "dbt_project", tmp_path / "dbt_project"))
    (project / "models" / "marts" / "cohort" / name).write_text(content)
    with environment(project_dir=tmp_path), pytest.raises(IomError):
        building.build(build_id)
    assert "failed" in shown(build_id).splitlines()[0]
    assert "cause: The dbt project does not parse" in shown(build_id) and cause in shown(build_id)


def test_a_failed_linkage_ends_the_build_and_is_the_cause(warehouse: Warehouse, build_id: int) -> None:
    warehouse.query(
        "create function identity.refuse() returns trigger language plpgsql as"
        f" $$ begin raise exception 'no room for {NAME}'; end $$"
    )
    warehouse.query("create trigger refuse before insert on identity.linkage_run for each row execute function identity.refuse()")
    with pytest.raises(IomError):
        building.link(build_id)
    assert "failed" in shown(build_id).splitlines()[0]
    assert "cause: Linking people failed" in shown(build_id) and NAME not in shown(build_id)
    warehouse.query("drop trigger refuse on identity.linkage_run")
    building.link(build_id)  # as a retry of the task does
    assert "running" in shown(build_id).splitlines()[0] and "cause" not in shown(build_id)


def test_a_build_in_full_links_everybody_again(build_id: int) -> None:
    building.link(build_id)
    again = building.link(building.open_build("2013-10-01"))
    assert building.read(again).linkage_run == building.read(build_id).linkage_run
    in_full = building.link(building.open_build("2013-10-01"), in_full=True)
    assert building.read(in_full).linkage_run > building.read(again).linkage_run


def test_a_build_that_never_ended_says_so_once_another_begins(build_id: int, tmp_path: Path) -> None:
    later = building.open_build("2013-10-01")
    with environment(project_dir=tmp_path), pytest.raises(IomError):  # no dbt project at all
        building.build(later)
    assert f"cause: It had not ended when build {later} began" in shown(build_id)


def test_a_build_as_of_an_earlier_night_does_not_stand_in_the_way_of_the_marts(warehouse: Warehouse, build_id: int) -> None:
    warehouse.query(
        "insert into audit.build (business_date, kind, schema_prefix, configuration_id)"
        " select business_date, 'as_of', 'asof_20131001', configuration_id from audit.build"
    )
    assert next(building.describe()).startswith(f"build {build_id}: nightly of 2013-10-01")


def test_a_number_that_no_build_has(build_id: int) -> None:
    with pytest.raises(IomError, match="There is no build 999"):
        shown(999)


def test_before_the_first_build(warehouse: Warehouse) -> None:
    with pytest.raises(IomError, match="Nothing was built yet"):
        list(building.describe())
