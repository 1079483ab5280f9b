"""A state directory with the one command in it, run in processes of its own."""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

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

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The same without waiting for its end, in a process group of its own, so that it can be killed whole."""
        return subprocess.Popen([IOM, *arguments], env=self._environment(), cwd=PROJECT_DIR, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)  # fmt: skip

    def type(self, commands: Sequence[str]) -> list[str]:
        """Type commands into one shell in the checkout. Returns what each printed, errors included."""
        end = "--- end of what it printed ---"
        typed = "".join(f"{command}\necho '{end}'\n" for command in commands)
        return self._run(["bash", "-c", typed], stderr=subprocess.STDOUT).stdout.split(end)[:-1]

    def _run(self, command: Sequence[str], stderr: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=self._environment(), cwd=PROJECT_DIR, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=stderr, text=True, timeout=LONGEST_RUN, check=False)  # fmt: skip

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("IOM_", "AIRFLOW"))}
        return kept | {"IOM_STATE_DIR": str(self.state), "COLUMNS": "200"} | self.settings

    def query(self, statement: str, database: str | None = None) -> list[tuple]:
        return self.queries([statement], database)[0]

    def queries(self, statements: Iterable[str], database: str | None = None) -> list[list[tuple]]:
        """What each of these statements finds, all asked on one connection: to make one takes longer than most of them."""
        url = self.settings.get("IOM_DATABASE_URL") or f"postgresql://postgres@127.0.0.1:{self._port()}/iom"
        password = Path(self.settings.get("IOM_SECRETS_DIR", self.state / "secrets"), "postgres").read_text().strip()
        conn = psycopg2.connect(url, password=password, **({"dbname": database} if database else {}))
        found = []
        with conn, conn.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                found.append(cursor.fetchall())
        conn.close()
        return found

    def _port(self) -> int:
        return int((self.state / "postgres" / "iom.conf").read_text().split("port = ")[1].split()[0])

    def snapshot(self) -> dict[str, tuple]:
        """How many rows everything has that a run may write, and what is in them, to see whether one wrote anything."""
        tables = self.query(
            "select format('%I.%I', schemaname, relname) from pg_stat_user_tables"
            " where schemaname ~ '^(raw|identity|quarantine|reference|intermediate|mart_.*|published|audit)$' order by 1"
        )
        digests = self.queries(
            f"select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from {table} t" for (table,) in tables
        )
        return {table: digest for (table,), [digest] in zip(tables, digests, strict=True)}
