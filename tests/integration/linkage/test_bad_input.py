"""Input that is wrong or lopsided, and a model that is missing or broken: clear errors, bounded cost, nothing half-written."""

import sys
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
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


def test_one_surname_of_forty_per_cent_costs_in_proportion_and_joins_nobody(feeds: Feeds) -> None:
    people = [
        {
            "surname": "Smith" if n % 5 < 2 else f"Name{chr(65 + n % 26)}{chr(65 + n // 26 % 26)}",
            "forenames": f"F{chr(65 + n % 26)}{chr(65 + n // 26 % 26)}{chr(65 + n // 676)}en",
            "dob": str(date(1950, 1, 2) + timedelta(days=5 * n)),
            "sex": "M",
        }
        for n in range(3000)
    ]
    feeds.deliver("police", 1, [police(f"P{n:04}", **person) for n, person in enumerate(people)])
    result = feeds.link()
    assert result.people == 3000
    assert feeds.query("select count(*) < 3000 from identity.pair") == [(True,)]
    assert feeds.query("select count(*) from identity.pair where weight >= %s", (model.load().thresholds.join,)) == [(0,)]


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
