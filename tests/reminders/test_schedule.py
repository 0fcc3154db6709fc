"""The ladder of reminders as data."""

import datetime as dt

from letters.reminders.schedule import PAST_DUE, RULES


def test_each_rule_has_a_name_of_its_own():
    assert [rule.name for rule in RULES] == sorted({rule.name for rule in RULES})


def test_a_date_is_kept_until_its_day_is_over():
    assert PAST_DUE.latest_due(dt.date(2023, 5, 25)) == dt.date(2023, 5, 24)
    assert PAST_DUE.latest_due(dt.date(2023, 3, 1)) == dt.date(2023, 2, 28)
