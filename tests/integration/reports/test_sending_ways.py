"""The ways of a report out of the house: encrypted mail to a server whose certificate holds, or the outbox without a server."""

import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import IPv4Address
from pathlib import Path

import pytest
import relay
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from delivery_maker import Warehouse
from relay import Relay
from sent_reports import BOARD, mark_sensitive, outcomes, send_and_be_killed
from signers import draft, release

from iom_warehouse import signoff
from iom_warehouse.orchestration import sending_reports
from iom_warehouse.platform import mail
from iom_warehouse.platform.settings import settings


def test_it_is_encrypted_on_the_way_to_a_server_whose_certificate_holds(signable: Warehouse, tmp_path: Path) -> None:
    number = release(draft())
    with relay.running(certificate(tmp_path)) as found:
        [trouble] = sending_reports.send()
        assert "certificate does not hold" in trouble.why and "IOM_SMTP_CA_FILE" in trouble.why
        assert found.received == [] and outcomes(number) == [("board_secretary", "attachment", "failed")]
    with relay.running(certificate(tmp_path), smtp_ca_file=str(tmp_path / "certificate")) as found:
        assert sending_reports.send() == []
        assert found.recipients == [BOARD] and found.was_encrypted


def test_a_certificate_of_another_name_does_not_hold(signable: Warehouse, tmp_path: Path) -> None:
    release(draft())
    tls = certificate(tmp_path, "127.0.0.2")
    with relay.running(tls, smtp_ca_file=str(tmp_path / "certificate")) as found:
        assert "certificate does not hold" in sending_reports.send()[0].why and found.received == []


def test_a_file_of_certificates_that_is_none(signable: Warehouse, tmp_path: Path) -> None:
    release(draft())
    with relay.running(smtp_ca_file=str(tmp_path / "missing")):
        assert "IOM_SMTP_CA_FILE is no file of certificates" in sending_reports.send()[0].why


def test_what_is_sensitive_goes_to_no_server_elsewhere_without_encryption(
    signable: Warehouse, mailbox: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "_is_on_this_machine", lambda server: False)
    official = release(draft())
    assert sending_reports.send() == [] and len(mailbox.received) == 1
    mark_sensitive(signable)
    sensitive = release(draft(quarter="2013-07-01"))
    [trouble] = sending_reports.send()
    assert trouble.report_id == sensitive != official and "set IOM_SMTP_HOST to one with STARTTLS" in trouble.why
    assert len(mailbox.received) == 1


def certificate(folder: Path, address: str = "127.0.0.1") -> ssl.SSLContext:
    """A server's own certificate, as relays within a network have them."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))]), critical=False)
    made = builder.sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    (folder / "key").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    (folder / "certificate").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "certificate", folder / "key")
    return context


def test_without_a_mail_server_it_lies_in_the_outbox(signable: Warehouse) -> None:
    number = release(draft())
    assert sending_reports.send() == []
    [path] = (settings().outbox / "reports.mail").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["To"] == BOARD and len(list(message.iter_attachments())) == 1
    assert outcomes(number) == [("board_secretary", "attachment", "written")]
    with relay.running() as found:
        assert sending_reports.send() == [] and found.received == [], "it went by the outbox"


def test_killed_after_it_was_written_into_the_outbox(signable: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    number = release(draft())
    send_and_be_killed(monkeypatch)
    assert sending_reports.send() == []
    assert outcomes(number) == [("board_secretary", "attachment", "written")]


def test_an_outbox_that_cannot_be_written_is_known_not_to_have_it(signable: Warehouse) -> None:
    """A file lies where the folder is to be; once it is gone the report goes with the next run."""
    number = release(draft())
    settings().outbox.mkdir(parents=True, exist_ok=True)
    (settings().outbox / "reports.mail").touch()
    [trouble] = sending_reports.send()
    assert trouble.why == "the outbox cannot be written, see IOM_OUTBOX (FileExistsError); the next run tries again"
    (settings().outbox / "reports.mail").unlink()
    assert sending_reports.send() == []
    assert [outcome for *_, outcome in outcomes(number)] == ["failed", "written"]


def test_a_recipient_gets_the_formats_of_their_row(signable: Warehouse, mailbox: Relay) -> None:
    """As they were kept when the report was released, in the order of the row."""
    signable.query("update reference.report_recipients set formats = 'xlsx;html;csv'")
    number = release(draft())
    assert sending_reports.send() == []
    attached = list(mailbox.received[0].iter_attachments())
    assert [attachment.get_filename().rpartition(f"-{number}")[2] for attachment in attached] == [".xlsx", ".html", "-csv.zip"]
    assert attached[0].get_content_type() == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    digests = {hashlib.sha256(attachment.get_payload(decode=True)).hexdigest() for attachment in attached}
    assert digests == set(signoff.kept_files(number).digests.values())


def test_a_link_leads_to_the_first_format(signable: Warehouse, mailbox: Relay) -> None:
    mark_sensitive(signable)
    signable.query("update reference.report_recipients set formats = 'csv;html'")
    number = release(draft())
    assert sending_reports.send() == []
    assert f"/pages/reports/{number}/csv" in mailbox.received[0].get_body().get_content()
