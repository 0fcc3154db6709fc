"""A refusal repeats what was sent at its place: who reads it has the request at hand, not our rows."""

from tests.factories import item


def test_a_refusal_says_what_was_sent_at_its_place(writer):
    tasking = item()
    (moved,) = writer.post(f"taskings/{tasking.pk}/promise/", {"to": "2026-12-30"}).body["errors"]
    assert (moved["field"], moved["value"]) == ("/to", "2026-12-30")
    letter = str(tasking.ask.letter_id)
    (itself,) = writer.post(f"letters/{letter}/links/", {"letter": letter, "kind": "follow_up_to"}).body["errors"]
    assert (itself["field"], itself["value"]) == ("/letter", letter)
