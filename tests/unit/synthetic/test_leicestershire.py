"""The Leicestershire deliveries give the printed reductions, counted without our own code, and hold what must not count."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from iom_warehouse.synthetic.leicestershire import write_leicestershire

FROZEN_ON = date(2013, 4, 1)
BASELINE = (date(2012, 4, 1), date(2012, 9, 30))
FOLLOW_UP = (date(2013, 4, 1), date(2013, 9, 30))
PRINTED = {"PPO": (38.9, 1), "IOM": (67.37, 2), "DYO": (43.94, 2), "young": (52.17, 2), "family": (0, 2)}


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("leicestershire")
    write_leicestershire(folder)
    return folder


def read(inbox: Path, file: str) -> pl.DataFrame:
    path = inbox / file.split("_")[0] / "2013-11-30.1" / f"{file}.csv"
    return pl.read_csv(path, try_parse_dates=True, infer_schema_length=None)


def is_open() -> pl.Expr:
    return (pl.col("starts_on") <= FROZEN_ON) & (pl.col("ends_on").is_null() | (pl.col("ends_on") > FROZEN_ON))


@pytest.fixture(scope="module")
def crimes(inbox: Path) -> pl.DataFrame:
    """Detected crimes of people, joint ones once for each: pncid, crime_ref, day."""
    done = read(inbox, "police_suspect").join(read(inbox, "police_crime"), on="crime_ref", suffix="_of_crime")
    detected = done.filter((pl.col("outcome") == "charged") & pl.col("cancelled_on").is_null())
    people = read(inbox, "police_person").select("police_ref", "pncid")
    return detected.join(people, on="police_ref").select("pncid", "crime_ref", day="committed_from")


@pytest.fixture(scope="module")
def cohort(inbox: Path, crimes: pl.DataFrame) -> pl.DataFrame:
    """The people who count: pncid, schemes, age, is_in_family, before, after."""
    members = read(inbox, "hub_membership").filter(is_open() & pl.col("scheme").is_in(["PPO", "IOM", "DYO"]))
    families = read(inbox, "hub_family").filter(is_open()).select("case_ref", in_family=pl.lit(True))
    people = members.group_by("case_ref").agg("scheme").join(read(inbox, "hub_case"), on="case_ref")
    people = people.join(families, on="case_ref", how="left").join(kept_in(inbox), on="pncid", how="anti")
    offended = crimes.filter(pl.col("day").is_between(BASELINE[0], date(2013, 3, 31)))
    for name, window in (("before", BASELINE), ("after", FOLLOW_UP)):
        number = crimes.filter(pl.col("day").is_between(*window)).group_by("pncid").len(name)
        people = people.join(number, on="pncid", how="left").with_columns(pl.col(name).fill_null(0))
    return people.join(offended, on="pncid", how="semi").with_columns(is_young=years().is_between(16, 24))


def kept_in(inbox: Path) -> pl.DataFrame:
    """People in custody on the day who stay there beyond July, or nobody knows how long."""
    stays = read(inbox, "prison_spell").filter(pl.col("received_on") <= FROZEN_ON)
    due = read(inbox, "prison_release_date").select("booking_ref", "release_on")
    out = pl.coalesce("released_on", "release_on")
    stays = stays.join(due, on="booking_ref", how="left").filter(out.is_null() | (out > date(2013, 7, 31)))
    return stays.join(read(inbox, "prison_person"), on="prison_number").select("pncid")


def years() -> pl.Expr:
    had_birthday = pl.col("dob").dt.strftime("%m-%d") <= "04-01"
    return 2013 - pl.col("dob").dt.year() - 1 + had_birthday.cast(pl.Int32)


GROUPS = {
    "PPO": pl.col("scheme").list.contains("PPO"),
    "IOM": pl.col("scheme").list.contains("IOM"),
    "DYO": pl.col("scheme").list.contains("DYO"),
    "young": pl.col("is_young"),
    "family": pl.col("in_family"),
}


@pytest.mark.parametrize("group", PRINTED)
def test_the_printed_reductions(cohort: pl.DataFrame, group: str) -> None:
    of_group = cohort.filter(GROUPS[group])
    before, after = of_group["before"].sum(), of_group["after"].sum()
    reduction, decimals = PRINTED[group]
    assert round(100 * (before - after) / before, decimals) == reduction


def test_people_who_meet_the_target_of_17_per_cent(cohort: pl.DataFrame) -> None:
    eligible = cohort.filter(pl.col("before") > 0)
    assert (cohort.height, eligible.height) == (41, 40)
    assert eligible.filter(pl.col("after") <= 0.83 * pl.col("before")).height == 30


def test_groups_overlap(cohort: pl.DataFrame) -> None:
    sizes = [cohort.filter(group).height for group in GROUPS.values()]
    assert sum(sizes) > cohort.height
    assert cohort.filter(GROUPS["PPO"] & GROUPS["IOM"]).height == 2
    assert cohort.filter(GROUPS["young"] & GROUPS["DYO"]).height == 4


def test_what_must_not_count_is_there(inbox: Path, cohort: pl.DataFrame, crimes: pl.DataFrame) -> None:
    outside = crimes.join(cohort, on="pncid", how="anti").filter(pl.col("day").is_between(*FOLLOW_UP))
    assert outside["pncid"].n_unique() >= 5
    assert kept_in(inbox).height == 2
    everything = read(inbox, "police_crime")
    assert everything["cancelled_on"].drop_nulls().len() == 2
    assert read(inbox, "police_suspect").filter(pl.col("outcome") != "charged").height == 4
    theirs = crimes.join(cohort, on="pncid", how="semi")
    assert theirs.filter(pl.col("day") == date(2012, 3, 31)).height == 2
    assert theirs.filter(pl.col("day") == date(2013, 10, 1)).height == 2
    assert theirs.filter(pl.col("crime_ref").is_duplicated()).height == 4


@pytest.mark.parametrize("edge", [*BASELINE, *FOLLOW_UP])
def test_crimes_on_the_edges_of_the_windows(crimes: pl.DataFrame, cohort: pl.DataFrame, edge: date) -> None:
    assert crimes.filter(pl.col("day") == edge).join(cohort, on="pncid", how="semi").height > 0


def on_the_caseload(inbox: Path, day: date) -> pl.DataFrame:
    held = (pl.col("starts_on") <= day) & (pl.col("ends_on").is_null() | (pl.col("ends_on") > day))
    return read(inbox, "hub_membership").filter(held).select("case_ref").unique()


def test_the_printed_caseload(inbox: Path) -> None:
    before, after = (on_the_caseload(inbox, day) for day in (date(2013, 6, 30), date(2013, 9, 30)))
    assert (before.height, after.height) == (434, 423)
    assert after.join(before, on="case_ref", how="anti").height == 29


@pytest.mark.parametrize(("day", "red"), [(date(2013, 6, 30), 50), (date(2013, 9, 30), 55)])
def test_the_printed_rise_of_red(inbox: Path, day: date, red: int) -> None:
    newest = read(inbox, "hub_rag").filter(pl.col("assessed_on") <= day).sort("assessed_on").unique("case_ref", keep="last")
    assert newest.join(on_the_caseload(inbox, day), on="case_ref").filter(pl.col("colour") == "red").height == red


def test_nobody_of_the_rest_has_a_crime(inbox: Path, crimes: pl.DataFrame) -> None:
    rest = read(inbox, "hub_case").join(read(inbox, "hub_rag"), on="case_ref", how="semi")
    assert rest.height > 400 and rest.join(crimes, on="pncid", how="semi").height == 0
    assert rest.join(read(inbox, "police_person"), on="pncid", how="semi").height == rest.height
