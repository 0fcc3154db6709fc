"""What a meeting brief says: before anything else what to verify, then what is open, what they said and promised.

Two versions. Ours is for the office. The one to hand over speaks to the agency and has nothing internal: what only the
office knows is in `Inside`, which is not made for it, and in fields that stay empty.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby

from django.utils import timezone

from letters.domain.deadlines import count, long_date
from letters.domain.office import DEMO
from letters.domain.words import initial, status_words
from letters.enums import ContactChannel, Status
from letters.models import Contact, Official, Tasking
from letters.models.tasking_queries import UNTOUCHED_DAYS
from letters.reports.brief_facts import CLOSED_DAYS, CLOSED_MOST, MOST, QUOTES_MOST, Facts, Scope
from letters.reports.brief_items import BriefLetter, Said, letter_of, said
from letters.reports.brief_promises import Promise, promises, promises_words
from letters.reports.wordings import ago, join, often, printed_words

# The chapters by name, of the version to hand over and of ours.
HEADS = (
    {"official": "What you told us", "open": "What was asked and is open", "promises": "What you told us to expect", "closed": "What was closed in the last year"},
    {"official": "What this official said", "open": "Open with them", "promises": "What they promised", "closed": "Closed in the last year",
     "verify": "Verify before saying", "contacts": "Our contacts"},
)  # fmt: skip


@dataclass(frozen=True)
class Pointer:
    """An item by its title; `key` is that of its page, `last` the last time anybody did anything about it."""

    title: str
    key: str
    last: str = ""


@dataclass(frozen=True)
class Check:
    """Something to look at before anybody speaks, and the items it is about; `reply` is the key of a reply's page."""

    words: str
    about: list[Pointer]
    reply: str = ""


@dataclass(frozen=True)
class Ended:
    """What was closed with them; `words` as printed: only the letter’s own stand between quotation marks."""

    words: str
    outcome: str
    key: str = ""


@dataclass(frozen=True)
class Brief:
    """All that a page or a template prints."""

    version: str  # "ours" or "theirs"
    banner: str  # what ours says of itself, so that nobody hands it over; the other says nothing, but for the demo
    title: str
    heads: dict[str, str]  # of the chapters
    office: str
    agency: str
    official: str
    day: str
    counted: str
    as_of: str
    summary: str
    verify: list[Check]
    official_said: list[Said]
    official_words: str
    letters: list[BriefLetter]
    more: str
    promises: list[Promise]
    promises_words: str
    contacts: str
    calls: list[str]
    whom_to_call: str
    closed: list[Ended]
    closed_words: str
    nothing: str

    def data(self) -> dict:
        """For the templates: words only."""
        return asdict(self)


def brief(facts: Facts, *, office: str, demo: bool = False) -> Brief:
    """The brief of what `gather` found; of the demo either version says that it is one."""
    scope, ours = facts.scope, not facts.scope.to_hand_over
    number = iter(range(1, len(facts.open) + 1))
    grouped = [(letter, list(of)) for letter, of in groupby(facts.open, key=lambda one: one.ask.letter)]
    return Brief(
        version="ours" if ours else "theirs", banner=" ".join([*([DEMO] if demo else []), *(["Ours: stays in the office"] if ours else [])]), heads=HEADS[ours], title=_title(scope), office=office, agency=scope.agency.name,
        official=_official(scope.official, scope) if scope.official else "",
        day=long_date(scope.day), counted=f"Days are counted to the day of the meeting{'; the record is as of that day' if ours and scope.day == scope.today else ''}.",
        as_of=f"The record is as of {long_date(scope.today)}." if scope.today < scope.day or (ours and scope.today > scope.day) else "",
        summary=_summary(facts), verify=list(_verify(facts)) if ours else [],
        official_said=[said(answer, ours=ours, about=printed_words(answer.tasking)) for answer in facts.own_words],
        official_words=f"Only the latest {QUOTES_MOST} are shown." if facts.more_words else "",
        letters=[letter_of(letter, of, number, facts) for letter, of in grouped],
        more=_more(facts),
        promises=(promised := promises(facts)), promises_words=promises_words(facts, promised), contacts=_contacts(facts), calls=[_call(one) for one in facts.calls],
        whom_to_call=scope.agency.escalation_contacts if ours else "",
        closed=[_ended(one, ours=ours) for one in facts.closed],
        closed_words=f"Only the latest {CLOSED_MOST} of the last {CLOSED_DAYS} days are shown." if facts.more_closed else "",
        nothing=_nothing(facts, ours=ours),
    )  # fmt: skip


def _title(scope: Scope) -> str:
    if scope.to_hand_over:
        return f"Open requests to {scope.agency.name}"
    return f"Meeting with {scope.official or scope.agency.name}"


def _official(official: Official, scope: Scope) -> str:
    """Who it is, and since when they hold the post, as far as the record knows."""
    who = f"{official.name}, {official.title}"
    if scope.to_hand_over:
        return f"For {who}"
    if official.end and official.end < scope.day:
        held = f"held the post to {long_date(official.end)}"
    elif official.start and official.start > scope.day:
        held = f"holds the post only from {long_date(official.start)}"
    else:
        held = f"holds the post since {long_date(official.start)}" if official.start else "since when is not recorded"
    return f"{who}: {held}. An ask follows the office and not the person: this is all that is open with {scope.agency}, whoever was asked."


def _summary(facts: Facts) -> str:
    whole = facts.whole  # also of those that are not shown: all numbers of one sentence count the same items
    number = whole.items
    if not number:
        return ""
    said = f"{count(number, 'open item')} from {count(whole.letters, 'letter')}"
    if facts.scope.to_hand_over:
        # what else is open there, of letters that are not ours to tell of, they may know
        return f"This list has {count(number, 'request')} of {count(whole.letters, 'letter')}."
    parts = [said]
    if whole.acting:
        parts.append(f"{whole.acting:,} of them asked of others, where {facts.scope.agency} would act")
    if whole.co_signed:
        parts.append(f"{whole.co_signed:,} of letters we only co-signed")
    return f"{'; '.join(parts)}."


def _more(facts: Facts) -> str:
    number = facts.more_open
    return (
        f"{count(number, 'more open item')} {'is' if number == 1 else 'are'} not shown: a brief has {MOST} at most, the oldest first."
        if number
        else ""
    )


def _verify(facts: Facts) -> Iterator[Check]:
    """What would make one look a fool: a reply that nobody has read, an item that nobody has looked at."""
    today = facts.scope.today
    for response, answers in groupby(facts.unread, key=lambda answer: answer.response):
        about = [Pointer(str(answer.tasking), str(answer.tasking_id)) for answer in answers]
        came = f"{long_date(response.received_on)}{ago(response.received_on, today) or ', today'}"
        words = f"A reply from {response.agency}, received {came}, has not been read yet. It is about:"
        yield Check(words, about, str(response.pk))
    lying = [
        Pointer(str(one), str(one.pk), f"last touched {long_date(timezone.localdate(one.touched_at))}")
        for one in sorted(facts.open, key=lambda one: one.touched_at)
        if one.is_untouched  # type: ignore[attr-defined]  # annotated
    ]
    beyond = facts.whole.untouched - len(lying)
    if lying or beyond:
        more = f"{' and ' if lying else ' '}{count(beyond, 'open item')} not shown here" if beyond else ""
        these = " these" if more and lying else ""
        yield Check(
            f"For {UNTOUCHED_DAYS} days nobody has done anything about{these}{more}{':' if lying else '.'}", lying
        )


def _contacts(facts: Facts) -> str:
    times, last = facts.chased
    if last is None:
        return "" if facts.scope.to_hand_over else f"No call, e-mail or meeting with {facts.scope.agency} is recorded."
    return f"Chased {often(times)}, last {long_date(last)}."


def _call(contact: Contact) -> str:
    """What came of a call that was about an item, too, that this reader may not see is not theirs to read."""
    hidden = contact.spans_hidden  # type: ignore[attr-defined]  # annotated
    with_whom = f" with {contact.with_whom}" if contact.with_whom and not hidden else ""
    by = f", by {contact.by}" if contact.by else ""
    what = initial(str(ContactChannel(contact.channel).label))
    return f"{what}{with_whom} on {long_date(contact.on)}{by}{'.' if hidden else f': {contact.outcome}'}"


def _ended(tasking: Tasking, *, ours: bool) -> Ended:
    """What came of it; with what proves it, for us."""
    outcome = f"{status_words(tasking)}, {long_date(tasking.status_since)}"
    if not ours:
        return Ended(printed_words(tasking), outcome)
    proofs = [str(proof) for proof in tasking.evidence.all()] if tasking.status == Status.IMPLEMENTED else []
    return Ended(str(tasking), f"{outcome}{f' (evidence: {join(proofs)})' if proofs else ''}", str(tasking.pk))


def _nothing(facts: Facts, *, ours: bool) -> str:
    """Said where nothing is open."""
    if facts.open:
        return ""
    if not ours:
        return "This list has no open request."
    last = facts.last_closed
    ended = f" Last closed: “{last.ask.summary}”, {status_words(last)}, {long_date(last.status_since)}." if last else ""
    return f"Nothing is open with {facts.scope.agency}.{ended}"
