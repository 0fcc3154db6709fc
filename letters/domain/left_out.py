"""What a sent letter has and the record forgot: a signer, an ask, an agency that an ask was put to. Each an amendment with a
reason.

A letter that says much else than what was logged is logged anew; one name, one ask or one agency is added where it stands. What
is added was asked on the day of the letter: it waits since then, and its date is what it would have been at sending.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from letters.domain import workflow
from letters.domain.access import EDIT, Actor, require
from letters.domain.asking import check_addressed, join_names, new_ask
from letters.domain.drafting import lock_letter, new_signature
from letters.domain.extending import date_anew
from letters.domain.history import acting
from letters.domain.making import acts_for_which, targets_named
from letters.domain.plans import PlannedTarget
from letters.domain.releases import public_before, record_amended
from letters.domain.rules import check_known, check_reason, refuse_if
from letters.enums import OPEN_STATUSES, LetterState, Status, TaskingRole
from letters.errors import Problem, RecordError
from letters.models import Agency, Amendment, Ask, AskKind, Letter, Signature, Target, Tasking

WHY = "Say why the record is corrected."


@transaction.atomic
def add_signer(
    letter: Letter, *, by: Actor, reason: str, printed_name: str, printed_title: str = "", bioguide: str = "",
    is_lead: bool = False, expected_version: int | None = None,
) -> Signature:  # fmt: skip
    """A name that stands under the letter and was left out, as the last one. Who it is, is said or proposed as in a draft."""
    require(by, EDIT, letter)
    with acting(by, why=reason):
        letter = _locked(letter, reason, expected_version)
        before_public = public_before(letter)
        source = "confirmed when the signer was added"
        signature = new_signature(
            letter,
            printed_name=printed_name,
            printed_title=printed_title,
            bioguide=bioguide,
            is_lead=is_lead,
            said=source,
        )
        name = f"signer {signature.position}, left out"
        _amended(letter, name, "", signature.printed_name, by=by, reason=reason, before_public=before_public)
        return signature


@transaction.atomic
def put_also_to(
    ask: Ask, *, by: Actor, reason: str, agency: Agency, role: str = TaskingRole.LEAD, acting_agency: Agency | None = None,
    expected_version: int | None = None,
) -> Tasking:  # fmt: skip
    """An agency that the letter asks, too: it was asked on the day of the letter, and its item waits since then.

    `expected_version`: of the letter.
    """
    require(by, EDIT, ask.letter)
    with acting(by, why=reason):
        letter = _locked(ask.letter, reason, expected_version)
        before_public = public_before(letter)
        ask = Ask.objects.select_for_update(no_key=True).get(pk=ask.pk)
        there = list(ask.taskings.select_related("agency").order_by("role", "agency__short_name", "pk"))
        refuse_if(
            [
                *check_addressed(letter, agency),
                *check_known("role", "Role", role, TaskingRole),
                *_in_the_way(ask, there, agency, role),
            ]
        )
        tasking = _waits(ask, letter, agency, role, acting_agency, by=by, reason=reason)
        names = [_named(one.agency, one.role) for one in there if one.status != Status.ENTERED_IN_ERROR]
        after = join_names([*names, _named(agency, role)])
        _amended(
            letter, f"ask {ask.number}, put to", join_names(names), after, by=by, reason=reason, before_public=before_public,
            items=[tasking.pk],
        )  # fmt: skip
        return Tasking.objects.select_related("ask__letter", "agency").get(pk=tasking.pk)


@transaction.atomic
def add_ask(
    letter: Letter, *, by: Actor, reason: str, kind: AskKind, responsible: Iterable[Agency], consulted: Iterable[Agency] = (),
    acting_agency: Agency | None = None, targets: Iterable[Target | PlannedTarget] = (), summary: str = "", quote: str = "",
    instrument: str | None = None, requested_list: str | None = None, requested_by: dt.date | None = None,
    questions: Iterable[str] = (), expected_version: int | None = None,
) -> Ask:  # fmt: skip
    """One more request that the letter makes, as the last one. Its own date, where it has one, is not before the letter went out.

    Its items repeat nothing by themselves: what was asked before is said on the letter's page, as of any letter.
    """
    require(by, EDIT, letter)
    with acting(by, why=reason):
        letter = _locked(letter, reason, expected_version)
        before_public = public_before(letter)
        owing = list(dict.fromkeys(responsible))
        beside = [agency for agency in dict.fromkeys(consulted) if agency not in owing]
        ask = new_ask(
            letter, kind=kind, summary=summary, quote=quote, targets=list(dict.fromkeys(targets_named(targets, "targets", by=by))), instrument=instrument,
            requested_list=requested_list, requested_by=requested_by, questions=questions,
            since=("the day it was sent", letter.sent_on), problems=_check_put(letter, owing, beside),
        )  # fmt: skip
        slugs = {agency.slug: agency for agency in owing}
        acts_for = slugs.get(acts_for_which(acting_agency, owing))
        put = [(agency, TaskingRole.LEAD) for agency in owing] + [(agency, TaskingRole.CONSULTED) for agency in beside]
        taskings = [
            _waits(ask, letter, agency, role, acting_agency if agency == acts_for else None, by=by, reason=reason)
            for agency, role in put
        ]
        names = join_names([_named(agency, role) for agency, role in put])
        _amended(
            letter, f"ask {ask.number}, left out", "", f"{ask.summary}, put to {names}", by=by, reason=reason,
            before_public=before_public, items=[tasking.pk for tasking in taskings],
        )  # fmt: skip
        return ask


def _check_put(letter: Letter, owing: list[Agency], beside: list[Agency]) -> list[Problem]:
    problems = [
        Problem(at, told.message, told.value)
        for at, agencies in (("responsible", owing), ("consulted", beside))
        for agency in agencies
        for told in check_addressed(letter, agency)
    ]
    if not owing:
        problems.append(Problem("responsible", "The ask is put to no responsible agency. Choose at least one.", []))
    return problems


def _waits(
    ask: Ask, letter: Letter, agency: Agency, role: str, acting_agency: Agency | None, *, by: Actor, reason: str
) -> Tasking:
    tasking = Tasking.objects.create(ask=ask, agency=agency, role=role, acting_agency=acting_agency)
    Tasking.objects.filter(pk=tasking.pk).update(asked_on=letter.sent_on)
    tasking = workflow.transition(tasking, to=Status.AWAITING, by=by, occurred_at=letter.sent_at)
    date_anew(tasking, by=by, reason=reason, heard=True)  # that the letter came may be noted already
    return tasking


def _locked(letter: Letter, reason: str, expected_version: int | None) -> Letter:
    letter = lock_letter(letter, expected_version=expected_version)
    refuse_if(check_reason(reason, WHY))
    if letter.state != LetterState.SENT:
        raise RecordError.of("state", f"Only a sent letter is corrected; this one is {letter.get_state_display()}.")
    return letter


def _amended(
    letter: Letter, name: str, before: str, after: str, *, by: Actor, reason: str, before_public: dict | None, items: Any = ()
) -> None:  # fmt: skip
    Amendment.objects.create(letter=letter, field=name, before=before, after=after, reason=reason)
    letter.version += 1
    letter.save(update_fields=["version"])
    record_amended(letter, by=by, changed=[name], reason=reason, before_public=before_public, items=items)


def _in_the_way(ask: Ask, there: list[Tasking], agency: Agency, role: str) -> list[Problem]:
    for one in there:
        if one.agency_id == agency.pk:
            is_closed = f": that item is {one.get_status_display()}. Reopen it on its page instead."
            way_out = ". There is nothing left to do." if one.is_open else is_closed
            return [Problem("agency", f"Ask {ask.number} is put to {agency} already{way_out}", agency.slug)]
    if role == TaskingRole.CONSULTED and not any(
        one.role == TaskingRole.LEAD and one.status in OPEN_STATUSES for one in there
    ):
        said = f"Nobody owes a reply to ask {ask.number} any more, and who is consulted ends with the last who does. Reopen that item first."
        return [Problem("role", said, role)]
    return []


def _named(agency: Agency, role: str) -> str:
    return f"{agency} (consulted)" if role == TaskingRole.CONSULTED else str(agency)
