"""Writing through the API: read the body, find the row, ask what the consumer saw, call one verb, answer the row as it is.

What there is to write is data (`letters.api.writes`); whether it may be done, and what happens, is the verb's alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Model
from django.http import HttpResponse
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from letters.api import idempotency, parameters, versions
from letters.api.bodies import Body, Reading
from letters.api.conflicts import difference, said_of, utc
from letters.api.links import Links
from letters.api.paging import json_response
from letters.api.pointing import pointer, told
from letters.api.problems import Refused
from letters.api.reading import JSON, MULTIPART, Sent, read_sent
from letters.api.resources import SOURCES, TARGETS, WRITTEN
from letters.domain.history import acting, events_about, last_change
from letters.enums import Access, Scope
from letters.errors import NotAllowed, Problem, RecordError, StaleVersion
from letters.models import Letter, Tasking, User

WHAT = {"taskings": "item", "letters": "letter", "drafts": "draft"}
NO_BODY = Body(name="", fields={})


@dataclass(frozen=True)
class Call:
    """One write, checked as far as the API can: who, on what, with what."""

    by: User
    target: Any
    body: dict[str, Any]
    sent: Sent


@dataclass(frozen=True)
class Write:
    """One thing to write. `path` is below /api/v1/ with `{id}`; `of` names the resource the id is of, `answers` what comes back."""

    name: str  # of the operation: assign_tasking
    method: str
    path: str
    summary: str
    do: Callable[[Call], Model | None]
    about: str = ""
    body: Body = NO_BODY
    of: str = ""
    answers: str = ""  # empty: 204
    creates: bool = False
    right: str = "edit"
    uploads: bool = False
    replaces: bool = False  # by POST, too: whole lists are sent
    inside: str = ""  # the resource whose row it is a part of: the ETag is that row's
    also_held: Callable[[Any, Mapping[str, Any]], Iterable[Model]] | None = None  # what the verb holds besides its row
    fields: Mapping[str, str] = field(
        default_factory=dict
    )  # the verb's words for a field, where they differ from the body's
    ways: Mapping[str, str] = field(default_factory=dict)  # by the same words: what to ask of the API first
    example: Mapping[str, Any] = field(default_factory=dict)

    @property
    def route(self) -> str:
        """The name of its address: taskings-owner."""
        return "-".join(part for part in self.path.split("/") if part and part != "{id}") + (
            "-detail" if self.path.endswith("{id}/") else ""
        )

    @property
    def needs_match(self) -> bool:
        """What replaces or removes something says which state of it is meant."""
        return self.replaces or self.method in ("PATCH", "DELETE")

    @property
    def takes_match(self) -> bool:
        """Whether its row has an ETag."""
        return bool(self.inside) or self.of in SOURCES


class Writes:
    """A view that also writes: `writes` by method."""

    writes: Mapping[str, Write] = {}
    resource = ""
    is_readable = True

    def setup(self, request, *args, **kwargs) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        reads = ["get", "head"] if self.is_readable else []
        self.http_method_names = [*reads, *(method.lower() for method in self.writes)]

    def post(self, request: Request, **kwargs) -> HttpResponse:
        return perform(self.writes["POST"], request, **kwargs)

    def patch(self, request: Request, **kwargs) -> HttpResponse:
        return perform(self.writes["PATCH"], request, **kwargs)

    def delete(self, request: Request, **kwargs) -> HttpResponse:
        return perform(self.writes["DELETE"], request, **kwargs)


def perform(write: Write, request: Request, id: Any = None) -> HttpResponse:
    """Do one write, once where it is named. Everything that is refused is a problem, and changed nothing."""
    parameters.read(request, ())
    target = TARGETS[write.of].find(id) if write.of else None
    if write.of and target is None:
        return _done_before(write, request)
    name = idempotency.name_of(request)
    tags = _tags(write, request)
    sent = _sent(write, request)
    # before the body is read: what it names may be out of sight by now, or gone
    if name and (before := idempotency.kept(request.auth, name, _mark(write, request, sent))):
        return _still_told(write, before)
    body = _body(write, sent)
    consumer = request.user

    def run() -> HttpResponse:
        with transaction.atomic(), acting(consumer.user, why=f"{write.method} {request.path}", key=consumer.name):
            try:
                if tags is not None:
                    _refuse_if_changed(write, target, body, tags, request)
                made = write.do(Call(consumer.user, target, body, sent))
            except NotAllowed:
                raise
            except StaleVersion as error:
                raise _outdated(write, target, error.problems[0], request) from error
            except ObjectDoesNotExist as error:
                if target is None or type(target).objects.filter(pk=target.pk).exists():
                    raise
                raise NotFound from error  # somebody took it away after it was found above
            except RecordError as error:
                problems = [told(write, one, sent.content, id) for one in error.problems]
                said = " ".join(one.message for one in problems)
                raise Refused(422, said, code="refused", problems=problems) from error
            return _answer(write, made, request)

    if not name:
        return run()
    return idempotency.once(request.auth, name, _mark(write, request, sent), run)


def _sent(write: Write, request: Request) -> Sent:
    return read_sent(request, MULTIPART if write.uploads else JSON, optional=write.body.is_optional)


def _mark(write: Write, request: Request, sent: Sent) -> str:
    return idempotency.fingerprint(write.method, request.path, request.headers.get("If-Match", ""), *sent.marks)


def _still_told(write: Write, kept: HttpResponse) -> HttpResponse:
    """The kept answer of a write that was done. Raises 404 where it tells of what was restricted to named staff since."""
    key = orjson.loads(kept.content)["id"] if kept.content else None
    if key and write.answers in ("drafts", "letters"):  # a draft may be a letter now, or given up
        is_hidden = Letter.objects.filter(pk=key).exclude(access=Access.OFFICE).exists()
    else:
        rows = TARGETS[write.answers] if key and write.answers in TARGETS else None
        is_hidden = rows is not None and rows.find(key) is None and rows.visible().model.objects.filter(pk=key).exists()
    if is_hidden:
        raise NotFound
    return kept


def _done_before(write: Write, request: Request) -> HttpResponse:
    """The kept answer of a write that took its own row away: a draft sent or given up is none. Raises 404 without one,
    and where what it answered is no longer this key's to see."""
    name = idempotency.name_of(request)
    kept = idempotency.kept(request.auth, name, _mark(write, request, _sent(write, request))) if name else None
    if kept is None or (kept.content and shown(write.answers, orjson.loads(kept.content)["id"], request) is None):
        raise NotFound
    return kept


def shown(resource: str, key: Any, request: Request) -> dict | None:
    """A row as its own address answers it, or None where a key sees none."""
    source = SOURCES[resource][Scope.OFFICE]
    row = source.find(key, WRITTEN[resource]() if resource in WRITTEN else None)
    return None if row is None else source.alone(row, Links(request))


def _body(write: Write, sent: Sent) -> dict[str, Any]:
    reading = Reading()
    body = write.body.read(sent.content, "", reading)
    if reading.problems:
        raise Refused(400, " ".join(problem.message for problem in reading.problems), problems=reading.problems)
    return body


def _tags(write: Write, request: Request) -> list[str] | None:
    tags = versions.expected(request)
    if tags is None and write.needs_match:
        message = (
            f"If-Match: it is missing. GET {_whose(write)}, and send the ETag of the answer with {write.method}, "
            "so that nobody’s change is overwritten unseen."
        )
        raise Refused(428, message, problems=[Problem("If-Match", message)])
    if tags is not None and not write.takes_match:
        message = "If-Match: what is written here is no row with an ETag. Leave it out."
        raise Refused(400, message, problems=[Problem("If-Match", message, request.headers["If-Match"])])
    if tags is not None and (message := versions.of_no_state(write.inside or write.of, tags)):
        raise Refused(400, message, problems=[Problem("If-Match", message, request.headers["If-Match"])])
    return tags


def _whose(write: Write) -> str:
    """Where the ETag is got that a write has to send."""
    if write.inside:
        return f"the {WHAT.get(write.inside, write.inside)} it belongs to"
    return "its row" if write.replaces else "this address"


def _rows_in(body: Any) -> Iterator[Model]:
    """The rows that a body names, wherever it does."""
    if isinstance(body, Model):
        yield body
    elif isinstance(body, Mapping | list | tuple):
        for part in body.values() if isinstance(body, Mapping) else body:
            yield from _rows_in(part)


def _refuse_if_changed(write: Write, target: Any, body: Any, tags: list[str], request: Request) -> None:
    """412 with what changed. The row stays locked until the write is done, so that it cannot change in between."""
    of, row = (write.inside, target.letter) if write.inside else (write.of, target)
    besides = write.also_held(target, body) if write.also_held else ()
    locked = TARGETS[of].lock(row, [*_rows_in(body), *besides])
    now = shown(of, row.pk, request)
    if now is None:
        raise NotFound
    if not versions.matches(tags, versions.etag(of, now)):
        raise _changed(of, locked, tags, now, Problem("If-Match", "", request.headers["If-Match"]), request)


def _outdated(write: Write, target: Any, sent: Problem, request: Request) -> Refused:
    """The same of a version that stands in the body. What the verb held was let go of with its refusal: held again here."""
    of, row = (write.inside, target.letter) if write.inside else (write.of, target)
    now = shown(of, row.pk, request)
    if now is None:
        raise NotFound
    row = TARGETS[of].lock(row, [])
    return _changed(of, row, [f'"{sent.value}"'], now, Problem(pointer(write, sent.field), "", sent.value), request)


def _changed(of: str, row: Any, tags: list[str], now: dict, sent: Problem, request: Request) -> Refused:
    """412: who changed it since it was read, when, and what. `sent`: where it was said what was read."""
    what, changes = WHAT.get(of, "row"), difference(of, row, tags, now, Links(request))
    if of in versions.VERSIONED:
        events = events_about(row) if isinstance(row, Tasking) else row.events.all()
        said = last_change(events, what, moment=utc).replace("while you had it open", "since you read it")
    else:  # where it is known what changed, its newest version is of that change
        said = (said_of(of, row) if changes else "") or f"This {what} changed since you read it."
    look = "Look at “difference”, read it again," if changes else "Read it again"
    name = "ETag" if sent.field == "If-Match" else "version"
    message = versions.only_weak(tags) or f"{said} {look} and send what you still want with its new {name}."
    return Refused(
        412, message, problems=[Problem(sent.field, message, sent.value)], headers={"ETag": versions.etag(of, now)},
        more={"difference": [{"field": one.field, "then": one.then, "now": one.now} for one in changes]},
    )  # fmt: skip


def _answer(write: Write, made: Model | None, request: Request) -> HttpResponse:
    row = shown(write.answers, made.pk, request) if write.answers and made is not None else None
    if row is None:
        nothing = HttpResponse(status=204, headers={"Cache-Control": "no-store"})
        del nothing.headers["Content-Type"]  # of no body
        return nothing
    response = json_response(row)
    response.headers["ETag"] = versions.etag(write.answers, row)
    if write.creates:
        response.status_code = 201
        response.headers["Location"] = row["url"]
    return response
