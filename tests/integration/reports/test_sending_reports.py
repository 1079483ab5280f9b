"""Released reports go to those who are to have them: attached or as a link by their marking, registered first, never twice."""

import hashlib
import re
from pathlib import Path

import psycopg2
import pytest
import relay
import signers
from command_line import iom
from delivery_maker import Warehouse
from psycopg2.errors import InsufficientPrivilege, RaiseException, UniqueViolation
from relay import Relay
from sent_reports import BOARD, FRONT, mark_sensitive, outcomes, send_and_be_killed
from signers import ANALYST, COMMISSIONER, STEWARD, draft, release, sign
from surroundings import environment

from iom_warehouse import reports, sending
from iom_warehouse.orchestration import alerts, sending_reports
from iom_warehouse.platform import database, mail, secrets
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings


def events(warehouse: Warehouse) -> list[tuple]:
    return warehouse.query(
        "select action, subject from audit.event where action like '%%disclosure%%' or action = 'disclose' order by 1"
    )


def test_only_a_released_report_goes(mailbox: Relay) -> None:
    number = draft()
    assert not sending.is_due() and sending_reports.send() == []
    sign(ANALYST, number, "check")
    assert not sending.is_due() and sending_reports.send() == []
    sign(COMMISSIONER, number, "release")
    assert sending.is_due() and sending_reports.send() == []
    assert mailbox.recipients == [BOARD], "and not those of other audiences"
    assert outcomes(number) == [("board_secretary", "attachment", "sent")]


def test_an_official_report_is_attached_and_marked(mailbox: Relay) -> None:
    number = release(draft())
    sending_reports.send()
    [message] = mailbox.received
    assert message["Subject"] == f"OFFICIAL: report {number}, version 1"
    [attached] = message.iter_attachments()
    page = reports.path_of(number, settings().state_dir / "reports")
    assert attached.get_filename() == page.name and "OFFICIAL" in page.name
    assert attached.get_payload(decode=True) == page.read_bytes()
    assert "Draft" not in page.read_text("utf-8")
    lines = message.get_body().get_content().splitlines()
    assert lines[0] == lines[-1] == "OFFICIAL"


def test_every_sending_is_a_disclosure_in_the_chain_without_its_content(signable: Warehouse, mailbox: Relay) -> None:
    number = release(draft(counts={"everyone": 31337}))
    sending_reports.send()
    page = reports.path_of(number, settings().state_dir / "reports")
    subject = f"report {number} to board_secretary"
    assert events(signable) == [("disclose", subject), ("prepare disclosure", subject)]
    details, actor = signable.query("select details, actor from audit.event where action = 'disclose'")[0]
    assert actor == "iom_publisher"
    assert details == {
        "address": BOARD, "marking": "OFFICIAL", "way": "attachment", "outcome": "sent",
        "files": {page.name: hashlib.sha256(page.read_bytes()).hexdigest()},
    }  # fmt: skip
    assert "31337" in page.read_text("utf-8") or "31,337" in page.read_text("utf-8")
    assert "31337" not in str(signable.query("select * from audit.event, audit.report_sending"))
    assert signable.value("select audit.first_broken_event()") is None


def test_a_sensitive_report_is_attached_for_an_allowed_domain_and_a_link_for_others(signable: Warehouse, mailbox: Relay) -> None:
    mark_sensitive(signable)
    signable.query("update reference.report_recipients set address = 'head@Fenshire-Police.Example' where audience = 'internal'")
    board, internal = release(draft()), release(draft(audience="internal"), by=STEWARD)
    assert sending_reports.send() == []
    assert outcomes(board) == [("board_secretary", "link", "sent")]
    assert outcomes(internal) == [("performance_unit", "attachment", "sent")]
    by_address = {message["To"]: message for message in mailbox.received}
    link = by_address[BOARD]
    assert list(link.iter_attachments()) == []
    assert f"{FRONT}/pages/reports/{board}/html" in link.get_body().get_content().replace("\n", " ")
    assert link["Subject"].startswith("OFFICIAL-SENSITIVE: ")
    [attached] = by_address["head@Fenshire-Police.Example"].iter_attachments()
    assert "OFFICIAL-SENSITIVE" in attached.get_filename()


@pytest.mark.parametrize(
    "address", ["x@fenshire-police.example.org", "x@evil-fenshire-police.example", "x@sub.fenshire-police.example"]
)
def test_a_domain_that_only_looks_allowed_gets_a_link(signable: Warehouse, mailbox: Relay, address: str) -> None:
    mark_sensitive(signable)
    signable.query("update reference.report_recipients set address = %s", address)
    number = release(draft())
    sending_reports.send()
    assert outcomes(number) == [("board_secretary", "link", "sent")]


def test_without_an_address_of_the_front_no_link_goes_and_nothing_is_registered(signable: Warehouse, mailbox: Relay) -> None:
    mark_sensitive(signable)
    number = release(draft())
    with environment(public_url=""):
        [trouble] = sending_reports.send()
        assert "no IOM_PUBLIC_URL says where it lies" in trouble.why
    assert outcomes(number) == [] and mailbox.received == [] and events(signable) == []


def test_nothing_goes_twice(signable: Warehouse, mailbox: Relay) -> None:
    release(draft())
    sending_reports.send()
    before = signable.value("select count(*) from audit.event")
    assert not sending.is_due() and sending_reports.send() == []
    assert (len(mailbox.received), signable.value("select count(*) from audit.event")) == (1, before)


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        ({"refuses": "550 no such user"}, r"refused the sender or an address \(550\)"),
        ({"answers": "451 try again later"}, r"refused the message \(451\)"),
    ],
)
def test_what_was_refused_is_an_alert_and_goes_with_the_next_run(mailbox: Relay, trouble: dict, why: str) -> None:
    number = release(draft())
    vars(mailbox).update(trouble)
    [told] = sending_reports.send()
    assert re.search(why, told.why)
    [alert] = alerts.listed(only_open=True)
    assert alert.message.startswith(f"Report {number} did not reach everybody. board_secretary: the mail server refused")
    assert BOARD not in alert.message
    sending_reports.send()
    assert len(alerts.listed()) == 1, "told once"
    vars(mailbox).update(vars(Relay()))
    assert sending_reports.send() == []
    assert outcomes(number) == [("board_secretary", "attachment", outcome) for outcome in ("failed", "failed", "sent")]
    assert alerts.listed(only_open=True) == []


def test_a_server_that_is_down_holds_nothing_up_for_good(signable: Warehouse) -> None:
    number = release(draft())
    with environment(smtp_host="127.0.0.1", smtp_port="9"):
        [trouble] = sending_reports.send()
    assert trouble.why == "the mail server does not answer (ConnectionRefusedError); the next run tries again"
    with relay.running() as found:
        sending_reports.send()
        assert found.recipients == [BOARD]
    assert [outcome for *_, outcome in outcomes(number)] == ["failed", "sent"]


def test_one_recipient_who_is_refused_holds_up_no_other(signable: Warehouse, mailbox: Relay) -> None:
    signable.query(
        "insert into reference.report_recipients (recipient, address, audience, effective_from, opened_by_configuration)"
        " values ('a_typo', 'nobody@fenshire.example', 'board', '2012-04-01', 1)"
    )
    number = release(draft())
    assert [trouble.recipient for trouble in sending_reports.send()] == ["a_typo"]
    assert ("board_secretary", "attachment", "sent") in outcomes(number)


def test_when_nobody_knows_whether_it_arrived_a_person_decides(mailbox: Relay) -> None:
    """The server took the message and broke off before it said so: sending it again would send it twice."""
    number = release(draft())
    mailbox.breaks_off = True
    [trouble] = sending_reports.send()
    assert "it is not known whether it arrived" in trouble.why and f"iom report lost {number} board_secretary" in trouble.why
    mailbox.breaks_off = False
    assert [one.why for one in sending_reports.send()] == [trouble.why] and len(mailbox.received) == 1
    assert len(alerts.listed(only_open=True)) == 1
    lose(number)
    assert sending_reports.send() == []
    assert len(mailbox.received) == 2 and alerts.listed(only_open=True) == []
    assert mailbox.received[0]["Message-ID"] == mailbox.received[1]["Message-ID"], "a mailbox can tell that it is the same"
    with pytest.raises(IomError, match="It is known what became of report"):
        lose(number)


def test_who_says_that_it_was_lost_signs_such_reports_off(signable: Warehouse, mailbox: Relay) -> None:
    """It is said with a login of their own, which the chain has; neither by the publisher nor by others."""
    number = release(draft())
    mailbox.breaks_off = True
    sending_reports.send()
    for login in ("sample_auditor", "sample_practitioner"):
        with pytest.raises(IomError, match=f"{login} does not sign reports off"):
            lose(number, login)
    signable.query("update access.person_role set signs_off = '{}' where login = %s", STEWARD)
    with pytest.raises(IomError, match=f"no report {number} for {STEWARD}"):
        lose(number, STEWARD)
    with database.session("publisher") as conn, pytest.raises(InsufficientPrivilege), conn, conn.cursor() as cursor:
        cursor.execute("select access.lose_sending(%s, 'board_secretary', 'asked by telephone')", (number,))
    lose(number)
    assert signable.query("select actor, subject from audit.event where action = 'disclosure lost'") == [
        (ANALYST, f"report {number} to board_secretary")
    ]


def lose(number: int, login: str = ANALYST) -> None:
    with signers.person(login) as person:
        sending.lose(person, number, "board_secretary", "asked by telephone, it is not there")


def test_killed_while_it_sends(signable: Warehouse, mailbox: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    number = release(draft())
    send_and_be_killed(monkeypatch)
    assert events(signable) == [("prepare disclosure", f"report {number} to board_secretary")], "written down before it went"
    [trouble] = sending_reports.send()
    assert "it is not known" in trouble.why and len(mailbox.received) == 1


# --- one report and the others


def test_a_report_that_cannot_be_rendered_holds_up_no_other(signable: Warehouse, mailbox: Relay) -> None:
    """A folder lies where its page is to be written."""
    broken, sound = release(draft()), release(draft(quarter="2013-07-01"))
    page = reports.path_of(broken, settings().state_dir / "reports")
    page.mkdir(parents=True)
    [trouble] = sending_reports.send()
    assert trouble.report_id == broken and "its page could not be made (IsADirectoryError)" in trouble.why
    assert outcomes(broken) == [] and outcomes(sound) == [("board_secretary", "attachment", "sent")]
    assert len(alerts.listed(only_open=True)) == 1
    page.rmdir()
    assert sending_reports.send() == [] and outcomes(broken) == [("board_secretary", "attachment", "sent")]


def test_it_goes_where_it_was_registered_to_go(signable: Warehouse, mailbox: Relay) -> None:
    """The configuration changes, and the page is written again, between the list of what is due and the sending."""
    mark_sensitive(signable)
    address = "head@fenshire-police.example"
    signable.query("update reference.report_recipients set address = %s", address)
    number = release(draft())
    written: list[Path] = []

    def render(report_id: int, formats: list[str]) -> list[Path]:
        signable.query("update reference.report_recipients set address = %s", BOARD)
        written.append(reports.render(report_id, settings().state_dir / "reports"))
        return written

    assert sending.send(render) == []
    assert mailbox.recipients == [BOARD] and outcomes(number) == [("board_secretary", "link", "sent")]
    assert list(mailbox.received[0].iter_attachments()) == []
    assert signable.value("select address || way from audit.report_sending") == BOARD + "link"


def test_the_digest_is_of_the_bytes_that_went(signable: Warehouse, mailbox: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    release(draft())
    page = reports.path_of(1, settings().state_dir / "reports")
    handed = mail.hand_over

    def hand_over(*arguments: object, **options: object) -> None:
        handed(*arguments, **options)
        page.write_text("written again meanwhile")

    monkeypatch.setattr(mail, "hand_over", hand_over)
    assert sending_reports.send() == []
    [attached] = mailbox.received[0].iter_attachments()
    digest = hashlib.sha256(attached.get_payload(decode=True)).hexdigest()
    assert signable.value("select files from audit.report_sending") == {page.name: digest}


# --- who is to have what


def test_neither_what_was_withdrawn_nor_what_was_replaced_goes(signable: Warehouse, mailbox: Relay) -> None:
    withdrawn = release(draft(quarter="2013-07-01"))
    sign(STEWARD, withdrawn, "withdraw")
    release(draft())
    second = release(draft(signers.build(signable), counts={"everyone": 500}), "Seventy people more are known.")
    sending_reports.send()
    assert [message["Subject"] for message in mailbox.received] == [f"OFFICIAL: report {second}, version 2"]


def test_what_was_changed_after_it_was_signed_does_not_go(signable: Warehouse, mailbox: Relay) -> None:
    """An administrator who switches the triggers off changes a figure of a released report."""
    changed, sound = release(draft()), release(draft(quarter="2013-07-01"))
    signable.query("alter table published.figure disable trigger user")
    signable.query("update published.figure set value_text = '7' where report_id = %s", changed)
    [trouble] = sending_reports.send()
    assert trouble.report_id == changed and "does not show what was signed off" in trouble.why
    assert outcomes(changed) == [] and outcomes(sound) == [("board_secretary", "attachment", "sent")]
    [alert] = alerts.listed(only_open=True)
    assert "does not show what was signed off: tell the auditor" in alert.message
    with (
        database.session("publisher") as conn,
        pytest.raises(RaiseException, match="does not show"),
        conn,
        conn.cursor() as cursor,
    ):
        cursor.execute("select access.open_sending(%s, 'board_secretary')", (changed,))


def test_who_is_given_another_audience_gets_its_reports_from_then_on(signable: Warehouse, mailbox: Relay) -> None:
    """The report was released the day before they came to the board; their new address changes nothing."""
    number = release(draft())
    signable.query(
        "update reference.report_recipients set audience = 'public' where recipient = 'board_secretary'",
    )
    insert = (
        "insert into reference.report_recipients (recipient, address, audience, effective_from, opened_by_configuration)"
        " values ('board_secretary', %s, 'board', current_date - %s, 1)"
    )
    signable.query("alter table published.sign_off disable trigger user")
    signable.query("update published.sign_off set signed_at = signed_at - interval '2 days'")
    signable.query(insert, BOARD, 1)
    assert not sending.is_due()
    signable.query("update reference.report_recipients set effective_from = current_date - 3 where audience = 'board'")
    signable.query(insert, "moved@fenshire.example", 1)
    sending_reports.send()
    assert mailbox.recipients == ["moved@fenshire.example"] and len(outcomes(number)) == 1


def test_a_new_recipient_gets_what_is_released_from_then_on(signable: Warehouse, mailbox: Relay) -> None:
    signable.query("update reference.report_recipients set effective_from = current_date + 1")
    release(draft())
    assert not sending.is_due()


def test_other_kinds_go_to_others(signable: Warehouse, mailbox: Relay) -> None:
    signable.query("update reference.report_recipients set kinds = 'dip_monthly;annual'")
    release(draft())
    assert not sending.is_due()


@pytest.mark.parametrize(
    ("areas", "gets"),
    [
        (None, ["all", "FX-A", "FX-A-01", "FX-C"]),
        ("FX", ["all", "FX-A", "FX-A-01", "FX-C"]),
        ("FX-A", ["FX-A", "FX-A-01"]),
        ("FX-N", ["FX-A", "FX-A-01"]),
        ("FX-A-02;FX-C", ["FX-C"]),
        ("OUT", []),
    ],
)
def test_a_recipient_of_one_area_does_not_get_the_report_of_another(
    signable: Warehouse, areas: str | None, gets: list[str]
) -> None:
    signable.query("update reference.report_recipients set areas = %s", areas)
    for area in ("all", "FX-A", "FX-A-01", "FX-C"):
        release(draft(area=area))
    due = signable.query(
        "select area from access.sendings_due() inner join published.report using (report_id) where recipient = 'board_secretary'"
    )
    assert [area for (area,) in due] == gets


def test_who_is_given_another_area_gets_its_reports_from_then_on(signable: Warehouse) -> None:
    signable.query("update reference.report_recipients set areas = 'FX-C'")
    release(draft(area="FX-A"))
    signable.query("alter table published.sign_off disable trigger user")
    signable.query("update published.sign_off set signed_at = signed_at - interval '2 days'")
    signable.query(
        "insert into reference.report_recipients (recipient, address, audience, kinds, areas, effective_from,"
        " opened_by_configuration) values ('board_secretary', %s, 'board', 'quarterly', 'FX-A;FX-C', current_date - 1, 1)", BOARD,
    )  # fmt: skip
    assert not sending.is_due()
    signable.query("update reference.report_recipients set effective_from = current_date - 3 where areas = 'FX-A;FX-C'")
    assert sending.is_due()


# --- around the rules


def test_the_register_is_written_by_its_functions_only(signable: Warehouse) -> None:
    number = release(draft())
    sending_reports.send()
    for statement in (
        "update audit.report_sending set outcome = 'lost'",
        "delete from audit.report_sending",
        "insert into audit.report_sending (report_id, recipient, address, marking, way, opening_event)"
        f" values ({number}, 'me', 'me@elsewhere.example', 'OFFICIAL', 'attachment', 1)",
    ):
        with database.session("publisher") as conn, pytest.raises(InsufficientPrivilege), conn, conn.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(UniqueViolation):
        signable.query(
            "insert into audit.report_sending (report_id, recipient, address, marking, way, opening_event)"
            " select report_id, recipient, address, marking, way, opening_event from audit.report_sending"
        )


def test_no_sending_is_opened_that_is_not_due(signable: Warehouse) -> None:
    number = draft()
    for recipient in ("board_secretary", "performance_unit", "somebody"):
        with (
            database.session("publisher") as conn,
            pytest.raises(RaiseException, match="is not to be sent"),
            conn,
            conn.cursor() as cursor,
        ):
            cursor.execute("select access.open_sending(%s, %s)", (number, recipient))


def test_a_sending_is_ended_once_and_after_its_event_is_committed(signable: Warehouse) -> None:
    number = release(draft())
    ending = "select access.end_sending(%s, 'sent', null, '{}')"
    with database.session("publisher") as conn:
        with conn.cursor() as cursor:
            cursor.execute("select sending_id from access.open_sending(%s, 'board_secretary')", (number,))
            [opened] = cursor.fetchone()
            with pytest.raises(RaiseException, match="no sending is open"):
                cursor.execute(ending, (opened,))
        conn.rollback()
        with conn, conn.cursor() as cursor:
            cursor.execute("select sending_id from access.open_sending(%s, 'board_secretary')", (number,))
            [opened] = cursor.fetchone()
        with conn, conn.cursor() as cursor:
            cursor.execute(ending, (opened,))
        with pytest.raises(psycopg2.DatabaseError, match="no sending is open"), conn, conn.cursor() as cursor:
            cursor.execute(ending, (opened,))


def test_the_commands(mailbox: Relay) -> None:
    number = release(draft())
    mailbox.refuses = "550 no"
    with pytest.raises(IomError, match="1 did not go"):
        iom("report", "send")
    mailbox.refuses, mailbox.breaks_off = "", True
    with pytest.raises(IomError, match="may not have gone"):
        iom("report", "send")
    mailbox.breaks_off = False
    password = secrets.read(f"people/{ANALYST}")
    iom("report", "lost", str(number), "board_secretary", "asked by telephone", "--by", ANALYST, typed=password)
    assert "Everybody has the reports" in iom("report", "send")
    shown = re.findall(r"attachment for board_secretary: (\w+)", iom("report", "show", str(number)))
    assert shown == ["failed", "lost", "sent"]
