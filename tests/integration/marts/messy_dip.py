"""Arrests, tests, required assessments and episodes of drug services as untidy as they come, of people whom nobody else knows."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

from messy_rows import TODAY, Rows

FIRST = 900_001  # number of the first of these people
MAYBE = (True, True, True, True, True, False, None)
CONSENT_DAYS = (*[date(2012, 1, 1)] * 15, TODAY, TODAY + timedelta(days=1), None)


def add_drug_services(rows: Rows, people: int, seed: int) -> None:
    rng = Random(seed)
    for person in range(FIRST, FIRST + people):
        born_on = rng.choice((date(1985, 6, 15), date(1985, 6, 15), date(1995, 3, 1)))  # the last turns 18 among the arrests
        rows.add("police_person", police_ref=f"L{person}", dob=born_on, sex=rng.choice("MF"))
        for client in (f"K{person}", f"K{person}x"):
            withdrawn_on = rng.choice((None, None, None, None, None, date(2013, 11, 11)))
            rows.add(
                "dip_client",
                client_ref=client,
                consent_to_share=rng.choice(MAYBE),
                consent_on=CONSENT_DAYS[person % len(CONSENT_DAYS)],
                consent_withdrawn_on=withdrawn_on,
            )
        for number in range(rng.randrange(4)):
            _add_arrest(rng, rows, person, f"L{person}-{number}")


def _add_arrest(rng: Random, rows: Rows, person: int, arrest: str) -> None:
    arrested_on = TODAY - timedelta(days=rng.randrange(500))
    rows.add(
        "police_arrest",
        arrest_ref=arrest,
        police_ref=f"L{person}",
        arrested_at=_noon(arrested_on),
        offence_code=rng.choice(("046/00", "046/00", "046/00", "058/00", None)),
        division=rng.choice(("V1", "V2", None)),
    )
    for number in range(rng.randrange(5)):
        rows.add(
            "police_drug_test",
            test_ref=f"{arrest}-{number}",
            arrest_ref=arrest,
            police_ref=f"L{person}",
            tested_at=_noon(arrested_on + timedelta(days=rng.choice((-1, 0, 0, 0, 1)))),
            substance=rng.choice(("opiates", "cocaine", "other", None)),
            result=rng.choice(("positive", "positive", "positive", "negative", "refused", None)),
        )
    client = rng.choice((f"K{person}", f"K{person}", f"K{person}x"))
    for kind in ("initial", "initial", "follow_up", "follow_up"):
        if rng.random() < 0.8:
            _add_requirement(rng, rows, client, arrest, kind, arrested_on)
    for number in range(rng.randrange(4)):
        _add_episode(rng, rows, client, f"{arrest}-{number}", arrested_on)


def _add_requirement(rng: Random, rows: Rows, client: str, arrest: str, kind: str, arrested_on: date) -> None:
    imposed_on = arrested_on + timedelta(days=rng.randrange(3))
    due_on = rng.choice((None, imposed_on + timedelta(days=rng.randrange(30))))
    rows.add(
        "dip_requirement",
        requirement_ref=f"Q{len(rows.of('dip_requirement'))}",
        client_ref=client,
        arrest_ref=arrest,
        kind=kind,
        imposed_on=imposed_on,
        due_on=due_on,
        attended=rng.choice(MAYBE),
        remained=rng.choice(MAYBE),
    )


def _add_episode(rng: Random, rows: Rows, client: str, episode: str, arrested_on: date) -> None:
    """Stages in their order, some without a day, one or another after the data end."""
    day = arrested_on + timedelta(days=rng.randrange(-5, 60))
    reached: dict[str, date | None] = {}
    for stage in ("referred_on", "assessed_on", "caseload_on", "care_plan_on", "treatment_on"):
        reached[stage] = day if stage == "referred_on" or rng.random() < 0.93 else None
        day += timedelta(days=rng.randrange(12))
    ended_on = rng.choice((None, day + timedelta(days=rng.choice((60, 72, 84, 90, 120)))))
    rows.add(
        "dip_episode",
        episode_ref=episode,
        client_ref=client,
        area=rng.choice(("D1", "D2", None)),
        contact_reason=rng.choice(("required_assessment",) * 4 + ("voluntary",)),
        needs_intervention=rng.choice(MAYBE),
        treatment_ended_on=ended_on if reached["treatment_on"] else None,
        closed_on=rng.choice((None, None, (ended_on or day) + timedelta(days=rng.randrange(-3, 20)))),
        **reached,
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
