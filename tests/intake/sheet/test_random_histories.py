"""Whatever replies said of an item, in whatever order: it goes out and comes in as the same."""

import datetime as dt
import random
from contextlib import suppress

import pytest
from django.db import transaction

from letters.domain import reply_flow, sending
from letters.domain.items import add_note
from letters.domain.reply_steps import Proof
from letters.enums import Channel, Said
from letters.errors import RecordError
from letters.models import Letter, Tasking
from tests import factories
from tests.intake.sheet.test_round_trip import there_and_back

LETTERS = 8
# As docs/import.md says: passed on comes in as open, and of the way to a status a sheet has the end alone. So what stops a
# clock, or moves it to a promised day, comes last.
LAST = (Said.NEEDS_US, Said.PROMISED)
SAID = [one for one in Said if one not in (Said.OTHER_AGENCY, *LAST)]
PROOFS = (
    Proof(), Proof("federal_register", "TEST 99 FR 99999"), Proof("list_entry", "TEST words", "https://test.example/TEST"),
    Proof("url", "", "https://test.example/TEST-2", dt.date(2023, 8, 1)),
)  # fmt: skip


def histories(dice: random.Random) -> None:
    staff = factories.person("staff")
    companies = [factories.target(f"TEST {name}") for name in ("One", "Two", "Three")]
    for number in range(LETTERS):
        letter = factories.draft(subject=f"TEST history {number}", agencies=["treasury", "commerce"])
        factories.ask(letter, "treasury", kind_code="sanction", targets=companies, consulted=["commerce"])
        factories.ask(
            letter,
            "commerce",
            "treasury",
            kind_code="written_answers",
            questions=["TEST one?", "TEST two?", "TEST three?"],
        )
        factories.ask(letter, "commerce", kind_code="other", targets=companies[:1])
        letter = sending.send_letter(Letter.objects.get(pk=letter.pk), by=staff, sent_on=factories.SENT_ON)
        found = Tasking.objects.filter(ask__letter=letter, role="lead").select_related("agency", "ask")
        # not by keys, which are others each time: what fails once has to fail again
        items = list(found.order_by("ask__number", "agency__slug"))
        on = factories.SENT_ON
        turns = dice.randint(0, 6)
        for turn in range(turns):
            on += dt.timedelta(days=dice.randint(0, 20))
            _reply(dice, staff, items, on, is_last=turn == turns - 1)
        for _ in range(dice.randint(0, 2)):
            add_note(by=staff, letter=letter, tasking=dice.choice([None, *items]), text=f"TEST note {dice.random()}")


def _reply(dice: random.Random, staff, items: list[Tasking], on: dt.date, *, is_last: bool) -> None:
    agency = dice.choice(items).agency
    about = [one for one in items if one.agency == agency]
    writes = factories.agency({"commerce": "bis", "treasury": "ofac"}[agency.slug]) if dice.random() < 0.3 else agency
    words = []
    for tasking in dice.sample(about, dice.randint(1, len(about))):
        questions, targets = list(tasking.ask.questions.all()), list(tasking.ask.targets.all())
        chosen = (
            "" if dice.random() < 0.15 else dice.choice(LAST) if is_last and dice.random() < 0.5 else dice.choice(SAID)
        )
        words.append(
            reply_flow.Word(
                tasking, said=chosen, quote=dice.choice(["", "=TEST quote; of it"]), page=dice.choice(["", "3"]),
                promised_on=dt.date(2023, 12, 1) + dt.timedelta(days=dice.randint(0, 99)) if chosen == Said.PROMISED else None,
                questions=dice.sample(questions, dice.randint(0, len(questions))) if dice.random() < 0.7 else None,
                targets=dice.sample(targets, dice.randint(0, len(targets))) if dice.random() < 0.7 else None,
                proof=dice.choice(PROOFS),
            )
        )  # fmt: skip
    # what a person may not record is not there to be exported
    with suppress(RecordError), transaction.atomic():
        reply_flow.record_reply(
            by=staff, agency=writes, received_on=on, words=words, channel=dice.choice(list(Channel)),
            text=f"TEST {dice.random()}", responder=dice.choice(["", "TEST Clerk"]),
        )  # fmt: skip


@pytest.mark.parametrize("first", [1, 2])
def test_every_history_of_replies_goes_out_and_comes_in(seed, staff, first):
    before, after = there_and_back(lambda: histories(random.Random(first)), "csv")
    assert sum(len(one["replies"]) for one in before) > LETTERS  # they were about something
    for one, other in zip(before, after, strict=True):
        for part in one:
            assert other[part] == one[part], one["facts"]["subject"]
