"""Training on the records of the warehouse, as `iom people retrain` does."""

import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from traceback import format_exception

import pytest
from test_people_commands import people

from iom_warehouse.linkage import model, training

TWO_FEEDS = """
    insert into identity.record (source_file, source_key, forename, surname, forename_root, forenames, surnames, dob,
        dob_is_rough, sex, postcode, postcodes)
    select file, 'K' || n, forename, surname, forename, array[forename], array[surname], date '1970-02-03' + n * 11, false, 'M',
        'LS11AA', array['LS11AA']
    from generate_series(1, 600) as n
    cross join (values ('police_person', 'E'), ('probation_person', '')) as either (file, slip)
    cross join lateral (values (
        (array['JOHN', 'DAVID', 'AMIR', 'PETER', 'PAUL'])[1 + n % 5],
        (array['SMITH', 'JONES', 'PATEL', 'KHAN', 'WOOD', 'BELL', 'NOWAK'])[1 + n % 7]
            || case when n % 9 = 0 then slip else '' end
    )) as name (forename, surname)
"""


def test_the_records_of_the_last_run_train_a_version(feeds, owner, tmp_path: Path) -> None:
    with owner.cursor() as cursor:
        cursor.execute(TWO_FEEDS)
    told = people("retrain", "v2", str(tmp_path))
    assert told.startswith("v2.json: v1 trained on 1200 records, m by EM, seed 1")
    assert re.search(r"\nsurname +much alike.* [+-]\d+\.\d\d +[+-]\d+\.\d\d\n", told), "each level with its weight before and now"
    assert "trained on 1200 records, m by EM" in model.load("v2", tmp_path).origin


def test_the_pairs_of_each_blocking_rule_are_counted(feeds, owner) -> None:
    with owner.cursor() as cursor:
        cursor.execute(TWO_FEEDS)
    told = people("blocking").splitlines()
    assert "           600  forename and birth date" in told
    assert "             0  same PNC" in told
    assert [line.split("  ")[-1] for line in told] == [rule.name for rule in model.load().blocking_rules]


def test_the_same_records_truth_and_seed_make_the_same_version(feeds, owner, linker, tmp_path: Path) -> None:
    with owner.cursor() as cursor:
        cursor.execute(TWO_FEEDS)
    truth = tmp_path / "links.csv"
    truth.write_text("source_file,source_key,person\n" + "".join(
        f"{file},K{n},{n}\n" for n in range(1, 591) for file in ("police_person", "probation_person")
    ))  # fmt: skip
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
        with linker, linker.cursor() as cursor:
            report = training.retrain_on_warehouse(cursor, model.load(), "v1", tmp_path / name, truth=truth)
    assert report.after and report.before and report.before.recall == 1
    assert "trained on 1180 records, m from truth" in model.load("v1", tmp_path / "once").origin
    for file in ("v1.json", "v1_frequencies.csv"):
        assert (tmp_path / "once" / file).read_bytes() == (tmp_path / "again" / file).read_bytes()


def test_a_truth_that_is_not_there_is_said(feeds, linker, tmp_path: Path) -> None:
    with pytest.raises(model.ModelError, match="There is no file"), linker, linker.cursor() as cursor:
        training.retrain_on_warehouse(cursor, model.load(), "v2", tmp_path, truth=tmp_path / "links.csv")


@pytest.mark.parametrize(("version", "folder", "says"), [("v1", "", "a model v1 already"), ("v2", "nowhere", "no folder")])
def test_no_version_is_overwritten(feeds, linker, tmp_path: Path, version: str, folder: str, says: str) -> None:
    (tmp_path / "v1.json").write_text("{}")
    with pytest.raises(model.ModelError, match=says), linker, linker.cursor() as cursor:
        training.retrain_on_warehouse(cursor, model.load(), version, tmp_path / folder)
    assert (tmp_path / "v1.json").read_text() == "{}"


def test_training_that_fails_is_said_without_a_value(feeds, owner, linker, tmp_path: Path) -> None:
    with owner.cursor() as cursor:
        cursor.execute(TWO_FEEDS)
    broken = deepcopy(model.load().settings)
    [sex] = [comparison for comparison in broken["comparisons"] if comparison["output_column_name"] == "sex"]
    sex["comparison_levels"][1]["sql_condition"] = "cast(forename_root_l as integer) = 1"
    with pytest.raises(model.ModelError, match="Training the model failed") as caught, linker, linker.cursor() as cursor:
        training.retrain_on_warehouse(cursor, replace(model.load(), settings=broken), "v2", tmp_path)
    words = "".join(format_exception(caught.value))
    assert not any(name in words for name in ("JOHN", "DAVID", "AMIR", "PETER", "PAUL"))
