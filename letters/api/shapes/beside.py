"""What a key of scope `office` gets of what stands beside letters, of reference data, and of drafts."""

from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateField,
    DateTimeField,
    IntegerField,
    URLField,
    UUIDField,
)

from letters import enums
from letters.api.shapes.office import Addressee, AskRef, QuestionRef, Signature, TopicRef
from letters.api.shapes.parts import AgencyRef, KindRef, Row, Shape, TargetRef


class Note(Row):
    """An internal note; it never leaves the office."""

    letter = UUIDField()
    tasking = UUIDField(allow_null=True)
    text = CharField()
    by = CharField(allow_null=True, help_text="User name.")
    written_at = DateTimeField()


class Attachment(Row):
    """A kept file."""

    download_url = URLField(help_text="Its bytes, for the same key; 404 once it was taken back.")
    letter = UUIDField(allow_null=True)
    response = UUIDField(allow_null=True)
    name = CharField(allow_blank=True, help_text="Empty once it was taken back.")
    media_type = CharField(help_text="What its bytes are, whatever it was called.")
    size = IntegerField(help_text="Bytes.")
    sha256 = CharField()
    added_at = DateTimeField()
    added_by = CharField(allow_null=True, help_text="User name.")
    in_error_at = DateTimeField(
        allow_null=True, help_text="When it was taken back, as attached by mistake: no key gets its bytes."
    )
    in_error_reason = CharField(allow_blank=True)


class Official(Row):
    """A person holding a post for a time."""

    agency = AgencyRef()
    name = CharField()
    title = CharField()
    start = DateField(allow_null=True)
    end = DateField(allow_null=True)


class Kind(Row):
    """A kind of ask, with what it proposes."""

    code = CharField()
    name = CharField()
    verb = CharField(help_text="Makes a summary: “Sanction {targets}”.")
    usual_agency = CharField(allow_null=True, help_text="Slug.")
    acting_agency = CharField(allow_null=True, help_text="Slug of the bureau that would act.")
    instrument = CharField(allow_blank=True)
    requested_list = CharField(allow_blank=True)
    needs_targets = BooleanField()
    closes_as = ChoiceField(enums.ClosesAs.choices)
    done_word = CharField(help_text="As the screen says it when it is done.")
    help = CharField(allow_blank=True)
    position = IntegerField(help_text="Its place in lists of kinds.")


class Statute(Row):
    """A law that gives an agency so many days to answer a request of a certain kind."""

    code = CharField()
    name = CharField()
    citation = CharField()
    trigger = CharField(help_text="What starts it, and from whom the request must come.")
    days = IntegerField(
        help_text="Calendar days from receipt of the letter; from its own date while receipt is not recorded."
    )
    source_url = CharField(allow_blank=True)


class Closure(Row):
    """A day that does not count as a business day, or, with `closed` false, a listed holiday that does."""

    day = DateField()
    name = CharField()
    closed = BooleanField()


class DraftTasking(Shape):
    id = UUIDField()
    role = ChoiceField(enums.TaskingRole.choices)
    agency = AgencyRef()
    acting_agency = AgencyRef(allow_null=True)


class DraftAsk(AskRef):
    kind = KindRef()
    targets = TargetRef(many=True)
    questions = QuestionRef(many=True)
    taskings = DraftTasking(many=True)


class Draft(Row):
    """A letter that was not sent yet."""

    subject = CharField()
    printed_date = DateField(allow_null=True)
    letter_date = DateField(allow_null=True)
    our_role = ChoiceField(enums.OurRole.choices)
    lead_office_contact = CharField(allow_blank=True)
    on_behalf_of = CharField(allow_blank=True)
    published_url = CharField(allow_blank=True)
    deadline_on = DateField(allow_null=True)
    term_days = IntegerField(allow_null=True)
    term_unit = ChoiceField(enums.TermUnit.choices, allow_null=True)
    term_from = ChoiceField(enums.TermFrom.choices, allow_null=True)
    deadline_quote = CharField(allow_blank=True)
    topics = TopicRef(many=True)
    signatures = Signature(many=True)
    addressees = Addressee(many=True)
    created_at = DateTimeField()
    version = IntegerField(help_text="Grows with each change.")


class DraftDetail(Draft):
    """A draft with its text and what it asks of whom."""

    text = CharField(allow_blank=True)
    asks = DraftAsk(many=True)
