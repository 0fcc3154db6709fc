"""Made public and taken back on pages: the button does what it says, whatever happened to the page meanwhile."""

import re

import pytest
from django.test import Client

from letters.domain import releases, replies, sending, workflow
from letters.enums import Status
from letters.models import Letter, Tasking
from tests import factories
from tests.web.test_pages import words


@pytest.fixture
def as_manager(manager) -> Client:
    return factories.client(manager)


def drawn(page) -> dict[str, str]:
    """What the form of a page would post."""
    return dict(re.findall(r'name="(do|seen)" value="([^"]*)"', page.content.decode()))


def of(letter: Letter, kind: str, row) -> str:
    return f"/letters/{letter.reference}/public/{kind}/{row.pk}/"


def test_take_it_back_pressed_twice_takes_it_back_once(as_manager, manager):
    letter = factories.sent(released=True)
    address = of(letter, "letter", letter)
    typed = {**drawn(as_manager.get(address)), "reason": "TEST a name too many"}
    assert "Letter 2023-0001: no longer public." in words(as_manager.post(address, typed, follow=True))
    again = words(as_manager.post(address, typed, follow=True))
    assert "Letter 2023-0001 is not public any more: manager took it back on" in again
    assert not Letter.objects.get(pk=letter.pk).is_released
    # nor does a page that says neither what was asked nor what was seen
    assert as_manager.post(address, {"reason": "TEST"}).status_code == 409
    assert not Letter.objects.get(pk=letter.pk).is_released
    public = drawn(as_manager.get(address))
    as_manager.post(address, public)
    assert "is public already: manager made it public on" in words(as_manager.post(address, public, follow=True))
    kinds = letter.events.order_by("sequence").values_list("kind", flat=True)
    assert [kind for kind in kinds if kind in ("letter_released", "letter_withdrawn")] == [
        "letter_released", "letter_withdrawn", "letter_released",
    ]  # fmt: skip
    # a page from before it was taken back showed the same, and does not put it out again
    as_manager.post(address, {**drawn(as_manager.get(address)), "reason": "TEST another name"})
    assert as_manager.post(address, public).status_code == 409


def test_what_is_made_public_is_what_was_looked_at(as_manager, staff):
    letter = factories.sent(text="TEST the text that was looked at")
    address = of(letter, "letter", letter)
    seen = drawn(as_manager.get(address))
    sending.amend(letter, by=staff, reason="TEST", text="TEST a text that nobody looked at")
    refused = as_manager.post(address, seen)
    assert refused.status_code == 409
    assert "It has changed since you looked" in words(refused)
    assert "TEST a text that nobody looked at" in words(refused)
    assert not Letter.objects.get(pk=letter.pk).is_released
    as_manager.post(address, drawn(refused))
    assert Letter.objects.get(pk=letter.pk).is_released


def test_the_preview_tells_of_each_letter_that_a_reply_bears_on(as_manager, staff, manager):
    first, second = (factories.item(released=True, kind_code="briefing") for _ in range(2))
    reply = replies.record_response(
        by=staff, agency=first.agency, kind="substantive", received_on=first.asked_on,
        bearings=[replies.Bearing(item, coverage="full") for item in (first, second)],
    )  # fmt: skip
    for part in (reply, *reply.answers.all()):
        releases.release_part(part, by=manager)
    workflow.close(factories.fresh(second), to=Status.ANSWERED, by=staff)
    page = words(as_manager.get(of(first.ask.letter, "reply", reply)))
    assert "What changes A reply can be read no longer." in page
    assert (
        f"In letter {second.ask.letter.reference} : Treasury: TEST ask: “answered” becomes “no reply recorded”." in page
    )
    # nor is a status called hidden that the same press makes public, or one of a letter that the public does not know
    assert "Statuses the public does not see" not in words(
        as_manager.get(of(second.ask.letter, "letter", second.ask.letter))
    )
    sending.withdraw_release(Letter.objects.get(pk=second.ask.letter_id), by=manager, reason="TEST")
    releases.withdraw_part(reply, by=manager, reason="TEST")
    assert factories.fresh(second).public_status == Status.AWAITING
    assert "Statuses the public does not see" not in words(
        as_manager.get(f"/letters/{second.ask.letter.reference}/public/")
    )


def test_what_stands_in_the_way_is_told_to_who_may_do_it(as_manager, as_viewer, staff):
    item, hidden = factories.item(released=True), factories.item()
    factories.restrict(hidden.ask.letter)
    replies.record_response(
        by=factories.SETUP, agency=item.agency, kind="substantive", received_on=item.asked_on,
        bearings=[replies.Bearing(Tasking.objects.get(pk=one.pk), coverage="full") for one in (item, hidden)],
    )  # fmt: skip
    address = f"/letters/{item.ask.letter.reference}/public/"
    assert "also bears on a letter that is open to named staff only" in words(as_manager.get(address))
    seen = words(as_viewer.get(address))
    assert "Substantive reply from" in seen
    assert "named staff" not in seen
