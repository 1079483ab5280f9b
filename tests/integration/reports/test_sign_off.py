"""Sign-off: draft, checked, released, by two people; each step an event; nothing skipped, nothing overwritten, whoever tries."""

import psycopg2
import pytest
import signers
from command_line import iom
from delivery_maker import Warehouse
from psycopg2.errors import InsufficientPrivilege, RaiseException, UniqueViolation
from signers import ANALYST, COMMISSIONER, STEWARD, WHY, draft, release, sign

from iom_warehouse import reports, signoff
from iom_warehouse.platform import database, secrets
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings

LATER = "Eleven people were counted twice."


def state(number: int) -> str:
    return signoff.read(number).state


def test_checked_by_one_and_released_by_another(signable: Warehouse) -> None:
    number = draft()
    assert state(number) == "draft"
    sign(ANALYST, number, "comment", reason="the table of needs is new")
    sign(ANALYST, number, "check")
    assert state(number) == "checked"
    sign(COMMISSIONER, number, "release", reason="approved at the board of 3 January")
    assert (state(number), signoff.read(number).version) == ("released", 1)
    assert [(one.step, one.login, one.reason) for one in signoff.history(number)] == [
        ("comment", ANALYST, "the table of needs is new"),
        ("check", ANALYST, WHY),
        ("release", COMMISSIONER, "approved at the board of 3 January"),
    ]


def test_every_step_is_an_event_of_the_chain_with_what_was_signed(signable: Warehouse) -> None:
    number = release(draft())
    events = signable.query(
        "select actor, action, subject, reason, details->>'content_sha256', details->>'version' from audit.event"
        " where action like '%% report' order by event_id"
    )
    digest = signable.value("select access.report_digest(%s)", number)
    subject = f"report {number}"
    assert events == [
        (ANALYST, "check report", subject, WHY, digest, None),
        (COMMISSIONER, "release report", subject, WHY, digest, "1"),
    ]
    assert signable.value("select audit.first_broken_event()") is None


def test_nobody_releases_what_they_checked(signable: Warehouse) -> None:
    number = draft()
    sign(STEWARD, number, "check")
    with pytest.raises(IomError, match=f"was checked by {STEWARD}, so somebody else must release it"):
        sign(STEWARD, number, "release")
    assert state(number) == "checked"


def test_who_checks_again_after_it_was_sent_back_is_the_checker(signable: Warehouse) -> None:
    number = draft()
    sign(ANALYST, number, "check")
    sign(COMMISSIONER, number, "send back")
    assert state(number) == "sent back"
    sign(STEWARD, number, "check")
    with pytest.raises(IomError, match="somebody else"):
        sign(STEWARD, number, "release")
    sign(COMMISSIONER, number, "release")


@pytest.mark.parametrize(
    ("taken", "login", "step"),
    [
        ([], COMMISSIONER, "release"),
        ([], COMMISSIONER, "send back"),
        (["check"], ANALYST, "check"),
        (["check", "send back"], COMMISSIONER, "release"),
        (["check", "release"], ANALYST, "check"),
        (["check", "release"], COMMISSIONER, "release"),
        (["check", "release"], COMMISSIONER, "send back"),
        (["withdraw"], ANALYST, "check"),
        (["check", "release", "withdraw"], STEWARD, "release"),
        (["withdraw"], ANALYST, "withdraw"),
    ],
)
def test_no_step_is_skipped_or_taken_twice(signable: Warehouse, taken: list, login: str, step: signoff.Step) -> None:
    number = draft()
    for before in taken:
        sign(ANALYST if before == "check" else COMMISSIONER, number, before)
    events = signable.value("select count(*) from audit.event")
    with pytest.raises(IomError, match="does not follow on that"):
        sign(login, number, step)
    assert signable.value("select count(*) from audit.event") == events, "what was refused left nothing"


@pytest.mark.parametrize(
    ("login", "step", "audience"),
    [
        (COMMISSIONER, "check", "board"),
        (ANALYST, "release", "board"),
        (COMMISSIONER, "release", "internal"),
        (COMMISSIONER, "comment", "internal"),
    ],
)
def test_only_what_a_person_is_asked_to_sign(signable: Warehouse, login: str, step: signoff.Step, audience: str) -> None:
    number = draft(audience=audience)
    if step == "release":
        sign(STEWARD, number, "check")
    with pytest.raises(IomError, match=rf"no report {number} for {login} to {step}.*people_access\.csv"):
        sign(login, number, step)


@pytest.mark.parametrize(("login", "step"), [(ANALYST, "check"), (STEWARD, "check"), (COMMISSIONER, "comment")])
def test_a_person_of_one_area_signs_its_reports_only(signable: Warehouse, login: str, step: signoff.Step) -> None:
    """Not those of another area, nor of the whole partnership."""
    signable.query("delete from access.person_area where login = %s", login)
    signable.query("update access.person_role set areas = '{FX-A}' where login = %s", login)
    signable.query("insert into access.person_area values (%s, 'FX-A')", login)
    for area in ("FX-B", "all"):
        number = draft(area=area)
        with pytest.raises(IomError, match=f"no report {number} for {login} to {step}"):
            sign(login, number, step)
    sign(login, draft(area="FX-A"), step)


@pytest.mark.parametrize("areas", ["{FX-A}", "{}"])
def test_an_analyst_without_every_area_has_no_report_of_the_whole(signable: Warehouse, areas: str) -> None:
    signable.query("delete from access.person_area where login = %s", ANALYST)
    signable.query("update access.person_role set areas = %s where login = %s", areas, ANALYST)
    with pytest.raises(IomError, match="to check"):
        sign(ANALYST, draft(), "check")


@pytest.mark.parametrize("login", ["sample_auditor", "sample_practitioner"])
def test_auditors_and_practitioners_sign_nothing(signable: Warehouse, login: str) -> None:
    with pytest.raises(IomError, match=f"{login} does not sign reports off"):
        sign(login, draft(), "comment")


@pytest.mark.parametrize("reason", ["", "  ok  ", "x" * 501])
def test_a_step_needs_its_reason(signable: Warehouse, reason: str) -> None:
    with pytest.raises(IomError, match="reason"):
        sign(ANALYST, draft(), "check", reason=reason)


def test_a_report_that_is_not_there(signable: Warehouse) -> None:
    with pytest.raises(IomError, match="There is no report 99"):
        sign(ANALYST, 99, "check")
    with pytest.raises(IomError, match="There is no report 99"):
        signoff.read(99)


# --- corrections


def test_a_correction_is_a_new_version_that_names_the_earlier_one(signable: Warehouse) -> None:
    first, second = release(draft()), draft(signers.build(signable), counts={"everyone": 419})
    with pytest.raises(IomError, match=f"Report {first} of the same period was released, so this one corrects it"):
        sign(ANALYST, second, "check")
    release(second, LATER)
    corrected = signoff.read(second)
    assert (corrected.state, corrected.version, corrected.replaces, corrected.correction) == ("released", 2, first, LATER)
    assert (state(first), signoff.read(first).replaced_by) == ("replaced", second)
    assert signable.query("select report_id, value from published.figure order by 1") == [(first, 430), (second, 419)]


def test_what_was_withdrawn_is_corrected_too(signable: Warehouse) -> None:
    first = release(draft())
    sign(COMMISSIONER, first, "withdraw")
    second = draft()
    assert second != first, "made again of the same build"
    release(second, LATER)
    assert (signoff.read(second).version, signoff.read(second).replaces, state(first)) == (2, first, "withdrawn")


def test_a_correction_corrects_something(signable: Warehouse) -> None:
    with pytest.raises(IomError, match="corrects nothing that was released"):
        sign(ANALYST, draft(), "check", LATER)


def test_two_drafts_of_one_period_are_not_both_the_first_version(signable: Warehouse) -> None:
    one, other = draft(), draft(signers.build(signable), counts={"everyone": 419})
    sign(ANALYST, one, "check")
    sign(ANALYST, other, "check")
    sign(COMMISSIONER, one, "release")
    with pytest.raises(IomError, match="another one of its period was released since|so this one corrects it"):
        sign(COMMISSIONER, other, "release")


def test_another_audience_or_quarter_is_another_report(signable: Warehouse) -> None:
    for number in (draft(), draft(audience="public"), draft(quarter="2013-07-01")):
        release(number)
        assert signoff.read(number).version == 1


# --- differencing


def test_a_draft_is_held_against_what_was_released_since_it_was_made(signable: Warehouse) -> None:
    """The monthly report was released meanwhile; with it, the quarterly one would tell that two people joined."""
    seen, waiting = draft(quarter="2013-07-01", counts={"all": 40, "north": 20}), draft(counts={"all": 45, "north": 22})
    release(seen)
    with pytest.raises(IomError, match=rf"tells small numbers.*: north \(report {seen}\)\. Withdraw it and make it again"):
        sign(ANALYST, waiting, "check")


def test_counts_of_another_audience_or_of_a_draft_tell_nothing(signable: Warehouse) -> None:
    release(draft(quarter="2013-07-01", audience="internal", counts={"north": 20}), by=STEWARD)
    draft(quarter="2013-07-01", counts={"north": 20})
    release(draft(counts={"north": 22}))


@pytest.mark.parametrize("audience", ["board", "public"])
def test_a_draft_that_did_not_know_of_what_another_night_released_is_made_again(signable: Warehouse, audience: str) -> None:
    """Months of 3 and 12 and a quarter of 24 share no count, and together they tell the third month."""
    waiting, checked = draft(counts={"quarter": 24}), draft(quarter="2013-04-01", counts={"half": 60})
    sign(ANALYST, checked, "check")
    month = release(draft(signers.build(signable), audience=audience, quarter="2013-07-01", counts={"month": 12}))
    for number, login, step in ((waiting, ANALYST, "check"), (checked, COMMISSIONER, "release")):
        with pytest.raises(
            IomError, match=rf"made before.*: {month} for the audience {audience}\. Withdraw it and make it again"
        ):
            sign(login, number, step)
    sign(COMMISSIONER, waiting, "withdraw")
    release(draft(counts={"quarter": 24}))


def test_reports_of_one_build_and_those_inside_do_not_wait_for_each_other(signable: Warehouse) -> None:
    waiting, inside = draft(), draft(audience="internal")
    other = signers.build(signable)
    release(draft(other, audience="internal", quarter="2013-07-01"), by=STEWARD)
    release(draft(quarter="2013-04-01"))
    release(waiting)
    release(inside, by=STEWARD)


# --- around the rules


def test_nobody_writes_the_register_around_the_function(signable: Warehouse) -> None:
    number = draft()
    insert = f"insert into published.sign_off (report_id, step, reason) values ({number}, 'check', 'because I can')"
    for login in (ANALYST, STEWARD, COMMISSIONER):
        for statement in (insert, "update published.sign_off set step = 'release'", "delete from published.sign_off"):
            with signers.person(login) as conn, pytest.raises(InsufficientPrivilege), conn, conn.cursor() as cursor:
                cursor.execute(statement)
    for role in ("publisher", "loader", "transformer"):
        with database.session(role) as conn, pytest.raises(InsufficientPrivilege), conn, conn.cursor() as cursor:
            cursor.execute(insert)
    with database.session("publisher") as conn, pytest.raises(InsufficientPrivilege), conn, conn.cursor() as cursor:
        cursor.execute("select access.sign_report(%s, 'check', 'made and checked by one')", (number,))


def test_the_rules_hold_for_the_owner_and_the_administrator_too(signable: Warehouse) -> None:
    number = draft()
    insert = (
        "insert into published.sign_off (report_id, step, login, reason, version, content_sha256, event_id, signed_at)"
        f" values ({number}, 'release', '{COMMISSIONER}', 'a forged release', 1, 'x', 1, now())"
    )
    for role in ("owner", "admin"):
        with database.session(role) as conn, pytest.raises(RaiseException, match="no report"), conn, conn.cursor() as cursor:
            cursor.execute(insert)
    release(number)
    for statement in (
        "update published.sign_off set login = 'somebody'",
        "delete from published.sign_off",
        "truncate published.sign_off",
    ):
        with pytest.raises(RaiseException, match="stays as it was taken"):
            signable.query(statement)


def test_a_role_that_was_set_signs_nothing_in_another_name(signable: Warehouse) -> None:
    number = draft()
    with signers.person(ANALYST) as conn, conn, conn.cursor() as cursor:
        cursor.execute("set role iom_analyst")
        cursor.execute("select access.sign_report(%s, 'check', 'in my own name')", (number,))
    assert signoff.history(number)[0].login == ANALYST


def test_at_an_isolation_level_that_hides_the_steps_of_others_nothing_is_signed(signable: Warehouse) -> None:
    with signers.person(ANALYST) as conn:
        conn.set_session(isolation_level="REPEATABLE READ")
        with pytest.raises(IomError, match="read committed"):
            signoff.sign(conn, draft(), "check", WHY)


def test_a_report_is_whole_when_it_is_committed(signable: Warehouse) -> None:
    number = draft()
    figure = signers.FIGURE.replace("%(row)s", "99")
    refused = pytest.raises(RaiseException, match="stay as they were released")
    with database.session("publisher") as conn, refused, conn, conn.cursor() as cursor:
        cursor.execute(figure, {"report": number, "fact": "one more", "value": 7})
    with pytest.raises(UniqueViolation, match=f"report {number} is of the same kind, period, area, audience and build"):
        draft()


def test_what_is_released_is_what_was_checked(signable: Warehouse) -> None:
    """An administrator who switches the triggers off changes a figure; the release notices."""
    number = draft()
    sign(ANALYST, number, "check")
    signable.query("alter table published.figure disable trigger user")
    signable.query("update published.figure set value_text = '7'")
    with pytest.raises(IomError, match="is not what was checked"):
        sign(COMMISSIONER, number, "release")


def test_everything_that_a_report_shows_is_signed(signable: Warehouse) -> None:
    """Each column of it changes the digest, apart from keys and what the sign-off itself is about."""
    number = draft()
    keys = {"report_id", "created_at", "created_in", "audit_head", "issue"}
    others = {
        "text": "'x'",
        "integer": "7",
        "bigint": "7",
        "numeric": "7",
        "date": "'2101-01-01'",
        "ARRAY": "'{x}'",
        "jsonb": """'{"x": 1}'""",
    }
    special = {"suppression_status": "'flagged'", "maturity": "'final'", "period_start": "'1999-01-01'", "build_id": "2"}
    signers.build(signable)
    kept = signable.value("select access.report_digest(%s)", number)
    for table in ("report", "report_table", "figure"):
        signable.query(f"alter table published.{table} disable trigger user")
        columns = signable.query(
            "select column_name, data_type from information_schema.columns where table_schema = 'published' and table_name = %s",
            table,
        )
        for column, kind in columns:
            if column not in keys | {"table_name"}:
                assert changed(table, column, special.get(column, others[kind]), number) != kept, f"{table}.{column}"


def changed(table: str, column: str, value: str, number: int) -> str:
    """The digest of a report in which a column is another value, which is taken back."""
    with database.session("owner") as conn, conn.cursor() as cursor:
        cursor.execute(f"update published.{table} set {column} = {value}")
        cursor.execute("select access.report_digest(%s)", (number,))
        [digest] = cursor.fetchone()
        conn.rollback()
    return digest


def test_two_people_who_release_at_once(signable: Warehouse) -> None:
    """The second waits for the first, then sees what it did."""
    number = draft()
    sign(ANALYST, number, "check")
    with signers.person(COMMISSIONER) as one, signers.person(STEWARD) as other:
        with one.cursor() as cursor:
            cursor.execute("select access.sign_report(%s, 'release', %s)", (number, WHY))
        with other, other.cursor() as cursor:
            cursor.execute("set lock_timeout = '200ms'")
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                cursor.execute("select access.sign_report(%s, 'release', %s)", (number, WHY))
        one.commit()
        other.rollback()
        with pytest.raises(IomError, match="is released: release does not follow"):
            signoff.sign(other, number, "release", WHY)


# --- the commands, and the pages that they write


def report(*arguments: str, by: str = "") -> str:
    """What `iom report` prints, with the password of `by` typed when it is asked for."""
    who, typed = (["--by", by], secrets.read(f"people/{by}")) if by else ([], "")
    return iom("report", *arguments, *who, typed=typed)


def page(number: int) -> str:
    return reports.path_of(number, settings().state_dir / "reports").read_text("utf-8")


def test_a_report_from_draft_to_its_correction(signable: Warehouse) -> None:
    first = draft()
    assert "draft" in report("list", "--waiting")
    printed = report("check", str(first), WHY, by=ANALYST)
    assert f"Report {first} is checked.\n" in printed and printed.strip().endswith(".html")
    assert "Draft: this report was checked, and is not released yet." in page(first)
    report("release", str(first), "approved at the board", by=COMMISSIONER)
    assert "Draft" not in page(first) and 'class="draft"' not in page(first)
    assert "by two people; version 1" in page(first)
    released = signable.value("select encode(hash, 'hex') from audit.event where action = 'release report'")
    assert released in page(first), "the head of the chain"

    second = draft(signers.build(signable), counts={"everyone": 419})
    report("check", str(second), WHY, "--correction", "<b>11</b> people were counted twice.", by=STEWARD)
    report("release", str(second), "approved again", by=COMMISSIONER)
    assert f"<strong>Correction of report {first}.</strong> &lt;b&gt;11&lt;/b&gt; people were counted twice." in page(second)
    assert f"Replaced: report {second} is the later version of this one." in page(first)
    shown = report("show", str(second))
    assert "it is released, version 2" in shown and f"corrects report {first}: " in shown
    assert f"release by {COMMISSIONER}: approved again" in shown
    assert "No report waits." in report("list", "--waiting")
    report("withdraw", str(second), "the extract was wrong", by=STEWARD)
    assert "Withdrawn: do not use this report" in page(second)
    assert ANALYST not in page(second) and "the extract was wrong" not in page(second), "who and why is in the register"


def test_the_newest_report_stays_the_latest_when_an_older_one_is_signed(signable: Warehouse) -> None:
    older = draft(audience="internal")
    newer = draft(signers.build(signable), audience="internal")
    folder = settings().state_dir / "reports"
    reports.render(newer, folder)
    report("check", str(older), WHY, by=ANALYST)
    assert f"Report {newer}" in (folder / "latest.html").read_text("utf-8")


def test_a_wrong_password_signs_nothing(signable: Warehouse) -> None:
    number = draft()
    with pytest.raises(IomError, match="did not let"):
        iom("report", "check", str(number), WHY, "--by", ANALYST, typed="a guess")
    assert state(number) == "draft"


def test_what_is_no_command_makes_a_report(signable: Warehouse) -> None:
    with pytest.raises(IomError, match="audience 'press'"):
        report("quarterly", "--audience", "press")
