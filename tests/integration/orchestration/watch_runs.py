"""Runs watch_deliveries as Airflow does, again and again, while every build that it starts fails. Prints the runs of each round.

A process of its own, since Airflow reads its settings at import.
"""

import json
from contextlib import closing

import psycopg2

from iom_warehouse.orchestration import airflow_home, nightly
from iom_warehouse.platform import database, secrets

ROUNDS = 5


def main() -> None:
    airflow_home.prepare(in_process=True)
    watch = nightly.load_dags()["watch_deliveries"]
    login = database.dsn("admin") | {"user": "airflow", "password": secrets.read("airflow"), "dbname": "airflow"}
    with closing(psycopg2.connect(**login)) as conn:
        conn.autocommit = True
        print(json.dumps([_round(watch, conn) for _ in range(ROUNDS)]))


def _round(watch, conn) -> list[str]:
    """State of the run of the watch, and the runs of the build that there are by now."""
    state = nightly.run_dag(watch, {}).state
    with conn.cursor() as cursor:
        cursor.execute("select run_id from dag_run where dag_id = 'build_warehouse' order by run_id")
        found = [run_id for (run_id,) in cursor.fetchall()]
        cursor.execute("update dag_run set state = 'failed' where dag_id = 'build_warehouse'")
    return [state, *found]


if __name__ == "__main__":
    main()
