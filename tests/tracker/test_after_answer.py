"""What a page does behind its answer: nobody can tell by the time who has an account here."""

import http.client
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core import mail
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from letters.enums import Role
from tests import factories
from tests.tracker.processes import free_port, is_open, started, wait_for

# An answer without a body, as that of a form is, and one with; closing either takes three seconds.
SLOWLY_CLOSED = """
import time
class Answer:
    def __init__(self, body): self.body = body
    def __iter__(self): return iter([self.body])
    def close(self): time.sleep(3)
def application(environ, start_response):
    body = b"" if environ["PATH_INFO"] == "/empty" else b"TEST"
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return Answer(body)
"""


def asked(name: str) -> tuple[int, int, int]:
    """Somebody asks for a new password: the queries and the mails that the answer waits for, and the mails behind it."""
    handler = BaseHandler()
    handler.load_middleware()
    request = RequestFactory().post("/accounts/password/reset/", {"email": f"{name}@example.invalid"})
    request._dont_enforce_csrf_checks = True
    mail.outbox.clear()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = handler.get_response(request)
    assert (response.status_code, response["Location"]) == (302, "/accounts/password/reset/done/")
    before = len(mail.outbox)
    response.close()
    return len(queries), before, len(mail.outbox)


@pytest.mark.django_db
def test_a_new_password_is_seen_to_behind_the_answer_for_known_and_unknown_alike():
    factories.user(Role.STAFF, email="staff@example.invalid")
    assert asked("staff") == (0, 0, 1)
    assert mail.outbox[0].to == ["staff@example.invalid"]
    assert asked("nobody") == (0, 0, 0)


def test_the_web_server_closes_an_answer_when_it_was_sent(tmp_path: Path):
    (tmp_path / "slowly.py").write_text(SLOWLY_CLOSED)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-ws",
    ]
    server = started(
        [*command, "slowly:application"],
        ends_by=signal.SIGTERM,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: is_open(port), 60, "the web server listens")
        took = {}
        for path in ("/empty", "/full"):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            began = time.monotonic()
            line.request("GET", path)
            line.getresponse().read()
            took[path] = time.monotonic() - began < 2.5
            line.close()
        assert took == {"/empty": True, "/full": True}
    finally:
        server.terminate()
        server.wait(30)
