"""Who is in the Leicestershire example: the people who give the printed figures, and beside them people who must not count.

In the cohort is who was on PPO, IOM or DYO on 1 April 2013, with a detected crime in the year before, unless in custody beyond
July. Somebody may be on two schemes, or young as well: groups overlap.
"""

from dataclasses import dataclass, field, replace
from datetime import date

FROZEN_ON = date(2013, 4, 1)
_DAY_AFTER = date(2013, 4, 2)


@dataclass(frozen=True)
class Stay:
    """A stay in custody. `due_on` is the conditional release date, where the prison knows one."""

    received_on: date
    released_on: date | None = None
    custody_type: str = "sentenced"
    due_on: date | None = None


@dataclass(frozen=True)
class Person:
    """One invented person.

    `before` and `after` count the crimes in the same months of both years; `other_crimes_on` are the days of further ones.
    Partners do the first crime of each window with the person before them. Who has decoys did more that no count takes.
    """

    schemes: tuple[str, ...]
    born_on: date
    before: int
    after: int
    joined_on: date = date(2011, 9, 1)
    left_on: date | None = None
    died_on: date | None = None
    family: tuple[date, date | None] | None = None
    stays: tuple[Stay, ...] = ()
    other_crimes_on: tuple[date, ...] = ()
    is_partner: bool = False
    has_decoys: bool = False


@dataclass(frozen=True)
class _Class:
    """People of the same schemes, born within the same year, with their crimes in the baseline and in the follow-up."""

    schemes: tuple[str, ...]
    born_on: date
    crimes: tuple[tuple[int, int], ...]
    special: dict[int, dict] = field(default_factory=dict)  # what sets one of them apart, by place


_CHILDREN = _Class(
    ("DYO",),
    date(1998, 7, 1),
    ((9, 4), (8, 3), (7, 8), (6, 2), (6, 5), (5, 1), (4, 3), (3, 2), (2, 1), (1, 1), (1, 0)),
    {
        1: {"is_partner": True},
        3: {"born_on": _DAY_AFTER.replace(year=1997)},  # 16 a day too late
        7: {"family": (date(2012, 1, 9), FROZEN_ON)},  # left the programme for families on the day
        8: {"family": (_DAY_AFTER, None)},  # and joined it a day later
        9: {"family": (date(2012, 5, 14), None)},
    },
)
_CLASSES = (
    _CHILDREN,
    _Class(("DYO",), date(1996, 5, 1), ((5, 2), (4, 3), (3, 0), (2, 2)), {1: {"born_on": FROZEN_ON.replace(year=1997)}}),
    _Class(
        ("IOM",), date(1992, 2, 1), ((3, 2), (2, 0), (1, 1)), {0: {"born_on": _DAY_AFTER.replace(year=1988)}}
    ),  # 24 for one day more
    _Class(("PPO",), date(1990, 8, 1), ((2, 0), (1, 1))),
    _Class(("PPO", "IOM"), date(1980, 3, 1), ((3, 1), (1, 1))),
    _Class(("PPO",), date(1978, 6, 1), ((5, 4), (3, 3), (2, 1), (1, 0)), {0: {"has_decoys": True}}),
    _Class(
        ("IOM",),
        date(1982, 11, 1),
        (
            (14, 2),
            (11, 4),
            (10, 0),
            (9, 3),
            (8, 5),
            (7, 1),
            (6, 0),
            (5, 4),
            (4, 1),
            (3, 2),
            (3, 0),
            (2, 3),
            (2, 0),
            (1, 1),
            (0, 0),
        ),
        {
            1: {"has_decoys": True},
            3: {"joined_on": FROZEN_ON},
            4: {"left_on": _DAY_AFTER},
            5: {"born_on": FROZEN_ON.replace(year=1988)},  # 25 on the day
            6: {"stays": (Stay(date(2013, 5, 10), custody_type="recall"),)},  # recalled later: stays in
            10: {"stays": (Stay(date(2013, 2, 1), date(2013, 7, 31)),)},  # released on the last day that is early enough
            12: {"died_on": date(2013, 8, 20)},
            14: {
                "other_crimes_on": (date(2012, 11, 5),)
            },  # in other months only: in the cohort, with nothing to be measured against
        },
    ),
)
_ADULT = Person(("IOM",), date(1981, 1, 1), before=4, after=2)
_OUTSIDERS = (
    replace(_ADULT, stays=(Stay(date(2013, 1, 7), due_on=date(2013, 8, 1)),), after=0),  # a day too long in custody
    replace(_ADULT, stays=(Stay(date(2013, 3, 1), custody_type="remand"),), after=0),  # on remand: nobody knows how long
    replace(_ADULT, before=0, after=3),  # nothing in the baseline
    replace(_ADULT, joined_on=_DAY_AFTER),
    replace(_ADULT, left_on=FROZEN_ON),
    replace(_ADULT, schemes=("DIP",)),
    replace(_ADULT, schemes=("MAPPA",)),
    replace(_ADULT, schemes=()),
)


def everybody() -> list[Person]:
    """The forty-one people of the cohort, then the others."""
    members = [
        replace(Person(of.schemes, of.born_on, before, after), **of.special.get(place, {}))
        for of in _CLASSES
        for place, (before, after) in enumerate(of.crimes)
    ]
    return [*members, *_OUTSIDERS]
