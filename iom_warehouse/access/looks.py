"""The passport of one named person: the event of the look is committed before anything is shown."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from psycopg2.extensions import connection as Connection

from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.speaking import speaking


class Entry(NamedTuple):
    """One fact of a passport: the section it stands in, and its values by what they are called. For the asker's screen only."""

    section: str
    facts: Mapping[str, Any]


def passport(connection: Connection, person_key: int, reason: str) -> list[Entry]:
    """What the hub, probation and the prison have of a person, section by section, for the practitioner logged in.

    Writes the event of the look and commits it, then asks in a second transaction. Raises IomError when the person is on nobody's
    list in the practitioner's areas; that attempt is written down too.
    """
    who = connection.info.user
    with speaking(connection, IomError(f"{who} is no practitioner.", "They are rows of people_access.csv.")) as cursor:
        cursor.execute("select access.request_passport(%s, %s)", (person_key, reason))
        [token] = cursor.fetchone()
    elsewhere = f"Person {person_key} is on no list of your areas; the attempt was written down."
    with speaking(connection, IomError(elsewhere, "Ask your steward.")) as cursor:
        cursor.execute("select * from access.take_passport(%s)", (token,))
        return [Entry(*row) for row in cursor.fetchall()]
