"""The table of what has to work: each thing that can be wrong is said by its own line, and nothing else is."""

import datetime as dt
from dataclasses import replace

import pytest

from letters.reminders.silence import CHECKS, LastRound, Signs, are_stopped, faults

NOW = dt.datetime(2023, 5, 25, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
PERIODS = {"sweep": dt.timedelta(minutes=5), "dispatch": dt.timedelta(minutes=1)}


def ago(**time) -> LastRound:
    moment = NOW - dt.timedelta(**time)
    return LastRound(moment, moment)


WELL = Signs(NOW, PERIODS, {"sweep": ago(minutes=2), "dispatch": ago(seconds=30)}, worker=True, beat=True)


def names(signs: Signs) -> list[str]:
    return [fault.check.name for fault in faults(signs)]


def test_all_is_well():
    assert faults(WELL) == []
    assert WELL.next_round("sweep") == NOW + dt.timedelta(minutes=3)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"database": False}, ["database"]),
        ({"database": False, "broker": False}, ["database", "broker"]),
        ({"broker": False}, ["broker"]),
        ({"worker": False}, ["worker"]),
        ({"beat": False}, ["beat"]),
        ({"worker": None, "beat": None}, []),  # nobody has asked
        ({"rounds": WELL.rounds | {"sweep": ago(minutes=11)}}, []),
        ({"rounds": WELL.rounds | {"sweep": ago(minutes=11, seconds=1)}}, ["sweep"]),
        ({"rounds": WELL.rounds | {"dispatch": ago(minutes=3, seconds=1)}}, ["dispatch"]),
        ({"rounds": WELL.rounds | {"sweep": LastRound(NOW, None)}}, ["sweep"]),
        ({"rounds": {"sweep": ago(minutes=2)}}, ["dispatch"]),
        ({"rounds": {}}, ["sweep", "dispatch"]),
        ({"rounds": {}, "watched_since": NOW - dt.timedelta(minutes=3)}, ["sweep"]),
        ({"rounds": {}, "watched_since": NOW - dt.timedelta(minutes=4)}, ["sweep", "dispatch"]),
        # a clock was set back: what lies in the future is not "just now"
        ({"rounds": WELL.rounds | {"sweep": ago(seconds=-60)}}, []),
        ({"rounds": WELL.rounds | {"sweep": ago(seconds=-61)}}, ["clock"]),
        ({"rounds": WELL.rounds | {"dispatch": ago(days=-400)}}, ["clock"]),
        ({"waiting": 7, "oldest_unsent": NOW}, []),
        ({"waiting": 7, "overdue": 1, "oldest_unsent": NOW - dt.timedelta(hours=1)}, ["outbox"]),
        ({"failing": 1}, ["mail"]),
        ({"rounds": WELL.rounds | {"dispatch": replace(ago(), trouble_since=NOW - HOUR)}, "failing": 1}, ["mail"]),
        ({"rounds": WELL.rounds | {"dispatch": replace(ago(), trouble_since=NOW - 2 * HOUR)}}, []),
        (
            {
                "rounds": WELL.rounds | {"dispatch": replace(ago(), trouble_since=NOW - 2 * HOUR)},
                "waiting": 1,
                "failing": 1,
            },
            ["mail_away"],
        ),
        ({"rounds": WELL.rounds | {"sweep": replace(ago(minutes=2), left_out=1)}}, ["items"]),
        ({"rounds": WELL.rounds | {"backup": ago(hours=26)}}, []),
        ({"rounds": WELL.rounds | {"backup": ago(hours=26, seconds=1)}}, ["backup"]),
        ({"rounds": WELL.rounds | {"backup": LastRound(NOW)}}, ["backup"]),  # tried, and none was ever made
        # nights that are to come: the first one has until tomorrow, and then a timer that nobody enabled is told
        ({"rounds": WELL.rounds | {"backup": LastRound(NOW - 26 * HOUR, only_expected=True)}}, []),
        ({"rounds": WELL.rounds | {"backup": LastRound(NOW - 27 * HOUR, only_expected=True)}}, ["backup"]),
        ({"mail_folder": "/TEST/mail"}, []),
        ({"mail_folder": "/TEST/mail", "has_others": True}, ["mail_server"]),
        ({"has_others": True}, []),
    ],
)
def test_each_sign_turns_its_own_line(changed, expected):
    assert names(replace(WELL, **changed)) == expected


def test_an_installation_without_a_dispatcher_is_not_said_to_lack_one():
    assert names(replace(WELL, periods={"sweep": PERIODS["sweep"]}, rounds={"sweep": ago(minutes=2)})) == []


def test_a_mail_that_fails_does_not_stop_reminders_and_everything_else_does():
    assert are_stopped(faults(replace(WELL, failing=3))) is False
    assert [check.name for check in CHECKS if not check.stops_reminders] == [
        "items",
        "reports",
        "mail",
        "mail_server",
        "backup",
    ]
    assert are_stopped(faults(replace(WELL, failing=3, beat=False))) is True


def test_a_line_says_what_in_particular_and_what_to_do():
    seen = replace(
        WELL,
        waiting=12,
        overdue=3,
        oldest_unsent=NOW - dt.timedelta(hours=2),
        rounds=WELL.rounds | {"sweep": ago(hours=7)},
    )
    assert [fault.line() for fault in faults(seen)] == [
        "sweep: Dates have not been checked, so items past their date may not be marked. The last sweep finished at "
        "2023-05-25 05:00:00 UTC; one is due every 5 minutes. See log/worker.log and log/beat.log. "
        "`manage.py sweep_reminders` does it by hand; nothing has to be made up.",
        "outbox: Mails are waiting that should be gone. 3 of 12 waiting mails should be gone, the oldest since "
        "2023-05-25 10:00:00 UTC. See log/worker.log, and EMAIL_URL. No mail is lost: the next round sends what waits.",
    ]


def test_a_night_that_failed_before_any_succeeded_is_told_with_its_moment():
    (fault,) = faults(replace(WELL, rounds=WELL.rounds | {"backup": LastRound(NOW - HOUR)}))
    assert fault.particulars == "Tried since 2023-05-25 11:00:00 UTC, and none was made."


def test_each_check_asks_says_and_shows_a_way_out():
    for check in CHECKS:
        assert check.question.endswith("?")
        assert check.sentence.endswith(".")
        assert check.way_out.endswith(".")
    assert len({check.name for check in CHECKS}) == len(CHECKS)
