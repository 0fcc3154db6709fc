"""Readers of the API: with a key of each scope, signed in, and with nothing."""

import json
from dataclasses import dataclass

import pytest
from django.test import Client

from letters.domain.keys import create_key, find_key, note_use
from letters.enums import Scope, SystemProcess
from letters.models import FeedEpoch

SERVER = "http://testserver"


@dataclass
class Answer:
    """What came back: the JSON of the body, and the rest."""

    status: int
    body: dict
    headers: dict


class Reader:
    """Gets addresses with a key."""

    def __init__(self, key: str = "", client: Client | None = None):
        self.key, self.client = key, client or Client(raise_request_exception=False)

    def get(self, path: str, **headers: str) -> Answer:
        """GET `/api/v1/` + path, or an absolute address as the API gave it."""
        path = path.removeprefix(SERVER) if path.startswith(SERVER) else f"/api/v1/{path}"
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        response = self.client.get(path, headers={**sent, **headers})
        return Answer(response.status_code, json.loads(response.getvalue() or b"null"), response.headers)

    def rows(self, path: str) -> list[dict]:
        """The rows of all pages, following `next`."""
        rows, address, seen = [], path, set()
        while address:
            assert address not in seen, f"“next” leads in a circle: {address}"
            seen.add(address)
            answer = self.get(address)
            assert answer.status == 200, answer.body
            rows += answer.body["results"]
            address = answer.body["next"]
        return rows

    def refused(self, path: str) -> list[tuple]:
        """Status, then fields at fault and the sentence about each."""
        answer = self.get(path)
        assert answer.headers["Content-Type"] == "application/problem+json", answer
        return [answer.status, *((error["field"], error["message"]) for error in answer.body["errors"])]


@pytest.fixture
def epoch(reference) -> FeedEpoch:
    """The feed's life; the first request would begin one."""
    return FeedEpoch.objects.create()


@pytest.fixture
def office(epoch) -> Reader:
    return used(create_key("TEST office", scope=Scope.OFFICE, by=SystemProcess.COMMAND))


@pytest.fixture
def public(epoch) -> Reader:
    return used(create_key("TEST released", scope=Scope.RELEASED, by=SystemProcess.COMMAND))


def used(key: str) -> Reader:
    """A reader whose key was used in this hour: the first request of an hour costs one query more, which notes that."""
    note_use(find_key(key))
    return Reader(key)


@pytest.fixture
def nobody(reference) -> Reader:
    return Reader()
