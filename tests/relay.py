"""A real mail server on loopback that takes mail, refuses it, or breaks off, as a test wants it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from ssl import SSLContext

from aiosmtpd.controller import Controller
from surroundings import environment


class Relay:
    """Handler of the server. `refuses`: the answer to a recipient; `answers`: to the content; `breaks_off`: none at all."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refuses = ""
        self.answers = "250 taken"
        self.breaks_off = False
        self.was_encrypted = False

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self.refuses or address.startswith("nobody@"):
            return self.refuses or "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        if self.answers.startswith("250"):
            self.received.append(message_from_bytes(envelope.content, policy=policy.default))
            self.recipients += envelope.rcpt_tos
            self.was_encrypted = session.ssl is not None
        if self.breaks_off:
            server.transport.abort()
        return self.answers


@contextmanager
def running(tls: SSLContext | None = None, **settings: str) -> Iterator[Relay]:
    """A server, which offers to encrypt if it can, and settings by which mail goes there."""
    relay = Relay()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = Controller(relay, hostname="127.0.0.1", port=port, tls_context=tls)
    server.start()
    try:
        with environment(smtp_host="127.0.0.1", smtp_port=str(port), **settings):
            yield relay
    finally:
        server.stop()
