"""The record every test starts from: reference data is there at once, the seed letter for who asks for `seed`.

Both are loaded through the verbs once a run and copied into schemas of their own. Copying back takes milliseconds
where loading takes half a second: once for each `seed`, and after a test with real transactions, which empties
every table, for the reference data.
"""

from collections.abc import Callable

import pytest
from django.db import connection

from letters.domain import history
from letters.enums import Role
from letters.intake.demo import load_demo
from letters.intake.reference import load_reference
from letters.intake.seed import load_seed_letter
from letters.models import AskKind, Letter, User
from tests import factories, kept


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database with its reference data, and a copy of what the fixtures below give."""
    with django_db_blocker.unblock():
        load_reference()
        kept.keep("reference")
        kept.make("seed", load_seed_letter)
        kept.make("sent", factories.sent)
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # A browser's last request may still be answered in a thread of its own: its session would forbid the drop.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
        )


@pytest.fixture
def reference(db) -> None:
    """Agencies, kinds of ask, members of Congress, closures."""
    if not AskKind.objects.exists():
        kept.put_back("reference")


@pytest.fixture
def seed(reference) -> Letter:
    """The letter of April 25, 2023: sent, released, every item waiting."""
    kept.put_back("seed")
    return Letter.objects.get(reference="2023-0001")


@pytest.fixture(scope="session")
def _kept_demo(django_db_setup, django_db_blocker) -> None:
    """The demo, logged once in a run that asks for it: it takes seconds."""
    with django_db_blocker.unblock():
        kept.make("demo", load_demo)


@pytest.fixture
def demo(_kept_demo, reference) -> None:
    """The seed letter and the letters of the demo, without the history of their rows."""
    kept.put_back("demo")


@pytest.fixture
def viewer(reference) -> User:
    return factories.person(Role.VIEWER)


@pytest.fixture
def staff(reference) -> User:
    return factories.person(Role.STAFF)


@pytest.fixture
def manager(reference) -> User:
    return factories.person(Role.MANAGER)


@pytest.fixture
def admin(reference) -> User:
    return factories.person(Role.ADMIN)


@pytest.fixture
def settle(db) -> Callable[[], None]:
    """Do now what waits for the commit, which a test's transaction never reaches: places in the feed."""
    return history.settle


@pytest.fixture
def run_sql(db) -> Callable[..., list[tuple]]:
    """Run raw SQL, as somebody would who goes around the code; the rows it gives."""

    def run(sql: str, *values) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def folder(settings, tmp_path):
    """The kept files of one test."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT
