"""Small made-up partnerships for a year of releases: people and events drawn at random, counted into the marts of some sections.

Everything that must add up does, since it is counted from the same events: months to quarters, districts to divisions and the
whole, one period's end to the next one's beginning.
"""

import random
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from marts_by_hand import Reporting

FIRST, LAST = date(2013, 4, 1), date(2014, 3, 31)
DAYS = (LAST - FIRST).days
DISTRICTS = {"FX-A": "FX-N", "FX-B": "FX-N", "FX-C": "FX-S"}
SCHEMES = ("PPO", "IOM", "RED")
AGENCIES = ("POL", "PRB", "NHS", "VOL", "DIP")
RISKS = ("red", "amber", "green", "prison", "not_rated")
STAGES = ("arrested", "tested", "positive", "required", "initial_attended", "follow_up_attended", "found_in_need", "on_caseload",
          "care_plan", "in_treatment", "retained")  # fmt: skip
Row = dict[str, Any]
Span = tuple[str, date, date]


@dataclass(frozen=True)
class Client:
    """Somebody on the caseload from `joined` until `left`, with a risk at each end of a month. Some move or have two schemes."""

    districts: tuple[str, str]
    moved: date
    schemes: tuple[str, ...]
    joined: date
    left: date
    risks: tuple[str, ...]

    def is_on(self, day: date) -> bool:
        return self.joined <= day < self.left

    def district_on(self, day: date) -> str:
        return self.districts[day >= self.moved]


def fill(reporting: Reporting, seed: int) -> None:
    """Put a partnership of some dozens of people into the marts."""
    for schema, mart in reporting.warehouse.query(
        "select schemaname, tablename from pg_tables where schemaname like 'mart\\_%%'"
    ):
        reporting.warehouse.query(f"truncate {schema}.{mart}")
    drawn = random.Random(seed)
    people = [_client(drawn) for _ in range(drawn.randint(25, 160))]
    referred = [(_day(drawn), drawn.choice(AGENCIES), drawn.choice("aaddp")) for _ in range(drawn.randint(15, 120))]
    arrests = [(_day(drawn), drawn.choice(list(DISTRICTS)), _reached(drawn), number) for number in range(drawn.randint(20, 150))]
    reporting.fill("mart_partnership", "caseload_movement", list(_caseload(people)))
    reporting.fill("mart_partnership", "risk_spread", list(_spread(people)))
    for mart, rows in _moves(people).items():
        reporting.fill("mart_partnership", mart, rows)
    reporting.fill("mart_partnership", "referrals", list(_referrals(referred)))
    reporting.fill("mart_dip", "dip_chain", list(_chain(arrests)))
    reporting.fill("mart_partnership", "acquisitive_crime", list(_crime(drawn)))
    phases = list(_phases(drawn))
    reporting.fill("mart_reoffending", "before_during_after", [row for row, _ in phases])
    reporting.fill("mart_cost", "phase_cost", [row | cost for row, cost in phases if row["event_kind"] == "proven_offence"])


def periods() -> Iterator[Span]:
    """The months and quarters of the year."""
    month = FIRST
    while month <= LAST:
        last = month.replace(day=monthrange(month.year, month.month)[1])
        yield "month", month, last
        if month.month % 3 == 1:
            end = month.replace(month=month.month + 2)
            yield "quarter", month, end.replace(day=monthrange(end.year, end.month)[1])
        month = last + timedelta(days=1)


def wilson(name: str, part: int, whole: int) -> Row:
    """A share and its interval, as the marts have them."""
    if not whole:
        return {name: None, "ci_low": None, "ci_high": None}
    z, p = 1.959964, part / whole
    middle, spread = (part + z * z / 2) / (whole + z * z), z * (whole * p * (1 - p) + z * z / 4) ** 0.5 / (whole + z * z)
    return {name: p, "ci_low": middle - spread, "ci_high": middle + spread}


def _day(drawn: random.Random) -> date:
    return FIRST + timedelta(days=drawn.randint(0, DAYS))


def _client(drawn: random.Random) -> Client:
    joined = FIRST - timedelta(days=drawn.randint(1, 400)) if drawn.random() < 0.6 else _day(drawn)
    left = joined + timedelta(days=drawn.randint(60, 900))
    risk, risks = drawn.choice(RISKS), []
    for _ in range(13):
        risk = drawn.choice(RISKS) if drawn.random() < 0.35 else risk
        risks.append(risk)
    home = drawn.choice(list(DISTRICTS))
    elsewhere = drawn.choice(list(DISTRICTS)) if drawn.random() < 0.15 else home
    schemes = {drawn.choices(SCHEMES, (5, 3, 1))[0], *(drawn.choices(SCHEMES) if drawn.random() < 0.2 else ())}
    moved = joined + timedelta(days=drawn.randint(1, (left - joined).days))
    return Client((home, elsewhere), moved, tuple(sorted(schemes)), joined, left, tuple(risks))


def _reached(drawn: random.Random) -> int:
    reached = 1
    while reached < len(STAGES) and drawn.random() < 0.75:
        reached += 1
    return reached


def _areas() -> Iterator[tuple[str, str, Callable[[str], bool]]]:
    """Level and code of every area but wards, and which districts are in it."""
    yield "all", "all", lambda _: True
    for division in sorted(set(DISTRICTS.values())):
        yield "division", division, lambda district, division=division: DISTRICTS[district] == division
    for code in DISTRICTS:
        yield "district", code, lambda district, code=code: district == code


def _span(kind: str, first: date, last: date) -> Row:
    return {"period_kind": kind, "period_start": first, "period_end": last, "is_complete": True, "data_cut": LAST}


def _caseload(people: Iterable[Client]) -> Iterator[Row]:
    for (kind, first, last), (level, area, holds), scheme in (
        (span, place, scheme) for span in periods() for place in _areas() for scheme in ("any", *SCHEMES)
    ):
        of = [one for one in people if scheme == "any" or scheme in one.schemes]
        days = [first + timedelta(days=number) for number in range(-1, (last - first).days + 1)]
        were = [[one.is_on(day) and holds(one.district_on(day)) for day in days] for one in of]
        opening, closing = (sum(on[end] for on in were) for end in (0, -1))
        joiners = sum(not before and after for on in were for before, after in pairwise(on))
        leavers = sum(before and not after for on in were for before, after in pairwise(on))
        yield _span(kind, first, last) | {
            "scheme": scheme, "area_level": level, "area": area, "opening": opening, "joiners": joiners, "leavers": leavers,
            "closing": closing, "pct_change": 100 * (closing - opening) / opening if opening else None,
        }  # fmt: skip


def _month_ends() -> list[date]:
    return [FIRST - timedelta(days=1), *(last for kind, _, last in periods() if kind == "month")]


def _spread(people: Iterable[Client]) -> Iterator[Row]:
    for (level, area, holds), (number, day) in ((place, month) for place in _areas() for month in enumerate(_month_ends())):
        of = [one.risks[number] for one in people if one.is_on(day) and holds(one.district_on(day))]
        for risk in RISKS if of else ():
            yield {
                "scheme": "any", "area_level": level, "area": area, "as_on": day, "risk": risk, "n_people": of.count(risk),
                "n_caseload": len(of), "share": of.count(risk) / len(of), "is_complete": True, "data_cut": LAST,
            }  # fmt: skip


def _moves(people: Iterable[Client]) -> dict[str, list[Row]]:
    changes, moves = [], []
    at = {day: number for number, day in enumerate(_month_ends())}
    for (kind, first, last), (level, area, holds) in ((span, place) for span in periods() for place in _areas()):
        before, after = first - timedelta(days=1), last
        pairs = [
            tuple(
                one.risks[at[day]] if one.is_on(day) and holds(one.district_on(day)) else "not_on_caseload"
                for day in (before, after)
            )
            for one in people
        ]
        of = _span(kind, first, last) | {"scheme": "any", "area_level": level, "area": area}
        for risk in RISKS:
            opening, closing = (sum(pair[end] == risk for pair in pairs) for end in (0, 1))
            stayed = pairs.count((risk, risk))
            changes.append(of | {
                "risk": risk, "n_opening": opening, "n_closing": closing, "n_came": closing - stayed, "n_went": opening - stayed,
                "change": closing - opening, "pct_change": 100 * (closing - opening) / opening if opening else None,
            })  # fmt: skip
        moves += [
            of | {"risk_from": one, "risk_to": other, "n_people": pairs.count((one, other))}
            for one, other in sorted(set(pairs)) if (one, other) != ("not_on_caseload", "not_on_caseload")
        ]  # fmt: skip
    return {"risk_change": changes, "risk_transition": moves}


def _referrals(referred: Iterable[tuple[date, str, str]]) -> Iterator[Row]:
    for (kind, first, last), agency in ((span, agency) for span in periods() for agency in ("all", *AGENCIES)):
        of = [outcome for day, by, outcome in referred if first <= day <= last and agency in ("all", by)]
        if not of:
            continue
        accepted, declined, pending = (of.count(outcome) for outcome in "adp")
        decided = accepted + declined
        yield _span(kind, first, last) | {
            "route": "all", "referring_agency": agency, "area_level": "all", "area": "all", "n_made": len(of),
            "n_accepted": accepted, "n_declined": declined, "n_pending": pending, "n_decided": decided, "n_timed": decided,
            "median_days_to_decision": 6.5 if decided else None, "p90_days_to_decision": 21.0 if decided else None,
            "n_people": len(of), "n_people_decided": decided, "n_people_accepted": accepted, "n_people_declined": declined,
            "n_people_pending": pending, **wilson("acceptance", accepted, decided),
        }  # fmt: skip


def _chain(arrests: Iterable[tuple[date, str, int, int]]) -> Iterator[Row]:
    """Somebody has two arrests now and then, so that there are fewer people than arrests."""
    for (kind, first, last), (level, area, holds) in ((span, place) for span in periods() for place in _areas()):
        if level == "district":
            continue
        before: tuple[int, int] | None = None
        of = [
            (reached, number * 4 // 5) for day, district, reached, number in arrests if first <= day <= last and holds(district)
        ]
        for number, stage in enumerate(STAGES, 1):
            came = [person for reached, person in of if reached >= number]
            events, people = len(came), len(set(came))
            of_before = wilson("share_of_previous", events, before[0]) if before else {}
            yield _span(kind, first, last) | of_before | {
                "area_level": level, "area": area, "group_by": "all", "group_value": "all", "stage_number": number,
                "stage": stage, "n_events": events, "n_people": people, "n_skipped_to": 0, "n_to_come": 0, "status": "final",
                "people_share_of_previous": people / before[1] if before and before[1] else None,
                "median_days_from_arrest": 2.0 * number, "retained_days": 84,
            }  # fmt: skip
            before = events, people


def _crime(drawn: random.Random) -> Iterator[Row]:
    """Two years by ward; few crimes in each."""
    wards = {f"{district}-{number:02}": district for district in DISTRICTS for number in range(1, 5)}
    of_wards = {ward: [_of_year(drawn) for _ in range(2)] for ward in wards}
    levels = [("ward", ward, [ward]) for ward in wards]
    levels += [
        (level, area, [ward for ward in wards if holds(wards[ward])]) for level, area, holds in _areas()
    ]  # fmt: skip
    for level, area, held in levels:
        before = None
        for number, year in enumerate((2012, 2013)):
            recorded, detected, members = (sum(of_wards[ward][number][place] for ward in held) for place in range(3))
            yield {
                "offence_set": "serious_acquisitive_crime", "area_level": level, "area": area, "year": f"{year}/{year - 1999}",
                "period_start": date(year, 4, 1), "period_end": date(year + 1, 3, 31), "n_recorded": recorded,
                "n_recorded_before": before, "pct_change": 100 * (recorded / before - 1) if before else None,
                "n_detected": detected, "n_by_members": members, "n_members": members, "most_by_member": 1 if members else 0,
                **wilson("share_by_members", members, detected), "findings": None, "status": "final", "data_cut": LAST,
            }  # fmt: skip
            before = recorded


def _of_year(drawn: random.Random) -> tuple[int, int, int]:
    recorded = drawn.randint(0, 60)
    detected = drawn.randint(0, recorded // 2)
    return recorded, detected, drawn.randint(0, detected // 2)


def _phases(drawn: random.Random) -> Iterator[tuple[Row, Row]]:
    """What the people of a scheme did before, on and after it, and what that cost: 980 pounds or 5,930 each, or nobody knows."""
    for scheme, kind in ((scheme, kind) for scheme in (*SCHEMES, "dip_episode") for kind in ("arrest", "proven_offence")):
        people, left_out = drawn.randint(1, 40), drawn.randint(0, 20)
        for phase in ("before", "during", "after"):
            done = [
                [drawn.choice((980, 980, 5930, None)) for _ in range(int(drawn.expovariate(0.6)))] for _ in range(people)
            ]
            costed = [[cost for cost in of if cost] for of in done]
            events, with_cost = [len(of) for of in done], [len(of) for of in costed]
            without = [all_of_them - of for all_of_them, of in zip(events, with_cost, strict=True)]
            days, total = people * 300, sum(map(sum, costed))
            row: Row = {
                "scheme": scheme, "area_level": "all", "area": "all", "event_kind": kind, "phase": phase, "basis": "all_phases",
                "n_people": people, "n_spells": people, "n_spells_not_observed": left_out, "n_people_not_observed": left_out,
                "n_people_with_event": sum(map(bool, events)), "n_events": sum(events), "most_events": max(events),
                "days_at_liberty": days, "rate": 365 * sum(events) / days, "ci_low": 300 * sum(events) / days,
                "ci_high": 450 * sum(events) / days, "status": "final", "data_cut": LAST,
            }  # fmt: skip
            yield row, {
                "n_events_costed": sum(with_cost), "n_people_with_cost": sum(map(bool, with_cost)),
                "most_events_with_cost": max(with_cost), "n_events_without_cost": sum(without),
                "n_people_without_cost": sum(map(bool, without)), "most_events_without_cost": max(without),
                "cost_central": total or None, "cost_of_one_person": max(map(sum, costed)),
                "cost_per_person_central": total / people, "cost_per_person_year_central": 365 * total / days,
            }  # fmt: skip
