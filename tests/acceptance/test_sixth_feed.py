"""A feed that nobody wrote code for: one contract and one staging model, and the night takes it from the inbox to the reports.

The first run is asked to end while it loads, the second is killed while it builds the marts, the third loses its server there,
the fourth is killed when its report is published and the pages are still to be written. The fifth finishes what they began;
then Airflow's services load a delivery.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from delivery_maker import Row, Warehouse
from installations import Installation
from surroundings import environment

from iom_warehouse.platform.settings import PROJECT_DIR

FEED = Path(__file__).parents[1] / "sixth_feed"
NIGHT = "2013-10-01"
PEOPLE = [  # two records of one person, and somebody else
    {
        "person_ref": "M1",
        "pncid": "1999/0000011T",
        "surname": "Quillfeather",
        "forenames": "Ann",
        "dob": "1996-11-02",
        "sex": "F",
    },
    {"person_ref": "M2", "pncid": "99/11T", "surname": "Quillfeather", "forenames": "Anne", "dob": "1996-11-02", "sex": "F"},
    {"person_ref": "M3", "surname": "Oakenshaw", "forenames": "Bob", "dob": "1997-03-14", "sex": "M"},
]
GOOD = {"order_ref": "Y1", "person_ref": "M1", "made_on": "2013-05-01", "months": "12"}
OTHERS = [{"order_ref": "Y3", "person_ref": "M2", "months": "3"}, {"order_ref": "Y4", "person_ref": "M3", "months": "3"}]
BAD = {"order_ref": "Y2", "made_on": "2013-05-01", "months": "40"}
COURT = """\
      - name: court
        logicalType: string
        classification: criminal-offence
        description: Court that made the order.
"""
RECEIVED = "select count(*) from audit.delivery"
PUBLISHED = "select count(*) from published.report"
BEGUN = "select count(transformed_at) from audit.build where exists (select from pg_tables where schemaname ~ '^mart_')"
RUNS = "/api/v2/dags/{}/dagRuns"
LISTENS = "0A"  # state of a socket in /proc/net/tcp
PATIENCE = 600  # half seconds
MARTS = "select table_schema, table_name from information_schema.tables where table_schema ~ '^mart_' order by 1, 2"


def project_with_sixth_feed(folder: Path) -> Path:
    """The project as it is, but for the contract and the staging model of the feed."""
    folder.mkdir()
    for part in ("dags", "sql", "tests", "examples"):
        (folder / part).symlink_to(PROJECT_DIR / part)
    shutil.copytree(PROJECT_DIR / "expectations", folder / "expectations")
    shutil.copy(FEED / "youth.yml", folder / "expectations")
    staging = Path(shutil.copytree(PROJECT_DIR / "dbt_project", folder / "dbt_project")) / "models" / "staging" / "youth"
    staging.mkdir()
    for part in ("_youth.yml", "stg_youth__order.sql"):
        shutil.copy(FEED / part, staging)
    return folder


def put_into_inbox(youth: Installation, sequence: int, *rows: Row) -> None:
    with environment(contracts_dir=youth.settings["IOM_CONTRACTS_DIR"]):
        Warehouse(Path(youth.settings["IOM_INBOX"]), youth.state).deliver(
            "youth", sequence, {"youth_person": PEOPLE, "youth_order": [*rows, *OTHERS]}
        )


def wait_until(what: str, is_so: Callable[[], bool]) -> None:
    for _ in range(PATIENCE):
        if is_so():
            return
        time.sleep(0.5)
    raise AssertionError(f"never: {what}")


@pytest.fixture(scope="module")
def youth(installation: Callable[..., Installation]) -> Installation:
    """An installation whose inbox holds a delivery of the sixth feed alone; nothing has run yet."""
    project = project_with_sixth_feed(installation.folder / "project")
    inbox = installation.folder / "inbox"
    made = installation(installation.folder / "state", project_dir=project, contracts_dir=project / "expectations", inbox=inbox)
    put_into_inbox(made, 1, GOOD, BAD)
    return made


def start_and_await(youth: Installation, query: str, found: int) -> subprocess.Popen[str]:
    """Start the night and return as soon as the query finds as many."""
    run = youth.start("nightly")
    while run.poll() is None:
        with suppress(OSError, IndexError, psycopg2.Error):  # the server is still to come, and its settings perhaps half written
            if youth.query(query) == [(found,)]:
                return run
        time.sleep(0.1)
    raise AssertionError(f"the night ended before that: {run.communicate()[0]}")


def kill(run: subprocess.Popen[str]) -> None:
    os.killpg(run.pid, signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL


def visible_reports(youth: Installation) -> list[object]:
    """Published reports, and pages that a browser would be shown."""
    pages = [path for part in ("reports", "validation") for path in (youth.state / part).rglob("*.html")]
    return youth.query("select report_id from published.report") + pages


@pytest.fixture(scope="module")
def ended(youth: Installation) -> str:
    """What the first run said when it was asked to end."""
    run = start_and_await(youth, RECEIVED, 1)
    run.terminate()
    output, _ = run.communicate()
    assert run.returncode == 1, output
    return output


@pytest.fixture(scope="module")
def killed(youth: Installation, ended: str) -> list[object]:
    """What reports there were after the second run was killed in the middle of its build."""
    kill(start_and_await(youth, BEGUN, 1))
    return visible_reports(youth)


@pytest.fixture(scope="module")
def without_server(youth: Installation, killed: list[object]) -> str:
    """What the third run said when its server was stopped in the middle of its build."""
    run = start_and_await(youth, BEGUN, 2)
    youth.iom("db", "down")
    output, _ = run.communicate()
    assert run.returncode == 1, output
    return output


@pytest.fixture(scope="module")
def output(youth: Installation, without_server: str) -> str:
    """What the run said that nobody disturbed, after one that was killed before it wrote all pages."""
    kill(start_and_await(youth, PUBLISHED, 1))
    assert not (youth.state / "validation" / "index.html").exists()
    return youth.iom("nightly").stdout


def test_a_night_that_is_asked_to_end_does_so_and_says_how_to_go_on(ended: str) -> None:
    assert "Ended by a signal in the middle of" in ended and "What was under way is done again by: iom nightly" in ended
    assert "marts built" not in ended


def test_a_night_that_is_killed_leaves_no_report(killed: list[object]) -> None:
    assert killed == []


def test_the_next_night_says_that_one_was_killed_and_where(without_server: str) -> None:
    assert "A run before this one was killed in the middle of build_warehouse, begun at 20" in without_server


def test_a_night_whose_server_is_stopped_says_so(without_server: str) -> None:
    assert "Traceback" not in without_server
    [error] = [line for line in without_server.splitlines() if line.startswith("Error:")]
    assert "The database" in error and "iom nightly" in error


def test_the_next_run_finishes_what_both_began(youth: Installation, output: str) -> None:
    assert youth.query("select status from audit.build order by build_id") == [("failed",), ("failed",), ("succeeded",)]
    assert youth.query(PUBLISHED) == [(1,)]
    assert all((youth.state / page).is_file() for page in ("reports/latest.html", "validation/index.html"))


def test_the_marts_are_those_of_an_undisturbed_build(youth: Installation, output: str) -> None:
    youth.iom("build", "run", NIGHT, "--as-of")
    marts = youth.query(MARTS)
    differing = [
        f"{schema}.{mart}" for schema, mart in marts
        if youth.query(f"select exists ((table {schema}.{mart} except all table asof_20131001.{mart})"
                       f" union all (table asof_20131001.{mart} except all table {schema}.{mart}))") == [(True,)]
    ]  # fmt: skip
    assert len(marts) > 40 and differing == []


def test_its_load_is_among_the_dags_and_ran(youth: Installation, output: str) -> None:
    assert youth.query("select is_paused from dag where dag_id = 'load_youth'", "airflow") == [(False,)]
    runs = "select state from dag_run where dag_id = 'load_youth' order by id"
    assert youth.query(runs, "airflow") == [("failed",), ("success",)], "the first was asked to end"


def test_its_rows_were_checked_and_published(youth: Installation, output: str) -> None:
    first = "select order_ref, made_on::text, months from raw.youth_order where order_ref < 'Y3'"
    assert youth.query(first) == [("Y1", "2013-05-01", 12)]
    assert youth.query("select rule_id from audit.validation_result where file = 'youth_order' and not success") == [
        ("youth_order.months.range",)
    ]
    assert youth.query("select count(*) > 5 from audit.validation_result where expectation like 'expect_%'") == [(True,)]


def test_its_staging_model_was_built(youth: Installation, output: str) -> None:
    orders = youth.query("select order_ref, made_on::text, months from staging.stg_youth__order order by order_ref")
    assert orders == [("Y1", "2013-05-01", 12), ("Y3", None, 3), ("Y4", None, 3)]


def test_its_people_were_linked(youth: Installation, output: str) -> None:
    of_people = (
        "select string_agg(order_ref, ' ' order by order_ref) from staging.stg_youth__order group by person_key order by 1"
    )
    assert youth.query(of_people) == [("Y1 Y3",), ("Y4",)]


def test_a_look_shows_its_names(youth: Installation, output: str) -> None:
    names = (
        "select name.source_file, name.source_key, name.surname, name.dob::text"
        " from identity.link, access.names_of(person_key) as name"
        " where link.source_key = 'M1' and link.closed_by_run is null order by 2"
    )
    assert youth.query(names) == [
        ("youth_person", "M1", "Quillfeather", "1996-11-02"),
        ("youth_person", "M2", "Quillfeather", "1996-11-02"),
    ]


def test_its_data_dictionary_is_written(youth: Installation, output: str) -> None:
    folder = youth.state / "docs"
    youth.iom("docs", str(folder))
    assert "Length of the order in months." in (folder / "feeds" / "youth.md").read_text(encoding="utf-8")
    assert "One row per order of the youth court." in (folder / "models" / "index.html").read_text(encoding="utf-8")


def test_a_column_is_added_as_the_page_says(youth: Installation, output: str) -> None:
    project = Path(youth.settings["IOM_PROJECT_DIR"])
    with (project / "expectations" / "youth.yml").open("a", encoding="utf-8") as contract:
        contract.write(COURT)
    model = project / "dbt_project" / "models" / "staging" / "youth" / "stg_youth__order.sql"
    model.write_text(model.read_text().replace("youth_order.months", "youth_order.months,\n    youth_order.court"))
    page = (PROJECT_DIR / "docs" / "how-to" / "add-a-column-or-a-feed.md").read_text(encoding="utf-8")
    commands = [line.split() for line in page.splitlines() if line.startswith("    iom ")]
    assert commands
    for _, *arguments in commands:
        youth.iom(*(NIGHT if argument == "DATE" else argument for argument in arguments))
    assert youth.query("select order_ref, court from staging.stg_youth__order where order_ref = 'Y1'") == [("Y1", None)]


class Airflow:
    """The API of the services that were started, asked as somebody who has logged in or as nobody."""

    def __init__(self, port: int, password: str) -> None:
        self.address = f"http://127.0.0.1:{port}"
        answer = self.ask("/auth/token", {"username": "admin", "password": password})
        self.login = {"Authorization": f"Bearer {json.loads(answer)['access_token']}"}

    def ask(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> str:
        """What is answered, to a POST where there is a body. Raises HTTPError."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"} | headers)
        with urllib.request.urlopen(request, timeout=60) as found:
            return found.read().decode()

    def told(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return json.loads(self.ask(path, body, **self.login))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def held_open(state: Path) -> set[str]:
    """Files of the state directory that some process has open, as every service has its log and all that it starts inherits."""
    found = set()
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # it has just been closed, or is another user's
            path = descriptor.readlink()
            if path.is_relative_to(state):
                found.add(str(path.relative_to(state)))
    return found


# As a night does that is killed while it loads.
LEAVE_A_RUN_BEHIND = """
    update dag_run set state = 'running', end_date = null where dag_id = 'load_youth' and triggering_user_name = 'dag_test'
    returning run_id
"""


@pytest.fixture(scope="module")
def airflow(youth: Installation, output: str) -> Iterator[Airflow]:
    """Airflow's services in the same state, with a second delivery in the inbox."""
    put_into_inbox(youth, 2, {**GOOD, "months": "6"})
    assert youth.query(LEAVE_A_RUN_BEHIND, "airflow"), "the night ran this DAG"
    port = free_port()
    youth.iom("up", "--port", str(port))
    yield Airflow(port, (youth.state / "secrets" / "airflow_admin").read_text())
    youth.iom("down", check=False)


def test_up_returns_when_every_service_is_well(airflow: Airflow) -> None:
    health = {part: facts["status"] for part, facts in airflow.told("/api/v2/monitor/health").items()}
    assert health == dict.fromkeys(("metadatabase", "scheduler", "triggerer", "dag_processor"), "healthy")


def test_the_ui_listens_on_loopback_and_asks_for_a_login(airflow: Airflow) -> None:
    port = int(airflow.address.rpartition(":")[2])
    sockets = [line.split()[1:4:2] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert [place for place, state in sockets if place.endswith(f":{port:04X}") and state == LISTENS] == [f"0100007F:{port:04X}"]
    assert 'name="csrf_token"' in airflow.ask("/auth/login/")
    for path, body in (("/api/v2/dags", None), (RUNS.format("load_youth"), {"logical_date": None}), ("/iom-alerts/", None)):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            airflow.ask(path, body)


def test_alerts_and_pages_are_shown_to_those_who_have_logged_in(airflow: Airflow) -> None:
    assert 'name="csrf_token"' in airflow.ask("/pages/validation/"), "led to the login"
    for path, shown in (
        ("/iom-alerts/", "dip: never delivered"), ("/pages/validation/", "<h1>Validation of deliveries"),
        ("/pages/reports/", "No report of your audiences and areas is released."),
        ("/pages/documentation/methods-needs.html", "<h1>Methods: needs</h1>"),
    ):  # fmt: skip
        assert shown in airflow.ask(path, **airflow.login), path
    with pytest.raises(urllib.error.HTTPError, match="404"):
        airflow.ask("/pages/validation/..%2f..%2fsecrets%2fairflow_admin.html", **airflow.login)


def begin(airflow: Airflow, dag_id: str, conf: dict[str, str]) -> str:
    """Trigger a run of a DAG; where the API tells of it."""
    runs = RUNS.format(dag_id)
    return f"{runs}/{airflow.told(runs, {'logical_date': None, 'conf': conf})['dag_run_id']}"


def run_to_its_end(airflow: Airflow, run: str) -> dict[str, Any]:
    """What the API says of the run once it is over."""
    wait_until("the run is over", lambda: airflow.told(run)["state"] in ("success", "failed"))
    return airflow.told(run)


def test_the_run_that_a_killed_night_left_behind_blocks_nothing(youth: Installation, airflow: Airflow) -> None:
    states = "select distinct state from dag_run where dag_id = 'load_youth' and triggering_user_name = 'dag_test'"
    assert youth.query(states, "airflow") == [("failed",)], "Airflow starts no other run while it takes one to go on"


def test_a_mistyped_night_starts_nothing(airflow: Airflow) -> None:
    for dag_id in ("build_warehouse", "outcome_reports", "send_feedback", "watch_deliveries"):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            airflow.told(RUNS.format(dag_id), {"logical_date": None, "conf": {"business_date": "2013-02-30"}})


def test_a_run_that_is_triggered_loads_the_delivery_at_the_first_try(youth: Installation, airflow: Airflow) -> None:
    assert run_to_its_end(airflow, begin(airflow, "load_youth", {"folder": "2013-10-02.2"}))["state"] == "success"
    tries = "select dag_id, task_id, try_number from task_instance where dag_id ~ '^(load|watch)' and try_number > 1"
    assert youth.query(tries, "airflow") == [], "no task was started before the API server answered"
    assert youth.query("select months from raw.youth_order where closed_by_sequence is null and order_ref = 'Y1'") == [(6,)]


def test_a_run_on_schedule_waits_for_its_delivery_without_a_worker(youth: Installation, airflow: Airflow) -> None:
    run = begin(airflow, "load_youth", {})
    tasks = f"{run}/taskInstances"
    wait_until("it waits", lambda: "deferred" in [task["state"] for task in airflow.told(tasks)["task_instances"]])
    put_into_inbox(youth, 3, {**GOOD, "months": "9"})
    assert run_to_its_end(airflow, run)["state"] == "success"
    assert youth.query("select months from raw.youth_order where closed_by_sequence is null and order_ref = 'Y1'") == [(9,)]


def test_reports_of_a_month_that_no_night_has_reached_are_no_failure(youth: Installation, airflow: Airflow) -> None:
    run = run_to_its_end(airflow, begin(airflow, "outcome_reports", {}))  # of today, as on schedule
    assert run["state"] == "success"
    tries = f"select task_id, state, try_number from task_instance where run_id = '{run['dag_run_id']}'"
    assert youth.query(tries, "airflow") == [("make", "success", 1)]


def test_a_night_is_built_when_the_last_of_its_feeds_is_in(youth: Installation, airflow: Airflow) -> None:
    """The load that was triggered told of the sixth feed; of the others it is told here, as their loads would."""
    known = {asset["name"]: asset["id"] for asset in airflow.told("/api/v2/assets?limit=100")["assets"]}
    *others, last = (number for name, number in sorted(known.items()) if name.startswith("raw.") and name != "raw.youth")
    begun = "select created_dag_run_id is not null from asset_partition_dag_run where partition_key = '2013-10-02'"
    for number in others:
        airflow.told("/api/v2/assets/events", {"asset_id": number, "partition_key": "2013-10-02"})
    assert len(others) == 4 and youth.query(begun, "airflow") == [(False,)]
    airflow.told("/api/v2/assets/events", {"asset_id": last, "partition_key": "2013-10-02"})
    newest = "select max(business_date)::text from audit.build"
    wait_until("the build is opened", lambda: youth.query(newest) == [("2013-10-02",)])


def test_down_leaves_no_process(youth: Installation, airflow: Airflow) -> None:
    logs = {f"airflow/{service}.log" for service in ("scheduler", "api-server", "dag-processor", "triggerer")}
    assert logs | {"postgres/server.log"} <= held_open(youth.state)
    youth.iom("down")
    assert held_open(youth.state) == set()


def test_a_night_whose_marts_fail_has_its_summary(youth: Installation, airflow: Airflow) -> None:
    """What came, where everything is, and then what failed."""
    model = Path(youth.settings["IOM_PROJECT_DIR"]) / "dbt_project" / "models" / "staging" / "youth" / "stg_youth__order.sql"
    model.write_text(model.read_text().replace("youth_order.months", "youth_order.weeks"))
    done = youth.iom("nightly", check=False)
    told = (
        "the build failed and is tried once more. Task build_marts of build_warehouse failed: Build ",
        "The first is model stg_youth__order: ", "youth: 3 deliveries published so far", "Database: PGPASSWORD",
        "Error: build_warehouse failed. Task build_marts of build_warehouse failed: Build ",
    )  # fmt: skip
    said = [" ".join(done.stdout.split()).find(words) for words in told]
    assert done.returncode == 1 and -1 not in said and said == sorted(said), done.stdout
