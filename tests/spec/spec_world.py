"""The people of all spec cases, in one database: their records, links and definitions."""

import csv
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from psycopg2 import sql
from psycopg2.extras import Json, execute_values
from spec_cases import Case, Row

from iom_warehouse import configuration, contracts
from iom_warehouse.contracts import File
from iom_warehouse.platform import database
from iom_warehouse.platform.database import Connection

TODAY = date(2020, 12, 31)


def sequence_of(day: date) -> int:
    """The sequence of every feed's delivery of a business date."""
    return day.toordinal()


SEQUENCE = sequence_of(TODAY)
ALWAYS = "1900-01-01"
FIRST = date.fromisoformat(ALWAYS)
PERSON_FILES = {
    "police_person": "police_ref",
    "probation_person": "crn",
    "prison_person": "prison_number",
    "dip_client": "client_ref",
    "hub_case": "case_ref",
}
PERSON_COLUMNS = {column: file for file, column in PERSON_FILES.items()}
ALWAYS_KNOWN_TO = ("police_person", "hub_case")
DEFAULTS: dict[str, Row] = {
    "police_conviction": {"proof": "court", "disposal": "community", "is_principal": "Y", "is_breach": "N", "recordable": "Y",
                          "committed_in_ew": "Y", "offence_code": "046/00"},
    "police_arrest": {"offence_code": "046/00"},
    "police_charge": {"offence_code": "046/00", "scheme_flagged": "N"},
    "police_crime": {"offence_code": "046/00", "outcome": "charged"},
    "police_suspect": {"outcome": "charged"},
    "police_drug_test": {"basis": "trigger_offence", "substance": "opiates", "result": "positive"},
    "prison_spell": {"custody_type": "sentenced"},
    "prison_release_date": {"date_type": "conditional"},
    "probation_order": {"order_type": "community"},
    "probation_enforcement": {"kind": "breach"},
    "probation_assessment": {"status": "complete"},
    "hub_membership": {"scheme": "IOM"},
    "hub_service": {"service_type": "accommodation", "pathway": "1"},
    "dip_requirement": {"kind": "initial"},
    "dip_episode": {"contact_reason": "required_assessment"},
}  # fmt: skip
# Of these files the area is the case's own, unless a row says another.
PLACES = {
    "hub_membership": "district", "hub_meeting": "district", "hub_standard": "district", "police_arrest": "division",
    "prison_spell": "home_district", "dip_episode": "area", "hub_recommendation": "inquiry",
}  # fmt: skip
VERSION = {"version": "1"}
# Of these rows lists are made: unless one says otherwise, the first delivery of its feed brought it, before any list was frozen.
LISTS = ("hub_membership", "hub_family", "probation_order")
VERSION_DAYS = ("known_on", "replaced_on")  # of any row: business dates of the deliveries that brought this version and ended it


class World:
    """Collects the rows of every case, then writes them as if each feed had delivered once."""

    def __init__(self) -> None:
        self.people: dict[tuple[str, str], int] = {}
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.files: dict[str, File] = {file.name: file for contract in contracts.all() for file in contract.files}
        self._numbers = itertools.count(1)

    def add(self, case: Case) -> None:
        facts = {row["person"]: row for row in case.given.get("people", [])}
        for file, rows in case.given.items():
            if file == "people":
                rows = [{"person": row["person"]} for row in rows]
            for row in itertools.chain.from_iterable(map(_repeated, rows)):
                self._add_row(case, file, dict(row), facts)

    def _add_row(self, case: Case, file: str, row: Row, facts: dict[str, Row]) -> None:
        name = row.pop("person", None)
        if name and (case.name, name) not in self.people:
            self.people[case.name, name] = len(self.people) + 1
            for known_to in ALWAYS_KNOWN_TO:
                if known_to.partition("_")[0] not in facts.get(name, {}).get("without", ""):
                    self._know(case, name, known_to, facts)
        if file == "people":
            return
        if file == "detected_crime":
            crime = row.pop("crime", "") or f"crime {next(self._numbers)}"
            held = {"crime_ref": crime, "outcome_on": row.pop("outcome_on", row["committed_from"])}
            if not any(known["crime_ref"] == f"{case.name} {crime}" for known in self.rows["police_crime"]):
                self._write(case, "police_crime", held | row)
            self._write(case, "police_suspect", held | self._person(case, str(name), "police_person", facts))
            return
        self._write(case, file, row | (self._reference(case, name, file, facts) if name else {}))

    def _reference(self, case: Case, name: str, file: str, facts: dict[str, Row]) -> Row:
        """The column that names the person in a file, which makes the person known to that feed."""
        [column] = [column.name for column in self.files[file].columns if column.name in PERSON_COLUMNS]
        return self._person(case, name, PERSON_COLUMNS[column], facts)

    def _person(self, case: Case, name: str, person_file: str, facts: dict[str, Row]) -> Row:
        self._know(case, name, person_file, facts)
        return {PERSON_FILES[person_file]: name}

    def _know(self, case: Case, name: str, person_file: str, facts: dict[str, Row]) -> None:
        told = facts.get(name, {})
        column = PERSON_FILES[person_file]
        if any(row[column] == f"{case.name} {name}" for row in self.rows[person_file]):
            return
        known = {column: name, "dob": told.get("born_on", "1985-06-15"), "sex": told.get("sex", "M")}
        if person_file == "police_person":
            known["died_on"] = told.get("died_on", "")
        if person_file == "hub_case":
            known |= {"district": told.get("district", case.name), "gp_registered": told.get("gp", "")}
        if person_file == "dip_client":
            known |= {"local_authority": case.name, "consent_to_share": told.get("consent", "Y")}
            known |= {"consent_on": told.get("consent_on", ALWAYS), "consent_withdrawn_on": told.get("withdrawn_on", "")}
        self._write(case, person_file, known)

    def _write(self, case: Case, file: str, row: Row) -> None:
        """One row of a feed; references and keys are the case's own."""
        full = DEFAULTS.get(file, {}) | {name: "" if value == "-" else value for name, value in row.items()}
        if file in PLACES:
            full = {PLACES[file]: case.name} | full
        columns = {column.name: column for column in self.files[file].columns}
        unknown = full.keys() - columns.keys() - set(VERSION_DAYS)
        assert not unknown, f"{case.name}: {file} has no {unknown}"
        for name in self.files[file].key:
            if columns[name].type in ("ref", "text"):
                full.setdefault(name, f"{file} {next(self._numbers)}")
        own = {name for name in full if name.endswith("_ref") or name in PERSON_COLUMNS or name == "service_code"}
        self.rows[file].append({name: f"{case.name} {value}" if name in own and value else value for name, value in full.items()})

    def write(self, owner: Connection) -> None:
        """Put the rows into raw and the people into identity, as `owner`."""
        with owner, owner.cursor() as cursor:
            for file, rows in self.rows.items():
                _insert(cursor, file, rows)
            _insert_deliveries(cursor, self.rows)
            cursor.execute("insert into identity.linkage_run (method, vintage) values ('spec', '{}')")
            execute_values(
                cursor,
                "insert into identity.person (person_key, minted_at, minted_by_run) overriding system value values %s",
                [(key, TODAY, 1) for key in self.people.values()],
            )
            execute_values(
                cursor,
                "insert into identity.link (source_file, source_key, person_key, method, evidence, opened_by_run, linked_from) "
                "values %s",
                list(self._links()),
            )

    def _links(self) -> Iterator[tuple[Any, ...]]:
        """Records named alike in a case belong to one person; `Ann (2)` is a second record of Ann."""
        for file, column in PERSON_FILES.items():
            for record in dict.fromkeys(row[column] for row in self.rows[file]):  # once, whatever its versions
                case, _, name = record.partition(" ")
                yield file, record, self.people[case, name.partition(" (")[0]], "spec", Json({}), 1, TODAY


def _repeated(row: Row) -> Iterator[Row]:
    """A row as often as `times` says, `%` in a cell being which time, or once for its person and each of the `others`."""
    row = dict(row)
    times, others = int(row.pop("times", "") or 1), int(row.pop("others", "") or 0)
    for time in range(1, times + 1):
        yield {name: value.replace("%", str(time)) for name, value in row.items()}
    for number in range(others):
        yield row | {"person": f"{row['person']} and {number + 1}"}


def _insert(cursor: Any, file: str, rows: list[Row]) -> None:
    names = sorted({name for row in rows for name in row} - set(VERSION_DAYS))
    versions = ("opened_by_sequence", "closed_by_sequence", "recorded_from", "recorded_to")
    statement = sql.SQL("insert into raw.{} ({}) values %s").format(
        sql.Identifier(file), sql.SQL(", ").join(map(sql.Identifier, (*names, *versions)))
    )
    execute_values(cursor, statement, [(*(row.get(name) or None for name in names), *_version(file, row)) for row in rows])


def _version(file: str, row: Row) -> tuple[int, int | None, date, date | None]:
    opened, closed = (date.fromisoformat(day) if (day := row.get(name, "")) else None for name in VERSION_DAYS)
    opened = opened or (FIRST if file in LISTS else TODAY)
    return sequence_of(opened), sequence_of(closed) if closed else None, opened, closed


def _insert_deliveries(cursor: Any, files: Mapping[str, list[Row]]) -> None:
    """The ledger's row of every delivery: today's of each feed, and those on which an older version came or went."""
    told = {
        (file.partition("_")[0], row[name])
        for file, rows in files.items()
        for row in rows
        for name in VERSION_DAYS
        if row.get(name)
    }
    days = {(feed, date.fromisoformat(day)) for feed, day in told} | {(contract.feed, TODAY) for contract in contracts.all()}
    days |= {(file.partition("_")[0], FIRST) for file in LISTS}
    execute_values(
        cursor,
        "insert into audit.delivery "
        "(feed, folder, manifest_sha256, business_date, sequence, extract, extracted_at, status, decided_at) values %s",
        [(feed, str(day), "-", day, sequence_of(day), "full", day, "published", day) for feed, day in sorted(days)],
    )


def write_configuration(cases: list[Case], folder: Path) -> Path:
    """A configuration folder with the definitions of every case; a cohort takes the people of its case's own area only."""
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    tables["agencies"] = [{"agency": agency, "agency_name": agency} for agency in ("hub", "POL", "PRB", "NHS")]
    tables["audiences"] = [{"audience": "internal"}]
    tables["offence_sets"] = [
        {"offence_set": "trigger_offences", "pattern": "046/*"},
        {"offence_set": "trigger_offences", "pattern": "043/*", "effective_from": "2012-02-01"},
    ]
    tables["drug_service_rules"] = [
        {"rule": "positive_for_other", "value": 1, "source": "a law of this world", "effective_from": "2020-06-01"}
    ]
    for case in cases:
        tables["areas"].append({"area": case.name, "area_name": case.name, "area_type": "district"})
        for name, cohort in case.cohorts.items():
            tables["cohorts"].append(VERSION | {"cohort_id": own_id(case, name), "areas": case.name} | cohort)
        for name, measure in case.measures.items():
            row = VERSION | {"measure_id": name or "-", "cohort_id": "-"} | measure
            tables["measures"].append(_with_own_ids(case, row))
        for file, rows in case.definitions.items():
            tables[file] += [_with_own_ids(case, row) for row in rows]
    for file, key in (("offences", "offence_code"), ("review_rules", "review")):
        tables[file] = _once_each(tables[file], key)
    for file, rows in filter(lambda table: table[1], tables.items()):
        _write_csv(folder / f"{file}.csv", [{"effective_from": ALWAYS} | row for row in rows])
    return folder


def _once_each(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """One row for what several cases define, each its part of it."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        found[row[key]] |= row
    return list(found.values())


def _with_own_ids(case: Case, row: Mapping[str, Any]) -> dict[str, Any]:
    """A definition with the ids that the case alone has; an empty cell stays empty."""
    own = {"measure_id", "cohort_id", "offence_set", "district"} | ({"version"} if "rule_id" in row else set())
    return {name: own_id(case, value) if name in own and value else value for name, value in row.items()}


def own_id(case: Case, name: str) -> str:
    """An id of the configuration as this case alone has it; `-` stands for the only one of its kind."""
    return f"{case.name}.{name}" if name.strip("-") else case.name


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    names = sorted({name for row in rows for name in row})
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, names)
        writer.writeheader()
        writer.writerows({name: "" if value == "-" else value for name, value in row.items()} for row in rows)


def apply_configuration(cases: list[Case], folder: Path, owner: Connection) -> int:
    return configuration.apply(write_configuration(cases, folder), owner)


def open_build(configuration_id: int, absent: str = "") -> int:
    """The build of a night in which every feed but the absent one is there."""
    with database.transaction("transformer") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into audit.build (business_date, kind, linkage_run, configuration_id) values (%s, 'nightly', 1, %s) "
            "returning build_id",
            (TODAY, configuration_id),
        )
        [build_id] = cursor.fetchone()
        cursor.execute(
            "insert into audit.build_vintage (build_id, feed, sequence, business_date, state, days_stale) "
            "select %s, feed, %s, %s, 'fresh', 0 from unnest(%s) as feed",
            (build_id, SEQUENCE, TODAY, [contract.feed for contract in contracts.all() if contract.feed != absent]),
        )
        return build_id
