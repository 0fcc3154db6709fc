"""Type-ahead: whom or what the typed words probably mean. It proposes; a person chooses (invariant 9)."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    FloatField,
    Func,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)  # fmt: skip
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat, Greatest, Lower, Upper

from letters.domain.clocks import office_today
from letters.domain.deadlines import long_date
from letters.domain.rules import accents_apart, plain
from letters.domain.typed_words import Begins, beginning, compared, parts_of, swapped, telling, whose_parent
from letters.models import Agency, AgencyName, Legislator, Official, Target, TargetAlias, Term, User

IS_NAME = 3  # the rank of a name that was typed in full, before those that begin so and those that have the words
LIKENESS = 0.4  # as in tracker.settings: "Hauwei" is Huawei to 0.43


@dataclass(frozen=True)
class Suggestion:
    """One proposal. `id` is a public one: Bioguide ID, agency slug, official's uuid, target slug.

    `sure`: every word typed begins a word of a name; else the name is only like them. `exact`: it is the name, or a last name.
    """

    id: str
    label: str
    detail: str
    score: float
    sure: bool = True
    exact: bool = False
    agency: str = ""  # of an official: the slug of the agency, whose page names them
    fill: dict[str, str] = field(default_factory=dict)  # what it says of the fields beside it, where they are empty


Find = Callable[[str, Begins], list[Suggestion]]


def legislators(words: str, *, on: dt.date | None = None, limit: int = 8) -> list[Suggestion]:
    """Members of Congress by any of their names, those in office on `on` (today when not said) first; state and party as of then."""
    on = on or office_today()
    return _tolerant(words, lambda words, begins: _legislators(words, begins, on, limit))


def _legislators(words: str, begins: Begins, on: dt.date, limit: int) -> list[Suggestion]:
    serving = Term.objects.filter(legislator=OuterRef("pk"), start__lte=on, end__gt=on)
    names = Lower(Concat("sort_name", Value(" "), "official_full", Value(" "), "nickname", output_field=CharField()))
    found = (
        Legislator.objects.annotate(
            names=names,
            score=TrigramWordSimilarity(words, "names"),
            # a last name first: "scott" is Tim Scott before Scott Peters
            rank=_rank(Q(sort_name__startswith=words), begins("names")),
            serves=Exists(serving),
        )
        .filter(Q(rank__gt=0) | Q(score__gte=LIKENESS))
        .order_by(Case(When(rank__gt=0, then=1), default=0).desc(), "-serves", "-rank", "-score", "sort_name", "id")
        .prefetch_related(Prefetch("terms", Term.objects.order_by("start")))[:limit]
    )
    return [
        Suggestion(m.bioguide, m.official_full, seat(m, on), m.score, m.rank > 0, _is(words, m.last, m.official_full))
        for m in found
    ]


def seat(member: Legislator, on: dt.date) -> str:
    """ "Republican, TN, Senate" as of a day; who does not sit then is said to. Needs the terms, in order."""
    terms = list(member.terms.all())
    for term in terms:
        if term.start <= on < term.end:
            return _term_words(term)
    before = [term for term in terms if term.end <= on]
    if before:
        return f"{_term_words(before[-1])}, until {long_date(before[-1].end)}"
    return f"{_term_words(terms[0])}, from {long_date(terms[0].start)}" if terms else "no term known"


def _term_words(term: Term) -> str:
    district = f"-{term.district}" if term.district else ""
    return f"{term.party}, {term.state}{district}, {term.get_chamber_display()}"


def agencies(words: str, *, user: User | None = None, limit: int = 8) -> list[Suggestion]:
    """Agencies by name, short name, abbreviation or another name that letters print; `user` as for `visible_to`."""
    return _tolerant(words, lambda words, begins: _agencies(words, begins, user, limit))


def _agencies(words: str, begins: Begins, user: User | None, limit: int) -> list[Suggestion]:
    names = AgencyName.objects.filter(agency=OuterRef("pk")).annotate(own=_own("name")).order_by()
    is_name = Q(short_name__iexact=words) | Q(abbreviation__iexact=words) | Q(name__iexact=words)
    begins_name = Q(short_name__istartswith=words) | Q(abbreviation__istartswith=words)
    # "united states mint" may be typed out
    name = "name" if words.startswith("u") else "own"
    has_words = begins(name) | begins("short_name") | Exists(names.filter(begins(name)))
    found = (
        Agency.objects.visible_to(user)
        .annotate(own=_own("name"))
        .annotate(
            score=Greatest(
                TrigramWordSimilarity(words, "name"),
                TrigramWordSimilarity(words, "short_name"),
                _most_like(TrigramWordSimilarity(words, "name"), names, "agency"),
            ),
            rank=_rank(is_name | Exists(names.filter(name__iexact=words)), begins_name, has_words),
        )
        .filter(Q(rank__gt=0) | Q(score__gte=LIKENESS))
        .order_by("-rank", "-score", TrigramSimilarity("short_name", words).desc(), "short_name", "id")
        .select_related("parent")
        .prefetch_related("names")[:limit]
    )
    return [Suggestion(a.slug, a.name, _agency_detail(a, words), a.score, a.rank > 0, a.rank == IS_NAME) for a in found]


def _own(field: str) -> Func:
    """A name without "United States" before it: half of all agencies bear it, and who types "state" means none of them."""
    pattern, flags = Value(r"^(the )?united states "), Value("i")
    return Func(F(field), pattern, Value(""), flags, function="regexp_replace", output_field=CharField())


def officials(
    words: str, *, agency: str | None = None, on: dt.date | None = None, user: User | None = None, limit: int = 8
) -> list[Suggestion]:
    """Holders of a post by name or title, those who held it on `on` first; `agency` (a slug) covers its bureaus."""
    on = on or office_today()
    return _tolerant(words, lambda words, begins: _officials(words, begins, agency, on, user, limit))


def _officials(
    words: str, begins: Begins, agency: str | None, on: dt.date, user: User | None, limit: int
) -> list[Suggestion]:
    posts = Official.objects.filter(agency__in=Agency.objects.visible_to(user).values("pk"))
    if agency:
        posts = posts.filter(Q(agency__slug=agency) | Q(agency__parent__slug=agency))
    in_post = (Q(start__isnull=True) | Q(start__lte=on)) & (Q(end__isnull=True) | Q(end__gte=on))
    text = Concat("name", Value(" "), "title", output_field=CharField())
    found = (
        posts.annotate(
            text=text,
            score=TrigramWordSimilarity(words, "text"),
            rank=_rank(begins("name"), begins("text")),
            # who is known to have held it before those of whom no day is entered
            holds=Case(When(start__isnull=True, end__isnull=True, then=1), When(in_post, then=2), default=0),
        )
        .filter(Q(rank__gt=0) | Q(score__gte=LIKENESS))
        .order_by(Case(When(rank__gt=0, then=1), default=0).desc(), "-holds", "-rank", "-score", "name", "id")
        .select_related("agency")[:limit]
    )
    return [
        Suggestion(
            str(o.pk), o.name, _official_detail(o, on), o.score, o.rank > 0,
            exact=_is(words, o.name, o.name.split()[-1]), agency=o.agency.slug,
            fill={"printed_title": o.title, "agency": o.agency.short_name},
        )
        for o in found
    ]  # fmt: skip


def targets(words: str, *, user: User | None, limit: int = 8) -> list[Suggestion]:
    """Companies, people and programs by name or alias, the ones most like the words first: who types a name that is there, sees it.

    Words that fit nothing together are looked for one by one ("Hauwei 5G"); of "X's parent company" the parent comes first.
    """
    find = partial(_targets, user=user, limit=limit)
    found = _tolerant(words, find)
    if not any(one.sure for one in found) and (child := whose_parent(words)):
        found = targets(child, user=user, limit=limit)
        meant = [one for one in found if one.sure] or found
        found = [replace(one, sure=False) for one in [*_parents(meant, user), *found]]
    return (found or _word_by_word(words, find))[:limit]


def _word_by_word(words: str, find: Find) -> list[Suggestion]:
    """What each word fits alone, the name that most of them fit first."""
    found: dict[str, list[Suggestion]] = {}
    for part in telling(words):
        for one in _tolerant(part, find):
            found.setdefault(one.id, []).append(replace(one, sure=False, exact=False))
    by_most = sorted(found.values(), key=lambda ones: (-len(ones), -max(one.score for one in ones)))
    return [ones[0] for ones in by_most]


def _parents(children: list[Suggestion], user: User | None) -> list[Suggestion]:
    seen = Target.objects.visible_to(user).filter(children__in=Target.objects.filter(slug__in=[c.id for c in children]))
    return [
        Suggestion(one.slug, one.name, f"parent of {children[0].label}", 1.0)
        for one in seen.distinct().order_by("name", "id")
        if one.slug not in {child.id for child in children}
    ]


def _targets(words: str, begins: Begins, user: User | None, limit: int) -> list[Suggestion]:
    aliases = TargetAlias.objects.filter(target=OuterRef("pk")).order_by()
    # candidates by the two trigram indexes (patterns use them too); only those are ranked
    names = Target.objects.annotate(upper=Upper("name")).order_by()
    others = TargetAlias.objects.order_by()
    candidates = names.filter(upper__trigram_word_similar=words).values("pk").union(
        names.filter(begins("upper")).values("pk"),
        others.filter(name__trigram_word_similar=words).values("target"),
        others.filter(begins("name")).values("target"),
    )  # fmt: skip
    is_name = Q(name__iexact=words) | Exists(aliases.filter(name__iexact=words))
    begins_name = Q(name__istartswith=words) | Exists(aliases.filter(name__istartswith=words))
    has_words = begins("name") | Exists(aliases.filter(begins("name")))
    seen = Target.objects.visible_to(user)
    found = (
        seen.filter(pk__in=candidates)
        .annotate(
            score=Greatest(
                TrigramSimilarity("name", words),
                _most_like(TrigramSimilarity("name", words), aliases, "target"),
            ),
            rank=_rank(is_name, begins_name, has_words),
            parent_name=Subquery(seen.filter(children=OuterRef("pk")).values("name")[:1]),
        )
        .order_by("-rank", "-score", "name", "id")
        .prefetch_related("aliases")[:limit]
    )
    return [
        Suggestion(t.slug, t.name, _target_detail(t, words, t.parent_name), t.score, t.rank > 0, t.rank == IS_NAME)
        for t in found
    ]


def begins_with(field: str, words: str) -> Q:
    """Each word typed begins a word of the field, in whatever order; nothing does where no word is typed."""
    parts = parts_of(compared(words))
    return beginning(map(accents_apart, parts))(field) if parts else Q(pk=None)


def _tolerant(words: str, find: Find) -> list[Suggestion]:
    """What fits the words; where nothing does, what fits with two neighboring letters swapped, which trigrams miss."""
    words = compared(words)
    if not words:
        return []
    parts = parts_of(words)
    found = find(words, beginning(map(accents_apart, parts)))
    return found or [
        replace(one, sure=False, score=1.0 if one.sure else one.score)
        for one in find(words, beginning(map(swapped, parts)))
    ]


def _is(words: str, *names: str) -> bool:
    return any(words == plain(name) for name in names)


def _rank(*conditions: Q | Combinable) -> Case:
    """The first condition that holds gives the most, none gives 0."""
    return Case(
        *(When(condition, then=len(conditions) - place) for place, condition in enumerate(conditions)), default=0
    )


def _most_like(likeness: Combinable, names: QuerySet, of: str) -> Coalesce:
    """The likeness of the other name that is most like the words; 0 where there is none."""
    most = names.annotate(like=likeness).values(of).annotate(most=Max("like")).values("most")
    return Coalesce(Subquery(most), Value(0.0), output_field=FloatField())


def _agency_detail(agency: Agency, words: str) -> str:
    parts = [agency.parent.name] if agency.parent else []
    return " · ".join([*parts, *_also(words, [agency.name, agency.short_name], agency.names.all())])


def _target_detail(target: Target, words: str, parent: str | None) -> str:
    parts = [f"part of {parent}"] if parent else []
    return " · ".join([*parts, *_also(words, [target.name], target.aliases.all())])


def _official_detail(official: Official, on: dt.date) -> str:
    until = f", until {long_date(official.end)}" if official.end and official.end < on else ""
    since = f", from {long_date(official.start)}" if official.start and official.start > on else ""
    return f"{official.title}, {official.agency}{until}{since}"


def _also(words: str, names: list[str], others: Iterable[AgencyName] | Iterable[TargetAlias]) -> list[str]:
    """The other name by which it was found, where its own does not say why it stands here."""
    first = words.split()[0]
    if any(first in plain(name) for name in names):
        return []
    return [f"also {other.name}" for other in others if first in plain(other.name)][:1]
