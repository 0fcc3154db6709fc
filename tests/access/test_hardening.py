"""What somebody hostile tries: scripts in every text of the record, sessions, links and fields that are not theirs."""

from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.test import Client

from letters.models import User
from tests.access import world
from tests.access.test_every_address import Reader, everywhere
from tests.tracker.processes import manage

# Breaks out of text, of an attribute in either quote, and of a script; seen again as an element, a handler or a link.
PAYLOAD = "'\"></script></title><img src=x data-xss onerror=alert(1)><a href='javascript:alert(2)'>x</a>"
# A file's name has no slash: what is uploaded under one loses it (tests/domain/test_files.py).
OF_A_FILE = PAYLOAD.replace("/", "")
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
            if name == "data-xss" or name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"<{tag} {name}={value!r}>")


def poison() -> list[str]:
    """The payload in every text of every row; the fields that took it. Triggers would refuse a write with no author."""
    taken = []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table with a trigger that waits can be altered
        for model in apps.get_app_config("letters").get_models():
            table = model._meta.db_table
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            for column in model._meta.local_concrete_fields:
                if not isinstance(column, models.CharField | models.TextField) or column.choices:
                    continue
                if any(part in column.name for part in NOT_TYPED):
                    continue
                try:
                    with transaction.atomic():
                        cursor.execute(
                            f'UPDATE "{table}" SET "{column.column}" = left(%s, %s) WHERE "{column.column}" <> %s',
                            [OF_A_FILE if table == "letters_attachment" else PAYLOAD, column.max_length or 5000, ""],
                        )
                        if cursor.rowcount:
                            taken.append(f"{model.__name__}.{column.name}")
                except DatabaseError:
                    continue  # a rule of the database keeps it out
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    return taken


@pytest.fixture
def office(reference, settings, tmp_path) -> world.World:
    settings.MEDIA_ROOT = tmp_path
    return world.make()


def test_no_text_of_the_record_becomes_a_script_on_any_page(office):
    """Beside it stands a policy that lets no inline script run at all (tests/tracker/test_settings.py)."""
    taken = poison()
    assert len(taken) >= LEAST_FIELDS, taken
    reader, wrong, seen = Reader("admin", office), [], 0
    for _, route, address in everywhere(office):
        if route.is_button or route.sends_only:
            continue
        came_to, said = reader.asks(address)
        if came_to.startswith("failed"):
            wrong.append((address, came_to))
        if "<html" not in said:
            continue
        page = Elements()
        page.feed(said)
        seen += PAYLOAD[:4] in said or "data-xss" in said
        wrong += [(address, one) for one in page.found]
    assert wrong == [], wrong[:10]
    assert seen > 30  # the payload was on so many pages, as words


def test_the_check_sees_what_it_looks_for():
    page = Elements()
    page.feed(f"<p title='{PAYLOAD}'>")
    assert page.found == ["<img data-xss=None>", "<img onerror='alert(1)'>", "<a href='javascript:alert(2)'>"]


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
