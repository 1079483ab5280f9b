"""What a table says and keeps when feeds that it is made of have never come."""

import ast
import re

import measures_by_hand
import pytest

from iom_warehouse.disclosure import Cell, Column, ReleasedTable, Row, Table
from iom_warehouse.platform.settings import PROJECT_DIR
from iom_warehouse.reports import measures, reach
from iom_warehouse.reports.drafts import Draft

WHY = "have never been delivered"
TABLE = Table("t", "T", (Column("n", "n", "count"),), (Row("r", "R", {"n": Cell(12)}),))


@pytest.mark.parametrize(
    ("needs", "people_from", "never", "rows", "sentence"),
    [
        ("police", "prison probation", "", 1, ""),
        ("police", "prison probation", "dip", 1, ""),
        ("police", "", "police", 0, "The police's data have never been delivered: no figure that needs them is given."),
        ("police", "prison", "prison", 0, "The prisons' data have never been delivered: no figure that needs them is given."),
        ("police", "prison probation", "prison", 1,
         "The prisons' data have never been delivered: people who enter a cohort only by them are not counted."),
        ("police", "prison probation", "prison probation", 0,
         "The prisons' data have never been delivered: no figure that needs them is given."
         " Probation's data have never been delivered: no figure that needs them is given."),
    ],
)  # fmt: skip
def test_a_table_of_feeds_of_which_some_never_came(needs, people_from, never, rows, sentence):
    draft = Draft(
        TABLE, "section", lambda _: "It counts.", "Nothing was counted.",
        source_systems=tuple(needs.split()), people_from=tuple(people_from.split()),
    )  # fmt: skip
    told = reach.told(draft, dict.fromkeys(never.split(), WHY))
    assert len(told.table.rows) == rows
    assert " ".join(told.unreached) == sentence
    says = told.meaning(ReleasedTable("t", "T", (), ())) if rows else told.when_empty
    assert says == (f"It counts. {sentence}".strip() if rows else sentence)


def test_what_several_feeds_tell_of_is_told_by_those_that_came():
    """A partnership without drug services still learns which needs were open at release."""
    draft = Draft(TABLE, "section", lambda _: "It counts.", "", source_systems=("prison",), asked_of=("hub", "dip"))
    told = reach.told(draft, {"dip": WHY})
    assert len(told.table.rows) == 1
    sentence = "The data of drug services have never been delivered: what only they would tell is not counted."
    assert told.unreached == (sentence,) and told.meaning(ReleasedTable("t", "T", (), ())) == f"It counts. {sentence}"
    assert reach.told(draft, {"prison": WHY}).table.rows == ()


@pytest.mark.parametrize(
    ("event_kind", "clock", "needs"),
    [
        ("arrest", "calendar", ("police",)),
        ("arrest", "at_liberty", ("police", "prison")),
        ("breach", "calendar", ("probation",)),
        ("custody_return", "at_liberty", ("prison",)),
    ],
)
def test_the_feeds_that_a_measure_needs(event_kind, clock, needs):
    """Days at liberty are known by the prison's spells, whatever the events are."""
    assert measures_by_hand.measure(event_kind=event_kind, clock=clock).source_systems == needs


@pytest.mark.parametrize(
    ("cohort", "feeds"),
    [
        ({"kind": "static"}, ("hub",)),
        ({"kind": "static", "order_types": "community"}, ("probation",)),
        ({"kind": "static", "order_types": "community", "schemes": "IOM"}, ("probation", "hub")),
        ({"kind": "index", "index_event": "release;sentence"}, ("prison", "police")),
        ({"kind": "index", "index_event": "release", "schemes": "IOM"}, ("prison", "hub")),
        ({"kind": "index", "index_event": "joined", "strand": "fixed"}, ("hub",)),
        ({"kind": "index", "index_event": "release", "troubled_family": False}, ("prison", "hub")),
        ({"kind": "index", "index_event": "sentence", "statutory": False}, ("police", "probation")),
    ],
)
def test_the_feeds_that_say_whom_a_cohort_has(cohort, feeds):
    asked = dict.fromkeys(("order_types", "schemes", "strand", "troubled_family", "statutory"))
    assert measures.feeds_of_cohort(asked | cohort) == feeds


def test_a_report_asks_the_feeds_of_a_cohort_that_the_build_asked():
    model = PROJECT_DIR / "dbt_project" / "models" / "intermediate" / "reoffending" / "int_reoffending__measure.sql"
    found = re.search(r"told_by = (\{.*?\}) %\}", model.read_text(encoding="utf-8"), re.DOTALL)
    told_by = ast.literal_eval(found[1]) if found else {}
    lists = {"frozen list": "hub", "frozen list of orders": "probation", "scheme": "hub", "status": "probation"}
    assert told_by == measures.INDEX_FEEDS | lists
