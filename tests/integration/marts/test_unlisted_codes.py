"""What slipped into the column of a code is in no model, and in no report: it counts as a code that was not given."""

import pytest
from building_marts import Query
from delivery_maker import Warehouse
from recount import Recount
from unlisted_codes import NAME, columns

from iom_warehouse import reports
from iom_warehouse.reports.publishing import SECTIONS

MODELS = """
    select format('%I.%I', table_schema, table_name) from information_schema.tables
    where table_schema in ('staging', 'intermediate') or table_schema ~ '^mart_'
"""
AGENCIES_AT_MEETINGS = """
    select agency, n_invited, n_attended from mart_partnership.attendance where period_kind = 'quarter' and area = 'all'
"""
PUBLISHED = """
    select figure::text from published.figure union all select report::text from published.report
    union all select report_table::text from published.report_table union all select worked_out::text from published.worked_out
"""
BUILT = "update audit.build set status = 'succeeded', finished_at = now() returning build_id"
AUDIENCE = """
    insert into reference.audiences
        (audience, min_count, round_to, min_denominator, flag_denominator, classification, effective_from,
        opened_by_configuration)
    values ('internal', 0, 1, 0, 0, 'OFFICIAL', '2000-01-01', 1) returning 1
"""
REPORT = """
    insert into reference.reports (kind, version, title, schedule, sections, effective_from, opened_by_configuration)
    values ('everything', '1', 'Everything', 'quarterly', %s, '2000-01-01', 1) returning 1
"""


@pytest.fixture(scope="module")
def published(built: tuple[Query, Recount], shared_warehouse: Warehouse) -> list[str]:
    """Every row that is kept of a report of every section, as an audience sees it of whom nothing is hidden."""
    shared_warehouse.query(BUILT)
    shared_warehouse.query(AUDIENCE)
    shared_warehouse.query(REPORT, ";".join(SECTIONS))
    reports.publish("everything", "2013Q4")
    return [row for (row,) in shared_warehouse.query(PUBLISHED)]


@pytest.mark.parametrize(("file", "column"), list(columns()), ids=str)
def test_a_name_slipped_into_the_column_that_is_delivered(built: tuple[Query, Recount], file: str, column: str) -> None:
    query, _ = built
    given = query(f"select exists (select from raw.{file} where {column} like '{NAME}%')")
    assert given == [(True,)], "slip a name into a row of this file in unlisted_codes.py"


def test_no_model_has_it(built: tuple[Query, Recount]) -> None:
    query, _ = built
    models = [name for (name,) in query(MODELS)]
    assert len(models) > 100
    has_it = "select exists (select from {} as row where row::text like '%" + NAME + "%')"
    assert [model for model in models if query(has_it.format(model)) != [(False,)]] == []


def test_agencies_that_nobody_knows_are_one_at_a_meeting(built: tuple[Query, Recount]) -> None:
    query, _ = built
    assert set(query(AGENCIES_AT_MEETINGS)) == {("all", 2, 2), ("POL", 1, 1), ("unknown", 1, 1)}


def test_nobody_is_told_of_an_agency_that_nobody_knows(built: tuple[Query, Recount]) -> None:
    query, _ = built
    assert query("select agency from mart_partnership.agency_agenda") == [("POL",)]


def test_no_report_has_it(published: list[str]) -> None:
    assert len(published) > 1000
    assert [row for row in published if NAME in row] == []
