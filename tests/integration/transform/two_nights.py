"""Two nights of deliveries, small enough to know by heart, with names that must not turn up anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from iom_warehouse import transform
from iom_warehouse.configuration import tables
from iom_warehouse.platform import database

NAMES = ("Quillfeather", "Umberstone", "Osric-Jarl")
IDENTIFIERS = ("2001/0171310F", "A1234QZ", "X987654", "QX9 7ZZ")


@dataclass(frozen=True)
class Night:
    """What is published and known on one night."""

    date: date
    vintage: Mapping[str, int]
    linkage_run: int
    configuration_id: int
    statements: tuple[str, ...]


NOBODY_YET = """
    insert into identity.linkage_run (method, vintage) values ('test', '{}');
    insert into identity.person (person_key, minted_at, minted_by_run) overriding system value
    select person_key, now(), 1 from generate_series(1, 3) as person_key
"""
LINK = """
    insert into identity.link (source_file, source_key, person_key, method, evidence, opened_by_run, linked_from)
    values ('{}', '{}', {}, 'test', '{{}}', {}, now())
"""
FIGURES = "insert into audit.linkage_quality (run_id, figure, feed, item, n, of_n) values "
POLICE_PERSON = f"""
    insert into raw.police_person
        (police_ref, pncid, surname, forenames, dob, sex, postcode, opened_by_sequence, recorded_from)
    values
        ('P1', '{IDENTIFIERS[0]}', '{NAMES[0]}', '{NAMES[2]}', '1990-01-01', 'M', '{IDENTIFIERS[3]}', 7, now()),
        ('P2', null, '{NAMES[1]}', '{NAMES[2]}', '1991-01-01', 'F', null, 7, now()),
        ('P3', null, '{NAMES[1]}', '{NAMES[2]}', '1991-01-01', 'F', null, 7, now())
"""
HUB_CASE = f"""
    insert into raw.hub_case
        (case_ref, surname, forenames, crn, district, lead_practitioner, opened_by_sequence, recorded_from)
    values
        ('H1', '{NAMES[0]}', '{NAMES[2]}', '{IDENTIFIERS[2]}', 'N', '{NAMES[1]}', 9, now()),
        ('H2', '{NAMES[1]}', '{NAMES[2]}', null, 'S', null, 9, now())
"""
PRISON = f"""
    insert into raw.prison_person (prison_number, surname, opened_by_sequence, recorded_from)
    values ('{IDENTIFIERS[1]}', '{NAMES[0]}', 4, now());
    insert into raw.prison_spell
        (booking_ref, prison_number, received_on, released_on, custody_type, opened_by_sequence, recorded_from)
    values ('B1', '{IDENTIFIERS[1]}', '2013-06-01', '2013-07-01', 'sentenced', 4, now())
"""
DELIVERED = """
    insert into audit.delivery (feed, folder, manifest_sha256, business_date, sequence, extract, extracted_at, status, decided_at)
    values ('prison', '{0}.{1}', '-', '{0}', {1}, 'full', '{0}', 'published', '{0}')
"""
RELEASE_DATE = """
    insert into raw.prison_release_date
        (booking_ref, date_type, release_on, opened_by_sequence, recorded_from, closed_by_sequence, recorded_to)
    values ('B2', 'expected', '{}', {}, now(), {}, {})
"""
STILL_INSIDE = f"""
    insert into raw.prison_spell (booking_ref, prison_number, received_on, custody_type, opened_by_sequence, recorded_from)
    values ('B2', '{IDENTIFIERS[1]}', '2014-03-25', 'sentenced', 4, now())
"""
RECOMMENDATION = """
    insert into raw.hub_recommendation
        (recommendation_ref, inquiry, recommendation, category, assessed_on, opened_by_sequence, recorded_from)
    values ('R1', 'An inquiry', 'Do it', {}, '{}', {}, now())
"""
MEMBERSHIP = """
    insert into raw.hub_membership
        (membership_ref, case_ref, scheme, starts_on, ends_on, district, opened_by_sequence, recorded_from)
    values
"""
ARREST = "insert into raw.police_arrest (arrest_ref, police_ref, arrested_at, opened_by_sequence, recorded_from) values"
CONFIGURATION = "insert into audit.configuration (sha256, folder) values ('{0}', 'test')"
COHORT = """
    insert into reference.cohorts (cohort_id, version, kind, schemes, frozen_on, effective_from, opened_by_configuration)
    values ('ppo', '1', 'static', 'PPO', '2013-04-01', '2010-01-01', 1)
"""
MEASURE = """
    insert into reference.measures
        (measure_id, version, cohort_id, event_kind, follow_up_from, follow_up_to, effective_from, opened_by_configuration)
    values ('arrests', '{}', 'ppo', 'arrest', '2013-04-01', '{}', '{}', {})
"""

FIRST = Night(
    date(2014, 3, 31),
    {"police": 7, "prison": 4, "hub": 9},
    1,
    1,
    (
        NOBODY_YET,
        *(LINK.format("police_person", f"P{person}", person, 1) for person in (1, 2, 3)),
        *(LINK.format("hub_case", f"H{person}", person, 1) for person in (1, 2)),
        LINK.format("prison_person", IDENTIFIERS[1], 1, 1),
        FIGURES + "(1, 'linked_records', 'police', '', 2, 3), (1, 'conflicts', '', 'two_pncs', 4, null)",
        POLICE_PERSON,
        HUB_CASE,
        PRISON,
        DELIVERED.format("2014-03-20", 3),
        DELIVERED.format("2014-03-29", 4),
        STILL_INSIDE,
        RELEASE_DATE.format("2014-05-08", 3, 4, "now()"),
        RELEASE_DATE.format("2014-05-01", 4, "null", "null"),
        RECOMMENDATION.format(4, "2014-03-01", 9),
        MEMBERSHIP
        + "('M1', 'H1', 'PPO', '2013-01-01', null, 'N', 9, now()), ('M2', 'H2', 'PPO', '2013-01-01', null, 'S', 9, now())",
        ARREST + "('A1', 'P1', '2013-05-01T12:00+01:00', 7, now())",
        ARREST + "('A2', 'P2', '2013-08-01T12:00+01:00', 7, now())",
        ARREST + "('A3', 'P3', '2013-09-01T12:00+01:00', 7, now())",
        CONFIGURATION.format(1),
        COHORT,
        MEASURE.format(1, "2014-03-31", "2010-01-01", 1),
        MEASURE.format(2, "2013-09-30", "2014-04-01", 1),
    ),
)

SECOND = Night(
    date(2014, 4, 1),
    {"police": 8, "prison": 4, "hub": 10},
    2,
    2,
    (
        # the police correct one arrest, withdraw another, and add a late one; the hub ends a membership from its beginning
        "update raw.police_arrest set closed_by_sequence = 8, recorded_to = now() where arrest_ref in ('A1', 'A2')",
        ARREST + "('A1', 'P1', '2012-05-01T12:00+01:00', 8, now())",
        ARREST + "('A4', 'P1', '2014-03-01T12:00+00:00', 8, now())",
        "update raw.hub_membership set closed_by_sequence = 10, recorded_to = now() where membership_ref = 'M2'",
        MEMBERSHIP + "('M2', 'H2', 'PPO', '2013-01-01', '2013-02-01', 'S', 10, now())",
        # the prison delivers for an earlier day what neither build sees: another release date, and the release itself
        DELIVERED.format("2014-03-30", 5),
        "update raw.prison_release_date set closed_by_sequence = 5, recorded_to = now() where closed_by_sequence is null",
        RELEASE_DATE.format("2014-04-10", 5, "null", "null"),
        "update raw.prison_spell set closed_by_sequence = 5, recorded_to = now() where booking_ref = 'B2'",
        # the hub writes over the assessment of a recommendation
        "update raw.hub_recommendation set closed_by_sequence = 10, recorded_to = now()",
        RECOMMENDATION.format(2, "2014-04-01", 10),
        # linkage finds that the third person is the first
        "insert into identity.linkage_run (method, vintage) values ('test', '{}')",
        "update identity.link set closed_by_run = 2, linked_to = now() where source_key = 'P3'",
        LINK.format("police_person", "P3", 1, 2),
        FIGURES + "(2, 'linked_records', 'police', '', 3, 3)",
        # the partnership gives the follow-up another end, and a second version has come into force
        CONFIGURATION.format(2),
        "update reference.measures set closed_by_configuration = 2 where version = '1'",
        MEASURE.format(1, "2014-02-28", "2010-01-01", 2),
    ),
)

OPEN_BUILD = """
    insert into audit.build (business_date, kind, linkage_run, configuration_id) values (%s, %s, %s, %s) returning build_id
"""
VINTAGE = """
    insert into audit.build_vintage (build_id, feed, sequence, business_date, state, days_stale)
    select %(build)s, %(feed)s, %(sequence)s,
           case when %(sequence)s is not null then %(night)s::date - %(days)s end,
           case when %(sequence)s is null then 'absent' when %(days)s > 0 then 'stale' else 'fresh' end,
           case when %(sequence)s is not null then %(days)s end
"""


def configure() -> None:
    """Make the tables of the configuration."""
    with database.transaction("owner") as owner, owner.cursor() as cursor:
        tables.create(cursor)


def deliver(night: Night) -> None:
    with database.transaction("owner") as owner, owner.cursor() as cursor:
        for statement in night.statements:
            cursor.execute(statement)


def open_build(night: Night, kind: str) -> int:
    """The ledger's row of a build with its vintage. The prison feed's last delivery is two days old."""
    with database.transaction("transformer") as connection, connection.cursor() as cursor:
        cursor.execute(OPEN_BUILD, (night.date, kind, night.linkage_run, night.configuration_id))
        [build_id] = cursor.fetchone()
        for feed in ("police", "prison", "hub", "dip"):
            days = 2 if feed == "prison" else 0
            cursor.execute(
                VINTAGE, {"build": build_id, "feed": feed, "sequence": night.vintage.get(feed), "night": night.date, "days": days}
            )
    return build_id


def build(night: Night, as_of_schema: str = "") -> int:
    """Open and run a build that sees what this night's build saw; returns its build_id."""
    build_id = open_build(night, "as_of" if as_of_schema else "nightly")
    transform.build(night.date, night.vintage, night.linkage_run, night.configuration_id, build_id, as_of_schema)
    return build_id
