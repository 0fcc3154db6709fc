"""What a meeting brief is made of: reads, all limited to what one person may see.

For a hand-over they are limited further, before anything is read: letters that our office led, none that only named
staff may see unless a person put it in, and of replies and calls only those of the agency's own house.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    Value,
    When,
    prefetch_related_objects,
)

from letters.domain import directory
from letters.domain.covering import with_asked_since
from letters.domain.standing import with_reopening
from letters.domain.words import with_yardstick
from letters.enums import Access, AgencyKind, LetterState, OurRole, Status
from letters.models import (
    Agency,
    Answer,
    Contact,
    Evidence,
    Letter,
    Note,
    Official,
    Renewal,
    Tasking,
    User,
)
from letters.models.asks import targets_in_order
from letters.models.tasking_queries import LED_BY_US, OURS_TO_CHASE, TaskingQuerySet, untouched
from letters.reports.earlier_promises import earlier_promises
from letters.reports.passed_on import with_passing
from letters.reports.speakers import ended_by, with_speakers

MOST = 200  # open items of one brief, the oldest first
CLOSED_DAYS = 365
CLOSED_MOST = 50
QUOTES_MOST = 12  # of one official
CALLS_MOST = 5
# Ends that rest on the agency's own word or on evidence; the others are our own findings, and stay here.
THEIR_ENDS = (Status.ANSWERED, Status.IMPLEMENTED, Status.DECLINED)


@dataclass(frozen=True)
class Scope:
    """Which brief: with whom, on which day, as whom one sees it, and whether it leaves the office."""

    agency: Agency
    user: User
    day: dt.date  # of the meeting: days are counted to it
    today: dt.date  # the record is as of this day
    official: Official | None = None
    to_hand_over: bool = False
    put_in: frozenset[uuid.UUID] = frozenset()  # letters for named staff only that a person chose to hand over

    def seen(self) -> TaskingQuerySet:
        """Items of any agency that may stand in this brief: those for which it is responsible."""
        return self.seen_in_any_part().counted()

    def seen_in_any_part(self) -> TaskingQuerySet:
        """And those on which it is only consulted: it may speak of them, too."""
        found = Tasking.objects.visible_to(self.user).filter(ask__letter__state=LetterState.SENT)
        found = found.exclude(status__in=[Status.DRAFT, Status.ENTERED_IN_ERROR])
        return found.filter(self.may_leave("ask__letter__")) if self.to_hand_over else found

    def may_leave(self, letter: str) -> Q:
        """Which letters a hand-over may tell of; `letter` is the path to them."""
        led = Q(**{f"{letter}our_role__in": OURS_TO_CHASE})
        return led & (Q(**{f"{letter}access": Access.OFFICE}) | Q(**{f"{letter}pk__in": self.put_in}))


@dataclass(frozen=True)
class Whole:
    """How many open items there are, shown or not, from how many letters; asked of others where the agency would act;
    co-signed; untouched."""

    items: int
    letters: int
    acting: int
    co_signed: int
    untouched: int


@dataclass
class Facts:
    """The rows of one brief."""

    scope: Scope
    house: frozenset[uuid.UUID] | None  # of a hand-over, whose word may be told to it
    open: list[Tasking]
    whole: Whole
    closed: list[Tasking]
    more_closed: bool
    unread: list[Answer]
    earlier_promises: dict[uuid.UUID, list[tuple[dt.date, int]]]  # each with the number of the event that named it
    own_words: list[Answer]  # what the official said or signed
    more_words: bool
    chased: tuple[int, dt.date | None] = (0, None)
    calls: list[Contact] = field(default_factory=list)
    bureaus: list[tuple[str, str, int]] = field(default_factory=list)  # slug, name, open items
    last_closed: Tasking | None = None  # only where nothing is open

    @property
    def more_open(self) -> int:
        """Beyond `MOST`."""
        return self.whole.items - len(self.open)


def gather(scope: Scope, house_of_agency: frozenset[uuid.UUID]) -> Facts:
    """Everything, in a number of queries that does not depend on how much there is."""
    house = house_of_agency if scope.to_hand_over else None
    items = scope.seen().filter(_asked(scope.agency, house))
    open_, whole = _open(scope, with_yardstick(with_reopening(items.open())), house)
    closed, words = _closed(scope, items, house), _own_words(scope, house)
    facts = Facts(
        scope=scope, house=house, open=open_, whole=whole, closed=closed[:CLOSED_MOST], more_closed=len(closed) > CLOSED_MOST,
        unread=[] if house else _unread(scope), earlier_promises=earlier_promises([*open_, *closed]),
        own_words=words[:QUOTES_MOST], more_words=len(words) > QUOTES_MOST,
    )  # fmt: skip
    if house:
        proofs = Evidence.objects.not_in_error().select_related("response")
        prefetch_related_objects([*facts.open, *facts.closed], Prefetch("evidence", proofs))
    else:
        facts.chased = directory.chased(scope.agency, scope.user)
        calls = directory.contacts_of(scope.user).filter(agency=scope.agency)
        facts.calls = list(calls.select_related("by").order_by("-on", "-recorded_at")[:CALLS_MOST])
        facts.bureaus = _bureaus(scope)
    if not open_:
        facts.last_closed = closed[0] if closed else _ended(items).first()
    return facts


def _asked(agency: Agency, house: frozenset[uuid.UUID] | None) -> Q:
    """What it was asked or would act on; for a hand-over, of its own house."""
    asked = Q(agency=agency) | Q(acting_agency=agency)
    return asked & Q(agency__in=house) if house else asked


def house_of(agency: Agency) -> frozenset[uuid.UUID]:
    """The agency, what is above it and what is below it; an inspector general stands apart. One query."""
    rows = {pk: (parent, kind) for pk, parent, kind in Agency.objects.order_by().values_list("pk", "parent", "kind")}

    def up(key: uuid.UUID | None) -> list[uuid.UUID]:
        found: list[uuid.UUID] = []
        while key is not None and key not in found:
            found.append(key)
            parent, kind = rows[key]
            key = None if kind == AgencyKind.INSPECTOR_GENERAL else parent
        return found

    return frozenset([*up(agency.pk), *(key for key in rows if agency.pk in up(key))])


def _open(scope: Scope, found: TaskingQuerySet, house: frozenset | None) -> tuple[list[Tasking], Whole]:
    answers = with_asked_since(Answer.objects.filter(response__in_error_at__isnull=True)).select_related(
        "response__agency", "response__official"
    )
    contacts = Contact.objects.standing().with_hidden_from(scope.user)
    letters = Letter.objects.visible_to(scope.user)
    found = with_passing(with_speakers(found))
    if house:
        answers, contacts = answers.filter(response__agency__in=house), contacts.filter(agency__in=house)
        letters = letters.filter(scope.may_leave(""))
        untold = Renewal.objects.filter(tasking=OuterRef("pk"), letter__state=LetterState.SENT).exclude(
            letter__in=letters.values("pk")
        )
        when = Q(letter__deadline_on__isnull=False) | Q(letter__term_days__isnull=False)
        found = found.annotate(dated_elsewhere=Exists(untold.filter(when).order_by()))
    renewals = Renewal.objects.filter(letter__in=letters.values("pk")).select_related("letter")
    found = (
        found.annotate(
            is_untouched=ExpressionWrapper(untouched(scope.today), output_field=BooleanField()),
            theirs_to_chase=Case(When(LED_BY_US, then=Value(0)), default=Value(1), output_field=IntegerField()),
        )
        .select_related("ask__letter", "ask__kind", "agency", "acting_agency", "owner", "passed_to__agency")
        .prefetch_related(
            Prefetch("answers", answers), "answers__questions", Prefetch("contacts", contacts), Prefetch("renewals", renewals),
            "ask__letter__addressees", "ask__questions", targets_in_order("ask__targets"),
        )
        .order_by("theirs_to_chase", "ask__letter__sent_on", "ask__letter__reference", "ask__number", "agency__short_name", "id")
    )  # fmt: skip
    if not house:
        notes = Note.objects.select_related("by")
        found = found.prefetch_related(
            Prefetch("notes", notes), Prefetch("ask__letter__notes", notes.filter(tasking__isnull=True))
        )
    shown = list(found[:MOST])
    if len(shown) < MOST:
        co_signed = sum(one.ask.letter.our_role == OurRole.CO_SIGNED for one in shown)
        acting = sum(one.agency_id != scope.agency.pk for one in shown)
        lying = sum(one.is_untouched for one in shown)
        return shown, Whole(len(shown), len({one.ask.letter_id for one in shown}), acting, co_signed, lying)
    counts = found.order_by().aggregate(
        items=Count("pk", distinct=True),
        letters=Count("ask__letter", distinct=True),
        acting=Count("pk", distinct=True, filter=~Q(agency=scope.agency)),
        co_signed=Count("pk", distinct=True, filter=Q(ask__letter__our_role=OurRole.CO_SIGNED)),
        untouched=Count("pk", distinct=True, filter=untouched(scope.today)),
    )
    return shown, Whole(**counts)


def _ended(items: TaskingQuerySet) -> TaskingQuerySet:
    return with_reopening(items.closed()).select_related(
        "ask__letter", "ask__kind", "agency", "passed_to__agency", "status_event"
    ).order_by("-status_event__occurred_at", "id")  # fmt: skip


def _closed(scope: Scope, items: TaskingQuerySet, house: frozenset | None) -> list[Tasking]:
    """What ended in the last year, the latest first, and one more than is shown."""
    found = _ended(items).filter(status_event__occurred_at__date__gte=scope.today - dt.timedelta(days=CLOSED_DAYS))
    if house:
        found = ended_by(found.filter(status__in=THEIR_ENDS), house)
    else:
        proofs = Evidence.objects.not_in_error().select_related("response__agency")
        found = found.prefetch_related(Prefetch("evidence", proofs))
    return list(with_speakers(found)[: CLOSED_MOST + 1])


def _unread(scope: Scope) -> list[Answer]:
    """Replies that nobody has read, about items open or closed, the oldest first: of the agency, about whatever it may
    answer for or is consulted on; and of others, about what it was asked or would act on."""
    found = Answer.objects.filter(
        coverage__isnull=True,
        response__in_error_at__isnull=True,
        tasking__in=scope.seen_in_any_part().order_by().values("pk"),
    )
    theirs = Q(response__agency=scope.agency) | Q(tasking__agency=scope.agency) | Q(tasking__acting_agency=scope.agency)
    return list(
        found.filter(theirs)
        .select_related("response__agency", "tasking__ask__letter", "tasking__agency")
        .order_by("response__received_on", "response", "tasking__ask__letter__reference", "tasking__ask__number")
    )


def _own_words(scope: Scope, house: frozenset | None) -> list[Answer]:
    """What the official said or signed, about whatever the brief may tell of, the latest first, and one more than is shown;
    where the agency was only consulted, too: words are theirs in whatever part they spoke."""
    if scope.official is None:
        return []
    about = scope.seen_in_any_part()
    about = about.filter(agency__in=house) if house else about
    found = Answer.objects.filter(
        response__official=scope.official, response__in_error_at__isnull=True, tasking__in=about.order_by().values("pk")
    )
    ordered = found.select_related("response__agency", "response__official", "tasking__ask__letter", "tasking__agency")
    return list(ordered.order_by("-response__received_on", "tasking__ask__number", "id")[: QUOTES_MOST + 1])


def _bureaus(scope: Scope) -> list[tuple[str, str, int]]:
    rows = directory.open_items(scope.user).filter(agency__parent=scope.agency).order_by("agency__short_name")
    return list(rows.values_list("agency__slug", "agency__short_name").annotate(number=Count("pk")))


@dataclass(frozen=True)
class LeftOut:
    """What a hand-over says nothing about, for the person who hands it over."""

    restricted: list[
        tuple[uuid.UUID, dt.date, str, int]
    ]  # letters for named staff only: key, date, subject, open items
    co_signed: int  # open items of letters that are another office's to chase


def left_out(scope: Scope, house: frozenset[uuid.UUID]) -> LeftOut:
    """Open items that a hand-over leaves out, of those the person sees; or would, unless put in. As `gather` asks."""
    found = Tasking.objects.visible_to(scope.user).open().counted()
    found = found.filter(_asked(scope.agency, house))
    rows = found.filter(LED_BY_US, ask__letter__access=Access.RESTRICTED).order_by(
        "ask__letter__sent_on", "ask__letter"
    )
    letters = rows.values_list("ask__letter", "ask__letter__letter_date", "ask__letter__subject")
    return LeftOut(list(letters.annotate(number=Count("pk"))), found.exclude(LED_BY_US).count())
