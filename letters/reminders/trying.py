"""Trying the mail server as reminders and invitations use it, for who sets it up: what it said, and the way out."""

import smtplib
import socket
import ssl
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from letters.domain.history import acting
from letters.enums import MailKind, OutboxState
from letters.models import OutboxMessage, User
from letters.reminders.dispatch import answer_words, hang_up, mail_of, said
from letters.reminders.outbox import message_id
from letters.reminders.signs import mail_folder

SUBJECT = "Test of the mail from the correspondence tracker"
BODY = """This is a test that you asked for under First steps. Reminders and invitations come the same way.

Nothing has to be done.
"""
# What went wrong, the first that fits, and what to do about it.
WAYS_OUT: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (smtplib.SMTPAuthenticationError, "Check the user and the password in EMAIL_URL, then start the site again."),
    (smtplib.SMTPSenderRefused, "Name a sender that this server takes: “?from=ADDRESS” in EMAIL_URL. Then start the site again."),
    (smtplib.SMTPRecipientsRefused, "Check your own address: an administrator corrects it under Reference data, Users."),
    (smtplib.SMTPDataError, "The server took the addresses and refused the mail. Ask whoever keeps the server what its answer means."),
    ((ssl.SSLError, smtplib.SMTPNotSupportedError), "Write smtps:// in EMAIL_URL where the server speaks TLS from the start (port 465), smtp:// where it turns it on (port 587). Then start the site again."),
    (socket.gaierror, "Check the name of the server in EMAIL_URL, then start the site again."),
    (OSError, "Check the name and the port of the server in EMAIL_URL, and that this machine may reach it. Then start the site again."),
)  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """What a test came to, in sentences; the way out where it failed; `lines` name what lacks, one by one."""

    is_well: bool
    words: str
    way_out: str = ""
    lines: tuple[tuple[str, str], ...] = ()  # words, and the address where it is mended


def server() -> str:
    """The mail server, as one names it."""
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"


def no_server() -> Tried | None:
    """Where no mail server is set nothing is sent, and no test can say otherwise."""
    if not (folder := mail_folder()):
        return None
    return Tried(
        False, f"This site has no mail server, so nothing is sent: mails are written to files in {folder}.",
        "Set EMAIL_URL (README, Configuration) and start the site again. Until then pass links on by hand.",
    )  # fmt: skip


def reach() -> Tried:
    """Connect and sign in, send nothing."""
    if missing := no_server():
        return missing
    connection = get_connection()
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        return failed(f"The mail server {server()} cannot be used", error)
    finally:
        hang_up(connection)
    return Tried(True, f"The mail server {server()} answers.")


def send_test(*, by: User) -> Tried:
    """One mail to oneself, now, by the settings that reminders use; kept among the mails where the server took it."""
    if missing := no_server():
        return missing
    if not by.email:
        return Tried(
            False, "No address is on record for you, so no mail can reach you.",
            "An administrator enters it under Reference data, Users.",
        )  # fmt: skip
    key = f"first steps {uuid.uuid4()}"
    message = OutboxMessage(
        to_user=by, kind=MailKind.REMINDER, key=key, message_id=message_id(by, MailKind.REMINDER, key), subject=SUBJECT, body=BODY, attempts=1,
    )  # fmt: skip
    connection = get_connection()
    try:
        connection.open()
        heard = _listen(connection)
        mail_of(message, connection).send()
    except (smtplib.SMTPException, OSError) as error:
        return failed(f"The mail to {by.email} was not sent by {server()}", error)
    finally:
        hang_up(connection)
    message.state, message.sent_at = OutboxState.SENT, timezone.now()
    with acting(by, why="first steps"):
        message.save(force_insert=True)
    answer = f" and said “{heard[-1]}”" if heard else ""
    return Tried(True, f"The mail server {server()} took a mail to {by.email}{answer}. Look whether it has come.")


def _listen(connection: BaseEmailBackend) -> list[str]:
    """What the server answers to a mail, which smtplib hears and does not hand on."""
    heard: list[str] = []
    smtp: Any = getattr(connection, "connection", None)
    if smtp is not None:
        hand_over = smtp.data

        def data(message: Any) -> Any:
            answer = hand_over(message)
            heard.append(answer_words(*answer))
            return answer

        smtp.data = data
    return heard


def failed(what: str, error: Exception) -> Tried:
    """What the server or the network said, and the first way out that fits."""
    way_out = next((words for kinds, words in WAYS_OUT if isinstance(error, kinds)), "The log says more.")
    return Tried(False, f"{what}: {said(error)}.", way_out)
