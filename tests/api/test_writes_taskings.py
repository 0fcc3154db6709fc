"""What a key that writes does about one item: the page's verbs, in its person's name."""

import datetime as dt

import pytest

from letters.domain import items, renewals, sending, workflow
from letters.domain.clocks import office_today
from letters.domain.transitions import allowed_next
from letters.enums import OPEN_STATUSES
from letters.models import Contact, Event, Note, Renewal, Tasking, User
from tests.api.conftest import writing
from tests.factories import SETUP, agency, ask, draft, evidence, fresh, item, moved, reply, sent, target, user

TOMORROW = office_today() + dt.timedelta(days=1)


def test_an_item_is_moved_and_the_answer_is_the_item_as_it_is_then(writer, staff):
    tasking = item()
    answer = writer.post(f"taskings/{tasking.pk}/transitions/", {"to": "considering"})
    assert (answer.status, answer.body["status"]) == (200, "considering")
    assert answer.body == writer.get(f"taskings/{tasking.pk}/").body
    event = Event.objects.filter(tasking=tasking).latest("sequence")
    assert (event.by_user, event.payload["by_key"], event.to_status) == (staff, "TEST staff writes", "considering")
    assert tasking.history.latest("pgh_id").pgh_context["key"] == "TEST staff writes"


def test_a_promise_is_made_and_moved(writer):
    tasking = item()
    early = writer.send("POST", f"taskings/{tasking.pk}/promise/", {"to": str(TOMORROW)}).body["errors"]
    assert early == [
        {"field": "/to", "value": str(TOMORROW), "message": "Nothing is promised here; this item is “no reply recorded”. "
         "Record first that they promised a day."}
    ]  # fmt: skip
    assert writer.faults(f"taskings/{tasking.pk}/transitions/", {"to": "promised"}) == [
        422,
        ("/promised_on", "“promised” needs the date they promised. Add it."),
    ]
    day = str(TOMORROW)
    answer = writer.post(f"taskings/{tasking.pk}/transitions/", {"to": "promised", "promised_on": day})
    assert (answer.status, answer.body["promised_on"], answer.body["due_basis"]) == (200, day, "promise")
    later = str(TOMORROW + dt.timedelta(days=30))
    answer = writer.post(f"taskings/{tasking.pk}/promise/", {"to": later})
    assert (answer.status, answer.body["due_on"]) == (200, later)
    early = writer.faults(f"taskings/{tasking.pk}/promise/", {"to": "1999-01-01"})
    assert [early[0], early[1][0]] == [422, "/to"]


def test_a_transfer_names_the_agency_that_has_it_now(writer):
    tasking = item()
    wrong = writer.faults(f"taskings/{tasking.pk}/transitions/", {"to": "transferred", "reason": "TEST"})
    assert wrong == [422, ("/agency", "“passed on” needs the agency it was passed to. Add it.")]
    body = {"to": "transferred", "reason": "TEST reason", "agency": "commerce"}
    answer = writer.post(f"taskings/{tasking.pk}/transitions/", body)
    assert (answer.status, answer.body["status"]) == (200, "transferred")
    successor = Tasking.objects.get(ask=tasking.ask, agency__slug="commerce")
    assert (successor.status, answer.body["passed_to"]) == ("awaiting", str(successor.pk))


def test_what_a_move_would_lose_is_refused(writer):
    path = f"taskings/{item().pk}/transitions/"
    for name, value in (("promised_on", "2031-01-15"), ("agency", "commerce")):
        told = writer.faults(path, {"to": "considering", name: value})
        assert [told[0], told[1][0]] == [422, f"/{name}"]
        assert "“considering” takes none, so it would be lost." in told[1][1]


def test_a_refused_move_names_codes_and_the_addresses_of_what_it_lacks(writer):
    """The words of the screen, which has a list and links, lead nobody on who has neither."""
    path = f"/api/v1/taskings/{(closed := moved(item(), 'withdrawn')).pk}/transitions/"
    told = writer.faults(f"taskings/{closed.pk}/transitions/", {"to": "considering"})
    assert told == [
        422, ("/to", "Status: “looking into it” cannot follow “withdrawn” for Other. Choose one of “no reply recorded”. "
              f"As codes: awaiting. GET {path} says what may follow, and what it needs."),
    ]  # fmt: skip
    tasking = item()
    lacks = {
        to: writer.faults(f"taskings/{tasking.pk}/transitions/", {"to": to})[1] for to in ("implemented", "declined")
    }
    assert [(to, field) for to, (field, _) in lacks.items()] == [("implemented", "evidence"), ("declined", "reply")]
    assert f" Add it. POST /api/v1/taskings/{tasking.pk}/evidence/ keeps it, and " in lacks["implemented"][1]
    assert lacks["declined"][1].endswith(" Add it. POST /api/v1/responses/ records one; then move the item.")


@pytest.mark.parametrize("status", OPEN_STATUSES[1:])
def test_what_may_follow_is_what_the_table_says_with_what_it_needs(writer, office, status):
    tasking = moved(item(), status)
    answer = office.get(f"taskings/{tasking.pk}/transitions/")
    assert (answer.status, answer.body["status"], answer.body["words"]) == (200, status, status.label)
    assert [one["to"] for one in answer.body["next"]] == list(
        allowed_next(status, closes_as=tasking.ask.kind.closes_as)
    )
    by_status = {one["to"]: one for one in answer.body["next"]}
    assert by_status["withdrawn"]["needs"] == [{"name": "reason", "words": "a reason", "field": "reason"}]
    assert by_status["declined"]["needs"] == [{"name": "reply", "words": "a reply from the agency", "field": None}]


def test_nothing_follows_where_a_post_is_refused_whatever_is_sent(writer, office, staff):
    """One answer for both: what the list offers is no move that the record keeps from everybody."""
    of_error, passed_on = moved(item(), "withdrawn"), item()
    sending.enter_in_error(of_error.ask.letter, by=staff, reason="TEST")
    workflow.transfer(passed_on, to_agency=agency("commerce"), by=staff, reason="TEST")
    consulting = draft(agencies=["treasury", "commerce"])
    ask(consulting, "treasury", consulted=["commerce"])
    sending.send_letter(consulting, by=SETUP)
    lead, consulted = Tasking.objects.filter(ask__letter=consulting).order_by("-role")
    moved(lead, "withdrawn")
    twice = sent(agencies=["treasury", "commerce"])
    with_twin, other = Tasking.objects.filter(ask__letter=twice).order_by("-agency__slug")
    moved(with_twin, "withdrawn")
    workflow.transfer(other, to_agency=agency("treasury"), by=staff, reason="TEST")
    may = {moved(item(), "withdrawn"): True} | dict.fromkeys((of_error, passed_on, consulted, with_twin), False)
    for tasking, is_free in may.items():
        path = f"taskings/{tasking.pk}/transitions/"
        assert [one["to"] for one in office.get(path).body["next"]] == (["awaiting"] if is_free else [])
        told = writer.post(path, {"to": "awaiting", "reason": "TEST"})
        assert (told.status, [one["field"] for one in told.body.get("errors", [])]) == (
            (200, []) if is_free else (422, ["/to"])
        )


def test_owner_and_reminder(writer, staff):
    tasking = item()
    assert writer.post(f"taskings/{tasking.pk}/owner/", {"owner": "staff"}).body["owner"] == "staff"
    assert writer.post(f"taskings/{tasking.pk}/owner/", {"owner": None}).body["owner"] is None
    assert writer.faults(f"taskings/{tasking.pk}/owner/", {"owner": "TEST nobody"}) == [
        400,
        ("/owner", "/owner: “TEST nobody” is not known. Give the user name of somebody who can sign in."),
    ]
    assert writer.post(f"taskings/{tasking.pk}/snooze/", {"until": str(TOMORROW)}).body["snoozed_until"] == str(
        TOMORROW
    )
    assert writer.post(f"taskings/{tasking.pk}/snooze/", {"until": None}).body["snoozed_until"] is None
    assert writer.faults(f"taskings/{tasking.pk}/snooze/", {"until": "2000-01-01"})[1][0] == "/until"


def test_a_review_date(writer):
    tasking = moved(item(), "considering")
    assert writer.post(f"taskings/{tasking.pk}/review/", {"on": str(TOMORROW)}).status == 200
    assert fresh(tasking).review_on == TOMORROW
    assert writer.faults(f"taskings/{item().pk}/review/", {"on": str(TOMORROW)}) == [
        422,
        (
            "/on",
            "Only an item that is “looking into it” gets a review date; this one is “no reply recorded”. "
            "Record first that they look into it.",
        ),
    ]


def test_a_note_is_kept_and_read_by_keys_that_write_alone(writer, office, staff):
    tasking = item()
    answer = writer.post(f"taskings/{tasking.pk}/notes/", {"text": "TEST note"})
    assert (answer.status, answer.body["text"], answer.body["by"]) == (201, "TEST note", "staff")
    assert answer.headers["Location"] == answer.body["url"]
    assert writer.get(answer.headers["Location"]).body == answer.body
    assert writer.rows(f"notes/?tasking={tasking.pk}") == [answer.body]
    assert office.refused("notes/") == [403]
    assert Note.objects.get().by == staff
    assert writer.faults(f"taskings/{tasking.pk}/notes/", {"text": " "}) == [
        422,
        ("/text", "The note is missing. Write something."),
    ]


def test_our_own_calls(writer, office, staff):
    one, two = item(), item()
    answer = writer.post(f"taskings/{one.pk}/contacts/", {"channel": "call", "outcome": "TEST left a message"})
    assert (answer.status, answer.body["taskings"], answer.body["agency"]["slug"]) == (201, [str(one.pk)], "treasury")
    body = {"agency": "treasury", "taskings": [str(one.pk), str(two.pk)], "channel": "meeting", "outcome": "TEST met"}
    answer = writer.post("contacts/", body | {"next_on": str(TOMORROW), "on": str(office_today())})
    assert (answer.status, len(answer.body["taskings"]), answer.body["next_on"]) == (201, 2, str(TOMORROW))
    for path in (f"contacts/?tasking={two.pk}", f"contacts/?letter={two.ask.letter_id}"):
        assert [row["id"] for row in office.rows(path)] == [answer.body["id"]]
    assert Contact.objects.filter(by=staff).count() == 2
    assert writer.faults("contacts/", body | {"taskings": []})[1][0] == "/taskings"
    assert writer.faults("contacts/", body | {"agency": "commerce"})[1][0] == "/agency"
    unknown = "00000000-0000-4000-8000-000000000000"
    assert writer.faults("contacts/", body | {"taskings": [str(one.pk), unknown]}) == [
        400,
        ("/taskings/1", f"/taskings/1: “{unknown}” is not known. GET /api/v1/taskings/ lists them."),
    ]


def test_evidence_then_done(writer, office):
    tasking = item(kind_code="sanction", ask_facts={"targets": [target("TEST Co")]})
    assert writer.faults(f"taskings/{tasking.pk}/transitions/", {"to": "implemented"})[1][0] == "evidence"
    body = {"kind": "federal_register", "citation": "TEST 99 FR 99999", "targets": ["test-co"]}
    answer = writer.post(f"taskings/{tasking.pk}/evidence/", body)
    assert (answer.status, answer.body["targets"], answer.body["tasking"]) == (201, ["test-co"], str(tasking.pk))
    of_other = item().ask.letter_id
    for path in (f"evidence/?tasking={tasking.pk}", f"evidence/?letter={tasking.ask.letter_id}"):
        assert office.rows(path) == [answer.body]
    assert office.rows(f"evidence/?letter={of_other}") == office.rows(f"contacts/?letter={of_other}") == []
    assert writer.post(f"taskings/{tasking.pk}/transitions/", {"to": "implemented"}).body["status"] == "implemented"
    assert writer.faults(f"taskings/{tasking.pk}/evidence/", {"kind": "url"}) == [
        422,
        ("/url", "The address of the page is missing. Paste it from the browser."),
        ("/seen_on", "The day it was seen is missing. Pages change: enter the day it said so."),
    ]


def test_a_later_letter_repeats_an_item(writer):
    tasking = item()
    later = sent(sent_on=dt.date(2023, 9, 5))
    twin = Tasking.objects.get(ask__letter=later)
    body = {"letter": str(later.pk), "quote": "TEST again", "instead_of": str(twin.pk)}
    answer = writer.post(f"taskings/{tasking.pk}/renewals/", body)
    assert (answer.status, answer.body["asked_on"]) == (200, "2023-04-25")
    assert (tasking.renewals.get().quote, fresh(twin).status) == ("TEST again", "entered_in_error")
    repeated = {"letter": str(later.pk), "renewed_on": "2023-09-05", "quote": "TEST again"}
    assert writer.get(f"taskings/{tasking.pk}/").body["renewals"] == [repeated]
    sending.change_access(later, by=SETUP, access="restricted", reason="TEST")
    assert writer.get(f"taskings/{tasking.pk}/").body["renewals"] == []
    sending.change_access(later, by=SETUP, access="office")
    assert writer.faults(f"taskings/{tasking.pk}/renewals/", {"letter": str(later.pk)})[1][0] == "tasking"
    remove = f"taskings/{tasking.pk}/renewals/remove/"
    assert writer.faults(remove, {"letter": str(later.pk)})[1][0] == "/reason"
    seen = writer.get(f"taskings/{tasking.pk}/")
    back = writer.post(remove, {"letter": str(later.pk), "reason": "TEST another ask"}, If_Match=seen.headers["ETag"])
    assert (back.status, back.body["renewals"], fresh(twin).status) == (200, [], "awaiting")
    assert writer.faults(remove, {"letter": str(later.pk), "reason": "TEST"})[1] == (
        "/letter", f"{later.reference} does not repeat “{tasking}”. Choose a letter that does.",
    )  # fmt: skip


def test_a_letter_that_was_an_error_repeats_nothing(writer):
    """As on the page of the item, in the queue and for its dates."""
    tasking, later, wrong = item(), sent(sent_on=dt.date(2023, 9, 5)), sent(sent_on=dt.date(2023, 10, 3))
    for letter in (later, wrong):
        renewals.renew(fresh(tasking), by=SETUP, letter=letter, instead_of=Tasking.objects.get(ask__letter=letter))
    sending.enter_in_error(wrong, by=SETUP, reason="TEST logged twice")
    shown = writer.get(f"taskings/{tasking.pk}/").body
    assert [one["letter"] for one in shown["renewals"]] == [str(later.pk)]
    writer.client.force_login(User.objects.get(username="staff"))
    page = writer.client.get(f"/items/{tasking.pk}/").content.decode()
    assert (later.reference in page, wrong.reference in page) == (True, False)


def test_a_clock_that_stands_still_says_so(writer):
    tasking = item(sent_on=office_today() - dt.timedelta(days=9))
    answer = writer.post(f"taskings/{tasking.pk}/transitions/", {"to": "clarification"})
    because = [one["because"] for one in answer.body["dates"] if one["clock"] == "substantive"]
    assert "No pause" not in because[0]
    assert because[0][-1].startswith("Paused since ")


def test_an_item_of_a_restricted_letter_or_a_draft_is_nowhere(writer, office):
    hidden = item(access="restricted")
    unknown = "00000000-0000-4000-8000-000000000000"
    one = item()
    for path in ("notes", "owner", "transitions", "snooze", "evidence"):
        answers = [writer.post(f"taskings/{key}/{path}/", {"anything": 1}) for key in (hidden.pk, unknown)]
        assert [(a.status, a.body["detail"]) for a in answers] == [(404, answers[1].body["detail"])] * 2
    for field in ("taskings",):
        body = {"agency": "treasury", "channel": "call", "outcome": "TEST"}
        told = [
            writer.faults("contacts/", body | {field: [key]})[1][1].replace(key, "")
            for key in (str(hidden.pk), unknown)
        ]
        assert told[0] == told[1]
    items.log_contact(by=SETUP, agency=one.agency, taskings=[one, hidden], channel="call", outcome="TEST both")
    assert office.rows("contacts/") == []
    reply(hidden)
    evidence(hidden)
    assert (office.rows("evidence/"), office.rows("responses/")) == ([], [])


@pytest.mark.parametrize("role", ["viewer", "staff", "manager", "admin"])
def test_a_key_may_what_its_person_may(epoch, role):
    tasking = item()
    answer = writing(user(role)).post(f"taskings/{tasking.pk}/notes/", {"text": "TEST"})
    if role == "viewer":
        assert (answer.status, answer.body["detail"]) == (
            403, "Your role (Viewer) may not change this. Ask a manager or an administrator.",
        )  # fmt: skip
    else:
        assert answer.status == 201


def test_more_time_is_given_and_taken_back(writer, office):
    tasking = item(sent_on=office_today() - dt.timedelta(days=1))
    before, path = str(tasking.due_on), f"taskings/{tasking.pk}/"
    later = str(tasking.due_on + dt.timedelta(days=30))
    answer = writer.post(f"{path}extension/", {"to": later, "by_notice": True, "reason": "TEST they asked"})
    assert answer.status == 200, answer.body
    assert [answer.body[name] for name in ("due_on", "extended_to", "original_due_on")] == [later, later, before]
    newest = answer.body["dates"][0]
    assert (newest["clock"], newest["due_on"], newest["basis"]) == ("substantive", later, answer.body["due_basis"])
    assert any("told us" in sentence for sentence in newest["because"])
    assert answer.body["dates"][-1]["due_on"] in (before, answer.body["acknowledgement_due_on"])
    said = str(reply(item(), kind="interim").pk)
    assert writer.faults(f"{path}extension/", {"to": later, "response": said})[1][0] == "/by_notice"
    assert writer.faults(f"{path}extension/", {"to": later, "by_notice": True, "response": said})[1][0] == "/response"
    early = writer.faults(f"{path}extension/", {"to": before})
    assert [early[0], early[1][0]] == [422, "/to"]
    assert writer.faults(f"{path}extension/remove/", {})[1][0] == "/reason"
    back = writer.post(f"{path}extension/remove/", {"reason": "TEST wrong item"}).body
    assert [back[name] for name in ("due_on", "extended_to", "original_due_on")] == [before, None, None]
    assert office.get(path).body == back


def test_a_law_sets_the_date_of_every_item_of_its_ask(writer):
    tasking = Tasking.objects.filter(ask__letter=sent(agencies=["treasury", "commerce"])).first()
    code = writer.rows("statutes/")[0]["code"]
    tag = writer.get(f"taskings/{tasking.pk}/").headers["ETag"]
    body = {"statute": code, "reason": "TEST a joint request"}
    answer = writer.post(f"taskings/{tasking.pk}/statute/", body, If_Match=tag)
    assert (answer.status, answer.body["ask"]["statute"], answer.body["due_basis"]) == (200, code, "statute")
    rows = writer.rows(f"taskings/?letter={tasking.ask.letter.reference}")
    assert {(row["ask"]["statute"], row["due_basis"]) for row in rows} == {(code, "statute")}
    assert writer.post(f"taskings/{tasking.pk}/statute/", body, If_Match=tag).status == 412
    none = writer.post(f"taskings/{tasking.pk}/statute/", {"statute": None, "reason": "TEST none"}).body
    assert (none["ask"]["statute"], none["due_basis"]) == (None, "yardstick")
    wrong = writer.faults(f"taskings/{tasking.pk}/statute/", {"statute": "nope", "reason": "TEST"})
    assert wrong == [400, ("/statute", "/statute: “nope” is not known. GET /api/v1/statutes/ lists them.")]


def test_a_letter_that_set_the_date_by_asking_again_is_named_by_its_day_and_never_by_its_number(writer, office):
    tasking = item()
    later = sent(sent_on=dt.date(2023, 5, 1), deadline_on=dt.date(2030, 6, 1))
    assert writer.post(f"taskings/{tasking.pk}/renewals/", {"letter": str(later.pk)}).status == 200
    path = f"taskings/{tasking.pk}/"
    told = str(office.get(path).body["dates"])
    assert (later.reference in told, "A letter of May 1, 2023 repeats this, and asks" in told) == (False, True)
    moved = str(Event.objects.filter(tasking=tasking, kind="due_date_moved").values_list("payload", flat=True))
    assert (later.reference in moved, "repeats this" in moved) == (False, True)


def test_a_follow_up_repeats_what_is_open(writer, office):
    one, two = item(), item()
    body = {
        "agency": "treasury", "taskings": [str(one.pk), str(two.pk)], "subject": "TEST again", "text": "TEST no reply",
        "sent_on": "2023-06-01", "addressee": ["TEST Secretary", "TEST Street 1"], "signers": ["TEST Signer"],
    }  # fmt: skip
    made, again = (writer.post("follow-ups/", body, Idempotency_Key="TEST-follow-up") for _ in range(2))
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (201, made.body, "true")
    assert (made.status, made.body["sent_on"], made.body["signatures"][0]["is_lead"]) == (201, "2023-06-01", True)
    assert made.headers["Location"] == made.body["url"]
    assert {str(r.tasking_id) for r in Renewal.objects.filter(letter=made.body["id"])} == {str(one.pk), str(two.pk)}
    assert len(office.rows("taskings/?state=open")) == 2
    other = writer.faults("follow-ups/", body | {"agency": "commerce"})
    assert (other[0], other[1][0]) == (422, "/taskings")
