"""A letter out of a file of `fixtures/`, logged through the verbs like any other: drafted, signed, addressed, sent, made public."""

from typing import Any

from django.utils.text import slugify

from letters.domain.access import Actor
from letters.domain.asking import add_ask, put_to
from letters.domain.drafting import address, draft_letter, sign
from letters.domain.sending import release, send_letter
from letters.enums import OfficeKind
from letters.models import Agency, Ask, AskKind, Legislator, Letter, Office, Target, TargetAlias, Topic


def log_letter(data: dict[str, Any], text: str, *, by: Actor) -> Letter:
    """The letter of one file, sent on its own day and public. Inside a transaction and `acting`.

    What is not in the file is not made up. A signer without a Bioguide ID stays as printed: whoever wrote the file
    has looked, so nothing is proposed.
    """
    topics = [Topic.objects.get_or_create(slug=slugify(name), defaults={"name": name})[0] for name in data["topics"]]
    letter = draft_letter(
        by=by, subject=data["subject"], letter_date=data["letter_date"], printed_date=data["printed_date"], text=text,
        our_role=data["our_role"], topics=topics, published_url=data.get("published_url", ""),
        lead_office_contact=data.get("lead_office_contact", ""),
        deadline_on=data["deadline"], deadline_quote=data.get("deadline_quote", ""),
    )  # fmt: skip
    for signer in data["signatures"]:
        sign(
            letter, by=by, printed_name=signer["printed_name"], printed_title=signer.get("printed_title", ""),
            bioguide=signer.get("bioguide", ""), state=signer.get("state", ""), party=signer.get("party", ""),
            is_lead=signer.get("lead", False), propose=False,
        )  # fmt: skip
    agencies = {agency.slug: agency for agency in Agency.objects.select_related("parent__parent")}
    for addressee in data["addressees"]:
        address(
            letter, by=by, agency=agencies[addressee["agency"]], printed_name=addressee["printed_name"],
            printed_title=addressee["printed_title"], address_lines=addressee["address"], delivery=addressee["delivery"],
        )  # fmt: skip
    targets = known_targets(data["targets"])
    for entry in data["asks"]:
        _ask(letter, entry, agencies, targets, by=by)
    return release(send_letter(letter, by=by, sent_on=data["sent_on"]), by=by)


def _ask(
    letter: Letter, entry: dict[str, Any], agencies: dict[str, Agency], targets: dict[str, Target], *, by: Actor
) -> Ask:
    # without a word on instrument and list those that are usual for the kind stand
    ask = add_ask(
        letter, by=by, kind=AskKind.objects.get(code=entry["kind"]), summary=entry["summary"], quote=entry["quote"],
        targets=[targets[slug] for slug in entry["targets"]], instrument=entry.get("instrument"),
        requested_list=entry.get("requested_list"), questions=entry.get("questions", ()),
    )  # fmt: skip
    for tasking in entry["taskings"]:
        put_to(
            ask, by=by, agency=agencies[tasking["agency"]], role=tasking["role"],
            acting_agency=agencies.get(tasking.get("acting_agency", "")),
        )  # fmt: skip
    return ask


def demo_office(bioguide: str) -> Office:
    """The office of the demo, made where there is none."""
    member = Legislator.objects.get(bioguide=bioguide)
    office, _ = Office.objects.get_or_create(
        singleton=True,
        defaults={
            "kind": OfficeKind.MEMBER, "name": f"Office of Senator {member.official_full}", "legislator": member, "is_demo": True,
        },
    )  # fmt: skip
    return office


def known_targets(entries: list[dict[str, Any]]) -> dict[str, Target]:
    """By slug; those we do not know yet are made, a parent before its subsidiaries."""
    targets: dict[str, Target] = {}
    for entry in entries:
        targets[entry["slug"]], _ = Target.objects.get_or_create(
            slug=entry["slug"],
            defaults={"name": entry["name"], "kind": entry["kind"], "parent": targets.get(entry.get("parent", ""))},
        )
        for alias in entry["aliases"]:
            TargetAlias.objects.get_or_create(target=targets[entry["slug"]], name=alias)
    return targets
