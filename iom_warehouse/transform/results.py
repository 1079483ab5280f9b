"""What dbt did, as rows of audit.dbt_result. Values of rows never get there: messages are cut to what names the fault."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunResult

FAILED = ("error", "fail", "runtime error", "partial success")
# A database error quotes names of things, which help, and values, which are somebody's.
NAMES = "column|relation|table|view|schema|function|type|role|constraint|model|index|database|operator"
QUOTED_VALUE = re.compile(rf"(\b(?:{NAMES})\s+)?(\"[^\"]*(?:\"|$)|'[^']*(?:'|$)|“[^”]*(?:”|$))")
VALUE_AT_THE_END = re.compile(r": [\"'“].*")  # marks within it are not escaped, so where it ends cannot be told
ENDS_OF_QUOTES = "\"'”"
ENDS_THE_FAULT = re.compile(r"^\s*(DETAIL:|CONTEXT:|HINT:|LINE \d+:|compiled code at)", re.IGNORECASE)
SAVE = """
    insert into audit.dbt_result (build_id, node, resource_type, status, seconds, row_count, message)
    values %s
    on conflict (build_id, node) do update
    set status = excluded.status, seconds = excluded.seconds, row_count = excluded.row_count, message = excluded.message,
        recorded_at = excluded.recorded_at
"""


@dataclass(frozen=True)
class NodeResult:
    """One model or test: `row_count` is the rows a model made or a test found wrong, null where dbt does not say."""

    node: str
    resource_type: str
    status: str
    seconds: float
    row_count: int | None
    message: str | None

    @property
    def is_failed(self) -> bool:
        return self.status in FAILED


def read(results: "Iterable[RunResult]") -> list[NodeResult]:
    return [_read(result) for result in results]


def save(connection: Connection, build_id: int, results: Iterable[NodeResult]) -> None:
    """Write the results of a build; those of an earlier try of the same build are replaced."""
    rows = [(build_id, r.node, r.resource_type, r.status, r.seconds, r.row_count, r.message) for r in results]
    with connection.cursor() as cursor:
        cursor.execute("delete from audit.dbt_result where build_id = %s", (build_id,))
        execute_values(cursor, SAVE, rows)


def without_values(message: str) -> str:
    """The fault that a message names, without what the database quotes from a row.

    Lines from DETAIL, CONTEXT or the statement on are dropped, and what is quoted after a colon with all that follows; other
    quoted text stays only after a word that says it is a name. A quote may end on a later line; what follows one that does not
    end is dropped too.
    """
    if message.startswith("Compilation Error"):  # about files of the project, before any row was read
        return message.partition("\n  > ")[0]
    lines = takewhile(lambda line: not ENDS_THE_FAULT.match(line), message.splitlines())
    fault = " ".join(filter(None, (line.strip() for line in lines)))
    fault = VALUE_AT_THE_END.sub(": (value)", fault)
    return QUOTED_VALUE.sub(lambda found: found[0] if found[1] and found[0][-1] in ENDS_OF_QUOTES else "(value)", fault)


def _read(result: "RunResult") -> NodeResult:
    node = result.node
    found = result.failures if result.failures is not None else result.adapter_response.get("rows_affected")
    status = str(result.status)
    return NodeResult(
        node=node.name,
        resource_type=str(node.resource_type),
        status=status,
        seconds=round(result.execution_time, 3),
        row_count=None if found is None or found < 0 else found,
        message=without_values(result.message or "") if status in FAILED else None,
    )
