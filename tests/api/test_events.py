"""Following what happened: in order, once, each stream by itself."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters.domain import (
    items,
    letter_desk,
    releases,
    renewals,
    replies,
    reply_flow,
    reply_steps,
    retractions,
    sending,
    workflow,
)
from letters.domain.history import acting, record_event
from letters.enums import Access, EventKind, Status
from letters.models import Event, FeedEpoch, Letter, Tasking
from tests.factories import SETUP, evidence, item, sent

GONE = "00000000-0000-4000-8000-000000000000"


def kinds(rows: list[dict]) -> list[str]:
    return [row["kind"] for row in rows]


@pytest.mark.parametrize("limit", [1, 3, 9, 10, 1000])
def test_a_follower_gets_every_event_once_in_order(seed, office, settle, limit):
    settle()
    rows = office.rows(f"events/?limit={limit}")
    assert kinds(rows) == ["letter_sent"] + ["status_changed"] * 8 + ["letter_released"]
    assert len({row["id"] for row in rows}) == 10
    last = office.get(f"events/?limit={limit}").body
    while last["next"]:
        last = office.get(last["next"]).body
    again = office.get(f"events/?after={last['cursor']}").body
    # a cursor is always there, and an empty page gives the same one back
    assert again == {"results": [], "next": None, "cursor": last["cursor"]}


def test_a_held_cursor_gets_exactly_what_came_after(seed, office, staff, settle):
    settle()
    cursor = office.get("events/").body["cursor"]
    listing = Tasking.objects.get(ask__number=4, role="lead")
    evidence(listing, by=staff)
    workflow.close(Tasking.objects.get(pk=listing.pk), to=Status.IMPLEMENTED, by=staff)
    workflow.reopen(Tasking.objects.get(pk=listing.pk), by=staff, reason="TEST by mistake")
    settle()
    page = office.get(f"events/?after={cursor}").body
    told = [(row["kind"], row["from_status"], row["to_status"], row["by"]) for row in page["results"]]
    assert told == [
        ("evidence_added", None, None, "staff"),
        ("status_changed", "awaiting", "implemented", "staff"),
        ("status_changed", "awaiting", "overtaken", "staff"),  # the consulted one follows
        ("status_changed", "implemented", "awaiting", "staff"),
        ("status_changed", "overtaken", "awaiting", "staff"),
    ]
    assert page["next"] is None
    moved = page["results"][1]
    assert moved["page_url"] == f"http://testserver/items/{listing.pk}/"
    assert (moved["tasking"], moved["letter"]) == (str(listing.pk), str(seed.pk))
    assert office.get(moved["url"]).body == moved


def test_why_a_restricted_letter_was_corrected_is_told_nowhere_else(office, client, staff, manager, settle):
    tasking = item()
    again = sent(sent_on=dt.date(2023, 9, 5), deadline_on=dt.date(2023, 9, 29))
    renewals.renew(tasking, by=manager, letter=again)
    again.refresh_from_db()
    again = sending.change_access(again, by=manager, access=Access.RESTRICTED)
    again = sending.amend(again, by=manager, reason="TEST-SECRET-1", deadline_on=dt.date(2023, 10, 13))
    sending.enter_in_error(again, by=manager, reason="TEST-SECRET-2")
    settle()
    told = office.rows("events/")
    moved = [row for row in told if (row["kind"], row["tasking"]) == ("due_date_moved", str(tasking.pk))]
    assert [row["payload"]["to"] for row in moved] == ["2023-09-29", "2023-10-13", "2023-05-24"]
    client.force_login(staff)
    page = client.get(f"/items/{tasking.pk}/").content.decode()
    assert "October 13, 2023" in page
    assert "TEST-SECRET" not in json.dumps(told) + page
    client.force_login(manager)
    # of its own items it is told to those who may see them
    assert "TEST-SECRET-2" in client.get(f"/items/{Tasking.objects.get(ask__letter=again).pk}/").content.decode()


def test_each_key_follows_its_own_stream(seed, office, public, settle):
    settle()
    assert kinds(public.rows("events/")) == ["letter_released"]
    assert public.rows("events/?stream=released") == public.rows("events/") == office.rows("events/?stream=released")
    assert public.refused("events/?stream=office") == [
        403,
        (
            "stream",
            "stream: this key’s scope is “released”, and the office stream needs a key of scope “office”. "
            "Leave stream out to follow what is public.",
        ),
    ]


def test_a_public_event_says_nothing_of_the_office(seed, public, manager, settle):
    first = Tasking.objects.get(ask__number=1)
    workflow.close(first, to=Status.OVERTAKEN, by=manager, reason="TEST quagga")
    sending.amend(seed, by=manager, reason="TEST quagga", published_url="https://example.org/letter")
    settle()
    rows = public.rows("events/")
    assert kinds(rows) == ["letter_released", "status_changed", "letter_amended"]
    for row in rows:
        assert sorted(row) == ["id", "kind", "occurred_at", "page_url", "payload", "recorded_at", "url"]
    text = str(rows)
    assert [
        word for word in ("2023-0001", "quagga", "manager", "yardstick", "2023-05-24", "owner") if word in text
    ] == []
    assert rows[1]["payload"]["to"] == "overtaken"
    assert public.get(rows[1]["url"]).body == rows[1]


def test_a_status_that_rests_on_our_mail_is_no_public_event(seed, office, public, staff, settle):
    first = Tasking.objects.get(ask__number=1)
    workflow.transition(first, to=Status.CONSIDERING, by=staff)
    items.add_note(by=staff, text="TEST note", letter=seed, tasking=Tasking.objects.get(pk=first.pk))
    settle()
    assert kinds(public.rows("events/")) == ["letter_released"]
    internal = Event.objects.get(tasking=first, to_status=Status.CONSIDERING)
    assert public.get(f"events/{internal.pk}/").status == 404
    assert office.get(f"events/{internal.pk}/").status == 200


def test_a_letter_taken_back_is_withdrawn_and_no_longer_readable_from_the_past(seed, public, manager, settle):
    settle()
    released = public.rows("events/")[0]
    held = public.get("events/").body["cursor"]
    sending.withdraw_release(seed, by=manager, reason="TEST too early")
    settle()
    # one who followed is told once; one who begins now reads nothing of the letter
    told = public.get(f"events/?after={held}").body["results"]
    assert [(row["kind"], row["payload"]) for row in told] == [
        ("letter_withdrawn", {"withdrawn": {"id": str(seed.pk)}})
    ]
    assert public.rows("events/") == told
    assert public.rows("events/?limit=1") == told
    assert public.get(released["url"]).status == 404
    assert public.get(told[0]["url"]).status == 200
    sending.release(type(seed).objects.get(pk=seed.pk), by=manager)
    settle()
    assert kinds(public.rows("events/")) == ["letter_withdrawn", "letter_released"]


def test_a_letter_restricted_leaves_both_streams_and_only_that_is_told(seed, office, public, manager, settle):
    settle()
    before = office.rows("events/")
    held = office.get("events/").body["cursor"]
    sending.change_access(seed, by=manager, access=Access.RESTRICTED, reason="TEST quagga")
    settle()
    (told,) = office.get(f"events/?after={held}").body["results"]
    assert (told["kind"], told["page_url"], told["reason"]) == ("letter_access_changed", None, "")
    assert told["payload"] == {"letter": str(seed.pk), "withdrawn": True, "act": told["payload"]["act"]}
    assert office.rows("events/") == [told]
    assert "2023-0001" not in str(told)
    assert kinds(public.rows("events/")) == ["letter_withdrawn"]
    assert [office.get(row["url"]).status for row in before] == [404] * 10
    assert office.get(told["url"]).body == told


def test_who_is_named_on_a_restricted_letter_is_told_no_key(office, manager, staff, settle):
    letter = sending.change_access(sent(), by=manager, access=Access.RESTRICTED)
    settle()
    (told,) = office.rows("events/")
    sending.change_access(letter, by=manager, access=Access.RESTRICTED, staff=[staff])
    settle()
    assert office.rows("events/") == [told]
    assert office.get(f"events/{letter.events.latest('sequence').pk}/").status == 404


def test_nor_by_an_event_from_before_it_said_that_the_letter_stays(office, manager, settle):
    """Events stand as they were written."""
    opened = sending.change_access(sent(), by=manager, access=Access.RESTRICTED)
    never_seen = sent(access="restricted")
    settle()
    (told,) = office.rows("events/")
    for letter in (opened, never_seen):
        with acting(manager):
            said = {"letter": str(letter.pk), "withdrawn": True}
            record_event(EventKind.LETTER_ACCESS_CHANGED, by=manager, letter=letter, payload=said)
    settle()
    assert office.rows("events/") == [told]
    assert office.get(f"events/{opened.events.latest('sequence').pk}/").status == 404
    # open in between, it is told each time; not that it was opened, which says what it asks, while it is restricted
    sending.change_access(opened, by=manager, access=Access.OFFICE)
    settle()
    assert office.rows("events/")[-1]["payload"]["withdrawn"] is False
    sending.change_access(opened, by=manager, access=Access.RESTRICTED)
    settle()
    assert [row["payload"]["withdrawn"] for row in office.rows("events/")] == [True, True]


@pytest.mark.parametrize("opened", ["again", "and only its staff named"])
def test_what_a_restricted_letter_asks_is_told_by_no_event_of_when_it_was_open(office, manager, staff, settle, opened):
    """Who is named on an open letter is told with its items, as is a letter that is opened again (invariant 8)."""
    letter = sent(ask_facts={"summary": "TEST quagga"})
    if opened == "again":
        sending.change_access(letter, by=manager, access=Access.RESTRICTED)
    sending.change_access(Letter.objects.get(pk=letter.pk), by=manager, access=Access.OFFICE, staff=[staff])
    settle()
    told = office.rows("events/")[-1]
    assert [one["ask"] for one in told["payload"]["taskings"]] == ["TEST quagga"]
    hide(letter)
    settle()
    rows = office.rows("events/")
    assert {(row["kind"], row["payload"]["withdrawn"]) for row in rows} == {("letter_access_changed", True)}
    assert [word for word in ("taskings", "quagga", letter.reference, "2023-05") if word in str(rows)] == []
    assert office.get(told["url"]).status == 404


def test_a_page_of_events_reads_no_letter_s_text(seed, office, public, settle):
    """It is the longest thing in the record, and would be read once for each event."""
    settle()
    one = str(Event.objects.filter(kind="letter_released").get().pk)
    for reader in (office, public):
        with CaptureQueriesContext(connection) as asked:
            assert reader.get("events/").status == reader.get(f"events/{one}/").status == 200
            key = {"Authorization": f"Bearer {reader.key}"}
            reader.client.get("/feeds/status.atom", headers=key).getvalue()
        read = [query["sql"] for query in asked if '"letters_letter"' in query["sql"]]
        assert len(read) >= 3
        assert [sql for sql in read if '"letters_letter"."text"' in sql or '."search"' in sql] == []


def test_a_date_that_passes_is_the_office_s_own_event(office, public, settle):
    """Where a reply came no date passes, so the event would tell the public which replies came."""
    from letters.reminders.sweep import sweep

    item(released=True, deadline_on=dt.date(2023, 6, 1))
    item(released=True)
    sweep()
    settle()
    assert kinds(office.rows("events/")).count("past_due") == 2
    assert set(kinds(public.rows("events/"))) == {"letter_released"}


@pytest.mark.parametrize(
    "cursor", ["x", "AQ", "A" * 2000, "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "-", "%20", "1", "null"]
)
def test_a_cursor_we_did_not_give_is_refused(seed, office, cursor):
    status, (field, message) = office.refused(f"events/?after={cursor}")
    assert (status, field) == (400, "after")
    assert message.startswith("after: “")
    assert "start at the beginning" in message


def test_a_cursor_of_the_other_stream_is_refused(seed, office, public, settle):
    settle()
    theirs = public.get("events/").body["cursor"]
    assert office.refused(f"events/?after={theirs}") == [
        400, ("after", "after: this cursor belongs to the released stream, not to office. Start without one."),
    ]  # fmt: skip


def test_a_cursor_from_before_a_restore_is_gone(seed, office, settle):
    settle()
    old = office.get("events/").body["cursor"]
    FeedEpoch.objects.create()
    answer = office.get(f"events/?after={old}")
    assert (answer.status, answer.body["type"]) == (410, "http://testserver/api/docs/#problem-cursor-expired")
    assert "Take a snapshot, then follow from its cursor." in answer.body["detail"]
    assert office.get("events/").status == 200


def hide(letter: Letter) -> None:
    """Restrict it."""
    sending.change_access(Letter.objects.get(pk=letter.pk), by=SETUP, access=Access.RESTRICTED, reason="TEST quagga")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("hidden", ["earlier", "later"])
def test_no_event_names_a_restricted_letter_that_repeats_or_is_repeated(
    office, settle, django_assert_num_queries, hidden, rows
):
    """Nor its item, nor that it repeats: what stands is told as soon as keys may see the letter again."""
    told_of = []
    for _ in range(rows):
        earlier = item(kind_code="briefing")
        later = sent(kind_code="briefing", sent_on=dt.date(2023, 9, 5))
        twin = Tasking.objects.get(ask__letter=later)
        renewal = renewals.renew(earlier, by=SETUP, letter=later, instead_of=twin)
        ends = {"earlier": (earlier.pk, earlier.ask.letter_id), "later": (twin.pk, later.pk, renewal.pk)}
        told_of.append((ends, Letter.objects.get(pk=ends[hidden][1])))
    settle()
    kept = str(office.rows("events/"))
    assert all(str(key) in kept for ends, _ in told_of for key in (*ends["earlier"], *ends["later"]))
    for _, letter in told_of:
        hide(letter)
    settle()
    with django_assert_num_queries(4 if hidden == "later" else 5):  # key, epoch, feed; letters, and items
        page = office.get("events/?limit=1000").body
    events = [row for row in page["results"] if row["kind"] != "letter_access_changed"]
    assert len(events) > rows
    # nor when it went out
    assert [row["kind"] for row in events if "2023-09-05" in str(row) and hidden == "later"] == []
    said = str([events, *[office.get(row["url"]).body for row in events]])
    assert [key for ends, _ in told_of for key in ends[hidden] if str(key) in said] == []


@pytest.mark.parametrize("hidden", ["first", "anew"])
def test_no_event_names_a_restricted_letter_that_was_logged_anew(office, writer, settle, hidden):
    """Neither of the two: once keys may not see the one, nothing of the other tells its id or that there was a copy."""
    first, anew = sent(), sent(subject="TEST copy")
    seen = office.get(f"letters/{first.pk}/").headers["ETag"], office.get(f"letters/{anew.pk}/").headers["ETag"]
    letter_desk.link_anew(anew, by=SETUP, first=first)
    settle()
    linked = [row for row in office.rows("events/") if row["kind"] == "letter_linked"]
    assert [row["payload"]["anew"] for row in linked] == ["from", "as"]
    gone, stays, tag = (first, anew, seen[1]) if hidden == "first" else (anew, first, seen[0])
    hide(gone)
    settle()
    rows = [row for row in office.rows("events/") if row["letter"] == str(stays.pk)]
    assert [row["kind"] for row in rows if "anew" in row["payload"] or row["kind"] == "letter_linked"] == []
    assert str(gone.pk) not in str(rows)
    assert [office.get(f"events/{row['id']}/").status for row in linked] == [404, 404]
    stale = writer.post(f"letters/{stays.pk}/topics/", {"topics": ["TEST"]}, If_Match=tag)
    assert stale.status == 412
    assert [word for word in ("letter_linked", "anew", str(gone.pk)) if word in str(stale.body)] == []


def test_drafts_are_not_in_the_feed(office, settle):
    from tests.factories import draft

    letter = draft()
    settle()
    assert office.rows("events/") == []
    assert office.get(f"events/{letter.events.first().pk}/").status == 404
    assert office.get(f"events/{GONE}/").status == 404


def test_a_letter_sent_tells_each_item(office, settle):
    sent(agencies=["treasury", "commerce"])
    settle()
    assert kinds(office.rows("events/")) == ["letter_sent", "status_changed", "status_changed"]
    assert {row["by"] for row in office.rows("events/")} == {SETUP.value}


@pytest.mark.parametrize("rows", [1, 3])
def test_why_a_reply_was_wrong_is_told_no_key_where_it_is_also_about_a_restricted_letter(
    office, settle, django_assert_num_queries, rows
):
    """Nor why it is public no longer, which may be why the other letter was restricted."""
    hidden = item(released=True)
    for _ in range(rows):
        seen = item(released=True)
        reply = replies.record_response(
            by=SETUP, agency=seen.agency, kind="substantive", received_on=dt.date(2023, 5, 2),
            bearings=[replies.Bearing(one, coverage="partial") for one in (seen, hidden)],
        )  # fmt: skip
        workflow.transition(seen, to=Status.CONSIDERING, by=SETUP, also={"response": str(reply.pk)})
        releases.release_part(reply, by=SETUP)
        proof = replies.add_evidence(seen, by=SETUP, kind="response", response=reply)
        retractions.retract_evidence(proof, by=SETUP, reason="TEST quagga")
        retractions.retract_response(reply, by=SETUP, reason="TEST quagga")
    settle()

    def told() -> list[str]:
        atom = office.client.get("/feeds/status.atom", headers={"Authorization": f"Bearer {office.key}"})
        return [str(office.rows("events/")), str(office.rows("evidence/")), atom.getvalue().decode()]

    assert ["quagga" in text for text in told()] == [True, True, True]
    hide(hidden.ask.letter)
    settle()
    assert ["quagga" in text for text in told()] == [False, False, False]
    with django_assert_num_queries(5):  # key, epoch, feed; replies, and evidence
        page = office.get("events/?limit=1000").body["results"]
    wrong = [row for row in page if row["kind"] == "response_in_error"]
    assert [(row["reason"], row["payload"]["reason"]) for row in wrong] == [("", "")] * rows
    assert office.get(wrong[0]["url"]).body == wrong[0]


def test_the_public_is_not_told_on_which_day_a_reply_that_is_not_public_said_done(public, office, settle):
    """Done is public with the evidence that was public before; in the event and in Atom it is of when it was written down."""
    tasking = item(released=True)
    releases.release_part(evidence(tasking), by=SETUP)
    reply_flow.record_reply(
        by=SETUP, agency=tasking.agency, received_on=dt.date(2023, 6, 13),
        words=[reply_flow.Word(tasking, said="done", proof=reply_steps.Proof("federal_register", "TEST 88 FR 88888"))],
    )  # fmt: skip
    settle()
    done = public.rows("events/")[-1]
    assert (done["payload"]["to"], done["occurred_at"]) == ("implemented", done["recorded_at"])
    atom = public.client.get("/feeds/status.atom", headers={"Authorization": f"Bearer {public.key}"})
    said = str(public.rows("events/")) + atom.getvalue().decode()
    assert ("“done”" in said, "2023-06-13" in said) == (True, False)
    # the office is
    assert [row["occurred_at"][:10] for row in office.rows("events/") if row["id"] == done["id"]] == ["2023-06-13"]


def test_a_follower_to_whom_nothing_is_new_costs_three_small_queries(office, settle, django_assert_num_queries):
    """The key, the epoch, and whether there is an entry after the cursor: events and their letters are not read."""
    sent()
    settle()
    cursor = office.get("events/?limit=1000").body["cursor"]
    with django_assert_num_queries(3) as asked:
        assert office.get(f"events/?after={cursor}").body["results"] == []
    assert not any("letters_event" in query["sql"] for query in asked.captured_queries)
