"""Hostile requests made from the OpenAPI document, with every check that schemathesis knows."""

import re

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from letters.api.parameters import CURSOR, SLUG
from letters.api.schema import document
from tests.factories import item, reply

# What a document cannot say: which slugs there are. One that is made up is refused, and rightly.
KNOWN = {
    "agency": "treasury",
    "acting": "ofac",
    "kind": "sanction",
    "signatory": "H000601",
    "target": "huawei-cloud",
    "topic": "china",
}


@pytest.fixture
def app(db):
    """The site as a server runs it, but for closing connections: the test's transaction is on one."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def keys(seed, office, public, settle):
    reply(item(released=True))
    settle()
    return {"office": office.key, "released": public.key}


@pytest.mark.parametrize("scope", ["office", "released"])
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", list(document()["paths"]))
def test_no_request_made_from_the_document_breaks_the_api(app, keys, path, mode, scope):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operation = schema[path]["GET"]
    headers = {"Authorization": f"Bearer {keys[scope]}"}

    @settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        _make_known(case.query)
        case.call_and_validate(headers=headers)

    ask()


def _make_known(query: dict) -> None:
    for name in list(query):
        value = query[name]
        if not isinstance(value, str):
            continue
        if name in KNOWN and SLUG.fullmatch(value):
            query[name] = KNOWN[name]
        if name in ("cursor", "after") and re.fullmatch(CURSOR, value):
            del query[name]  # well-formed, but given out by nobody
