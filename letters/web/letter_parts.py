"""What stands beside a letter on its page: its files and the letters it is related to, for who may see them."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.urls import reverse

from letters.domain import files
from letters.domain.deadlines import count, long_date
from letters.domain.words import size_words
from letters.enums import LinkKind, OurRole, TermFrom, TermUnit
from letters.models import AnswerQuestion, Attachment, Letter, Question, User
from letters.models.letter_queries import visible_letters
from letters.web.item import HAVE_PAGES

FROM_THE_OTHER_SIDE = {
    LinkKind.FOLLOW_UP_TO: "followed up by",
    LinkKind.SUPERSEDES: "superseded by",
    LinkKind.REPLIES_TO: "replied to by",
    LinkKind.SAME_LETTER: LinkKind.SAME_LETTER.label,
}


def questions_of(letter: Letter) -> dict:
    """By the key of the ask: its questions, each with whether a standing reply answers it, and how many that is."""
    answers = AnswerQuestion.objects.filter(question=OuterRef("pk"), answer__response__in_error_at__isnull=True)
    found: dict = {}
    for question in (
        Question.objects.filter(ask__letter=letter).annotate(is_answered=Exists(answers)).order_by("number")
    ):
        found.setdefault(question.ask_id, []).append(question)
    return {
        ask: {"all": questions, "words": _answered(sum(q.is_answered for q in questions), len(questions))}
        for ask, questions in found.items()
    }


def _answered(answered: int, asked: int) -> str:
    return f"{answered} of {count(asked, 'question')} answered" if answered else count(asked, "question")


def related(user: User, letter: Letter) -> list[dict]:
    """The letters it is linked with, from both sides; only those this person may see."""
    there = letter.links.filter(visible_letters(user, "to_letter__"), to_letter__state__in=HAVE_PAGES)
    here = letter.linked_from.filter(visible_letters(user, "letter__"), letter__state__in=HAVE_PAGES)
    rows = [(link, link.to_letter, link.get_kind_display()) for link in there.select_related("to_letter")]
    rows += [(link, link.letter, FROM_THE_OTHER_SIDE[LinkKind(link.kind)]) for link in here.select_related("letter")]
    return [
        {
            "words": words[:1].upper() + words[1:],
            "letter": other,
            "url": reverse("letter", args=[other.reference]),
            "remove_url": reverse("letter_unlink", args=[letter.reference, link.pk]),
        }
        for link, other, words in sorted(rows, key=lambda row: (row[1].sent_on, row[1].reference))
    ]


CORRECTED_WORDS = {
    "subject": "the subject",
    "letter_date": "the day it was signed",
    "printed_date": "the date printed on it",
    "our_role": "our role",
    "lead_office_contact": "the lead office’s contact",
    "on_behalf_of": "on whose behalf it speaks",
    "published_url": "where it was published",
    "deadline_on": "the date it sets",
    "term_days": "the number of days it gives",
    "term_unit": "which days it counts",
    "term_from": "where it begins to count",
    "deadline_quote": "the sentence that sets the date",
    "text": "the text",
}


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
    if value and name in ("letter_date", "printed_date", "deadline_on"):
        return long_date(dt.date.fromisoformat(value))
    return value or "nothing"


def files_of(user: User, letter: Letter) -> QuerySet[Attachment]:
    """Its own files and those of the replies that bear on it."""
    of_reply = Q(response__answers__tasking__ask__letter=letter)
    return Attachment.objects.visible_to(user).filter(Q(letter=letter) | of_reply).distinct()


def file_rows(found) -> list[dict]:
    """Files as letters/file_list.html draws them."""
    return [_row(one) for one in found.select_related("added_by", "response__agency").order_by("added_at", "pk")]


def _row(kept: Attachment) -> dict:
    kind = files.type_of(kept)
    url = reverse("file_download", args=[kept.pk, kept.name])
    return {
        "name": kept.name,
        "url": url,
        "show_url": f"{url}?show=1" if kind and kind.shown else "",
        "words": f"{kind.label if kind else kept.media_type}, {size_words(kept.size)}",
        "of": str(kept.response) if kept.response_id else "",
        "by": str(kept.added_by) if kept.added_by else "",
        "when": kept.added_at,
        "sha256": kept.sha256,
    }
