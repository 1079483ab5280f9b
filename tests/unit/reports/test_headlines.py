"""What a report says first is true of what its readers may see, and no surer than its tables."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from audiences import BOARD, INTERNAL, PUBLIC
from measures_by_hand import against_baseline, fact, measure

from iom_warehouse.disclosure import Audience, control
from iom_warehouse.reports import follow_up, needs, static_cohort

AS_ON = {"as_on": date(2013, 12, 31), "data_cut": date(2013, 12, 31), "is_complete": True}


def need(pathway: int, found: int, assessed: int, people: int) -> dict[str, Any]:
    share = Decimal(found) / assessed
    return AS_ON | {"area_level": "all", "area": "all", "group_by": "all" if pathway < 8 else "sex", "instrument": "hub"} | {
        "pathway": pathway, "n_people": people, "n_assessed": assessed, "n_not_assessed": people - assessed, "n_with_need": found,
        "share": share, "ci_low": share / 2, "ci_high": share,
    }  # fmt: skip


def said_of_needs(audience: Audience, *facts: dict[str, Any]) -> str:
    draft = needs._draft("hub", list(facts))
    return draft.headline(control(draft.table, audience))


def test_the_largest_share_that_can_be_shown_is_not_called_the_largest():
    """57 of 60 without accommodation are hidden from the public, since three of them are not; health is the next."""
    facts = need(1, 57, 60, 90), need(3, 30, 60, 90)
    assert "the need found most often was accommodation: 57 of 60 people" in said_of_needs(INTERNAL, *facts)
    assert "the need found most often of those that can be shown was health" in said_of_needs(PUBLIC, *facts)


def test_few_people_do_not_lead():
    assert "most often was health" in said_of_needs(INTERNAL, need(3, 30, 60, 90), need(8, 5, 6, 8))
    assert "none is called the largest" in said_of_needs(INTERNAL, need(8, 5, 6, 8))


SINGLE = ", as if each offence came by itself. By the one that draws whole people"


@pytest.mark.parametrize(
    ("drawn", "says"),
    [
        ((None, None), ": the difference is more than chance alone would explain."),
        ((-60, 3), f"{SINGLE}, which runs from 60% fewer to 3% more, the difference could be chance alone."),
        ((-60, -3), f"{SINGLE}, which runs from 60% fewer to 3% fewer, the difference is more than chance alone would explain."),
    ],
)
def test_chance_is_judged_by_the_interval_that_draws_whole_people(drawn, says):
    facts = against_baseline("all", 60, 130, 40, period_start=date(2013, 4, 1), ci_low=-58, ci_high=-12, pct_change=-38)
    of_all = facts | {"group_by": "all", "bootstrap_low": drawn[0], "bootstrap_high": drawn[1]}
    draft = static_cohort.draft(measure(of_all, comparison="pro_rata_baseline"))
    headline = draft.headline(control(draft.table, INTERNAL))
    assert f"The 95% interval runs from 58% fewer to 12% fewer{says}" in headline
    assert "a fall is to be expected by itself (regression to the mean)" in headline


@pytest.mark.parametrize(
    ("pct_change", "interval", "status", "says"),
    [
        (-40, (-58, -12), "provisional", "58% fewer to 12% fewer, but more can still be proved: no difference is shown yet."),
        (-40, (-58, -12), "final", "58% fewer to 12% fewer: the difference is more than chance alone would explain."),
        (40, (12, 58), "provisional", "12% more to 58% more: the difference is more than chance alone would explain."),
    ],
)
def test_fewer_than_predicted_is_no_difference_while_offences_can_still_be_proved(pct_change, interval, status, says):
    more = {"expected_count": Decimal(50), "pct_change": pct_change, "period_start": date(2013, 1, 1), "status": status}
    draft = static_cohort.draft(
        measure(fact("all", "all", 200, 30, 60, ci_low=interval[0], ci_high=interval[1], **more), comparison="expected")
    )
    assert draft.headline(control(draft.table, INTERNAL)).endswith(f"The 95% interval runs from {says}")


@pytest.mark.parametrize(("is_over", "still"), [(True, ""), (False, ": not everybody has been followed for so long yet")])
def test_a_share_of_people_who_have_just_entered_says_so(is_over, still):
    draft = follow_up.draft(measure(fact("all", "all", 200, 30, 60, status="provisional", is_over=is_over)))
    assert draft.meaning(control(draft.table, INTERNAL)).endswith(f" The figure is provisional{still}.")


@pytest.mark.parametrize(("audience", "says"), [(INTERNAL, "would be 42 instead of 60."), (BOARD, ""), (PUBLIC, "")])
def test_the_baseline_at_the_same_age_is_a_sentence_only_where_its_number_is_told(audience: Audience, says: str) -> None:
    facts = against_baseline("all", 40, 60, 20, period_start=date(2013, 4, 1), findings="provisional; baseline_with_same_lag=42")
    draft = static_cohort.draft(measure(facts | {"group_by": "all"}, comparison="pro_rata_baseline"))
    headline = draft.headline(control(draft.table, audience))
    assert headline.partition("the baseline ")[2] == says and "20 arrests of 40 people" in headline
