"""README's picture shows the queue as it is."""

from tests.screenshots import README_DIGEST, words_digest


def test_readmes_picture_is_of_todays_queue(page, site, sign_in):
    sign_in("staff")
    page.goto(site + "/", wait_until="networkidle")
    assert README_DIGEST.read_text().strip() == words_digest(page.content()), "run `make screenshots` and look at them"
