"""The chapters of one item's page: replies, evidence, contacts, letters that repeat it, and how much of it is covered."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from letters.domain.covering import answered_questions, proven_targets
from letters.domain.deadlines import count, long_date
from letters.domain.situations import last_extension
from letters.domain.standing import reopened_at
from letters.domain.words import answer_words, chased_words
from letters.enums import CLOSED_STATUSES, TaskingRole
from letters.models import Evidence, Letter, Renewal, Response, Tasking


def chapters(request: HttpRequest, tasking: Tasking) -> dict:
    """Everything that came of the item, as far as the person may see it."""
    contacts = list(
        tasking.contacts.with_hidden_from(request.user).select_related("by").order_by("-on", "-recorded_at")
    )
    renewals = _renewals(request, tasking)
    ours = [contact for contact in contacts if contact.in_error_at is None]
    return {
        "replies": _replies(request, tasking),
        "evidence": _evidence(request, tasking),
        "contacts": contacts,
        "chased": chased_words(len(ours), max((contact.on for contact in ours), default=None)),
        "renewals": renewals,
        "asked": asked_words(tasking, renewals),
        # those that "A reply about all of them" ticks
        "of_letter": Tasking.objects.open()
        .filter(ask__letter=tasking.ask.letter_id, agency=tasking.agency_id, role=TaskingRole.LEAD)
        .count(),
        "questions": _questions(tasking),
        "targets": _targets(tasking),
    }


def asked_words(tasking: Tasking, renewals: Sequence[Renewal]) -> str:
    """ "asked April 25, 2023, repeated twice, last on September 5, 2023", by the letters that the reader may see."""
    words = f"asked {long_date(tasking.asked_on)}" if tasking.asked_on else ""
    if renewals:
        often = {1: "once", 2: "twice"}.get(len(renewals), f"{len(renewals)} times")
        words += f", repeated {often}, last on {long_date(renewals[-1].renewed_on)}"
    return words


def _replies(request: HttpRequest, tasking: Tasking) -> list[dict]:
    answers = (
        tasking.answers.annotate(spans_hidden=_of_hidden(request))
        .select_related("response__agency", "response__official")
        .prefetch_related("questions", "targets")
    )
    asked, about = tasking.ask.questions.count(), tasking.ask.targets.count()
    given = last_extension(tasking) if tasking.extended_to else None
    gave_time = given.payload.get("response") if given else None
    return [
        {
            "answer": answer,
            "words": answer_words(answer),
            "covers": [
                *(
                    [f"answers {len(answer.questions.all())} of {count(asked, 'question')}"]
                    if answer.questions.all()
                    else []
                ),
                *([f"covers {len(answer.targets.all())} of {about}"] if answer.targets.all() and about > 1 else []),
                *(
                    [f"gives more time, to {long_date(tasking.extended_to)}"]
                    if str(answer.response_id) == gave_time
                    else []
                ),
            ],
        }
        for answer in answers.order_by("-response__received_on", "-recorded_at")
    ]


def _of_hidden(request: HttpRequest) -> Exists:
    """Whether the row's reply is also about an item that the person may not see: then what was wrong with it is, too."""
    replies = Response.objects.with_hidden_from(request.user)
    return Exists(replies.filter(pk=OuterRef("response"), spans_hidden=True))


def _evidence(request: HttpRequest, tasking: Tasking) -> list[dict]:
    """What was proved before the item was opened again counts once somebody has looked at it again."""
    reopened = reopened_at(tasking) if tasking.is_open or tasking.status in CLOSED_STATUSES else None

    def is_old(evidence: Evidence) -> bool:
        return bool(reopened and evidence.checked_at <= reopened and evidence.in_error_at is None)

    found = (
        tasking.evidence.annotate(spans_hidden=_of_hidden(request))
        .prefetch_related("targets")
        .select_related("response__agency")
    )
    return [{"proof": one, "is_old": is_old(one)} for one in found]


def _renewals(request: HttpRequest, tasking: Tasking) -> list[Renewal]:
    """In order of their days; letters entered in error repeat nothing."""
    letters = Letter.objects.visible_to(request.user).filter(state="sent").values("pk")
    return list(tasking.renewals.filter(letter__in=letters).select_related("letter").order_by("renewed_on"))


def _questions(tasking: Tasking) -> dict:
    questions = list(tasking.ask.questions.all())
    if not questions:
        return {}
    found = answered_questions(tasking).order_by("answer__response__received_on")
    answered = dict(found.values_list("question", "answer__response__received_on"))
    rows = [{"question": question, "answered": answered.get(question.pk)} for question in questions]
    return {"rows": rows, "words": f"{len(answered)} of {len(questions)} answered"}


def _targets(tasking: Tasking) -> dict:
    targets = list(tasking.ask.targets_in_order().select_related("parent"))
    covered = proven_targets(tasking)
    words = f"{len(covered)} of {len(targets)} covered by evidence" if covered and len(targets) > 1 else ""
    return {"rows": [{"target": t, "covered": t.pk in covered} for t in targets], "words": words}
