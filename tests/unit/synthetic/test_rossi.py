"""The Rossi deliveries give the figures of the study, counted here without any of the warehouse's own code."""

import json
from pathlib import Path

import polars as pl
import pytest

from iom_warehouse.synthetic.rossi import FOLLOW_UP_DAYS, write_rossi

NIGHT = "1974-06-30.1"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rossi")
    write_rossi(folder)
    return folder


def read(inbox: Path, file: str) -> pl.DataFrame:
    return pl.read_csv(inbox / file.split("_")[0] / NIGHT / f"{file}.csv", try_parse_dates=True)


@pytest.fixture(scope="module")
def follow_up(inbox: Path) -> pl.DataFrame:
    """One row per release: days to the first arrest after it (null where there is none) and whether on licence that day."""
    releases = read(inbox, "prison_spell").join(read(inbox, "prison_person"), on="prison_number")
    arrests = read(inbox, "police_arrest").join(read(inbox, "police_person"), on="police_ref")
    licences = read(inbox, "probation_order").join(read(inbox, "probation_person"), on="crn")
    days = (pl.col("arrested_at").dt.date() - pl.col("released_on")).dt.total_days()
    first_arrest = (
        releases.join(arrests, on="pncid").with_columns(day=days).filter(pl.col("day") > 0).group_by("pncid").agg(pl.min("day"))
    )
    on_licence = licences.select("pncid", released_on="starts_on", on_parole=pl.lit(True))
    return releases.join(first_arrest, on="pncid", how="left").join(on_licence, on=["pncid", "released_on"], how="left")


def test_everyone_is_released_once(follow_up: pl.DataFrame) -> None:
    assert follow_up.height == follow_up["pncid"].n_unique() == 432


@pytest.mark.parametrize(("days", "people"), [(28, 4), (91, 20), (182, 54), (273, 81), (364, 114)])
def test_people_arrested_within_days_of_release(follow_up: pl.DataFrame, days: int, people: int) -> None:
    assert follow_up.filter(pl.col("day") <= days).height == people


def test_days_at_risk_up_to_first_arrest(follow_up: pl.DataFrame) -> None:
    assert follow_up["day"].fill_null(FOLLOW_UP_DAYS).sum() == 138_207


@pytest.mark.parametrize(("on_parole", "people", "arrested"), [(True, 267, 68), (False, 165, 46)])
def test_parole(follow_up: pl.DataFrame, on_parole: bool, people: int, arrested: int) -> None:
    group = follow_up.filter(pl.col("on_parole").fill_null(False) == on_parole)
    assert (group.height, group["day"].count()) == (people, arrested)


def test_each_feed_brings_every_file(inbox: Path) -> None:
    files = {
        feed: [entry["file"] for entry in json.loads((inbox / feed / NIGHT / "manifest.json").read_text())["files"]]
        for feed in ("police", "prison", "probation")
    }
    assert {feed: len(names) for feed, names in files.items()} == {"police": 7, "prison": 4, "probation": 9}


def test_the_same_bytes_every_time(inbox: Path, tmp_path: Path) -> None:
    write_rossi(tmp_path)
    files = sorted(path.relative_to(inbox) for path in inbox.rglob("*.*") if path.is_file())
    assert len(files) == 23
    assert all((inbox / file).read_bytes() == (tmp_path / file).read_bytes() for file in files)
