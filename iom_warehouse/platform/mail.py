"""Mail by the partnership's relay. What matters is to know afterwards whether the relay has taken a message."""

import ipaddress
import smtplib
import ssl
from contextlib import suppress
from email import policy
from email.message import EmailMessage

from iom_warehouse.platform.settings import settings

PATIENCE = 20  # seconds
TAKEN = 250


class NotTakenError(Exception):
    """The relay has not taken the message. Says why without an address."""


class NotKnownError(Exception):
    """The connection broke while the message was handed over."""


def hand_over(message: EmailMessage, to: list[str], only_encrypted: bool = False) -> None:
    """Give a message to the relay of the settings, for all addresses or for none.

    It goes encrypted to a relay whose certificate holds if the relay offers that. With `only_encrypted` it goes in no other way,
    unless the relay is on this machine. Raises NotTakenError when it may be tried again, NotKnownError when nobody can tell.
    """
    context = _trusted()
    try:
        server = smtplib.SMTP(str(settings().smtp_host), settings().smtp_port, timeout=PATIENCE)
    except OSError as error:
        raise NotTakenError(f"the mail server does not answer ({type(error).__name__})") from None
    try:
        _encrypt(server, context, only_encrypted)
        _address(server, settings().smtp_from, to)
        _hand_over(server, message.as_bytes(policy=policy.SMTP))
        with suppress(OSError):  # it has the message, whatever it says now
            server.quit()
    finally:
        server.close()


def _trusted() -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings().smtp_ca_file)
    except OSError as error:
        raise NotTakenError(f"IOM_SMTP_CA_FILE is no file of certificates in PEM ({type(error).__name__})") from None


def _encrypt(server: smtplib.SMTP, context: ssl.SSLContext, is_needed: bool) -> None:
    try:
        server.ehlo_or_helo_if_needed()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif is_needed and not _is_on_this_machine(server):
            raise NotTakenError(
                "the mail server offers no encryption, which this marking needs: set IOM_SMTP_HOST to one with STARTTLS"
            )
    except ssl.SSLCertVerificationError as error:
        raise NotTakenError(
            f"the mail server's certificate does not hold ({error.verify_message}): set IOM_SMTP_HOST to the name in it, and"
            " IOM_SMTP_CA_FILE to the certificate of who issued it"
        ) from None
    except OSError as error:
        raise NotTakenError(f"the mail server broke off ({type(error).__name__})") from None


def _is_on_this_machine(server: smtplib.SMTP) -> bool:
    return server.sock is not None and ipaddress.ip_address(server.sock.getpeername()[0]).is_loopback


def _address(server: smtplib.SMTP, sender: str, to: list[str]) -> None:
    try:
        answers = [server.mail(sender), *(server.rcpt(address) for address in to)]
    except OSError as error:
        raise NotTakenError(f"the mail server broke off ({type(error).__name__})") from None
    if refused := [code for code, _ in answers if code not in (TAKEN, 251)]:
        raise NotTakenError(f"the mail server refused the sender or an address ({refused[0]})")


def _hand_over(server: smtplib.SMTP, content: bytes) -> None:
    try:
        code, _ = server.data(content)
    except smtplib.SMTPDataError as error:  # it did not even want to hear it
        raise NotTakenError(f"the mail server refused the message ({error.smtp_code})") from None
    except OSError as error:
        raise NotKnownError(type(error).__name__) from None
    if code != TAKEN:
        raise NotTakenError(f"the mail server refused the message ({code})")
