"""What monitoring reads: numbers for whoever has the token, an id for each request, logs a machine can read."""

import contextvars
import json
import logging
import logging.config
import re
import traceback

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from letters.domain.history import acting
from letters.enums import SystemProcess
from letters.models import Target
from letters.reminders.silence import CHECKS, LastRound, Signs
from tracker import health, logs
from tracker.requests import HEADER
from tracker.rounds import ROUNDS

TOKEN = "TEST-token-of-forty-characters-or-more-xxxx"


@pytest.fixture
def numbers(client: Client, settings):
    """All numbers, as an independent reader of the format sees them: (name, labels) to value."""
    settings.METRICS_TOKEN = TOKEN

    def read() -> dict:
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert (answer.status_code, answer["Cache-Control"].split(",")[0]) == (200, "max-age=0")
        families = text_string_to_metric_families(answer.content.decode())
        return {(one.name, *sorted(one.labels.items())): one.value for family in families for one in family.samples}

    return read


@pytest.mark.parametrize(
    ("token", "said"),
    [("", ""), ("", "Bearer "), (TOKEN, ""), (TOKEN, "Bearer "), (TOKEN, "Bearer no"), (TOKEN, f"Basic {TOKEN}")],
)
def test_without_the_token_there_is_no_such_page(client, settings, db, token, said):
    settings.METRICS_TOKEN = token
    answer = client.get("/metrics", headers={"Authorization": said} if said else {})
    assert answer.status_code == 404
    assert b"letters_" not in answer.content


def test_each_request_is_counted_by_its_page_never_by_its_address(client, staff, seed, numbers):
    client.force_login(staff)
    before = numbers()
    for address in ("/letters/2023-0001/", "/letters/2023-0001/", "/no/such/page/", "/accounts/login/?next=/secret/"):
        client.get(address)
    after = numbers()

    def more(page: str, status: int) -> float:
        key = ("letters_http_requests_total", ("method", "GET"), ("page", page), ("status", str(status)))
        return after.get(key, 0) - before.get(key, 0)

    assert (more("letter", 200), more("none", 404)) == (2, 1)
    names = " ".join(str(key) for key in after)
    assert "2023-0001" not in names
    assert "secret" not in names
    assert after[("letters_http_request_seconds_count", ("page", "letter"))] >= 2


def test_each_part_is_a_number(numbers, db):
    found = numbers()
    parts = {dict(labels)["part"] for name, *labels in found if name == "letters_part_is_well"}
    assert parts == {check.name for check in CHECKS}
    assert found[("letters_part_is_well", ("part", "database"))] == 1
    assert found[("letters_part_is_well", ("part", "sweep"))] == 0  # none ever ran here
    assert found[("letters_mails_waiting",)] == 0


@pytest.mark.parametrize("away", ["broker", "database"])
def test_what_cannot_be_asked_is_no_number_that_says_all_is_well(numbers, db, monkeypatch, away):
    now = timezone.now()
    done = {name: LastRound(now, now) for name in ROUNDS}
    seen = {
        "broker": Signs(now, ROUNDS, done, broker=False),
        "database": Signs(now, ROUNDS, database=False, worker=True, beat=True),
    }[away]
    monkeypatch.setattr(health, "signs", lambda: seen)
    found = numbers()
    ill = {
        dict(labels)["part"] for (name, *labels), value in found.items() if name == "letters_part_is_well" and not value
    }
    assert (
        ill
        == {
            "broker": {"broker", "worker", "beat"},
            "database": {check.name for check in CHECKS} - {"broker", "worker", "beat"},
        }[away]
    )
    assert (("letters_mails_waiting",) in found) is (away == "broker")


def test_an_address_that_opens_to_whoever_knows_it_is_not_logged():
    """A calendar program asks by OPTIONS and PROPFIND first; Django logs each refusal with the address."""
    said = []
    for path in ("/calendar/TEST-secret.ics", "/accounts/password/reset/key/3-TEST-secret/", "/letters/2023-0001/"):
        record = logging.LogRecord(
            "django.request", logging.WARNING, "", 0, "Method Not Allowed (%s): %s", ("OPTIONS", path), None
        )
        logs.NamesItsRequest().filter(record)
        said.append(record.getMessage().partition(": ")[2])
    assert said == ["/calendar/***", "/accounts/password/reset/key/***/", "/letters/2023-0001/"]


@pytest.mark.parametrize(("said", "kept"), [("a1b2c3d4-TEST", True), ("short", False), ("with\nnewline-xx", False), ("x" * 65, False)])  # fmt: skip
def test_a_request_has_an_id_of_the_proxy_or_of_ours(client, db, said, kept):
    answer = client.get("/accounts/login/", headers={HEADER: said})
    assert (answer[HEADER] == said) is kept
    assert kept or re.fullmatch(r"[0-9a-f]{32}", answer[HEADER])


def test_what_is_logged_of_a_request_names_it_and_is_one_object_a_line(client, db, settings):
    lines: list[str] = []

    class Keeps(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keeps()
    handler.addFilter(logs.NamesItsRequest())
    handler.setFormatter(logs.OneObject())
    logging.getLogger("django.request").addHandler(handler)
    try:
        answer = client.get("/no/such/page/?token=TEST-secret")
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    (line,) = lines
    told = json.loads(line)
    assert {name: told[name] for name in ("level", "logger", "message", "request_id")} == {
        "level": "WARNING", "logger": "django.request", "message": "Not Found: /no/such/page/", "request_id": answer[HEADER],
    }  # fmt: skip
    assert set(told) == {"at", "level", "logger", "message", "request_id"}


def test_a_thread_that_answers_no_request_names_none():
    record = logging.LogRecord("letters", logging.INFO, "", 0, "TEST", None, None)
    assert contextvars.Context().run(logs.NamesItsRequest().filter, record)
    assert (record.request_id, record.of_request) == ("", "")


SECRET = "TEST Secret,\nof two lines"


def refused_by_the_database() -> Exception:
    """With a row in its words, as a page that names a company which another has made at this moment is told."""
    with acting(SystemProcess.COMMAND):
        Target.objects.create(slug="test-1", name=SECRET, kind="company")
        try:
            with transaction.atomic():
                Target.objects.create(slug="test-2", name=SECRET, kind="company")
        except IntegrityError as error:
            try:
                raise RuntimeError("TEST: something else") from error
            except RuntimeError as last:
                return last
    raise AssertionError


def of_no_type() -> Exception:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT %s::integer", [SECRET])
    except DataError as error:
        return error
    raise AssertionError


def by_copy() -> Exception:
    """The line of an import that it stops at is told whole."""
    copying = "COPY test_rows FROM STDIN"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE test_rows (number integer CHECK (number > 0), words text) ON COMMIT DROP")
            with connection.wrap_database_errors, cursor.copy(copying) as copy:
                copy.write("-1\t" + SECRET.replace("\n", "\\n") + "\n")
    except IntegrityError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize("form", ["line", "json"])
@pytest.mark.parametrize(("fault", "said"), [
    (refused_by_the_database, "duplicate key value violates unique constraint \"letters_target_name_key\" (23505"),
    (of_no_type, "invalid input syntax for type integer (22P02"),
    (by_copy, "violates check constraint \"test_rows_number_check\" (23514"),
])  # fmt: skip
def test_what_the_database_says_of_a_row_is_not_logged(db, settings, form, fault, said):
    """Django logs an error with its traceback; Celery, in the words of the line, too."""
    lines: list[str] = []

    class Keeps(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    made = logging.config.DictConfigurator(settings.LOGGING)
    handler = Keeps()
    handler.setFormatter(made.configure_formatter(dict(settings.LOGGING["formatters"][form])))
    for name in settings.LOGGING["handlers"]["stderr"]["filters"]:
        handler.addFilter(made.configure_filter(dict(settings.LOGGING["filters"][name])))
    error = fault()
    logger = logging.Logger("TEST")
    logger.addHandler(handler)
    logger.error("Internal Server Error: %s", "/TEST/", exc_info=error)
    told = "".join(traceback.format_exception(error))
    logger.error("Task %(name)s: %(exc)s\n%(traceback)s", {"name": "TEST", "exc": repr(error), "traceback": told}, exc_info=error)  # fmt: skip
    logger.error("It failed: %s", error.__cause__ or error)
    assert "TEST Secret" in told
    assert [line for line in lines if "Secret" in line or "of two lines" in line] == []
    assert [line.replace('\\"', '"').count(said) > 0 for line in lines] == [True] * 3
    assert "Traceback (most recent call last)" in lines[0]
