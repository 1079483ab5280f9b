"""How reports are marked where the configuration does not say: free text and counts of a few people are OFFICIAL-SENSITIVE."""

from datetime import date

import pytest
from delivery_maker import Warehouse

from iom_warehouse.disclosure import audiences
from iom_warehouse.platform import database


@pytest.mark.parametrize(
    ("audience", "change", "marking"),
    [
        ("internal", "delete from reference.audiences where audience = 'internal'", "OFFICIAL-SENSITIVE"),
        ("internal", "update reference.audiences set classification = null, min_count = 5", "OFFICIAL-SENSITIVE"),
        ("board", "update reference.audiences set classification = null", "OFFICIAL-SENSITIVE"),
        ("public", "update reference.audiences set classification = null, min_count = 4", "OFFICIAL-SENSITIVE"),
        ("public", "update reference.audiences set classification = null", "OFFICIAL"),
    ],
)
def test_the_marking_where_none_is_given(signable: Warehouse, audience: str, change: str, marking: str) -> None:
    signable.query(change)
    with database.transaction("publisher") as conn, conn.cursor() as cursor:
        assert audiences.read(cursor, audience, 1, date(2013, 12, 30)).classification == marking
