"""A web host whose database is a replica: it takes no write, and serves readers with keys all the same."""

import pytest
from django.db import connection

from letters.domain.feed import start_epoch
from letters.domain.keys import create_key
from letters.enums import Scope
from letters.models import ApiKeyUse
from tests.api.conftest import Reader
from tests.factories import SETUP


@pytest.fixture
def replica():
    """What a replica answers to a write, this server answers to everybody on this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")


@pytest.fixture
def key(seed) -> str:
    start_epoch()  # the first server has begun one when somebody first read the feed
    return create_key("TEST reader", scope=Scope.OFFICE, by=SETUP)


@pytest.mark.parametrize("path", ["taskings/?limit=5", "letters/?limit=5", "events/?limit=5", "vocabulary/"])
def test_readers_with_keys_are_served_where_nothing_can_be_written(key, replica, path):
    assert Reader(key).get(path).status == 200
    assert ApiKeyUse.objects.count() == 0


def test_elsewhere_the_use_is_kept(key):
    assert Reader(key).get("taskings/").status == 200
    assert ApiKeyUse.objects.count() == 1
