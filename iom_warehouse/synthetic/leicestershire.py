"""The Leicestershire example: invented people whose detected crime gives the five reductions printed for April to September 2013.

The printed percentages fix the crimes of each group in the same months of two years, or, for PPO, the smallest pair that gives
them. How they fall to people and days is invented (`leicestershire_people`): groups overlap, and beside the people who count
stand some who must not. The first crime of a window falls on its first day and the last one on its last. The rest of the
caseload, without any crime, makes up the printed shape of the partnership's performance (`leicestershire_caseload`).
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from iom_warehouse import contracts
from iom_warehouse.platform.local_time import LONDON
from iom_warehouse.synthetic.check_letters import cro_number, pnc_id
from iom_warehouse.synthetic.delivery_writer import write_only_deliveries
from iom_warehouse.synthetic.generator.dice import Rng, chance, days, stream
from iom_warehouse.synthetic.generator.names import draw_heritages, draw_names
from iom_warehouse.synthetic.leicestershire_caseload import QUARTER_FROM, Case
from iom_warehouse.synthetic.leicestershire_caseload import everybody as rest_of_the_caseload
from iom_warehouse.synthetic.leicestershire_people import Person, everybody

BUSINESS_DATE = date(2013, 11, 30)
BASELINE = (date(2012, 4, 1), date(2012, 9, 30))
FOLLOW_UP = (date(2013, 4, 1), date(2013, 9, 30))
_DECOYS: tuple[dict[str, Any], ...] = (  # crimes of somebody in the cohort that no count takes
    {"committed_from": date(2012, 3, 31)},
    {"committed_from": date(2013, 10, 1)},
    {"committed_from": date(2012, 12, 24)},  # in the year of the baseline, in other months
    {"committed_from": date(2013, 6, 1), "cancelled_on": date(2013, 7, 1)},
    {"committed_from": date(2013, 6, 1), "suspect_outcome": "none"},
    {"committed_from": date(2012, 6, 1), "outcome": "no_suspect", "suspect_outcome": "no_suspect"},
)
_CODES = ("028/03", "045/10", "046/00", "048/01", "034/01")
_SEED = 2013
Row = dict[str, Any]
Tables = dict[str, pl.DataFrame]


def write_leicestershire(inbox: Path) -> list[Path]:
    """Write one delivery each of police, hub and prison below `inbox` and return their folders."""
    rng = stream(_SEED, "leicestershire")
    people = everybody()
    cases = rest_of_the_caseload(sum(_is_on_the_caseload(person) for person in people))
    records = _records([(person.born_on, person.died_on) for person in people], rng)
    of_cases = _records([(case.born_on, None) for case in cases], stream(_SEED, "leicestershire caseload"), after=len(people))
    feeds = {
        "police": _police(people, records, of_cases, rng),
        "hub": _hub(people, records, cases, of_cases),
        "prison": _prison(people, records),
    }
    extracted_at = datetime.combine(BUSINESS_DATE, time(23, 40), LONDON)
    return write_only_deliveries(inbox, BUSINESS_DATE, extracted_at, feeds)


def _is_on_the_caseload(person: Person) -> bool:
    """Before the quarter of the printed caseload, and all through it: nobody of these joins or leaves in it."""
    return bool(person.schemes) and (person.left_on is None or person.left_on >= QUARTER_FROM)


def _records(born_and_died: list[tuple[date, date | None]], rng: Rng, after: int = 0) -> list[Row]:
    """One row per person: invented names and identifiers, numbered on `after` so many others."""
    size = len(born_and_died)
    is_male = chance(rng, 0.9, size)
    serial = pl.lit(pl.Series((rng.permutation(size) + after) * 41 + 2203))
    records = pl.DataFrame({"number": range(after, after + size)}).with_columns(
        **draw_names(rng, draw_heritages(rng, size), is_male),
        sex=pl.Series(np.where(is_male, "M", "F")),
        dob=pl.Series([born_on for born_on, _ in born_and_died]),
        died_on=pl.Series([died_on for _, died_on in born_and_died], dtype=pl.Date),
        pncid=pnc_id(pl.lit(2012), serial),
        cro_number=cro_number(pl.lit(2012), serial),
        police_ref=pl.format("P{}", pl.col("number") + 1001),
        case_ref=pl.format("H{}", pl.col("number") + 101),
        prison_number=pl.format("A{}LE", pl.col("number") + 1001),
    )
    return records.to_dicts()


def _police(people: list[Person], records: list[Row], of_cases: list[Row], rng: Rng) -> Tables:
    suspects = list(_suspects(people, records, rng))
    return {
        "police_person": _table("police_person", [*records, *of_cases]),
        "police_crime": _table("police_crime", list({row["crime_ref"]: row for row in suspects}.values())),
        "police_suspect": _table("police_suspect", [row | {"outcome": row["suspect_outcome"]} for row in suspects]),
    }


def _suspects(people: list[Person], records: list[Row], rng: Rng) -> Iterator[Row]:
    """One row per crime and person, with the columns of the crime."""
    numbers = count(10_001)
    together: dict[tuple[date, date], Row] = {}  # the first crime of each window of the person before
    for person, record in zip(people, records, strict=True):
        done = [_crime(day, rng) for day in person.other_crimes_on]
        done += [_crime(decoy["committed_from"], rng) | decoy for decoy in (_DECOYS if person.has_decoys else ())]
        for window, number in ((BASELINE, person.before), (FOLLOW_UP, person.after)):
            crimes = [_crime(day, rng) for day in _spread(window, number, rng)]
            if person.is_partner:
                crimes[0] = together[window]
            done += crimes
            if crimes:
                together[window] = crimes[0]
        for crime in done:
            crime.setdefault("crime_ref", f"CR{next(numbers)}")
            yield crime | {"police_ref": record["police_ref"]}


def _spread(window: tuple[date, date], number: int, rng: Rng) -> list[date]:
    """So many days of a window, its first and last among them."""
    first, last = window
    drawn = np.sort(days(rng, 0, (last - first).days, number))
    drawn[:1], drawn[1:][-1:] = 0, (last - first).days
    return [first + timedelta(int(day)) for day in drawn]


def _crime(day: date, rng: Rng) -> Row:
    """A crime over three days, which counts on the first of them."""
    found_on = day + timedelta(int(rng.integers(3, 40)))
    return {
        "offence_code": str(rng.choice(_CODES)),
        "committed_from": day,
        "committed_to": day + timedelta(2),
        "recorded_on": day + timedelta(2),
        "division": "Leicester",
        "outcome": "charged",
        "suspect_outcome": "charged",
        "named_on": found_on,
        "outcome_on": found_on,
    }


def _hub(people: list[Person], records: list[Row], cases: list[Case], of_cases: list[Row]) -> Tables:
    memberships = [
        record | {"scheme": scheme, "starts_on": person.joined_on, "ends_on": person.left_on, "division": "Leicester",
                  "end_reason": "other" if person.left_on else None}
        for person, record in zip(people, records, strict=True)
        for scheme in person.schemes
    ]  # fmt: skip
    memberships += [
        record | {"scheme": "IOM", "starts_on": case.joined_on, "ends_on": case.left_on, "division": "Leicester",
                  "end_reason": "lower_risk" if case.left_on else None}
        for case, record in zip(cases, of_cases, strict=True) if case.joined_on
    ]  # fmt: skip
    ratings = [
        record | {"assessed_on": day, "colour": colour, "assessor_agency": "POL"}
        for case, record in zip(cases, of_cases, strict=True)
        for day, colour in case.ratings
    ]
    referrals = [
        record | asdict(case.referral) | {"route": "IOM", "referring_agency": "POL"}
        for case, record in zip(cases, of_cases, strict=True)
        if case.referral
    ]
    families = [
        record | {"starts_on": person.family[0], "ends_on": person.family[1]}
        for person, record in zip(people, records, strict=True)
        if person.family
    ]
    return {
        "hub_case": _table(
            "hub_case", [record | {"lead_agency": "POL", "prison_number": None} for record in (*records, *of_cases)]
        ),
        "hub_rag": _table("hub_rag", _numbered("rag_ref", "RA", ratings)),
        "hub_referral": _table("hub_referral", _numbered("referral_ref", "RE", referrals)),
        "hub_membership": _table("hub_membership", _numbered("membership_ref", "ME", memberships)),
        "hub_family": _table("hub_family", _numbered("family_ref", "FA", families)),
    }


def _prison(people: list[Person], records: list[Row]) -> Tables:
    stays = _numbered(
        "booking_ref",
        "B",
        [
            record | asdict(stay) | {"establishment": "HMP Leicester", "release_type": "licence" if stay.released_on else None}
            for person, record in zip(people, records, strict=True)
            for stay in person.stays
        ],
    )
    due = [
        {
            "booking_ref": stay["booking_ref"],
            "date_type": "conditional",
            "release_on": stay["due_on"],
            "calculated_on": stay["received_on"],
        }
        for stay in stays
        if stay["due_on"]
    ]
    return {
        "prison_person": _table("prison_person", stays),
        "prison_spell": _table("prison_spell", stays),
        "prison_release_date": _table("prison_release_date", due),
    }


def _numbered(column: str, prefix: str, rows: list[Row]) -> list[Row]:
    return [row | {column: f"{prefix}{number}"} for number, row in enumerate(rows, start=1)]


def _table(name: str, rows: list[Row]) -> pl.DataFrame:
    """The columns of a file, from rows that may hold more; what a row lacks is empty."""
    [columns] = [
        [column.name for column in file.columns] for file in contracts.get(name.split("_")[0]).files if file.name == name
    ]
    return pl.DataFrame([{column: row.get(column) for column in columns} for row in rows], infer_schema_length=None)
