"""The scripts of docker/: what starts every container, and what makes the secret files."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from stand import DOCKER

GOOD = "x" * 43
SHELL_SCRIPTS = [
    DOCKER / "start",
    DOCKER / "redis" / "run-redis",
    *(DOCKER / "airflow" / "bin" / name for name in ("bootstrap", "job-alive", "secret-in")),
]


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, env={"PATH": os.environ["PATH"]} | environment, capture_output=True, text=True, check=False)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "one").write_text(GOOD)
    return folder


@pytest.mark.parametrize("shell", ["sh", "bash"])
class TestStart:
    def start(self, shell: str, secrets: Path, *command: str, needs: str = "one") -> subprocess.CompletedProcess[str]:
        return run(shell, DOCKER / "start", *command, IOM_SECRETS_DIR=str(secrets), IOM_NEEDS=needs)

    def test_it_becomes_the_command(self, shell: str, secrets: Path) -> None:
        done = self.start(shell, secrets, "sh", "-c", 'echo "$1"; umask; exit 7', "-", "two words")
        assert (done.returncode, done.stdout, done.stderr) == (7, "two words\n0077\n", "")

    @pytest.mark.parametrize(("content", "says"), [
        (None, "the secret two is missing"),
        ("", "the secret two is empty or shorter"),
        ("changeme", "the secret two is empty or shorter"),
    ])  # fmt: skip
    def test_a_bad_secret_ends_the_start_with_what_to_do(self, shell: str, secrets: Path, content: str | None, says: str) -> None:
        if content is not None:
            (secrets / "two").write_text(content)
        done = self.start(shell, secrets, "echo", "started", needs="one two")
        assert done.returncode == 78
        assert says in done.stderr and "docker/make-secrets" in done.stderr
        assert "started" not in done.stdout
        assert GOOD not in done.stderr

    def test_a_folder_in_the_place_of_a_secret_is_not_one(self, shell: str, secrets: Path) -> None:
        (secrets / "two").mkdir()
        assert "the secret two is missing" in self.start(shell, secrets, "true", needs="two").stderr

    def test_a_secret_of_another_user_is_named(self, shell: str) -> None:
        with tempfile.TemporaryDirectory() as name:
            secrets = Path(name)
            (secrets / "one").write_text(GOOD)
            (secrets / "one").chmod(0)
            script = shutil.copy(DOCKER / "start", secrets)
            secrets.chmod(0o755)
            as_somebody = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []  # root reads everything
            done = run(*as_somebody, shell, script, "true", IOM_SECRETS_DIR=name, IOM_NEEDS="one")
        assert "cannot be read by user" in done.stderr and "IOM_UID" in done.stderr


class TestMakeSecrets:
    def make(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return run(sys.executable, DOCKER / "make-secrets", *arguments)

    def test_files_are_for_their_owner_only_and_long_and_all_different(self, tmp_path: Path) -> None:
        self.make(tmp_path / "s")
        files = [path for path in (tmp_path / "s").iterdir() if path.is_file()]
        assert len(files) == 14
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        folders = (tmp_path / "s", *(tmp_path / "s" / name for name in ("gnupg", "openpgp_signers", "people")))
        assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
        values = {path.read_text() for path in files}
        assert len(values) == 14 and all(len(value) >= 43 for value in values)

    def test_the_fernet_key_is_one(self, tmp_path: Path) -> None:
        from cryptography.fernet import Fernet

        self.make(tmp_path)
        Fernet((tmp_path / "airflow_fernet_key").read_text())

    def test_nothing_is_overwritten_and_nothing_is_shown(self, tmp_path: Path) -> None:
        (tmp_path / "redis").write_text("kept-as-it-is-here")
        first = self.make(tmp_path)
        before = {path: path.read_text() for path in tmp_path.iterdir() if path.is_file()}
        again = self.make(tmp_path)
        assert {path: path.read_text() for path in tmp_path.iterdir() if path.is_file()} == before
        assert before[tmp_path / "redis"] == "kept-as-it-is-here"
        assert "13 made, 1 were there already" in first.stdout and "0 made, 14 were there already" in again.stdout
        assert not any(value in done.stdout + done.stderr for value in before.values() for done in (first, again))

    def test_it_says_what_is_still_to_be_brought_and_who_the_containers_are(self, tmp_path: Path) -> None:
        done = self.make(tmp_path)
        assert done.returncode == 1
        assert done.stderr.splitlines() == ["tls_certificate is missing.", "tls_key is missing."]
        assert f"IOM_UID={os.geteuid()}\nIOM_GID={os.getegid()}" in done.stdout

    def test_check_finds_faults_and_changes_nothing(self, tmp_path: Path) -> None:
        self.make(tmp_path)
        for name in ("tls_certificate", "tls_key"):
            (tmp_path / name).touch(mode=0o600)
            (tmp_path / name).write_text(GOOD)
        assert self.make("--check", tmp_path).returncode == 0
        (tmp_path / "airflow").unlink()
        (tmp_path / "redis").write_text("short")
        (tmp_path / "postgres").chmod(0o640)
        done = self.make("--check", tmp_path)
        assert done.returncode == 1
        assert [line.split(".")[0].split(":")[0] for line in done.stderr.splitlines()] == [
            "postgres is open to other users", "airflow is missing", "redis is empty or shorter than 16 characters"]  # fmt: skip
        assert not (tmp_path / "airflow").exists()


def test_a_setting_gets_its_secret_without_a_line_end(secrets: Path) -> None:
    (secrets / "one").write_text(f"{GOOD}\n")
    done = run(DOCKER / "airflow" / "bin" / "secret-in", "one", "redis://:", "@queue:6379/0", IOM_SECRETS_DIR=str(secrets))
    assert done.stdout == f"redis://:{GOOD}@queue:6379/0"


def test_the_bootstrap_ends_at_the_first_step_that_fails(tmp_path: Path) -> None:
    broken = tmp_path / "iom"
    broken.write_text("#!/bin/sh\necho no database >&2\nexit 3\n")
    broken.chmod(0o755)
    done = run("sh", DOCKER / "airflow" / "bin" / "bootstrap", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert done.returncode == 3
    assert done.stdout == "bootstrap: iom db migrate\n"


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda path: path.name)
def test_shell_scripts_are_plain_and_can_be_run(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert run("sh", "-n", script).returncode == 0
    assert "set -eu" in script.read_text()
