"""The shipped model: fit for Splink, in order, and made to the same file by the same training."""

import json
import shutil
from copy import deepcopy
from dataclasses import replace
from math import log2
from pathlib import Path

import duckdb
import pytest
from splink import DuckDBAPI, Linker

from iom_warehouse.linkage import model, scoring, training
from iom_warehouse.platform.settings import settings

FORENAMES = ("JOHN", "DAVID", "SARAH", "AMIR", "LUCY", "PETER", "GRACE")
SURNAMES = ("SMITH", "JONES", "PATEL", "FARROW", "KHAN", "WOOD", "BELL", "NOWAK", "ADEYEMI")
# Each of 600 people twice: in the second record some have another postcode, a misspelt surname, the names exchanged, the day
# and month exchanged, or another year of birth.
TWICE = """
    create table given as
    with person as (
        select n as person, $forenames[1 + n % 7] as given, $surnames[1 + n % 9] as family, n % 14 as slip,
            date '1950-02-02' + (n * 7919 % 15000)::integer as born,
            'LS' || n % 25 || '1' || chr((65 + n % 20)::integer) || 'B' as lived
        from range(1, 601) as numbers (n)
    ),
    written as (
        select person, copy, case when slip = 3 and copy then family else given end as forename,
            case when slip = 3 and copy then given when slip in (4, 5, 7) and copy then family || 'E' else family end as surname,
            case when slip = 5 and copy and day(born) <= 12 then make_date(year(born), day(born), month(born))
                when slip = 6 and copy then born + interval 3 year when slip in (8, 9) and copy then null
                else born end::date as dob,
            case when slip in (1, 6, 7) and copy then 'LS91ZZ' else lived end as postcode,
            case when slip = 2 then '2001/' || lpad(person::varchar, 7, '0') || 'A' end as pnc
        from person, (values (false), (true)) as copies (copy)
    )
    select row_number() over (order by person, copy) as record_id, 'file' as source_file, person || copy::varchar as source_key,
        forename, surname, forename as forename_root, [forename] as forenames, [surname] as surnames, dob, false as dob_is_rough,
        'M' as sex, postcode, [postcode] as postcodes, pnc, replace(pnc, '/', '') as cro, pnc as prison_number, pnc as crn, person
    from written
"""


@pytest.fixture
def people() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(TWICE, {"forenames": list(FORENAMES), "surnames": list(SURNAMES)})
    connection.execute("create table records as select *, true as is_new, hash(source_key) as order_key from given")
    return connection


def levels_of(comparison: dict) -> list[dict]:
    return [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]


def test_splink_takes_the_settings(people) -> None:
    Linker(DuckDBAPI(people).register("records"), model.load().settings)


@pytest.mark.parametrize(
    "comparison", model.load().settings["comparisons"], ids=lambda comparison: comparison["output_column_name"]
)
def test_a_better_level_never_weighs_less(comparison: dict) -> None:
    weights = [training.weight(level) for level in levels_of(comparison)]
    assert all(better >= worse - 0.01 for better, worse in zip(weights, weights[1:], strict=False))
    for name in ("m_probability", "u_probability"):
        assert sum(level[name] for level in levels_of(comparison)) == pytest.approx(1, abs=0.01)


# A name as it is, again, misspelt, as one of two, and exchanged with the other.
OF_A_NAME = """
    create table records as
    select row_number() over (order by number, kind) as record_id, number::varchar as source_file, kind as source_key,
        forename, surname, forename as forename_root, forenames, surnames, null::date as dob, false as dob_is_rough,
        null::varchar as sex, null::varchar as postcode, []::varchar[] as postcodes, null::varchar as pnc, null::varchar as cro,
        null::varchar as prison_number, null::varchar as crn, kind = 'as it is' as is_new,
        hash(source_file, source_key) as order_key
    from (select unnest($forenames) as given, unnest($surnames) as family, unnest(range($commonest)) as number),
    lateral (values
        ('as it is', given, family, [given], [family]),
        ('again', given, family, [given], [family]),
        ('misspelt', given || 'E', family || 'E', [given || 'E'], [family || 'E']),
        ('one of two', 'ZEBEDEE', family || ' OAKENFOLD', ['ZEBEDEE', given], [family || ' OAKENFOLD', family, 'OAKENFOLD']),
        ('exchanged', family, given, [family], [given])
    ) as written (kind, forename, surname, forenames, surnames)
"""
COMMONEST = 10


@pytest.mark.parametrize(("comparison", "column"), [("forename", "forename_root"), ("surname", "surname")])
def test_a_common_name_never_weighs_more_than_itself(comparison: str, column: str) -> None:
    shipped = model.load()
    commonest = {
        name: sorted(frequencies, key=lambda value: -frequencies[value])[:COMMONEST]
        for name, frequencies in shipped.frequency_of().items()
    }
    assert commonest["surname"][0] == "SMITH"
    watched = replace(
        shipped,
        settings=shipped.settings | {"retain_intermediate_calculation_columns": True},
        blocking_rules=(model.BlockingRule("of one name", "", ("source_file",)),),
        thresholds=replace(shipped.thresholds, possible=-1000.0),
    )
    with duckdb.connect() as connection:
        names = {"forenames": commonest["forename_root"], "surnames": commonest["surname"]}
        connection.execute(OF_A_NAME, names | {"commonest": COMMONEST})
        found = connection.sql(
            f"""select source_file, gamma_{comparison}, any_value(mw_{comparison} + mw_tf_adj_{comparison})
                from {scoring.predict(connection, watched)} join records on record_id = record_id_l group by all"""
        ).fetchall()
    (levels,) = (levels_of(each) for each in shipped.settings["comparisons"] if each["output_column_name"] == comparison)
    weights = {(int(number), levels[len(levels) - 1 - gamma]["label_for_charts"]): weight for number, gamma, weight in found}
    for number, name in enumerate(commonest[column]):
        of_name = {level: weight for (of, level), weight in weights.items() if of == number}
        assert of_name.keys() >= {"same", "much alike", "a form in common", "names exchanged"}
        assert max(of_name, key=lambda level: (of_name[level], level == "same")) == "same", name
        assert of_name["same"] == pytest.approx(log2(levels[0]["m_probability"] / shipped.frequency_of()[column][name]))


def test_an_identifier_alone_joins_and_three_contradictions_outweigh_it() -> None:
    shipped = model.load()
    prior = log2(shipped.settings["probability_two_random_records_match"])
    weights = {
        (comparison["output_column_name"], level["label_for_charts"]): training.weight(level)
        for comparison in shipped.settings["comparisons"]
        for level in levels_of(comparison)
    }
    alone = prior + weights["pnc", "same"]
    assert alone >= shipped.thresholds.join
    contradicted = alone + sum(weights[name, "different"] for name in ("forename", "surname", "dob", "sex"))
    assert contradicted < shipped.thresholds.possible


def test_every_blocking_rule_finds_pairs_of_one_person(people) -> None:
    for rule in model.load().blocking_rules:
        assert scoring.count_pairs(people, rule) > 0, rule.name


def test_blocked_pairs_are_counted_once(people) -> None:
    rule = model.BlockingRule("forms", "", ("unnest([surname, surname])", "dob"))
    assert scoring.count_pairs(people, rule) == scoring.count_pairs(people, replace(rule, key=("surname", "dob")))


def test_training_twice_gives_one_file_whatever_the_order_of_arrival(people, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(training, "RANDOM_PAIRS", 1e5)  # fewer than there are, so that they are drawn
    reports = []
    for name, order in {"one": "record_id", "other": "record_id * 7919 % 1201"}.items():
        (tmp_path / name).mkdir()
        arrived = people.sql(f"select * replace ({order} as record_id) from given order by {order}")
        reports.append(training.retrain(arrived, model.load(), "v2", tmp_path / name, seed=3))
    for file in ("v2.json", "v2_frequencies.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()
    assert reports[0].after.precision > 0.99
    assert any("surname" in line and "different" in line for line in reports[0].lines())


def test_training_without_truth(people, tmp_path: Path) -> None:
    report = training.retrain(people.sql("select * exclude person from given"), model.load(), "v2", tmp_path)
    trained = model.load("v2", tmp_path)
    assert "by EM" in trained.origin
    assert report.after is None
    for comparison in trained.settings["comparisons"]:
        test_a_better_level_never_weighs_less(comparison)


def test_pairs_of_one_person_do_not_count_as_chance_agreement(people, tmp_path: Path) -> None:
    """600 of the 719,400 pairs are of one person: eight times as many as share a birth date by chance."""
    training.retrain(people.table("given"), model.load(), "v2", tmp_path)
    (dob,) = (found for found in model.load("v2", tmp_path).settings["comparisons"] if found["output_column_name"] == "dob")
    assert levels_of(dob)[0]["u_probability"] < 3e-4


def test_rare_names_are_not_written_down(people, tmp_path: Path) -> None:
    people.execute("update given set surname = 'ONLYONE', surnames = ['ONLYONE'] where person = 1")
    training.retrain(people.table("given"), model.load(), "v2", tmp_path)
    written = (tmp_path / "v2_frequencies.csv").read_text()
    assert "SMITH" in written
    assert "ONLYONE" not in written


def test_too_few_records(people, tmp_path: Path) -> None:
    with pytest.raises(model.ModelError, match="too few"):
        training.retrain(people.table("given").limit(20), model.load(), "v2", tmp_path)


def copy_of_shipped(folder: Path, **changes) -> None:
    shipped = model.load()
    shutil.copy(shipped.frequencies, folder / "v9_frequencies.csv")
    held = json.loads(shipped.frequencies.with_name("v1.json").read_text()) | {"version": "v9"} | changes
    (folder / "v9.json").write_text(json.dumps(held))


def test_the_setting_may_name_a_file(tmp_path: Path, monkeypatch) -> None:
    copy_of_shipped(tmp_path)
    monkeypatch.setattr(settings(), "linkage_model", str(tmp_path / "v9.json"))
    assert model.load().version == "v9"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": "v8"}, "holds the model v8"),
        ({"thresholds": {"join": 1.0, "split": 2.0, "possible": -4.0}}, "out of order"),
        ({"thresholds": {}}, "no linkage model"),
    ],
)
def test_a_file_that_is_not_right_is_refused(tmp_path: Path, changes: dict, message: str) -> None:
    copy_of_shipped(tmp_path, **changes)
    with pytest.raises(model.ModelError, match=message):
        model.load("v9", tmp_path)


def test_a_missing_file_is_said_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(model.ModelError, match="Choose one of: v1"):
        model.load("v7")
    copy_of_shipped(tmp_path)
    (tmp_path / "v9_frequencies.csv").unlink()
    with pytest.raises(model.ModelError, match="frequencies of v9"):
        model.load("v9", tmp_path)


@pytest.mark.parametrize("left", [0, 0.5])
def test_frequencies_that_are_cut_short_are_refused(tmp_path: Path, left: float) -> None:
    copy_of_shipped(tmp_path)
    path = tmp_path / "v9_frequencies.csv"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * left)])
    with pytest.raises(model.ModelError, match="v9_frequencies.csv is not what v9 was made with"):
        model.load("v9", tmp_path)


def test_frequencies_of_another_version_are_refused(tmp_path: Path) -> None:
    copy_of_shipped(tmp_path)
    shipped = model.load()
    others = model.save(replace(shipped, version="v8"), [{"column": "surname", "value": "SMITH", "frequency": 0.01}], tmp_path)
    shutil.copy(others.with_name("v8_frequencies.csv"), tmp_path / "v9_frequencies.csv")
    with pytest.raises(model.ModelError, match="v9_frequencies.csv is not what v9 was made with"):
        model.load("v9", tmp_path)
    assert model.load("v8", tmp_path).version == "v8"


@pytest.mark.parametrize(
    ("comparison", "label"),
    [
        ("forename", "same"),
        ("forename", "names exchanged"),
        ("forename", "a form in common"),
        ("forename", "different"),
        ("dob", "different"),
        ("dob", "ten or more years apart"),
    ],
)
def test_a_level_that_the_rules_go_by_must_be_there(tmp_path: Path, comparison: str, label: str) -> None:
    settings_of_v9 = deepcopy(model.load().settings)
    for found in settings_of_v9["comparisons"]:
        for level in found["comparison_levels"]:
            if (found["output_column_name"], level["label_for_charts"]) == (comparison, label):
                level["label_for_charts"] = "something else"
    copy_of_shipped(tmp_path, settings=settings_of_v9)
    with pytest.raises(model.ModelError, match=f"no level '{label}' of the comparison '{comparison}'"):
        model.load("v9", tmp_path)


@pytest.mark.parametrize("comparisons", [[], [{"output_column_name": "forename"}]])
def test_settings_without_levels_are_no_model(tmp_path: Path, comparisons: list) -> None:
    copy_of_shipped(tmp_path, settings={"comparisons": comparisons})
    with pytest.raises(model.ModelError, match=r"no level 'same' of the comparison 'forename'|no linkage model"):
        model.load("v9", tmp_path)


def test_a_version_that_was_not_written_to_its_end_is_none(tmp_path: Path) -> None:
    def killed():
        yield {"column": "surname", "value": "SMITH", "frequency": 0.01}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.save(replace(model.load(), version="v9"), killed(), tmp_path)
    model.ask_for_new("v9", tmp_path)
    with pytest.raises(model.ModelError, match="no linkage model v9"):
        model.load("v9", tmp_path)
