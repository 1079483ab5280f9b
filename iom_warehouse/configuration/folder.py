"""Checking and applying a configuration folder."""

import shlex
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from iom_warehouse.configuration import checks, contradictions, outbound, reading, tables, versions
from iom_warehouse.configuration.declaration import files
from iom_warehouse.configuration.findings import ConfigurationRefused, Finding
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings

log = get("configuration")


@dataclass(frozen=True)
class InForce:
    """A configuration, with the folder that it was read from."""

    number: int
    folder: Path


def check(folder: Path) -> list[Finding]:
    """All that is wrong with a folder, in its order; an empty list says that it can be applied. Needs no database."""
    return _checked(reading.read(folder))[1]


def apply(folder: Path, connection: Connection) -> int:
    """Make the folder the current configuration, in one transaction; returns its configuration_id.

    `connection` belongs to iom_owner. A folder with the content of the current configuration changes nothing and returns
    that configuration's id; only where it was read from is written down anew. Raises ConfigurationRefused, with everything that
    is wrong, and leaves everything as it was. What outbound files may show is asked of the database, which has the list of it,
    once all else is right.
    """
    given = reading.read(folder.resolve())
    typed, found = _checked(given)
    if found:
        raise ConfigurationRefused(found, folder)
    with connection, connection.cursor() as cursor:
        cursor.execute("lock table audit.configuration in share row exclusive mode")  # one at a time; readers go on
        tables.create(cursor)
        cursor.execute("select configuration_id, sha256 from audit.configuration order by configuration_id desc limit 1")
        current = cursor.fetchone()
        if current and current[1] == given.digest:
            cursor.execute(
                "update audit.configuration set folder = %s where configuration_id = %s", (str(given.path), current[0])
            )
            return int(current[0])
        configuration_id = _write(cursor, given, typed)
        if faults := outbound.findings(cursor, given.tables["outbound"], date.today()):
            raise ConfigurationRefused(faults, folder)
        return configuration_id


def folder_given(connection: Connection) -> Path:
    """The folder of the settings. `connection` belongs to iom_owner.

    Raises IomError where that is only the default, and the configuration in force comes from another folder: the default one must
    not take the place of a partnership's own because nobody named that.
    """
    given, last = settings().configuration_dir, in_force(connection)
    if "configuration_dir" not in settings().model_fields_set and last and last.folder.is_dir() and last.folder != given:
        quoted = shlex.quote(str(last.folder))
        raise IomError(
            f"The configuration in force comes from {last.folder}, and none was given now.",
            f"Give CONFIG={quoted}, or CONFIG={shlex.quote(str(given))} to change it;"
            f" for a command, set IOM_CONFIGURATION_DIR or name the folder: iom configuration apply {quoted}",
        )
    return given


def in_force(connection: Connection) -> InForce | None:
    """The configuration applied last; None before the first. `connection` belongs to iom_owner."""
    with connection, connection.cursor() as cursor:
        cursor.execute("select configuration_id, folder from audit.configuration order by configuration_id desc limit 1")
        found = cursor.fetchone()
    return InForce(found[0], Path(found[1])) if found else None


def lapsed(connection: Connection) -> list[str]:
    """Sentences on outbound files that may not be sent today because of the days of their agreement (`connection`: iom_owner)."""
    with connection, connection.cursor() as cursor:
        return outbound.lapsed(cursor, date.today())


def _checked(given: reading.Folder) -> tuple[dict[str, pl.DataFrame], list[Finding]]:
    """The typed tables, and all findings. Rows that already have a finding are not asked whether they contradict themselves."""
    found = [*given.findings, *checks.findings(given)]
    typed, sound = {}, {}
    for file in files():
        typed[file.name] = checks.typed(file, given.tables[file.name])
        faulty = [finding.row for finding in found if finding.file == file.csv_name]
        sound[file.name] = typed[file.name].filter(~pl.col(reading.ROW).is_in(faulty))
    return typed, sorted({*found, *contradictions.findings(sound)})


def _write(cursor: Cursor, given: reading.Folder, typed: dict[str, pl.DataFrame]) -> int:
    insert = "insert into audit.configuration (sha256, folder) values (%s, %s) returning configuration_id"
    cursor.execute(insert, (given.digest, str(given.path)))
    [configuration_id] = cursor.fetchone()
    for file in files():
        opened, closed = versions.write(cursor, file, typed[file.name], configuration_id)
        if opened or closed:
            log.info("configuration %s: %s, %s rows opened, %s closed", configuration_id, file.name, opened, closed)
    return int(configuration_id)
