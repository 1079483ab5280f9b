"""The passport of one person: everything side by side, for a practitioner of the person's district, and written down first."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from command_line import iom
from delivery_maker import Warehouse
from psycopg2.errors import InsufficientPrivilege, RaiseException
from psycopg2.extensions import connection as Connection

from iom_warehouse import access
from iom_warehouse.configuration import tables
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError

TODAY = date.today()
REASON = "case meeting tomorrow"
PASSWORD = "for-this-test-only"
LOGINS = {"paula": "A", "piers": "B"}
VERSION = "opened_by_sequence, recorded_from"
ROWS = {
    "hub_case (case_ref, surname, forenames, dob, district, lead_agency, lead_practitioner": [
        ("H1", "Testname", "Hub", "1980-02-01", "A", "PRB", "Practitioner 7")
    ],
    "dip_client (client_ref, surname_initial, dob": [("C1", "Z", "1980-02-01")],
    "hub_membership (membership_ref, case_ref, scheme, strand, starts_on, ends_on, district": [
        ("M1", "H1", "IOM", "fixed", "2020-01-01", None, "A"),
        ("M2", "H1", "PPO", None, "2019-01-01", "2020-01-01", "A"),
        ("M3", "H1", "DIP", None, "2020-01-01", None, "A"),
    ],
    "hub_level (level_ref, case_ref, level, starts_on, review_due_on": [
        ("L1", "H1", 3, "2020-01-01", "2020-03-31"),
        ("L2", "H1", 4, "2020-04-01", "2020-06-30"),
    ],
    "hub_rag (rag_ref, case_ref, assessed_on, colour, assessor_agency": [
        ("R1", "H1", "2020-01-01", "green", "PRB"),
        ("R2", "H1", "2020-02-01", "red", "PRB"),
    ],
    "hub_need (need_ref, case_ref, assessed_on, pathway, level": [
        ("N1", "H1", "2020-01-01", 1, 3),
        ("N2", "H1", "2020-01-01", 4, 2),
        ("N3", "H1", "2020-02-01", 4, 0),
    ],
    "hub_plan (plan_ref, case_ref, pathway, setting, action, agency, due_on, done_on": [
        ("P1", "H1", 1, "community", "Find a room", "COU", "2020-03-01", None),
        ("P2", "H1", 2, "custody", "Learn to weld", "PRI", "2020-02-01", "2020-01-31"),
        ("P3", "H1", 4, "community", "Attend treatment", "DRG", "2020-03-01", None),
        ("P4", "H1", 3, None, "See a doctor", "HEA", "2020-04-01", None),
    ],
    "probation_person (crn, surname": [("X1", "Testname")],
    "probation_assessment (assessment_ref, crn, instrument, layer, status, completed_on": [
        ("A1", "X1", "OASys", "LAYER3", "complete", TODAY - timedelta(days=385)),  # the last day of 55 weeks
        ("A2", "X1", "OASys", "LAYER3", "complete", TODAY - timedelta(days=386)),
        ("A3", "X1", "OASys", "LAYER3", "open", TODAY - timedelta(days=1)),
        ("A4", "X1", "OASys", "LAYER1", "complete", TODAY - timedelta(days=1)),
    ],
    "probation_answer (assessment_ref, section, question, score": [
        ("A1", "accommodation", "suitability", 2),  # at the threshold
        ("A1", "ete", "skills", 2),  # below it
        ("A1", "finance", "debt", 2),  # which has none
        ("A2", "ete", "skills", 2),
        ("A2", "ete", "attitude", 2),
        ("A3", "drugs", "injected", 2),
        ("A4", "alcohol", "binge", 2),
    ],
    "probation_order (order_ref, crn, order_type, starts_on, expected_end_on, ended_on": [
        ("O1", "X1", "community", "2020-01-01", "2030-01-01", None),
        ("O2", "X1", "community", "2018-01-01", "2019-01-01", "2019-01-01"),
    ],
    "probation_requirement (requirement_ref, order_ref, requirement, outcome": [
        ("Q1", "O1", "unpaid_work", "open"),
        ("Q2", "O1", "curfew", "completed"),
        ("Q3", "O1", "drug_rehabilitation", None),
    ],
    "probation_contact (contact_ref, crn, contact_on, contact_type, attendance": [
        ("K1", "X1", TODAY - timedelta(days=1), "visit", "attended"),
        ("K2", "X1", TODAY - timedelta(days=2), "visit", "attended"),
        ("K3", "X1", TODAY - timedelta(days=3), "visit", "unacceptable_absence"),
        ("K4", "X1", TODAY - timedelta(days=800), "visit", "acceptable_absence"),
        ("K5", "X1", TODAY + timedelta(days=9), "later visit", "planned"),
        ("K6", "X1", TODAY + timedelta(days=5), "office visit", "planned"),
    ],
    "prison_person (prison_number, surname": [("B1", "Testname")],
    "prison_spell (booking_ref, prison_number, received_on, released_on, establishment, custody_type, supervision_on_release": [
        ("S1", "B1", "2020-05-01", None, "HMP Test", "sentenced", "licence"),
        ("S0", "B1", "2020-03-01", "2020-05-01", "HMP Test", "remand", None),  # the stay of S1
        ("S2", "B1", "2010-05-01", "2011-05-01", "HMP Old", "sentenced", "licence"),
    ],
    "prison_release_date (booking_ref, date_type, release_on": [
        ("S1", "conditional", "2030-01-01"),
        ("S1", "expected", "2030-02-02"),
        ("S1", "sentence_expiry", "2031-01-01"),
    ],
    "prison_resettlement (booking_ref, pathway, assessed_on, has_need, met_at_release": [
        ("S1", 1, "2020-05-15", True, None),
        ("S1", 2, "2020-05-15", False, None),
        ("S0", 2, "2020-03-15", True, None),
        ("S0", 6, "2020-03-15", True, None),
        ("S2", 3, "2010-05-15", True, None),
    ],
}
LINKS = [("hub_case", "H1"), ("probation_person", "X1"), ("prison_person", "B1"), ("dip_client", "C1")]


@pytest.fixture(scope="module")
def owner(shared_warehouse: Warehouse) -> Iterator[Connection]:
    connection = database.connect("owner")
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def person(owner: Connection) -> Iterator[int]:
    """One person of district A whom the hub, probation, prison and a drug service know, and two practitioners."""
    for login, area in LOGINS.items():
        run(owner, f"create role {login} login password '{PASSWORD}' in role iom_practitioner")
        run(owner, f"insert into access.person_role values ('{login}', 'practitioner', '{{{area}}}')")
        run(owner, f"insert into access.person_area values ('{login}', '{area}')")
    run(owner, "insert into identity.linkage_run (method, vintage) values ('test', '{}')")
    [(key,)] = run(owner, "insert into identity.person (minted_at, minted_by_run) values (now(), 1) returning person_key")
    for file, source_key in LINKS:
        run(
            owner,
            "insert into identity.link (source_file, source_key, person_key, method, evidence, opened_by_run, linked_from) "
            f"values ('{file}', '{source_key}', {key}, 'single', '{{}}', 1, now())",
        )
    with owner.cursor() as cursor:
        for table, rows in ROWS.items():
            for row in rows:
                marks = ", ".join(["%s"] * len(row))
                cursor.execute(f"insert into raw.{table}, {VERSION}) values ({marks}, 1, now())", row)
        tables.create(cursor)
        cursor.execute("insert into audit.configuration (sha256, folder) values ('1', 'by hand')")
        cursor.execute(
            "insert into reference.areas (area, area_name, area_type, effective_from, opened_by_configuration)"
            " select area, area, 'district', '2000-01-01', 1 from unnest(array['A', 'B']) as area"
        )
        cursor.execute(
            "insert into reference.agencies (agency, agency_name, effective_from, opened_by_configuration)"
            " select agency, agency, '2000-01-01', 1 from unnest(array['PRB', 'COU', 'PRI', 'DIP', 'DRG', 'HEA']) as agency"
        )
        cursor.execute(
            "insert into reference.agreements (agreement_id, from_agency, to_agency, legal_gateway, purpose, files, signed_on,"
            " review_on, effective_from, opened_by_configuration)"
            " values ('A', 'DRG', 'HUB', 'consent', 'test', 'dip_client', '2000-01-01', '2099-01-01', '2000-01-01', 1)"
        )
    yield key
    for login in LOGINS:
        run(owner, f"drop role {login}")


@pytest.fixture
def paula() -> Iterator[Connection]:
    with database.session_of_person("paula", PASSWORD) as connection:
        yield connection


def run(connection: Connection, statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def events(owner: Connection) -> list[tuple]:
    return run(owner, "select actor, action, subject, reason from audit.event order by event_id desc limit 1")


def test_everything_side_by_side_and_written_down(owner: Connection, person: int, paula: Connection) -> None:
    found: dict[str, list[tuple]] = {}
    for section, facts in access.passport(paula, person, REASON):
        found.setdefault(section, []).append(tuple(facts.values()))
    year_ago = run(owner, "select ((current_date - interval '12 months')::date + 1)::text")[0][0]
    assert found == {
        "names": [
            ("hub_case", "Testname", "Hub", "1980-02-01"),
            ("prison_person", "Testname", None, None),
            ("probation_person", "Testname", None, None),
        ],
        "management": [("A", "PRB", "Practitioner 7")],
        "schemes": [("IOM", "fixed", "2020-01-01", "A")],
        "level": [(4, "2020-04-01", "2020-06-30", None)],
        "risk": [("red", "2020-02-01", "PRB")],
        "needs": [
            (1, "hub", 3, "2020-01-01"),
            (1, "oasys", None, str(TODAY - timedelta(days=385))),
            (1, "prison", None, "2020-05-15"),
            (6, "prison", None, "2020-03-15"),
        ],
        "number of needs": [(1, 0, 2, str(TODAY - timedelta(days=385)))],
        "custody plan": [(2, "Learn to weld", "PRI", "2020-02-01", "2020-01-31")],
        "community plan": [(1, "Find a room", "COU", "2020-03-01", None)],
        "plan without a setting": [(3, "See a doctor", "HEA", "2020-04-01", None)],
        "orders": [("community", "2020-01-01", "2030-01-01", "drug_rehabilitation, unpaid_work")],
        "next release": [("HMP Test", "2020-05-01", "sentenced", "2030-02-02", "licence", None)],
        "appointments": [(year_ago, str(TODAY), 2, 0, 1)],
        "next appointment": [(str(TODAY + timedelta(days=5)), "office visit")],
    }
    assert events(owner) == [("paula", "passport", f"person {person}", REASON)]


def test_treatment_is_told_with_consent_only(owner: Connection, person: int, paula: Connection) -> None:
    """Somebody is on the list of drug services, and one of them does a step of the plan: with consent both are shown."""

    def told() -> set[str]:
        return {str(value) for _, facts in access.passport(paula, person, REASON) for value in facts.values()}

    assert {"DIP", "DRG"}.isdisjoint(told())
    run(owner, "update raw.dip_client set consent_to_share = true, consent_on = '2020-01-01'")
    assert {"DIP", "DRG"} <= told()
    run(owner, "update raw.dip_client set consent_withdrawn_on = current_date - 1")
    assert {"DIP", "DRG"}.isdisjoint(told())
    run(owner, "update raw.dip_client set consent_to_share = null, consent_on = null, consent_withdrawn_on = null")
    run(owner, "update reference.agreements set closed_by_configuration = 1")
    assert {"DIP", "DRG"}.isdisjoint(told()), "an agreement has ended, and what the agency was stays"
    run(owner, "update reference.agreements set closed_by_configuration = null")


def test_a_drug_service_that_assessed_the_risk_is_not_named_without_consent(
    owner: Connection, person: int, paula: Connection
) -> None:
    """The colour is of use whoever gave it; who gave it would say that somebody is their client."""

    def risk() -> list[dict]:
        return [facts for section, facts in access.passport(paula, person, REASON) if section == "risk"]

    run(owner, "update raw.hub_rag set assessor_agency = 'DRG' where rag_ref = 'R2'")
    assert risk() == [{"colour": "red", "assessed": "2020-02-01", "by": None}]
    run(owner, "update raw.dip_client set consent_to_share = true, consent_on = '2020-01-01'")
    assert risk() == [{"colour": "red", "assessed": "2020-02-01", "by": "DRG"}]
    run(owner, "update raw.dip_client set consent_to_share = null, consent_on = null")
    run(owner, "update raw.hub_rag set assessor_agency = 'PRB' where rag_ref = 'R2'")


@pytest.mark.parametrize(
    "change",
    [
        "update raw.hub_case set lead_agency = 'drg'",  # another spelling, which no list has
        "update raw.dip_client set agency_code = 'PRB'",  # as the records of treatment say, without any agreement
    ],
)
def test_who_may_be_a_drug_service_is_not_named_without_consent(
    owner: Connection, person: int, paula: Connection, change: str
) -> None:
    def management() -> list[dict]:
        return [facts for section, facts in access.passport(paula, person, REASON) if section == "management"]

    run(owner, change)
    assert management() == [{"district": "A", "lead agency": None, "practitioner": None}]
    run(owner, "update raw.dip_client set consent_to_share = true, consent_on = '2020-01-01'")
    assert [facts["practitioner"] for facts in management()] == ["Practitioner 7"]
    run(owner, "update raw.dip_client set consent_to_share = null, consent_on = null, agency_code = null")
    run(owner, "update raw.hub_case set lead_agency = 'PRB'")
    assert management() == [{"district": "A", "lead agency": "PRB", "practitioner": "Practitioner 7"}]


@pytest.mark.parametrize(
    ("known", "no_more"),
    [
        (
            "insert into reference.agreements (agreement_id, from_agency, to_agency, legal_gateway, purpose, files, signed_on,"
            " review_on, effective_from, opened_by_configuration)"
            " values ('B', 'PRB', 'HUB', 'an Act', 'test', 'probation_person', '2000-01-01', '2099-01-01', '2000-01-01', 1)",
            "delete from reference.agreements where agreement_id = 'B'",
        ),
        (
            "update reference.agencies set sector = 'Probation' where agency = 'PRB'",  # without any agreement
            "update reference.agencies set sector = null where agency = 'PRB'",
        ),
    ],
)
def test_an_agency_that_gives_other_records_too_is_known_for_more(
    owner: Connection, person: int, paula: Connection, known: str, no_more: str
) -> None:
    """One of its clients, or a slip in that column, takes its name from nobody else."""
    run(owner, "update raw.dip_client set agency_code = 'PRB'")
    run(owner, known)
    assert "PRB" in {facts["lead agency"] for section, facts in access.passport(paula, person, REASON) if section == "management"}
    run(owner, "update raw.dip_client set agency_code = null")
    run(owner, no_more)


def test_a_step_against_drugs_that_names_no_agency_is_told_with_consent_only(
    owner: Connection, person: int, paula: Connection
) -> None:
    def planned() -> set[str]:
        return {facts["action"] for section, facts in access.passport(paula, person, REASON) if section == "community plan"}

    run(owner, "update raw.hub_plan set agency = null where plan_ref in ('P1', 'P3')")
    assert planned() == {"Find a room"}
    run(owner, "update raw.dip_client set consent_to_share = true, consent_on = '2020-01-01'")
    assert planned() == {"Find a room", "Attend treatment"}
    run(owner, "update raw.dip_client set consent_to_share = null, consent_on = null")
    run(owner, "update raw.hub_plan set agency = case plan_ref when 'P1' then 'COU' else 'DRG' end where agency is null")


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("agency = 'HOUSNG' where plan_ref = 'P1'", {"Find a room": None}),  # counts as not given
        ("agency = 'drg' where plan_ref = 'P1'", {}),  # a drug service in another spelling
        ("agency = 'CRI' where plan_ref = 'P1'", {}),  # one that only the records of treatment name
        ("agency = 'TREATMNT' where plan_ref = 'P3'", {"Find a room": "COU"}),  # against drugs, by nobody knows whom
    ],
)
def test_a_step_of_an_agency_that_no_list_has_stands_without_it(
    owner: Connection, person: int, paula: Connection, change: str, shown: dict[str, str | None]
) -> None:
    run(owner, "update raw.dip_client set agency_code = 'CRI'")
    run(owner, f"update raw.hub_plan set {change}")
    steps = [facts for section, facts in access.passport(paula, person, REASON) if section == "community plan"]
    assert {facts["action"]: facts["agency"] for facts in steps} == shown
    run(owner, "update raw.dip_client set agency_code = null")
    run(owner, "update raw.hub_plan set agency = 'COU' where plan_ref = 'P1'")
    run(owner, "update raw.hub_plan set agency = 'DRG' where plan_ref = 'P3'")


def test_the_booking_that_ends_last_comes_first(owner: Connection, person: int, paula: Connection) -> None:
    """As the calendar of releases counts; one without a planned day, which may end later than any, before it."""

    def planned() -> list[str | None]:
        return [facts["planned"] for section, facts in access.passport(paula, person, REASON) if section == "next release"]

    for booking in ("S3", "S4"):
        run(
            owner,
            "insert into raw.prison_spell (booking_ref, prison_number, received_on, opened_by_sequence, recorded_from)"
            f" values ('{booking}', 'B1', '2020-06-01', 1, now())",
        )
    run(
        owner,
        "insert into raw.prison_release_date (booking_ref, date_type, release_on, opened_by_sequence, recorded_from)"
        " values ('S3', 'expected', '2030-03-03', 1, now())",
    )
    assert planned() == [None, "2030-03-03", "2030-02-02"]
    run(owner, "delete from raw.prison_spell where booking_ref in ('S3', 'S4')")
    run(owner, "delete from raw.prison_release_date where booking_ref = 'S3'")


def test_nobody_who_has_died_is_to_be_released(owner: Connection, person: int, paula: Connection) -> None:
    """The booking of somebody who died in prison may stay open."""
    run(
        owner,
        "insert into raw.police_person (police_ref, died_on, opened_by_sequence, recorded_from)"
        " values ('D', '2020-05-02', 1, now())",
    )
    run(
        owner,
        "insert into identity.link (source_file, source_key, person_key, method, evidence, opened_by_run, linked_from)"
        f" select 'police_person', 'D', {person}, 'test', '{{}}', max(run_id), now() from identity.linkage_run",
    )
    assert "next release" not in {section for section, _ in access.passport(paula, person, REASON)}
    run(owner, "delete from raw.police_person where police_ref = 'D'")
    run(owner, "delete from identity.link where source_key = 'D'")
    assert "next release" in {section for section, _ in access.passport(paula, person, REASON)}


def test_a_newer_assessment_counts_whatever_it_says(owner: Connection, person: int, paula: Connection) -> None:
    """As in every figure about needs: an older one does not come back where the newer is silent, and more answers win a day."""

    def found_by_oasys() -> list[tuple]:
        entries = [facts for section, facts in access.passport(paula, person, REASON) if section == "needs"]
        return [(facts["pathway"], facts["assessed"]) for facts in entries if facts["found by"] == "oasys"]

    put = (
        "insert into raw.probation_assessment (assessment_ref, crn, instrument, layer, status, completed_on,"
        f" opened_by_sequence, recorded_from) values ('{{}}', 'X1', 'OASys', 'Layer 3', 'complete', '{TODAY}', 1, now())"
    )
    run(owner, put.format("A5"))
    assert found_by_oasys() == []
    run(owner, put.format("A0"))
    run(
        owner,
        "insert into raw.probation_answer (assessment_ref, section, question, score, opened_by_sequence, recorded_from)"
        " values ('A0', 'drugs', 'injected', 2, 1, now())",
    )
    assert found_by_oasys() == [(4, str(TODAY))]
    run(owner, "delete from raw.probation_answer where assessment_ref = 'A0'")
    run(owner, "delete from raw.probation_assessment where assessment_ref in ('A0', 'A5')")


def test_another_district_is_refused_and_the_attempt_stays(owner: Connection, person: int) -> None:
    with database.session_of_person("piers", PASSWORD) as piers, pytest.raises(IomError, match="on no list of your areas"):
        access.passport(piers, person, REASON)
    assert events(owner) == [("piers", "passport refused", f"person {person}", REASON)]


def test_after_a_handover_the_district_that_took_over_is_let_in_and_the_other_is_not(owner: Connection, person: int) -> None:
    """The case still has the old district; a transfer that is to come, or that is only agreed, changes nothing."""
    put = (
        "insert into raw.hub_transfer (transfer_ref, case_ref, from_district, to_district, agreed_on, handed_over_on,"
        " opened_by_sequence, recorded_from) values ('T1', 'H1', 'A', 'B', '2020-05-01', {}, 1, now())"
    )
    for handed_over_on, let_in, refused in (
        ("null", "paula", "piers"),
        ("current_date + 1", "paula", "piers"),
        ("current_date", "piers", "paula"),
    ):
        run(owner, put.format(handed_over_on))
        with database.session_of_person(refused, PASSWORD) as stranger, pytest.raises(IomError, match="on no list of your areas"):
            access.passport(stranger, person, REASON)
        with database.session_of_person(let_in, PASSWORD) as practitioner:
            [scheme] = [facts for section, facts in access.passport(practitioner, person, REASON) if section == "schemes"]
        assert scheme["district"] == LOGINS[let_in]
        [(listed,)] = run(owner, f"select district from access.outbound_listed(current_date) where person_key = {person}")
        assert listed == LOGINS[let_in]
        run(owner, "delete from raw.hub_transfer")


def test_after_a_handover_to_a_district_that_no_list_has_the_one_that_handed_over_is_not_let_in(
    owner: Connection, person: int
) -> None:
    """The case still has it. Once the case has another district, that one is let in, whatever the transfer spells it like."""
    run(
        owner,
        "insert into raw.hub_transfer (transfer_ref, case_ref, from_district, to_district, agreed_on, handed_over_on,"
        " opened_by_sequence, recorded_from) values ('T1', 'H1', 'A', 'Elsewhere', '2020-05-01', current_date, 1, now())",
    )
    for login in ("paula", "piers"):
        with database.session_of_person(login, PASSWORD) as stranger, pytest.raises(IomError, match="on no list of your areas"):
            access.passport(stranger, person, REASON)
    run(owner, "update raw.hub_case set district = 'B' where case_ref = 'H1'")
    with database.session_of_person("piers", PASSWORD) as piers:
        assert access.passport(piers, person, REASON)
    run(owner, "update raw.hub_case set district = 'A' where case_ref = 'H1'")
    run(owner, "delete from raw.hub_transfer")


def test_without_an_open_membership_the_district_of_the_case_counts(owner: Connection, person: int) -> None:
    run(owner, "update raw.hub_membership set ends_on = current_date, district = 'B' where ends_on is null")
    with database.session_of_person("paula", PASSWORD) as paula:
        assert "schemes" not in {section for section, _ in access.passport(paula, person, REASON)}
    run(owner, "update raw.hub_membership set ends_on = null, district = 'A' where ends_on = current_date")


def test_the_list_of_drug_services_decides_who_may_look_with_consent_only(owner: Connection, person: int) -> None:
    """No list that may be told has the person in district B; nobody there may learn that another one has."""
    run(owner, "update raw.hub_membership set ends_on = current_date where membership_ref = 'M1'")
    run(owner, "update raw.hub_membership set district = 'B' where membership_ref = 'M3'")
    consent = "update raw.dip_client set consent_to_share = {0}, consent_on = case when {0} then date '2020-01-01' end"
    for consents, let_in, refused in (("false", "paula", "piers"), ("true", "piers", "paula")):
        run(owner, consent.format(consents))
        with database.session_of_person(refused, PASSWORD) as stranger, pytest.raises(IomError, match="on no list of your areas"):
            access.passport(stranger, person, REASON)
        with database.session_of_person(let_in, PASSWORD) as practitioner:
            sections = access.passport(practitioner, person, REASON)
        assert [facts["district"] for section, facts in sections if section == "schemes"] == ["B"] * (consents == "true")
    run(owner, "update raw.hub_membership set ends_on = null where membership_ref = 'M1'")
    run(owner, "update raw.hub_membership set district = 'A' where membership_ref = 'M3'")
    run(owner, "update raw.dip_client set consent_to_share = null, consent_on = null")


def test_whoever_came_back_has_no_level_until_one_is_given(owner: Connection, person: int, paula: Connection) -> None:
    """As in level_history: a level ends with the stay that it was given in, and one given in between is of the stay to come."""

    def levels() -> list[tuple]:
        found = [facts for section, facts in access.passport(paula, person, REASON) if section == "level"]
        return [(facts["level"], facts["since"]) for facts in found]

    memberships = run(owner, "select membership_ref, starts_on, ends_on from raw.hub_membership")
    before = levels()
    run(owner, "update raw.hub_membership set starts_on = '2019-12-01', ends_on = '2020-06-01' where membership_ref = 'M3'")
    run(owner, "update raw.hub_membership set starts_on = '2020-11-01' where membership_ref = 'M1'")
    assert levels() == [], "level 4 is of 1 April"
    for given_on, held in (("2020-05-31", []), ("2020-06-01", [(5, "2020-06-01")]), ("2020-11-01", [(5, "2020-11-01")])):
        run(
            owner,
            "insert into raw.hub_level (level_ref, case_ref, level, starts_on, opened_by_sequence, recorded_from)"
            f" values ('L3', 'H1', 5, '{given_on}', 1, now())",
        )
        assert levels() == held
        run(owner, "delete from raw.hub_level where level_ref = 'L3'")
    for membership, starts_on, ends_on in memberships:
        with owner.cursor() as cursor:
            cursor.execute(
                "update raw.hub_membership set starts_on = %s, ends_on = %s where membership_ref = %s",
                (starts_on, ends_on, membership),
            )
    assert levels() == before == [(4, "2020-04-01")]


def test_nobody_who_is_on_no_scheme_has_a_level(owner: Connection, person: int, paula: Connection) -> None:
    """Nor, without consent, who is on the list of drug services alone: nothing else would explain it."""

    def has_level() -> bool:
        return "level" in {section for section, _ in access.passport(paula, person, REASON)}

    run(owner, "update raw.hub_membership set ends_on = current_date where membership_ref = 'M1'")
    assert not has_level()
    run(owner, "update raw.dip_client set consent_to_share = true, consent_on = '2020-01-01'")
    assert has_level()
    run(owner, "update raw.dip_client set consent_to_share = null, consent_on = null")
    run(owner, "update raw.hub_membership set ends_on = current_date where membership_ref = 'M3'")
    assert not has_level()
    run(owner, "update raw.hub_membership set ends_on = null where ends_on = current_date")
    assert has_level()


def test_a_look_of_another_kind_opens_no_passport(owner: Connection, person: int, paula: Connection) -> None:
    [(token,)] = run(paula, f"select access.request_passport({person}, '{REASON}')")
    paula.commit()
    run(owner, f"update access.look_request set kind = 'counts' where token = '{token}'")
    with pytest.raises(RaiseException, match="no look was asked for"):
        run(paula, f"select * from access.take_passport('{token}')")


def test_the_inner_functions_are_closed(person: int, paula: Connection) -> None:
    for call in (f"passport_of({person})", f"names_of({person})", f"records_of({person}, 'hub_case')"):
        with pytest.raises(InsufficientPrivilege):
            run(paula, f"select access.{call}")
        paula.rollback()


def test_the_command_asks_for_the_password_and_shows_plans_side_by_side(person: int) -> None:
    asked = ("people", "passport", str(person), "--reason", REASON, "--login", "paula")
    shown = iom(*asked, typed=PASSWORD)
    assert "Custody plan\n  pathway: 2  action: Learn to weld  agency: PRI  due: 2020-02-01  done: 2020-01-31\n" in shown
    assert PASSWORD not in shown
    with pytest.raises(IomError, match="did not let paula in"):
        iom(*asked, typed="wrong")
