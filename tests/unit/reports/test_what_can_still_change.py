"""Each table says which of its figures can still change, and how far their data reach."""

from datetime import date

import pytest

from iom_warehouse.reports.page import Basis, Row, Table, _basis

CUT, LATER = date(2013, 12, 31), date(2014, 1, 31)


def row(maturity: str | None, label: str = "North", group: str = "", data_cut: date | None = CUT) -> Row:
    return Row(label, group, {}, Basis(data_cut=data_cut, maturity=maturity))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((), ""),
        ((row(None),), ""),
        ((row("final"), row("final")), "These figures are final, from data that reach to 31 December 2013."),
        ((row("provisional"), row(None)), "These figures are provisional, from data that reach to 31 December 2013."),
        ((row("final", data_cut=None),), "These figures are final."),
        (
            (row("final", data_cut=LATER), row("final")),
            "These figures are final, from data that reach to 31 December 2013 or a later day.",
        ),
        (
            (row("final"), row("provisional", "South"), row("provisional", "East")),
            "Final, from data that reach to 31 December 2013, but for what is provisional: South; East.",
        ),
        (
            (row("final", "Day 28", "Arrests"), row("provisional", "Day 28", "Breaches")),
            "Final, from data that reach to 31 December 2013, but for what is provisional: Breaches: Day 28.",
        ),
    ],
)
def test_a_table_says_what_can_still_change(rows, says):
    assert Table("t", "risk", "T", "Group", "", "", "", (), {}, (), rows).maturity == says


def figure(first: date, last: date, maturity: str, status: str = "shown") -> dict[str, object]:
    return {
        "period_start": first, "period_end": last, "data_cut": CUT, "maturity": maturity, "suppression_status": status,
    }  # fmt: skip


def test_a_row_of_several_quarters_is_of_those_that_are_over():
    """It is provisional where one of its figures is; a quarter that is not over has none."""
    begins, june, september, december = date(2013, 4, 1), date(2013, 6, 30), date(2013, 9, 30), date(2013, 12, 31)
    figures = [
        figure(begins, june, "final"), figure(begins, september, "provisional"),
        figure(begins, december, "provisional", "missing"),
    ]  # fmt: skip
    assert _basis(figures) == Basis(begins, september, CUT, "provisional")
    assert _basis(figures[:1]) == Basis(begins, june, CUT, "final")
    assert _basis(figures[2:]) == Basis(begins, december, CUT, "provisional")
