"""A person whom a cohort took several times is one of the people of whom a count may not be too few."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from audiences import BOARD, PUBLIC
from measures_by_hand import against_baseline, fact, measure

from iom_warehouse.disclosure import Audience, Bounds, Cell, Row, Seen, Table, control, control_all
from iom_warehouse.reports import (
    acquisitive_crime,
    drug_services,
    figures,
    follow_up,
    measures,
    needs_at_release,
    order_ends,
    referrals,
    service_access,
    static_cohort,
    young_adults,
)
from iom_warehouse.reports.scope import Scope, beginning


def texts(table: Table, *names: str) -> list[str]:
    """What the board sees in columns of the first row."""
    return [control(table, BOARD).rows[0].cells[name].text for name in names]


@pytest.mark.parametrize(
    ("with_event", "behind", "shown"),
    [
        (20, {}, ["40", "20", "50%", "30"]),
        (20, {"n_distinct_people": 4, "n_distinct_with_event": 3}, ["c", "c", "c", "c"]),
        (40, {"n_distinct_people": 9, "n_distinct_with_event": 9}, ["40", "40", "c", "30"]),  # a share of fewer than ten people
        (20, {"n_distinct_people": 12}, ["40", "c", "c", "30"]),  # the 20 without an event may be entries of one person
        (20, {"n_distinct_people": 30, "most_entries": 21}, ["c", "20", "c", "30"]),
        (20, {"n_distinct_people": 30, "most_entries_with_event": 11}, ["40", "c", "c", "30"]),
        (20, {"n_distinct_people": 30, "most_events": 16}, ["40", "20", "50%", "c"]),
    ],
    ids=["each once", "four people", "nine people", "the rest of one", "mainly one", "mainly one with an event", "mainly of one"],
)
def test_entries_of_few_people_are_hidden(with_event: int, behind: dict[str, Any], shown: list[str]) -> None:
    rows = fact("all", "all", 40, with_event, 30, rate=with_event / 40, **behind)
    assert texts(follow_up.draft(measure(rows)).table, "people", "with_event", "rate", "events") == shown


def test_a_change_beside_a_baseline_is_of_the_people_behind_it() -> None:
    def shown(**behind: Any) -> list[str]:
        rows = against_baseline("A", 40, 60, 20, **behind)
        table = static_cohort.draft(measure(rows, comparison="pro_rata_baseline")).table
        return texts(table, "people", "baseline", "total")

    assert shown() == ["40", "60", "20"]
    assert shown(n_distinct_people=4, n_distinct_eligible=3, n_distinct_with_event=2) == ["c", "c", "c"]


@pytest.mark.parametrize(
    ("entries", "people", "most"), [(7, 7, 4), (9, 4, 8)], ids=["each once", "somebody twice: in both, perhaps"]
)
def test_people_of_groups_that_are_joined(entries: int, people: int, most: int) -> None:
    """Three people in A and four in B. Where somebody entered twice, they may be four in all, and the most active in both."""
    facts = [against_baseline("A", 3, 20, 6), against_baseline("B", 4, 40, 15)]
    of_all = fact("all", "all", entries, 7, 21, n_distinct_people=7)
    table = static_cohort.draft(measure(of_all, *facts, comparison="pro_rata_baseline")).table
    row: Row = table.groupings[1].together(("district:A", "district:B"))
    assert (row.cells["total"].people, row.cells["total"].most) == (people, most)


def test_rows_without_their_uncertainty_count_each_entry_as_a_person() -> None:
    place = {"measure_id": "m", "measure_version": "1"}
    summary = [fact("all", "all", 40, 20, 30, **place), fact("district", "A", 30, 15, 20, **place)]
    known = {name: summary[0][name] for name in ("group_by", "group_value", "period_end", "horizon_days")}
    both = measures.with_people_behind(summary, [place | known | {"n_distinct_people": 12, "most_events": 9}])
    assert [(row["n_distinct_people"], row["n_distinct_with_event"], row["most_events"]) for row in both] == [
        (12, 20, 9), (30, 15, None),
    ]  # fmt: skip


def test_agencies_that_were_joined_referred_as_many_people_as_each_of_them():
    """Six referrals of two agencies, of two people each: a count of four."""
    of_both = {
        "is_complete": True, "period_start": None, "period_end": None, "data_cut": None, "median_days_to_decision": 3,
        "p90_days_to_decision": 9, **dict.fromkeys(referrals.COUNTS.values(), 3),
        **dict.fromkeys(referrals.PEOPLE.values(), 2),
    }  # fmt: skip
    agencies = {"NHS": "Health", "PRI": "Prisons"}
    [grouping] = referrals._groupings([of_both | {"referring_agency": agency} for agency in agencies], agencies)
    cells = grouping.together(tuple(agencies)).cells
    assert [(cells[name].value, cells[name].people) for name in ("made", "decided")] == [(6, 4), (6, 4)]
    assert (cells["share"].denominator, cells["share"].of_people, cells["median"].of_people) == (6, 4, 4)


@pytest.mark.parametrize(
    ("count", "of", "people", "behind"),
    [(20, 40, 40, 20), (20, 40, 25, 5), (20, 40, 10, 1), (0, 40, 10, 0), (6, 20, 26, 1)],
    ids=["each once", "fifteen too many, all among them", "not less than one", "nobody", "several behind one event"],
)
def test_people_behind_a_part_of_the_events(count: int, of: int, people: int, behind: int) -> None:
    assert figures.at_least(count, of, people) == behind


def test_orders_of_few_people_are_hidden() -> None:
    """Twenty orders that ended, of six people: five that went well can be those of one of them."""
    order = {
        "outcome": "employed", "order_type": "all", "area_level": "all", "area": "all", "period_start": None, "period_end": None,
        "data_cut": None, "is_complete": True, "n_ended": 20, "n_reached": 5, "n_not_reached": 15, "n_unknown": 0, "share": 0.25,
        "ci_low": 0.1, "ci_high": 0.5,
    }  # fmt: skip

    def shown(people: int) -> list[str]:
        row = order_ends._row(order | {"n_people": people})
        return texts(Table("t", "", order_ends.COLUMNS, (row,)), "ended", "reached", "share")

    assert shown(20) == ["20", "5", "25%"]
    assert shown(6) == ["20", "c", "c"]
    assert shown(4) == ["c", "c", "c"]


def test_other_releases_of_people_who_had_a_short_sentence_too() -> None:
    """Six other releases of two people, who are among the eight after a short sentence: as far as is known, of one at least."""
    place = {"area_level": "all", "area": "all", "group_by": "all", "group_value": "all", "period_start": None,
             "period_end": None, "is_complete": True, "data_cut": None}  # fmt: skip
    counts = {"n_settled": 4, "n_temporary": 0, "n_none": 0, "n_unknown": 0}
    every = place | {"sentence_group": "all", "n_releases": 14, "n_people": 8} | counts | {"n_settled": 14}
    short = place | {"sentence_group": "under_12_months", "n_releases": 8, "n_people": 8} | counts | {"n_settled": 8}
    row = needs_at_release._home(needs_at_release._without(every, short))
    assert texts(Table("t", "", needs_at_release.HOMES, (row,)), "releases", "settled", "share") == ["c", "c", "c"]


def test_a_count_of_nobody_known_is_of_somebody() -> None:
    def shown(cell: Cell) -> list[str]:
        return texts(Table("t", "", figures.count_columns(events="Events"), (Row("a", "", {"events": cell}),)), "events")

    assert [shown(Cell(6, people=people)) for people in (0, 4, 5, None)] == [["c"], ["c"], ["6"], ["6"]]
    assert shown(Cell(0, people=0)) == ["0"]


def test_events_of_a_year_are_of_as_many_people_as_those_of_a_quarter() -> None:
    """Eight arrests of two people, four in each of two quarters: few are behind them, however many they are."""
    year = Scope(beginning("year", date(2013, 1, 1)))
    counts = dict.fromkeys((*young_adults.PEOPLE.values(), *young_adults.CASELOAD.values()), 2)
    events = {column: 4 for column, _ in young_adults.EVENTS.values()}
    quarters = [
        {"age_group": "18-24", "period_kind": "quarter", "period_start": of, "period_end": of, "data_cut": of}
        | {"is_complete": True} | counts | events | dict.fromkeys(young_adults.VICTIMS.values(), 3)
        for of in (date(2013, 1, 1), date(2013, 4, 1))
    ]  # fmt: skip
    source = SimpleNamespace(
        mart=lambda *_, **parameters: quarters if parameters["kind"] == "quarter" else [], business_date=date(2013, 6, 30)
    )
    offending, victims = young_adults.drafts(source, year, "needs")  # type: ignore[arg-type]
    assert texts(offending.table, "arrested", "arrests") == ["by quarter only", "c"]
    assert victims.table.rows == ()


def test_arrests_of_a_year_are_of_as_many_people_as_those_of_a_quarter() -> None:
    """Thirty arrests of four people in each of two quarters, of whom there may be eight, or four."""
    year = Scope(beginning("year", date(2013, 1, 1)))
    quarters = [
        {"stage": stage, "stage_number": 1, "period_kind": "quarter", "period_start": of, "period_end": of, "data_cut": of}
        | {"status": "final", "n_people": people, "n_events": 15, "n_to_come": 6, "n_people_to_come": 2, "retained_days": 84}
        | {"people_share_of_previous": 1, "median_days_from_arrest": 2}
        for stage, people in (("arrested", 12), ("tested", 4))
        for of in (date(2013, 1, 1), date(2013, 4, 1))
    ]
    source = SimpleNamespace(mart=lambda *_, **parameters: quarters if parameters["kind"] == "quarter" else [])
    chain, of_first = drug_services._chain(source, year)  # type: ignore[arg-type]
    seen = control(chain.table, BOARD)
    assert [row.cells["people"].text for row in seen.rows] == ["by quarter only"] * 2
    assert [row.cells["arrests"].is_hidden for row in seen.rows] == [False, True]
    assert [row.cells["to_come"].text for row in seen.rows] == ["c", "c"], "six arrests of two people are still to come"
    [tested] = control(of_first.table, BOARD).rows
    assert [tested.cells[name].is_hidden for name in ("arrests", "share")] == [True, True]
    assert tested.cells["people_share"].text == "by quarter only"


@pytest.mark.parametrize(
    ("audience", "arrests", "people", "shown"),
    [
        (PUBLIC, (44, 33), (21, 15), ["c", "c", "c"]),
        (PUBLIC, (44, 33), (40, 31), ["75%", "61% to 85%", "12"]),
        (BOARD, (14, 11), (7, 6), ["c", "c", "c"]),
        (BOARD, (16, 11), (12, 6), ["69%", "44% to 86%", "c"]),
    ],
    ids=["21 people", "40 people", "seven people", "twelve people, six of them tested"],
)
def test_shares_and_medians_of_arrests_are_of_the_people_arrested(
    audience: Audience, arrests: tuple[int, int], people: tuple[int, int], shown: list[str]
) -> None:
    quarter = Scope(beginning("quarter", date(2013, 1, 1)))
    facts = [
        {
            "period_kind": "quarter", "period_start": quarter.first, "period_end": quarter.last, "data_cut": quarter.last,
            "status": "final", "stage": stage, "n_events": events, "n_people": n, "n_to_come": 0, "n_people_to_come": 0,
            "median_days_from_arrest": 12, "median_days_from_previous": 12, "retained_days": 84,
        }
        for stage, events, n in zip(("arrested", "tested"), arrests, people, strict=True)
    ]  # fmt: skip
    source: Any = SimpleNamespace(mart=lambda *_, **parameters: facts if parameters["kind"] == "quarter" else [])
    chain, of_first = drug_services._chain(source, quarter)
    for row in (control(chain.table, audience).rows[1], control(of_first.table, audience).rows[0]):
        assert [row.cells[name].text for name in ("share", "interval", "median")] == shown


def of_quarter(first: date, **people: int) -> list[dict[str, Any]]:
    """Stages of the chain, each person arrested once."""
    return [
        {
            "period_kind": "quarter", "period_start": first, "period_end": first, "data_cut": date(2013, 12, 31),
            "status": "final", "stage": stage, "n_events": n, "n_people": n, "n_to_come": 0, "n_people_to_come": 0,
            "median_days_from_arrest": 2, "median_days_from_previous": 1, "retained_days": 84,
        }
        for stage, n in people.items()
    ]  # fmt: skip


def chain_of(scope: Scope, facts: list[dict[str, Any]]) -> Table:
    source: Any = SimpleNamespace(mart=lambda *_, **parameters: facts if parameters["kind"] == "quarter" else [])
    return drug_services._chain(source, scope)[0].table


def test_few_who_are_lost_between_two_stages_of_the_chain_cannot_be_told_by_subtraction() -> None:
    """Two of 40 were not required to be assessed, which hides how many were; from stage to stage else ten and more are lost."""
    first = date(2013, 1, 1)
    facts = of_quarter(first, arrested=90, tested=80, positive=40, required=38, initial_attended=28)
    rows = control(chain_of(Scope(beginning("quarter", first)), facts), BOARD).rows
    for name in ("people", "arrests"):
        assert [row.cells[name].text for row in rows] == ["90", "80", "40", "c", "28"]


def test_a_year_tells_no_small_loss_of_one_of_its_quarters() -> None:
    """Of 60 arrests 2 were without a test in the first, which hides the tests. With those of the second the year's would tell."""
    year, first, second = Scope(beginning("year", date(2013, 1, 1))), date(2013, 1, 1), date(2013, 4, 1)
    facts = [*of_quarter(first, arrested=60, tested=58), *of_quarter(second, arrested=60, tested=40)]
    arrested = {f"arrests arrested, {day} to {day}": Bounds(60, 60) for day in (first, second)}
    tests_of_second = {f"arrests tested, {second} to {second}": Bounds(40, 40)}
    tested = [
        control_all([chain_of(year, facts)], BOARD, seen=Seen(shown))[0].rows[1].cells["arrests"].text
        for shown in (arrested, arrested | tests_of_second)
    ]
    assert tested == ["98", "c"]


def referred(**counts: int) -> dict[str, Any]:
    """Twenty referrals to a kind of service, of fifteen people, from which twelve starts came."""
    return {
        "service_by": "service_type", "service_group": "debt", "period_start": None, "period_end": None, "data_cut": None,
        "status": "final", "n_referred": 20, "n_people": 15, "n_started": 12, "n_waiting": 8, "n_never_started": 0,
        "n_wait_known": 12, "n_completed": 8, "n_partly": 0, "n_dropped_out": 4, "median_days_waited": 5,
        "ninetieth_centile_days_waited": 9, "completion": 0.67, "ci_low": 0.4, "ci_high": 0.9, "n_people_started": 12,
        "n_people_waiting": 8, "n_people_never_started": 0, "n_people_completed": 8, "n_people_ended": 12,
    } | counts  # fmt: skip


def test_referrals_that_one_person_completed_are_hidden() -> None:
    """Eight of the twelve that ended were completed, all by one person: neither is said, nor how long it took four people."""

    def shown(**counts: int) -> list[str]:
        row = Row("service_type:debt", "", service_access.cells_of(referred(**counts)))
        return texts(Table("t", "", service_access.COLUMNS, (row,)), "started", "waiting", "completed", "share", "median")

    assert shown() == ["12", "8", "8", "67%", "5"]
    assert shown(n_people_completed=1) == ["12", "8", "c", "c", "5"]
    assert shown(n_people_waiting=2) == ["12", "c", "8", "67%", "5"]
    assert shown(n_people_started=4, n_people_ended=4, n_people_completed=4) == ["c", "8", "c", "c", "c"]


def test_kinds_of_service_that_were_joined_are_of_as_many_people_as_each_of_them() -> None:
    kinds = [referred(service_group=kind, n_people_completed=people) for kind, people in (("debt", 2), ("family", 4))]
    [grouping] = service_access._groupings(kinds)
    cells = grouping.together(("service_type:debt", "service_type:family")).cells
    assert (cells["completed"].value, cells["completed"].people, cells["referred"].people) == (16, 4, 15)


def test_episodes_of_drug_services_of_few_people_are_hidden() -> None:
    """Fourteen were closed, and six of these completed by two people."""
    fact = {
        "area_level": "all", "area": "all", "period_kind": "quarter", "period_start": None, "period_end": None, "data_cut": None,
        "is_complete": True, "n_people": 40, "n_episodes": 44, "n_taken_on": 20, "n_from_prison": 8, "n_closed": 14,
        "n_completed": 6, "n_to_custody": 0, "n_people_taken_on": 18, "n_people_from_prison": 8, "n_people_closed": 10,
        "n_people_completed": 2, "n_people_to_custody": 0,
    }  # fmt: skip

    def shown(**counts: int) -> list[str]:
        row = drug_services._area(fact | counts, {})
        return texts(Table("t", "", drug_services.CASELOAD, (row,)), "taken_on", "from_prison", "closed", "completed")

    assert shown(n_people_completed=6) == ["20", "8", "14", "6"]
    assert shown() == ["20", "8", "14", "c"]
    assert shown(n_people_taken_on=3, n_people_from_prison=3) == ["c", "c", "14", "c"]


def test_detected_crimes_of_one_person_are_hidden() -> None:
    """Six crimes of a ward were detected."""
    fact = {
        "offence_set": "acquisitive", "area": "W1", "year": "2012/13", "period_start": date(2012, 4, 1),
        "period_end": date(2013, 3, 31), "n_recorded": 60, "n_recorded_before": None, "pct_change": None, "n_detected": 6,
        "n_by_members": 0, "n_members": 0, "most_by_member": 0, "share_by_members": 0, "ci_low": 0, "ci_high": 0.4,
        "findings": None, "status": "final", "data_cut": date(2013, 12, 31),
    }  # fmt: skip

    def shown(people: int, most: int) -> list[str]:
        cells = acquisitive_crime._cells(fact | {"n_people_detected": people, "most_by_person": most})
        return texts(Table("t", "", acquisitive_crime.COLUMNS, (Row("W1", "", cells),)), "recorded", "detected", "share")

    assert shown(6, 1) == ["60", "6", "c"], "a share of fewer than ten"
    assert shown(1, 6) == shown(5, 4) == ["60", "c", "c"]
