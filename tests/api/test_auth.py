"""Who may read: keys by scope, people who are signed in, nobody else."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from letters.api.authentication import CHALLENGE
from letters.api.scopes import SCOPES
from letters.domain.history import acting
from letters.enums import Access, Scope, SystemProcess
from letters.models import ApiKey
from tests.api.conftest import Reader
from tests.factories import sent


def test_the_scopes_as_printed():
    both = (Scope.OFFICE, Scope.RELEASED)
    assert {
        "letters": both,
        "taskings": both,
        "agencies": both,
        "legislators": both,
        "targets": both,
        "responses": (Scope.OFFICE,),
        "evidence": (Scope.OFFICE,),
        "contacts": (Scope.OFFICE,),
        "notes": (Scope.OFFICE_WRITE,),
        "attachments": (Scope.OFFICE,),
        "officials": (Scope.OFFICE,),
        "kinds": (Scope.OFFICE,),
        "closures": (Scope.OFFICE,),
        "statutes": (Scope.OFFICE,),
        "drafts": (Scope.OFFICE_WRITE,),
        "events": both,
    } == SCOPES


@pytest.mark.parametrize("name", SCOPES)
def test_without_a_key_401_and_how_to_get_in(seed, nobody, name):
    answer = nobody.get(f"{name}/")
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, CHALLENGE)
    assert answer.body["detail"].startswith("Authorization: no key was sent. Send “Authorization: Bearer KEY”")
    assert nobody.get(f"{name}/00000000-0000-4000-8000-000000000000/").status == 401


@pytest.mark.parametrize("key", ["x", "a" * 43, "a" * 5000, "é" * 43, "' OR 1=1 --", "a b"])
def test_a_wrong_key_is_401_even_for_somebody_signed_in(seed, viewer, key):
    client = Client()
    client.force_login(viewer)
    for reader in (Reader(), Reader(client=client)):
        answer = reader.get("letters/", Authorization=f"Bearer {key}")
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, f'{CHALLENGE}, error="invalid_token"')


@pytest.mark.parametrize("header", ["Basic dXNlcjpwYXNz", "Bearer", "", "Token abc"])
def test_another_scheme_is_no_key(seed, nobody, header):
    assert nobody.get("letters/", Authorization=header).status == 401


@pytest.mark.parametrize("ended", ["revoked_at", "expires_at"])
def test_a_revoked_or_expired_key_is_unknown(seed, office, ended):
    assert office.get("letters/").status == 200
    with acting(SystemProcess.COMMAND):
        ApiKey.objects.update(**{ended: timezone.now() - dt.timedelta(seconds=1)})
    assert office.get("letters/").status == 401


def test_a_released_key_is_told_which_scope_replies_need(seed, public):
    answer = public.get("responses/")
    assert (answer.status, answer.body["type"]) == (403, "http://testserver/api/docs/#problem-wrong-scope")
    assert answer.body["detail"] == (
        "responses: this key’s scope is “released”, and only keys of scope “office” may read them. "
        "Ask the office for such a key, or leave them out."
    )
    assert public.get("responses/00000000-0000-4000-8000-000000000000/").status == 403


@pytest.mark.parametrize("role", ["viewer", "staff", "manager", "admin"])
def test_somebody_signed_in_reads_what_an_office_key_reads(request, seed, office, role):
    client = Client()
    client.force_login(request.getfixturevalue(role))
    hidden = sent(access=Access.RESTRICTED)
    signed_in = Reader(client=client)
    for name in SCOPES:
        assert signed_in.get(f"{name}/").body == office.get(f"{name}/").body
    # managers see restricted letters on pages; here nobody does
    assert signed_in.get(f"letters/{hidden.pk}/").status == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_reading_is_all_there_is(seed, office, method):
    response = getattr(office.client, method)("/api/v1/letters/", headers={"Authorization": f"Bearer {office.key}"})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    assert response.json()["detail"].endswith("/letters/ does not take it. Use one of: GET, HEAD.")


def test_head_answers_without_a_body(seed, office):
    response = office.client.head("/api/v1/letters/", headers={"Authorization": f"Bearer {office.key}"})
    assert (response.status_code, response.content) == (200, b"")
