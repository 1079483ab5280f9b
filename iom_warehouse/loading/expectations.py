"""Great Expectations on a landed file: the suite that follows from its contract, and the expectations that GX does not have.

Importing this module costs seconds, because it imports Great Expectations; it is imported when a file is validated, not before.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, ClassVar

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
import sqlalchemy as sa
from great_expectations import expectations as gxe
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations import expectation
from great_expectations.expectations.expectation import BatchExpectation, ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import ColumnMapMetricProvider, column_condition_partial
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from psycopg2.extensions import connection as Connection

from iom_warehouse.contracts import Rule
from iom_warehouse.loading import names, rows, types
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError

# The name of each expectation is made of that of its class whenever it is asked for anything: a twentieth of a validation.
expectation.camel_to_snake = cache(expectation.camel_to_snake)


class ColumnValuesParse(ColumnMapMetricProvider):
    """Of a column with delivered texts: the typed value beside it is not null.

    The texts are looked at, so that what does not parse is counted among what was given: a column of typed values of which none
    parses would be an empty one, which passes.
    """

    condition_metric_name = "column_values.parse"

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: sa.ColumnClause[Any], **kwargs: Any) -> sa.ColumnElement[bool]:
        return sa.column(column.name.removesuffix(names.TEXT_SUFFIX)).isnot(None)


class ExpectColumnValuesToParseAs(ColumnMapExpectation):
    """Each delivered text is written as a value of the column's type."""

    type: str
    map_metric: ClassVar[str] = "column_values.parse"
    args_keys: ClassVar = ("column", "type")


class ColumnValuesValidIdentifier(ColumnMapMetricProvider):
    condition_metric_name = "column_values.valid_identifier"
    condition_value_keys = ("identifier",)

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: sa.ColumnClause[Any], identifier: str, **kwargs: Any) -> sa.ColumnElement[bool]:
        return getattr(sa.func.identifiers, f"is_valid_{identifier}")(column)


class ExpectColumnValuesToBeValidIdentifier(ColumnMapExpectation):
    """Each value has the format and check letter of its kind of identifier (functions of the schema identifiers)."""

    identifier: str
    map_metric: ClassVar[str] = "column_values.valid_identifier"
    success_keys: ClassVar = ("mostly", "identifier")
    args_keys: ClassVar = ("column", "identifier")


class TableFailingRows(TableMetricProvider):
    """Number of rows that a query over the landed tables returns; no row itself leaves the database."""

    metric_name = "table.failing_rows"
    value_keys = ("query",)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, execution_engine: SqlAlchemyExecutionEngine, metric_value_kwargs: dict[str, str], **kwargs: Any) -> int:
        query = sa.text(f"select count(*) from ({metric_value_kwargs['query']}) failing".replace(":", r"\:"))
        return execution_engine.execute_query(query).scalar_one()


class _ExpectNoRows(BatchExpectation):
    query: str
    metric_dependencies: ClassVar = ("table.failing_rows",)
    success_keys: ClassVar = ("query",)
    args_keys: ClassVar = ("query",)

    def _validate(
        self, metrics: dict[str, int], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        count = metrics["table.failing_rows"]
        return {"success": count == 0, "result": {"observed_value": count}}


class ExpectKeyToBeUnique(_ExpectNoRows):
    """No two rows have the same key."""


class ExpectColumnsToReferTo(_ExpectNoRows):
    """Each reference names a row of its parent file, in the delivery or current."""


class ExpectColumnValuesToBeConfigured(_ExpectNoRows):
    """Each code is one of the partnership's configuration."""


def _key_query(rule: Rule, delivered: rows.DeliveredFile) -> Any:
    key = names.columns(delivered.file.key)
    return names.sql.SQL("select from {} where num_nulls({key}) = 0 group by {key} having count(*) > 1").format(
        delivered.base, key=key
    )


BY_QUERY: dict[str, tuple[type[_ExpectNoRows], Callable[..., Any]]] = {
    "expect_column_values_to_be_unique": (ExpectKeyToBeUnique, _key_query),
    "expect_compound_columns_to_be_unique": (ExpectKeyToBeUnique, _key_query),
    "expect_column_values_to_be_configured": (ExpectColumnValuesToBeConfigured, rows.unknown_codes),
    "expect_columns_to_refer_to": (ExpectColumnsToReferTo, rows.failing),
}
OWN: dict[str, type[ColumnMapExpectation]] = {
    "expect_column_values_to_parse_as": ExpectColumnValuesToParseAs,
    "expect_column_values_to_be_valid_identifier": ExpectColumnValuesToBeValidIdentifier,
}


def check(conn: Connection, delivered: rows.DeliveredFile, rules: tuple[Rule, ...]) -> dict[str, bool]:
    """Let Great Expectations decide `rules` on a landed file. Returns success by rule_id.

    Results are boolean only: the other formats carry values of failing rows. Raises IomError when an expectation could not run.
    """
    return {rule_id: bool(result.success) for rule_id, result in evaluate(conn, delivered, rules, "BOOLEAN_ONLY").items()}


def evaluate(conn: Connection, delivered: rows.DeliveredFile, rules: tuple[Rule, ...], result_format: str) -> dict[str, Any]:
    """The same with Great Expectations' own results, in any of its formats, by rule_id."""
    by_view: dict[str, list[Rule]] = {}
    for rule in rules:
        by_view.setdefault(delivered.looked_at_by(rule), []).append(rule)
    return {
        one.expectation_config.meta["rule_id"]: one
        for view, asked in by_view.items()
        for one in _evaluate(conn, delivered, view, asked, result_format)
    }


def _evaluate(conn: Connection, delivered: rows.DeliveredFile, view: str, rules: Sequence[Rule], result_format: str) -> list[Any]:
    source = _source()
    try:
        asset = source.add_table_asset(name=view, table_name=view, schema_name="landing")
        suite = gx.ExpectationSuite(name=view, expectations=[_expectation(conn, rule, delivered) for rule in rules])
        batch = asset.add_batch_definition_whole_table("whole").get_batch()
        results = batch.validate(suite, result_format=result_format).results
    except Exception as error:  # whatever it is, its text may quote a statement and the values in it
        raise _not_evaluated(delivered.file.name, type(error).__name__) from None
    finally:
        with suppress(LookupError):  # the table could not even be looked at
            source.delete_asset(view)
    for one in results:
        if _was_raised(one.exception_info):
            raise _not_evaluated(one.expectation_config.meta["rule_id"], "an exception")
    return list(results)


def _was_raised(exception_info: dict[str, Any]) -> bool:
    """Whether the expectation, or one of the metrics that it rests on, ended in an exception."""
    nested = [value for value in exception_info.values() if isinstance(value, dict)]
    return any(one.get("raised_exception", False) for one in (exception_info, *nested))


def _not_evaluated(what: str, why: str) -> IomError:
    return IomError(
        f"Great Expectations could not evaluate {what} ({why}).", "See the database's log, then run: iom delivery retry NUMBER"
    )


def _expectation(conn: Connection, rule: Rule, delivered: rows.DeliveredFile) -> Any:
    common: dict[str, Any] = {"severity": rule.severity, "meta": {"rule_id": rule.rule_id}}
    if rule.expectation in BY_QUERY:
        by_query, query = BY_QUERY[rule.expectation]
        return by_query(query=query(rule, delivered).as_string(conn), **common)
    arguments = {name: rows.argument(value, delivered) for name, value in rule.kwargs.items()}
    if "column" in arguments:
        arguments["column"] = rows.value_column(rule, delivered.file)
    if "column_A" in arguments:
        arguments["ignore_row_if"] = "either_value_is_missing"
    if "column_set" in arguments:
        arguments["column_set"] = _columns_of_view(delivered)
    expectation = OWN.get(rule.expectation) or getattr(gxe, _class_name(rule.expectation))
    return expectation(**arguments, **common)


def _columns_of_view(delivered: rows.DeliveredFile) -> list[str]:
    """The contract's columns, and those that landing adds."""
    columns = delivered.file.columns
    added = [column.name + names.TEXT_SUFFIX for column in columns if not types.is_text(column)]
    change = [names.CHANGE] if delivered.is_changes else []
    return [*(column.name for column in columns), *added, *names.ADDED, *change]


def _class_name(expectation: str) -> str:
    return "".join(part.capitalize() for part in expectation.split("_"))


_sources: dict[str, Any] = {}


def _source() -> Any:
    """One data source per database and process: making one costs a connection and a reflection."""
    url = database.url("loader", "postgresql+psycopg2")
    if url not in _sources:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
        _sources[url] = context.data_sources.add_postgres(
            name=f"landing{len(_sources)}",
            connection_string=url,
            kwargs={"pool_pre_ping": True},  # type: ignore[call-arg]  # the stubs do not know of it
        )
    return _sources[url]
