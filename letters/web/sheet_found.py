"""What the letter's own text proposes for the parts of "Log a letter" that nobody has filled in yet."""

import datetime as dt
from typing import Any

from letters.domain.asking import join_names
from letters.domain.deadlines import long_date
from letters.domain.logged_already import logged_already
from letters.domain.words import cut
from letters.intake.letter_parts import closing_block, first_words, head_block, printed_day
from letters.intake.names import letter_day
from letters.intake.signers import removed_of_block
from letters.intake.typed import Typed, removed
from letters.models import Letter, User, Worksheet

SHOWN = 80  # characters of a draft’s first words


def found_in(typed: Typed, user: User, original: Letter | None = None) -> dict[str, Any]:
    """What the letter's own text proposes, as long as nobody has said otherwise; and letters that may be the same one, but for
    the `original` that it was copied from."""
    day = printed_day(typed["text"]) if not typed["letter_date"].strip() else None
    names = not typed["signers_block"].strip() and not typed["signers"] and bool(closing_block(typed["text"]))
    addressees = not typed["addressees_block"].strip() and not typed["addressees"] and bool(head_block(typed["text"]))
    found = [long_date(day)] if day else []
    found += ["the addressees"] if addressees else []
    found += ["the signers"] if names else []
    return {
        "logged_already": _logged_already(typed, day, user, [original] if original else []),
        "found_day": long_date(day) if day else "",
        "found_names": names,
        "found_addressees": addressees,
        "found_all": join_names(found) if len(found) > 1 else "",
        "found_removed": _removed_names(typed),
    }


def _removed_names(typed: Typed) -> str:
    """Whom reading the block leaves out, since they were removed; nothing where that is the last one, whom the page names."""
    names = removed_of_block(typed)
    last = [one["row"]["printed_name"].strip() for one in removed(typed, "signers")[-1:]]
    return join_names(names) if names and names != last else ""


def told_apart(sheet: Worksheet) -> str:
    """Of a draft without a subject: its day and its first words, as `worksheets` annotates them."""
    if sheet.title:
        return ""
    text = sheet.begins or ""
    printed = printed_day(text)
    day = (sheet.day or "").strip() or (long_date(printed) if printed else "")
    words = cut(first_words(text), SHOWN)
    return ", ".join(filter(None, [day, f"“{words}”" if words else ""]))


def _logged_already(typed: Typed, printed: dt.date | None, user: User, but: list[Letter]) -> list[Letter]:
    return logged_already(
        user,
        days=(letter_day(typed), letter_day({"letter_date": typed["sent_on"]}), printed),
        subject=typed["subject"],
        text=typed["text"],
        signers=[row["bioguide"] or row["printed_name"] for row in typed["signers"]],
        addressees=[row["agency_id"] for row in typed["addressees"] if row["agency_id"]],
        but=but,
    )
