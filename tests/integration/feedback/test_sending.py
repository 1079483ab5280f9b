"""Feedback to the agencies: agreed columns, known people, consent, written down first, never twice."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import gnupg
import psycopg2
import pytest
from child import assert_killed, die, start
from cluster import Cluster, own_warehouse, warehouse_of
from command_line import iom
from delivery_maker import Warehouse
from partnership_night import MANAGED, NIGHT, RELEASES, TREATED, agree, ask, prepare, run

from iom_warehouse import feedback
from iom_warehouse.delivery import openpgp
from iom_warehouse.feedback import folder as folders
from iom_warehouse.orchestration import alerts, feeding_back
from iom_warehouse.platform import database
from iom_warehouse.platform.errors import IomError
from iom_warehouse.platform.settings import settings


@pytest.fixture(scope="module")
def prepared(cluster: Cluster) -> Iterator[str]:
    """A database to copy: the night of which nothing was sent yet."""
    name = cluster.create()
    with warehouse_of(cluster, name) as found:
        prepare(found)
    cluster.seal(name)
    yield name
    cluster.drop(name)


@pytest.fixture
def night(cluster: Cluster, prepared: str) -> Iterator[Warehouse]:
    with own_warehouse(cluster, prepared) as found:
        yield found


@pytest.fixture
def agreed(night: Warehouse) -> Warehouse:
    """A file for the police and one for the prison, both as agreed."""
    agree("OUT-POL", "HUB", "POL", "prison_releases", "pncid;surname;establishment;release_on")
    agree("OUT-PRI", "HUB", "PRI", "managed_people", "prison_number;scheme")
    ask("POL", "prison_releases", RELEASES)
    ask("PRI", "managed_people", MANAGED)
    return night


def sent(recipient: str, file: str, sequence: int = 1) -> list[str]:
    return (outbox(recipient, sequence) / f"{file}.csv").read_text().splitlines()


def outbox(recipient: str, sequence: int = 1) -> Path:
    return settings().outbox / recipient / f"{NIGHT}.{sequence}"


def all_that_was_sent() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in settings().outbox.rglob("*") if path.is_file()}


def test_agreed_columns_about_people_on_the_list_whom_the_agency_knows(agreed: Warehouse) -> None:
    assert feedback.send(NIGHT) == []
    assert sent("POL", "prison_releases") == [
        "pncid,surname,establishment,release_on",
        "P1/pnc,TestnameAnnofpolice_person,HMP One,2014-02-02",
    ], "Bob is not in prison, Cat no longer on the list, Dee not known to the police"
    assert sent("PRI", "managed_people") == ["prison_number,scheme", "N1,IOM", "N4,IOM"]


@pytest.mark.parametrize(("died_in_days", "rows"), [(0, 0), (1, 1)])
def test_nobody_who_has_died_is_said_to_be_released(agreed: Warehouse, died_in_days: int, rows: int) -> None:
    """The prison never closed the booking. A death that is still to come is a mistake, and takes nobody off."""
    run("update raw.police_person set died_on = %s where police_ref = 'P1'", NIGHT + timedelta(days=died_in_days))
    assert feedback.send(NIGHT) == []
    assert len(sent("POL", "prison_releases")) == 1 + rows


def test_a_row_that_would_not_say_whom_it_is_about_is_left_out(agreed: Warehouse) -> None:
    run("update raw.police_person set pncid = null, surname = null where police_ref = 'P1'")
    assert feedback.send(NIGHT) == []
    assert sent("POL", "prison_releases") == ["pncid,surname,establishment,release_on"]
    assert run("select recipient from audit.disclosed_person join audit.disclosure using (disclosure_id)"
               " join audit.outbound using (outbound_id) where recipient = 'POL'") == []  # fmt: skip


def test_names_are_the_recipients_own_and_nobody_elses(agreed: Warehouse) -> None:
    feedback.send(NIGHT)
    text = b"".join(all_that_was_sent().values()).decode()
    assert text.count("Testname") == 1 and "Testname" not in "".join(sent("PRI", "managed_people"))


def test_the_manifest_is_that_of_a_delivery(agreed: Warehouse) -> None:
    feedback.send(NIGHT)
    manifest = json.loads((outbox("POL") / "manifest.json").read_text())
    data = (outbox("POL") / "prison_releases.csv").read_bytes()
    assert manifest["business_date"] == str(NIGHT) and manifest["feed"] == "POL" and manifest["sequence"] == 1
    assert manifest["files"] == [
        {"file": "prison_releases", "name": "prison_releases.csv", "rows": 1, "sha256": hashlib.sha256(data).hexdigest(),
         "agreement": "OUT-POL", "purpose": "a purpose"}
    ]  # fmt: skip


def test_every_file_is_a_disclosure_in_the_log_and_in_the_register(agreed: Warehouse) -> None:
    feedback.send(NIGHT)
    digest = hashlib.sha256((outbox("POL") / "prison_releases.csv").read_bytes()).hexdigest()
    [details] = [row[0] for row in run("select details from audit.event where action = 'disclose' and subject like '%% for POL'")]
    assert details == {
        "recipient": "POL", "folder": f"{NIGHT}.1", "file": "prison_releases.csv", "rows": 1, "sha256": digest,
        "columns": ["pncid", "surname", "establishment", "release_on"], "agreement": "OUT-POL", "legal_gateway": "an Act",
    }  # fmt: skip
    assert run("select audit.first_broken_event()") == [(None,)]
    told = "select file, person_key from audit.disclosed_person join audit.disclosure using (disclosure_id) order by 1, 2"
    assert run(told) == [("managed_people", 1), ("managed_people", 4), ("prison_releases", 1)]
    assert "Testname" not in str(run("select * from audit.event")) + str(run("select * from audit.disclosure"))


def test_the_second_time_nothing_changes(agreed: Warehouse) -> None:
    feedback.send(NIGHT)
    assert not feedback.is_due()
    before = all_that_was_sent(), run("select count(*) from audit.event"), run("select * from audit.outbound")
    assert feedback.send(NIGHT) == []
    assert (all_that_was_sent(), run("select count(*) from audit.event"), run("select * from audit.outbound")) == before


def built_again() -> None:
    run(
        "insert into audit.build (business_date, kind, status, linkage_run, configuration_id, finished_at)"
        " select business_date, kind, status, linkage_run, configuration_id, now() from audit.build order by 1 desc limit 1"
    )


def test_what_says_nothing_new_is_not_sent_again(agreed: Warehouse) -> None:
    feedback.send(NIGHT)
    before = all_that_was_sent()
    built_again()
    assert feedback.is_due() and feedback.send(NIGHT) == []
    assert all_that_was_sent() == before and not feedback.is_due()
    assert not outbox("POL", 2).exists()
    assert run("select distinct sequence from audit.disclosed_person join audit.disclosure using (disclosure_id)"
               " join audit.outbound using (outbound_id)") == [(1,)], "nobody was told of anybody that night"  # fmt: skip
    states = [(one.recipient, one.state) for one in feedback.disclosures()]
    assert states == [("POL", "sent"), ("PRI", "sent"), ("POL", "not sent: nothing new"), ("PRI", "not sent: nothing new")]
    events = run("select details from audit.event where action = 'no disclosure' order by event_id")
    assert [event for (event,) in events][0] == {"recipient": "POL", "folder": f"{NIGHT}.2", "files": ["prison_releases"]}
    run("update raw.police_person set surname = 'Testnamenew' where police_ref = 'P1'")
    built_again()
    feedback.send(NIGHT)
    assert "Testnamenew" in sent("POL", "prison_releases", 3)[1] and not outbox("PRI", 3).exists()


def test_a_file_that_is_left_out_and_comes_back_goes_both_times(agreed: Warehouse) -> None:
    """A folder is a full delivery: the newest one must hold what the agency has."""
    agree("OUT-POL-2", "HUB", "POL", "managed_people", "police_ref;scheme")
    ask("POL", "managed_people", {"police_ref": "police_person.police_ref", "scheme": "hub_membership.scheme"})
    feedback.send(NIGHT)
    for sequence, review_on in ((2, "2013-09-30"), (3, "2014-09-30")):
        run("update reference.agreements set review_on = %s where agreement_id = 'OUT-POL'", review_on)
        built_again()
        feedback.send(NIGHT)
        names = {path.stem for path in outbox("POL", sequence).glob("*.csv")}
        assert names == {"managed_people"} | ({"prison_releases"} if sequence == 3 else set())
    built_again()
    feedback.send(NIGHT)
    assert not outbox("POL", 4).exists(), "as in the newest folder"


def test_what_comes_right_after_the_rest_was_sent_goes_with_it(agreed: Warehouse) -> None:
    agree("OUT-POL-2", "HUB", "POL", "managed_people", "police_ref;scheme", review_on="2013-09-30")
    ask("POL", "managed_people", {"police_ref": "police_person.police_ref", "scheme": "hub_membership.scheme"})
    feedback.send(NIGHT)
    run("update reference.agreements set review_on = '2014-09-30' where agreement_id = 'OUT-POL-2'")
    feedback.send(NIGHT)
    assert {path.stem for path in outbox("POL", 2).glob("*.csv")} == {"managed_people", "prison_releases"}
    assert not feedback.is_due() and not outbox("PRI", 2).exists()


def test_the_same_rows_under_another_agreement_are_sent(agreed: Warehouse) -> None:
    feedback.send(NIGHT)
    run("update reference.agreements set agreement_id = 'OUT-POL-NEW' where agreement_id = 'OUT-POL'")
    built_again()
    feedback.send(NIGHT)
    [entry] = json.loads((outbox("POL", 2) / "manifest.json").read_text())["files"]
    assert entry["agreement"] == "OUT-POL-NEW" and not outbox("PRI", 2).exists()


def test_an_expired_agreement_stops_its_file_and_no_other(agreed: Warehouse) -> None:
    run("update reference.agreements set review_on = '2013-09-30' where agreement_id = 'OUT-POL'")
    feeding_back.send()
    message = "The file prison_releases for POL is not sent: the agreement OUT-POL was to be reviewed by 2013-09-30."
    assert [alert.message.startswith(message) for alert in alerts.listed(only_open=True)] == [True]
    assert not (settings().outbox / "POL").exists()
    assert len(sent("PRI", "managed_people")) == 3
    run("update reference.agreements set review_on = '2014-09-30' where agreement_id = 'OUT-POL'")
    assert feedback.is_due()
    feeding_back.send()
    assert alerts.listed(only_open=True) == [] and len(sent("POL", "prison_releases")) == 2
    assert not outbox("PRI", 2).exists()


def test_a_newer_folder_takes_the_place_of_earlier_ones(agreed: Warehouse) -> None:
    """Whoever fetches late must not find what a client has taken back since. Where nothing new went, the last folder stays."""
    feeding_back.send()
    run("update raw.police_person set surname = 'Testnamenew' where police_ref = 'P1'")
    built_again()
    feeding_back.send()
    assert not outbox("POL", 1).exists() and outbox("POL", 2).exists() and outbox("PRI", 1).exists()
    events = "select subject, reason, details from audit.event where action = 'remove feedback' order by event_id"
    newer = ("folder for POL", "A newer folder is there.", {"recipient": "POL", "folder": f"{NIGHT}.1"})
    assert run(events) == [newer]
    feeding_back.send()
    assert run(events) == [newer] and len(all_that_was_sent()) == 4


def test_an_agency_that_may_get_no_file_any_more_leaves_nothing_behind(agreed: Warehouse) -> None:
    feeding_back.send()
    run("update reference.agreements set review_on = '2013-09-30' where agreement_id = 'OUT-POL'")
    run("delete from reference.outbound where recipient = 'PRI'")
    built_again()
    feeding_back.send()
    assert all_that_was_sent() == {}
    assert {one.state for one in feedback.disclosures()} == {"sent, removed since"}
    removed = run("select subject, reason from audit.event where action = 'remove feedback' order by event_id")
    assert removed == [(f"folder for {agency}", "No file may be sent to it any more.") for agency in ("POL", "PRI")]
    run("update reference.agreements set review_on = '2014-09-30' where agreement_id = 'OUT-POL'")
    assert feedback.is_due()
    feeding_back.send()
    assert len(sent("POL", "prison_releases", 2)) == 2, "it is told again, though it says what the removed one said"


def test_an_agency_that_had_nothing_new_and_lost_its_folder_is_told_again(agreed: Warehouse) -> None:
    feeding_back.send()
    built_again()
    feeding_back.send()
    for review_on in ("2013-09-30", "2014-09-30"):
        run("update reference.agreements set review_on = %s where agreement_id = 'OUT-POL'", review_on)
        feeding_back.send()
    assert len(sent("POL", "prison_releases", 3)) == 2


def test_a_folder_that_is_half_removed_counts_as_none_and_goes_the_next_time(
    agreed: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeding_back.send()
    run("update reference.agreements set review_on = '2013-09-30' where agreement_id = 'OUT-POL'")

    def refuse(path: Path) -> None:
        raise PermissionError(path)

    with monkeypatch.context() as patch, pytest.raises(IomError, match=r"POL.* cannot be removed \(PermissionError\)"):
        patch.setattr(folders.shutil, "rmtree", refuse)
        feeding_back.send()
    assert len(alerts.listed(only_open=True)) == 1, "what was not sent is said all the same"
    assert outbox("POL").exists() and not (outbox("POL") / "manifest.json").exists()
    feeding_back.send()
    assert not outbox("POL").exists()


def test_the_day_of_the_review_is_the_last_one(agreed: Warehouse) -> None:
    run("update reference.agreements set review_on = %s where agreement_id = 'OUT-POL'", NIGHT)
    assert feedback.send(NIGHT) == []


@pytest.mark.parametrize(
    ("columns", "agreed_columns", "told"),
    [
        (MANAGED | {"lead": "hub_case.lead_agency"}, "prison_number;scheme", "the column lead is outside the agreement OUT-PRI."),
        (MANAGED | {"x": "pg_authid.rolpassword"}, None, "the column x (pg_authid.rolpassword) has a source that is not on"),
        (MANAGED | {"x": "1; drop table t"}, None, "the column x (1; drop table t) has a source that is not on the list"),
        (MANAGED | {"n": "police_person.surname"}, None, "the column n (police_person.surname) shows the records of another"),
        ({"scheme": "hub_membership.scheme"}, None, "it must show whom it is about by records of the recipient's own"),
        ({"surname": "prison_person.surname"}, None, "it has no column but the recipient's own."),
        (MANAGED | {"area": "dip_episode.area"}, None, "the column area comes from drug services, and the agreement"),
        (MANAGED | {"moved": "custody_movement.movement", "meeting": "agency_agenda.meeting_ref"}, None,
         "it shows two lists that have several rows for a person. Make two files of them"),
    ],
)  # fmt: skip
def test_what_may_not_be_sent_is_stopped_and_said(night: Warehouse, columns: dict, agreed_columns: str, told: str) -> None:
    agree("OUT-PRI", "HUB", "PRI", "managed_people", agreed_columns)
    ask("PRI", "managed_people", columns)
    [stopped] = feedback.send(NIGHT)
    assert str(stopped.fault).startswith(f"The file managed_people for PRI is not sent: {told}")
    assert all_that_was_sent() == {} and run("select * from audit.disclosure") == []


def test_of_two_agreements_the_one_that_names_what_drug_services_know_counts(night: Warehouse) -> None:
    agree("A-PLAIN", "HUB", "PRI", "managed_people")
    agree("B-NAMES", "HUB", "PRI", "managed_people", "prison_number;scheme;area")
    ask("PRI", "managed_people", MANAGED | {"area": "dip_episode.area"})
    assert feedback.send(NIGHT) == []
    assert run("select agreement_id from audit.disclosure") == [("B-NAMES",)]


def test_without_an_agreement_nothing_goes(night: Warehouse) -> None:
    ask("PRI", "managed_people", MANAGED)
    [stopped] = feedback.send(NIGHT)
    assert "no agreement with PRI in agreements.csv covers it" in str(stopped.fault)


CONSENT = {
    "given": ("true", ["P1,A,IOM", "P5,B,DIP"]),
    "withdrawn yesterday": ("consent_withdrawn_on = '2013-09-30'", ["P1,A,IOM"]),
    "never given": ("consent_to_share = false", ["P1,A,IOM"]),
    "not said": ("consent_to_share = null", ["P1,A,IOM"]),
    "given from tomorrow": ("consent_on = '2013-10-02'", ["P1,A,IOM"]),
}


@pytest.mark.parametrize("case", CONSENT)
def test_drug_services_only_with_consent(night: Warehouse, case: str) -> None:
    """Without it Eve, who is on the list of drug services alone, is not named at all: being on it would tell."""
    change, expected = CONSENT[case]
    if change != "true":
        run(f"update raw.dip_client set {change} where client_ref = 'C5'")
    agree("OUT-POL", "HUB", "POL", "treated;listed", "police_ref;caseload_area;scheme")
    ask("POL", "treated", TREATED)
    ask("POL", "listed", {name: source for name, source in TREATED.items() if name != "caseload_area"})
    assert feedback.send(NIGHT) == []
    assert [line[:2] for line in sent("POL", "listed")[1:]] == ["P1", "P2"] + ["P5"] * (case == "given")
    assert sent("POL", "treated") == ["police_ref,caseload_area,scheme", *expected]


def test_drug_services_hear_of_clients_with_consent_only(night: Warehouse) -> None:
    run("update raw.dip_client set consent_withdrawn_on = '2013-09-30' where client_ref = 'C5'")
    run("update raw.hub_membership set scheme = 'IOM' where membership_ref = 'M5'")
    agree("A-DIP", "DIP", "HUB", "dip_client")
    agree("OUT-DIP", "HUB", "DIP", "clients")
    ask("DIP", "clients", {"client_ref": "dip_client.client_ref", "scheme": "hub_membership.scheme"})
    assert feedback.send(NIGHT) == []
    assert sent("DIP", "clients") == ["client_ref,scheme", "C1,IOM"]


def test_that_drug_services_lead_a_case_is_told_with_consent_only(night: Warehouse) -> None:
    """Drug services lead the cases of Ann and Eve, their clients; Eve has withdrawn her consent. Bob's lead is the police. What
    is on no list is told of nobody: it may be one of them, or a name.
    """
    agree("A-DIP", "DIP", "HUB", "dip_client")
    run("update raw.hub_case set lead_agency = case case_ref when 'H2' then 'POL' when 'H3' then 'dip' else 'DIP' end")
    run("update raw.hub_membership set ends_on = null where case_ref = 'H3'")
    run("update raw.hub_membership set scheme = 'IOM' where membership_ref = 'M5'")
    run("update raw.dip_client set consent_withdrawn_on = '2013-09-30' where client_ref = 'C5'")
    agree("OUT-POL", "HUB", "POL", "led")
    ask("POL", "led", {"police_ref": "police_person.police_ref", "lead": "hub_case.lead_agency"})
    assert feedback.send(NIGHT) == []
    assert sent("POL", "led") == ["police_ref,lead", "P1,DIP", "P2,POL"]


@pytest.fixture
def police_key(agreed: Warehouse, tmp_path: Path) -> Iterator[gnupg.GPG]:
    """The keyring of the police, who have given us their public key; we have one of our own."""
    tmp_path.chmod(0o700)
    police, ours = gnupg.GPG(gnupghome=str(tmp_path)), openpgp.keyring()
    made = []
    for name, ring in (("police", police), ("warehouse", ours)):
        request = ring.gen_key_input(
            key_type="EDDSA", key_curve="ed25519", subkey_type="ECDH", subkey_curve="cv25519",
            name_email=f"{name}@example.org", no_protection=True,
        )  # fmt: skip
        made.append(ring.gen_key(request).fingerprint)
    police.import_keys(ours.export_keys(made[1]))
    ours.import_keys(police.export_keys(made[0]))
    run("update reference.agencies set openpgp_key = %s where agency = 'POL'", made[0])
    yield police
    for home in (ours.gnupghome, police.gnupghome):
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
    shutil.rmtree(ours.gnupghome)


def test_encrypted_to_the_agencys_key_and_signed_by_ours(police_key: gnupg.GPG) -> None:
    assert feedback.send(NIGHT) == []
    assert sorted(path.name for path in outbox("POL").iterdir()) == ["manifest.json", "prison_releases.csv.gpg"]
    found = police_key.decrypt((outbox("POL") / "prison_releases.csv.gpg").read_bytes())
    assert found.valid and found.data.startswith(b"pncid,surname,establishment,release_on\nP1/pnc")
    assert [one.is_encrypted for one in feedback.disclosures()] == [True, False]


def test_a_key_that_is_not_there_stops_one_agency(police_key: gnupg.GPG) -> None:
    run("update reference.agencies set openpgp_key = repeat('A', 40) where agency = 'POL'")
    [stopped] = feedback.send(NIGHT)
    assert str(stopped.fault).startswith(
        "The file prison_releases for POL is not sent: It cannot be encrypted to the OpenPGP key"
    )
    assert not outbox("POL").exists() and len(sent("PRI", "managed_people")) == 3


def test_the_same_rows_for_another_key_are_sent(police_key: gnupg.GPG) -> None:
    feedback.send(NIGHT)
    run("update reference.agencies set openpgp_key = null")
    built_again()
    feedback.send(NIGHT)
    assert "HMP One" in sent("POL", "prison_releases", 2)[1], "the police take it without encryption now"
    assert run("select openpgp_key is null from audit.disclosure where file = 'prison_releases'") == [(False,), (True,)]
    built_again()
    feedback.send(NIGHT)
    assert not outbox("POL", 3).exists()


def send_and_die_before_the_manifest() -> None:
    folders.Folder.finish = die
    feedback.send(NIGHT)


def test_killed_before_the_manifest_leaves_no_finished_folder(agreed: Warehouse) -> None:
    assert_killed(start(send_and_die_before_the_manifest))
    assert list(settings().outbox.rglob("manifest.json")) == []
    assert len(run("select 1 from audit.event where action = 'disclose'")) == 1, "written down before the folder is finished"
    assert feedback.is_due() and feedback.send(NIGHT) == []
    assert not outbox("POL", 1).exists() and len(sent("POL", "prison_releases", 2)) == 2
    assert [one.state for one in feedback.disclosures()] == ["given up", "sent", "sent"]


def test_killed_after_the_manifest_sends_nothing_twice(agreed: Warehouse) -> None:
    feedback.send(NIGHT)
    run("update audit.outbound set finished_at = null")
    before = all_that_was_sent()
    feedback.send(NIGHT)
    assert all_that_was_sent() == before and not feedback.is_due()


def test_the_publisher_gets_no_row_that_is_not_written_down(agreed: Warehouse) -> None:
    with database.session("publisher") as conn, conn.cursor() as cursor:
        cursor.execute("select outbound_id from access.open_outbound('POL', 1)")
        [number] = cursor.fetchone()
        cursor.execute("select access.open_disclosure(%s, 'prison_releases')", (number,))
        [disclosure] = cursor.fetchone()
        with pytest.raises(psycopg2.DatabaseError, match="no disclosure is open"):
            cursor.execute(f"select * from access.take_disclosure({disclosure}) as t (a text, b text, c text, d text, p bigint)")
        conn.rollback()
        for closed in ("access.outbound_custody('2013-10-01')", "access.consenting_people('2013-10-01')", "raw.police_person"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(f"select * from {closed}")
            conn.rollback()


def test_a_delivery_ends_in_a_known_way_or_not_at_all(agreed: Warehouse) -> None:
    with database.session("publisher") as conn, conn.cursor() as cursor:
        cursor.execute("select outbound_id from access.open_outbound('POL', 1)")
        [number] = cursor.fetchone()
        for outcome in ("nothing_new", None):
            with pytest.raises(psycopg2.DatabaseError, match="ends as sent, given up or nothing new"), conn:
                cursor.execute("select access.end_outbound(%s, %s)", (number, outcome))


def test_only_the_night_that_the_marts_hold(agreed: Warehouse) -> None:
    with pytest.raises(IomError, match="The marts hold the night of 2013-10-01"):
        feedback.send(NIGHT.replace(day=2))


def test_the_commands(agreed: Warehouse) -> None:
    assert "Nothing was sent yet." in iom("feedback", "list")
    assert "OUT-POL" in iom("feedback", "plan", str(NIGHT))
    assert "Everything that is agreed has been sent" in iom("feedback", "send", str(NIGHT))
    assert "prison_releases.csv" in iom("feedback", "list")
    iom("feedback", "send", str(NIGHT), "--again", "POL")
    assert outbox("POL", 2).exists() and not outbox("PRI", 2).exists()
    with pytest.raises(IomError, match="No file is planned for an agency POLL"):
        iom("feedback", "send", str(NIGHT), "--again", "POLL")
    run("update reference.agreements set review_on = '2013-09-30' where agreement_id = 'OUT-POL'")
    with pytest.raises(IomError, match="1 files were not sent"):
        iom("feedback", "send", str(NIGHT))
