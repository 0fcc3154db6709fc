"""A letter that was logged wrongly is logged anew, sent, and the wrong one taken back: as a person does it."""

import re

from playwright.sync_api import expect

from letters.models import Letter


def test_a_letter_is_logged_anew_and_the_wrong_one_taken_back(page, site, sign_in, accessible):
    sign_in("manager")
    page.goto(f"{site}/letters/2023-0001/")
    page.get_by_role("link", name="Put it right").click()
    accessible()
    page.get_by_role("button", name="Log it anew").click()
    page.wait_for_url(re.compile("/letters/drafts/"))
    expect(page.get_by_text("Copied from 2023-0001")).to_be_visible()
    expect(page.get_by_label("Subject")).to_have_value("Huawei Cloud and other PRC cloud computing services")
    accessible()
    page.get_by_label("Kind of ask").nth(4).select_option(label="Other")
    page.get_by_role("button", name="Review").click()
    expect(
        page.get_by_text("This is a copy of 2023-0001: take that one back on its page once this is sent.")
    ).to_be_visible()
    expect(page.get_by_text("logged already?")).to_have_count(0)
    expect(page.get_by_text("Asked before, and still open")).to_have_count(0)
    accessible()
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(re.compile("/letters/2023-0002/"))

    expect(page.get_by_text("Both count now: take that one back")).to_be_visible()
    accessible()
    page.get_by_role("main").get_by_role("link", name="2023-0001", exact=True).first.click()
    page.wait_for_url(re.compile("/letters/2023-0001/"))
    expect(page.get_by_role("link", name="Logged anew as 2023-0002")).to_be_visible()
    page.get_by_role("link", name="Take the letter back").click()
    expect(page.get_by_text("7 open items close as entered in error, with 1 more where")).to_be_visible()
    accessible()
    page.get_by_label("What was wrong with it?").fill("TEST a wrong kind, logged anew as 2023-0002")
    page.get_by_role("button", name="Take the letter back").click()
    expect(
        page.get_by_text("This letter was entered in error. It keeps its number and counts nowhere.")
    ).to_be_visible()
    expect(page.get_by_text("Logged anew as 2023-0002.")).to_be_visible()
    accessible()
    assert list(Letter.objects.order_by("reference").values_list("reference", "state")) == [
        ("2023-0001", "entered_in_error"), ("2023-0002", "sent"),
    ]  # fmt: skip
    kinds = [
        list(one.asks.order_by("number").values_list("kind__code", flat=True))
        for one in Letter.objects.order_by("reference")
    ]
    assert (kinds[0][:4] == kinds[1][:4], kinds[1][4]) == (True, "other")


def test_an_ask_that_was_left_out_is_added(page, site, sign_in, accessible):
    sign_in("staff")
    page.goto(f"{site}/letters/2023-0001/")
    page.get_by_role("link", name="Put it right").click()
    page.get_by_role("link", name="Add an ask", exact=True).click()
    page.wait_for_url(re.compile("/asks/add/"))
    accessible()
    page.get_by_label("Kind of ask").select_option(value="sanction")
    page.get_by_label("Whom it is about").fill("Huawei Clod")
    page.get_by_role("group", name="Who owes the reply").get_by_text("Department of the Treasury").click()
    page.get_by_label("Why is the record corrected?").fill("TEST the paper asks for one more thing")
    page.get_by_role("button", name="Add the ask").click()
    expect(page.get_by_text("“Huawei Clod” is not in our record yet. Is Huawei Cloud").first).to_be_visible()
    accessible()
    page.get_by_label("Whom it is about").fill("Huawei Cloud")
    page.get_by_role("button", name="Add the ask").click()
    expect(page.get_by_text("is ask 6 of 2023-0001 now, asked on the day the letter was sent")).to_be_visible()
    expect(page.get_by_role("heading", name="6 asks, 3 agencies, 8 open items")).to_be_visible()
