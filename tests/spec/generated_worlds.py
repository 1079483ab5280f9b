"""Worlds made by hypothesis: small cohorts with custody, arrests, convictions and scores, and the same told in other ways."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from spec_cases import Case, Row

EPOCH = date(2013, 4, 1)  # day 0: the static cohort is frozen, index windows open
LEAP_CYCLE = 1461  # days after which the calendar has the same months again
INDEX_DAYS = 91
HORIZONS = (30, 180)
HALF_YEAR = 183  # days from 1 April to 30 September


@dataclass(frozen=True)
class Member:
    """One person, in days since EPOCH. A stay is (first day, days, or None while it has not ended)."""

    joined: int
    left: int | None
    died: int | None
    stays: tuple[tuple[int, int | None], ...]
    arrests: tuple[int, ...]
    convictions: tuple[tuple[int, int, bool], ...]  # day of the offence, days to the proof, breach
    scores: tuple[tuple[int, int], ...]  # day, probability of reoffending within a year in per cent
    sex: str
    turning: int  # age on the birthday in the middle of the windows of index events


days = st.integers(-400, 500)
stays = st.tuples(days, st.none() | st.integers(0, 200)) | st.tuples(st.integers(-20, 80), st.integers(0, 15))  # in the window
members = st.builds(
    Member,
    joined=st.integers(-500, 20),
    left=st.none() | st.integers(-20, 300),
    died=st.none() | st.integers(-10, 600),
    stays=st.lists(stays, max_size=4).map(tuple),
    arrests=st.lists(days, max_size=6).map(tuple),
    convictions=st.lists(st.tuples(days, st.integers(0, 400), st.booleans()), max_size=6).map(tuple),
    scores=st.lists(st.tuples(st.integers(-200, 120), st.integers(1, 98)), max_size=2).map(tuple),
    sex=st.sampled_from("MF"),
    turning=st.sampled_from([18, 25, 40]),
)
worlds = st.lists(members, max_size=7)


def tell(name: str, people: list[Member], *, shift: int = 0, backwards: bool = False, bystanders: int = 0) -> Case:
    """The world as a spec case: with every date shifted, told from the last person and row to the first, or with bystanders."""
    rows: dict[str, list[Row]] = {
        file: []
        for file in ("people", "hub_membership", "prison_spell", "police_arrest", "police_conviction", "probation_score")
    }
    for number, member in enumerate(people):
        for file, row in _rows(f"p{number}", member, shift):
            rows[file].append({"person": f"p{number}"} | row)
    for number in range(bystanders):  # never on a scheme, never released, busy all the same
        who = {"person": f"bystander {number}"}
        rows["people"].append(who | {"died_on": "-", "sex": "M", "born_on": "1985-06-15"})
        rows["police_arrest"] += [who | {"arrested_at": _noon(day + shift)} for day in range(5)]
        rows["police_conviction"].append(who | {"offence_on": _on(3 + shift), "proved_on": _on(9 + shift)})
    given = {file: list(reversed(found)) if backwards else found for file, found in rows.items() if found}
    return replace(_definitions(name, shift), given=dict(reversed(given.items())) if backwards else given)


def _rows(name: str, member: Member, shift: int) -> Iterator[tuple[str, Row]]:
    yield "people", {"died_on": _on(member.died, shift), "sex": member.sex, "born_on": _birthday(member, shift)}
    if member.left is None or member.left >= member.joined:
        yield "hub_membership", {"scheme": "IOM", "starts_on": _on(member.joined, shift), "ends_on": _on(member.left, shift)}
    for first, length in member.stays:
        until = None if length is None else first + length
        yield "prison_spell", {"received_on": _on(first, shift), "released_on": _on(until, shift)}
    for number, day in enumerate(member.arrests):
        yield "police_arrest", {"arrested_at": _noon(day + shift), "crime_ref": f"crime {number}"}
    for number, (day, delay, breach) in enumerate(member.convictions):
        row = {"offence_on": _on(day, shift), "proved_on": _on(day + delay, shift), "crime_ref": f"crime {number}"}
        yield "police_conviction", row | {"is_breach": "Y" if breach else "N"}
    for number, (day, percent) in enumerate(member.scores):
        yield "probation_score", {"score_ref": f"{name} {number}", "scored_on": _on(day, shift), "one_year": f"{percent / 100}"}


def _definitions(name: str, shift: int) -> Case:
    window = {"index_from": _on(shift), "index_to": _on(INDEX_DAYS - 1 + shift)}
    fixed = {
        "follow_up_from": _on(shift),
        "follow_up_to": _on(364 + shift),
        "baseline_from": _on(shift - 365),
        "baseline_to": _on(shift - 1),
    }
    cohorts: dict[str, dict[str, Any]] = {
        "listed": {"kind": "static", "schemes": "IOM", "frozen_on": _on(shift)},
        "freed": {"kind": "index", "index_event": "release", "pick": "first"} | window,
        "freed_each_time": {"kind": "index", "index_event": "release", "pick": "every"} | window,
    }
    arrest = {"cohort_id": "freed", "event_kind": "arrest", "horizons": ";".join(map(str, HORIZONS)), "comparison": "none"}
    by_groups = {"group_by": "sex;age_band"}
    measures: dict[str, dict[str, Any]] = {
        "quarters": by_groups | {"cohort_id": "listed", "event_kind": "court_conviction", "exclude_breach": "Y", "target_pct": 15,
                     "comparison": "pro_rata_baseline", "period": "quarter"} | fixed,
        "proven": {"cohort_id": "freed", "event_kind": "proven_offence", "exclude_breach": "Y", "follow_up_months": 12,
                   "waiting_months": 6, "comparison": "none"},
        "calendar": arrest | by_groups | {"clock": "calendar"},
        "free": arrest | {"clock": "at_liberty"},
        "each_time": arrest | {"cohort_id": "freed_each_time"},
        "predicted": {"cohort_id": "freed", "event_kind": "proven_offence", "exclude_breach": "Y", "follow_up_months": 12,
                      "waiting_months": 6, "comparison": "expected"},
        "same_months": {"cohort_id": "listed", "event_kind": "arrest", "follow_up_from": _on(shift),
                        "follow_up_to": _on(HALF_YEAR - 1 + shift), "comparison": "same_months_prior_year"},
        "crimes": {"cohort_id": "listed", "event_kind": "arrest", "count_unit": "distinct_crime",
                   "comparison": "pro_rata_baseline"} | fixed,
    }  # fmt: skip
    return Case(name, "a generated world", {}, cohorts, measures, {}, {}, {})


def _on(day: int | None, shift: int = 0) -> str:
    return "-" if day is None else (EPOCH + timedelta(day + shift)).isoformat()


def _birthday(member: Member, shift: int) -> str:
    """In the middle of the windows of index events, so that some enter before their birthday and some after it."""
    day = EPOCH + timedelta(INDEX_DAYS // 2 + shift)
    return day.replace(year=day.year - member.turning).isoformat()


def _noon(day: int) -> str:
    return f"{_on(day)}T12:00:00+00:00"
