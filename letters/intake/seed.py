"""The letter of April 25, 2023: fixture number one, logged through the verbs like any other letter."""

from django.db import transaction

from letters.domain.history import acting
from letters.domain.office import refuse_examples
from letters.enums import EventKind, SystemProcess
from letters.intake.fixture_letter import demo_office, log_letter
from letters.intake.reference import read_yaml
from letters.models import Event, Letter

BY = SystemProcess.SEED_LOADER


@transaction.atomic
def load_seed_letter() -> Letter:
    """Make the demo office and log, send and release the letter. Doing it again changes nothing.

    Needs the reference data. No reply and no outcome is invented: the file knows none. Raises RecordError in the record
    of a real office: a letter that it never sent could not be taken out again.
    """
    # by who sent it: whatever the letter says of itself may be corrected
    sent = Event.objects.filter(kind=EventKind.LETTER_SENT, by_process=BY).select_related("letter").first()
    if sent:
        return sent.letter
    refuse_examples("demo letter")
    data = read_yaml("seed_letter.yaml")
    with acting(BY):
        demo_office(data["member"])
        return log_letter(data, data["text"], by=BY)
