"""Writing through the API: read the body, find the row, ask what the consumer saw, call one verb, answer the row as it is.

What there is to write is data (`letters.api.writes`); whether it may be done, and what happens, is the verb's alone.
"""

from collections.abc import Callable, Iterator, Mapping
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
from letters.api.links import Links
from letters.api.paging import json_response
from letters.api.problems import Refused
from letters.api.reading import JSON, MULTIPART, Sent, read_sent
from letters.api.resources import SOURCES, TARGETS, WRITTEN
from letters.domain import differences
from letters.domain.history import acting, events_about, last_change
from letters.enums import Scope
from letters.errors import NotAllowed, Problem, RecordError, StaleVersion
from letters.models import Tasking, User

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
    fields: Mapping[str, str] = field(
        default_factory=dict
    )  # the verb's words for a field, where they differ from the body's
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
    body = _body(write, sent)
    consumer = request.user

    def run() -> HttpResponse:
        with transaction.atomic(), acting(consumer.user, why=f"{write.method} {request.path}", key=consumer.name):
            try:
                if tags is not None:
                    _refuse_if_changed(write, target, body, tags, request)
                made = write.do(Call(consumer.user, target, body, sent))
            except (NotAllowed, StaleVersion):
                raise
            except ObjectDoesNotExist as error:
                if target is None or type(target).objects.filter(pk=target.pk).exists():
                    raise
                raise NotFound from error  # somebody took it away after it was found above
            except RecordError as error:
                problems = [Problem(pointer(write, one.field), one.message, one.value) for one in error.problems]
                raise Refused(422, str(error), code="refused", problems=problems) from error
            return _answer(write, made, request)

    if not name:
        return run()
    return idempotency.once(request.auth, name, _mark(write, request, sent), run)


def _sent(write: Write, request: Request) -> Sent:
    return read_sent(request, MULTIPART if write.uploads else JSON, optional=write.body.is_optional)


def _mark(write: Write, request: Request, sent: Sent) -> str:
    return idempotency.fingerprint(write.method, request.path, request.headers.get("If-Match", ""), *sent.marks)


def _done_before(write: Write, request: Request) -> HttpResponse:
    """The kept answer of a write that took its own row away: a draft sent or given up is none. Raises 404 without one,
    and where what it answered is no longer this key's to see."""
    name = idempotency.name_of(request)
    kept = idempotency.kept(request.auth, name, _mark(write, request, _sent(write, request))) if name else None
    if kept is None or (kept.content and shown(write.answers, orjson.loads(kept.content)["id"], request) is None):
        raise NotFound
    return kept


def pointer(write: Write, name: str) -> str:
    """Where in the body a field of the verb is: `promised_on` is /promised_on. What is in no body keeps its name."""
    name = write.fields.get(name, name)
    if name.startswith("/"):  # a plan's own key: /asks/0-summary
        place, _, inner = name.partition("-")
        inner = (
            "responsible" if "-" in inner else write.fields.get(inner, inner)
        )  # /asks/0-treasury-agency: one of its agencies
        return f"{place}/{inner}" if inner else place
    return f"/{name}" if name.partition("/")[0] in write.body.fields else name


def shown(resource: str, key: Any, request: Request) -> dict | None:
    """A row as its own address answers it, or None where a key sees none."""
    source = SOURCES[resource][Scope.OFFICE]
    row = source.find(key, WRITTEN[resource]() if resource in WRITTEN else None)
    if row is None:
        return None
    links = Links(request)
    (one,) = source.build([row], links)
    return source.detail(row, one, links) if source.detail else one


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
    locked = TARGETS[of].lock(row, _rows_in(body))
    now = shown(of, row.pk, request)
    if now is None:
        raise NotFound
    current = versions.etag(of, now)
    if versions.matches(tags, current):
        return
    what = WHAT.get(of, "row")
    if isinstance(locked, Tasking):
        said = last_change(events_about(locked), what)
    else:
        events = getattr(locked, "events", None)
        said = last_change(events.all(), what) if events is not None else f"This {what} changed since you read it."
    said = said.replace("while you had it open", "since you read it")
    seen = versions.seen(tags)
    changes = differences.since(locked, seen) if seen is not None and of in versions.VERSIONED else []
    message = (
        versions.only_weak(tags)
        or f"{said} Look at “difference”, read it again, and send what you still want with its new ETag."
    )
    raise Refused(
        412, message, problems=[Problem("If-Match", message, request.headers["If-Match"])], headers={"ETag": current},
        more={"difference": [{"field": one.field, "then": one.then, "now": one.now} for one in changes]},
    )  # fmt: skip


def _answer(write: Write, made: Model | None, request: Request) -> HttpResponse:
    row = shown(write.answers, made.pk, request) if write.answers and made is not None else None
    if row is None:
        return HttpResponse(status=204, headers={"Cache-Control": "no-store"})
    response = json_response(row)
    response.headers["ETag"] = versions.etag(write.answers, row)
    if write.creates:
        response.status_code = 201
        response.headers["Location"] = row["url"]
    return response
