"""A share to one decimal beside its count tells of how many it is, which stands in no table of linked people."""

from typing import Any

import pytest
from audiences import BOARD, PUBLIC

from iom_warehouse.disclosure import Audience, control
from iom_warehouse.reports import linkage


def by_size(*people: int) -> list[dict[str, Any]]:
    """As many people of one record, of two and so on."""
    total = sum(people)
    return [
        {"figure": "people_by_size", "feed": "", "item": str(size), "n": n, "of_n": total, "share": n / total, "n_before": None}
        for size, n in enumerate(people, 1)
    ]  # fmt: skip


@pytest.mark.parametrize("audience", [BOARD, PUBLIC])
def test_shares_do_not_tell_who_has_most_records(audience: Audience) -> None:
    """Sixty people are 90.9% of 66 only, and those who are about sixty too: six are left for two rows."""
    [one, two, three] = control(linkage._by_size(by_size(60, 5, 1)).table, audience).rows
    assert one.cells["share"].is_hidden or {two.cells["people"].text, three.cells["people"].text} == {"c"}


def test_shares_of_many_people_are_shown() -> None:
    rows = control(linkage._by_size(by_size(60, 30, 20)).table, BOARD).rows
    assert [(row.cells["people"].text, row.cells["share"].text) for row in rows] == [
        ("60", "54.5%"), ("30", "27.3%"), ("20", "18.2%"),
    ]  # fmt: skip


def test_a_share_of_the_first_ones_people_is_not_of_those_whom_only_it_knows() -> None:
    """Sixty are 95.2% of 63 only: three are known to the hub alone, whose own number is not shown."""
    both = {"figure": "people_in_common", "n": 60, "n_before": None}
    facts = [
        both | {"feed": "hub", "item": "police", "of_n": 63, "share": 60 / 63},
        both | {"feed": "police", "item": "hub", "of_n": 900, "share": 60 / 900},
    ]
    [row] = control(linkage._in_common(facts).table, BOARD).rows
    assert row.cells["share"].is_hidden or row.cells["people"].is_hidden
