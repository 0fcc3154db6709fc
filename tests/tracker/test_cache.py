"""The cache: whoever may write to the broker runs no code here, and who may read it signs in as nobody."""

import pickle
from pathlib import Path

import pytest
from django.core.cache import cache

from letters.reminders.signs import PING, SINCE
from tests import factories


class Trap:
    """Whoever unpickles it makes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self):
        return (Path.touch, (self.file,))


def raw():
    return cache._cache.get_client(None, write=True)


@pytest.mark.parametrize("value", [7, 1.5, "12", "word", True, [1.5, 2.5], {"worker": True, "at": 1.5}, None])
def test_what_is_kept_comes_back(value):
    cache.set("TEST", value, 10)
    assert (cache.get("TEST", "none"), cache.get_many(["TEST", "TEST-absent"])) == (value, {"TEST": value})


def test_a_whole_number_is_counted_where_it_lies():
    cache.set("TEST", 7, 10)
    assert (cache.incr("TEST"), cache.get("TEST")) == (8, 8)


@pytest.mark.django_db
def test_what_others_put_into_the_broker_is_not_run(client, tmp_path):
    client.force_login(factories.person("staff"))
    assert client.get("/letters/").status_code == 200
    seen = list(raw().keys("*:seen-*"))
    session = client.session.session_key.encode()
    assert seen
    assert [key for key in raw().keys("*") if session in key] == []
    trap = pickle.dumps(Trap(tmp_path / "ran"))
    for key in [*seen, *(cache.make_key(name) for name in (PING, SINCE))]:
        raw().set(key, trap, ex=30)
    try:
        assert client.get("/letters/").status_code == 200
        assert client.get("/health/").status_code in (200, 503)
        assert list(tmp_path.iterdir()) == []
    finally:
        cache.delete_many([PING, SINCE])


def test_what_cannot_be_read_was_never_there():
    for kept in (pickle.dumps([1]), b"{", b"[" * 200_000, b"\xff"):
        raw().set(cache.make_key("TEST"), kept, ex=10)
        assert (cache.get("TEST", []), cache.get_many(["TEST"])) == ([], {})
