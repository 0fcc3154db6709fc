"""Which open items a reply may be about, as the form lists them: across all letters the person may see."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Case, Q, When
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from letters.domain.deadlines import count, long_date
from letters.domain.reply_rules import answerable_by
from letters.domain.situations import last_promise, promises_of
from letters.domain.standing import said_since, with_reopening
from letters.domain.words import initial, status_words, wait, with_yardstick
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, LetterState, Status, TaskingRole
from letters.models import Agency, Event, Letter, Tasking, User
from letters.models.tasking_queries import TaskingQuerySet
from letters.web.posted import uuid_of
from letters.web.reply_form import ItemWordForm
from letters.web.reply_words import effects

OTHERS = 15  # items of other letters shown unasked
MOST = 500  # items of a form, the letter's own and those it was drawn with among them


@dataclass(frozen=True)
class Choice:
    """What the address of the form names: an item, a letter, an agency."""

    item: Tasking | None = None
    letter: Letter | None = None
    agency: Agency | None = None


def seen(request: HttpRequest) -> TaskingQuerySet:
    """The items a reply can be about at all, of letters this person may see."""
    items = Tasking.objects.visible_to(request.user).filter(ask__letter__state=LetterState.SENT)
    return items.exclude(status=Status.DRAFT)


def choose(request: HttpRequest, *, late: bool = False) -> Choice:
    """What the address names; what the person may not see is not there, and so is not chosen.

    `late`: the only agency that a letter asked is meant also where none of its items is open any more.
    """
    item = letter = agency = None
    if key := uuid_of(request.GET.get("item", "")):
        item = seen(request).select_related("ask__letter", "agency").filter(pk=key).first()
        letter = item.ask.letter if item else None
    if letter is None and (reference := request.GET.get("letter")):
        visible = Letter.objects.visible_to(request.user).filter(state=LetterState.SENT)
        letter = visible.filter(reference=reference).first()
    if item:
        agency = item.agency
    elif slug := request.GET.get("agency"):
        agency = Agency.objects.visible_to(request.user).filter(slug=slug).first()
    elif letter:
        asked = {t.agency for t in _open(seen(request)).filter(ask__letter=letter).select_related("agency")}
        if late and not asked:
            asked = {t.agency for t in ended(request, letter).select_related("agency")}
        agency = asked.pop() if len(asked) == 1 else None
    return Choice(item, letter, agency)


def ended(request: HttpRequest, letter: Letter) -> TaskingQuerySet:
    """The closed items of a letter that a reply to it may be about: it may come after their end."""
    closed = [status for status in CLOSED_STATUSES if status != Status.ENTERED_IN_ERROR]
    return seen(request).filter(ask__letter=letter, role=TaskingRole.LEAD, status__in=closed)


def about_all(found: Collection[Tasking], agency: Agency | None, letter: Letter | None) -> set[uuid.UUID]:
    """What a reply of `agency` to all of a letter is about, until somebody says otherwise: what it was asked itself.

    Where it was asked nothing itself: what it would act on; else what was asked in its department or its bureaus.
    """
    if agency is None or letter is None:
        return set()
    own = [t for t in found if t.ask.letter_id == letter.pk and t.role == TaskingRole.LEAD and t.is_open]
    asked = [t for t in own if t.agency_id == agency.pk]
    acts = [t for t in own if t.acting_agency_id == agency.pk]
    return {tasking.pk for tasking in asked or acts or own}


def agency_choices(
    request: HttpRequest, letter: Letter | None, tree: list[Agency], *, keep: Collection[uuid.UUID]
) -> list:
    """Who may have replied: whoever was asked something that is open, its bureaus and its department; the letter's first.

    Of the items of `keep` too, whatever they are now: a reply that comes after an item was closed is still recorded.
    """
    by_pk = {agency.pk: agency for agency in tree}
    about = seen(request).filter(Q(status__in=OPEN_STATUSES) | Q(pk__in=keep))
    pairs = about.order_by().values_list("agency", "acting_agency", "ask__letter").distinct()
    here, near = set(), set()
    for asked, acting, of_letter in pairs:
        if letter and of_letter == letter.pk:
            here |= {asked, acting} - {None}
        near |= {asked, acting} - {None}
    asked_agencies = [by_pk[pk] for pk in near]
    offered = {a.pk for a in tree if any(a.includes(o) or o.includes(a) for o in asked_agencies)} | near
    first = _choices(by_pk, here)
    others = _choices(by_pk, offered - here)
    return [(f"Asked in {letter.reference}", first), ("Others", others)] if letter and first else others


def all_agencies(user: User) -> list[Agency]:
    """All that the person may know of, three levels of parents with them, so that the tree is walked without a query."""
    return list(Agency.objects.visible_to(user).select_related("parent__parent__parent"))


def _choices(by_pk: dict, keys: Collection) -> list[tuple[str, str]]:
    found = sorted((by_pk[key] for key in keys), key=lambda agency: (agency.short_name.casefold(), agency.slug))
    return [(agency.slug, initial(agency.short_name)) for agency in found]


def grouped_choices(choices: list) -> list[tuple[str, list]]:
    """Choices as a select draws them: options without a group first."""
    plain = [one for one in choices if not isinstance(one[1], list)]
    return [("", plain), *((name, members) for name, members in choices if isinstance(members, list))]


def listed(
    request: HttpRequest,
    agency: Agency,
    tree: list[Agency],
    *,
    letter: Letter | None,
    keep: Collection[uuid.UUID],
    held: Collection[uuid.UUID] = (),
) -> list[Tasking]:
    """The agency's open items, the letter's first, then the newest letters.

    Those of `keep` too, whatever they are now, if the agency may answer them: what was drawn for another agency is no
    longer meant. Those of `held` in any case: a reply that we hold is about them.
    """
    condition = answerable_by(agency, tree) & (Q(status__in=OPEN_STATUSES) | Q(pk__in=keep))
    found = (
        with_yardstick(with_reopening(seen(request).filter(condition | Q(pk__in=held))))
        .for_rows()
        .select_related("status_event", "passed_to__agency")
    )
    own = letter.pk if letter else None
    # before the cut: of an old letter all that is newer would push out the very items the form is about
    found = found.prefetch_related("ask__questions").order_by(
        Case(When(pk__in=keep, then=0), When(ask__letter=own, then=1), default=2), "-ask__letter__sent_on", "pk"
    )

    def place(tasking: Tasking) -> tuple:
        ask, of = tasking.ask, tasking.ask.letter
        sent_on = -of.sent_on.toordinal() if of.sent_on else 0
        return of.pk != own, sent_on, of.reference, not tasking.is_open, ask.number, tasking.role

    return sorted(found[:MOST], key=place)


def posted_items(data: QueryDict) -> set[uuid.UUID]:
    """The items the form was drawn with; one that somebody closed since is still what this person typed about."""
    keys = (name.removesuffix("-version") for name in data if name.endswith("-version"))
    return {found for key in keys if (found := uuid_of(key))}


def typed_elsewhere(data: QueryDict, found: Collection[Tasking]) -> list[tuple[str, str]]:
    """What was typed of items that are not in the list now, for the page to keep until their agency is chosen again.

    Neither ticks nor versions: it is not what the person sees now.
    """
    listed_now = {str(tasking.pk) for tasking in found}
    return [
        (name, value)
        for name, values in data.lists()
        if name[36:37] == "-"
        and name[36:] not in ("-on", "-version")
        and name[:36] not in listed_now
        and uuid_of(name[:36])
        for value in values
        if value
    ]


def shown(forms: list[ItemWordForm], letter: Letter | None, *, everything: bool) -> tuple[list[ItemWordForm], int]:
    """Those of the letter, those ticked, and those that are taken off; of other letters some, until the person asks for all.
    And how many more."""
    first = [f for f in forms if f.ticked or f.takes_off or (letter and f.tasking.ask.letter_id == letter.pk)]
    others = [f for f in forms if f not in first]
    chosen = {*first, *(others if everything else others[:OTHERS])}
    return [f for f in forms if f in chosen], len(forms) - len(chosen)


def groups(
    forms: list[ItemWordForm],
    today: dt.date,
    meant: Collection[uuid.UUID],
    before: Mapping[uuid.UUID, Event],
    received_on: dt.date | None,
) -> list[dict]:
    """Items under their letters, as the template draws them; `meant`: see `about_all`, `before`: `moves.before_reading`.
    `received_on`: of a reply that we hold."""
    items = [form.tasking for form in forms]
    found, since = [], said_since(items)
    promised = promises_of(item for item in items if item.status == Status.PROMISED)
    for letter, members in groupby(forms, key=lambda form: form.tasking.ask.letter):
        rows = [
            _row(
                form,
                today,
                before,
                since=since.get(form.tasking.pk, ()),
                named=last_promise(promised.get(form.tasking.pk, ())),
                received_on=received_on,
            )
            | {"meant": form.tasking.pk in meant}
            for form in members
        ]
        whole = sum(row["of_whole"] for row in rows)
        found.append(
            {
                "letter": letter,
                "url": reverse("letter", args=[letter.reference]),
                "words": f"{letter.reference}, {long_date(letter.sent_on)}: {letter.subject}",
                "rows": rows,
                "many": count(whole, "item") if whole > 1 else "",
            }
        )
    return found


def _row(form: ItemWordForm, today: dt.date, before: Mapping[uuid.UUID, Event], **known: Any) -> dict:
    tasking = form.tasking
    stood = before.get(tasking.pk)
    return {
        "form": form,
        "tasking": tasking,
        "status": status_words(tasking),
        "wait": wait(tasking, today).words,
        "effects": effects(tasking, today, before=stood.to_status if stood else None, **known),
        "consulted": tasking.role == "consulted",
        "of_whole": of_whole(tasking),
    }


def _open(items: TaskingQuerySet) -> TaskingQuerySet:
    return items.filter(status__in=OPEN_STATUSES)


def of_whole(tasking: Tasking) -> bool:
    """Whether "Tick all" ticks it: what is consulted owes nothing, and what is closed is ticked one by one."""
    return tasking.role == TaskingRole.LEAD and tasking.is_open
