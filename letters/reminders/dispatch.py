"""One round of the mail: write what is due to be written, send what is due to be sent.

A mail is taken by compare-and-set: who takes it pushes its next attempt forward, so that nobody else does, and a
round that dies leaves it to be taken again then. While it is handed over its row is locked, so a worker that stands
still for longer than it had keeps it, or finds that it is no longer its own. A server whose yes does not reach us (a
kill before we note it, a connection lost, a yes after `YES_SECONDS`) gets the mail again, with the same Message-ID;
nothing else makes it go twice (docs/reminders.md).
"""

import contextlib
import datetime as dt
import re
import smtplib
from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from letters.domain.history import acting
from letters.enums import MailKind, OutboxState, SystemProcess
from letters.models import Heartbeat, OutboxMessage
from letters.reminders.faults import reached
from letters.reminders.outbox import compose, put_off, refresh
from letters.reminders.signs import mail_folder

BY = SystemProcess.DISPATCH
HEARTBEAT = "dispatch"
FIRST_WAIT = dt.timedelta(minutes=5)  # also how long who took it has for sending it
LONGEST_WAIT = dt.timedelta(hours=6)
REFUSED_WAIT = dt.timedelta(days=1)  # an address that is wrong stays wrong until somebody corrects it
GIVEN_UP_AFTER = dt.timedelta(days=5)
STALE_AFTER = dt.timedelta(minutes=15)  # what waited so long, or was tried before, is said anew
ROUND = dt.timedelta(seconds=45)  # then the next round goes on
# A server that takes longer for its yes has the mail all the same, and would get it again at each try. Not
# `EMAIL_TIMEOUT`: pages that mail wait for that.
YES_SECONDS = 300
FILED = "written to a file, not sent"  # what is noted of a mail that no server took, for none is set
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass
class Round:
    """What one round did."""

    written: int = 0
    sent: int = 0
    failed: int = 0
    withdrawn: int = 0
    reached: bool = False  # the mail server, after it was away
    trouble: str = ""  # the mail server's, so that the round ended early
    folder: str = ""  # without a mail server: where they went

    def words(self) -> str:
        sent = f"put into files in {self.folder}, not sent: set EMAIL_URL" if self.folder else "sent"
        said = f"{self.written} mails written, {self.sent} {sent}"
        said += f", {self.failed} not taken" if self.failed else ""
        said += f", {self.withdrawn} no longer needed" if self.withdrawn else ""
        return f"{said}; the mail server: {self.trouble}" if self.trouble else said


class ServerTrouble(Exception):
    """The mail server is away or refuses us: no other mail would fare better."""


def dispatch(*, now: dt.datetime | None = None) -> Round:
    """Write and send. `now` stands for the clock throughout (tests); else the clock is read at each mail."""
    done = Round(folder=mail_folder())
    started_at = timezone.now()
    with acting(BY):
        done.written, unwritten = compose(now or timezone.now())
        connection = get_connection()
        known = Heartbeat.objects.filter(name=HEARTBEAT).values_list("detail", flat=True).first() or {}
        try:
            if known.get("trouble_since") and _longest_waiting(now or timezone.now()) is None:
                _ask_whether_it_is_back(connection, done, now or timezone.now())
            while timezone.now() - started_at < ROUND and (message := take(now or timezone.now())):
                _send(message, connection, done, now or timezone.now())
        except ServerTrouble as trouble:
            done.trouble = str(trouble)
        finally:
            hang_up(connection)
    if unwritten:  # what was written is sent, and the round counts as failed: /health/ turns red until all can be told
        raise unwritten[0]
    reached("dispatch.done")
    Heartbeat.objects.update_or_create(
        name=HEARTBEAT,
        defaults={
            "started_at": started_at,
            "finished_at": timezone.now(),
            "detail": {
                "written": done.written,
                "sent": done.sent,
                "failed": done.failed,
                "trouble": done.trouble,
                "trouble_since": _trouble_since(done, known),
                "folder": done.folder,
            },
        },
    )
    return done


def _ask_whether_it_is_back(connection: BaseEmailBackend, done: Round, now: dt.datetime) -> None:
    """A server that was away is asked also in a round that has nothing to try; what waited for it goes at once when it
    answers, however far its next attempt was put off. Raises ServerTrouble."""
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        raise ServerTrouble(said(error)) from error
    done.reached = True
    put_off = OutboxMessage.objects.filter(state=OutboxState.WAITING, next_attempt_at__gt=now)
    put_off.filter(next_attempt_at__lte=now + LONGEST_WAIT).exclude(last_error="").update(next_attempt_at=now)


def _trouble_since(done: Round, known: dict) -> str | None:
    """Since when the mail server has taken nothing; a round that asks it nothing leaves that as it was."""
    if done.trouble:
        return known.get("trouble_since") or timezone.now().isoformat()
    return None if done.reached or done.sent or done.failed else known.get("trouble_since")


def take(now: dt.datetime) -> OutboxMessage | None:
    """The mail that has waited longest, with its next attempt pushed forward; None when none is due."""
    waiting = OutboxMessage.objects.filter(state=OutboxState.WAITING)
    while seen := _longest_waiting(now):
        taken = waiting.filter(pk=seen.pk, attempts=seen.attempts, next_attempt_at=seen.next_attempt_at).update(
            attempts=seen.attempts + 1, next_attempt_at=now + wait_after(seen.attempts + 1)
        )
        if taken:
            reached("send.claimed")
            return OutboxMessage.objects.select_related("to_user").get(pk=seen.pk)
    return None


@transaction.atomic
def _longest_waiting(now: dt.datetime) -> OutboxMessage | None:
    """One that nobody is handing over at this moment."""
    due = OutboxMessage.objects.filter(state=OutboxState.WAITING, next_attempt_at__lte=now)
    return due.select_for_update(skip_locked=True).order_by("next_attempt_at", "id").first()


def wait_after(attempts: int) -> dt.timedelta:
    """5 minutes after the first attempt, then twice as long each time, at most 6 hours."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)


def _send(message: OutboxMessage, connection: BaseEmailBackend, done: Round, now: dt.datetime) -> None:
    stale = message.attempts > 1 or now - message.created_at > STALE_AFTER
    # a letter that its sentence counts may be restricted in any moment since
    stale = stale or message.kind == MailKind.REPORT or not message.to_user.is_active
    with transaction.atomic():
        if not _is_still_ours(message):
            return
        # behind the lock: what another has sent meanwhile is neither written anew nor taken back
        if stale and not refresh(message, now):
            done.withdrawn += 1
            return
        if stale and put_off(message, now):
            return
        if stale:
            reached("send.refreshed")
        trouble = _hand_over(message, connection)
        if trouble:
            _note_failure(message, trouble, now)
            reached("send.refused")
        else:
            reached("send.accepted")
            OutboxMessage.objects.filter(pk=message.pk).update(
                state=OutboxState.SENT, sent_at=now, last_error=FILED if done.folder else ""
            )
    if not trouble:
        reached("send.noted")
        done.sent += 1
        return
    done.failed += 1
    if is_server_trouble(trouble):
        raise ServerTrouble(said(trouble)) from trouble
    if isinstance(trouble, smtplib.SMTPException):
        hang_up(connection)  # an exchange broken off in the middle is not gone on with


def _is_still_ours(message: OutboxMessage) -> bool:
    """Whether nobody has taken it since we did; its row stays locked until the transaction ends.

    Who lost the race for it may hold the row for another moment: that is waited for. Passed over, the mail would come
    five minutes later. Who has taken it since counts another attempt, and is hardly ever waited for.
    """
    ours = OutboxMessage.objects.filter(pk=message.pk, state=OutboxState.WAITING, attempts=message.attempts)
    return ours.select_for_update().first() is not None


def _hand_over(message: OutboxMessage, connection: BaseEmailBackend) -> Exception | None:
    """To the mail server; what went wrong, whatever it is: this mail waits, and the others go."""
    try:
        if not message.to_user.email:
            raise ValueError(f"{message.to_user} has no address")
        connection.open()  # once a round; each mail would else make a connection of its own
        _wait_for_its_yes(connection)
        mail_of(message, connection).send()
    except Exception as error:
        return error
    return None


def _wait_for_its_yes(connection: BaseEmailBackend) -> None:
    """It is reached: from here on it may take its time. While it does others pass over the mail, whose row is locked."""
    if smtp := getattr(connection, "connection", None):
        smtp.sock.settimeout(YES_SECONDS)


def mail_of(message: OutboxMessage, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """As it goes over the wire: text and HTML, always under the same Message-ID."""
    mail = EmailMultiAlternatives(
        message.subject,
        message.body,
        to=[message.to_user.email],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail


def _note_failure(message: OutboxMessage, error: Exception, now: dt.datetime) -> None:
    facts: dict = {"last_error": said(error)[:500]}
    if not message.last_error:
        # it may have been written long before it was tried, where it waited for somebody's return, or no worker ran: its
        # five days begin here
        facts["created_at"] = message.created_at = now
    if now - message.created_at > GIVEN_UP_AFTER:
        facts["state"] = OutboxState.FAILED
    elif is_refused_for_good(error):
        facts["next_attempt_at"] = now + REFUSED_WAIT
    OutboxMessage.objects.filter(pk=message.pk).update(**facts)


def is_server_trouble(error: Exception) -> bool:
    """Whether the next mail would meet the same: no connection, no sign-in, our own address refused."""
    if isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError | UnicodeError):
        return False
    return isinstance(error, smtplib.SMTPException | OSError)


def is_refused_for_good(error: Exception) -> bool:
    """A code of 500 or more is the server's last word on this address or this mail; less means: later."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= 500
    return not is_server_trouble(error)


def said(error: Exception) -> str:
    """What the server answered, in one line."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(
            f"{address}: {answer_words(code, words)}" for address, (code, words) in error.recipients.items()
        )
    if isinstance(error, smtplib.SMTPResponseException):
        return answer_words(error.smtp_code, error.smtp_error)
    return CONTROL.sub(" ", str(error)).strip() or type(error).__name__


def answer_words(code: int, words: bytes | str) -> str:
    """“250 OK”, on one line."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {CONTROL.sub(' ', text).strip()}"


def hang_up(connection: BaseEmailBackend) -> None:
    """End the connection, however it stands."""
    with contextlib.suppress(smtplib.SMTPException, OSError):  # it is gone already
        connection.close()
