"""One build of all models and their tests."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.log import get
from iom_warehouse.transform import results

log = get("transform")


class BuildFailed(IomError):
    """dbt could not build a model, or a test of one found rows that cannot be."""


def build(
    business_date: date,
    vintage: Mapping[str, int],
    linkage_run: int | None,
    configuration_id: int | None,
    build_id: int,
    as_of_schema: str = "",
    since_build: int = 0,
) -> None:
    """Build every model as known at `vintage` (feed -> last published sequence; a feed left out is absent) and test it.

    With `as_of_schema` every model goes into that one schema, else into the schema of its layer. With `since_build` only what
    is made of the people that find_changes found since that build is made again. Writes audit.dbt_result;
    building the same build_id again replaces its rows. Raises BuildFailed when a model or test fails: what depends on it is
    then not built.
    """
    from dbt.artifacts.schemas.run import RunExecutionResult

    from iom_warehouse.transform import runner  # brings dbt, which takes seconds to load

    variables = {
        "build_id": build_id,
        "business_date": business_date.isoformat(),
        "vintage": dict(vintage),
        "linkage_run": linkage_run or 0,
        "configuration_id": configuration_id or 0,
        "since_build": since_build,
    }
    from_nothing = () if since_build else ("--full-refresh",)
    try:
        outcome = runner.run(
            "build", "--exclude-resource-type", "unit_test", "--no-write-json", *from_nothing,
            variables=variables, schema=as_of_schema,
        )  # fmt: skip
    except Exception as error:
        raise _could_not_start(error) from None
    found = results.read(outcome.result if isinstance(outcome.result, RunExecutionResult) else ())
    with database.transaction("transformer") as connection:
        results.save(connection, build_id, found)
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    if not outcome.success:
        raise _failure(build_id, found, outcome.exception)
    kinds = Counter(result.resource_type for result in found)
    log.info("build %s: %s models, %s tests passed", build_id, kinds["model"], kinds["test"])


def _failure(build_id: int, found: list[results.NodeResult], exception: BaseException | None) -> BuildFailed:
    failed = [result for result in found if result.is_failed]
    if not failed:
        return _could_not_start(exception or RuntimeError("dbt ended without results"))
    skipped = len([result for result in found if result.status == "skipped"])
    first = failed[0]
    wrong = f"{first.row_count} rows fail" if first.resource_type == "test" and first.row_count else first.message
    return BuildFailed(
        f"Build {build_id}: {len(failed)} of {len(found)} models and tests failed and {skipped} were skipped. "
        f"The first is {first.resource_type} {first.node}: {wrong}",
        f"All are in audit.dbt_result where build_id = {build_id}. Mend the cause and build again: nothing is done twice.",
    )


def _could_not_start(error: BaseException) -> BuildFailed:
    from dbt.exceptions import ParsingError
    from dbt_common.exceptions import CompilationError

    if isinstance(error, CompilationError | ParsingError):  # about files of the project, before any row was read
        return BuildFailed(f"The dbt project does not parse: {' '.join(str(error).split())}", "Mend the file and build again.")
    return BuildFailed(
        f"dbt ended without results ({type(error).__name__}): {results.without_values(str(error))}",
        "Check that the database runs and is migrated, then build again: nothing is done twice.",
    )
