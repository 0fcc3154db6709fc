"""The fields that bodies are made of: rows that are known already, and texts that several bodies have."""

import uuid
from typing import Any

from letters.api.bodies import Day, Field, Known, Text
from letters.api.office import beside
from letters.api.resources import TARGETS
from letters.domain.rules import MAX_REASON
from letters.models import Agency, AskKind, Letter, Official, Question, StatutoryClock, Target, User


def _first(rows: Any, **by: Any) -> Any:
    return rows.filter(**by).first()


def agency(about: str, **how: Any) -> Field:
    """An agency that a key may know of, by its slug."""
    rows = Agency.objects.visible_to(None).select_related("parent__parent")
    return Known(
        find=lambda slug: _first(rows.all(), slug=slug), where="GET /api/v1/agencies/ lists them.", about=about, **how
    )


def official(about: str, **how: Any) -> Field:
    """An official, by id."""
    rows = Official.objects.select_related("agency")
    return Known(
        find=lambda key: _first(rows.filter(agency__in=Agency.objects.visible_to(None).values("pk")), pk=uuid.UUID(key)),
        where="GET /api/v1/officials/ lists them.", by="id", about=about, **how,
    )  # fmt: skip


def kind_of_ask(about: str, **how: Any) -> Field:
    """A kind of ask, by its code."""
    return Known(
        find=lambda code: _first(AskKind.objects.all(), code=code),
        where="GET /api/v1/kinds/ lists them.",
        about=about,
        **how,
    )


def statute(about: str, **how: Any) -> Field:
    """A law with a clock, by its code."""
    return Known(
        find=lambda code: _first(StatutoryClock.objects.all(), code=code),
        where="GET /api/v1/statutes/ lists them.", about=about, **how,
    )  # fmt: skip


def target(about: str = "", **how: Any) -> Field:
    """A company, person or program that a key may know of, by its slug."""
    return Known(
        find=lambda slug: _first(Target.objects.visible_to(None), slug=slug),
        where="GET /api/v1/targets/ lists them.", about=about, **how,
    )  # fmt: skip


def question(about: str = "", **how: Any) -> Field:
    """A question of an ask that a key may see, by id."""
    seen = Letter.objects.for_keys().values("pk")
    return Known(
        find=lambda key: _first(Question.objects.filter(ask__letter__in=seen.all()), pk=uuid.UUID(key)),
        where="The letter of the ask lists its questions with their ids.", by="id", about=about, **how,
    )  # fmt: skip


def tasking(about: str = "", **how: Any) -> Field:
    """An item that a key may see, by id."""
    return Known(
        find=lambda key: TARGETS["taskings"].find(uuid.UUID(key)),
        where="GET /api/v1/taskings/ lists them.", by="id", about=about, **how,
    )  # fmt: skip


def letter(about: str = "", **how: Any) -> Field:
    """A sent letter that a key may see, by id."""
    return Known(
        find=lambda key: TARGETS["letters"].find(uuid.UUID(key)),
        where="GET /api/v1/letters/ lists them.", by="id", about=about, **how,
    )  # fmt: skip


def response(about: str = "", **how: Any) -> Field:
    """A reply that bears on nothing a key may not see, by id."""
    return Known(
        find=lambda key: _first(beside.whole_responses(), pk=uuid.UUID(key)),
        where="GET /api/v1/responses/ lists them.", by="id", about=about, **how,
    )  # fmt: skip


def person(about: str = "", **how: Any) -> Field:
    """Somebody of the office, by user name."""
    return Known(
        find=lambda name: _first(User.objects.filter(is_active=True), username=name),
        where="Give the user name of somebody who can sign in.", by="name", about=about, **how,
    )  # fmt: skip


def reason(about: str, **how: Any) -> Text:
    """Why, in words that are kept."""
    return Text(limit=MAX_REASON, about=about, **how)


def day(about: str, **how: Any) -> Day:
    """A day."""
    return Day(about=about, **how)


def maybe_day(about: str) -> Day:
    """A day, or null for none."""
    return Day(about=about, null=True)
