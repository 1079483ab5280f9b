"""Groups joined into larger ones where suppression would leave nearly nothing of them, and what an attacker makes of that."""

from dataclasses import replace
from itertools import pairwise

import pytest
from attacker import is_told, pinned
from audiences import BOARD, INTERNAL, PUBLIC
from hypothesis import given, settings
from hypothesis import strategies as st

from iom_warehouse.disclosure import (
    Audience,
    Bounds,
    Cell,
    Column,
    Grouping,
    ReleasedTable,
    Row,
    Seen,
    Table,
    Tie,
    control,
    control_all,
    merged,
)
from iom_warehouse.reports import ratios, wording
from iom_warehouse.reports.scope import WHOLE, Area
from iom_warehouse.reports.stacking import stack

OF = ("part", "people")
COLUMNS = (
    Column("people", "People", "count"),
    Column("part", "With an event", "count"),
    Column("share", "Share", "rate", wording.percentage, OF, ("part", "people"), is_share=True),
)
Counts = dict[str, tuple[int, int]]  # people, and those with an event, by group


def row(key: str, people: int, part: int) -> Row:
    share = Cell(*ratios.share(part, people), numerator=part, denominator=people, says=ratios.share, missing="nobody")
    return Row(key, key, {"people": Cell(people), "part": Cell(part), "share": share})


def table(groups: Counts, joins: str = "neighbours", blocks: tuple[tuple[str, ...], ...] = (), total: str = "all") -> Table:
    """Groups that may be joined, all in one block unless `blocks` says otherwise, and their total."""

    def together(group: tuple[str, ...]) -> Row:
        return row(" and ".join(group), *(sum(counts) for counts in zip(*(groups[key] for key in group), strict=True)))

    everyone = row(total, *(sum(counts) for counts in zip(*groups.values(), strict=True)))
    rows = (everyone, *(row(key, *counts) for key, counts in groups.items()))
    ties = tuple(Tie(((total, name),), tuple((key, name) for key in groups)) for name in ("people", "part"))
    return Table("t", "T", COLUMNS, rows, ties, (Grouping(blocks or (tuple(groups),), joins, together),))


def texts(released: ReleasedTable) -> dict[str, list[str]]:
    return {each.label: [cell.text for cell in each.cells.values()] for each in released.rows}


AGES = {"16-17": (3, 1), "18-24": (9, 2), "25-29": (9, 4), "30-39": (4, 3), "40-49": (12, 3), "50+": (3, 2)}


def test_age_bands_that_touch_are_joined_until_enough_is_shown():
    """Six bands of which only three numbers of 18 could be shown: four of six bands have few people or few with an event.

    The smallest go first: 16-17 (3 people) to its only neighbour, 50+ (3) to its own. Then four bands are left, and 8 of their
    12 figures are hidden, which is less than eight in ten. The share is that of the people together: 5 of 15. The three hidden
    counts of people with an event are 10 together: from that all of them could be small and need not be, so none is marked. The
    two hidden counts of people are 13 together, which two small ones cannot be, so the 4 is marked.
    """
    assert texts(control(table(AGES), BOARD)) == {
        "all": ["40", "15", "38%"],
        "16-17 and 18-24": ["12", "c", "c"],
        "25-29": ["c", "c", "c"],
        "30-39": ["<5", "c", "c"],
        "40-49 and 50+": ["15", "5", "33%"],
    }


def test_where_enough_is_shown_nothing_is_joined():
    groups = {"18-24": (30, 12), "25-29": (20, 9), "30-39": (3, 1), "40-49": (40, 12)}
    assert list(texts(control(table(groups), BOARD))) == ["all", *groups]


def test_the_partnership_itself_sees_every_group():
    assert list(texts(control(table(AGES), INTERNAL))) == ["all", *AGES]


def test_where_joining_does_not_help_the_groups_stay_as_they_are():
    """Two groups of a handful: all that is left to join would be everyone."""
    groups = {"18-24": (2, 1), "25-29": (4, 2), "30-39": (1, 1)}
    assert list(texts(control(table(groups), BOARD))) == ["all", *groups]


def test_areas_are_joined_within_the_area_that_they_lie_in():
    groups = {"A": (3, 1), "B": (4, 2), "C": (4, 3), "D": (4, 4), "E": (3, 2)}
    released = control(table(groups, "any", (("A", "C"), ("B", "D", "E"))), BOARD)
    assert texts(released) == {"all": ["18", "12", "67%"], "A and C": ["7", "<5", "c"], "B and D and E": ["11", "c", "c"]}


def test_small_agencies_become_one_rest():
    groups = {"police": (14, 4), "housing": (1, 0), "health": (2, 1), "courts": (3, 3), "prison": (4, 3)}
    released = control(table(groups, "rest"), BOARD)
    assert [each.parts for each in released.rows if each.parts] == [("housing", "health", "courts", "prison")]
    assert texts(released)["housing and health and courts and prison"][0] == "10"


@pytest.mark.parametrize("audience", [BOARD, PUBLIC])
def test_the_same_tables_are_joined_in_the_same_way(audience):
    assert texts(control(table(AGES), audience)) == texts(control(table(AGES), audience))


GROUPS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), min_size=3, max_size=7).map(
    lambda drawn: {f"g{number}": (people + part, part) for number, (people, part) in enumerate(drawn)}
)


@settings(max_examples=40, deadline=None)
@given(GROUPS, st.sampled_from(["neighbours", "any", "rest"]), st.sampled_from([BOARD, PUBLIC]))
def test_no_count_of_a_joined_group_or_of_its_parts_is_found(groups: Counts, joins: str, audience: Audience) -> None:
    """The attacker also holds that what was joined adds up to what is shown of it."""
    whole = merged(table(groups, joins), audience)
    [released] = control_all([whole], audience)
    for each in released.rows:
        for name in ("people", "part"):
            cell = each.cells[name]
            assert cell.is_hidden or not audience.is_small(whole.counts[each.key, name]), released
    for place, (least, most) in pinned(whole, released, audience).items():
        count, decision = whole.counts[place], released.decision(place)
        is_marked = decision is not None and "<" in decision.text
        assert not count or not is_told(count, (least, most), is_marked, audience), (place, released)


@settings(max_examples=30, deadline=None)
@given(GROUPS)
def test_neighbours_stay_in_their_order_and_nobody_is_lost(groups: Counts) -> None:
    whole = merged(table(groups), BOARD)
    shown = [each for each in whole.rows if each.is_shown]
    covered = [key for each in shown[1:] for key in (each.parts or (each.key,))]
    assert covered == list(groups)
    assert sum(whole.counts[each.key, "people"] for each in shown[1:]) == whole.counts["all", "people"]
    assert all(pairwise(covered)) and len(shown) > 2


def test_a_later_release_that_shows_the_parts_is_held_against_the_joined_one():
    """The board has seen 12 people of 18-24 and 25-29 together. Nine of the one would say that there are three of the other."""
    fact = "people of 18-24 + people of 25-29"
    columns = (Column("people", "People", "count"),)
    rows = tuple(
        Row(key, key, {"people": Cell(count, fact=f"people of {key}")}) for key, count in {"18-24": 9, "25-29": 3}.items()
    )
    alone = Table("t", "T", columns, rows)
    assert texts(control(alone, BOARD)) == {"18-24": ["9"], "25-29": ["<5"]}
    [released] = control_all([alone], BOARD, None, Seen(shown={fact: Bounds(12, 12)}))
    assert texts(released) == {"18-24": ["c"], "25-29": ["<5"]}


def test_parts_that_add_up_to_a_few_more_than_was_shown_of_them_together_are_not_both_shown():
    """14 now, 12 then: the difference is two people."""
    columns = (Column("people", "People", "count"),)
    rows = tuple(
        Row(key, key, {"people": Cell(count, fact=f"people of {key}")}) for key, count in {"18-24": 9, "25-29": 5}.items()
    )
    for before, shown in [(12, {"18-24": ["9"], "25-29": ["c"]}), (14, {"18-24": ["9"], "25-29": ["5"]})]:
        fact = "people of 18-24 + people of 25-29"
        [released] = control_all([Table("t", "T", columns, rows)], BOARD, {fact: {before}})
        assert texts(released) == shown


def test_in_the_report_of_an_area_that_was_joined_stands_what_it_was_joined_to():
    """A and B lie in one division, C and D in another. The report of A shows what is known of A and B together."""
    areas = {Area(key, "district", key): counts for key, counts in {"A": (3, 1), "B": (9, 4), "C": (2, 1), "D": (3, 2)}.items()}
    keyed = {area.key: counts for area, counts in areas.items()}
    whole = table(keyed, "any", (("district:A", "district:B"), ("district:C", "district:D")))
    stacked = stack({WHOLE: whole} | {area: Table("t", "T", COLUMNS, (row(area.key, *of),)) for area, of in areas.items()})
    joined = replace(stacked, table=merged(stacked.table, BOARD))
    [released] = control_all([joined.table], BOARD)
    assert texts(joined.cut(released, next(iter(areas)))) == {"district:A and district:B": ["12", "c", "c"]}
    assert list(texts(joined.cut(released, WHOLE))) == ["all", "district:A and district:B", "district:C and district:D"]


def test_a_group_that_was_joined_is_hidden_wherever_it_stands():
    """A count of 40-49 in another table would narrow down what 50+ is of both together."""
    ages = table(AGES)
    cells = {"people": Cell(12, fact=ages.fact(("40-49", "people")))}
    other = Table("other", "Other", (Column("people", "People", "count"),), (Row("40-49", "40-49", cells),))
    released = control_all([ages, other], PUBLIC)
    assert any("40-49" in each.parts for each in released[0].rows)
    assert texts(released[1]) == {"40-49": ["c"]}
    assert texts(control(other, PUBLIC)) == {"40-49": ["10"]}
