"""Accounts: invited by an administrator, chosen a password once by a link, let go; and what signing in says."""

import re
import smtplib

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from letters.domain import items, mailing, people
from letters.domain.history import acting
from letters.domain.keys import create_key, find_key, revoke_key
from letters.enums import Role
from letters.errors import NotAllowed
from letters.models import ApiKey, Office, Tasking, User
from tests import factories
from tests.domain.refusals import refused
from tests.web.test_pages import words
from tracker import settings as site
from tracker.accounts import one_time_path

ANNA = {"name": "Anna Smith", "username": "asmith", "email": "asmith@example.invalid", "role": "staff"}


@pytest.fixture
def as_admin(admin) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def test_without_a_mail_server_no_invitation_is_called_sent(as_admin, settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", str(tmp_path)
    page = words(as_admin.post("/people/", ANNA))
    assert (
        f"so nothing was sent to Anna Smith: the mail is a file in {tmp_path}. Pass the link below on by hand." in page
    )
    assert ("is sent to" in page, len(list(tmp_path.iterdir()))) == (False, 1)
    assert ("No mail has taken it to them" in page, "Should the mail not arrive" in page) == (True, False)


def test_who_is_invited_chooses_a_password_once_and_signs_in(as_admin):
    page = as_admin.post("/people/", ANNA)
    assert "The link for Anna Smith is sent to asmith@example.invalid." in words(page)
    (message,) = mail.outbox
    link = re.search(r"http://testserver(\S+)", message.body)[1]
    assert message.to == ["asmith@example.invalid"]
    assert link in page.content.decode()  # to pass on by hand
    assert "Should the mail not arrive, pass it on yourself." in words(page)
    anna = User.objects.get(username="asmith")
    assert (anna.first_name, anna.last_name, anna.role, anna.has_usable_password()) == ("Anna", "Smith", "staff", False)

    visitor = Client()
    chosen = visitor.get(link, follow=True)
    assert "Choose a password" in words(chosen)
    # who has the link and no mail, as the first administrator has, knows no other place that says it
    assert "You will sign in as asmith, with the password you choose here." in words(chosen)
    there = chosen.request["PATH_INFO"]
    done = visitor.post(there, {"password1": "TEST-long-enough-1", "password2": "TEST-long-enough-1"}, follow=True)
    assert "Password saved" in words(done)
    assert visitor.post("/accounts/login/", {"login": "asmith", "password": "TEST-long-enough-1"}).status_code == 302
    assert "This link no longer works" in words(Client().get(link, follow=True))


def test_what_is_wrong_with_an_invitation_is_said_at_its_field(as_admin, staff):
    page = as_admin.post("/people/", ANNA | {"username": "STAFF", "email": "anna"})
    assert page.status_code == 422
    assert "This is not an e-mail address." in words(page)
    page = as_admin.post("/people/", ANNA | {"username": "STAFF"})
    assert "“STAFF” is taken. Choose another one." in words(page)
    assert 'value="Anna Smith"' in page.content.decode()
    assert mail.outbox == []


def test_only_administrators_keep_accounts(as_staff, staff, manager):
    assert as_staff.get("/people/").status_code == 403
    assert list(refused(people.invite, by=manager, **ANNA, error=NotAllowed)) == ["by"]


def test_a_role_is_changed_and_django_s_own_rights_follow(as_admin, staff):
    as_admin.post(f"/people/{staff.pk}/", {"do": "role", "role": "admin"})
    staff.refresh_from_db()
    assert (staff.role, staff.is_staff, staff.is_superuser) == (Role.ADMIN, True, True)
    as_admin.post(f"/people/{staff.pk}/", {"do": "role", "role": "viewer"})
    staff.refresh_from_db()
    assert (staff.role, staff.is_staff, staff.is_superuser) == (Role.VIEWER, False, False)


def test_closing_an_account_warns_of_what_it_owns_and_signs_it_out(as_admin, as_staff, staff):
    items.assign(Tasking.objects.get(ask__letter=factories.sent()), by=factories.SETUP, owner=staff)
    page = as_admin.get(f"/people/{staff.pk}/")
    assert "staff owns 1 open item: hand them on first, or nobody works on them." in words(page)
    assert "/staff/staff/reassign/" in page.content.decode()
    closed = as_admin.post(f"/people/{staff.pk}/", {"do": "close"}, follow=True)
    assert "staff can no longer sign in." in words(closed)
    assert as_staff.get("/").status_code == 302
    as_admin.post(f"/people/{staff.pk}/", {"do": "open"})
    assert User.objects.get(pk=staff.pk).is_active


@pytest.mark.parametrize("where", ["page", "admin"])
def test_an_account_that_is_opened_again_begins_anew(as_admin, as_staff, admin, staff, where):
    """What the person had lets nobody in again: neither the browser at home, nor the calendar’s address, nor the key."""
    _, token = mailing.subscribe(by=staff, name="TEST Outlook")
    key = create_key("TEST", scope="office:write", by=admin, user=staff)
    assert (as_staff.get("/").status_code, mailing.subscriber(token), find_key(key).user) == (200, staff, staff)
    if where == "page":
        as_admin.post(f"/people/{staff.pk}/", {"do": "close"})
    else:
        facts = {"username": "staff", "role": "staff", "date_joined_0": "2023-01-01", "date_joined_1": "00:00:00"}
        assert as_admin.post(f"/admin/letters/user/{staff.pk}/change/", facts).status_code == 302
    staff.refresh_from_db()
    assert not staff.is_active
    assert "ended with the account of staff" in words(as_admin.get("/keys/"))
    opened = words(as_admin.post(f"/people/{staff.pk}/", {"do": "open"}, follow=True))
    assert "staff can sign in again, with a password chosen by a new link: make one below." in opened
    assert (as_staff.get("/").status_code, mailing.subscriber(token), find_key(key)) == (302, None, None)
    assert "revoked on" in words(as_admin.get("/keys/"))


def test_an_account_that_an_earlier_version_closed_begins_anew_too(as_admin, as_staff, staff):
    """That version left password, calendars and keys as they were, behind the closed account."""
    _, token = mailing.subscribe(by=staff, name="TEST Outlook")
    with acting(factories.SETUP):
        User.objects.filter(pk=staff.pk).update(is_active=False)
    as_admin.post(f"/people/{staff.pk}/", {"do": "open"})
    assert (as_staff.get("/").status_code, mailing.subscriber(token)) == (302, None)


def test_an_invitation_pressed_twice_leads_to_the_link(as_admin):
    as_admin.post("/people/", ANNA)
    assert "“asmith” was invited a moment ago. For a new link choose Anna Smith in the list." in words(
        as_admin.post("/people/", ANNA)
    )


def test_the_office_keeps_an_administrator(admin):
    sentence = "admin is the only administrator. Make somebody else one first."
    assert refused(people.change_role, admin, by=admin, role="staff") == {"role": sentence}
    assert refused(people.let_go, admin, by=admin) == {
        "user": "You cannot close your own account. Ask another administrator."
    }
    assert refused(people.let_go, admin, by=factories.SETUP) == {"user": sentence}


def test_a_forgotten_password_is_mailed_a_link_and_strangers_learn_nothing(reference):
    factories.user(Role.STAFF, email="staff@example.invalid")
    asked = [
        Client().post("/accounts/password/reset/", {"email": f"{name}@example.invalid"}, follow=True)
        for name in ("staff", "nobody")
    ]
    assert words(asked[0]) == words(asked[1])
    assert [message.to for message in mail.outbox] == [["staff@example.invalid"]]
    assert "Choose it here:\nhttp://testserver/accounts/password/reset/key/" in mail.outbox[0].body


def test_a_mail_server_that_takes_nothing_tells_strangers_no_more(reference, monkeypatch, caplog):
    """An error page for the addresses that are known would."""
    factories.user(Role.STAFF, email="staff@example.invalid")

    def refuses(*args):
        raise smtplib.SMTPServerDisconnected("TEST away")

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", refuses)
    asked = [
        Client().post("/accounts/password/reset/", {"email": f"{name}@example.invalid"}, follow=True)
        for name in ("staff", "nobody")
    ]
    assert words(asked[0]) == words(asked[1])
    assert [record.getMessage() for record in caplog.records if record.name == "tracker.accounts"] == [
        "A mail to somebody who asked for a new password was not sent: TEST away"
    ]


def test_while_the_broker_is_away_a_sign_in_says_so_in_words(reference, settings):
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}}
    answer = Client().post("/accounts/login/", {"login": "staff", "password": "TEST"})
    assert answer.status_code == 503
    assert "The site’s broker does not answer, and this needs it: where somebody signs in" in words(answer)


def test_behind_the_proxy_a_session_that_turns_up_elsewhere_is_noted_at_once(as_staff, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for address in ("203.0.113.7", "203.0.113.8"):
        as_staff.get("/accounts/sessions/", headers={"X-Forwarded-For": address})
        assert UserSession.objects.get().ip == address


def test_in_the_administration_one_office_stays_and_a_key_that_was_ended_stays_so(admin, client):
    with acting(factories.SETUP):
        office, _ = Office.objects.get_or_create(singleton=True, defaults={"kind": "committee", "name": "TEST"})
    create_key("TEST", scope="office", by=admin)
    key = ApiKey.objects.get()
    revoke_key(key, by=admin)
    client.force_login(admin)
    shown = {
        path: client.get(f"/admin/letters/{path}/").status_code
        for path in ("office/add", f"office/{office.pk}/delete", f"apikey/{key.pk}/delete", f"apikey/{key.pk}/change")
    }
    assert list(shown.values()) == [403, 403, 403, 200]
    living = {"name": "TEST", "revoked_at_0": "", "revoked_at_1": "", "expires_at_0": "", "expires_at_1": ""}
    assert client.post(f"/admin/letters/apikey/{key.pk}/change/", living).status_code == 403
    assert ApiKey.objects.get(pk=key.pk).revoked_at


def test_the_link_goes_to_the_address_of_today_in_whatever_case_and_to_no_former_one(admin, staff):
    """Each one-time link leaves a row of allauth’s behind with the address of then; the mailbox may be somebody else’s now."""
    one_time_path(mailing.correct_address(staff, by=admin, email="mistyped@example.invalid"))
    mailing.correct_address(staff, by=admin, email="TEST.Staff@Example.invalid")
    for typed in ("mistyped@example.invalid", "test.staff@example.invalid"):
        Client().post("/accounts/password/reset/", {"email": typed})
    assert [message.to for message in mail.outbox] == [["test.staff@example.invalid"]]


@pytest.mark.parametrize("username", ["TEST/x", "TEST x"])
def test_a_user_name_that_no_address_takes_is_refused(admin, username):
    words = f"“{username}” cannot be a user name. Use letters, digits and . + - _ @, without spaces: “asmith”."
    invited = {"name": "TEST", "email": "test@example.invalid", "role": Role.STAFF}
    assert refused(people.invite, by=admin, username=username, **invited) == {"username": words}


def test_nobody_is_no_user_name(admin):
    """The filter of owners calls so what has none."""
    words = "“Nobody” cannot be a user name: lists and addresses call what has no owner so. Choose another."
    invited = {"name": "TEST", "email": "test@example.invalid", "role": Role.STAFF}
    assert refused(people.invite, by=admin, username="Nobody", **invited) == {"username": words}


def test_without_a_mail_server_the_page_says_where_the_mail_is(reference):
    page = words(Client().get("/accounts/password/reset/"))
    assert "This site has no mail server." in page
    assert "the folder “mail” of its data folder" in page


def test_a_throttled_sign_in_says_how_long_to_wait(staff, settings):
    settings.ACCOUNT_RATE_LIMITS = site.ACCOUNT_RATE_LIMITS  # tests have their own, which never ends
    wrong = [Client().post("/accounts/login/", {"login": "staff", "password": "TEST wrong"}) for _ in range(6)]
    assert "After five wrong tries you wait five minutes." in words(wrong[0])
    assert "Too many sign-ins failed. Wait five minutes, then try again." in words(wrong[5])


def test_one_address_that_tries_many_names_is_throttled_too(reference, settings):
    """Behind the proxy it is the one that the proxy saw, whatever was sent along with it."""
    settings.ACCOUNT_RATE_LIMITS, settings.ALLAUTH_TRUSTED_PROXY_COUNT = site.ACCOUNT_RATE_LIMITS, 1

    def tries(place: int, address: str) -> str:
        came_by = {"X-Forwarded-For": f"192.0.2.{place}, {address}"}
        return words(Client(headers=came_by).post("/accounts/login/", {"login": f"TEST {place}", "password": "TEST"}))

    said = [tries(place, "198.51.100.1") for place in range(11)]
    assert ["Too many sign-ins failed" in one for one in said] == [False] * 10 + [True]
    assert "Too many sign-ins failed" not in tries(11, "198.51.100.2")


def test_sessions_are_listed_and_ended(staff):
    here, elsewhere = Client(headers={"User-Agent": "TEST browser one"}), Client(headers={"User-Agent": "TEST two"})
    for client in (here, elsewhere):
        client.post("/accounts/login/", {"login": "staff", "password": factories.PASSWORD})
    text = words(here.get("/accounts/sessions/"))
    assert "TEST browser one this one" in text
    assert "TEST two" in text
    here.post("/accounts/sessions/")
    assert (here.get("/").status_code, elsewhere.get("/").status_code) == (200, 302)


def test_an_address_is_kept_by_the_administrator(as_staff):
    assert "Your office’s administrator keeps it" in words(as_staff.get("/accounts/email/"))
    assert as_staff.post("/accounts/email/", {"email": "new@example.invalid", "action_add": ""}).status_code == 405


def test_one_session_is_ended_and_no_other(staff, manager):
    mine, elsewhere, theirs = Client(), Client(headers={"user-agent": "TEST other browser"}), Client()
    for client, who in ((mine, staff), (elsewhere, staff), (theirs, manager)):
        client.force_login(who)
        client.get("/help/rights/")  # noted at the first request
    other = UserSession.objects.get(user=staff, user_agent="TEST other browser")
    not_mine = UserSession.objects.get(user=manager)
    assert mine.post(f"/accounts/sessions/{not_mine.pk}/end/").status_code == 404
    page = mine.post(f"/accounts/sessions/{other.pk}/end/", follow=True)
    assert "That browser is signed out." in words(page)
    assert [c.get("/help/rights/").status_code for c in (mine, elsewhere, theirs)] == [200, 302, 200]


def kept(admin, user: User, **changes) -> str:
    """What the administration says when this account is saved with these changes there."""
    client = Client()
    client.force_login(admin)
    form = {"username": user.username, "role": user.role, "is_active": "on", "date_joined_0": "2026-01-01", "date_joined_1": "12:00:00"}  # fmt: skip
    return words(client.post(f"/admin/letters/user/{user.pk}/change/", form | changes, follow=True))


def test_the_administration_keeps_an_administrator_and_the_rights_of_the_role(admin, staff):
    only = f"{admin} is the only administrator. Make somebody else one first."
    assert only in kept(admin, admin, role="staff")
    assert "You cannot close your own account. Ask another administrator." in kept(admin, admin, is_active="")
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == (Role.ADMIN, True)
    assert only not in kept(admin, staff, role="admin")
    assert only not in kept(staff, admin, role="staff")
    rights = User.objects.order_by("username").values_list("username", "role", "is_staff", "is_superuser")
    assert list(rights) == [("admin", "staff", False, False), ("staff", "admin", True, True)]


def test_a_role_that_another_administrator_gave_meanwhile_is_not_taken_back_unseen(as_admin, staff):
    """Of people there is no version: the page brings back the role that it showed."""
    page = as_admin.get(f"/people/{staff.pk}/").content.decode()
    assert '<input type="hidden" name="drawn" value="staff"' in page
    with acting(factories.SETUP):
        User.objects.filter(pk=staff.pk).update(role="viewer")
    told = as_admin.post(f"/people/{staff.pk}/", {"do": "role", "role": "manager", "drawn": "staff"})
    assert told.status_code == 422
    assert "it is “Viewer” now. Save again to make it “Manager”." in words(told)
    assert 'name="drawn" value="viewer"' in told.content.decode()
    assert re.search(r'value="manager"[^>]*checked', told.content.decode())
    staff.refresh_from_db()
    assert staff.role == "viewer"
    # a page on which nothing was changed changes nothing
    as_admin.post(f"/people/{staff.pk}/", {"do": "role", "role": "staff", "drawn": "staff"})
    staff.refresh_from_db()
    assert staff.role == "viewer"
    as_admin.post(f"/people/{staff.pk}/", {"do": "role", "role": "manager", "drawn": "viewer"})
    staff.refresh_from_db()
    assert staff.role == "manager"


def test_an_address_that_was_corrected_meanwhile_is_not_overwritten_unseen(as_admin, admin, staff):
    mailing.correct_address(staff, by=admin, email="old@example.invalid")
    mailing.correct_address(staff, by=admin, email="theirs@example.invalid")
    typed = {"do": "address", "email": "mine@example.invalid", "drawn": "old@example.invalid"}
    told = as_admin.post(f"/mail/failing/{staff.pk}/", typed)
    assert told.status_code == 422
    staff.refresh_from_db()
    assert staff.email == "theirs@example.invalid"
    as_admin.post(f"/mail/failing/{staff.pk}/", typed | {"drawn": staff.email})
    staff.refresh_from_db()
    assert staff.email == "mine@example.invalid"
