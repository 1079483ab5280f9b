"""Files of released reports: their digests are kept when they are released, and no other file is served or sent."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import signers
from delivery_maker import Warehouse
from psycopg2.errors import InsufficientPrivilege, LockNotAvailable, RaiseException
from relay import Relay
from signers import ANALYST, COMMISSIONER, STEWARD, draft, release, sign

from iom_warehouse import reports, signoff, site
from iom_warehouse.orchestration import alerts, reporting, sending_reports
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings
from iom_warehouse.reports import formats, rendering

QUICK = ("html", "xlsx", "csv")  # the PDF takes a second


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def facts(number: int) -> site.Facts:
    [found] = site.reports_of("nobody", True, number)
    return found


def another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the program writes around the figures is changed, as by an update: neither a figure nor a signed word."""
    monkeypatch.setattr(rendering, "READING", ("A plus sign is less offending.",))


def test_the_files_are_kept_with_an_event_when_a_report_is_released(signable: Warehouse) -> None:
    number = release(draft())
    paths = reporting.written(number, QUICK)
    digests = {form: digest(path.read_bytes()) for form, path in zip(QUICK, paths, strict=True)}
    assert signoff.kept_files(number) == signoff.Kept("released", digests)
    assert signable.query("select actor, subject, details from audit.event where action = 'keep files'") == [
        ("iom_publisher", f"report {number}", digests)
    ]
    assert signable.value("select audit.first_broken_event()") is None
    assert {path.parent for path in paths} == {settings().state_dir / "reports" / "board" / "released"}


def test_written_again_they_are_the_same_and_nothing_more_is_kept(signable: Warehouse) -> None:
    number = release(draft())
    before = [path.read_bytes() for path in reporting.written(number, QUICK)]
    events = signable.value("select count(*) from audit.event")
    for path in reporting.written(number, QUICK):
        path.unlink()
    assert [path.read_bytes() for path in reporting.written(number, QUICK)] == before
    assert signable.value("select count(*) from audit.event") == events


def test_a_draft_and_a_withdrawn_report_lie_apart_and_are_not_kept(signable: Warehouse) -> None:
    number = draft()
    folder = settings().state_dir / "reports" / "board"
    [page] = reporting.written(number, ["html"])
    assert page.parent == folder / "drafts" and signoff.kept_files(number) == signoff.Kept("draft", {})
    with pytest.raises(IomError, match=f"Report {number} is draft, so none of its files is kept"):
        signoff.keep_files(number, "released", {"html": digest(page.read_bytes())})
    release(number)
    [page] = reporting.written(number, ["html"])
    assert [path.name for path in folder.rglob("*.html")] == [page.name] and page.parent == folder / "released"
    sign(STEWARD, number, "withdraw")
    [page] = reporting.written(number, ["html"])
    assert [path for path in folder.rglob("*.html")] == [page] and page.parent == folder / "drafts"


def test_a_replaced_report_says_so_in_files_of_its_own(signable: Warehouse) -> None:
    first = release(draft())
    [page] = reporting.written(first, ["html"])
    as_released = page.read_bytes()
    successor(signable)
    [page] = reporting.written(first, ["html"])
    assert b"Replaced: report" in page.read_bytes() and page.read_bytes() != as_released
    assert signable.value("select count(*) from published.report_file where report_id = %s", first) == 2


def successor(signable: Warehouse) -> int:
    """A later version of the first report of a test, released but not written yet."""
    return release(draft(signers.build(signable), counts={"everyone": 500}), "Seventy people more are known.")


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Somebody acts between the moment when the files of the next report are written and the one when they are kept."""
    write = reports.write

    def write_and_wait(*given: Any) -> list[Path]:
        monkeypatch.undo()
        found = write(*given)
        act()
        return found

    monkeypatch.setattr(reports, "write", write_and_wait)


def test_what_was_written_before_it_was_replaced_is_not_kept_as_the_replaced_one(
    signable: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = release(draft())
    meanwhile(monkeypatch, lambda: successor(signable))
    with pytest.raises(IomError, match=f"Report {first} is replaced, and its files were written when it was released"):
        reporting.written(first, ["html"])
    assert signoff.kept_files(first) == signoff.Kept("replaced", {})
    [page] = reporting.written(first, ["html"])
    assert b"Replaced: report" in page.read_bytes() and site.report(facts(first), "html").content == page.read_bytes()


def test_a_draft_that_is_released_while_it_is_written_is_not_kept(signable: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    number = draft()
    meanwhile(monkeypatch, lambda: release(number))
    reporting.written(number, ["html"])
    assert signoff.kept_files(number) == signoff.Kept("released", {})
    [page] = reporting.written(number, ["html"])
    assert b"Draft" not in page.read_bytes() and site.report(facts(number), "html").content == page.read_bytes()


def test_the_old_workbook_is_not_kept_where_that_of_the_replaced_report_cannot_be_written(
    signable: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both lie at one place, so what lies there need not be what was just written."""

    def ended(_: object) -> bytes:
        raise KeyboardInterrupt

    first = release(draft())
    [_, workbook] = reporting.written(first, ["html", "xlsx"])
    as_released = digest(workbook.read_bytes())
    successor(signable)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setitem(formats.MAKERS, "xlsx", ended)
        reporting.written(first, ["html", "xlsx"])
    assert signoff.kept_files(first).digests.keys() == {"html"}
    reporting.written(first, ["html", "xlsx"])
    assert signoff.kept_files(first).digests["xlsx"] == digest(workbook.read_bytes()) != as_released


def test_two_runs_do_not_write_files_at_once(signable: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """One could keep the digest of what the other has just put in the same place."""
    number = release(draft())
    with database.session_alone("publisher", "iom.report_files"), monkeypatch.context() as patch:
        patch.setenv("PGOPTIONS", "-c lock_timeout=200ms")
        with pytest.raises(LockNotAvailable):
            reporting.written(number, ["html"])
    assert reporting.written(number, ["html"])[0].is_file()


def test_what_a_run_left_out_that_ended_after_the_signature_is_written_by_the_next_pass(signable: Warehouse) -> None:
    """A released report and the one that it replaces; and a withdrawn one lies among the released ones no longer."""
    first = release(draft())
    withdrawn = release(draft(quarter="2013-07-01"))
    reporting.written(first, ["html"])
    [was_released] = reporting.written(withdrawn, ["html"])
    second = successor(signable)
    sign(STEWARD, withdrawn, "withdraw")
    reporting.write_missing()
    for number, words in ((first, b"Replaced: report"), (second, b"version 2")):
        assert signoff.kept_files(number).digests.keys() == set(reports.FORMATS)
        assert words in site.report(facts(number), "html").content
    assert not was_released.exists()
    assert b"Withdrawn" in site.report(facts(withdrawn), "html").content
    events = signable.value("select count(*) from audit.event")
    reporting.write_missing()
    assert signable.value("select count(*) from audit.event") == events and alerts.listed(only_open=True) == []


def test_a_draft_whose_run_ended_before_its_page_was_written_gets_it_with_the_next_pass(signable: Warehouse) -> None:
    waiting, sent_back, withdrawn = draft(), draft(quarter="2013-07-01"), draft(quarter="2013-04-01")
    sign(ANALYST, sent_back, "check")
    sign(STEWARD, sent_back, "send back")
    sign(STEWARD, withdrawn, "withdraw")
    assert reporting.lacks_files()
    reporting.write_missing()
    for number in (waiting, sent_back):
        assert b"Draft: " in reports.path_of(number, settings().state_dir / "reports").read_bytes()
    assert not reports.path_of(withdrawn, settings().state_dir / "reports").exists()
    assert not reporting.lacks_files()


def test_a_page_of_a_draft_that_is_there_is_not_written_again(signable: Warehouse) -> None:
    [page] = reporting.written(draft(), ["html"])
    page.write_text("as it was written")
    reporting.write_missing()
    assert page.read_text() == "as it was written"


def test_a_report_that_cannot_be_written_holds_up_no_other_and_is_an_alert(
    signable: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = release(draft())
    reporting.written(number, ["html"])[0].unlink()
    another_program(monkeypatch)
    later = release(draft(quarter="2013-07-01"))
    reporting.write_missing()
    [alert] = alerts.listed(only_open=True)
    assert alert.message.startswith(f"Report {number} lacks a file: Report {number} would not be the one that was released")
    assert signoff.kept_files(later).digests.keys() == set(reports.FORMATS)
    monkeypatch.undo()
    reporting.write_missing()
    assert alerts.listed(only_open=True) == []


def test_a_file_that_was_changed_is_not_served_and_is_written_again_before_it_is_sent(
    signable: Warehouse, mailbox: Relay
) -> None:
    number = release(draft())
    [page] = reporting.written(number, ["html"])
    released = page.read_bytes()
    assert site.report(facts(number), "html").content == released
    page.write_bytes(released.replace(b"430", b"340"))
    with pytest.raises(site.NotAsReleasedError):
        site.report(facts(number), "html")
    assert sending_reports.send() == []
    [attached] = mailbox.received[0].iter_attachments()
    assert attached.get_payload(decode=True) == released == page.read_bytes()


def test_words_that_another_program_writes_are_neither_served_nor_sent(
    signable: Warehouse, mailbox: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = release(draft())
    [page] = reporting.written(number, ["html"])
    another_program(monkeypatch)
    assert sending_reports.send() == [] and len(mailbox.received) == 1, "the file that was released is still there"
    later = release(draft(quarter="2013-07-01", counts={"other": 7}))
    reporting.written(later, ["html"])[0].unlink()
    monkeypatch.undo()
    [trouble] = sending_reports.send()
    assert trouble.why.startswith(f"Report {later} would not be the one that was released, in the format html")
    assert len(mailbox.received) == 1
    with pytest.raises(site.NotAsReleasedError):
        site.report(facts(later), "html")


def test_a_format_that_was_not_there_when_it_was_released_is_kept_once_it_is(signable: Warehouse) -> None:
    number = release(draft())
    reporting.written(number, ["html"])
    assert site.report(facts(number), "csv") is None
    reporting.written(number, ["csv"])
    assert site.report(facts(number), "csv").name.endswith("-csv.zip")
    assert signoff.kept_files(number).digests.keys() == {"html", "csv"}


def test_the_register_of_files_is_written_by_its_function_only(signable: Warehouse) -> None:
    number = release(draft())
    reporting.written(number, ["html"])
    for statement in ("update published.report_file set sha256 = repeat('0', 64)", "delete from published.report_file"):
        with pytest.raises(RaiseException, match="stay as they were released"):
            signable.query(statement)
    insert = f"insert into published.report_file values ({number}, 'released', 'pdf', repeat('0', 64), 1)"
    with database.session("publisher") as conn, pytest.raises(InsufficientPrivilege), conn, conn.cursor() as cursor:
        cursor.execute(insert)
    for login in (COMMISSIONER, STEWARD):
        with signers.person(login) as conn, pytest.raises(InsufficientPrivilege), conn, conn.cursor() as cursor:
            cursor.execute(f"select access.keep_files({number}, 'released', '{{}}')")


def test_what_was_changed_after_it_was_signed_is_not_kept(signable: Warehouse) -> None:
    number = release(draft())
    signable.query("alter table published.figure disable trigger user")
    signable.query("update published.figure set value_text = '7'")
    with pytest.raises(IomError, match="does not show what was signed off"):
        reporting.written(number, ["html"])
