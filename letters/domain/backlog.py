"""Letters that were sent before they came here, many at a time: what `draft_letter`, `sign`, `address`, `add_ask`, `put_to`
and `send_letter` would write, in a few statements for all instead of eighty for each.

The same checks, the same rows, the same events; but a draft that was never edited tells of no edits. A test holds the
two ways against each other.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from django.db import transaction
from django.utils import timezone

from letters.domain import clocks, workflow_many
from letters.domain.access import EDIT, Actor, require
from letters.domain.asking import REPLY_KIND, check_ask, summary_of
from letters.domain.congress import congress_on
from letters.domain.copying import copy_in, copy_new
from letters.domain.drafting import EDITABLE
from letters.domain.history import acting, event_values
from letters.domain.letter_checks import check_addressee, check_facts, check_signer, check_term
from letters.domain.readiness import check_dates
from letters.domain.references import next_references
from letters.domain.rules import check_ahead, check_not_future, refuse_if
from letters.enums import Delivery, EventKind, LetterState, Match, TaskingRole
from letters.errors import Problem
from letters.models import (
    Addressee,
    Agency,
    Ask,
    AskKind,
    AskTarget,
    DueDate,
    Event,
    Legislator,
    Letter,
    LetterTopic,
    Question,
    Signature,
    Target,
    Tasking,
    Topic,
    User,
)


@dataclass(frozen=True)
class SentSigner:
    printed_name: str
    printed_title: str = ""
    state: str = ""
    party: str = ""
    is_lead: bool = False
    legislator: Legislator | None = None
    match: str = Match.UNMATCHED
    match_source: str = ""


@dataclass(frozen=True)
class SentAddressee:
    agency: Agency
    printed_name: str
    printed_title: str = ""
    delivery: str = Delivery.TO
    address: str = ""


@dataclass(frozen=True)
class SentItem:
    agency: Agency
    role: str = TaskingRole.LEAD
    acting: Agency | None = None
    owner: User | None = None


@dataclass(frozen=True)
class SentAsk:
    kind: AskKind
    summary: str = ""
    quote: str = ""
    targets: tuple[Target, ...] = ()
    instrument: str | None = None  # None: as is usual for the kind
    requested_list: str | None = None
    requested_by: dt.date | None = None
    questions: tuple[str, ...] = ()
    items: tuple[SentItem, ...] = ()


@dataclass(frozen=True)
class SentLetter:
    """A letter as it went out. `facts` are fields of `drafting.EDITABLE`. Without an ask it asks for a reply."""

    facts: dict[str, Any]
    sent_on: dt.date
    signers: tuple[SentSigner, ...] = ()
    addressees: tuple[SentAddressee, ...] = ()
    asks: tuple[SentAsk, ...] = ()
    topics: tuple[Topic, ...] = field(default=())


def check_sent(sent: SentLetter, today: dt.date) -> list[Problem]:
    """All that the single verbs would refuse of it on this day. Asks no database."""
    # not a letter, which costs as much to make as all that is asked of it here
    letter = cast(Letter, SimpleNamespace(**_unsaid() | sent.facts))
    problems = [
        *check_facts(letter, today),
        *check_not_future("sent_on", "The day it was sent", sent.sent_on, today),
        *check_dates(letter, sent.sent_on),
    ]
    for signer in sent.signers:
        problems += check_signer(signer.printed_name, signer.printed_title, signer.state, signer.party)
    for addressee in sent.addressees:
        problems += check_addressee(
            addressee.printed_name, addressee.printed_title, addressee.address, addressee.delivery
        )
    if not sent.signers:
        problems.append(Problem("signatures", "Nobody has signed the letter. Add at least one signature."))
    if not any(one.delivery == Delivery.TO for one in sent.addressees):
        problems.append(Problem("addressees", "The letter is addressed to nobody. Add at least one addressee."))
    for ask in sent.asks:
        problems += _check_ask(ask, sent, today)
    return problems


@cache
def _unsaid() -> dict[str, Any]:
    """The facts of a letter of which nothing is said."""
    told = (*EDITABLE, "sent_on")
    return {field.name: field.get_default() for field in Letter._meta.local_concrete_fields if field.name in told}


def _check_ask(ask: SentAsk, sent: SentLetter, today: dt.date) -> list[Problem]:
    summary = ask.summary or summary_of(ask.kind, ask.targets)
    problems = [
        *check_ask(ask.kind, summary, ask.targets, ask.quote, ask.instrument, ask.requested_list, ask.questions),
        *check_ahead(
            "requested_by",
            "The ask’s own date",
            ask.requested_by,
            "the day it was sent",
            sent.sent_on,
            today,
        ),
    ]
    if not any(item.role == TaskingRole.LEAD for item in ask.items):
        problems.append(
            Problem("agency", f"The ask “{summary}” is put to no responsible agency. Name at least one.", summary)
        )
    for item in ask.items:
        if not any(one.agency.includes(item.agency) for one in sent.addressees):
            problems.append(
                Problem(
                    "agency",
                    f"The letter does not address {item.agency}. Add it to the addressed agencies, or put the ask to one that is.",
                    item.agency.slug,
                )
            )
    return problems


@transaction.atomic
def log_sent(letters: Sequence[SentLetter], *, by: Actor) -> tuple[list[Letter], list[Tasking]]:
    """Log them as sent, in this order; each gets the next reference of its year. Some hundreds at a time.

    Gives the items that wait now, too: reading them again would cost as much as writing them. Raises RecordError with
    every problem of any of them; then none is logged.
    """
    require(by, EDIT)
    today = clocks.office_today()
    refuse_if(problem for sent in letters for problem in check_sent(sent, today))
    with acting(by):
        references = next_references([sent.sent_on.year for sent in letters])
        made = [_letter(sent, reference) for sent, reference in zip(letters, references, strict=True)]
        copy_in(made)
        _parts(made, letters)
        asks, taskings = _asks(made, letters, by=by)
        copy_in(ask for ask, _ in asks)
        copy_new(
            AskTarget,
            (
                {"ask": ask, "target": target, "position": place}
                for ask, sent in asks
                for place, target in enumerate(sent.targets, 1)
            ),
        )
        copy_new(
            Question,
            (
                {"ask": ask, "number": number, "text": text}
                for ask, sent in asks
                for number, text in enumerate(sent.questions, 1)
            ),
        )
        revisions = clocks.first_dates(taskings, calendar=clocks.load_calendar())
        copy_in(taskings)
        copy_new(DueDate, revisions)
        pairs = zip(made, letters, strict=True)
        copy_new(Event, (event for letter, sent in pairs for event in _events(letter, sent, by=by)))
        workflow_many.begin_waiting(taskings, by=by)
        return made, taskings


def _letter(sent: SentLetter, reference: str) -> Letter:
    now = timezone.now()
    letter = Letter(**sent.facts)
    check_term(letter)
    letter.state = LetterState.SENT
    letter.sent_on = sent.sent_on
    letter.sent_at = now if sent.sent_on == timezone.localdate(now) else clocks.noon(sent.sent_on)
    letter.congress = congress_on(letter.letter_date)
    letter.reference = reference
    return letter


def _parts(made: Sequence[Letter], letters: Sequence[SentLetter]) -> None:
    pairs = list(zip(made, letters, strict=True))
    copy_new(
        Signature,
        (
            {
                "letter": letter, "position": place, "printed_name": one.printed_name.strip(), "printed_title": one.printed_title,
                "state": one.state, "party": one.party, "is_lead": one.is_lead, "legislator": one.legislator, "match": one.match,
                "match_source": one.match_source,
            }
            for letter, sent in pairs
            for place, one in enumerate(sent.signers, 1)
        ),
    )  # fmt: skip
    copy_new(
        Addressee,
        (
            {
                "letter": letter, "position": place, "agency": one.agency, "printed_name": one.printed_name.strip(),
                "printed_title": one.printed_title, "delivery": one.delivery, "address": one.address,
            }
            for letter, sent in pairs
            for place, one in enumerate(sent.addressees, 1)
        ),
    )  # fmt: skip
    copy_new(LetterTopic, ({"letter": letter, "topic": topic} for letter, sent in pairs for topic in sent.topics))


def _asks(
    made: Sequence[Letter], letters: Sequence[SentLetter], *, by: Actor
) -> tuple[list[tuple[Ask, SentAsk]], list[Tasking]]:
    asks, taskings = [], []
    reply = AskKind.objects.get(code=REPLY_KIND)
    for letter, sent in zip(made, letters, strict=True):
        for number, planned in enumerate(sent.asks or [_for_a_reply(sent, reply)], 1):
            kind = planned.kind
            ask = Ask(
                letter=letter, number=number, kind=kind, summary=planned.summary or summary_of(kind, planned.targets),
                quote=planned.quote.strip(), requested_by=planned.requested_by,
                instrument=kind.instrument if planned.instrument is None else planned.instrument,
                requested_list=kind.requested_list if planned.requested_list is None else planned.requested_list,
            )  # fmt: skip
            asks.append((ask, planned))
            taskings += [
                Tasking(
                    ask=ask, agency=item.agency, role=item.role, acting_agency=item.acting, owner=item.owner,
                    asked_on=sent.sent_on,
                    touched_at=(None if isinstance(by, User) else letter.sent_at) or timezone.now(),
                )
                for item in planned.items
            ]  # fmt: skip
    return asks, taskings


def _for_a_reply(sent: SentLetter, kind: AskKind) -> SentAsk:
    agencies = {one.agency.pk: one.agency for one in sent.addressees if one.delivery == Delivery.TO}
    return SentAsk(kind, "Reply to this letter", items=tuple(SentItem(agency) for agency in agencies.values()))


def _events(letter: Letter, sent: SentLetter, *, by: Actor) -> list[dict[str, Any]]:
    drafted = {"letter": str(letter.pk), "subject": letter.subject}
    went = drafted | {
        "reference": letter.reference, "sent_on": sent.sent_on.isoformat(),
        "agencies": [one.agency.slug for one in sent.addressees],
    }  # fmt: skip
    return [
        event_values(EventKind.LETTER_DRAFTED, by=by, letter=letter, payload=drafted),
        event_values(EventKind.LETTER_SENT, by=by, letter=letter, occurred_at=letter.sent_at, payload=went),
    ]
