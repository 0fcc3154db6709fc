"""One search over everything a person may see: by words, by exact number, by name.

Each kind begins with the condition of who may see it, so a restricted letter's words are in no hit and in no count; nor are
the words of a reply that speaks of one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from letters.domain import suggest
from letters.domain.deadlines import long_date
from letters.domain.search_words import MAX_LENGTH, Marked, headline, marked, plain_text, search_query
from letters.domain.typed_words import telling
from letters.domain.words import initial
from letters.enums import LetterState
from letters.models import Addressee, Answer, Ask, Letter, Note, Question, Response, Signature, User
from letters.models.letter_queries import visible_letters

KINDS = {
    "numbers": "Exact numbers",
    "letters": "Letters",
    "asks": "Asks",
    "questions": "Questions",
    "replies": "Replies",
    "answers": "What replies say",
    "notes": "Notes",
    "signers": "Signers not matched",
    "targets": "Companies, people and programs",
    "legislators": "Legislators",
    "agencies": "Agencies",
    "officials": "Officials",
}
NAMES = ("targets", "legislators", "agencies", "officials")
FEW, PAGE, MAX_PAGES = 5, 25, 20
MAX_NAMES = 50
NEAR = 3  # names to offer for a misspelled one
LIKELY = 0.6  # what was found was spelled right: only a name that is nearly the same is offered beside it
AS_LIKELY = 0.75


@dataclass(frozen=True)
class Hit:
    """One thing found. `key` is what its address is made of: a reference, an item's id, a slug (of an official: the agency's), a Bioguide ID."""

    kind: str
    key: str
    title: Marked
    words: Marked = field(default_factory=list)
    detail: str = ""


@dataclass(frozen=True)
class Found:
    """What a search found: how many of each kind, some of them, and names that are nearly what was typed."""

    counts: dict[str, int]
    hits: dict[str, list[Hit]]
    near: list[Hit]
    more: frozenset[str] = frozenset()  # kinds of which there are more than were counted

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def search(words: str, *, user: User, kind: str = "", page: int = 1) -> Found:
    """A few of every kind, or one page of one kind. The number of queries depends on the kinds found, never on how many."""
    words = words.replace("\0", "")[:MAX_LENGTH].encode(errors="ignore").decode().strip()
    query = search_query(words)
    if query is None:
        return Found({}, {}, [])
    names = {name: _names(name, words, user) for name in NAMES}
    listed = {name: [hit for one, hit in found if one.sure] for name, found in names.items()}
    listed["numbers"] = _numbers(words, user)
    more = frozenset(name for name, hits in listed.items() if len(hits) > MAX_NAMES)
    listed = {name: hits[:MAX_NAMES] for name, hits in listed.items()}
    exact = [name for name, found in names.items() if any(one.exact for one, _ in found)]
    # and not a name that somebody misspelled, as in “Hauwei 5G”
    is_number = _has_digit(words) and all(map(_has_digit, telling(words)))
    texts = _texts(user, words, query)
    counts = _counts(texts) | {name: len(found) for name, found in listed.items()}
    # who types the name of something means it: "state" is the department before every letter that says "United States"
    counts = {code: counts[code] for code in ["numbers", *exact, *KINDS] if counts.get(code)}
    near = [] if is_number or any(listed[name] for name in NAMES) else _nearest(names, LIKELY if counts else 0)
    first, size = ((page - 1) * PAGE, PAGE) if kind else (0, FEW)
    hits: dict[str, list[Hit]] = {}
    for code in [kind] if kind else counts:
        if code in texts:
            hits[code] = _rows(code, texts[code], query, first, size) if counts.get(code) else []
        else:
            hits[code] = listed.get(code, [])[first : first + size]
    return Found(counts, hits, near, more)


def _texts(user: User, words: str, query: SearchQuery) -> dict[str, QuerySet]:
    """What is found by its words, of letters that were sent and that the person may see."""

    def of(path: str) -> Q:
        return visible_letters(user, path) & Q(**{f"{path}state": LetterState.SENT})

    seen = Answer.objects.filter(of("tasking__ask__letter__"), response__in_error_at__isnull=True)
    about = seen.filter(response=OuterRef("pk"))
    return {
        "letters": Letter.objects.visible_to(user).sent().filter(search=query),
        "asks": Ask.objects.filter(of("letter__"), search=query),
        "questions": Question.objects.filter(of("ask__letter__"), search=query),
        # the words of one that is also about a hidden letter are shown nowhere, so they are not searched: a hit tells them
        "replies": Response.objects.with_hidden_from(user)
        .with_unread_by(user)
        .filter(Exists(about), spans_hidden=False, search=query, in_error_at__isnull=True),
        "answers": seen.filter(search=query),
        "notes": Note.objects.filter(of("letter__"), search=query),
        # who is matched is found as a legislator; the others have only their printed names
        "signers": Signature.objects.filter(
            of("letter__"), suggest.begins_with("printed_name", words), legislator__isnull=True
        ),
    }


def _counts(texts: dict[str, QuerySet]) -> dict[str, int]:
    """One query for all kinds, made of the same conditions as the lists."""
    first, *others = (
        rows.order_by()
        .annotate(code=plain_text(code))
        .values("code")
        .annotate(number=Count("pk"))
        .values_list("code", "number")
        for code, rows in texts.items()
    )
    return dict(first.union(*others, all=True))


@dataclass(frozen=True)
class _Show:
    """How rows of one kind are ranked and shown."""

    related: tuple[str, ...]
    title: Callable[[Any], Marked]
    detail: Callable[[Any], str]
    key: Callable[[Any], str]
    text: str = ""  # the field whose words are shown
    whole: str = ""  # the field that is shown whole


SHOW = {
    "letters": _Show(
        (), lambda r: marked(r.whole), lambda r: f"{r.reference}, sent {long_date(r.sent_on)}", lambda r: r.reference, "text", "subject"
    ),
    "asks": _Show(("letter",), lambda r: marked(r.whole), lambda r: f"Ask {r.number} of {_of(r.letter)}", lambda r: r.letter.reference, "quote", "summary"),
    "questions": _Show(
        ("ask__letter",), lambda r: _plain(f"Question {r.number} of ask {r.ask.number}"), lambda r: _of(r.ask.letter), lambda r: r.ask.letter.reference, "text"
    ),
    "replies": _Show(("agency",), lambda r: _plain(f"{r.kind_words} from {r.agency}"), lambda r: f"received {long_date(r.received_on)}", lambda r: str(r.pk), "text"),
    "answers": _Show(
        ("response__agency", "tasking__ask", "tasking__agency"),
        lambda r: _plain(str(r.tasking)),
        lambda r: f"{r.kind_words} from {r.response.agency}, received {long_date(r.response.received_on)}",
        lambda r: str(r.tasking_id),
        "quote",
    ),
    "notes": _Show(("letter", "by"), lambda r: _plain(f"Note on {_of(r.letter)}"), lambda r: f"by {r.by}" if r.by else "", lambda r: r.letter.reference, "text"),
    "signers": _Show(("letter",), lambda r: _plain(r.printed_name), lambda r: f"signer {r.position} of {_of(r.letter)}", lambda r: r.letter.reference),
}  # fmt: skip


def _rows(code: str, rows: QuerySet, query: SearchQuery, first: int, size: int) -> list[Hit]:
    """The best rows first. PostgreSQL makes headlines after the limit, so only of those shown."""
    show = SHOW[code]
    if code == "signers":
        found = rows.order_by("printed_name", "id")
    else:
        found = rows.annotate(rank=SearchRank(F("search"), query)).order_by("-rank", "id")
        if show.text:
            found = found.annotate(found=headline(show.text, query))
        if show.whole:
            found = found.annotate(whole=headline(show.whole, query, whole=True))
    found = found.select_related(*show.related) if show.related else found
    return [
        Hit(code, show.key(row), show.title(row), marked(row.found) if show.text else [], show.detail(row))
        for row in found[first : first + size]
    ]


def _numbers(words: str, user: User) -> list[Hit]:
    """Our reference, or an agency's number for a letter or of a reply. Letters entered in error are still found by theirs."""
    if not _has_digit(words):
        return []
    letters = Letter.objects.visible_to(user).filter(state__in=[LetterState.SENT, LetterState.ENTERED_IN_ERROR])
    theirs = Addressee.objects.filter(control_number__iexact=words).values("letter")
    hits = [
        Hit("numbers", letter.reference or "", _plain(letter.subject), [], f"Letter {letter.reference}, {letter.get_state_display()}")
        for letter in letters.filter(Q(reference__iexact=words) | Q(pk__in=theirs)).order_by("reference")[: MAX_NAMES + 1]
    ]  # fmt: skip
    seen = Answer.objects.filter(visible_letters(user, "tasking__ask__letter__"), response=OuterRef("pk"))
    replies = Response.objects.with_unread_by(user).filter(
        Exists(seen), control_number__iexact=words, in_error_at__isnull=True
    )
    return hits + [
        Hit("replies", str(r.pk), _plain(f"{r.kind_words} from {r.agency}"), [], f"their number {r.control_number}, received {long_date(r.received_on)}")
        for r in replies.select_related("agency").order_by("-received_on", "id")[: MAX_NAMES + 1]
    ]  # fmt: skip


def _has_digit(words: str) -> bool:
    return any(character.isdigit() for character in words)


def _names(code: str, words: str, user: User) -> list[tuple[suggest.Suggestion, Hit]]:
    """By name, each with how it fits: what is only like it is offered as "did you mean"."""
    words = words.replace('"', " ").replace("*", " ")
    match code:
        case "targets":
            found = suggest.targets(words, user=user, limit=MAX_NAMES + 1)
        case "legislators":
            found = suggest.legislators(words, limit=MAX_NAMES + 1)
        case "officials":
            found = suggest.officials(words, user=user, limit=MAX_NAMES + 1)
        case _:
            found = suggest.agencies(words, user=user, limit=MAX_NAMES + 1)
    return [(one, Hit(code, one.agency or one.id, _plain(one.label), [], one.detail)) for one in found]


def _nearest(names: dict[str, list[tuple[suggest.Suggestion, Hit]]], least: float) -> list[Hit]:
    """The likeliest names of all kinds, and none that is much less like the words than the first."""
    first = sorted((pair for found in names.values() for pair in found[:NEAR]), key=lambda pair: -pair[0].score)
    return [hit for one, hit in first[:NEAR] if one.score >= max(least, first[0][0].score * AS_LIKELY)]


def _plain(words: str) -> Marked:
    return [(initial(words), False)] if words else []


def _of(letter: Letter) -> str:
    return f"{letter.reference}, {letter.subject}"
