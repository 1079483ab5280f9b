"""The night that a delivery belongs to: that of its extraction, and never one that has not begun."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from iom_warehouse.delivery.inbox import DeliveryFolder
from iom_warehouse.orchestration import nightly
from iom_warehouse.platform import local_time

NEXT_YEAR = date.today() + timedelta(days=365)


def folder(root: Path, business_date: date, extracted_at: str | None) -> DeliveryFolder:
    """A delivery with a manifest; with one that cannot be read, without the time."""
    path = root / "police" / f"{business_date}.1"
    path.mkdir(parents=True)
    manifest = {
        "feed": "police", "business_date": str(business_date), "sequence": 1, "extract": "full", "extracted_at": extracted_at,
        "contract_version": "1.0.0", "files": [],
    }  # fmt: skip
    (path / "manifest.json").write_text(json.dumps(manifest) if extracted_at else "{")
    return DeliveryFolder(1, business_date, "police", path)


@pytest.mark.parametrize(
    ("extracted_at", "night"),
    [
        ("2013-10-01T23:40:00+01:00", "2013-10-01"),
        ("2013-10-02T02:10:00+01:00", "2013-10-01"),
        ("2013-10-02T11:59:59+01:00", "2013-10-01"),
        ("2013-10-02T12:00:00+01:00", "2013-10-02"),
        ("2013-10-02T11:00:00+00:00", "2013-10-02"),  # noon in London
        (None, "2013-10-01"),
    ],
)
def test_extracts_of_an_evening_and_of_the_small_hours_are_of_one_night(tmp_path: Path, extracted_at: str | None, night: str):
    assert nightly.arrival_night(folder(tmp_path, date(2013, 10, 1), extracted_at)) == date.fromisoformat(night)


@pytest.mark.parametrize(
    ("nights", "last_built", "night"),
    [
        (["2013-10-01", "2013-10-02"], None, "2013-10-02"),
        (["2013-10-01"], "2013-10-05", "2013-10-01"),
        ([], "2013-10-05", "2013-10-05"),
        ([], None, None),
    ],
)
def test_what_is_dated_next_year_moves_no_clock(tmp_path: Path, nights: list[str], last_built: str | None, night: str | None):
    """It comes with the newest night that waits, after the last one that was built, or this night when there is neither."""
    night = night or str(local_time.this_night())  # not when tests are collected: noon may pass before this one runs
    in_time = {date.fromisoformat(each): [folder(tmp_path, date.fromisoformat(each), None)] for each in nights}
    late = folder(tmp_path, NEXT_YEAR, f"{NEXT_YEAR}T23:40:00+00:00")
    found = nightly.begun({**in_time, NEXT_YEAR: [late]}, last_built and date.fromisoformat(last_built))
    assert found == in_time | {date.fromisoformat(night): [*in_time.get(date.fromisoformat(night), []), late]}
    assert nightly.begun(in_time, None) == in_time


def test_the_night_lasts_until_noon():
    for hour, night in ((0, 1), (11, 1), (12, 2), (23, 2)):
        assert local_time.night_of(datetime(2013, 10, 2, hour, tzinfo=local_time.LONDON)) == date(2013, 10, night)
