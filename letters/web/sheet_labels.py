"""Fields of the sheet by the names that the page gives them, for what is wrong with them and for what two people typed differently."""

from letters.errors import Problem
from letters.intake.typed import ROWS
from letters.models import Agency, AskKind
from letters.web.sheet_forms import TARGET_KINDS, AccessForm, AddresseeForm, AskForm, FactsForm, MoreFactsForm

NOTHING_TYPED = Problem("text", "Paste the letter’s words, or begin with its subject.")  # of an empty sheet
ROW_NAMES = {"signers": "Signer", "addressees": "Addressee", "asks": "Ask"}
OTHERS = {
    "text": "The letter’s text",
    "signers_block": "Signature block",
    "addressees_block": "Block of addressees",
    "topics": "Topics",
    "staff": "Named staff",
    "printed_name": "name, as printed",
    "printed_title": "title, as printed",
    "member": "member",
    "confirmed": "confirmed",
    "lead": "led",
    "responsible": "put to",
    "target": "companies, people, programs",
}
# ids that go with a name, and marks of the program's own
SILENT = (
    "bioguide", "official", "agency_id", "bureau_id", "acting_id", "proposed", "doubt", "state", "party", "read", "read_on",
    "target_id", "id",
)  # fmt: skip


def code_words() -> dict[str, dict[str, str]]:
    """What the page says for each code, by field."""
    agencies = dict(Agency.objects.values_list("slug", "short_name"))
    forms = (FactsForm, MoreFactsForm, AccessForm, AddresseeForm)
    choices = {
        name: {str(code): str(words) for code, words in field.choices}
        for form in forms
        for name, field in form.base_fields.items()
        if hasattr(field, "choices")
    }
    return choices | {
        "kind": dict(AskKind.objects.values_list("code", "name")),
        "target_kind": {str(code): str(words) for code, words in TARGET_KINDS},
        "responsible": agencies,
        "consulted": agencies,
        "confirmed": {"on": "yes"},
        "lead": {"on": "yes"},
    }


def label_of(name: str) -> str:
    """What the page calls a field; nothing for what goes with another one."""
    if name.startswith("removed_"):
        return ""
    kind, _, rest = name.partition("-")
    if kind not in ROWS or not rest:
        return field_label(name)
    number, _, part = rest.partition("-")
    if part in SILENT:
        return ""
    return f"{ROW_NAMES[kind]} {int(number) + 1}: {field_label(part)}"


def field_label(name: str) -> str:
    if name in OTHERS:
        return OTHERS[name]
    for form in (FactsForm, MoreFactsForm, AccessForm, AddresseeForm, AskForm):
        if name in form.base_fields:
            return str(form.base_fields[name].label)
    return name.replace("_", " ")
