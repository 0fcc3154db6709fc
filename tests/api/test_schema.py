"""The OpenAPI document: valid, complete, and true of real answers to the last field."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from letters.api.about import ABOUT
from letters.api.schema import document, examples
from letters.api.scopes import SCOPES
from letters.api.views import SOURCES
from letters.enums import Scope
from tests.api.shape_checks import check
from tests.factories import evidence, item, reply


def test_the_document_is_valid(nobody):
    answer = nobody.get("openapi.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.body["openapi"] == "3.1.0"
    assert [str(error) for error in OpenAPIV31SpecValidator(answer.body).iter_errors()] == []


def test_every_resource_is_in_it_with_auth_problems_and_an_example_for_each_scope():
    paths = document()["paths"]
    of_resources = [path for name in SCOPES for path in (f"/api/v1/{name}/", f"/api/v1/{name}/{{id}}/")]
    assert sorted(paths) == sorted([*of_resources, "/api/v1/snapshot/"])
    for path, methods in paths.items():
        assert list(methods) == ["get"]
        operation, name = methods["get"], path.split("/")[3].replace("snapshot", "events")
        assert operation["security"] == [{"bearer": []}]
        problems = ["400", "401", "403", "406", "429", "500"]
        problems += ["404"] if path.endswith("{id}/") else []
        problems += ["410"] if path == "/api/v1/events/" else []
        assert sorted(operation["responses"]) == ["200", *sorted(problems)]
        shown = operation["responses"]["200"]["content"]["application/json"]["examples"]
        assert len(shown) == len(SCOPES[name])
        assert all(parameter["description"] for parameter in operation["parameters"])


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
    settle()


@pytest.mark.parametrize("scope", ["office", "released"])
@pytest.mark.parametrize("name", SCOPES)
def test_real_answers_have_exactly_the_fields_described(all_kinds, office, public, name, scope):
    reader = {"office": office, "released": public}[scope]
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
        check(examples()[name], "Problem")
        return
    if resource == "snapshot":
        check(examples()[name], {"office": "Snapshot", "released": "PublicSnapshot"}[scope[0]])
        return
    shapes = ABOUT[resource].office if scope == ["office"] else ABOUT[resource].public
    check(examples()[name], f"{shapes[0].__name__}Page" if place == "list" else shapes[1].__name__)
