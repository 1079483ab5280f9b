"""The sample partnership: the same every time, true to its contracts but for the faults put in, and adding up over the nights."""

from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from agency_side import Delivery, Tables, broken_rules, deliveries, take_up

from iom_warehouse import contracts
from iom_warehouse.synthetic.generator.calendar_days import nights
from iom_warehouse.synthetic.generator.identifiers import ErrorRates
from iom_warehouse.synthetic.generator.partnership import Partnership, draw_partnership
from iom_warehouse.synthetic.sample import write_sample

FEEDS = ("dip", "hub", "police", "prison", "probation")
PEOPLE, SEED, NIGHTS = 3000, 2013, 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder / "inbox", folder / "truth", people=PEOPLE, nights=NIGHTS, seed=SEED)
    return folder


@pytest.fixture(scope="module")
def partnership() -> Partnership:
    return draw_partnership(PEOPLE, SEED, ErrorRates())


@pytest.fixture(scope="module")
def faults(folder: Path) -> pl.DataFrame:
    return pl.read_csv(folder / "truth" / "faults.csv", try_parse_dates=True)


def every_delivery(folder: Path) -> list[Delivery]:
    return [delivery for feed in FEEDS for delivery in deliveries(folder / "inbox", feed)]


def keys(feed: str) -> dict[str, tuple[str, ...]]:
    return {file.name: file.key for file in contracts.get(feed).files}


def published(folder: Path, feed: str) -> list[Delivery]:
    return [delivery for delivery in deliveries(folder / "inbox", feed) if not delivery.damaged_files]


def people_of(partnership: Partnership, file: str) -> pl.DataFrame:
    """source_key and person of the records of a file."""
    return partnership.records.filter(pl.col("source_file") == file).select("source_key", "person")


def test_the_same_bytes_for_a_seed(tmp_path: Path) -> None:
    for name, seed in {"one": 1, "again": 1, "other": 2}.items():
        write_sample(tmp_path / name / "inbox", tmp_path / name / "truth", people=800, nights=5, seed=seed)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*") if path.is_file())
    different = [file for file in files if (tmp_path / "one" / file).read_bytes() != (tmp_path / "again" / file).read_bytes()]
    assert len(files) > 200
    assert different == []
    assert (tmp_path / "one/truth/people.csv").read_bytes() != (tmp_path / "other/truth/people.csv").read_bytes()


def test_size_of_the_nights(folder: Path) -> None:
    rows = [(d.business_date, d.is_full, f["rows"]) for d in every_delivery(folder) for f in d.manifest["files"]]
    table = pl.DataFrame(rows, schema=["night", "full", "rows"], orient="row")
    first = table.filter(pl.col("night") == nights(NIGHTS)[0])
    changes = table.filter(~pl.col("full"))
    assert first["full"].all() and (first["rows"] > 0).all()
    assert 60_000 <= first["rows"].sum() <= 110_000
    assert changes.group_by("night").agg(pl.sum("rows"))["rows"].max() < 4_000
    assert (changes["rows"] == 0).mean() > 0.3
    assert table.filter(pl.col("full") & (pl.col("night") > nights(NIGHTS)[0])).height > 0


def test_sequences_follow_on_and_changes_build_on_what_was_published(folder: Path) -> None:
    for feed in FEEDS:
        last_published = None
        for number, delivery in enumerate(deliveries(folder / "inbox", feed), start=1):
            assert delivery.manifest["sequence"] == number
            assert delivery.is_full or delivery.manifest["base_sequence"] == last_published
            last_published = last_published if delivery.damaged_files else number


def test_one_truncated_file(folder: Path, faults: pl.DataFrame) -> None:
    damaged = [(d.manifest["feed"], d.business_date, file) for d in every_delivery(folder) for file in d.damaged_files]
    assert damaged == faults.filter(pl.col("fault") == "truncated file").select("feed", "business_date", "file").rows()
    assert len(damaged) == 1


def test_one_late_feed(folder: Path, faults: pl.DataFrame) -> None:
    late = [d for d in every_delivery(folder) if d.extracted_at.date() > d.business_date + timedelta(days=1)]
    following = deliveries(folder / "inbox", "dip")[late[0].manifest["sequence"]]
    assert [("dip", d.business_date) for d in late] == faults.filter(pl.col("fault") == "late").select(
        "feed", "business_date"
    ).rows()
    assert late[0].extracted_at.date() == following.business_date
    assert late[0].extracted_at < following.extracted_at


def test_one_corrected_delivery(folder: Path) -> None:
    by_night = pl.DataFrame(
        [(d.manifest["feed"], d.business_date, d.manifest["sequence"]) for d in every_delivery(folder)],
        schema=["feed", "night", "sequence"],
        orient="row",
    )
    twice = by_night.filter(pl.struct("feed", "night").is_duplicated())
    wrong, right = (d for d in deliveries(folder / "inbox", "hub") if d.manifest["sequence"] in twice["sequence"])
    wrong_colours = (
        wrong.tables["hub_rag"].join(right.tables["hub_rag"], on=["rag_ref"]).filter(pl.col("colour") != pl.col("colour_right"))
    )
    assert (twice["feed"].unique().to_list(), twice.height) == (["hub"], 2)
    assert right.is_full and right.extracted_at > wrong.extracted_at
    assert wrong_colours.height > 20


def test_only_the_faults_break_a_contract(folder: Path) -> None:
    broken = {}
    for feed in FEEDS:
        state: Tables = {}
        for delivery in published(folder, feed):
            state = take_up(state, delivery, keys(feed))
            for file in contracts.get(feed).files:
                if file.name in delivery.tables:
                    for rule, count in broken_rules(file, delivery.tables[file.name], state, delivery.extracted_at).items():
                        broken[(feed, delivery.manifest["sequence"], rule)] = count
    assert broken == {
        ("police", 4, "police_conviction.proved_on.type"): 1,
        ("police", 4, "police_drug_test.result.code"): 1,
        ("police", 4, "police_charge.arrest_ref.reference"): 1,
        ("police", 4, "police_suspect.crime_ref_police_ref.unique"): 2,
    }


def test_the_next_night_brings_the_rejected_rows_right(folder: Path, faults: pl.DataFrame) -> None:
    spoilt = faults.filter(pl.col("feed") == "police")
    following = deliveries(folder / "inbox", "police")[4].tables
    for file, key in spoilt.select("file", "source_key").rows():
        columns = keys("police")[file]
        again = following[file].filter(pl.concat_str(columns, separator="/") == key)
        assert again["change"].to_list() == ["upsert"], file
    assert spoilt.height == 4


@pytest.mark.parametrize("feed", FEEDS)
def test_changes_add_up_to_the_state_of_each_night(folder: Path, partnership: Partnership, feed: str) -> None:
    """After each delivery that brings no fault, what was taken up equals the source's own state."""
    days, state = nights(NIGHTS), {}
    for delivery in published(folder, feed):
        state = take_up(state, delivery, keys(feed))
        if feed == "police" and delivery.manifest["sequence"] == 4 or feed == "hub" and delivery.manifest["sequence"] == 7:
            continue
        night = days.index(delivery.business_date)
        for file, history in partnership.feeds[feed].items():
            truth = history.as_at(days[night // history.every * history.every])
            key = list(history.key)
            written = pl.read_csv(truth.write_csv().encode(), infer_schema=False)
            assert state[file].select(truth.columns).sort(key).equals(written.sort(key)), (feed, delivery.folder.name, file)


def test_no_file_shrinks_or_grows_too_fast_between_full_extracts(folder: Path) -> None:
    """A full file of less than half or more than twice the rows of the last one would be refused."""
    for feed in FEEDS:
        sizes: dict[str, int] = {}
        for delivery in (d for d in published(folder, feed) if d.is_full):
            for entry in delivery.manifest["files"]:
                before = sizes.get(entry["file"], entry["rows"])
                assert before / 2 <= entry["rows"] <= 2 * before, (feed, entry["file"])
                sizes[entry["file"]] = entry["rows"]


def test_truth_knows_every_record(folder: Path, partnership: Partnership) -> None:
    links = pl.read_csv(folder / "truth" / "links.csv", infer_schema=False)
    for file in ("police_person", "probation_person", "prison_person", "dip_client", "hub_case"):
        feed = file.split("_")[0]
        state: Tables = {}
        for delivery in published(folder, feed):
            state = take_up(state, delivery, keys(feed))
        own = links.filter(pl.col("source_file") == file)
        assert state[file].join(own, left_on=keys(feed)[file][0], right_on="source_key", how="anti").height == 0
        assert own["source_key"].is_unique().all()
    assert not list((folder / "inbox").rglob("links.csv"))


def test_what_is_rare_is_there_all_the_same(partnership: Partnership) -> None:
    """A release that has just moved three weeks later, a rescinded recall, lapsed transfers, and adults still listed as young."""
    prison, hub = partnership.feeds["prison"], partnership.feeds["hub"]
    before, last = nights(NIGHTS)[-2:]
    changed = prison["prison_release_date"].changes(before, last).filter(pl.col("date_type") == "expected")
    planned = changed.join(prison["prison_release_date"].as_at(before), on=("booking_ref", "date_type"))
    three_weeks = (pl.col("release_on") - pl.col("release_on_right")).dt.total_days() == 21
    assert planned.filter(three_weeks)["change"].to_list() == 3 * ["upsert"]
    gone = prison["prison_spell"].changes(before, last).filter(pl.col("change") == "delete")
    assert gone.select("custody_type", "released_on").rows() == [("recall", None)]
    memberships = hub["hub_membership"].as_at(last)
    ended = memberships.group_by("case_ref").agg(pl.col("ends_on").is_not_null().all()).filter("ends_on")["case_ref"].to_list()
    open_transfers = hub["hub_transfer"].as_at(last).filter(pl.col("handed_over_on").is_null())
    assert open_transfers.filter(pl.col("case_ref").is_in(ended)).height == 3
    born = partnership.people.select("person", "dob").join(people_of(partnership, "hub_case"), on="person")
    still_young = memberships.filter((pl.col("scheme") == "DYO") & pl.col("ends_on").is_null())
    still_young = still_young.join(born, left_on="case_ref", right_on="source_key")
    assert still_young.filter(pl.col("dob").dt.offset_by("18y") <= last).height == 2


def test_careers_agree_across_the_feeds(partnership: Partnership) -> None:
    """Nobody commits a named offence in prison; licences begin at releases; members of schemes have crimes behind them."""
    police, prison = partnership.feeds["police"], partnership.feeds["prison"]
    crimes = police["police_crime"].rows.select("crime_ref", "committed_to")
    suspects = police["police_suspect"].rows.select("crime_ref", "police_ref").join(crimes, on="crime_ref")
    offences = suspects.join(people_of(partnership, "police_person"), left_on="police_ref", right_on="source_key")
    spells = prison["prison_spell"].rows.select("booking_ref", "prison_number", "received_on", "released_on")
    spells = spells.join(people_of(partnership, "prison_person"), left_on="prison_number", right_on="source_key")
    inside = offences.join(spells, on="person").filter(
        (pl.col("committed_to") > pl.col("received_on")) & (pl.col("committed_to") < pl.col("released_on"))
    )
    overlapping = spells.join(spells, on="person").filter(
        (pl.col("booking_ref") != pl.col("booking_ref_right"))
        & (pl.col("received_on") <= pl.col("received_on_right"))
        & (pl.col("released_on") > pl.col("received_on_right"))
    )
    assert inside.height == 0
    assert overlapping.height == 0
    assert spells.height > 600


def test_the_mix_is_that_of_a_partnership(partnership: Partnership) -> None:
    people, police = partnership.people, partnership.feeds["police"]
    per_person = police["police_suspect"].rows.group_by("police_ref").len()["len"]
    acquisitive = (
        police["police_crime"]
        .rows["offence_code"]
        .str.slice(0, 3)
        .is_in(["028", "030", "034", "039", "044", "045", "046", "048", "049"])
    )
    members = partnership.feeds["hub"]["hub_case"].rows
    assert 0.86 <= (people["sex"] == "M").mean() <= 0.90
    assert per_person.sort(descending=True).head(len(per_person) // 10).sum() > 0.3 * per_person.sum()
    assert acquisitive.mean() > 0.4
    assert 380 <= members.filter(pl.col("known_on") <= date(2013, 7, 1)).height <= 520


def test_identifiers_are_missing_and_mistyped_at_the_rates_asked_for() -> None:
    clean = ErrorRates(**{field.name: 0.0 for field in fields(ErrorRates)})
    for rates, share in ((clean, 0.0), (ErrorRates(missing=0.2, mistyped=0.05, someone_else=0.01), 0.248)):
        drawn = draw_partnership(2000, 5, rates)
        records = drawn.feeds["police"]["police_person"].rows
        records = records.join(people_of(drawn, "police_person"), left_on="police_ref", right_on="source_key")
        truth = drawn.people.select("person", true_pncid="pncid")
        wrong = records.join(truth, on="person").select(pl.col("pncid").ne_missing(pl.col("true_pncid")).mean()).item()
        assert wrong == pytest.approx(share, abs=0.03)
