"""What the sentences beside tables say of what was released."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from iom_warehouse.disclosure import Context, Decision, ReleasedRow, ReleasedTable
from iom_warehouse.reports import (
    caseload_reasons,
    drug_services,
    figures,
    levels,
    need_change,
    need_comparison,
    need_severity,
    needs_of_cohorts,
    releases,
    requirements,
    selection,
    service_access,
    survival,
    transfers,
    transitions,
    treatment_profiles,
    trust,
)
from iom_warehouse.reports.scope import Scope, beginning

QUARTER = Scope(beginning("quarter", date(2013, 10, 1)))


def row(key: str, label: str = "", maturity: str = "final", data_cut: date = QUARTER.last, **counts: int | None) -> ReleasedRow:
    """A row of released counts; None is a hidden one."""
    cells = {
        name: Decision("suppressed", "c") if count is None else Decision("shown", str(count), Decimal(count))
        for name, count in counts.items()
    }
    context = Context(period_start=QUARTER.first, period_end=QUARTER.last, data_cut=data_cut, maturity=maturity)
    return ReleasedRow(key, label, "", cells, dict.fromkeys(cells, context))


def table(*rows: ReleasedRow) -> ReleasedTable:
    return ReleasedTable("t", "", (), rows)


def test_the_chain_is_provisional_while_its_last_stage_is() -> None:
    """The police have delivered all of the quarter, drug services have not."""
    counts = {"people": 20, "arrests": 25, "to_come": 0}
    stages = [row(stage, **counts) for stage in ("arrested", "tested", "positive")]
    late = [row(stage, maturity="provisional", data_cut=date(2013, 11, 30), **counts) for stage in ("in_treatment", "retained")]
    assert drug_services._chain_in_words(table(*stages, *late), QUARTER, "12 weeks").endswith(
        "as far as is known. These figures are provisional: the data reach to 30 November 2013."
    )


def test_of_one_each_sentence_speaks_of_one() -> None:
    names = (
        "began completed share releases schemes homeless accommodation_unknown closed earlier later new considered over awaiting"
        " under_on_scheme threshold people adult orders referred started waiting median"
    )
    ones = dict.fromkeys(names.split(), 1)
    seen = table(row("matrix:all", "All", **ones))
    told = [
        requirements._meaning(seen, QUARTER), releases._meaning(seen, "1 January 2014"), selection._meaning(seen),
        transitions._meaning(seen, "31 December 2013"), service_access._meaning(seen, QUARTER),
    ]  # fmt: skip
    for words in ("1 requirement of an order began", "1 is completed", "1 is without", "1 falls on", "1 has moved", "1 was not",
                  "1 reaches", "1 awaits", "1 is on a scheme", "1 of them is on", "1 has an open", "1 has started",
                  "1 still waits"):  # fmt: skip
        assert any(words in sentence for sentence in told), words


def test_the_commonest_reason_is_that_of_those_shown_where_one_is_hidden() -> None:
    left = [row("left:all", people=31), row("left:moved", "Moved out of the area", people=13)]
    seen = caseload_reasons._meaning(table(*left, row("left:died", "Died", people=8)), QUARTER)
    assert seen == "31 people left in the quarter, most often because of: moved out of the area (13)."
    provisional = row("left:all", maturity="provisional", data_cut=date(2013, 11, 30), people=31)
    seen = caseload_reasons._meaning(table(provisional, left[1], row("left:died", "Died", people=None)), QUARTER)
    assert seen == (
        "31 people left in the quarter, most often of those that can be shown because of: moved out of the area (13). These"
        " figures are provisional: the data reach to 30 November 2013."
    )


def test_moves_are_no_people() -> None:
    level = row("any", up=12, down=None, overdue=1, without_level=0, caseload=40)
    assert levels._meaning(table(level), QUARTER).startswith("In the quarter 12 moves were to a more intensive level and c to a")
    moved = row("all:all", agreed=14, median=9, open=1, **{"in": 12})
    assert transfers._meaning(table(moved), QUARTER).startswith(
        "12 moves from another district were taken over in the quarter; half of them took 9 days at most. 1 move was agreed"
    )


def test_days_of_moves_are_not_given_of_a_year() -> None:
    fact = {"area_level": "all", "area": "all", "n_timed": 20, "median_lag_days": None, "p90_lag_days": None, "is_complete": True}
    fact |= dict.fromkeys((*transfers.COUNTS.values(), *(f"n_people_{name}" for name in transfers.COUNTS)), 20)
    place = {"period_start": QUARTER.first, "period_end": QUARTER.last, "data_cut": QUARTER.last}
    cells = transfers._row(fact | place, {}, None, figures.NOT_OF_A_YEAR).cells
    assert [cells[name].missing for name in ("median", "p90")] == ["by quarter only"] * 2


def test_the_largest_differences_are_those_that_print_so() -> None:
    """Whatever they were before rounding: the order of the sentence tells no more than the shares in it."""
    compared = [row(f"linked:{name}", name.title(), on_scheme=40, **shares) for name, shares in (
        ("drugs", {"on_scheme_share": 45, "others_share": 20}), ("finance", {"on_scheme_share": 50, "others_share": 20}),
    )]  # fmt: skip
    often = [replace(each, cells={**each.cells, "reading": Decision("shown", "more often")}) for each in compared]
    said = need_comparison._meaning(table(*often))
    assert "differed most from those of others in finance (50 against 20) and drugs (45 against 20)." in said


def test_the_largest_that_can_be_shown_is_not_called_the_largest() -> None:
    """Of drugs there are more, whom nobody outside may know."""
    worst = {"on_scheme": 40, "others_share": 20}
    sections = (
        row("threshold:accommodation", "Accommodation", on_scheme_worst=10, on_scheme_share=25, **worst),
        row("threshold:drugs", "Drugs", on_scheme_worst=None, on_scheme_share=None, **worst),
    )
    assert "was most often of those that can be shown one of accommodation: 10" in need_severity._meaning(table(*sections))
    assert "was most often one of accommodation: 10" in need_severity._meaning(table(sections[0]))
    shares = row("1:c", "Housing", share=30, assessed=40), row("2:c", "Health", share=None, assessed=40)
    of_cohort = (replace(each, group="Releases") for each in shares)
    assert "was: of Releases, of those that can be shown, housing (30 of" in needs_of_cohorts._meaning(table(*of_cohort))
    better = {"both": 40, "worse": 8}
    items = (
        row("start_to_exit:a", "A", share=30, better=12, **better),
        row("start_to_exit:b", "B", share=None, better=None, **better),
    )
    assert "most often better of those that can be shown was a: 12" in treatment_profiles._meaning(table(*items))


def test_nought_is_never_the_most() -> None:
    gone = row("1", "Drugs", gone=0, share=0, arisen=6)
    assert need_change._meaning(table(gone)) == "No need is gone for anybody who had it at first."
    none = row("start_to_exit:a", "A", share=0, better=0, both=40, worse=8)
    assert "most often better was nothing." in treatment_profiles._meaning(table(none))
    nobody = replace(row("1:c", "Housing", share=0, assessed=40), group="Releases")
    assert "was: of Releases, none." in needs_of_cohorts._meaning(table(nobody))


def test_what_is_not_there_is_not_called_hidden_nor_the_other_way_round() -> None:
    missing = replace(row("1", "Drugs"), cells={name: Decision("missing", "nobody had the need") for name in ("gone", "share")})
    assert need_change._meaning(table(missing)) == "Nobody who was assessed twice had a need at first."
    assert need_change._meaning(table(row("1", gone=None, share=None))) == "All shares are hidden for this audience."
    assert survival._meaning(table(row("m:28", survival=None))) == "All shares are hidden for this audience."
    nobody_left = replace(row("m:28"), cells={"survival": Decision("missing", "cannot be given: nobody is left")})
    assert survival._meaning(table(nobody_left)) == "No share can be given yet."
    assert "are hidden for this audience" in trust._trust_in_words(table(row("m", interval=None)))
    not_yet = replace(row("m"), cells={"interval": Decision("missing", "only at the end of the follow-up")})
    assert trust._trust_in_words(table(not_yet)).startswith("There is no interval yet")
