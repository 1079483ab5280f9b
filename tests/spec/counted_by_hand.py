"""What the measures of a generated world must give, counted person by person and day by day, the slow way."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from generated_worlds import EPOCH, HALF_YEAR, INDEX_DAYS, Member

NEVER = 10**6
Counts = tuple[int, int, int, int]  # people, people with an event, events, days at risk
DATA_CUT = 2831  # 31 December 2020, the business date of the spec build, in days since day 0


def in_custody(member: Member, day: int) -> bool:
    """The day of reception is a day in custody, the day of release a day at liberty."""
    return any(first <= day < (NEVER if length is None else first + length) for first, length in member.stays)


def releases(member: Member) -> list[int]:
    """The days in the index window on which a stay, joined with those that touch it, ends before death."""
    ends = sorted(end for _, end in _joined_stays(member) if 0 <= end < INDEX_DAYS)
    return [end for end in ends if member.died is None or member.died > end]


def _joined_stays(member: Member) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, length in sorted(member.stays, key=lambda stay: (stay[0], NEVER if stay[1] is None else stay[1])):
        end = NEVER if length is None else first + length
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((first, end))
    return found


def rearrests(people: list[Member], horizon: int, *, at_liberty: bool = False, each_time: bool = False) -> Counts:
    entries = [(member, index) for member in people for index in (releases(member) if each_time else first_release(member))]
    counted = [_followed(member, index, horizon, at_liberty) for member, index in entries]
    return (
        len(counted),
        sum(events > 0 for events, _ in counted),
        sum(events for events, _ in counted),
        sum(days for _, days in counted),
    )


def _followed(member: Member, index: int, horizon: int, at_liberty: bool) -> tuple[int, int]:
    """Arrests within the horizon, and days up to the first of them, the horizon or death."""
    last = index + horizon
    if at_liberty:  # free days from the index day on until so many are used up
        last, free = index, 0
        while free < horizon and last < index + 5000:
            free += not in_custody(member, last)
            last += 1
        last = last if free == horizon else NEVER
    arrests = sorted(set(day for day in member.arrests if index < day <= last))
    until = min([last, *arrests[:1], *([] if member.died is None else [member.died])])
    days = range(index, until) if until < NEVER else range(index, DATA_CUT)
    return (
        len([day for day in member.arrests if index < day <= last]),
        sum(1 for day in days if not (at_liberty and in_custody(member, day))),
    )


def first_release(member: Member) -> list[int]:
    """The first end of a stay in the window, where it is a release."""
    ends = sorted(end for _, end in _joined_stays(member) if 0 <= end < INDEX_DAYS)
    return [index for index in releases(member) if index == ends[0]]


def convictions_by_quarter(people: list[Member], quarter_ends: list[int]) -> list[tuple[int, int, int]]:
    """(people, baseline, convictions so far) at the end of each quarter, for those on the list on day 0."""
    listed = _listed(people)
    return [
        (
            len(listed),
            sum(_convictions(member, -365, -1) for member in listed),
            sum(_convictions(member, 0, end) for member in listed),
        )
        for end in quarter_ends
    ]


def _listed(people: list[Member]) -> list[Member]:
    return [
        member
        for member in people
        if member.joined <= 0 and (member.left is None or member.left > 0) and not (member.died is not None and member.died < 0)
    ]


def arrests_in_the_same_months(people: list[Member]) -> tuple[int, int, int]:
    """(people, arrests from April to September of the year before, and of this one) of those on the list on day 0."""
    listed = _listed(people)
    days = [day for member in listed for day in member.arrests]
    return (
        len(listed),
        sum(-365 <= day < HALF_YEAR - 365 for day in days),
        sum(0 <= day < HALF_YEAR for day in days),
    )


def crimes_arrested_for(people: list[Member]) -> tuple[int, int, int]:
    """(people, crimes of the year before, and of the year after), each once however many of those listed were arrested for it."""
    listed = _listed(people)
    arrests = [(number, day) for member in listed for number, day in enumerate(member.arrests)]
    return (
        len(listed),
        len({number for number, day in arrests if -365 <= day < 0}),
        len({number for number, day in arrests if 0 <= day < 365}),
    )


def against_prediction(people: list[Member]) -> tuple[int, int, Decimal | None]:
    """(people, those with a proven offence, those expected) of whoever had a score on the day of the first release, or before."""
    counted = [
        (member, index, percent) for member in people for index in first_release(member) for percent in _predicted(member, index)
    ]
    return (
        len(counted),
        sum(_is_proven_within_a_year(member, index) for member, index, _ in counted),
        sum(Decimal(percent) for _, _, percent in counted) / 100 if counted else None,
    )


def _predicted(member: Member, index: int) -> Iterable[int]:
    """The last score by that day, the first delivered of several of one day."""
    known = [(day, -number, percent) for number, (day, percent) in enumerate(member.scores) if day <= index]
    return [max(known)[2]] if known else []


def _is_proven_within_a_year(member: Member, index: int) -> bool:
    """Done within a year after the index day, and proved within six months more."""
    indexed_on = EPOCH + timedelta(index)  # from April to June
    last_on = indexed_on.replace(year=indexed_on.year + 1)
    waited_on = last_on.replace(month=last_on.month + 6, day=min(last_on.day, 30))
    last, proved_by = (last_on - EPOCH).days, (waited_on - EPOCH).days
    return any(index < day <= last and day + delay <= proved_by for day, delay, breach in member.convictions if not breach)


def _convictions(member: Member, first: int, last: int) -> int:
    return sum(first <= day <= last for day, _, breach in member.convictions if not breach)
