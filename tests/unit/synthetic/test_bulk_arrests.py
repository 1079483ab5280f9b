"""The two nights that loading is measured with differ by one row in a hundred and keep to the contract."""

from pathlib import Path

import polars as pl
from agency_side import broken_rules, deliveries, take_up

from iom_warehouse import contracts
from iom_warehouse.synthetic.bulk_arrests import write_police_arrest


def test_two_full_nights_one_row_in_a_hundred_apart(tmp_path: Path) -> None:
    folders = write_police_arrest(tmp_path, rows=20_000)
    first, second = deliveries(tmp_path, "police")
    before, after = first.tables, second.tables
    assert [first.folder, second.folder] == folders
    assert first.is_full and second.is_full and not (first.damaged_files or second.damaged_files)
    assert (before["police_person"].height, before["police_arrest"].height) == (2_000, 20_000)
    assert before["police_person"].equals(after["police_person"])
    assert after["police_arrest"].join(before["police_arrest"], on=pl.all(), how="anti", nulls_equal=True).height == 200


def test_both_nights_keep_to_the_contract(tmp_path: Path) -> None:
    write_police_arrest(tmp_path, rows=5_000)
    for delivery in deliveries(tmp_path, "police"):
        state = take_up({}, delivery, {})
        for file in contracts.get("police").files:
            if file.name in state:
                assert broken_rules(file, state[file.name], state, delivery.extracted_at) == {}
