"""Made public part by part: the letter, a reply, what it says, evidence; and the status the public sees meanwhile."""

import datetime as dt

import pytest
from django.test import RequestFactory

from letters.api.links import Links
from letters.api.released.events import shown
from letters.domain import payloads, releases, replies, retractions, sending, workflow
from letters.domain.feed import follow
from letters.domain.reply_flow import Word, read_reply, record_reply
from letters.enums import Status
from letters.errors import NotAllowed
from letters.models import Answer, Letter, Response, Tasking
from tests import factories
from tests.domain.refusals import refused


def public(letter: Letter) -> dict:
    return payloads.public_letter(Letter.objects.get(pk=letter.pk))


def statuses(letter: Letter) -> list[str]:
    return [tasking["status"] for ask in public(letter)["asks"] for tasking in ask["taskings"]]


@pytest.fixture
def answered(reference, staff):
    """A public letter whose one item was answered by a reply that is not public."""
    item = factories.item(released=True, kind_code="briefing")
    response = replies.record_response(
        by=staff, agency=item.agency, kind="substantive", received_on=dt.date(2023, 5, 2), text="TEST reply",
        bearings=[replies.Bearing(item, coverage="full", quote="TEST we did it")],
    )  # fmt: skip
    workflow.close(Tasking.objects.get(pk=item.pk), to=Status.ANSWERED, by=staff)
    return Letter.objects.get(pk=item.ask.letter_id), response, response.answers.get()


def test_a_status_that_rests_on_a_reply_shows_the_last_public_one(answered, manager):
    letter, response, answer = answered
    assert (statuses(letter), public(letter)["replies"]) == (["awaiting"], [])
    releases.release_part(response, by=manager)
    # the reply is public, what it says about the item is not: neither is the status
    assert (statuses(letter), public(letter)["replies"][0]["answers"]) == (["awaiting"], [])
    releases.release_part(answer, by=manager)
    assert statuses(letter) == ["answered"]
    assert public(letter)["replies"] == [
        {
            "id": str(response.pk), "agency": "treasury", "kind": "substantive", "channel": "letter", "sent_on": None,
            "received_on": "2023-05-02", "responder": "", "text": "TEST reply",
            "answers": [
                {
                    "id": str(answer.pk), "reply": str(response.pk), "tasking": str(answer.tasking_id),
                    "coverage": "full", "stance": "unknown", "quote": "TEST we did it", "page": "",
                }
            ],
        }
    ]  # fmt: skip


def test_a_second_reply_that_is_not_public_keeps_the_status_inside(reference, staff, manager):
    item = factories.item(released=True)
    first, second = factories.reply(item, by=staff), factories.reply(item, by=staff, kind="declination")
    workflow.close(Tasking.objects.get(pk=item.pk), to=Status.DECLINED, by=staff)
    for part in (first, first.answers.get()):
        releases.release_part(part, by=manager)
    assert statuses(item.ask.letter) == ["awaiting"]
    for part in (second, second.answers.get()):
        releases.release_part(part, by=manager)
    assert statuses(item.ask.letter) == ["declined"]


def test_an_acknowledgement_that_is_not_public_does_not_hide_a_public_refusal(reference, staff, manager):
    item = factories.item(released=True)
    factories.reply(item, by=staff, kind="acknowledgement")
    refusal = factories.reply(item, by=staff, kind="declination")
    workflow.close(Tasking.objects.get(pk=item.pk), to=Status.DECLINED, by=staff)
    for part in (refusal, refusal.answers.get()):
        releases.release_part(part, by=manager)
    assert statuses(item.ask.letter) == ["declined"]


def test_done_is_public_with_its_evidence(reference, staff, manager):
    item = factories.item(released=True)
    proof = factories.evidence(item, by=staff)
    workflow.close(Tasking.objects.get(pk=item.pk), to=Status.IMPLEMENTED, by=staff)
    assert (statuses(item.ask.letter), public(item.ask.letter)["evidence"]) == (["awaiting"], [])
    releases.release_part(proof, by=manager)
    assert statuses(item.ask.letter) == ["implemented"]
    assert public(item.ask.letter)["evidence"] == [
        {
            "id": str(proof.pk), "tasking": str(item.pk), "kind": "federal_register", "reply": None,
            "citation": "TEST 99 FR 99999", "url": "", "seen_on": None, "targets": [],
        }
    ]  # fmt: skip
    releases.withdraw_part(proof, by=manager, reason="TEST")
    assert statuses(item.ask.letter) == ["awaiting"]


def test_public_evidence_of_another_source_names_no_reply(reference, staff, manager):
    item = factories.item(released=True)
    proof = replies.add_evidence(
        item, by=staff, kind="federal_register", citation="TEST 99 FR 99999", response=factories.reply(item)
    )
    releases.release_part(proof, by=manager)
    assert [(one["citation"], one["reply"]) for one in public(item.ask.letter)["evidence"]] == [
        ("TEST 99 FR 99999", None)
    ]


def test_a_status_told_to_us_and_recorded_nowhere_stays_inside(reference, staff):
    item = factories.item(released=True)
    workflow.transition(item, to=Status.CONSIDERING, by=staff)
    assert statuses(item.ask.letter) == ["awaiting"]


def test_a_consulted_item_ends_in_public_with_the_responsible_one(reference, staff, manager):
    letter = factories.draft(agencies=["treasury", "state"])
    factories.ask(letter, "treasury", consulted=["state"])
    letter = sending.release(sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON), by=manager)
    item = Tasking.objects.get(ask__letter=letter, role="lead")
    proof = factories.evidence(item, by=staff)
    workflow.close(Tasking.objects.get(pk=item.pk), to=Status.IMPLEMENTED, by=staff)
    assert statuses(letter) == ["awaiting", "awaiting"]
    releases.release_part(proof, by=manager)
    assert statuses(letter) == ["overtaken", "implemented"]
    releases.withdraw_part(proof, by=manager, reason="TEST")
    assert statuses(letter) == ["awaiting", "awaiting"]


def test_a_consulted_item_does_not_tell_that_the_other_responsible_one_has_ended(reference, staff, manager):
    letter = factories.draft(agencies=["treasury", "commerce", "state"])
    factories.ask(letter, "treasury", "commerce", consulted=["state"], kind_code="briefing")
    letter = sending.release(sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON), by=manager)
    commerce, treasury = Tasking.objects.filter(ask__letter=letter, role="lead").order_by("agency__slug")
    reply = factories.reply(commerce, by=staff)
    workflow.close(Tasking.objects.get(pk=commerce.pk), to=Status.ANSWERED, by=staff)
    workflow.close(treasury, to=Status.OVERTAKEN, by=staff, reason="TEST")
    assert Tasking.objects.get(ask__letter=letter, role="consulted").status == "overtaken"
    assert sorted(statuses(letter)) == ["awaiting", "awaiting", "overtaken"]
    for part in (reply, reply.answers.get()):
        releases.release_part(part, by=manager)
    assert sorted(statuses(letter)) == ["answered", "overtaken", "overtaken"]
    releases.withdraw_part(reply, by=manager, reason="TEST")
    assert sorted(statuses(letter)) == ["awaiting", "awaiting", "overtaken"]


def test_taking_a_reply_back_takes_what_rests_on_it(answered, manager):
    letter, response, answer = answered
    for part in (response, answer):
        releases.release_part(part, by=manager)
    releases.withdraw_part(response, by=manager, reason="TEST too early")
    assert (statuses(letter), public(letter)["replies"]) == (["awaiting"], [])
    assert Answer.objects.get(pk=answer.pk).released_at is None
    event = letter.events.order_by("-sequence").first()
    assert (event.kind, event.reason, event.public_payload) == (
        "response_withdrawn",
        "TEST too early",
        {"letter": str(letter.pk), "withdrawn": {"reply": str(response.pk)}, "corrected": public(letter)},
    )


def stream() -> list[tuple[str, dict]]:
    page = follow("released", after=None, size=1000)
    return [(entry["kind"], entry["payload"]) for entry in shown(page.entries, Links(RequestFactory().get("/")))]


def test_each_release_is_told_once_with_what_became_public(answered, manager, settle):
    letter, response, answer = answered
    releases.release_part(response, by=manager)
    after_the_reply = payloads.public_letter(letter)
    releases.release_part(answer, by=manager)
    settle()
    told = stream()
    assert [kind for kind, _ in told] == ["letter_released", "response_released", "answer_released"]
    assert told[1][1] == {
        "letter": str(letter.pk),
        "released": {"reply": payloads.public_reply(response, [])},
        "taskings": [],
        "corrected": after_the_reply,
    }
    assert told[2][1]["released"] == {"answer": payloads.public_answer(answer)}
    assert [one["status"] for one in told[2][1]["taskings"]] == ["answered"]


def test_what_was_taken_back_is_not_read_from_the_past_of_the_stream(answered, manager, settle):
    letter, response, answer = answered
    for part in (response, answer):
        releases.release_part(part, by=manager)
    sending.amend(letter, by=manager, reason="TEST", subject="TEST corrected")
    releases.withdraw_part(answer, by=manager, reason="TEST")
    releases.withdraw_part(response, by=manager, reason="TEST")
    settle()
    told = stream()
    assert [kind for kind, _ in told] == ["answer_withdrawn", "response_withdrawn"]
    assert told[0][1] == {"letter": str(letter.pk), "withdrawn": {"answer": str(answer.pk)}}
    assert told[1][1]["corrected"] == public(letter)
    assert "TEST we did it" not in str(told)
    assert "TEST reply" not in str(told)


def test_reading_a_public_answer_anew_takes_it_back(answered, staff, manager):
    letter, response, answer = answered
    for part in (response, answer):
        releases.release_part(part, by=manager)
    replies.assess(Answer.objects.get(pk=answer.pk), by=staff, coverage="partial", quote="TEST other words")
    assert (statuses(letter), public(letter)["replies"][0]["answers"]) == (["awaiting"], [])
    kept = Answer.objects.get(pk=answer.pk)
    assert (kept.coverage, kept.quote, kept.released_at) == ("partial", "TEST other words", None)


def test_a_reply_entered_in_error_is_public_no_longer(reference, staff, manager):
    response = factories.reply(factories.item(released=True))
    releases.release_part(response, by=manager)
    retractions.retract_response(response, by=staff, reason="TEST")
    letter = response.answers.get().tasking.ask.letter
    assert public(letter)["replies"] == []
    assert "response_withdrawn" in letter.events.values_list("kind", flat=True)


@pytest.fixture
def spanning(reference, staff):
    """A reply about the items of two public letters."""
    letters = [factories.sent(released=True, subject=f"TEST {n}") for n in range(2)]
    about = [replies.Bearing(Tasking.objects.get(ask__letter=letter), coverage="full") for letter in letters]
    response = replies.record_response(
        by=staff, agency=factories.agency("treasury"), kind="substantive", bearings=about, received_on=dt.date(2023, 5, 2)
    )  # fmt: skip
    return letters, response


def test_a_reply_shows_each_letter_only_what_it_says_of_it(spanning, manager):
    letters, response = spanning
    for part in (response, *response.answers.all()):
        releases.release_part(part, by=manager)
    for letter in letters:
        (reply,) = public(letter)["replies"]
        (answer,) = reply["answers"]
        assert Tasking.objects.get(pk=answer["tasking"]).ask.letter_id == letter.pk


def test_restricting_one_letter_takes_the_reply_back_from_the_other(spanning, manager):
    letters, response = spanning
    releases.release_part(response, by=manager)
    sending.change_access(letters[0], by=manager, access="restricted", reason="TEST")
    assert public(letters[1])["replies"] == []
    assert refused(releases.release_part, response, by=manager) == {
        "access": "This reply also bears on a letter that is open to named staff only. It stays inside."
    }


def test_a_public_reply_that_bears_on_one_more_letter_is_public_there_or_nowhere(reference, staff, manager):
    first, second = factories.item(released=True), factories.item(released=True)
    hidden = factories.item(access="restricted")
    response = factories.reply(first, by=staff, coverage=None)
    releases.release_part(response, by=manager)
    read_reply(response, by=manager, words=[Word(second, said="looking")])
    assert [reply["id"] for reply in public(second.ask.letter)["replies"]] == [str(response.pk)]
    told = second.ask.letter.events.get(kind="response_released").public_payload
    assert [reply["id"] for reply in told["corrected"]["replies"]] == [str(response.pk)]
    read_reply(Response.objects.get(pk=response.pk), by=manager, words=[Word(hidden, said="looking")])
    for item in (first, second):
        assert public(item.ask.letter)["replies"] == []
        assert item.ask.letter.events.get(kind="response_withdrawn").public_payload["corrected"]["replies"] == []


def test_a_public_reply_that_is_read_as_another_kind_is_told_as_that(reference, staff, manager):
    letter = factories.draft()
    for summary in ("TEST one", "TEST two"):
        factories.ask(letter, "treasury", summary=summary)
    letter = sending.release(sending.send_letter(letter, by=staff, sent_on=factories.SENT_ON), by=manager)
    looked, unread = Tasking.objects.filter(ask__letter=letter).order_by("ask__number")
    response = record_reply(
        by=staff,
        agency=looked.agency,
        received_on=dt.date(2023, 5, 2),
        words=[Word(looked, said="looking"), Word(unread)],
    )
    releases.release_part(response, by=manager)
    read_reply(response, by=staff, words=[Word(Tasking.objects.get(pk=unread.pk), said="refused")])
    last = letter.events.filter(public_payload__isnull=False).order_by("sequence").last().public_payload
    (reply,) = public(letter)["replies"]
    assert reply["kind"] == "declination"
    assert [one["kind"] for one in last["corrected"]["replies"]] == ["declination"]


def test_what_stands_in_the_way_is_said(reference, staff, manager):
    item = factories.item()
    response = factories.reply(item, by=staff, coverage=None)
    assert refused(releases.release_part, response, by=manager) == {
        "letter": "Make the letter public first; then this reply can follow."
    }
    sending.release(item.ask.letter, by=manager)
    assert refused(releases.release_part, response.answers.get(), by=manager) == {
        "coverage": "Nobody has read what the reply says about this. Read it first.",
        "response": "It rests on a reply that is not public. Make the reply public first.",
    }
    releases.release_part(response, by=manager)
    assert refused(releases.release_part, response, by=manager) == {
        "released_at": "This reply is public already. There is nothing left to do."
    }
    read_later = record_reply(by=staff, agency=item.agency, received_on=dt.date(2023, 5, 3), words=[Word(item)])
    assert refused(releases.release_part, read_later, by=manager) == {
        "kind": "Nobody has read this reply. Read what it says first."
    }
    assert refused(releases.withdraw_part, response.answers.get(), by=manager, reason="TEST") == {
        "released_at": "This is not public, so there is nothing to take back."
    }
    assert list(refused(releases.withdraw_part, response, by=manager, reason=" ")) == ["reason"]


def test_a_reply_held_elsewhere_stays_there(reference, staff, manager):
    item = factories.item(released=True)
    response = factories.reply(item, by=staff, text="", held_elsewhere="TEST vault")
    assert list(refused(releases.release_part, response, by=manager)) == ["held_elsewhere"]


@pytest.mark.parametrize("role", ["viewer", "staff"])
def test_only_a_manager_makes_public_or_takes_back(answered, role):
    person = factories.user(role, username="TEST")
    for part in answered[1:]:
        assert list(refused(releases.release_part, part, by=person, error=NotAllowed)) == ["by"]
        assert list(refused(releases.withdraw_part, part, by=person, reason="TEST", error=NotAllowed)) == ["by"]


def test_looking_ahead_changes_nothing(answered, manager):
    letter, response, _ = answered
    before, events = public(letter), letter.events.count()
    seen = releases.preview(lambda: releases.release_part(response, by=manager), lambda: public(letter))
    assert [reply["id"] for reply in seen["replies"]] == [str(response.pk)]
    assert (public(letter), letter.events.count()) == (before, events)
    response.refresh_from_db()
    releases.release_part(response, by=manager)
    assert public(letter) == seen
