"""The OpenAPI 3.1 document: made from the same tables that check requests, and from the shapes of answers."""

import hashlib
from functools import cache

import orjson
from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    inline_serializer,
)
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.serializers import CharField, Serializer, URLField

from letters.api import feed_schema, parameters, throttles, write_schema
from letters.api.about import ABOUT, INTRODUCTION, SNAPSHOT
from letters.api.answered import examples
from letters.api.open import OpenView
from letters.api.paging import not_modified, private
from letters.api.parameters import Parameter
from letters.api.problems import KINDS, MEDIA_TYPE
from letters.api.shapes.office import Snapshot
from letters.api.shapes.parts import ExpiredProblem, Problem
from letters.api.shapes.public import PublicSnapshot

LISTED_PROBLEMS = (
    "bad-request",
    "unauthorized",
    "forbidden",
    "not-acceptable",
    "too-many-requests",
    "server-error",
    "busy",
)


class Operation(AutoSchema):
    """One GET, described from its view's `resource`, `parameters` and place (list, detail or feed)."""

    @property
    def follows(self) -> bool:
        """Whether it reads a cursor of the feed."""
        return any(one.name == "after" for one in getattr(self.view, "parameters", ()))

    def get_operation_id(self) -> str:
        about = ABOUT[self.view.resource]
        return f"list_{about.many}" if self.view.is_list else f"get_{about.one}"

    def get_summary(self) -> str:
        about = ABOUT[self.view.resource]
        return f"List {about.many}" if self.view.is_list else f"Get one {about.one}"

    def get_description(self) -> str:
        about = ABOUT[self.view.resource]
        return about.listing if self.view.is_list else about.detail

    def get_tags(self) -> list[str]:
        return [self.view.resource]

    def get_auth(self) -> list[dict]:
        return [{"bearer": []}]

    def get_override_parameters(self) -> list[OpenApiParameter]:
        if not self.view.is_list:
            about = f"The `id` of the {ABOUT[self.view.resource].one}."
            return [
                OpenApiParameter("id", {"type": "string", "format": "uuid"}, "path", required=True, description=about),
                *(_parameter(one, for_office=False) for one in self.view.detail_parameters()),
            ]
        known, public = self.view.known_parameters()
        return [_parameter(one, for_office=one.name not in public) for one in known]

    def get_response_serializers(self) -> dict:
        shape = self._answer()
        kinds = [*LISTED_PROBLEMS]
        if not self.view.is_list:
            kinds.append("not-found")
        if self.follows:
            kinds.append("cursor-expired")
        return {
            (200, "application/json"): OpenApiResponse(
                shape, description="What was asked for.", examples=_examples(*self._example())
            ),
            **_problems(kinds),
        }

    def _example(self) -> tuple[str, str]:
        return self.view.resource, "list" if self.view.is_list else "detail"

    def _answer(self) -> Serializer:
        about = ABOUT[self.view.resource]
        shapes = [about.office] if about.public in (None, about.office) else [about.office, about.public]
        answers = [self._page(in_list) if self.view.is_list else detail() for in_list, detail in shapes]
        if len(answers) == 1:
            return answers[0]
        name = f"Any{answers[0].__class__.__name__.removesuffix('Serializer')}"
        return PolymorphicProxySerializer(name, answers, resource_type_field_name=None, many=False)

    def _page(self, shape: type[Serializer]) -> Serializer:
        fields = {
            "results": shape(many=True),
            "next": URLField(allow_null=True, help_text="Where more rows are; null on the last page."),
        }
        if self.view.resource == "events":
            fields["cursor"] = CharField(help_text="Send it as `after` to continue; always present.")
        return inline_serializer(f"{shape.__name__}Page", fields)

    def _is_list_view(self, serializer=None) -> bool:
        return False  # a page is an object


class SnapshotOperation(Operation):
    """The one address that gives everything at once."""

    def get_operation_id(self) -> str:
        return "get_snapshot"

    def get_summary(self) -> str:
        return "Take a snapshot to follow from"

    def get_description(self) -> str:
        return SNAPSHOT

    def get_override_parameters(self) -> list[OpenApiParameter]:
        return [_parameter(one, for_office=False) for one in self.view.parameters]

    def _example(self) -> tuple[str, str]:
        return "snapshot", "all"

    def _answer(self) -> Serializer:
        return PolymorphicProxySerializer(
            "AnySnapshot", [Snapshot(), PublicSnapshot()], resource_type_field_name=None, many=False
        )


def _problems(kinds: list[str]) -> dict:
    """Each as what a program gets and a person reads."""
    problems = {
        (KINDS[kind][0], MEDIA_TYPE): OpenApiResponse(
            ExpiredProblem if kind == "cursor-expired" else Problem,
            description=f"{KINDS[kind][1]}. {KINDS[kind][2]}",
            examples=_problem_example(kind),
        )
        for kind in kinds
    }
    return dict(sorted(problems.items()))


def _parameter(one: Parameter, *, for_office: bool) -> OpenApiParameter:
    about = f"{one.about} Keys of scope `office` only." if for_office else one.about
    return OpenApiParameter(
        one.name, one.schema(), "query", description=about,
        examples=[OpenApiExample(one.name, _example(one), parameter_only=(one.name, "query"))] if one.example else (),
        **({"style": "form", "explode": True} if one.many else {}),
    )  # fmt: skip


def _example(one: Parameter) -> str | int:
    return int(one.example) if one.kind == "integer" else one.example


def _examples(resource: str, place: str) -> list[OpenApiExample]:
    return [
        OpenApiExample(scope, value, summary=f"For a key of scope `{scope}`", response_only=True)
        for scope in ("office", "office:write", "released")
        if (value := examples().get(f"{resource}.{place}.{scope}"))
    ]


def _problem_example(kind: str) -> list[OpenApiExample]:
    value = examples().get(f"problem.{kind}")
    return [OpenApiExample(kind, value, response_only=True)] if value else []


RATE = {
    name: {"description": about, "schema": {"type": "integer", "minimum": least}}
    for name, (about, least) in throttles.TOLD.items()
}


def finish(result: dict, generator, request, public) -> dict:
    """drf-spectacular's last hook: what it has no setting for."""
    result["info"]["description"] = INTRODUCTION
    result["tags"] = [
        *({"name": name, "description": about.listing} for name, about in ABOUT.items()),
        {"name": "vocabulary", "description": "Every code with its words on screen, those of filters too."},
        {"name": "feeds", "description": feed_schema.FEEDS_ARE},
    ]
    components = result["components"]
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A key that the office gave you."}
    }
    _without_marks(result)
    for schema in components["schemas"].values():
        # an office row has all that a public one has, so it fits both
        if "oneOf" in schema:
            schema["anyOf"] = schema.pop("oneOf")
    write_schema.add_to(result)
    feed_schema.add_to(result)
    for methods in result["paths"].values():
        for operation in methods.values():
            if not operation["security"]:
                continue
            operation["responses"]["401"]["headers"] = {
                "WWW-Authenticate": {"description": "The challenge.", "schema": {"type": "string"}}
            }
            for status in {"429", "503"} & operation["responses"].keys():
                operation["responses"][status]["headers"] = {
                    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
                }
            if "429" in operation["responses"]:  # it is counted
                for status, response in operation["responses"].items():
                    if status[0] in "23" or status == "429":
                        response["headers"] = response.get("headers", {}) | RATE
    return result


def _without_marks(part: object) -> None:
    """drf-spectacular marks enums for a later hook that we do not use."""
    if isinstance(part, dict):
        part.pop("x-spec-enum-id", None)
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            _without_marks(inner)


@cache
def document() -> dict:
    """The document, made once a process. Rendered without indent, which Python's encoder would write a word at a time."""
    return orjson.loads(JSONRenderer().render(SchemaGenerator().get_schema(request=None, public=True)))


class SchemaView(OpenView):
    """`GET /api/v1/openapi.json`."""

    def get(self, request: Request) -> HttpResponse:
        parameters.read(request, ())
        printed, tag = _printed()
        response = private(not_modified(request, tag) or HttpResponse(printed, content_type="application/json"))
        response.headers["ETag"] = tag
        return response


@cache
def _printed() -> tuple[bytes, str]:
    """It is the same for everybody, and long: written once a process, and sent to who has not got it."""
    printed = orjson.dumps(document())
    return printed, f'"{hashlib.sha256(printed).hexdigest()[:32]}"'
