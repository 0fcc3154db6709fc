"""The parts of a draft in another order, or taken out."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from letters.api.bodies import Body, Field, Many, Number, Text
from letters.api.problems import Refused
from letters.api.said import shown
from letters.api.writes import fields
from letters.api.writing import Call, Write
from letters.domain import arranging
from letters.errors import Problem
from letters.models import Letter

ORDER = "Ids in their new order; one that is left out is taken out. Not sent: they stay."


def arrange_draft(call: Call) -> Letter:
    parts = {name: _named(getattr(call.target, name).all(), ids, f"/{name}") for name, ids in call.body.items()}
    return arranging.arrange_letter(call.target, by=call.by, **parts)


def arrange_ask(call: Call) -> Letter:
    body = dict(call.body)
    version = body.pop("version")
    if "taskings" in body:
        body["taskings"] = _named(call.target.taskings.all(), body["taskings"], "/taskings")
    if "questions" in body:
        given = body["questions"]
        places = [place for place, one in enumerate(given) if one.get("id")]
        known = _named(call.target.questions.all(), [given[n]["id"] for n in places], "/questions", places, "/id")
        kept = dict(zip(places, known, strict=True))
        body["questions"] = [arranging.Asked(kept.get(n), one.get("text")) for n, one in enumerate(given)]
    arranging.arrange_ask(call.target, by=call.by, expected_version=version, **body)
    return call.target.letter


def _named(
    rows: Iterable[Model], ids: list[str], at: str, places: list[int] | None = None, below: str = ""
) -> list[Any]:
    """Rows of the draft by their ids; what is not of it is as unknown as anything else."""
    known = {str(row.pk): row for row in rows}
    problems = []
    for n, key in enumerate(ids):
        if key.lower() not in known:
            there = f"{at}/{places[n] if places else n}{below}"
            message = f"{there}: {shown(key)} is nothing of this draft. GET the draft for its ids."
            problems.append(Problem(there, message, key))
    if problems:
        raise Refused(400, " ".join(one.message for one in problems), problems=problems)
    return [known[key.lower()] for key in ids]


def _ids(about: str) -> Field:
    return Many(of=Text(limit=36), about=about)


QUESTION = Body(
    name="QuestionInPlace",
    partial=True,
    fields={
        "id": Text(limit=36, about="One there is; without it, it is a new one."),
        "text": Text(limit=5000, about="Its words, where it is new or they change."),
    },
)
WRITES = (
    Write(
        "arrange_draft",
        "POST",
        "drafts/{id}/arrangement/",
        "Put signers, addressees and asks of a draft in another order, or take some out",
        arrange_draft,
        "Nobody is taken out whom an ask is still put to.",
        Body(
            name="Arrangement",
            partial=True,
            fields={name: _ids(ORDER) for name in ("signatures", "addressees", "asks")},
        ),
        of="drafts",
        answers="drafts",
        replaces=True,
        example={"signatures": ["00000000-0000-4000-8000-000000000001"]},
    ),
    Write(
        "arrange_ask",
        "POST",
        "asks/{id}/arrangement/",
        "Say what an ask of a draft is about, which questions it asks, and to whom it stays put",
        arrange_ask,
        "Each list as it is to be, in order; what is left out is taken out. Not sent: it stays.",
        Body(
            name="AskArrangement",
            partial=True,
            fields={
                "version": Number(
                    least=1,
                    most=2**31 - 1,
                    required=True,
                    about="Of the draft, as you read it: so that nothing is taken out unseen.",
                ),
                "targets": Many(of=fields.target(), about="Slugs of the companies, persons and programs."),
                "questions": Many(of=QUESTION, about="The questions, those there are by their ids."),
                "taskings": _ids("Ids of those that stay: to whom it is put."),
            },
        ),
        of="asks",
        answers="drafts",
        inside="drafts",
        example={"version": 7, "targets": ["huawei-cloud"]},
    ),
)
