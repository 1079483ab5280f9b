"""Airflow's first login: made once, with the role Admin, and its password in no command line."""

import subprocess
from collections.abc import Iterator

import psycopg2
import pytest
from surroundings import environment, temporary_folder
from werkzeug.security import check_password_hash

from iom_warehouse.orchestration import airflow_home, services
from iom_warehouse.platform import database, migrations, postgres_server, secrets


@pytest.fixture
def airflow_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server of its own, since Airflow's database has one name; the process gets its environment back."""
    with temporary_folder() as folder, environment(state_dir=folder / "a state"):
        postgres_server.start()
        migrations.migrate()
        for name in airflow_home.environment():
            monkeypatch.setenv(name, "")
        services.migrate()
        yield
        postgres_server.stop("immediate")


@pytest.mark.usefixtures("airflow_database")
def test_the_first_login_is_an_administrator_with_the_password_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **options: (commands.append(command), run(command, **options))[1])
    services._make_admin()
    services._make_admin()  # is there already

    login = database.dsn("admin") | {"user": "airflow", "password": secrets.read("airflow"), "dbname": "airflow"}
    conn = psycopg2.connect(**login)
    with conn.cursor() as cursor:
        cursor.execute("select u.username, r.name, u.password from ab_user u join ab_user_role ur on ur.user_id = u.id"
                       " join ab_role r on r.id = ur.role_id")  # fmt: skip
        [(name, role, stored)] = cursor.fetchall()
    conn.close()
    password = secrets.read("airflow_admin")
    assert (name, role) == (services.ADMIN, "Admin") and check_password_hash(stored, password)
    assert len(commands) == 2 and not any(password in part for command in commands for part in command)
