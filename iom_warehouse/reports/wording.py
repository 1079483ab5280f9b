"""Numbers in words that cannot be read the wrong way round: a change says more or fewer, not only plus or minus."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from iom_warehouse.disclosure import Cell, Decision, ReleasedRow
from iom_warehouse.disclosure.control import HIDDEN
from iom_warehouse.disclosure.tables import Interval, InWords

MINUS = "−"
HIDDEN_NUMBER = "a hidden number"
NOT_KNOWN = "Not known"
AT_THE_START = re.compile(r"(?:^|(?<=[.!?] ))(?:a(?= hidden number)|f(?=ewer than ))")
# Short words for a finding, and what it means.
FINDINGS = {
    "no_people": ("nobody counted", "nobody of this group is in the cohort"),
    "small_n": ("few people", "fewer than 10 people: one of them can move the figure a long way"),
    "events_never_delivered": ("events not delivered", "the feed that the events come from has never been delivered"),
    "cohort_not_delivered": (
        "people missing",
        "what says who is in the cohort was not delivered up to the day of its freeze, or the last on which somebody enters",
    ),
    "period_not_over": ("not over", "the period was not over when the data were taken"),
    "provisional": ("provisional", "offences of the period can still become known or be proved"),
    "follow_up_incomplete": (
        "{} not followed to the end",
        "people whose time since they entered the cohort is shorter than the follow-up",
    ),
    "predicted_here": (
        "{} predicted from the record",
        "people without an official score, for whom OGRS3 was worked out from the police record: no official figure",
    ),
    "baseline_zero": ("baseline is nought", "nothing was counted in the baseline, so no change can be given"),
    "records_begin_later": (
        "records begin later",
        "the records of what is counted begin in a later month than the baseline, so that it is too low",
    ),
    "baseline_with_same_lag": (
        "baseline {} at the same lag",
        "what the baseline would have been, had it been counted as soon after its end as the follow-up was",
    ),
    "regression_to_the_mean": (
        "chosen at their worst",
        "people were chosen when they offended most; such offending tends to fall by itself (regression to the mean)",
    ),
    "many_cells": ("one of {} groups", "so many groups are compared; one in twenty looks unusual by chance"),
    "whole_percentages": ("fewer than 200 people", "percentages of so few people have no decimals"),
    "year_not_over": ("year not over", "the year was not over when the data were taken"),
    "detections_to_come": ("detections to come", "crimes of the year are still being cleared up; what was detected is not final"),
    "year_not_complete": ("year not complete", "records or data do not cover the whole year, so it is compared with no other"),
    "series_break": (
        "counted in another way since: {}",
        "from a day within the time compared on something is counted in another way; series_breaks.csv says what under that name",
    ),
    "listed_later": (
        "{} listed later",
        "people whom the records put on the list only by what was delivered after it was frozen",
    ),
    "taken_off_later": (
        "{} taken off the list later",
        "people who were on the list when it was frozen, and are not by what was delivered since",
    ),
    "cost_not_complete": ("costs not complete", "a part of the programme's cost is not configured"),
    "nobody_managed": ("nobody managed", "nobody was on a scheme of the programme in the year"),
    "no_central_unit_cost": ("no cost of a crime", "what a crime of a kind costs is not configured"),
    "costs_no_more": ("costs no more", "it cost no more than what it took the place of, so no crime has to be avoided"),
    "no_baseline_crime": ("no crime in the baseline", "nothing was counted in the baseline, so no crimes have a cost"),
    "price_years_differ": ("prices of other years", "the costs set beside each other are in prices of different years"),
    "more_than_expected_crimes": (
        "more than were expected",
        "the programme costs more than all the crimes expected of the cohort",
    ),
    "comparison_is_no_effect": (
        "set beside people like them",
        "people of another cohort stand beside, alike in sex, age and earlier offending only: the difference is no effect",
    ),
    "unmatched": ("{} with nobody like them", "people for whom the comparison cohort has nobody of the same kind"),
    "nobody_matched": ("nobody like them", "the comparison cohort has nobody of the same kind as any of these people"),
    "late_results": (
        "late results?",
        "a quarter's own count lies further from its share of the baseline than chance explains, as when results come late",
    ),
}
UNDER = {"small_n": 10, "whole_percentages": 200}  # findings that say of the people of a row that they are fewer
NAMING = ("series_break",)  # findings with a name behind them, which may be all digits, and no count
GROUPS = {
    "all": "", "division": "By police division", "district": "By district", "sex": "By sex", "age_band": "By age at the start",
    "scheme": "By scheme (a person on two is in both)",
}  # fmt: skip
AGE_BANDS = ("under 16", "16-17", "18-24", "25-29", "30-39", "40-49", "50 and over")  # in their order
FEEDS = {"dip": "DIP", "hub": "Hub", "police": "Police", "prison": "Prison", "probation": "Probation"}
VALUES = {
    "sex": {"M": "Male", "F": "Female", "U": "Not recorded"},
    "scheme": {
        "none": "On no scheme", "TF": "Troubled Families", "any": "All schemes", "dip_episode": "Episodes of drug services",
    },
    "age_band": {"under 16": "Under 16"},
}


def rounded(value: Any, decimals: int = 0) -> Decimal | None:
    """Half away from nought; None stays None."""
    if value is None:
        return None
    found = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return found if found else abs(found)  # no minus nought


def shortest(value: Any) -> Decimal | None:
    """Without the noughts at its end that only say how it was kept; None stays None."""
    if value is None:
        return None
    found = Decimal(str(value))
    return found.to_integral_value() if found == found.to_integral_value() else found.normalize()


def to_two_figures(value: Any) -> Decimal | int | None:
    """The first two figures of a number, as of an estimate that is no surer; None stays None."""
    if value is None:
        return None
    found = Decimal(str(value))
    two = found.quantize(Decimal(1).scaleb(found.adjusted() - 1), ROUND_HALF_UP)
    return int(two) if two == two.to_integral_value() else two


def interval(low: Any, high: Any, decimals: int = 0) -> Interval | None:
    first, last = rounded(low, decimals), rounded(high, decimals)
    return None if first is None or last is None else (first, last)


def as_percent(share: Any) -> Any:
    """A share between 0 and 1 in per cent; None stays None."""
    return None if share is None else 100 * share


def signed(value: Decimal) -> str:
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{abs(value)}"


def with_sign(cell: Cell, _: InWords) -> str:
    """A difference, or a mean change, with its sign."""
    return signed(Decimal(str(cell.value)))


def interval_with_signs(cell: Cell, _: InWords) -> str:
    assert cell.interval
    return " to ".join(map(signed, cell.interval))


def more_or_fewer(value: Decimal) -> str:
    """A change in per cent without sign: 16% fewer."""
    return f"{abs(value)}% {'more' if value > 0 else 'fewer'}" if value else "no change"


def compared(value: Decimal) -> str:
    """The same before what it is compared with: 16% fewer than (in the year before), as many as."""
    return f"{more_or_fewer(value)} than" if value else "as many as"


def change(cell: Cell, _: InWords) -> str:
    """A change in per cent, with sign and word: −16% (fewer)."""
    value = Decimal(str(cell.value))
    return f"{signed(value)}% ({'more' if value > 0 else 'fewer'})" if value else "0% (no change)"


def change_interval(cell: Cell, _: InWords) -> str:
    assert cell.interval
    return " to ".join(more_or_fewer(end) for end in cell.interval)


def percentage(cell: Cell, _: InWords) -> str:
    return f"{cell.value}%"


def percentage_interval(cell: Cell, _: InWords) -> str:
    assert cell.interval
    return f"{cell.interval[0]}% to {cell.interval[1]}%"


def plain_interval(cell: Cell, _: InWords) -> str:
    assert cell.interval
    return f"{cell.interval[0]} to {cell.interval[1]}"


def findings(cell: Cell, in_words: InWords) -> str:
    """The findings of a mart's row (code or code=count, `; ` between), with counts as the audience may see them.

    That people are few is said only to whoever may see how many they are: beside a hidden or a rounded count it would be one
    more bound, whether it is said or not. A count within a finding is said to whoever sees every count: no table ties those of
    groups to that of the whole, so for anybody else one could be taken from the other.
    """
    codes = str(cell.value).split("; ")
    sees_all = in_words(1) == "1"
    return "; ".join(
        _finding(code, in_words if sees_all else _hidden) for code in codes
        if code not in UNDER or in_words(UNDER[code]) == str(UNDER[code])
    )  # fmt: skip


def _hidden(_: int) -> str:
    return HIDDEN


def _finding(code: str, in_words: InWords) -> str:
    name, _, count = code.partition("=")
    is_count = count.isdigit() and name not in NAMING
    return FINDINGS.get(name, (code, ""))[0].format(in_words(int(count)) if is_count else count)


def day(value: date | None) -> str:
    return f"{value.day} {value:%B %Y}" if value else "no day"


def days(first: date | None, last: date | None) -> str:
    return f"{day(first)} to {day(last)}"


def group_label(group_by: str, value: str, areas: dict[str, str]) -> str:
    """Name of a group: an area's name, a word for a code, or the code itself. An area that nobody lists is not called by its
    code, which may be anything."""
    if value == "all":
        return "Everyone"
    if value == "unknown":
        return NOT_KNOWN
    if group_by in ("division", "district"):
        return areas.get(value, NOT_KNOWN)
    return VALUES.get(group_by, {}).get(value, plain_words(value))


def group_order(group_by: str, value: str) -> int:
    """The place of a group among those of its kind: ages go up, those not known come last, all others by their names."""
    if value == "unknown":
        return len(AGE_BANDS)
    return AGE_BANDS.index(value) if group_by == "age_band" and value in AGE_BANDS else 0


def feed(name: str) -> str:
    """A feed as it is called among people."""
    return FEEDS.get(name, plain_words(name).capitalize())


def plain_words(code: str) -> str:
    """A code, such as of an offence set, as words."""
    return re.sub("_", " ", code)


def ages_together(bands: Sequence[str]) -> str:
    """Age bands that follow each other, as one: 18-24 and 25-29 are 18 to 29."""
    first, last = (re.findall(r"\d+", band) for band in (bands[0], bands[-1]))
    if bands[0].startswith("under"):
        return f"Under {int(last[-1]) + 1}"
    return f"{first[0]} and over" if bands[-1].endswith("over") else f"{first[0]} to {last[-1]}"


def age_order(band: str) -> int:
    """Of age bands, from the youngest on."""
    return 0 if band.startswith("under") else int(re.findall(r"\d+", band)[0])


def areas_together(names: Sequence[str], level: str) -> str:
    """Areas of a level as one: Ashby and Brackley districts."""
    return f"{listed(sorted(names))} {level}s"


def decimals_for(people: int | None) -> int:
    """Percentages of fewer than 200 people have no decimals."""
    return 0 if (people or 0) < 200 else 1


def listed(words: list[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def counted(cell: Decision, one: str, several: str) -> str:
    """A released count with what it counts: 1 person, 44 people, fewer than 5 people, a hidden number of people."""
    between = " of " if cell.text == HIDDEN_NUMBER else " "
    return f"{cell.text}{between}{one if cell.value == 1 else several}"


def of_those(rows: Iterable[ReleasedRow], *columns: str) -> str:
    """Words behind a superlative where one of what it is of is hidden; else none."""
    is_any_hidden = any(row.cells[name].is_hidden for row in rows for name in columns)
    return " of those that can be shown" if is_any_hidden else ""


def most(rows: Iterable[ReleasedRow], column: str, *beside: str) -> ReleasedRow | None:
    """The row with most in a column, of those that show it and what stands `beside` it; none where that is nought."""
    shown = [row for row in rows if all(row.cells[name].value is not None for name in (column, *beside))]
    largest = max(shown, key=lambda row: row.cells[column].value or 0, default=None)
    return largest if largest and largest.cells[column].value else None


def doing(cell: Decision, one: str, several: str) -> str:
    """A released count with what those counted do: 1 waits, 44 wait, fewer than 5 wait."""
    return f"{cell.text} {one if cell.value == 1 else several}"


def in_brackets(share: Decision, of: str = "") -> str:
    """A share behind the count that it is of, as in ` (38% of those known)`; nothing where none is shown."""
    return "" if share.value is None else f" ({' '.join(filter(None, (share.text, of)))})"


def of_the(cell: Decision) -> str:
    """A released count as the whole of something: the 44, fewer than 5, a hidden number."""
    return cell.text if cell.is_hidden else f"the {cell.text}"


def sentences(text: str) -> str:
    """Sentences with a capital each where they begin with a hidden number."""
    return AT_THE_START.sub(lambda found: found[0].upper(), text)


def number(count: int, one: str, several: str) -> str:
    """No deliveries were, 1 delivery was, 2 deliveries were."""
    return f"{'No' if not count else f'{count:,}'} {one if count == 1 else several}"
