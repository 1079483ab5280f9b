"""Airflow's settings for a state directory, as environment variables; set before anything of Airflow is imported."""

import base64
import os
import shlex
from contextlib import closing
from importlib.metadata import version

import psycopg2

from iom_warehouse.platform import database, secrets, state
from iom_warehouse.platform.settings import settings

NIGHT = "iom.nightly"  # the lock of the one process that runs DAGs in itself
# What a run in a process leaves behind when that is killed: Airflow would take it for one that goes on, and start no other of the
# DAG, for ever. Airflow marks such runs with a user of its own.
END_LEFT_RUNS = """
    with left_behind as (
        update dag_run set state = 'failed', end_date = now()
        where triggering_user_name = 'dag_test' and state in ('queued', 'running')
        returning dag_id, run_id, start_date
    ), ended as (
        update task_instance set state = 'failed', end_date = now()
        from left_behind
        where (task_instance.dag_id, task_instance.run_id) = (left_behind.dag_id, left_behind.run_id)
            and coalesce(task_instance.state, '') not in ('success', 'failed', 'skipped', 'upstream_failed', 'removed')
    )
    select dag_id, to_char(start_date at time zone 'Europe/London', 'YYYY-MM-DD HH24:MI') from left_behind order by start_date
"""
HAVE_TABLES = ("apache-airflow", "apache-airflow-providers-fab")
NO_LOGIN = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"


def environment() -> dict[str, str]:
    """AIRFLOW_HOME and AIRFLOW__… for this state. Secrets are read from files, so that no listing shows one."""
    home = settings().state_dir / "airflow"
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings().project_dir / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Europe/London",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "AIRFLOW__CORE__FERNET_KEY_CMD": _cat("airflow_fernet_key"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD": _cat("airflow_url"),
        "AIRFLOW__API__SECRET_KEY_CMD": _cat("airflow_secret_key"),
        "AIRFLOW__API_AUTH__JWT_SECRET_CMD": _cat("airflow_jwt_secret"),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__EXPOSE_CONFIG": "False",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "GX_ANALYTICS_ENABLED": "false",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def prepare(in_process: bool = False) -> None:
    """Set the environment of this process and write the secret files that it points to.

    `in_process`: DAGs run here, without services. Airflow is quiet then, and as nobody logs in, it does not bring the
    permissions of every DAG up to date before each run. Nor does it find files in its folder of DAGs, which it would read and
    compare with its database anew for each run, for half of what a run costs: `nightly.load_dags` does that once.
    """
    for name in ("airflow_secret_key", "airflow_jwt_secret"):
        secrets.read_or_make(name)
    if not secrets.exists("airflow_fernet_key"):
        secrets.write("airflow_fernet_key", base64.urlsafe_b64encode(os.urandom(32)).decode())
    # Every time, since the port of an embedded server may have changed. Without options: Airflow hands the same URL to two
    # drivers, which spell them differently, but both take them from the environment.
    secrets.write("airflow_url", database.url_of(_dsn(), "postgresql+psycopg2"))
    no_dags = state.make() / "airflow" / "no_dags"
    no_dags.mkdir(parents=True, exist_ok=True)
    os.environ.update(environment() | database.client_environment())
    if in_process:
        os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(no_dags)
        os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "ERROR"
        os.environ["AIRFLOW__CORE__AUTH_MANAGER"] = NO_LOGIN


def is_migrated() -> bool:
    """Whether Airflow's own database says that this release of Airflow migrated it: to ask Airflow takes seconds."""
    with closing(psycopg2.connect(**_dsn())) as conn, conn.cursor() as cursor:
        cursor.execute("select obj_description(to_regclass('alembic_version'), 'pg_class')")
        return cursor.fetchone() == (_release(),)


def note_migrated() -> None:
    """Let Airflow's own database say that this release of Airflow migrated it."""
    with closing(psycopg2.connect(**_dsn())) as conn, conn, conn.cursor() as cursor:
        cursor.execute("comment on table alembic_version is %s", (_release(),))


def _release() -> str:
    """The packages that have tables in Airflow's own database, with their versions."""
    return ", ".join(f"{package} {version(package)}" for package in HAVE_TABLES)


def end_left_runs() -> list[tuple[str, str]]:
    """End the runs of nights that were killed. Returns their DAGs and when they started. Only for who holds the lock NIGHT."""
    with closing(psycopg2.connect(**_dsn())) as conn, conn, conn.cursor() as cursor:
        cursor.execute(END_LEFT_RUNS)
        return cursor.fetchall()


def _dsn() -> dict[str, str | int]:
    """libpq keywords for Airflow's own database."""
    return database.dsn("admin") | {"user": "airflow", "password": secrets.read("airflow"), "dbname": "airflow"}


def _cat(secret: str) -> str:
    return f"cat {shlex.quote(str(secrets.path_of(secret)))}"
