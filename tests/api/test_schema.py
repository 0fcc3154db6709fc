"""The OpenAPI document: valid, complete, and true of real answers to the last field."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from letters.api.about import ABOUT
from letters.api.answered import examples
from letters.api.body_schema import all_fields
from letters.api.feeds.about import FEEDS
from letters.api.schema import document
from letters.api.scopes import SCOPES
from letters.api.views import SOURCES
from letters.api.writes.all import WRITES
from letters.domain import drafting, items
from letters.domain.history import acting
from letters.enums import Scope
from letters.models import Attachment, Official
from tests.api.shape_checks import check
from tests.factories import SETUP, evidence, item, reply


def test_the_document_is_valid(nobody):
    answer = nobody.get("openapi.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.body["openapi"] == "3.1.0"
    assert [str(error) for error in OpenAPIV31SpecValidator(answer.body).iter_errors()] == []
    again = nobody.get("openapi.json", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.headers["ETag"]) == (304, answer.headers["ETag"])


READS = {*(f"/api/v1/{name}/" for name in SCOPES), *(f"/api/v1/{name}/{{id}}/" for name in SCOPES)}
EXTRAS = {
    "/api/v1/taskings/{id}/transitions/",
    "/api/v1/agencies/{id}/record/",
    "/api/v1/attachments/{id}/download/",
    "/api/v1/vocabulary/",
    "/api/v1/snapshot/",
    *(f"/feeds/{feed.name}" for feed in FEEDS),
}


def test_every_resource_is_in_it_with_auth_problems_and_an_example_for_each_scope():
    paths = document()["paths"]
    assert {path for path, methods in paths.items() if "get" in methods} == READS | EXTRAS
    for path in READS:
        operation, name = paths[path]["get"], path.split("/")[3]
        assert operation["security"] == [{"bearer": []}]
        problems = ["400", "401", "403", "406", "429", "500", "503"]
        problems += ["404"] if path.endswith("{id}/") else []
        problems += ["304"] if path.endswith("{id}/") and name != "events" else []
        problems += ["410"] if path == "/api/v1/events/" else []
        assert sorted(operation["responses"]) == ["200", *sorted(problems)]
        rate = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
        assert rate <= operation["responses"]["200"]["headers"].keys()
        shown = operation["responses"]["200"]["content"]["application/json"]["examples"]
        assert len(shown) == len(SCOPES[name])
        about = [parameter["description"] for parameter in operation["parameters"]]
        # a refusal prints it as the way out, so it does not go on a sentence about the row
        assert [one for one in about if not one or one.startswith(("Of ", "That "))] == []
    download = paths["/api/v1/attachments/{id}/download/"]["get"]["responses"]
    assert "ETag" in download["200"]["headers"]
    assert "304" in download


def codes_in(part, at: str = ""):
    """The values of each enum, by its place."""
    if isinstance(part, list):
        part = dict(enumerate(part))
    if isinstance(part, dict):
        if isinstance(part.get("enum"), list):
            yield at, {one for one in part["enum"] if one}
        for name, inner in part.items():
            yield from codes_in(inner, f"{at}/{name}")


def test_the_vocabulary_has_the_words_of_every_code(office):
    told = [{one["code"] for one in words} for words in office.get("vocabulary/").body.values()]
    found = list(codes_in(document()["components"]["schemas"]))
    assert len(found) > 50
    assert [at for at, codes in found if not any(codes <= known for known in told)] == []


def test_every_write_is_in_it_with_its_body_problems_and_an_example():
    paths = document()["paths"]
    found = {(method.upper(), path.removeprefix("/api/v1/")) for path, methods in paths.items() for method in methods}
    assert {(write.method, write.path) for write in WRITES} == {one for one in found if one[0] != "GET"}
    names = [operation["operationId"] for methods in paths.values() for operation in methods.values()]
    assert len(names) == len(set(names))
    for write in WRITES:
        operation = paths[f"/api/v1/{write.path}"][write.method.lower()]
        assert operation["summary"]
        assert operation["description"]
        assert {"400", "401", "403", "409", "413", "422", "429", "500", "503"} <= set(operation["responses"])
        assert ("404" in operation["responses"]) == bool(write.of)
        if write.body.fields and not write.body.is_optional:
            example = operation["requestBody"]["content"]["application/json"]["examples"]["example"]["value"]
            check(example, write.body.name)


def test_each_object_of_a_body_has_a_name_of_its_own():
    seen = {}
    for write in WRITES:
        for name, body in all_fields([write.body]).items():
            assert seen.setdefault(name, body.shape()) == body.shape()
    shapes = {
        shape.__name__ for about in ABOUT.values() for pair in (about.office, about.public or ()) for shape in pair
    }
    assert set(seen) & shapes == set()


@pytest.mark.parametrize("name", SCOPES)
def test_each_list_describes_the_parameters_it_reads(name):
    described = [one["name"] for one in document()["paths"][f"/api/v1/{name}/"]["get"]["parameters"]]
    if name == "events":
        assert described == ["after", "limit", "stream"]
    else:
        assert described == [one.name for one in SOURCES[name][Scope.OFFICE].parameters]
        for source in SOURCES[name].values():
            # each in words of the API, not only with the label of a form
            assert set(source.filters.base_filters if source.filters else ()) == set(source.about)


@pytest.fixture
def all_kinds(seed, settle):
    """Rows of every resource, with whatever is optional filled somewhere."""
    answered = item(kind_code="briefing", agencies=["treasury"], released=True, deadline_on=None)
    reply(answered, coverage=None)
    evidence(answered)
    drafting.draft_letter(by=SETUP, subject="TEST draft")
    items.log_contact(by=SETUP, agency=answered.agency, taskings=[answered], channel="call", outcome="TEST")
    items.add_note(by=SETUP, letter=answered.ask.letter, tasking=answered, text="TEST")
    with acting(SETUP):
        Official.objects.create(agency=answered.agency, name="TEST Official", title="TEST Secretary")
        Attachment.objects.create(letter=answered.ask.letter, name="TEST.pdf", file="x", size=1, sha256="x")
    settle()


@pytest.mark.parametrize("scope", ["office", "released"])
@pytest.mark.parametrize("name", SCOPES)
def test_real_answers_have_exactly_the_fields_described(all_kinds, writer, public, name, scope):
    reader = {"office": writer, "released": public}[scope]
    shapes = ABOUT[name].office if scope == "office" else ABOUT[name].public
    if shapes is None:
        assert reader.refused(f"{name}/") == [403]
        return
    page = reader.get(f"{name}/?limit=200").body
    assert page["results"]
    check(page, f"{shapes[0].__name__}Page")
    for row in page["results"][:3]:
        check(reader.get(row["url"]).body, shapes[1].__name__)


@pytest.mark.parametrize("name", sorted(examples()))
def test_the_examples_fit_their_shapes(name):
    resource, place, *scope = name.split(".")
    if resource == "problem":
        check(examples()[name], "ExpiredProblem" if place == "cursor-expired" else "Problem")
        return
    if resource == "snapshot":
        check(examples()[name], {"office": "Snapshot", "released": "PublicSnapshot"}[scope[0]])
        return
    shapes = ABOUT[resource].public if scope == ["released"] else ABOUT[resource].office
    check(examples()[name], f"{shapes[0].__name__}Page" if place == "list" else shapes[1].__name__)
