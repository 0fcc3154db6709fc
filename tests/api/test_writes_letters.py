"""Logging letters and keeping them, through the API."""

import datetime as dt
import json

import pytest

from letters.domain import letter_desk, renewals, sending
from letters.domain.clocks import office_today
from letters.domain.history import known_to
from letters.errors import RecordError
from letters.models import Amendment, Attachment, Event, Letter, LetterLink, Note, Signature, Target
from tests.api.conftest import Reader, writing
from tests.api.shape_checks import check
from tests.factories import SETUP, item, sent, target, user

MAIL = b"From: test@example.invalid\r\nTo: test@example.invalid\r\nDate: Tue, 2 May 2023 12:00:00 -0400\r\nSubject: TEST\r\n\r\nTEST\r\n"
WHOLE = {
    "subject": "TEST letter",
    "letter_date": "2023-04-25",
    "text": "TEST words",
    "topics": ["TEST topic"],
    "signatures": [
        {"printed_name": "TEST Signer", "is_lead": True},
        {"printed_name": "TEST Bill Hagerty", "bioguide": "H000601"},
    ],
    "addressees": [{"agency": "treasury", "printed_name": "TEST Secretary"}, {"agency": "commerce", "printed_name": "TEST Other"}],
    "asks": [
        {
            "kind": "sanction",
            "quote": "TEST sanction it",
            "targets": [{"slug": "huawei-cloud"}, {"name": "TEST New Company", "kind": "company"}],
            "responsible": ["treasury"],
            "consulted": ["commerce"],
            "acting_agency": "ofac",
        },
        {"kind": "written_answers", "summary": "TEST answer", "questions": ["TEST one?", "TEST two?"], "responsible": ["commerce"]},
    ],
}  # fmt: skip


def form(data: bytes, name: str = "TEST.eml", field: str = "file") -> dict:
    head = f'--TEST\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: message/rfc822\r\n\r\n'
    return {"body": head.encode() + data + b"\r\n--TEST--\r\n", "Content_Type": "multipart/form-data; boundary=TEST"}


@pytest.fixture
def manages(epoch, manager) -> Reader:
    return writing(manager)


def test_a_letter_is_logged_whole_and_sent(seed, writer, office, staff):
    made = writer.post("drafts/", WHOLE)
    assert made.status == 201, made.body
    check(made.body, "DraftDetail")
    assert [one["bioguide"] for one in made.body["signatures"]] == [None, "H000601"]
    assert (made.body["signatures"][1]["state"], made.body["signatures"][1]["match"]) == ("TN", "confirmed")
    assert [one["slug"] for one in made.body["asks"][0]["targets"]] == ["huawei-cloud", "test-new-company"]
    assert [(one["role"], one["agency"]["slug"]) for one in made.body["asks"][0]["taskings"]] == [
        ("consulted", "commerce"), ("lead", "treasury"),
    ]  # fmt: skip
    assert writer.get(made.headers["Location"]).body == made.body
    assert office.get(made.headers["Location"]).status == 403
    assert office.get(f"letters/{made.body['id']}/").status == 404
    answer = writer.post(f"drafts/{made.body['id']}/send/", {"sent_on": "2023-04-26"}, If_Match=made.headers["ETag"])
    assert (answer.status, answer.body["sent_on"], answer.body["state"]) == (201, "2023-04-26", "sent")
    assert answer.headers["Location"] == f"http://testserver/api/v1/letters/{made.body['id']}/"
    assert answer.body == office.get(answer.headers["Location"]).body
    assert writer.get(made.headers["Location"]).status == 404
    event = Event.objects.get(letter=made.body["id"], kind="letter_sent")
    assert (event.by_user, event.payload["by_key"]) == (staff, "TEST staff writes")


def test_a_letter_is_logged_part_by_part(writer):
    draft = writer.post("drafts/", {"subject": "TEST letter", "letter_date": "2023-04-25"})
    path = f"drafts/{draft.body['id']}/"
    assert (
        writer.post(f"{path}signatures/", {"printed_name": "TEST Signer"}).body["signatures"][0]["match"] == "unmatched"
    )
    body = {"agency": "treasury", "printed_name": "TEST Secretary", "address": "TEST Street 1"}
    assert writer.post(f"{path}addressees/", body).body["addressees"][0]["address"] == "TEST Street 1"
    asked = writer.post(f"{path}asks/", {"kind": "written_answers", "summary": "TEST", "questions": ["TEST?"]}).body[
        "asks"
    ][0]
    assert (asked["number"], [one["text"] for one in asked["questions"]]) == (1, ["TEST?"])
    put = writer.post(f"asks/{asked['id']}/taskings/", {"agency": "treasury"}).body["asks"][0]["taskings"]
    assert [one["agency"]["slug"] for one in put] == ["treasury"]
    assert writer.faults(f"asks/{asked['id']}/taskings/", {"agency": "energy"})[1][0] == "/agency"
    now = writer.get(path)
    changed = writer.send("PATCH", path, {"subject": "TEST better"}, If_Match=now.headers["ETag"])
    assert (changed.status, changed.body["subject"], changed.body["letter_date"]) == (200, "TEST better", "2023-04-25")
    assert writer.send("PATCH", path, {"subject": "TEST"}, If_Match=now.headers["ETag"]).status == 412
    assert writer.post(f"{path}send/").status == 201


def test_a_letter_may_set_a_number_of_days(writer):
    term = {"term_days": 30, "term_unit": "calendar", "term_from": "letter_date"}
    whole = {**WHOLE, "asks": [{"kind": "briefing", "summary": "TEST", "responsible": ["treasury"]}], **term}
    draft = writer.post("drafts/", whole).body
    assert {name: draft[name] for name in term} == term
    letter = writer.post(f"drafts/{draft['id']}/send/", {"sent_on": "2023-04-25"}).body
    (tasking,) = letter["asks"][0]["taskings"]
    assert (tasking["due_on"], tasking["due_basis"]) == ("2023-05-25", "letter")
    amended = writer.post(f"letters/{draft['id']}/amendments/", {"term_days": 45, "reason": "TEST misread"}).body
    assert (amended["term_days"], amended["asks"][0]["taskings"][0]["due_on"]) == (45, "2023-06-09")
    wrong = writer.faults("drafts/", {"subject": "TEST", "term_days": 30})
    assert [wrong[0], {one[0] for one in wrong[1:]}] == [422, {"/term_unit", "/term_from"}]


def test_a_draft_is_given_up(writer):
    draft = writer.post("drafts/", {"subject": "TEST letter"})
    path = f"drafts/{draft.body['id']}/"
    assert writer.send("DELETE", path, If_Match="*").status == 204
    assert (writer.get(path).status, writer.rows("drafts/")) == (404, [])
    assert Letter.objects.get().state == "discarded"


def test_every_problem_of_a_whole_letter_is_named_where_it_is(writer):
    body = {
        "subject": "TEST", "letter_date": "2031-01-01",
        "signatures": [{"printed_name": "TEST Twin"}, {"printed_name": "TEST Twin"}, {"printed_name": "X", "bioguide": "Z999999"}],
        "addressees": [{"agency": "treasury", "printed_name": " "}],
        "asks": [
            {"kind": "sanction", "summary": "TEST", "responsible": ["energy"]},
            {"kind": "other", "summary": "TEST", "targets": [{"name": "TEST", "kind": "ship"}]},
            {"kind": "other", "summary": "TEST", "requested_by": "1999-01-01", "responsible": ["energy"]},
            {"kind": "other", "summary": "TEST", "responsible": ["treasury"], "consulted": ["energy"]},
        ],
    }  # fmt: skip
    status, *problems = writer.faults("drafts/", body)
    assert (status, [field for field, _ in problems]) == (
        422,
        [
            "/letter_date", "/signatures/1/printed_name", "/signatures/2/bioguide", "/addressees/0/printed_name",
            "/asks/0/targets", "/asks/1/targets/0/kind", "/asks/2/responsible", "/asks/3/responsible", "/asks/3/consulted",
        ],
    )  # fmt: skip
    assert Letter.objects.count() == 0


def test_what_a_draft_lacks_is_said_when_it_is_sent(writer):
    draft = writer.post("drafts/", {"subject": "TEST letter"}).body
    status, *problems = writer.faults(f"drafts/{draft['id']}/send/")
    assert status == 422
    assert {field for field, _ in problems} >= {"letter_date"}


def test_an_ask_s_own_date_before_the_day_of_sending_keeps_its_name(writer):
    asks = [{**WHOLE["asks"][1], "requested_by": "2023-04-27"}]
    draft = writer.post("drafts/", {**WHOLE, "asks": asks}).body
    status, *problems = writer.faults(f"drafts/{draft['id']}/send/", {"sent_on": "2023-04-28"})
    assert (status, [field for field, _ in problems]) == (422, ["requested_by"])
    assert "The date of ask 1" in problems[0][1]


def test_a_key_makes_no_restricted_draft(writer):
    status, (field, _) = writer.faults("drafts/", {"subject": "TEST", "access": "restricted"})
    assert (status, field) == (400, "/access")


def test_a_sent_letter_is_corrected_with_a_reason(writer):
    letter = sent()
    answer = writer.post(f"letters/{letter.pk}/amendments/", {"subject": "TEST right", "reason": "TEST reason"})
    assert (answer.status, answer.body["subject"]) == (200, "TEST right")
    assert [(one["field"], one["after"], one["reason"]) for one in answer.body["amendments"]] == [
        ("subject", "TEST right", "TEST reason")
    ]
    assert writer.faults(f"letters/{letter.pk}/amendments/", {"subject": "TEST right", "reason": "TEST"}) == [
        422, ("/subject", "Nothing was changed, so there is nothing to correct."),
    ]  # fmt: skip
    assert writer.faults(f"letters/{letter.pk}/amendments/", {"subject": "TEST"})[1][0] == "/reason"


def test_the_day_a_letter_was_sent_is_corrected(writer):
    tasking = item(sent_on=dt.date(2022, 4, 25))
    path = f"letters/{tasking.ask.letter_id}/amendments/"
    answer = writer.post(path, {"letter_date": "2023-04-25", "sent_on": "2023-04-25", "reason": "TEST a slip"})
    assert (answer.status, answer.body["reference"], answer.body["sent_on"], answer.body["sent_at"][:10]) == (
        200, "2022-0001", "2023-04-25", "2023-04-25",
    )  # fmt: skip
    assert writer.get(f"taskings/{tasking.pk}/").body["asked_on"] == "2023-04-25"
    status, (field, message) = writer.faults(path, {"sent_on": "2023-04-24", "reason": "TEST"})
    assert (status, field, message) == (
        422, "/sent_on",
        "The day it was sent (April 24, 2023) is before the letter’s date (April 25, 2023). Enter April 25, 2023 or a later day.",
    )  # fmt: skip
    assert writer.faults(path, {"sent_on": None, "reason": "TEST"})[0] == 400


@pytest.mark.parametrize("hidden", ["earlier", "later"])
def test_the_key_of_a_manager_is_told_of_no_restricted_letter_against_the_day(manages, manager, hidden):
    """The manager is, who sees them all."""
    first = item(kind_code="briefing", sent_on=dt.date(2023, 4, 25))
    again = sent(kind_code="briefing", sent_on=dt.date(2023, 9, 5))
    renewals.renew(first, by=SETUP, letter=again, instead_of=again.asks.get().taskings.get())
    letters = {"earlier": first.ask.letter, "later": again}
    restricted = letters.pop(hidden)
    (mine,) = letters.values()
    day = dt.date(2023, 9, 6) if hidden == "later" else dt.date(2023, 4, 24)
    facts = {"letter_date": day, "sent_on": day}
    path, body = f"letters/{mine.pk}/amendments/", {name: str(one) for name, one in facts.items()} | {"reason": "TEST"}
    status, (field, message) = manages.faults(path, body)
    assert (status, field, restricted.reference in message) == (422, "/sent_on", True)
    sending.change_access(Letter.objects.get(pk=restricted.pk), by=SETUP, access="restricted", reason="TEST")
    with pytest.raises(RecordError) as told:
        sending.amend(Letter.objects.get(pk=mine.pk), by=manager, reason="TEST", **facts)
    assert restricted.reference in str(told.value)
    answer = manages.post(path, body)
    assert restricted.reference not in str(answer.body)
    assert (answer.status, answer.body["sent_on"]) == (200, str(day))


def test_parts_of_a_sent_letter_are_corrected(writer, office):
    letter = sent(signers=["TEST One", "TEST Two"])
    shown = office.get(f"letters/{letter.pk}/").body
    one, two = shown["signatures"]
    body = {
        "reason": "TEST reason",
        "signatures": [{"id": one["id"], "printed_name": "TEST First"}, {"id": two["id"], "remove": True}],
        "addressees": [{"id": shown["addressees"][0]["id"], "address": "TEST Street"}],
        "asks": [{"id": shown["asks"][0]["id"], "summary": "TEST other words", "requested_by": "2023-06-01"}],
    }
    answer = writer.post(f"letters/{letter.pk}/amendments/parts/", body)
    assert answer.status == 200, answer.body
    assert [signature["printed_name"] for signature in answer.body["signatures"]] == ["TEST First"]
    assert (answer.body["asks"][0]["summary"], answer.body["asks"][0]["requested_by"]) == (
        "TEST other words",
        "2023-06-01",
    )
    assert Amendment.objects.filter(letter=letter).count() == 5
    other = Signature.objects.get(letter=sent(signers=["TEST Other"]))
    for key in (str(other.pk), two["id"]):
        status, (field, message) = writer.faults(
            f"letters/{letter.pk}/amendments/parts/",
            {"reason": "TEST", "signatures": [{"id": key, "printed_name": "TEST"}]},
        )
        assert (status, field) == (400, "/signatures/0/id")
        assert message == f"/signatures/0/id: “{key}” is no signature of this letter. GET the letter for their ids."


def test_a_letter_is_made_public_and_taken_back_by_managers(manages, writer, public):
    letter = sent()
    answer = writer.post(f"letters/{letter.pk}/release/")
    assert (answer.status, answer.body["detail"]) == (
        403, "Your role (Staff) may not make public or withdraw this. Ask a manager or an administrator.",
    )  # fmt: skip
    assert manages.post(f"letters/{letter.pk}/release/").body["released_at"] is not None
    assert public.get(f"letters/{letter.pk}/").status == 200
    assert manages.faults(f"letters/{letter.pk}/release/")[0] == 422
    assert manages.post(f"letters/{letter.pk}/withdraw/", {"reason": "TEST"}).body["released_at"] is None
    assert public.get(f"letters/{letter.pk}/").status == 404


def test_a_letter_is_marked_as_entered_in_error(writer):
    letter = sent()
    answer = writer.post(f"letters/{letter.pk}/enter-in-error/", {"reason": "TEST twice"})
    assert (answer.status, answer.body["state"]) == (200, "entered_in_error")
    assert [one["status"] for ask in answer.body["asks"] for one in ask["taskings"]] == ["entered_in_error"]


def test_a_restricted_letter_is_gone_for_the_key_that_restricted_it(manages, manager):
    letter = sent()
    body = {"access": "restricted", "reason": "TEST", "staff": ["manager"]}
    assert manages.post(f"letters/{letter.pk}/access/", body).status == 204
    assert Letter.objects.get(pk=letter.pk).access == "restricted"
    assert list(letter.staff.all()) == [manager]
    assert manages.get(f"letters/{letter.pk}/").status == 404
    assert manages.post(f"letters/{letter.pk}/access/", {"access": "office"}).status == 404


def test_staff_restrict_only_where_they_are_named(writer, staff):
    assert writer.post(f"letters/{sent().pk}/access/", {"access": "restricted"}).status == 403
    named = sent(staff=[staff])
    assert writer.post(f"letters/{named.pk}/access/", {"access": "restricted"}).status == 204


def test_a_note_about_a_letter(writer):
    letter = sent()
    answer = writer.post(f"letters/{letter.pk}/notes/", {"text": "TEST note"})
    assert (answer.status, answer.body["letter"], answer.body["tasking"]) == (201, str(letter.pk), None)
    assert Note.objects.get().letter_id == letter.pk


def test_a_file_is_kept_and_given_back(writer, office, public, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    letter = sent(released=True)
    answer = writer.post(f"letters/{letter.pk}/attachments/", **form(MAIL))
    assert (answer.status, answer.body["name"], answer.body["size"]) == (201, "TEST.eml", len(MAIL)), answer.body
    given = office.client.get(answer.body["download_url"], headers={"Authorization": f"Bearer {office.key}"})
    assert (given.status_code, given.getvalue()) == (200, MAIL)
    assert given["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert given["Content-Disposition"] == 'attachment; filename="TEST.eml"'
    assert public.get(answer.body["download_url"]).status == 403
    # whatever is preferred, the file is what it is; who holds it already gets it no second time
    for sent_with, status in (
        ({"Accept": "message/rfc822"}, 200), ({"If-None-Match": given["ETag"]}, 304), ({"If-Match": '"x"'}, 200),
    ):  # fmt: skip
        key = {"Authorization": f"Bearer {office.key}"}
        again = office.client.get(answer.body["download_url"], headers=key | sent_with)
        assert (again.status_code, again["ETag"], again.getvalue()) == (
            status,
            given["ETag"],
            MAIL if status == 200 else b"",
        )
    assert office.rows(f"attachments/?letter={letter.pk}") == [answer.body]
    again = writer.post(f"letters/{letter.pk}/attachments/", **form(MAIL))
    assert (again.status, again.body["errors"][0]["field"]) == (422, "/file")
    assert again.body["errors"][0]["message"].startswith("“TEST.eml” is with this letter already")


def test_a_file_named_once_is_kept_once(writer, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    path = f"letters/{sent().pk}/attachments/"
    answers = [writer.post(path, **form(MAIL), Idempotency_Key="TEST") for _ in range(2)]
    assert [one.status for one in answers] == [201, 201]
    assert answers[0].body == answers[1].body
    assert Attachment.objects.count() == 1


def test_a_file_that_the_machine_has_no_room_for_is_refused_in_words(writer, settings, tmp_path):
    settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR = tmp_path, str(tmp_path / "missing")
    answer = writer.post(f"letters/{sent().pk}/attachments/", **form(b"%PDF-1.7 TEST" + b" " * 4 * 1024 * 1024))
    assert (answer.status, [one["field"] for one in answer.body["errors"]]) == (422, ["/file"])
    assert "cannot be kept on this server: No such file or directory." in answer.body["detail"]


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        (form(MAIL, field="paper"), 400, "/paper"),
        ({"body": b"--TEST--\r\n", "Content_Type": "multipart/form-data; boundary=TEST"}, 400, "/file"),
        ({"body": b"x", "Content_Type": "multipart/form-data"}, 400, ""),
        ({"body": b"{}"}, 415, None),
        (form(b"<html>TEST</html>", "TEST.pdf"), 422, "/file"),
        # codecs of Python that give no text, or half characters: the one raised in Django, the other in our answer
        (form(MAIL) | {"Content_Type": "multipart/form-data; boundary=TEST; charset=rot13"}, 415, None),
        (
            form(MAIL, field="\\ud800")
            | {"Content_Type": "multipart/form-data; boundary=TEST; charset=raw_unicode_escape"},
            415,
            None,
        ),
        (form(b" " * (50 * 1024 * 1024 + 1)), 413, "/file"),
        ({"body": b" " * (52 * 1024 * 1024), "Content_Type": "multipart/form-data; boundary=TEST"}, 413, None),
    ],
)
def test_what_is_no_file_that_is_kept(writer, settings, tmp_path, given, status, field):
    settings.MEDIA_ROOT = tmp_path
    answer = writer.post(f"letters/{sent().pk}/attachments/", **given)
    assert (answer.status, [one["field"] for one in answer.body["errors"]]) == (
        status,
        [field] if field is not None else [],
    )


def test_letters_are_linked_and_unlinked(writer):
    first, second = sent(), sent(sent_on=dt.date(2023, 9, 5))
    answer = writer.post(f"letters/{second.pk}/links/", {"letter": str(first.pk), "kind": "follow_up_to"})
    (link,) = answer.body["links"]
    assert (answer.status, link["letter"]["id"]) == (200, str(first.pk))
    same = writer.faults(f"letters/{second.pk}/links/", {"letter": str(first.pk), "kind": "follow_up_to"})
    assert same == [
        422, ("/letter", "2023-0002 is “follow-up to 2023-0001” already. Leave it as it is, or choose another letter."),
    ]  # fmt: skip
    other = LetterLink.objects.get()  # somebody else looks before it is taken away
    assert writer.post(f"links/{link['id']}/remove/").status == 204
    assert LetterLink.objects.count() == 0
    with pytest.raises(LetterLink.DoesNotExist):
        letter_desk.unlink_letters(other, by=SETUP)
    assert [event.payload["linked"] for event in second.events.filter(kind="letter_linked")] == [True, False]


def test_what_an_addressees_office_tells(writer, office):
    letter = sent()
    (addressee,) = office.get(f"letters/{letter.pk}/").body["addressees"]
    path = f"addressees/{addressee['id']}/delivery/"
    answer = writer.post(path, {"control_number": "TEST-1", "acknowledged_on": "2023-05-02"})
    assert (answer.status, answer.body["addressees"][0]["control_number"]) == (200, "TEST-1")
    assert answer.body["addressees"][0]["acknowledged_at"].startswith("2023-05-02")
    assert writer.faults(path, {"delivered_on": str(office_today() + dt.timedelta(days=1))})[1][0] == "/delivered_on"


def test_two_who_note_what_an_addressee_tells_do_not_overwrite_each_other(writer, office):
    letter = sent()
    read = office.get(f"letters/{letter.pk}/")
    path, seen = f"addressees/{read.body['addressees'][0]['id']}/delivery/", read.headers["ETag"]
    first = writer.post(path, {"control_number": "TEST-1"}, If_Match=seen)
    assert (first.status, first.body["version"]) == (200, read.body["version"] + 1)
    second = writer.post(path, {"control_number": "TEST-2"}, If_Match=seen)
    assert (second.status, second.headers["ETag"]) == (412, first.headers["ETag"])
    assert letter.addressees.get().control_number == "TEST-1"
    assert writer.post(path, {"control_number": "TEST-2"}, If_Match=first.headers["ETag"]).status == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_of_a_correction_does_not_grow(writer, rows, django_assert_num_queries):
    letters = [sent(signers=[f"TEST {n}" for n in range(rows)]) for _ in range(rows)]
    writer.get("kinds/?limit=1")  # once an hour it is noted that a key is used
    with django_assert_num_queries(32):
        answer = writer.post(f"letters/{letters[0].pk}/amendments/", {"on_behalf_of": "TEST", "reason": "TEST"})
    assert answer.status == 200


def test_nothing_of_a_restricted_letter_is_written_to(writer, office):
    hidden = item(access="restricted")
    letter = hidden.ask.letter
    for path in ("amendments", "release", "withdraw", "enter-in-error", "access", "notes", "attachments", "links"):
        assert writer.post(f"letters/{letter.pk}/{path}/", {"TEST": 1}).status == 404
    assert writer.post(f"addressees/{letter.addressees.get().pk}/delivery/", {}).status == 404
    open_one = sent()
    unknown = "00000000-0000-4000-8000-000000000000"
    told = [
        writer.faults(f"letters/{open_one.pk}/links/", {"letter": str(key), "kind": "supersedes"})[1][1].replace(
            str(key), ""
        )
        for key in (letter.pk, unknown)
    ]
    assert told[0] == told[1]
    assert user("viewer").letters.count() == 0


def test_the_key_of_a_manager_is_told_of_no_company_that_only_a_restricted_letter_names(manages, manager):
    """Of a new one it may say what that belongs to, by name: it is told what every key is told."""
    holding = target("TEST Holding")
    hidden = sent(ask_facts={"targets": [holding]})
    new = {"name": "TEST Daughter", "kind": "company", "parent": "TEST Holding"}
    draft = {"subject": "TEST", "asks": [{"kind": "sanction", "targets": [new]}]}
    sending.change_access(hidden, by=SETUP, access="restricted", reason="TEST")
    refused = manages.faults("drafts/", draft)
    unknown = manages.faults("drafts/", json.loads(json.dumps(draft).replace("Holding", "Nobody")))
    assert refused[:1] == [422]
    assert [(at, said.replace("Holding", "Nobody")) for at, said in refused[1:]] == unknown[1:]
    assert known_to(manager, Target.objects).filter(pk=holding.pk).exists()  # on a page the manager chooses it
