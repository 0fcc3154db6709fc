"""Addresses under /api/."""

from django.urls import path, re_path
from django.views.generic import RedirectView

from letters.api import extras
from letters.api.docs import docs
from letters.api.schema import SchemaView
from letters.api.snapshots import SnapshotView
from letters.api.views import (
    SOURCES,
    DetailView,
    EventsView,
    EventView,
    ExtraView,
    FileView,
    IndexView,
    ListView,
    NothingHere,
    WriteView,
)
from letters.api.vocabulary import VocabularyView
from letters.api.writes.all import by_path

app_name = "api"

WRITES = by_path()
# Reads beside the lists and rows: what each is about, and what answers it.
EXTRAS = {
    "taskings/{id}/transitions/": ("taskings", extras.transitions),
    "agencies/{id}/record/": ("agencies", extras.agency_record),
    "attachments/{id}/download/": ("attachments", extras.download),
}


def _place(path: str) -> str:
    return "v1/" + path.replace("{id}", "<uuid:id>")


def _name(path: str) -> str:
    return "-".join(part for part in path.split("/") if part and part != "{id}")


def _only_written() -> list:
    """Addresses that are no list, no row and no other read."""
    read = {*EXTRAS, *(f"{name}/" for name in SOURCES), *(f"{name}/{{id}}/" for name in SOURCES)}
    return [
        path(
            _place(one),
            WriteView.as_view(resource=one.partition("/")[0], writes=writes),
            name=_name(one) + ("-detail" if one.endswith("{id}/") else ""),
        )
        for one, writes in WRITES.items()
        if one not in read
    ]


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api:docs")),
    path("docs/", docs, name="docs"),
    path("v1/", IndexView.as_view(), name="index"),
    path("v1/openapi.json", SchemaView.as_view(), name="openapi"),
    path("v1/vocabulary/", VocabularyView.as_view(), name="vocabulary"),
    *(
        path(_place(f"{name}/"), ListView.as_view(resource=name, writes=WRITES.get(f"{name}/", {})), name=name)
        for name in SOURCES
    ),
    *(
        path(
            _place(f"{name}/{{id}}/"),
            DetailView.as_view(resource=name, writes=WRITES.get(f"{name}/{{id}}/", {})),
            name=f"{name}-detail",
        )
        for name in SOURCES
    ),
    *(
        path(
            _place(one),
            (FileView if one.endswith("download/") else ExtraView).as_view(
                resource=resource, answer=staticmethod(answer), writes=WRITES.get(one, {})
            ),
            name=_name(one),
        )
        for one, (resource, answer) in EXTRAS.items()
    ),
    *_only_written(),
    path("v1/events/", EventsView.as_view(), name="events"),
    path("v1/events/<uuid:id>/", EventView.as_view(), name="events-detail"),
    path("v1/snapshot/", SnapshotView.as_view(), name="snapshot"),
    re_path(r"^", NothingHere.as_view(), name="nothing"),
]
