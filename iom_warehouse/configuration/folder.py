"""Checking and applying a configuration folder."""

from datetime import date
from pathlib import Path

import polars as pl
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from iom_warehouse.configuration import checks, contradictions, outbound, reading, tables, versions
from iom_warehouse.configuration.declaration import files
from iom_warehouse.configuration.findings import ConfigurationRefused, Finding
from iom_warehouse.platform.log import get

log = get("configuration")


def check(folder: Path) -> list[Finding]:
    """All that is wrong with a folder, in its order; an empty list says that it can be applied. Needs no database."""
    return _checked(reading.read(folder))[1]


def apply(folder: Path, connection: Connection) -> int:
    """Make the folder the current configuration, in one transaction; returns its configuration_id.

    `connection` belongs to iom_owner. A folder with the content of the current configuration changes nothing and returns
    that configuration's id. Raises ConfigurationRefused, with everything that is wrong, and leaves everything as it was. What
    outbound files may show is asked of the database, which has the list of it, once all else is right.
    """
    given = reading.read(folder)
    typed, found = _checked(given)
    if found:
        raise ConfigurationRefused(found)
    with connection, connection.cursor() as cursor:
        cursor.execute("lock table audit.configuration in share row exclusive mode")  # one at a time; readers go on
        tables.create(cursor)
        cursor.execute("select configuration_id, sha256 from audit.configuration order by configuration_id desc limit 1")
        current = cursor.fetchone()
        if current and current[1] == given.digest:
            return int(current[0])
        configuration_id = _write(cursor, given, typed)
        if faults := outbound.findings(cursor, given.tables["outbound"], date.today()):
            raise ConfigurationRefused(faults)
        return configuration_id


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
