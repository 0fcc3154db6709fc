"""A person at a browser acts on a page that has come, and looks at the page that the act led to.

Playwright goes on as soon as the next document has begun: its scripts are not there yet, so a key does nothing, and a
look at it finds no root. An expectation between does not help where the old page meets it too, or the new one before
its scripts. So here every act waits for both: the page it is done on has loaded, and so has the page it leads to.

What a script leads to later, after an answer from the site, nobody can wait for without knowing it: there a test
expects something that only the next page shows.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from playwright.sync_api import Keyboard, Locator, Page

ACTS = (
    "check", "click", "dblclick", "fill", "focus", "hover", "press", "press_sequentially", "select_option", "set_checked", "uncheck",
)  # fmt: skip
# Looked at once, as they are: unlike an expectation they do not look again.
LOOKS = (
    "all", "all_inner_texts", "count", "evaluate", "get_attribute", "inner_text", "input_value", "is_checked", "is_visible", "text_content",
)  # fmt: skip


def _at_rest(page: Page) -> None:
    page.wait_for_load_state("load")


def _resting(do: Callable[..., Any]) -> Callable[..., Any]:
    """The same, from a page at rest to a page at rest. A locator's act itself waits until the next document begins."""

    @wraps(do)
    def done(self: Any, *args: Any, **kwargs: Any) -> Any:
        page = self if isinstance(self, Page) else self.page
        _at_rest(page)
        got = do(self, *args, **kwargs)
        _at_rest(page)
        return got

    return done


class Keys:
    """The keyboard. Playwright's own does not wait for a page that a key leads to; the key of a locator does."""

    def __init__(self, page: Page, real: Keyboard) -> None:
        self.page, self.real = page, real

    def press(self, key: str) -> None:
        """To whatever has the focus."""
        self.page.locator("html, :focus").last.press(key)

    def type(self, words: str) -> None:
        """Into the field that has the focus. By the real keys: a locator's would begin a date anew at each one."""
        _at_rest(self.page)
        self.real.type(words)


def install(patch: pytest.MonkeyPatch) -> None:
    """From now on, for every page of every context."""
    real = Page.keyboard.fget
    for name in ACTS + LOOKS:
        patch.setattr(Locator, name, _resting(getattr(Locator, name)))
    patch.setattr(Page, "evaluate", _resting(Page.evaluate))
    patch.setattr(Page, "keyboard", property(lambda page: Keys(page, real(page))))
