"""`iom people`: a question is listed without names, looked at with a reason, decided, withdrawn."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import iom
from feeds_of_people import Feeds
from test_matching import ANN, BOB, LEEDS, SMITH, hub, police

from iom_warehouse.linkage import model
from iom_warehouse.platform import secrets
from iom_warehouse.platform.errors import IomError

WHY = "looked at both files"
AS_STEWARD = ("--by", "sample_steward")
SECRETS = ("JOHN", "SMITH", "1980", ANN, BOB, "LS6", "P1", "H1")


@pytest.fixture
def two_pncs(logins, feeds: Feeds) -> Feeds:
    feeds.deliver("police", 1, [police("P1", pncid=ANN, **SMITH, **LEEDS)])
    feeds.deliver("hub", 1, [hub("H1", pncid=BOB, **SMITH, **LEEDS)])
    feeds.link()
    return feeds


def people(*arguments: str) -> str:
    """What the command prints, with the password of the login that `--by` names typed when it is asked for."""
    login = arguments[-1] if "--by" in arguments else ""
    typed = secrets.read(f"people/{login}") if login else "a guess"
    return iom("people", *arguments, typed=typed).removeprefix(" \n")  # what is left on the screen of a password


def test_a_question_from_the_queue_to_its_decision_and_back(two_pncs: Feeds, tmp_path: Path) -> None:
    listed = people("queue")
    assert "       1  two_pncs: joining them would give one person two valid PNCs" in listed
    assert "│ 1-2  │ two_pncs │ " in listed and "│ police, hub │ confirm, reject │" in listed
    assert people("queue", "--kind", "suspected_twins").strip() == "Nothing waits for a steward."
    picture = tmp_path / "evidence.svg"
    shown = people("show", "1-2", WHY, "--picture", str(picture), *AS_STEWARD)
    assert "JOHN SMITH" in shown and ANN in shown and "The PNC ends at “different”" in shown
    assert (
        ": joining them would give one person two valid PNCs. You can: iom people confirm 1-2 or iom people reject 1-2" in shown
    )
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    assert not any(secret in listed + picture.read_text(encoding="utf-8") for secret in SECRETS)

    told = people("confirm", "1-2", WHY, *AS_STEWARD)
    assert told.startswith("Decision 1 is written. It stands from the next run")
    assert people("queue").strip() == "Nothing waits for a steward."
    two_pncs.link()
    assert len(two_pncs.people()) == 1
    assert "decision 1 of sample_steward" in people("explain", "1", WHY, *AS_STEWARD)
    assert people("withdraw", "1", "another photograph", *AS_STEWARD).startswith("Decision 2 is written.")
    two_pncs.link()
    assert len(two_pncs.people()) == 2
    people("reject", "1-2", WHY, *AS_STEWARD)
    two_pncs.link()
    assert "Decision 3 of sample_steward" in people("explain", "1", WHY, *AS_STEWARD)


def test_a_weight_of_another_model_is_said_to_be_one(two_pncs: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = ("show", "1-2", WHY, *AS_STEWARD)
    assert "The last run weighed it" not in people(*shown)
    shipped = model.load()
    bolder = replace(shipped, settings=shipped.settings | {"probability_two_random_records_match": 1e-3})
    monkeypatch.setattr(model, "load", lambda: bolder)
    assert "The last run weighed it +" in people(*shown)


def test_merge_and_split(two_pncs: Feeds) -> None:
    with pytest.raises(IomError, match="You have not looked at person 1 and 2") as error:
        people("merge", "1", "2", WHY, *AS_STEWARD)
    people(*re.findall(r"iom people (show) (\S+)", error.value.next_step)[0], WHY, *AS_STEWARD)
    people("merge", "1", "2", WHY, *AS_STEWARD)
    two_pncs.link()
    people("withdraw", "1", WHY, *AS_STEWARD)
    [number] = re.findall(r"record (\d+), hub_case H1", people("show", "1", WHY, *AS_STEWARD))
    people("split", "1", WHY, number, *AS_STEWARD)
    two_pncs.link()
    assert len(two_pncs.people()) == 2


def test_the_list_has_an_end(two_pncs: Feeds) -> None:
    listed = people("queue", "--limit", "0")
    assert "       1  two_pncs" in listed and "1-2" not in listed and "Nothing waits" not in listed


def test_who_is_no_steward_is_told(two_pncs: Feeds) -> None:
    with pytest.raises(IomError, match="did not let"):
        people("confirm", "1-2", WHY)  # by whoever runs this
    with pytest.raises(IomError, match="sample_analyst is no steward"):
        people("show", "1-2", WHY, "--by", "sample_analyst")


def test_evidence_without_weights_is_not_drawn(two_pncs: Feeds, tmp_path: Path) -> None:
    with pytest.raises(IomError, match="no weights to draw"):
        people("show", "1", WHY, "--picture", str(tmp_path / "evidence.svg"), *AS_STEWARD)
