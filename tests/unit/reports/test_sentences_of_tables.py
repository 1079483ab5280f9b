"""What the sentences beside tables say of what was released."""

from datetime import date
from decimal import Decimal

from iom_warehouse.disclosure import Context, Decision, ReleasedRow, ReleasedTable
from iom_warehouse.reports import drug_services
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
