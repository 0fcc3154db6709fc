"""What a form or an address carries as words, as what it is: an id, the version that a page was drawn from."""

import uuid


def uuid_of(words: str) -> uuid.UUID | None:
    """None where they are no id."""
    try:
        return uuid.UUID(words)
    except ValueError:
        return None


def number_of(words: str | None) -> int:
    """The version that a page carries; 0 where it is none."""
    return int(words) if words and words.isdecimal() and len(words) < 10 else 0
