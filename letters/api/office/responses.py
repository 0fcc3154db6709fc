"""What agencies said, for the office: shown with those of its answers that a key may see, or not at all."""

from collections.abc import Sequence
from typing import Any

import django_filters as filters
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet

from letters.api.links import Links
from letters.api.office.reference import visible_agencies
from letters.api.office.taskings import agency
from letters.api.sources import Row, Source
from letters.domain.keyset import Order
from letters.models import Answer, AnswerQuestion, AnswerTarget, Letter, Response, Tasking

COLUMNS = (
    *("pk", "agency_id", "agency__slug", "agency__name", "agency__short_name", "responder", "channel", "kind"),
    *("sent_on", "received_on", "held_elsewhere", "control_number", "released_at", "in_error_at", "in_error_reason"),
    *("version", "spans_hidden"),
)


ABOUT = {
    "agency": "The slug of the agency that replied. GET /api/v1/agencies/ lists them.",
    "tasking": "The id of a tasking that the reply bears on. GET /api/v1/taskings/ lists them.",
    "letter": "The id of a letter that the reply bears on. GET /api/v1/letters/ lists them.",
}


class ResponseFilter(filters.FilterSet):
    """Those of one agency, or about one item or letter."""

    agency = filters.ModelChoiceFilter(queryset=lambda request: visible_agencies(), to_field_name="slug")
    tasking = filters.ModelChoiceFilter(
        queryset=lambda request: Tasking.objects.for_keys(), method="filter_tasking", label="tasking"
    )
    letter = filters.ModelChoiceFilter(
        queryset=lambda request: Letter.objects.for_keys(), method="filter_letter", label="letter"
    )

    class Meta:
        model = Response
        fields: list[str] = []

    def filter_tasking(self, replies: QuerySet, name: str, value: Tasking) -> QuerySet:
        return replies.filter(pk__in=Answer.objects.filter(tasking=value).values("response"))

    def filter_letter(self, replies: QuerySet, name: str, value: Letter) -> QuerySet:
        return replies.filter(pk__in=Answer.objects.filter(tasking__ask__letter=value).values("response"))


def visible() -> QuerySet:
    """Replies that bear on at least one item a key may see; `spans_hidden` when on others too."""
    seen = Tasking.objects.for_keys().values("pk")
    bearing = Answer.objects.filter(response=OuterRef("pk"))
    return Response.objects.filter(Exists(bearing.filter(tasking__in=seen))).annotate(
        spans_hidden=Exists(bearing.exclude(tasking__in=seen))
    )


def build(rows: Sequence[Row], links: Links) -> list[dict]:
    """Rows as the API shows them, each with how it bears on which tasking."""
    answers = _answers_of([row.pk for row in rows])
    return [
        {
            "id": row.pk,
            "url": links.to("responses", row.pk),
            "page_url": links.page("replies", row.pk),
            "agency": agency(row.agency_id, row.agency__slug, row.agency__name, row.agency__short_name),
            "responder": row.responder,
            "channel": row.channel,
            "kind": row.kind,
            "sent_on": row.sent_on,
            "received_on": row.received_on,
            "held_elsewhere": row.held_elsewhere,
            "control_number": row.control_number,
            "released_at": row.released_at,
            "in_error_at": row.in_error_at,
            "in_error_reason": "" if row.spans_hidden else row.in_error_reason,
            "answers": answers.get(row.pk, []),
            "version": row.version,
        }
        for row in rows
    ]


def detail(row: Row, shown: dict, links: Links) -> dict:
    """With its text, unless it also answers a letter that a key may not see: then its words are about that one too."""
    return details([row], [shown], links)[0]


def details(rows: Sequence[Row], shown: Sequence[dict], links: Links) -> list[dict]:
    """The same of many, in as many queries as of one."""
    whole = [row.pk for row in rows if not row.spans_hidden]
    texts = dict(Response.objects.filter(pk__in=whole).values_list("pk", "text"))
    return [{**one, "text": texts.get(row.pk) or None} for row, one in zip(rows, shown, strict=True)]


def _answers_of(responses: list) -> dict[Any, list[dict]]:
    found: dict[Any, list[dict]] = {}
    columns = (
        "pk",
        "response_id",
        "tasking_id",
        "said",
        "coverage",
        "stance",
        "quote",
        "page",
        "recorded_at",
        "assessed_at",
        "released_at",
        "of_questions",
        "of_targets",
    )
    questions = AnswerQuestion.objects.filter(answer=OuterRef("pk"), question__ask=OuterRef("tasking__ask"))
    targets = AnswerTarget.objects.filter(answer=OuterRef("pk"))
    seen = Answer.objects.filter(response__in=responses, tasking__in=Tasking.objects.for_keys().values("pk"))
    seen = seen.annotate(
        of_questions=ArraySubquery(questions.order_by("question__number").values("question")),
        of_targets=ArraySubquery(targets.order_by("target__name", "pk").values("target__slug")),
    )
    for key, response, tasking, said, coverage, stance, quote, page, recorded, assessed, released, asked, about in (
        seen.order_by("recorded_at", "pk").values_list(*columns)
    ):  # fmt: skip
        found.setdefault(response, []).append(
            {
                "id": key, "tasking": tasking, "said": said, "coverage": coverage, "stance": stance, "quote": quote, "page": page,
                "questions": asked, "targets": about, "recorded_at": recorded, "assessed_at": assessed, "released_at": released,
            }
        )  # fmt: skip
    return found


SOURCE = Source(
    visible=visible,
    columns=COLUMNS,
    build=build,
    orders={"-received_on": Order("received_on", descending=True)},
    detail=detail,
    filters=ResponseFilter,
    about=ABOUT,
)
