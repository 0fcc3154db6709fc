"""What a key of scope `office` gets about an item: what replies say of it, proof of its outcome, our own calls, its dates."""

from rest_framework.serializers import CharField, ChoiceField, DateField, DateTimeField, ListField, UUIDField

from letters import enums
from letters.api.shapes.parts import AgencyRef, Row, Shape


class MayBeInError(Row):
    in_error_at = DateTimeField(
        allow_null=True, help_text="When it was marked as entered in error: it counts for nothing."
    )
    in_error_reason = CharField(allow_blank=True)


class Evidence(MayBeInError):
    """What proves an outcome."""

    tasking = UUIDField()
    kind = ChoiceField(enums.EvidenceKind.choices)
    response = UUIDField(allow_null=True, help_text="The reply that proves it.")
    citation = CharField(allow_blank=True)
    source_url = CharField(allow_blank=True, help_text="The page that says so.")
    seen_on = DateField(allow_null=True, help_text="The day the page said so.")
    targets = ListField(child=CharField(), help_text="Slugs of the companies, persons and programs it covers.")
    added_at = DateTimeField()
    checked_at = DateTimeField(help_text="When somebody last said that it proves what was asked.")
    released_at = DateTimeField(allow_null=True)


class Contact(MayBeInError):
    """Our own call, e-mail or meeting."""

    agency = AgencyRef()
    taskings = ListField(child=UUIDField(), help_text="The items it was about.")
    channel = ChoiceField(enums.ContactChannel.choices)
    on = DateField()
    with_whom = CharField(allow_blank=True)
    outcome = CharField()
    next_on = DateField(allow_null=True, help_text="Nobody is reminded before this day.")
    by = CharField(allow_null=True, help_text="User name.")
    recorded_at = DateTimeField()


class DateOfTasking(Shape):
    """One value that a clock of a tasking has had."""

    clock = ChoiceField(enums.Clock.choices)
    due_on = DateField(allow_null=True, help_text="Null: the clock was stopped for good.")
    basis = ChoiceField(enums.Basis.choices)
    recorded_at = DateTimeField()
    because = ListField(
        child=CharField(), help_text="Why, one step a line: where it starts, the rule, days skipped, pauses."
    )


class RenewalOfTasking(Shape):
    """A later letter that asks for the same again: one tasking, first asked when it was."""

    letter = UUIDField()
    renewed_on = DateField()
    quote = CharField(allow_blank=True, help_text="The words that repeat it.")


class AnswerRef(Shape):
    id = UUIDField()
    tasking = UUIDField()
    said = ChoiceField([("", "not chosen"), *enums.Said.choices], help_text="What they said, in a word.")
    coverage = ChoiceField(enums.Coverage.choices, allow_null=True, help_text="Null: received, not yet read.")
    stance = ChoiceField(enums.Stance.choices)
    quote = CharField(allow_blank=True)
    page = CharField(allow_blank=True)
    questions = ListField(child=UUIDField(), help_text="Ids of the questions of the ask that it answers.")
    targets = ListField(child=CharField(), help_text="Slugs of the companies, persons and programs that it covers.")
    recorded_at = DateTimeField()
    assessed_at = DateTimeField(allow_null=True)
    released_at = DateTimeField(allow_null=True, help_text="When it was made public.")
