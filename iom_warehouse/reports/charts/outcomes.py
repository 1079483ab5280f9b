"""Charts of reoffending: changes, shares by horizon, areas beside each other, survival, and how much is known."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from math import sqrt

from matplotlib.axes import Axes

from iom_warehouse.reports import wording
from iom_warehouse.reports.charts.drawing import (
    BLUE,
    GREY,
    ORANGE,
    PALE,
    Chart,
    beside,
    known,
    more_or_fewer,
    number,
    percent_axis,
    shortened,
    title,
    with_intervals,
)
from iom_warehouse.reports.page import Cell, Row, Table

FEWEST_PEOPLE = 10  # below it an area says nothing in a funnel
TWO_SIGMA, THREE_SIGMA = 1.96, 3.09
OF_AREAS = ("By district", "By police division")


def changes(row: Row) -> list[Cell]:
    return [cell for name, cell in row.cells.items() if name.startswith("change_") and cell.is_number]


def _everyone_changed(table: Table) -> list[Row]:
    return [row for row in table.rows if row.is_everyone and changes(row)]


def _change_by_quarter(axes: Axes, rows: Sequence[Row]) -> None:
    """Cumulative change against the baseline with its interval, quarter by quarter, for everyone."""
    cells = changes(rows[0])
    places = range(len(cells))
    axes.axhline(0, color=GREY, linewidth=1.5)
    with_intervals(axes, list(places), cells, vertical=True)
    for place, cell in zip(places, cells, strict=True):
        beside(axes, more_or_fewer(cell.value), place, number(cell), right=10)
    axes.set_xticks(list(places), [f"to the end of\n{cell.period_end:%B %Y}" for cell in cells])
    axes.set_xlim(-0.5, len(cells) - 0.25)
    axes.yaxis.set_major_formatter(lambda value, _: more_or_fewer(wording.rounded(value)))
    title(axes, "Change against the baseline (line: as in the baseline)")


def _everyone_by_horizon(table: Table) -> list[Row]:
    return [row for row in table.rows if row.is_everyone and row.cells["rate"].is_number]


def _rate_by_horizon(axes: Axes, rows: Sequence[Row]) -> None:
    cells = [row.cells["rate"] for row in rows]
    days = [cell.horizon_days or 0 for cell in cells]
    axes.plot(days, [number(cell) for cell in cells], color=BLUE, linewidth=1.5)
    with_intervals(axes, days, cells, vertical=True)
    highest = max(number(cell) for cell in cells)
    for place, cell in zip(days, cells, strict=True):
        beside(axes, cell.text, place, number(cell), right=10, up=-14 if number(cell) > 0.15 * highest else 6)
    axes.set_xticks(days)
    axes.set_ylim(0, None)
    axes.set_xlim(0, max(days) * 1.1)
    percent_axis(axes.yaxis)
    axes.set_xlabel("Days counted since the day that the person entered the cohort")
    title(axes, "Share of people with an event so far")


def _areas(table: Table) -> list[Row]:
    """Everyone, as the mark to measure by, then the areas with enough people."""
    everyone = _everyone_by_horizon(table)[-1:]
    areas = [
        row
        for row in table.rows
        if row.group.startswith(OF_AREAS)
        and row.label != "Not known"
        and row.cells["rate"].is_number
        and number(row.cells["people"]) >= FEWEST_PEOPLE
    ]
    return [*everyone, *areas] if everyone else []


def limits(share: float, people: float, sigma: float) -> tuple[float, float]:
    """Within which the share of so many people lies by chance; shares between 0 and 1."""
    middle, spread = 2 * people * share + sigma**2, sigma * sqrt(sigma**2 + 4 * people * share * (1 - share))
    scale = 2 * (people + sigma**2)
    return (middle - spread) / scale, (middle + spread) / scale


def _outside(rows: Sequence[Row]) -> list[Row]:
    share = number(rows[0].cells["rate"]) / 100
    found = []
    for row in rows[1:]:
        low, high = limits(share, number(row.cells["people"]), THREE_SIGMA)
        if not low <= number(row.cells["rate"]) / 100 <= high:
            found.append(row)
    return found


def _funnel(axes: Axes, rows: Sequence[Row]) -> None:
    """Shares of areas by their numbers of people, between the limits of chance round the share of everyone."""
    share, areas, outside = number(rows[0].cells["rate"]) / 100, rows[1:], _outside(rows)
    most = 1.25 * max(number(row.cells["people"]) for row in areas)
    numbers = [FEWEST_PEOPLE + step * (most - FEWEST_PEOPLE) / 60 for step in range(61)]
    axes.axhline(100 * share, color=GREY, linewidth=1.5)
    for sigma, style in ((TWO_SIGMA, "--"), (THREE_SIGMA, "-")):
        for side in (0, 1):
            axes.plot(numbers, [100 * limits(share, n, sigma)[side] for n in numbers], color=PALE, linestyle=style, linewidth=1.5)
    for row in areas:
        x, y = number(row.cells["people"]), number(row.cells["rate"])
        axes.plot(x, y, "D" if row in outside else "o", color=ORANGE if row in outside else BLUE)
        beside(axes, shortened(row.label), x, y)
    axes.set_xlim(0, most * 1.15)
    axes.set_ylim(0, 100)
    percent_axis(axes.yaxis)
    axes.set_xlabel("People of the area")
    title(axes, "Share of people with an event, by area")


NOT_DRAWN = f"Areas whose share is hidden, or of fewer than {FEWEST_PEOPLE} people, are not drawn."


def _funnel_in_words(_: Table, rows: Sequence[Row]) -> str:
    outside = _outside(rows)
    share = rows[0].cells["rate"].text
    if not outside:
        return (
            f"No area shown is further from the share of everyone ({share}) than chance explains. The areas are no"
            f" ranking. {NOT_DRAWN}"
        )
    above = [row.label for row in outside if number(row.cells["rate"]) > number(rows[0].cells["rate"])]
    below = [row.label for row in outside if row.label not in above]
    said = [f"{wording.listed(names)} {way}" for names, way in ((above, "higher"), (below, "lower")) if names]
    return (
        f"Further from the share of everyone ({share}) than chance explains: {'; '.join(said)}. Areas take on different people."
        f" {NOT_DRAWN}"
    )


def _panels(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    return [(name, list(of_measure)) for name, of_measure in groupby(rows, key=lambda row: row.group)]


def _survival(axes: Axes, rows: Sequence[Row]) -> None:
    """A panel for each measure, one below the other: the share still without an event, from all on day 0."""
    panels = _panels(rows)
    figure = axes.figure
    axes.remove()
    longest = max(row.cells["survival"].horizon_days or 0 for row in rows)
    for place, (name, of_measure) in enumerate(panels, 1):
        own = figure.add_subplot(len(panels), 1, place)
        cells = [row.cells["survival"] for row in of_measure]
        days = [cell.horizon_days or 0 for cell in cells]
        own.plot([0, *days], [100, *(number(cell) for cell in cells)], color=BLUE, linewidth=1.5)
        with_intervals(own, days, cells, vertical=True)
        for day, row in zip(days, of_measure, strict=True):
            cell = row.cells["survival"]
            beside(own, f"{cell.text}, {row.cells['at_risk'].text} followed", day, number(cell), right=7, up=6)
        own.set_ylim(0, 140)
        own.set_xlim(0, longest * 1.25)
        own.set_xticks([0, *days])
        own.set_yticks([0, 50, 100])
        percent_axis(own.yaxis)
        title(own, name)
    own.set_xlabel("Days since the person entered the cohort")


def _maturity(axes: Axes, rows: Sequence[Row]) -> None:
    """What is known as a bar, what is expected beyond it hatched, with its interval."""
    shown = list(reversed(rows))
    places = list(range(len(shown)))
    known_so_far = [number(row.cells["known"]) for row in shown]
    growth = [row.cells["growth"] for row in shown]
    ends = []
    for so_far, cell in zip(known_so_far, growth, strict=True):
        low, high = (so_far * float(end if end is not None else cell.value or 0) / 100 for end in (cell.ci_low, cell.ci_high))
        more = so_far * number(cell) / 100
        ends.append((so_far + more, max(more - low, 0), max(high - more, 0)))
    axes.barh(places, known_so_far, height=0.5, color=BLUE)
    rest = [end - so_far for (end, _, _), so_far in zip(ends, known_so_far, strict=True)]
    axes.barh(places, rest, left=known_so_far, height=0.5, color=PALE, hatch="//", edgecolor="white", linewidth=0)
    errors = [[end[side] for end in ends] for side in (1, 2)]
    axes.errorbar([end for end, _, _ in ends], places, xerr=errors, fmt="none", ecolor=GREY, capsize=4, elinewidth=1.5)
    for place, row, (end, _, above) in zip(places, shown, ends, strict=True):
        beside(axes, f"{row.cells['known'].text} known, {row.cells['growth'].text} to come", end + above, place)
    axes.set_yticks(places, [_wrapped(row.label) for row in shown], fontsize=9)
    axes.set_xlim(0, 1.6 * max(end + above for end, _, above in ends))
    axes.grid(visible=False, axis="y")
    title(axes, "Events known so far (solid) and still expected (hatched)")


def _wrapped(name: str) -> str:
    return "\n".join(list(_lines(name, 34))[:3])


def _lines(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            yield line
            line = ""
        line = f"{line} {word}".strip()
    yield line


CHARTS: Mapping[str, Chart] = {
    "change_by_quarter": Chart(
        _everyone_changed, lambda _: 3.2, _change_by_quarter,
        "Everyone in the cohort. Points: change so far against as much of the baseline; whiskers: 95% interval.",
    ),
    "rate_by_horizon": Chart(
        _everyone_by_horizon, lambda _: 3.2, _rate_by_horizon,
        "Everyone in the cohort. Points: people with an event by that day; whiskers: 95% interval (Wilson).",
    ),
    "funnel": Chart(
        _areas, lambda _: 3.6, _funnel,
        "Grey line: everyone. An area of few people strays far by chance: beyond the dashed lines one in twenty, beyond the solid"
        " ones one in five hundred. A diamond lies outside of the solid lines.",
        _funnel_in_words, 3,
    ),
    "survival": Chart(
        known("survival"), lambda rows: 0.5 + 1.9 * len(_panels(rows)), _survival,
        "From everyone on the first day. Points: share still without an event by that day; whiskers: 95% interval; beside"
        " them how many were still followed without one.",
    ),
    "maturity": Chart(
        known("known", "growth"), lambda rows: 0.9 + 0.65 * len(rows), _maturity,
        "Whiskers: 95% interval of what is expected in the end.",
    ),
}  # fmt: skip
