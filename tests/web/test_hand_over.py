"""The brief that is handed over: of a record with something in every field, nothing that is internal is in it (invariant 8).

Each field of each table that a brief could touch is on one of two lists. A new field is on neither, and fails here until
somebody has said whether it may leave the office.
"""

import datetime as dt
import html
import re

import pytest
import time_machine
from django.db import models

from letters.domain import asking, files, items, renewals, replies, sending, workflow
from letters.domain.history import acting
from letters.domain.reply_flow import Word, record_reply
from letters.models import (
    Addressee,
    Agency,
    Answer,
    Ask,
    Attachment,
    Contact,
    Evidence,
    Letter,
    Note,
    Official,
    Renewal,
    Response,
    Tasking,
    User,
)
from letters.reports import brief_facts, follow_up
from tests import factories
from tests.web.test_brief import PAGE, TODAY, brief, of_docx, of_pdf, said_on

THEIRS = "?version=theirs"
# What a hand-over may say of each table; dates of letters, replies, calls and promises among it: they know them too.
HANDED: dict[type[models.Model], set[str]] = {
    Letter: {"subject", "letter_date", "our_role"},  # the role: only that we follow a letter of others
    Ask: {"letter", "number", "summary", "quote", "requested_by"},
    Tasking: {"ask", "agency", "asked_on", "promised_on", "due_on", "due_basis", "original_due_on", "extended_to", "status", "status_event", "passed_to"},
    Response: {"agency", "official", "responder", "channel", "kind", "sent_on", "received_on", "control_number"},
    Answer: {"response", "tasking", "quote", "page"},
    Contact: {"channel", "on"},
    Renewal: {"tasking", "letter", "renewed_on"},
    Addressee: {"letter", "agency", "printed_name", "printed_title", "control_number"},
    Agency: {"name", "short_name", "parent", "kind"},
    Official: {"agency", "name", "title", "start", "end"},  # the days in the choice on the page, not in the brief
    Note: set(), Attachment: set(), Evidence: set(),
}  # fmt: skip
INTERNAL: dict[type[models.Model], set[str]] = {
    Letter: {
        "id", "state", "reference", "printed_date", "sent_at", "sent_on", "congress", "text", "lead_office_contact", "on_behalf_of",
        "published_url", "deadline_on", "deadline_quote", "term_days", "term_unit", "term_from", "access", "released_at", "version",
        "created_at", "search",
    },
    Ask: {"id", "kind", "instrument", "requested_list", "statute", "version", "search"},
    Tasking: {
        "id", "acting_agency", "role", "public_status", "stance", "owner", "ack_due_on", "acknowledged_on",
        "ack_late_recorded", "check_on", "answered_on", "review_on", "snoozed_until", "past_due_recorded", "touched_at",
        "version",
    },
    Response: {"id", "text", "held_elsewhere", "released_at", "version", "search", "in_error_at", "in_error_reason"},
    Answer: {"id", "coverage", "said", "stance", "search", "recorded_at", "assessed_at", "assessed_by", "released_at"},
    Contact: {"id", "agency", "with_whom", "outcome", "next_on", "by", "recorded_at", "in_error_at", "in_error_reason"},
    Renewal: {"id", "quote"},
    Addressee: {
        "id", "position", "delivery", "official", "address", "delivered_at", "acknowledged_at", "legislative_affairs_contact",
    },
    Agency: {"id", "slug", "abbreviation", "yardstick_days", "acknowledgement_days", "address", "escalation_contacts"},
    Official: {"id"},
    Note: {"id", "letter", "tasking", "text", "by", "written_at", "search"},
    Attachment: {
        "id", "letter", "response", "name", "file", "media_type", "size", "sha256", "added_at", "added_by", "in_error_at",
        "in_error_reason",
    },
    Evidence: {
        "id", "tasking", "kind", "response", "citation", "url", "seen_on", "added_at", "checked_at", "released_at", "in_error_at",
        "in_error_reason",
    },
}  # fmt: skip
# What cannot hold a word of its own here: what the database checks, the page itself names (the agency's address, the
# letter's deadline as the item's date), or what would take the row out of the record.
UNMARKED = {
    "reference", "slug", "in_error_at", "in_error_reason", "released_at", "deadline_on", "abbreviation", "sha256", "file", "sent_at",
    "sent_on", "review_on", "answered_on", "held_elsewhere",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _day(settings, tmp_path):
    settings.DOCUMENTS_ROOT, settings.MEDIA_ROOT = tmp_path / "documents", tmp_path
    with time_machine.travel(TODAY, tick=False):
        yield


def test_every_field_is_on_one_list_or_the_other():
    for model, handed in HANDED.items():
        fields = {field.name for field in model._meta.concrete_fields}
        assert (model.__name__, handed & INTERNAL[model]) == (model.__name__, set())
        assert (model.__name__, handed | INTERNAL[model]) == (model.__name__, fields)


def mark(row: models.Model, number: int) -> list[str]:
    """Fill each internal field of the row with something that stands nowhere else; what to look for."""
    looked_for, values = [str(row.pk)], {}
    for field in row._meta.concrete_fields:
        if field.name not in INTERNAL[type(row)] or field.name in UNMARKED or field.generated or field.choices:
            continue
        word = f"zz{number}{type(row).__name__}{field.name}zz".replace("_", "")
        if isinstance(field, models.URLField):
            values[field.name] = f"https://{word}.example.invalid/"
        elif isinstance(field, models.CharField | models.TextField):
            values[field.name] = word[: field.max_length]
        elif isinstance(field, models.DateTimeField):
            number += 1
            values[field.name] = dt.datetime(2031, 1, 1, 17, tzinfo=dt.UTC) + dt.timedelta(days=number)
            looked_for.append(f"{values[field.name]:%B} {values[field.name].day}, 2031")
        elif isinstance(field, models.DateField):
            number += 1
            values[field.name] = dt.date(2032, 1, 1) + dt.timedelta(days=number)
            looked_for.append(f"{values[field.name]:%B} {values[field.name].day}, 2032")
        if isinstance(values.get(field.name), str):
            looked_for.append(values[field.name].rstrip("/").removeprefix("https://"))
    with acting(factories.SETUP):
        type(row)._base_manager.filter(pk=row.pk).update(**values)
    return looked_for


@pytest.fixture
def told(reference, staff, manager) -> dict[str, list[str]]:
    """A record with something in every field; `out` may stand in no hand-over, `in` has to stand there."""
    owner = User.objects.create_user("zzowner", first_name="Zzfirst", last_name="Zzlast", role="staff")
    agency = factories.agency("treasury")
    with factories.on(4, 26):
        one = factories.item(
            subject="TEST subject of the letter", kind_code="written_answers", deadline_on=dt.date(2023, 5, 15),
            ask_facts={"summary": "TEST summary", "quote": "TEST quoted words", "questions": ["TEST first question?", "TEST second?"], "targets": [factories.target("TEST Company")]},
        )  # fmt: skip
        late = factories.item(ask_facts={"summary": "TEST by our usual wait"})
        promised = factories.item(ask_facts={"summary": "TEST promised"})
        done = factories.item(kind_code="sanction", ask_facts={"summary": "TEST done", "targets": [factories.target()]})
        withdrawn = factories.item(ask_facts={"summary": "zzwithdrawn"})
        repeated = factories.item(ask_facts={"summary": "TEST repeated"})
    with factories.on(5, 10):
        official = Official.objects.get(agency=agency, name__contains="Yellen")
        bearing = replies.Bearing(one, coverage="evades", stance="does_not_concur", quote="TEST their words", page="2")
        response = replies.record_response(
            by=staff, agency=agency, official=official, kind="interim", received_on=dt.date(2023, 5, 9), sent_on=dt.date(2023, 5, 8),
            responder="TEST Responder", control_number="TEST-THEIRS", text="TEST", bearings=[bearing],
        )  # fmt: skip
        replies.record_response(
            by=staff, agency=agency, kind="interim", channel="briefing", received_on=dt.date(2023, 5, 10), held_elsewhere="zzheldelsewhere",
            bearings=[replies.Bearing(one)],
        )  # fmt: skip
        contact = items.log_contact(
            by=owner, agency=agency, taskings=[one], channel="call", outcome="TEST", with_whom="TEST", on=dt.date(2023, 5, 10),
        )  # fmt: skip
        notes = [items.add_note(by=owner, letter=one.ask.letter, tasking=at, text="TEST") for at in (one, None)]
        items.assign(one, by=staff, owner=owner)
        workflow.transition(late, to="considering", by=staff, reason="zzreason")
        workflow.transition(promised, to="promised", by=staff, promised_on=dt.date(2023, 6, 20))
        factories.moved(done, "implemented")
        factories.moved(withdrawn, "withdrawn")
        again = factories.sent(
            sent_on=dt.date(2023, 5, 10),
            subject="TEST later letter",
            access="restricted",
            staff=[staff],
            deadline_on=dt.date(2033, 3, 3),
        )
    with factories.on(5, 11):
        renewals.renew(one, by=staff, letter=again)
        open_again = factories.sent(sent_on=dt.date(2023, 5, 11), subject="TEST asked again")
        renewals.renew(repeated, by=factories.SETUP, letter=open_again)
        hidden = factories.item(
            access="restricted", staff=[staff], subject="zzrestricted subject", ask_facts={"summary": "zzrestricted summary", "quote": "zzrestricted quote"}
        )  # fmt: skip
        factories.reply(hidden, text="TEST", responder="zzrestricted responder")
        file = files.attach(
            by=staff,
            letter=one.ask.letter,
            name="TEST.eml",
            file=b"From: TEST\nDate: Tue, 2 May 2023 12:00:00 -0400\n\nTEST\n",
        )
    evidence = done.evidence.get()
    rows = [
        one.ask.letter, one.ask, one, response, response.answers.get(), contact, *one.renewals.all(), one.ask.letter.addressees.get(), agency,
        *notes, file, evidence, done, done.ask, late, promised, promised.ask.letter,
    ]  # fmt: skip
    assert {type(row) for row in rows} | {Official} == set(HANDED)
    out = [word for place, row in enumerate(rows) for word in mark(row, place * 20)]
    references = [*Letter.objects.values_list("reference", flat=True)]
    return {
        "out": [
            *out, *references, "zz", "Zzfirst", "Zzlast", "March 3, 2033", "usual wait", "overdue", "looking into it", "Looking into it", "refuses",
            "does not answer", "May 24, 2023", "99 FR 99999", "chased", "Owner", "Note", "not read", "Our reading",
        ],
        "in": [
            "TEST subject of the letter", "TEST quoted words", "TEST second?", "TEST Company", "TEST their words", "TEST-THEIRS",
            "page 2", "from TEST Responder, Treasury", "dated May 8, 2023, received May 9, 2023", "TEST by our usual wait".replace("our usual wait", ""),
            "We called about this on May 10, 2023.", "We were told to expect it by June 20, 2023, 13 days ago.", "Asked again on May 11, 2023.",
            "done (listed), May 10, 2023", "TEST Secretary of treasury", "Asked on April 25, 2023, 69 days ago.",
        ],
    }  # fmt: skip


@pytest.mark.parametrize("who", ["staff", "manager"])
def test_nothing_internal_is_in_the_page_the_docx_or_the_pdf(told, request, monkeypatch, who):
    client = factories.client(request.getfixturevalue(who))
    page = client.get(PAGE + THEIRS)
    texts = {
        "page": html.unescape(page.content.decode()), "words": said_on(page), "docx": of_docx(client, THEIRS), "pdf": of_pdf(client, monkeypatch, THEIRS),
        "data": str(brief(client, THEIRS)),
    }  # fmt: skip
    # tokens are random, and may have any two letters side by side
    texts["page"] = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', "", texts["page"])
    # how the site does is said above every page: on a busy machine “the broker does not answer”
    texts["page"] = re.sub(r'<div class="strip.*?</div>', "", texts["page"], flags=re.DOTALL)
    # the band above the brief says what is not in it
    band = page.content.decode()
    texts["page"] = texts["page"].replace(
        "no notes, no owners, no numbers of ours, no suggested questions, no usual wait.", ""
    )
    texts["words"] = texts["words"].replace(
        "no notes, no owners, no numbers of ours, no suggested questions, no usual wait.", ""
    )
    assert "2 open items of letters that only named staff may see are left out." in band
    wrong = [
        (name, word)
        for name, text in texts.items()
        for word in told["out"]
        if word in text.replace("TEST by our usual wait", "TEST by")
    ]
    assert wrong == []
    missing = [(name, word) for name in ("words", "docx", "pdf") for word in told["in"] if word not in texts[name]]
    assert missing == []


def test_ours_does_say_it(told, staff):
    """Or the test above would be content with a record that holds nothing."""
    text = said_on(factories.client(staff).get(PAGE))
    for word in (
        "zzheldelsewhere",
        "Zzfirst Zzlast",
        "usual wait",
        "Looking into it",
        "does not answer",
        "2023-0001",
        "zzrestricted quote",
    ):
        assert word in text


def test_a_restricted_letter_is_handed_over_only_if_a_person_puts_it_in(told, staff, monkeypatch):
    client = factories.client(staff)
    hidden = Letter.objects.get(subject="zzrestricted subject")
    form = client.get(f"{PAGE}{THEIRS}&choose=1")
    assert "zzrestricted subject" in said_on(form)
    query = f"{THEIRS}&letter={hidden.pk}"
    page = said_on(client.get(PAGE + query))
    assert "1 letter that only named staff may see is put in, as you chose." in page
    assert "1 open item of letters that only named staff may see is left out." in page
    for text in (page, of_docx(client, query), of_pdf(client, monkeypatch, query)):
        assert "zzrestricted quote" in text
    # who may not see the letter cannot put it in, and is not told of it
    other = factories.client(factories.user("staff", "other"))
    refused = other.get(PAGE + query)
    assert (refused.status_code, "zzrestricted" in refused.content.decode()) == (400, False)
    assert "left out" not in said_on(other.get(PAGE + THEIRS))


def test_a_date_that_only_a_restricted_letter_set_is_not_told(told, staff):
    """The deadline of the restricted letter that repeats an item is that item's date now."""
    assert Tasking.objects.get(ask__summary__contains="TEST summary").due_on == dt.date(2033, 3, 3)
    asks = [one for letter in brief(factories.client(staff), THEIRS)["letters"] for one in letter["asks"]]
    (one,) = (one for one in asks if one["words"] == "TEST quoted words")
    assert (one["date"], one["asked"]) == ("", "Asked on April 25, 2023, 69 days ago.")


def put_to(slug: str, *, acting: str, summary: str = "TEST", ask_facts: dict | None = None, **facts) -> Tasking:
    """An item of a letter of its own, asked of the one, on which the other would act."""
    letter = factories.draft(agencies=[slug], **facts)
    ask = factories.ask(letter, summary=summary, **(ask_facts or {}))
    asking.put_to(ask, by=factories.SETUP, agency=factories.agency(slug), acting_agency=factories.agency(acting))
    return Tasking.objects.get(ask__letter=sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON))


def test_what_another_house_said_or_heard_is_not_handed_over(reference, staff):
    """BIS would act on what State is asked: its words to us are not State's to read."""
    with factories.on(5, 2):
        one = put_to("state", acting="bis")
        factories.reply(
            one,
            agency=factories.agency("bis"),
            kind="interim",
            coverage="evades",
            responder="TEST quagga",
            received_on=dt.date(2023, 5, 1),
        )
        items.log_contact(
            by=staff,
            agency=factories.agency("bis"),
            taskings=[one],
            channel="call",
            outcome="TEST",
            on=dt.date(2023, 5, 1),
        )
    client = factories.client(staff)
    assert "quagga" in said_on(client.get("/agencies/state/brief/"))
    handed = said_on(client.get("/agencies/state/brief/?version=theirs"))
    assert ("quagga" in handed, "We called" in handed, "We have recorded no reply of yours." in handed) == (
        False,
        False,
        True,
    )
    assert "This list has no open request." in said_on(client.get("/agencies/bis/brief/?version=theirs"))


def test_what_another_house_answered_is_not_called_unanswered(reference, staff):
    """BIS answers 2 of 3 questions to State, which may have a copy: of State's own answers alone may its hand-over speak."""
    with factories.on(5, 2):
        letter = factories.draft(agencies=["state"])
        ask = factories.ask(letter, kind_code="written_answers", questions=["TEST 1?", "TEST 2?", "TEST 3?"])
        bis = factories.agency("bis")
        asking.put_to(ask, by=factories.SETUP, agency=factories.agency("state"), acting_agency=bis)
        sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
        one = Tasking.objects.get(ask=ask)
    first, second, _ = ask.questions.order_by("number")

    def questions(*, by: Agency, answered: list) -> tuple:
        """What State's hand-over and our own brief say once this agency answered these."""
        with factories.on(5, 3):
            bearing = replies.Bearing(factories.fresh(one), coverage="partial", stance="unknown", questions=answered)
            replies.record_response(
                by=staff, agency=by, kind="substantive", channel="letter", received_on=dt.date(2023, 5, 3), text="TEST",
                bearings=[bearing],
            )  # fmt: skip
        both = (
            client.get(f"/agencies/state/brief/{version}").context["brief"].letters[0].asks[0]
            for version in (THEIRS, "")
        )
        return tuple((ask.questions_words, len(ask.questions)) for ask in both)

    def followed_up() -> str:
        return client.get("/follow-ups/new/?agency=state").context["text"]

    client = factories.client(staff)
    ours = ("Of the 3 questions, 2 were answered; this one remains:", 1)
    assert questions(by=bis, answered=[first, second]) == (("You have answered none of the 3 questions:", 3), ours)
    assert "You have answered none of the 3 questions:" in followed_up()
    state = factories.agency("state")
    assert questions(by=state, answered=[first]) == (
        ("You have answered 1 of the 3 questions, and not these 2:", 2),
        ours,
    )


def test_letters_we_only_co_signed_are_another_office_s_to_hand_over(reference, staff):
    with factories.on(5, 2):
        factories.item(our_role="co_signed", subject="TEST quagga")
    client = factories.client(staff)
    assert "TEST quagga" in said_on(client.get(PAGE))
    page = said_on(client.get(PAGE + THEIRS))
    assert "1 open item of letters we only co-signed is left out: another office’s to hand over." in page
    assert "quagga" not in page


def test_what_waits_on_us_and_what_was_answered_names_no_date(reference, staff):
    with factories.on(5, 2):
        ours, answered, _ = (
            factories.item(deadline_on=dt.date(2023, 5, 15), ask_facts={"summary": f"TEST {name}"})
            for name in ("ours", "answered", "late")
        )
        workflow.transition(ours, to="clarification", by=staff)
        factories.reply(answered, received_on=dt.date(2023, 5, 1))
    asks = [one for letter in brief(factories.client(staff), THEIRS)["letters"] for one in letter["asks"]]
    assert {one["words"]: one["date"] for one in asks} == {
        "TEST ours": "This one waits on us: something was asked of us.",
        "TEST answered": "",
        "TEST late": "We asked for a reply by May 15, 2023, 49 days ago.",
    }


def test_what_another_house_promised_asked_of_us_or_refused_is_not_told_as_theirs(reference, staff):
    """OFAC would act on what the President is asked, and on what Treasury is: its words to us are its own."""
    said = [
        {"said": "promised", "promised_on": dt.date(2023, 8, 1)},
        {"said": "needs_us"},
        {"said": "refused", "status": "declined"},
    ]
    with factories.on(5, 2):
        for slug in ("president", "treasury"):
            items_of = [put_to(slug, acting="ofac", summary=f"TEST {one['said']}") for one in said]
            words = [Word(item, **one) for item, one in zip(items_of, said, strict=True)]
            record_reply(by=staff, agency=factories.agency("ofac"), received_on=dt.date(2023, 5, 1), words=words)
    client = factories.client(staff)

    def handed(slug: str) -> tuple:
        found = client.get(f"/agencies/{slug}/brief/?version=theirs").context["brief"]
        dates = {ask.words: ask.date for letter in found.letters for ask in letter.asks}
        return dates, [one.promised for one in found.promises], [(one.words, one.outcome) for one in found.closed]

    assert handed("president") == ({"TEST promised": "", "TEST needs_us": ""}, [], [])
    told = "told us to expect it by August 1, 2023."
    # to Treasury in the name of its bureau; and to the bureau itself
    for slug, who, by in (("treasury", "OFAC", " by OFAC"), ("ofac", "you", "")):
        assert handed(slug) == (
            {"TEST promised": f"{who[0].upper()}{who[1:]} {told}", "TEST needs_us": f"This one waits on us: {who} asked something of us."},
            [f"promised{by} for August 1, 2023"],
            [("TEST refused", "refused, May 1, 2023")],
        )  # fmt: skip
    promised = follow_up.open_at(factories.agency("president"), staff).get(status="promised")
    house = brief_facts.house_of(promised.agency)
    assert follow_up._asked(promised, 1, TODAY.date(), house).waited == "Asked on April 25, 2023, 69 days ago."


def test_a_summary_of_ours_never_stands_between_quotation_marks(reference, staff, monkeypatch):
    with factories.on(5, 2):
        for name, facts in (("ours", {}), ("theirs", {"quote": "TEST of the letter"})):
            one = factories.item(ask_facts={"summary": f"TEST {name}", **facts})
            official = Official.objects.filter(agency=one.agency).first()
            factories.reply(one, official=official)
            workflow.transition(one, to="answered", by=staff, reason="TEST")
    client = factories.client(staff)
    query = f"{THEIRS}&official={official.pk}"
    page = said_on(client.get(PAGE + query))
    for text in (page, of_docx(client, query), of_pdf(client, monkeypatch, query)):
        assert ("TEST ours: answered" in text, "“TEST of the letter”: answered" in text) == (True, True)
        assert ("On TEST ours" in text, "On “TEST of the letter”" in text, "“TEST ours" in text) == (True, True, False)
    assert "“Treasury: TEST ours" not in of_docx(client)


def test_what_a_bureau_s_hand_over_leaves_out_is_said_and_can_be_put_in(reference, staff):
    with factories.on(5, 2):
        put_to(
            "treasury", acting="ofac", summary="TEST hidden", access="restricted", staff=[staff], subject="TEST zebra"
        )
        put_to("treasury", acting="ofac", summary="TEST co-signed", our_role="co_signed")
        put_to("president", acting="ofac", summary="TEST of another house", our_role="co_signed")
    client = factories.client(staff)
    handed = "/agencies/ofac/brief/?version=theirs"
    text = said_on(client.get(handed))
    assert "1 open item of letters that only named staff may see is left out." in text
    assert "1 open item of letters we only co-signed is left out: another office’s to hand over." in text
    assert "TEST hidden" in said_on(client.get(f"{handed}&letter={Letter.objects.get(subject='TEST zebra').pk}"))
