"""Tables as an attacker sees them: what was released must leave every hidden count in the dark, whatever the numbers are."""

from decimal import Decimal
from itertools import product
from typing import Any

import numpy as np
import pytest
from attacker import is_told, pinned, pinned_in
from audiences import BOARD, PUBLIC
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iom_warehouse.disclosure import (
    Audience,
    Bounds,
    Cell,
    Column,
    Place,
    ReleaseBlocked,
    ReleasedTable,
    Row,
    Seen,
    Table,
    Tie,
    attack,
    control_all,
)
from iom_warehouse.reports import ratios

SMALL_TABLES = st.integers(1, 3).flatmap(
    lambda wide: st.lists(st.lists(st.integers(0, 14), min_size=wide, max_size=wide), min_size=1, max_size=4)
)


def grid(counts: list[list[int]], name: str = "grid") -> Table:
    """Counts with both margins: rows r0..., columns c0..., and `all` for the sums."""
    keys = [f"r{number}" for number in range(len(counts))]
    names = [f"c{number}" for number in range(len(counts[0]))]
    full = [[*row, sum(row)] for row in counts]
    full.append([sum(column) for column in zip(*full, strict=True)])
    rows = tuple(
        Row(key, key, {column: Cell(value) for column, value in zip([*names, "all"], values, strict=True)})
        for key, values in zip([*keys, "all"], full, strict=True)
    )
    ties = [Tie(((key, "all"),), tuple((key, column) for column in names)) for key in [*keys, "all"]]
    ties += [Tie((("all", column),), tuple((key, column) for key in keys)) for column in [*names, "all"]]
    return Table(name, name, tuple(Column(column, column, "count") for column in [*names, "all"]), rows, tuple(ties))


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(SMALL_TABLES)
def test_no_hidden_count_of_any_table_is_found_by_the_public(counts: list[list[int]]) -> None:
    assert found_in(grid(counts), PUBLIC) == []


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(SMALL_TABLES)
def test_the_board_learns_no_more_of_a_small_count_than_that_it_is_small(counts: list[list[int]]) -> None:
    assert found_in(grid(counts), BOARD) == []


def found_in(table: Table, audience: Audience) -> list[Place]:
    """Counts that were hidden from the audience, and that it can tell all the same."""
    [released] = control_all([table], audience)
    return [
        place
        for place, ends in pinned(table, released, audience).items()
        if table.counts[place] and is_told(table.counts[place], ends, "<" in released.decision(place).text, audience)
    ]


@pytest.mark.parametrize("counts", [[[4, 4]], [[4, 4, 4]], [[1, 1, 1, 1, 1]], [[4, 4], [4, 4]], [[3, 4], [4, 1]]])
def test_marks_that_say_small_do_not_tell_how_small(counts: list[list[int]]) -> None:
    """Twice <5, together 8: both would be four. So one of them only says that it is hidden."""
    [released] = control_all([grid(counts)], BOARD)
    texts = [cell.text for row in released.rows for cell in row.cells.values()]
    assert "c" in texts and found_in(grid(counts), BOARD) == []


def test_marks_that_tell_nothing_stay() -> None:
    [released] = control_all([grid([[3, 2, 40]])], BOARD)
    assert [cell.text for cell in released.rows[0].cells.values()] == ["<5", "<5", "40", "45"]


# A year of releases of one table: each shows the counts of a new build of the same night to the same audience.
RELEASES = st.lists(
    st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=2), min_size=2, max_size=3
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(RELEASES)
def test_what_earlier_releases_showed_tells_no_count_of_a_later_one(releases: list[list[list[int]]]) -> None:
    """Each release hides other cells, and half of the counts stay as they were."""
    first = releases[0]
    known: dict[str, Bounds] = {}
    hidden: set[str] = set()
    before: dict[str, list[int]] = {}
    for counts in releases:
        table = grid([first[0], counts[1]])
        seen = {fact: bounds for fact, bounds in known.items() if bounds.low <= counts_by_fact(table)[fact] <= bounds.high}
        try:
            [released] = control_all([table], BOARD, before, Seen(shown=seen, hidden=frozenset(hidden)))
        except ReleaseBlocked:
            return
        for (_, place), ends in pinned_in([table], [released], BOARD, {f: (b.low, b.high) for f, b in seen.items()}).items():
            is_marked = "<" in released.decision(place).text
            assert not table.counts[place] or not is_told(table.counts[place], ends, is_marked, BOARD), (place, ends)
        for place, count in table.counts.items():
            decision = released.decision(place)
            if decision.is_hidden:
                hidden.add(table.fact(place))
            else:
                known[table.fact(place)] = Bounds(count, count)
                before.setdefault(table.fact(place), []).append(count)


def counts_by_fact(table: Table) -> dict[str, int]:
    return {table.fact(place): count for place, count in table.counts.items()}


def shares(groups: dict[str, tuple[int, int]]) -> Table:
    """Part and whole with the share and its interval, for groups and `all` of them."""
    groups = groups | {"all": (sum(part for part, _ in groups.values()), sum(whole for _, whole in groups.values()))}
    of = ("part", "whole")
    columns = (
        Column("whole", "Whole", "count"),
        Column("part", "Part", "count"),
        Column("share", "Share", "rate", made_of=of, of=of, is_share=True),
    )
    rows = tuple(
        Row(key, key, {
            "whole": Cell(whole), "part": Cell(part),
            "share": Cell(*ratios.share(part, whole), numerator=part, denominator=whole, says=ratios.share),
        })
        for key, (part, whole) in groups.items()
    )  # fmt: skip
    ties = tuple(Tie((("all", column),), tuple((key, column) for key in groups if key != "all")) for column in ("whole", "part"))
    return Table("shares", "Shares", columns, rows, ties)


def test_shares_with_intervals_give_counts_away_that_rounding_hid() -> None:
    """217 people and 213 men, each with a share to one decimal: the four women are found to within a few, unless a share goes."""
    [released] = control_all([shares({"men": (60, 213), "women": (2, 4)})], PUBLIC)
    assert released.decision(("women", "whole")).text == "c"
    assert released.decision(("men", "share")).is_hidden or released.decision(("all", "share")).is_hidden


def test_rows_that_nobody_would_be_in_tell_that_somebody_is() -> None:
    """Five reasons of five people would each be the reason of one: hidden without a mark, they need the total hidden too."""
    reasons = [Row(name, name, {"people": Cell(1)}) for name in "abcde"]
    tie = Tie((("all", "people"),), tuple((row.key, "people") for row in reasons))
    rows = (Row("all", "All", {"people": Cell(5)}), *reasons)
    table = Table("reasons", "", (Column("people", "", "count"),), rows, (tie,), never_nought="people")
    [released] = control_all([table], PUBLIC)
    assert [row.cells["people"].text for row in released.rows] == ["c"] * 6


def test_a_joined_row_tells_that_somebody_is_in_each_of_its_parts() -> None:
    rows = (Row("all", "All", {"people": Cell(9)}), Row("a", "A", {"people": Cell(6)}),
            Row("b+c+d", "Others (b, c, d)", {"people": Cell(3)}, parts=("b", "c", "d")),
            *(Row(key, key, {"people": Cell(1)}, is_shown=False) for key in "bcd"))  # fmt: skip
    table = Table("reasons", "", (Column("people", "", "count"),), rows, never_nought="people")
    hidden: dict[Place, Any] = {("b+c+d", "people"): "suppressed", ("a", "people"): "suppressed"}
    bounds = attack.read({"reasons": (table, hidden)}, PUBLIC).bounds
    assert [bounds[table.fact((key, "people"))].low for key in ("a", "b+c+d", "b")] == [1, 3, 0]


def test_where_nothing_is_small_nothing_is_hidden() -> None:
    [released] = control_all([shares({"men": (60, 213), "women": (40, 90)})], PUBLIC)
    assert not [cell for row in released.rows for cell in row.cells.values() if cell.is_hidden]


def test_a_count_hidden_in_one_table_is_hidden_by_another_that_shows_it() -> None:
    """Two tables with the same people: the second has a margin that the first has not."""
    one = Table("one", "One", (Column("n", "N", "count"),), tuple(
        Row(key, key, {"n": Cell(value, fact=f"people of {key}")}) for key, value in {"a": 3, "b": 20}.items()
    ))  # fmt: skip
    two = Table("two", "Two", (Column("n", "N", "count"),), tuple(
        Row(key, key, {"n": Cell(value, fact=f"people of {key}")}) for key, value in {"b": 20, "all": 23}.items()
    ))  # fmt: skip
    tied = Table("tied", "Tied", (Column("n", "N", "count"),), tuple(
        Row(key, key, {"n": Cell(value, fact=f"people of {key}")}) for key, value in {"a": 3, "b": 20, "all": 23}.items()
    ), (Tie((("all", "n"),), (("a", "n"), ("b", "n"))),))  # fmt: skip
    released = control_all([one, two, tied], BOARD)
    seen = {(table.name, row.key): row.cells["n"].is_hidden for table in released for row in table.rows}
    assert seen["one", "a"] and seen["tied", "a"]
    shown_of_b = not (seen["one", "b"] and seen["two", "b"] and seen["tied", "b"])
    shown_of_all = not (seen["two", "all"] and seen["tied", "all"])
    assert not (shown_of_b and shown_of_all), seen


def test_a_count_a_little_above_the_one_released_before_is_hidden_from_those_who_saw_that() -> None:
    table = Table("t", "T", (Column("n", "N", "count"),), (Row("a", "a", {"n": Cell(22, fact="a")}),))
    for before, hidden in [({20}, True), ({22}, False), ({17}, False), ({26}, True), ({17, 26}, True), (set(), False)]:
        [released] = control_all([table], BOARD, {"a": before})
        assert released.decision(("a", "n")).is_hidden == hidden, before
    [released] = control_all([table], PUBLIC, {"a": {20}})
    assert released.decision(("a", "n")).text == "20"


def quarterly(counts: list[int], baseline: int) -> Table:
    """A cumulative count shown at the end, and a change shown for each quarter."""
    cumulative = np.cumsum(counts).tolist()
    says = [ratios.change_from(number / len(counts)) for number in range(1, len(counts) + 1)]
    names = [f"count_{number}" for number in range(1, len(counts))] + ["total"]
    columns = [Column("baseline", "B", "count"), Column("total", "Total", "count")]
    columns += [Column(name, "", "count", is_shown=False) for name in names[:-1]]
    columns += [Column(f"grew_{number}", "", "count", is_shown=False) for number in range(len(counts))]
    columns += [
        Column(f"change_{number}", "C", "rate", made_of=("baseline", name), of=(name, "baseline"))
        for number, name in enumerate(names)
    ]
    cells = {"baseline": Cell(baseline)} | {name: Cell(value) for name, value in zip(names, cumulative, strict=True)}
    cells |= {f"grew_{number}": Cell(value) for number, value in enumerate(counts)}
    cells |= {f"change_{n}": Cell(*says[n](cumulative[n], baseline), numerator=cumulative[n], denominator=baseline, says=says[n])
              for n in range(len(counts))}  # fmt: skip
    ties = tuple(
        Tie((("r", name),), ((("r", names[n - 1]),) if n else ()) + (("r", f"grew_{n}"),)) for n, name in enumerate(names)
    )
    return Table("q", "Q", tuple(columns), (Row("r", "R", cells),), ties)


def test_quarters_one_of_which_added_a_single_conviction() -> None:
    """34 convictions after three quarters and 35 after four: two exact changes of an exact baseline give the one away."""
    [released] = control_all([quarterly([11, 14, 9, 1], 53)], BOARD)
    shown = {name: cell.text for name, cell in released.rows[0].cells.items()}
    assert "c" in (shown["change_2"], shown["change_3"], shown["total"]), shown
    [unhurt] = control_all([quarterly([25, 17, 16, 15], 86)], BOARD)
    assert not [cell for cell in unhurt.rows[0].cells.values() if cell.is_hidden]


def test_a_column_that_is_not_shown_is_not_released() -> None:
    [released] = control_all([quarterly([25, 17, 16, 15], 86)], BOARD)
    assert [name for name, _ in released.columns] == ["baseline", "total", "change_0", "change_1", "change_2", "change_3"]
    assert released.rows[0].cells.keys() == {name for name, _ in released.columns}


def of_areas(**counts: int) -> Table:
    """A whole (`all`) and its areas."""
    parts = tuple((key, "n") for key in counts if key != "all")
    rows = tuple(Row(key, key, {"n": Cell(count)}) for key, count in counts.items())
    return Table("t", "T", (Column("n", "N", "count"),), rows, (Tie((("all", "n"),), parts),))


@pytest.mark.parametrize(
    ("counts", "hidden", "most"),
    [({"all": 9, "a": 3, "b": 4}, "a", 5), ({"all": 9, "a": 8, "b": 4}, "all", 12)],
    ids=["somebody of no known district", "somebody on the books of two"],
)
def test_a_part_is_no_more_than_its_whole_though_they_do_not_add_up(counts: dict[str, int], hidden: str, most: int) -> None:
    table = of_areas(**counts)
    bounds = attack.tightened(attack.read({"t": (table, {(hidden, "n"): "suppressed_with_another"})}, BOARD))
    assert bounds[table.fact((hidden, "n"))] == attack.Bounds(0, most)


@pytest.mark.parametrize("part", range(0, 41, 4))
def test_what_a_share_says_is_what_the_mart_would_have_shown(part: int) -> None:
    value, interval = ratios.share(part, 40)
    assert value == Decimal(round(Decimal(100 * part) / 40))
    assert interval is not None and interval[0] <= value <= interval[1]


def test_all_pairs_of_a_small_grid_of_shares() -> None:
    """Every true count lies within what the attacker infers, so that it can never be called safe by mistake."""
    from iom_warehouse.disclosure.protection import protect

    for part, whole in product((0, 3, 17, 40), (41, 43)):
        table = shares({"men": (part, whole), "women": (5, 31)})
        hidden, _ = protect([table], PUBLIC)
        bounds = attack.tightened(attack.read({table.name: (table, hidden[table.name])}, PUBLIC))
        for place, count in table.counts.items():
            assert bounds[table.fact(place)].low <= count <= bounds[table.fact(place)].high, (place, count)


def test_a_shown_count_and_its_share_give_the_hidden_denominator_away() -> None:
    """60 and 95%: of 63, since 60 of 62 are 97% and of 64 are 94%. So the rest is three."""
    bounds = {"part": attack.Bounds(60, 60), "whole": attack.Bounds(), "rest": attack.Bounds()}
    says = ratios.only_value(ratios.share)
    ratio = attack.Ratio(("t", ("r", "share")), "part", "whole", says(60, 63), says)
    published = attack.Published(bounds, [attack.Sum(("whole",), ("part", "rest"))], [], [ratio])
    found = attack.inferred(published, ["rest"], lambda _, found: found.low <= 1 and found.high >= 4)
    assert found == {"rest": attack.Bounds(3, 3)}


@pytest.mark.parametrize("says", [ratios.share, ratios.survival, ratios.change, ratios.change_from(0.5),
                                  ratios.only_interval(ratios.share), ratios.change_from_expected(50, 9)])  # fmt: skip
@pytest.mark.parametrize(("part", "whole"), [(3, 217), (60, 63), (0, 40), (40, 40), (150, 900)])
def test_a_count_that_only_a_ratio_speaks_of_lies_within_what_is_inferred(says, part: int, whole: int) -> None:
    for known in ("part", "whole"):
        bounds = {"part": attack.Bounds(), "whole": attack.Bounds()} | {
            known: attack.Bounds(*[{"part": part, "whole": whole}[known]] * 2)
        }
        ratio = attack.Ratio(("t", ("r", "share")), "part", "whole", says(part, whole), says)
        found = attack.tightened(attack.Published(bounds, [], [], [ratio]))
        for fact, count in (("part", part), ("whole", whole)):
            assert found[fact].low <= count <= found[fact].high, (known, found)


def test_counts_of_a_share_bound_each_other_together() -> None:
    """60% of about 100, each count known to within two: the rest is 39 to 41, and not the 36 to 44 of counts that know nothing
    of each other, since whoever adds to the part adds to the whole.
    """
    bounds = {"part": attack.Bounds(58, 62), "whole": attack.Bounds(98, 102), "rest": attack.Bounds()}
    says = ratios.only_value(ratios.share)
    ratio = attack.Ratio(("t", ("r", "share")), "part", "whole", says(60, 100), says)
    published = attack.Published(bounds, [attack.Sum(("whole",), ("part", "rest"))], [], [ratio])
    found = attack.inferred(published, ["rest"], lambda _, found: found.width >= 5)
    assert found == {"rest": attack.Bounds(39, 41)}


def test_counts_that_contradict_each_other_are_not_released() -> None:
    """Two tables give the same count differently, and both add up: nothing comes out."""

    def table(name: str, whole: int) -> Table:
        cells = {"all": whole, "a": 3, "b": 20, "c": whole - 23}
        rows = tuple(Row(key, key, {"n": Cell(value, fact=f"people of {key}")}) for key, value in cells.items())
        return Table(
            name, name, (Column("n", "N", "count"),), rows, (Tie((("all", "n"),), (("a", "n"), ("b", "n"), ("c", "n"))),)
        )

    with pytest.raises(ReleaseBlocked, match="contradict each other"):
        control_all([table("one", 60), table("two", 70)], BOARD)


# Ways to print a total of three counts that leave a hidden one, which may be small, less open than the board was promised, and
# what the least open can be. Which neighbour is hidden with a small count tells something: it is the smallest. So does how many
# are: a third is hidden beside two small ones that are fewer than five together, so that neither is four.
LESS_OPEN = {
    5: {"c c c": {1, 2, 3}},
    11: {"c 5 c": {2, 3, 4, 5}, "5 c c": {2, 3, 4}},
    12: {"c c 5": {2, 3, 4, 5}, "c 5 c": {2, 3, 4}, "5 c c": {3, 4}},
    13: {
        "<5 <5 c": {1, 2, 3}, "<5 c <5": {1, 2, 3}, "c <5 <5": {1, 2, 3},
        "c c 5": {3, 4, 5}, "c 5 c": {3, 4}, "5 c c": {4}, "c 6 c": {2, 3, 4, 5, 6}, "6 c c": {2, 3, 4, 5},
    },
}  # fmt: skip


@pytest.mark.parametrize("total", range(5, 14))
def test_how_counts_print_tells_no_more_of_a_small_one_than_is_known_of_it(total: int) -> None:
    """All that somebody can know who knows our rules too, for every way to make the total of two or three counts."""
    ways = [(one, total - one) for one in range(total + 1)]
    ways += [(one, two, total - one - two) for one in range(total + 1) for two in range(total + 1 - one)]
    alike: dict[tuple[str, ...], list[tuple[int, ...]]] = {}
    for way in ways:
        row = control_all([grid([list(way)])], BOARD)[0].rows[0]
        alike.setdefault(tuple(cell.text for cell in row.cells.values()), []).append(way)
    less_open: dict[str, set[int]] = {}
    for (*printed, _), counts in alike.items():
        values = [set(of) for text, of in zip(printed, zip(*counts, strict=True), strict=True) if not text.isdigit()]
        may_be_small = [of for of in values if any(BOARD.is_small(count) for count in of)]
        if narrow := [of for of in may_be_small if max(of) - min(of) < BOARD.min_count and not {1, 2, 3, 4} <= of]:
            less_open[" ".join(printed)] = min(narrow, key=lambda of: (len(of), sorted(of)))
    assert less_open == LESS_OPEN.get(total, {})


def test_a_step_from_an_earlier_release_is_not_had_by_way_of_another_table() -> None:
    """43 where 40 was released is hidden, and 57 beside it; but 57 stands in another table, and 100 less 57 is 43."""
    columns = tuple(Column(name, name, "count") for name in ("here", "there", "all"))
    cells = {name: Cell(count, fact=name) for name, count in {"here": 43, "there": 57, "all": 100}.items()}
    whole = Table("whole", "Whole", columns, (Row("r", "r", cells),), (Tie((("r", "all"),), (("r", "here"), ("r", "there"))),))
    other = Table("other", "Other", columns[1:2], (Row("r", "r", {"there": cells["there"]}),), ())
    released = control_all([whole, other], BOARD, {"here": [40]})
    shown = {cell.text for table in released for row in table.rows for cell in row.cells.values()}
    assert "43" not in shown and not {"57", "100"} <= shown


def of_sums(counts: dict[str, int], **sums: str) -> Table:
    """One row of counts, each known by the name of its column, and which of them others add up to."""
    row = Row("r", "r", {name: Cell(count, fact=name) for name, count in counts.items()})
    ties = tuple(Tie((("r", whole),), tuple(("r", part) for part in parts.split())) for whole, parts in sums.items())
    return Table(" ".join(counts), "T", tuple(Column(name, name, "count") for name in counts), (row,), ties)


def texts(table: ReleasedTable) -> str:
    return " ".join(cell.text for row in table.rows for cell in row.cells.values())


def test_a_step_that_is_known_already_costs_no_further_cells() -> None:
    """43 where 40 was released; but whoever holds 57 and 100 knows the 43, whatever is hidden of the rest."""
    counts = {"here": 43, "there": 57, "all": 100, "x": 60, "y": 160, "z": 70, "w": 230}
    table = of_sums(counts, all="here there", y="all x", w="y z")
    known = Seen(shown={"there": Bounds(57, 57), "all": Bounds(100, 100)})
    assert texts(control_all([table], BOARD, {"here": [40]}, known)[0]) == "c c 100 60 160 70 230"


def test_a_mark_stays_where_it_tells_nothing_of_counts_in_other_sums() -> None:
    """5 and 2 of 7 print as `c c`, since both could be small by that. That costs 3 and 14 of 17, far from them, no mark."""
    counts = {"a": 5, "b": 2, "ab": 7, "x": 20, "abx": 27, "s": 3, "m": 14, "q": 17, "z": 44}
    [released] = control_all([of_sums(counts, ab="a b", abx="ab x", z="abx q", q="s m")], BOARD)
    assert texts(released) == "c c 7 20 27 <5 c 17 44"


def chain(months: int) -> Table:
    """A count of each month, and one that joined in the next."""
    counts = {f"month_{number}": 20 + number for number in range(months)}
    joined = {f"joined_{number}": 1 for number in range(1, months)}
    sums = {f"month_{number}": f"month_{number - 1} joined_{number}" for number in reversed(range(1, months))}
    return of_sums(counts | joined, **sums)


def test_what_is_worked_out_is_followed_through_as_many_sums_as_there_are() -> None:
    """20 in the first month, and at least one more in each that has `<5`, however the sums are ordered."""
    hidden = frozenset(f"month_{number}" for number in range(1, 9))
    [released] = control_all([chain(9)], BOARD, seen=Seen(shown={"month_0": Bounds(20, 20)}, hidden=hidden))
    assert texts(released).count("<5") > 4
    assert released.rows[0].worked_out["month_8"] == Bounds(20 + texts(released).count("<5"))


@pytest.mark.parametrize(("z", "text", "u"), [(0, "c 0 c", Bounds(9, 12)), (2, "c <5 c", Bounds(10, 16))])
def test_what_was_worked_out_of_other_counts_blocks_nothing(z: int, text: str, u: Bounds) -> None:
    """9 and 0 are 9, both hidden beside a small one and 9 to 12 by what is printed. With 2 later it is 9 and 11, each of which
    can still be what it was; but so the 2 would be 0 to 3, whatever is hidden.
    """
    earlier = Seen(
        shown={"y": Bounds(1, 4), "t": Bounds(13, 13)},
        hidden=frozenset({"x", "u", "y"}),
        worked_out={"x": Bounds(9, 12), "u": Bounds(9, 12)},
    )
    tables = [of_sums({"x": 9, "y": 4, "t": 13}, t="x y"), of_sums({"x": 9, "z": z, "u": 9 + z}, u="x z")]
    released = control_all(tables, BOARD, seen=earlier)
    assert [texts(table) for table in released] == ["c <5 13", text]
    assert released[1].rows[0].worked_out["u"] == u
