"""One thing that happened, in the words of the screen: a line of the timeline. `happened` says what belongs to one act."""

import datetime as dt

from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone

from letters.domain.deadlines import count, long_date
from letters.domain.words import initial, office_time
from letters.enums import CLOSED_STATUSES, ContactChannel, Coverage, EventKind, ResponseKind, Said, Status
from letters.models import Event
from letters.web.reply_words import in_a_word, restored

# The moments that stand for a day: noon of one that is over (`clocks.noon`), and the midnight after which a date has passed.
OF_A_DAY = (dt.time(12), dt.time())


def url_of(event: Event) -> str:
    """The page of the item it is about, where it is about one."""
    return reverse("item", args=[event.tasking_id]) if event.tasking_id else ""


def line_of(event: Event, one_item: bool) -> dict:
    """As components/timeline.html draws it; `one_item`: on a page that is about this item alone."""
    what = "" if one_item or not event.tasking else f"{event.tasking}: "
    detail = ""
    url = "" if one_item else url_of(event)
    match event.kind:
        case EventKind.STATUS_CHANGED if event.from_status == Status.DRAFT:
            words = "began to wait"
        case EventKind.STATUS_CHANGED if event.from_status == Status.ENTERED_IN_ERROR:
            # it had left every count, often for another item that it seemed to repeat: no end, and nothing is reopened
            words, detail = "counts again", event.reason or "taken back"
        case EventKind.STATUS_CHANGED if _asks_anew(event):
            words, detail = f"“{Status(event.from_status).label}” was reopened", event.reason
        case EventKind.STATUS_CHANGED:
            became = f"“{Status(event.to_status).label}”"
            if event.payload.get("repeats"):
                became = "part of what was asked before"
            again = " again" if event.payload.get("undoes") else ""
            words = f"“{Status(event.from_status).label}” became {became}{again}"
            detail = event.reason or ("taken back" if again else "")
        case EventKind.PAST_DUE:
            words = f"passed {date_name(event)}, {long_date(event.due_on)}"
        case EventKind.DUE_DATE_MOVED:
            which = "expected acknowledgment" if event.payload.get("clock") else "due date"
            words = f"{which} moved from {_day(event, 'from')} to {_day(event, 'to')}"
            detail = event.reason
        case EventKind.ACKNOWLEDGEMENT_LATE:
            words = f"no acknowledgment by {long_date(event.due_on)}"
        case EventKind.EXTENDED if event.payload.get("taken_back"):
            is_moved = event.payload["from"] != event.payload["to"]
            now = f"from {_day(event, 'from')} to {_day(event, 'to')}" if is_moved else f"still {_day(event, 'to')}"
            words = f"the time given is taken back: {now}"
            detail = event.reason
        case EventKind.EXTENDED:
            who = "they need more time" if event.payload.get("by_notice") else "we agreed to more time"
            words = f"{who}: from {_day(event, 'from')} to {_day(event, 'to')}"
            detail = event.reason
        case EventKind.RESPONSE_RECORDED:
            # what it is as a whole may only be known once it is read, but for an acknowledgment
            is_receipt = event.payload["kind"] == ResponseKind.ACKNOWLEDGEMENT
            what_came = ResponseKind.ACKNOWLEDGEMENT.label if is_receipt else "reply"
            words = f"{what_came} recorded, received {_day(event, 'received_on')}"
        case EventKind.ANSWER_ASSESSED:
            said = f": “{_label(Said, event, 'said')}”" if event.payload.get("said") else ""
            words = f"reply read{said}; it {_label(Coverage, event, 'coverage')}"
        case EventKind.REVIEW_SET:
            words = f"they take no position: look again on {_day(event, 'review_on')}"
        case EventKind.RENEWED:
            words, detail = f"asked again on {_day(event, 'renewed_on')}", event.reason
            words = f"not {words} after all" if event.payload.get("taken_back") else words
        case EventKind.RESPONSE_IN_ERROR if event.payload.get("not_about"):
            words = "the reply was looked at: it says nothing about this one"
            # one that is consulted may end in the same act
            if event.payload["status"] not in CLOSED_STATUSES:
                words += ", which waits as if it had never come"
        case EventKind.RESPONSE_IN_ERROR | EventKind.EVIDENCE_IN_ERROR | EventKind.CONTACT_IN_ERROR:
            words = f"{event.get_kind_display()}{f': {event.reason}' if event.reason else ''}"
            detail = restored(event.payload)
        case EventKind.EVIDENCE_CHECKED:
            words = "evidence looked at again: it still proves it"
        case EventKind.EVIDENCE_ADDED:
            words = "evidence added"
            detail = event.payload.get("citation") or event.payload.get("url") or "a reply we hold"
        case EventKind.NOTE_ADDED if event.payload.get("taken_back"):
            words = "note taken back"
        case EventKind.ASSIGNED:
            words = f"owner: {event.payload.get('to') or 'nobody'}"
        case EventKind.SNOOZED:
            until = event.payload.get("until")
            words = f"remind me on {_day(event, 'until')}" if until else "reminders as usual again"
        case EventKind.CONTACT_LOGGED:
            words = f"our {_label(ContactChannel, event, 'channel')} on {_day(event, 'on')}"
        case EventKind.LETTER_SENT:
            words = f"Letter sent to {count(len(event.payload.get('agencies', [])), 'addressee')}"
            detail = _logged_later(event)
        case EventKind.ATTACHMENT_ADDED if event.payload.get("file"):
            words, detail = f"{in_a_word(event)}: {event.payload['file']}", event.reason
        case EventKind.LETTER_LINKED if "other_reference" in event.payload:
            words, url = in_a_word(event), reverse("letter", args=[event.payload["other_reference"]])
        case _:
            words, detail = in_a_word(event), event.reason
    words = what + words
    return base_of(event, initial(words)) | {"detail": detail, "url": url}


def _logged_later(event: Event) -> str:
    """When the letter was written down here, where that was after the day it went out."""
    logged = timezone.localdate(event.recorded_at) if event.recorded_at else None
    return f"logged {long_date(logged)}" if logged and logged > timezone.localdate(event.occurred_at) else ""


def _asks_anew(event: Event) -> bool:
    # not "became no reply recorded": the replies it had are recorded still
    return event.from_status in CLOSED_STATUSES and "undoes" not in event.payload


def base_of(event: Event, words: str) -> dict:
    """A line of these words, with when and by whom."""
    # a letter's own day is a day, and so is that of a status written down later; what we did has a time
    moment = event.recorded_at if "undoes" in event.payload else event.occurred_at
    day = timezone.localdate(moment)
    later = event.kind == EventKind.STATUS_CHANGED and day < timezone.localdate(event.recorded_at)
    day_only = (
        event.kind == EventKind.LETTER_SENT or event.from_status == Status.DRAFT or later or _is_day(event, moment)
    )
    return {
        "when": long_date(day) if day_only else office_time(moment),
        "iso": moment.isoformat(),
        "words": words,
        "by": _by_words(event),
        "by_user_id": event.by_user_id,  # whose words those are: two may be called the same
        "kind": _line_kind(event),
    }


def _is_day(event: Event, moment: dt.datetime) -> bool:
    """Whether only the day is known: what is recorded as it happens has its own time, be it noon."""
    return timezone.localtime(moment).time() in OF_A_DAY and moment != event.recorded_at


def _by_words(event: Event) -> str:
    """Who did it, and with which key where a program did it in their name."""
    if not event.by_user:
        return ""
    key = event.payload.get("by_key")
    return f"{event.by_user}, with the key “{key}”" if key else str(event.by_user)


def _line_kind(event: Event) -> str:
    if event.kind == EventKind.PAST_DUE:
        return "late" if event.payload.get("due_basis") == "yardstick" else "red"
    if event.kind == EventKind.STATUS_CHANGED and event.to_status in (Status.IMPLEMENTED, Status.ANSWERED):
        return "done"
    if event.kind in (EventKind.LETTER_SENT, EventKind.CONTACT_LOGGED, EventKind.RENEWED):
        return "ours"
    return ""


def date_name(event: Event) -> str:
    """What kind of date it is that passed."""
    return {
        "letter": "the date the letter set",
        "promise": "the date promised",
        "statute": "the date the law sets",
    }.get(event.payload.get("due_basis", ""), "our usual wait")


def _label(choices: type[TextChoices], event: Event, name: str) -> str:
    """The screen's word for a code in an event's payload; codes never reach the page."""
    return str(choices(event.payload[name]).label)


def _day(event: Event, name: str) -> str:
    value = event.payload.get(name)
    return long_date(dt.date.fromisoformat(value)) if value else "no date"
