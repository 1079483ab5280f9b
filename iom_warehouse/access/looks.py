"""A look at one named person, at the names or at the whole passport: the event is committed before anything is shown."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from psycopg2.extensions import connection as Connection

from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.speaking import speaking

REQUEST = {"look": "select access.request_look(%s, %s)", "passport": "select access.request_passport(%s, %s)"}
TAKE = {"look": "select * from access.take_look(%s)", "passport": "select * from access.take_passport(%s)"}


class Name(NamedTuple):
    """A person's name as one source has it. For the screen of the practitioner who asked, never for a log."""

    source_file: str
    source_key: str
    surname: str | None
    forenames: str | None
    dob: date | None


class Entry(NamedTuple):
    """One fact of a passport: the section it stands in, and its values by what they are called. For the asker's screen only."""

    section: str
    facts: Mapping[str, Any]


def look(connection: Connection, person_key: int, reason: str) -> list[Name]:
    """The names of a person, for the practitioner who is logged in on `connection`.

    Writes the event of the look and commits it, then asks for the names in a second transaction. Raises IomError when the
    person is on nobody's list in the practitioner's areas; that attempt is written down too.
    """
    return [Name(*row) for row in _ask(connection, "look", person_key, reason)]


def passport(connection: Connection, person_key: int, reason: str) -> list[Entry]:
    """What the hub, probation and the prison have of a person, section by section; committed and refused as `look` is."""
    return [Entry(*row) for row in _ask(connection, "passport", person_key, reason)]


def _ask(connection: Connection, kind: str, person_key: int, reason: str) -> list[tuple[Any, ...]]:
    who = connection.info.user
    with speaking(connection, IomError(f"{who} is no practitioner.", "They are rows of people_access.csv.")) as cursor:
        cursor.execute(REQUEST[kind], (person_key, reason))
        [token] = cursor.fetchone()
    elsewhere = f"Person {person_key} is on no list of your areas; the attempt was written down."
    with speaking(connection, IomError(elsewhere, "Ask your steward.")) as cursor:
        cursor.execute(TAKE[kind], (token,))
        return cursor.fetchall()
