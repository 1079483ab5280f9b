"""Logins of people, what each role may read, and the look that is committed before it answers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import psycopg2
import pytest
from delivery_maker import Warehouse
from psycopg2.errors import InsufficientPrivilege, LockNotAvailable, RaiseException
from psycopg2.extensions import connection as Connection
from typer.testing import CliRunner

from iom_warehouse import access, cli, configuration
from iom_warehouse.orchestration import night_from_nothing
from iom_warehouse.platform import database, secrets
from iom_warehouse.platform.errors import IomError

SOUND = Path(__file__).parents[2] / "unit" / "configuration" / "sound"
PEOPLE = """login,role,areas,effective_from
ana,analyst,F,2004-01-01
pat,practitioner,A,2004-01-01
pia,practitioner,B,2004-01-01
sam,steward,,2004-01-01
com,commissioner,,2004-01-01
aud,auditor,,2004-01-01
"""
REASON = "case meeting tomorrow"
OWN_PASSWORD = "four-words-of-her-own"  # of this test
Login = Callable[[str], Connection]


@pytest.fixture
def owner(warehouse: Warehouse) -> Iterator[Connection]:
    connection = database.connect("owner")
    yield connection
    connection.close()


@pytest.fixture
def people(owner: Connection, tmp_path: Path) -> Path:
    """A configuration folder with one person a role, applied; districts A and B lie in division D of force F."""
    folder = Path(copytree(SOUND, tmp_path / "partnership"))
    with (folder / "areas.csv").open("a") as areas:
        areas.write("B,Brackley,district,D,2004-01-01\n")
    (folder / "people_access.csv").write_text(PEOPLE)
    apply(folder, owner)
    return folder


@pytest.fixture
def login(people: Path) -> Iterator[Login]:
    """Connections as people, with the passwords that were made for them."""
    opened = []

    def enter(name: str) -> Connection:
        opened.append(psycopg2.connect(**(database.dsn("owner") | {"user": name, "password": secrets.read(f"people/{name}")})))
        return opened[-1]

    yield enter
    for connection in opened:
        connection.close()


@pytest.fixture
def person(owner: Connection) -> int:
    """One person of district A, known to the hub, the police and a drug service."""
    run(owner, "insert into identity.linkage_run (method, vintage) values ('test', '{}')")
    [(run_id,)] = run(owner, "select max(run_id) from identity.linkage_run")
    [(key,)] = run(owner, f"insert into identity.person (minted_at, minted_by_run) values (now(), {run_id}) returning person_key")
    for file, source_key in (("hub_case", "H1"), ("police_person", "P1"), ("dip_client", "C1")):
        run(
            owner,
            f"""insert into identity.link (source_file, source_key, person_key, method, evidence, opened_by_run, linked_from)
                values ('{file}', '{source_key}', {key}, 'single', '{{}}', {run_id}, now())""",
        )
    for table, values in (
        ("hub_case (case_ref, surname, forenames, dob, district, ", "'H1', 'Testname', 'Hub', '1980-02-01', 'A', "),
        ("police_person (police_ref, surname, forenames, dob, ", "'P1', 'Testname', 'Police', '1980-02-01', "),
    ):
        run(owner, f"insert into raw.{table} opened_by_sequence, recorded_from) values ({values} 1, now())")
    return key


def apply(folder: Path, owner: Connection) -> access.Changes:
    configuration.apply(folder, owner)
    return access.apply(owner)


def run(connection: Connection, statement: str) -> list[tuple]:
    """Run one statement in a transaction of its own."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


# --- logins


def test_everybody_enters_with_the_password_made_for_them(login: Login) -> None:
    for name in ("ana", "pat", "sam", "com", "aud"):
        assert run(login(name), "select session_user::text") == [(name,)]
        assert secrets.path_of(f"people/{name}").stat().st_mode & 0o777 == 0o600


def test_applying_again_changes_nothing(owner: Connection, people: Path, login: Login) -> None:
    members = (
        "select member::regrole::text, roleid::regrole::text from pg_auth_members"
        " where member::regrole::text in ('ana', 'aud') order by 1"
    )
    before = run(owner, members), secrets.read("people/ana")
    assert access.apply(owner).closed == ()
    assert (run(owner, members), secrets.read("people/ana")) == before
    assert before[0] == [("ana", "iom_analyst"), ("aud", "iom_auditor")]
    login("ana")


def enter(name: str, password: str) -> None:
    """Log in and out. Raises OperationalError for a wrong password."""
    psycopg2.connect(**(database.dsn("owner") | {"user": name, "password": password})).close()


@pytest.fixture
def ana_forgets(owner: Connection, people: Path) -> Iterator[None]:
    """Afterwards her password is that of a new file, since logins are the whole server's."""
    yield
    access.renew(owner, "ana")


@pytest.mark.usefixtures("ana_forgets")
def test_a_password_of_ones_own_stays_when_logins_are_applied_again(owner: Connection, login: Login) -> None:
    first = secrets.read("people/ana")
    access.change_password(login("ana"), OWN_PASSWORD)
    access.apply(owner)
    enter("ana", OWN_PASSWORD)
    with pytest.raises(psycopg2.OperationalError):
        enter("ana", first)

    secrets.path_of("people/ana").unlink()  # it was handed out and tidied away
    access.apply(owner)
    enter("ana", OWN_PASSWORD)
    assert not secrets.exists("people/ana")


def test_a_password_that_was_forgotten_is_made_anew_when_asked_for(owner: Connection, login: Login) -> None:
    first, of_another = secrets.read("people/ana"), secrets.read("people/pat")
    access.change_password(login("ana"), OWN_PASSWORD)
    done = CliRunner().invoke(cli.app, ["access", "--new-password", "ana"], catch_exceptions=False)
    assert "May log in: ana, aud, " in done.stdout
    second = secrets.read("people/ana")
    enter("ana", second)
    assert second not in (first, OWN_PASSWORD) and secrets.read("people/pat") == of_another
    with pytest.raises(psycopg2.OperationalError):
        enter("ana", OWN_PASSWORD)
    with pytest.raises(IomError, match="Nobody logs in as stranger"):
        access.renew(owner, "ana", "stranger")
    enter("ana", second)


@pytest.mark.usefixtures("ana_forgets")
def test_a_run_that_ends_before_its_commit_leaves_no_file_that_opens_nothing(
    owner: Connection, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = secrets.write

    def write_and_end(name: str, value: str) -> None:
        write(name, value)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(secrets, "write", write_and_end)
        access.renew(owner, "ana")
    with pytest.raises(psycopg2.OperationalError):
        enter("ana", secrets.read("people/ana"))
    access.apply(owner)
    enter("ana", secrets.read("people/ana"))


@pytest.mark.usefixtures("ana_forgets")
def test_the_command_asks_for_the_old_password_and_twice_for_the_new(people: Path) -> None:
    typed = f"{secrets.read('people/ana')}\n{OWN_PASSWORD}\n{OWN_PASSWORD}\n"
    done = CliRunner().invoke(cli.app, ["password", "--by", "ana"], input=typed, catch_exceptions=False)
    assert "Your password is changed." in done.stdout and OWN_PASSWORD not in done.output
    enter("ana", OWN_PASSWORD)


@pytest.mark.usefixtures("ana_forgets")
def test_the_line_for_psql_reads_the_first_password_while_that_opens_anything(login: Login) -> None:
    first = secrets.path_of("people/ana")
    assert night_from_nothing.psql_line().startswith(f'PGPASSWORD="$(cat {first})" ')
    access.change_password(login("ana"), OWN_PASSWORD)
    asking = night_from_nothing.psql_line()
    assert "PGPASSWORD" not in asking and " -U ana " in asking


@pytest.mark.usefixtures("ana_forgets")
def test_the_server_is_given_a_verifier_and_no_password(warehouse: Warehouse, login: Login) -> None:
    """Whatever it logs, and whoever reads its table of roles."""
    held = login("ana")
    with held.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        [pid] = cursor.fetchone()
    held.rollback()
    access.change_password(held, OWN_PASSWORD)
    assert warehouse.value("select rolpassword from pg_authid where rolname = 'ana'").startswith("SCRAM-SHA-256$")
    last = warehouse.value("select query from pg_stat_activity where pid = %s", pid)
    assert OWN_PASSWORD not in last


@pytest.mark.parametrize("password", ["", "short", "eleven-char", "ana-and-some-more"])
def test_a_password_is_long_and_not_the_login(login: Login, password: str) -> None:
    with pytest.raises(IomError, match="shorter than 12 characters, or holds your login"):
        access.change_password(login("ana"), password)


def test_who_is_gone_from_the_configuration_is_shut_out_at_once(owner: Connection, people: Path, login: Login) -> None:
    held = login("aud")
    path, password = people / "people_access.csv", secrets.read("people/aud")
    path.write_text(PEOPLE.replace("aud,auditor,,2004-01-01\n", ""))
    assert apply(people, owner).closed == ("aud",)
    with pytest.raises(InsufficientPrivilege):
        run(held, "select * from audit.event")
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(**(database.dsn("owner") | {"user": "aud", "password": password}))
    assert not secrets.path_of("people/aud").exists()

    path.write_text(PEOPLE)
    assert "aud" in apply(people, owner).open
    login("aud")


def test_another_role_takes_the_old_one_away(owner: Connection, people: Path, login: Login) -> None:
    (people / "people_access.csv").write_text(PEOPLE.replace("aud,auditor,", "aud,commissioner,"))
    apply(people, owner)
    with pytest.raises(InsufficientPrivilege):
        run(login("aud"), "select * from audit.event")


def test_a_role_of_somebody_else_is_not_taken_over(owner: Connection, people: Path) -> None:
    run(owner, "create role dba nologin")
    (people / "people_access.csv").write_text(PEOPLE + "dba,auditor,,2004-01-01\nzoe,auditor,,2004-01-01\n")
    try:
        with pytest.raises(IomError, match="dba has the name of a database role that is no person's"):
            apply(people, owner)
        assert run(owner, "select login from access.person_role where login in ('dba', 'zoe')") == []
    finally:
        run(owner, "drop role dba")


def test_an_area_opens_everything_that_lies_in_it(owner: Connection, login: Login) -> None:
    seen = "select array_agg(area order by area) from access.my_area"
    assert run(login("ana"), seen) == [(["A", "A1", "B", "D", "F", "unknown"],)]
    assert run(login("pat"), seen) == [(["A", "A1"],)]
    with pytest.raises(InsufficientPrivilege):
        run(login("ana"), "select * from access.person_area")


# --- what each role may read


@pytest.mark.parametrize("name", ["ana", "pat", "sam", "com", "aud"])
def test_nobody_reads_where_names_are(login: Login, name: str) -> None:
    reachable = run(
        login(name),
        """select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname in ('landing', 'quarantine', 'raw', 'identity') and c.relkind in ('r', 'p', 'v')
             and has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'select')""",
    )
    assert reachable == []


def test_marts_open_to_analysts_and_stay_open_when_they_are_rebuilt(login: Login) -> None:
    transformer = database.connect("transformer")
    try:
        run(transformer, "create schema if not exists mart_trial; create schema if not exists staging_trial")
        for schema in ("mart_trial", "staging_trial"):
            run(transformer, f"drop table if exists {schema}.t; create table {schema}.t as select 1 as n")
        run(transformer, "select access.open_own_tables()")
        analyst = login("ana")
        assert run(analyst, "select n from mart_trial.t") == [(1,)]
        run(transformer, "drop table mart_trial.t; create table mart_trial.t as select 2 as n")
        assert run(analyst, "select n from mart_trial.t") == [(2,)]
        for name, table in (
            ("ana", "staging_trial.t"),
            ("com", "mart_trial.t"),
            ("pat", "mart_trial.t"),
            ("aud", "mart_trial.t"),
        ):
            with pytest.raises(InsufficientPrivilege):
                run(login(name), f"select n from {table}")
    finally:
        run(transformer, "drop schema if exists mart_trial, staging_trial cascade")
        transformer.close()


def test_what_is_published_opens_to_all_and_can_be_changed_by_none(login: Login) -> None:
    publisher = database.connect("publisher")
    try:
        run(publisher, "create table published.trial as select 1 as n")
        run(publisher, "select access.open_own_tables()")
        for name in ("ana", "pat", "sam", "com", "aud"):
            assert run(login(name), "select n from published.trial") == [(1,)]
            with pytest.raises(InsufficientPrivilege):
                run(login(name), "delete from published.trial")
    finally:
        run(publisher, "drop table if exists published.trial")
        publisher.close()


def test_the_auditor_reads_the_ledger_and_the_commissioner_does_not(login: Login) -> None:
    for table in ("event", "delivery", "validation_result", "configuration"):
        run(login("aud"), f"select * from audit.{table}")
        with pytest.raises(InsufficientPrivilege):
            run(login("com"), f"select * from audit.{table}")
    assert run(login("aud"), "select audit.first_broken_event()") == [(None,)]


def test_who_looked_at_whom_is_read_by_auditors_only(login: Login) -> None:
    run(login("aud"), "select reason from audit.event")
    run(login("aud"), "select * from audit.disclosed_person")
    run(login("sam"), "select * from audit.delivery")
    stages = [database.connect(stage) for stage in ("loader", "linker", "transformer", "publisher", "display")]
    for reader in (login("sam"), *stages):
        for column in ("actor", "action", "subject", "reason", "details"):
            with pytest.raises(InsufficientPrivilege):
                run(reader, f"select {column} from audit.event")
        with pytest.raises(InsufficientPrivilege):
            run(reader, "select * from audit.disclosed_person")
    run(stages[3], "select event_id, hash from audit.event")
    for stage in stages:
        stage.close()


# --- looks


def events(owner: Connection, since: int) -> list[tuple]:
    return run(owner, f"select actor, action, subject, reason from audit.event where event_id > {since} order by event_id")


@pytest.fixture
def last_event(owner: Connection) -> int:
    return run(owner, "select coalesce(max(event_id), 0) from audit.event")[0][0]


def test_a_look_shows_the_names_and_is_written_down(owner: Connection, login: Login, person: int, last_event: int) -> None:
    names = [facts for section, facts in access.passport(login("pat"), person, REASON) if section == "names"]
    assert [(name["source"], name["forenames"]) for name in names] == [("hub_case", "Hub"), ("police_person", "Police")]
    assert events(owner, last_event) == [("pat", "passport", f"person {person}", REASON)]
    assert run(owner, "select audit.first_broken_event()") == [(None,)]


def test_no_name_before_the_event_is_committed(login: Login, person: int) -> None:
    connection = login("pat")
    with connection.cursor() as cursor:
        cursor.execute("select access.request_passport(%s, %s)", (person, REASON))
        [token] = cursor.fetchone()
        cursor.execute("savepoint inner_part")
        with pytest.raises(RaiseException, match="not committed"):
            cursor.execute("select * from access.take_passport(%s)", (token,))
    connection.commit()
    with pytest.raises(RaiseException, match="no look was asked for"), connection.cursor() as cursor:
        cursor.execute("select * from access.take_passport(%s)", (token,))


def test_a_request_that_was_rolled_back_gives_nothing(owner: Connection, login: Login, person: int, last_event: int) -> None:
    connection = login("pat")
    with connection.cursor() as cursor:
        cursor.execute("select access.request_passport(%s, %s)", (person, REASON))
        [token] = cursor.fetchone()
    connection.rollback()
    with pytest.raises(RaiseException, match="no look was asked for"):
        run(connection, f"select * from access.take_passport('{token}')")
    assert events(owner, last_event) == []


def test_a_person_of_another_district_is_refused_and_the_attempt_stays(
    owner: Connection, login: Login, person: int, last_event: int
) -> None:
    with pytest.raises(IomError, match="on no list of your areas; the attempt was written down"):
        access.passport(login("pia"), person, REASON)
    assert events(owner, last_event) == [("pia", "passport refused", f"person {person}", REASON)]


def test_nobody_learns_who_is_on_a_list_without_being_written_down(login: Login, person: int) -> None:
    for name, asked in (("pat", person), ("pia", person), ("pat", person + 1)):
        connection = login(name)
        with connection.cursor() as cursor:
            cursor.execute("select access.request_passport(%s, %s) is not null", (asked, REASON))
            assert cursor.fetchone() == (True,)
            cursor.execute("select access.request_passport(%s, %s)", (asked, REASON))
            [token] = cursor.fetchone()
            with pytest.raises(RaiseException, match="not committed"):
                cursor.execute("select * from access.take_passport(%s)", (token,))
        connection.rollback()


def test_a_look_that_was_refused_stays_refused(owner: Connection, login: Login, person: int) -> None:
    [(token,)] = run(login("pia"), f"select access.request_passport({person}, '{REASON}')")
    run(owner, "update raw.hub_case set district = 'B' where case_ref = 'H1'")
    with pytest.raises(InsufficientPrivilege, match="on no list of your areas"):
        run(login("pia"), f"select * from access.take_passport('{token}')")


def test_a_load_that_waits_for_the_audit_log_ends_and_says_why(
    warehouse: Warehouse, login: Login, person: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stage in ("loader", "linker", "transformer", "publisher"):
        connection = database.connect(stage)
        assert run(connection, "show lock_timeout") == [("5min",)]
        connection.close()
    folder = warehouse.deliver("prison", 1, {})
    held = login("pat")
    held.cursor().execute("select access.request_passport(%s, %s)", (person, REASON))
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=200ms")
    with pytest.raises(IomError, match=r"LockNotAvailable.*audit\.event"):
        warehouse.load("prison", folder)
    publisher = database.connect("publisher")
    with pytest.raises(LockNotAvailable, match=r"another transaction that wrote to audit\.event is still open"):
        run(publisher, "select audit.record_event('publish', 'a report', 'a test')")
    publisher.close()
    held.rollback()
    assert warehouse.load("prison", folder).status in ("published", "refused")


def test_a_token_is_of_use_to_its_asker_only_and_for_five_minutes(owner: Connection, login: Login, person: int) -> None:
    [(token,)] = run(login("pat"), f"select access.request_passport({person}, '{REASON}')")
    with pytest.raises(RaiseException, match="no look was asked for"):
        run(login("pia"), f"select * from access.take_passport('{token}')")
    run(owner, f"update access.look_request set requested_at = requested_at - interval '5 minutes' where token = '{token}'")
    with pytest.raises(RaiseException, match="has lapsed"):
        run(login("pat"), f"select * from access.take_passport('{token}')")


@pytest.mark.parametrize("reason", ["", "    a    ", "x" * 501])
def test_a_look_needs_its_reason(login: Login, person: int, reason: str) -> None:
    with pytest.raises(IomError, match="A look needs its reason"):
        access.passport(login("pat"), person, reason)


@pytest.mark.parametrize("name", ["ana", "sam", "com", "aud"])
def test_only_practitioners_look(login: Login, person: int, name: str) -> None:
    with pytest.raises(IomError, match=f"{name} is no practitioner"):
        access.passport(login(name), person, REASON)
