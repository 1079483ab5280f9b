"""Transactions of a person who is logged in: what our own functions refuse is told as a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2.errors import InsufficientPrivilege, RaiseException
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from iom_warehouse.platform.errors import IomError


@contextmanager
def speaking(connection: Connection, not_allowed: IomError) -> Iterator[Cursor]:
    """A cursor of one transaction. The functions' own words, which become an IomError, hold numbers of people and decisions only.

    `not_allowed` is raised where the login lacks the right.
    """
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    except RaiseException as error:
        message = error.diag.message_primary or ""
        raise IomError(f"{message[:1].upper()}{message[1:]}.", error.diag.message_hint or "") from None
    except InsufficientPrivilege:
        raise not_allowed from None
