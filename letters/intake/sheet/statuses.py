"""What the words of a status column mean: one printed table. Pure. What is not in it is flagged, never guessed."""

from letters.domain.rules import plain
from letters.enums import Channel, Coverage, ResponseKind, Said, Stance, Status

# Where the record needs more than a word (a reply, evidence, a reason, a date), the row has to bring it.
WORDS: dict[Status, tuple[str, ...]] = {
    Status.AWAITING: (
        "", "open", "pending", "sent", "outstanding", "awaiting", "awaiting response", "awaiting reply", "waiting", "no response",
        "no reply", "no response yet", "no reply yet", "not answered", "no reply recorded", "unanswered", "none", "n/a", "new",
    ),
    Status.ACKNOWLEDGED: ("acknowledged", "received", "receipt acknowledged", "interim acknowledgement", "ack", "interim ack"),
    Status.CONSIDERING: (
        "considering", "looking into it", "under review", "in review", "reviewing", "in progress", "in process", "under consideration",
    ),
    Status.CLARIFICATION: ("clarification", "waiting on us", "waiting for us", "needs clarification", "back to us"),
    Status.PARTLY_ADDRESSED: (
        "partly addressed", "partly_addressed", "partly done", "partial", "partially answered", "partial response", "partly answered",
        "partially addressed",
    ),
    Status.PROMISED: ("promised", "committed", "agreed"),
    Status.ANSWERED: ("answered", "responded", "replied", "response received", "reply received", "final response"),
    Status.IMPLEMENTED: ("implemented", "done", "complete", "completed", "granted", "listed", "action taken", "fulfilled", "provided"),
    Status.DECLINED: ("declined", "refused", "denied", "rejected", "no"),
    Status.NOT_IMPLEMENTED: ("not implemented", "not_implemented", "lapsed", "expired", "never answered", "dead"),
    Status.OVERTAKEN: ("overtaken", "no longer needed", "moot", "overtaken by events", "obe", "superseded"),
    Status.WITHDRAWN: ("withdrawn", "retracted", "rescinded"),
    # what an export says of a follow-up's own item, which repeats another: come back as open, it would be chased
    Status.ENTERED_IN_ERROR: ("entered in error", "entered_in_error"),
}  # fmt: skip
BY_WORD = {word: status for status, words in WORDS.items() for word in words}
# Words that sound like an end and do not say which.
UNCLEAR = {
    "closed": "Say how: done (with evidence), answered or refused (with the reply), lapsed or no longer needed (with a reason).",
    "resolved": "Say how: done (with evidence), answered (with the reply), or no longer needed (with a reason).",
    "transferred": "Import it as open, then pass it on to the other agency on its page.",
    "passed on": "Import it as open, then pass it on to the other agency on its page.",
    "referred": "Import it as open, then pass it on to the other agency on its page.",
}
# What a reply says where only the status tells of it, by the table of docs/said.md.
SAYS: dict[Status, Said] = {
    Status.ACKNOWLEDGED: Said.RECEIVED,
    Status.CONSIDERING: Said.LOOKING,
    Status.CLARIFICATION: Said.NEEDS_US,
    Status.PARTLY_ADDRESSED: Said.PARTLY,
    Status.PROMISED: Said.PROMISED,
    Status.ANSWERED: Said.ANSWERED,
    Status.DECLINED: Said.REFUSED,
}


def read_status(words: str) -> Status | None:
    """The status that words mean; None for words that the table does not have."""
    return BY_WORD.get(plain(words).strip(" .!"))


def read_choice(
    words: str, choices: type[Stance] | type[ResponseKind] | type[Coverage] | type[Channel] | type[Said]
) -> str | None:
    """A code of ours from the code or its label, whatever the capitals; None for words that are neither."""
    wanted = plain(words)
    for choice in choices:
        if wanted in (choice.value, plain(str(choice.label)), choice.value.replace("_", " ")):
            return str(choice.value)
    return None
