"""One reply in one step: what was said of each item becomes answers, evidence and statuses, by the table `said`.

It adds no rule of its own: `replies`, `workflow` and `items` do the writing and the refusing.
A refusal about one item names it in its field: "<id of the item>.promised_on".
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any, cast

from django.db import transaction

from letters.domain import items, moves, replies, retractions, said, same_form, workflow
from letters.domain.access import EDIT, Actor, require
from letters.domain.clocks import end_review, moment_of, office_today
from letters.domain.covering import said_of
from letters.domain.history import acting
from letters.domain.reply_kinds import check_chosen, chosen_kind, table_kind
from letters.domain.reply_less import KIND_ALONE, check_off, take_off
from letters.domain.reply_rules import check_reply
from letters.domain.reply_steps import Step, Word, check_step, problem_of, step_of
from letters.domain.rules import refuse_if
from letters.domain.standing import takes_none_since
from letters.enums import Channel, Coverage, EvidenceKind, Said, Status, TaskingRole
from letters.errors import Problem, RecordError
from letters.models import Agency, Event, Response, Tasking


@transaction.atomic
def record_reply(
    *,
    by: Actor,
    agency: Agency,
    received_on: dt.date | None,
    words: Sequence[Word],
    kind: str = "",
    channel: str = Channel.LETTER,
    key: uuid.UUID | None = None,
    **facts: Any,
) -> Response:
    """Keep a reply and do what it says to each item it is about; all of it, or with every problem named, nothing.

    `facts` as for `replies.record_response`; `kind` where a person knows better than the table. `key`: of the form it was
    typed into; the same reply from the same form comes back as it is, and nothing is done twice (`recorded_from`).
    """
    for word in words:
        require(by, EDIT, word.tasking.ask.letter)
    form: dict[str, Any] = {
        "agency": agency,
        "received_on": received_on,
        "words": words,
        "kind": kind,
        "channel": channel,
    }
    if before := recorded_from(key, by, **form, **facts):
        return before
    pk = _id_of(key, by, form | facts)
    if key and Response.objects.filter(pk=pk).exists():
        pk = uuid.uuid4()  # that one was taken back: it is recorded once more
    with acting(by):
        steps = [step_of(word, tasking, received_on) for word, tasking in _locked(words)]
        kind = kind or table_kind((step.word.said, step.tasking) for step in steps)
        bearings = [step.bearing() for step in steps]
        checked = {name: value for name, value in facts.items() if name != "official"}
        problems = check_reply(
            agency=agency, kind=kind, channel=channel, received_on=received_on, bearings=bearings, **checked
        )
        refuse_if([*problems, *(problem for step in steps for problem in check_step(step))])
        response = replies.record_response(
            by=by, agency=agency, kind=kind, channel=channel, received_on=cast(dt.date, received_on), bearings=bearings,
            key=pk, **facts,
        )  # fmt: skip
        _follow(response, steps, by=by, anew={})
        return response


def recorded_from(key: uuid.UUID | None, by: Actor, **form: Any) -> Response | None:
    """The reply that these very facts of `record_reply` made from the form with this key, unless it was taken back."""
    return Response.objects.filter(pk=_id_of(key, by, form), in_error_at__isnull=True).first() if key else None


def _id_of(key: uuid.UUID | None, by: Actor, form: dict[str, Any]) -> uuid.UUID:
    # the version is what the page saw, and nothing that the reply says
    said = [
        {one.name: getattr(word, one.name) for one in fields(word) if one.name != "version"} for word in form["words"]
    ]
    return same_form.id_of(key, by, form | {"words": said})


@transaction.atomic
def read_reply(
    response: Response, *, by: Actor, words: Sequence[Word], kind: str = "", not_about: Sequence[Word] = ()
) -> Response:
    """Say what a reply that was kept to be read later says, of some of its items or all; others may be added.

    `not_about`: the items, with the version that was seen, about which it says nothing after all. It is taken off those.
    """
    for word in (*words, *not_about):
        require(by, EDIT, word.tasking.ask.letter)
    with acting(by):
        if response.released_at:
            # it may be taken back from all its letters: their items are held in one order with these
            named = [word.tasking for word in (*words, *not_about)]
            workflow.hold([*Tasking.objects.filter(answers__response=response), *named])
        held = list(_locked([*words, *not_about]))
        dropped = {id(word) for word in not_about}  # two words of one item may be alike
        off = [tasking for word, tasking in held if id(word) in dropped]
        locked = [(word, tasking) for word, tasking in held if id(word) not in dropped]
        before = moves.before_reading([tasking for _, tasking in locked], response)
        steps = [
            step_of(word, tasking, response.received_on, response, before=before.get(tasking.pk))
            for word, tasking in locked
        ]
        if not steps and not off:
            raise RecordError.of("bearings", "Say of at least one item what the reply says about it.", [])
        # who took it back while these items were held by them did so after this object was loaded
        response.refresh_from_db(from_queryset=Response.objects.select_for_update(no_key=True))
        if response.in_error_at:
            raise RecordError.of("bearings", "This reply was entered in error. Record it anew, with what is right.")
        known = {
            answer.tasking_id: answer
            for answer in response.answers.select_related("response", "tasking__ask__letter", "tasking__ask__kind")
        }
        gone = {tasking.pk for tasking in off}
        others = [a for a in known.values() if a.coverage and a.tasking_id not in {s.tasking.pk for s in steps}]
        unsaid = [Problem("kind", KIND_ALONE, kind)] if kind and not steps else []
        chosen = "" if kind else chosen_kind(list(known.values()))
        kind = kind or chosen or table_kind([(step.word.said, step.tasking) for step in steps], others)
        added = [step.bearing() for step in steps if step.tasking.pk not in known]
        problems = unsaid + check_chosen(chosen, [step.to for step in steps])
        problems += check_off(off, known, others=len({*known, *(step.tasking.pk for step in steps)} - gone))
        problems += [problem for step in steps for problem in check_step(step)]
        if added:
            problems += check_reply(
                agency=response.agency, kind=kind, channel=response.channel, received_on=response.received_on, bearings=added
            )  # fmt: skip
        if len({step.tasking.pk for step in steps}) < len(steps):
            problems.append(Problem("bearings", "The reply is read twice for one item. Say it once.", None))
        for step in steps:
            if step.tasking.pk in gone:
                problems.append(
                    problem_of(step, "not_about", "Say what they said about it, or that it is nothing; not both.")
                )
            elif not step.word.said:
                problems.append(problem_of(step, "said", "Say what they said about it."))
        refuse_if(problems)
        stood = said_of(response)
        if steps:
            replies.set_kind(response, by=by, kind=kind)
        for step in steps:
            answer, word = known.get(step.tasking.pk), step.word
            if answer is None:
                replies.add_answer(response, step.bearing(), by=by)
                continue
            with _about(step):
                replies.assess(
                    answer, by=by, coverage=step.coverage or Coverage.EVADES, stance=step.stance, said=word.said,
                    quote=word.quote, page=word.page, questions=step.questions, targets=step.targets,
                    promised_on=step.promises,
                )  # fmt: skip
        _follow(response, steps, by=by, anew=stood)
        take_off(response, off, by=by)
        return response


def _locked(words: Sequence[Word]) -> Iterator[tuple[Word, Tasking]]:
    # in one order, so that two replies about the same items wait for each other instead of both
    for word in sorted(words, key=lambda word: (word.tasking.ask_id, word.tasking.pk)):
        yield word, workflow.lock(word.tasking, expected_version=word.version)


def _follow(response: Response, steps: Sequence[Step], *, by: Actor, anew: Mapping[uuid.UUID, set]) -> None:
    """Evidence first, then the status that rests on it. Consulted items first: they may end with the last responsible one.

    `anew`: `said_of` the reply before. What it was thought to prove goes with what it says no more; where it says the
    same, what stands as evidence stays, and nothing is added to it that nobody named.
    """
    told = {"response": str(response.pk)}
    for step in sorted(steps, key=lambda step: step.tasking.role == TaskingRole.LEAD):
        word = step.word
        if not word.said:
            continue
        tasking = Tasking.objects.select_related("ask__letter", "ask__kind").get(pk=step.tasking.pk)
        with _about(step):
            if not (step.to is None and anew.get(tasking.pk) == step.says and retractions.is_kept(word.proof, tasking)):
                _prove(response, step, tasking, by=by, anew=tasking.pk in anew)
            at = moment_of(moves.came_on(step.to, response, seen_on=word.proof.seen_on))
            if step.to == Status.TRANSFERRED and word.passed_to:
                reason = word.reason.strip() or f"{response.agency} pointed us to {word.passed_to}."
                workflow.transfer(tasking, to_agency=word.passed_to, by=by, reason=reason, also=told, occurred_at=at)
            elif step.to is not None:
                stood = _stood(tasking, step.back) if step.back else None
                workflow.transition(
                    tasking, to=step.to, by=by, reason=word.reason, also=told, occurred_at=at,
                    promised_on=stood.promised_on if stood else word.promised_on,
                )  # fmt: skip
                if stood and stood.review_on and stood.review_on > office_today():
                    items.set_review(tasking, by=by, on=stood.review_on)
            elif word.said == Said.PROMISED and tasking.status == Status.PROMISED and word.promised_on:
                items.move_promise(tasking, by=by, to=word.promised_on, response=response)
            if word.said == Said.LOOKING and tasking.review_on and not takes_none_since(tasking, response):
                end_review(workflow.lock(tasking), by=by)
            if step.reviews:
                items.set_review(tasking, by=by, on=word.review_on or said.review_on(office_today()), response=response)


def _stood(tasking: Tasking, move: Event) -> Tasking | None:
    """The row as it was at the end of what this move had brought it to, from the history that each audited row has."""
    rows: Any = tasking
    return rows.history.filter(status_event=move.pk).order_by("pgh_id").last()


def _prove(response: Response, step: Step, tasking: Tasking, *, by: Actor, anew: bool) -> None:
    proof = step.word.proof
    before = retractions.proofs_by(response, tasking) if anew else []
    itself = step.proves and proof.kind == EvidenceKind.RESPONSE
    same = [one for one in before if itself and one.is_standing and one.covers == {t.pk for t in step.targets}][:1]
    if step.proves and not same:
        replies.add_evidence(
            tasking, by=by, kind=proof.kind, citation=proof.citation, url=proof.url, seen_on=proof.seen_on,
            response=response if itself else None, targets=step.targets,
        )  # fmt: skip
    retractions.prove_no_more([one.evidence for one in before if one not in same], tasking, by=by)


@contextmanager
def _about(step: Step) -> Iterator[None]:
    """A refusal inside is one about this item."""
    try:
        yield
    except RecordError as error:
        placed = (replace(problem_of(step, one.field, one.message), codes=one.codes) for one in error.problems)
        raise type(error)(*placed) from error
