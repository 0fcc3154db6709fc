"""What every write has in common: a body that is read strictly, an author, once where it is named, never over another's."""

import datetime as dt
import json
import re
import threading

import orjson
import pytest
from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone
from psycopg.errors import AdminShutdown

from letters.api import idempotency
from letters.api.resources import SOURCES
from letters.api.write_schema import MATCH_PATTERN
from letters.api.writes import taskings as written
from letters.domain import drafting, items, renewals, rewording, sending
from letters.domain.clocks import office_today
from letters.domain.history import acting
from letters.enums import Scope
from letters.models import ApiKey, IdempotencyKey, Letter, Note, Tasking
from tests.api.conftest import Reader, writing
from tests.factories import SETUP, ask, draft, item, sent, user

NOTE = {"text": "TEST note"}


def tag(reader: Reader, path: str) -> str:
    return reader.get(path).headers["ETag"]


# --- what may be sent


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"text": "TEST", "colour": "red"}, [("/colour", "/colour: there is no such field here. Known: text.")]),
        ({"text": "TEST", "a/b~c": 1}, [("/a~1b~0c", "/a~1b~0c: there is no such field here. Known: text.")]),
        ({}, [("/text", "/text: it is missing. Send a string of at most 20,000 characters.")]),
        ({"text": 7}, [("/text", "/text: this is no text. Send a string of at most 20,000 characters.")]),
        ({"text": None}, [("/text", "/text: null says nothing here. Send a string of at most 20,000 characters.")]),
        ([], [("", "The body: this is no object. Send an object with these fields: text.")]),
        ("TEST", [("", "The body: this is no object. Send an object with these fields: text.")]),
    ],
)
def test_a_body_that_does_not_fit_is_refused_by_json_pointer(writer, body, said):
    assert writer.faults(f"taskings/{item().pk}/notes/", body) == [400, *said]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"to": "gone"}, "/to: “gone” is not known. Use one of: draft, awaiting, acknowledged, considering, clarification, partly_addressed, promised, answered, implemented, declined, not_implemented, overtaken, withdrawn, transferred, entered_in_error."),
        ({"to": "promised", "promised_on": "05/24/2031"}, "/promised_on: “05/24/2031” is not a date. Write it as YYYY-MM-DD, for example 2023-05-24."),
        ({"to": "promised", "promised_on": "2031-02-30"}, "/promised_on: “2031-02-30” is not a date. Write it as YYYY-MM-DD, for example 2023-05-24."),
        ({"to": "transferred", "agency": "nope"}, "/agency: “nope” is not known. GET /api/v1/agencies/ lists them."),
        ({"to": "transferred", "agency": "a\u0000b"}, "/agency: “a\u0000b” is not known. GET /api/v1/agencies/ lists them."),
        ({"to": "transferred", "agency": ["treasury"]}, "/agency: a list is not known. GET /api/v1/agencies/ lists them."),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_named_with_the_way_out(writer, body, said):
    assert [one[1] for one in writer.faults(f"taskings/{item().pk}/transitions/", body)[1:]] == [said]


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (b"", "The body is empty. Send a JSON object."),
        (b" ", "The body is empty. Send a JSON object."),
        (b"{", "The body is no JSON that can be read: "),
        (b'{"text": NaN}', "The body is no JSON that can be read: "),
        (b'{"text": "\\ud800"}', "The body is no JSON that can be read: "),
        (b'{"text": "\xff"}', "The body is no JSON that can be read: "),
        (b"[" * 100_000, "The body is no JSON that can be read: "),
        (b'{"text": "TEST", "text": "TEST twice"}', "“text” stands twice in one object. Send it once."),
    ],
)
def test_what_is_no_json_is_said_to_be_none(writer, raw, detail):
    answer = writer.post(f"taskings/{item().pk}/notes/", raw, **({"Content_Type": "application/json"} if raw else {}))
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.body["detail"].startswith(detail)


@pytest.mark.parametrize("charset", ["utf8", "UTF_8", '"utf-8"'])
def test_utf_8_by_any_of_its_spellings_is_read(writer, charset):
    kind = f"application/json; charset={charset}"
    assert writer.post(f"taskings/{item().pk}/notes/", b'{"text": "TEST"}', Content_Type=kind).status == 201


def test_many_fields_that_are_not_known_are_told_of_by_the_first(writer):
    """A body has room for some hundred thousand names: the answer repeated what is known for each."""
    many = {f"TEST{n}": None for n in range(50_000)}
    answer = writer.post(f"taskings/{item().pk}/notes/", {"text": "TEST"} | many)
    assert (answer.status, len(answer.body["errors"])) == (400, 101)
    assert answer.body["errors"][0]["field"] == "/TEST0"
    assert answer.body["errors"][-1]["message"].startswith("The body: more is wrong with it than these 100.")
    raw = orjson.dumps(many).rstrip(b"}") + b',"TEST7":1}'
    answer = writer.post(f"taskings/{item().pk}/notes/", raw, Content_Type="application/json")
    assert answer.body["detail"] == "“TEST7” stands twice in one object. Send it once."


def test_a_value_that_no_database_holds_comes_back_as_text(writer):
    deep: list = []
    for _ in range(300):
        deep = [deep]
    for value, shown in ((2**70, str(2**70)), (deep, "[" * 200 + "…")):
        answer = writer.post(f"taskings/{item().pk}/notes/", {"text": value})
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, "/text")
        assert answer.body["errors"][0]["value"] == shown


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data"]
)
def test_another_kind_of_body_is_415(writer, kind):
    answer = writer.post(f"taskings/{item().pk}/notes/", b'{"text": "TEST"}', Content_Type=kind)
    assert (answer.status, answer.body["type"]) == (415, "http://testserver/api/docs/#problem-unsupported-media-type")
    assert (
        answer.body["detail"]
        == f"Content-Type: “{kind}” was sent, and this address takes application/json. Send it as that."
    )


def test_a_body_of_50_mb_is_413_and_is_not_read(writer):
    answer = writer.post(f"taskings/{item().pk}/notes/", b" " * (50 * 1024 * 1024))
    assert (answer.status, answer.body["title"]) == (413, "Too large")
    assert answer.body["detail"].startswith("The body has 52,428,800 bytes, and at most 4,194,304 are read here.")


def test_a_body_in_chunks_is_told_to_say_its_length(writer):
    answer = writer.post(f"taskings/{item().pk}/notes/", None, Transfer_Encoding="chunked")
    assert answer.status == 411


def test_a_note_with_a_character_that_cannot_be_kept(writer):
    status, (field, message) = writer.faults(f"taskings/{item().pk}/notes/", {"text": "TEST \u0001"})
    assert (status, field) == (422, "/text")
    assert message.startswith("The note has a control character (code 1, at place 6)")


def test_nul_is_refused_before_the_database_is_asked_for_it(writer):
    signer = draft().signatures.get()
    tag = writer.get(f"signatures/{signer.pk}/").headers.get("ETag", "*")
    for name in ("printed_name", "bioguide"):
        told = writer.faults(f"signatures/{signer.pk}/", {name: "a\u0000"}, method="PATCH", If_Match=tag)
        assert told == [400, (f"/{name}", f"/{name}: it holds a NUL character (\\u0000). Remove it.")]


# --- who


def test_only_keys_of_scope_office_write_may(writer, office, public, nobody, staff, client):
    path = f"taskings/{item().pk}/notes/"
    assert [reader.post(path, NOTE).status for reader in (nobody, public, office, writer)] == [401, 403, 403, 201]
    told = office.post(path, NOTE).body
    assert told["type"] == "http://testserver/api/docs/#problem-wrong-scope"
    assert told["detail"].startswith(
        "Writing: this key’s scope is “office”, and only keys of scope “office:write” may write."
    )
    client.force_login(staff)
    assert Reader(client=client).post(path, NOTE).status == 403
    assert Note.objects.count() == 1


def test_a_key_that_writes_reads_what_an_office_key_reads(seed, writer, office):
    for path in ("letters/", "taskings/?limit=3", "responses/", "events/?limit=2"):
        assert writer.get(path).body == office.get(path).body


def test_the_page_says_which_key_it_was(writer, staff, client):
    tasking = item()
    writer.post(f"taskings/{tasking.pk}/owner/", {"owner": "staff"})
    client.force_login(staff)
    assert "staff, with the key “TEST staff writes”" in client.get(f"/items/{tasking.pk}/").content.decode()


# --- once


def test_the_same_write_sent_again_is_answered_again_and_not_done_again(writer):
    path = f"taskings/{item().pk}/notes/"
    first, second = (writer.post(path, NOTE, Idempotency_Key="TEST-1") for _ in range(2))
    assert (first.status, first.body) == (second.status, second.body)
    assert [first.headers.get("Idempotency-Replayed"), second.headers.get("Idempotency-Replayed")] == [None, "true"]
    assert (second.headers["Location"], second.headers["ETag"]) == (first.headers["Location"], first.headers["ETag"])
    assert second.headers["Content-Type"] == "application/json"
    assert Note.objects.count() == 1
    assert writer.post(path, NOTE, Idempotency_Key="TEST-2").status == 201
    assert Note.objects.count() == 2


def test_a_write_that_took_its_row_away_is_answered_again(writer):
    """Sent or given up, a draft is no draft: its address finds nothing, and who lost the answer asks there again."""
    given_up = writer.post("drafts/", {"subject": "TEST"})
    path, match = f"drafts/{given_up.body['id']}/", given_up.headers["ETag"]
    answers = [writer.send("DELETE", path, If_Match=match, Idempotency_Key="TEST-1") for _ in range(2)]
    assert [(one.status, one.headers.get("Idempotency-Replayed")) for one in answers] == [(204, None), (204, "true")]
    assert writer.send("DELETE", path, If_Match="*", Idempotency_Key="TEST-1").status == 404
    assert writer.send("DELETE", path, If_Match=match, Idempotency_Key="TEST-2").status == 404
    assert writer.send("DELETE", path, If_Match=match).status == 404

    letter = draft()
    path, on = f"drafts/{letter.pk}/send/", {"sent_on": "2023-04-26"}
    first, second = (writer.post(path, on, Idempotency_Key="TEST-3") for _ in range(2))
    assert (first.status, first.body["state"]) == (201, "sent")
    assert (second.status, second.body, second.headers["ETag"]) == (201, first.body, first.headers["ETag"])
    assert second.headers["Idempotency-Replayed"] == "true"
    assert writer.post(path, {"sent_on": "2023-04-27"}, Idempotency_Key="TEST-3").status == 404
    # the letter is no key's to see any more: neither is what was answered of it
    sending.change_access(letter, by=SETUP, access="restricted", reason="TEST")
    assert writer.post(path, on, Idempotency_Key="TEST-3").status == 404


def test_a_write_is_answered_again_though_what_its_body_names_is_out_of_sight_by_now(writer):
    """Refused, who lost the answer would take it for not done: the account was closed, the letter restricted since."""
    anna, tasking, answered = user(username="anna"), item(), item()
    closed = {"owner": "anna"}
    reply = {
        "agency": "treasury",
        "received_on": "2023-05-02",
        "channel": "letter",
        "answers": [{"tasking": str(answered.pk)}],
    }
    path = f"taskings/{tasking.pk}/owner/"
    first = writer.post(path, closed, Idempotency_Key="TEST-1")
    assert (first.status, first.body["owner"]) == (200, "anna")
    assert writer.post("responses/", reply, Idempotency_Key="TEST-2").status == 201
    with acting(SETUP):
        anna.is_active = False
        anna.save()
    assert writer.post(path, closed).status == 400
    again = writer.post(path, closed, Idempotency_Key="TEST-1")
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (200, first.body, "true")
    # of a reply to a letter that no key sees any more: neither that its item is not known, nor what was answered
    sending.change_access(answered.ask.letter, by=SETUP, access="restricted", reason="TEST")
    assert writer.post("responses/", reply).status == 400
    assert writer.post("responses/", reply, Idempotency_Key="TEST-2").status == 404


def test_what_was_answered_of_a_letter_is_told_again_unless_it_is_restricted_now(writer):
    body = {"subject": "TEST quagga"}
    made = writer.post("drafts/", body, Idempotency_Key="TEST-1")
    letter = Letter.objects.get(pk=made.body["id"])
    sending.change_access(letter, by=SETUP, access="restricted", reason="TEST")
    hidden = writer.post("drafts/", body, Idempotency_Key="TEST-1")
    assert (hidden.status, "quagga" in str(hidden.body)) == (404, False)
    sending.change_access(Letter.objects.get(pk=letter.pk), by=SETUP, access="office")
    assert writer.post("drafts/", body, Idempotency_Key="TEST-1").body == made.body
    path = f"drafts/{letter.pk}/"
    gone = writer.send("DELETE", path, If_Match=tag(writer, path))
    assert (gone.status, "Content-Type" in gone.headers) == (204, False)
    assert writer.post("drafts/", body, Idempotency_Key="TEST-1").body == made.body  # given up, it was made


def test_a_letter_taken_from_sight_is_so_once(manager, epoch):
    letter, manages = sent(), writing(manager)
    body = {"access": "restricted", "reason": "TEST"}
    answers = [manages.post(f"letters/{letter.pk}/access/", body, Idempotency_Key="TEST-1") for _ in range(2)]
    assert [(one.status, one.body) for one in answers] == [(204, None), (204, None)]


def test_the_same_name_for_another_write_is_422(writer):
    tasking = item()
    writer.post(f"taskings/{tasking.pk}/notes/", NOTE, Idempotency_Key="TEST-1")
    for path, body in (("notes", {"text": "TEST other"}), ("owner", {"owner": None})):
        answer = writer.post(f"taskings/{tasking.pk}/{path}/", body, Idempotency_Key="TEST-1")
        assert (answer.status, answer.body["type"]) == (422, "http://testserver/api/docs/#problem-key-used")
    assert Note.objects.count() == 1


def test_names_are_each_keys_own(writer, manager):
    path = f"taskings/{item().pk}/notes/"
    answers = [one.post(path, NOTE, Idempotency_Key="TEST-1").body["by"] for one in (writer, writing(manager))]
    assert answers == ["staff", "manager"]


def test_a_refusal_is_not_kept_and_may_be_corrected_under_the_same_name(writer):
    path = f"taskings/{item().pk}/notes/"
    assert writer.post(path, {"text": " "}, Idempotency_Key="TEST-1").status == 422
    assert IdempotencyKey.objects.count() == 0
    assert writer.post(path, NOTE, Idempotency_Key="TEST-1").status == 201


def test_a_failure_of_ours_leaves_nothing_behind(writer, monkeypatch):
    path = f"taskings/{item().pk}/notes/"
    add = items.add_note

    def broken(**how):
        add(**how)
        raise RuntimeError("TEST")

    monkeypatch.setattr(written.items, "add_note", broken)
    assert writer.post(path, NOTE, Idempotency_Key="TEST-1").status == 500
    assert (IdempotencyKey.objects.count(), Note.objects.count()) == (0, 0)


def test_a_database_that_is_away_is_no_write_at_work(writer, monkeypatch):
    def away(**_):
        raise OperationalError("TEST terminating connection") from AdminShutdown("TEST")

    monkeypatch.setattr(IdempotencyKey.objects, "select_for_update", away)
    answer = writer.post(f"taskings/{item().pk}/notes/", {"text": "TEST"}, Idempotency_Key="TEST")
    assert (answer.status, "whether it was kept" not in answer.body["detail"]) == (503, False)


def test_a_name_is_forgotten_after_a_day(writer):
    path = f"taskings/{item().pk}/notes/"
    writer.post(path, NOTE, Idempotency_Key="TEST-1")
    IdempotencyKey.objects.update(created_at=timezone.now() - idempotency.KEPT - dt.timedelta(seconds=1))
    assert writer.post(path, NOTE, Idempotency_Key="TEST-1").headers.get("Idempotency-Replayed") is None
    assert (Note.objects.count(), IdempotencyKey.objects.count()) == (2, 1)


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 201, "é"])
def test_what_cannot_be_a_name(writer, name):
    answer = writer.post(f"taskings/{item().pk}/notes/", NOTE, Idempotency_Key=name)
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "Idempotency-Key")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_one_runs_and_the_other_waits(reference):
    tasking, key = item(), writing(user("staff")).key
    path = f"taskings/{tasking.pk}/notes/"
    at_work, go_on = threading.Event(), threading.Event()
    answers = {}
    add = items.add_note

    def slowly(**how):
        at_work.set()
        go_on.wait(30)
        return add(**how)

    def write(name):
        try:
            answers[name] = Reader(key).post(path, NOTE, Idempotency_Key="TEST-1")
        finally:
            close_old_connections()
            connection.close()

    written.items.add_note = slowly
    try:
        first = threading.Thread(target=write, args=("first",))
        first.start()
        assert at_work.wait(30)
        second = threading.Thread(target=write, args=("second",))
        second.start()
        second.join(30)
    finally:
        go_on.set()
        first.join(30)
        written.items.add_note = add
    assert [answers[name].status for name in ("first", "second")] == [201, 409]
    assert answers["second"].headers["Retry-After"] == "1"
    assert Note.objects.count() == 1
    assert Reader(key).post(path, NOTE, Idempotency_Key="TEST-1").body == answers["first"].body


# --- never over another's


def test_a_row_that_changed_since_it_was_read_is_412_with_the_difference(writer, staff, manager):
    tasking = item()
    path = f"taskings/{tasking.pk}/"
    seen = tag(writer, path)
    version = Tasking.objects.get(pk=tasking.pk).version
    assert seen.startswith(f'"{version}-')
    items.assign(tasking, by=manager, owner=manager)
    answer = writer.post(f"{path}snooze/", {"until": None}, If_Match=seen)
    assert (answer.status, answer.body["type"]) == (412, "http://testserver/api/docs/#problem-changed")
    assert answer.headers["ETag"] == tag(writer, path)
    assert answer.body["errors"][0]["field"] == "If-Match"
    assert answer.body["detail"].startswith("manager changed this item at ")
    assert answer.body[
        "detail"
    ].endswith(
        "owner changed. Read it again and send what you still want with its new ETag."  # in one transaction it has no past
    )
    assert writer.post(f"{path}snooze/", {"until": None}, If_Match=answer.headers["ETag"]).status == 200


def test_a_412_tells_of_no_repeat_by_a_restricted_letter(writer, manager, settle):
    """Nor names who was the last before: they did not change it since."""
    tasking = item(kind_code="briefing")
    rows = [f"taskings/{tasking.pk}/", f"letters/{tasking.ask.letter_id}/"]
    seen = [tag(writer, one) for one in rows]
    writes = [("snooze/", {"until": None}), ("amendments/", {"subject": "TEST other", "reason": "TEST"})]
    again = sent(kind_code="briefing", sent_on=dt.date(2023, 9, 5))
    sending.amend(Letter.objects.get(pk=tasking.ask.letter_id), by=SETUP, reason="TEST", subject="TEST right")
    settle()
    renewals.renew(Tasking.objects.get(pk=tasking.pk), by=manager, letter=again)
    settle()

    def told() -> list[str]:
        answers = [
            writer.post(row + to, body, If_Match=one) for row, one, (to, body) in zip(rows, seen, writes, strict=True)
        ]
        assert [one.status for one in answers] == [412, 412]
        return [one.body["detail"] for one in answers]

    assert ["manager changed this" in one and "asked again" in one for one in told()] == [True, True]
    sending.change_access(again, by=SETUP, access="restricted", reason="TEST")
    assert [one.split(".")[0] for one in told()] == [
        f"This {what} changed since you read it" for what in ("item", "letter")
    ]


@pytest.mark.django_db(transaction=True)
def test_the_difference_is_field_by_field(reference):
    manager, writer = user("manager"), writing(user("staff"))
    tasking = item(subject="TEST a letter with a history")
    seen = tag(writer, f"taskings/{tasking.pk}/")
    items.assign(tasking, by=manager, owner=manager)
    writer.post(f"taskings/{tasking.pk}/transitions/", {"to": "considering"})
    answer = writer.post(f"taskings/{tasking.pk}/owner/", {"owner": "staff"}, If_Match=seen)
    assert answer.body["detail"].endswith(
        "Look at “difference”, read it again, and send what you still want with its new ETag."
    )
    assert answer.body["difference"] == [
        {"field": "status", "then": "awaiting", "now": "considering"},
        {"field": "owner", "then": None, "now": "manager"},
        {"field": "acknowledged_on", "then": None, "now": str(office_today())},
    ]


@pytest.mark.django_db(transaction=True)
def test_the_difference_names_what_stands_beside_a_row(reference):
    """A note, a repeat, a relation of two letters are in none of its fields, and move its version."""
    manager, writer = user("manager"), writing(user("staff"))
    tasking, later = item(kind_code="briefing"), sent(kind_code="briefing", sent_on=dt.date(2023, 9, 5))
    rows = [f"taskings/{tasking.pk}/", f"letters/{later.pk}/"]
    seen = [tag(writer, one) for one in rows]
    note = items.add_note(by=manager, text="TEST", letter=tasking.ask.letter, tasking=tasking)
    renewals.renew(Tasking.objects.get(pk=tasking.pk), by=manager, letter=later)
    items.assign(Tasking.objects.get(pk=tasking.pk), by=manager, owner=manager)
    with acting(SETUP):  # columns of ours, which no answer shows
        Tasking.objects.filter(pk=tasking.pk).update(
            past_due_recorded=dt.date(2023, 7, 1), ack_due_on=dt.date(2023, 6, 1)
        )

    def told() -> list[list]:
        bodies = [({"until": None}, "snooze/"), ({"subject": "TEST other", "reason": "TEST"}, "amendments/")]
        answers = [
            writer.post(row + to, body, If_Match=one) for row, one, (body, to) in zip(rows, seen, bodies, strict=True)
        ]
        assert [one.status for one in answers] == [412, 412]
        # a moment as the API writes it: the reader may sit anywhere, and read it next year
        words = [re.fullmatch(r"(.+) at (\S+): (.+?)\. Look at .+", one.body["detail"]) for one in answers]
        moments = [dt.datetime.fromisoformat(one[2]) for one in words if one]
        assert [one.utcoffset() for one in moments] == [dt.timedelta(0)] * len(moments)
        found = [{one["field"]: one for one in answer.body["difference"]} for answer in answers]
        return [[one and one[3] for one in words], found]

    said, (of_item, of_letter) = told()
    assert said == ["owner changed", "linked to another letter"]
    assert (sorted(of_item), sorted(of_letter)) == (["acknowledgement_due_on", "events", "owner"], ["events"])
    assert of_item["events"]["then"] == of_letter["events"]["then"] == []
    kinds = [[one["kind"] for one in each["events"]["now"]] for each in (of_item, of_letter)]
    assert kinds == [["note_added", "renewed"], ["letter_linked"]]
    assert of_item["events"]["now"][0]["payload"]["note"] == str(note.pk)

    sending.change_access(Letter.objects.get(pk=later.pk), by=SETUP, access="restricted", reason="TEST")
    answer = writer.post(rows[0] + "snooze/", {"until": None}, If_Match=seen[0])
    (events,) = [one["now"] for one in answer.body["difference"] if one["field"] == "events"]
    assert [one["kind"] for one in events] == ["note_added"]


@pytest.mark.django_db(transaction=True)
def test_the_difference_names_the_parts_of_a_draft(reference):
    """Whoever writes to one part has the draft's ETag, and who changed another part changed that."""
    staff, writer = user("staff"), writing(user("manager"))
    letter = draft(agencies=["treasury"])
    asked = ask(letter, "treasury")
    to = letter.addressees.get()
    seen = tag(writer, f"drafts/{letter.pk}/")
    drafting.sign(letter, by=staff, printed_name="TEST Third")
    third = letter.signatures.get(printed_name="TEST Third")
    rewording.reword_addressee(to, by=staff, printed_title="TEST Secretary")
    answer = writer.send("PATCH", f"asks/{asked.pk}/", {"summary": "TEST other"}, If_Match=seen)
    told = {one["field"]: (one["then"], one["now"]) for one in answer.body["difference"]}
    assert (answer.status, sorted(told)) == (412, ["addressees", "signatures"])
    assert told["addressees"] == (
        [{"id": str(to.pk), "printed_title": ""}],
        [{"id": str(to.pk), "printed_title": "TEST Secretary"}],
    )
    then, (now,) = told["signatures"]
    assert (then, now["id"], now["printed_name"]) == ([], str(third.pk), "TEST Third")
    assert "Look at “difference”" in answer.body["detail"]


def test_the_version_is_what_counts(writer):
    tasking = item()
    version, path = Tasking.objects.get(pk=tasking.pk).version, f"taskings/{tasking.pk}/snooze/"
    now = f'"{version}"'
    for sent_tag, status in {
        '"99"': 412, f'W/{now}': 412, f'W/{now}, "99-000000000000"': 412, f'"no-tag-of-ours", {now}': 200,
    }.items():  # fmt: skip
        answer = writer.post(path, {"until": None}, If_Match=sent_tag)
        assert (sent_tag, answer.status) == (sent_tag, status)
    for form in ("*", '"{}-000000000000"'):
        sent_tag = form.format(Tasking.objects.get(pk=tasking.pk).version)
        assert writer.post(path, {"until": None}, If_Match=sent_tag).status == 200
    weak = writer.faults(path, {"until": None}, If_Match=f"W/{now}")
    assert (weak[0], weak[1][0]) == (412, "If-Match")
    assert weak[1][1].startswith(f"If-Match: W/{now} is a weak tag")


@pytest.mark.parametrize("sent_tag", ["", "7", 'w/"7"', '"x"', '"7", x', '"7-lzma"', '"7"-gzip'])
def test_what_is_no_etag_of_ours(writer, sent_tag):
    answer = writer.post(f"taskings/{item().pk}/snooze/", {"until": None}, If_Match=sent_tag)
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "If-Match")


def test_what_changes_or_removes_a_row_needs_if_match(writer):
    draft = writer.post("drafts/", {"subject": "TEST"}).body
    for method in ("PATCH", "DELETE"):
        answer = writer.send(method, f"drafts/{draft['id']}/", {"subject": "TEST other"} if method == "PATCH" else None)
        assert (answer.status, answer.body["type"]) == (428, "http://testserver/api/docs/#problem-match-required")


def test_a_row_without_an_etag_takes_no_if_match(writer):
    assert writer.post("drafts/", {"subject": "TEST"}, If_Match="*").status == 400


def test_a_row_that_did_not_change_is_304(office):
    tasking = item()
    first = office.get(f"taskings/{tasking.pk}/")
    again = office.client.get(
        f"/api/v1/taskings/{tasking.pk}/",
        headers={"Authorization": f"Bearer {office.key}", "If-None-Match": first.headers["ETag"]},
    )
    assert (again.status_code, again.content, "Content-Type" in again.headers) == (304, b"", False)
    assert {name: again.headers[name] for name in ("ETag", "Cache-Control", "Vary")} == {
        name: first.headers[name] for name in ("ETag", "Cache-Control", "Vary")
    }
    for tags, status in {"*": 304, f'"other", W/{first.headers["ETag"]}': 304, '"other", W/"x"': 200, "": 200}.items():
        assert office.get(f"taskings/{tasking.pk}/", **{"If-None-Match": tags}).status == status
    items.assign(tasking, by=SETUP, owner=user())
    assert office.get(f"taskings/{tasking.pk}/", **{"If-None-Match": first.headers["ETag"]}).status == 200


# as proxies send it that compress: Caddy's own suffixes, and the weak tags of others
COMPRESSED = ['"{}"', 'W/"{}"', '"{}-gzip"', '"{}-zstd"', '"{}-br"', 'W/"{}-gzip"', '"9-000000000000", "{}-gzip"']


@pytest.mark.parametrize("form", COMPRESSED)
def test_a_tag_that_came_through_a_proxy_is_known(writer, form):
    draft = writer.post("drafts/", {"subject": "TEST"})
    path, stale = f"drafts/{draft.body['id']}/", form.format(draft.headers["ETag"].strip('"'))
    assert writer.get(path, **{"If-None-Match": stale}).status == 304
    strong = stale if "W/" not in stale else draft.headers["ETag"]  # a weak one says nothing of what is written
    assert strong == stale or writer.send("PATCH", path, {"subject": "TEST"}, If_Match=stale).status == 412
    changed = writer.send("PATCH", path, {"subject": "TEST other"}, If_Match=strong)
    assert changed.status == 200
    assert writer.get(path, **{"If-None-Match": stale}).status == 200
    assert writer.send("DELETE", path, If_Match=strong).status == 412
    again = changed.headers["ETag"] if "W/" in form else form.format(changed.headers["ETag"].strip('"'))
    assert writer.send("DELETE", path, If_Match=again).status == 204


@pytest.mark.parametrize("form", COMPRESSED)
def test_the_document_takes_such_tags(form):
    assert re.search(MATCH_PATTERN, form.format("7-3fb2c91d0a44").split(", ")[-1])


# --- addresses


def test_an_address_says_what_it_takes(writer, office):
    path = f"taskings/{item().pk}/owner/"
    assert (writer.get(path).status, writer.get(path).headers["Allow"]) == (405, "POST")
    answer = writer.send("PUT", f"letters/{sent().pk}/", {})
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    path = answer.body["instance"]
    assert answer.body["detail"] == f"PUT: {path} does not take it. Use one of: GET, HEAD."


def test_a_query_is_refused_on_a_write_too(writer):
    assert writer.faults(f"taskings/{item().pk}/notes/?dry=1", NOTE)[1][0] == "dry"


def test_the_vocabulary_says_every_code_in_words(nobody, reference):
    answer = nobody.get("vocabulary/")
    assert answer.status == 200
    assert answer.body["status"][1] == {"code": "awaiting", "words": "no reply recorded"}
    assert {one["code"] for one in answer.body["scope"]} == set(Scope.values)


def test_the_vocabulary_says_what_each_filter_takes_to_who_has_that_filter(nobody, public, office):
    readers = {"released": public, "office": office}
    told = {scope: reader.get("vocabulary/").body for scope, reader in readers.items()}
    assert nobody.get("vocabulary/").body == told["released"]
    for scope, words in told.items():
        codes = {
            (name, value["code"]) for name, values in words.items() if name == "order" or name.startswith("filter_")
            for value in values
        }  # fmt: skip
        taken = {
            (one.name if one.name == "order" else f"filter_{one.name}", code)
            for by_scope in SOURCES.values() if Scope(scope) in by_scope
            for one in by_scope[Scope(scope)].parameters if one.kind == "choice" and one.name != "expand"
            for code in one.choices
        }  # fmt: skip
        without = {("filter_owner", "nobody"), ("filter_lead", "-none-"), ("filter_lead", "-unmatched-"),
                   ("filter_topic", "-none-"), ("filter_target", "-none-")}  # fmt: skip
        assert codes == taken | (without if scope == "office" else set())
        reader, items_take = readers[scope], {one.name for one in SOURCES["taskings"][Scope(scope)].parameters}
        asked = [(name.removeprefix("filter_"), code) for name, code in sorted(codes)]
        asked = [f"taskings/?{name}={code}" for name, code in asked if name in items_take]
        assert [path for path in asked if reader.get(path).status != 200] == []
        assert len(asked) > 5
    assert told["office"]["filter_due"] == [
        {"code": "week", "words": "within 7 days"}, {"code": "month", "words": "within 30 days"},
    ]  # fmt: skip
    assert {"code": "worked", "words": "worked on by us"} in told["office"]["filter_change"]
    wrong = Reader("x" * 43).get("vocabulary/")
    assert (wrong.status, wrong.headers["Content-Type"]) == (401, "application/problem+json")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_does_not_grow(writer, rows, django_assert_num_queries):
    letters = [sent() for _ in range(rows)]
    tasking = Tasking.objects.get(ask__letter=letters[0])
    for _ in range(rows - 1):
        items.add_note(by=SETUP, letter=letters[0], tasking=tasking, text="TEST")
    path = f"taskings/{tasking.pk}/notes/"
    writer.get("kinds/?limit=1")  # once an hour it is noted that a key is used
    with django_assert_num_queries(14):
        writer.post(path, NOTE)
    with django_assert_num_queries(28):
        writer.post(path, NOTE, Idempotency_Key="TEST-1")
    with django_assert_num_queries(4):
        writer.post(path, NOTE, Idempotency_Key="TEST-1")
    assert json.loads(IdempotencyKey.objects.get().body)["text"] == NOTE["text"]
    assert ApiKey.objects.count() == 1
