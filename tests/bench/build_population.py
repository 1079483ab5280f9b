"""People with many events, written straight into `raw` by PostgreSQL and linked as they are, and a night that changes some."""

from datetime import date
from typing import Any

from psycopg2 import sql

from iom_warehouse.platform.database import Connection

FEEDS = ("police", "prison", "probation", "hub")
BORN = "date '1950-01-01' + number % 18000"
# Records of people: the police know everybody, the others a part. Each is linked to the person of its number.
PEOPLE = {
    "police_person": ("police_ref, dob, sex", f"number::text, {BORN}, case when number % 7 = 0 then 'F' else 'M' end", 1),
    "prison_person": ("prison_number, dob, sex", f"number::text, {BORN}, 'M'", 4),
    "probation_person": ("crn, dob, sex, district", f"number::text, {BORN}, 'M', 'Ashby'", 3),
    "hub_case": ("case_ref, district", "number::text, 'Ashby'", 200),
}  # fmt: skip
OFFENCE = "(array['028/03', '030/01', '046/00', '045/10', '105/01', '092/60', '008/06', '039/00'])[1 + number % 8]"
# Events: file -> columns, values, share of all events, and one in how many people has them. `person` is the person's number.
EVENTS = {
    "police_arrest": (
        "arrest_ref, police_ref, arrested_at, offence_code, division",
        f"number::text, person::text, day + time '12:00', {OFFENCE}, 'FX-N'", 0.35, 1,
    ),
    "police_conviction": (
        "conviction_ref, police_ref, occasion_ref, offence_code, offence_on, proved_on, proof, disposal, is_breach, recordable,"
        " committed_in_ew",
        f"number::text, person::text, (number / 2)::text, {OFFENCE}, day - 60, day,"
        " case when number % 9 = 0 then 'caution' else 'court' end, 'community', false, true, true", 0.25, 1,
    ),
    "police_charge": (
        "charge_ref, police_ref, offence_on, charged_on, offence_code",
        f"number::text, person::text, day - 20, day, {OFFENCE}", 0.13, 1,
    ),
    "police_crime": (
        "crime_ref, offence_code, offence_class, committed_from, recorded_on, division, outcome, outcome_on",
        f"number::text, {OFFENCE}, null, day, day + 1, 'FX-N', 'charged', day + 30", 0.1, 1,
    ),
    "police_suspect": (
        "crime_ref, police_ref, named_on, outcome, outcome_on", "number::text, person::text, day, 'charged', day + 30", 0.1, 1,
    ),
    "prison_spell": (
        "booking_ref, prison_number, received_on, released_on, custody_type, sentence_days",
        "number::text, person::text, day, day + (number % 200)::integer, 'sentenced', (number % 400)::integer", 0.03, 4,
    ),
    "probation_order": (
        "order_ref, crn, order_type, sentenced_on, starts_on, ended_on, sentence_days",
        "number::text, person::text, 'community', day, day, day + 300, 365", 0.03, 3,
    ),
    "hub_membership": (
        "membership_ref, case_ref, scheme, starts_on, ends_on, division, district",
        "number::text, person::text, case when number % 3 = 0 then 'PPO' else 'IOM' end, day,"
        " case when number % 2 = 0 then day + 700 end, 'FX-N', 'Ashby'", 0.0005, 200,
    ),
}  # fmt: skip
FIRST_DAY, DAYS = date(2003, 10, 1), 3650


def write(owner: Connection, people: int, events: int) -> None:
    """Everything that the first night knows, as sequence and run 1."""
    with owner, owner.cursor() as cursor:
        cursor.execute("insert into identity.linkage_run (method, vintage) values ('bench', '{}'), ('bench', '{}')")
        cursor.execute(
            "insert into identity.person (person_key, minted_at, minted_by_run) overriding system value"
            " select number, now(), 1 from generate_series(1, %s) as number",
            (people,),
        )
        for file, (columns, values, one_in) in PEOPLE.items():
            cursor.execute(
                f"insert into raw.{file} ({columns}, opened_by_sequence, recorded_from)"
                f" select {values}, 1, now() from generate_series({one_in}, {people}, {one_in}) as number"
            )
            cursor.execute(
                "insert into identity.link (source_file, source_key, person_key, method, evidence, opened_by_run, linked_from)"
                f" select '{file}', number::text, number, 'bench', '{{}}', 1, now()"
                f" from generate_series({one_in}, {people}, {one_in}) as number"
            )
        for file, (_, _, share, _) in EVENTS.items():
            _write_events(cursor, file, 1, int(events * share), people, sequence=1)
    _gather_statistics(owner)


def change(owner: Connection, people: int, events: int, changed: int) -> None:
    """The next night: so many people are arrested and convicted; for one in ten an arrest is corrected, or a record moves on."""
    with owner, owner.cursor() as cursor:
        for file in ("police_arrest", "police_conviction"):
            _write_events(cursor, file, events + 1, events + changed, changed, sequence=2)
        cursor.execute(
            "with old as (update raw.police_arrest set closed_by_sequence = 2, recorded_to = now()"
            " where closed_by_sequence is null and opened_by_sequence = 1"
            " and arrest_ref in (select number::text from generate_series(1, %s) as number)"
            " returning arrest_ref, police_ref, arrested_at)"
            " insert into raw.police_arrest (arrest_ref, police_ref, arrested_at, opened_by_sequence, recorded_from)"
            " select arrest_ref, police_ref, arrested_at + interval '3 days', 2, now() from old",
            (changed // 10,),
        )
        cursor.execute(
            "with old as (update identity.link set closed_by_run = 2, linked_to = now()"
            " where source_file = 'prison_person' and closed_by_run is null"
            " and source_key in (select number::text from generate_series(1, %s) as number) returning *)"
            " insert into identity.link (source_file, source_key, person_key, method, evidence, opened_by_run, linked_from)"
            " select source_file, source_key, person_key + 1, method, evidence, 2, now() from old",
            (changed // 10,),
        )


def _write_events(cursor: Any, file: str, first: int, last: int, people: int, sequence: int) -> None:
    """Events numbered from `first` to `last`, spread over people and days by multiples of primes."""
    columns, values, _, one_in = EVENTS[file]
    cursor.execute(
        f"insert into raw.{file} ({columns}, opened_by_sequence, recorded_from) select {values}, {sequence}, now() from ("
        f" select number, {one_in} * (1 + number * 7919 % ({people} / {one_in})) as person,"
        f" date '{FIRST_DAY}' + (number * 104729 % {DAYS})::integer as day"
        f" from generate_series({first}::bigint, {last}::bigint) as number) as drawn"
    )


def publish(owner: Connection, sequence: int, night: date) -> None:
    with owner, owner.cursor() as cursor:
        for feed in FEEDS:
            cursor.execute(
                "insert into audit.delivery"
                " (feed, folder, manifest_sha256, business_date, sequence, extract, extracted_at, status, decided_at)"
                " values (%s, %s, %s, %s, %s, 'full', %s, 'published', now())",
                (feed, f"{night}.{sequence}", str(sequence), night, sequence, night),
            )


def _gather_statistics(owner: Connection) -> None:
    owner.autocommit = True
    with owner.cursor() as cursor:
        for table in (*PEOPLE, *EVENTS):
            cursor.execute(sql.SQL("vacuum analyze raw.{}").format(sql.Identifier(table)))
        cursor.execute("vacuum analyze identity.link")
    owner.autocommit = False
