"""A page's forms as a browser would send them back, with nothing typed."""

from html.parser import HTMLParser
from typing import Any


class _Forms(HTMLParser):
    """Each form: its address, its buttons, and the values that it was drawn with."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]], dict[str, str]]] = []
        self._text, self._select = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((has.get("action", ""), [], {}))
        if not self.forms:
            return
        _, buttons, values = self.forms[-1]
        name = has.get("name", "")
        if tag == "button" and name:
            buttons.append((name, has.get("value", "")))
        elif tag == "input" and name and (has.get("type") not in ("radio", "checkbox") or "checked" in has):
            values[name] = has.get("value", "")
        elif tag == "textarea":
            self._text = name
            values[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in has or self._select not in values):
            values[self._select] = has.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # the first line break behind the tag is no part of the text; the others are sent as CRLF
            values = self.forms[-1][2]
            values[self._text] = values[self._text].removeprefix("\n").replace("\n", "\r\n")
            self._text = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.forms[-1][2][self._text] += data


def drawn(answer: Any, do: str, *, to: str = "") -> dict[str, str]:
    """What pressing the button `do` of a page would send; `to`: of the form with that address, where several have one."""
    parser = _Forms()
    parser.feed(answer.content.decode())
    for action, buttons, values in parser.forms:
        if ("do", do) in buttons and to in ("", action):
            return values | {"do": do}
    raise AssertionError(f"no form has a button “{do}”")
