"""Invariant 6, one follower at a time: what enters which stream, in which order, and cursors that lead nowhere."""

import base64
import datetime as dt
import uuid

import pytest
import time_machine

from letters.domain import feed, items, keyset, sending, workflow
from letters.errors import CursorError, CursorExpired
from letters.models import Event, FeedEntry, FeedEpoch, Tasking
from tests import factories


@pytest.fixture
def told(reference, settle):
    """What a follower of a stream sees from the beginning, or since it last asked: kinds of events."""
    cursors: dict[str, str | None] = {}

    def read(stream: str) -> list[str]:
        settle()
        kinds = []
        while True:
            page = feed.follow(stream, after=cursors.get(stream), size=3)
            kinds += [entry.event.kind for entry in page.entries]
            cursors[stream] = page.cursor
            if not page.has_more:
                return kinds

    return read


def test_nothing_enters_before_the_commit(reference, settle):
    factories.sent(agencies=["treasury"])  # sent now, not a copy
    assert FeedEntry.objects.count() == 0
    settle()
    assert list(FeedEntry.objects.values_list("event__kind", flat=True)) == ["letter_sent", "status_changed"]


def test_positions_follow_the_order_of_writing(reference, settle):
    factories.sent(agencies=["treasury", "state"])
    factories.sent(agencies=["commerce"])
    settle()
    entries = FeedEntry.objects.filter(stream="office").order_by("position")
    assert [e.event.sequence for e in entries] == sorted(e.event.sequence for e in entries)


def test_drafts_never_enter(told, staff):
    letter = factories.draft()
    factories.ask(letter, "treasury")
    sending.discard_draft(letter, by=staff)
    kept = factories.draft()
    items.add_note(by=staff, letter=kept, text="TEST")
    assert (told("office"), told("released")) == ([], [])


def test_a_draft_that_is_sent_enters_with_its_sending_and_not_with_its_drafting(told):
    letter = factories.draft(agencies=["treasury"])
    factories.ask(letter, "treasury")
    told("office")
    sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    assert told("office") == ["letter_sent", "status_changed"]


def test_the_office_hears_everything_of_a_sent_letter(told, staff):
    tasking = factories.item()
    told("office")
    items.add_note(by=staff, letter=tasking.ask.letter, text="TEST")
    items.assign(tasking, by=staff, owner=staff)
    factories.moved(tasking, "answered")
    assert told("office") == ["note_added", "assigned", "response_recorded", "answer_assessed", "status_changed"]


def test_the_public_hears_of_a_letter_when_it_is_released_corrected_and_withdrawn(told, manager):
    letter = factories.sent()
    assert told("released") == []
    letter = sending.release(letter, by=manager)
    letter = sending.amend(letter, by=manager, reason="TEST", subject="TEST corrected")
    sending.withdraw_release(letter, by=manager, reason="TEST")
    assert told("released") == ["letter_released", "letter_amended", "letter_withdrawn"]
    payloads = [e.event.public_payload for e in FeedEntry.objects.filter(stream="released").order_by("position")]
    assert [list(payload) for payload in payloads] == [["released"], ["corrected"], ["withdrawn"]]
    assert (payloads[1]["corrected"]["subject"], payloads[2]) == (
        "TEST corrected",
        {"withdrawn": {"id": str(letter.pk)}},
    )


def test_what_happens_to_a_letter_that_is_not_public_stays_in_the_office(told, staff):
    tasking = factories.item()
    workflow.transition(tasking, to="withdrawn", by=staff, reason="TEST")
    assert told("released") == []


def test_the_public_hears_of_a_status_anybody_could_see_and_not_of_one_in_our_mail(told, staff):
    tasking = factories.item(released=True)
    told("released")
    considered = workflow.transition(tasking, to="considering", by=staff)
    items.add_note(by=staff, letter=tasking.ask.letter, text="TEST")
    assert told("released") == []
    workflow.transition(considered, to="withdrawn", by=staff, reason="TEST")
    assert told("released") == ["status_changed"]
    public = Event.objects.get(to_status="withdrawn").public_payload
    assert (public["from"], public["to"], public["tasking"]["status"]) == ("awaiting", "withdrawn", "withdrawn")


def test_that_a_letter_was_restricted_is_told_once_and_nothing_after(told, manager):
    tasking = factories.item()
    told("office")
    sending.change_access(tasking.ask.letter, by=manager, access="restricted")
    items.add_note(by=manager, letter=tasking.ask.letter, text="TEST secret")
    workflow.transition(tasking, to="considering", by=manager)
    assert told("office") == ["letter_access_changed"]
    (entry,) = feed.follow("office", after=None, size=100).entries
    assert factories.told(entry.event) == {"letter": str(tasking.ask.letter_id), "withdrawn": True}


def test_who_is_named_on_a_restricted_letter_is_told_nobody(told, manager, staff):
    """Of one restricted before anybody saw it not even that there is one."""
    draft = factories.draft(agencies=["treasury"])
    factories.ask(draft, "treasury")
    draft = sending.change_access(draft, by=manager, access="restricted")
    assert told("office") == []
    never_seen = sending.send_letter(draft, by=factories.SETUP, sent_on=factories.SENT_ON)
    opened = factories.sent()
    assert told("office")[0] == "letter_sent"
    seen = sending.change_access(opened, by=manager, access="restricted")
    assert told("office") == ["letter_access_changed"]
    for letter in (never_seen, seen):
        sending.change_access(letter, by=manager, access="restricted", staff=[staff])
    assert told("office") == []
    assert [entry.event.letter for entry in feed.follow("office", after=None, size=100).entries] == [seen]
    sending.change_access(never_seen, by=manager, access="office")
    assert told("office")[-1] == "letter_access_changed"


def test_who_starts_after_it_was_restricted_sees_nothing_of_it_before(told, settle, manager):
    letter = factories.sent(released=True)
    settle()
    sending.change_access(letter, by=manager, access="restricted", reason="TEST")
    assert told("office") == ["letter_access_changed"]
    assert told("released") == ["letter_released", "letter_withdrawn"]


def test_opened_again_it_is_heard_of_again(told, manager):
    tasking = factories.item(access="restricted")
    assert told("office") == []
    sending.change_access(tasking.ask.letter, by=manager, access="office")
    workflow.transition(tasking, to="considering", by=manager)
    assert told("office") == ["letter_access_changed", "status_changed"]


def test_a_page_at_a_time_is_the_whole_in_order(seed):
    cursor, seen, pages = None, [], 0
    while True:
        page = feed.follow("office", after=cursor, size=3)
        seen += [entry.position for entry in page.entries]
        cursor, pages = page.cursor, pages + 1
        if not page.has_more:
            break
    assert (seen, pages) == (list(range(seen[0], seen[0] + 10)), 4)
    again = feed.follow("office", after=cursor, size=3)
    assert (again.entries, again.cursor, again.has_more) == ([], cursor, False)


@pytest.mark.parametrize(("size", "given"), [(-5, 1), (0, 1), (1, 1), (10, 10), (5000, 10)])
def test_a_page_is_never_empty_nor_endless(seed, size, given):
    assert len(feed.follow("office", after=None, size=size).entries) == given


def test_an_empty_feed_gives_a_cursor_that_catches_the_first_entry(told, settle):
    page = feed.follow("office", after=None, size=10)
    assert (page.entries, page.has_more) == ([], False)
    factories.sent()
    settle()
    after = feed.follow("office", after=page.cursor, size=10).entries
    assert [entry.event.kind for entry in after] == ["letter_sent", "status_changed"]


# --- cursors

EPOCH = uuid.UUID("11111111-2222-3333-4444-555555555555")


@pytest.mark.parametrize("stream", ["office", "released"])
@pytest.mark.parametrize("position", [0, 1, 2**62])
def test_a_cursor_leads_back_to_its_place(stream, position):
    assert feed.decode(feed.encode(stream, EPOCH, position), stream, EPOCH) == position


GOOD = feed.encode("office", EPOCH, 7)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "7",
        "nonsense",
        GOOD[:-1],
        GOOD + "A",
        "B" + GOOD[1:],
        GOOD.swapcase(),
        " " + GOOD,
        GOOD + "\n",
        "é" * 40,
        "\0",
        "A" * 10_000,
        base64.urlsafe_b64encode(b"x" * 30).decode(),
        feed.encode("office", EPOCH, -1),
    ],
)
def test_a_cursor_we_did_not_give_is_refused(bad):
    with pytest.raises(CursorError) as refused:
        feed.decode(bad, "office", EPOCH)
    (problem,) = refused.value.problems
    assert (problem.field, type(refused.value)) == ("after", CursorError)
    assert problem.message == (
        f"after: “{bad[:80]}” is not a cursor of this feed. Use the “cursor” of an earlier answer, "
        "or leave it out to start at the beginning."
    )


@pytest.mark.parametrize("place", range(len(GOOD)))
def test_no_single_mistyped_character_is_followed(place):
    wrong = GOOD[:place] + ("B" if GOOD[place] != "B" else "C") + GOOD[place + 1 :]
    with pytest.raises(CursorError):
        feed.decode(wrong, "office", EPOCH)


def test_a_cursor_of_the_other_stream_is_refused():
    with pytest.raises(CursorError, match="this cursor belongs to the office stream, not to released"):
        feed.decode(GOOD, "released", EPOCH)


def test_after_a_restore_an_older_cursor_has_expired(seed):
    cursor = feed.follow("office", after=None, size=3).cursor
    with time_machine.travel(dt.datetime(2090, 1, 1, tzinfo=dt.UTC)):
        FeedEpoch.objects.create()
    with pytest.raises(CursorExpired, match="restored since this cursor was given") as refused:
        feed.follow("office", after=cursor, size=3)
    assert refused.value.problems[0].field == "after"
    assert len(feed.follow("office", after=None, size=100).entries) == 10


def test_readers_begin_one_epoch(reference):
    assert feed.current_epoch() == feed.current_epoch()
    assert FeedEpoch.objects.count() == 1


# --- pages of lists


def test_pages_of_a_list_hold_every_row_once(seed):
    factories.item(deadline_on=dt.date(2023, 5, 24))
    order = keyset.Order("due_on", nullable=True)
    rows, cursor = [], None
    while True:
        page = keyset.page(Tasking.objects.all(), order, size=2, cursor=cursor)
        rows += page.rows
        cursor = page.next_cursor
        if cursor is None:
            break
    assert rows == list(Tasking.objects.order_by(*order.by()))
    assert (len(rows), len(set(rows)), rows[-1].due_on) == (9, 9, None)


@pytest.mark.parametrize("bad", ["nonsense", "W10", "é", "eyJhIjoxfQ", "bnVsbA"])
def test_a_cursor_of_no_list_is_refused(reference, bad):
    with pytest.raises(CursorError, match=f"cursor: “{bad}” is not a cursor of this list"):
        keyset.page(Tasking.objects.all(), keyset.Order("due_on", nullable=True), size=2, cursor=bad)
