"""Replies, through the API: recorded, read, made public, taken back."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters.domain import replies, sending
from letters.models import Answer, Evidence, Tasking
from tests.api.conftest import Reader, writing
from tests.api.test_writes_letters import MAIL, form
from tests.factories import SETUP, ask, draft, evidence, item, moved, reply, sent, target, user

RECEIVED = "2023-05-10"


def body(*answers: dict, **facts) -> dict:
    return {
        "agency": "treasury",
        "received_on": RECEIVED,
        "responder": "TEST Director",
        "answers": list(answers),
        **facts,
    }


def of(tasking: Tasking, **said) -> dict:
    return {"tasking": str(tasking.pk), **said}


@pytest.fixture
def manages(epoch, manager) -> Reader:
    return writing(manager)


def test_a_reply_moves_each_item_as_the_table_says(writer, office):
    looked, unread = item(), item()
    answer = writer.post(
        "responses/", body(of(looked, said="looking", quote="TEST we look"), of(unread), text="TEST words")
    )
    assert answer.status == 201, answer.body
    assert (answer.body["kind"], answer.body["text"], len(answer.body["answers"])) == ("interim", "TEST words", 2)
    assert answer.body == office.get(answer.headers["Location"]).body
    assert [Tasking.objects.get(pk=one.pk).status for one in (looked, unread)] == ["considering", "awaiting"]
    assert office.get(f"taskings/{unread.pk}/").body["has_unread_reply"] is True


def test_a_promise_a_transfer_and_a_deed(writer):
    promised, passed = item(), item()
    company = target("TEST Company")
    done = item(kind_code="sanction", ask_facts={"targets": [company]})
    answer = writer.post(
        "responses/",
        body(
            of(promised, said="promised", promised_on="2031-01-15"),
            of(passed, said="other_agency", passed_to="commerce"),
            of(
                done,
                said="done",
                targets=["test-company"],
                proof={"kind": "federal_register", "citation": "TEST 99 FR 9"},
            ),
        ),
    )
    assert answer.status == 201, answer.body
    assert [Tasking.objects.get(pk=one.pk).status for one in (promised, passed, done)] == [
        "promised",
        "transferred",
        "implemented",
    ]
    assert Evidence.objects.get(tasking=done).citation == "TEST 99 FR 9"
    assert {one["said"]: one["targets"] for one in answer.body["answers"]}["done"] == ["test-company"]


def test_a_refusal_about_one_item_is_at_its_place_in_the_body(writer):
    one, two, three = item(), item(), item()
    # items are judged in the order of the record
    status, *problems = writer.faults(
        "responses/", body(of(one, said="looking"), of(two, said="promised"), of(three, said="other_agency"))
    )
    assert [status, *sorted(problems)] == [
        422,
        ("/answers/1/promised_on", f"{two}: The date they promised is missing. Enter the day they named."),
        ("/answers/2/passed_to", f"{three}: Name the agency they pointed us to."),
    ]
    assert Answer.objects.count() == 0
    assert writer.faults("responses/", body())[1][0] == "/answers"
    assert writer.faults("responses/", body(of(one, said="looking"), agency="commerce"))[1][0] == "/agency"
    assert writer.faults("responses/", body(of(one, said="looking"), received_on="2000-01-01"))[1][0] == "/received_on"
    assert writer.faults("responses/", body(of(one, said="nonsense")))[1][0] == "/answers/0/said"
    # what a chosen status lacks was not sent: the status was
    lacks = writer.faults("responses/", body(of(two, said="looking"), of(one, said="received", status="declined")))
    assert lacks == [422, ("/answers/1/status", f"{one}: “refused” needs a reply from the agency. Add it.")]
    proof = of(one, said="done", proof={"kind": "federal_register"})
    assert writer.faults("responses/", body(proof))[1][0] == "/answers/0/proof/citation"
    follows = writer.faults("responses/", body(of(item(kind_code="briefing"), said="looking", status="implemented")))[1]
    assert (follows[0], follows[1].partition(" As codes: ")[2][:14]) == ("/answers/0/status", "acknowledged, ")


def test_questions_answered_one_by_one(writer, office):
    letter = draft()
    ask(letter, "treasury", kind_code="written_answers", questions=["TEST one?", "TEST two?"])
    letter = sending.send_letter(letter, by=SETUP, sent_on=dt.date(2023, 4, 25))
    tasking = Tasking.objects.get(ask__letter=letter)
    questions = office.get(f"letters/{letter.pk}/").body["asks"][0]["questions"]
    answer = writer.post("responses/", body(of(tasking, said="answered", questions=[questions[0]["id"]])))
    assert answer.status == 201, answer.body
    assert [one["questions"] for one in answer.body["answers"]] == [[questions[0]["id"]]]
    assert Tasking.objects.get(pk=tasking.pk).status == "partly_addressed"
    answer = writer.post("responses/", body(of(tasking, said="answered", questions=[questions[1]["id"]])))
    assert Tasking.objects.get(pk=tasking.pk).status == "answered"


def test_a_reply_answers_no_question_of_another_ask(writer):
    letter = draft()
    first, second = (
        ask(letter, "treasury", kind_code="written_answers", questions=[f"TEST {n}?"], summary=f"TEST {n}")
        for n in (1, 2)
    )
    sending.send_letter(letter, by=SETUP, sent_on=dt.date(2023, 4, 25))
    tasking = first.taskings.get()
    told = writer.faults("responses/", body(of(tasking, said="answered", questions=[str(second.questions.get().pk)])))
    assert told == [422, ("/answers/0/questions", "Treasury: TEST 1: Not all of these are questions of this ask.")]


def test_a_reply_kept_to_be_read_later_is_read(writer):
    tasking = item()
    kept = writer.post("responses/", body(of(tasking))).body
    answer = writer.post(
        f"responses/{kept['id']}/reading/", {"answers": [of(tasking, said="refused", quote="TEST no")]}
    )
    assert (answer.status, answer.body["kind"], answer.body["answers"][0]["said"]) == (200, "declination", "refused")
    assert Tasking.objects.get(pk=tasking.pk).status == "declined"
    assert writer.faults(f"responses/{kept['id']}/reading/", {"answers": [of(tasking)]})[1] == (
        "/answers/0/said", f"{Tasking.objects.get(pk=tasking.pk)}: Say what they said about it.",
    )  # fmt: skip


def test_another_who_read_it_meanwhile_is_noticed(writer):
    tasking = item()
    kept = writer.post("responses/", body(of(tasking)))
    read = {"answers": [of(tasking, said="looking")]}
    seen = kept.headers["ETag"]
    assert writer.post(f"responses/{kept.body['id']}/reading/", read).status == 200
    assert writer.post(f"responses/{kept.body['id']}/reading/", read, If_Match=seen).status == 412


@pytest.mark.django_db(transaction=True)
def test_who_reads_a_reply_that_another_read_meanwhile_is_told_what_they_read(reference):
    """A reply has no version: what changed are its answers, which are found in their own history."""
    asked = sent(
        kind_code="written_answers",
        ask_facts={"questions": ["TEST one?", "TEST two?"], "targets": [target("TEST quagga")]},
    )
    tasking = Tasking.objects.get(ask__letter=asked)
    colleague, writer = writing(user("manager")), writing(user("staff"))
    kept = writer.post("responses/", body(of(tasking)))
    path = f"responses/{kept.body['id']}/"
    one = str(tasking.ask.questions.order_by("number").first().pk)

    def read(reader, said, seen, **more):
        answers = [of(tasking, said=said, targets=["test-quagga"], **more)]
        return reader.post(f"{path}reading/", {"answers": answers}, If_Match=seen.headers["ETag"])

    first = read(colleague, "looking", kept, questions=[one])
    assert first.status == 200, first.body
    stale = read(writer, "looking", kept)
    told = {each["field"]: (each["then"], each["now"]) for each in stale.body["difference"]}
    assert (stale.status, stale.headers["ETag"]) == (412, first.headers["ETag"])
    assert told["answers"] == (kept.body["answers"], first.body["answers"])
    assert re.match(
        r"manager changed this row at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\. Look at “difference”", stale.body["detail"]
    )
    # of two readings the later one, to who saw the first
    second = read(colleague, "looking", first, quote="TEST quote")
    (answers,) = [each for each in read(writer, "looking", first).body["difference"] if each["field"] == "answers"]
    assert (answers["then"], answers["now"]) == (first.body["answers"], second.body["answers"])


def test_with_if_match_the_items_are_held_before_the_reply_as_everywhere(writer):
    """Those that the body names, too, in the one order."""
    one, two = item(), item()
    kept = writer.post("responses/", body(of(one)))
    read = {"answers": [of(two, said="looking"), of(one, said="looking")]}
    with CaptureQueriesContext(connection) as asked:
        answer = writer.post(f"responses/{kept.body['id']}/reading/", read, If_Match=kept.headers["ETag"])
    assert answer.status == 200
    locks = [re.search(r'FROM "letters_(\w+)"', sql["sql"])[1] for sql in asked if " FOR NO KEY UPDATE" in sql["sql"]]
    assert locks[:5] == ["ask", "tasking", "ask", "tasking", "response"]
    asks = [sql["sql"] for sql in asked if " FOR NO KEY UPDATE" in sql["sql"] and 'FROM "letters_ask"' in sql["sql"]]
    assert [key.hex in sql for key, sql in zip(sorted([one.ask_id, two.ask_id]), asks, strict=False)] == [True, True]


def test_a_file_of_a_reply(writer, office, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    response = reply(item())
    answer = writer.post(f"responses/{response.pk}/attachments/", **form(MAIL))
    assert (answer.status, answer.body["response"], answer.body["letter"]) == (201, str(response.pk), None)
    assert office.rows(f"attachments/?response={response.pk}") == [answer.body]


def test_a_file_attached_by_mistake_is_taken_back_and_put_back(writer, manages, office, public, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    kept = writer.post(f"letters/{sent(released=True).pk}/attachments/", **form(MAIL)).body
    at = f"attachments/{kept['id']}"
    before = public.get("events/").body["cursor"]
    taken = writer.post(
        f"{at}/enter-in-error/", {"reason": "TEST private"}, If_Match=office.get(f"{at}/").headers["ETag"]
    )
    assert (taken.status, taken.body) == (
        200, {**kept, "name": "", "in_error_at": taken.body["in_error_at"], "in_error_reason": "TEST private"},
    )  # fmt: skip
    assert taken.body["in_error_at"] is not None
    for key in (office, writer, manages):
        refusal = key.get(f"{at}/download/")
        assert (refusal.status, refusal.body["detail"]) == (
            404, "This file was attached by mistake and taken back. Only managers and administrators open it.",
        )  # fmt: skip
    assert writer.faults(f"{at}/enter-in-error/", {"reason": "TEST"}) == [
        422, ("in_error_at", "This file was taken back already. There is nothing left to do."),
    ]  # fmt: skip
    assert public.get(f"events/?after={before}").body["results"] == []
    assert writer.post(f"{at}/put-back/", {"reason": "TEST"}).status == 403
    assert manages.post(f"{at}/put-back/", {"reason": "TEST ours"}).body == kept
    given = office.client.get(kept["download_url"], headers={"Authorization": f"Bearer {office.key}"})
    assert (given.status_code, given.getvalue()) == (200, MAIL)


def test_a_reply_that_also_answers_a_hidden_letter_is_written_to_by_no_key(manages, office, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    shown, hidden = item(), item(access="restricted")
    response = replies.record_response(
        by=SETUP, agency=shown.agency, kind="interim", received_on=dt.date(2023, 5, 10),
        bearings=[replies.Bearing(shown), replies.Bearing(hidden)],
    )  # fmt: skip
    for path in ("reading", "attachments", "release", "withdraw", "enter-in-error"):
        assert manages.post(f"responses/{response.pk}/{path}/", {"reason": "TEST"}).status == 404
    assert [one["tasking"] for one in office.get(f"responses/{response.pk}/").body["answers"]] == [str(shown.pk)]
    for answer in response.answers.all():
        assert manages.post(f"answers/{answer.pk}/release/").status == 404


def test_each_part_is_made_public_by_itself_and_taken_back(manages, writer, public):
    tasking = item(released=True, kind_code="sanction", ask_facts={"targets": [target("TEST Co")]})
    response = reply(tasking)
    answer, proof = response.answers.get(), evidence(tasking)
    assert writer.post(f"responses/{response.pk}/release/").status == 403
    assert manages.faults(f"answers/{answer.pk}/release/") == [
        422, ("response", "It rests on a reply that is not public. Make the reply public first."),
    ]  # fmt: skip
    # nothing changed: the number that the row shows is no ETag of it
    bare = manages.faults(f"responses/{response.pk}/release/", If_Match=f'"{response.version}"')
    assert (bare[0], bare[1][0], bare[1][1].partition(": a version")[0]) == (
        400, "If-Match", 'If-Match: "1" is no ETag of this row',
    )  # fmt: skip
    whole = manages.get(f"responses/{response.pk}/").headers["ETag"]
    released = manages.post(f"responses/{response.pk}/release/", If_Match=f'"7-3fb2c91d0a44", {whole}')
    assert released.body["released_at"] is not None
    assert manages.faults(f"responses/{response.pk}/release/") == [
        422, ("released_at", "This reply is public already. There is nothing left to do."),
    ]  # fmt: skip
    assert manages.post(f"answers/{answer.pk}/release/").body["answers"][0]["released_at"] is not None
    assert manages.post(f"evidence/{proof.pk}/release/").body["released_at"] is not None
    assert manages.post(f"evidence/{proof.pk}/withdraw/", {"reason": "TEST"}).body["released_at"] is None
    assert manages.post(f"answers/{answer.pk}/withdraw/", {"reason": "TEST"}).body["answers"][0]["released_at"] is None
    assert manages.post(f"responses/{response.pk}/withdraw/", {"reason": "TEST"}).body["released_at"] is None


def test_of_what_a_kept_reply_says_nothing_about_it_is_taken_off(writer, office, settle):
    one, two, three = item(), item(), item()
    path = f"responses/{writer.post('responses/', body(of(one), of(two), of(three))).body['id']}/reading/"
    answer = writer.post(path, {"answers": [of(one, said="looking")], "not_about": [str(two.pk)]})
    assert (answer.status, len(answer.body["answers"])) == (200, 2)
    assert office.get(f"taskings/{two.pk}/").body["has_unread_reply"] is False
    settle()
    told = [event for event in office.rows("events/") if event["kind"] == "response_in_error"]
    assert [(event["tasking"], event["payload"]["not_about"]) for event in told] == [(str(two.pk), True)]
    # alone, too; and what was read, or is nowhere, or is said twice, is refused at its place
    assert writer.faults(path, {"not_about": [str(three.pk)], "kind": "declination"})[1][0] == "/kind"
    assert writer.post(path, {"not_about": [str(three.pk)]}).status == 200
    status, (at, _), *more = writer.faults(path, {"answers": [of(three, said="looking")], "not_about": [str(two.pk)]})
    assert (status, at, more) == (422, "/not_about/0", [])
    status, *problems = writer.faults(path, {"not_about": [str(one.pk)]})
    assert [at for at, _ in problems] == ["/not_about/0", "/answers"]
    assert writer.faults(path, {})[1][0] == "/answers"


def test_what_was_entered_in_error_stays_with_its_reason(writer, office):
    tasking = item()
    response, proof = reply(tasking, kind="interim", coverage="evades"), evidence(tasking)
    contact = writer.post(f"taskings/{tasking.pk}/contacts/", {"channel": "call", "outcome": "TEST"}).body
    for path in (f"responses/{response.pk}", f"evidence/{proof.pk}", f"contacts/{contact['id']}"):
        answer = writer.post(f"{path}/enter-in-error/", {"reason": "TEST twice"})
        assert (answer.status, answer.body["in_error_reason"]) == (200, "TEST twice")
        assert writer.faults(f"{path}/enter-in-error/", {"reason": "TEST"}) == [
            422, ("in_error_at", "It is marked as entered in error already. There is nothing left to do."),
        ]  # fmt: skip
    assert office.get(f"responses/{response.pk}/").body["in_error_at"] is not None


def test_evidence_is_looked_at_again_after_a_reopening(writer):
    tasking = moved(item(), "implemented")
    proof = tasking.evidence.get()
    writer.post(f"taskings/{tasking.pk}/transitions/", {"to": "awaiting", "reason": "TEST reopened"})
    before = proof.checked_at
    assert writer.post(f"evidence/{proof.pk}/check/").status == 200
    assert Evidence.objects.get().checked_at > before


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_grows_with_the_items_answered_and_nothing_else(writer, rows, django_assert_num_queries):
    taskings = [item() for _ in range(rows)]
    for tasking in taskings:
        reply(tasking, kind="interim", coverage=None)
    writer.get("kinds/?limit=1")  # once an hour it is noted that a key is used
    with django_assert_num_queries(54):
        writer.post("responses/", body(of(taskings[0], said="looking")))
    assert sent().pk
