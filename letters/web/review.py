"""The review before "Send": signers, addressees, asks by agency, and each date with its explanation."""

import datetime as dt
from collections.abc import Collection
from itertools import groupby

from letters.domain.deadlines import count, long_date
from letters.domain.logged_already import logged_already
from letters.domain.renewals import Proposal
from letters.domain.words import deadline_words, initial, wait, with_yardstick
from letters.domain.worksheets import repeats_of
from letters.enums import TaskingRole
from letters.models import Letter, Signature, Tasking, User
from letters.models.asks import targets_in_order
from letters.web.item import why_dates


def review_context(
    letter: Letter, today: dt.date, user: User, ticked: Collection[str] | None = None, original: Letter | None = None
) -> dict:
    """For letters/review.html, of a letter that was just made and sent. `ticked`: items that the person said it repeats; before
    that, what was said of the `original` that it was copied from."""
    found = Tasking.objects.filter(ask__letter=letter).select_related(
        "ask__kind", "ask__letter", "agency__parent", "acting_agency", "status_event"
    )
    taskings = list(
        with_yardstick(found).prefetch_related(targets_in_order("ask__targets"), "ask__questions").with_clock(today)
        .order_by("ask__number", "role", "agency__short_name", "pk")
    )  # fmt: skip
    addressees = list(letter.addressees.select_related("agency", "official"))
    signers = list(letter.signatures.select_related("legislator"))
    responsible = [tasking for tasking in taskings if tasking.role == TaskingRole.LEAD]
    order = {addressee.agency_id: place for place, addressee in enumerate(addressees)}
    agencies = sorted({t.agency for t in taskings}, key=lambda a: (order.get(a.pk, order.get(a.parent_id, 99)), str(a)))
    asks = [(ask, list(members)) for ask, members in groupby(taskings, key=lambda tasking: tasking.ask)]
    return {
        "letter": letter,
        "deadline_words": deadline_words(letter),
        "logged_already": logged_already(
            user,
            days=(letter.sent_on,),
            subject=letter.subject,
            text=letter.text,
            signers=map(_name, signers),
            addressees=[one.agency.slug for one in addressees],
            but=[letter, original] if original else [letter],
        ),
        "repeats": [_repeat(proposal, ticked) for proposal in repeats_of(letter, user)],
        "addressees": addressees,
        "signers": signers,
        "unconfirmed": [s for s in signers if s.match != "confirmed"],
        # state and party are those of the term in which they signed: who has none did not sit on that day
        "not_sitting": [s for s in signers if s.match == "confirmed" and not s.state],
        "agencies": [initial(str(agency)) for agency in agencies],
        "asks": [
            {
                "ask": ask,
                "targets": ", ".join(target.name for target in ask.targets.all()),
                "list": ask.requested_list if ask.requested_list != str(ask.kind) else "",  # said by the kind
                "questions": list(ask.questions.all()),
                "cells": [
                    {
                        "agency": initial(str(agency)),
                        "item": next((_cell(t, today) for t in members if t.agency == agency), None),
                    }
                    for agency in agencies
                ],
            }
            for ask, members in asks
        ],
        "summary": f"{count(len(asks), 'ask')}, {len(agencies)} {'agency' if len(agencies) == 1 else 'agencies'}, "
        f"{count(len(responsible), 'open item')}",
        "dates": _dates(responsible, today),
        "topics": list(letter.topics.all()),
        "staff": list(letter.staff.all()),
    }


def _repeat(proposal: Proposal, ticked: Collection[str] | None) -> dict:
    """One open item that an ask of the letter would have twice, to be ticked: never by itself (invariant 9), but where a
    person said so of the letter that it was copied from, and that ask was not taken out of this one."""
    tasking, own = proposal.tasking, proposal.duplicate
    key, ask = str(tasking.pk), tasking.ask
    return {
        "key": key,
        "ticked": bool(proposal.said and own) if ticked is None else key in ticked,
        "words": f"{f'Ask {own.ask.number}' if own else 'It'} repeats ask {ask.number} of {ask.letter.reference}",
        "detail": f"{initial(str(tasking.agency))}: {ask.summary}, asked {long_date(tasking.asked_on)}",
    }


def _name(signer: Signature) -> str:
    return signer.legislator.bioguide if signer.legislator else signer.printed_name


def _cell(tasking: Tasking, today: dt.date) -> dict:
    consulted = tasking.role == TaskingRole.CONSULTED
    return {
        "role": "consulted, owes nothing" if consulted else "responsible",
        "consulted": consulted,
        "acting": str(tasking.acting_agency) if tasking.acting_agency else "",
        "due": "" if consulted else wait(tasking, today).detail,
    }


def _dates(responsible: list[Tasking], today: dt.date) -> list[dict]:
    """Each distinct date once: in one line, whose it is, and why."""
    by_date: dict = {}
    for tasking in responsible:
        by_date.setdefault((tasking.due_on, tasking.due_basis), []).append(tasking)
    explained = why_dates([members[0] for members in by_date.values()])
    dates = []
    for members in by_date.values():
        first = members[0]
        words = wait(first, today).detail
        numbers = sorted({member.ask.number for member in members})
        dates.append(
            {
                "words": initial(words),
                "day": long_date(first.due_on),
                "asks": f"ask{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}",
                "why": explained.get(first.pk),
            }
        )
    return dates
