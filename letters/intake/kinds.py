"""What a kind of ask proposes: whom to ask, which bureau would act, under which law, for which list.

The page's script does the same at once (static/js/ask_kind.js); this is for who works without it.
"""

from letters.intake.typed import Typed
from letters.models import Agency, AskKind


def propose_by_kind(typed: Typed) -> Typed:
    """Each ask whose kind was chosen since: what the kind proposes, where nothing else stands. What a person wrote stays."""
    waiting = [row for row in typed["asks"] if row["kind"] and row["kind"] != row["proposed"]]
    if not waiting:
        return typed
    kinds = {kind.code: kind for kind in AskKind.objects.select_related("usual_agency", "acting_agency")}
    addressed = list(dict.fromkeys(row["agency_id"] for row in typed["addressees"] if row["agency_id"]))
    for row in waiting:
        kind, before = kinds.get(row["kind"]), kinds.get(row["proposed"])
        if kind is None:
            continue
        if row["responsible"] in ([], usual(before, addressed)) and not row["consulted"]:
            row["responsible"] = usual(kind, addressed)
        for name, value, old in (
            ("instrument", kind.instrument, before and before.instrument),
            ("requested_list", kind.requested_list, before and before.requested_list),
            ("acting", _name(kind.acting_agency), before and _name(before.acting_agency)),
        ):
            if row[name] in ("", old):
                row[name] = value
        row["acting_id"] = (
            kind.acting_agency.slug
            if kind.acting_agency and row["acting"] == _name(kind.acting_agency)
            else row["acting_id"]
        )
        row["proposed"] = row["kind"]
    return typed


def usual(kind: AskKind | None, addressed: list[str]) -> list[str]:
    """Whom such an ask is usually put to, among those the letter addresses; the only one where there is one."""
    if kind is None:
        return []
    if kind.usual_agency and kind.usual_agency.slug in addressed:
        return [kind.usual_agency.slug]
    return addressed if len(addressed) == 1 else []


def _name(agency: Agency | None) -> str:
    return agency.name if agency else ""
