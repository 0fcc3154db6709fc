"""What a page is made of, without its words: which elements, in which others, and by what they say what they are.

axe judges elements where they stand. Of two pages made of the same, the second can hardly fail where the first passes,
but by what is counted over a whole page; that is looked for in each page, by `odd`.
"""

import re
from collections import Counter
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Of these the value says what an element is, of the others that they are there; what scripts read says nothing.
TELLING = {
    "role", "type", "scope", "lang", "tabindex", "colspan", "rowspan", "style", "autocomplete",
    "aria-hidden", "aria-current", "aria-expanded", "aria-pressed", "aria-sort", "aria-live",
}  # fmt: skip
SILENT = re.compile(r"(data-|hx-).*|class|id|value|selected|checked|content")
POINTERS = ("for", "list", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-details")
NAMED = {"a", "button", "label", "summary", "th", "title", "legend", "caption", "h1", "h2", "h3", "h4", "h5", "h6"}
FIELDS = {"input", "select", "textarea"}
BUTTONS = {"hidden", "submit", "button", "reset", "image"}
NAMES = {"aria-label", "aria-labelledby", "title"}
ONCE = ("title", "main", "h1")
# What readers of a screen jump among; the last two only where they have a name.
LANDMARKS = {"nav": "navigation", "aside": "complementary", "section": "region", "form": "form"}
LANDMARK_ROLES = {*LANDMARKS.values(), "banner", "contentinfo", "search"}


class Shape(HTMLParser):
    """`seen` is what the page is made of, `odd` what is wrong in it whatever that is."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[tuple[str, ...]] = set()
        self._within: list[tuple[str, str, str]] = [("", "", "")]  # each with what it stands in as one text, and its id
        self._says: list[bool] = [False]  # whether there is a word in it
        self._ids: Counter[str] = Counter()
        self._tags: Counter[str] = Counter()
        self._pointed: set[str] = set()
        self._labelled: set[str] = set()
        self._landmarks: list[tuple[str, str, list[str]]] = []  # role, name, and the ids whose words are the name
        self._words: dict[str, str] = {}  # of what has an id
        self._unnamed: list[str] = []  # the fields that only a label can name, by id
        self._heading = ""
        self.feed(page)
        self.close()

    @property
    def odd(self) -> list[str]:
        """An id given twice, what points at no id, a field without a label, two landmarks of one name, and what a page has
        one of."""
        twice = [f"the id {one} {n} times" for one, n in self._ids.items() if n > 1]
        astray = [f"no id {one}, though something points there" for one in sorted(self._pointed - set(self._ids))]
        astray += [f"no label for the field {one}" for one in self._unnamed if one not in self._labelled]
        landmarks = Counter(
            (role, " ".join(" ".join(self._words.get(one, "") for one in ids).split()) or name)
            for role, name, ids in self._landmarks
        )
        twice += [f"the {role} “{name}” {n} times" for (role, name), n in landmarks.items() if n > 1]
        return twice + astray + [f"{tag} {self._tags[tag]} times" for tag in ONCE if self._tags[tag] != 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        chain = f"{self._within[-1][1]} {'.'.join([tag, *sorted(facts.get('class', '').split())])}"
        told = (
            f"{name}={facts[name]}" if name in TELLING else name for name in sorted(facts) if not SILENT.fullmatch(name)
        )
        self.seen.add((chain, *told))
        self._tags[tag] += 1
        if facts.get("id"):
            self._ids[facts["id"]] += 1
        if tag in FIELDS and facts.get("type") not in BUTTONS and not NAMES & set(facts) and " label" not in chain:
            self._unnamed.append(facts.get("id", ""))
        for name in POINTERS:
            self._pointed |= set(facts.get(name, "").split())
        if tag == "label" and "for" in facts:
            self._labelled.add(facts["for"])
        if facts.get("href", "").startswith("#"):
            self._pointed |= {facts["href"][1:]} - {""}
        role = facts.get("role") or (LANDMARKS.get(tag, "") if tag in {"nav", "aside"} or NAMES & set(facts) else "")
        if role in LANDMARK_ROLES:
            name = facts.get("aria-label") or facts.get("title", "")
            self._landmarks.append((role, name, facts.get("aria-labelledby", "").split()))
        if re.fullmatch("h[1-6]", tag):
            self.seen.add((self._heading, tag))
            self._heading = tag
        if facts.get("alt") or facts.get("aria-label"):
            self._says = [True] * len(self._says)
        if tag not in VOID:
            self._within.append((tag, chain, facts.get("id", "")))
            self._says.append(bool(facts.get("aria-label")))

    def handle_endtag(self, tag: str) -> None:
        """What is not closed, as <li> and <p> need not be, ends with what it stands in."""
        if not any(tag == one for one, _, _ in self._within):
            return
        ended = ""
        while ended != tag:
            ended, chain, _ = self._within.pop()
            said = self._says.pop()
            if ended in NAMED:
                self.seen.add((chain, "says something" if said else "says nothing"))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self._says = [True] * len(self._says)
            self.seen.add((self._within[-1][1], "words"))
            for _, _, one in self._within:
                if one:
                    self._words[one] = self._words.get(one, "") + data
