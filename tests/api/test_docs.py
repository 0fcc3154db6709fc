"""The docs page: open to all, complete, and its examples run."""

import html
import os
import re
import subprocess
import sys
import uuid

import pytest
from django.conf import settings

from letters.api.docs import STEPS, parts, resources
from letters.api.problems import KINDS
from letters.api.schema import document
from letters.api.scopes import SCOPES
from letters.domain.keys import create_key
from letters.enums import EventKind, Scope, SystemProcess
from letters.models import FeedEntry, Tasking
from tests.factories import user


@pytest.fixture
def docs_page(client, reference) -> str:
    response = client.get("/api/docs/")
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    return response.content.decode()


def test_it_is_read_without_signing_in_and_found_from_the_api(client, docs_page):
    assert "<h1>The API</h1>" in docs_page
    assert client.get("/api/")["Location"] == "/api/docs/"
    assert client.get("/api/v1/").json()["docs"] == "http://testserver/api/docs/"


def test_the_guide_names_every_kind_of_event_that_a_follower_meets():
    guide = (settings.BASE_DIR / "docs" / "api.md").read_text()
    drafts = {EventKind.LETTER_DRAFTED, EventKind.LETTER_EDITED, EventKind.LETTER_DISCARDED}  # in no stream
    in_short = re.compile("(answer|evidence)_(released|withdrawn)")  # “and the same with”
    named = [kind.value for kind in EventKind if kind not in drafts and not in_short.fullmatch(kind)]
    assert [kind for kind in named if f"`{kind}`" not in guide] == []


def test_every_address_parameter_field_and_problem_is_on_it(docs_page):
    names = set(re.findall(r'<th scope="row"><code>([\w-]+)</code>', docs_page))
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            assert f"<code>{method.upper()} {path}</code>" in docs_page
            if method == "get" and path.count("/") < 6:
                assert {one["name"] for one in operation["parameters"]} <= names
    public_only = {"AnyLetterDetail"}
    for name, schema in document()["components"]["schemas"].items():
        if (
            "properties" in schema
            and not name.endswith("Page")
            and name
            not in {
                *public_only,
                "Problem",
                "ExpiredProblem",
                "FieldProblem",
                "Difference",
                "Vocabulary",
            }
        ):
            assert set(schema["properties"]) <= names
    ids = set(re.findall(r'id="([\w-]+)"', docs_page))
    assert {*SCOPES, *(f"problem-{code}" for code in KINDS), *(f"part-{name}" for name, _ in parts())} <= ids
    # no link leads nowhere
    assert {target for target in re.findall(r'href="#([\w-]+)"', docs_page) if target not in ids} == set()


def test_each_address_has_an_example_for_each_scope():
    for resource in resources():
        for address in resource.addresses:
            assert {scope for scope, _ in address.answers} == {scope.value for scope in SCOPES[resource.name]}


def test_no_script_or_style_of_its_own(docs_page):
    assert re.findall(r"<style|style=\"|<script(?! src=)", docs_page) == []


@pytest.mark.parametrize(("words", "path"), STEPS)
def test_the_five_minutes_run(seed, office, nobody, docs_page, settle, words, path):
    settle()
    command = f'curl -H "Authorization: Bearer $KEY" "http://testserver/api/v1/{path}"' if path else (
        'curl "http://testserver/api/v1/"'
    )  # fmt: skip
    assert command in html.unescape(docs_page)
    answer = (office if path else nobody).get(path)
    assert answer.status == 200
    assert answer.body.get("results") != []


def test_the_programs_run_with_no_more_than_the_page_says_to_set(docs_page):
    guide = (settings.BASE_DIR / "docs" / "api.md").read_text()
    for text in (html.unescape(docs_page), guide):
        set_by_reader = set(re.findall(r"^(?:.*<code>)?export (\w+)=", text, re.M))
        assert set(re.findall(r"""os\.environ\[["'](\w+)["']\]""", text)) == set_by_reader == {"KEY"}
        assert set(re.findall(r'os\.environ\.get\("(\w+)", "http:', text)) == {"TRACKER_URL"}
    assert "<code>TRACKER_URL</code> (such as" in docs_page


@pytest.mark.django_db(transaction=True)
def test_the_follower_runs_and_continues_where_it_stopped(live_server, seed, client, tmp_path):
    text = client.get("/api/docs/").content.decode()
    code = html.unescape(re.search(r'id="follower"><code>(.*?)</code>', text, re.S)[1])
    key = create_key("TEST follower", scope=Scope.OFFICE, by=SystemProcess.COMMAND)

    def follow() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
            env=os.environ | {"KEY": key, "TRACKER_URL": live_server.url},
        )  # fmt: skip
        return [line.split()[2] for line in done.stdout.splitlines()]

    in_order = FeedEntry.objects.filter(stream="office").order_by("position").values_list("event", flat=True)
    assert [uuid.UUID(one) for one in follow()] == list(in_order)
    assert follow() == []


@pytest.mark.django_db(transaction=True)
def test_the_round_runs_and_leaves_what_it_says(live_server, reference, client, tmp_path):
    text = client.get("/api/docs/").content.decode()
    code = html.unescape(re.search(r'id="round"><code>(.*?)</code>', text, re.S)[1])
    key = create_key("TEST round", scope=Scope.OFFICE_WRITE, by=SystemProcess.COMMAND, user=user())
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
        env=os.environ | {"KEY": key, "TRACKER_URL": live_server.url},
    )  # fmt: skip
    first, last = done.stdout.splitlines()
    assert first.startswith("no reply recorded -> receipt acknowledged, looking into it, ")
    assert last == "considering"
    tasking = Tasking.objects.get()
    assert (tasking.status, tasking.notes.get().by.username, tasking.answers.get().said) == (
        "considering",
        "staff",
        "looking",
    )
