"""What one release showed is known by the same name in the next, so that nobody subtracts one from the other."""

from dataclasses import replace
from datetime import date

from measures_by_hand import against_baseline, measure

from iom_warehouse.disclosure import Audience, Seen, Shown, Table, control_all, known
from iom_warehouse.reports import static_cohort
from iom_warehouse.reports.measures import Measure

BOARD = Audience("board", min_count=5, min_denominator=10, flag_denominator=30)
ENDS = (date(2013, 6, 30), date(2013, 9, 30), date(2013, 12, 31))


def by_quarter(counts: list[int], until: date, people: int = 60, version: str = "1") -> Measure:
    """Everyone's cumulative count of each quarter, as known on a night; the baseline is 130."""
    facts = [
        against_baseline("all", people, 130, count, period_start=date(2013, 4, 1), period_end=end, horizon_days=None,
                         data_cut=until, findings=None) | {"group_by": "all"}
        for end, count in zip(ENDS, counts, strict=True)
    ]  # fmt: skip
    return measure(*facts, comparison="pro_rata_baseline", period="quarter", version=version)


def released(table: Table, before: dict[str, int]) -> tuple[dict[str, str], dict[str, int]]:
    """Texts of everyone's row beside what the board was shown before, and with that all that it was shown exactly."""
    counts = {table.fact(place): count for place, count in table.counts.items()}
    seen = Seen(shown=known({name: Shown([count]) for name, count in before.items()}, counts, BOARD))
    [shown] = control_all([table], BOARD, {name: [count] for name, count in before.items()}, seen)
    [row] = shown.rows
    exactly = {name: int(row.cells[column].value or 0) for column, name in row.facts.items()
               if column in row.cells and row.cells[column].status == "shown"}  # fmt: skip
    return {name: cell.text for name, cell in row.cells.items()}, before | exactly


def test_a_quarter_that_added_few_is_not_subtracted_from_the_total_before():
    """The board saw 60 by September. By December it is 63: it would tell that the third quarter added three."""
    counts = [27, 60, 63]
    then, shown = released(static_cohort.draft(by_quarter(counts, ENDS[1])).table, {})
    assert then["total"] == "60"
    now, _ = released(static_cohort.draft(by_quarter(counts, ENDS[2])).table, shown)
    assert now["total"] == "c"
    assert (now["people"], now["baseline"]) == ("60", "130"), "no other count than was shown before"


def test_people_who_came_since_the_last_quarter_are_not_subtracted():
    _, shown = released(static_cohort.draft(by_quarter([27, 60, 90], ENDS[1])).table, {})
    now, _ = released(static_cohort.draft(by_quarter([27, 60, 90], ENDS[2], people=62)).table, shown)
    assert now["people"] == "c"


def test_a_second_version_in_force_forgets_nothing_of_the_first():
    """Its table then has another name, and its counts have the same: 62 people beside the 60 that the board saw."""
    first = by_quarter([27, 60, 90], ENDS[1])
    _, shown = released(static_cohort.draft(first).table, {})
    beside_another = replace(by_quarter([27, 60, 90], ENDS[1], people=62), is_only_version=False)
    assert beside_another.name != first.name
    now, _ = released(static_cohort.draft(beside_another).table, shown)
    assert now["people"] == "c"
    of_another, _ = released(static_cohort.draft(by_quarter([27, 60, 90], ENDS[1], people=62, version="2")).table, shown)
    assert of_another["people"] == "62", "another version counts in another way"
