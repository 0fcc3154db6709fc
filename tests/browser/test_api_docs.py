"""The API's docs in a browser: nobody signs in, axe finds nothing, the strict CSP has nothing to refuse."""

import pytest
from playwright.sync_api import Page


# the other two ways to look are those of `test_every_page`
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_the_docs_are_accessible_and_ask_no_other_host(page: Page, site: str, accessible, width: int, scheme: str):
    said, hosts = [], set()
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(site + "/api/docs/")
    for closed in page.locator("details.disclosure").all()[:4]:
        closed.locator("summary").click()
    # before axe, which styles the page while it looks
    assert (said, hosts) == ([], {site.split("/")[2]})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    accessible()


def test_a_problem_s_type_leads_to_its_line(page: Page, site: str):
    page.goto(site + "/api/v1/nonsense/")
    kind = page.evaluate("JSON.parse(document.body.innerText).type")
    page.goto(kind)
    assert page.locator(":target").inner_text().startswith("404")
