"""Whole runs of the one command, each in a process and a state directory of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
import pytest
from surroundings import temporary_folder

from iom_warehouse.platform.settings import PROJECT_DIR

IOM = str(Path(sys.executable).parent / "iom")
LONGEST_RUN = 1500  # seconds; a tenth of it will do on an idle machine


@dataclass
class Installation:
    """A state directory with its settings; runs `iom` there as a person would."""

    state: Path
    settings: dict[str, str] = field(default_factory=dict)

    def iom(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = self._run([IOM, *arguments], stderr=subprocess.PIPE)
        assert not check or done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done

    def type(self, commands: Sequence[str]) -> list[str]:
        """Type commands into one shell in the checkout. Returns what each printed, errors included."""
        end = "--- end of what it printed ---"
        typed = "".join(f"{command}\necho '{end}'\n" for command in commands)
        return self._run(["bash", "-c", typed], stderr=subprocess.STDOUT).stdout.split(end)[:-1]

    def _run(self, command: Sequence[str], stderr: int) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("IOM_", "AIRFLOW"))}
        environment |= {"IOM_STATE_DIR": str(self.state), "COLUMNS": "200"} | self.settings
        return subprocess.run(command, env=environment, cwd=PROJECT_DIR, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=stderr, text=True, timeout=LONGEST_RUN, check=False)  # fmt: skip

    def query(self, statement: str, database: str = "iom") -> list[tuple]:
        conf = (self.state / "postgres" / "iom.conf").read_text()
        port = int(conf.split("port = ")[1].split()[0])
        password = (self.state / "secrets" / "postgres").read_text()
        conn = psycopg2.connect(host="127.0.0.1", port=port, user="postgres", password=password, dbname=database)
        with conn, conn.cursor() as cursor:
            cursor.execute(statement)
            rows = cursor.fetchall()
        conn.close()
        return rows

    def snapshot(self) -> dict[str, tuple]:
        """Row counts and newest versions of everything that a run may write, to see whether one wrote anything."""
        tables = self.query(
            "select format('%I.%I', schemaname, relname) from pg_stat_user_tables"
            " where schemaname ~ '^(raw|identity|quarantine|reference|mart_.*|published)$' order by 1"
        )
        counts = {table: self.query(f"select count(*), coalesce(max(md5(t::text)), '') from {table} t")[0] for (table,) in tables}
        counts["deliveries"] = self.query("select count(*), max(decided_at) from audit.delivery")[0]
        counts["builds"] = self.query("select count(*), max(finished_at) from audit.build")[0]
        return counts


@pytest.fixture(scope="module")
def installation() -> Iterator[Callable[..., Installation]]:
    """Makes installations, each with its own state directory, and stops their servers at the end of the module."""
    made: list[Installation] = []

    def make(state: Path, **settings: str | Path) -> Installation:
        made.append(Installation(state, {f"IOM_{name.upper()}": str(value) for name, value in settings.items()}))
        return made[-1]

    with temporary_folder() as folder:
        make.folder = folder  # type: ignore[attr-defined]
        yield make
        for one in made:
            one.iom("db", "down", check=False)


@pytest.fixture(scope="module")
def example(installation) -> Callable[[str], tuple[Installation, str]]:
    """Runs one of the project's examples with its own configuration folder. Returns the installation and what was printed."""

    def run(name: str) -> tuple[Installation, str]:
        inbox = installation.folder / f"{name}_inbox"
        configuration = PROJECT_DIR / "examples" / name / "partnership"
        made = installation(installation.folder / name, inbox=inbox, configuration_dir=configuration)
        made.iom("example", name, str(inbox))
        return made, made.iom("nightly").stdout

    return run
