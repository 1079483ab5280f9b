"""What one release showed is known by the same name in the next, so that nobody subtracts one from the other."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from audiences import BOARD
from measures_by_hand import against_baseline, fact, measure

from iom_warehouse.disclosure import ReleasedRow, Seen, Shown, Table, control_all, known
from iom_warehouse.reports import alcohol, follow_up, service_outcomes, static_cohort
from iom_warehouse.reports.measures import Measure
from iom_warehouse.reports.scope import Scope, beginning

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
    [row], exactly = rows_released(table, before)
    return {name: cell.text for name, cell in row.cells.items()}, exactly


def rows_released(table: Table, before: dict[str, int]) -> tuple[tuple[ReleasedRow, ...], dict[str, int]]:
    counts = {table.fact(place): count for place, count in table.counts.items()}
    seen = Seen(shown=known({name: Shown([count]) for name, count in before.items()}, counts, BOARD))
    [shown] = control_all([table], BOARD, {name: [count] for name, count in before.items()}, seen)
    exactly = {name: int(row.cells[column].value or 0) for row in shown.rows for column, name in row.facts.items()
               if column in row.cells and row.cells[column].status == "shown"}  # fmt: skip
    return shown.rows, before | exactly


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


def taken_in(last: date, people: int, with_event: int, events: int, **more: Any) -> Measure:
    """A cohort without a last day, as far as it has taken people in."""
    of_everyone = fact("all", "all", people, with_event, events, rate=None, ci_low=None, ci_high=None, period_end=last, **more)
    return replace(measure(of_everyone), cohort={"kind": "index", "index_from": ENDS[0], "index_to": None})


def test_a_person_who_came_into_a_cohort_that_is_open_is_not_subtracted() -> None:
    """40 people, 12 with an event, 30 events; two came in since, one of them with an event, and one event."""
    _, shown = released(follow_up.draft(taken_in(ENDS[1], 40, 12, 30)).table, {})
    now, _ = released(follow_up.draft(taken_in(ENDS[2], 42, 13, 31)).table, shown)
    assert [now[name] for name in ("people", "with_event", "events")] == ["c", "c", "c"]


def test_nor_where_the_cohort_is_set_beside_a_prediction() -> None:
    def table(last: date, people: int, with_event: int) -> Table:
        measured = taken_in(last, people, with_event, 60, expected_count=20, period_start=ENDS[0])
        return static_cohort.draft(replace(measured, definition={**measured.definition, "comparison": "expected"})).table

    _, shown = released(table(ENDS[1], 40, 12), {})
    now, _ = released(table(ENDS[2], 42, 13), shown)
    assert (now["people"], now["total"]) == ("c", "c")


def outcomes(day: date, **counts: int) -> Table:
    """What became of 200 referrals to services up to a day, of whom each is of another person."""
    row = {
        "service_by": "all", "service_group": "all", "n_referred": 200, "n_people": 200, "n_started": 150, "n_completed": 80,
        "n_partly": 20, "n_dropped_out": 30, "completion": None, "completion_low": None, "completion_high": None,
        "cost_per_completion": None, "starters_rearrested_share": None, "completers_rearrested_share": None,
        "starters_low": None, "starters_high": None, "completers_low": None, "completers_high": None,
        "n_completers_followed": 20, "n_completers_rearrested": 6, "data_cut": day,
    } | counts  # fmt: skip
    row["n_people_followed"] = row["n_starters_followed"]
    source: Any = SimpleNamespace(business_date=day, mart=lambda *_, **__: [row])
    return service_outcomes.draft(source, Scope(beginning("quarter", date(day.year, day.month - 2, 1))), "services").table


def test_one_more_who_started_a_service_is_not_subtracted() -> None:
    """32 starters, of whom 12 were re-arrested, then 33 and 13, while those who completed stay the same."""
    _, shown = released(outcomes(ENDS[1], n_starters_followed=32, n_starters_rearrested=12), {})
    now, _ = released(outcomes(ENDS[2], n_starters_followed=33, n_starters_rearrested=13), shown)
    assert (now["starters"], now["starters_again"]) == ("c", "c")
    assert (now["completers"], now["referred"]) == ("20", "200"), "no other count than was shown before"


def screened(quarter: int, months: int, again: int) -> dict[str, Any]:
    """Of fifty screened positive in a quarter of 2012 forty are followed."""
    of = beginning("quarter", date(2012, 3 * quarter - 2, 1))
    return {
        "area_level": "all", "area": "all", "brief_intervention": "all", "horizon_months": months, "period_start": of.first,
        "period_end": of.last, "data_cut": date(2013, 12, 31), "status": "final", "n_positive": 50, "n_clients": 50,
        "n_not_followed": 10, "n_not_matured": 0, "n_followed": 40, "n_rearrested": again, "share_rearrested": again / 40,
        "ci_low": 0.1, "ci_high": 0.6,
    }  # fmt: skip


def arrested_again(shown_before: dict[str, int], *facts: dict[str, Any]) -> tuple[dict[str, list[str]], dict[str, int]]:
    """What the board sees of who was followed and arrested again, and all that it was shown exactly."""
    source: Any = SimpleNamespace(mart=lambda *_, **__: list(facts))
    table = alcohol._again(source, Scope(beginning("quarter", date(2013, 4, 1))), "drug_services").table
    rows, exactly = rows_released(table, shown_before)
    return {row.key: [row.cells[name].text for name in ("followed", "again")] for row in rows}, exactly


def test_two_who_were_arrested_again_in_the_second_half_of_the_year_do_not_follow():
    """Twelve of those of the second quarter within six months, fourteen within twelve, in the report of two quarters later."""
    then, shown = arrested_again({}, screened(2, 6, 12))
    assert then == {"6:all": ["40", "12"]}
    both = screened(2, 6, 12), screened(4, 6, 15)
    assert arrested_again(shown, *both, screened(2, 12, 14))[0] == {"6:all": ["40", "15"], "12:all": ["40", "c"]}
    for later in (12, 20):
        assert arrested_again(shown, *both, screened(2, 12, later))[0]["12:all"] == ["40", str(later)]
