"""What became of released reports, and a run of the sending that ends in the middle."""

import pytest
from delivery_maker import Warehouse

from iom_warehouse import sending
from iom_warehouse.orchestration import sending_reports

FRONT = "https://iom.fenshire.example"
BOARD = "board@fenshire.example"


def outcomes(number: int) -> list[tuple[str, str, str]]:
    return [(one.recipient, one.way, one.outcome) for one in sending.of_report(number)]


def mark_sensitive(warehouse: Warehouse) -> None:
    """What is published from now on is marked as record-level extracts are."""
    warehouse.query(
        "create function published.mark() returns trigger language plpgsql as"
        " $$ begin new.classification := 'OFFICIAL-SENSITIVE'; return new; end $$"
    )
    warehouse.query("create trigger a_mark before insert on published.report for each row execute function published.mark()")


def send_and_be_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send, and end without a word as soon as the first report is on its way."""

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sending.register, "end", killed)
        with pytest.raises(KeyboardInterrupt):
            sending_reports.send()
