"""Redis and a Celery worker with the secrets that the compose file gives them, and no other."""

import shutil
import subprocess

import pytest
from stand import DOCKER, Stand, wait_for


@pytest.fixture(scope="module")
def queue(stand: Stand) -> Stand:
    if not shutil.which("redis-server"):
        pytest.skip("the queue needs Redis: apt-get install redis-server")
    changes = {"port 6379": f"port {stand.ports['queue']}", "bind * -::*": "bind 127.0.0.1"}
    settings = stand.write_here(DOCKER / "redis" / "redis.conf", stand.folder / "redis.conf", "queue", changes)
    stand.start("queue", REDIS_CONFIGURATION=str(settings))
    wait_for("Redis", lambda: "PONG" in redis(stand, "ping"), log=stand.folder / "queue.log")
    return stand


def redis(stand: Stand, *command: str, password: str | None = None) -> str:
    given = {"REDISCLI_AUTH": (stand.secrets / "redis").read_text() if password is None else password}
    arguments = ["redis-cli", "-p", str(stand.ports["queue"]), *command]
    done = subprocess.run(arguments, env={"PATH": "/usr/bin:/bin"} | given, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_queue_asks_for_its_password(queue: Stand) -> None:
    assert "NOAUTH" in redis(queue, "keys", "*", password="")
    assert "WRONGPASS" in redis(queue, "keys", "*", password="a-wrong-password")


def test_the_queue_keeps_nothing_on_disk(queue: Stand) -> None:
    assert redis(queue, "config", "get", "save").split() == ["save"]
    assert redis(queue, "config", "get", "appendonly").split() == ["appendonly", "no"]


def test_a_worker_serves_without_access_to_airflows_database(queue: Stand) -> None:
    """It starts, takes orders from the queue and passes its own health check."""
    assert not (queue.granted("worker") / "airflow").exists()
    worker = queue.start("worker")
    kind, check = queue.services["worker"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    health = ["sh", "-c", check.replace("$$", "$")]

    def done() -> bool:
        return worker.poll() is not None or queue.run("worker", *health).returncode == 0

    wait_for("the worker", done, 300, queue.folder / "worker.log")
    assert worker.poll() is None, queue.log("worker")[-3000:]
