"""dbt in this process: connected as the transformer, silent, and writing below the state directory only.

dbt prints rows when it previews, and values when the database quotes one in an error, so it gets no log at all: what happened
is read from its results (see results.py).
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from dbt.adapters.postgres.relation import PostgresRelation
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from iom_warehouse.platform import database, garbage
from iom_warehouse.transform import dbt_costs, project

SILENT = ("--quiet", "--log-level", "none", "--log-level-file", "none", "--no-use-colors", "--no-version-check")
_parsed: dict[int, Manifest] = {}
dbt_costs.leave_out()
garbage.look_seldom()


def run(command: str, *arguments: str, variables: Mapping[str, Any] | None = None, schema: str = "") -> dbtRunnerResult:
    """Run one dbt command on the parsed project. `variables` are those of dbt_project.yml.

    With `schema` every model goes into that one schema, else into the schema of its layer.
    """
    manifest = _placed(parse().deepcopy(), str(database.dsn("transformer")["dbname"]), schema)
    return _invoke(dbtRunner(manifest=manifest), command, *arguments, "--vars", json.dumps(variables or {}))


def parse() -> Manifest:
    """The parsed project; parsed once per process as long as its files stay as they are.

    No variable is given, since none shapes the project: dbt's cache on disk then holds for every night.
    """
    stamp = project.stamp()
    if stamp not in _parsed:
        result = _invoke(dbtRunner(), "parse", "--target", "nowhere", "--no-write-json")
        if not isinstance(result.result, Manifest):
            raise result.exception or RuntimeError("dbt could not parse the project")
        _parsed.clear()
        _parsed[stamp] = result.result
    return _parsed[stamp]


def _placed(manifest: Manifest, database_name: str, schema: str) -> Manifest:
    """The same project, with its models in that database, and in that one schema if one is given.

    dbt writes places into what it parses, and to parse takes longer than to build a small night.
    """
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        node.database = database_name
        if schema and node.resource_type == "model":
            node.schema = schema
        if node.relation_name:
            node.relation_name = str(PostgresRelation.create(node.database, node.schema, node.identifier))
    return manifest


def _invoke(runner: dbtRunner, command: str, *arguments: str) -> dbtRunnerResult:
    folders = ("--project-dir", project.folder(), "--profiles-dir", project.folder(),
               "--target-path", project.state_dir() / "target", "--log-path", project.state_dir() / "logs")  # fmt: skip
    project.state_dir().mkdir(parents=True, exist_ok=True)
    with _environment(), contextlib.chdir(project.state_dir()):  # no .env file of another folder is read
        return runner.invoke([*SILENT, *command.split(), *map(str, folders), *arguments])


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """The connection of the transformer in the variables that the profile reads, for as long as dbt runs."""
    given = {f"IOM_DBT_{name.upper()}": str(value) for name, value in database.dsn("transformer").items()}
    given |= database.client_environment()
    given |= {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
