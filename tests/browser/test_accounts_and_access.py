"""Two stories of who gets in and who sees what: somebody new signs in in two steps; a restricted letter is nowhere."""

import base64
import hmac
import re
import struct
import time

from playwright.sync_api import Page, expect

from letters.domain import items
from letters.models import Letter, Tasking, User
from tests import factories

PASSWORD = "TEST long enough to keep 7"


def code_of(secret: str, at: float) -> str:
    """What an authenticator app shows at a moment (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at) // 30), "sha1")
    (number,) = struct.unpack(">I", digest[digest[-1] & 15 :][:4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


def give_password(page: Page) -> None:
    page.get_by_label("Username").fill("nina")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_somebody_is_invited_and_signs_in_in_two_steps(page, browser, site, sign_in, accessible, settings):
    settings.MFA_TOTP_TOLERANCE = 1  # the next code too: none is taken twice, and nobody waits half a minute here
    sign_in("admin")
    page.locator(".menu summary", has_text="admin").click()
    page.get_by_role("link", name="People").click()
    page.get_by_label("Name", exact=True).fill("TEST Nina")
    page.get_by_label("User name").fill("nina")
    page.get_by_label("E-mail").fill("nina@example.gov")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("heading", name="The link for TEST Nina")).to_be_visible()
    accessible()
    link = page.get_by_label("Link", exact=True).input_value()

    context = browser.new_context()
    theirs = context.new_page()
    theirs.goto(link)
    theirs.get_by_label(re.compile("^new password$", re.I)).fill(PASSWORD)
    theirs.get_by_label(re.compile("again", re.I)).fill(PASSWORD)
    theirs.get_by_role("button", name="Save the password").click()
    theirs.goto(site + "/accounts/login/")
    give_password(theirs)
    theirs.wait_for_url(site + "/")
    theirs.locator(".menu summary", has_text="nina").click()
    theirs.get_by_role("link", name="Two-step sign-in").click()
    theirs.get_by_role("link", name="Add an app").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.locator("main form button[type=submit]").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Add an authenticator app")
    secret = theirs.get_by_role("textbox", name="Secret").input_value()
    theirs.get_by_label(re.compile("^authenticator code$", re.I)).fill(code_of(secret, time.time()))
    theirs.get_by_role("button", name="Add the app").click()
    expect(theirs.get_by_text("Authenticator app activated.")).to_be_visible()
    theirs.locator(".menu summary", has_text="nina").click()
    theirs.get_by_role("button", name="Sign out").click()
    theirs.goto(site + "/accounts/login/")
    give_password(theirs)
    expect(theirs.get_by_label(re.compile("code", re.I))).to_be_visible()
    assert (
        theirs.request.get(site + "/").url == site + "/accounts/2fa/authenticate/"
    )  # the password alone opens nothing
    theirs.get_by_label(re.compile("code", re.I)).fill(code_of(secret, time.time() + 30))
    theirs.get_by_role("button", name=re.compile("Sign in|Continue")).click()
    theirs.wait_for_url(site + "/")
    expect(theirs.locator(".headline")).to_contain_text("7 open items")
    assert User.objects.get(username="nina").role == "staff"
    # the link works once
    theirs.goto(link)
    expect(theirs.get_by_role("heading", name="This link no longer works")).to_be_visible()
    context.close()


def test_a_letter_restricted_to_named_staff_is_nowhere_for_others(page, browser, site, sign_in, accessible):
    letter = factories.sent(
        subject="TEST quagga letter", text="TEST quaggaword", agencies=["gao"], kind_code="sanction",
        ask_facts={"targets": [factories.target("TEST Quagga Co")]},
    )  # fmt: skip
    item = Tasking.objects.get(ask__letter=letter)
    items.add_note(by=factories.SETUP, letter=letter, text="TEST quagganote")
    factories.user("manager")
    factories.user(username="anna")

    def sights(of: Page) -> dict[str, bool]:
        """Where the letter shows, whatever is asked."""
        seen = {}
        for path, name in [
            ("/?ours=all", "TEST ask"), ("/letters/", "TEST quagga letter"), ("/search/?q=quaggaword", 'data-total="1"'),
            ("/search/?q=quagganote", 'data-total="1"'), ("/targets/", "TEST Quagga Co"),
            ("/agencies/gao/", "TEST quagga letter"), ("/suggest/targets/?q=quagga", "TEST Quagga Co"),
            ("/queue.csv?ours=all", "TEST Quagga Co"),
        ]:  # fmt: skip
            seen[path] = name in of.request.get(site + path).text()
        of.goto(f"{site}/?ours=all")
        seen["count"] = "8 open items" in of.locator(".headline").inner_text()
        seen["page"] = of.request.get(f"{site}/letters/{letter.reference}/").status == 200
        seen["item"] = of.request.get(f"{site}/items/{item.pk}/").status == 200
        return seen

    sign_in("staff")
    assert [where for where, is_seen in sights(page).items() if not is_seen] == []
    context = browser.new_context()
    theirs = context.new_page()
    theirs.goto(site + "/accounts/login/")
    theirs.get_by_label("Username").fill("manager")
    theirs.get_by_label("Password").fill(factories.PASSWORD)
    theirs.get_by_role("button", name="Sign in").click()
    theirs.wait_for_url(site + "/")
    theirs.goto(f"{site}/letters/{letter.reference}/access/")
    theirs.get_by_text("Named staff only; for everybody else it does not exist").click()
    theirs.get_by_text("anna", exact=True).click()
    theirs.get_by_label("Why").fill("TEST a source")
    theirs.get_by_role("button", name="Save").click()
    expect(theirs.get_by_text("see this letter; for others it does not exist.")).to_be_visible()
    assert [where for where, is_seen in sights(theirs).items() if not is_seen] == []
    context.close()

    assert [where for where, is_seen in sights(page).items() if is_seen] == []
    page.goto(f"{site}/letters/{letter.reference}/")
    expect(page.get_by_text("TEST quagga")).to_have_count(0)
    accessible()
    assert Letter.objects.get(pk=letter.pk).access == "restricted"
