"""Two nights of the prison feed in which everything happens once, and all that they leave behind."""

from typing import Any

from delivery_maker import Warehouse
from prison_rows import Row, people, person, spell

FIRST: dict[str, list[Row]] = {
    "prison_person": [*people(1, 2, 3, 4), person(5, dob="never")],
    "prison_spell": [spell(1, of=1), spell(2, of=2), spell(3, of=5)],
}
SECOND: dict[str, list[Row]] = {
    "prison_person": [person(1), person(2, surname="Birch"), person(3, sex="?"), *people(5, 6, 6)],
    "prison_spell": [spell(1, of=1, released_on="2012-04-01"), spell(2, of=3), spell(3, of=5), spell(4, of=6)],
}
LEFT_BEHIND = {
    "people": "select * from raw.prison_person",
    "spells": "select * from raw.prison_spell",
    "deliveries": "select folder, status, attempt, sequence from audit.delivery",
    "counts": "select to_jsonb(l) - 'sha256' from audit.file_load l",
    "results": "select to_jsonb(v) - 'validated_at' from audit.validation_result v",
    "findings": "select to_jsonb(f) - 'found_at' - 'finding_id' from audit.delivery_finding f",
    "rejections": "select to_jsonb(r) - 'rejected_at' - 'closed_at' - 'rejection_id' from audit.rejected_row r",
    "quarantine": "select * from quarantine.rejected_row",
    "events": "select action, subject from audit.event",
    "landing": "select relname from pg_class where relnamespace = 'landing'::regnamespace",
}  # fmt: skip


def state(warehouse: Warehouse) -> dict[str, Any]:
    """Everything that loading leaves in the database, and the reports to the sender, without the times of day."""
    found: dict[str, Any] = {
        name: sorted(text for (text,) in warehouse.query(f"select to_jsonb(t)::text from ({query}) t"))
        for name, query in LEFT_BEHIND.items()
    }
    reports = (warehouse.state / "sender_reports").rglob("rows.csv")
    return found | {"reports": sorted((path.parent.name, path.read_text()) for path in reports)}
