"""What the form of a reply holds that is saved nowhere, or would be left out."""

from collections.abc import Collection, Iterable
from typing import Any

from letters.web.forms import holds_words
from letters.web.reply_form import SHARED, ItemWordForm, ReplyFactsForm, SaidForm

LEAVES_OUT = (
    "You chose what they said. “Save” keeps that. “Save, read later” keeps only that the reply came, with its words and "
    "quotes: press it once more to leave out the rest."
)
NOT_SAID = "Say what they said about “{}”, or {}."
WORDS = {*SHARED, "quote", "page"} - {"evidence"}


def is_typed(
    facts: ReplyFactsForm | None, shared: SaidForm, items: Iterable[ItemWordForm], elsewhere: Iterable[tuple[str, str]]
) -> bool:
    """Whether words, days or files are in it; `elsewhere`: of items of another agency, as `typed_elsewhere` names them."""
    waits = facts is not None and bool(facts.fields["files"].waiting)
    drawn = [form for form in (facts, shared, *items) if form is not None]
    return waits or any(name[37:] in WORDS for name, _ in elsewhere) or holds_words(drawn)


def not_said(form: ItemWordForm, *, held: bool) -> str:
    """What is asked of a ticked item of which nothing is said, with the way out; `held`: of a reply that we hold."""
    return NOT_SAID.format(form.tasking, "untick it" if held else "save the reply to be read later")


def chooses(items: Collection[ItemWordForm], shared: dict[str, Any]) -> bool:
    """Whether somebody chose what they said, which a reply that is kept to be read later does not keep."""
    own = [form.cleaned_data[name] for form in items for name in ("said", "coverage", "stance", "status")]
    return any([shared["said"], shared["kind"], *own])
