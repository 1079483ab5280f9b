"""The Leeds deliveries give the printed table, counted here without any code of the warehouse, and hold what must not count."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import polars as pl
import pytest

from iom_warehouse.synthetic.leeds import FROZEN_ON, write_leeds

PRINTED = Path(__file__).parents[3] / "examples" / "leeds" / "partnership" / "published_figures.csv"
BASELINE = (date(2009, 4, 1), date(2010, 3, 31))
ENDS = [date(2010, 6, 30), date(2010, 9, 30), date(2010, 12, 31), date(2011, 3, 31)]
DIVISIONS = ("NW Leeds", "NE Leeds", "City & Holbeck")


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("leeds")
    write_leeds(folder)
    return folder


def read(inbox: Path, file: str) -> pl.DataFrame:
    path = inbox / file.split("_")[0] / "2011-10-31.1" / f"{file}.csv"
    return pl.read_csv(path, try_parse_dates=True, infer_schema_length=None)


@pytest.fixture(scope="module")
def cohort(inbox: Path) -> pl.DataFrame:
    """pncid and division of everybody on the scheme on the day of the freeze."""
    members = read(inbox, "hub_membership").join(read(inbox, "hub_case"), on="case_ref")
    is_open = (pl.col("starts_on") <= FROZEN_ON) & (pl.col("ends_on").is_null() | (pl.col("ends_on") > FROZEN_ON))
    return members.filter(is_open & (pl.col("scheme") == "PPO")).select("pncid", "division")


@pytest.fixture(scope="module")
def proven(inbox: Path) -> pl.DataFrame:
    """All proven offences with the pncid of the person, decoys included."""
    return read(inbox, "police_conviction").join(read(inbox, "police_person").select("police_ref", "pncid"), on="police_ref")


@pytest.fixture(scope="module")
def counted(proven: pl.DataFrame, cohort: pl.DataFrame) -> pl.DataFrame:
    """Offences that count: of the cohort, proved at court, recordable, in England and Wales, no breach, each crime once."""
    at_court = proven.filter(
        (pl.col("proof") == "court")
        & (pl.col("is_breach") == "N")
        & (pl.col("recordable") == "Y")
        & (pl.col("committed_in_ew") == "Y")
    )
    return at_court.unique(["pncid", "crime_ref"]).join(cohort, on="pncid")


def number(counted: pl.DataFrame, divisions: tuple[str, ...], first: date, last: date) -> int:
    return counted.filter(pl.col("division").is_in(divisions) & pl.col("offence_on").is_between(first, last)).height


def rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def figures(counted: pl.DataFrame, cohort: pl.DataFrame, divisions: tuple[str, ...]) -> dict[str, int]:
    """The printed row of one division, or of all, by the rule that explains the table."""
    baseline = number(counted, divisions, *BASELINE)
    so_far = [number(counted, divisions, FROZEN_ON, end) for end in ENDS]
    change = [rounded(100 * (Decimal(c) / (Decimal(baseline) * k / 4) - 1)) for k, c in enumerate(so_far, start=1)]
    return {
        "n_people": cohort.filter(pl.col("division").is_in(divisions)).height,
        "baseline_count": baseline,
        "target_count": rounded(Decimal("0.85") * baseline),
        "n_events": so_far[-1],
        **{f"pct_change {end}": cell for end, cell in zip(ENDS, change, strict=True)},
    }


@pytest.mark.parametrize("group", ["all", *DIVISIONS])
def test_the_printed_table_but_for_one_cell(counted: pl.DataFrame, cohort: pl.DataFrame, group: str) -> None:
    printed = {
        f"{row['figure']} {row['period'][-10:]}" if row["figure"] == "pct_change" else row["figure"]: row["printed_value"]
        for row in pl.read_csv(PRINTED).filter(pl.col("group_value") == group).iter_rows(named=True)
    }
    ours = figures(counted, cohort, DIVISIONS if group == "all" else (group,))
    different = {name: (printed[name], ours[name]) for name in printed if printed[name] != ours[name]}
    assert len(printed) == 8
    assert different == ({"pct_change 2010-12-31": (-43, -16)} if group == "all" else {})


@pytest.mark.parametrize(
    "decoy",
    [
        pl.col("is_breach") == "Y",
        pl.col("recordable") == "N",
        pl.col("committed_in_ew") == "N",
        pl.col("proof") == "caution",
        pl.col("offence_on") == date(2009, 3, 31),
        pl.col("offence_on") == date(2011, 4, 1),
        pl.struct("pncid", "crime_ref").is_duplicated() & pl.col("police_ref").str.starts_with("P5"),
    ],
    ids=["breach", "not recordable", "abroad", "caution", "too early", "too late", "proved again under another record"],
)
def test_decoys_of_the_cohort(proven: pl.DataFrame, cohort: pl.DataFrame, decoy: pl.Expr) -> None:
    assert proven.filter(decoy).join(cohort, on="pncid").height >= 5


def test_people_at_the_edges_of_the_cohort(inbox: Path, cohort: pl.DataFrame, proven: pl.DataFrame) -> None:
    members = read(inbox, "hub_membership").join(read(inbox, "hub_case").select("case_ref", "pncid"), on="case_ref")
    outside = members.join(cohort, on="pncid", how="anti")
    windows = proven.filter(pl.col("offence_on").is_between(BASELINE[0], ENDS[-1]))
    assert sorted(outside["starts_on"].filter(outside["starts_on"] > FROZEN_ON).to_list()) == [date(2010, 4, 2)] * 4
    assert outside.filter(pl.col("ends_on") == FROZEN_ON).height == 3
    assert outside.filter(pl.col("scheme") != "PPO").height == 4
    assert windows.join(outside, on="pncid", how="semi").height > 20
    assert windows.join(members, on="pncid", how="anti").height > 10
    inside = members.join(cohort, on="pncid", how="semi")
    assert inside.filter(pl.col("starts_on") == FROZEN_ON).height == 1
    assert inside.filter(pl.col("ends_on") == date(2010, 4, 2)).height == 1
    assert inside.filter(pl.col("end_reason").is_in(["moved", "died"])).height == 2


@pytest.mark.parametrize("edge", [BASELINE[0], BASELINE[1], FROZEN_ON, *ENDS])
def test_offences_on_the_edges_of_the_windows(counted: pl.DataFrame, edge: date) -> None:
    assert counted.filter(pl.col("offence_on") == edge).height > 0
