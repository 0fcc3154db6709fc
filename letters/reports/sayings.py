"""The words for what somebody said, by who said it: the one that reads them, another by its name, or nobody that the record
names. Pure: no models, no clock."""

from dataclasses import dataclass

YOU, NOBODY = "you", ""


@dataclass(frozen=True)
class Saying:
    """The same said of the reader, of another, and where a person entered it and no reply says whose word it is."""

    you: str
    another: str  # `{who}`: its name
    nobody: str


TOLD = Saying("You told us", "{who} told us", "We were told")
ASKED_OF_US = Saying("you asked something of us", "{who} asked something of us", "something was asked of us")
NEEDS_TIME = Saying(
    "You told us that you need time", "{who} told us that it needs time", "We were told that more time is needed,"
)
TAKES_NONE = Saying("You have taken no position", "{who} has taken no position", "No position has been taken")
LOOKS = Saying("You are looking into", "{who} is looking into", "We were told of work on")
HAS_LETTER = Saying("You have our letter", "{who} has our letter", "Our letter was received")
REPLY = Saying("your reply", "{who}’s reply", "a reply")


def say(saying: Saying, who: str) -> str:
    """In words, with a capital where they begin with a name and a sentence; `who`: YOU, a name or NOBODY."""
    if who == YOU:
        return saying.you
    if who == NOBODY:
        return saying.nobody
    words = saying.another.format(who=who)
    return words[:1].upper() + words[1:] if saying.you[0].isupper() else words
