"""How a measure counts, in words: the parameters that are stored with its figures are codes of the configuration."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from iom_warehouse.reports import measures, wording

UNITS = {
    "offence": "every offence", "occasion": "occasions: one arrest, or one appearance in court, is one whatever was behind it",
    "distinct_crime": "crimes, each once however many people did it",
}  # fmt: skip
DATES = {"offence": "the day on which it was done", "known": "the day on which it became known"}
CLOCKS = {"calendar": "days of the calendar", "at_liberty": "days at liberty: those in custody are not counted"}
COMPARISONS = {
    "none": "nothing: the share of people is given as it is", "pro_rata_baseline": "as long a part of the baseline",
    "same_months_prior_year": "the same months a year before", "expected": "what was predicted from the people's records",
}  # fmt: skip
PERIODS = {"quarter": "quarter by quarter, added up from the first day", "none": "once, at the end"}


def _months(value: str) -> str:
    return wording.number(int(value), "month", "months").lower()


def _day(value: str) -> str:
    return wording.day(date.fromisoformat(value))


def _is(value: str) -> bool:
    return value.casefold() == "true"


# Title and words of each parameter, in the order in which they are read.
WORDS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "event_kind": ("What is counted", lambda value: measures.EVENTS.get(value, wording.plain_words(value))),
    "offence_set": ("Only offences of the set", wording.plain_words),
    "count_unit": ("Counted are", lambda value: UNITS.get(value, value)),
    "date_basis": ("Dated by", lambda value: DATES.get(value, value)),
    "exclude_breach": ("Breaches of an order", lambda value: "left out" if _is(value) else "counted"),
    "index_day_counts": ("The day of entry itself", lambda value: "counts" if _is(value) else "does not count"),
    "baseline_from": ("Baseline from", _day),
    "baseline_to": ("Baseline to", _day),
    "follow_up_from": ("Follow-up from", _day),
    "follow_up_to": ("Follow-up to", _day),
    "follow_up_days": ("Follow-up of each person", lambda value: f"{int(value):,} days"),
    "follow_up_months": ("Follow-up of each person", _months),
    "horizons": ("Shown by day", lambda value: wording.listed(value.split(";"))),
    "clock": ("Days that count", lambda value: CLOCKS.get(value, value)),
    "waiting_months": ("Proved within", lambda value: f"{_months(value)} after the follow-up"),
    "maturity_months": ("Provisional until", lambda value: f"{_months(value)} after the follow-up"),
    "comparison": ("Set beside", lambda value: COMPARISONS.get(value, value)),
    "target_pct": ("Reduction aimed at", lambda value: f"{value}%"),
    "period": ("Shown", lambda value: PERIODS.get(value, value)),
}


def in_words(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Title and words of each parameter of a measure that is known here, in their order; then the others as they are.

    Where a measure is shown by days, when it is shown at all needs no line of its own.
    """
    left_out = {"period"} if "horizons" in parameters else set()
    for name, (title, words) in WORDS.items():
        if name in parameters and name not in left_out:
            yield title, words(str(parameters[name]))
    for name in sorted(parameters.keys() - WORDS.keys()):
        yield wording.plain_words(name).capitalize(), str(parameters[name])
