"""The demo: real letters of `fixtures/letters/`, logged through the verbs, with the outcomes that a public source proves.

What it is and how each letter was read and checked: docs/demo.md.
"""

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from letters.domain.history import acting
from letters.domain.items import add_note
from letters.domain.office import ELSEWHERE, refuse_examples
from letters.domain.releases import release_part
from letters.domain.replies import add_evidence
from letters.domain.workflow import transition
from letters.enums import EventKind, LetterState, SystemProcess
from letters.errors import Problem, RecordError
from letters.intake.fixture_letter import log_letter
from letters.intake.reference import FIXTURES, load_yaml
from letters.intake.seed import load_seed_letter
from letters.models import Event, Letter, Target, Tasking

BY = SystemProcess.DEMO_LOADER
DEMO_LOCK = 8_107_068
FOLDER = FIXTURES / "letters"


@transaction.atomic
def load_demo() -> list[Letter]:
    """The seed letter and the letters of the folder, in the order they were sent. Doing it again changes nothing.

    Needs the reference data. Raises RecordError where people have logged letters, or where the office is a real one.
    """
    with connection.cursor() as cursor:
        # two runs at once: the second waits, and then finds it done
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DEMO_LOCK])
    loaded = Event.objects.filter(kind=EventKind.LETTER_SENT, by_process=BY).order_by("sequence")
    if loaded.exists():
        return [event.letter for event in loaded.select_related("letter")]
    _refuse_real_ones()
    load_seed_letter()
    letters = []
    with acting(BY):
        for data in entries():
            letter = log_letter(data, text_of(data), by=BY)
            for text in data["notes"]:
                add_note(by=BY, text=text, letter=letter)
            for ask in data["asks"]:
                if "outcome" in ask:
                    _record(letter, ask["number"], ask["outcome"])
            letters.append(letter)
    return letters


def entries() -> list[dict[str, Any]]:
    """What each file of the folder says, in the order the letters were sent."""
    files = sorted(FOLDER.glob("*.yaml"))
    return sorted(map(load_yaml, files), key=lambda data: data["sent_on"])


def source_of(data: dict[str, Any]) -> str:
    """What the office published: the address in the first line, then a release with the letter in it."""
    return (FOLDER / data["source"]).read_text(encoding="utf-8")


def text_of(data: dict[str, Any]) -> str:
    """The letter itself, cut out of what was published."""
    source = source_of(data)
    start = source.index(data["begins"])
    text = source[start : source.index(data["ends"], start) + len(data["ends"])]
    return text.removesuffix("###").rstrip() + "\n"


def _refuse_real_ones() -> None:
    refuse_examples("demo data")
    ours = Event.objects.filter(kind=EventKind.LETTER_DRAFTED, by_process__in=[BY, SystemProcess.SEED_LOADER])
    real = Letter.objects.exclude(pk__in=ours.values("letter")).exclude(state=LetterState.DISCARDED)
    if number := real.count():
        one = real.order_by("-created_at").first()
        what = f"the letter “{one}”" if number == 1 else f"{number:,} letters, the latest “{one}”"
        raise RecordError(
            Problem("letters", f"No demo data among real letters: somebody logged {what}. {ELSEWHERE}", number)
        )


def _record(letter: Letter, number: int, outcome: dict[str, Any]) -> None:
    """What came of one ask, resting on evidence that is as public as the letter."""
    tasking = Tasking.objects.get(ask__letter=letter, ask__number=number, agency__slug=outcome["agency"])
    for proof in outcome["evidence"]:
        evidence = add_evidence(
            tasking, by=BY, kind=proof["kind"], citation=proof["citation"], url=proof["url"],
            targets=Target.objects.filter(slug__in=proof["targets"]),
        )  # fmt: skip
        release_part(evidence, by=BY)
    # only the day is known: noon keeps it the same day in every American time zone
    at = timezone.make_aware(dt.datetime.combine(outcome["happened_on"], dt.time(12)))
    transition(tasking, to=outcome["status"], by=BY, occurred_at=at)
