"""Feedback whose columns are those of marts, against the marts that dbt built."""

import csv

from building_marts import Query
from messy_rows import TODAY
from recount import Recount

from iom_warehouse import feedback
from iom_warehouse.platform import database
from iom_warehouse.platform.settings import settings

SOURCES = {
    "prison_number": "prison_person.prison_number", "planned_on": "release_calendar.planned_on",
    "movement": "custody_movement.movement", "moved_on": "custody_movement.moved_on", "level": "level_history.level",
}  # fmt: skip
MOVEMENTS = """
    insert into mart_partnership.custody_movement (known_on, person_key, movement, moved_on)
    select %s - 6 - (person_key %% 2)::integer, person_key, 'release', %s - 9
    from identity.link where source_file = 'prison_person'
"""
# The list as the marts have it: those whom drug services alone have on theirs, without consent, are on none.
EXPECTED = """
    select link.source_key, c.level::text, m.moved_on::text, m.movement, r.planned_on::text
    from intermediate.int_partnership__place p
    join identity.link on link.person_key = p.person_key and source_file = 'prison_person'
    left join mart_partnership.release_calendar r on r.person_key = p.person_key
    left join mart_partnership.custody_movement m on m.person_key = p.person_key and m.known_on between {today} - 6 and {today}
    left join mart_partnership.level_history c on c.person_key = p.person_key and c.is_current
    where p.schemes is not null and num_nonnulls(r.person_key, m.person_key, c.person_key) > 0
"""


def _agree(agency: str, own_file: str, file: str, sources: dict[str, str]) -> None:
    """The marts hold a good build, the agency gives its own file, and gets `file` with these columns."""
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute("update audit.build set status = 'succeeded'")
        for giver, taker, agreed in ((agency, "HUB", own_file), ("HUB", agency, file)):
            cursor.execute(
                "insert into reference.agreements (agreement_id, from_agency, to_agency, legal_gateway, purpose, files,"
                " signed_on, review_on, effective_from, opened_by_configuration)"
                " values (%s, %s, %s, 'an Act', 'a purpose', %s, '2012-01-01', '2014-01-01', '2012-01-01', 1)",
                (f"{giver}-{taker}", giver, taker, agreed),
            )
        for column, source in sources.items():
            cursor.execute(
                'insert into reference.outbound (recipient, file, "column", source, effective_from, opened_by_configuration)'
                " values (%s, %s, %s, %s, '2012-01-01', 1)",
                (agency, file, column, source),
            )


def _sent(agency: str, file: str) -> list[list[str]]:
    with (settings().outbox / agency / f"{TODAY}.1" / f"{file}.csv").open(encoding="utf-8", newline="") as content:
        return list(csv.reader(content))


def test_a_file_shows_the_rows_of_the_night(built: tuple[Query, Recount]) -> None:
    query, _ = built
    with database.transaction("admin") as conn, conn.cursor() as cursor:  # these rows have none; half are old news, by a day
        cursor.execute(MOVEMENTS, (TODAY, TODAY))
    _agree("PRI", "prison_person", "news", SOURCES)
    assert feedback.send(TODAY) == []
    header, *rows = _sent("PRI", "news")
    assert header == ["prison_number", "level", "moved_on", "movement", "planned_on"]
    expected = [["" if value is None else value for value in row] for row in query(EXPECTED.format(today=f"'{TODAY}'::date"))]
    assert sorted(rows) == sorted(expected)
    for place in range(1, len(header)):
        assert any(row[place] for row in rows), header[place]


AGENDA = {
    "crn": "probation_person.crn", "meeting_ref": "agency_agenda.meeting_ref", "scheme": "hub_membership.scheme",
    "colour": "hub_rag.colour",
}  # fmt: skip
PUT_ON_AGENDA = """
    with placed as (
        select l.person_key, l.source_key, p.schemes is not null as is_listed
        from identity.link l
        join access.outbound_risk({today}) using (person_key)  -- so that there is something else to tell
        left join intermediate.int_partnership__place p using (person_key)
        where l.source_file = 'probation_person'
    ),
    one_of_each as (select distinct on (is_listed) * from placed order by is_listed, person_key),
    item (meeting_ref, agency, days) as (
        values ('to come', 'PRB', 3), ('today', 'PRB', 0), ('over', 'PRB', -1), ('theirs', 'POL', 3)
    ),
    put as (
        insert into mart_partnership.agency_agenda (person_key, meeting_ref, agency, held_on, risk)
        select person_key, meeting_ref, agency, {today} + days, 'red' from one_of_each cross join item
    )
    select source_key, is_listed from one_of_each order by is_listed
"""


def test_an_agency_gets_its_own_agenda_of_people_on_the_list_or_not(built: tuple[Query, Recount]) -> None:
    """Not what is over, nor what another agency is needed for; of whom is not on the list, only that it is needed."""
    with database.transaction("admin") as conn, conn.cursor() as cursor:
        cursor.execute(PUT_ON_AGENDA.format(today=f"'{TODAY}'::date"))
        (unlisted, _), (listed, _) = cursor.fetchall()
    _agree("PRB", "probation_person", "agenda", AGENDA)
    assert feedback.send(TODAY) == []
    header, *rows = _sent("PRB", "agenda")
    assert header == ["crn", "colour", "meeting_ref", "scheme"]
    discussed = [row for row in rows if row[2]]
    meetings = [(row[0], row[2], bool(row[1]), bool(row[3])) for row in discussed]
    assert sorted(meetings) == sorted(
        (crn, meeting, crn == listed, crn == listed) for crn in (listed, unlisted) for meeting in ("to come", "today")
    )
    assert {row[0] for row in rows if row not in discussed}.isdisjoint({listed, unlisted})
