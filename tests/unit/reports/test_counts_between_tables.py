"""A count that stands in two tables is one count, and what one table leaves of another nobody may work out."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from audiences import BOARD

from iom_warehouse.disclosure import Cell, ReleasedTable, Row, Table, control, control_all
from iom_warehouse.reports import figures, linkage, need_comparison, needs, service_access, trust

DAY = date(2013, 12, 31)
PLACE = {"area_level": "all", "area": "all", "as_on": DAY, "data_cut": DAY, "is_complete": True}


def texts(released: ReleasedTable, column: str) -> dict[str, str]:
    return {row.key: row.cells[column].text for row in released.rows}


def of_pathway(pathway: int, people: int, assessed: int, needed: int, instrument: str = "hub") -> dict[str, Any]:
    counts = {"n_people": people, "n_assessed": assessed, "n_not_assessed": people - assessed, "n_with_need": needed}
    whose = {"group_by": "sex", "group_value": "F"} if pathway >= 8 else {"group_by": "all", "group_value": "all"}
    shares = {"share": needed / assessed, "ci_low": 0.1, "ci_high": 0.9}
    return PLACE | counts | whose | shares | {"pathway": pathway, "instrument": instrument}


def test_the_caseload_in_the_tables_of_needs_tells_nothing_that_its_own_table_hides() -> None:
    """Fifty were on it, nobody joined, two left: the 48 at the end are hidden, or 50 less 48 would be those two."""
    before, after = (figures.on_caseload("any", "all", "all", day) for day in (date(2013, 9, 30), DAY))
    cells = {"before": Cell(50, fact=before), "left": Cell(2), "after": Cell(48, fact=after)}
    row = Row("any", "All", cells)
    caseload = Table("caseload", "", figures.count_columns(before="Before", left="Left", after="After"), (row,),
                     figures.add_up([row], "before", "left", "after"))  # fmt: skip
    of_needs = needs._draft("hub", [of_pathway(1, 48, 30, 12), of_pathway(3, 48, 40, 20)]).table
    first, second = control_all([caseload, of_needs], BOARD)
    assert texts(first, "after") == {"any": "c"}
    assert texts(second, "people") == {"1": "c", "3": "c"}
    assert texts(second, "assessed") == {"1": "30", "3": "40"}


def test_women_asked_about_abuse_leave_the_men_of_the_caseload() -> None:
    """Of 48 people 45 are women: three are not, whichever row one looks at."""
    facts = [of_pathway(1, 48, 30, 12), of_pathway(8, 45, 30, 12), of_pathway(9, 45, 20, 10)]
    shown = texts(control(needs._draft("hub", facts).table, BOARD), "people")
    assert shown["1"] == "c" or shown["8"] == shown["9"] == "c"


def test_assessed_by_oasys_is_the_same_count_where_schemes_are_compared() -> None:
    """Forty on the caseload, 37 assessed: the other table may not print the 37 that this one hides."""
    fact = of_pathway(1, 40, 37, 20, "oasys")
    compared = PLACE | {
        "basis": "threshold", "section": "accommodation", "n_on_scheme": 37, "n_on_scheme_with_need": 20, "n_others": 60,
        "n_others_with_need": 20, "share_on_scheme": 0.54, "share_others": 0.33, "difference": 0.21, "ci_low": 0.01,
        "ci_high": 0.4, "is_noise": False,
    }  # fmt: skip
    row = need_comparison._row(compared)
    of_any = Table(need_comparison.NAME_OF_ANY, "", need_comparison.COLUMNS, (row,))
    of_needs = needs._draft("oasys", [fact], [of_any]).table
    first, second = control_all([of_needs, need_comparison._with_sums(of_any)], BOARD)
    assert texts(first, "not_assessed") == {"1": "<5"} and texts(first, "assessed") == {"1": "c"}
    assert texts(second, "on_scheme") == {"threshold:accommodation": "c"}


def test_how_many_started_and_have_not_ended_is_nobodys_to_work_out() -> None:
    """Of 22 that started 20 have ended, which the share of the 15 that were completed tells."""
    fact = {
        "service_by": "all", "service_group": "all", "period_start": DAY, "period_end": DAY, "data_cut": DAY,
        "status": "provisional", "n_referred": 30, "n_started": 22, "n_waiting": 8, "n_never_started": 0, "n_completed": 15,
        "n_wait_known": 22, "n_partly": 5, "n_dropped_out": 0, "n_people": 30, "n_people_started": 22, "n_people_waiting": 8,
        "n_people_never_started": 0, "n_people_completed": 15, "n_people_ended": 20, "median_days_waited": 9,
        "ninetieth_centile_days_waited": 30, "completion": 0.75, "ci_low": 0.5, "ci_high": 0.9,
    }  # fmt: skip
    scope = SimpleNamespace(first=DAY, last=DAY, place={}, period=SimpleNamespace(kind="quarter"))
    source = SimpleNamespace(mart=lambda *_, **__: [fact])
    [row] = control(service_access.draft(source, scope, "services").table, BOARD).rows  # type: ignore[arg-type]
    assert row.cells["started"].is_hidden or row.cells["share"].is_hidden


def test_who_has_a_second_reason_to_be_left_out_is_nobodys_to_work_out() -> None:
    """Twelve are left out for a reason, ten of them for no other: two have another one too."""
    of_measure = SimpleNamespace(counts_of="m 1", title="M", context=figures.context_on_day(PLACE), has=lambda fact: True)
    left_out = {"n_people": 12, "n_distinct_people": 12, "only_reason_count": 10, "n_distinct_only": 10}
    facts = [{"reason": "died_before", **left_out}]
    draft = trust._left_out(SimpleNamespace(mart=lambda *_: facts), [of_measure])  # type: ignore[arg-type, list-item]
    [row] = control(draft.table, BOARD).rows
    assert row.cells["people"].is_hidden or row.cells["only"].is_hidden


def test_whom_only_one_feed_knows_is_nobodys_to_work_out() -> None:
    """The hub has 200 people, of whom the police know 198."""

    def common(feed: str, item: str, of: int) -> dict[str, Any]:
        of_both = {"figure": "people_in_common", "n": 198, "n_before": None}
        return of_both | {"feed": feed, "item": item, "of_n": of, "share": 198 / of}

    facts = [common("hub", "police", 200), common("police", "hub", 900)]
    facts += [
        {"figure": figure, "feed": feed, "item": "", "n": n, "of_n": n + 30, "share": 0.9}
        for feed, n in (("hub", 200), ("police", 900))
        for figure in ("people", "linked_people", "linked_records")
    ]  # fmt: skip
    first, second = control_all([linkage._linked(facts).table, linkage._in_common(facts).table], BOARD)
    people, both = texts(first, "people"), texts(second, "people")
    assert people["Hub"] == "c" or set(both.values()) == {"c"}
