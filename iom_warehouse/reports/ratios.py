"""What a share or a change would say of two counts: for disclosure control, which asks which other counts would be shown alike.

The figures themselves come from the marts. These repeat their formulas (`statistics.wilson_interval` and
`statistics.count_ratio_interval`) and their rounding.
"""

from decimal import Decimal
from math import exp, log, sqrt

from iom_warehouse.disclosure import Interval, Says
from iom_warehouse.reports import wording

Z = 1.959964


def share(part: int, whole: int) -> tuple[Decimal | None, Interval | None]:
    """A share in per cent with Wilson's interval; nothing for nobody."""
    if not whole:
        return None, None
    decimals = wording.decimals_for(whole)
    _, low, high = wilson(part, whole)
    return wording.rounded(100 * part / whole, decimals), wording.interval(
        wording.as_percent(low), wording.as_percent(high), decimals
    )


def wilson(part: int | None, whole: int | None) -> tuple[float | None, float | None, float | None]:
    """A share and the ends of Wilson's interval, between 0 and 1; nothing for nobody, or where it is not known of how many."""
    if part is None or not whole:
        return None, None, None
    part, whole = int(part), int(whole)
    spread = Z * sqrt(Z * Z + 4 * part * max(0.0, 1 - part / whole))
    low, high = ((2 * part + Z * Z + sign * spread) / (2 * (whole + Z * Z)) for sign in (-1, 1))
    return part / whole, low, high


def each(decimals: int) -> Says:
    """How many events there were for each person."""
    return lambda events, people: (wording.rounded(events / people, decimals) if people else None, None)


def survival(part: int, whole: int) -> tuple[Decimal | None, Interval | None]:
    """The share in per cent of those without an event, with Greenwood's interval on the log-log scale, where all are followed."""
    if not whole:
        return None, None
    decimals, left = wording.decimals_for(whole), 1 - part / whole
    shown = wording.rounded(100 * left, decimals)
    if not 0 < left < 1:
        return shown, (wording.interval(100, 100, decimals) if left else None)
    spread = Z * sqrt(part / (whole * (whole - part))) / -log(left)
    low, high = (100 * left ** exp(sign * spread) for sign in (1, -1))
    return shown, wording.interval(low, high, decimals)


def change(count: int, before: int) -> tuple[Decimal | None, Interval | None]:
    """A change in per cent, with as many decimals as a share of those before."""
    if not before:
        return None, None
    return wording.rounded(Decimal(100 * (count - before)) / before, wording.decimals_for(before)), None


def change_from(baseline_share: float) -> Says:
    """A change in per cent from a baseline of which that share lasts as long, with the interval of the ratio."""

    def change(count: int, baseline: int) -> tuple[Decimal | None, Interval | None]:
        if not baseline or not baseline_share:
            return None, None
        ratio = count / (baseline * baseline_share)
        changed = wording.rounded(round(100 * ratio - 100, 9))  # to nine decimals first, as in the marts
        if not count:
            return changed, None
        spread = 1.96 * sqrt(1 / baseline + 1 / count)
        low, high = (100 * (exp(log(ratio) + sign * spread) - 1) for sign in (-1, 1))
        return changed, wording.interval(low, high)

    return change


def change_from_expected(expected: float, spread: float) -> Says:
    """A change in per cent from an expected number that is shown itself."""

    def change(count: int, _: int) -> tuple[Decimal | None, Interval | None]:
        if not expected:
            return None, None
        low, high = (100 * ((count + sign * spread) / expected - 1) for sign in (-1, 1))
        return wording.rounded(round(100 * count / expected - 100, 9)), wording.interval(low, high)

    return change


def only_interval(says: Says) -> Says:
    """Of a column that shows the interval alone."""
    return lambda part, whole: (None, says(part, whole)[1])


def only_value(says: Says) -> Says:
    """Of a column that shows the value alone."""
    return lambda part, whole: (says(part, whole)[0], None)
