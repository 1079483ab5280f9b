"""The printed PPO table of a city through the whole nightly run: 19 of its 20 derived cells, and a finding on the last.

The night runs on a PostgreSQL server of the partnership's own, as a county's would.
"""

from decimal import ROUND_HALF_UP, Decimal

import pytest

# division: people, baseline, target, convictions up to the end of each quarter (the only integers that fit), printed percentages
PRINTED = {
    "NW Leeds": (43, 86, 73, [25, 42, 58, 73], [16, -2, -10, -15]),
    "NE Leeds": (31, 53, 45, [11, 25, 34, 35], [-17, -6, -14, -34]),
    "City & Holbeck": (25, 54, 46, [16, 27, 29, 40], [19, 0, -28, -26]),
    "LEEDS": (99, 193, 164, [52, 94, 121, 148], [8, -3, -43, -23]),
}
IRREPRODUCIBLE = ("LEEDS", 2)


@pytest.fixture(scope="module")
def leeds(example, server_of_their_own):
    return example("leeds", **server_of_their_own)


@pytest.fixture(scope="module")
def rows(leeds) -> dict[str, list[tuple]]:
    found: dict[str, list[tuple]] = {}
    summary = (
        "select group_value, n_people, baseline_count, target_count, n_events, pct_change"
        " from mart_reoffending.reoffending_summary"
        " where group_by in ('all', 'division') order by group_value, period_end"
    )
    for name, *figures in leeds[0].query(summary):
        found.setdefault("LEEDS" if name == "all" else name, []).append(tuple(figures))
    return found


def named(rows, division: str) -> list[tuple]:
    """The rows of a division, by its name or the code that the configuration gives it."""
    people = PRINTED[division][0]
    (match,) = [figures for figures in rows.values() if figures[0][0] == people]
    return match


def half_away(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))  # up means away from zero


def test_the_night_ran_on_the_server_that_was_named(leeds):
    installation, output = leeds
    assert not (installation.state / "postgres").exists(), "a server of its own was made beside it"
    told = output.rstrip().splitlines()[-3:]
    assert told[0].startswith("Database: ") and told[0].endswith(" county"), "the summary's psql line"
    assert "service that publishes" in told[1], "nobody is named as an analyst here"


@pytest.mark.parametrize("division", PRINTED)
def test_counts_are_the_only_integers_that_fit(rows, division):
    people, baseline, target, cumulative, _ = PRINTED[division]
    found = named(rows, division)
    assert [figures[3] for figures in found] == cumulative
    assert {figures[0] for figures in found} == {people}
    assert found[-1][1] == baseline
    assert found[-1][2] == target


@pytest.mark.parametrize("division", PRINTED)
@pytest.mark.parametrize("quarter", range(4))
def test_percentages_are_as_printed_but_for_one(rows, division, quarter):
    printed = PRINTED[division][4][quarter]
    ours = half_away(named(rows, division)[quarter][4])
    assert ours == (-16 if (division, quarter) == IRREPRODUCIBLE else printed)


def test_the_report_sets_the_printed_figure_beside_ours(leeds):
    page = (leeds[0].state / "reports" / "latest.html").read_text(encoding="utf-8")
    assert "DQ-NI30-001: printed −43% (fewer)" in page and "−16% (fewer)" in page


@pytest.mark.parametrize("queue", ["asset_event", "asset_partition_dag_run", "asset_dag_run_queue", "partitioned_asset_key_log"])
def test_nothing_waits_for_a_scheduler_that_comes_later(leeds, queue):
    assert leeds[0].query(f"select count(*) from {queue}", database="airflow") == [(0,)]
