"""Airflow's first login: made once, with the role Admin, its password in no command line; it may read the alerts."""

import json
import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial

import psycopg2
import pytest
from surroundings import environment, temporary_folder
from werkzeug.security import check_password_hash

from iom_warehouse.orchestration import airflow_home, alerts, reporting, services
from iom_warehouse.platform import database, migrations, postgres_server, secrets
from iom_warehouse.platform.settings import settings

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


def answer(address: str, body: dict[str, str] | None = None, **headers: str) -> str:
    request = urllib.request.Request(address, json.dumps(body).encode() if body else None, headers)
    with urllib.request.urlopen(request, timeout=30) as found:
        return found.read().decode()


@pytest.mark.usefixtures("airflow_database")
def test_the_api_server_of_make_up_shows_alerts_and_pages_to_that_login_only(monkeypatch: pytest.MonkeyPatch) -> None:
    alerts.raise_alert("test", "the hub is late")
    index = settings().state_dir / "validation" / "index.html"
    index.parent.mkdir()
    index.write_text("THE VALIDATION")
    reporting.documentation_pages()
    services._make_admin()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        monkeypatch.setenv("AIRFLOW__API__PORT", str(probe.getsockname()[1]))
    address = f"http://127.0.0.1:{os.environ['AIRFLOW__API__PORT']}"
    monkeypatch.setattr(services, "SERVICES", {"api-server": []})  # the others show nothing
    services._start("api-server")
    try:
        services._await(address)
        with pytest.raises(urllib.error.HTTPError, match="401"):
            answer(f"{address}/iom-alerts/")
        login = {"username": services.ADMIN, "password": secrets.read("airflow_admin")}
        token = json.loads(answer(f"{address}/auth/token", login, **{"Content-Type": "application/json"}))["access_token"]
        read = partial(answer, Authorization=f"Bearer {token}")
        assert "the hub is late" in read(f"{address}/iom-alerts/")
        assert 'name="csrf_token"' in answer(f"{address}/pages/validation/"), "led to the login"
        assert read(f"{address}/pages/validation/") == "THE VALIDATION"
        assert "No report of your audiences and areas is released." in read(f"{address}/pages/reports/")
        assert "<h1>Methods: needs</h1>" in read(f"{address}/pages/documentation/methods-needs.html")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            read(f"{address}/pages/validation/..%2fsecrets%2fairflow_admin.html")
    finally:
        services.stop()
