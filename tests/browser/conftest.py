"""A real browser at a real server: Debian's Chromium, started once a run."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import APIRequestContext, Page, Playwright, expect

from letters.domain.keys import create_key
from letters.enums import SystemProcess
from tests import factories
from tests.browser import at_rest

# Playwright keeps an event loop in this thread, and Django takes that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Two workers share a machine of two cores with the servers: five seconds, the default, are now and then too few.
expect.set_options(timeout=30_000)

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LOOK = """async ([asked, source]) => {
  if (source) (0, Function)(source).call(window);
  if (!('axe' in window)) return null;
  const found = await axe.run(asked);
  return found.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(' | ')}`);
}"""
# Nothing that phones home, and what a browser needs to run as root.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The main job, from signing in to a proof: once more in the second round, on its servers. What else happens here happens
# in Chromium, and what it asks of a server the tests of the pages ask of both.
ON_BOTH = "test_first_light.py"


@pytest.hookimpl(tryfirst=True)  # before `-m` reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.name != ON_BOTH:
            item.add_marker("once")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("No Chromium here. Install Debian's package “chromium” (apt-get install chromium), then run again.")
    return browser_type_launch_args | {"executable_path": chromium, "args": FLAGS}


@pytest.fixture(scope="session", autouse=True)
def acts_wait_for_their_page():
    """No key, click or look between two pages: see there."""
    with pytest.MonkeyPatch.context() as patch:
        at_rest.install(patch)
        yield


@pytest.fixture
def site(live_server, seed) -> str:
    """The address of a running site with the seed letter."""
    return live_server.url


@pytest.fixture
def sign_in(page: Page, site: str) -> Callable[[str], Page]:
    """Sign in through the page, as a person does."""

    def sign_in(role: str) -> Page:
        factories.user(role)
        page.goto(site + "/accounts/login/")
        page.get_by_label("Username").fill(role)
        page.get_by_label("Password").fill(factories.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(site + "/")
        return page

    return sign_in


@pytest.fixture
def violations(page: Page) -> Callable[..., list[str]]:
    """What axe finds wrong with the page as it is now, by all rules or only by those named."""
    source = AXE.read_text()
    # Of a rule that is kept axe tells no place: telling them took a third of its time. None needs a file read again.
    said = {"resultTypes": ["violations"], "preload": False}

    def look(rules: Sequence[str] = ()) -> list[str]:
        # target-size is of WCAG 2.2, and off by default
        asked = {"runOnly": list(rules)} if rules else {"rules": {"target-size": {"enabled": True}}}
        found = page.evaluate(LOOK, [said | asked, ""])
        if found is None:  # half a megabyte to read: once for each page that comes
            found = page.evaluate(LOOK, [said | asked, source])
        return found

    return look


@pytest.fixture
def accessible(violations) -> Callable[[], None]:
    """The page as it is now passes axe without a violation."""

    def check() -> None:
        assert violations() == []

    return check


@pytest.fixture
def api(playwright: Playwright, site: str) -> APIRequestContext:
    """An API consumer with a key of the office."""
    key = create_key("TEST consumer", scope="office", by=SystemProcess.COMMAND)
    context = playwright.request.new_context(base_url=site, extra_http_headers={"Authorization": f"Bearer {key}"})
    yield context
    context.dispose()


@pytest.fixture(autouse=True)
def nothing_fails_in_the_browser(page: Page, request: pytest.FixtureRequest):
    """No script error, no refusal by the policy, no request to another host."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on(
        "console",
        lambda message: (
            problems.append(f"console: {message.text}") if "Content Security Policy" in message.text else None
        ),
    )
    page.on(
        "request", lambda made: problems.append(f"left the site: {made.url}") if "localhost" not in made.url else None
    )
    yield
    # axe measures with styles of its own, which the policy rightly refuses
    ours = [problem for problem in problems if "Applying inline style" not in problem]
    assert ours == []
