"""The page that corrects signers, addressees and asks of a sent letter."""

import datetime as dt
import html
import re

from letters.domain import left_out, letter_desk, sending
from letters.domain.amending import Correction, amend_parts
from letters.domain.amending_asks import QuestionCorrection
from letters.domain.history import acting
from letters.domain.reply_flow import Word, record_reply
from letters.domain.words import signer_words, signers_of
from letters.enums import Access
from letters.errors import Problem, StaleVersion
from letters.models import Letter, Question, Target, Tasking, Topic
from tests import factories
from tests.web.test_pages import words

PAGE = "/letters/2023-0001/amend/"


def form(letter, **more) -> dict:
    """The page's fields as they stand, with these changed."""
    fields = {"version": letter.version, "reason": "TEST read again"}
    for one in letter.signatures.select_related("legislator"):
        key = f"signer-{one.position}"
        fields |= {
            f"{key}-printed_name": one.printed_name,
            f"{key}-printed_title": one.printed_title,
            f"{key}-bioguide": one.legislator.bioguide if one.legislator else "",
        }
        fields |= {f"{key}-is_lead": "on"} if one.is_lead else {}
    for one in letter.addressees.all():
        key = f"addressee-{one.position}"
        address = one.address.replace("\n", "\r\n")
        fields |= {
            f"{key}-printed_name": one.printed_name,
            f"{key}-printed_title": one.printed_title,
            f"{key}-address": address,
        }
    for one in letter.asks.all():
        key = f"ask-{one.number}"
        fields |= {f"{key}-{name}": getattr(one, name) for name in ("summary", "quote", "instrument", "requested_list")}
    return fields | {name.replace("__", "-"): value for name, value in more.items()}


def test_what_is_changed_is_amended_and_nothing_else(as_staff, seed):
    assert "Ask 1: Sanction Huawei Cloud" in words(as_staff.get(PAGE))
    done = as_staff.post(PAGE, form(seed, **{"signer__2__printed_name": "TEST Thom R. Tillis"}), follow=True)
    assert "2023-0001 is corrected. What stood before is kept." in words(done)
    assert list(seed.amendments.values_list("field", "before", "after")) == [
        ("signer 2, name", "Thom Tillis", "TEST Thom R. Tillis")
    ]
    assert "signer 2, name Thom Tillis TEST Thom R. Tillis TEST read again" in words(as_staff.get(PAGE))


def test_a_refusal_keeps_what_was_typed(as_staff, seed):
    typed = form(seed, **{"ask__1__requested_by": "soon", "ask__2__summary": "TEST typed at length"})
    response = as_staff.post(PAGE, typed)
    assert response.status_code == 422
    assert "“soon” is not a date." in words(response)
    assert 'value="TEST typed at length"' in response.content.decode()
    assert 'href="#id_ask-1-requested_by"' in response.content.decode()
    nothing = as_staff.post(PAGE, form(seed))
    assert (nothing.status_code, "there is nothing to correct" in words(nothing)) == (422, True)
    assert not seed.amendments.exists()


def opened(client) -> dict:
    """The page as a browser holds it: every field, the version, what it was drawn with."""
    page = client.get(PAGE).content.decode()
    (drawn,) = re.findall(r'name="opened" value="([^"]*)"', page)
    return {"opened": html.unescape(drawn)}


def test_a_stale_page_takes_what_only_one_changed_and_asks_where_both_did(as_staff, seed, manager):
    drawn = opened(as_staff)
    typed = form(seed, **{"ask__2__summary": "TEST mine", "ask__3__summary": "TEST mine too"}) | drawn
    theirs = {"ask-1": {"summary": "TEST theirs"}, "ask-3": {"summary": "TEST theirs too"}}
    asks = {f"ask-{ask.number}": ask for ask in seed.asks.all()}
    amend_parts(
        seed, by=manager, reason="TEST other hand",
        corrections=[Correction(asks[key], fields, key) for key, fields in theirs.items()],
    )  # fmt: skip
    response = as_staff.post(PAGE, typed)
    page = response.content.decode()
    assert response.status_code == 409
    assert "manager changed this on" in words(response)
    assert re.findall(r'name="merging" value="([^"]*)"', page) == ["ask-3-summary"]
    for value in ("TEST theirs", "TEST mine", "TEST mine too"):
        assert f'value="{value}"' in page
    again = {**typed, "version": typed["version"] + 1, "ask-1-summary": "TEST theirs", "merging": "ask-3-summary"} | opened(as_staff)  # fmt: skip
    unsaid = as_staff.post(PAGE, again)
    assert (unsaid.status_code, "Both of you changed “Ask 3, wording”. Choose which to keep." in words(unsaid)) == (409, True)  # fmt: skip
    as_staff.post(PAGE, again | {"keep.ask-3-summary": "theirs"})
    assert list(seed.asks.order_by("number").values_list("summary", flat=True))[:3] == [
        "TEST theirs",
        "TEST mine",
        "TEST theirs too",
    ]
    assert seed.amendments.count() == 3


def test_a_stale_page_that_nobody_remembers_overwrites_nothing(as_staff, seed, manager):
    typed = form(seed, **{"ask__2__summary": "TEST mine"})
    amend_parts(
        seed, by=manager, reason="TEST", corrections=[Correction(seed.asks.get(number=1), {"summary": "TEST theirs"}, "ask-1")]
    )  # fmt: skip
    response = as_staff.post(PAGE, typed)
    assert response.status_code == 409
    assert re.findall(r'name="merging" value="([^"]*)"', response.content.decode()) == [
        "ask-1-summary",
        "ask-2-summary",
    ]
    assert 'value="TEST mine"' in response.content.decode()


def test_what_a_colleague_only_added_is_asked_of_nobody(as_staff, manager, reference):
    letter = factories.sent()
    typed = form(letter, **{"signer__1__printed_title": "TEST title"}) | opened(as_staff)
    left_out.add_signer(letter, by=manager, reason="TEST", printed_name="TEST Jane Doe")
    left_out.add_ask(
        letter, by=manager, reason="TEST", kind=factories.kind("briefing"), summary="TEST left out", quote="TEST a quote",
        responsible=[factories.agency("treasury")],
    )  # fmt: skip
    stale = as_staff.post(PAGE, typed)
    page = stale.content.decode()
    assert (stale.status_code, re.findall(r'name="merging" value="([^"]*)"', page)) == (409, [])
    assert "No field was changed by both of you" in words(stale)
    assert ('value="TEST Jane Doe"' in page, 'value="TEST left out"' in page) == (True, True)
    letter.refresh_from_db()
    again = form(letter, **{"signer__1__printed_title": "TEST title"}) | opened(as_staff)
    assert as_staff.post(PAGE, again).status_code == 302
    assert sorted(letter.signatures.values_list("printed_name", "printed_title")) == [
        ("TEST Jane Doe", ""), ("TEST Signer", "TEST title"),
    ]  # fmt: skip


def test_it_is_for_who_may_change_the_letter(as_staff, as_viewer, seed, manager):
    assert (as_viewer.get(PAGE).status_code, as_viewer.post(PAGE, form(seed)).status_code) == (403, 403)
    sending.change_access(seed, by=manager, access="restricted", reason="TEST")
    assert (as_staff.get(PAGE).status_code, as_staff.post(PAGE, form(seed)).status_code) == (404, 404)


def test_who_a_signer_is_that_nobody_was_matched_with_is_said_from_beside_the_name(as_staff, as_viewer, seed):
    with acting(factories.SETUP):
        seed.signatures.filter(position=2).update(match="unmatched", legislator=None)
    page, address = f"/letters/{seed.reference}/", f"{PAGE}?open=signer-2"
    assert as_staff.get(page).content.decode().count(f'href="{address}#signer-2">Who is this?') == 1
    assert "Who is this?" not in words(as_viewer.get(page))
    opened = re.findall(r'<details class="disclosure" id="([\w-]+)" open>', as_staff.get(address).content.decode())
    assert opened == ["signer-2"]


def test_a_proposed_signer_is_confirmed_by_one_press_as_a_correction(as_staff, as_viewer, seed, staff):
    with acting(factories.SETUP):
        seed.signatures.filter(position__in=[2, 3, 4]).update(match="proposed")
    page, address = f"/letters/{seed.reference}/", f"/letters/{seed.reference}/signers/confirm/"
    assert "3 signers are kept as printed and not confirmed" in words(as_staff.get(page))
    assert address not in as_viewer.get(page).content.decode()
    second = seed.signatures.get(position=2)
    # saving another correction confirms nobody: the page of corrections only shows who is proposed
    as_staff.post(PAGE, form(seed, ask__1__summary="TEST wording"))
    assert seed.signatures.filter(match="proposed").count() == 3
    stale = as_staff.post(address, {"signer": second.pk, "version": seed.version}, follow=True)
    assert "was changed while you read it" in words(stale)
    seed.refresh_from_db()
    done = as_staff.post(address, {"signer": second.pk, "version": seed.version}, follow=True)
    assert "Confirmed: Thom Tillis." in words(done)
    assert "2 signers are kept as printed and not confirmed" in words(done)
    last = seed.amendments.latest("amended_at")
    told = ("signer 2, member", f"{second.legislator.bioguide}, proposed", second.legislator.bioguide)
    assert (last.field, last.before, last.after) == told
    seed.refresh_from_db()
    done = as_staff.post(address, {"signer": "all", "version": seed.version}, follow=True)
    assert "not confirmed as a member" not in words(done)
    confirmed = seed.signatures.get(position=2)
    assert (confirmed.match, confirmed.state, confirmed.party) == ("confirmed", second.state, second.party)
    assert second.state != ""


def test_a_leader_who_is_only_proposed_stands_as_printed(seed):
    with acting(factories.SETUP):
        seed.signatures.filter(position=1).update(match="proposed", printed_name="TEST B. Hagerty")
    assert (signers_of({seed.pk})[seed.pk], signer_words(seed)) == ("led by TEST B. Hagerty, 9 signers",) * 2
    with acting(factories.SETUP):
        seed.signatures.filter(position=1).update(match="confirmed")
    assert (signers_of({seed.pk})[seed.pk], signer_words(seed)) == ("led by Bill Hagerty, 9 signers",) * 2


def test_corrections_so_far_are_told_in_words(as_staff, seed, staff):
    seed = sending.amend(seed, by=staff, reason="TEST", our_role="co_led", printed_date=dt.date(2023, 4, 24))
    fixed = form(seed, **{"ask__1__requested_by": "June 1, 2023", "signer__2__is_lead": "on"})
    assert as_staff.post(PAGE, fixed).status_code == 302
    for page in (PAGE, "/letters/2023-0001/"):
        told = words(as_staff.get(page))
        for code in ("our_role", "co_led", "printed_date", "2023-04-24", "2023-06-01", "True"):
            assert code not in told, (page, code)
        assert "June 1, 2023" in told
    told = words(as_staff.get(PAGE))
    assert "the date printed on it April 25, 2023 April 24, 2023 TEST" in told
    assert "signer 2, led no yes TEST read again" in told


def test_a_company_and_questions_are_put_right_on_the_page(as_staff, reference):
    alpha, beta = factories.target("TEST Alpha"), factories.target("TEST Beta")
    asked = {"targets": [alpha], "questions": ["TEST who?", "TEST where?"]}
    letter = factories.sent(kind_code="written_answers", ask_facts=asked)
    page, ask = f"/letters/{letter.reference}/amend/", letter.asks.get()
    who, where = ask.questions.order_by("number")
    drawn = words(as_staff.get(page))
    for shown in ("Whom it is about", "TEST Alpha", "1. TEST who?", "before 2. TEST where?"):
        assert shown in drawn
    fields = form(letter) | {f"ask-1-question-{one.pk}-text": one.text for one in (who, where)}
    # a name nobody knows: those it is like are shown, and nothing that was typed is lost
    typed = fields | {
        "ask-1-drop": "test-alpha",
        "ask-1-target": "TEST Betta",
        f"ask-1-question-{who.pk}-text": "TEST whom?",
        f"ask-1-question-{where.pk}-remove": "on",
        "ask-1-new_questions": "1. TEST when?\r\n2. TEST why?",
        "ask-1-before": str(who.pk),
    }
    response = as_staff.post(page, typed)
    shown, html_ = words(response), response.content.decode()
    assert (response.status_code, letter.amendments.exists()) == (422, False)
    assert "“TEST Betta” is not in our record yet. Choose one of those shown, or say what it is to add it." in shown
    assert 'href="#id_ask-1-target"' in html_
    assert re.search(r'value="test-beta"[^>]*>\s*<label[^>]*>TEST Beta', html_)
    assert re.search(r'value="test-alpha"[^>]* checked', html_)
    assert all(one in html_ for one in ("TEST whom?", "2. TEST why?", f'value="{who.pk}" selected'))
    done = as_staff.post(page, typed | {"ask-1-target_pick": "test-beta"})
    assert done.status_code == 302
    assert list(ask.targets.all()) == [beta]
    assert list(ask.questions.order_by("number").values_list("text", flat=True)) == [
        "1. TEST when?",
        "2. TEST why?",
        "TEST whom?",
    ]
    told = words(as_staff.get(page))
    assert "ask 1, whom it is about TEST Alpha TEST Beta TEST read again" in told
    assert "Letter corrected: ask 1, whom it is about" in words(as_staff.get(f"/items/{ask.taskings.get().pk}/"))


def test_one_that_is_new_comes_into_the_record_with_the_correction_or_not_at_all(as_staff, reference):
    letter = factories.sent()
    page = f"/letters/{letter.reference}/amend/"
    new = form(letter) | {"ask-1-target": "TEST New Ltd.", "ask-1-target_kind": "company", "reason": ""}
    assert as_staff.post(page, new).status_code == 422
    assert not Target.objects.filter(name="TEST New Ltd.").exists()
    assert as_staff.post(page, new | {"reason": "TEST left out"}).status_code == 302
    assert letter.asks.get().targets.get().kind == "company"
    # the same name once more is refused where it was typed
    again = as_staff.post(page, form(Letter.objects.get()) | {"ask-1-target": "test new ltd."})
    assert (again.status_code, "Ask 1 is about TEST New Ltd. already." in words(again)) == (422, True)
    assert 'href="#id_ask-1-target"' in again.content.decode()


def test_what_somebody_took_out_meanwhile_keeps_the_words_typed_for_it(as_staff, manager, reference):
    letter = factories.sent(kind_code="written_answers", ask_facts={"questions": ["TEST who?", "TEST where?"]})
    page, ask = f"/letters/{letter.reference}/amend/", letter.asks.get()
    who, where = ask.questions.order_by("number")
    (drawn,) = re.findall(r'name="opened" value="([^"]*)"', as_staff.get(page).content.decode())
    typed = form(letter) | {"opened": html.unescape(drawn)}
    typed |= {f"ask-1-question-{who.pk}-text": "TEST whom?", f"ask-1-question-{where.pk}-text": where.text}
    theirs = [
        QuestionCorrection(who, remove=True),
        QuestionCorrection(where, "TEST where?!"),
        QuestionCorrection(text="TEST when?"),
    ]
    amend_parts(letter, by=manager, reason="TEST", corrections=[Correction(ask, {"questions": theirs})])
    response = as_staff.post(page, typed)
    assert response.status_code == 409
    drawn_again = response.content.decode()
    assert re.search(r'name="ask-1-new_questions"[^>]*>\s*TEST whom\?', drawn_again)
    assert re.search(rf'name="ask-1-question-{where.pk}-text"[^>]*>\s*TEST where\?!', drawn_again)
    assert ("TEST when?" in drawn_again, 'name="merging"' in drawn_again) == (True, False)


def test_a_topic_that_only_a_restricted_letter_has_is_offered_to_who_may_see_that_letter(as_staff, manager, reference):
    hidden = factories.sent(access=Access.RESTRICTED)
    letter_desk.file_under(hidden, by=manager, topics=["TEST quagga"])
    page = f"/letters/{factories.sent().reference}/topics/"
    assert ["TEST quagga" in words(client.get(page)) for client in (as_staff, factories.client(manager))] == [
        False,
        True,
    ]


def test_topics_are_ticked_by_two_people_at_once(as_staff, as_viewer, manager, reference):
    letter = factories.sent()
    with acting(factories.SETUP):
        for name in ("TEST cloud", "TEST ports", "TEST steel"):
            Topic.objects.create(name=name, slug=name.lower().replace(" ", "-"))
    letter = letter_desk.file_under(letter, by=manager, topics=["TEST cloud"])
    page = f"/letters/{letter.reference}/topics/"
    assert f'href="{page}"' in as_staff.get(f"/letters/{letter.reference}/").content.decode()
    typed = {"was": ["TEST cloud"], "topics": ["TEST ports"], "new_topics": "TEST new, test CLOUD " + "x" * 120}
    refused = as_staff.post(page, typed)
    assert (refused.status_code, "A topic" in words(refused)) == (422, True)
    assert "x" * 120 in refused.content.decode()
    letter_desk.file_under(letter, by=manager, topics=["TEST cloud", "TEST steel"])
    assert as_staff.post(page, typed | {"new_topics": "TEST new"}).status_code == 302
    assert sorted(letter.topics.values_list("name", flat=True)) == ["TEST new", "TEST ports", "TEST steel"]
    assert "Filed under: TEST new, TEST ports, TEST steel" in words(as_staff.get(f"/letters/{letter.reference}/"))
    assert (as_viewer.get(page).status_code, as_viewer.post(page, typed).status_code) == (403, 403)


def test_topics_typed_while_somebody_saves_the_letter_stay_typed(as_staff, reference, monkeypatch):
    letter = factories.sent()

    def saved_first(letter, *, expected_version: int, **how):
        raise StaleVersion(Problem("version", "TEST", expected_version))

    page = f"/letters/{letter.reference}/topics/"
    with monkeypatch.context() as patch:
        patch.setattr("letters.web.topics.file_under", saved_first)
        told = as_staff.post(page, {"new_topics": "TEST typed"})
    assert "was changed in this moment. Save again." in words(told)
    assert 'value="TEST typed"' in told.content.decode()


def test_whoever_takes_out_the_last_open_question_hears_that_nothing_is_left_open(as_staff, staff, reference):
    letter = factories.sent(kind_code="written_answers", ask_facts={"questions": ["TEST who?", "TEST where?"]})
    page, item = f"/letters/{letter.reference}/amend/", Tasking.objects.get()
    who, where = Question.objects.order_by("number")
    word = Word(item, said="answered", questions=[who])
    record_reply(by=staff, agency=item.agency, received_on=dt.date(2023, 5, 10), words=[word])
    said = f"nothing is left open in “{item}”: say on its page what it has come to."
    fixed = as_staff.post(page, form(letter) | {"ask-1-summary": "TEST other words"}, follow=True)
    assert ("is corrected" in words(fixed), said in words(fixed)) == (True, False)
    letter.refresh_from_db()
    item = Tasking.objects.select_related("ask", "agency").get()
    done = as_staff.post(page, form(letter) | {f"ask-1-question-{where.pk}-remove": "on"}, follow=True)
    assert f"nothing is left open in “{item}”: say on its page what it has come to." in words(done)
    assert Tasking.objects.get().status == "partly_addressed"


def test_the_page_costs_the_same_with_one_name_and_with_three(as_staff, reference, django_assert_num_queries):
    for number in (1, 3):
        facts = {
            "targets": [factories.target() for _ in range(number)],
            "questions": [f"TEST {n}?" for n in range(number)],
        }
        letter = factories.sent(kind_code="written_answers", ask_facts=facts)
        as_staff.get(f"/letters/{letter.reference}/amend/")  # what is kept between requests is looked up
        with django_assert_num_queries(14):
            assert as_staff.get(f"/letters/{letter.reference}/amend/").status_code == 200
