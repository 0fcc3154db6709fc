"""What a key of scope `released` gets. Members of Congress are public: everybody gets the same."""

from rest_framework.serializers import (
    CharField,
    ChoiceField,
    DateField,
    DateTimeField,
    DictField,
    IntegerField,
    ListField,
    UUIDField,
)

from letters import enums
from letters.api.shapes.parts import (
    STATUSES,
    AgencyRef,
    Expanded,
    KindRef,
    PublicAskRef,
    PublicLetterRef,
    PublicSignature,
    Row,
    Shape,
    TargetRef,
    expanded,
)


class PublicTaskingRow(Row):
    """A tasking of a public letter: the last public status, and a date only where the letter sets it."""

    status = ChoiceField(STATUSES, help_text="As last made public.")
    role = ChoiceField(enums.TaskingRole.choices)
    due_on = DateField(allow_null=True, help_text="The date the letter sets, if it sets one; no reply moves it.")
    due_basis = ChoiceField(enums.Basis.choices, allow_null=True, help_text="“letter”, or null without a date.")
    ask = PublicAskRef()
    kind = KindRef()
    agency = AgencyRef()
    acting_agency = AgencyRef(allow_null=True)
    targets = TargetRef(many=True)
    letter = PublicLetterRef()


class PublicAddressee(Shape):
    printed_name = CharField()
    printed_title = CharField(allow_blank=True)
    agency = CharField(help_text="Slug.")


class PublicLetterRow(Row):
    """A public letter, in lists."""

    subject = CharField()
    letter_date = DateField()
    sent_on = DateField()
    congress = IntegerField()
    published_url = CharField(allow_blank=True)
    deadline_on = DateField(allow_null=True, help_text="A date the letter sets; most set none.")
    signatures = PublicSignature(many=True)
    addressees = PublicAddressee(many=True)


class PublicTaskingState(Shape):
    id = UUIDField(help_text="As in /api/v1/taskings/.")
    agency = CharField(help_text="Slug.")
    acting_agency = CharField(allow_null=True, help_text="Slug.")
    role = ChoiceField(enums.TaskingRole.choices)
    status = ChoiceField(STATUSES, help_text="As last made public.")
    due_on = DateField(allow_null=True)
    due_basis = ChoiceField(enums.Basis.choices, allow_null=True)


class PublicLetterAsk(PublicAskRef):
    kind = CharField(help_text="Code, such as sanction.")
    targets = ListField(child=CharField(), help_text="Slugs.")
    taskings = PublicTaskingState(many=True)


class PublicLetterExpanded(Expanded):
    asks = PublicLetterAsk(many=True, required=False)


class PublicLetter(PublicLetterRow):
    """A public letter, in lists."""

    expanded = expanded(PublicLetterExpanded)


class PublicTaskingExpanded(Expanded):
    letter = PublicLetterRow(required=False)


class PublicTasking(PublicTaskingRow):
    """A tasking of a public letter: the last public status, and a date only where the letter sets it."""

    expanded = expanded(PublicTaskingExpanded)


class PublicAnswer(Shape):
    """What a public reply says about one tasking, where that was made public too."""

    id = UUIDField()
    reply = UUIDField()
    tasking = UUIDField(help_text="As in /api/v1/taskings/.")
    coverage = ChoiceField(enums.Coverage.choices)
    stance = ChoiceField(enums.Stance.choices)
    quote = CharField(allow_blank=True)
    page = CharField(allow_blank=True)


class PublicReply(Shape):
    """A reply that was made public."""

    id = UUIDField()
    agency = CharField(help_text="Slug.")
    kind = ChoiceField(enums.ResponseKind.choices)
    channel = ChoiceField(enums.Channel.choices)
    sent_on = DateField(allow_null=True)
    received_on = DateField()
    responder = CharField(allow_blank=True)
    text = CharField(allow_blank=True)
    answers = PublicAnswer(many=True)


class PublicEvidence(Shape):
    """What proves an outcome, where that was made public."""

    id = UUIDField()
    tasking = UUIDField(help_text="As in /api/v1/taskings/.")
    kind = ChoiceField(enums.EvidenceKind.choices)
    reply = UUIDField(allow_null=True)
    citation = CharField(allow_blank=True)
    url = CharField(allow_blank=True)
    seen_on = DateField(allow_null=True)
    targets = ListField(child=CharField(), help_text="Slugs of whom it covers.")


class PublicLetterDetail(PublicLetter):
    """A public letter exactly as the feed carries it when it is released or corrected."""

    text = CharField(allow_blank=True)
    asks = PublicLetterAsk(many=True)
    replies = PublicReply(many=True)
    evidence = PublicEvidence(many=True)


class PublicAgency(Row):
    """A department, bureau or whoever else can be asked."""

    slug = CharField()
    name = CharField()
    short_name = CharField()
    abbreviation = CharField(allow_blank=True)
    kind = ChoiceField(enums.AgencyKind.choices)
    parent = CharField(allow_null=True, help_text="Slug of what it belongs to.")


class TermRef(Shape):
    chamber = ChoiceField(enums.Chamber.choices)
    state = CharField()
    district = IntegerField(allow_null=True)
    party = CharField()
    start = DateField()
    end = DateField(help_text="As scheduled; members resign and die.")


class Legislator(Row):
    """A member of Congress, from public rosters."""

    bioguide = CharField(help_text="Such as H000601.")
    name = CharField()
    first = CharField()
    middle = CharField(allow_blank=True)
    last = CharField()
    suffix = CharField(allow_blank=True)
    nickname = CharField(allow_blank=True)
    seen_from = DateField(help_text="First roster that lists this member as serving.")
    seen_until = DateField(help_text="Last roster that lists this member as serving.")
    terms = TermRef(many=True)


class PublicTarget(Row):
    """A company, person, vessel or program that a letter names."""

    slug = CharField()
    name = CharField()
    kind = ChoiceField(enums.TargetKind.choices)


class PublicEvent(Row):
    """An entry of the public stream."""

    kind = ChoiceField(enums.EventKind.choices)
    occurred_at = DateTimeField()
    recorded_at = DateTimeField()
    payload = DictField(help_text="What became public, was corrected, withdrawn, or changed its status.")


class PublicSnapshot(Shape):
    """Every public letter with what is public of it, at one moment."""

    letters = PublicLetterDetail(many=True)
    cursor = CharField(help_text="Send it as `after` to events/ to continue from that moment.")
