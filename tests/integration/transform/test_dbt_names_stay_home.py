"""No name or identifier gets past staging, into dbt's files or into its results, whether a build works or fails."""

import re
import shutil
from pathlib import Path

import psycopg2
import pytest
from two_nights import IDENTIFIERS, NAMES, SECOND, build

from iom_warehouse import contracts, transform
from iom_warehouse.platform.database import Connection
from iom_warehouse.platform.settings import PROJECT_DIR, settings
from iom_warehouse.transform import project
from iom_warehouse.transform.results import without_values

PLANTED = (*NAMES, *IDENTIFIERS)
OF_MODELS = """
    select format('%I.%I', table_schema, table_name) from information_schema.tables
    where table_schema in ('staging', 'intermediate', 'kept') or table_schema ~ '^mart_'
"""
BROKEN_MODEL = "select prison_number::integer as age from {{ source('raw', 'prison_person') }}"
BROKEN_TEST = "select police_ref from raw.police_person -- {{ ref('stg_police__alias') }}"
NAMES_READ = re.compile("surname|forename|pnc|cro_number|asn|postcode$|practitioner|decided_by")


def test_no_model_holds_a_name_or_identifier(reader: Connection) -> None:
    with reader.cursor() as cursor:
        cursor.execute(OF_MODELS)
        models = [name for [name] in cursor.fetchall()]
        assert len(models) > 90
        for model in models:
            cursor.execute(
                f"select count(*) from {model} as row where row::text ilike any(%s)", ([f"%{word}%" for word in PLANTED],)
            )
            assert cursor.fetchone() == (0,), model


@pytest.mark.parametrize("file", [file for contract in contracts.all() for file in contract.files], ids=lambda file: file.name)
def test_the_build_cannot_read_a_name(reader: Connection, file: contracts.File) -> None:
    readable = {column.name for column in file.columns if may_read(reader, file.name, column.name)}
    joined_by = {*file.key, *(name for reference in file.references for name in reference.columns), "dob"}
    identifiers = {column.name for column in file.columns if column.classification == "identifier" or column.identifier}
    assert not {name for name in readable if NAMES_READ.search(name)}
    assert not readable & identifiers - joined_by
    assert readable >= {column.name for column in file.columns} - identifiers


def may_read(reader: Connection, table: str, column: str) -> bool:
    """Whether a real select of the column succeeds."""
    with reader.cursor() as cursor:
        try:
            cursor.execute(f'select "{column}" from raw."{table}" limit 0')
        except psycopg2.errors.InsufficientPrivilege:
            return False
    return True


@pytest.fixture
def broken_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """The project with a model that the database refuses with somebody's name in its message, and a test that finds people."""
    shutil.copytree(PROJECT_DIR / "dbt_project", tmp_path / "dbt_project")
    (tmp_path / "dbt_project/models/intermediate/ages.sql").write_text(BROKEN_MODEL)
    (tmp_path / "dbt_project/tests/nobody_has_a_name.sql").write_text(BROKEN_TEST)
    monkeypatch.setenv("IOM_PROJECT_DIR", str(tmp_path))
    settings.cache_clear()
    request.addfinalizer(settings.cache_clear)
    return tmp_path


def test_a_failure_names_the_fault_and_no_value(
    broken_project: Path,
    reader: Connection,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(transform.BuildFailed) as failure:
        build(SECOND, as_of_schema="asof_broken")
    said = str(failure.value)
    assert "2 of" in said and "models and tests failed" in said and "audit.dbt_result" in said
    with reader.cursor() as cursor:
        cursor.execute(
            "select node, status, row_count, message from audit.dbt_result where status in ('error', 'fail') order by node"
        )
        [ages, named] = cursor.fetchall()
    assert ages[:2] == ("ages", "error") and "invalid input syntax for type integer: (value)" in ages[3]
    assert named[:3] == ("nobody_has_a_name", "fail", 3)
    written = "".join(path.read_text(errors="replace") for path in project.state_dir().rglob("*") if path.is_file())
    out = capfd.readouterr()
    for word in PLANTED:
        assert word not in said + ages[3] + named[3] + written + out.out + out.err + caplog.text


def test_messages_keep_names_of_things_only() -> None:
    assert without_values(
        'Database Error in model x (models/x.sql)\n  column "surname" does not exist\n  LINE 3: select surname'
    ) == ('Database Error in model x (models/x.sql) column "surname" does not exist')
    assert without_values('invalid input syntax for type date: "Quill"') == "invalid input syntax for type date: (value)"
    assert without_values('syntax for type integer: "Osric\nQuill"') == "syntax for type integer: (value)"
    assert without_values('syntax for type integer: "Osric\n  DETAIL: more') == "syntax for type integer: (value)"
    assert without_values('for type integer: "Osric "Ozzy" Quill" (0.1 s)') == "for type integer: (value)"
    assert without_values("duplicate key\n  DETAIL:  Key (surname)=(Quill) already exists.") == "duplicate key"
