"""Parts of a draft put in another order and taken out, through the API."""

import re

import pytest

from letters.domain import arranging, drafting
from letters.domain.history import acting
from letters.models import Ask, Question
from tests.api.conftest import writing
from tests.api.test_writes_letters import WHOLE
from tests.factories import SETUP, draft, target, user
from tests.factories import ask as add_ask

UNKNOWN = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def made(seed, writer):
    """A draft with two of each, and its address."""
    whole = WHOLE | {
        "asks": [*WHOLE["asks"], {"kind": "briefing", "summary": "TEST brief", "responsible": ["treasury"]}]
    }
    body = writer.post("drafts/", whole).body
    return body, f"drafts/{body['id']}/"


def arrange(writer, path, lists):
    """The draft's lists, sent with the tag of the draft as it is now."""
    return writer.post(f"{path}arrangement/", lists, If_Match=writer.get(path).headers["ETag"])


def version(writer, path):
    return writer.get(path).body["version"]


def ids(rows):
    return [row["id"] for row in rows]


def test_signers_addressees_and_asks_are_put_in_another_order(writer, made):
    draft, path = made
    turned = {name: ids(draft[name])[::-1] for name in ("signatures", "addressees", "asks")}
    tag = writer.get(path).headers["ETag"]
    answer = writer.post(f"{path}arrangement/", turned, If_Match=tag)
    assert answer.status == 200, answer.body
    assert {name: ids(answer.body[name]) for name in turned} == turned
    assert [one["number"] for one in answer.body["asks"]] == [1, 2, 3]
    assert answer.body["version"] == draft["version"] + 1
    # whoever read it before may not take out unseen what was added since
    assert writer.post(f"{path}arrangement/", turned, If_Match=tag).status == 412
    assert writer.post(f"{path}arrangement/", turned).status == 428
    assert writer.post(f"{path}send/").status == 201


def test_what_is_left_out_is_taken_out(writer, made):
    draft, path = made
    third = draft["asks"][2]
    answer = arrange(writer, path, {"asks": [third["id"]], "signatures": ids(draft["signatures"])[1:]})
    assert [(one["id"], one["number"]) for one in answer.body["asks"]] == [(third["id"], 1)]
    assert [one["bioguide"] for one in answer.body["signatures"]] == ["H000601"]
    treasury = draft["addressees"][0]
    answer = arrange(writer, path, {"addressees": [treasury["id"]]})
    assert ids(answer.body["addressees"]) == [treasury["id"]]
    # the next one comes after those that are left
    again = writer.post(f"{path}asks/", {"kind": "other", "summary": "TEST other"}).body["asks"]
    assert [one["number"] for one in again] == [1, 2]


def test_nobody_is_taken_out_whom_an_ask_is_put_to(writer, made):
    draft, path = made
    treasury, _ = draft["addressees"]
    assert writer.faults(f"{path}arrangement/", If_Match="*", body={"addressees": [treasury["id"]]}) == [
        422,
        *[
            (
                "/addressees",
                f"Ask {n} is put to Commerce, and the letter would no longer go there. "
                "Keep an addressee there, or take the agency out of the ask first.",
            )
            for n in (1, 2)
        ],
    ]
    for ask in draft["asks"][:2]:
        keep = [one["id"] for one in ask["taskings"] if one["agency"]["slug"] != "commerce"]
        answer = writer.post(f"asks/{ask['id']}/arrangement/", {"version": version(writer, path), "taskings": keep})
        assert answer.status == 200, answer.body
    assert arrange(writer, path, {"addressees": [treasury["id"]]}).status == 200
    assert len(writer.get(path).body["addressees"]) == 1


def test_what_an_ask_is_about_and_asks(writer, made):
    draft, path = made
    about, asks, _ = draft["asks"]
    slugs = [one["slug"] for one in about["targets"]]
    seen = version(writer, path)
    body = {"version": seen, "targets": ["alibaba-cloud", *slugs[::-1]]}
    answer = writer.post(f"asks/{about['id']}/arrangement/", body)
    assert [one["slug"] for one in answer.body["asks"][0]["targets"]] == ["alibaba-cloud", *slugs[::-1]]
    # whoever read it before may not take out unseen what was added since
    assert writer.post(f"asks/{about['id']}/arrangement/", body).status == 412
    answer = writer.post(f"asks/{about['id']}/arrangement/", {"version": seen + 1, "targets": slugs[1:]})
    assert [one["slug"] for one in answer.body["asks"][0]["targets"]] == slugs[1:]
    none = writer.faults(f"asks/{about['id']}/arrangement/", {"version": seen + 2, "targets": []})
    assert none == [
        422,
        ("/targets", "Sanction (SDN) needs the company, person or program it is about. Keep at least one, or take the whole ask out."),
    ]  # fmt: skip
    one, two = asks["questions"]
    body = {
        "version": seen + 2,
        "questions": [{"id": two["id"], "text": "TEST two, better?"}, {"text": "TEST new?"}, {"id": one["id"]}],
    }
    now = writer.post(f"asks/{asks['id']}/arrangement/", body).body["asks"][1]["questions"]
    assert [(q["number"], q["text"]) for q in now] == [(1, "TEST two, better?"), (2, "TEST new?"), (3, "TEST one?")]
    assert [q["id"] for q in now][::2] == [two["id"], one["id"]]
    left = writer.post(f"asks/{asks['id']}/arrangement/", {"version": seen + 3, "questions": [{"id": one["id"]}]}).body[
        "asks"
    ][1]
    assert [(q["number"], q["text"]) for q in left["questions"]] == [(1, "TEST one?")]
    assert left["taskings"] == asks["taskings"]


@pytest.mark.django_db(transaction=True)
def test_who_arranges_what_another_changed_is_told_what_that_was(reference):
    """By the version that the body names, as by the ETag that is sent."""
    staff, writer = user("staff"), writing(user("manager"))
    letter = draft(agencies=["treasury"])
    about = add_ask(letter, "treasury", targets=[target("TEST first")])
    path, where = f"drafts/{letter.pk}/", f"asks/{about.pk}/arrangement/"
    seen = writer.get(path)
    body = {"version": seen.body["version"], "targets": ["test-first"]}
    drafting.sign(letter, by=staff, printed_name="TEST Third")
    for sent_with, field, name in (
        ({}, "/version", "version"),
        ({"If_Match": seen.headers["ETag"]}, "If-Match", "ETag"),
    ):
        stale = writer.post(where, body, **sent_with)
        (fault,) = stale.body["errors"]
        assert (stale.status, fault["field"], stale.headers["ETag"]) == (412, field, writer.get(path).headers["ETag"])
        assert [one["field"] for one in stale.body["difference"]] == ["signatures"]
        assert [one["printed_name"] for one in stale.body["difference"][0]["now"]] == ["TEST Third"]
        assert fault["message"] == stale.body["detail"]
        assert re.fullmatch(
            r"staff changed this draft at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: draft edited\. "
            f"Look at “difference”, read it again, and send what you still want with its new {name}\\.",
            fault["message"],
        )


def test_what_cannot_be_arranged(writer, made, seed):
    draft, path = made
    about, asks, _ = draft["asks"]
    first = draft["signatures"][0]
    wrong = writer.faults(f"{path}arrangement/", If_Match="*", body={"signatures": [first["id"], UNKNOWN]})
    assert wrong == [
        400,
        ("/signatures/1", f"/signatures/1: “{UNKNOWN}” is nothing of this draft. GET the draft for its ids."),
    ]
    others = str(seed.signatures.first().pk)
    assert writer.faults(f"{path}arrangement/", If_Match="*", body={"signatures": [others]})[1][0] == "/signatures/0"
    twice = writer.faults(f"{path}arrangement/", If_Match="*", body={"signatures": [first["id"], first["id"]]})
    assert twice == [422, ("/signatures/1", "“TEST Signer” stands twice. Name it once.")]
    assert writer.faults(f"asks/{asks['id']}/arrangement/", {"version": draft["version"], "questions": [{}]})[1] == (
        "/questions/0/text", "A question is missing. Type it, or leave it out."
    )  # fmt: skip
    assert writer.faults(f"asks/{about['id']}/arrangement/", {"version": draft["version"], "targets": ["nope"]})[
        :1
    ] == [400]
    assert writer.post(f"{path}send/").status == 201
    assert writer.post(f"{path}arrangement/", {"signatures": []}).status == 404
    assert writer.get(f"letters/{draft['id']}/").body["signatures"] != []


def test_what_a_colleague_wrote_in_a_question_stays_when_it_moves(made):
    draft, _ = made
    ask = Ask.objects.get(pk=draft["asks"][1]["id"])
    one, two = ask.questions.order_by("number")
    with acting(SETUP):
        Question.objects.filter(pk=two.pk).update(text="TEST their words?")
    arranging.arrange_ask(ask, by=SETUP, questions=[arranging.Asked(two), arranging.Asked(one)])
    assert list(ask.questions.order_by("number").values_list("text", flat=True)) == ["TEST their words?", "TEST one?"]
