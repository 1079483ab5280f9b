"""The rest of the caseload in the Leicestershire example, so that the printed shape of it comes out of a delivery.

Printed for July to September 2013: 434 cases became 423, over 90% of referrals were accepted, and 10% more people were rated red.
With those whose crime gives the printed reductions the people here make up these numbers; who they are and on which days they
came and went is invented. Nobody here has a detected crime, so none of them is in a figure of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

CASES_BEFORE, CASES_AFTER = 434, 423  # before the quarter and at its end, as printed
LEAVERS = 40
RED_BEFORE, MORE_RED = 50, 5
ACCEPTED, DECLINED, PENDING = 44, 3, 1
QUARTER_FROM = date(2013, 7, 1)
_DAYS_TO_DECIDE = 10
_FIRST_JOINED_ON = date(2012, 4, 2)


@dataclass(frozen=True)
class Referral:
    """A referral to IOM; without a decision it is pending."""

    referred_on: date
    decision: str
    decided_on: date | None


@dataclass(frozen=True)
class Case:
    """One invented person of the hub's. Whoever has no `joined_on` was referred and is on no list (yet).

    `ratings`: days with the colour given on them.
    """

    born_on: date
    joined_on: date | None = None
    left_on: date | None = None
    ratings: tuple[tuple[date, str], ...] = ()
    referral: Referral | None = None


def everybody(already: int) -> list[Case]:
    """The people who, with so many that are on the caseload `already`, make up the printed numbers."""
    return [*_before(CASES_BEFORE - already), *_referred(CASES_AFTER - CASES_BEFORE + LEAVERS)]


def _before(size: int) -> Iterator[Case]:
    """On the list before the quarter: some were red and stay, some become red in it, and the last of them leave in it."""
    for number in range(size):
        joined_on = _FIRST_JOINED_ON + timedelta(days=number % 360)
        leaves = number >= size - LEAVERS
        ratings = [(joined_on, "red" if number < RED_BEFORE else "amber" if number % 2 else "green")]
        if RED_BEFORE <= number < RED_BEFORE + MORE_RED:
            ratings.append((_day(number), "red"))
        yield Case(_born_on(number), joined_on, _day(number) if leaves else None, tuple(ratings))


def _referred(joiners: int) -> Iterator[Case]:
    """Referred in the quarter: of those accepted so many join in it, the first of them on its first days, the others later."""
    decisions = ["accepted"] * ACCEPTED + ["declined"] * DECLINED + ["pending"] * PENDING
    for number, decision in enumerate(decisions):
        referred_on = QUARTER_FROM + timedelta(days=number)
        decided_on = None if decision == "pending" else referred_on + timedelta(days=_DAYS_TO_DECIDE)
        joined_on = decided_on + timedelta(days=1) if decided_on and number < joiners else None
        ratings = ((joined_on, "green"),) if joined_on else ()
        yield Case(_born_on(number), joined_on, None, ratings, Referral(referred_on, decision, decided_on))


def _day(number: int) -> date:
    """A day of the quarter."""
    return QUARTER_FROM + timedelta(days=number % 90)


def _born_on(number: int) -> date:
    return date(1970 + number % 24, 1 + number % 12, 1 + number % 28)
