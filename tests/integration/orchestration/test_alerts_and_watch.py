"""Alerts reach people by a real SMTP server and the ledger; the watch sees what is late, stale, refused or waiting."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import relay
from airflow.sdk.exceptions import AirflowFailException
from delivery_maker import FIRST_NIGHT
from prison_rows import person
from surroundings import environment

from iom_warehouse import contracts, loading
from iom_warehouse.delivery import inbox
from iom_warehouse.orchestration import alerts, building, nightly, watch
from iom_warehouse.platform import database, state
from iom_warehouse.platform.errors import IomError

NIGHT = date(2013, 10, 2)
NEVER = "never delivered"  # the kind of alert
FEEDS = {contract.feed for contract in contracts.all()}


@pytest.fixture
def mailbox(warehouse):
    with relay.running(alert_to="duty@partnership.example") as found:
        yield found


def published(feed: str, business_date: str, sequence: int) -> None:
    decided(feed, business_date, sequence, "published")


def decided(feed: str, business_date: str, sequence: int, status: str) -> None:
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(
            "insert into audit.delivery"
            " (feed, folder, manifest_sha256, business_date, sequence, extract, extracted_at, status, decided_at)"
            " values (%s, %s || '.' || %s, %s::text, %s, %s, 'full', %s::date + time '23:40', %s, case when %s then now() end)",
            (feed, business_date, sequence, sequence, business_date, sequence, business_date, status, status != "received"),
        )


def raised() -> list[tuple]:
    """Alerts but those of feeds that no test is about: most have delivered nothing."""
    with database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(
            "select kind, feed, business_date, sent_at is not null from audit.alert where kind <> %s order by alert_id", (NEVER,)
        )
        return cursor.fetchall()


def checked(night: date = NIGHT) -> list[str]:
    """What the watch finds, but that feeds were never delivered."""
    return [message for message in watch.check(night) if "never delivered" not in message]


def open_alerts() -> list[alerts.Alert]:
    return [alert for alert in alerts.listed(only_open=True) if alert.kind != NEVER]


def silent() -> set[str]:
    return {alert.message.split(":")[0] for alert in alerts.listed(only_open=True) if alert.kind == NEVER}


def test_nothing_is_expected_before_the_first_delivery(warehouse):
    assert watch.check(NIGHT) == []
    published("police", "2013-10-03", 1)
    assert watch.check(NIGHT) == [], "of a night before it neither"


def test_a_feed_that_was_never_delivered_is_told_once_and_is_not_late(warehouse):
    published("police", "2013-10-02", 1)
    messages = watch.check(NIGHT)
    assert {message.split(":")[0] for message in messages} == silent() == FEEDS - {"police"}
    assert all("never delivered" in message for message in messages) and raised() == []
    watch.check(date(2013, 10, 3))
    assert len([alert for alert in alerts.listed() if alert.kind == NEVER]) == len(FEEDS) - 1, "one for each, not one a night"


def test_what_came_or_is_not_to_come_is_told_no_longer(warehouse):
    published("police", "2013-10-02", 1)
    watch.check(NIGHT)
    published("hub", "2013-10-02", 1)
    [of_dip] = [alert for alert in alerts.listed() if alert.message.startswith("dip: never delivered")]
    alerts.close(of_dip.alert_id, "Duty officer", "we have no such service")
    watch.check(NIGHT)
    assert silent() == FEEDS - {"police", "hub", "dip"}


def test_a_feed_of_which_all_was_refused_has_been_delivered(warehouse):
    published("police", "2013-10-02", 1)
    decided("hub", "2013-10-02", 1, "refused")
    watch.check(NIGHT)
    assert "hub" not in silent()


@pytest.mark.parametrize("status", ["received", "refused", "published"])
def test_the_first_delivery_closes_the_alert_whatever_becomes_of_it(warehouse, status):
    published("police", "2013-10-02", 1)
    watch.check(NIGHT)
    assert "hub" in silent()
    decided("hub", "2013-10-02", 1, status)
    watch.check(NIGHT)
    assert "hub" not in silent()


def test_a_feed_whose_first_delivery_waits_is_not_called_never_delivered(warehouse):
    published("police", "2013-10-02", 1)
    warehouse.deliver("prison", 1, {"prison_person": [person(1)]})
    watch.check(NIGHT)
    assert silent() == FEEDS - {"police", "prison"}


def test_of_a_weekly_feed_nothing_is_told_before_its_own_night(warehouse, monkeypatch):
    """The hub's is expected on Monday mornings; the partnership began on a Wednesday."""
    weekly = replace(contracts.get("hub"), expected_by="0 3 * * 1", stale_after_days=9)
    monkeypatch.setattr(contracts, "all", lambda: [contracts.get("police"), weekly])
    published("police", "2013-10-02", 1)
    for saturday_or_earlier in (NIGHT, date(2013, 10, 5)):
        assert not any(message.startswith("hub") for message in watch.check(saturday_or_earlier))
    assert any(message.startswith("hub: never delivered") for message in watch.check(date(2013, 10, 6)))
    published("hub", "2013-10-06", 1)
    published("police", "2013-10-09", 2)
    assert watch.check(date(2013, 10, 9)) == [], "it has the last Sunday"


def test_a_night_is_its_own_last_one_of_a_feed_that_comes_every_night():
    for contract in contracts.all():
        nights = [date(2013, 10, 20) + timedelta(days=number) for number in range(170)]  # the clocks change twice
        assert [watch.night_of(contract, night) for night in nights] == nights


def test_a_late_feed_is_told_once_and_by_mail(mailbox):
    published("police", "2013-10-01", 1)
    published("dip", "2013-10-02", 1)
    assert len(checked()) == 1
    watch.check(NIGHT)
    assert raised() == [("late", "police", NIGHT, True)]
    payloads = [message.get_content() for message in mailbox.received]
    assert {message["To"] for message in mailbox.received} == {"duty@partnership.example"}
    assert sum("police: no delivery for 2013-10-02" in payload for payload in payloads) == 1


def test_what_lies_there_without_a_manifest_is_named_by_the_alert_of_its_feed(warehouse):
    published("prison", "2013-10-01", 1)
    for feed in ("prison", "dip"):
        (warehouse.inbox / feed / warehouse.deliver(feed, 2, {}) / "manifest.json").unlink()
    told = [message for message in watch.check(NIGHT) if message.startswith(("prison", "dip"))]
    for message, feed in zip(told, ("dip", "prison"), strict=True):
        assert message.endswith(f" '{feed}/2013-10-02.2' lies there without its manifest.json: it has not arrived whole.")


def test_a_feed_that_lags_for_longer_than_its_contract_allows_is_stale(warehouse):
    published("police", "2013-09-01", 1)
    watch.check(NIGHT)
    assert [kind for kind, *_ in raised()] == ["stale"]


def test_a_refused_delivery_is_told_until_a_good_one_came(warehouse):
    published("police", "2013-10-01", 1)
    decided("police", "2013-10-02", 2, "refused")
    watch.check(NIGHT)
    ((kind, *_),) = raised()
    assert kind.startswith("refused "), "and it is not late as well: it came"
    published("police", "2013-10-02", 3)
    assert checked() == []


def test_what_was_mended_is_no_alert_of_the_night_any_more(warehouse):
    published("police", "2013-10-01", 1)
    published("prison", "2013-10-01", 1)
    decided("police", "2013-10-02", 2, "refused")
    refused, late = checked()
    after = max(alert.alert_id for alert in alerts.listed())
    assert sorted(alerts.of_night(NIGHT, after)) == sorted([refused, late])
    published("police", "2013-10-02", 3)
    watch.check(NIGHT)
    assert alerts.of_night(NIGHT, after) == [late]


def test_a_delivery_that_was_overtaken_is_no_refusal_to_see_to(warehouse):
    left = warehouse.deliver("prison", 1, {"prison_person": [person(1)]})
    loading.land(loading.receive("prison", left).delivery_id)
    warehouse.take("prison", 2, {"prison_person": [person(1)]}, business_date=FIRST_NIGHT)
    assert warehouse.value("select count(*) from audit.delivery where status = 'refused'") == 1
    assert not any("refused" in message for message in watch.check(FIRST_NIGHT))


def test_a_refused_delivery_of_a_stale_feed_is_told_beside_its_staleness(warehouse):
    published("police", "2013-09-01", 1)
    decided("police", "2013-10-02", 2, "refused")
    watch.check(NIGHT)
    assert sorted(kind.split()[0] for kind, *_ in raised()) == ["refused", "stale"]


def test_alerts_wait_for_a_mail_server_that_is_down(mailbox):
    """The next look of the watch sends them, though it finds nothing new."""
    with environment(smtp_host="127.0.0.1", smtp_port="9", alert_to="duty@partnership.example"):
        assert alerts.raise_alert("test", "a message")
        assert raised() == [("test", None, None, False)]
        assert alerts.listed()[0].state == "open, not sent by mail yet"
    assert mailbox.received == []
    assert watch.check(NIGHT) == []
    assert [message.get_content().strip() for message in mailbox.received] == ["- a message"]
    assert raised() == [("test", None, None, True)] and alerts.listed()[0].state == "open"


def test_an_address_that_is_refused_keeps_nobody_else_from_knowing(mailbox):
    """Who has left is told of to those who have not, once; who is reached again is told all that is open."""
    unreached = "- Alerts do not reach address 2 of IOM_ALERT_TO: the mail server refused the sender or an address (550)."
    with environment(alert_to="duty@partnership.example, nobody@elsewhere.example"):
        alerts.raise_alert("test", "a message")
        for _ in range(3):
            alerts.send_waiting()
    assert [(message["To"], message.get_content().strip()) for message in mailbox.received] == [
        ("duty@partnership.example", "- a message"), ("duty@partnership.example", unreached),
    ]  # fmt: skip
    assert [kind for kind, *_ in raised()] == ["test", "mail 2"]
    with environment(alert_to="duty@partnership.example, deputy@partnership.example"):
        assert watch.check(NIGHT) == []
    [last] = mailbox.received[2:]
    assert last["To"] == "deputy@partnership.example"
    assert last.get_content().splitlines()[:2] == ["- a message", unreached]
    assert [alert.kind for alert in alerts.listed(only_open=True)] == ["test"]


def test_an_address_that_a_person_dealt_with_may_be_refused_again_another_day(mailbox, warehouse):
    """A person closes an alert for good: of the day that it is of."""
    with environment(alert_to="duty@partnership.example, nobody@elsewhere.example"):
        alerts.raise_alert("test", "a message")
        [refused] = [alert for alert in alerts.listed() if alert.kind == "mail 2"]
        alerts.close(refused.alert_id, "Dee", "has a new address")
        warehouse.query("update audit.alert set business_date = business_date - 1 where kind = 'mail 2'")
        alerts.raise_alert("test", "another message", business_date=NIGHT)
    assert [alert.kind for alert in alerts.listed(only_open=True)] == ["test", "test", "mail 2"]


def test_the_sample_is_watched_by_its_own_clock(warehouse):
    """Its nights are of 2013: of those since then nothing is late."""
    for feed in FEEDS:
        published(feed, "2013-10-01", 1)
    published("police", "2013-10-02", 2)
    assert len(watch.check()) == len(FEEDS), "stale, by the clock of today"
    state.sample_truth().mkdir()
    assert {message.split(":")[0] for message in watch.check()} == FEEDS - {"police"}
    assert all("no delivery for 2013-10-02" in message for message in watch.check())
    with environment(inbox=warehouse.inbox):
        assert len(watch.check()) == len(FEEDS), "an inbox of one's own is no sample"


def test_nothing_is_late_that_need_not_have_come_yet(warehouse):
    """Tonight's deliveries are on their way for some hours after they are expected."""
    now = datetime.now(ZoneInfo("Europe/London"))
    for contract in contracts.all():
        published(contract.feed, str(watch.last_due(contract, now)), 1)
    assert watch.check(now.date()) == []
    assert watch.check(now.date() + timedelta(days=1)) == []


def test_what_may_not_be_read_is_told_until_it_may(warehouse, monkeypatch):
    shut = ["'police/2013-10-01.1'"]
    monkeypatch.setattr(inbox, "closed", lambda *_: shut)  # the tests may run as root, who may read everything
    assert any("'police/2013-10-01.1' in the inbox may not be read" in message for message in watch.check(NIGHT))
    watch.check(NIGHT)
    assert [kind for kind, *_ in raised()] == ["closed 'police/2013-10-01.1'"]
    shut.clear()
    assert watch.check(NIGHT) == [] and warehouse.value("select count(*) from audit.alert where closed_at is null") == 0


def test_the_night_that_is_due_follows_the_contract(warehouse):
    police = contracts.get("police")  # expected by 02:00 for the day before, late four hours after that
    london = ZoneInfo("Europe/London")
    assert watch.last_due(police, datetime(2013, 10, 3, 5, 59, tzinfo=london)) == date(2013, 10, 1)
    assert watch.last_due(police, datetime(2013, 10, 3, 6, 1, tzinfo=london)) == date(2013, 10, 2)


def due(hour: int) -> tuple | None:
    return watch.build_due(datetime(2013, 10, 3, hour, tzinfo=ZoneInfo("Europe/London")))


def built(night: date, **vintage: int) -> None:
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute(
            "insert into audit.build (business_date, kind, status, finished_at) values (%s, 'nightly', 'succeeded', now())"
            " returning build_id",
            (night,),
        )
        (build_id,) = cursor.fetchone()
        for feed, sequence in vintage.items():
            cursor.execute(
                "insert into audit.build_vintage (build_id, feed, sequence, state) values (%s, %s, %s, 'fresh')",
                (build_id, feed, sequence),
            )


def test_nothing_is_built_while_nothing_new_was_published(warehouse):
    assert due(23) is None
    published("police", "2013-10-02", 1)
    built(NIGHT, police=1)
    assert due(23) is None


def test_the_build_is_due_when_the_feeds_that_there_are_have_come(warehouse):
    published("police", "2013-10-02", 1)
    published("dip", "2013-10-02", 1)
    assert due(3)[0] == NIGHT


def test_a_late_feed_holds_the_build_up_until_the_cut_off_only(warehouse):
    published("dip", "2013-10-01", 1)
    published("police", "2013-10-02", 1)
    assert due(5) is None
    assert due(6)[0] == NIGHT


def test_what_comes_after_the_build_is_built_too(warehouse):
    published("police", "2013-10-02", 1)
    built(NIGHT, police=1)
    published("dip", "2013-10-02", 1)
    assert due(9)[0] == NIGHT


def builds_started(failed: int) -> list[str]:
    """Runs of the build that the watch asks for at noon when so many of its earlier ones have failed."""
    return [run["trigger_run_id"] for run in runs_started(failed) if run["trigger_dag_id"] == "build_warehouse"]


def runs_started(failed: int) -> list[dict]:
    """All runs that the watch asks for at noon when so many of the earlier ones of each have failed."""

    def failed_runs(dag_id: str, run_ids: list[str]) -> int:
        assert len(run_ids) == len(set(run_ids)) == watch.TRIES
        return failed

    return watch.runs_to_start(datetime(2013, 10, 3, 12, tzinfo=ZoneInfo("Europe/London")), failed_runs)


def test_a_build_that_fails_is_started_twice_more_and_then_left_to_a_person(warehouse):
    published("police", "2013-10-02", 1)
    started = [builds_started(failed) for failed in range(3)]
    assert len({run_id for (run_id,) in started}) == 3, "a run of its own each time"
    assert raised() == []
    assert builds_started(3) == builds_started(3) == []
    (alert,) = alerts.listed()
    assert alert.kind.startswith("failed build_warehouse")
    assert "iom build show" in alert.message and "iom build run 2013-10-02" in alert.message
    assert "iom feedback send 2013-10-02" in alert.message, "which follows the builds of Airflow only"
    built(NIGHT, police=1)
    alerts.close_settled()
    assert alerts.listed(only_open=True) == []


def test_the_next_delivery_of_a_feed_is_loaded_whenever_it_waits(warehouse):
    """Late, delivered again, or left by a load that failed: by the name of its folder, in the order of the sequences."""
    folders = [warehouse.deliver("prison", number, {}) for number in (1, 2)]
    [first] = runs_started(failed=0)
    assert (first["trigger_dag_id"], first["conf"]) == ("load_prison", {"folder": folders[0]})
    assert runs_started(failed=0) == [first], "the same run, which Airflow knows already"
    assert warehouse.load("prison", folders[0]).status == "published"
    [load] = [run for run in runs_started(failed=0) if run["trigger_dag_id"] == "load_prison"]
    assert load["conf"] == {"folder": folders[1]}
    sealed = warehouse.inbox / "prison" / folders[1] / "manifest.json"
    sealed.write_text(sealed.read_text() + " ")
    [again] = [run for run in runs_started(failed=0) if run["trigger_dag_id"] == "load_prison"]
    assert again["conf"] == load["conf"] and again["trigger_run_id"] != load["trigger_run_id"], "it was sent anew"


def test_a_load_that_fails_is_started_twice_more_and_then_left_to_a_person(warehouse):
    folder = warehouse.deliver("prison", 1, {})
    started = [runs_started(failed) for failed in range(3)]
    assert len({run["trigger_run_id"] for (run,) in started}) == 3, "a run of its own each time"
    assert runs_started(3) == runs_started(3) == []
    (alert,) = alerts.listed()
    assert alert.kind.startswith("failed load_prison") and f"prison/{folder}" in alert.message
    assert "iom delivery retry NUMBER" in alert.message
    assert warehouse.load("prison", folder).status == "published"
    alerts.close_settled()
    assert alerts.listed(only_open=True) == []


def test_nothing_is_built_while_a_build_is_at_work(warehouse):
    """One that was killed is none: it holds its lock no longer, though the ledger calls it running."""
    published("police", "2013-10-02", 1)
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute("insert into audit.build (business_date, kind) values (%s, 'nightly')", (NIGHT,))
    assert due(9) is None, "it links people"
    warehouse.query(
        "update audit.build set transformed_at = now(), scope_reason = 'everything: first', project_sha256 = 'a'"
    )
    with database.transaction("transformer") as conn, conn.cursor() as cursor:
        cursor.execute(building.BUILD_LOCK)
        assert due(9) is None, "it runs dbt"
    conn.close()
    assert due(9)[0] == NIGHT


def test_a_late_feed_that_came_closes_its_alert(warehouse):
    published("police", "2013-10-01", 1)
    watch.check(NIGHT)
    assert len(open_alerts()) == 1
    published("police", "2013-10-02", 2)
    watch.check(NIGHT)
    assert open_alerts() == []
    (alert,) = [alert for alert in alerts.listed() if alert.kind != NEVER]
    assert alert.state.endswith("by watch_deliveries: A delivery of 2013-10-02 was published.")


def test_a_person_closes_an_alert_once_and_for_good(warehouse):
    alerts.raise_alert("test", "a message")
    (alert,) = alerts.listed(only_open=True)
    with pytest.raises(IomError, match="at least 10"):
        alerts.close(alert.alert_id, "Duty officer", "done")
    alerts.close(alert.alert_id, "Duty officer", "it was a rehearsal")
    assert not alerts.raise_alert("test", "a message"), "a closed alert is not raised again"
    assert alerts.listed(only_open=True) == []
    assert alerts.listed()[0].state.endswith("by Duty officer: it was a rehearsal")
    with pytest.raises(IomError, match="no open alert"):
        alerts.close(alert.alert_id, "Duty officer", "it was a rehearsal")


def test_an_alert_that_closed_by_itself_is_raised_again_when_its_cause_recurs(warehouse):
    broken = {"not written police": "a page could not be written"}
    for _ in range(2):
        alerts.keep_open("not written", broken, NIGHT, "auditor_pages", "It was written.")
        assert [alert.state for alert in alerts.listed()][-1] == "open"
        alerts.keep_open("not written", {}, NIGHT, "auditor_pages", "It was written.")
        assert alerts.listed(only_open=True) == []
    assert len(alerts.listed()) == 2, "each time on the same day"


def test_a_run_says_why_it_failed_itself_and_not_why_another_did(warehouse):
    one, two, three = (SimpleNamespace(dag_id="build_warehouse", task_id="build_marts", run_id=n) for n in ("r1", "r2", "r3"))
    for run in (one, two):
        alerts.task_failed({"task_instance": run, "exception": IomError(f"The server of {run.run_id} is gone.", "Start it.")})
    assert "The server of r1 is gone." in nightly.why_failed(one)
    assert "The server of r2 is gone." in nightly.why_failed(two)
    assert nightly.why_failed(three) == ""


def test_a_refused_delivery_is_one_alert_and_not_a_failed_task_too(warehouse):
    task = SimpleNamespace(dag_id="load_police", task_id="land", run_id="r1")
    alerts.refused("police", f"{NIGHT}.2", 2)
    alerts.task_failed({"task_instance": task, "exception": AirflowFailException("refused")})
    assert [kind for kind, *_ in raised()] == ["refused 2"]
    alerts.task_failed({"task_instance": task, "exception": KeyboardInterrupt()})
    assert [kind for kind, *_ in raised()] == ["refused 2"], "a person has ended it"
    alerts.task_failed({"task_instance": task, "exception": ValueError("broken")})
    assert {kind for kind, *_ in raised()} == {"refused 2", "failed load_police.land r1"}
    assert "broken" not in alerts.listed()[-1].message, "it may quote data"
    alerts.task_failed({"task_instance": task, "exception": ValueError("broken"), "params": {"as_of": True}})
    assert alerts.listed()[-1].kind == "failed as-of build.land r1", "which no build of a night makes good"
    task.run_id = "r2"
    alerts.task_failed({"task_instance": task, "exception": IomError("The folder is no longer there.", "Put it back.")})
    assert alerts.listed()[-1].message == "Task land of load_police failed: The folder is no longer there. Put it back."


def test_a_refused_correction_stays_open_until_a_better_one_came(warehouse):
    published("police", "2013-10-02", 1)
    for number in (2, 3):
        decided("police", "2013-10-02", number, "refused")
        delivery = warehouse.value("select max(delivery_id) from audit.delivery")
        alerts.refused("police", f"{NIGHT}.{number}", delivery)
    alerts.close_settled()
    assert [alert.state for alert in alerts.listed()] == ["open", "open"]
    published("police", "2013-10-02", 4)
    alerts.close_settled()
    assert alerts.listed(only_open=True) == []


def test_what_is_settled_before_the_mail_server_came_back_is_not_sent(mailbox):
    with environment(smtp_host="127.0.0.1", smtp_port="9", alert_to="duty@partnership.example"):
        alerts.raise_alert("test", "a message")
    alerts.close(alerts.listed()[0].alert_id, "Dee", "tried and in order")
    assert alerts.send_waiting() == 0
    assert mailbox.received == []
    alerts.raise_alert("test", "a message", business_date=NIGHT)
    assert len(mailbox.received) == 1, "what is open goes"
