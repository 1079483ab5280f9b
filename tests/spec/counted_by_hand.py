"""What the measures of a generated world must give, counted person by person and day by day, the slow way."""

from generated_worlds import INDEX_DAYS, Member

NEVER = 10**6
Counts = tuple[int, int, int, int]  # people, people with an event, events, days at risk
DATA_CUT = 2831  # 31 December 2020, the business date of the spec build, in days since day 0


def in_custody(member: Member, day: int) -> bool:
    """The day of reception is a day in custody, the day of release a day at liberty."""
    return any(first <= day < (NEVER if length is None else first + length) for first, length in member.stays)


def released_on(member: Member) -> int | None:
    """First day in the index window on which a stay, joined with those that touch it, ends."""
    joined = _joined_stays(member)
    return min((end for _, end in joined if 0 <= end < INDEX_DAYS), default=None)


def _joined_stays(member: Member) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, length in sorted(member.stays, key=lambda stay: (stay[0], NEVER if stay[1] is None else stay[1])):
        end = NEVER if length is None else first + length
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((first, end))
    return found


def rearrests(people: list[Member], horizon: int, *, at_liberty: bool) -> Counts:
    counted = [one for one in (_followed(member, horizon, at_liberty) for member in people) if one is not None]
    return (
        len(counted),
        sum(events > 0 for events, _ in counted),
        sum(events for events, _ in counted),
        sum(days for _, days in counted),
    )


def _followed(member: Member, horizon: int, at_liberty: bool) -> tuple[int, int] | None:
    """Arrests within the horizon, and days up to the first of them, the horizon or death; None for whoever is not counted."""
    index = released_on(member)
    if index is None or (member.died is not None and member.died < index):
        return None
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


def convictions_by_quarter(people: list[Member], quarter_ends: list[int]) -> list[tuple[int, int, int]]:
    """(people, baseline, convictions so far) at the end of each quarter, for those on the list on day 0."""
    listed = [
        member
        for member in people
        if member.joined <= 0 and (member.left is None or member.left > 0) and not (member.died is not None and member.died < 0)
    ]
    return [
        (
            len(listed),
            sum(_convictions(member, -365, -1) for member in listed),
            sum(_convictions(member, 0, end) for member in listed),
        )
        for end in quarter_ends
    ]


def _convictions(member: Member, first: int, last: int) -> int:
    return sum(first <= day <= last for day, _, breach in member.convictions if not breach)
