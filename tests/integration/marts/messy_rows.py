"""Rows of the hub, prison and probation as untidy as they come: overlaps, blanks, duplicates, dates out of order or to come."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

TODAY = date(2013, 11, 12)  # neither a month nor a quarter ends on it
Row = dict[str, Any]
# Two deliveries of each business date, a week apart.
PRISON_DELIVERIES = {sequence: TODAY - timedelta(days=(12 - sequence) // 2 * 7) for sequence in range(1, 13)}
DIVISION_OF = {"D1": "V1", "D2": "V2", "D3": None}

SECTIONS = [  # typed again, apart from the models: pathway, section, items, threshold
    (1, "accommodation", ("no_fixed_abode", "suitability", "permanence", "location"), 2),
    (2, "ete", ("unemployed", "employment_history", "skills", "attitude"), 3),
    (3, "emotional", ("coping", "self_harm", "attitude_self"), None),
    (4, "drugs", ("current", "main_drug_level", "injected", "motivation", "major_activity"), 2),
    (4, "alcohol", ("current", "binge", "frequency", "motivation"), 4),
    (5, "finance", ("situation", "debt", "budgeting"), None),
    (6, "relationships", ("family", "childhood", "previous_close"), 2),
    (7, "lifestyle", ("activities", "influenced", "recklessness"), 2),
    (7, "thinking", ("recognises_problems", "problem_solving", "consequences", "others_views"), 4),
    (7, "attitudes", ("pro_criminal", "supervision", "society", "motivation"), 2),
]


@dataclass
class Rows:
    """Rows by file. A person is a number; the records `H7`, `H7x` (a second case), `P7` and `C7` are person 7's."""

    files: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, file: str, **row: Any) -> None:
        self.files.setdefault(file, []).append(row)

    def of(self, file: str) -> list[Row]:
        return self.files.get(file, [])


def person_of(record: str) -> int:
    return int(record[1:].rstrip("x"))


def draw(people: int, seed: int) -> Rows:
    rng, rows = Random(seed), Rows()
    rows.add("hub_membership", membership_ref="of old", case_ref="H1", scheme="PPO", starts_on=date(1995, 5, 5), district="D1")
    for person in range(1, people + 1):
        _draw_records(rng, rows, person)
        case = f"H{person}"
        for number, (starts_on, ends_on) in enumerate(_intervals(rng)):
            rows.add(
                "hub_membership",
                membership_ref=f"M{person}-{number}",
                case_ref=rng.choice((case, f"{case}x")) if person % 9 == 0 else case,
                scheme=rng.choice(("PPO", "IOM", "DIP")),
                starts_on=starts_on,
                ends_on=ends_on,
                end_reason=rng.choice((None, "moved", "died")),
                district=rng.choice(("D1", "D1", "D1", "D2", None)),
                division=rng.choice(("V1", "V1", None)),
            )
        if person % 2 == 0:
            _draw_transfers(rng, rows, case)
        if person % 7 == 0:
            rows.add("hub_family", family_ref=case, case_ref=case, starts_on=_day(rng), ends_on=None)
        for number in range(rng.randrange(4)):
            assessed_on = _day(rng)
            for opinion in range(rng.randrange(1, 3)):
                rows.add(
                    "hub_rag",
                    rag_ref=f"R{person}-{number}-{opinion}",
                    case_ref=case,
                    assessed_on=assessed_on,
                    colour=rng.choice(("red", "amber", "green", None)),
                )
        for number, (received_on, released_on) in enumerate(_intervals(rng)):
            rows.add(
                "prison_spell",
                booking_ref=f"B{person}-{number}",
                prison_number=f"P{person}",
                received_on=received_on,
                released_on=released_on,
            )
        _draw_referrals(rng, rows, person)
        _draw_needs(rng, rows, person)
        _draw_levels(rng, rows, person)
    _draw_release_dates(rng, rows)
    return rows


def _draw_transfers(rng: Random, rows: Rows, case: str) -> None:
    """Handovers between districts, some only agreed, whatever the memberships say about them."""
    for number in range(rng.randrange(2, 9)):
        agreed_on = _day(rng)
        rows.add(
            "hub_transfer",
            transfer_ref=f"T{case}-{number}",
            case_ref=case,
            from_district=rng.choice(("D1", "D2", None)),
            to_district=rng.choice(("D1", "D2", "D3")),
            agreed_on=agreed_on,
            handed_over_on=rng.choice((agreed_on + timedelta(days=rng.randrange(60)), None)),
        )


def _draw_records(rng: Random, rows: Rows, person: int) -> None:
    known = {
        "dob": rng.choice((date(1985, 2, 28), date(1996, 3, 31), date(1950, 1, 1), None)),
        "sex": rng.choice(("M", "M", "F", "U")),
    }
    rows.add("hub_case", case_ref=f"H{person}", **known)
    if person % 9 == 0:
        rows.add("hub_case", case_ref=f"H{person}x")
    rows.add("prison_person", prison_number=f"P{person}")
    rows.add("probation_person", crn=f"C{person}")


def _draw_referrals(rng: Random, rows: Rows, person: int) -> None:
    for number in range(rng.randrange(3)):
        referred_on = _day(rng)
        rows.add(
            "hub_referral",
            referral_ref=f"F{person}-{number}",
            case_ref=f"H{person}",
            referred_on=referred_on,
            route=rng.choice(("IOM", "DIP", None)),
            referring_agency=rng.choice(("POL", "PRB", None)),
            district=rng.choice(("D1", "D2", None)),
            decision=rng.choice(("accepted", "accepted", "declined", "pending", None)),
            decided_on=referred_on + timedelta(days=rng.randrange(30)),
        )


def _draw_needs(rng: Random, rows: Rows, person: int) -> None:
    for number in range(rng.randrange(8)):
        rows.add(
            "hub_need",
            need_ref=f"N{person}-{number}",
            case_ref=f"H{person}",
            assessed_on=_day(rng, step=45),  # so that some fall on one day
            pathway=rng.choice((1, 4, 9)),
            level=rng.choice((None, 0, 0, 1, 4)),
        )
    for number in range(rng.randrange(4)):
        ref = f"A{person}-{number}"
        rows.add(
            "probation_assessment",
            assessment_ref=ref,
            crn=f"C{person}",
            instrument=rng.choice(("OASys", "OASys", "OASys", "SAN")),
            instrument_version="4",
            layer=rng.choice(("LAYER3", "LAYER3", "LAYER1")),
            status=rng.choice(("complete", "complete", "open")),
            completed_on=rng.choice((_day(rng, step=45), _day(rng, step=45), None)),
        )
        for _, section, items, _ in SECTIONS:
            for item in rng.sample(items, rng.randrange(len(items) + 1)):
                rows.add(
                    "probation_answer", assessment_ref=ref, section=section, question=item, score=rng.choice((None, 0, 0, 1, 2))
                )


def _draw_release_dates(rng: Random, rows: Rows) -> None:
    """Every version of the release dates of open bookings: they come, go, move about and come back."""
    for booking in [row["booking_ref"] for row in rows.of("prison_spell") if row["released_on"] is None]:
        for date_type in rng.sample(("expected", "conditional", "sentence_expiry"), rng.randrange(4)):
            days = (None, TODAY - timedelta(days=3), TODAY + timedelta(days=30), TODAY + timedelta(days=37))
            told = [rng.choice(days) for _ in PRISON_DELIVERIES]
            for sequence, (day, before) in enumerate(zip(told, [None, *told], strict=False), start=1):
                if day is None or day == before:
                    continue
                gone = next((later for later in range(sequence, len(told)) if told[later] != day), None)
                rows.add(
                    "prison_release_date",
                    booking_ref=booking,
                    date_type=date_type,
                    release_on=day,
                    opened_by_sequence=sequence,
                    closed_by_sequence=gone + 1 if gone else None,
                    recorded_to=TODAY if gone else None,
                )


def _draw_levels(rng: Random, rows: Rows, person: int) -> None:
    for number in range(rng.randrange(7)):
        starts_on = _day(rng, step=30)
        rows.add(
            "hub_level",
            level_ref=f"L{person}-{number}",
            case_ref=f"H{person}",
            level=rng.randrange(1, 6),
            starts_on=starts_on,
            review_due_on=rng.choice((starts_on + timedelta(days=84), None)),
            reviewed_on=rng.choice((starts_on + timedelta(days=rng.randrange(150)), None)),
        )


def _intervals(rng: Random) -> Iterator[tuple[date, date | None]]:
    """Up to three intervals that overlap, touch, have no days, run backwards or are still open."""
    ends_on: date | None = None
    for _ in range(rng.randrange(4)):
        starts_on = ends_on if ends_on and rng.random() < 0.3 else _day(rng)
        length = rng.choice((0, 1, 30, 31, 150, 400, -5, None))
        ends_on = None if length is None else starts_on + timedelta(days=length)
        yield starts_on, ends_on


def _day(rng: Random, step: int = 1) -> date:
    """A day of the last two and a half years, month ends among them; some lie after the business date."""
    if rng.random() < 0.1:
        return date(2013, rng.randrange(2, 12), 1) - timedelta(days=1)
    return TODAY + timedelta(days=30 - rng.randrange(900) // step * step)
