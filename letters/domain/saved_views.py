"""Saved views of the queue: an address under a name, for its owner or for everybody."""

import uuid
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from letters.domain.access import EDIT, RELEASE, VIEW, may, require
from letters.domain.history import acting
from letters.domain.meanwhile import settled
from letters.domain.rules import check_required, check_text, refuse_if
from letters.errors import NotAllowed, Problem, RecordError
from letters.models import SavedView, User

MAX_NAME, MAX_QUERY = 80, 2000
_SHOWN: dict[str, Callable[[Any], str]] = {
    "name": lambda name: f"“{name}”",
    "query": lambda query: f"the list “?{query}”" if query else "the list of all open items",
    "shared": lambda shared: "for everybody" if shared else "for its owner alone",
}


def views_of(user: User) -> QuerySet[SavedView]:
    """The person's own views and what others share, by name."""
    return SavedView.objects.filter(Q(owner=user) | Q(shared=True)).select_related("owner").order_by("name", "id")


def may_change(view: SavedView, *, by: User) -> bool:
    """Its owner may; and a manager, where it stands before everybody."""
    return view.owner_id == by.pk or (view.shared and may(by, RELEASE))


@transaction.atomic
def save_view(*, by: User, name: str, query: str, shared: bool = False) -> SavedView:
    """Keep an address of the queue. Sharing needs the right to change the record; keeping for oneself does not."""
    return _save(SavedView(owner=by), by=by, name=name, query=query, shared=shared)


@transaction.atomic
def change_view(
    view: SavedView, *, by: User, name: str, query: str, shared: bool, drawn: dict[str, Any] | None = None
) -> SavedView:
    """Another name, another address, or for others to see. `drawn`: what the person had before them of these three; what
    somebody else changed since stays, and RecordError where both changed the same."""
    held = (
        SavedView.objects.select_for_update(of=("self",), no_key=True)
        .select_related("owner")
        .filter(pk=view.pk)
        .first()
    )
    if held is None:
        raise RecordError.of("name", "This view was deleted a moment ago. Save it as a new one.", name)
    view = held
    _require_change(view, by=by)
    if drawn:
        problems: list[Problem] = []
        there = {"name": view.name, "query": view.query, "shared": view.shared}
        kept: dict[str, Any] = {"name": " ".join(name.split()), "query": query, "shared": shared}
        for field, shown in _SHOWN.items():
            kept[field], changed = settled(field, kept[field], drawn.get(field), there[field], shown)
            problems += changed
        refuse_if(problems)
        name, query, shared = kept["name"], kept["query"], kept["shared"]
    return _save(view, by=by, name=name, query=query, shared=shared)


@transaction.atomic
def delete_view(view: SavedView, *, by: User) -> dict:
    """Remove it; what it was comes back, for `restore_view`."""
    _require_change(view, by=by)
    kept = {
        "id": str(view.pk),
        "owner": str(view.owner_id),
        "name": view.name,
        "query": view.query,
        "shared": view.shared,
    }
    with acting(by, why="view deleted"):
        view.delete()
    return kept


@transaction.atomic
def restore_view(kept: dict, *, by: User) -> SavedView:
    """Take a deletion back: the same view at the same address."""
    if SavedView.objects.filter(pk=kept["id"]).exists():
        raise RecordError.of("view", "This view is there again already.")
    owner = User.objects.get(pk=kept["owner"])
    view = SavedView(pk=uuid.UUID(kept["id"]), owner=owner, shared=kept["shared"])
    _require_change(view, by=by)
    return _save(view, by=by, name=kept["name"], query=kept["query"], shared=kept["shared"])


def _require_change(view: SavedView, *, by: User) -> None:
    if not may_change(view, by=by):
        raise NotAllowed(Problem("by", f"This view is {view.owner}’s. Save it as your own, and change that one."))


def _save(view: SavedView, *, by: User, name: str, query: str, shared: bool) -> SavedView:
    require(by, VIEW)
    name = " ".join(name.split())
    refuse_if(
        [
            *check_required("name", "The name", name, "Give the view a name you will know it by."),
            *check_text("name", "The name", name, MAX_NAME),
            *check_text("query", "The list of filters", query, MAX_QUERY),
        ]
    )
    if shared and not view.shared:
        require(by, EDIT)
    view.name, view.query, view.shared = name, query, shared
    try:
        with acting(by), transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise RecordError.of(
            "name",
            f"{'You have' if view.owner_id == by.pk else f'{view.owner} has'} a view named “{name}” already. Choose another name.",
            name,
        ) from error
    return view
