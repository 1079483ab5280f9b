"""Applying a folder to a real database: versions, twice the same, nothing on a mistake."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree

import pytest
from command_line import iom
from delivery_maker import Warehouse
from psycopg2.extensions import connection as Connection

from iom_warehouse.configuration import ConfigurationRefused, apply, files, in_force, lapsed
from iom_warehouse.configuration.folder import InForce
from iom_warehouse.platform import database
from iom_warehouse.platform.settings import PROJECT_DIR


@pytest.fixture
def owner(warehouse: Warehouse) -> Iterator[Connection]:
    """A connection as iom_owner to a warehouse without any configuration."""
    connection = database.connect("owner")
    yield connection
    connection.close()


def rows(connection: Connection, query: str) -> list[tuple]:
    with connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def replace(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / f"{name}.csv"
    content = path.read_text()
    assert content.count(old) == 1
    path.write_text(content.replace(old, new))


AREA_VERSIONS = "select area, area_name, opened_by_configuration, closed_by_configuration from reference.areas order by 1, 3"


def test_a_folder_becomes_typed_rows_with_defaults(owner: Connection, folder: Path) -> None:
    assert apply(folder, owner) == 1
    found = rows(
        owner,
        """select measure_id, baseline_from::text, target_pct::text, period, follow_up_days, horizons, exclude_breach,
                  index_day_counts, clock, effective_from::text, opened_by_configuration, closed_by_configuration
           from reference.measures order by 1""",
    )
    assert found == [
        ("ni30", "2009-04-01", "15", "quarter", None, None, True, False, "calendar", "2004-01-01", 1, None),
        ("rearrest", None, None, "none", 364, "28;91;364", True, False, "calendar", "2004-01-01", 1, None),
    ]


def test_every_declared_file_has_its_table_even_if_the_folder_has_not(owner: Connection, folder: Path) -> None:
    apply(folder, owner)
    made = rows(owner, "select table_name from information_schema.tables where table_schema = 'reference'")
    assert {name for (name,) in made} == {file.name for file in files()}
    assert rows(owner, "select count(*) from reference.programme_costs") == [(0,)]


def test_the_same_folder_again_changes_nothing(owner: Connection, folder: Path) -> None:
    first = apply(folder, owner)
    before = rows(owner, AREA_VERSIONS)
    assert apply(folder, owner) == first
    assert rows(owner, AREA_VERSIONS) == before
    assert rows(owner, "select count(*) from audit.configuration") == [(1,)]


def test_the_folder_in_force_is_known_by_its_whole_path_and_is_the_last_that_was_given(
    owner: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run from elsewhere compares it with its own, and a folder may move without a change in it."""
    monkeypatch.chdir(folder.parent)
    first = apply(Path(folder.name), owner)
    assert in_force(owner) == InForce(first, folder.resolve())
    moved = folder.rename(folder.with_name("moved"))
    assert apply(moved, owner) == first
    assert in_force(owner) == InForce(first, moved)


def test_a_changed_row_is_closed_and_opened_and_the_others_stay(owner: Connection, folder: Path) -> None:
    apply(folder, owner)
    replace(folder, "areas", "A1,Mill", "A1,Mill Lane")
    replace(folder, "areas", "D,North", "D,Northern")
    replace(folder, "areas", "D,Northern", "D,North")
    assert apply(folder, owner) == 2
    assert rows(owner, AREA_VERSIONS) == [
        ("A", "Ashby", 1, None),
        ("A1", "Mill", 1, 2),
        ("A1", "Mill Lane", 2, None),
        ("D", "North", 1, None),
        ("F", "Force", 1, None),
    ]


def test_a_row_that_differs_only_in_an_empty_field_is_another_version(owner: Connection, folder: Path) -> None:
    apply(folder, owner)
    replace(folder, "areas", "F,Force,force,,", "F,Force,force,D,")
    replace(folder, "areas", "D,North,division,F,", "D,North,division,,")
    apply(folder, owner)
    opened = rows(owner, "select area, parent from reference.areas where opened_by_configuration = 2 order by 1")
    assert opened == [("D", None), ("F", "D")]


def test_going_back_to_an_earlier_folder_is_a_new_configuration(owner: Connection, folder: Path) -> None:
    apply(folder, owner)
    replace(folder, "areas", "A1,Mill", "A1,Mill Lane")
    apply(folder, owner)
    replace(folder, "areas", "A1,Mill Lane", "A1,Mill")
    assert apply(folder, owner) == 3
    as_of = (
        "select area, area_name from reference.areas"
        " where opened_by_configuration <= {0} and coalesce(closed_by_configuration > {0}, true) order by 1"
    )
    assert rows(owner, as_of.format(3)) == rows(owner, as_of.format(1)) != rows(owner, as_of.format(2))


def test_a_file_that_is_taken_away_closes_its_rows(owner: Connection, folder: Path) -> None:
    apply(folder, owner)
    (folder / "people_access.csv").unlink()
    apply(folder, owner)
    assert rows(owner, "select distinct closed_by_configuration from reference.people_access") == [(2,)]


def test_later_definitions_stand_beside_earlier_ones(owner: Connection, folder: Path) -> None:
    replace(folder, "areas", "A1,Mill,ward,A,2004-01-01\n", "A1,Mill,ward,A,2004-01-01\nA1,Mill Lane,ward,A,2013-04-01\n")
    apply(folder, owner)
    found = rows(owner, "select area_name, effective_from::text from reference.areas where area = 'A1' order by 2")
    assert found == [("Mill", "2004-01-01"), ("Mill Lane", "2013-04-01")]


def test_a_folder_with_a_mistake_changes_nothing(owner: Connection, folder: Path) -> None:
    apply(folder, owner)
    replace(folder, "areas", "A1,Mill", "A1,Mill Lane")
    replace(folder, "measures", "pro_rata_baseline,15", "none,15")
    with pytest.raises(ConfigurationRefused) as refused:
        apply(folder, owner)
    assert "The configuration was not applied: 1 mistake.\nmeasures.csv, row 2, target_pct: a target needs" in str(refused.value)
    assert rows(owner, "select count(*) from reference.areas where closed_by_configuration is not null") == [(0,)]


def test_text_of_any_kind_arrives_as_it_was_written(owner: Connection, folder: Path) -> None:
    awkward = 'Brontë’s "Mill", \\. \\N; drop table reference.areas; --'
    replace(folder, "areas", "A1,Mill", 'A1,"{}"'.format(awkward.replace('"', '""')))
    apply(folder, owner)
    assert rows(owner, "select area_name from reference.areas where area = 'A1'") == [(awkward,)]


def test_two_at_once_make_one_configuration(owner: Connection, folder: Path) -> None:
    def one(_: int) -> int:
        connection = database.connect("owner")
        try:
            return apply(folder, connection)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(one, range(3))) == [1, 1, 1]


def test_a_declared_column_that_the_table_lacks_is_added(owner: Connection, folder: Path) -> None:
    apply(folder, owner)
    with owner, owner.cursor() as cursor:
        cursor.execute("alter table reference.agencies drop column sector")
        cursor.execute("update audit.configuration set sha256 = 'an older declaration'")
    apply(folder, owner)
    assert rows(owner, "select sector from reference.agencies where agency = 'POL' and closed_by_configuration is null") == [
        ("police",)
    ]


@pytest.mark.parametrize("role", ["loader", "linker", "transformer", "publisher"])
def test_every_stage_reads_the_configuration_and_none_writes_it(owner: Connection, folder: Path, role: str) -> None:
    apply(folder, owner)
    connection = database.connect(role)
    try:
        assert rows(connection, "select count(*) from reference.areas") == [(4,)]
        assert rows(connection, "select has_table_privilege('reference.areas', 'insert, update, delete, truncate')") == [(False,)]
    finally:
        connection.close()


def test_the_folder_of_the_project_is_applied_and_one_change_in_it_writes_one_version(owner: Connection, tmp_path: Path) -> None:
    folder = Path(copytree(Path(__file__).parents[3] / "partnership", tmp_path / "copy"))
    apply(folder, owner)
    assert rows(owner, "select count(*) from reference.offences") == [(3039,)]
    replace(folder, "offences", "Stealing pedal cycles,", "Theft of a pedal cycle,")
    apply(folder, owner)
    found = rows(
        owner,
        """select description, opened_by_configuration, closed_by_configuration from reference.offences
           where 2 in (opened_by_configuration, closed_by_configuration) order by 2""",
    )
    assert found == [("Stealing pedal cycles", 1, 2), ("Theft of a pedal cycle", 2, None)]


@pytest.fixture
def sending(tmp_path: Path) -> Path:
    """A copy of the default folder, which sends a file to the police and one to the prisons."""
    return Path(copytree(PROJECT_DIR / "partnership", tmp_path / "sending"))


TO_PRISONS = "PRI,managed_people,scheme,hub_membership.scheme,2012-04-01"
OUT_PRISON = "DSA-OUT-PRISON,HUB,PRI"


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("outbound", TO_PRISONS, f"{TO_PRISONS}\nPRI,managed_people,risk,hub_rag.colour,2012-04-01",
         "outbound.csv, row 15, column: the file managed_people for PRI is not sent: the column risk is outside the agreement"
         " DSA-OUT-PRISON. Take it out of outbound.csv, or agree it."),
        ("outbound", "PRI,managed_people,scheme,hub_membership.scheme", "PRI,managed_people,scheme,hub_membership.strand",
         "outbound.csv, row 14, column: the file managed_people for PRI is not sent: the column scheme (hub_membership.strand)"
         " has a source that is not on the list of what may be sent."),
        ("outbound", "PRI,managed_people,prison_number,prison_person", "PRI,managed_people,prison_number,police_person",
         "outbound.csv, row 13, column: the file managed_people for PRI is not sent: the column prison_number"
         " (police_person.prison_number) has a source that is not"),
        ("agreements", OUT_PRISON, "DSA-OUT-PRISON,HUB,NHS",
         "outbound.csv, row 13, file: the file managed_people for PRI is not sent: no agreement with PRI in agreements.csv"
         " covers it."),
    ],
)  # fmt: skip
def test_a_file_outside_its_agreement_is_refused(
    owner: Connection, sending: Path, name: str, old: str, new: str, told: str
) -> None:
    """Sending would stop it too, but at night: whoever edits the folder is told at once, and nothing of it is in force."""
    replace(sending, name, old, new)
    with pytest.raises(ConfigurationRefused) as refused:
        apply(sending, owner)
    assert told in str(refused.value)
    assert rows(owner, "select count(*) from audit.configuration") == [(0,)]


def test_an_expired_agreement_is_said_and_stops_its_file_only(owner: Connection, sending: Path) -> None:
    """It would be no mistake of the folder: the day has come. All else of it comes into force."""
    replace(
        sending,
        "agreements",
        "prison_number;scheme;lead_agency,2012-04-01,2027-09-30",
        "prison_number;scheme;lead_agency,2012-04-01,2020-09-30",
    )
    assert apply(sending, owner) == 1
    assert lapsed(owner) == [
        "The file managed_people for PRI is not sent: the agreement DSA-OUT-PRISON was to be reviewed by 2020-09-30. Review it"
        " and enter the new day in agreements.csv."
    ]
    told = iom("configuration", "apply", str(sending))
    assert "DSA-OUT-PRISON was to be reviewed by 2020-09-30" in told and "Configuration 1 is in force." in told
