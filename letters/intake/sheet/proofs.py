"""What the words of an “Evidence” cell prove, as text. Pure: an export writes them so that they are read as the same again."""

import re

from letters.domain.rules import WEB_ADDRESS, plain
from letters.enums import EvidenceKind

FEDERAL_REGISTER = re.compile(r"\b\d{1,3}\s+(?:FR|Fed\.?\s?Reg\.?)\s+[\d,]+", re.I)
# Other words (“per call with OLA 5/3”) are nobody's official list, and prove nothing.
OFFICIAL_LIST = re.compile(r"\b(?:list|lists|listed|listing|listings|SDN|CMIC|1260H|UFLPA|part 744)\b", re.I)
SAID = {EvidenceKind.FEDERAL_REGISTER: "Federal Register: ", EvidenceKind.LIST_ENTRY: "List entry: "}
THIS_REPLY = "This reply"
LINKED = re.compile(r"\A(?P<url>https?://\S+) \((?P<citation>.*)\)\Z", re.I | re.S)
PAGE = re.compile(r"\A(?P<citation>.*) \(page: (?P<url>https?://\S+)\)\Z", re.I | re.S)


def is_this_reply(words: str) -> bool:
    """Whether the reply of the same row is the evidence."""
    return plain(words).strip(" .") in (plain(THIS_REPLY), "the reply")


def split_proof(words: str) -> tuple[str, str, bool]:
    """A citation, the address of the page beside it, as `as_proof` writes the two, and whether the page is what proves."""
    if found := LINKED.match(words):
        return found["citation"], found["url"], True
    if WEB_ADDRESS.match(words):
        return "", words, True
    found = PAGE.match(words)
    return (found["citation"], found["url"], False) if found else (words, "", False)


def read_citation(words: str) -> tuple[EvidenceKind, str] | None:
    """Its kind and the citation; None for words that name neither the Federal Register nor a list."""
    for kind, said in SAID.items():
        if words.casefold().startswith(said.casefold()) and words[len(said) :].strip():
            return kind, words[len(said) :].strip()
    if FEDERAL_REGISTER.search(words):
        return EvidenceKind.FEDERAL_REGISTER, words
    return (EvidenceKind.LIST_ENTRY, words) if OFFICIAL_LIST.search(words) else None


def as_citation(kind: str, citation: str) -> str:
    """A citation as `read_citation` gives it back: with its kind before it, where the words alone would say another."""
    if not citation or kind not in SAID or read_citation(citation) == (kind, citation):
        return citation
    return SAID[EvidenceKind(kind)] + citation


def as_proof(kind: str, citation: str, url: str) -> str:
    """The words of a cell for it; what proves stands first."""
    if kind == EvidenceKind.RESPONSE:
        return THIS_REPLY
    if kind == EvidenceKind.URL:
        return f"{url} ({citation})" if citation else url
    said = as_citation(kind, citation)
    return f"{said} (page: {url})" if url else said
