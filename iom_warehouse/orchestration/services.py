"""Airflow's services for people who want to watch: scheduler, API server, DAG processor, triggerer."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Collection
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from iom_warehouse.orchestration import airflow_home
from iom_warehouse.platform import database, secrets
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import PROJECT_DIR, settings

# The API server first: the scheduler starts what is due at once, and a task that cannot reach it fails.
# Task logs are read from the disk that all services share: the log servers would listen on every address.
API_SERVER = "api-server"
SERVICES = {API_SERVER: [], "dag-processor": [], "scheduler": ["--skip-serve-logs"], "triggerer": ["--skip-serve-logs"]}
ADMIN = "admin"
ACCOUNTS = "iom_warehouse.orchestration.airflow_accounts"
PLUGINS = PROJECT_DIR / "docker" / "airflow" / "plugins"
STARTING_SECONDS = 120
NO_ANSWER = (OSError, HTTPException, ValueError, AttributeError, KeyError, TypeError)  # none at all, or that of another program
log = get("platform")


def migrate() -> None:
    """Bring Airflow's own database to the version of this release, in a process of its own, unless it is there already."""
    airflow_home.prepare()
    if not airflow_home.is_migrated():
        _airflow("db", "migrate")
        airflow_home.note_migrated()


def check_port(port: int) -> None:
    """Raise IomError, before anything is started, when the UI could not listen on this loopback port."""
    if _is_running(API_SERVER):
        if _port_file().read_text() != str(port):
            raise IomError(f"Airflow's services run already, on port {_port_file().read_text()}.", "Stop them first: make down")
    elif not _is_free(port):
        raise IomError(
            f"Port {port} of 127.0.0.1 is in use or closed to you.",
            "Give another one (make up PORT=9090, or iom up --port 9090), or end the program that listens there.",
        )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def start(port: int) -> str:
    """Start the services that are not running yet and wait until the UI answers. Returns its address.

    Raises IomError when one of them does not start; those that were started with it are stopped then.
    """
    migrate()
    os.environ["AIRFLOW__API__PORT"] = str(port)
    os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] = f"http://127.0.0.1:{port}/execution/"
    os.environ["AIRFLOW__API__BASE_URL"] = f"http://127.0.0.1:{port}"
    with database.alone("loader", airflow_home.NIGHT) as no_night_is_at_work:
        if no_night_is_at_work:
            airflow_home.end_left_runs()
    _make_admin()
    address = f"http://127.0.0.1:{port}"
    missing = [service for service in SERVICES if not _is_running(service)]
    if API_SERVER in missing:
        _port_file().write_text(str(port))
    for service in missing:
        _pid_file(service).unlink(missing_ok=True)  # of one that was killed
    try:
        for service in SERVICES:
            if service in missing:
                _start(service)
            if service == API_SERVER:
                _await(address)
        _await(address, every_service=True)
    except BaseException:
        stop(missing)
        raise
    return address


def stop(services: Collection[str] = tuple(SERVICES)) -> list[str]:
    """Stop those of the services that were started here, each with its children; the API server last, which tasks report to.

    A service is asked to end its children itself: a worker of the scheduler that a signal ends while it takes a task from their
    queue would leave the others waiting for its lock. Returns the names of the services.
    """
    stopped = [service for service in reversed(SERVICES) if service in services and _is_running(service)]
    for service in stopped:
        if service != API_SERVER:
            _signal(service, signal.SIGINT)
    for service in stopped:
        if service == API_SERVER:
            _signal(service, signal.SIGINT)
        _await_end(service)
        _signal(service, signal.SIGKILL, with_children=True)  # what it left behind
        _pid_file(service).unlink(missing_ok=True)
    return stopped


def _signal(service: str, number: signal.Signals, with_children: bool = False) -> None:
    with suppress(ProcessLookupError):  # it has just ended
        (os.killpg if with_children else os.kill)(_pid(service), number)


def _start(service: str) -> None:
    log_path = settings().state_dir / "airflow" / f"{service}.log"
    # The API server alone needs the plugins; in every task they would cost a second.
    plugins = {"AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS)} if service == API_SERVER else {}
    with log_path.open("ab") as output:
        process = subprocess.Popen(
            [_program(), service, *SERVICES[service]],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ | plugins,
        )
    _pid_file(service).write_text(str(process.pid))


def _await(address: str, every_service: bool = False) -> None:
    """Wait until the API server answers, or until it says that every service is well. Raises IomError when one ends before."""
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline:
        for service in SERVICES:
            if _pid_file(service).exists() and not _is_running(service):
                raise IomError(
                    f"Airflow's {service} ended while starting.", f"See {settings().state_dir / 'airflow' / (service + '.log')}"
                )
        with suppress(*NO_ANSWER), urllib.request.urlopen(f"{address}/api/v2/monitor/health", timeout=5) as answer:
            parts = json.load(answer).values()
            if not every_service or all(part["status"] == "healthy" for part in parts):
                return
        time.sleep(0.5)
    what = "not every service of Airflow is well" if every_service else "Airflow's UI does not answer"
    raise IomError(f"After {STARTING_SECONDS} s {what} on {address}.", f"See the logs in {settings().state_dir / 'airflow'}.")


def _await_end(service: str) -> None:
    """Wait for running tasks a while; a scheduler that hangs over its workers heeds nothing but SIGKILL."""
    for number, seconds in ((signal.SIGTERM, 30), (signal.SIGKILL, 5)):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not _is_running(service):
                return
            time.sleep(0.2)
        _signal(service, number, with_children=True)


def _make_admin() -> None:
    """The first login, with a password of its own in the secrets directory; further people come from people_access."""
    secrets.read_or_make("airflow_admin")
    _run([sys.executable, "-m", ACCOUNTS, ADMIN, f"{ADMIN}@localhost", "airflow_admin"], "making Airflow's first login")


def _airflow(*arguments: str) -> None:
    _run([_program(), *arguments], f"airflow {arguments[0]} {arguments[1]}")


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise IomError(f"{what} failed: {done.stderr.strip()[-800:]}")


def _program() -> str:
    return str(Path(sys.executable).parent / "airflow")


def _pid_file(service: str) -> Path:
    return settings().state_dir / "airflow" / f"{service}.pid"


def _port_file() -> Path:
    return settings().state_dir / "airflow" / "port"


def _pid(service: str) -> int:
    return int(_pid_file(service).read_text())


def _is_running(service: str) -> bool:
    """Whether the process that was started here is alive and still the same program.

    A process that is just becoming another program, or is giving itself a title, shows no command line for a moment.
    """
    for _ in range(10):
        try:
            command = Path(f"/proc/{_pid(service)}/cmdline").read_bytes()
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return False
        if b"airflow" in command:
            return True
        time.sleep(0.1)
    return False
