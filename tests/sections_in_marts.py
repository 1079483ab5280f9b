"""Rows of the marts that the sections of the outcome report are made of, by schema and mart; 434 people are on the caseload."""

from datetime import date, timedelta
from typing import Any

FIRST, LAST = date(2013, 10, 1), date(2013, 12, 31)
EVERY_FEED = dict.fromkeys(("police", "hub", "dip", "prison", "probation"), "fresh")
EVERYONE = {"scheme": "any", "area_level": "all", "area": "all"}
QUARTER = {"period_kind": "quarter", "period_start": FIRST, "period_end": LAST, "is_complete": True, "data_cut": LAST}
BEFORE = {"red": 100, "amber": 150, "green": 120, "prison": 60, "not_rated": 4}
# from: to red, amber, green, prison, not rated, not on the caseload; each row but the last adds up to the number before
MOVES = {
    "red": (70, 12, 3, 9, 0, 6), "amber": (15, 110, 20, 2, 0, 3), "green": (2, 10, 90, 1, 0, 17), "prison": (20, 5, 0, 30, 0, 5),
    "not_rated": (1, 1, 1, 0, 1, 0), "not_on_caseload": (8, 7, 5, 6, 0, 0),
}  # fmt: skip
ENDS = (*BEFORE, "not_on_caseload")
AT_END = {risk: sum(row[place] for row in MOVES.values()) for place, risk in enumerate(BEFORE)}


def _wilson(part: int, whole: int) -> tuple[float, float]:
    z = 1.959964
    middle, spread = 2 * part + z * z, z * (z * z + 4 * part * (1 - part / whole)) ** 0.5
    return (middle - spread) / (2 * (whole + z * z)), (middle + spread) / (2 * (whole + z * z))


def _share(name: str, part: int, whole: int) -> dict[str, Any]:
    low, high = _wilson(part, whole) if whole else (None, None)
    return {name: part / whole if whole else None, "ci_low": low, "ci_high": high}


def risk_spread() -> list[dict[str, Any]]:
    return [
        {**EVERYONE, "as_on": day, "risk": risk, "n_people": n, "n_caseload": sum(spread.values()),
         "share": n / sum(spread.values()), "is_complete": True, "data_cut": LAST}
        for day, spread in ((FIRST - timedelta(days=1), BEFORE), (LAST, AT_END)) for risk, n in spread.items()
    ]  # fmt: skip


def risk_change() -> list[dict[str, Any]]:
    rows = []
    for place, risk in enumerate(BEFORE):
        stayed = MOVES[risk][place]
        rows.append({
            **QUARTER, **EVERYONE, "risk": risk, "n_opening": BEFORE[risk], "n_came": AT_END[risk] - stayed,
            "n_went": BEFORE[risk] - stayed, "n_closing": AT_END[risk], "change": AT_END[risk] - BEFORE[risk],
            "pct_change": 100 * (AT_END[risk] / BEFORE[risk] - 1),
        })  # fmt: skip
    return rows


def risk_transition() -> list[dict[str, Any]]:
    return [
        {**QUARTER, **EVERYONE, "risk_from": before, "risk_to": after, "n_people": n}
        for before, row in MOVES.items() for after, n in zip(ENDS, row, strict=True) if n
    ]  # fmt: skip


def referrals() -> list[dict[str, Any]]:
    counted = {"all": (60, 30, 20, 10), "POL": (38, 21, 11, 6), "PRB": (19, 8, 8, 3), "unknown": (3, 1, 1, 1)}
    return [
        {**QUARTER, "route": "all", "referring_agency": agency, "area_level": "all", "area": "all", "n_made": made,
         "n_accepted": accepted, "n_declined": declined, "n_pending": pending, "n_decided": accepted + declined,
         **_share("acceptance", accepted, accepted + declined), "n_timed": accepted + declined, "median_days_to_decision": 6.5,
         "p90_days_to_decision": 21.0, "status": "provisional"}
        for agency, (made, accepted, declined, pending) in counted.items()
    ]  # fmt: skip


def attendance() -> list[dict[str, Any]]:
    counted = {"all": (12, 6, 4), "POL": (3, 3, 2), "NHS": (3, 2, 1), "VOL": (3, 0, 0), "COU": (3, 1, 1)}
    return [
        {**QUARTER, "agency": agency, "area_level": "all", "area": "all", "n_meetings": 3, "n_invited": invited,
         "n_recorded": recorded, "n_attended": attended, "n_came_uninvited": 0, "n_invited_without_case": 0,
         "n_needed_not_invited": 1}
        for agency, (invited, recorded, attended) in counted.items()
    ]  # fmt: skip


def dip_chain() -> list[dict[str, Any]]:
    people = {
        "arrested": 90, "tested": 80, "positive": 40, "required": 38, "initial_attended": 30, "follow_up_attended": 22,
        "found_in_need": 20, "on_caseload": 18, "care_plan": 16, "in_treatment": 9, "retained": 3,
    }  # fmt: skip
    rows, before = [], None
    for number, (stage, n) in enumerate(people.items(), 1):
        events, has_day = n + n // 5, not stage.endswith("attended")
        rows.append({
            **{name: QUARTER[name] for name in ("period_kind", "period_start", "period_end", "data_cut")}, "area_level": "all",
            "area": "all", "group_by": "all", "group_value": "all", "stage_number": number, "stage": stage, "n_events": events,
            "n_people": n, **(_share("share_of_previous", events, before + before // 5) if before else {}),
            "people_share_of_previous": n / before if before else None,
            "median_days_from_arrest": 2.0 * number if has_day else None,
            "median_days_from_previous": 2.0 if before and has_day else None,
            "n_skipped_to": 0, "n_to_come": 6 if number == 11 else 0, "status": "provisional", "retained_days": 84,
        })  # fmt: skip
        before = n
    return rows


def dip_caseload() -> list[dict[str, Any]]:
    counted = {("all", "all"): (70, 72, 30, 12, 25, 10, 6), ("area", "FX-N"): (40, 41, 18, 6, 14, 6, 4),
               ("area", "FX-S"): (30, 31, 12, 6, 11, 4, 2)}  # fmt: skip
    names = ("n_people", "n_episodes", "n_taken_on", "n_from_prison", "n_closed", "n_completed", "n_to_custody")
    return [
        {**QUARTER, "area_level": level, "area": area, "group_by": "all", "group_value": "all", "n_in_two_areas": 0,
         **dict(zip(names, counts, strict=True))}
        for (level, area), counts in counted.items()
    ]  # fmt: skip


def release_summary() -> list[dict[str, Any]]:
    rows = []
    for week, (north, south) in enumerate(((9, 2), (12, 8), (7, 6))):
        for level, area, of in (("all", "all", (north, south)), ("division", "FX-N", (north,)), ("division", "FX-S", (south,))):
            n = sum(of)
            rows.append({
                "week_start": date(2013, 12, 30) + timedelta(weeks=week), "area_level": level, "area": area, "n_releases": n,
                "n_before_closed_offices": n // 3, "is_calendar_complete": True,
                "n_without_supervision": 0, "n_supervision_unknown": 0,
                "n_without_accommodation": 0, "n_accommodation_unknown": n, "n_on_schemes": 0,
                "n_short_sentence": sum(each // 4 for each in of), "n_with_open_need": 0,
                "n_earlier": sum(each // 6 for each in of), "n_later": sum(each // 5 for each in of),
                "n_not_known_a_week_ago": 0, "data_cut": LAST,
            })  # fmt: skip
    return rows


def release_calendar() -> list[dict[str, Any]]:
    """Only of plans that are none any more."""
    of_kinds = {"moved_beyond": 6, "withdrawn": 8, "passed": 7}
    return [
        {"person_key": 8_000_000 + 100 * at + key, "division": "FX-N", "change_in_a_week": kind, "data_cut": LAST}
        for at, (kind, count) in enumerate(of_kinds.items()) for key in range(count)
    ]  # fmt: skip


def transitions() -> list[dict[str, Any]]:
    return [
        {"person_key": 9_000_000 + key, "district": "FX-N1", "sex": "M", "stage": "turning_18" if key < 14 else "past_18",
         "is_on_adult_scheme": key % 2 == 0, "open_order_count": key % 3, "open_need_count": key % 4, "data_cut": LAST}
        for key in range(17)
    ]  # fmt: skip


def recommendation_history() -> list[dict[str, Any]]:
    listed = {2: "Achieved", 3: "Not achieved (obstacle)"}
    return [
        {"inquiry": "A review", "recommendation": number, "category": category, "status": listed[category],
         "category_before": before, "owner": "Board", "assessed_on": day, "is_monitored": category == 3,
         "valid_from": day, "valid_to": until, "is_current": until is None, "data_cut": LAST}
        for number, category, before, day, until in (
            ("1", 3, None, date(2013, 5, 1), LAST), ("1", 2, 3, LAST, None), ("2", 2, None, date(2013, 5, 1), None),
            ("3", 3, None, LAST, None),
        )
    ]  # fmt: skip


def acquisitive_crime() -> list[dict[str, Any]]:
    years = ((2011, 5000, 900, 180), (2012, 4500, 800, 120), (2013, 3300, 500, 80))
    rows, before = [], None
    for year, recorded, detected, members in years:
        is_over = year < 2013
        rows.append({
            "offence_set": "serious_acquisitive_crime", "area_level": "all", "area": "all", "year": f"{year}/{year - 1999}",
            "period_start": date(year, 4, 1), "period_end": date(year + 1, 3, 31), "n_recorded": recorded,
            "n_recorded_before": before, "pct_change": 100 * (recorded / before - 1) if before and is_over else None,
            "rate_per_1000": recorded / 640 if is_over else None, "n_detected": detected, "n_by_members": members,
            **_share("share_by_members", members, detected), "findings": None if is_over else "year_not_complete",
            "status": "final" if is_over else "provisional", "data_cut": LAST,
        })  # fmt: skip
        before = recorded
    return rows


def programme_cost() -> list[dict[str, Any]]:
    return [{"year": "2012/13", "additional_cost": 603000, "set_up": 55000, "n_people": 480, "person_days": 146000,
             "person_years": 400, "cost_per_person_year": 1507.5, "findings": None, "data_cut": LAST}]  # fmt: skip


def break_even() -> list[dict[str, Any]]:
    return [
        {"year": "2012/13", "measure_id": "sac_by_quarter", "measure_version": "1", "estimate": estimate,
         "multiplier": multiplier, "additional_cost": 603000, "average_unit_cost": 2010, "n_people": 480,
         "n_events": 1210, "n_events_costed": 1200, "n_people_with_event": 300, "most_events": 20, "n_people_with_cost": 300,
         "most_events_with_cost": 20, "n_people_without_cost": 8, "most_events_without_cost": 2, "cost_of_one_person": 90000,
         "break_even_crimes": 300 / multiplier, "break_even_per_person": 0.625 / multiplier,
         "break_even_pct_of_expected": 25 / multiplier, "confidence": "medium", "findings": None, "data_cut": LAST}
        for estimate, multiplier in (("central", 1), ("central", 4), ("high", 1))
    ]  # fmt: skip


def service_access() -> list[dict[str, Any]]:
    """Of those without a general practitioner 18 were referred, 4 of these to mental health services."""
    every, gp = ("all", "all"), ("registered", "not_registered")
    counted = {
        ("all", "all", every): (50, 40, 6, 4, 12, 3, 5),
        ("service_type", "housing_advice", every): (34, 28, 4, 2, 10, 2, 4),
        ("service_type", "drugs", every): (8, 5, 2, 1, 2, 0, 1),
        ("service_type", "mental_health", every): (8, 7, 0, 1, 0, 1, 0),
        ("all", "all", ("gp", gp[0])): (32, 28, 2, 2, 9, 1, 2),
        ("all", "all", ("gp", gp[1])): (18, 12, 4, 2, 3, 2, 3),
        ("service_type", "mental_health", ("gp", gp[0])): (4, 4, 0, 0, 0, 0, 0),
        ("service_type", "mental_health", ("gp", gp[1])): (4, 3, 0, 1, 0, 1, 0),
    }
    rows = []
    for (by, group, (group_by, value)), (referred, started, waiting, never, completed, partly, dropped) in counted.items():
        rows.append({
            "period_start": FIRST, "period_end": LAST, "service_by": by, "service_group": group, "area_level": "all",
            "area": "all", "group_by": group_by, "group_value": value, "n_referred": referred,
            "n_people": referred, "n_started": started,
            "n_waiting": waiting, "n_never_started": never, "n_wait_known": started,
            "median_days_waited": 20.0 if value == gp[1] else 8.0,
            "ninetieth_centile_days_waited": 30.0, "n_completed": completed, "n_partly": partly, "n_dropped_out": dropped,
            "n_open": started - completed - partly - dropped, "n_end_unknown": 0,
            **_share("completion", completed, completed + partly + dropped), "status": "provisional", "data_cut": LAST,
        })  # fmt: skip
    return rows


def selection_by_district() -> list[dict[str, Any]]:
    counted = {"FX-A": (30, 400, 40, 12, 20, 35), "FX-B": (30, 300, 25, 9, 14, 20), "FX-C": (None, 60, 0, 0, 0, 0)}
    names = ("threshold", "n_considered", "n_over", "n_over_awaiting_decision", "n_over_on_scheme", "n_under_on_scheme")
    return [
        {"rule_version": "matrix-1", "district": district, **dict(zip(names, counts, strict=True))}
        for district, counts in counted.items()
    ]


def scheme_flag_at_charge() -> list[dict[str, Any]]:
    """Of 8 charges the person was on both schemes, and 3 of these were flagged."""
    counted = {"PPO or IOM": (60, 40, 30, 5), "PPO": (28, 20, 18, 2), "IOM": (40, 28, 15, 4)}
    return [
        {
            **{name: EVERYONE[name] for name in ("area_level", "area")},
            "period_start": FIRST,
            "period_end": LAST,
            "scheme": scheme,
            "n_charges": charges,
            "n_people": people,
            "n_flagged": flagged,
            "n_not_said": not_said,
            **_share("share_flagged", flagged, charges - not_said),
            "is_complete": True,
            "data_cut": LAST,
        }
        for scheme, (charges, people, flagged, not_said) in counted.items()
    ]


def contract_position() -> list[dict[str, Any]]:
    return [{"contract_ref": "C1", "provider": "A charity", "status": "running", "intention": "Somewhere to live",
             "year_start": date(2013, 4, 1), "year_end": date(2014, 3, 31), "budget_by_now": 75342.47, "spent_to_date": 80000,
             "starts_due_by_now": 45.2,
             "n_started": 3, "completions_due_by_now": None, "n_completed": 0, "data_cut": LAST}]  # fmt: skip


def need_progress() -> list[dict[str, Any]]:
    everybody, women = ("all", "all"), ("sex", "F")
    counted = {(1, everybody): (40, 15, 6, 9), (4, everybody): (30, 5, 3, 12), (5, everybody): (0, 10, 3, 30),
               (8, everybody): (200, 90, 3, 30), (8, women): (20, 10, 5, 25)}  # fmt: skip
    by_hub = [
        {**{name: EVERYONE[name] for name in ("area_level", "area")}, "as_on": LAST, "population_kind": "scheme",
         "population_id": "any", "group_by": group_by, "group_value": group_value, "instrument": "hub", "pathway": pathway,
         "section": "all", "n_people": 434, "n_with_both": stayed + gone + arisen + never, "n_assessed_once": 100,
         "n_not_assessed": 50,
         "need_to_need": stayed, "need_to_none": gone, "none_to_need": arisen, "none_to_none": never,
         **_share("share_resolved", gone, gone + stayed), "is_complete": True, "data_cut": LAST}
        for (pathway, (group_by, group_value)), (stayed, gone, arisen, never) in counted.items()
    ]  # fmt: skip
    return [*by_hub, *_progress_by_oasys()]


def _progress_by_oasys() -> list[dict[str, Any]]:
    """Finance has no threshold, so that it has a score only."""
    states = ("need_to_need", "need_to_none", "none_to_need", "none_to_none")
    counted = {"drugs": (40, 15, 6, 9, -1.25), "alcohol": (1, 2, 0, 5, -0.5), "finance": (None, None, None, None, 0.5)}
    return [
        {**{name: EVERYONE[name] for name in ("area_level", "area")}, "as_on": LAST, "population_kind": "scheme",
         "population_id": "any", "group_by": "all", "group_value": "all", "instrument": "oasys", "pathway": 4,
         "section": section, "n_people": 434, "n_with_both": 70 if cells[0] is None else sum(cells), "n_assessed_once": 100,
         "n_not_assessed": 50, **dict(zip(states, cells, strict=True)), "mean_score_change": change,
         **_share("share_resolved", cells[1] or 0, (cells[0] or 0) + (cells[1] or 0)), "is_complete": True, "data_cut": LAST}
        for section, (*cells, change) in counted.items()
    ]  # fmt: skip


def need_comparison() -> list[dict[str, Any]]:
    """Drug misuse is told of far more often, finance is chance; the score has no row of finance. One need in two is severe.

    Both schemes compare the same people, and whoever is on PPO is on any scheme.
    """
    counted = {
        ("PPO", "linked", "drugs"): (50, 40, 400, 120, 0.40, 0.60, False),
        ("PPO", "linked", "finance"): (50, 10, 400, 70, -0.07, 0.15, True),
        ("PPO", "linked", "attitudes"): (50, 10, 400, 180, -0.35, -0.11, False),
        ("PPO", "threshold", "drugs"): (48, 44, 390, 160, 0.42, 0.58, False),
        ("PPO", "threshold", "alcohol"): (3, 2, 390, 160, -0.1, 0.5, True),
        ("any", "linked", "drugs"): (150, 90, 300, 70, 0.27, 0.45, False),
        ("any", "linked", "finance"): (150, 40, 300, 40, 0.05, 0.22, False),
        ("any", "linked", "attitudes"): (150, 60, 300, 130, -0.13, 0.06, True),
        ("any", "threshold", "drugs"): (140, 100, 298, 104, 0.27, 0.45, False),
        ("any", "threshold", "alcohol"): (6, 3, 387, 159, -0.25, 0.4, True),
    }
    ranks = {"drugs": 1, "attitudes": 2, "alcohol": 2, "finance": 3}
    return [
        {
            **EVERYONE,
            "scheme": scheme,
            "as_on": LAST,
            "group_by": "all",
            "group_value": "all",
            "basis": basis,
            "section": section,
            "pathway": 1,
            "n_on_scheme": ours,
            "n_on_scheme_with_need": need,
            "share_on_scheme": need / ours,
            "n_others": others,
            "n_others_with_need": needing,
            "share_others": needing / others,
            **dict.fromkeys(("n_on_scheme_severe", "n_on_scheme_linked_to_harm"), need // 2),
            **dict.fromkeys(("n_others_severe", "n_others_linked_to_harm"), needing // 2),
            "difference": need / ours - needing / others,
            "ci_low": low,
            "ci_high": high,
            "is_noise": is_noise,
            "difference_rank": ranks[section],
            "is_complete": True,
            "data_cut": LAST,
        }
        for (scheme, basis, section), (ours, need, others, needing, low, high, is_noise) in counted.items()
    ]


def number_of_needs() -> list[dict[str, Any]]:
    """429 people are on the caseload, as in the spread of risk."""
    counted = (60, 44, 50, 41, 30, 20, 12, 6, 2)
    return [
        {
            **{name: EVERYONE[name] for name in ("area_level", "area")},
            "as_on": LAST,
            "population_kind": "scheme",
            "population_id": "any",
            "group_by": "all",
            "group_value": "all",
            "n_people": 429,
            "n_assessed": sum(counted),
            "n_partly_assessed": 40,
            "n_not_assessed": 429 - sum(counted) - 40,
            **{f"n_with_{number}": people for number, people in enumerate(counted)},
            "is_complete": True,
            "data_cut": LAST,
        }
    ]


def need_prevalence_of_cohort() -> list[dict[str, Any]]:
    """Of the young 3 fewer than of all named people are assessed, and 2 fewer have the need."""
    everybody, women = ("all", "all"), ("sex", "F")
    counted = {  # people, assessed, with need
        ("named_2013", "hub", 1, everybody): (80, 60, 30),
        ("named_2013", "hub", 4, everybody): (80, 62, 40),
        ("named_2013", "hub", 8, women): (9, 8, 6),
        ("named_2013_young", "hub", 1, everybody): (70, 57, 28),
        ("named_2013_young", "hub", 4, everybody): (70, 40, 24),
        ("dip_2012", "hub", 4, everybody): (12, 2, 2),
        ("named_2013", "oasys", 1, everybody): (80, 50, 20),
        ("named_2013", "oasys", 5, everybody): (80, 50, None),
    }
    return [
        {
            **{name: EVERYONE[name] for name in ("area_level", "area")},
            "as_on": LAST,
            "cohort_id": cohort,
            "cohort_version": "1",
            "group_by": group_by,
            "group_value": group_value,
            "instrument": instrument,
            "pathway": pathway,
            "n_people": people,
            "n_assessed": assessed,
            "n_not_assessed": people - assessed,
            "n_with_need": need,
            **(_share("share", need, assessed) if need is not None else {}),
            "is_complete": True,
            "data_cut": LAST,
        }
        for (cohort, instrument, pathway, (group_by, group_value)), (people, assessed, need) in counted.items()
    ]


def need_at_release() -> list[dict[str, Any]]:
    everybody = {name: EVERYONE[name] for name in ("area_level", "area")} | {"group_by": "all", "group_value": "all"}
    counted = {
        ("released", "all", "accommodation"): (80, 60, 15),
        ("released", "all", "drugs_and_alcohol"): (80, 66, 40),
        ("released", "under_12_months", "accommodation"): (30, 20, 12),
        ("released", "under_12_months", "drugs_and_alcohol"): (30, 24, 18),
        ("released", "12_months_and_over", "accommodation"): (40, 34, 10),
        ("released", "12_months_and_over", "drugs_and_alcohol"): (40, 36, 18),
        ("released", "no_sentence", "accommodation"): (10, 6, 2),
        ("released", "no_sentence", "drugs_and_alcohol"): (10, 6, 4),
        ("released", "all", "alcohol"): (80, 50, 20),
        ("released", "all", "drugs"): (80, 56, 30),
        ("released", "under_12_months", "alcohol"): (30, 18, 10),
        ("released", "under_12_months", "drugs"): (30, 20, 14),
        ("due", "all", "accommodation"): (44, 40, 22),
        ("due", "all", "alcohol"): (44, 30, 11),
        ("due", "all", "drugs_and_alcohol"): (44, 38, 25),
        ("due", "under_12_months", "accommodation"): (9, 8, 6),
    }
    orders = {"accommodation": 1, "alcohol": 2, "drugs": 3, "drugs_and_alcohol": 4}
    return [
        {
            **everybody,
            "kind": kind,
            "period_start": LAST if kind == "due" else FIRST,
            "period_end": LAST,
            "population": "everybody",
            "sentence_group": sentence,
            "source": "any",
            "need": need,
            "need_order": orders[need],
            "n_releases": releases,
            "n_people": releases,
            "n_assessed": assessed,
            "n_not_assessed": releases - assessed,
            "n_open": still_open,
            "n_not_known": 0,
            **_share("share_open", still_open, assessed),
            "is_complete": True,
            "data_cut": LAST,
        }
        for (kind, sentence, need), (releases, assessed, still_open) in counted.items()
    ]


def release_accommodation() -> list[dict[str, Any]]:
    counted = {
        "all": (40, 15, 12, 13),
        "under_12_months": (8, 6, 9, 7),
        "12_months_and_over": (28, 7, 1, 4),
        "no_sentence": (4, 2, 2, 2),
    }
    return [
        {
            **{name: EVERYONE[name] for name in ("area_level", "area")},
            "group_by": "all",
            "group_value": "all",
            "period_start": FIRST,
            "period_end": LAST,
            "population": "everybody",
            "sentence_group": sentence,
            "n_releases": sum(homes),
            "n_people": sum(homes),
            **dict(zip(("n_settled", "n_temporary", "n_none", "n_unknown"), homes, strict=True)),
            **_share("share_settled", homes[0], sum(homes[:3])),
            "is_complete": True,
            "data_cut": LAST,
        }
        for sentence, homes in counted.items()
    ]


def requirement_outcomes() -> list[dict[str, Any]]:
    counted = {
        "all": (50, 12, 8, 2, 25, 3),
        "alcohol_treatment": (20, 7, 4, 0, 9, 0),
        "drug_rehabilitation": (30, 5, 4, 2, 16, 3),
    }
    names = ("n_started", "n_completed", "n_breached", "n_revoked", "n_open", "n_unknown")
    return [
        {
            **{name: EVERYONE[name] for name in ("area_level", "area")},
            "group_by": "all",
            "group_value": "all",
            "period_start": FIRST,
            "period_end": LAST,
            "requirement": requirement,
            "n_people": counts[0],
            **dict(zip(names, counts, strict=True)),
            "status": "provisional",
            "data_cut": LAST,
        }
        for requirement, counts in counted.items()
    ]


def order_outcomes() -> list[dict[str, Any]]:
    counted = {
        ("settled_accommodation", "all"): (60, 40, 15),
        ("settled_accommodation", "community"): (57, 38, 14),
        ("settled_accommodation", "licence"): (3, 2, 1),
        ("employed", "all"): (60, 12, 45),
        ("employed", "community"): (57, 12, 35),
        ("employed", "licence"): (3, 0, 3),
    }
    return [
        {
            **{name: EVERYONE[name] for name in ("area_level", "area")},
            "group_by": "all",
            "group_value": "all",
            "period_start": FIRST,
            "period_end": LAST,
            "order_type": order,
            "outcome": outcome,
            "n_ended": ended,
            "n_people": ended,
            "n_reached": reached,
            "n_not_reached": missed,
            "n_unknown": ended - reached - missed,
            **_share("share", reached, reached + missed),
            "is_complete": True,
            "data_cut": LAST,
        }
        for (outcome, order), (ended, reached, missed) in counted.items()
    ]


def service_outcome() -> list[dict[str, Any]]:
    # referred, started, completed, partly, dropped out; starters and completers followed, each with those re-arrested
    counted = {
        ("all", "all"): (200, 150, 80, 10, 40, 120, 48, 60, 18),
        ("provider", "Homeward"): (190, 144, 78, 9, 38, 116, 46, 59, 18),
        ("provider", "unknown"): (10, 6, 2, 1, 2, 4, 2, 1, 0),
        ("client_group", "women"): (200, 150, 80, 10, 40, 120, 48, 60, 18),
    }
    names = (
        "n_referred",
        "n_started",
        "n_completed",
        "n_partly",
        "n_dropped_out",
        "n_starters_followed",
        "n_starters_rearrested",
        "n_completers_followed",
        "n_completers_rearrested",
    )
    rows = []
    for (by, group), numbers in counted.items():
        row = dict(zip(names, numbers, strict=True))
        low, high = _wilson(row["n_completed"], sum(numbers[2:5]))
        rows.append(
            row
            | {
                "service_by": by,
                "service_group": group,
                "period_kind": "all",
                "n_people": row["n_referred"],
                "n_people_followed": row["n_starters_followed"],
                "n_open": 0,
                "completion": row["n_completed"] / sum(numbers[2:5]),
                "completion_low": low,
                "completion_high": high,
                "cost_per_completion": 1625 if by == "all" else None,
                "n_not_followed": 0,
                "caution": "not_an_effect",
                "starters_rearrested_share": numbers[6] / numbers[5],
                "completers_rearrested_share": numbers[8] / numbers[7],
                **dict(zip(("starters_low", "starters_high"), _wilson(numbers[6], numbers[5]), strict=True)),
                **dict(zip(("completers_low", "completers_high"), _wilson(numbers[8], numbers[7]), strict=True)),
                "data_cut": LAST,
                "police_data_cut": LAST,
            }
        )
    return rows


def alcohol_chain() -> list[dict[str, Any]]:
    counted = {"all": (90, 10, 50, 30, 4, 12), "AUDIT": (88, 10, 49, 29, 4, 12), "FAST": (2, 0, 1, 1, 0, 0)}
    names = (
        "n_screened",
        "n_without_score",
        "n_positive",
        "n_brief_intervention",
        "n_brief_intervention_not_known",
        "n_referred",
    )
    return [
        {
            **{name: EVERYONE[name] for name in ("area_level", "area")},
            "group_by": "all",
            "group_value": "all",
            "period_start": FIRST,
            "period_end": LAST,
            "tool": tool,
            **dict(zip(names, counts, strict=True)),
            "n_people_screened": counts[0],
            "n_people_positive": counts[2],
            "n_people_brief_intervention": counts[3],
            **_share("share_brief_intervention", counts[3], counts[2] - counts[4]),
            "is_complete": True,
            "data_cut": LAST,
        }
        for tool, counts in counted.items()
    ]


def alcohol_rearrest() -> list[dict[str, Any]]:
    """Of screenings a year and a quarter ago; of those of the last quarter the months are not over."""
    before = {"period_start": date(2012, 7, 1), "period_end": date(2012, 9, 30), "status": "final"}
    counted = {"all": (60, 10, 50, 20), "given": (40, 6, 34, 12), "not_given": (20, 4, 16, 8)}
    rows = [
        {
            **{name: EVERYONE[name] for name in ("area_level", "area")},
            "group_by": "all",
            "group_value": "all",
            **before,
            "brief_intervention": given,
            "horizon_months": months,
            "n_positive": positive,
            "n_clients": positive,
            "n_not_followed": not_followed,
            "n_not_matured": 0,
            "n_followed": followed,
            "n_rearrested": again,
            **_share("share_rearrested", again, followed),
            "caution": "not_an_effect",
            "data_cut": LAST,
        }
        for given, (positive, not_followed, followed, again) in counted.items()
        for months in (6, 12)
    ]
    return [
        *rows,
        rows[0]
        | {
            "period_start": FIRST,
            "period_end": LAST,
            "n_not_matured": 50,
            "n_followed": 0,
            "n_rearrested": 0,
            "status": "provisional",
        },
    ]


def top_change() -> list[dict[str, Any]]:
    began = {"period_start": date(2012, 7, 1), "period_end": date(2012, 9, 30), "status": "final"}
    counted = {
        ("start_to_review", "opiate_days"): (24, 14, 6, 4),
        ("start_to_exit", "opiate_days"): (20, 16, 1, 3),
        ("start_to_exit", "quality_of_life"): (20, 11, 6, 3),
        ("review_to_exit", "opiate_days"): (20, 3, 14, 3),
    }
    return [
        {
            **{name: EVERYONE[name] for name in ("area_level", "area")},
            "group_by": "all",
            "group_value": "all",
            **began,
            "step": step,
            "item": item,
            "better": "less",
            "n_treatments": 30,
            "n_clients": 30,
            "n_with_both": both,
            "n_without_both": 30 - both,
            "mean_change": -9.75,
            "n_better": better,
            "n_same": same,
            "n_worse": worse,
            "data_cut": LAST,
        }
        for (step, item), (both, better, same, worse) in counted.items()
    ]


def young_adults() -> list[dict[str, Any]]:
    names = (
        "n_people_arrested",
        "n_arrests",
        "n_people_proven",
        "n_proven_offences",
        "n_people_reoffending",
        "n_people_detected",
        "n_detected_crimes",
        "n_caseload",
        "n_assessed",
        "n_with_need",
    )
    ages = ("n_victims_under_16", "n_victims_16_17", "n_victims_18_24", "n_victims_25_and_over", "n_victims_age_unknown")
    counted = {
        "16-17": ((12, 20, 8, 11, 6, 9, 10, 15, 12, 9), (7, 6, 0, 6, 0)),
        "18-24": ((40, 70, 30, 44, 12, 25, 31, 60, 50, 41), (3, 6, 12, 20, 5)),
    }
    return [
        {
            **QUARTER,
            **{name: EVERYONE[name] for name in ("area_level", "area")},
            "age_group": age,
            **dict(zip(names, counts, strict=True)),
            "n_victims": sum(victims),
            **dict(zip(ages, victims, strict=True)),
            "n_people_victims": 9,
            **{f"n_people_{name.removeprefix('n_')}": min(count, 9) for name, count in zip(ages, victims, strict=True)},
        }
        for age, (counts, victims) in counted.items()
    ]


def transfer_summary() -> list[dict[str, Any]]:
    counted = {("all", "all"): (14, 12, 12, 7), ("district", "FX-A"): (8, 7, 5, 5), ("district", "FX-B"): (6, 5, 7, 2)}
    names = ("agreed", "out", "in", "open")
    return [
        {
            **QUARTER,
            "area_level": level,
            "area": area,
            **{f"n_{name}": n for name, n in zip(names, counts, strict=True)},
            **{f"n_people_{name}": n for name, n in zip(names, counts, strict=True)},
            "n_timed": counts[1],
            "median_lag_days": 9.0,
            "p90_lag_days": 30.0,
        }
        for (level, area), counts in counted.items()
    ]


def caseload_movement() -> list[dict[str, Any]]:
    return [QUARTER | EVERYONE | {"opening": 434, "joiners": 26, "leavers": 31, "closing": 429}]


def caseload_reason() -> list[dict[str, Any]]:
    counted = {("joined", "new"): 24, ("joined", "returned"): 2, ("left", "lower_risk"): 18, ("left", "moved"): 13}
    return [QUARTER | EVERYONE | {"direction": way, "reason": why, "n_people": n} for (way, why), n in counted.items()]


def level_moves() -> list[dict[str, Any]]:
    """429 people are on the caseload at the end of the quarter, as in the spread of risk."""
    moved = {"first": 20, "up": 25, "down": 31, "unchanged": 60, "reviewed": 116, "reviewed_late": 14}
    stock = {"without_level": 19, "level_1": 60, "level_2": 90, "level_3": 120, "level_4": 80, "level_5": 60}
    return [
        {
            **QUARTER,
            **{name: EVERYONE[name] for name in ("area_level", "area")},
            **{f"n_{kind}": n for kind, n in moved.items()},
            **{f"n_people_{kind}": n for kind, n in moved.items()},
            "n_caseload": sum(stock.values()),
            **{f"n_{level}": n for level, n in stock.items()},
            "n_overdue": 44,
            "n_without_due_day": 9,
        }
    ]


def standards_met() -> list[dict[str, Any]]:
    counted = {("all", "all"): (12, 9, 2, 1, 4), ("district", "FX-A"): (6, 5, 1, 0, 2), ("district", "FX-B"): (6, 4, 1, 1, 2)}
    return [
        {
            "period_start": FIRST,
            "period_end": LAST,
            "area_level": level,
            "area": area,
            "n_standards": standards,
            "n_met": met,
            "n_missed": standards - met,
            **_share("share_met", met, standards),
            "n_gained": gained,
            "n_lost": lost,
            "n_assessed_in_quarter": assessed,
            "is_complete": True,
            "data_cut": LAST,
        }
        for (level, area), (standards, met, gained, lost, assessed) in counted.items()
    ]


# people followed through all phases and people left out; then per phase people with an event, events, most of one person and days
PHASES = {
    ("IOM", "arrest"): (40, 22, ((32, 90, 9, 12_775), (25, 60, 7, 18_250), (20, 45, 6, 13_140))),
    ("IOM", "proven_offence"): (40, 22, ((30, 80, 9, 12_775), (21, 50, 7, 18_250), (16, 36, 6, 13_140))),
    ("PPO", "arrest"): (8, 12, ((6, 30, 8, 2_555), (6, 20, 7, 3_650), (5, 15, 5, 2_628))),
    ("dip_episode", "proven_offence"): (30, 9, ((12, 40, 8, 10_220), (8, 15, 5, 5_110), (3, 9, 4, 10_585))),
}  # fmt: skip
# of the proven offences those with a unit cost, people who did them and most of one; the same without; the cost, and most of one
COSTS = {
    ("IOM", "before"): ((70, 26, 8), (10, 7, 3), 275_400, 39_360), ("IOM", "during"): ((47, 18, 6), (3, 3, 1), 151_300, 30_100),
    ("IOM", "after"): ((30, 14, 5), (6, 6, 1), 98_760, 17_790),
    ("dip_episode", "before"): ((36, 11, 7), (4, 4, 1), 84_210, 50_000),
    ("dip_episode", "during"): ((0, 0, 0), (15, 8, 5), None, None),
    ("dip_episode", "after"): ((9, 3, 4), (0, 0, 0), 12_420, 5_930),
}  # fmt: skip


def before_during_after() -> list[dict[str, Any]]:
    """Of all schemes together, of districts and of other people in each phase there are rows that no report shows."""
    rows = []
    for (scheme, kind), (people, left_out, phases) in PHASES.items():
        for phase, (with_event, events, most, days) in zip(("before", "during", "after"), phases, strict=True):
            row = {
                **EVERYONE, "scheme": scheme, "event_kind": kind, "phase": phase, "basis": "all_phases", "n_people": people,
                "n_spells": people + 3, "n_spells_not_observed": left_out, "n_people_not_observed": left_out,
                "n_people_with_event": with_event, "n_events": events, "most_events": most, "days_at_liberty": days,
                "rate": 365 * events / days, "ci_low": 365 * events * 0.8 / days, "ci_high": 365 * events * 1.25 / days,
                "status": "provisional" if phase == "after" else "final", "data_cut": LAST,
            }  # fmt: skip
            hidden = {"scheme": "any"}, {"basis": "phase"}, {"area_level": "district", "area": "FX-A"}
            rows += [row, *(row | other | {"n_people": people + 777} for other in hidden)]
    return rows


def phase_cost() -> list[dict[str, Any]]:
    rows = []
    for row in before_during_after():
        if row["event_kind"] == "arrest":
            continue
        of = "IOM" if row["scheme"] == "any" else row["scheme"]
        (costed, people, most), (uncosted, others, most_of_others), cost, of_one = COSTS[of, row["phase"]]
        rows.append(row | {
            "n_events_costed": costed, "n_events_without_cost": uncosted, "n_people_with_cost": people,
            "most_events_with_cost": most, "n_people_without_cost": others, "most_events_without_cost": most_of_others,
            "cost_central": cost, "cost_low": cost and cost / 2, "cost_high": cost and 2 * cost,
            "cost_per_person_central": cost and cost / row["n_people"], "cost_of_one_person": of_one,
            "cost_per_person_year_central": cost and 365 * cost / row["days_at_liberty"],
            "price_year": cost and "2015/16", "confidence": cost and "medium",
            "findings": None if cost else "no_central_unit_cost",
        })  # fmt: skip
    return rows


MARTS = {
    "mart_reoffending": (before_during_after,),
    "mart_partnership": (risk_spread, risk_change, risk_transition, referrals, attendance, release_summary, release_calendar,
                         transitions, recommendation_history, acquisitive_crime, young_adults, transfer_summary, level_moves,
                         standards_met, scheme_flag_at_charge),
    "mart_dip": (dip_chain, dip_caseload, alcohol_chain, alcohol_rearrest, top_change),
    "mart_needs": (need_progress, need_comparison, number_of_needs, need_prevalence_of_cohort, need_at_release,
                   release_accommodation),
    "mart_cohort": (selection_by_district,),
    "mart_cost": (programme_cost, break_even, phase_cost),
    "mart_services": (service_access, contract_position, order_outcomes, requirement_outcomes, service_outcome),
}  # fmt: skip
