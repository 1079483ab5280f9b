"""Mail by the partnership's relay. What matters is to know afterwards whether the relay has taken a message."""

import smtplib
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


def hand_over(message: EmailMessage, to: list[str]) -> None:
    """Give a message to the relay of the settings, for all addresses or for none; encrypted on the way if it offers that.

    Raises NotTakenError when it may be tried again, NotKnownError when nobody can tell.
    """
    try:
        server = smtplib.SMTP(str(settings().smtp_host), settings().smtp_port, timeout=PATIENCE)
    except OSError as error:
        raise NotTakenError(f"the mail server does not answer ({type(error).__name__})") from None
    try:
        _address(server, settings().smtp_from, to)
        _hand_over(server, message.as_bytes(policy=policy.SMTP))
        with suppress(OSError):  # it has the message, whatever it says now
            server.quit()
    finally:
        server.close()


def _address(server: smtplib.SMTP, sender: str, to: list[str]) -> None:
    try:
        server.ehlo_or_helo_if_needed()
        if server.has_extn("starttls"):
            server.starttls()
            server.ehlo()
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
