"""`iom` for a person in a hurry: every command explains itself, and what is not there is said in a sentence."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import click
import pytest
import typer.main
from command_line import iom
from delivery_maker import Warehouse
from prison_rows import people

from iom_warehouse import cli
from iom_warehouse.orchestration import airflow_home, alerts, night_from_nothing
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError

IOM = str(Path(sys.executable).parent / "iom")


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield " ".join((*path, name)), command


def test_every_command_argument_and_option_is_explained() -> None:
    every = dict(commands(typer.main.get_command(cli.app)))
    assert {"nightly", "delivery show", "alert list", "alert close", "db take-over"} <= set(every)
    for name, command in every.items():
        assert command.help, name
        for parameter in command.params:
            assert parameter.help, f"{name}: {parameter.name}"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["delivery", "show", "999"], "There is no delivery 999. Run `iom delivery list`"),
        (["delivery", "retry", "999"], "There is no delivery 999."),
        (["delivery", "list", "--feed", "nonsense"], "There is no feed 'nonsense'"),
        (["rule", "nonsense"], "There is no rule 'nonsense'."),
        (["build", "show", "999"], "There is no build 999."),
        (["build", "show"], "Nothing was built yet."),
        (["build", "run", "1 October"], "'1 October' is not a date. Write it like 2013-10-01."),
        (["build", "run", "2013-10-01", "--full", "--erased", "request 12"], "What was erased is written down with a reason"),
        (["build", "run", "2013-10-01", "--erased", "request 12", "--by", "me"], "What was erased is written down with a reason"),
        (["feedback", "send", "2013-10-01"], "Nothing was built yet."),
        (["exemption", "withdraw", "999", "the old system is back", "--by", "me"], "There is no exemption 999 that stands."),
        (["alert", "close", "999", "somebody saw to it", "--by", "me"], "There is no open alert 999."),
    ],
)
def test_what_is_not_there_is_said_with_what_to_do(warehouse: Warehouse, command: list[str], told: str) -> None:
    with pytest.raises(IomError) as error:
        iom(*command)
    assert str(error.value).startswith(told) and error.value.next_step


def test_nothing_yet_is_a_sentence_and_no_empty_table(warehouse: Warehouse) -> None:
    assert iom("delivery", "list").startswith("Nothing was delivered yet")
    assert iom("rule", "prison_spell.released_on.type").startswith("No delivery was checked on this rule yet")
    assert iom("alert", "list").strip() == "No alert was raised yet."
    assert iom("alert", "list", "--open").strip() == "No alert is open."


def test_a_published_delivery_is_not_tried_again(warehouse: Warehouse) -> None:
    number = warehouse.take("prison", 1, {"prison_person": people(1)}).delivery_id
    assert "published" in iom("delivery", "list", "--feed", "prison")
    with pytest.raises(IomError, match=f"Delivery {number} is published. There is nothing to try again"):
        iom("delivery", "retry", str(number))


def test_a_long_alert_is_whole_and_makes_no_line_wider_than_the_terminal(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = "the [hub] is late, " * 10 + "ask them"
    alerts.raise_alert("test", message)
    first, second = iom("alert", "list").splitlines()
    assert first.startswith("1  raised 20") and first.endswith(", open") and second == f"    {message}"
    monkeypatch.setattr(cli.console, "width", 60)
    lines = iom("alert", "list").splitlines()
    assert max(map(len, lines)) <= 60 and " ".join(line.strip() for line in lines[1:]) == message


def test_alerts_are_listed_and_closed(warehouse: Warehouse) -> None:
    alerts.raise_alert("test", "the [hub] is late")
    assert "the [hub] is late" in iom("alert", "list", "--open")
    (alert,) = alerts.listed()
    iom("alert", "close", str(alert.alert_id), "rang the hub, it comes at noon", "--by", "duty officer")
    assert iom("alert", "list", "--open").strip() == "No alert is open."
    assert "by duty officer: rang the hub" in iom("alert", "list")
    assert warehouse.query("select subject, reason from audit.event where action = 'close alert'") == [
        (f"alert {alert.alert_id}, by duty officer", "rang the hub, it comes at noon")
    ]


def test_exemptions_are_granted_listed_and_withdrawn(warehouse: Warehouse) -> None:
    assert iom("exemption", "list").strip() == "No exemption was granted yet."
    rule, until = "police_arrest.row_count", (date.today() + timedelta(days=9)).isoformat()
    iom("delivery", "exempt", "police", rule, "half the force [moved] to another system", until, "--by", "duty officer")
    for told in ("police", rule, "duty officer", f"{date.today()}", "half the force [moved]", until, "stands"):
        assert told in " ".join(iom("exemption", "list").replace("│", " ").split()), told
    iom("exemption", "withdraw", "1", "the old system is back", "--by", "data steward")
    assert "by data steward: the old system is back" in " ".join(iom("exemption", "list").split())


def test_the_default_configuration_takes_no_partnerships_place_unasked(warehouse: Warehouse, tmp_path: Path) -> None:
    own = tmp_path / "its own"
    shutil.copytree(night_from_nothing.settings().configuration_dir, own)
    with (own / "areas.csv").open("a", encoding="utf-8") as areas:
        areas.write("FX-NEW,New ward,ward,FX-N,2004-04-01\n")
    assert "Configuration 1 is in force." in iom("configuration", "apply", str(own))
    with pytest.raises(IomError) as refused:
        iom("configuration", "apply")
    assert f"comes from {own}, and none was given now." in str(refused.value)
    assert f"iom configuration apply '{own}'" in str(refused.value)
    assert warehouse.value("select max(configuration_id) from audit.configuration") == 1
    assert "Configuration 2 is in force." in iom("configuration", "apply", str(night_from_nothing.settings().configuration_dir))
    assert "Configuration 2 is in force." in iom("configuration", "apply")


def test_a_table_is_printed_whole_where_it_goes_into_a_pipe(warehouse: Warehouse) -> None:
    message = "the hub is late, " * 20 + "and nobody knows why"
    alerts.raise_alert("test", message)
    listed = subprocess.run(
        [IOM, "alert", "list"], env=os.environ | {"COLUMNS": "80"}, capture_output=True, text=True, check=True
    )
    assert message in listed.stdout


def as_a_person(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "200"} | settings
    return subprocess.run([IOM, *arguments], env=environment, capture_output=True, text=True, check=False)


def test_errors_are_printed_whole_and_without_a_traceback(tmp_path: Path) -> None:
    done = as_a_person("configuration", "check", str(tmp_path / "a [folder]"))
    assert done.returncode == 1
    assert "a [folder]" in done.stdout, "brackets are no markup"
    assert "Traceback" not in done.stdout + done.stderr
    done = as_a_person("configuration", "check", str(tmp_path))
    assert done.returncode == 1 and "measures.csv: this file is missing" in done.stdout


def test_a_setting_that_does_not_fit_is_named(tmp_path: Path) -> None:
    done = as_a_person("delivery", "list", IOM_CUT_OFF_HOUR="six o'clock")
    assert done.returncode == 1 and "IOM_CUT_OFF_HOUR" in done.stdout
    assert "Traceback" not in done.stderr and "six o'clock" not in done.stdout + done.stderr


def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    (tmp_path / "iom_loader").write_text("a password")
    done = as_a_person("delivery", "list", IOM_DATABASE_URL="postgresql://x@127.0.0.1:9/iom", IOM_SECRETS_DIR=str(tmp_path))
    assert done.returncode == 1 and "The database does not answer" in done.stdout and "iom db up" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_second_night_at_the_same_time_is_refused(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night_from_nothing, "prepare_database", lambda: None)  # it is; and rights on a database go with its name
    with database.alone("loader", airflow_home.NIGHT) as is_alone:
        assert is_alone
        with pytest.raises(IomError, match="Another `iom nightly` is at work .*Wait until it has ended"):
            iom("nightly")
    with database.alone("loader", airflow_home.NIGHT) as is_alone:
        assert is_alone, "its end lets the next one begin"
