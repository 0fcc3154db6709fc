"""Long walks of random verbs: whatever people do, in whatever order, is done or refused, and the record stays sound."""

import datetime as dt
import random

import pytest
import time_machine
from django.db import transaction

from letters.domain import bulk, closures, feed, items, replies, sending, workflow
from letters.enums import OPEN_STATUSES, Access, Coverage, ResponseKind, Stance, Status
from letters.errors import RecordError
from letters.models import Answer, BulkChange, Event, FeedEntry, Letter, Tasking
from letters.reminders.sweep import sweep
from tests import factories

AGENCIES = ("treasury", "commerce", "state", "justice")
STEPS = 45


class Walk:
    """One letter, the people, a day that moves on, and dice."""

    def __init__(self, seed: int, people: dict):
        self.dice, self.people, self.today = random.Random(seed), people, dt.date(2023, 5, 1)
        letter = factories.draft(agencies=AGENCIES[:3])
        factories.ask(letter, "treasury", "commerce", consulted=["state"])
        factories.ask(letter, "state", requested_by=dt.date(2023, 6, 3))
        self.letter = sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)

    def some(self, *choices):
        return self.dice.choice(choices)

    @property
    def by(self):
        return self.people[self.some("staff", "staff", "manager")]

    @property
    def item(self) -> Tasking:
        return self.dice.choice(list(Tasking.objects.filter(ask__letter=self.letter).order_by("pk")))

    def day(self, spread: int = 40) -> dt.date:
        return self.today + dt.timedelta(days=self.dice.randint(-5, spread))

    def move(self):
        workflow.transition(
            self.item, to=self.some(*Status.values), by=self.by, reason=self.some("", "TEST"),
            promised_on=self.some(None, self.day()),
        )  # fmt: skip

    def in_one_go(self):
        """One change of one item or of several, as the queue makes it."""
        verb, by = self.some("status", "status", "status", "assign", "snooze", "note"), self.by
        change = bulk.Change(
            verb, owner=self.some(None, by), until=self.some(None, self.day()), text="TEST", to=self.some(*bulk.CHOOSABLE),
            reason="TEST", promised_on=self.day(),
        )  # fmt: skip
        chosen = {item.pk: item for item in (self.item for _ in range(self.dice.randint(1, 4)))}
        bulk.apply([(item, item.version) for item in chosen.values()], by=by, change=change)

    def undo(self):
        """The last such change, or one before it."""
        if made := list(BulkChange.objects.filter(undone_at=None).order_by("-made_at")[:3]):
            change = self.some(made[0], *made)
            bulk.take_back(change, by=change.by)

    def reopen(self):
        workflow.reopen(self.item, by=self.by, reason="TEST")

    def pass_on(self):
        workflow.transfer(self.item, to_agency=factories.agency(self.some(*AGENCIES)), by=self.by, reason="TEST")

    def reply(self):
        factories.reply(
            self.item, by=self.by, kind=self.some(*ResponseKind.values), coverage=self.some(None, *Coverage.values),
            received_on=self.today, stance=self.some(*Stance.values),
        )  # fmt: skip

    def read(self):
        if answer := Answer.objects.filter(coverage=None).order_by("pk").first():
            replies.assess(answer, coverage=self.some(*Coverage.values), by=self.by)

    def prove(self):
        factories.evidence(self.item, by=self.by)

    def small(self):
        item, by = self.item, self.by
        items.assign(item, by=by, owner=self.some(None, by))
        items.snooze(item, by=by, until=self.some(None, self.day()))
        items.log_contact(
            by=by,
            agency=item.agency,
            taskings=[item],
            channel="call",
            outcome="TEST",
            next_on=self.some(None, self.day()),
        )

    def correct(self):
        sending.amend(self.letter, by=self.by, reason="TEST", deadline_on=self.some(None, self.day()))

    def publish(self):
        verb = self.some(sending.release, lambda letter, by: sending.withdraw_release(letter, by=by, reason="TEST"))
        verb(self.letter, by=self.by)

    def restrict(self):
        sending.change_access(
            self.letter, by=self.by, access=self.some("office", "office", "restricted"), reason="TEST"
        )

    def close_offices(self):
        closures.set_closure(by=self.people["admin"], day=self.day(), name="TEST", closed=self.some(True, False))

    def sweep(self):
        sweep(today=self.today)

    def step(self) -> str:
        """One verb on one day: what was done, or that it was refused."""
        self.today += dt.timedelta(days=self.dice.randint(0, 9))
        verbs = [self.move] * 8 + [self.reopen, self.pass_on, self.prove, self.read, self.sweep] * 2
        verbs += [self.in_one_go] * 4 + [self.undo] * 4
        verbs += [self.reply] * 4 + [self.small, self.correct, self.publish, self.restrict, self.close_offices]
        verb = self.dice.choice(verbs)
        noon = dt.datetime.combine(self.today, dt.time(16), dt.UTC)
        with time_machine.travel(noon, tick=True):
            try:
                with transaction.atomic():
                    verb()
            except RecordError as refused:
                words = [bool(problem.field and problem.message) for problem in refused.problems]
                return f"{verb.__name__} refused" if words and all(words) else f"{verb.__name__} refused without a word"
        return verb.__name__


def unsound(letter: Letter) -> list[str]:
    """What is wrong with the record, if anything."""
    wrong = []
    tasks = list(Tasking.objects.filter(ask__letter=letter).select_related("status_event", "ask"))
    for item in tasks:
        story = list(item.events.filter(kind="status_changed").order_by("sequence"))
        chain = ["draft", *(event.to_status for event in story)]
        checks = {
            "its events do not lead to its status": chain[-1] == item.status and story[-1] == item.status_event,
            "its events do not follow one another": [event.from_status for event in story] == chain[:-1],
            "done without evidence": item.status != "implemented" or item.evidence.exists(),
            "closed without a reply": item.status not in ("answered", "declined") or item.answers.exists(),
            "a status of ours in public": item.public_status in PUBLIC,
        }
        newest = item.due_dates.filter(clock="substantive").first()
        checks["its date is not its newest revision"] = (newest.value if newest else None) == item.due_on
        revisions = sorted(item.due_dates.filter(clock="substantive").values_list("revision", flat=True))
        checks["its revisions have gaps"] = revisions == list(range(1, len(revisions) + 1))
        checks["consulted, but with a date"] = item.role == "lead" or item.due_on is None
        standing = item.pauses.filter(ended_on=None).count()
        checks["its clock stands and runs"] = standing == (item.status == "clarification")
        for kind in ("past_due", "acknowledgement_late"):
            days = list(item.events.filter(kind=kind).values_list("due_on", flat=True))
            checks[f"{kind} twice for a date"] = len(days) == len(set(days))
        wrong += [f"{item.agency}: {what}" for what, sound in checks.items() if not sound]
    for ask in letter.asks.all():
        mine = [item for item in tasks if item.ask_id == ask.pk]
        open_lead = any(item.role == "lead" and item.status in OPEN_STATUSES for item in mine)
        if not open_lead and any(item.role == "consulted" and item.status in OPEN_STATUSES for item in mine):
            wrong.append(f"{ask}: consulted waits for nobody")
        passed = [item for item in mine if item.status == "transferred"]
        if [item for item in passed if item.passed_to is None]:
            wrong.append(f"{ask}: passed on to nobody")
    public = letter.events.exclude(public_payload=None)
    if FeedEntry.objects.filter(stream="released").count() != public.count():
        wrong.append("the public stream is not what is public")
    if letter.access == Access.RESTRICTED:
        told = feed.follow("office", after=None, size=1000).entries
        if [one for one in told if one.event.payload.keys() - {"letter", "act"} != {"withdrawn"}]:
            wrong.append("the office stream tells more of a restricted letter than that it left")
    return wrong


PUBLIC = {"awaiting", "not_implemented", "overtaken", "withdrawn", "transferred", "entered_in_error"}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_the_record_stays_sound(reference, staff, manager, admin, settle, seed):
    walk = Walk(seed, {"staff": staff, "manager": manager, "admin": admin})
    done = []
    for _ in range(STEPS):
        done.append(walk.step())
        settle()
        letter = Letter.objects.get(pk=walk.letter.pk)
        assert (unsound(letter), done[-1].endswith("without a word")) == ([], False), done
    assert len([step for step in done if not step.endswith("refused")]) > STEPS // 4, done
    positions = [entry.position for entry in feed.follow("office", after=None, size=1000).entries]
    assert positions == sorted(set(positions))
    assert Event.objects.filter(letter=walk.letter).count() > 20
