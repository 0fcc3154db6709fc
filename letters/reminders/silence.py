"""What has to work for reminders to run, as one table: the strip, `/health/` and `manage.py doctor` all read it. Pure.

Silence must never look like calm: what could not be asked counts as broken, and so does what lies in the future.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from letters.domain.deadlines import count

GRACE = dt.timedelta(minutes=1)  # how far two clocks may differ, and how long a round may take
MAIL_WAITS = dt.timedelta(minutes=10)  # past the moment a mail was to go
BACKUP_WAITS = dt.timedelta(hours=26)  # a night and what it takes
MAIL_FAILS = dt.timedelta(hours=1)  # from the first try: the usual hiccup of a mail server is over


@dataclass(frozen=True)
class LastRound:
    """When a background process last did its round, by the wall clock."""

    started_at: dt.datetime
    finished_at: dt.datetime | None = None
    trouble_since: dt.datetime | None = None  # of the mail server: since then it has taken nothing
    left_out: int | None = None  # of the sweep: items that it could not look at
    only_expected: bool | None = None  # of the backup: it is to be made, and was never tried


@dataclass(frozen=True)
class Signs:
    """What can be told of the background work at one moment. None: not asked, or no answer yet."""

    now: dt.datetime
    periods: Mapping[str, dt.timedelta]  # how often each round comes
    rounds: Mapping[str, LastRound] = field(default_factory=dict)
    database: bool = True
    broker: bool = True
    worker: bool | None = None
    beat: bool | None = None
    watched_since: dt.datetime | None = None  # a round that never was is late only once it had time to come
    waiting: int = 0  # mails
    overdue: int = 0  # mails that should be gone
    oldest_unsent: dt.datetime | None = None
    failing: int = 0  # mails tried for long, or given up
    mail_folder: str = ""  # without a mail server: where mails are written instead of being sent
    has_others: bool = False  # whether the site is reached from other machines

    def mail_note(self) -> str:
        """What becomes of mails where nothing is sent; empty where a mail server takes them."""
        return f"Mails are written to files in {self.mail_folder}, not sent: set EMAIL_URL." if self.mail_folder else ""

    def late_after(self, name: str) -> dt.timedelta:
        """One round may be missed by a restart; two in a row mean that something is wrong."""
        return 2 * self.periods[name] + GRACE

    def next_round(self, name: str) -> dt.datetime | None:
        """When it is due, by the wall clock."""
        last = self.rounds.get(name)
        return last.started_at + self.periods[name] if last else None


@dataclass(frozen=True)
class Check:
    """One thing that has to be so. `fails` gives the particulars, for administrators, or nothing when all is well."""

    name: str
    question: str
    fails: Callable[[Signs], str]
    sentence: str  # for everybody signed in
    way_out: str
    stops_reminders: bool = True
    stops_some: bool = False  # reminders of some items: everybody is told of it, though the others go on


@dataclass(frozen=True)
class Fault:
    """A check that failed, with its particulars."""

    check: Check
    particulars: str

    def line(self) -> str:
        """For an administrator: what, in particular, and what to do."""
        return f"{self.check.name}: {self.check.sentence} {self.particulars} {self.check.way_out}"


def _unanswered(name: str, to: str) -> Callable[[Signs], str]:
    return lambda signs: f"No answer to {to}." if getattr(signs, name) is False else ""


def _future(signs: Signs) -> str:
    ahead = {
        name: moment
        for name, last in signs.rounds.items()
        for moment in (last.started_at, last.finished_at)
        if moment and moment > signs.now + GRACE
    }
    return " ".join(
        f"The last {name} is noted for {_at(moment)}, and it is {_at(signs.now)}." for name, moment in ahead.items()
    )


def _late(name: str, *, may_be_new: bool = False) -> Callable[[Signs], str]:
    def fails(signs: Signs) -> str:
        if not signs.database or name not in signs.periods:
            return ""
        last = signs.rounds.get(name)
        if last is None or last.finished_at is None:
            # the first round after a start has as long as any other; a site opens only after a first sweep
            fresh = may_be_new and signs.watched_since and signs.now - signs.watched_since <= signs.late_after(name)
            return "" if fresh else f"No {name} has ever finished."
        if signs.now - last.finished_at <= signs.late_after(name):
            return ""
        return f"The last {name} finished at {_at(last.finished_at)}; one is due every {_minutes(signs.periods[name])}."

    return fails


def _left_out(signs: Signs) -> str:
    last = signs.rounds.get("sweep")
    return f"The last sweep left {count(last.left_out, 'item')} out." if last and last.left_out else ""


def _overdue(signs: Signs) -> str:
    since = f", the oldest since {_at(signs.oldest_unsent)}" if signs.oldest_unsent else ""
    return f"{signs.overdue:,} of {signs.waiting:,} waiting mails should be gone{since}." if signs.overdue else ""


def _away(signs: Signs) -> str:
    """Few mails wait longer and longer between their tries: none of them is late, and yet none goes."""
    last = signs.rounds.get("dispatch")
    since = last.trouble_since if last else None
    if since is None or signs.now - since <= MAIL_FAILS or not (signs.waiting or signs.failing):
        return ""
    return f"It has taken no mail since {_at(since)}; {signs.waiting:,} wait."


def _failing(signs: Signs) -> str:
    if _away(signs):
        return ""  # one fault, one line
    return f"{signs.failing:,} mails failed for more than an hour, or were given up." if signs.failing else ""


def _no_backup(signs: Signs) -> str:
    """A night that failed or never came, and only where there are to be nights: others back up in a way that the site
    knows nothing of."""
    last = signs.rounds.get("backup")
    if last is None:
        return ""
    if last.only_expected:
        is_new = signs.now - last.started_at <= BACKUP_WAITS
        return (
            ""
            if is_new
            else f"None was ever made or tried; BACKUP_DIR says that there is to be one, noted at {_at(last.started_at)}."
        )
    if last.finished_at is None:
        return f"Tried since {_at(last.started_at)}, and none was made."
    late = signs.now - last.finished_at > BACKUP_WAITS
    return f"The last one was made at {_at(last.finished_at)}." if late else ""


def _unsent(signs: Signs) -> str:
    # who tries it on their own machine knows; colleagues would take silence for calm
    return f"They are written to files in {signs.mail_folder}." if signs.mail_folder and signs.has_others else ""


CHECKS = (
    Check(
        "database", "Does PostgreSQL answer?", _unanswered("database", "a query"),
        "The database does not answer.",
        "See log/postgres.log in the data folder, or the server of DATABASE_URL. The other parts recover by themselves.",
    ),
    Check(
        "broker", "Does Valkey answer?", _unanswered("broker", "a connection"),
        "The broker does not answer, so no round can be ordered.",
        "See log/valkey.log in the data folder, or the server of BROKER_URL. No reminder is lost: the next sweep finds it.",
    ),
    Check(
        "worker", "Does a worker answer a ping?", _unanswered("worker", "a ping within a second"),
        "The worker does not answer, so nothing is checked or sent.",
        "See log/worker.log. Meanwhile `manage.py sweep_reminders` does a round by hand.",
    ),
    Check(
        "beat", "Does beat answer a ping, and does it tick?", _unanswered("beat", "a ping within a second"),
        "Beat does not answer, so no round is started.",
        "See log/beat.log; exactly one beat has to run. Meanwhile `manage.py sweep_reminders` does a round by hand.",
    ),
    Check(
        "clock", "Does every last round lie in the past?", _future,
        "The last round lies in the future: a clock of this machine was set back, or is wrong.",
        "Set the clock (NTP), then run `manage.py sweep_reminders`.",
    ),
    Check(
        "sweep", "Has a sweep finished within two periods and a minute?", _late("sweep"),
        "Dates have not been checked, so items past their date may not be marked.",
        "See log/worker.log and log/beat.log. `manage.py sweep_reminders` does it by hand; nothing has to be made up.",
    ),
    Check(
        "items", "Did the last sweep get through every item?", _left_out,
        "Some items cannot be looked at, so nobody is reminded of them.",
        "log/worker.log names each and says why. All others are reminded of as usual.",
        stops_reminders=False, stops_some=True,
    ),
    Check(
        "dispatch", "Has the mail dispatcher finished a round within two periods and a minute?", _late("dispatch", may_be_new=True),
        "The mail dispatcher does not run, so no reminder is mailed.",
        "See log/worker.log and log/beat.log. `manage.py dispatch_mail` does it by hand; no mail is lost.",
    ),
    Check(
        "outbox", "Is every mail on its way within ten minutes?", _overdue,
        "Mails are waiting that should be gone.",
        "See log/worker.log, and EMAIL_URL. No mail is lost: the next round sends what waits.",
    ),
    Check(
        "mail_away", "Has the mail server been reached within an hour?", _away,
        "The mail server takes no mail, so no reminder is mailed.",
        "See EMAIL_URL, and what the server says under /mail/failing/. What waits goes as soon as it answers; after five days of trying it is given up.",
    ),
    Check(
        "reports", "Has the maker of reports finished a round within two periods and a minute?", _late("reports", may_be_new=True),
        "Reports are not made, so the weekly list may not come.",
        "See log/worker.log and log/beat.log. `manage.py make_reports` makes what waits, this week’s list too; none is made of a week that is over.",
        stops_reminders=False,
    ),
    Check(
        "mail", "Does the mail server take every mail?", _failing,
        "Some mails cannot be delivered.",
        "See the mails in trouble in the administration: an address may be wrong, or the mail server of EMAIL_URL refuses.",
        stops_reminders=False,
    ),
    Check(
        "mail_server", "Is a mail server set, where others reach the site?", _unsent,
        "No mail server is set, so no mail is sent to anybody.",
        "Set EMAIL_URL and start again. The inbox on the site has every reminder.",
        stops_reminders=False,
    ),
    Check(
        "backup", "Was the last nightly backup made within 26 hours, where any is to be made?", _no_backup,
        "The nightly backup was not made.",
        "See `systemctl list-timers letters-backup.timer`, which has to name the next night, and `journalctl -u letters-backup`: a full disk, a folder "
        "or a passphrase that it may not use. `systemctl start letters-backup` makes one now. In containers: `docker compose logs backup`. Where none are made here any "
        "more: take BACKUP_DIR out, then `manage.py backup --no-more-nights`.",
        stops_reminders=False,
    ),
)  # fmt: skip


def faults(signs: Signs) -> list[Fault]:
    """What is wrong, in the order in which to mend it; behind a database that is away nothing else can be known."""
    found = [Fault(check, particulars) for check in CHECKS if (particulars := check.fails(signs))]
    return found if signs.database else [fault for fault in found if fault.check.name in ("database", "broker")]


def not_well(signs: Signs) -> set[str]:
    """The names of the checks that failed, and of those behind a part that is away: it cannot be vouched for them."""
    unknown = set() if signs.broker else {"worker", "beat"}
    if not signs.database:
        unknown |= {check.name for check in CHECKS} - {"broker", "worker", "beat"}
    return unknown | {fault.check.name for fault in faults(signs)}


def are_stopped(found: list[Fault]) -> bool:
    """Whether any of these keeps reminders from running."""
    return any(fault.check.stops_reminders for fault in found)


def _at(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def _minutes(period: dt.timedelta) -> str:
    minutes = int(period.total_seconds() // 60)
    return "minute" if minutes == 1 else f"{minutes} minutes"
