"""What the house's manners cost a request of the API: keys, checks, problems, the ORM.

Each side is asked as a WSGI application, as the web server would. A: this API. B: a handler of nothing but psycopg
and orjson that runs the same SQL and nests the same rows (psycopg prepares what it has run five times, Django plans each time
anew: both are shown); the same rows by nested `ModelSerializer`s; an
authenticated view that does nothing.
"""

from collections.abc import Callable, Sequence

import orjson
import psycopg
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bench import _ground as ground
from bench._load import load
from letters.api.office import taskings
from letters.api.parameters import Asked
from letters.api.views import ApiView
from letters.domain import feed
from letters.domain.keys import create_key
from letters.domain.keyset import page
from letters.enums import SystemProcess
from letters.models import Agency, Ask, AskKind, Letter, Target, Tasking

LIST = "/api/v1/taskings/?limit=100"


class Nothing(ApiView):
    """Authenticates, checks the scope, answers nothing."""

    resource = "events"

    def get(self, request: Request) -> Response:
        return Response({})


def nested(name: str, of: type, *names: str, **parts: serializers.BaseSerializer) -> type[serializers.ModelSerializer]:
    """A `ModelSerializer` of these columns and parts."""
    meta = type("Meta", (), {"model": of, "fields": [*names, *parts]})
    return type(name, (serializers.ModelSerializer,), {**parts, "Meta": meta})


class Serialized(ApiView):
    """The same page as REST frameworks usually make it."""

    resource = "taskings"

    def get(self, request: Request) -> Response:
        order = taskings.SOURCE.orders["due_on"]
        rows = taskings.visible().select_related("ask__letter", "ask__kind", "agency", "acting_agency", "owner")
        found = page(rows.prefetch_related("ask__targets"), order, size=100)
        return Response({"results": ITEM(found.rows, many=True).data, "next": found.next_cursor})


AGENCY = nested("AgencyPart", Agency, "id", "slug", "name", "short_name")
ASK = nested(
    "AskPart", Ask, "id", "number", "summary", "quote", "instrument", "requested_list", "requested_by",
    kind=nested("KindPart", AskKind, "code", "name")(),
    targets=nested("TargetPart", Target, "id", "slug", "name", "kind")(many=True),
    letter=nested("LetterPart", Letter, "id", "reference", "subject", "sent_on")(),
)  # fmt: skip
ITEM = nested(
    "ItemPart", Tasking, "id", "status", "role", "stance", "due_on", "due_basis", "asked_on", "answered_on", "promised_on",
    "snoozed_until", "version",
    agency=AGENCY(), acting_agency=AGENCY(), ask=ASK(), owner=serializers.StringRelatedField(),
    days_past=serializers.IntegerField(), has_unread=serializers.BooleanField(),
)  # fmt: skip

urlpatterns = [
    path("bench/nothing/", Nothing.as_view()),
    path("bench/serialized/", Serialized.as_view()),
    path("", include("tracker.urls")),
]


def nesting(columns: Sequence[str]) -> Callable[[tuple], dict]:
    """A function from a flat row to nested objects, as somebody would write it by hand: one literal."""
    tree: dict = {
        "id": "r[0]",
        "url": 'f"http://localhost/api/v1/taskings/{r[0]}/"',
        "page_url": 'f"http://localhost/items/{r[0]}/"',
    }
    for place, column in enumerate(columns):
        *parts, last = column.replace("_id", "__id").split("__")
        branch = tree
        for part in parts:
            branch = branch.setdefault(part, {})
        branch[last] = f"r[{place}]"
    return eval(f"lambda r, targets: {_literal(tree | {'targets': 'targets'})}")


def _literal(tree: dict | str) -> str:
    if isinstance(tree, str):
        return tree
    return "{" + ", ".join(f"{name!r}: {_literal(part)}" for name, part in tree.items()) + "}"


def bare(line: psycopg.Connection) -> Callable:
    """A WSGI application that answers the list with nothing but the SQL that the API ran for it."""
    with CaptureQueriesContext(connection) as captured:
        source = taskings.SOURCE
        source.build(page(source.filtered(Asked()), source.orders["due_on"], size=100).rows, _NoLinks())
    rows_sql, targets_sql = (query["sql"] for query in captured)
    nest, ask = nesting(source.columns), source.columns.index("ask_id")

    def application(environ: dict, start_response: Callable) -> list[bytes]:
        rows = line.execute(rows_sql).fetchall()[:100]
        targets: dict = {}
        for of, key, slug, name, kind in line.execute(targets_sql, [list({row[ask] for row in rows})]):
            targets.setdefault(of, []).append({"id": key, "slug": slug, "name": name, "kind": kind})
        body = orjson.dumps(
            {"results": [nest(row, targets.get(row[ask], [])) for row in rows], "next": str(rows[-1][0])}
        )
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return application


class _NoLinks:
    def to(self, resource: str, key: object) -> str:
        return ""

    def item_page(self, key: object) -> str:
        return ""


def main() -> None:
    load(ground.SIZE)
    key = create_key("TEST", scope="office", by=SystemProcess.COMMAND)
    ground.settings.ROOT_URLCONF = __name__
    site = get_wsgi_application()

    def ask(route: str, app: Callable = site) -> bytes:
        return ground.get(app, route, HTTP_AUTHORIZATION=f"Bearer {key}")

    with (
        psycopg.connect(ground.dsn(), autocommit=True) as line,
        psycopg.connect(ground.dsn(), autocommit=True) as plain,
    ):
        plain.prepare_threshold = None
        prepared, planned = bare(line), bare(plain)
        ours, theirs = (orjson.loads(body)["results"] for body in (ask(LIST), ask(LIST, prepared)))
        assert [(row["id"], row["targets"]) for row in ours] == [(row["id"], row["targets"]) for row in theirs]
        taken = ground.medians(
            lambda: ask(LIST),
            lambda: ask(LIST, prepared),
            lambda: ask(LIST, planned),
            lambda: ask("/bench/serialized/"),
        )
    ground.title(f"A GET of the API, {ground.SIZE:,} items stored. A: this API. B: as the line says.")
    ground.line("100 items; B: psycopg and orjson alone", taken[0], taken[1], target=1.5)
    ground.line("100 items; B: the same, planned at each request as ours is", taken[0], taken[2])
    cursor = orjson.loads(ask(f"/api/v1/events/?after={newest()}&limit=100"))["cursor"]
    idle, nothing = ground.medians(
        lambda: ask(f"/api/v1/events/?after={cursor}"), lambda: ask("/bench/nothing/"), rounds=60
    )
    ground.line("events/ with nothing new; B: an empty authenticated view", idle, nothing, target=3)
    print("\nA: nested ModelSerializers. B: this API.")
    ground.line("100 items", taken[3], taken[0], target=8, least=True)


def newest() -> str:
    """A cursor shortly before the end of the stream."""
    return feed.encode("office", feed.current_epoch().pk, ground.SIZE - 10)


if __name__ == "__main__":
    main()
