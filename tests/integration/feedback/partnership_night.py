"""A small partnership on one built night, put straight into raw, with what is agreed and sent as the tests ask."""

from datetime import date
from typing import Any

from delivery_maker import Warehouse

from iom_warehouse.configuration import tables
from iom_warehouse.platform import database

NIGHT = date(2013, 10, 1)
# Ann, Bob, Dee and Eve are on the list; Cat is not.
# The police know all but Dee, the prison Ann, Cat and Dee, drug services Ann and Eve.
PEOPLE = {
    "Ann": {"hub_case": "H1", "police_person": "P1", "prison_person": "N1", "dip_client": "C1"},
    "Bob": {"hub_case": "H2", "police_person": "P2"},
    "Cat": {"hub_case": "H3", "police_person": "P3", "prison_person": "N3"},
    "Dee": {"hub_case": "H4", "prison_person": "N4"},
    "Eve": {"hub_case": "H5", "police_person": "P5", "dip_client": "C5"},
}
KEYS = {"hub_case": "case_ref", "police_person": "police_ref", "prison_person": "prison_number", "dip_client": "client_ref"}
ROWS = {
    "hub_membership (membership_ref, case_ref, scheme, starts_on, ends_on, district": [
        ("M1", "H1", "IOM", "2013-01-01", None, "A"),
        ("M2", "H2", "PPO", "2013-01-01", None, "A"),
        ("M3", "H3", "IOM", "2012-01-01", "2013-10-01", "A"),
        ("M4", "H4", "IOM", "2013-01-01", None, "B"),
        ("M5", "H5", "DIP", "2013-01-01", None, "B"),
    ],
    "prison_spell (booking_ref, prison_number, received_on, released_on, establishment, home_district": [
        ("S1", "N1", "2013-05-01", None, "HMP One", "A"),
        ("S0", "N1", "2010-05-01", "2011-05-01", "HMP Old", "A"),
        ("S3", "N3", "2013-05-01", None, "HMP Three", "A"),
        ("S4", "N4", "2013-05-01", None, "HMP Four", "B"),
    ],
    "prison_release_date (booking_ref, date_type, release_on": [
        ("S1", "conditional", "2014-01-01"),
        ("S1", "expected", "2014-02-02"),
    ],
    "dip_episode (episode_ref, client_ref, area, contact_reason, referred_on": [
        ("E1", "C1", "A", "court", "2013-02-01"),
        ("E5", "C5", "B", "court", "2013-03-01"),
    ],
}
RELEASES = {
    "pncid": "police_person.pncid", "surname": "police_person.surname", "establishment": "prison_spell.establishment",
    "release_on": "prison_release_date.release_on",
}  # fmt: skip
MANAGED = {"prison_number": "prison_person.prison_number", "scheme": "hub_membership.scheme"}
TREATED = {"police_ref": "police_person.police_ref", "caseload_area": "dip_episode.area", "scheme": "hub_membership.scheme"}


def prepare(warehouse: Warehouse) -> None:
    """People, their records and the good build of the night; nothing agreed yet but who gives which file."""
    run("insert into audit.configuration (sha256, folder) values ('1', 'by hand')")
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        tables.create(cursor)
    run(
        "insert into reference.areas (area, area_name, area_type, effective_from, opened_by_configuration)"
        " select area, area, 'district', '2012-01-01', 1 from unnest(%s) as area", ["A", "B"],
    )  # fmt: skip
    run(
        "insert into reference.agencies (agency, agency_name, effective_from, opened_by_configuration)"
        " select agency, agency, '2012-01-01', 1 from unnest(%s) as agency", ["POL", "PRI", "DIP", "HUB"],
    )  # fmt: skip
    run("insert into audit.build (business_date, kind, status, finished_at) values (%s, 'nightly', 'succeeded', now())", NIGHT)
    run("insert into identity.linkage_run (method, vintage) values ('test', '{}')")
    for name, records in PEOPLE.items():
        run("insert into identity.person (minted_at, minted_by_run) values (now(), 1)")
        for file, key in records.items():
            run(
                "insert into identity.link (source_file, source_key, person_key, method, evidence, opened_by_run, linked_from)"
                " values (%s, %s, (select max(person_key) from identity.person), 'single', '{}', 1, now())", file, key,
            )  # fmt: skip
            if file == "dip_client":
                put(f"{file} (client_ref, consent_to_share, consent_on", (key, True, "2013-01-01"))
            else:
                put(f"{file} ({KEYS[file]}, surname", (key, f"Testname{name}of{file}"))
    run("update raw.police_person set pncid = police_ref || '/pnc'")
    for table, rows in ROWS.items():
        for row in rows:
            put(table, row)
    agree("A-POL", "POL", "HUB", "police_person")
    agree("A-PRI", "PRI", "HUB", "prison_person")


def agree(number: str, giver: str, taker: str, files: str, columns: str | None = None, review_on: str = "2014-01-01") -> None:
    """An agreement in force since 2012."""
    run(
        "insert into reference.agreements (agreement_id, from_agency, to_agency, legal_gateway, purpose, files, columns,"
        " signed_on, review_on, effective_from, opened_by_configuration) values (%s, %s, %s, 'an Act', 'a purpose', %s, %s,"
        " '2012-01-01', %s, '2012-01-01', 1)", number, giver, taker, files, columns, review_on,
    )  # fmt: skip


def ask(recipient: str, file: str, columns: dict[str, str]) -> None:
    """A file that outbound.csv asks for."""
    for column, source in columns.items():
        run(
            'insert into reference.outbound (recipient, file, "column", source, effective_from, opened_by_configuration)'
            " values (%s, %s, %s, %s, '2012-01-01', 1)", recipient, file, column, source,
        )  # fmt: skip


def put(table: str, row: tuple[Any, ...]) -> None:
    """One current row of raw."""
    marks = ", ".join(["%s"] * len(row))
    run(f"insert into raw.{table}, opened_by_sequence, recorded_from) values ({marks}, 1, now())", *row)


def run(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """One statement as the owner."""
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []
