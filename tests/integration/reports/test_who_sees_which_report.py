"""Who sees which report, with real logins of every role: by area, by audience, and by whether it is released."""

from collections.abc import Iterator

import pytest
import signers
from cluster import Cluster, own_warehouse
from delivery_maker import Warehouse
from psycopg2.errors import InsufficientPrivilege
from signers import COMMISSIONER, STEWARD, draft, release, sign

from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError

PLACES = {"whole": "all", "a": "FX-A", "b": "FX-B"}
AUDIENCES = ("internal", "board", "public")
PUBLISHED = ("report", "report_table", "figure", "report_delivery", "report_file", "sign_off")
PEOPLE = ("sample_analyst", "sample_practitioner", "sample_steward", "sample_commissioner", "sample_auditor")


@pytest.fixture(scope="module")
def shelf(cluster: Cluster, signing: str) -> Iterator[tuple[Warehouse, dict[int, tuple[str, str, str]]]]:
    """For each area and audience a released report, a draft and a withdrawn one: standing, audience and area by number."""
    with own_warehouse(cluster, signing) as warehouse:
        held = {}
        for audience in AUDIENCES:
            by = STEWARD if audience == "internal" else COMMISSIONER
            for place, area in PLACES.items():
                about = {"audience": audience, "area": area}
                held[release(draft(**about), by=by)] = ("released", audience, place)
                held[draft(quarter="2013-07-01", **about)] = ("drafts", audience, place)
                gone = release(draft(quarter="2013-04-01", **about), by=by)
                sign(by, gone, "withdraw")
                held[gone] = ("withdrawn", audience, place)
        yield warehouse, held


@pytest.fixture
def as_configured(shelf) -> Iterator[None]:
    """People as they were before the test."""
    yield
    with database.session("owner") as owner:
        signers.access.apply(owner)


def seen_by(login: str, table: str = "report") -> set[int]:
    """Numbers of the reports of which a person sees rows of a table."""
    with signers.person(login) as conn, conn, conn.cursor() as cursor:
        cursor.execute(f"select distinct report_id from published.{table}")
        return {number for (number,) in cursor.fetchall()}


def give(warehouse: Warehouse, login: str, areas: str = "", audiences: str = "", signs: str = "") -> None:
    """A person as people_access could have them; areas hold themselves only."""
    warehouse.query(
        "update access.person_role set areas = %s, audiences = %s, signs_off = %s where login = %s",
        *(value.split(";") if value else [] for value in (areas, audiences, signs)), login,
    )  # fmt: skip
    warehouse.query("delete from access.person_area where login = %s", login)
    warehouse.query("insert into access.person_area select %s, unnest(%s::text[])", login, areas.split(";") if areas else [])


def numbers(held: dict[int, tuple[str, str, str]], standings: str, audiences: str, places: str) -> set[int]:
    """Reports of the shelf of these standings, audiences and places."""
    wanted = [set(words.split()) for words in (standings, audiences, places)]
    return {number for number, about in held.items() if all(is_in in found for is_in, found in zip(about, wanted, strict=True))}


EVERYTHING = ("released drafts withdrawn", "internal board public", "whole a b")


@pytest.mark.parametrize(
    ("login", "areas", "audiences", "signs", "sees"),
    [
        ("sample_analyst", "FX-A", "", "", ("released", "internal board public", "a")),
        ("sample_analyst", "FX-A", "", "check", ("released drafts withdrawn", "internal board public", "a")),
        ("sample_analyst", "FX-A;FX-B", "board", "", ("released", "board", "a b")),
        ("sample_practitioner", "FX-A", "", "", ("released", "board public", "a")),
        ("sample_steward", "", "", "", ("released", "internal board public", "whole a b")),
        ("sample_steward", "FX-B", "", "check;release", ("released drafts withdrawn", "internal board public", "b")),
        ("sample_commissioner", "", "", "", ("released", "public", "whole a b")),
        ("sample_commissioner", "FX-B", "", "", ("released", "public", "b")),
        ("sample_commissioner", "", "board;public", "", ("released", "board public", "whole a b")),
        ("sample_commissioner", "", "", "release", ("released drafts withdrawn", "public", "whole a b")),
        ("sample_commissioner", "", "board", "release", ("released drafts withdrawn", "board", "whole a b")),
        ("sample_commissioner", "", "internal", "release", ("", "", "")),
        ("sample_auditor", "", "", "", EVERYTHING),
        ("sample_auditor", "FX-A", "", "", ("released drafts withdrawn", "internal board public", "a")),
    ],
)
@pytest.mark.usefixtures("as_configured")
def test_a_login_sees_what_is_its_own(shelf, login, areas, audiences, signs, sees) -> None:
    """In no table of `published` more than that: where a role reads it at all, rows of other reports are not there."""
    warehouse, held = shelf
    give(warehouse, login, areas, audiences, signs)
    expected = numbers(held, *sees)
    assert seen_by(login) == expected
    for table in ("report_table", "figure"):
        assert seen_by(login, table) == expected
    for table in PUBLISHED[3:]:
        try:
            assert seen_by(login, table) <= expected
        except InsufficientPrivilege:
            assert table in ("sign_off", "report_file")


def test_the_default_analyst_of_the_force_sees_the_whole(shelf) -> None:
    """The code of the force gives every area, and with them the partnership; who checks reports sees drafts."""
    assert seen_by("sample_analyst") == numbers(shelf[1], *EVERYTHING)


def test_a_login_that_is_gone_from_the_configuration_sees_nothing(shelf) -> None:
    warehouse, _ = shelf
    with signers.person("sample_commissioner") as held, database.session("owner") as owner:
        with owner, owner.cursor() as cursor:
            cursor.execute("delete from access.person_role where login = 'sample_commissioner'")
        with held, held.cursor() as cursor:
            cursor.execute("select count(*) from published.report")
            assert cursor.fetchone() == (0,)
        signers.access.apply(owner)


@pytest.mark.usefixtures("as_configured")
def test_a_person_signs_for_their_audiences_only(shelf) -> None:
    warehouse, held = shelf
    [number] = numbers(held, "drafts", "public", "a")
    give(warehouse, COMMISSIONER, audiences="board", signs="release")
    with pytest.raises(IomError, match=f"no report {number} for {COMMISSIONER}"):
        sign(COMMISSIONER, number, "comment")


def test_people_read_neither_how_other_reports_stand_nor_the_counts_behind(shelf) -> None:
    for login in PEOPLE:
        for relation in ("published.report_state", "audit.figure_basis"):
            with signers.person(login) as conn, pytest.raises(InsufficientPrivilege), conn, conn.cursor() as cursor:
                cursor.execute(f"select * from {relation}")


def test_nobody_asks_in_the_name_of_another(shelf) -> None:
    for login in PEOPLE:
        for question in ("access.reports_of('sample_steward')", "access.pages_of('sample_steward', true)"):
            with signers.person(login) as conn, pytest.raises(InsufficientPrivilege), conn, conn.cursor() as cursor:
                cursor.execute(f"select * from {question}")
