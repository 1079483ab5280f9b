"""What each audience sees of a table: the rules as small tables, and its worked example."""

from dataclasses import replace
from decimal import Decimal

import pytest
from attacker import is_told, pinned_in
from audiences import BOARD, INTERNAL, PUBLIC
from hypothesis import given, settings
from hypothesis import strategies as st

from iom_warehouse.disclosure import (
    Audience,
    Bounds,
    Cell,
    Column,
    ReleaseBlocked,
    Row,
    Seen,
    Shown,
    Table,
    Tie,
    control,
    control_all,
    count_in_words,
    known,
    told,
    worked_out_before,
)
from iom_warehouse.reports import ratios


def of_counts(*counts: int, tied: bool = False) -> Table:
    """One row of counts; tied: the last is the sum of the others."""
    names = [f"c{number}" for number in range(len(counts))]
    row = Row("row", "Row", {name: Cell(count) for name, count in zip(names, counts, strict=True)})
    ties = (Tie((("row", names[-1]),), tuple(("row", name) for name in names[:-1])),) if tied else ()
    return Table("t", "T", tuple(Column(name, name, "count") for name in names), (row,), ties)


def shown(table: Table, audience: Audience) -> list[str]:
    (row,) = control(table, audience).rows
    return [decision.text for decision in row.cells.values()]


def of_rate(numerator: int, denominator: int) -> Table:
    rate = Cell(Decimal(100 * numerator // denominator), numerator=numerator, denominator=denominator)
    return Table("t", "T", (Column("rate", "Rate", "rate"),), (Row("row", "Row", {"rate": rate}),))


@pytest.mark.parametrize(
    ("count", "internal", "board", "public"),
    [(0, "0", "0", "0"), (1, "1", "<5", "c"), (4, "4", "<5", "c"), (5, "5", "5", "5"), (7, "7", "7", "5"), (8, "8", "8", "10"),
    (1234, "1,234", "1,234", "1,235")],
)  # fmt: skip
def test_counts(count, internal, board, public):
    assert [shown(of_counts(count), audience) for audience in (INTERNAL, BOARD, PUBLIC)] == [[internal], [board], [public]]


@pytest.mark.parametrize(
    ("numerator", "denominator", "board", "public"),
    [
        (5, 9, "suppressed", "suppressed"),
        (5, 10, "flagged", "suppressed"),
        (10, 29, "flagged", "suppressed"),
        (10, 30, "shown", "shown"),
        (4, 30, "suppressed", "suppressed"),  # the board would read 4 off the rate
        (26, 30, "shown", "suppressed"),  # four who were not counted
        (30, 30, "shown", "shown"),
        (0, 30, "shown", "shown"),
        (4, 13, "suppressed", "suppressed"),  # Wakefield's two cohorts, of 13 and 14 people, were printed with 30% and 54%
        (7, 13, "flagged", "suppressed"),
    ],
)
def test_rates(numerator, denominator, board, public):
    table = of_rate(numerator, denominator)
    assert control(table, INTERNAL).decision(("row", "rate")).status == "shown"
    assert control(table, BOARD).decision(("row", "rate")).status == board
    assert control(table, PUBLIC).decision(("row", "rate")).status == public


def test_the_note_of_few_names_no_people_since_a_rate_may_be_of_crimes():
    assert control(of_rate(10, 29), BOARD).decision(("row", "rate")).note == "of fewer than 30: treat with caution"


@pytest.mark.parametrize(
    ("events", "before", "shown"), [(37, 60, "-38"), (37, 40, "c")], ids=["of 35 people", "three fewer than before"]
)
def test_a_change_of_events_is_not_hidden_for_there_being_about_as_many_people(events, before, shown):
    columns = (
        Column("events", "Events", "count"),
        Column("before", "Before", "count"),
        Column("change", "Change", "rate", made_of=("events", "before"), of=("events", "before")),
    )
    change = Cell(round(Decimal(100 * (events - before)) / before), numerator=events, denominator=35)
    row = Row("r", "R", {"events": Cell(events), "before": Cell(before), "change": change})
    assert [cell.text for cell in control(Table("t", "T", columns, (row,)), PUBLIC).rows[0].cells.values()][2] == shown


def test_worked_example_of_a_row_with_its_total():
    assert shown(of_counts(3, 12, 40, 55, tied=True), PUBLIC) == ["c", "c", "40", "55"]
    assert shown(of_counts(3, 12, 40, 55, tied=True), BOARD) == ["<5", "c", "40", "55"]


def test_two_hidden_counts_that_add_up_to_less_than_five_take_a_third_with_them():
    assert shown(of_counts(1, 2, 12, 40, 55, tied=True), PUBLIC) == ["c", "c", "c", "40", "55"]


def test_noughts_hide_nothing():
    assert shown(of_counts(3, 0, 12, 15, tied=True), BOARD) == ["<5", "0", "c", "15"]


def test_a_hidden_cell_hides_along_rows_and_columns():
    """Rows a, b and their total; columns x, y and their sum. 3 hides 6 in its column and 7 in its row, and these the fourth."""
    values = {"a": (3, 7, 10), "b": (6, 20, 26), "all": (9, 27, 36)}
    columns = tuple(Column(name, name, "count") for name in ("x", "y", "sum"))
    rows = tuple(Row(key, key, {c.name: Cell(v) for c, v in zip(columns, row, strict=True)}) for key, row in values.items())
    by_row = tuple(Tie(((key, "sum"),), ((key, "x"), (key, "y"))) for key in values)
    by_column = tuple(Tie((("all", column.name),), (("a", column.name), ("b", column.name))) for column in columns)
    released = control(Table("t", "T", columns, rows, by_row + by_column), BOARD)
    hidden = {row.key: [name for name, cell in row.cells.items() if cell.is_hidden] for row in released.rows}
    assert hidden == {"a": ["x", "y"], "b": ["x", "y"], "all": []}


def test_what_is_made_of_a_hidden_count_is_hidden_and_keeps_no_number():
    columns = (Column("people", "People", "count"), Column("met", "Met", "plain", made_of=("people",)))
    released = control(Table("t", "T", columns, (Row("r", "R", {"people": Cell(3), "met": Cell("yes")}),)), PUBLIC)
    assert [(cell.text, cell.value, cell.interval) for cell in released.rows[0].cells.values()] == [("c", None, None)] * 2


@pytest.mark.parametrize(("people", "says"), [(3, "c late"), (43, "37 late")])
def test_a_count_within_words_is_hidden_with_the_count_that_it_goes_with(people, says):
    columns = (
        Column("people", "People", "count"),
        Column("found", "Found", "plain", lambda _, in_words: f"{in_words(37)} late", numbers_with=("people",)),
    )
    released = control(Table("t", "T", columns, (Row("r", "R", {"people": Cell(people), "found": Cell("late=37")}),)), BOARD)
    assert [cell.text for cell in released.rows[0].cells.values()][1] == says


def test_a_rate_is_of_true_counts_though_they_are_shown_rounded():
    columns = (Column("people", "People", "count"), Column("rate", "Rate", "rate", made_of=("people",)))
    row = Row("r", "R", {"people": Cell(43), "rate": Cell(Decimal(70), numerator=30, denominator=43)})
    released = control(Table("t", "T", columns, (row,)), PUBLIC)
    assert [cell.text for cell in released.rows[0].cells.values()] == ["45", "70"]


def test_a_missing_value_says_why():
    table = Table("t", "T", (Column("rate", "Rate", "rate"),), (Row("r", "R", {"rate": Cell(missing="nobody was counted")}),))
    assert control(table, INTERNAL).decision(("r", "rate")).text == "nobody was counted"
    assert control(table, INTERNAL).decision(("r", "rate")).status == "missing"


def test_counts_within_sentences():
    assert [count_in_words(3, audience) for audience in (INTERNAL, BOARD, PUBLIC)] == ["3", "fewer than 5", "c"]
    assert [count_in_words(12, audience) for audience in (INTERNAL, BOARD, PUBLIC)] == ["12", "12", "about 10"]


# a + b + c = all. c was hidden from the public before, so a and c are hidden from it now; from the board a and b are.
TOLD_THE_BOARD = {"a": Bounds(1, 4), "c": Bounds(40, 40), "all": Bounds(55, 55)}


def of_people(**counts: int) -> Table:
    """One row; the last is the sum of the others, and each count is known by the name of its column."""
    row = Row("row", "Row", {name: Cell(count, fact=name) for name, count in counts.items()})
    *parts, whole = counts
    tie = Tie((("row", whole),), tuple(("row", name) for name in parts))
    return Table("t", "T", tuple(Column(name, name, "count") for name in counts), (row,), (tie,))


def hidden_from(audience: Audience, seen: Seen) -> set[str]:
    [released] = control_all([of_people(a=3, b=12, c=40, all=55)], audience, seen=seen)
    return {name for name, decision in released.rows[0].cells.items() if decision.is_hidden}


def test_who_reads_for_the_board_and_the_public_learns_no_more_of_a_small_count():
    """The board knows that a and b are 15 together. With the public's 10 for b, which is 8 to 12, a would be 3 or 4."""
    before = frozenset({"c"})
    assert hidden_from(PUBLIC, Seen(hidden=before)) == {"a", "c"}
    assert hidden_from(PUBLIC, Seen(hidden=before, elsewhere=TOLD_THE_BOARD)) == {"a", "b", "c"}


def test_the_board_too_is_not_told_what_gives_a_small_count_away_beside_the_public():
    """The other way round: the public has its 10 for b, and the board is shown c and all exactly."""
    assert hidden_from(BOARD, Seen()) == {"a", "b"}
    assert hidden_from(BOARD, Seen(elsewhere={"b": Bounds(8, 12)})) == {"a", "b", "c"}


def test_what_one_audience_is_shown_is_no_secret_from_who_reads_for_both():
    """Here that tells the small one too, with or without this release, which is not blocked for it."""
    exactly = {name: Bounds(count, count) for name, count in {"b": 12, "c": 40, "all": 55}.items()}
    assert hidden_from(PUBLIC, Seen(elsewhere=exactly)) == {"a", "b"}


def test_what_was_seen_loosely_is_not_told_exactly_now():
    """a was once shown as 5, which was 3 to 7. It is a small one now; another table has what gives it."""
    stricter = Audience("board", min_count=10, min_denominator=10)
    row = Row("row", "Row", {"a": Cell(7, fact="a"), "b": Cell(12, fact="b"), "all": Cell(19, fact="all")})
    tie = Tie((("row", "all"),), (("row", "a"), ("row", "b")))
    columns = (Column("a", "a", "count"), *(Column(name, name, "count", is_shown=False) for name in ("b", "all")))
    others = tuple(Column(name, name, "count") for name in ("b", "all"))
    of_others = Table("others", "Others", others, (Row("row", "Row", {name: row.cells[name] for name in ("b", "all")}),))
    parts = Table("parts", "Parts", columns, (row,), (tie,))
    for seen in (Bounds(3, 7), Bounds(7, 7)):
        released = control_all([parts, of_others], stricter, seen=Seen(shown={"a": seen}))
        shown = [decision.value for table in released for row in table.rows for decision in row.cells.values()]
        assert (12 in shown and 19 in shown) == (seen == Bounds(7, 7)), "seen exactly, it is no secret"


@pytest.mark.parametrize(
    ("joined", "hidden"),
    [(Bounds(26, 26), {"a", "b"}), (Bounds(23, 27), {"b"})],
    ids=["exactly: b would be 4 to 8", "rounded: b is 1 to 9"],
)
def test_who_saw_two_groups_as_one_cannot_subtract_one_of_them(joined, hidden):
    """The board saw a and b joined, 26 together. The public is shown neither as one, and a as 20, which is 18 to 22."""
    columns = tuple(Column(name, name, "count") for name in ("a", "b"))
    row = Row("row", "Row", {"a": Cell(22, fact="a"), "b": Cell(4, fact="b")})
    [released] = control_all([Table("t", "T", columns, (row,))], PUBLIC, seen=Seen(elsewhere={"a + b": joined}))
    assert {name for name, decision in released.rows[0].cells.items() if decision.is_hidden} == hidden


@pytest.mark.parametrize(
    ("count", "audience", "is_hidden", "shown_as", "knows"),
    [
        (12, BOARD, False, [12], Bounds(12, 12)),
        (12, BOARD, False, [11], None),  # it was another count then
        (12, PUBLIC, False, [10], Bounds(8, 12)),
        (3, BOARD, True, [], Bounds(1, 4)),
        (3, PUBLIC, True, [], None),  # nothing says that it is a small one
        (7, BOARD, True, [], None),  # it was small then
        (3, PUBLIC, False, [5], None),  # it was not small then
    ],
)
def test_what_an_audience_knows_of_a_count(count, audience, is_hidden, shown_as, knows):
    assert told(count, audience, is_hidden, shown_as) == knows


def test_what_an_audience_knows_of_counts_and_of_several_joined():
    """What was rounded to fives stays known as such, whatever the audience is shown now."""
    shown = {"a": Shown([20]), "a + b": Shown([25]), "b": Shown(is_hidden=True), "c": Shown([30]), "c + d": Shown([30])}
    counts = {"a": 22, "b": 4, "c": 7}
    assert known(shown, counts, PUBLIC) == {"a": Bounds(18, 22), "a + b": Bounds(23, 27)}


def test_what_was_shown_before_is_known_as_it_was_shown_then():
    """The board holds 12 and 40, and from a time when it was given fives that all are 53 to 57: so 55 must not be shown now."""
    exactly = {"b": Bounds(12, 12), "c": Bounds(40, 40)}
    assert hidden_from(BOARD, Seen(shown=exactly | {"all": Bounds(53, 57)})) == {"a", "b", "all"}
    with pytest.raises(ReleaseBlocked):
        hidden_from(BOARD, Seen(shown=exactly | {"all": Bounds(55, 55)}))


def test_what_rounded_counts_that_were_seen_tell_of_each_other_is_no_secret():
    """a, b, c and all were shown as 25, 20, 10 and 50: all are at most 52, a at least 23 and b at least 18, so c is 8 to 11.

    c is of two people now and hidden, and b for its sake; no more is told of either than before. Had all not been shown, they
    would be told by it, and so it is hidden.
    """
    rounded = {"a": Bounds(23, 27), "b": Bounds(18, 22), "c": Bounds(8, 12)}
    counts = {"a": Cell(24), "b": Cell(19), "c": Cell(8, people=2), "all": Cell(51)}
    row = Row("row", "Row", {name: replace(cell, fact=name) for name, cell in counts.items()})
    tie = Tie((("row", "all"),), tuple(("row", name) for name in "abc"))
    table = Table("t", "T", tuple(Column(name, name, "count") for name in counts), (row,), (tie,))
    for all_of_them, hidden in (({"all": Bounds(48, 52)}, {"b", "c"}), ({}, {"b", "c", "all"})):
        [released] = control_all([table], PUBLIC, seen=Seen(shown=rounded | all_of_them))
        assert {name for name, decision in released.rows[0].cells.items() if decision.is_hidden} == hidden


def test_what_is_worked_out_of_a_count_that_is_not_shown_is_known_to_later_reports():
    """12 were there, one to four joined: 13 to 16. Of the three districts of those, 6 and 5 would leave 2 to 5 for the third."""
    columns = tuple(Column(name, name, "count") for name in ("before", "joined", "after"))
    cells = {name: Cell(count, fact=name) for name, count in {"before": 12, "joined": 1, "after": 13}.items()}
    flow = Table("flow", "Flow", columns, (Row("r", "r", cells),), (Tie((("r", "after"),), (("r", "before"), ("r", "joined"))),))
    [released] = control_all([flow], BOARD, seen=Seen(shown={"before": Bounds(12, 12)}))
    assert [cell.text for cell in released.rows[0].cells.values()] == ["c", "<5", "c"]
    assert released.rows[0].worked_out == {"before": Bounds(12, 12), "joined": Bounds(1, 4), "after": Bounds(13, 16)}

    held = {fact: Shown(is_hidden=True, worked_out=[bounds]) for fact, bounds in released.rows[0].worked_out.items()}
    places = dict(zip(("a", "b", "c", "after"), map(Cell, (6, 5, 2, 13)), strict=True))
    rows = tuple(Row(name, name, {"n": replace(cell, fact=name)}) for name, cell in places.items())
    districts = Table(
        "districts", "D", (Column("n", "n", "count"),), rows, (Tie((("after", "n"),), tuple((name, "n") for name in "abc")),)
    )
    before = worked_out_before(held, {"a": 6, "b": 5, "c": 2, "after": 13}, BOARD)
    assert before == {"after": Bounds(13, 16)}
    for knows, texts in (({}, ["6", "5", "c", "c"]), (before, ["6", "c", "<5", "c"])):
        [released] = control_all([districts], BOARD, seen=Seen(worked_out=knows, hidden=frozenset({"after"})))
        assert [row.cells["n"].text for row in released.rows] == texts, knows


def test_what_was_worked_out_of_a_count_that_has_changed_since_was_of_another_one():
    held = {"a": Shown(worked_out=[Bounds(3, 9), Bounds(20, 30)])}
    assert worked_out_before(held, {"a": 7}, BOARD) == {"a": Bounds(3, 9)}
    assert worked_out_before(held, {"a": 12}, BOARD) == {}


@pytest.mark.parametrize(
    ("held", "count", "audience"),
    [
        (Shown(is_hidden=True, worked_out=[Bounds(3, 11)]), 4, BOARD),  # with the mark: 3 or 4
        (Shown(worked_out=[Bounds(0, 3)]), 2, BOARD),  # of nobody, who is no secret
        (Shown(worked_out=[Bounds(5, 12), Bounds(10, 16)]), 11, PUBLIC),
    ],
)
def test_what_no_release_would_have_told_of_a_count_was_told_of_an_earlier_one(held, count, audience):
    assert worked_out_before({"a": held}, {"a": count}, audience) == {}
    assert known({"a": held}, {"a": count}, audience) == ({"a": Bounds(1, 4)} if held.is_hidden else {})


def of_a_share(part: int, whole: int) -> Table:
    columns = (
        Column("whole", "Asked", "count"), Column("part", "With the need", "count"),
        Column("share", "Share", "rate", made_of=("part", "whole"), of=("part", "whole"), is_share=True),
    )  # fmt: skip
    share = Cell(*ratios.share(part, whole), numerator=part, denominator=whole, says=ratios.share)
    return Table("t", "T", columns, (Row("r", "R", {"whole": Cell(whole), "part": Cell(part), "share": share}),))


@pytest.mark.parametrize(
    ("part", "public"), [(35, ["35", "c", "c"]), (0, ["35", "c", "c"]), (20, ["35", "20", "57"])], ids=["all", "none", "some"]
)
def test_a_count_of_all_or_none_tells_of_each_of_them_and_is_hidden_in_public(part, public):
    assert [cell.text for cell in control(of_a_share(part, 35), PUBLIC).rows[0].cells.values()] == public
    assert [cell.text for cell in control(of_a_share(part, 35), BOARD).rows[0].cells.values()][:2] == ["35", str(part)]


def test_the_nought_beside_a_count_of_all_is_hidden_with_it_in_public():
    """Nobody without the need would say that all have it."""
    table = of_a_share(35, 35)
    row = replace(table.rows[0], cells=table.rows[0].cells | {"rest": Cell(0)})
    columns = (*table.columns, Column("rest", "Without it", "count"))
    table = replace(table, columns=columns, rows=(row,), ties=(Tie((("r", "whole"),), (("r", "part"), ("r", "rest"))),))
    assert [cell.text for cell in control(table, PUBLIC).rows[0].cells.values()] == ["35", "c", "c", "c"]
    assert [cell.text for cell in control(table, BOARD).rows[0].cells.values()] == ["35", "35", "100", "0"]


def test_a_nought_of_nobody_is_shown_though_another_area_has_all():
    """35 of 35 in one district, and nobody in the other: that none of nobody has it tells of nobody."""
    shares = {"a": of_a_share(35, 35), "all": of_a_share(35, 35)}
    rows = [replace(table.rows[0], key=key) for key, table in shares.items()]
    rows.append(Row("b", "B", {"whole": Cell(0), "part": Cell(0)}))
    ties = tuple(Tie((("all", name),), (("a", name), ("b", name))) for name in ("whole", "part"))
    released = control(replace(shares["all"], rows=tuple(rows), ties=ties), PUBLIC)
    assert [row.cells["part"].text for row in released.rows] == ["c", "c", "0"]


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (Seen(), "<5"),
        (Seen(hidden=frozenset({"a"})), "c"),
        (Seen(shown={"a": Bounds(1, 4)}, hidden=frozenset({"a"})), "<5"),
    ],
    ids=["never shown", "hidden without a mark", "hidden with one"],
)
def test_a_count_that_another_report_hides_without_a_mark_gets_none_later(seen, text):
    """The mark would tell more of what the other report hides beside it."""
    [released] = control_all([of_people(a=3, b=12, c=40, all=55)], BOARD, seen=seen)
    assert released.decision(("row", "a")).text == text


# Counts of several nights: x + y = t and x + z = u, each release of one or both.
NIGHTS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.sampled_from(("t", "u", "tu"))), min_size=2, max_size=4
)


@pytest.mark.parametrize("audience", [BOARD, PUBLIC], ids=lambda audience: audience.name)
@settings(max_examples=300, deadline=None, derandomize=True)
@given(nights=NIGHTS)
def test_what_was_worked_out_of_counts_that_are_revised_later_blocks_nothing_and_excuses_nothing(audience, nights):
    """What could be released knowing only what was printed still can be, and no release tells a small count by itself."""
    held: dict[str, Shown] = {}
    for x, y, z, wholes in nights:
        of = {"t": of_people(x=x, y=y, t=x + y), "u": replace(of_people(x=x, z=z, u=x + z), name="of z")}
        tables = [of[whole] for whole in wholes]
        counts = {table.fact(place): count for table in tables for place, count in table.counts.items()}
        printed = Seen(known(held, counts, audience))
        try:
            control_all(tables, audience, seen=printed)
        except ReleaseBlocked:
            return
        released = control_all(tables, audience, seen=replace(printed, worked_out=worked_out_before(held, counts, audience)))
        for (_, place), ends in pinned_in(tables, released, audience).items():
            [(text, count)] = {
                (table.decision(place).text, own.counts[place])
                for own, table in zip(tables, released, strict=True) if table.decision(place) and table.decision(place).is_hidden
            }  # fmt: skip
            is_known = place[1] in printed.shown and printed.shown[place[1]].high - printed.shown[place[1]].low < 5
            assert is_known or not count or not is_told(count, ends, "<" in text, audience), (place, ends)
        for row in (row for table in released for row in table.rows):
            for name, cell in row.cells.items():
                before, fact = held.get(row.facts[name], Shown()), row.facts[name]
                bounds = [row.worked_out[fact]] if fact in row.worked_out else []
                numbers = [] if cell.value is None else [int(cell.value)]
                held[fact] = Shown(
                    [*before.numbers, *numbers], before.is_hidden or cell.text == "<5", [*before.worked_out, *bounds]
                )
