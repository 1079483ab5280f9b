"""What is found about a row tells no count that the row hides."""

import pytest
from audiences import BOARD, INTERNAL, PUBLIC
from measures_by_hand import against_baseline, fact, measure

from iom_warehouse.disclosure import Audience, Table, control
from iom_warehouse.reports import follow_up, static_cohort


def findings(table: Table, key: str, audience: Audience = BOARD) -> str:
    found = control(table, audience).decision((key, "findings"))
    assert found is not None
    return found.text


@pytest.mark.parametrize(
    ("audience", "says"), [(INTERNAL, "baseline 42 at the same lag"), (BOARD, "baseline c at the same lag")]
)
def test_the_baseline_at_the_same_lag_is_said_to_who_sees_every_count(audience: Audience, says: str) -> None:
    lag = "baseline_with_same_lag=42"
    facts = [
        against_baseline("A", 30, 45, 20, most_baseline_events=9, findings=lag),
        against_baseline("B", 30, 60, 20, findings=None),
        against_baseline("C", 30, 70, 20, findings=None),
    ]
    table = static_cohort.draft(measure(*facts, comparison="pro_rata_baseline")).table
    assert findings(table, "district:A", audience) == says


@pytest.mark.parametrize(
    ("audience", "says"),
    [(INTERNAL, "7 not followed to the end"), (BOARD, "c not followed to the end"), (PUBLIC, "c not followed to the end")],
)
def test_how_many_of_a_group_are_not_followed_could_be_taken_from_those_of_all(audience: Audience, says: str) -> None:
    """Seven of everyone and five of the men: two women, whom no table protects."""
    rows = fact("all", "all", 40, 12, 32, findings="follow_up_incomplete=7")
    assert findings(follow_up.draft(measure(rows)).table, "all:all:365", audience) == says


def by_sex(women: int, men: int) -> Table:
    """Everyone, and the two groups that are everyone together; the marts say of fewer than ten that they are few."""
    rows = [
        fact(kind, value, people, people, 2 * people, findings="small_n" if people < 10 else None)
        for kind, value, people in (("all", "all", women + men), ("sex", "F", women), ("sex", "M", men))
    ]
    return follow_up.draft(measure(*rows)).table


@pytest.mark.parametrize("audience", [BOARD, PUBLIC])
def test_that_people_are_few_is_not_said_beside_their_hidden_number(audience: Audience) -> None:
    """Twelve people. Were the women few and the men not, there would be one woman or two."""
    released = control(by_sex(2, 10), audience)
    cells = {row.key: (row.cells["people"].text, row.cells["findings"]) for row in released.rows}
    assert [text for text, _ in (cells["sex:F:365"], cells["sex:M:365"])] == ["<5" if audience is BOARD else "c", "c"]
    assert cells["sex:F:365"][1] == cells["sex:M:365"][1], "not even in how it is stored"


@pytest.mark.parametrize(
    ("audience", "says"), [(BOARD, "few people"), (PUBLIC, "none"), (INTERNAL, "few people")],
    ids=["of eight, who are shown", "of about ten", "of eight"],
)  # fmt: skip
def test_that_people_are_few_is_said_to_who_may_see_how_many_they_are(audience: Audience, says: str) -> None:
    rows = fact("all", "all", 8, 8, 8, findings="small_n")
    assert findings(follow_up.draft(measure(rows)).table, "all:all:365", audience) == says
