"""Builders: what a test needs, made through the verbs as the program makes it. Invented words say TEST."""

import base64
import datetime as dt
import itertools
import json
import uuid
from collections.abc import Iterable
from typing import Any

import time_machine
from django.test import Client
from django.utils import timezone

from letters.domain import asking, drafting, replies, sending, workflow
from letters.domain.access import Actor
from letters.domain.history import acting
from letters.enums import (
    CLOSED_STATUSES,
    Access,
    Channel,
    Coverage,
    EvidenceKind,
    ResponseKind,
    Role,
    Status,
    SystemProcess,
    TargetKind,
)
from letters.models import Agency, AskKind, Event, Letter, Response, Target, Tasking, User
from tests import kept

SETUP = SystemProcess.SETUP
PASSWORD = "TEST-password-1"
SENT_ON = dt.date(2023, 4, 25)
STARTED = timezone.now()  # a test that goes back in time sends its letters then
_numbers = itertools.count(1)


def user(role: str = Role.STAFF, username: str = "", **facts: Any) -> User:
    """A person of the office; named after the role unless said otherwise. The key follows from the name, so that who
    is kept with a world (`tests.kept`) and who is made beside it are one."""
    admin, name = role == Role.ADMIN, username or str(Role(role).value)
    facts.setdefault("pk", uuid.uuid5(uuid.NAMESPACE_OID, name))
    return User.objects.create_user(name, password=PASSWORD, role=role, is_staff=admin, is_superuser=admin, **facts)


def person(role: str) -> User:
    """The one named after the role: who came with a kept world, or made now."""
    return User.objects.filter(username=role).first() or user(role)


def agency(slug: str) -> Agency:
    return Agency.objects.get(slug=slug)


def kind(code: str) -> AskKind:
    return AskKind.objects.get(code=code)


def target(name: str = "") -> Target:
    name = name or f"TEST Company {next(_numbers)}"
    with acting(SETUP):
        return Target.objects.create(slug=name.lower().replace(" ", "-"), name=name, kind=TargetKind.COMPANY)


def draft(
    *,
    by: Actor = SETUP,
    agencies: Iterable[str] = ("treasury",),
    signers: Iterable[str] = ("TEST Signer",),
    **facts: Any,
) -> Letter:
    """A draft that lacks nothing but its asks: dated, signed, addressed."""
    facts = {"subject": "TEST letter", "letter_date": SENT_ON, **facts}
    letter = drafting.draft_letter(by=by, **facts)
    for name in signers:
        drafting.sign(letter, by=by, printed_name=name)
    for slug in agencies:
        drafting.address(letter, by=by, agency=agency(slug), printed_name=f"TEST Secretary of {slug}")
    return Letter.objects.get(pk=letter.pk)


def ask(
    letter: Letter,
    *agencies: str,
    by: Actor = SETUP,
    kind_code: str = "other",
    consulted: Iterable[str] = (),
    **facts: Any,
):
    """One more ask of a draft, put to these agencies."""
    facts = {"summary": "TEST ask", **facts}
    made = asking.add_ask(letter, by=by, kind=kind(kind_code), **facts)
    for slug in agencies:
        asking.put_to(made, by=by, agency=agency(slug))
    for slug in consulted:
        asking.put_to(made, by=by, agency=agency(slug), role="consulted")
    return made


def sent(**how: Any) -> Letter:
    """A sent letter with one ask (of a kind that may end either way) put to each of these agencies.

    The plain one, alone in the record, is a copy of one that was sent when the run began: a fifth of the time.
    """
    if not how and kept.is_kept("sent") and timezone.now() > STARTED and not Letter.objects.exists():
        kept.put_back("sent")
        return Letter.objects.get()
    return _sent(**how)


def _sent(
    *,
    by: Actor = SETUP,
    agencies: Iterable[str] = ("treasury",),
    kind_code: str = "other",
    sent_on: dt.date = SENT_ON,
    released: bool = False,
    ask_facts: dict[str, Any] | None = None,
    **facts: Any,
) -> Letter:
    agencies = tuple(agencies)
    letter = draft(by=by, agencies=agencies, letter_date=sent_on, **facts)
    ask(letter, *agencies, by=by, kind_code=kind_code, **(ask_facts or {}))
    letter = sending.send_letter(letter, by=by, sent_on=sent_on)
    return sending.release(letter, by=by) if released else letter


def item(**how: Any) -> Tasking:
    """One open item of a letter of its own; `how` as for `sent`."""
    return Tasking.objects.get(ask__letter=sent(**how))


def reply(
    tasking: Tasking,
    *,
    by: Actor = SETUP,
    kind: str = ResponseKind.SUBSTANTIVE,
    coverage: str | None = Coverage.FULL,
    received_on: dt.date | None = None,
    **facts: Any,
) -> Response:
    """A reply of the agency asked, about this item; read unless coverage is None."""
    return replies.record_response(
        by=by,
        agency=facts.pop("agency", tasking.agency),
        kind=kind,
        channel=facts.pop("channel", Channel.LETTER),
        received_on=received_on or tasking.asked_on + dt.timedelta(days=7),
        text=facts.pop("text", "TEST reply"),
        bearings=[replies.Bearing(tasking, coverage=coverage, stance=facts.pop("stance", "unknown"))],
        **facts,
    )


def evidence(tasking: Tasking, *, by: Actor = SETUP):
    return replies.add_evidence(tasking, by=by, kind=EvidenceKind.FEDERAL_REGISTER, citation="TEST 99 FR 99999")


def moved(tasking: Tasking, to: str, *, by: Actor = SETUP) -> Tasking:
    """Moved to this status with whatever it needs, on whatever way leads there."""
    tasking = Tasking.objects.get(pk=tasking.pk)
    if to == Status.ANSWERED or to == Status.DECLINED:
        reply(tasking, by=by)
    if to == Status.IMPLEMENTED:
        evidence(tasking, by=by)
    return workflow.transition(
        tasking,
        to=to,
        by=by,
        reason="TEST reason" if to in CLOSED_STATUSES else "",
        promised_on=tasking.asked_on + dt.timedelta(days=60) if to == Status.PROMISED else None,
    )


def told(event: Event) -> dict:
    """The event's payload for the office, but for the id of the act, which is another one each time."""
    return {name: value for name, value in event.payload.items() if name != "act"}


def on(month: int, day: int):
    """At noon in Washington on this day of 2023, for a `with`."""
    return time_machine.travel(dt.datetime(2023, month, day, 16, tzinfo=dt.UTC), tick=False)


def client(person: User) -> Client:
    """A browser in which this person is signed in."""
    made = Client()
    made.force_login(person)
    return made


def restrict(letter: Letter) -> Letter:
    return sending.change_access(letter, by=SETUP, access=Access.RESTRICTED)


def forged(*parts: object) -> str:
    """A cursor of the shape that ours have, with whatever somebody puts into it."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def fresh(tasking: Tasking) -> Tasking:
    """As the record has it now."""
    return Tasking.objects.get(pk=tasking.pk)
