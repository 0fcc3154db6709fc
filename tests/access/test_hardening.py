"""What somebody hostile tries: scripts in every text of the record, sessions, links and fields that are not theirs."""

import io
import itertools
import json
import re
import zipfile
from collections import Counter
from contextlib import suppress
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.http import HttpResponse
from django.test import Client

from letters.models import User
from tests.access import routes, world
from tests.access.readers import KEYS
from tests.access.test_every_address import Reader, everywhere
from tests.tracker.processes import manage

# Each breaks out of something else, and is seen again as an element, a handler, a link or what a template made of it.
CORPUS = (
    "'\"></script></title><img src=x data-xss onerror=alert(1)><a href='javascript:alert(2)'>x</a>",  # text, attributes
    "javascript:alert(3)//xss",  # an address that becomes a link
    "[xss](javascript:alert(4)) <javascript:alert(4)>",  # Markdown
    "xss</textarea></option></select><svg/onload=alert(5) data-xss>",  # fields of a form
    "xss --></style></template></noscript><iframe srcdoc='<script>alert(6)</script>' data-xss>",  # comments, styles
    "xss ]]></text></content></entry><script data-xss>alert(7)</script>",  # a feed's XML
    "xss &lt;img src=x data-xss onerror=alert(8)&gt; &#60;img data-xss&#62;",  # escaped once: must not be taken off
    "xss {{ 7000|add:7 }}{% debug %}",  # a template of a template
    "xss\r\nDESCRIPTION:made up\r\nX-Xss: 1",  # a header, a line of a calendar
    '" autofocus onfocus=alert(9) data-xss="',  # an attribute that goes on
)
# A file's name has no slash and no line: what is uploaded under one loses it (tests/domain/test_files.py).
OF_A_FILE = [re.sub(r"[/\r\n]", "", one) for one in CORPUS]
FOLLOWED = (
    "href",
    "src",
    "srcdoc",
    "action",
    "formaction",
    "data",
    "xlink:href",
    "hx-get",
    "hx-post",
    "poster",
    "content",
)
MADE_OF_IT = "xss 7007"  # by a template that ran
# What the database holds to a form of its own, or what nobody types.
NOT_TYPED = ("slug", "username", "password", "email", "digest", "sha256", "bioguide", "code", "reference", "key", "message_id", "name_key", "status", "media_type", "path", "verb", "rule", "query")  # fmt: skip
LEAST_FIELDS = 60  # so many are poisoned at least: a test that poisons nothing passes for ever


class Elements(HTMLParser):
    """What of the payload became an element, a handler or a link of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            works = name in FOLLOWED and (value or "").strip().lower().startswith("javascript:")
            if name == "data-xss" or name.startswith("on") or works:
                self.found.append(f"<{tag} {name}={value!r}>")


def poison() -> list[str]:
    """One of the corpus in every text of every row; the fields that took it. Triggers would refuse a write with no author."""
    taken = []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table with a trigger that waits can be altered
        for model in apps.get_app_config("letters").get_models():
            table, key = model._meta.db_table, model._meta.pk.column
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            for column in model._meta.local_concrete_fields:
                if any(part in column.name for part in NOT_TYPED) or column.choices:
                    continue
                if isinstance(column, models.CharField | models.TextField):
                    with suppress(DatabaseError), transaction.atomic():  # a rule of the database keeps it out
                        words = OF_A_FILE if table == "letters_attachment" else list(CORPUS)
                        cursor.execute(
                            f'UPDATE "{table}" SET "{column.column}" = left((%s::text[])[1 + (abs(hashtext({key}::text)) + %s)'
                            f' %% %s], %s) WHERE "{column.column}" <> %s',
                            [words, len(taken), len(words), column.max_length or 5000, ""],
                        )
                        if cursor.rowcount:
                            taken.append(f"{model.__name__}.{column.name}")
                elif isinstance(column, models.JSONField):
                    poison_json(cursor, table, key, column.column)
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    return taken


def poison_json(cursor, table: str, key: str, column: str) -> None:
    """The cells of sheets, what drafts hold, what events say. A word alone may be a code, and stays."""
    turn = itertools.cycle(CORPUS)

    def spoilt(value):
        match value:
            case dict():
                return {name: spoilt(one) for name, one in value.items()}
            case list():
                return [spoilt(one) for one in value]
            case str() if " " in value:
                return next(turn)
        return value

    cursor.execute(f'SELECT {key}, "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
    for row, value in cursor.fetchall():
        with suppress(DatabaseError), transaction.atomic():
            new = json.dumps(spoilt(json.loads(value)))
            cursor.execute(f'UPDATE "{table}" SET "{column}" = %s::jsonb WHERE {key} = %s', [new, row])


@pytest.fixture
def office(reference, settings, tmp_path) -> world.World:
    settings.MEDIA_ROOT = tmp_path
    return world.make()


def harm(response: HttpResponse) -> list[str]:
    """What of the corpus works in an answer: a page, a part of one, or a file in any format we give out."""
    kind, content = response["Content-Type"].partition(";")[0], response.getvalue()
    found = [] if response["X-Content-Type-Options"] == "nosniff" else ["no nosniff"]
    found += ["a header"] * ("X-Xss" in response)
    policy = response.get("Content-Security-Policy", "")
    # styles of its own only in a document that may do nothing: a mail as it will look, a kept file
    locked = "sandbox" in policy and "script" not in policy
    found += ["no strict policy"] * ("default-src 'none'" not in policy or ("unsafe" in policy and not locked))
    words = content.decode(errors="replace")
    found += ["a template"] * (MADE_OF_IT in words)
    if kind == "text/html":
        page = Elements()
        page.feed(words)
        return found + page.found
    if kind == "text/calendar":
        found += ["a line"] * ("\nDESCRIPTION:made up" in words)
    parts = [content] if content and kind.endswith("xml") else []
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = [packed.read(name) for name in packed.namelist() if name.endswith((".xml", ".rels"))]
    for part in parts:
        names = {one.tag.rpartition("}")[2] for one in ElementTree.fromstring(part).iter()}
        found += sorted(names & {"img", "script", "svg", "iframe"})
    return found


def spoken(response: HttpResponse) -> bool:
    """Whether the corpus stands in an answer, as words."""
    content = response.getvalue()
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"".join(packed.read(name) for name in packed.namelist())
    return b"xss" in content


# The formats in which the corpus is seen at least: one that shows none of it is not looked at. Of a PDF nothing is read.
FORMATS = {
    "text/html", "application/json", "text/csv", "text/calendar", "application/atom+xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def test_no_text_of_the_record_becomes_a_script_anywhere(office):
    """On no page, part of a page, or export. Beside it stands a policy that lets no inline script run at all
    (tests/tracker/test_settings.py)."""
    taken = poison()
    assert len(taken) >= LEAST_FIELDS, taken
    readers = {"admin": Reader("admin", office), **{key: Reader(key, office) for key in KEYS}}
    wrong, seen = [], Counter()
    for _, route, address in everywhere(office):
        if route.is_button or route.sends_only:
            continue
        for name, reader in readers.items():
            if name != "admin" and not address.startswith(("/api/", "/feeds/")):
                continue
            if name == "admin" and route.right == routes.KEY:
                continue  # to somebody signed in the API says what it says to the office's key
            # of a page's two kinds of table the list of addresses has one
            also = [address.replace(".csv", ".xlsx")] if ".csv" in address and not address.startswith("/feeds/") else []
            for asked in (address, *also):
                came_to, _ = reader.asks(asked)
                if came_to.startswith("failed"):
                    wrong.append((asked, came_to))
                response = reader.answered
                wrong += [(asked, one) for one in harm(response)]
                seen[response["Content-Type"].partition(";")[0]] += spoken(response)
    assert wrong == [], wrong[:10]
    assert {kind for kind, pages in seen.items() if pages} >= FORMATS, seen
    assert seen["text/html"] > 30


def test_the_check_sees_what_it_looks_for():
    page = Elements()
    page.feed(f"<p title='{CORPUS[0]}'>")
    assert page.found == ["<img data-xss=None>", "<img onerror='alert(1)'>", "<a href='javascript:alert(2)'>"]
    safe = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
    loose = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    assert harm(HttpResponse("", headers=safe | loose)) == ["no strict policy"]
    for words in CORPUS[3:6]:
        assert harm(HttpResponse(f"<textarea>{words}", headers=safe)), words
    assert harm(HttpResponse("xss 7007", headers=safe)) == ["a template"]
    entry = HttpResponse("<entry><script/></entry>", content_type="application/atom+xml", headers=safe)
    assert harm(entry) == ["script"]


@pytest.fixture
def person(db, staff: User) -> User:
    staff.set_password("TEST words of a password")
    staff.save()
    return staff


def sign_in(client: Client, person: User, **more: str):
    return client.post("/accounts/login/", {"login": person.username, "password": "TEST words of a password", **more})


def test_the_key_of_a_session_is_made_anew_at_sign_in(client, person, settings):
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "TEST"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = before = session.session_key
    assert sign_in(client, person).status_code == 302
    assert client.cookies[settings.SESSION_COOKIE_NAME].value not in ("", before)


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_no_link_leads_through_our_sign_in_to_elsewhere(client, person, there):
    assert sign_in(client, person, next=there)["Location"] == "/"


def test_a_form_of_another_site_is_refused(person, seed):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    answer = client.post("/changes/mine/", {"one": "x"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_nobody_gives_themselves_a_role_or_an_owner_by_a_field_that_is_not_there(client, person, manager):
    client.force_login(person)
    for address in ("/accounts/password/change/", "/mail/", "/accounts/email/"):
        client.post(address, {"role": "admin", "is_superuser": "on", "is_staff": "on", "username": manager.username})
    person.refresh_from_db()
    assert (person.role, person.is_superuser, person.is_staff, person.username) == ("staff", False, False, "staff")


def test_as_an_office_runs_it_django_has_nothing_to_warn_of(tmp_path):
    done = manage(
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        ALLOWED_HOSTS="letters.example.gov",
        TRACKER_DATA=str(tmp_path),
        DJANGO_ALLOW_ASYNC_UNSAFE="",  # of the browser tests
    )
    assert (done.returncode, done.stdout.split(" (")[0]) == (0, "System check identified no issues"), done.stderr
