"""A new office's first hour in a browser: from the one-time link through the first steps to a first letter."""

from io import StringIO

from django.core.cache import cache
from django.core.management import call_command
from playwright.sync_api import expect

from letters.domain import people
from letters.models import User
from letters.reminders.signs import PING
from tests import factories
from tests.browser.test_import import on_a_phone
from tests.mailbox import serving

PASSWORD = "TEST-long-enough-1"


def test_the_first_administrator_is_led_from_the_link_to_the_first_letters(
    page, live_server, reference, accessible, settings, tmp_path
):
    settings.MEDIA_ROOT, settings.SITE_ADDRESS = tmp_path, live_server.url
    out = StringIO()
    call_command(
        "start_office", "--member", "H000601", "--admin", "first@office.example", "--name", "TEST First", stdout=out
    )
    page.goto(out.getvalue().strip())
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Username").fill("first")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    expect(page.get_by_text("0 of 6 done")).to_be_visible()
    accessible()
    on_a_phone(page, accessible)
    first = User.objects.get(username="first")
    other = people.invite(by=first, username="second", name="TEST Second", email="second@office.example", role="admin")
    other.set_password(PASSWORD)
    with factories.acting(factories.SETUP):
        other.save()
    with serving() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", box.port, False
        page.get_by_role("button", name="Test invitations").click()
        expect(page.locator("#people")).to_contain_text("TEST Second is an administrator beside you.")
        page.get_by_role("button", name="Send a test mail to me").click()
        expect(page.locator("#mail")).to_contain_text("said “250 OK”")
        assert [mail["To"] for mail in box.accepted] == ["first@office.example"]
    page.get_by_role("button", name="Check the agencies").click()
    expect(page.locator("#agencies")).to_contain_text("Department of Education: no address.")
    accessible()
    on_a_phone(page, accessible)
    page.get_by_role("button", name="Ping worker and scheduler").click()
    expect(page.locator("#background")).to_contain_text("See log/worker.log.")
    cache.delete(PING)  # it would stand in the strip of other tests' pages
    page.get_by_role("button", name="Try the sample sheet").click()
    expect(page.locator("#import")).to_contain_text("Nothing of it stayed.")
    expect(page.get_by_text("2 of 6 done")).to_be_visible()
    page.get_by_role("link", name="Import a spreadsheet").click()
    expect(page.get_by_role("heading", name="Import", exact=True)).to_be_visible()
    page.locator("header > div > details.menu > summary").click()
    page.get_by_role("link", name="First steps").click()
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
