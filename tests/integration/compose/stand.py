"""Run a service of docker-compose.yml on this machine without Docker: its entrypoint, command, environment and settings files.

Paths and addresses inside the containers are replaced by ones below a scratch folder and on loopback; nothing else is changed.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[3]
DOCKER = PROJECT / "docker"
TOOLS = Path(sys.executable).parent
LISTENING = ("database", "queue", "api-server", "web")
SETTINGS = {
    "IOM_UID": "1000",
    "IOM_GID": "1000",
    "IOM_FIRST_ADMIN_LOGIN": "first.admin",
    "IOM_FIRST_ADMIN_EMAIL": "first.admin@example.org",
}


def compose(*arguments: str, file: Path = PROJECT / "docker-compose.yml", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the real `docker compose`; it needs no engine for `config`. Only the settings given here are in its environment."""
    command = [str(TOOLS / "docker-compose"), "--file", str(file), "--project-directory", str(PROJECT), "--env-file", os.devnull]
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | settings
    return subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=False)


def resolved(**settings: str) -> dict[str, Any]:
    """The compose file as Docker would run it, every variable and default filled in."""
    done = compose("config", "--format", "json", **(SETTINGS | settings))
    assert not done.stderr, done.stderr
    return json.loads(done.stdout)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def words(value: list[str] | str | None) -> list[str]:
    return value.split() if isinstance(value, str) else value or []


def dockerfile_environment(dockerfile: Path) -> dict[str, str]:
    """The ENV of the last stage of a Dockerfile."""
    last_stage = dockerfile.read_text().split("\nFROM ")[-1].replace("\\\n", " ")
    return dict(pair for line in re.findall(r"^ENV (.+)$", last_stage, re.M) for pair in re.findall(r"(\w+)=(\S+)", line))


@dataclass
class Stand:
    """A scratch folder, the ports in use, and the processes started."""

    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in LISTENING})
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("state/validation", "logs", "tmp", "dags", "inbox"):
            (self.folder / name).mkdir(parents=True)
        made = subprocess.run([sys.executable, str(DOCKER / "make-secrets"), str(self.secrets)], capture_output=True, check=False)
        assert b"15 made" in made.stdout, made.stderr
        self.services = resolved(IOM_PUBLIC_URL=self.public_url)["services"]

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def public_url(self) -> str:
        return f"https://127.0.0.1:{self.ports['web']}"

    def granted(self, service: str) -> Path:
        """A folder with the secrets that the compose file gives the service, and no other."""
        folder = self.folder / "granted" / service
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o700)
            for secret in self.services[service].get("secrets", []):
                shutil.copy(self.secrets / secret["source"], folder / Path(secret["target"]).name)
        return folder

    def here(self, text: str, service: str) -> str:
        """A text that names paths or addresses inside the service's container, with those of this machine."""
        places = {
            "/run/secrets": self.granted(service),
            "/opt/iom/docker": DOCKER,
            "/opt/iom/dags": self.folder / "dags",
            "/opt/iom/.venv/bin": TOOLS,
            "/opt/iom": PROJECT,
            "/srv/iom/inbox": self.folder / "inbox",
            "/srv/iom/outbox": self.folder / "outbox",
            "/srv/iom/configuration": PROJECT / "partnership",
            "/var/lib/iom": self.folder / "state",
            "/var/log/airflow": self.folder / "logs",
            "/etc/postgresql": self.folder / "postgresql",
            "/etc/iom/start": DOCKER / "start",
            "/etc/iom/run-redis": DOCKER / "redis" / "run-redis",
            "/etc/iom/redis.conf": self.folder / "redis.conf",
            "/tmp": self.folder / "tmp",
        }
        longest_first = "|".join(re.escape(place) for place in sorted(places, key=len, reverse=True))
        text = re.sub(rf"(?<![\w/.])({longest_first})(?![\w-])", lambda found: str(places[found.group(1)]), text)
        for name, port in (("database", 5432), ("queue", 6379), ("api-server", 8080)):
            text = text.replace(f"{name}:{port}", f"127.0.0.1:{self.ports[name]}")
        return text

    def write_here(self, source: Path, target: Path, service: str, changes: dict[str, str] | None = None) -> Path:
        """A settings file made to fit this machine. `changes` are further replacements, each of which must occur."""
        text = source.read_text()
        for old, new in (changes or {}).items():
            assert old in text, f"{source} no longer holds {old!r}"
            text = text.replace(old, new)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self.here(text, service))
        return target

    def environment(self, service: str) -> dict[str, str]:
        """What the service's container would see."""
        given = {name: str(value) for name, value in self.services[service]["environment"].items()}
        image = dockerfile_environment(DOCKER / "airflow" / "Dockerfile") if "airflow" in self.services[service]["image"] else {}
        inside = {name: self.here(value, service) for name, value in (image | given).items()}
        config = {"AIRFLOW_CONFIG": str(self.folder / "airflow.cfg")} if image else {}
        base = {"PATH": os.environ["PATH"], "IOM_SECRETS_DIR": str(self.granted(service)), "TMPDIR": str(self.folder / "tmp")}
        return base | inside | config | {"PATH": f"{inside.get('PATH', '')}:{os.environ['PATH']}"}

    def command(self, service: str) -> list[str]:
        """The service's entrypoint and command."""
        entry = self.services[service]
        return [self.here(word, service) for word in words(entry["entrypoint"]) + words(entry["command"])]

    def run(self, service: str, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run the service's command, or another inside it, to its end."""
        entrypoint = [self.here(word, service) for word in words(self.services[service]["entrypoint"])]
        arguments = [*entrypoint, *command] if command else self.command(service)
        return subprocess.run(arguments, env=self.environment(service) | changes, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False, start_new_session=True)  # fmt: skip

    def start(self, service: str, *more: str, **changes: str) -> subprocess.Popen[bytes]:
        """Start the service and leave it running until `stop`."""
        command, environment = [*self.command(service), *more], self.environment(service) | changes
        with (self.folder / f"{service}.log").open("wb") as log:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.started.append(process)
        return process

    def log(self, service: str) -> str:
        return (self.folder / f"{service}.log").read_text()

    def stop(self) -> None:
        """End every process group started here, newest first."""
        for process in reversed(self.started):
            try:
                os.killpg(process.pid, 2)
                process.wait(30)
            except ProcessLookupError:
                continue
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()


def wait_for(what: str, is_ready: Callable[[], bool], seconds: float = 120, log: Path | None = None) -> None:
    """Wait until is_ready() is true; connection errors count as not yet. Fails with the end of the log."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if is_ready():
                return
        time.sleep(0.3)
    raise AssertionError(f"{what} was not ready after {seconds} s\n{log.read_text()[-3000:] if log else ''}")
