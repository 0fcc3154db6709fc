"""A key that asks too often is told to wait; the others are not."""

import uuid

import pytest

from letters.api import throttles
from tracker.env import Environment


@pytest.fixture
def three_a_minute(monkeypatch):
    monkeypatch.setattr(throttles, "A_MINUTE", 3)
    monkeypatch.setattr(throttles, "time", lambda: 60 * 1_000_000 + 48.5)


def test_too_many_requests_are_refused_until_the_minute_is_over(reference, office, public, three_a_minute, monkeypatch):
    assert [office.get("agencies/?limit=1").status for _ in range(4)] == [200, 200, 200, 429]
    refused = office.get("events/")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "12")
    assert refused.body["detail"] == "Too many requests: a key may make 3 in a minute. Ask again in 12 s."
    assert public.get("agencies/?limit=1").status == 200
    monkeypatch.setattr(throttles, "time", lambda: 60 * 1_000_001.0)
    assert office.get("agencies/?limit=1").status == 200


def test_twenty_thousand_a_minute_unless_the_office_says_otherwise():
    assert Environment.model_fields["API_A_MINUTE"].default == 20_000


def test_without_the_cache_the_api_answers(reference, office, monkeypatch):
    def broken(*_, **__):
        raise ConnectionError

    monkeypatch.setattr(throttles, "count", broken)
    assert office.get("agencies/?limit=1").status == 200


def test_each_answer_says_how_much_is_left(reference, office, three_a_minute):
    answers = [office.get("agencies/?limit=1") for _ in range(4)]
    told = [[answer.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")] for answer in answers]
    assert told == [["3", "2", "12"], ["3", "1", "12"], ["3", "0", "12"], ["3", "0", "12"]]


def test_what_a_key_may_not_read_is_counted_too(reference, public, nobody, three_a_minute):
    answers = [public.get("responses/") for _ in range(4)]
    assert [answer.status for answer in answers] == [403, 403, 403, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    # who shows no key is told so, however often others did
    assert [nobody.get("responses/").status for _ in range(4)] == [401] * 4


def test_what_is_asked_for_as_something_else_is_counted_too(reference, office, three_a_minute):
    answers = [office.get("agencies/?limit=1", Accept="text/html") for _ in range(4)]
    assert [answer.status for answer in answers] == [406, 406, 406, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]


def test_what_was_counted_is_forgotten_after_its_minute():
    name = f"TEST-{uuid.uuid4()}"
    assert [throttles.count(name), throttles.count(name)] == [1, 2]
    assert 60 < throttles._counter().ttl(f"throttle:{name}") <= 120
