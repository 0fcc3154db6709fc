"""What a key of scope `office` gets."""

from rest_framework.serializers import (
    BooleanField,
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
from letters.api.shapes.public import PublicAgency, PublicEvent, PublicTarget
from letters.api.shapes.work import AnswerRef, Contact, DateOfTasking, Evidence, RenewalOfTasking


class LetterRef(PublicLetterRef):
    reference = CharField(help_text="The office’s number, such as 2023-0001.")


class AskRef(PublicAskRef):
    requested_by = DateField(allow_null=True, help_text="Its own date, where the letter gives it one.")
    statute = CharField(allow_null=True, help_text="Code of the law whose clock it started, as in /api/v1/statutes/.")


class TaskingFacts(Row):
    """A tasking inside its letter, where the ask stands around it."""

    status = ChoiceField(STATUSES)
    role = ChoiceField(
        enums.TaskingRole.choices, help_text="lead owes the reply; consulted owes nothing and has no clock."
    )
    stance = ChoiceField(enums.Stance.choices, help_text="The agency’s own words.")
    due_on = DateField(allow_null=True)
    due_basis = ChoiceField(
        enums.Basis.choices,
        allow_null=True,
        help_text="What the date rests on. yardstick is the office’s usual wait and not a deadline: count it apart.",
    )
    original_due_on = DateField(
        allow_null=True, help_text="The date before they were given more time; null where they were not."
    )
    extended_to = DateField(allow_null=True, help_text="The later date they were given.")
    acknowledgement_due_on = DateField(
        allow_null=True, help_text="When their first word is expected: a second clock, which no reply in full needs."
    )
    acknowledged_on = DateField(
        allow_null=True, help_text="The day their first word reached the office. It never satisfies `due_on`."
    )
    late = BooleanField(help_text="Past its date today, whatever the basis; false while the clock is stopped.")
    days_past = IntegerField(allow_null=True, help_text="Calendar days past the date; null unless late.")
    asked_on = DateField(allow_null=True, help_text="First asked; repeating an ask keeps it.")
    answered_on = DateField(allow_null=True, help_text="When a substantive reply in full came.")
    promised_on = DateField(allow_null=True)
    review_on = DateField(allow_null=True, help_text="They take no position: the day on which the office looks again.")
    snoozed_until = DateField(allow_null=True)
    has_unread_reply = BooleanField(help_text="A reply came that nobody has read yet.")
    owner = CharField(allow_null=True, help_text="User name of who owns the next step.")
    agency = AgencyRef(help_text="Who was asked and owes the reply.")
    acting_agency = AgencyRef(allow_null=True, help_text="The bureau that would act; it never owes the reply.")
    passed_to = UUIDField(
        allow_null=True, help_text="The tasking that carries it on, where it was passed to an agency."
    )
    version = IntegerField(
        help_text="Grows with each change somebody makes; a closure or another usual wait moves dates without it."
    )


class TaskingRow(TaskingFacts):
    """One ask as put to one agency: what waits, is late, is answered and closed."""

    ask = AskRef()
    kind = KindRef()
    targets = TargetRef(many=True)
    letter = LetterRef()


class Signature(PublicSignature):
    id = UUIDField()
    match = ChoiceField(enums.Match.choices, help_text="Whether a person confirmed who it is.")
    bioguide = CharField(allow_null=True)


class Addressee(Shape):
    id = UUIDField()
    printed_name = CharField()
    printed_title = CharField(allow_blank=True)
    address = CharField(allow_blank=True)
    delivery = ChoiceField(enums.Delivery.choices)
    agency = AgencyRef()
    delivered_at = DateTimeField(allow_null=True)
    acknowledged_at = DateTimeField(allow_null=True)
    control_number = CharField(allow_blank=True, help_text="The agency’s own number for the letter.")
    legislative_affairs_contact = CharField(allow_blank=True, help_text="Whom to call there.")


class TopicRef(Shape):
    slug = CharField()
    name = CharField()


class LetterRow(Row):
    """A letter that was sent, in lists."""

    reference = CharField(help_text="The office’s number, such as 2023-0001.")
    state = ChoiceField([choice for choice in enums.LetterState.choices if choice[0] in ("sent", "entered_in_error")])
    subject = CharField()
    printed_date = DateField(allow_null=True, help_text="As the paper says, even where it is wrong.")
    letter_date = DateField(help_text="The day it was really signed.")
    sent_on = DateField()
    sent_at = DateTimeField()
    congress = IntegerField()
    our_role = ChoiceField(enums.OurRole.choices)
    on_behalf_of = CharField(allow_blank=True)
    published_url = CharField(allow_blank=True)
    deadline_on = DateField(allow_null=True, help_text="A date the letter sets; most set none.")
    term_days = IntegerField(allow_null=True, help_text="A number of days the letter sets instead of a date.")
    term_unit = ChoiceField(enums.TermUnit.choices, allow_null=True)
    term_from = ChoiceField(enums.TermFrom.choices, allow_null=True, help_text="Where the term begins.")
    released_at = DateTimeField(allow_null=True, help_text="When it was made public.")
    topics = TopicRef(many=True)
    signatures = Signature(many=True)
    addressees = Addressee(many=True)
    version = IntegerField(help_text="Grows with each change.")


class QuestionRef(Shape):
    id = UUIDField()
    number = IntegerField()
    text = CharField()


class LetterAsk(AskRef):
    kind = KindRef()
    targets = TargetRef(many=True)
    questions = QuestionRef(many=True)
    taskings = TaskingFacts(many=True)


class LetterLinkRef(Shape):
    id = UUIDField()
    kind = ChoiceField(enums.LinkKind.choices)
    letter = LetterRef()


class AmendmentRef(Shape):
    field = CharField()
    before = CharField(allow_blank=True)
    after = CharField(allow_blank=True)
    reason = CharField()
    amended_at = DateTimeField()


class Agency(PublicAgency):
    """A department, bureau or whoever else can be asked, with the office’s usual wait."""

    yardstick_days = IntegerField(help_text="The office’s usual wait, in business days.")
    acknowledgement_days = IntegerField(help_text="Business days in which the office expects their first word.")
    address = CharField(allow_blank=True, help_text="Where letters go.")
    escalation_contacts = CharField(allow_blank=True, help_text="Whom to ask above.")


class TargetParent(Shape):
    id = UUIDField()
    slug = CharField()
    name = CharField()


class Target(PublicTarget):
    """A company, person, vessel or program that a letter names, with what owns it and its other names."""

    parent = TargetParent(allow_null=True)
    aliases = ListField(child=CharField())


class ResponseRow(Row):
    """Something an agency said, and how it bears on which tasking."""

    agency = AgencyRef()
    responder = CharField(allow_blank=True)
    channel = ChoiceField(enums.Channel.choices)
    kind = ChoiceField(enums.ResponseKind.choices)
    sent_on = DateField(allow_null=True)
    received_on = DateField()
    held_elsewhere = CharField(allow_blank=True, help_text="Classified: where it is held, never what it says.")
    control_number = CharField(allow_blank=True)
    released_at = DateTimeField(allow_null=True)
    in_error_at = DateTimeField(
        allow_null=True, help_text="When it was marked as entered in error: it counts for nothing."
    )
    in_error_reason = CharField(allow_blank=True)
    answers = AnswerRef(many=True)
    version = IntegerField()


class LetterExpanded(Expanded):
    asks = LetterAsk(many=True, required=False)
    responses = ResponseRow(many=True, required=False)


class Letter(LetterRow):
    """A letter that was sent, in lists."""

    expanded = expanded(LetterExpanded)


class LetterDetail(Letter):
    """A letter with its text, its asks and their taskings."""

    text = CharField(allow_blank=True)
    deadline_quote = CharField(allow_blank=True, help_text="The sentence that sets the date.")
    lead_office_contact = CharField(allow_blank=True)
    asks = LetterAsk(many=True)
    links = LetterLinkRef(many=True, help_text="Earlier letters it relates to.")
    amendments = AmendmentRef(many=True, help_text="Corrections, each with its reason.")


class TaskingExpanded(Expanded):
    letter = LetterRow(required=False)
    responses = ResponseRow(many=True, required=False)
    evidence = Evidence(many=True, required=False)
    contacts = Contact(many=True, required=False)
    dates = DateOfTasking(many=True, required=False)


class Tasking(TaskingRow):
    """One ask as put to one agency: what waits, is late, is answered and closed."""

    expanded = expanded(TaskingExpanded)


class TaskingDetail(Tasking):
    """A tasking with the letters that repeat it, and why its dates are what they are."""

    renewals = RenewalOfTasking(many=True, help_text="Later letters that ask for it again, in order.")
    dates = DateOfTasking(many=True, help_text="Each value its clocks have had, newest first.")


class ResponseExpanded(Expanded):
    taskings = TaskingRow(many=True, required=False)


class Response(ResponseRow):
    """Something an agency said, and how it bears on which tasking."""

    expanded = expanded(ResponseExpanded)


class ResponseDetail(Response):
    """A reply with its words."""

    text = CharField(allow_null=True, help_text="Null: no text is kept, or not for this key.")


class Event(PublicEvent):
    """One thing that happened, frozen as it was written."""

    letter = UUIDField()
    tasking = UUIDField(allow_null=True)
    from_status = ChoiceField(enums.Status.choices, allow_null=True)
    to_status = ChoiceField(STATUSES, allow_null=True)
    due_on = DateField(allow_null=True, help_text="The date a clock event is about.")
    reason = CharField(allow_blank=True)
    by = CharField(help_text="User name, or the name of the process that wrote it.")
    payload = DictField(
        help_text="Ids, codes and dates, as they were then; no id of another letter that keys may not see."
    )


class Snapshot(Shape):
    """Every letter and reply, all evidence and every contact that a key of scope `office` may see, at one moment."""

    letters = LetterDetail(many=True)
    responses = ResponseDetail(many=True)
    evidence = Evidence(many=True)
    contacts = Contact(many=True)
    cursor = CharField(help_text="Send it as `after` to events/ to continue from that moment.")
