"""A year whose crimes are all recorded, and are still being cleared up."""

from datetime import date
from types import SimpleNamespace

import pytest
from audiences import BOARD

from iom_warehouse.disclosure import Table, control
from iom_warehouse.reports import acquisitive_crime

FACT = {
    "offence_set": "acquisitive", "area": "all", "year": "2012/13", "period_start": date(2012, 4, 1),
    "period_end": date(2013, 3, 31), "n_recorded": 4500, "n_recorded_before": 5000, "pct_change": -10.0, "n_detected": 800,
    "n_people_detected": 500, "most_by_person": 3, "n_by_members": 120, "n_members": 60, "most_by_member": 3,
    "share_by_members": 0.15, "ci_low": 0.12, "ci_high": 0.18, "data_cut": date(2013, 6, 30),
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "findings", "said"),
    [("provisional", "detections_to_come", "15.0% of those that were detected so far."),
     ("final", None, "15.0% of those that were detected.")],
)
def test_what_was_detected_can_still_change(status: str, findings: str | None, said: str) -> None:
    """What was recorded cannot: the year is over."""
    row = acquisitive_crime._row(FACT | {"status": status, "findings": findings})
    released = control(Table("recorded_crime", "", acquisitive_crime.COLUMNS, (row,)), BOARD)
    states = {name: context.maturity for name, context in released.rows[0].contexts.items()}
    assert {name for name, state in states.items() if state == "provisional"} == (
        {"detected", "by_members", "share", "interval"} if status == "provisional" else set()
    )
    assert acquisitive_crime._meaning(released).endswith(said)


def test_crimes_by_others_are_nobodys_to_work_out_where_they_are_few() -> None:
    """Of twenty that were detected eighteen were by people on a scheme: two were somebody else's."""
    counts = dict.fromkeys(("n_detected", "n_people_detected"), 20) | dict.fromkeys(("n_by_members", "n_members"), 18)
    counts |= dict.fromkeys(("most_by_person", "most_by_member"), 1)
    fact = FACT | counts | {"status": "final", "findings": None, "period_kind": "financial_year"}
    scope = SimpleNamespace(first=date(2013, 4, 1), last=date(2013, 6, 30), place={}, area=SimpleNamespace(is_whole=True))
    source = SimpleNamespace(mart=lambda *_, **__: [fact])
    [draft] = acquisitive_crime.drafts(source, scope)  # type: ignore[arg-type]
    [row] = control(draft.table, BOARD).rows
    assert row.cells["detected"].is_hidden or row.cells["by_members"].is_hidden
