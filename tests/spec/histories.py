"""The world of the specs as it came to be known over some nights: rows that come late, are corrected, withdrawn and sent again,
records that turn out to be somebody else's, and a feed that misses nights. Drawn by chance, the same for the same seed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from psycopg2 import sql
from psycopg2.extras import Json, execute_values
from spec_cases import Row
from spec_world import PERSON_FILES, VERSION_DAYS, World

from iom_warehouse import contracts
from iom_warehouse.contracts import Column, File
from iom_warehouse.platform.database import Connection

METHOD = "spec"
REFERRED_TO = {
    reference.parent_file for contract in contracts.all() for file in contract.files for reference in file.references
} - PERSON_FILES.keys()
FEEDS = tuple(contract.feed for contract in contracts.all())


@dataclass(frozen=True)
class Version:
    """A row as it was known from one night to another, both counted from 1; `until` is None when it still stands."""

    values: Row
    night: int
    until: int | None


class History:
    """What happened to every row of a world in so many nights."""

    def __init__(self, world: World, nights: int, seed: int) -> None:
        self.world, self.nights, self.dice = world, nights, random.Random(seed)
        self.versions = {
            file: [version for row in rows if not row.get("replaced_on") for version in self._life(file, _undated(row))]
            for file, rows in world.rows.items()
        }
        self.links = list(self._links())

    def _life(self, file: str, row: Row) -> list[Version]:
        """A row stays as it is, or comes late, or goes, or is corrected, or goes and comes back.

        Most stay, so that there are people of whom nothing but the day changes. Crimes and assessments do not: what changes there
        reaches people by other rows only.
        """
        first, second = sorted(self.dice.sample(range(2, self.nights + 1), 2))
        corrected = self._corrected(file, row)
        lives = {
            "stays": [Version(row, 1, None)],
            "comes late": [Version(row, first, None)],
            "goes": [Version(row, 1, first)],
            "is corrected": [Version(row, 1, first), Version(corrected, first, None)],
            "is put back": [Version(corrected, 1, first), Version(row, first, None)],
            "is corrected twice": [Version(row, 1, first), Version(corrected, first, second), Version(row, second, None)],
            "comes back": [Version(row, 1, first), Version(row, second, None)],
        }
        [life] = self.dice.choices(list(lives), [2 if file in REFERRED_TO else 50, 1, 1, 1, 1, 1, 1])
        return lives[life]

    def _corrected(self, file: str, row: Row) -> Row:
        """The row with another value in one of its columns: another day, the other answer, or what another row says."""
        definition = self.world.files[file]
        names = [column.name for column in definition.columns if column.name not in definition.key and row.get(column.name)]
        if not names:
            return row
        name = self.dice.choice(names)
        return row | {name: self._another(definition, definition.column(name), row[name])}

    def _another(self, file: File, column: Column, value: str) -> str:
        if column.type in ("date", "ts"):
            moved = date.fromisoformat(value[:10]) + timedelta(days=self.dice.choice([-400, -30, -1, 1, 30, 400]))
            return f"{moved}{value[10:]}"
        if column.type == "yn":
            return "N" if value == "Y" else "Y"
        same_case = [row for row in self.world.rows[file.name] if row.get(column.name)]
        return self.dice.choice(same_case)[column.name]

    def _links(self) -> Iterator[tuple[str, str, int, int, int | None]]:
        """File, key, person and nights of each link: a record is its person's while it stands, or from some night another's."""
        keys = list(self.world.people.values())
        for file, column in PERSON_FILES.items():
            for version in self.versions.get(file, ()):
                case, _, name = version.values[column].partition(" ")
                person = self.world.people[case, name.partition(" (")[0]]
                record, moved_on = (file, version.values[column]), self.dice.randint(2, self.nights)
                if self.dice.random() < 0.05 and version.night < moved_on < (version.until or self.nights + 1):
                    yield *record, person, version.night, moved_on
                    yield *record, self.dice.choice(keys), moved_on, version.until
                else:
                    yield *record, person, version.night, version.until

    def tell(self, owner: Connection, night: int) -> None:
        """Put into raw and identity what became known in a night, and close what ended in it. Nights come in their order."""
        today = date.today()
        with owner, owner.cursor() as cursor:
            cursor.execute("insert into identity.linkage_run (method, vintage) values (%s, '{}')", (METHOD,))
            people = [(key, today, 1) for key in self.world.people.values()] if night == 1 else []
            execute_values(cursor, INSERT_PEOPLE, people)
            for file, versions in self.versions.items():
                _close_versions(cursor, self.world.files[file], [version for version in versions if version.until == night])
                _insert_versions(cursor, file, [version for version in versions if version.night == night], today)
            execute_values(cursor, CLOSE_LINKS.format(night), [link[:2] for link in self.links if link[-1] == night])
            execute_values(
                cursor, INSERT_LINKS, [(*link[:4], METHOD, Json({}), today) for link in self.links if link[3] == night]
            )


INSERT_PEOPLE = "insert into identity.person (person_key, minted_at, minted_by_run) overriding system value values %s"
CLOSE_LINKS = """
    update identity.link as held set closed_by_run = {}, linked_to = held.linked_from
    from (values %s) as ended (file, key)
    where held.source_file = ended.file and held.source_key = ended.key and held.closed_by_run is null
"""
INSERT_LINKS = """
    insert into identity.link (source_file, source_key, person_key, opened_by_run, method, evidence, linked_from) values %s
"""


def _undated(row: Row) -> Row:
    """The row without the days of its versions: here it lives another life."""
    return {name: value for name, value in row.items() if name not in VERSION_DAYS}


def _close_versions(cursor: Any, file: File, versions: list[Version]) -> None:
    """Close the open versions with these keys."""
    keys = [sql.SQL("held.{0}::text = ended.{0}").format(sql.Identifier(name)) for name in file.key]
    statement = sql.SQL(
        "update raw.{} as held set closed_by_sequence = ended.night, recorded_to = held.recorded_from"
        " from (values %s) as ended (night, {}) where held.closed_by_sequence is null and {}"
    ).format(
        sql.Identifier(file.name), sql.SQL(", ").join(map(sql.Identifier, file.key)), sql.SQL(" and ").join(keys)
    )  # fmt: skip
    execute_values(cursor, statement, [(version.until, *(version.values[name] for name in file.key)) for version in versions])


def _insert_versions(cursor: Any, file: str, versions: list[Version], today: date) -> None:
    names = sorted({name for version in versions for name in version.values})
    statement = sql.SQL("insert into raw.{} ({}, opened_by_sequence, recorded_from) values %s").format(
        sql.Identifier(file), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    execute_values(
        cursor, statement, [(*(version.values.get(name) or None for name in names), version.night, today) for version in versions]
    )


def publish(owner: Connection, night: int, day: date, feeds: tuple[str, ...] = FEEDS) -> None:
    """Say in the ledger that these feeds have delivered what there was to know by that night."""
    with owner, owner.cursor() as cursor:
        execute_values(
            cursor,
            "insert into audit.delivery (feed, folder, manifest_sha256, business_date, sequence, extract, extracted_at, status,"
            " decided_at) values %s",
            [(feed, f"{day}.{night}", str(night), day, night, "full", day, "published", day) for feed in feeds],
        )
