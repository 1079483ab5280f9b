"""What a nightly run says at its end about rows that were kept back."""

from datetime import UTC, date, datetime

import pytest
from command_line import iom
from delivery_maker import Warehouse
from prison_rows import person, spell

from iom_warehouse.delivery import inbox
from iom_warehouse.loading import sender_report
from iom_warehouse.orchestration import alerts, summary

FILE = "prison_person"


LONG_AGO = datetime(2013, 1, 1, tzinfo=UTC)


def told(since: datetime = LONG_AGO) -> str:
    return "\n".join(summary.lines([], since))


def test_it_says_what_became_of_rejected_rows(warehouse: Warehouse) -> None:
    bad = {"dob": "1980-02-30"}
    warehouse.take("prison", 1, {FILE: [person(1, **bad), person(2, **bad), person(3, sex="X", **bad), person(4)]})
    assert "4 rows delivered, 1 versions written, 3 rejected (3 still rejected)" in told()
    warehouse.take("prison", 2, {FILE: [person(1), person(3, sex="X", **bad), person(4)]})
    assert "4 rejected (1 corrected since, 1 withdrawn, 1 sent again and rejected again, 1 still rejected)" in told()


def test_it_says_how_many_rows_were_taken_up(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: [person(1, dob="1980-02-30")], "prison_spell": [spell(1, of=1)]})
    assert "taken up" not in told()
    warehouse.take("prison", 2, {FILE: [person(1, change="upsert")]}, base=1)
    assert "2 rejected (2 corrected since)" in told() and "taken up once the row they refer to came: 1 row" in told()


def test_it_says_where_the_report_for_the_sender_of_a_published_delivery_lies(warehouse: Warehouse) -> None:
    first = warehouse.take("prison", 1, {FILE: [person(1, dob="1980-02-30"), person(2)]})
    report = sender_report.folder_of("prison", first.folder, first.delivery_id) / "report.html"
    assert report.is_file()
    assert f"kept back rows of {first.folder}; report for the sender: {report}" in told()
    warehouse.take("prison", 2, {FILE: [person(1), person(2)]})
    assert "report for the sender" not in told(), "nothing is left to do"
    assert "1 rejected (1 corrected since)" in told()


def test_it_says_when_most_identifiers_of_a_file_can_link_nobody(warehouse: Warehouse) -> None:
    in_vain = "nobody is linked by 15 values of pncid in prison_person of"
    bad = {"pncid": "2012/0000001I"}
    warehouse.take("prison", 1, {FILE: [person(n) for n in range(1, 16)] + [person(n, **bad) for n in range(16, 31)]})
    assert "nobody is linked" not in told(), "half of them are sound"
    second = warehouse.take("prison", 2, {FILE: [person(n) for n in range(1, 15)] + [person(n, **bad) for n in range(16, 31)]})
    report = sender_report.folder_of("prison", second.folder, second.delivery_id) / "report.html"
    assert f"{in_vain} {second.folder}, which are not in its form\n      report for the sender: {report}" in told()
    assert "nobody is linked" not in told(summary.clock()), "said once, in the run that brought them"


def test_it_says_where_the_report_of_a_refused_delivery_lies(warehouse: Warehouse) -> None:
    refused = warehouse.take("prison", 1, {FILE: [person(1)]}, entries={FILE: {"rows": 5}})
    assert refused.status == "refused"
    report = sender_report.folder_of("prison", refused.folder, refused.delivery_id) / "report.html"
    assert f"report for the sender: {report}" in told()


def test_a_refusal_that_was_mended_since_says_so(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: [person(1)]})
    refused = warehouse.take("prison", 2, {FILE: [person(1)]}, entries={FILE: {"rows": 5}})
    assert "mended since" not in told(), "what was published before it mends nothing"
    better = warehouse.take("prison", 3, {FILE: [person(1)]}, business_date=date(2013, 10, 2))
    [line] = [line for line in told().splitlines() if f"refused {refused.folder}: " in line]
    assert line.endswith(f" (mended since: {better.folder} was published)")


def test_refusals_of_earlier_runs_are_a_number_and_a_command(warehouse: Warehouse) -> None:
    for sequence in (1, 2):
        warehouse.take("prison", sequence, {FILE: [person(1)]}, entries={FILE: {"rows": 5}})
    this_run = summary.clock()
    last = warehouse.take("prison", 3, {FILE: [person(1)]}, entries={FILE: {"rows": 5}})
    lines = told(this_run).splitlines()
    assert "No marts were built. Deliveries that came: 1, of which refused: 1." in lines
    assert "Nothing new was waiting; the marts stay as they are." in told(summary.clock()).splitlines()
    assert [line.split()[1].rstrip(":") for line in lines if line.startswith("    refused 2")] == [last.folder]
    command = "iom delivery list --feed prison --status refused"
    assert f"    refused before this run: 2. See: {command}" in lines
    listed = iom(*command.split()[1:])
    assert listed.count("2013-10-0") == 3
    assert "refused before" not in told()


def test_a_run_that_loaded_nothing_of_what_came_says_so(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse.take("prison", 1, {FILE: [person(1)]}, entries={FILE: {"rows": 5}})
    assert summary.nothing_loaded(LONG_AGO) == "Nothing that came could be loaded: 1 delivery was refused."
    assert not summary.nothing_loaded(summary.clock()), "nothing came"
    published = warehouse.take("prison", 2, {FILE: [person(1)]})
    assert not summary.nothing_loaded(LONG_AGO), "one was published"
    this_run = summary.clock()
    shut = {("dip", "2013-10-03.3"), ("hub", "2013-10-03.3"), ("prison", published.folder)}  # what is in the warehouse may be so
    monkeypatch.setattr(inbox, "closed", lambda _, __, done: sorted(f"'{feed}/{name}'" for feed, name in shut - done))
    assert summary.nothing_loaded(this_run) == "Nothing that came could be loaded: 2 folders may not be read by this service."
    for sequence in (3, 4):
        warehouse.take("prison", sequence, {FILE: [person(1)]}, entries={FILE: {"rows": 5}})
    told = "Nothing that came could be loaded: 2 deliveries were refused, 2 folders may not be read by this service."
    assert summary.nothing_loaded(this_run) == told


def test_what_came_in_this_run_is_told_beside_what_came_so_far(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: [person(1), person(2)]})
    assert "in this run" not in told(), "it is all there is"
    this_run = summary.clock()
    warehouse.take("prison", 2, {FILE: [person(1), person(2), person(3), person(4, dob="1980-02-30")]})
    assert "prison: 2 deliveries published so far" in told(this_run)
    assert "in this run: 1 published, 0 refused; 4 rows delivered, 1 versions written, 1 rejected" in told(this_run)


def test_rules_beyond_ten_are_counted(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: [person(1)]})
    warehouse.query(
        "insert into audit.rejected_row (delivery_id, feed, file, row_number, rule_id)"
        " select 1, 'prison', 'prison_person', n, 'prison_person.rule_' || n from generate_series(1, 12) n"
    )
    assert told().count("still rejected: 1 row") == 10 and "still rejected by 2 more rules" in told()


def test_it_names_what_came_while_the_night_was_at_work(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A manifest that cannot be read is left alone while it is new; when the night ends it may be so no longer."""
    warehouse.take("prison", 1, {FILE: [person(1)]})
    folder = warehouse.inbox / "prison" / warehouse.deliver("prison", 2, {FILE: [person(1)]})
    (folder / "manifest.json").write_text('{"feed": "pri')
    new = "Left for the next run, since its manifest.json was written just now and cannot be read yet: 'prison/2013-10-02.2'"
    assert f"{new}. If it stays so, that run refuses it, with a report for its sender" in told()
    monkeypatch.setattr(inbox, "SETTLING_SECONDS", 0)
    assert new not in told() and told().count("prison/2013-10-02.2") == 1
    assert "the next takes it: 'prison/2013-10-02.2'" in told()
    warehouse.load("prison", folder.name)
    assert "the next takes it" not in told()


def test_a_folder_without_its_manifest_is_told_with_what_to_do(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: [person(1)]})
    folder = warehouse.inbox / "prison" / warehouse.deliver("prison", 2, {FILE: [person(1)]})
    (folder / "manifest.json").unlink()
    assert (
        "Left alone, since it has no manifest.json, which is written last: 'prison/2013-10-02.2'."
        " The next run takes it if that comes; else have it sent again" in told()
    )


def test_it_says_which_feeds_were_never_delivered(warehouse: Warehouse) -> None:
    warehouse.take("prison", 1, {FILE: [person(1)]}, entries={FILE: {"rows": 5}})
    lines = told().splitlines()
    silent = [line for line in lines if line.endswith(": never delivered")]
    assert silent == [f"{feed}: never delivered" for feed in ("dip", "hub", "police", "probation")], "a refused one came"


def test_a_feed_whose_first_delivery_waits_is_not_called_never_delivered(warehouse: Warehouse) -> None:
    warehouse.deliver("prison", 1, {FILE: [person(1)]})
    lines = told()
    assert "prison: never delivered" not in lines and "dip: never delivered" in lines
    assert "the next takes it: 'prison/2013-10-01.1'" in lines


def test_it_says_how_many_alerts_are_open(warehouse: Warehouse) -> None:
    assert "Alerts" not in told()
    alerts.raise_alert("test", "a message")
    assert "Alerts that nobody has closed: 1. See: iom alert list --open" in told()


def test_an_alert_of_what_is_in_order_by_the_end_of_the_run_is_not_called_open(warehouse: Warehouse) -> None:
    """The first build of a night failed, and the second did not."""
    alerts.raise_alert("failed build_warehouse.build_marts x", "a message")
    assert "Alerts that nobody has closed: 1" in told()
    warehouse.query(
        "insert into audit.build (business_date, kind, status, finished_at)"
        " values ('2013-10-01', 'nightly', 'succeeded', clock_timestamp())"
    )
    assert "Alerts" not in told()
