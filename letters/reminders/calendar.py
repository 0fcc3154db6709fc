"""A person's dates as iCalendar (RFC 5545): what they own, and what nobody owns of letters they work on."""

import datetime as dt

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from icalendar import Calendar, Event

from letters.domain.deadlines import Explanation, days_after
from letters.domain.words import asked_words, has_more_time, with_yardstick
from letters.enums import Basis, Clock, LetterState
from letters.models import DueDate, LetterStaff, Tasking, User
from letters.models.tasking_queries import OPEN_LEAD, RUNNING, TaskingQuerySet

MOST = 1000
WORDS = {
    Basis.LETTER: "reply asked for by today",
    Basis.PROMISE: "promised for today",
    Basis.STATUTE: "required by law by today",
    Basis.YARDSTICK: "our usual wait ends; nobody set a date",
}
MORE_TIME = "the time they were given ends"
REFRESH = dt.timedelta(hours=1)


def items_of(user: User, today: dt.date) -> TaskingQuerySet:
    """Open items whose next step is this person's, of letters they may see: those with a day to come first, by their date,
    then the others, the latest first."""
    to_come = Q(due_on__gte=today) | Q(snoozed_until__gte=today) | Q(review_on__gte=today)
    # not by a join: an item would come once for each person named on its letter
    named = Exists(LetterStaff.objects.filter(letter=OuterRef("ask__letter"), user=user))
    theirs = Q(owner=user) | Q(named, owner__isnull=True)
    latest = DueDate.objects.filter(tasking=OuterRef("pk"), clock=Clock.SUBSTANTIVE).order_by("-revision")
    return (
        with_yardstick(Tasking.objects.visible_to(user))
        .filter(OPEN_LEAD, theirs, ask__letter__state=LetterState.SENT)
        .annotate(explained=Subquery(latest.values("explanation")[:1]))
        .select_related("ask__letter", "agency")
        # null sorts last: of those to come no date is left out by those that passed
        .order_by(Case(When(to_come, then=Coalesce("due_on", today))), F("due_on").desc(nulls_last=True), "id")
    )


def calendar(user: User, now: dt.datetime) -> bytes:
    """The dates of today, each with its explanation; a calendar program asks again every hour."""
    made = Calendar()
    made.add("prodid", "-//Correspondence tracker//reminders//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", f"Correspondence: {user}")
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    found = items_of(user, timezone.localdate(now))
    running = set(found.filter(RUNNING).values_list("pk", flat=True)[:MOST])
    for tasking in found[:MOST]:
        if tasking.pk in running and tasking.due_on:
            words = _words(tasking, tasking.due_on)
            made.add_component(_event(tasking, "due", tasking.due_on, words, _why(tasking), now))
        if tasking.snoozed_until:
            words = "remind me on this day"
            made.add_component(_event(tasking, "remind", tasking.snoozed_until, words, "Somebody chose this day.", now))
        if tasking.review_on:
            why = "They take no position; we wanted to look again on this day."
            made.add_component(_event(tasking, "review", tasking.review_on, "look again", why, now))
    return bytes(made.to_ical())


def _words(tasking: Tasking, due_on: dt.date) -> str:
    if has_more_time(tasking):
        return MORE_TIME
    if tasking.due_basis == Basis.LETTER and tasking.counted["pauses"]:  # type: ignore[attr-defined]  # annotated
        return f"reply {asked_words(due_on, tasking.counted)}"  # type: ignore[attr-defined]
    return WORDS[Basis(str(tasking.due_basis))]


def _event(tasking: Tasking, kind: str, day: dt.date, words: str, why: str, now: dt.datetime) -> Event:
    address = f"{settings.SITE_ADDRESS}/items/{tasking.pk}/"
    letter = tasking.ask.letter
    event = Event()
    # the same item keeps its entry when its date moves
    event.add("uid", f"{tasking.pk}-{kind}@correspondence")
    event.add("dtstamp", now.astimezone(dt.UTC))
    event.add("dtstart", day)
    event.add("dtend", days_after(day, 1))
    event.add("summary", f"{tasking.agency}: {tasking.ask.summary} ({words})")
    event.add("description", f"{why}\nLetter {letter.reference}, {letter.subject}\n{address}")
    event.add("url", address)
    event.add("transp", "TRANSPARENT")  # a date is no appointment
    return event


def _why(tasking: Tasking) -> str:
    explained = tasking.explained  # type: ignore[attr-defined]  # annotated
    return ". ".join(Explanation.from_json(explained).sentences()) + "." if explained else ""
