"""Deliveries of people written straight into `raw`, as loading leaves them, and what the linkage made of them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from iom_warehouse.linkage import LinkageResult, link_people, model

FILES = {
    "police": "police_person",
    "probation": "probation_person",
    "prison": "prison_person",
    "dip": "dip_client",
    "hub": "hub_case",
}
KEYS = {"police": "police_ref", "probation": "crn", "prison": "prison_number", "dip": "client_ref", "hub": "case_ref"}

Row = dict[str, Any]
Record = tuple[str, str]  # feed, key


def with_thresholds(monkeypatch: pytest.MonkeyPatch, join: float, split: float) -> None:
    """Use the shipped model with other thresholds."""
    shipped = model.load()
    changed = replace(shipped, thresholds=replace(shipped.thresholds, join=join, split=split))
    monkeypatch.setattr(model, "load", lambda: changed)


class Feeds:
    """The five feeds that hold people. A row is a dict of its columns; what is left out is null."""

    def __init__(self, owner: Connection, linker: Connection) -> None:
        self.owner = owner
        self.linker = linker

    def clear(self) -> None:
        for file in (*FILES.values(), "police_alias"):
            self.query(f"truncate raw.{file}")
        self.query(
            "truncate identity.link, identity.person, identity.conflict, identity.linkage_run, identity.record, "
            "identity.pair, identity.distant_twins, identity.decision, identity.overused_value, identity.people_alike, "
            "audit.linkage_quality, access.look_request "
            "restart identity"
        )
        self.query("truncate audit.delivery cascade")

    def deliver(self, feed: str, sequence: int, rows: Iterable[Row], extracted_at: str = "2013-10-01T23:40:00+01:00") -> None:
        """Publish a `full` delivery: rows that are not in it are gone, unchanged ones stay as they are."""
        rows = list(rows)
        table, key = f"raw.{FILES[feed]}", KEYS[feed]
        columns = sorted({name for row in rows for name in row})
        current = dict(self.query(f"select {key}, to_jsonb(t) from {table} t where closed_by_sequence is null"))
        same = {row[key] for row in rows if row[key] in current and _is_same(row, current[row[key]])}
        self.query(
            f"update {table} set closed_by_sequence = %s, recorded_to = %s where closed_by_sequence is null and {key} <> all(%s)",
            (sequence, extracted_at, list(same)),
        )
        insert = sql.SQL("insert into raw.{} ({}, opened_by_sequence, recorded_from) values ({})").format(
            sql.Identifier(FILES[feed]),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join([sql.Placeholder()] * (len(columns) + 2)),
        )
        with self.owner.cursor() as cursor:
            cursor.executemany(
                insert, [[row.get(name) for name in columns] + [sequence, extracted_at] for row in rows if row[key] not in same]
            )
        self.query(
            """insert into audit.delivery
                   (feed, folder, manifest_sha256, business_date, sequence, extract, extracted_at, status, decided_at)
               values (%s, %s, '', %s::timestamptz::date, %s, 'full', %s, 'published', now())""",
            (feed, f"{feed}.{sequence}", extracted_at, sequence, extracted_at),
        )

    def deliver_aliases(self, sequence: int, aliases: Iterable[tuple[str, str, str | None, str | None]]) -> None:
        """Add aliases (alias_ref, police_ref, forenames, surname) to the delivery of the police with this sequence."""
        for alias in aliases:
            self.query(
                """insert into raw.police_alias (alias_ref, police_ref, forenames, surname, opened_by_sequence, recorded_from)
                   values (%s, %s, %s, %s, %s, '2013-10-01T23:40:00+01:00')""",
                (*alias, sequence),
            )

    def decide(self, kind: str, key: str, other_key: str, withdraws: int | None = None) -> None:
        """Write a steward's decision about two records by their keys; it may take the place of an earlier one."""
        self.query(
            """insert into identity.decision
                   (kind, source_file, source_key, other_source_file, other_source_key, reason, decided_by, event_id)
               select %s, one.source_file, one.source_key, other.source_file, other.source_key, 'looked at both files', 'sam',
                   audit.record_event('decide', 'two records', 'a test')
               from identity.record one, identity.record other where one.source_key = %s and other.source_key = %s""",
            (kind, key, other_key),
        )
        self.query(
            "update identity.decision set withdrawn_by_decision = (select max(decision_id) from identity.decision)"
            " where decision_id = %s",
            (withdraws,),
        )

    def link(
        self, known_by: datetime | None = None, in_full: bool = False, because: str = "", **vintage: int
    ) -> LinkageResult:
        """Link as of a vintage, or as of all that was delivered when none is given; of a past one with the decisions of then."""
        return link_people(self.linker, vintage or None, known_by, in_full, because)

    def keys(self, run: int | None = None) -> dict[Record, int]:
        """Record -> person_key, now or as known at a run."""
        rows = self.query(
            """select source_file, source_key, person_key from identity.link
               where opened_by_run <= coalesce(%(run)s, opened_by_run) and (closed_by_run is null or closed_by_run > %(run)s)""",
            {"run": run},
        )
        found = {record_of(file, key): person for file, key, person in rows}
        assert len(found) == len(rows), "a record has two links"
        return found

    def unequal_runs(self) -> list[tuple[Any, ...]]:
        """Runs as of which other records or people are known than the run counted: where two groups have one key, or a record is
        in two."""
        return self.query(
            """select run_id, records, people, count(person_key) as links, count(distinct person_key) as keys
               from identity.linkage_run
               left join identity.link on opened_by_run <= run_id and coalesce(closed_by_run > run_id, true)
               group by run_id
               having (records, records, people) is distinct from
                   (count(person_key), count(distinct (source_file, source_key)), count(distinct person_key))"""
        )

    def numbers(self, *keys: str) -> list[int]:
        """What `iom people show` prints of records, by their keys, for a steward who takes them out of a person."""
        return [number for key in keys for (number,) in self.query(
            "select record_id from identity.record where source_key = %s", (key,))]  # fmt: skip

    def people(self, run: int | None = None) -> set[frozenset[Record]]:
        """The people, each as the set of their records."""
        keys = self.keys(run)
        return {frozenset(record for record in keys if keys[record] == person) for person in keys.values()}

    def methods(self) -> dict[Record, str]:
        rows = self.query("select source_file, source_key, method from identity.link where closed_by_run is null")
        return {record_of(file, key): method for file, key, method in rows}

    def conflicts(self) -> set[tuple[str, str, frozenset[Record]]]:
        """Open conflicts: kind, kind of identifier, the two records."""
        rows = self.query(
            """select kind, identifier_kind, source_file, source_key, other_source_file, other_source_key
               from identity.conflict where closed_by_run is null"""
        )
        return {(kind, of, frozenset({record_of(*records[:2]), record_of(*records[2:])})) for kind, of, *records in rows}

    def query(self, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        """Run a statement as the owner."""
        with self.owner.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


def record_of(file: str, key: str) -> Record:
    return file.split("_")[0], key


def _is_same(row: Row, version: dict[str, Any]) -> bool:
    return all(
        row.get(name) == value for name, value in version.items() if not name.startswith(("opened_", "closed_", "recorded_"))
    )
