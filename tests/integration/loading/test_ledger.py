"""The ledger: rows add up by force of the database, a refused delivery can be tried again, auditors can read what happened."""

import shutil
from datetime import date, timedelta
from threading import Timer

import psycopg2
import pytest
from delivery_maker import Warehouse
from prison_rows import people, person

from iom_warehouse import loading
from iom_warehouse.loading import exemptions, history, ledger, sender_report
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError

FILE = "prison_person"
BY = "duty officer"
ROW_COUNT = "prison_person.row_count"
SUM = "rows_unchanged + rows_new + rows_changed + rows_deleted + rows_rejected"


def test_the_rows_of_every_file_of_every_night_add_up(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(*range(1, 9))})
    warehouse.take("prison", 2, {FILE: [*people(1, 2, surname="Birch"), *people(3, 4), person(5, dob="never"), *people(9, 9)]})
    deletions = [{"prison_number": "A0001BC", "change": "delete"}, {"prison_number": "A0099BC", "change": "delete"}]
    warehouse.take("prison", 3, {FILE: [*deletions, person(3, change="upsert"), person(4, sex="?", change="upsert")]}, base=2)
    assert warehouse.value(f"select count(*) from audit.file_load where rows_in_file <> {SUM}") == 0
    assert [warehouse.counts(number, FILE) for number in (1, 2, 3)] == [
        {"in_file": 8, "new": 8},
        {"in_file": 7, "unchanged": 2, "new": 1, "changed": 2, "rejected": 2, "gone": 3},
        {"in_file": 4, "unchanged": 2, "deleted": 1, "rejected": 1},
    ]
    current = warehouse.value(f"select count(*) from raw.{FILE} where closed_by_sequence is null")
    assert current == warehouse.value(
        "select sum(rows_new - rows_deleted - rows_gone) from audit.file_load where file = %s", FILE
    )


def test_a_load_waits_for_another_of_its_feed_as_long_as_that_takes(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=100ms")
    other = database.connect("loader")
    ledger.lock_feed(other, "prison")
    Timer(1, other.close).start()
    assert warehouse.take("prison", 1, {FILE: people(1)}).status == "published"


@pytest.mark.parametrize(
    "statement",
    [
        "update audit.file_load set rows_new = rows_new + 1",
        "update audit.file_load set rows_rejected = null",
        "update audit.file_load set rows_new = rows_new + 1, rows_changed = rows_changed - 1",
        "update audit.file_load set rows_gone = -1",
        "update audit.file_load set rows_in_file = null",
    ],
    ids=["too many", "unknown", "less than none", "less than none gone", "of no file"],
)
def test_the_database_refuses_counts_that_do_not_add_up(warehouse: Warehouse, statement: str) -> None:
    warehouse.take("prison", 1, {FILE: people(1)})
    with pytest.raises(psycopg2.errors.CheckViolation), database.transaction("loader") as conn, conn.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_refuses_to_publish_a_delivery_without_counts(warehouse: Warehouse) -> None:
    folder = warehouse.deliver("prison", 1, {FILE: people(1)})
    delivery_id = loading.land(loading.receive("prison", folder).delivery_id).delivery_id
    with (
        pytest.raises(psycopg2.errors.RaiseException, match="no counts"),
        database.transaction("loader") as conn,
        conn.cursor() as cursor,
    ):
        cursor.execute(
            "update audit.delivery set status = 'published', decided_at = now() where delivery_id = %s", (delivery_id,)
        )


def in_landing(warehouse: Warehouse) -> int:
    return warehouse.value("select count(*) from pg_class where relnamespace = 'landing'::regnamespace and relkind = 'r'")


def test_a_delivery_that_was_left_undecided_goes_on_where_it_was(warehouse: Warehouse) -> None:
    """As after a task that failed for good: its landed rows are kept, and the same command takes it that takes a refused one."""
    folder = warehouse.deliver("prison", 1, {FILE: people(1)})
    left = loading.land(loading.receive("prison", folder).delivery_id)
    assert left.status == "landed" and in_landing(warehouse)
    assert loading.retry(left.delivery_id).status == "published"
    assert warehouse.value("select attempt from audit.delivery") == 1
    assert loading.retry(left.delivery_id).status == "published", "and nothing is done twice"
    assert warehouse.counts(left.delivery_id, FILE) == {"in_file": 1, "new": 1}


def test_what_another_delivery_overtook_is_refused_and_leaves_landing(warehouse: Warehouse) -> None:
    """Somebody took the folder away before it was decided: the names in it must not stay where they were landed."""
    folder = warehouse.deliver("prison", 1, {FILE: people(1)})
    left = loading.land(loading.receive("prison", folder).delivery_id)
    shutil.rmtree(warehouse.inbox / "prison" / folder)
    with pytest.raises(IomError, match=f"Put it back, then run: iom delivery retry {left.delivery_id}"):
        loading.retry(left.delivery_id)
    warehouse.take("police", 1, {})
    assert warehouse.value("select status from audit.delivery where feed = 'prison'") == "validated", "another feed says nothing"
    assert warehouse.take("prison", 2, {FILE: people(2)}).status == "published"
    assert set(warehouse.findings(left.delivery_id)) == {"delivery.overtaken"}
    assert warehouse.value("select status from audit.delivery where delivery_id = %s", left.delivery_id) == "refused"
    assert in_landing(warehouse) == 0


def test_any_step_may_be_run_again_at_any_time(warehouse: Warehouse) -> None:
    folder = warehouse.deliver("prison", 1, {FILE: [person(1), person(2, dob="never")]})
    delivery_id = loading.receive("prison", folder).delivery_id
    for step in (loading.validate, loading.land, loading.validate, loading.publish):
        step(delivery_id)
    before = everything(warehouse)
    for step in (loading.land, loading.validate, loading.publish, loading.retry):
        assert step(delivery_id).status == "published"
    assert loading.receive("prison", folder).delivery_id == delivery_id
    assert everything(warehouse) == before


def everything(warehouse: Warehouse) -> list[tuple]:
    tables = ("audit.delivery", "audit.file_load", "audit.validation_result", "audit.rejected_row", "audit.delivery_finding",
              "audit.event", "quarantine.rejected_row", f"raw.{FILE}")  # fmt: skip
    return [row for table in tables for row in warehouse.query(f"select t.ctid, t::text from {table} t order by 1")]


def test_landing_is_empty_once_a_delivery_is_decided(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(1)})
    warehouse.take("prison", 2, {FILE: "wrong,header\n1,2\n"})
    assert warehouse.value("select count(*) from pg_class where relnamespace = 'landing'::regnamespace") == 0


def a_shrunken_delivery(warehouse: Warehouse) -> loading.Outcome:
    warehouse.take("prison", 1, {FILE: people(*range(1, 121))})
    return warehouse.take("prison", 2, {FILE: people(*range(1, 51))})


def test_a_full_file_with_less_than_half_of_the_rows_of_last_time_is_refused(warehouse: Warehouse) -> None:
    outcome = a_shrunken_delivery(warehouse)
    assert outcome.status == "refused"
    assert "It has 50 rows; expected were 60 or more, and at most 240." in warehouse.findings(outcome.delivery_id)[ROW_COUNT]
    assert len(warehouse.current(FILE, "prison_number")) == 120


def test_a_full_file_that_is_suddenly_empty_is_refused(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(*range(1, 121))})
    outcome = warehouse.take("prison", 2, {})
    assert set(warehouse.findings(outcome.delivery_id)) == {ROW_COUNT}
    assert len(warehouse.current(FILE, "prison_number")) == 120


def test_an_exemption_lets_one_rule_pass_for_a_while(warehouse: Warehouse) -> None:
    refused = a_shrunken_delivery(warehouse)
    today = date.today()
    exemptions.grant("prison", ROW_COUNT, "half of the prison has moved to another area", today + timedelta(days=7), BY)
    retried = loading.retry(refused.delivery_id)
    assert (retried.delivery_id, retried.status) == (refused.delivery_id, "published")
    results = "select attempt, success, is_exempt from audit.validation_result where rule_id = %s and delivery_id = %s order by 1"
    assert warehouse.query(results, ROW_COUNT, refused.delivery_id) == [(1, False, False), (2, False, True)]
    assert warehouse.value("select count(*) from audit.event where action = 'grant exemption'") == 1


def test_an_exemption_that_stands_is_not_granted_twice(warehouse: Warehouse) -> None:
    first = exemptions.grant("prison", ROW_COUNT, "half of the prison has moved", date.today() + timedelta(days=7), BY)
    with pytest.raises(IomError, match=f"Exemption {first} lets this rule fail until"):
        exemptions.grant("prison", ROW_COUNT, "half of the prison has moved", date.today() + timedelta(days=6), BY)
    exemptions.grant("prison", ROW_COUNT, "the other half moves too", date.today() + timedelta(days=8), BY)


def test_withdrawing_one_exemption_of_a_rule_withdraws_all_that_stand(warehouse: Warehouse) -> None:
    refused = a_shrunken_delivery(warehouse)
    for days in (7, 8):
        last = exemptions.grant("prison", ROW_COUNT, "half of the prison has moved", date.today() + timedelta(days=days), BY)
    exemptions.withdraw(last, "the prison is whole again", "data steward")
    assert loading.retry(refused.delivery_id).status == "refused"


def test_an_exemption_has_somebody_who_granted_it(warehouse: Warehouse) -> None:
    with pytest.raises(IomError, match="Nobody grants it"):
        exemptions.grant("prison", ROW_COUNT, "half of the prison has moved", date.today(), " ")


def test_an_exemption_that_is_withdrawn_exempts_nothing(warehouse: Warehouse) -> None:
    refused = a_shrunken_delivery(warehouse)
    number = exemptions.grant("prison", ROW_COUNT, "half of the prison has moved", date.today() + timedelta(days=7), BY)
    assert exemptions.withdraw(number, "the prison is whole again", "data steward") == ROW_COUNT
    assert loading.retry(refused.delivery_id).status == "refused"
    with pytest.raises(IomError, match=f"no exemption {number} that stands"):
        exemptions.withdraw(number, "the prison is whole again", "data steward")
    again = exemptions.grant("prison", ROW_COUNT, "it has moved after all", date.today() + timedelta(days=7), BY)
    with pytest.raises(IomError, match="ten letters"):
        exemptions.withdraw(again, "because", "data steward")
    assert [(one.exemption_id, one.granted_by, one.state.partition(" 2")[0]) for one in exemptions.listed()] == [
        (number, BY, "withdrawn"), (again, BY, "stands"),
    ]  # fmt: skip
    assert loading.retry(refused.delivery_id).status == "published"
    events = "select action, subject, reason from audit.event where action like '%%exemption%%' order by event_id"
    until = date.today() + timedelta(days=7)
    assert warehouse.query(events) == [
        ("grant exemption", f"exemption {number}: {ROW_COUNT} until {until}, by {BY}", "half of the prison has moved"),
        ("withdraw exemption", f"exemption {number}: {ROW_COUNT}, by data steward", "the prison is whole again"),
        ("grant exemption", f"exemption {again}: {ROW_COUNT} until {until}, by {BY}", "it has moved after all"),
        ("list exemptions", "2 exemptions", "to see which rules may fail"),
    ]
    assert warehouse.value("select audit.first_broken_event() is null")


def test_a_full_extract_of_more_than_twice_as_many_rows_is_refused(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: people(*range(1, 101))})
    refused = warehouse.take("prison", 2, {FILE: people(*range(1, 202))})
    assert refused.status == "refused" and ROW_COUNT in warehouse.findings(refused.delivery_id)
    assert warehouse.take("prison", 3, {FILE: people(*range(1, 201))}).status == "published"


def test_an_expired_exemption_exempts_nothing(warehouse: Warehouse) -> None:
    exemptions.grant("prison", ROW_COUNT, "half of the prison has moved to another area", date.today(), BY)
    warehouse.query(
        "update audit.exemption set granted_at = now() - interval '9 days', expires_on = current_date - 1 returning 1"
    )
    refused = a_shrunken_delivery(warehouse)
    assert loading.retry(refused.delivery_id).status == "refused"
    assert warehouse.value("select attempt from audit.delivery where delivery_id = %s", refused.delivery_id) == 2


@pytest.mark.parametrize(
    ("rule_id", "reason", "days", "complaint"),
    [
        ("prison_person.columns", "they will mend it soon", 7, "no rule 'prison_person.columns' that could be set aside"),
        ("prison_person.dob.type", "they will mend it soon", 7, "no rule"),
        (ROW_COUNT, "because", 7, "ten letters"),
        (ROW_COUNT, "they will mend it soon", 100, "three months"),
        (ROW_COUNT, "they will mend it soon", -1, "is over"),
    ],
    ids=["columns", "not critical", "no reason", "too long", "over"],
)
def test_not_everything_can_be_exempted(warehouse: Warehouse, rule_id: str, reason: str, days: int, complaint: str) -> None:
    with pytest.raises(IomError, match=complaint):
        exemptions.grant("prison", rule_id, reason, date.today() + timedelta(days=days), BY)


def test_an_exemption_from_the_columns_is_not_heeded(warehouse: Warehouse) -> None:
    warehouse.query(
        "insert into audit.exemption (feed, rule_id, reason, expires_on, granted_by)"
        " values ('prison', 'prison_person.columns', 'put in by hand', current_date + 1, 'somebody') returning 1"
    )
    outcome = warehouse.take("prison", 1, {FILE: "prison_number,surname\nA0001BC,Alder\n"})
    assert outcome.status == "refused"


def test_a_refused_delivery_is_tried_again_from_its_beginning(warehouse: Warehouse) -> None:
    refused = a_shrunken_delivery(warehouse)
    assert loading.retry(refused.delivery_id).status == "refused"
    assert warehouse.value("select attempt from audit.delivery where delivery_id = %s", refused.delivery_id) == 2
    assert set(warehouse.findings(refused.delivery_id)) == {ROW_COUNT}
    assert loading.receive("prison", refused.folder).status == "refused"


def test_what_could_not_be_received_is_not_tried_again_and_keeps_its_reasons(warehouse: Warehouse) -> None:
    refused = warehouse.take("prison", 1, {FILE: people(1)}, entries={FILE: {"rows": 5}})
    warehouse.take("prison", 2, {FILE: people(1)})
    before = warehouse.findings(refused.delivery_id)
    told = rf"Delivery {refused.delivery_id} cannot be taken as it lies there:\n  Sequence 1 comes after 2"
    with pytest.raises(IomError, match=told):
        loading.retry(refused.delivery_id)
    assert warehouse.findings(refused.delivery_id) == before != {}
    assert warehouse.value("select attempt from audit.delivery where delivery_id = %s", refused.delivery_id) == 1
    assert sender_report.page_of("prison", refused.folder, refused.delivery_id)


def test_a_refused_delivery_that_has_left_the_inbox_stays_refused(warehouse: Warehouse) -> None:
    refused = warehouse.take("prison", 1, {FILE: people(1)}, contract_version="2")
    folder = warehouse.inbox / "prison" / refused.folder
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(IomError, match="no longer in the inbox"):
        loading.retry(refused.delivery_id)
    assert warehouse.value("select status from audit.delivery") == "refused"


def test_history_lists_deliveries_those_that_wait_and_what_became_of_each(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: [person(1), person(2, dob="never")]})
    warehouse.take("prison", 2, {FILE: people(1)}, contract_version="2")
    warehouse.deliver("prison", 3, {FILE: people(1)})
    listed = [(line.delivery_id, line.folder, line.status, line.rows, line.rejected) for line in history.deliveries("prison")]
    assert listed == [
        (1, "2013-10-01.1", "published", 2, 1),
        (2, "2013-10-02.2", "refused", None, None),
        (None, "2013-10-03.3", "waiting", None, None),
    ]
    assert history.deliveries("police") == [] and len(history.deliveries()) == 3
    first, second = history.delivery(1), history.delivery(2)
    assert [(rule.rule_id, rule.severity) for rule in first.failed_rules] == [
        ("prison_person.dob.type", "warning"),
        ("prison_person.pncid.null_share", "info"),
    ]
    assert [finding.rule_id for finding in second.findings] == ["delivery.contract_version"]
    text = "\n".join(history.describe(1))
    assert "2 rows (1 new, 1 rejected)" in text and "prison_person.dob.type (warning) failed: 1 row breaks it" in text


def test_history_of_a_rule_is_its_results_delivery_by_delivery(warehouse: Warehouse) -> None:
    for sequence, dob in enumerate(("1980-02-29", "never", "1980-02-29"), 1):
        warehouse.take("prison", sequence, {FILE: [person(1), person(2, dob=dob)]})
    checks = [
        (check.delivery_id, check.success, check.element_count, check.unexpected_count)
        for check in history.of_rule("prison_person.dob.type")
    ]
    assert checks == [(1, True, 2, 0), (2, False, 2, 1), (3, True, 2, 0)]
    assert history.of_rule("prison_spell.released_on.type") == []
    warehouse.take("prison", 4, {FILE: [person(1)], "prison_spell": b""})
    broken = [(check.delivery_id, check.severity, check.unexpected_count) for check in history.of_rule("prison_spell.empty")]
    assert broken == [(4, "critical", 1)], "a rule of the interface, known where it failed"
    with pytest.raises(IomError, match="There is no rule 'prison_spell.nonsense'"):
        history.of_rule("prison_spell.nonsense")
    with pytest.raises(IomError, match="There is no delivery 99"):
        history.delivery(99)


def test_a_retried_delivery_that_is_published_leaves_no_report_of_its_refusal(warehouse: Warehouse) -> None:
    refused = a_shrunken_delivery(warehouse)
    report = sender_report.folder_of("prison", refused.folder, refused.delivery_id)
    assert "was refused" in (report / "report.html").read_text()
    exemptions.grant("prison", ROW_COUNT, "half of the prison has moved to another area", date.today(), BY)
    loading.retry(refused.delivery_id)
    assert not report.exists() or "was refused" not in (report / "report.html").read_text()
