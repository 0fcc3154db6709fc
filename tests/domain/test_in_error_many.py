"""Letters entered in error at once are what the single verb would have made of each."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters.domain.in_error_many import enter_many_in_error
from letters.domain.sending import enter_in_error, release
from letters.errors import NotAllowed, RecordError
from letters.models import Event, Letter, Tasking
from tests import factories
from tests.domain.test_aftermath import logged, together
from tests.domain.test_backlog import told


def test_both_ways_write_the_same_rows_and_events(reference, staff, manager, settle):
    many = logged(staff, 6)
    for items in many[2:4]:
        together(items, staff)  # some end, one waits on us
    letters = [items[0].ask.letter for items in many]
    pairs = [letters[:2], letters[2:4], [release(letter, by=manager) for letter in letters[4:]]]
    for one, _ in pairs:
        enter_in_error(one, by=manager, reason="TEST reason")
    enter_many_in_error([other for _, other in pairs], by=manager, reason="TEST reason")
    settle()
    # what is told in public names the letter, which is its own
    kinds = [list(letter.events.order_by("sequence").values_list("kind", flat=True)) for letter in pairs[2]]
    assert kinds[0] == kinds[1]
    assert kinds[0].count("letter_withdrawn") == 1
    for one, other in pairs[:2]:
        assert told(other) == told(one)
        assert {item["status"] for item in told(other)["items"]} >= {"entered_in_error"}
        versions = [
            list(
                Tasking.objects.filter(ask__letter=letter)
                .order_by("ask__number", "role")
                .values_list("version", "public_status")
            )
            for letter in (one, other)
        ]
        assert versions[0] == versions[1]
        first, second = Letter.objects.get(pk=one.pk), Letter.objects.get(pk=other.pk)
        assert (first.state, first.version) == (second.state, second.version) == ("entered_in_error", first.version)
        touched = Tasking.objects.filter(ask__letter=other, status="entered_in_error").order_by("touched_at").first()
        assert touched.touched_at >= Event.objects.filter(letter=one, kind="letter_entered_in_error").get().recorded_at


def test_nine_letters_take_as_many_statements_as_one(reference, staff):
    taken = []
    first, *others = [items[0].ask.letter for items in logged(staff, 10)]
    for some in ([first], others):
        with CaptureQueriesContext(connection) as captured:
            enter_many_in_error(some, by=staff, reason="TEST")
        taken.append(len(captured))
    assert taken == [taken[0], taken[0]]
    assert taken[0] < 20


def test_where_one_is_refused_none_is_kept(reference, staff, viewer):
    one, draft = factories.sent(), factories.draft()
    with pytest.raises(RecordError, match="Only a sent letter can be entered in error"):
        enter_many_in_error([one, draft], by=staff, reason="TEST")
    with pytest.raises(RecordError, match="Say what was wrong"):
        enter_many_in_error([one], by=staff, reason=" ")
    with pytest.raises(NotAllowed):
        enter_many_in_error([one], by=viewer, reason="TEST")
    assert Letter.objects.get(pk=one.pk).state == "sent"
