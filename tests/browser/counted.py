"""A person at the page, whose every click and key is counted, and timed as the keystroke-level model times them.

Card, Moran and Newell (1980): a key 0.28 s (an average typist), pointing 1.1 s, pressing or releasing the button 0.1 s, and
1.35 s of thought before each step. What the person reads is not in it: reading a letter takes as long as it takes.
"""

from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

KEY, POINT, PRESS, THINK = 0.28, 1.1, 0.1, 1.35


@dataclass
class Person:
    """Counts what it does. A pasted text is one action, a choice in a list two clicks, marking words one drag."""

    page: Page
    counts: dict[str, int] = field(
        default_factory=lambda: {"clicks": 0, "keys": 0, "drags": 0, "pastes": 0, "thoughts": 0}
    )

    def click(self, what: Locator) -> None:
        self._did(clicks=1, thoughts=1)
        what.click()

    def choose(self, what: Locator, label: str) -> None:
        self._did(clicks=2, thoughts=1)
        what.select_option(label=label)

    def type(self, what: Locator, words: str) -> None:
        """Click into a field and type."""
        self._did(clicks=1, keys=len(words), thoughts=1)
        what.click()
        what.press_sequentially(words)

    def press(self, keys: str, *, thinks: bool = False) -> None:
        """A key or a chord; `thinks` where the person has to decide on it first."""
        self._did(keys=keys.count("+") + 1, thoughts=int(thinks))
        self.page.keyboard.press(keys)

    def paste(self, what: Locator, words: str) -> None:
        """Click into a field and paste what was copied elsewhere."""
        self._did(clicks=1, pastes=1, thoughts=1)
        what.click()
        self.page.evaluate("words => navigator.clipboard.writeText(words)", words)
        self.page.keyboard.press("Control+V")

    def mark(self, what: Locator, first: str, last: str = "") -> None:
        """Drag over words, from the first to the last."""
        self._did(drags=1, thoughts=1)
        what.evaluate(
            "(box, [first, last]) => { const from = box.value.indexOf(first);"
            " const to = last ? box.value.indexOf(last, from) + last.length : from + first.length;"
            " if (from < 0 || to < from) throw new Error(`not in the letter: ${first}`);"
            " box.focus(); box.setSelectionRange(from, to); }",
            [first, last],
        )

    @property
    def actions(self) -> int:
        """Clicks, keys, drags and pastes."""
        return sum(number for name, number in self.counts.items() if name != "thoughts")

    @property
    def seconds(self) -> float:
        """By the keystroke-level model."""
        n = self.counts
        clicks = n["clicks"] * (POINT + 2 * PRESS) + n["drags"] * 2 * (POINT + PRESS)
        return clicks + (n["keys"] + 2 * n["pastes"]) * KEY + n["thoughts"] * THINK

    def _did(self, **more: int) -> None:
        for name, number in more.items():
            self.counts[name] += number
