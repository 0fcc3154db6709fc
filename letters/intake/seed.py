"""The letter of April 25, 2023: fixture number one, logged through the verbs like any other letter."""

from django.db import transaction
from django.utils.text import slugify

from letters.domain.asking import add_ask, put_to
from letters.domain.drafting import address, draft_letter, sign
from letters.domain.history import acting
from letters.domain.sending import release, send_letter
from letters.enums import EventKind, OfficeKind, SystemProcess
from letters.intake.reference import read_yaml
from letters.models import Agency, AskKind, Event, Legislator, Letter, Office, Target, TargetAlias, Topic

BY = SystemProcess.SEED_LOADER


@transaction.atomic
def load_seed_letter() -> Letter:
    """Make the demo office and log, send and release the letter. Doing it again changes nothing.

    Needs the reference data. No reply and no outcome is invented: the file knows none.
    """
    # by who sent it: whatever the letter says of itself may be corrected
    sent = Event.objects.filter(kind=EventKind.LETTER_SENT, by_process=BY).select_related("letter").first()
    if sent:
        return sent.letter
    data = read_yaml("seed_letter.yaml")
    with acting(BY):
        _demo_office(data["member"])
        topics = [
            Topic.objects.get_or_create(slug=slugify(name), defaults={"name": name})[0] for name in data["topics"]
        ]
        targets = _targets(data["targets"])
        letter = draft_letter(
            by=BY, subject=data["subject"], letter_date=data["letter_date"], printed_date=data["printed_date"],
            text=data["text"], our_role=data["our_role"], topics=topics,
        )  # fmt: skip
        for signer in data["signatures"]:
            sign(
                letter, by=BY, printed_name=signer["printed_name"], printed_title=signer["printed_title"],
                bioguide=signer["bioguide"], state=signer["state"], party=signer["party"], is_lead=signer.get("lead", False),
            )  # fmt: skip
        agencies = {agency.slug: agency for agency in Agency.objects.select_related("parent")}
        for addressee in data["addressees"]:
            address(
                letter, by=BY, agency=agencies[addressee["agency"]], printed_name=addressee["printed_name"],
                printed_title=addressee["printed_title"], address_lines=addressee["address"], delivery=addressee["delivery"],
            )  # fmt: skip
        for entry in data["asks"]:
            ask = add_ask(
                letter, by=BY, kind=AskKind.objects.get(code=entry["kind"]), summary=entry["summary"], quote=entry["quote"],
                targets=[targets[slug] for slug in entry["targets"]], instrument=entry["instrument"],
                requested_list=entry["requested_list"],
            )  # fmt: skip
            for tasking in entry["taskings"]:
                put_to(
                    ask, by=BY, agency=agencies[tasking["agency"]], role=tasking["role"],
                    acting_agency=agencies.get(tasking.get("acting_agency", "")),
                )  # fmt: skip
        return release(send_letter(letter, by=BY, sent_on=data["sent_on"]), by=BY)


def _demo_office(bioguide: str) -> None:
    member = Legislator.objects.get(bioguide=bioguide)
    Office.objects.get_or_create(
        singleton=True,
        defaults={
            "kind": OfficeKind.MEMBER, "name": f"Office of Senator {member.official_full}", "legislator": member, "is_demo": True,
        },
    )  # fmt: skip


def _targets(entries: list[dict]) -> dict[str, Target]:
    targets: dict[str, Target] = {}
    for entry in entries:
        targets[entry["slug"]], _ = Target.objects.get_or_create(
            slug=entry["slug"],
            defaults={"name": entry["name"], "kind": entry["kind"], "parent": targets.get(entry.get("parent", ""))},
        )
        for alias in entry["aliases"]:
            TargetAlias.objects.get_or_create(target=targets[entry["slug"]], name=alias)
    return targets
