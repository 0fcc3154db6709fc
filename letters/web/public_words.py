"""A public payload in the words of the screen. Reads the payload, and of the record only names of agencies and companies."""

import datetime as dt

from letters.domain.deadlines import long_date
from letters.enums import Channel, Coverage, EvidenceKind, ResponseKind, Stance, Status, TaskingRole
from letters.models import Agency, Target


def public_words(state: dict) -> dict:
    """A public payload in the words of the screen; agencies and companies by name."""
    names = _names(state)
    items = {
        one["id"]: f"{names.get(one['agency'], one['agency'])}: {ask['summary']}"
        for ask in state["asks"] for one in ask["taskings"]
    }  # fmt: skip
    return state | {
        "letter_date": _day(state["letter_date"]),
        "sent_on": _day(state["sent_on"]),
        "deadline_on": _day(state["deadline_on"]),
        "addressees": [one | {"agency": names.get(one["agency"], one["agency"])} for one in state["addressees"]],
        "asks": [
            ask
            | {
                "targets": ", ".join(names.get(slug, slug) for slug in ask["targets"]),
                "taskings": [
                    {
                        "agency": names.get(one["agency"], one["agency"]),
                        "status": "consulted"
                        if one["role"] == TaskingRole.CONSULTED and one["status"] == Status.AWAITING
                        else one["status"],
                        "words": "consulted"
                        if one["role"] == TaskingRole.CONSULTED and one["status"] == Status.AWAITING
                        else str(Status(one["status"]).label),
                        "due": f"asked for by {_day(one['due_on'])}" if one["due_on"] else "",
                    }
                    for one in ask["taskings"]
                ],
            }
            for ask in state["asks"]
        ],
        "replies": [
            {
                "heading": f"{ResponseKind(one['kind']).label} from {names.get(one['agency'], one['agency'])}, {_day(one['received_on'])}",
                "channel": str(Channel(one["channel"]).label),
                "responder": one["responder"],
                "text": one["text"],
                "answers": [
                    {
                        "item": items.get(answer["tasking"], ""),
                        "coverage": str(Coverage(answer["coverage"]).label),
                        "stance": str(Stance(answer["stance"]).label) if answer["stance"] != Stance.UNKNOWN else "",
                        "quote": answer["quote"],
                        "page": answer["page"],
                    }
                    for answer in one["answers"]
                ],
            }
            for one in state["replies"]
        ],
        "evidence": [
            {
                "item": items.get(one["tasking"], ""),
                "kind": str(EvidenceKind(one["kind"]).label),
                "citation": one["citation"],
                "url": one["url"],
                "seen_on": _day(one["seen_on"]),
                "targets": ", ".join(names.get(slug, slug) for slug in one["targets"]),
            }
            for one in state["evidence"]
        ],
    }


def _day(value: str | None) -> str:
    return long_date(dt.date.fromisoformat(value)) if value else ""


def _names(state: dict) -> dict[str, str]:
    agencies = {one["agency"] for ask in state["asks"] for one in ask["taskings"]}
    agencies |= {one["agency"] for one in (*state["addressees"], *state["replies"])}
    targets = {slug for ask in state["asks"] for slug in ask["targets"]}
    return {agency.slug: str(agency) for agency in Agency.objects.filter(slug__in=agencies)} | {
        target.slug: target.name for target in Target.objects.filter(slug__in=targets)
    }


def public_changes(before: dict | None, after: dict | None) -> list[str]:
    """What is new in public, and what is gone, in sentences."""
    if before is None or after is None:
        return []
    said = []
    names = _names(before) | _names(after)
    for key, verb in (("replies", "A reply"), ("evidence", "A piece of evidence")):
        old, new = {one["id"] for one in before[key]}, {one["id"] for one in after[key]}
        said += [f"{verb} can be read."] * len(new - old) + [f"{verb} can be read no longer."] * len(old - new)
    old_answers, new_answers = _answers(before), _answers(after)
    said += ["What a reply says about an item can be read."] * len(new_answers - old_answers)
    said += ["What a reply says about an item can be read no longer."] * len(old_answers - new_answers)
    was, now = _items(before), _items(after)
    for pk in was | now:
        ask, one = now.get(pk) or was[pk]
        item = f"{names.get(one['agency'], one['agency'])}: {ask['summary']}"
        if pk not in was:
            said.append(f"“{item}” can be seen.")
        elif pk not in now:
            said.append(f"“{item}” can be seen no longer.")
        elif was[pk][1]["status"] != one["status"]:
            old, new = Status(was[pk][1]["status"]).label, Status(one["status"]).label
            said.append(f"{item}: “{old}” becomes “{new}”.")
    return said


def _items(state: dict) -> dict[str, tuple[dict, dict]]:
    """Each item, after the ask it is of."""
    return {one["id"]: (ask, one) for ask in state["asks"] for one in ask["taskings"]}


def _answers(state: dict) -> set[str]:
    return {answer["id"] for reply in state["replies"] for answer in reply["answers"]}
