"""Reply records by a plain count in Python: knows no SQL and no condition of ours, only the rows as they stand.

Used upon the random histories of `test_dashboard_numbers`, so that one mistake does not stand on both sides.
"""

import datetime as dt
import html
import re
from collections import Counter, defaultdict

from django.utils import timezone

CELL = re.compile(r'<td [^>]*data-column="(\w+)"[^>]*>(.*?)</td>', re.S)
ROW = re.compile(r'<tr data-key="([\w-]+)" data-row>.*?</tr>', re.S)
# What each page has, whatever the history.
ALWAYS = ("asked", "open", "acknowledged", "answered_letter", "answered_yardstick", "half", "longest", "replied_full", "more_time")  # fmt: skip
SHOWS = ("time", "said", "ended", "more")
OPEN = ("awaiting", "acknowledged", "considering", "clarification", "partly_addressed", "promised")
ANSWERING = ("substantive", "declination", "official_action")
NOT_ANSWERING = ("received", "looking", "needs_us", "other_agency")
GONE = ("overtaken", "withdrawn", "transferred")


class Item:
    """One item's fate on one day, told step by step."""

    def __init__(self, t, events, today: dt.date):
        self.t, self.today = t, today
        self.ended = None if t.status in OPEN else timezone.localdate(t.status_event.occurred_at)
        undone = {e.payload["undoes"] for e in events if "undoes" in e.payload}
        moves = [
            e for e in events if e.kind == "status_changed" and "undoes" not in e.payload and str(e.pk) not in undone
        ]
        reopened = [e.recorded_at for e in moves if e.from_status not in (*OPEN, "draft")]
        self.again = max(reopened) if reopened else None

    @property
    def reply(self) -> dt.date | None:
        """The day of their complete reply: of what was done already, that of the deed; of what we had let go already, none."""
        came, after = self.t.answered_on, self.ended is not None and (self.t.answered_on or self.ended) > self.ended
        if after and self.t.status == "implemented":
            return self.ended
        return None if after and self.t.status in GONE else came

    @property
    def answer(self) -> dt.date | None:
        by_deed = self.t.status in ("answered", "implemented", "declined")
        return self.reply or (self.ended if by_deed else None)

    def in_time(self) -> str:
        t, due, today = self.t, self.t.due_on, self.today
        if t.due_basis == "promise":
            if t.status in ("answered", "implemented"):
                return "yes" if self.ended <= due else "no"
            if t.status == "declined":
                return "no"
        elif self.answer:
            return "yes" if self.answer <= due else "no"
        if t.status in GONE:
            return "no" if self.ended > due else ""
        if t.status == "clarification" or (t.status in OPEN and t.review_on and t.due_basis != "promise"):
            return ""
        return "no" if today > due else ""

    def first_word(self) -> str:
        t = self.t
        if t.acknowledged_on and t.acknowledged_on <= t.ack_due_on:
            return "yes"
        if t.status in ("implemented", *GONE) and self.ended <= t.ack_due_on:
            return ""  # over before they had to say anything, whatever they said then
        if t.acknowledged_on:
            return "no"
        if t.status in OPEN or t.status == "not_implemented":
            over = t.extended_to is None or t.extended_to < self.today
            return "no" if over and t.ack_due_on < self.today else ""
        return "no" if self.ended > t.ack_due_on else ""

    def said(self) -> str:
        if self.t.answered_on:
            return "full"
        found = set()
        for answer in self.t.answers.all():
            receipt = answer.response.kind == "acknowledgement"
            if receipt or answer.response.in_error_at:
                continue
            if answer.coverage is None:
                found.add("unread")
            elif self.again is not None and answer.assessed_at <= self.again:
                if not (answer.said == "received" and answer.coverage == "evades"):
                    found.add("before")
            else:
                # asked again since, it answers the clock no more, and was an answer in full all the same
                in_full = answer.response.kind in ANSWERING and answer.said not in NOT_ANSWERING
                word = {"evades": "evades", "full": "full" if in_full else "partial"}
                found.add(word.get(answer.coverage, "partial"))
        return next((one for one in ("full", "partial", "evades", "unread", "before") if one in found), "nothing")

    def waited(self) -> tuple[int, bool]:
        until = self.answer or (self.ended if self.t.status in GONE else self.today)
        return max(0, (until - self.t.asked_on).days), self.answer is not None

    def late_original(self) -> bool:
        first = self.t.original_due_on
        if first is None:
            return False
        return first < (self.reply or self.ended or self.today)


def half(waits: list[tuple[int, bool]]) -> str:
    """The curve item by item, without a fraction: shares as products of whole numbers."""
    over, under = 1, 1
    for day in sorted({days for days, came in waits if came}):
        at_risk = sum(days >= day for days, _ in waits)
        over, under = over * (at_risk - sum((day, True) == one for one in waits)), under * at_risk
        if 2 * over <= under:
            # with fewer than half of them answered so far it is an estimate, and called one
            return _days(day) + (" (estimate)" if 2 * sum(came for _, came in waits) < len(waits) else "")
    day = 0
    while 2 * sum(days > day + 1 if came else days >= day + 1 for days, came in waits) >= len(waits):
        day += 1
    return f"more than {_days(day)}" if day else "too early to say"


def expected(items: list[Item]) -> dict[str, set[str]]:
    """What the columns of one agency may say: one thing, but where two items waited equally long."""
    said, stands = Counter(i.said() for i in items), Counter(i.t.status for i in items)
    waits = [i.waited() for i in items]
    longest = max(days for days, _ in waits)
    tallies = {"acknowledged": [i.first_word() for i in items]}
    for basis in ("letter", "promise", "statute", "yardstick"):
        tallies[f"answered_{basis}"] = [i.in_time() for i in items if i.t.due_basis == basis]
    counts = {
        "asked": len(items),
        "open": sum(i.t.status in OPEN for i in items),
        **{f"replied_{code}": said[code] for code in ("full", "partial", "evades", "unread", "before", "nothing")},
        **{f"status_{code}": number for code, number in stands.items() if code not in OPEN},
        "more_time": sum(i.t.original_due_on is not None for i in items),
        "late_original": sum(i.late_original() for i in items),
        "late_both": sum(i.late_original() and i.in_time() == "no" for i in items),
    }
    return {
        **{name: {str(number)} for name, number in counts.items()},
        **{name: {_share(found)} for name, found in tallies.items()},
        "half": {half(waits)},
        "longest": {_days(d) + ("" if came else ", no answer") for d, came in waits if d == longest},
    }


def by_agency(items: list, events: dict, today: dt.date) -> dict[str, dict[str, set[str]]]:
    """By the agency's slug."""
    found = defaultdict(list)
    for t in items:
        found[t.agency.slug].append(Item(t, events[t.pk], today))
    return {slug: expected(several) for slug, several in found.items()}


def shown(client, query: str) -> dict[str, dict[str, str]]:
    """The same as the four tables of the page have it."""
    found: dict = defaultdict(dict)
    for show in SHOWS:
        body = client.get(f"/reports/replies/?show={show}&{query}").content.decode()
        for row in ROW.finditer(body):
            for column, cell in CELL.findall(row[0]):
                found[row[1]][column] = " ".join(html.unescape(re.sub("<[^>]+>", "", cell)).split())
    return dict(found)


def differences(client, query: str, items: list, events: dict, today: dt.date) -> list[tuple]:
    """Where page and plain count say different things: agency, column, the page's words, ours."""
    page, plain = shown(client, query), by_agency(items, events, today)
    if set(page) != set(plain):
        return [("agencies", sorted(page), sorted(plain))]
    found = []
    for slug, cells in page.items():
        if not set(ALWAYS) <= set(cells):
            found.append((slug, "columns", sorted(cells), ALWAYS))
        for column, said in cells.items():
            ours = plain[slug].get(column, {"0"})
            if said not in ours:
                found.append((slug, column, said, ours))
    return found


def _days(number: int) -> str:
    return f"{number:,} day{'' if number == 1 else 's'}"


def _share(found: list[str]) -> str:
    yes, judged = found.count("yes"), found.count("yes") + found.count("no")
    percent = f" ({min(max(round(100 * yes / judged), 1 if yes else 0), 100 if yes == judged else 99)}%)" if judged >= 20 else ""  # fmt: skip
    return f"{yes} of {judged}{percent}" if judged else "–"
