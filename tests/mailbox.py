"""A real mail server that keeps what it accepted, and refuses whom it is told to refuse."""

import asyncio
import email
import email.policy
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from aiosmtpd.controller import Controller

logging.getLogger("mail.log").setLevel(logging.WARNING)


class Mailbox:
    """`accepted`: each mail that the server said yes to, in order. `refused`: what it answers, by address."""

    def __init__(self) -> None:
        self.accepted: list[EmailMessage] = []
        self.refused: dict[str, str] = {}
        self.refuse_data = ""
        self.takes = 0.0  # seconds for each mail
        self.stands_still = ""  # at a mail to this address, until `go_on`
        self.stands, self.go_on = threading.Event(), threading.Event()
        self.port = 0

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        if self.refuse_data:
            return self.refuse_data
        if self.stands_still in envelope.rcpt_tos:
            self.stands_still = ""
            self.stands.set()
            await asyncio.to_thread(self.go_on.wait, 60)
        await asyncio.sleep(self.takes)
        self.accepted.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"

    @property
    def ids(self) -> list[str]:
        """The Message-ID of each, in the order they came."""
        return [mail["Message-ID"] for mail in self.accepted]


class _OnAnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # asked for port 0
        super()._trigger_server()


@contextmanager
def serving_the_site(settings) -> Iterator[Mailbox]:
    """The server that the site is told to send by."""
    with serving() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", box.port, False
        yield box


@contextmanager
def serving() -> Iterator[Mailbox]:
    """A server on a free port of this machine."""
    box = Mailbox()
    controller = _OnAnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()
