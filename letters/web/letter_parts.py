"""What stands beside a letter on its page: its files and the letters it is related to, for who may see them."""

import datetime as dt
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.functions import Coalesce
from django.urls import reverse

from letters.domain import files
from letters.domain.access import EDIT, may
from letters.domain.covering import counting_answers
from letters.domain.deadlines import count, long_date
from letters.domain.letter_desk import anew_among
from letters.domain.words import initial, size_words
from letters.enums import LinkKind, OurRole, Status, TaskingRole, TermFrom, TermUnit
from letters.models import AnswerQuestion, Attachment, Letter, Question, Tasking, User
from letters.models.letter_queries import visible_letters
from letters.web.guards import HAVE_PAGES
from letters.web.reply_words import CORRECTED_WORDS

FROM_THE_OTHER_SIDE = {
    LinkKind.FOLLOW_UP_TO: "followed up by",
    LinkKind.SUPERSEDES: "superseded by",
    LinkKind.REPLIES_TO: "replied to by",
    LinkKind.SAME_LETTER: LinkKind.SAME_LETTER.label,
}
# Of whom no answer is expected any more: the successor of an item that was passed on is asked in its stead.
ASKED_NO_MORE = (Status.DRAFT, Status.TRANSFERRED, Status.WITHDRAWN, Status.ENTERED_IN_ERROR)


def questions_of(letter: Letter) -> dict:
    """By the key of the ask: its questions, each with how far replies that count now answer it, and how many are answered.

    Put to several agencies, a question is answered once each of them did: the items say which did not.
    """
    replied = AnswerQuestion.objects.filter(question=OuterRef("pk"), answer__in=counting_answers().values("pk"))
    owing = replied.filter(answer__tasking__role=TaskingRole.LEAD).exclude(answer__tasking__status__in=ASKED_NO_MORE)
    by_whom = owing.order_by().values("question").annotate(n=Count("answer__tasking", distinct=True)).values("n")
    owed = Tasking.objects.filter(ask=OuterRef("ask"), role=TaskingRole.LEAD).exclude(status__in=ASKED_NO_MORE)
    asked = owed.order_by().values("ask").annotate(n=Count("pk")).values("n")
    found: dict = {}
    for question in (
        Question.objects.filter(ask__letter=letter)
        .annotate(
            has_answer=Exists(replied), times=Coalesce(Subquery(by_whom), 0), agencies=Coalesce(Subquery(asked), 0)
        )
        .order_by("number")
    ):
        question.said = _said(question)
        found.setdefault(question.ask_id, []).append(question)
    return {ask: {"all": questions, "words": _answered(questions)} for ask, questions in found.items()}


def _is_answered(question: Any) -> bool:
    # where nobody is asked any more, what they had said
    return question.times >= question.agencies if question.agencies else question.has_answer


def _said(question: Any) -> str:
    """How far one question is answered; needs what `questions_of` annotates."""
    if _is_answered(question):
        return "answered"
    return f"answered by {question.times} of {question.agencies} agencies" if question.times else ""


def _answered(questions: list) -> str:
    if not any(question.said for question in questions):
        return count(len(questions), "question")
    answered = sum(_is_answered(question) for question in questions)
    several = questions[0].agencies > 1
    return f"{answered} of {count(len(questions), 'question')} answered{' by each agency asked' if several else ''}"


def related(user: User, letter: Letter) -> list[dict]:
    """The letters it is linked with, from both sides; only those this person may see."""
    there = letter.links.filter(visible_letters(user, "to_letter__"), to_letter__state__in=HAVE_PAGES)
    here = letter.linked_from.filter(visible_letters(user, "letter__"), letter__state__in=HAVE_PAGES)
    rows = [(link, link.to_letter, link.get_kind_display(), "from") for link in there.select_related("to_letter")]
    rows += [
        (link, link.letter, FROM_THE_OTHER_SIDE[LinkKind(link.kind)], "as") for link in here.select_related("letter")
    ]
    anew = anew_among(link for link, *_ in rows)
    return [
        {
            "words": f"Logged anew {side}" if link.pk in anew else initial(words),
            "anew": side if link.pk in anew else "",
            "letter": other,
            "url": reverse("letter", args=[other.reference]),
            "remove_url": reverse("letter_unlink", args=[letter.reference, link.pk]),
        }
        for link, other, words, side in sorted(rows, key=lambda row: (row[1].sent_on, row[1].reference))
    ]


def corrections(letter: Letter) -> list[dict]:
    """What was corrected, newest first, with what stood before; long texts are only named."""
    return [
        {
            "what": CORRECTED_WORDS.get(one.field, one.field),
            "before": _corrected(one.field, one.before),
            "after": _corrected(one.field, one.after),
            "is_long": max(len(one.before), len(one.after)) > 300,
            "reason": one.reason,
            "when": one.amended_at,
        }
        for one in reversed(letter.amendments.all())
    ]


CORRECTED_CODES: dict[str, type[TextChoices]] = {"our_role": OurRole, "term_unit": TermUnit, "term_from": TermFrom}


def _corrected(name: str, value: str) -> str:
    codes = CORRECTED_CODES.get(name)
    if codes and value in codes.values:
        return str(codes(value).label)
    if value and (name in ("letter_date", "printed_date", "sent_on", "deadline_on") or name.endswith("its own date")):
        return long_date(dt.date.fromisoformat(value))
    if name.endswith(", led"):
        return {"True": "yes", "False": "no"}.get(value, value)
    return value or "nothing"


def files_of(user: User, letter: Letter) -> QuerySet[Attachment]:
    """Its own files and those of the replies that bear on it."""
    of_reply = Q(response__answers__tasking__ask__letter=letter)
    return Attachment.objects.visible_to(user).filter(Q(letter=letter) | of_reply).distinct()


def file_rows(found: QuerySet[Attachment], user: User) -> list[dict]:
    """Files of `visible_to(user)` as letters/file_list.html draws them, those that were taken back behind the others."""
    rows = found.select_related("added_by", "response__agency").order_by("added_at", "pk")
    return [_row(one, user) for one in sorted(rows, key=lambda one: one.in_error_at is not None)]


def _row(kept: Attachment, user: User) -> dict:
    kind = files.type_of(kept)
    is_open = files.may_open(kept, user)
    url = reverse("file_download", args=[kept.pk, kept.name]) if is_open else ""
    # what somebody sees of it, they see all of: so the role alone says whether they may change it
    may_change = may(user, EDIT)
    return {
        "key": kept.pk,
        "name": kept.name if is_open else "",
        "gone_at": kept.in_error_at,
        "gone_reason": kept.in_error_reason,
        "take_back_url": reverse("file_take_back", args=[kept.pk]) if may_change and not kept.in_error_at else "",
        "put_back_url": reverse("file_put_back", args=[kept.pk]) if may_change and kept.in_error_at and is_open else "",
        "url": url,
        "show_url": f"{url}?show=1" if url and kind and kind.shown else "",
        "words": f"{kind.label if kind else kept.media_type}, {size_words(kept.size)}",
        "of": str(kept.response) if kept.response_id else "",
        "by": str(kept.added_by) if kept.added_by else "",
        "when": kept.added_at,
        "sha256": kept.sha256,
    }
