"""Random histories, and every number of the dashboard against a plain count in Python; each link against its list.

The count here knows no SQL: it reads the rows as they stand and applies the rules by itself, so that one mistake does
not stand on both sides. The dice are seeded: a failure comes again.
"""

import datetime as dt
import html
import random
import re
from collections import Counter, defaultdict
from itertools import product
from urllib.parse import parse_qs, parse_qsl

import pytest
import time_machine
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from letters.domain import bulk, drafting, extending, items, renewals, retractions, sending, workflow
from letters.domain.history import acting
from letters.domain.reply_flow import Word, read_reply, record_reply
from letters.enums import OPEN_STATUSES
from letters.errors import RecordError
from letters.listing import Listing
from letters.models import AskTarget, Event, Letter, LetterTopic, Pause, Renewal, Response, Signature, Tasking, Topic
from letters.models.tasking_queries import RUNNING
from letters.reminders.facts import load_schedule
from tests import factories
from tests.domain.test_walks import AGENCIES, Walk
from tests.web.plain_records import differences
from tests.web.test_dashboard import total_behind

LETTERS, STEPS = 8, 28
KINDS = ("briefing", "investigation", "documents", "other")
MEMBERS = ("H000601", "T000476", "R000595")
MONTH, LONG_AGO = 30, 90
LIST_EVERY = 12  # one link in so many is followed to its list
BASES = ("letter", "promise", "statute", "yardstick")
WAITED = ("to_30", "to_90", "to_365", "over_365")
LATE_COLUMNS = [f"late_{basis}" for basis in BASES]
# Each table, and which columns it has wherever they count anything.
COLUMNS = {
    "agency": ["open", *LATE_COLUMNS, *(f"waited_{code}" for code in WAITED)],
    **{name: ["open", *LATE_COLUMNS] for name in ("kind", "lead", "topic", "target")},
    "owner": ["open", *LATE_COLUMNS, "unread", "untouched"],
}
LOOKED = "2023-05-02T04:00:00Z"
CHANGES = ("asked", "replied", "promised", "closed", "reopened", "put_back", *LATE_COLUMNS, "worked")


class Office(Walk):
    """Several letters, some restricted, with companies, topics and leads; what is done to them is a walk's."""

    def __init__(self, seed: int, people: dict):
        self.dice, self.people, self.today = random.Random(seed), people, dt.date(2023, 4, 20)
        self.targets = [factories.target(f"TEST Beast {n}") for n in range(3)]
        with acting(factories.SETUP):
            self.topics = [Topic.objects.create(slug=f"test-{n}", name=f"TEST topic {n}") for n in range(2)]
        self.letters = [self._letter() for _ in range(LETTERS)]

    def _letter(self):
        dice, sent_on = self.dice, self.today - dt.timedelta(days=self.dice.choice((3, 20, 60, 150, 800)))
        agencies = dice.sample(AGENCIES, 2)
        restricted = dice.random() < 0.3
        letter = factories.draft(
            agencies=agencies, signers=[], letter_date=sent_on, topics=dice.sample(self.topics, dice.randint(0, 2)),
            our_role=dice.choice(("led", "co_led", "co_signed", "followed")), access="restricted" if restricted else "office",
            staff=[self.people["staff"]] if restricted and dice.random() < 0.5 else [],
            deadline_on=sent_on + dt.timedelta(days=dice.choice((10, 40, 100))) if dice.random() < 0.5 else None,
        )  # fmt: skip
        for place, member in enumerate(dice.sample(MEMBERS, 2)):
            known = {"bioguide": member} if dice.random() < 0.7 else {"propose": False}
            drafting.sign(
                letter, by=factories.SETUP, printed_name=f"TEST Signer {place}", is_lead=dice.random() < 0.6, **known
            )
        for _ in range(2):
            chosen = dice.sample(self.targets, dice.randint(0, 2))
            factories.ask(letter, *agencies, kind_code=dice.choice(KINDS), targets=chosen)
        sent_at = dt.datetime.combine(sent_on, dt.time(16), dt.UTC)
        with time_machine.travel(sent_at, tick=False):
            return sending.send_letter(letter, by=factories.SETUP, sent_on=sent_on)

    @property
    def letter(self):
        return self.dice.choice(self.letters)

    @property
    def item(self) -> Tasking:
        return self.dice.choice(
            list(Tasking.objects.order_by("ask__letter__reference", "ask__number", "asked_on", "agency__slug"))
        )

    def small(self):
        item, by = self.item, self.by
        done = self.some("owner", "time", "again", "note")
        if done == "owner":
            items.assign(item, by=by, owner=self.some(None, by))
        elif done == "time":
            extending.extend(item, by=by, to=self.day(90), by_notice=True)
        elif done == "again":
            renewals.renew(item, by=by, letter=self.letter)
        else:
            items.add_note(by=by, letter=item.ask.letter, tasking=item, text="TEST")

    def drop(self):
        sending.enter_in_error(self.letter, by=self.people["manager"], reason="TEST")

    def each_once(self):
        """What the dice may leave out: a pause that stands and one that ended, an item reopened, one passed on, one
        repeated, a letter restricted after it was sent, a reply that nobody has read, a promise by a reply; one of which
        a part was done, one answered in full beside it, one entered in error, one whose reply is read again; one done and
        one withdrawn by their date, with a letter after it; one repeated by a letter that few may see; and what was moved
        by a slip, alone and with another, and undone. Nobody refuses them, and nothing else is done to them after."""
        by = self.people["manager"]
        order = ("ask__letter__reference", "ask__number", "asked_on", "agency__slug")
        open_ones = Tasking.objects.filter(status__in=OPEN_STATUSES, role="lead", ask__letter__state="sent")
        waiting = list(
            open_ones.exclude(status="clarification").order_by(*order).select_related("ask__letter", "agency")
        )
        again, later = next(
            (item, letter)
            for item, letter in product(waiting, self.letters)
            if letter.pk != item.ask.letter_id and letter.sent_on >= item.asked_on and not item.renewals.exists()
        )
        waiting.remove(again)
        paused, resumed, reopened, passed, hidden, unread, promised = waiting[:7]
        for_all = [
            item for item in waiting[7:]
            if item.ask.letter.access == "office" and item.ask.letter_id != hidden.ask.letter_id and not (item.answered_on or item.review_on)
        ]  # fmt: skip
        partly, answered, in_error, read_again, asked_again = for_all[:5]
        slips = for_all[5:7]
        asked_on = self.today - dt.timedelta(days=60)
        with time_machine.travel(dt.datetime.combine(asked_on, dt.time(16), dt.UTC), tick=False):
            done, let_go = (factories.item(sent_on=asked_on) for _ in (1, 2))
        elsewhere = factories.agency(next(slug for slug in AGENCIES if slug != passed.agency.slug))
        for verb, facts in (
            (workflow.transition, {"tasking": paused, "to": "clarification"}),
            (workflow.transition, {"tasking": resumed, "to": "clarification"}),
            (workflow.transition, {"tasking": reopened, "to": "withdrawn", "reason": "TEST"}),
            (renewals.renew, {"tasking": again, "letter": later}),
            (workflow.transition, {"tasking": resumed, "to": "considering"}),
            (workflow.reopen, {"tasking": reopened, "reason": "TEST"}),
            (workflow.transfer, {"tasking": passed, "to_agency": elsewhere, "reason": "TEST"}),
            (sending.change_access, {"letter": hidden.ask.letter, "access": "restricted", "reason": "TEST"}),
            (factories.reply, {"tasking": unread, "coverage": None}),
            (self.promise, {"tasking": promised}),
            (self.end_in_time, {"tasking": done, "to": "implemented"}),
            (self.end_in_time, {"tasking": let_go, "to": "withdrawn"}),
            (self.hear, {"tasking": done}),
            (self.hear, {"tasking": let_go}),
            (self.promise, {"tasking": partly}),
            (self.promise, {"tasking": answered}),
            (self.promise, {"tasking": in_error}),
            (self.promise, {"tasking": read_again}),
            (workflow.transition, {"tasking": partly, "to": "partly_addressed"}),
            (factories.reply, {"tasking": answered, "received_on": self.today}),
            (self.retract, {"tasking": in_error}),
            (self.read_again, {"tasking": read_again}),
            (self.repeat_for_few, {"tasking": asked_again}),
            (self.slip, {"taskings": slips, "to": "withdrawn"}),
            (self.slip, {"taskings": slips[:1], "to": "promised"}),
        ):
            self.today += dt.timedelta(days=1)
            with time_machine.travel(dt.datetime.combine(self.today, dt.time(16), dt.UTC), tick=True):
                verb(**facts, by=by)
        assert [p.ended_on is None for p in Pause.objects.filter(tasking__in=[paused, resumed]).order_by("ended_on")] == [
            False, True,
        ]  # fmt: skip
        assert Event.objects.filter(tasking=reopened, from_status="withdrawn", to_status="awaiting").exists()
        assert Tasking.objects.get(pk=passed.pk).passed_to.agency == elsewhere
        assert Renewal.objects.filter(tasking=again, letter=later).exists()
        assert open_ones.filter(ask__letter=hidden.ask.letter_id, ask__letter__access="restricted").exists()
        assert open_ones.unread().filter(pk=unread.pk).exists()
        assert Tasking.objects.get(pk=promised.pk, due_basis="promise").answers.exists()
        assert Tasking.objects.get(pk=partly.pk, due_basis="promise").status == "partly_addressed"
        assert Tasking.objects.get(pk=answered.pk, due_basis="promise").answered_on
        assert Response.objects.get(answers__tasking=in_error, in_error_at__isnull=False).answers.count() == 1
        for one in Tasking.objects.filter(pk__in=[done.pk, let_go.pk]):
            assert timezone.localdate(one.status_event.occurred_at) <= one.due_on < one.answered_on
        assert Tasking.objects.get(pk=read_again.pk).due_on == self.today + dt.timedelta(days=MONTH - 3)
        assert Renewal.objects.get(tasking=asked_again).letter.access == "restricted"
        assert len(slips) == 2
        assert (
            Event.objects.filter(tasking__in=slips, from_status="withdrawn", payload__undoes__isnull=False).count() == 2
        )
        self.today += dt.timedelta(days=1)  # a table says nothing of what was asked on the very day

    def end_in_time(self, *, tasking: Tasking, to: str, by) -> None:
        extending.extend(tasking, by=by, to=self.today + dt.timedelta(days=1), by_notice=True)
        factories.moved(tasking, to, by=by)

    def hear(self, *, tasking: Tasking, by) -> None:
        factories.reply(tasking, by=by, received_on=self.today)

    def promise(self, *, tasking: Tasking, by) -> None:
        word = Word(tasking, said="promised", promised_on=self.today + dt.timedelta(days=3))
        record_reply(by=by, agency=tasking.agency, received_on=self.today, words=[word])

    def retract(self, *, tasking: Tasking, by) -> None:
        retractions.retract_response(self.reply_about(tasking), by=by, reason="TEST")

    def read_again(self, *, tasking: Tasking, by) -> None:
        word = Word(factories.fresh(tasking), said="promised", promised_on=self.today + dt.timedelta(days=MONTH))
        read_reply(self.reply_about(tasking), by=by, words=[word])

    def reply_about(self, tasking: Tasking) -> Response:
        return Response.objects.get(answers__tasking=tasking, answers__said="promised", in_error_at=None)

    def slip(self, *, taskings: list[Tasking], to: str, by) -> None:
        """A change that is made and undone, as far as it can be."""
        chosen = [(one, one.version) for one in map(factories.fresh, taskings)]
        change = bulk.Change("status", to=to, reason="TEST", promised_on=self.today + dt.timedelta(days=9))
        bulk.take_back(bulk.apply(chosen, by=by, change=change).change, by=by)

    def repeat_for_few(self, *, tasking: Tasking, by) -> None:
        letter = factories.sent(agencies=[tasking.agency.slug], sent_on=self.today)
        sending.change_access(letter, by=by, access="restricted", reason="TEST")
        renewals.renew(tasking, by=by, letter=letter)


class Plain:
    """The record as plain rows, for one person on one day."""

    def __init__(self, person, today: dt.date):
        self.person, self.today = person, today
        self.letters = {str(letter.pk): letter for letter in Letter.objects.prefetch_related("staff")}
        self.in_error = {str(response.pk) for response in Response.objects.all() if response.in_error_at}
        self.events = defaultdict(list)
        for event in Event.objects.exclude(tasking=None):
            self.events[event.tasking_id].append(event)
        self.leads, self.topics, self.targets = defaultdict(set), defaultdict(set), defaultdict(set)
        for s in Signature.objects.filter(is_lead=True).select_related("legislator"):
            self.leads[s.letter_id].add(s.legislator.bioguide if s.match == "confirmed" else "-unmatched-")
        for link in LetterTopic.objects.select_related("topic"):
            self.topics[link.letter_id].add(link.topic.slug)
        for link in AskTarget.objects.select_related("target"):
            self.targets[link.ask_id].add(link.target.slug)
        rows = Tasking.objects.select_related(
            "ask__kind", "ask__letter", "agency", "owner", "status_event"
        ).prefetch_related("answers__response", "ask__letter__staff")
        self.items = [t for t in rows if self.counts(t) and self.sees(person, t.ask.letter)]

    @staticmethod
    def counts(t: Tasking) -> bool:
        return t.role == "lead" and t.ask.letter.state == "sent" and t.status not in ("draft", "entered_in_error")

    @staticmethod
    def sees(person, letter) -> bool:
        return letter.access == "office" or person.role in ("manager", "admin") or person in letter.staff.all()

    def is_open(self, t: Tasking) -> bool:
        return t.status in OPEN_STATUSES

    def runs(self, t: Tasking) -> bool:
        stands = t.answered_on is not None or t.review_on is not None
        waits = t.status in OPEN_STATUSES and t.status != "clarification" and t.due_on is not None
        return waits and (t.due_basis == "promise" or not stands)

    def days_late(self, t: Tasking) -> int:
        return max(0, (self.today - t.due_on).days) if self.runs(t) else 0

    def late(self, t: Tasking) -> str:
        return t.due_basis if self.days_late(t) else ""

    def waited(self, t: Tasking) -> str:
        days = (self.today - t.asked_on).days
        return "to_30" if days <= 30 else "to_90" if days <= 90 else "to_365" if days <= 365 else "over_365"

    def age(self, t: Tasking) -> str:
        days = self.days_late(t)
        return next(name for name, most in (("in_time", 0), ("to_30", 30), ("to_90", 90), ("to_365", 365), ("over_365", 10**6)) if days <= most)  # fmt: skip

    def promised(self, t: Tasking) -> bool:
        return t.status == "promised" or (t.status == "partly_addressed" and t.due_basis == "promise")

    def unread(self, t: Tasking) -> bool:
        return self.is_open(t) and any(a.coverage is None and not a.response.in_error_at for a in t.answers.all())

    def untouched(self, t: Tasking) -> bool:
        return self.is_open(t) and (self.today - timezone.localdate(t.touched_at)).days > LONG_AGO

    def due_month(self, t: Tasking) -> bool:
        return self.runs(t) and 0 <= (t.due_on - self.today).days <= MONTH

    def keys(self, t: Tasking) -> dict[str, set[str]]:
        """In which lines of which tables it stands."""
        none = {"-none-"}
        return {
            "agency": {t.agency.slug},
            "kind": {t.ask.kind.code},
            "lead": self.leads[t.ask.letter_id] or none,
            "owner": {t.owner.username if t.owner else "nobody"},
            "topic": self.topics[t.ask.letter_id] or none,
            "target": self.targets[t.ask_id] or none,
        }

    def columns(self, t: Tasking) -> set[str]:
        """Which columns of a line count it."""
        found = {"open", f"waited_{self.waited(t)}"}
        if self.late(t):
            found.add(f"late_{self.late(t)}")
        return found | ({"unread"} if self.unread(t) else set()) | ({"untouched"} if self.untouched(t) else set())

    def changed(self, t: Tasking, since: dt.datetime, change: str) -> bool:
        undone = {e.payload["undoes"] for e in self.events[t.pk] if "undoes" in e.payload}
        for e in self.events[t.pk]:
            if e.kind == "renewed" and not self.sees(self.person, self.letters[e.payload["by_letter"]]):
                continue  # nobody tells them of it
            any_move, stands = e.kind == "status_changed", e.payload.get("response") not in self.in_error
            # who undoes a slip asks, ends and promises nothing, and neither did the slip
            moved = any_move and "undoes" not in e.payload and str(e.pk) not in undone
            happened = {
                "": True,
                # what was passed on was logged with its letter, at another agency
                "asked": moved and e.from_status == "draft" and timezone.localdate(e.recorded_at) == t.ask.letter.sent_on,
                "replied": e.kind == "response_recorded" and stands,
                "promised": moved and e.to_status == "promised" and stands,
                "closed": moved and e.to_status not in (*OPEN_STATUSES, "entered_in_error"),
                "reopened": moved and e.from_status not in (*OPEN_STATUSES, "draft", "entered_in_error"),
                "put_back": any_move and (e.from_status == "entered_in_error" or "undoes" in e.payload),
                "worked": e.kind in ("assigned", "snoozed", "note_added", "contact_logged", "renewed", "review_set", "evidence_added"),
            }.get(change, e.kind == "past_due" and change == f"late_{e.payload['due_basis']}")  # fmt: skip
            if e.recorded_at > since and happened:
                return True
        return False

    def behind(self, query: dict[str, list[str]]) -> list[Tasking]:
        """The items an address means."""
        return [t for t in self.items if all(self.passes(t, name, query) for name in query) and self.usual(t, query)]

    def usual(self, t: Tasking, query: dict) -> bool:
        """What an address means where it says nothing."""
        led = t.ask.letter.our_role != "co_signed"
        ours = {"led": led, "co_signed": not led, "all": True}[query.get("ours", ["led"])[0]]
        state = query.get("state", ["all" if "status" in query else "open"])[0]
        return ours and {"open": self.is_open(t), "all": True, "closed": not self.is_open(t)}[state]

    def links(self, asked: str, since: str) -> set[tuple[str, frozenset, int]]:
        """Every number above nought that the page owes within the filters of its address, with the list behind it."""
        base = parse_qsl(asked)
        shown = self.behind(parse_qs(asked))
        wanted = [
            {},
            {"unread": "true"},
            {"untouched": "true"},
            {"to_review": "true"},
            {"owner": "nobody"},
            {"due": "month"},
        ]
        wanted += [{"late": basis} for basis in BASES]
        wanted += [{"due": "month", "due_basis": basis} for basis in BASES]
        wanted += [{"promised": "true"}, {"promised": "true", "late": "promise"}]
        wanted += [
            {"since": since, "state": "all"},
            *({"since": since, "change": one, "state": "all"} for one in CHANGES),
        ]
        wanted += [{"age": "in_time"}, *({"age": age, "late": basis} for age, basis in product(WAITED, BASES))]
        if not base:
            wanted.append({"ours": "co_signed"})
        for name, columns in COLUMNS.items():
            for key, column in product({key for t in shown for key in self.keys(t)[name]}, columns):
                kind, _, value = column.partition("_")
                wanted.append({name: key, **({} if kind == "open" else {kind: value or "true"})})
        found = {
            ("/", frozenset(query.items()), len(self.behind({name: [value] for name, value in query.items()})))
            for query in ({**dict(base), **more} for more in wanted)
        }
        for table, number in (("ask", len({t.ask_id for t in shown})), ("agency", len({t.agency_id for t in shown}))):
            found.add((f"/dashboard/{table}/", frozenset(base), number))
        return {one for one in found if one[2]}

    def passes(self, t: Tasking, name: str, query: dict) -> bool:
        value = query[name][0]
        keys = self.keys(t)
        if name in keys:
            return set(query[name]) <= keys[name]
        since = dt.datetime.fromisoformat(query["since"][0]) if "since" in query else None
        tests = {
            "ours": lambda: True,
            "state": lambda: True,
            "status": lambda: t.status in query[name],
            "late": lambda: self.late(t) == value,
            "age": lambda: self.age(t) == value,
            "waited": lambda: self.waited(t) == value,
            "due": lambda: self.due_month(t),
            "due_basis": lambda: t.due_basis == value,
            "promised": lambda: self.promised(t),
            "unread": lambda: self.unread(t),
            "untouched": lambda: self.untouched(t),
            "to_review": lambda: self.is_open(t) and t.review_on is not None and t.review_on <= self.today,
            "since": lambda: self.changed(t, since, ""),
            "change": lambda: self.changed(t, since, value),
        }
        return tests[name]()


ROW = re.compile(r'<tr data-key="([^"]+)".*?</tr>', re.S)
CELL = re.compile(r'<td [^>]*data-column="(\w+)"[^>]*>(.*?)</td>', re.S)
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"[^>]*\bdata-count="(\d+)"')


def tables(body: str) -> dict[str, dict[tuple[str, str], int]]:
    """Each table as the page has it: by line and column, without the zeros."""
    found = {}
    for name, table in re.findall(r'<table [^>]*data-figures="(\w+)">(.*?)</table>', body, re.S):
        found[name] = {
            (row[1], column): int(count[1])
            for row in ROW.finditer(table)
            for column, cell in CELL.findall(row[0])
            if (count := re.search(r'data-count="(\d+)"', cell))
        }
    return found


def days(body: str) -> dict[tuple[str, str], str]:
    """How long ago the first of each line was asked, by table and line; and the longest past our usual wait."""
    found = {}
    for name, table in re.findall(r'<table [^>]*data-figures="(\w+)">(.*?)</table>', body, re.S):
        for row in ROW.finditer(table):
            for column, cell in CELL.findall(row[0]):
                if column == "oldest":
                    found[name, row[1]] = re.sub("<[^>]+>", "", cell)
    longest = re.search(r"the longest <a [^>]*>([^<]+)</a>", body)
    return found | ({("headline", "yardstick"): longest[1]} if longest else {})


def days_of(plain: Plain, shown: list[Tasking]) -> dict[tuple[str, str], str]:
    """The same by a plain count."""
    most: dict = defaultdict(int)
    for t in shown:
        for name in ("agency", "kind", "lead", "topic", "target"):
            for key in plain.keys(t)[name]:
                most[name, key] = max(most[name, key], (plain.today - t.asked_on).days)
        if plain.late(t) == "yardstick":
            most["headline", "yardstick"] = max(most["headline", "yardstick"], plain.days_late(t))
    return {place: f"{number:,} day{'' if number == 1 else 's'}" for place, number in most.items()}


@pytest.mark.parametrize("seed", [1, 2])
def test_every_number_is_what_a_plain_count_gives(reference, viewer, staff, manager, admin, seed, monkeypatch):
    monkeypatch.setattr("letters.web.dashboard.MOST", 100)
    office = Office(seed, {"viewer": viewer, "staff": staff, "manager": manager, "admin": admin})
    done = [office.step() for _ in range(STEPS)]
    with transaction.atomic(), time_machine.travel(dt.datetime.combine(office.today, dt.time(17), dt.UTC), tick=False):
        try:
            office.drop()
        except RecordError:
            done.append("nothing entered in error")
    office.each_once()
    with time_machine.travel(dt.datetime.combine(office.today, dt.time(18), dt.UTC), tick=False):
        office.sweep()
    now, followed = dt.datetime.combine(office.today, dt.time(20), dt.UTC), 0
    with time_machine.travel(now, tick=False):
        for person, ours in ((viewer, ""), (staff, "ours=all"), (manager, f"ours=all&since={LOOKED}")):
            client = Client()
            client.force_login(person)
            body = client.get(f"/dashboard/?{ours}").content.decode()
            plain = Plain(person, office.today)
            shown = plain.behind(parse_qs(ours))
            drawn = tables(body)
            for name, columns in COLUMNS.items():
                counted = Counter(
                    (key, column) for t in shown for key in plain.keys(t)[name] for column in plain.columns(t)
                )
                kept = {place: number for place, number in counted.items() if place[1] in columns}
                assert (person.role, name, drawn.get(name, {})) == (person.role, name, kept), done
            asked = ours.partition("&")[0]
            of_record = plain.behind(parse_qs(f"{asked}&state=all"))
            assert (person.role, differences(client, asked, of_record, plain.events, office.today)) == (
                person.role,
                [],
            ), done
            late = Counter((plain.age(t), f"late_{plain.late(t)}") for t in shown if plain.late(t))
            assert (person.role, drawn.get("age", {})) == (person.role, dict(late)), done
            assert (person.role, days(body)) == (person.role, days_of(plain, shown)), done
            links = [(html.unescape(a), int(n)) for a, n in LINK.findall(body[body.index("<main") :])]
            # none too many, none left out, each the number that its address means
            since = LOOKED if LOOKED in ours else f"{(now - dt.timedelta(days=7)).replace(tzinfo=None).isoformat()}Z"
            page = {(a.partition("?")[0], frozenset(parse_qsl(a.partition("?")[2])), number) for a, number in links}
            owed = plain.links(ours, since)
            assert (person.role, page - owed, owed - page) == (person.role, set(), set()), done
            assert len(links) > 30
            for address, number in links:
                if address.startswith("/dashboard/"):
                    assert (address, total_behind(address, person)) == (address, number)
            for address, number in links[followed % LIST_EVERY :: LIST_EVERY]:
                if address.startswith("/?"):
                    listed = Listing(QueryDict(address[2:]), user=person).found.count()
                    assert (person.role, address, listed) == (person.role, address, number)
                    followed += 1
        # reminders go by the same clocks: they read an item's facts, not the condition of the lists
        known = load_schedule().known(list(Tasking.objects.select_related("ask", "agency")))
        runs = {tasking.pk for tasking, facts, _ in known if facts.runs}
        assert runs == set(Tasking.objects.filter(RUNNING).values_list("pk", flat=True))
        assert 0 < len(runs) < Tasking.objects.filter(status__in=OPEN_STATUSES).count()
    assert followed > 12
