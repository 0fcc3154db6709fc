"""The first steps of a new office: what the record says of each, and what each button finds, well or not."""

import datetime as dt
import re
import smtplib
import socket
import ssl

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from letters.domain import people
from letters.domain.history import acting
from letters.domain.words import office_time
from letters.models import Agency, AgencyName, AskKind, Heartbeat, ImportBatch, Letter, OutboxMessage
from letters.reminders.signs import PING
from letters.reminders.trying import failed
from tests import factories
from tests.mailbox import serving_the_site
from tests.web.test_pages import words

HERE = "/first-steps/"


@pytest.fixture
def as_admin(admin) -> Client:
    with acting(factories.SETUP):
        admin.email = "admin@office.example"
        admin.save()
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def box(settings):
    """A real mail server, and the settings that name it."""
    with serving_the_site(settings) as box:
        yield box


@pytest.fixture
def no_ping_is_kept():
    """What was answered would stand in the strip of other tests' pages, until it is a minute old."""
    cache.delete(PING)
    yield
    cache.delete(PING)


def step(page, name: str) -> str:
    """What one step of the page says."""
    part = re.search(rf'<section class="card step" id="{name}".*?</section>', page.content.decode(), re.DOTALL)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def tried(client: Client, name: str) -> str:
    page = client.post(HERE, {"step": name})
    assert page.status_code == 200
    return step(page, name)


def another_administrator(admin, *, has_password: bool = True):
    other = people.invite(by=admin, username="TESTother", name="TEST Other", email="other@office.example", role="admin")
    if has_password:
        with acting(factories.SETUP):
            other.set_password("TEST-long-enough-1")
            other.save()
    return other


def test_a_new_office_has_everything_to_do_and_can_leave_it(as_admin):
    page = as_admin.get(HERE)
    assert "0 of 6 done, as the record says now." in words(page)
    for name in ("people", "agencies", "import", "mail", "background", "backups"):
        assert " to do " in step(page, name)
    assert page.content.decode().count("csrfmiddlewaretoken") == 7  # six buttons, and signing out
    assert "Later: next step" in step(page, "people")
    assert as_admin.post(HERE, {"step": "TEST"}).status_code == 404


def test_only_administrators_set_up_an_office(as_staff, manager):
    assert as_staff.get(HERE).status_code == 403
    assert "First steps" not in as_staff.get("/").content.decode()
    client = Client()
    client.force_login(manager)
    assert client.post(HERE, {"step": "mail"}).status_code == 403
    assert Client().get(HERE).headers["Location"] == f"/accounts/login/?next={HERE}"


def test_signing_in_leads_there_while_there_is_no_letter(admin, staff):
    def lands(user: str) -> str:
        answer = Client().post("/accounts/login/", {"login": user, "password": factories.PASSWORD})
        return answer.headers["Location"]

    assert (lands("admin"), lands("staff")) == (HERE, "/")
    factories.sent()
    assert lands("admin") == "/"


def test_people_wants_a_second_administrator_and_mail_that_leaves(as_admin, admin, box):
    assert "Not yet. You are the only administrator who can sign in" in tried(as_admin, "people")
    other = another_administrator(admin, has_password=False)
    said = tried(as_admin, "people")
    assert "You are the only administrator" in said
    assert "TEST Other is invited and has not chosen a password yet: send the link again." in said
    other = people.let_go(other, by=admin)
    assert "You are the only administrator" in tried(as_admin, "people")  # the account is closed
    other = people.take_back_in(other, by=admin)
    with acting(factories.SETUP):
        other.set_password("TEST-long-enough-1")
        other.save()
    said = tried(as_admin, "people")
    assert f"It works. TEST Other is an administrator beside you. The mail server 127.0.0.1:{box.port} answers." in said
    assert "2 people can sign in, 2 of them as administrator" in said
    assert " done " in said
    assert box.accepted == []


def test_people_says_what_keeps_invitations_from_leaving(as_admin, admin, box, settings):
    another_administrator(admin)
    settings.EMAIL_PORT = 1
    said = tried(as_admin, "people")
    assert "Not yet. TEST Other is an administrator beside you. But invitations are not mailed." in said
    assert "Check the name and the port of the server in EMAIL_URL" in said


def test_agencies_lacks_addresses_of_those_the_office_writes_to(as_admin):
    said = tried(as_admin, "agencies")
    assert "Not yet. Of the 15 departments, 2 have no address" in said
    assert "Department of Education: no address." in said
    factories.sent(agencies=["treasury"])
    said = tried(as_admin, "agencies")
    assert "It works. All of the 1 agency you wrote to have an address. Of 0 the record says" in said
    assert " done " in said
    factories.sent(agencies=["education"], subject="TEST second")
    said = tried(as_admin, "agencies")
    assert "Of the 2 agencies you wrote to, 1 have no address" in said
    education = Agency.objects.get(slug="education")
    page = as_admin.post(HERE, {"step": "agencies"})
    assert f"/admin/letters/agency/{education.pk}/change/" in page.content.decode()


def test_agencies_says_that_the_reference_data_is_missing(as_admin):
    with acting(factories.SETUP):
        AskKind.objects.all().delete()
    assert "Agencies, kinds of ask or members of Congress are missing. Run “manage.py load_reference”" in tried(
        as_admin, "agencies"
    )


def test_import_tries_the_sample_and_keeps_nothing(as_admin, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    said = tried(as_admin, "import")
    assert re.search(
        r"It works. The sample sheet one-row-a-letter.csv was read, .* \d+ new letters .* Nothing of it stayed.", said
    )
    assert " to do " in said  # no letter came in
    assert not Letter.objects.exists()
    assert not ImportBatch.objects.exists()
    factories.sent()
    assert " done " in step(as_admin.get(HERE), "import")


def test_import_says_why_the_sample_does_not_come_in(as_admin, settings, tmp_path):
    (tmp_path / "files").write_text("in the way")
    settings.MEDIA_ROOT = tmp_path / "files"
    assert "Not yet. “one-row-a-letter.csv” cannot be kept on this server: " in tried(as_admin, "import")
    settings.MEDIA_ROOT = tmp_path / "others"
    with acting(factories.SETUP):
        AgencyName.objects.all().delete()
        Agency.objects.filter(slug="commerce").update(name="TEST gone", short_name="TEST gone", abbreviation="")
    assert "Not yet. The sample sheet was refused: Row" in tried(as_admin, "import")


def test_mail_goes_to_oneself_and_the_server_s_answer_is_told(as_admin, admin, box):
    said = tried(as_admin, "mail")
    assert f"It works. The mail server 127.0.0.1:{box.port} took a mail to {admin.email} and said “250 OK”." in said
    assert " done " in said
    assert [(mail["To"], mail["Subject"]) for mail in box.accepted] == [
        (admin.email, "Test of the mail from the correspondence tracker")
    ]
    kept = OutboxMessage.objects.get()
    assert (kept.to_user, kept.state, kept.message_id) == (admin, "sent", box.accepted[0]["Message-ID"])


@pytest.mark.parametrize(
    ("answer", "said", "way_out"),
    [
        ("550 5.1.1 TEST no such user", "550 5.1.1 TEST no such user", "Check your own address"),
        ("data", "554 TEST no thanks", "Ask whoever keeps the server"),
        ("port", "onnection refused", "Check the name and the port"),
        ("address", "No address is on record for you", "An administrator enters it"),
        ("folder", "This site has no mail server, so nothing is sent", "Set EMAIL_URL"),
    ],
)
def test_mail_that_does_not_go_is_told_with_the_way_out(
    as_admin, admin, box, settings, tmp_path, answer, said, way_out
):
    match answer:
        case "data":
            box.refuse_data = "554 TEST no thanks"
        case "port":
            settings.EMAIL_PORT = 1
        case "address":
            with acting(factories.SETUP):
                admin.email = ""
                admin.save()
        case "folder":
            settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
            settings.EMAIL_FILE_PATH = tmp_path
        case _:
            box.refused[admin.email] = answer
    page = tried(as_admin, "mail")
    assert "Not yet." in page
    assert said in page
    assert way_out in page
    assert " to do " in page
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        (smtplib.SMTPAuthenticationError(535, b"TEST no"), "Check the user and the password"),
        (smtplib.SMTPSenderRefused(553, b"TEST no", "x@y"), "Name a sender"),
        (ssl.SSLError("TEST wrong version"), "Write smtps://"),
        (smtplib.SMTPNotSupportedError("TEST no STARTTLS"), "Write smtps://"),
        (socket.gaierror(-2, "TEST not known"), "Check the name of the server in"),
        (TimeoutError("TEST timed out"), "Check the name and the port"),
        (smtplib.SMTPServerDisconnected("TEST gone"), "Check the name and the port"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_each_trouble_of_a_mail_server_has_its_way_out(error, way_out):
    tried = failed("TEST", error)
    assert (tried.is_well, tried.way_out.startswith(way_out)) == (False, True)
    assert "TEST" in tried.words


def test_work_behind_the_pages_is_pinged(as_admin, no_ping_is_kept):
    """What answers is pinged for real in tests/tracker/test_silence.py; here nobody is there."""
    said = tried(as_admin, "background")
    assert "Not yet. The worker does not answer, so nothing is checked or sent. No answer to a ping" in said
    assert "See log/worker.log." in said
    assert not Heartbeat.objects.exists()


def test_that_no_backup_was_ever_made_is_told_whoever_was_to_make_it(as_admin):
    never = "Not yet. No nightly backup was ever made on this server."
    assert f"{never} On the server, as root: “systemctl enable --now letters-backup.timer”" in tried(
        as_admin, "backups"
    )
    now = timezone.now()
    night = Heartbeat.objects.create(name="backup", started_at=now, detail={"only_expected": True})
    assert f"{never} On the server" in tried(as_admin, "backups")
    Heartbeat.objects.filter(pk=night.pk).update(detail={})
    assert f"{never} It was tried and failed." in tried(as_admin, "backups")
    Heartbeat.objects.filter(pk=night.pk).update(finished_at=now)
    said = tried(as_admin, "backups")
    assert f"It works. The last nightly backup was made {office_time(now)} Restore one" in said
    assert " done " in said
    Heartbeat.objects.filter(pk=night.pk).update(finished_at=now - dt.timedelta(hours=27))
    assert "Not yet. The last nightly backup was made" in tried(as_admin, "backups")


def test_it_costs_the_same_with_one_agency_and_with_three(as_admin):
    as_admin.get(HERE)
    costs = []
    for agencies in (["treasury"], ["treasury", "commerce", "state"]):
        factories.sent(agencies=agencies, subject=f"TEST {len(agencies)}")
        with CaptureQueriesContext(connection) as captured:
            as_admin.get(HERE)
        costs.append(len(captured))
    assert costs == [11, 11]
