"""Input that is wrong or lopsided, and a model that is missing or broken: clear errors, bounded cost, nothing half-written."""

import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from traceback import format_exception

import pytest
from feeds_of_people import Feeds
from splink.internals.exceptions import SplinkException
from splink.internals.linker_components.inference import LinkerInference
from surroundings import environment
from test_matching import ANN, LEEDS, SMITH, hub, police, prison
from test_runs import content

from iom_warehouse.linkage import LinkageError, model
from iom_warehouse.linkage.model import document
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings


def test_a_feed_with_every_identifier_null_is_linked_by_the_rest(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH | LEEDS)])
    feeds.deliver("hub", 1, [hub("H1", **SMITH | LEEDS), hub("H2")])
    result = feeds.link()
    assert feeds.people() == {frozenset({("police", "P1"), ("hub", "H1")}), frozenset({("hub", "H2")})}
    assert result.conflicts == 0


def people_of_one_surname() -> list[dict[str, str]]:
    """Of 3000 people 1200 have a surname that no model knows. All have one of eight forenames and 97 birth dates, and an address
    of their own."""
    forenames = ["James", "Daniel", "Lee", "Michael", "Robert", "Simon", "Peter", "Thomas"]
    return [
        {
            "surname": "Quillfeather" if n % 5 < 2 else f"Name{chr(65 + n % 26)}{chr(65 + n // 26 % 26)}{chr(65 + n // 676)}",
            "forenames": forenames[n * 7919 % 8],
            "dob": f"{1970 + n * 31 % 97 % 10}-{1 + n * 31 % 97 // 10:02}-27",
            "sex": "M",
            "postcode": f"{('LS', 'BD', 'WF', 'HX')[n % 4]}{1 + n // 4 % 20} {n // 80 % 10}{chr(65 + n // 800)}A",
        }
        for n in range(3000)
    ]


def alike(person: dict[str, str]) -> tuple[str, str, str]:
    return person["surname"], person["forenames"], person["dob"]


def test_one_unknown_surname_of_forty_per_cent_joins_namesakes_and_is_told(feeds: Feeds) -> None:
    """The model takes the surname for rare, so it makes one person of all who have one forename and birth date too, wherever they
    live. It cannot know better from two records; the figure of the night tells that the surname is 2000 times as common."""
    people = people_of_one_surname()
    feeds.deliver("police", 1, [police(f"P{n:04}", **person) for n, person in enumerate(people)])
    result = feeds.link()
    assert result.people == len({alike(person) for person in people}) < 2600
    told = feeds.query("select reason, n from audit.linkage_quality where figure = 'name_beyond_model' and item = 'surname'")
    assert dict(told) == {"times": 2000, "records": 1200, "rank": 1}  # 0.4 of the records, 0.0002 in the model
    assert feeds.query("select count(*) < 30000 from identity.pair") == [(True,)], "it costs in proportion"


def test_a_model_that_knows_the_surname_joins_none_of_them(feeds: Feeds, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As one that was trained anew on these records does."""
    shipped = model.load()
    known = tmp_path / "frequencies.csv"
    known.write_text(shipped.frequencies.read_text() + "surname,QUILLFEATHER,0.4\n")
    monkeypatch.setattr(model, "load", lambda: replace(shipped, frequencies=known))
    feeds.deliver("police", 1, [police(f"P{n:04}", **person) for n, person in enumerate(people_of_one_surname())])
    assert feeds.link().people == 3000
    times = "select n from audit.linkage_quality where (figure, item, reason) = ('name_beyond_model', 'surname', 'times')"
    assert feeds.query(times) == [(1,)]


def test_hundreds_of_records_of_one_person_are_one_person(feeds: Feeds) -> None:
    feeds.deliver("police", 1, [police(f"P{n:03}", **SMITH | LEEDS) for n in range(300)])
    assert feeds.link().people == 1


@pytest.fixture
def before(feeds: Feeds) -> dict[str, list]:
    """What is written while all is well; a night waits."""
    feeds.deliver("police", 1, [police("P1", pncid=ANN)])
    feeds.link()
    feeds.deliver("prison", 1, [prison("A1234BC", pncid=ANN)])
    return content(feeds)


def test_a_missing_model_is_said_and_nothing_is_written(feeds: Feeds, before) -> None:
    with environment(linkage_model="v99"), pytest.raises(IomError, match="v99") as caught:
        feeds.link()
    assert caught.value.next_step
    assert content(feeds) == before


def test_a_model_of_another_version_is_said_and_nothing_is_written(feeds: Feeds, before, tmp_path: Path) -> None:
    for name in ("v1.json", "v1_frequencies.csv"):
        (tmp_path / name.replace("v1", "v2")).write_text((document.FOLDER / name).read_text())
    with environment(linkage_model=tmp_path / "v2.json"), pytest.raises(IomError, match="v2") as caught:
        feeds.link()
    assert caught.value.next_step
    assert content(feeds) == before


def test_a_model_that_does_not_fit_the_records_is_said_without_a_value(
    feeds: Feeds, before, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = model.load()
    broken = replace(shipped.blocking_rules[0], key=("cast(pnc as integer)",))
    monkeypatch.setattr(model, "load", lambda: replace(shipped, blocking_rules=(broken,)))
    with pytest.raises(LinkageError, match="Scoring pairs of records failed: ConversionException") as caught:
        feeds.link()
    assert ANN not in str(caught.value)
    assert caught.value.__suppress_context__
    assert content(feeds) == before


def test_a_comparison_that_does_not_fit_the_records_is_said_without_a_value(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here Splink itself runs the statement, and its own exception quotes it with DuckDB's words."""
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH), police("P2", pncid=ANN, **SMITH)])
    shipped = model.load()
    broken = deepcopy(shipped.settings)
    [sex] = [comparison for comparison in broken["comparisons"] if comparison["output_column_name"] == "sex"]
    sex["comparison_levels"][1]["sql_condition"] = "cast(forename_root_l as integer) = 1"
    monkeypatch.setattr(model, "load", lambda: replace(shipped, settings=broken))
    with pytest.raises(LinkageError, match="Scoring pairs of records failed: ConversionException") as caught:
        feeds.link()
    words = "".join(format_exception(caught.value))
    assert ANN not in words and "JOHN" not in words and "SMITH" not in words


def test_a_failure_of_splink_itself_is_said_without_a_value(feeds: Feeds, before, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that DuckDB has no part in: then there is no cause to name instead."""

    def fail(*_, **__) -> None:
        raise SplinkException(f"cannot compare {ANN}")

    monkeypatch.setattr(LinkerInference, "predict", fail)
    with pytest.raises(LinkageError, match="Splink failed: SplinkException") as caught:
        feeds.link()
    assert ANN not in "".join(format_exception(caught.value))
    assert content(feeds) == before


def test_without_splink_it_is_said_and_nothing_is_written(feeds: Feeds, before, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)  # an import of it now raises ImportError
    with pytest.raises(IomError, match="Splink, which is not installed") as caught:
        feeds.link()
    assert caught.value.next_step == "Run: make env"
    assert content(feeds) == before


def test_scoring_leaves_no_file_behind(feeds: Feeds, before) -> None:
    there_before = set(settings().state_dir.iterdir())
    feeds.link()
    assert set(settings().state_dir.iterdir()) == there_before
