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


def test_a_file_shows_the_rows_of_the_night(built: tuple[Query, Recount]) -> None:
    query, _ = built
    with database.transaction("admin") as conn, conn.cursor() as cursor:  # these rows have none; half are old news, by a day
        cursor.execute(MOVEMENTS, (TODAY, TODAY))
    with database.transaction("owner") as conn, conn.cursor() as cursor:
        cursor.execute("update audit.build set status = 'succeeded'")
        for number, giver, taker, file in (("A", "PRI", "HUB", "prison_person"), ("B", "HUB", "PRI", "news")):
            cursor.execute(
                "insert into reference.agreements (agreement_id, from_agency, to_agency, legal_gateway, purpose, files,"
                " signed_on, review_on, effective_from, opened_by_configuration)"
                " values (%s, %s, %s, 'an Act', 'a purpose', %s, '2012-01-01', '2014-01-01', '2012-01-01', 1)",
                (number, giver, taker, file),
            )
        for column, source in SOURCES.items():
            cursor.execute(
                'insert into reference.outbound (recipient, file, "column", source, effective_from, opened_by_configuration)'
                " values ('PRI', 'news', %s, %s, '2012-01-01', 1)",
                (column, source),
            )
    assert feedback.send(TODAY) == []
    with (settings().outbox / "PRI" / f"{TODAY}.1" / "news.csv").open(encoding="utf-8", newline="") as content:
        header, *rows = csv.reader(content)
    assert header == ["prison_number", "level", "moved_on", "movement", "planned_on"]
    expected = [["" if value is None else value for value in row] for row in query(EXPECTED.format(today=f"'{TODAY}'::date"))]
    assert sorted(rows) == sorted(expected)
    for place in range(1, len(header)):
        assert any(row[place] for row in rows), header[place]
