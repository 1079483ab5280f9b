"""A measure of a part of a cohort beside that of the cohort tells of the rest, which has no table."""

from datetime import date
from typing import Any

import pytest
from audiences import BOARD, PUBLIC
from measures_by_hand import fact, measure

from iom_warehouse.disclosure import Audience, control_all
from iom_warehouse.reports import follow_up, overlaps
from iom_warehouse.reports.measures import Measure

COHORT: dict[str, Any] = dict.fromkeys((*overlaps.ALIKE, *overlaps.CONDITIONS, *overlaps.LEAST, *overlaps.MOST)) | {
    "kind": "index", "pick": "first", "index_event": "release", "index_from": date(2012, 7, 1), "index_to": date(2012, 12, 31),
    "require_baseline_event": "N",
}  # fmt: skip
SHORT = COHORT | {"max_sentence_days": 364}
DEFINITION = dict.fromkeys(overlaps.NARROWER)


def of(name: str, people: int, with_event: int, events: int, cohort: dict[str, Any], **definition: Any) -> Measure:
    row = fact("all", "all", people, with_event, events, most_events=2)
    found = measure(row, measure_id=name, **DEFINITION | definition)
    return Measure(found.definition, "Cohort", found.areas, found.rows, cohort=cohort)


def shown(audience: Audience, *of_measures: Measure) -> list[list[str]]:
    """People, people with an event, and events of everyone in each of them, as they are printed together."""
    tables = {each.name: follow_up.draft(each).table for each in of_measures}
    held = [*tables.values(), *overlaps.of_tables(overlaps.parts(of_measures), tables)]
    released = control_all(held, audience)[: len(tables)]
    return [[table.rows[0].cells[name].text for name in ("people", "with_event", "events")] for table in released]


def test_three_with_longer_sentences_do_not_follow_from_those_with_shorter_ones() -> None:
    """60 people, 24 with an arrest, 70 arrests, and of short sentences 57, 23 and 68: of the three one, with two arrests."""
    every, short = shown(BOARD, of("all", 60, 24, 70, COHORT), of("short", 57, 23, 68, SHORT))
    for both in zip(every, short, strict=True):
        assert "c" in both, both


def test_three_of_16_and_17_do_not_follow_from_those_of_18_to_24() -> None:
    young = COHORT | {"min_age": 16, "max_age": 24}
    every, adults = shown(BOARD, of("young", 60, 24, 70, young), of("adults", 57, 23, 68, young | {"min_age": 18}))
    for both in zip(every, adults, strict=True):
        assert "c" in both, both


def test_neither_of_two_ages_that_only_touch_is_a_part_of_the_other() -> None:
    younger, older = (of(f"from_{age}", 60, 24, 70, COHORT | {"min_age": age, "max_age": age + 8}) for age in (16, 18))
    assert overlaps.parts([younger, older]) == {}


def test_where_many_are_left_nothing_is_hidden() -> None:
    every, short = shown(BOARD, of("all", 60, 24, 70, COHORT), of("short", 40, 14, 40, SHORT))
    assert (every, short) == (["60", "24", "70"], ["40", "14", "40"])


def test_twenty_events_of_two_people_who_are_left_are_hidden() -> None:
    every, short = shown(BOARD, of("all", 60, 24, 90, COHORT), of("short", 58, 22, 70, SHORT))
    assert "c" in (every[2], short[2])


def test_people_of_one_cohort_are_as_many_in_each_of_its_measures() -> None:
    """Hidden for the sake of one measure, they are not read off another."""
    arrests, returns = of("arrests", 60, 24, 70, COHORT), of("returns", 60, 30, 35, COHORT, event_kind="custody_return")
    every, again, short = shown(BOARD, arrests, returns, of("short", 57, 10, 30, SHORT))
    assert every[0] == again[0] and "c" in (every[0], short[0])


@pytest.mark.parametrize("audience", [BOARD, PUBLIC])
def test_cohorts_that_are_no_part_of_each_other_are_not_held_together(audience: Audience) -> None:
    other = COHORT | {"index_event": "dip_episode"}
    apart = shown(audience, of("all", 60, 24, 70, COHORT), of("dip", 57, 23, 68, other))
    assert "c" not in [text for texts in apart for text in texts]


@pytest.mark.parametrize(
    ("changed", "is_part"),
    [
        ({"max_sentence_days": 364}, True), ({"index_to": date(2012, 9, 30)}, True), ({"require_baseline_event": "Y"}, True),
        ({"index_to": date(2013, 3, 31)}, False), ({"index_from": None}, False), ({"pick": "every"}, False),
        ({"index_event": "caution"}, False),
    ],
)  # fmt: skip
def test_a_cohort_with_one_more_condition_is_a_part(changed: dict[str, Any], is_part: bool) -> None:
    found = overlaps.parts([of("all", 60, 24, 70, COHORT), of("other", 57, 23, 68, COHORT | changed)])
    assert ("all" in found.get("other", {})) is is_part


def test_schemes_and_kinds_that_are_among_others_are_a_part() -> None:
    two, one = COHORT | {"schemes": "PPO;IOM", "sex": "F"}, COHORT | {"schemes": "IOM", "sex": "F"}
    found = overlaps.parts([of("two", 60, 24, 70, two), of("one", 57, 23, 68, one), of("all", 80, 30, 90, COHORT)])
    assert found == {"two": {"all": True}, "one": {"two": True, "all": True}}


@pytest.mark.parametrize(
    ("definition", "is_all"),
    [
        ({}, True), ({"count_unit": "distinct_crime"}, True), ({"offence_set": "theft"}, True), ({"exclude_breach": True}, True),
        ({"event_kind": "charge"}, False), ({"clock": "at_liberty"}, False), ({"count_unit": "occasion"}, False),
    ],
)  # fmt: skip
def test_measures_of_one_cohort_that_count_otherwise_have_their_people_in_common(definition: dict, is_all: bool) -> None:
    found = overlaps.parts([of("all", 60, 24, 70, COHORT), of("other", 60, 24, 70, COHORT, **definition)])
    assert found["other"] == {"all": is_all}
