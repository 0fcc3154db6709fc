"""Who is told: once a round about one item, and only those who may see its letter."""

import datetime as dt

import pytest
import time_machine

from letters.domain import bulk, items, sending
from letters.domain.history import acting
from letters.enums import Role
from letters.models import LetterStaff, Notice, Reminder, ReminderRule, Tasking
from letters.reminders.sweep import sweep
from tests import factories

LONG_AFTER = dt.date(2023, 9, 1)


@pytest.fixture
def owner(reference):
    return factories.user(username="owner")


def item(owner=None, **how) -> Tasking:
    with time_machine.travel(dt.datetime(2023, 4, 25, 16, tzinfo=dt.UTC), tick=False):
        made = factories.item(**how)
        return items.assign(made, by=factories.SETUP, owner=owner) if owner else made


def told(today: dt.date) -> list[tuple]:
    sweep(today=today)
    rows = Notice.objects.order_by("to_user__username", "created_at")
    return list(rows.values_list("to_user__username", "reminder__rule", "as_manager"))


def test_after_an_outage_nobody_is_told_five_things_at_once(owner, manager):
    item(owner)
    assert told(LONG_AFTER) == [("manager", "long_late", True), ("owner", "long_late", False)]
    rules = Reminder.objects.order_by("rule").values_list("rule", "quiet")
    assert dict(rules) == {
        "usual_wait_soon": True, "no_acknowledgement": True, "due": True, "one_week": True, "three_weeks": True,
        "escalated": True, "long_late": False,
    }  # fmt: skip


def test_a_manager_hears_of_it_when_it_is_escalated(owner, manager):
    item(owner)
    assert [who for who, _, _ in told(dt.date(2023, 7, 7))] == ["owner"]
    assert ("manager", "escalated", True) in told(dt.date(2023, 7, 8))


def test_three_weeks_past_the_day_the_owner_and_the_named_staff_hear_of_it_both(owner, staff, manager):
    made = item(owner)
    with acting(factories.SETUP):
        LetterStaff.objects.create(letter=made.ask.letter, user=staff)
    assert {who for who, _, _ in told(dt.date(2023, 6, 13))} == {"owner"}
    third = [(who, as_manager) for who, rule, as_manager in told(dt.date(2023, 6, 14)) if rule == "three_weeks"]
    assert sorted(third) == [("owner", False), ("staff", False)]


def test_rules_for_a_kind_and_for_an_agency_take_the_place_of_the_general_one(owner):
    plain, of_kind, of_agency, of_bureau = (
        item(owner, agencies=["state"]),
        item(owner, agencies=["state"], kind_code="briefing"),
        item(owner, agencies=["treasury"]),
        item(owner, agencies=["ofac"]),
    )
    with acting(factories.SETUP):
        week = {"anchor": "due", "offset_days": 7, "position": 99}
        ReminderRule.objects.create(code="test_kind", words="TEST", kind=factories.kind("briefing"), **week)
        ReminderRule.objects.create(code="test_agency", words="TEST", agency=factories.agency("treasury"), **week)
    sweep(today=dt.date(2023, 5, 24))
    sweep(today=dt.date(2023, 5, 31))
    found = Reminder.objects.filter(fired_on=dt.date(2023, 5, 31)).values_list("tasking", "rule")
    assert dict(found) == {
        plain.pk: "one_week", of_kind.pk: "test_kind", of_agency.pk: "test_agency", of_bureau.pk: "test_agency",
    }  # fmt: skip
    assert Notice.objects.filter(to_user=owner, reminder__rule__startswith="test_").count() == 3


def test_without_an_owner_the_letters_staff_are_told_and_without_those_managers(reference, manager, staff):
    made = item()
    assert told(dt.date(2023, 5, 24)) == [("manager", "due", True)]
    with acting(factories.SETUP):
        LetterStaff.objects.create(letter=made.ask.letter, user=staff)
    assert ("staff", "one_week", False) in told(dt.date(2023, 5, 31))
    assert Notice.objects.filter(to_user=manager).count() == 1


def test_who_left_or_may_not_see_the_letter_is_not_told(owner, manager):
    made = item(owner)
    sending.change_access(made.ask.letter, by=factories.SETUP, access="restricted")
    assert told(dt.date(2023, 5, 24)) == [("manager", "due", True)]
    other = item(factories.user(Role.STAFF, "left"))
    with acting(factories.SETUP):
        other.owner.is_active = False
        other.owner.save(update_fields=["is_active"])
    sweep(today=dt.date(2023, 5, 25))
    assert set(Notice.objects.values_list("to_user__username", flat=True)) == {"manager"}


def test_a_letter_we_only_co_signed_is_another_offices_to_chase(owner, manager):
    item(our_role="co_signed")
    assert told(LONG_AFTER) == []
    item(owner, our_role="co_signed")
    assert told(LONG_AFTER) == [("owner", "long_late", False)]


def test_who_chose_the_day_hears_of_it_though_a_colleague_put_it_off_by_a_slip_and_took_that_back(
    owner, staff, manager
):
    made = item(owner)
    with time_machine.travel(dt.datetime(2023, 4, 26, 16, tzinfo=dt.UTC), tick=False):
        made = items.snooze(made, by=staff, until=dt.date(2023, 5, 10))
        slip = bulk.Change("snooze", until=dt.date(2023, 6, 10))
        bulk.take_back(bulk.apply([(made, None)], by=manager, change=slip).change, by=manager)
    assert {who for who, rule, _ in told(dt.date(2023, 5, 10)) if rule == "remind_me"} == {"owner", "staff"}
