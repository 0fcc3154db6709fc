"""Companies, people and programs: every ask about one, its parent and its siblings."""

import uuid

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from letters.domain import directory, keyset
from letters.domain.deadlines import count
from letters.domain.standing import with_reopening
from letters.domain.words import cut, initial, status_words
from letters.enums import TargetKind, TaskingRole
from letters.listing import queue_url
from letters.models import Ask, Target, Tasking
from letters.models.asks import targets_in_order
from letters.web.paging import page_of, pager, with_params
from letters.web.repeated import originals, said

PAGE = 50
MAX_WORDS = 100
BY_NAME = keyset.Order("name")
BY_SENT = keyset.Order("letter__sent_on", descending=True)


def targets(request: HttpRequest) -> HttpResponse:
    """All the person may know of, by name."""
    words = request.GET.get("q", "").strip()[:MAX_WORDS]
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in TargetKind.values else ""
    found = directory.targets(request.user, words=words)
    found = found.filter(kind=kind) if kind else found
    page, notice = page_of(request, found, BY_NAME, size=PAGE)
    total = found.count()
    seen = set(
        Target.objects.visible_to(request.user)
        .filter(pk__in=[t.parent_id for t in page.rows if t.parent_id])
        .values_list("pk", flat=True)
    )
    context = {
        "rows": [
            {
                "target": target,
                "url": reverse("target", args=[target.slug]),
                "parent": target.parent if target.parent_id in seen else None,
                "open_url": queue_url(ours="all", target=target.slug),
            }
            for target in page.rows
        ],
        "total": total,
        "shown": f"Showing {len(page.rows)} of {total:,}" if total > len(page.rows) else f"{total:,} in all",
        "words": words,
        "kind": kind,
        "kinds": TargetKind.choices,
        "notice": notice,
        **pager(request, page),
    }  # fmt: skip
    return render(request, "directory/targets.html", context)


def target(request: HttpRequest, slug: str) -> HttpResponse:
    """One target, if the person may know of it, and what was asked about it and its own."""
    user = request.user
    seen = Target.objects.visible_to(user).prefetch_related("aliases")
    shown = get_object_or_404(seen, slug=slug)
    family = directory.family(shown, user)
    scopes = {"": "All of these", "self": shown.name}
    if family.parent:
        scopes["parent"] = f"Its parent, {family.parent}"
    if family.children:
        scopes["children"] = "Belonging to it"
    if family.siblings:
        scopes["siblings"] = "Of the same parent"
    whom = request.GET.get("about", "") if request.GET.get("about", "") in scopes else ""
    asked = {code: directory.asks_about(family.members(code), user) for code in scopes}
    taskings = (
        with_reopening(Tasking.objects.visible_to(user))
        .select_related("agency", "ask__kind", "passed_to__agency", "status_event")
        .order_by("role", "agency__short_name")
    )
    rows = (
        asked[whom]
        .select_related("letter", "kind")
        .prefetch_related(targets_in_order(), Prefetch("taskings", taskings))
    )
    page, notice = page_of(request, rows, BY_SENT, size=PAGE)
    counts = {code: found.count() for code, found in asked.items()}
    names = {one.pk for one in family.members()}
    again = originals([item for ask in page.rows for item in ask.taskings.all()], user)
    context = {
        "target": shown,
        "family": family,
        "crumbs": [
            {"label": "Companies, people and programs", "url": reverse("targets")},
            *([{"label": str(family.parent), "url": reverse("target", args=[family.parent.slug])}] if family.parent else []),
        ],
        "chips": [
            {"label": label, "url": with_params(request.GET, about=code or None, cursor=None), "count": counts[code], "on": code == whom}
            for code, label in scopes.items()
        ] if len(scopes) > 2 else [],
        "rows": [
            {
                "ask": ask,
                "quote": cut(ask.quote, 200),
                "about": [one.name for one in ask.targets.all() if one.pk in names],
                "items": _put_to(ask, again),
            }
            for ask in page.rows
        ],
        "total": counts[whom],
        "shown": f"Showing {len(page.rows)} of {count(counts[whom], 'ask')}" if counts[whom] > len(page.rows) else count(counts[whom], "ask"),
        "open_total": directory.open_items(user).filter(ask__targets=shown).count(),
        "open_url": queue_url(ours="all", target=shown.slug),
        "notice": notice,
        **pager(request, page),
    }  # fmt: skip
    return render(request, "directory/target.html", context)


def _put_to(ask: Ask, again: dict[uuid.UUID, Tasking]) -> list[dict]:
    """The agencies an ask is put to, and how each stands; a repeat says what it repeats, and how that stands."""
    rows = []
    for item in ask.taskings.all():
        first = again.get(item.pk)
        shown, consulted = first or item, item.role == TaskingRole.CONSULTED
        rows.append(
            {
                "url": reverse("item", args=[shown.pk]),
                "agency": initial(str(shown.agency)),
                "status": "consulted" if consulted else shown.status,
                "words": "consulted" if consulted else status_words(shown),
                "repeats": said(item, first)["words"] if first else "",
            }
        )
    return rows
