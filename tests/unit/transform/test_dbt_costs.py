"""What dbt is spared must change nothing of what it says when it is asked."""

import pytest
from dbt.adapters.events.types import SQLQuery
from dbt.clients import jinja

from iom_warehouse.transform import runner  # noqa: F401  from here on dbt is spared it


def test_an_event_says_what_it_was_given() -> None:
    event = SQLQuery(conn_name="model.iom.somewhere", sql="select 1")
    assert "model.iom.somewhere" in event.message() and "select 1" in event.message()
    assert event.sql == "select 1" and event.to_dict()["sql"] == "select 1"


@pytest.mark.parametrize("native", [False, True])
def test_a_template_that_is_kept_is_given_each_context_anew(native: bool) -> None:
    assert [jinja.get_rendered("{{ night }} is over", {"night": night}, native=native) for night in ("one", "two")] == [
        "one is over", "two is over",
    ]  # fmt: skip


def test_an_empty_result_is_empty_each_time() -> None:
    from dbt_common.clients.agate_helper import empty_table

    assert len(empty_table().rows) == len(empty_table().columns) == 0
