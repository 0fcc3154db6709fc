"""The record in the words of the screen. American English, American dates; codes never reach the page.

Lateness says its basis: "overdue" only for a date somebody set, never for our usual wait.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, Count, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from letters.domain.deadlines import Interval, count, days_past, long_date, named_before
from letters.domain.due_rules import NO_DEADLINE, NO_RECEIPT, Term
from letters.domain.standing import answered_once, reopening
from letters.enums import PAUSED_STATUSES, Basis, Clock, Match, Said, Stance, Status, TaskingRole
from letters.models import Answer, Ask, DueDate, Letter, Signature, Tasking
from letters.models.base import american
from letters.models.tasking_queries import LET_GO, TaskingQuerySet

# A yardstick is not a deadline, a promise is not the letter's date: each has its own column, where it has an item.
BASIS_WORDS = {
    Basis.LETTER: "Past the letter’s date",
    Basis.PROMISE: "Past their promise",
    Basis.STATUTE: "Past a legal date",
    Basis.YARDSTICK: "Past our usual wait",
}
ALWAYS = (Basis.LETTER, Basis.YARDSTICK)
FULL_BAR_DAYS = 365  # calendar days past a date that fill the bar


@dataclass(frozen=True)
class Wait:
    """What the “Waiting” column says: `percent` draws the bar, `quiet` greys a clock that does not run."""

    words: str
    detail: str = ""
    basis: str = ""
    late: bool = False
    percent: int = 0
    quiet: bool = False

    @property
    def is_red(self) -> bool:
        """Red is for a date somebody set, never for our usual wait."""
        return self.late and bool(self.basis) and self.basis != Basis.YARDSTICK


def status_words(tasking: Tasking, found: Any = None) -> str:
    """The status as the screen says it; the kind of ask gives "done" its word. Lists need `standing.with_reopening`;
    `found` as for `standing.reopening`."""
    match tasking.status:
        case Status.AWAITING if again := reopening(tasking, found):
            last = f"last reply {american(again.last_reply_on)}" if again.last_reply_on else Status.AWAITING.label
            return f"reopened {american(again.on)}; {last}"
        case Status.PROMISED:
            return f"promised by {american(tasking.promised_on)}"
        case Status.IMPLEMENTED | Status.ANSWERED:
            return f"{Status(tasking.status).label} ({tasking.ask.kind.done_word})"
        case Status.NOT_IMPLEMENTED:
            if tasking.answered_on:
                return "lapsed (answered, not done)"
            return "lapsed (not answered again)" if answered_once(tasking, found) else "lapsed (never answered)"
        case Status.TRANSFERRED:
            return f"passed to {tasking.passed_to.agency}" if tasking.passed_to else "passed on"
    return str(Status(tasking.status).label)


def way_on(tasking: Tasking) -> str:
    """How the clock of an item that waits on us goes on; empty for any other."""
    if tasking.status != Status.CLARIFICATION or tasking.role == TaskingRole.CONSULTED:
        return ""
    return (
        "They asked us something, and the clock stands still until we answer. Once we have, log it as a contact and choose "
        f"“{Status.CONSIDERING.label}”: the clock runs on from that day. A reply that says more ends the wait by itself."
    )


def answer_words(answer: Answer) -> str:
    """What a reply says about one item, as its page says it."""
    if answer.coverage is None:
        return "not read yet"
    parts = [f"“{Said(answer.said).label}”"] if answer.said else []
    parts.append(str(answer.get_coverage_display()))
    if answer.stance != Stance.UNKNOWN:
        parts.append(f"the agency {answer.get_stance_display()}")
    return "; ".join(parts)


def initial(words: str) -> str:
    """With a capital where a sentence or a heading begins: “The President”, of “the President”."""
    return words[:1].upper() + words[1:]


def late_shown(late: dict[str, int]) -> list[Basis]:
    """The bases that a table of counts has a column for: those with an item anywhere in it, and the two that mean most."""
    return [basis for basis in BASIS_WORDS if basis in ALWAYS or late[basis.value]]


def deadline_words(letter: Letter, ask: Ask | None = None) -> str:
    """Whether the letter says when, in one sentence; of one ask of it, whether it has a date of its own."""
    if ask and ask.requested_by:
        return f"The letter asks for this by {long_date(ask.requested_by)}."
    if letter.deadline_on:
        return f"The letter asks for a reply by {long_date(letter.deadline_on)}."
    if letter.term_days and letter.term_unit and letter.term_from:
        return f"The letter asks for a reply {Term(letter.term_days, letter.term_unit, letter.term_from).words()}."
    return f"{NO_DEADLINE}."


def wait(tasking: Tasking, today: dt.date) -> Wait:
    """How long an item has waited, past what, and why that date. Needs `with_yardstick`."""
    if tasking.role == TaskingRole.CONSULTED:
        return Wait("owes nothing", "consulted", quiet=True)
    if not tasking.is_open:
        ended = tasking.status_event.occurred_at if tasking.status_event else tasking.touched_at
        return Wait(f"closed {long_date(timezone.localdate(ended))}", quiet=True)
    if tasking.answered_on and tasking.due_basis != Basis.PROMISE:
        return Wait(f"substantive reply received {long_date(tasking.answered_on)}", quiet=True)
    if tasking.status in PAUSED_STATUSES:
        return Wait("clock stopped", "waiting on us", quiet=True)
    if tasking.review_on and tasking.due_basis != Basis.PROMISE:
        again = "look again today" if tasking.review_on <= today else f"we look again on {long_date(tasking.review_on)}"
        return Wait("they take no position", again, quiet=True)
    if tasking.due_on is None:
        return Wait("no date", quiet=True)
    past = days_past(tasking.due_on, today)
    percent = min(100, round(100 * past / FULL_BAR_DAYS)) if past else 0
    detail = date_words(tasking)
    return Wait(_clock_words(tasking, past, today), detail, tasking.due_basis or "", bool(past), percent)


def _clock_words(tasking: Tasking, past: int, today: dt.date) -> str:
    left = (tasking.due_on - today).days if tasking.due_on else 0
    if has_more_time(tasking):
        if past:
            return f"{count(past, 'day')} past the time they were given"
        return "the time they were given ends today" if left == 0 else f"{count(left, 'day')} left of the time given"
    match tasking.due_basis:
        case Basis.PROMISE:
            when = f"{count(past, 'day')} ago" if past else ("today" if left == 0 else f"in {count(left, 'day')}")
            return f"promised for {american(tasking.due_on)}, {when}"
        case Basis.YARDSTICK:
            if past:
                return f"{count(past, 'day')} past our usual wait"
            return "our usual wait ends today" if left == 0 else f"{count(left, 'day')} left of our usual wait"
    if past:
        return f"{count(past, 'day')} overdue"
    return "due today" if left == 0 else f"due in {count(left, 'day')}"


def has_more_time(tasking: Tasking) -> bool:
    """Whether the date that counts is one that was given later; a promise has its own."""
    moved = tasking.original_due_on is not None and tasking.due_on != tasking.original_due_on
    return moved and tasking.due_basis != Basis.PROMISE


def date_words(tasking: Tasking) -> str:
    """Why the date of an item that has one is that date. Needs `with_yardstick`."""
    day = american(tasking.due_on)
    if has_more_time(tasking):
        return f"more time to {day}; it was {american(tasking.original_due_on)}"
    match tasking.due_basis:
        case Basis.LETTER:
            return asked_words(tasking.due_on, tasking.counted)  # type: ignore[attr-defined, arg-type] # annotated; it has one
        case Basis.STATUTE:
            return f"required by law by {day}"
        case Basis.PROMISE:
            return "their own date"
    counted = tasking.counted  # type: ignore[attr-defined] # annotated
    if not counted:
        return f"due {day}"
    paused = sum(pause.days for pause in _pauses(counted))
    words = f"due {day}, {count(counted['days'], 'business day')} after {american(tasking.asked_on)}"
    words += f" and {count(paused, 'day')} paused" if paused else ""
    waits = any(NO_RECEIPT in note for note in counted["notes"] or [])
    return f"{words}; {NO_RECEIPT if waits else NO_DEADLINE.replace('The', 'the', 1)}"


def asked_words(due_on: dt.date, counted: Mapping) -> str:
    """ "asked for by May 15, 2023, 10 days stopped": the day the letter names, which is not moved by what stopped the clock."""
    if terms := term_moved(counted):
        return f"asked for within {terms}, {count(sum(one.days for one in _pauses(counted)), 'day')} stopped"
    day = day_named(due_on, counted)
    return f"asked for by {long_date(day)}" + (f", {count((due_on - day).days, 'day')} stopped" if day < due_on else "")


def day_named(due_on: dt.date, counted: Mapping) -> dt.date:
    """Of a letter's date, the day that the letter names. Needs what `with_yardstick` annotates; not for `term_moved`."""
    return named_before(due_on, _pauses(counted))


def term_moved(counted: Mapping) -> str:
    """Of business days that a letter gives, where the clock stood still among them: "10 business days of May 1, 2023"."""
    if not counted["days"] or not counted["pauses"]:
        return ""
    return f"{count(counted['days'], 'business day')} of {long_date(dt.date.fromisoformat(counted['start']))}"


def _pauses(counted: Mapping) -> list[Interval]:
    return [Interval(dt.date.fromisoformat(p["start"]), dt.date.fromisoformat(p["end"])) for p in counted["pauses"]]


def with_yardstick(found: TaskingQuerySet) -> TaskingQuerySet:
    """Annotate what the date was counted with: the agency's wait may have been changed since."""
    return found.annotate(counted=counted_with("pk"))


def counted_with(tasking: str) -> Subquery:
    """Start, business days, pauses, notes and rule of the reply clock's last date; `tasking` is the column that names the item."""
    latest = DueDate.objects.filter(tasking=OuterRef(tasking), clock=Clock.SUBSTANTIVE)
    counted = JSONObject(
        days="explanation__business_days", pauses="explanation__pauses", notes="explanation__notes", start="explanation__start_on",
        rule="explanation__rule",
    )  # fmt: skip
    return Subquery(latest.order_by("-revision").values(found=counted)[:1])


def against_original(tasking: Tasking, today: dt.date) -> str:
    """What more time hides: how the item stands by the date before it, in words; empty where no time was given."""
    original = tasking.original_due_on
    if original is None or original == tasking.due_on:  # a letter that asked again since sets the date
        return ""
    ended = tasking.answered_on
    if not tasking.is_open and tasking.status_event:
        closed = timezone.localdate(tasking.status_event.occurred_at)
        # as `tasking_queries.reply_before_its_end`
        is_over = tasking.status in (Status.IMPLEMENTED, *LET_GO)
        ended = min(ended or closed, closed) if is_over else ended or closed
    past = days_past(original, ended or today)
    so_far = f"{count(past, 'day')} late against it" if past else ("in time by it" if ended else "not past it")
    return f"{long_date(original)}; {so_far}"


def office_time(moment: dt.datetime) -> str:
    """A moment in the office's zone: November 23, 2026, 9:12 a.m."""
    local = timezone.localtime(moment)
    half = "a.m." if local.hour < 12 else "p.m."
    return f"{long_date(local.date())}, {local.hour % 12 or 12}:{local:%M} {half}"


def short_date(day: dt.date) -> str:
    """A date where there is little room: Nov 3, 2026."""
    return f"{day:%b} {day.day}, {day.year}"


def cut(words: str, limit: int = 220) -> str:
    """The beginning of a long quote, ended at a word."""
    words = " ".join(words.split())
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0].rstrip(",;") + " …"


def size_words(size: int) -> str:
    """The size of a file: 812 bytes, 340 KB, 2.4 MB."""
    if size < 1000:
        return count(size, "byte")
    return f"{size / 1000:,.0f} KB" if size < 1_000_000 else f"{size / 1_000_000:,.1f} MB"


def chased_words(times: int, last: dt.date | None) -> str:
    """ "chased 4 times, last Nov 3, 2026"; nothing where nobody has called yet."""
    if not times or last is None:
        return ""
    often = {1: "once", 2: "twice"}.get(times, f"{times} times")
    return f"chased {often}, last {short_date(last)}"


def signers_of(letters: set) -> dict[uuid.UUID, str]:
    """ "led by Bill Hagerty, 9 signers" for each letter, in one query."""
    leads = StringAgg(
        # who is only proposed stands as printed until a person confirms it (invariant 9)
        Coalesce(Case(When(match=Match.CONFIRMED, then="legislator__official_full")), "printed_name"),
        ", ",
        filter=Q(is_lead=True),
        order_by="position",
        default=Value(""),
    )
    found = Signature.objects.filter(letter__in=letters).order_by().values_list("letter")
    return {
        letter: _signers(names, number) for letter, names, number in found.annotate(names=leads, number=Count("pk"))
    }


def signer_words(letter: Letter) -> str:
    """The same for one letter; needs its signatures prefetched."""
    signatures = list(letter.signatures.all())
    leads = [
        s.legislator.official_full if s.legislator and s.match == Match.CONFIRMED else s.printed_name
        for s in signatures
        if s.is_lead
    ]
    return _signers(", ".join(leads), len(signatures))


def _signers(leads: str, number: int) -> str:
    return (f"led by {leads}, " if leads else "") + count(number, "signer")
