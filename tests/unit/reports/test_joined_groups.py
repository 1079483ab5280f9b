"""Groups of a measure as one: counts added up, and rates, changes and intervals of these, by the formulas of the marts."""

from decimal import Decimal
from typing import Any

import pytest
from audiences import BOARD
from measures_by_hand import AREAS, against_baseline, fact, measure

from iom_warehouse.disclosure import Row, control
from iom_warehouse.reports import follow_up, ratios, static_cohort, wording

# people, of these with an event, events
AGES = {"under 16": (1, 1, 2), "18-24": (12, 4, 9), "25-29": (4, 3, 4), "30-39": (6, 2, 5), "50 and over": (5, 1, 1)}


def by_age() -> list[dict[str, Any]]:
    total = [sum(counts) for counts in zip(*AGES.values(), strict=True)]
    return [fact("all", "all", *total), *(fact("age_band", band, *counts) for band, counts in AGES.items())]


def shown(row: Row, *names: str) -> list[Any]:
    return [row.cells[name].interval or row.cells[name].value for name in names]


def test_rates_of_a_joined_group_are_of_its_people_together():
    """Four of 12 and three of 4: seven of 16, 44%, and not the middle of 33% and 75%. Wilson's interval is that of 7 of 16."""
    [ages] = [each for each in follow_up.draft(measure(*by_age())).table.groupings if each.joins == "neighbours"]
    assert ages.blocks == (tuple(f"age_band:{band}:365" for band in AGES),)
    row = ages.together(("age_band:18-24:365", "age_band:25-29:365"))
    assert row.label == "18 to 29"
    assert shown(row, "people", "with_event", "events", "days_at_risk") == [16, 7, 13, 1600]
    assert row.cells["rate"].value == 44
    assert row.cells["rate"].interval == (Decimal(23), Decimal(67))


def test_how_often_is_of_the_people_of_a_joined_group_together():
    """Thirteen offences of seven people: 1.9, and not the middle of 9 of 4 and 4 of 3."""
    table = follow_up.draft(measure(*by_age(), event_kind="proven_offence")).table
    [ages] = [each for each in table.groupings if each.joins == "neighbours"]
    assert ages.together(("age_band:18-24:365", "age_band:25-29:365")).cells["how_often"].value == Decimal("1.9")


def test_the_board_sees_bands_that_were_joined():
    released = control(follow_up.draft(measure(*by_age())).table, BOARD)
    labels = [row.label for row in released.rows]
    assert labels[0].startswith("Everyone") and "18-24" not in labels[1:3], labels
    assert sum(not cell.is_hidden for row in released.rows[1:] for cell in (row.cells["people"], row.cells["rate"])) >= 2


@pytest.mark.parametrize(
    ("bands", "label"),
    [
        (["under 16", "16-17", "18-24"], "Under 25"),
        (["18-24", "25-29", "30-39"], "18 to 39"),
        (["40-49", "50 and over"], "40 and over"),
    ],
)
def test_age_bands_in_words(bands, label):
    assert sorted(bands, key=wording.age_order) == bands
    assert wording.ages_together(bands) == label


def test_areas_are_joined_in_words_and_within_their_parent():
    facts = [
        fact("all", "all", 9, 3, 3),
        *(fact("district", area, 3, 1, 1) for area in AREAS),
        fact("district", "unknown", 2, 1, 1),
    ]
    districts = follow_up.draft(measure(*facts)).table.groupings[1]
    assert districts.blocks == (("district:A:365", "district:B:365"), ("district:C:365",))
    assert districts.together(("district:A:365", "district:B:365")).label == "Ashby and Brackley districts"


def test_a_change_of_a_joined_group_is_that_of_its_counts_together():
    """20 and 40 in the year before, so 30 in as long a time; 6 and 15 now: 30% fewer. The target is 85% of 30: 26 (25.5).

    Both groups are small by themselves, and so are seven people together; ten are not.
    """
    for people, findings in [(3, "small_n; baseline_with_same_lag=6"), (6, "baseline_with_same_lag=6")]:
        facts = [against_baseline("A", people, 20, 6), against_baseline("B", 4, 40, 15)]
        of_all = facts[0] | {"group_by": "all", "group_value": "all"}
        found = measure(of_all, *facts, comparison="pro_rata_baseline", target_pct=15)
        row = static_cohort.draft(found).table.groupings[1].together(("district:A", "district:B"))
        assert shown(row, "people", "baseline", "total", "target", "target_met") == [people + 4, 60, 21, 26, "met"]
        assert row.cells["change_1"].value == -30
        assert row.cells["interval"].interval == (Decimal(-57), Decimal(15))
        assert row.cells["findings"].value == findings
        assert (row.cells["total"].people, row.cells["total"].most, row.cells["baseline"].most) == (people + 4, 4, 9)


def test_a_target_and_a_change_of_a_joined_group_on_the_limit_are_rounded_as_in_the_marts():
    """60 and 30 in the year before, so 45 in as long a time: 30% fewer is 31.5, so 32. 41 of 40 are 2.5% more, so 3%."""
    facts = [against_baseline("A", 9, 60, 20), against_baseline("B", 9, 30, 12)]
    found = measure(facts[0] | {"group_by": "all", "group_value": "all"}, *facts, comparison="pro_rata_baseline", target_pct=30)
    row = static_cohort.draft(found).table.groupings[1].together(("district:A", "district:B"))
    assert shown(row, "total", "target", "target_met") == [32, 32, "met"]
    assert ratios.change_from(1 / 3)(41, 120)[0] == ratios.change_from_expected(40, 1)(41, 0)[0] == 3


@pytest.mark.parametrize(
    ("of_a", "of_b", "together"),
    [
        ("baseline_with_same_lag=3", None, "baseline_with_same_lag=43"),  # of 20 three were known, of 40 all
        (None, None, None),
        ("series_break=burglary_2017", "series_break=burglary_2017", "series_break=burglary_2017"),
        ("series_break=2013; provisional", "provisional; series_break=2013", "series_break=2013; provisional"),
        ("baseline_zero", None, None),
        ("no_people", "no_people", "no_people"),
        ("baseline_zero", "baseline_zero; small_n", "baseline_zero"),
    ],
)
def test_findings_of_a_joined_group(of_a, of_b, together):
    facts = [
        against_baseline("A", 0 if of_a == "no_people" else 8, 20, 6, findings=of_a),
        against_baseline("B", 0 if of_b == "no_people" else 9, 40, 15, findings=of_b),
    ]
    of_all = facts[0] | {"group_by": "all", "group_value": "all"}
    found = measure(of_all, *facts, comparison="pro_rata_baseline")
    row = static_cohort.draft(found).table.groupings[1].together(("district:A", "district:B"))
    assert row.cells["findings"].value == together


def test_crimes_that_people_share_are_not_added_up():
    assert not follow_up.draft(measure(*by_age(), count_unit="distinct_crime")).table.groupings
