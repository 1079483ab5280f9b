"""A look at one named person: the event is committed before a name is shown."""

from datetime import date
from typing import NamedTuple

from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import connection as Connection

from iom_warehouse.platform.errors import IomError


class Name(NamedTuple):
    """A person's name as one source has it. For the screen of the practitioner who asked, never for a log."""

    source_file: str
    source_key: str
    surname: str | None
    forenames: str | None
    dob: date | None


def look(connection: Connection, person_key: int, reason: str) -> list[Name]:
    """The names of a person, for the practitioner who is logged in on `connection`.

    Writes the event of the look and commits it, then asks for the names in a second transaction. Raises IomError when the
    person is on nobody's list in the practitioner's areas; that attempt is written down too.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute("select access.request_look(%s, %s)", (person_key, reason))
        [token] = cursor.fetchone()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("select * from access.take_look(%s)", (token,))
            return [Name(*row) for row in cursor.fetchall()]
    except InsufficientPrivilege:
        raise IomError(
            f"Person {person_key} is on no list of your areas; the attempt was written down.", "Ask your steward."
        ) from None
