"""The mail that brings a report: marked in its subject, first and last line, with the report attached or a link to it."""

from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate
from mimetypes import guess_type

from iom_warehouse.sending.register import Due


def compose(one: Due, files: Mapping[str, bytes], sender: str, link: str | None) -> EmailMessage:
    """A message for the recipient, with these files (name: content) or a link to the first.

    The same report for the same recipient has the same Message-ID whenever it is sent.
    """
    message = EmailMessage()
    message["Subject"] = f"{one.marking}: report {one.report_id}, version {one.version}"
    message["From"] = sender
    message["To"] = one.address
    message["Date"] = formatdate()
    message["Message-ID"] = f"<report-{one.report_id}-{one.recipient}@{sender.rpartition('@')[2]}>"
    where = f"Read it here, with your login: {link}" if link else f"It is attached: {', '.join(files)}"
    lines = (
        one.marking,
        f"Report {one.report_id} of the Integrated Offender Management partnership was released.",
        where,
        "If this reached you by mistake, tell the sender and delete it.",
        one.marking,
    )
    message.set_content("\n\n".join(lines) + "\n", cte="quoted-printable")
    for name, content in () if link else files.items():
        kind, _, subkind = (guess_type(name)[0] or "application/octet-stream").partition("/")
        message.add_attachment(content, maintype=kind, subtype=subkind, filename=name)
    return message
