"""Addresses under /api/."""

from django.urls import path, re_path
from django.views.generic import RedirectView

from letters.api.docs import docs
from letters.api.schema import SchemaView
from letters.api.snapshots import SnapshotView
from letters.api.views import SOURCES, DetailView, EventsView, EventView, IndexView, ListView, NothingHere

app_name = "api"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api:docs")),
    path("docs/", docs, name="docs"),
    path("v1/", IndexView.as_view(), name="index"),
    path("v1/openapi.json", SchemaView.as_view(), name="openapi"),
    *(path(f"v1/{name}/", ListView.as_view(resource=name), name=name) for name in SOURCES),
    *(path(f"v1/{name}/<uuid:id>/", DetailView.as_view(resource=name), name=f"{name}-detail") for name in SOURCES),
    path("v1/events/", EventsView.as_view(), name="events"),
    path("v1/events/<uuid:id>/", EventView.as_view(), name="events-detail"),
    path("v1/snapshot/", SnapshotView.as_view(), name="snapshot"),
    re_path(r"^", NothingHere.as_view(), name="nothing"),
]
