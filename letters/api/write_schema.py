"""The writes in the OpenAPI document: made from the same tables that read requests."""

from typing import Any

from letters import enums
from letters.api import record_schema
from letters.api.about import ABOUT
from letters.api.answered import examples
from letters.api.bodies import Code
from letters.api.body_schema import components
from letters.api.problems import KINDS, MEDIA_TYPE
from letters.api.resources import SOURCES
from letters.api.vocabulary import vocabulary
from letters.api.writes.all import WRITES
from letters.api.writing import WHAT, Write
from letters.enums import Scope

ETAG = {"ETag": {"description": "Of the row as it is now.", "schema": {"type": "string"}}}
ALWAYS = (
    "bad-request",
    "unauthorized",
    "forbidden",
    "not-acceptable",
    "at-work",
    "too-many-requests",
    "server-error",
    "busy",
)
ID = {
    "name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"},
    "description": "The `id` of the row that is written to.",
}  # fmt: skip
IDEMPOTENCY = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    "description": "A name of yours for this write, a UUID for example. Sent again with the same body within 24 hours, it is "
    "answered again (`Idempotency-Replayed: true`) and not done again.",
}  # fmt: skip
MATCH_PATTERN = r'^(\*|(W/)?"[0-9]{1,9}(-[0-9a-f]{12})?(-(gzip|zstd|br))?")$'


def operation(write: Write) -> dict[str, Any]:
    """One write as OpenAPI has it."""
    parameters = [ID] if write.of else []
    if write.takes_match:
        parameters.append(_match(write))
    about = f"{write.about} {_right(write)}".strip()
    described: dict[str, Any] = {
        "operationId": write.name,
        "summary": write.summary,
        "description": about,
        "tags": [tag_of(write)],
        "security": [{"bearer": []}],
        "parameters": [*parameters, IDEMPOTENCY],
        "responses": dict(sorted(_responses(write).items())),
    }
    if write.uploads:
        form = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
        described["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    elif write.body.fields:
        content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{write.body.name}"}}
        if write.example:
            content["examples"] = {"example": {"value": dict(write.example)}}
        described["requestBody"] = {"required": not write.body.is_optional, "content": {"application/json": content}}
    return described


def tag_of(write: Write) -> str:
    """The resource whose chapter tells of it."""
    head = write.path.partition("/")[0]
    return {
        "asks": "drafts",
        "links": "letters",
        "addressees": "letters" if not write.inside else write.inside,
        "signatures": "drafts",
        "follow-ups": "letters",
        "answers": "responses",
    }.get(head, head)


def _right(write: Write) -> str:
    who = {
        "edit": "staff who may change the letter",
        "restrict": "managers, and staff whom the letter names",
        "release": "managers",
        "administer": "administrators",
    }
    return f"For keys of {who[write.right]}."


def _match(write: Write) -> dict[str, Any]:
    must = "Needed:" if write.needs_match else "If you send it:"
    row = f"{WHAT[write.inside]} it belongs to" if write.inside else "row"
    return {
        "name": "If-Match", "in": "header", "required": write.needs_match,
        "schema": {"type": "string", "pattern": MATCH_PATTERN},
        "description": f"{must} the `ETag` of the {row} as you read it. Where somebody changed it since, the answer is 412 with "
        "what changed. `*` overwrites whatever stands.",
    }  # fmt: skip


def _responses(write: Write) -> dict[str, Any]:
    kinds = [*ALWAYS, "too-large", "length-required", "refused"]
    if write.of:
        kinds.append("not-found")
    if write.takes_match or "version" in write.body.fields:
        kinds.append("changed")
    if write.needs_match:
        kinds.append("match-required")
    if write.body.fields or write.uploads:
        kinds.append("unsupported-media-type")
    found: dict[str, Any] = {}
    for kind in kinds:
        found |= problem(kind)
    found["409"]["headers"] = {
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
    }
    for status, kind in (("403", "wrong-scope"), ("422", "key-used")):
        found[status]["description"] += f" Or: {KINDS[kind][1]}. {KINDS[kind][2]}"
        found[status]["content"][MEDIA_TYPE]["examples"] |= _example(kind)
    found |= _success(write)
    return found


def _success(write: Write) -> dict[str, Any]:
    if not write.answers:
        return {"204": {"description": "Done; there is nothing to show."}}
    shape = ABOUT[write.answers].office[1].__name__
    headers = dict(ETAG)
    if write.creates:
        headers["Location"] = {"description": "Where the new row is.", "schema": {"type": "string", "format": "uri"}}
    body = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}}, "headers": headers}
    if write.creates:
        return {"201": {"description": "Made; the new row.", **body}}
    return {"200": {"description": "Done; the row as it is now.", **body}}


def problem(kind: str) -> dict[str, Any]:
    """A refusal of this kind by its status, with one as it is answered."""
    status, title, way_out = KINDS[kind]
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        str(status): {
            "description": f"{title}. {way_out}",
            "content": {MEDIA_TYPE: {"schema": schema, "examples": _example(kind)}},
        }
    }


def _example(kind: str) -> dict[str, Any]:
    return {kind: {"value": value}} if (value := examples().get(f"problem.{kind}")) else {}


def _reading(name: str, summary: str, about: str, tag: str, answer: dict[str, Any], *, keyed: bool) -> dict[str, Any]:
    problems = problem("bad-request") | problem("not-acceptable") | problem("server-error")
    for kind in ("unauthorized", "busy", *(("forbidden", "not-found", "too-many-requests") if keyed else ())):
        problems |= problem(kind)
    return {
        "operationId": name, "summary": summary, "description": about, "tags": [tag],
        "security": [{"bearer": []}] if keyed else [{}, {"bearer": []}],
        "parameters": [ID | {"description": "The `id` of the row."}] if keyed else [],
        "responses": {"200": answer, **dict(sorted(problems.items()))},
    }  # fmt: skip


def _words() -> dict[str, Any]:
    pair = {
        "type": "object",
        "properties": {
            "code": {"type": "string"},
            "words": {"type": "string", "description": "As the screen says it."},
        },
        "required": ["code", "words"],
    }
    words = {"type": "array", "items": pair}
    properties = {name: words | _for_whom(name) for name in vocabulary(Scope.OFFICE)}
    return {"type": "object", "properties": properties, "required": list(vocabulary(Scope.RELEASED))}


def _for_whom(name: str) -> dict[str, str]:
    return {} if name in vocabulary(Scope.RELEASED) else {"description": "For keys of scope `office`."}


TRANSITIONS = {
    "type": "object",
    "properties": {
        "status": Code(choices=tuple(enums.Status.values)).schema(),
        "words": {"type": "string", "description": "As the screen says it."},
        "next": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "to": Code(choices=tuple(enums.Status.values)).schema(),
                    "words": {"type": "string"},
                    "needs": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "name": {"type": "string"},
                                "words": {"type": "string"},
                                "field": {
                                    "type": ["string", "null"],
                                    "description": "Where it goes in the body; null: it is recorded first, at an address of its own.",
                                },
                            },
                            "required": ["name", "words", "field"],
                        },
                    },
                },
                "required": ["to", "words", "needs"],
            },
        },
    },
    "required": ["status", "words", "next"],
}


def _record(answer: dict[str, Any]) -> dict[str, Any]:
    said = record_schema.RECORD_IS
    described = _reading("get_agency_record", "Get an agency’s reply record", said, "agencies", answer, keyed=True)
    return described | {"parameters": [*described["parameters"], *record_schema.filters()]}


def extras() -> dict[str, dict[str, Any]]:
    """The reads that are no rows."""

    def named(component: str) -> dict[str, Any]:
        schema = {"$ref": f"#/components/schemas/{component}"}
        return {"description": "What was asked for.", "content": {"application/json": {"schema": schema}}}

    file = {
        "description": "The bytes, as they were kept.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
    return {
        "/api/v1/taskings/{id}/transitions/": {
            "get": _reading("list_transitions", "List what may follow a status", "What may follow, and what each needs.",
                            "taskings", named("Transitions"), keyed=True)
        },
        "/api/v1/agencies/{id}/record/": {"get": _record(named("AgencyRecord"))},
        "/api/v1/attachments/{id}/download/": {
            "get": _reading("download_attachment", "Download a file", "For keys that see all that the file belongs to.",
                            "attachments", file, keyed=True)
        },
        "/api/v1/vocabulary/": {
            "get": _reading("get_vocabulary", "Every code with its words on screen",
                            "Open to all. The codes of filters, `filter_state` and so on, are those of the key’s scope; "
                            "without a key, of `released`.",
                            "vocabulary", named("Vocabulary"), keyed=False)
        },
    }  # fmt: skip


def add_to(document: dict[str, Any]) -> None:
    """Put the writes, and the reads that are no rows, into the document."""
    schemas = document["components"]["schemas"]
    schemas |= {
        "Transitions": TRANSITIONS,
        "AgencyRecord": record_schema.AGENCY_RECORD,
        "Vocabulary": _words(),
        **components(write.body for write in WRITES if write.body.fields),
    }
    paths = document["paths"]
    for path, methods in extras().items():
        paths.setdefault(path, {}).update(methods)
    for write in WRITES:
        paths.setdefault(f"/api/v1/{write.path}", {})[write.method.lower()] = operation(write)
    for name in SOURCES:
        detail = paths[f"/api/v1/{name}/{{id}}/"]["get"]
        detail["responses"]["200"]["headers"] = dict(ETAG)
