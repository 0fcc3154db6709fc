"""What somebody typed into the search box, as a query of PostgreSQL's text search; and what it found, marked."""

import re

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db.models import CharField, F, Func, TextField, Value
from django.db.models.expressions import Combinable

CONFIG = "english"
MAX_LENGTH = 200
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))  # as phones and mails write them
MAX_TOKENS = 20
TOKEN = re.compile(r'(?P<no>-?)"(?P<phrase>[^"]*)"?|(?P<word>\S+)')
# From the private area of Unicode: no letter has them, and where one had, they are taken out before.
BEGIN, END = "\ue000", "\ue001"
MARK = re.compile(f"{BEGIN}(.*?){END}", re.S)

Marked = list[tuple[str, bool]]  # pieces of text, and whether each is what was searched for


def search_query(words: str) -> SearchQuery | None:
    """All words, phrases in quotes, `-without`, `this or that`, `begin*`; the last word may be unfinished. None for no word."""
    found: SearchQuery | None = None
    either = False
    words = words.translate(QUOTES)
    tokens = [token for token in TOKEN.finditer(words) if re.search(r"\w", token[0])][:MAX_TOKENS]
    for place, token in enumerate(tokens):
        if token["word"] and token["word"].lower() == "or" and found is not None and place < len(tokens) - 1:
            either = True
            continue
        part = _part(token, is_last=place == len(tokens) - 1 and not words.endswith(" "))
        found = part if found is None else (found | part if either else found & part)
        either = False
    return found


def _part(token: re.Match, *, is_last: bool) -> SearchQuery:
    if token["word"] is None:
        return SearchQuery(token["phrase"], search_type="phrase", config=CONFIG, invert=bool(token["no"]))
    word = token["word"].strip("\"'“”’.,;:!?()[]")
    without, word = word.startswith("-") and len(word) > 1, word.lstrip("-")
    bare = word.rstrip("*")
    # only bare words become raw queries, so nothing typed is taken for their operators
    begins = SearchQuery(f"{_stem(bare)}:*", search_type="raw", config=CONFIG, invert=without)
    may_begin = re.fullmatch(r"\w{2,}", bare) is not None
    if word.endswith("*") and may_begin:
        return begins
    part = SearchQuery(bare, search_type="plain", config=CONFIG, invert=without)
    return part | begins if is_last and may_begin and not without else part


# Endings that the stemmer takes off a whole word but not off one that is still being typed: “investigation” is kept as
# “investig”, and “investigati” would begin nothing.
UNFINISHED = re.compile(r"(?<=\w{5})(?:at|ati|atio|iti|itie|i|in)$")


def _stem(begun: str) -> str:
    """What the index can have of a word that begins so: without an ending that is only begun. It may find a little more."""
    return UNFINISHED.sub("", begun.lower())


def headline(field: str, query: SearchQuery, *, whole: bool = False) -> SearchHeadline:
    """The words around what was found, or the whole field, with marks that `marked` reads."""
    clean = Func(
        F(field), Value(BEGIN + END), Value(""), function="translate", output_field=TextField()
    )  # fmt: skip
    if whole:
        return SearchHeadline(clean, query, config=CONFIG, start_sel=BEGIN, stop_sel=END, highlight_all=True)
    return SearchHeadline(
        clean, query, config=CONFIG, start_sel=BEGIN, stop_sel=END, max_words=36, min_words=18, max_fragments=2,
        fragment_delimiter=" … ",
    )  # fmt: skip


def marked(text: str) -> Marked:
    """The pieces of a headline. Plain text: whoever shows it escapes it, for a letter may contain HTML."""
    pieces: Marked = []
    end = 0
    for found in MARK.finditer(text):
        pieces += [(text[end : found.start()], False), (found[1], True)]
        end = found.end()
    return [(words, hit) for words, hit in [*pieces, (text[end:], False)] if words]


def plain_text(words: str) -> Combinable:
    """A constant as a column, for unions."""
    return Value(words, output_field=CharField())
