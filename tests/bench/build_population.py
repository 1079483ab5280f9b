"""People with many events, written straight into `raw` by PostgreSQL and linked as they are, and a night that changes some."""

from collections.abc import Collection
from datetime import date
from typing import Any

from psycopg2 import sql

from iom_warehouse.platform.database import Connection

FEEDS = ("police", "prison", "probation", "hub", "dip")
BORN = "date '1950-01-01' + number % 18000"
# Records of people: the police know everybody, the others a part. Each is linked to the person of its number.
PEOPLE = {
    "police_person": ("police_ref, dob, sex", f"number::text, {BORN}, case when number % 7 = 0 then 'F' else 'M' end", 1),
    "prison_person": ("prison_number, dob, sex", f"number::text, {BORN}, 'M'", 4),
    "probation_person": ("crn, dob, sex, district", f"number::text, {BORN}, 'M', 'FX-A'", 3),
    "hub_case": ("case_ref, district, gp_registered", "number::text, 'FX-A', number % 3 > 0", 200),
    "dip_client": (
        "client_ref, dob, sex, local_authority, consent_to_share, consent_on",
        f"number::text, {BORN}, 'M', 'FX-A', number % 5 > 0, date '2005-01-01'", 50,
    ),
}  # fmt: skip
OFFENCE = "(array['028/03', '030/01', '046/00', '045/10', '105/01', '092/60', '008/06', '039/00'])[1 + number % 8]"
ITEMS = {
    "accommodation": ("no_fixed_abode", "suitability", "permanence", "location"),
    "ete": ("unemployed", "employment_history", "skills", "attitude"),
    "finance": ("situation", "debt", "budgeting"),
    "relationships": ("family", "childhood", "previous_close"),
    "lifestyle": ("activities", "influenced", "recklessness"),
    "drugs": ("current", "main_drug_level", "injected", "motivation", "major_activity"),
    "alcohol": ("current", "binge", "frequency", "motivation"),
    "emotional": ("coping", "self_harm", "attitude_self"),
    "thinking": ("recognises_problems", "problem_solving", "consequences", "others_views"),
    "attitudes": ("pro_criminal", "supervision", "society", "motivation"),
}
ASKED = [(section, item) for section, items in ITEMS.items() for item in items]
SECTION, QUESTION = (f"(array{list(names)})[1 + number % {len(ASKED)}]" for names in zip(*ASKED, strict=True))
SERVICES = 40
# Events: file -> columns, values, share of all events, and one in how many people has them. `person` is the person's number,
# `number` that of the row, and `occasion` that of what happened, which in some files has several rows; the share counts those.
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
        "booking_ref, prison_number, received_on, released_on, custody_type, sentence_days, home_district",
        "number::text, person::text, day, case when day < date '2013-08-01' then day + (number % 60)::integer end, 'sentenced',"
        " (number % 400)::integer, 'FX-A'", 0.03, 4,
    ),
    "probation_order": (
        "order_ref, crn, order_type, sentenced_on, starts_on, ended_on, sentence_days",
        "number::text, person::text, 'community', day, day, day + 300, 365", 0.03, 3,
    ),
    "hub_membership": (
        "membership_ref, case_ref, scheme, starts_on, ends_on, division, district",
        "number::text, person::text, case when number % 3 = 0 then 'PPO' else 'IOM' end, day,"
        " case when number % 2 = 0 then day + 700 end, 'FX-N', 'FX-A'", 0.0005, 200,
    ),
    # What needs, services and drug interventions are told of comes on top of the events that reoffending counts.
    "prison_release_date": (
        "booking_ref, date_type, release_on, calculated_on", "number::text, 'expected', day + 90, day", 0.03, 4,
    ),
    "prison_resettlement": (
        "booking_ref, pathway, assessed_on, has_need, met_at_release",
        "occasion::text, 1 + number % 9, day + 5, number % 2 = 0, number % 4 = 0", 0.003, 4,
    ),
    "probation_score": (
        "score_ref, crn, predictor, predictor_version, scored_on, one_year, two_year",
        "number::text, person::text, 'OGRS3', '3', day, 0.01 * (number % 80), 0.01 * (number % 80 + 10)", 0.03, 3,
    ),
    "probation_assessment": (
        "assessment_ref, crn, instrument, instrument_version, layer, status, completed_on",
        "number::text, person::text, 'OASys', '4', '3', 'complete', day", 0.01, 30,
    ),
    "probation_answer": (
        "assessment_ref, section, question, score, linked_to_reoffending, linked_to_harm",
        f"occasion::text, {SECTION}, {QUESTION}, number % 3, number % 2 = 0, false", 0.01, 30,
    ),
    "police_drug_test": (
        "test_ref, arrest_ref, police_ref, tested_at, basis, substance, result",
        "number::text, number::text, person::text, day + time '13:00', 'trigger_offence',"
        " (array['opiates', 'cocaine'])[1 + number % 2], (array['positive', 'negative', 'negative'])[1 + number % 3]", 0.03, 1,
    ),
    "dip_requirement": (  # the arrest is somebody else's, which costs the same
        "requirement_ref, client_ref, arrest_ref, kind, imposed_on, due_on, attended, remained",
        "number::text, person::text, number::text, 'initial', day, day + 7, true, true", 0.002, 50,
    ),
    "dip_episode": (
        "episode_ref, client_ref, area, contact_reason, referred_on, assessed_on, needs_intervention, caseload_on, care_plan_on,"
        " treatment_on, treatment_ended_on, closed_on, closure_reason",
        "number::text, person::text, 'FX-A', 'required_assessment', day, day + 5, true, day + 7, day + 10,"
        " day + 14, day + 120, day + 130, 'completed'", 0.002, 50,
    ),
    "dip_top": (
        "review_ref, episode_ref, stage, reviewed_on, opiate_days, crack_days, psychological_health",
        "number::text, occasion::text, (array['start', 'review', 'exit'])[1 + number % 3],"
        " day + (array[14, 60, 120])[1 + number % 3], number % 28, number % 20, number % 20", 0.002, 50,
    ),
    "dip_alcohol_referral": (
        "referral_ref, client_ref, screened_on, tool, score, brief_intervention, outcome",
        "number::text, person::text, day, 'AUDIT', number % 40, number % 2 = 0, 'referred'", 0.001, 50,
    ),
    "hub_referral": (
        "referral_ref, case_ref, route, referring_agency, referred_on, district, decision, decided_on",
        "number::text, person::text, 'IOM', 'POL', day, 'FX-A', 'accepted', day + 5", 0.0005, 200,
    ),
    "hub_level": (
        "level_ref, case_ref, level, starts_on", "number::text, person::text, 1 + number % 3, day", 0.001, 200,
    ),
    "hub_rag": (
        "rag_ref, case_ref, assessed_on, colour",
        "number::text, person::text, day, (array['red', 'amber', 'green'])[1 + number % 3]", 0.002, 200,
    ),
    "hub_need": (
        "need_ref, case_ref, assessed_on, pathway, level",
        "number::text, person::text, day, 1 + number % 9, number % 5", 0.001, 200,
    ),
    "hub_intervention": (
        "intervention_ref, case_ref, service_code, referral_route, referred_on, started_on, ended_on, outcome",
        f"number::text, person::text, (1 + number % {SERVICES})::text, 'direct', day, day + 20, day + 90, 'completed'",
        0.001, 200,
    ),
}  # fmt: skip
# What reoffending is counted from; the rest are told of by those who look at needs, services and drug interventions.
OF_REOFFENDING = (
    "police_arrest", "police_conviction", "police_charge", "police_crime", "police_suspect", "prison_spell", "probation_order",
    "hub_membership",
)  # fmt: skip
ROWS_OF_ONE_OCCASION = {"prison_resettlement": 9, "probation_answer": len(ASKED), "dip_top": 3, "hub_need": 9}
CHANGED = ("police_arrest", "police_conviction", "probation_assessment", "probation_answer", "hub_need", "hub_intervention")
FIRST_DAY, DAYS = date(2003, 10, 1), 3650


def write(owner: Connection, people: int, events: int, files: Collection[str]) -> None:
    """Everything that the first night knows of these files, as sequence and run 1."""
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
        cursor.execute(
            "insert into raw.hub_service (service_code, service_name, provider, service_type, pathway,"
            " opened_by_sequence, recorded_from)"
            " select number::text, 'Service ' || number, 'Provider ' || number % 7, 'ete', 1 + number % 9, 1, now()"
            f" from generate_series(1, {SERVICES}) as number"
        )
        for file in files:
            _write_events(cursor, file, 0, int(events * EVENTS[file][2]), people, sequence=1)
    _gather_statistics(owner)


def change(owner: Connection, people: int, events: int, changed: int, files: Collection[str]) -> None:
    """The next night: so many people are arrested and convicted, and those of them with a case are assessed and referred; for one
    in ten an arrest is corrected, or a record moves on.
    """
    with owner, owner.cursor() as cursor:
        for file in set(CHANGED) & set(files):
            _, _, share, one_in = EVENTS[file]
            _write_events(cursor, file, int(events * share), changed // one_in, changed, sequence=2)
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


def _write_events(cursor: Any, file: str, before: int, occasions: int, people: int, sequence: int) -> None:
    """So many occasions after those `before`, numbered on, spread over people and days by multiples of primes."""
    columns, values, _, one_in = EVENTS[file]
    rows = ROWS_OF_ONE_OCCASION.get(file, 1)
    cursor.execute(
        f"insert into raw.{file} ({columns}, opened_by_sequence, recorded_from) select {values}, {sequence}, now() from ("
        f" select occasion, (occasion - 1) * {rows} + part as number,"
        f" {one_in} * (1 + occasion * 7919 % ({people} / {one_in})) as person,"
        f" date '{FIRST_DAY}' + (occasion * 104729 % {DAYS})::integer as day"
        f" from generate_series({before + 1}::bigint, {before + occasions}::bigint) as occasion"
        f" cross join generate_series(1, {rows}) as part) as drawn"
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
        for table in (*PEOPLE, "hub_service", *EVENTS):
            cursor.execute(sql.SQL("vacuum analyze raw.{}").format(sql.Identifier(table)))
        cursor.execute("vacuum analyze identity.link")
    owner.autocommit = False
