"""Addresses people can guess. Every page asks who you are, unless it is named here as open."""

from django.contrib.auth.decorators import login_required
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from letters.web import dashboard, gallery, item, item_actions, letter, queue


def page(route: str, view, name: str):
    """A page to read."""
    return path(route, login_required(require_safe(view)), name=name)


def form(route: str, view, name: str, **given):
    """A page to read and to send."""
    return path(route, login_required(require_http_methods(["GET", "HEAD", "POST"])(view)), given, name=name)


urlpatterns = [
    page("", queue.queue, "queue"),
    page("letters/", letter.letters, "letters"),
    page("letters/<str:reference>/", letter.letter, "letter"),
    form("letters/<str:reference>/notes/", letter.add_note, "letter_notes"),
    page("items/<uuid:pk>/", item.item, "item"),
    form("items/<uuid:pk>/status/", item_actions.change_status, "item_status"),
    *(form(f"items/<uuid:pk>/{name}/", item_actions.act, f"item_{name}", action=name) for name in item_actions.ACTIONS),
    form("items/<uuid:pk>/replies/<uuid:answer_pk>/", item_actions.read_reply, "item_read_reply"),
    page("dashboard/", dashboard.dashboard, "dashboard"),
    page("gallery/", gallery.gallery, "gallery"),
]
