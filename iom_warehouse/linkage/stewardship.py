"""Stewardship: what waits for a person's decision, the logged look at its evidence, and the decisions.

Each function takes a connection as the steward who asks; a page can call them as the command line does. The rules are the
functions of sql/0011_stewardship.sql. What is decided of people is decided upon a look at them: IomError is raised where the
steward has not looked at these, or a run has changed their records since. A decision takes effect in the next run of the linkage;
while one is at work nothing is shown and nothing decided.
"""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import date, datetime

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from iom_warehouse.linkage.explaining import WORDS
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.speaking import speaking

KINDS = {
    "two_pncs": "joining them would give one person two valid PNCs",
    "suspected_twins": "same surname and birth date, other forenames, no identifier in common",
    "identifier_contradicted": "they share an identifier, and too little else agrees, or forename and birth date are others",
    "dip_ambiguous": "the identifiers that a drug service's client gave belong to more than one person",
    "dip_contradicted": "a drug service's client gave an identifier of somebody with other initials and another birth date",
    "dip_candidate": "a drug service's client has the initials, birth date, sex and postcode sector of somebody",
    "uncertain_pair": "the model is not sure",
    "large_person": "one person of more than ten records",
    "several_identifiers": "one person with more than one valid number of a kind",
}
OF_ONE_PERSON = ("large_person", "several_identifiers")


@dataclass(frozen=True)
class Item:
    """A question of the queue, without names: `item` is the key of one person, or of two with a hyphen.

    weight: match weight of the two records that are its evidence, None where they are not scored. files: those of the two
    records. records: how many the people of the item have.
    """

    item: str
    kind: str
    identifier_kind: str | None
    since: datetime
    weight: float | None
    files: list[str]
    records: int

    @property
    def question(self) -> str:
        """Why it waits, in words."""
        if self.identifier_kind is None:
            return KINDS[self.kind]
        shared = "" if self.kind in OF_ONE_PERSON else "in common: "
        return f"{KINDS[self.kind]} ({shared}{WORDS[self.identifier_kind]})"

    @property
    def choices(self) -> tuple[str, ...]:
        """The commands by which a steward can answer."""
        return ("confirm", "split") if self.kind in OF_ONE_PERSON else ("confirm", "reject")


@dataclass(frozen=True)
class Record:
    """A record as it is compared, and the postcodes of it that count as absent (`overused_postcodes`). For the screen of the
    steward who asked, never for a log."""

    person_key: int
    is_compared: bool  # whether it is one of the two that are the evidence
    record_id: int
    source_file: str
    source_key: str
    forename: str | None
    surname: str | None
    forename_root: str | None
    forenames: list[str]
    surnames: list[str]
    dob: date | None
    dob_is_rough: bool
    sex: str | None
    postcode: str | None
    postcodes: list[str]
    overused_postcodes: list[str]
    pnc: str | None
    cro: str | None
    prison_number: str | None
    crn: str | None

    @property
    def name(self) -> str:
        """File, blank, key: how decisions and evidence name it."""
        return f"{self.source_file} {self.source_key}"


def queue(connection: Connection, kind: str | None = None) -> list[Item]:
    """What waits for a steward, by kind and then the strongest first; `connection` may be the linker's as well.

    Raises IomError when there is no such kind.
    """
    if kind is not None and kind not in KINDS:
        raise IomError(f"There is no kind {kind!r}.", f"Choose one of: {', '.join(KINDS)}.")
    with _speaking(connection) as cursor:
        cursor.execute("select item, kind, identifier_kind, since, weight, files, records from access.linkage_queue()")
        items = [Item(*row) for row in cursor.fetchall()]
    return sorted((item for item in items if kind in (None, item.kind)), key=lambda item: list(KINDS).index(item.kind))


def look(connection: Connection, item: str, reason: str) -> list[Record]:
    """The records of the one or two people of an item, which need not be in the queue.

    Writes the event of the look and commits it, then asks for the records in a second transaction.
    """
    with _speaking(connection) as cursor:
        cursor.execute("select access.request_evidence(%s, %s)", (item, reason))
        (token,) = cursor.fetchone()
    with _speaking(connection) as cursor:
        columns = ", ".join(field.name for field in fields(Record))
        cursor.execute(f"select {columns} from access.take_evidence(%s)", (token,))
        return [Record(*row) for row in cursor.fetchall()]


def confirm(connection: Connection, item: str, reason: str) -> int:
    """Decide that the two people of an item are one, or that all records of a large person are; returns the decision."""
    return _decide(connection, "select access.decide_item(%s, true, %s)", item, reason)


def reject(connection: Connection, item: str, reason: str) -> int:
    """Decide that the two people of an item are two; returns the decision."""
    return _decide(connection, "select access.decide_item(%s, false, %s)", item, reason)


def merge(connection: Connection, person_key: int, other_person_key: int, reason: str) -> int:
    """Decide that two people are one, whether or not the queue asks; returns the decision."""
    return _decide(connection, "select access.merge_people(%s, %s, %s)", person_key, other_person_key, reason)


def split(connection: Connection, person_key: int, records: Collection[int], reason: str) -> int:
    """Decide that some records (their `record_id`) of a person belong to none of its others; returns the decision."""
    return _decide(connection, "select access.split_person(%s, %s, %s)", person_key, list(records), reason)


def withdraw(connection: Connection, decision: int, reason: str) -> int:
    """Leave a decision, and all that was decided together with it, to the model again; returns the decision that says so."""
    return _decide(connection, "select access.withdraw_decision(%s, %s)", decision, reason)


def _decide(connection: Connection, statement: str, *values: object) -> int:
    with _speaking(connection) as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def _speaking(connection: Connection) -> AbstractContextManager[Cursor]:
    not_allowed = f"{connection.info.user} is no steward."
    return speaking(connection, IomError(not_allowed, "Stewards are the rows of people_access.csv with the role steward."))
