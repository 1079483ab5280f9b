"""What the linkage counted a month before stands beside what it counts now: nobody may subtract."""

import pytest
from audiences import BOARD

from iom_warehouse.disclosure import control
from iom_warehouse.reports import linkage


def decided(now: int, before: int | None) -> list[str]:
    """What the board sees of decisions of stewards: now, a month before, and the change."""
    fact = {"figure": "decisions", "item": "same", "n": now, "n_before": before,
            "pct_change": 100 * (now - before) / before if before else None}  # fmt: skip
    table = linkage._work([fact]).table
    return [cell.text for cell in control(table, BOARD).rows[0].cells.values()]


@pytest.mark.parametrize(("now", "before"), [(22, 20), (20, 22), (24, 20)])
def test_a_step_of_a_few_hides_one_of_the_two(now, before):
    assert decided(now, before).count("c") == 2


@pytest.mark.parametrize(("now", "before", "shown"), [(25, 20, ["25", "20"]), (20, 20, ["20", "20"]), (3, None, ["<5"])])
def test_a_large_step_and_none_at_all_hide_nothing(now, before, shown):
    assert decided(now, before)[: len(shown)] == shown
