"""State and party of who signed, as of the letter’s day: where that day is corrected, they follow."""

import datetime as dt

from letters.domain.signers import as_of
from letters.models import Amendment, Letter


def follow_the_day(letter: Letter, before: dt.date | None, *, reason: str) -> list[str]:
    """Give each known signer the seat they had on the letter's day as it is now, each field with its amendment; what each
    is called. `before`: the day that stood; None: it stands. What the letter prints of a signer, or a person entered,
    stays. Inside the transaction of the amendment."""
    amendments: list[Amendment] = []
    for signer in letter.signatures.filter(legislator__isnull=False).select_related("legislator") if before else ():
        member, had = signer.legislator, (signer.state, signer.party)
        if member is None or had not in (("", ""), as_of(member, before)):
            continue
        signer.state, signer.party = as_of(member, letter.letter_date)
        moved = [(name, old, getattr(signer, name)) for name, old in zip(("state", "party"), had, strict=True)]
        for name, old, new in moved:
            if old != new:
                field = f"signer {signer.position}, {name}"
                amendments.append(Amendment(letter=letter, field=field, before=old, after=new, reason=reason))
        signer.save(update_fields=["state", "party"])
    Amendment.objects.bulk_create(amendments)
    return [amendment.field for amendment in amendments]
