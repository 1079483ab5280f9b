"""The settings files that the images and containers are given."""

import configparser
import re
import tomllib
from typing import Any

import pytest
from stand import DOCKER, PROJECT

NGINX = (DOCKER / "web" / "nginx.conf").read_text()
AIRFLOW_DOCKERFILE = (DOCKER / "airflow" / "Dockerfile").read_text()
LOCATIONS = dict(re.findall(r"^        location ([^{]+?) \{\n(.*?)^        \}$", NGINX, re.M | re.S))


def airflow_settings() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(DOCKER / "airflow" / "airflow.cfg")
    return parser


def test_all_locations_of_the_front_are_looked_at() -> None:
    assert len(LOCATIONS) == len(re.findall(r"\blocation\b[^;{]*\{", NGINX)) == 5


@pytest.mark.parametrize("location", sorted(LOCATIONS))
def test_no_location_hands_out_anything_without_a_login(location: str) -> None:
    """A fixed answer, or Airflow, which asks for its login itself."""
    assert re.search(r"proxy_pass \$airflow;|return (404|200 \"ok\\n\");", LOCATIONS[location])


def test_the_front_hands_out_no_file() -> None:
    assert not re.search(r"\b(root|alias|autoindex|index|try_files|satisfy|auth_request)\b", re.sub("#.*", "", NGINX))


def test_every_airflow_setting_exists(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    from airflow.configuration import conf

    known: dict[str, Any] = conf.configuration_description
    settings = airflow_settings()
    unknown = [
        f"[{section}] {name}"
        for section in settings.sections()
        for name in settings[section]
        if name.removesuffix("_cmd") not in known.get(section, {"options": {}})["options"]
    ]
    assert not unknown


def test_airflow_reads_every_secret_from_its_file() -> None:
    settings = airflow_settings()
    commands = {
        f"{section}.{name}": value
        for section in settings.sections()
        for name, value in settings[section].items()
        if name.endswith("_cmd")
    }
    assert set(commands) == {
        "core.fernet_key_cmd", "database.sql_alchemy_conn_cmd", "api.secret_key_cmd", "api_auth.jwt_secret_cmd",
        "celery.broker_url_cmd", "celery.result_backend_cmd",
    }  # fmt: skip
    assert all(value.startswith("secret-in ") for value in commands.values())


def test_schedules_keep_the_time_of_london_and_nothing_is_reported_home() -> None:
    assert airflow_settings()["core"]["default_timezone"] == "Europe/London"
    assert "TZ=Europe/London" in AIRFLOW_DOCKERFILE
    assert "DBT_SEND_ANONYMOUS_USAGE_STATS=false" in AIRFLOW_DOCKERFILE and "GX_ANALYTICS_ENABLED=false" in AIRFLOW_DOCKERFILE


def test_the_image_is_python_3_11_with_exactly_the_locked_packages() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    locked = {package["name"]: package["version"] for package in tomllib.loads((PROJECT / "uv.lock").read_text())["package"]}
    assert project["requires-python"] == "==3.11.*"
    assert {base.split(":")[1][:5] for base in re.findall(r"^FROM (\S+)", AIRFLOW_DOCKERFILE, re.M)} == {"3.11."}
    assert f"apache-airflow=={locked['apache-airflow']}" in project["dependencies"]
    assert re.findall(r"^RUN uv sync (.*?)$", AIRFLOW_DOCKERFILE, re.M) == [
        "--frozen --no-dev --no-install-project --compile-bytecode", "--frozen --no-dev --compile-bytecode"]  # fmt: skip


def test_image_and_checkout_use_the_same_uv() -> None:
    version = re.search(r"^UV_VERSION := (\S+)$", (PROJECT / "Makefile").read_text(), re.M)
    assert version and f"pip install --no-cache-dir uv=={version.group(1)}\n" in AIRFLOW_DOCKERFILE


def test_the_final_image_has_gpg_and_no_tools_to_build_with() -> None:
    final = AIRFLOW_DOCKERFILE.split("\nFROM ")[-1]
    assert re.search(r"^USER 10001:10001$", final, re.M)
    packages = "gpg gpg-agent libpangoft2-1.0-0 fonts-dejavu-core"
    assert f"apt-get install -y --no-install-recommends {packages} \\\n" in final
    assert "pip uninstall" in final and "uv sync" not in final


def test_everything_the_image_copies_is_let_through_and_there() -> None:
    let_through = set(re.findall(r"^!(.+)$", (DOCKER / "airflow" / "Dockerfile.dockerignore").read_text(), re.M))
    copied = {name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", AIRFLOW_DOCKERFILE, re.M) for name in line.split()}
    assert copied == let_through
    assert "COPY --from=build /sources ./" in AIRFLOW_DOCKERFILE
    assert all((PROJECT / name).exists() for name in copied)


def test_secrets_stay_out_of_the_repository() -> None:
    assert "secrets/" in (DOCKER / ".gitignore").read_text().split()


def test_pages_ask_for_permissions_that_the_bootstrap_makes() -> None:
    plugin = (DOCKER / "airflow" / "plugins" / "page_access.py").read_text()
    accounts = (PROJECT / "iom_warehouse" / "orchestration" / "airflow_accounts.py").read_text()
    asked, made = (set(re.findall(r'"IOM ([\w ]+)"', text)) for text in (plugin, accounts))
    assert asked == made == {"reports", "every report", "validation", "audit", "documentation", "alerts"}
