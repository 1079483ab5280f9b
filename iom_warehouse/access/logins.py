"""Database logins of people, as `people_access` of the configuration has them on this day, and their passwords.

A password is made here when a login is opened. It is the person's own to change, so what is set once is left alone.
"""

import secrets as random_secrets
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extensions import encrypt_password

from iom_warehouse.platform import secrets
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get

log = get("access")
LEAST_LENGTH = 12  # of a password that a person chooses
MARK = "person of an IOM partnership"  # comment on each login made here, so that no other role is ever taken over

WANTED = """
    select distinct on (login) login, role from reference.people_access
    where closed_by_configuration is null and effective_from <= current_date
    order by login, effective_from desc"""
LOCK = "lock table access.person_role in share row exclusive mode"
HELD = "select login from access.person_role order by login"
WRITE_ROLES = """
    insert into access.person_role (login, role, areas, audiences, signs_off)
    select distinct on (login)
        login, role, coalesce(string_to_array(areas, ';'), '{}'), coalesce(string_to_array(audiences, ';'), '{}'),
        coalesce(string_to_array(signs_off, ';'), '{}')
    from reference.people_access
    where closed_by_configuration is null and effective_from <= current_date
    order by login, effective_from desc"""
MEMBER_OF = """
    select substr(pg_get_userbyid(roleid), 5) from pg_auth_members
    where pg_get_userbyid(member) = %s and starts_with(pg_get_userbyid(roleid), 'iom_')"""
WRITE_AREAS = """
    with recursive area as (
        select distinct on (area) area, parent, area_type from reference.areas
        where closed_by_configuration is null and effective_from <= current_date
        order by area, effective_from desc
    ), seen (login, area) as (
        select login, unnest(areas) from access.person_role
        union
        select seen.login, area.area from seen join area on area.parent = seen.area
    )
    insert into access.person_area
    select login, area from seen
    union
    select login, 'unknown' from access.person_role as role
    where areas <> '{}' and exists (select from area) and not exists (
        select from area where parent is null and area_type <> 'outside'
            and area not in (select seen.area from seen where seen.login = role.login)
    )"""


@dataclass(frozen=True)
class Changes:
    """Logins that may now enter, and those that no longer may."""

    open: tuple[str, ...]
    closed: tuple[str, ...]


def apply(connection: Connection) -> Changes:
    """Bring logins, roles and areas to the current configuration, in one transaction. Running it again changes nothing.

    `connection` belongs to iom_owner. The first password of a login is made here and lies in secrets_dir/people/<login>; that
    file may be handed out and taken away. A login that is gone from the configuration loses its roles at once and can no longer
    enter. Raises IomError when a login has the name of a role that was not made here.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(LOCK)
        wanted, held = dict(_rows(cursor, WANTED)), [login for (login,) in _rows(cursor, HELD)]
        for login, role in wanted.items():
            _make_role(cursor, login)
            _set_groups(cursor, login, {role})
        first = {login: password for login in wanted if (password := _first_password(cursor, login))}
        for login, password in first.items():
            _let_in(cursor, login, password)
        gone = tuple(login for login in held if login not in wanted)
        for login in gone:
            _close(cursor, login)
        cursor.execute("delete from access.person_role")
        cursor.execute(WRITE_ROLES)
        cursor.execute(WRITE_AREAS)
        for login, password in first.items():  # last, and under the lock, so that the next run finds what this one set
            secrets.write(_secret(login), password)
        for login in gone:
            secrets.path_of(_secret(login)).unlink(missing_ok=True)
    log.info("people who may log in: %s; closed: %s", len(wanted), len(gone))
    return Changes(tuple(wanted), gone)


def renew(connection: Connection, *logins: str) -> Changes:
    """Give these logins, or all where none is named, a new first password, and bring all logins to the configuration.

    They are closed first, so that a run which ends halfway leaves nobody a file that opens nothing: the next one opens them.
    Raises IomError for a login that is not in the configuration that was applied last.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(LOCK)
        held = [login for (login,) in _rows(cursor, HELD)]
        if unknown := sorted(set(logins) - set(held)):
            raise IomError(f"Nobody logs in as {', '.join(unknown)}.", "`iom access` says who may log in.")
        for login in logins or held:
            _make_role(cursor, login)
            secrets.path_of(_secret(login)).unlink(missing_ok=True)
            cursor.execute(_sql("alter role {} nologin password null", login))
    return apply(connection)


def change_password(person: Connection, password: str) -> None:
    """Set the password of whoever is logged in; the server gets no more than its SCRAM verifier.

    Raises IomError when it is shorter than LEAST_LENGTH or holds the login.
    """
    login = person.info.user
    if len(password) < LEAST_LENGTH or login in password:
        raise IomError(
            f"The password is shorter than {LEAST_LENGTH} characters, or holds your login.",
            "Take a longer one: four or five words do.",
        )
    with person, person.cursor() as cursor:
        _set_password(cursor, login, password)


def _first_password(cursor: Cursor, login: str) -> str | None:
    """The password to open a login with; None where it was opened before, as it may have another one by now."""
    cursor.execute("select rolcanlogin from pg_roles where rolname = %s", (login,))
    [(is_open,)] = cursor.fetchall()
    if is_open:
        return None
    is_written = secrets.exists(_secret(login))  # by a run that ended before its commit
    return secrets.read(_secret(login)) if is_written else random_secrets.token_urlsafe(32)


def _let_in(cursor: Cursor, login: str, password: str) -> None:
    cursor.execute(_sql("alter role {} login", login))
    _set_password(cursor, login, password)


def _set_password(cursor: Cursor, login: str, password: str) -> None:
    verifier = encrypt_password(password, login, scope=cursor.connection, algorithm="scram-sha-256")
    cursor.execute(_sql("alter role {} password {}", login, sql.Literal(verifier)))


def _make_role(cursor: Cursor, login: str) -> None:
    """Make the role of a login unless it is there. Raises IomError when one of this name was not made here."""
    cursor.execute("select shobj_description(oid, 'pg_authid') from pg_roles where rolname = %s", (login,))
    found = cursor.fetchone()
    if found and found[0] != MARK:
        raise IomError(
            f"The login {login} has the name of a database role that is no person's.", "Choose another in people_access.csv."
        )
    if not found:
        cursor.execute(_sql("create role {} nologin connection limit 5", login))
        cursor.execute(_sql("comment on role {} is {}", login, sql.Literal(MARK)))
        cursor.execute(_sql("alter role {} set statement_timeout = '15min'", login))
        cursor.execute(_sql("alter role {} set idle_in_transaction_session_timeout = '15min'", login))


def _close(cursor: Cursor, login: str) -> None:
    cursor.execute(_sql("alter role {} nologin password null", login))
    _set_groups(cursor, login, set())


def _set_groups(cursor: Cursor, login: str, wanted: set[str]) -> None:
    """Make the login a member of the wanted group roles and of no other of ours."""
    cursor.execute(MEMBER_OF, (login,))
    held = {name for (name,) in cursor.fetchall()}
    for role in sorted(wanted - held):
        cursor.execute(_sql("grant {} to {}", f"iom_{role}", login))
    for role in sorted(held - wanted):
        cursor.execute(_sql("revoke {} from {}", f"iom_{role}", login))


def _secret(login: str) -> str:
    return f"people/{login}"


def _rows(cursor: Cursor, query: str) -> list[tuple]:
    cursor.execute(query)
    return cursor.fetchall()


def _sql(template: str, *parts: str | sql.Composable) -> sql.Composed:
    """A statement from a template; plain strings are identifiers."""
    return sql.SQL(template).format(*(part if isinstance(part, sql.Composable) else sql.Identifier(part) for part in parts))
