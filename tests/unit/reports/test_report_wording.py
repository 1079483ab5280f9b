"""Numbers in words."""

import re
from datetime import date
from decimal import Decimal

import pytest

from iom_warehouse.disclosure import Audience, Cell, Decision, count_in_words
from iom_warehouse.platform.settings import PROJECT_DIR
from iom_warehouse.reports import scope, wording


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (16.28, "+16% (more)"),
        (-16.41, "−16% (fewer)"),
        (-0.4, "0% (no change)"),
        (0.5, "+1% (more)"),
        (-0.5, "−1% (fewer)"),
        (-2.5, "−3% (fewer)"),
    ],
)
def test_a_change_says_which_way(value, expected):
    assert wording.change(Cell(wording.rounded(value)), str) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None), (0, "0"), (0.4, "0.40"), (1.26, "1.3"), (5.5, "5.5"), (20, "20"), (994.6, "990"), (1249.6, "1200"),
        (-37.6, "-38"),
    ],
)
def test_an_estimate_has_two_figures(value, expected):
    two = wording.to_two_figures(value)
    assert (two if two is None else str(two)) == expected


def test_an_interval_says_which_way_at_both_ends():
    assert wording.change_interval(Cell(interval=wording.interval(-51.2, 11.4)), str) == "51% fewer to 11% more"
    assert wording.interval(None, 3.0) is None


def test_few_people_have_no_decimals():
    assert [wording.decimals_for(people) for people in (None, 199, 200)] == [0, 0, 1]


def test_findings_word_their_counts_for_the_audience():
    board = Audience("board", min_count=5)
    cell = Cell("small_n; listed_later=3; late_results")
    assert (
        wording.findings(cell, lambda count: count_in_words(count, board))
        == "few people; c listed later; late results?"
    )


def test_a_break_that_is_called_by_its_year_is_no_count():
    assert wording.findings(Cell("series_break=2017"), lambda count: f"about {count}") == "counted in another way since: 2017"


def test_an_unknown_finding_is_shown_as_it_is():
    assert wording.findings(Cell("something_new"), str) == "something_new"


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2013, 10, 31), date(2013, 10, 1), date(2013, 12, 31)),
        (date(2013, 1, 1), date(2013, 1, 1), date(2013, 3, 31)),
        (date(2012, 6, 30), date(2012, 4, 1), date(2012, 6, 30)),
        (date(2013, 9, 1), date(2013, 7, 1), date(2013, 9, 30)),
    ],
)
def test_quarters(day, first, last):
    quarter = scope.containing("quarter", day)
    assert (quarter.first, quarter.last) == (first, last)


def test_lists_read_as_english():
    assert [wording.listed(list(words)) for words in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]


def test_decimals_stay():
    assert wording.rounded(Decimal("26.3889"), 1) == Decimal("26.4")


def test_ages_go_up_and_unknown_ones_come_last():
    bands = ["50 and over", "unknown", "18-24", "under 16", "25-29", "16-17"]
    in_order = sorted(bands, key=lambda band: wording.group_order("age_band", band))
    assert [wording.group_label("age_band", band, {}) for band in in_order] == [
        "Under 16", "16-17", "18-24", "25-29", "50 and over", "Not known",
    ]  # fmt: skip


def test_every_age_band_of_the_models_has_its_place():
    macros = (PROJECT_DIR / "dbt_project" / "macros" / "aggregates.sql").read_text("utf-8")
    banded = macros[macros.index("macro age_band") :].split("endmacro")[0]
    assert re.findall(r"(?:then|else) '([^']*)'", banded)[1:] == list(wording.AGE_BANDS)


def test_feeds_are_called_by_their_names():
    assert [wording.feed(name) for name in ("dip", "police", "youth_justice")] == ["DIP", "Police", "Youth justice"]


@pytest.mark.parametrize(
    ("text", "status", "value", "said"),
    [
        ("44", "shown", 44, "44 people were"),
        ("1", "shown", 1, "1 person was"),
        ("fewer than 5", "suppressed", None, "fewer than 5 people were"),
        (wording.HIDDEN_NUMBER, "suppressed", None, "a hidden number of people were"),
    ],
)
def test_a_count_reads_as_english_with_what_it_counts(text, status, value, said):
    assert wording.counted(Decision(status, text, value), "person was", "people were") == said


def test_a_sentence_begins_with_a_capital_though_its_number_is_hidden():
    said = "a hidden number of people left. fewer than 5 joined, and a hidden number stayed. a day after, 3 came."
    assert wording.sentences(said).startswith("A hidden number of people left. Fewer than 5 joined, and a hidden number")
    assert wording.sentences(said).endswith(" stayed. a day after, 3 came.")


def test_an_area_that_nobody_lists_is_not_called_by_its_code():
    """What slipped into the column may be a name."""
    assert [wording.group_label("district", area, {"FX-A": "Ashby"}) for area in ("FX-A", "Kim Alder", "unknown", "all")] == [
        "Ashby", "Not known", "Not known", "Everyone",
    ]  # fmt: skip
