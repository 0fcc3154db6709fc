"""Readers of the API: with a key of each scope, signed in, and with nothing."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from letters.domain.keys import create_key, find_key, note_use
from letters.enums import Scope, SystemProcess
from letters.models import FeedEpoch, User

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

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A write: JSON, or bytes as they are."""
        path = path.removeprefix(SERVER) if path.startswith(SERVER) else f"/api/v1/{path}"
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        kind = headers.pop("Content_Type", "application/json" if data else "")
        response = self.client.generic(
            method,
            path,
            data,
            content_type=kind,
            headers={**sent, **{k.replace("_", "-"): v for k, v in headers.items()}},
        )
        return Answer(response.status_code, json.loads(response.content or b"null"), response.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, body, **headers)

    def faults(self, path: str, body: Any = None, *, method: str = "POST", **headers: str) -> list[tuple]:
        """Status of a refused write, then fields at fault and the sentence about each."""
        answer = self.send(method, path, body, **headers)
        assert answer.headers["Content-Type"] == "application/problem+json", answer
        return [answer.status, *((error["field"], error["message"]) for error in answer.body["errors"])]

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


def writing(user: User) -> Reader:
    """With a key that writes in this person's name."""
    key = create_key(f"TEST {user.username} writes", scope=Scope.OFFICE_WRITE, by=SystemProcess.COMMAND, user=user)
    return Reader(key)


@pytest.fixture
def writer(epoch, staff) -> Reader:
    """Writes in the name of `staff`."""
    return writing(staff)


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
