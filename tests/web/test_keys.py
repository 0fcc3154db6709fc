"""API keys on a page: made and shown once, listed with their story, revoked after a question."""

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client

from letters.domain.keys import create_key, find_key, note_use
from letters.enums import SystemProcess
from letters.models import ApiKey, ApiKeyUse
from tests import factories

FACTS = {"name": "TEST report", "scope": "office"}


@pytest.fixture
def keeper(admin) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def cells(page: str) -> list[list[str]]:
    rows = re.findall(r"<tr data-row>(.*?)</tr>", page, re.S)
    return [
        [re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in rows
    ]


def test_a_new_key_is_shown_once_and_works(keeper):
    answer = keeper.post("/keys/", FACTS)
    (key,) = re.findall(r'<code class="secret">([^<]+)</code>', answer.content.decode())
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    assert find_key(key).name == "TEST report"
    assert key not in keeper.get("/keys/").content.decode()
    assert Client().get("/api/v1/letters/", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_the_list_says_what_each_may_who_made_it_and_when_it_was_used(keeper, admin, staff):
    with time_machine.travel("2026-12-01T15:20:00-05:00", tick=False):
        keeper.force_login(admin)
        keeper.post(
            "/keys/", {"name": "TEST writer", "scope": "office:write", "user": "staff", "expires_on": "2026-12-24"}
        )
        create_key("TEST command", scope="released", by=SystemProcess.COMMAND)
        note_use(ApiKey.objects.get(name="TEST writer"))
        page = keeper.get("/keys/").content.decode()
    assert [row[:5] for row in cells(page)] == [
        ["TEST command", "Public letters only", f"December 1, 2026, by {SystemProcess.COMMAND.label}", "never", "it is revoked"],
        ["TEST writer", "Read and change everything but restricted letters, as staff", "December 1, 2026, by admin", "December 1, 2026, about 3 p.m.", "the end of December 24, 2026"],
    ]  # fmt: skip


def test_a_key_works_to_the_end_of_its_last_day(reference, admin):
    with time_machine.travel("2026-12-01T15:20:00-05:00", tick=False):
        key = create_key("TEST", scope="office", by=admin, expires_on=dt.date(2026, 12, 24))
    with time_machine.travel("2026-12-24T23:59:59-05:00", tick=False):
        assert find_key(key).name == "TEST"
    with time_machine.travel("2026-12-25T00:00:00-05:00", tick=False):
        assert find_key(key) is None


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"name": ""}, "The key’s name is missing. Say whose key it is."),
        ({"scope": "nonsense"}, "Select a valid choice. nonsense is not one of the available choices."),
        ({"scope": "office:write"}, "A key that writes does so in somebody’s name."),
        ({"expires_on": "2020-01-01"}, "The last day (January 1, 2020) is before today ("),
        ({"expires_on": "soon"}, "“soon” is not a date. Write it as 2023-05-24, 05/24/2023 or May 24, 2023."),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(keeper, facts, words):
    answer = keeper.post("/keys/", FACTS | facts)
    page = answer.content.decode()
    assert (answer.status_code, words in page, ApiKey.objects.count()) == (422, True, 0)
    for value in facts.values():
        assert value in page


def test_revoking_asks_first_and_ends_the_key_at_once(keeper, admin):
    secret = create_key("TEST report", scope="office", by=admin)
    key = ApiKey.objects.get()
    page = keeper.get(f"/keys/{key.pk}/revoke/").content.decode()
    assert "Revoke the key “TEST report”?" in page
    assert find_key(secret) is not None
    assert keeper.post(f"/keys/{key.pk}/revoke/")["Location"] == "/keys/"
    assert find_key(secret) is None
    page = keeper.get("/keys/").content.decode()
    assert "“TEST report” works no longer." in page
    assert cells(page)[0][4].startswith("revoked on ")
    keeper.post(f"/keys/{key.pk}/revoke/")
    assert "“TEST report” was revoked already; nothing is left to do." in keeper.get("/keys/").content.decode()
    assert key.history.order_by("-pgh_id").first().pgh_context["user"] == str(admin.pk)


@pytest.mark.parametrize("role", ["viewer", "staff", "manager"])
def test_keys_are_for_administrators(reference, role):
    client = Client()
    client.force_login(factories.user(role))
    assert [client.get("/keys/").status_code, client.post("/keys/", FACTS).status_code] == [403, 403]
    assert "/keys/" not in client.get("/").content.decode()


def test_who_keeps_them_finds_them_in_the_menu(keeper):
    assert '<a href="/keys/">API keys</a>' in keeper.get("/").content.decode()


@pytest.mark.parametrize("keys", [1, 3])
def test_the_page_costs_the_same_with_one_key_and_with_three(keeper, admin, django_assert_num_queries, keys):
    for number in range(keys):
        create_key(f"TEST {number}", scope="office", by=admin)
    keeper.get("/keys/")  # that the session was used is noted once in five minutes
    with django_assert_num_queries(8):
        assert len(cells(keeper.get("/keys/").content.decode())) == keys


def test_use_is_kept_to_the_hour_and_written_once_an_hour(reference, admin, django_assert_num_queries):
    secret = create_key("TEST", scope="office", by=admin)
    for moment, writes in (("12:10", 1), ("12:50", 0), ("13:00", 1)):
        with time_machine.travel(f"2026-12-01T{moment}:00Z", tick=False):
            key = find_key(secret)
            with django_assert_num_queries(writes):
                note_use(key)
    assert ApiKeyUse.objects.get().last_used_at == dt.datetime(2026, 12, 1, 13, tzinfo=dt.UTC)
