"""What answers are made of, for both scopes, and the shape of a problem."""

from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateField,
    IntegerField,
    JSONField,
    ListField,
    Serializer,
    URLField,
    UUIDField,
)

from letters import enums

# A draft's items are in no answer.
STATUSES = [choice for choice in enums.Status.choices if choice[0] != enums.Status.DRAFT]


class Shape(Serializer):
    """Fields with what they mean. Everything is always there; what may be null says so."""

    def get_fields(self) -> dict:
        # `id`, `url` and `page_url` first, in every shape that has them
        fields = super().get_fields()
        first = {name: fields.pop(name) for name in ("id", "url", "page_url") if name in fields}
        return {**first, **fields}


class Row(Shape):
    """What each row of each list has."""

    id = UUIDField(help_text="A random UUID that never changes.")
    url = URLField(help_text="This row in the API.")
    page_url = URLField(
        allow_null=True, help_text="Its page for people; null where there is none, or none for this key."
    )


class Expanded(Shape):
    """What `expand` asked for; a name that was not asked for is not there, nor a letter taken from view just then."""

    more = ListField(child=CharField(), help_text="Names of lists of which only the newest are here.")


def expanded(shape: type[Expanded]) -> Expanded:
    """The field of a row that has them."""
    return shape(required=False, help_text="Only where `expand` asked for something.")


class AgencyRef(Shape):
    id = UUIDField()
    slug = CharField()
    name = CharField()
    short_name = CharField(help_text="As in a table heading: Treasury.")


class TargetRef(Shape):
    id = UUIDField()
    slug = CharField()
    name = CharField()
    kind = ChoiceField(enums.TargetKind.choices)


class KindRef(Shape):
    code = CharField(help_text="Stable, such as sanction.")
    name = CharField(help_text="As the screen says it.")


class PublicLetterRef(Shape):
    id = UUIDField()
    subject = CharField()
    sent_on = DateField()


class PublicAskRef(Shape):
    id = UUIDField()
    number = IntegerField(help_text="Its number in the letter.")
    summary = CharField()
    quote = CharField(allow_blank=True, help_text="The letter’s own words.")
    instrument = CharField(allow_blank=True, help_text="The legal authority it rests on.")
    requested_list = CharField(allow_blank=True, help_text="The official list it asks for.")


class PublicSignature(Shape):
    printed_name = CharField(help_text="As printed, in the order of the letter.")
    printed_title = CharField(allow_blank=True)
    state = CharField(allow_blank=True, help_text="As of signing.")
    party = CharField(allow_blank=True, help_text="As of signing.")
    is_lead = BooleanField()


class FieldProblem(Shape):
    field = CharField(
        allow_blank=True,
        help_text="A JSON pointer into the body sent (`/reason`), or the name of a parameter, a header or a fact of the record.",
    )
    value = CharField(allow_null=True, allow_blank=True, help_text="What was sent.")
    message = CharField(help_text="What is wrong with it, and the way out.")


class Difference(Shape):
    field = CharField(
        help_text="A field of the record; or `events`: what happened beside its fields, as `events/` tells it."
    )
    then = JSONField(help_text="What it was when you read it.")
    now = JSONField(help_text="What it is now.")


class Problem(Shape):
    """RFC 9457 problem details."""

    type = URLField(help_text="Where the docs explain this kind of problem.")
    title = CharField()
    status = IntegerField()
    detail = CharField(help_text="One sentence for people: what is wrong, and the way out.")
    instance = CharField(help_text="The path that was asked for.")
    errors = FieldProblem(many=True, help_text="The parameters or fields at fault, if any.")
    difference = Difference(
        many=True, required=False, help_text="With 412: what others changed since you read it, as far as it is kept."
    )


class ExpiredProblem(Problem):
    """A cursor of an earlier epoch, and where to begin anew."""

    snapshot = URLField(help_text="Take this, then follow from its `cursor`.")
