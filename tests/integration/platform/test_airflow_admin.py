"""Airflow's first login: made once, with the role Admin, its password in no command line."""

import subprocess
from collections.abc import Iterator

import psycopg2
import pytest
from surroundings import environment, temporary_folder
from werkzeug.security import check_password_hash

from iom_warehouse.orchestration import airflow_home, services
from iom_warehouse.platform import database, migrations, postgres_server, secrets

PERMISSIONS = """
    select r.name, m.name from ab_role r join ab_permission_view_role g on g.role_id = r.id
    join ab_permission_view p on p.id = g.permission_view_id join ab_view_menu m on m.id = p.view_menu_id
    where m.name like 'IOM %' order by 1, 2
"""
LOSE_A_PERMISSION = """
    delete from ab_permission_view_role g using ab_role r, ab_permission_view p, ab_view_menu m
    where r.id = g.role_id and p.id = g.permission_view_id and m.id = p.view_menu_id
        and r.name = 'Validation reader' and m.name = 'IOM audit'
"""


@pytest.fixture(scope="module")
def airflow_database() -> Iterator[None]:
    """A server of its own, since Airflow's database has one name; the process gets its environment back."""
    with temporary_folder() as folder, environment(state_dir=folder / "a state"), pytest.MonkeyPatch.context() as patch:
        postgres_server.start()
        migrations.migrate()
        for name in airflow_home.environment():
            patch.setenv(name, "")
        services.migrate()
        yield
        postgres_server.stop("immediate")


@pytest.mark.usefixtures("airflow_database")
def test_the_first_login_is_an_administrator_with_the_password_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **options: (commands.append(command), run(command, **options))[1])
    services._make_admin()
    login = database.dsn("admin") | {"user": "airflow", "password": secrets.read("airflow"), "dbname": "airflow"}
    conn = psycopg2.connect(**login)
    with conn, conn.cursor() as cursor:
        cursor.execute(PERMISSIONS)
        of_roles = cursor.fetchall()
        cursor.execute(LOSE_A_PERMISSION)
    services._make_admin()  # is there already

    with conn, conn.cursor() as cursor:
        cursor.execute(PERMISSIONS)
        assert cursor.fetchall() == of_roles and ("Validation reader", "IOM audit") in of_roles
        cursor.execute("select u.username, r.name, u.password from ab_user u join ab_user_role ur on ur.user_id = u.id"
                       " join ab_role r on r.id = ur.role_id")  # fmt: skip
        [(name, role, stored)] = cursor.fetchall()
    conn.close()
    password = secrets.read("airflow_admin")
    assert (name, role) == (services.ADMIN, "Admin") and check_password_hash(stored, password)
    assert len(commands) == 2 and not any(password in part for command in commands for part in command)


@pytest.mark.usefixtures("airflow_database")
def test_airflow_migrates_its_database_once_for_each_release(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **options: (commands.append(command[-2:]), run(command, **options))[1])
    services.migrate()
    assert commands == [], "the fixture did so"
    monkeypatch.setattr(airflow_home, "version", lambda package: "a later one")
    services.migrate()
    services.migrate()
    assert commands == [["db", "migrate"]]
