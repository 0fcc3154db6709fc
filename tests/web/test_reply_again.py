"""A reply that is read later, or once more: the form begins with what is recorded, and takes away only what is emptied."""

import datetime as dt
import re

from letters.domain import sending
from letters.domain.clocks import office_today
from letters.domain.reply_flow import Word, read_reply, record_reply
from letters.models import Response, Tasking
from tests import factories
from tests.factories import fresh
from tests.web.test_pages import words as words_of


def chosen(body: str, tasking: Tasking, name: str) -> list[str]:
    """The values of what is ticked or chosen of a control of this item."""
    at = f"{tasking.pk}-{name}"
    boxes = [tag for tag in re.findall(r"<input[^>]*>", body) if f'name="{at}"' in tag and " checked" in tag]
    if boxes:
        return [re.search(r'value="([^"]*)"', tag)[1] for tag in boxes]
    found = re.search(rf'<select[^>]*name="{at}".*?</select>', body, re.DOTALL)
    return re.findall(r'value="([^"]*)" selected', found[0]) if found else []


def kept(tasking: Tasking, *, by, **how) -> Response:
    words = [Word(fresh(tasking), quote="TEST decisive sentence", page="3", **how)]
    return record_reply(by=by, agency=tasking.agency, received_on=dt.date(2023, 5, 10), words=words)


def test_what_was_typed_before_a_reply_was_read_stands_in_the_form_that_reads_it(as_staff, reference, staff):
    tasking = factories.item()
    reply = kept(tasking, by=staff)
    address = f"/replies/{reply.pk}/read/"
    body = as_staff.get(address).content.decode()
    assert "TEST decisive sentence</textarea>" in body
    key, version = tasking.pk, fresh(tasking).version
    typed = {"said": "refused", f"{key}-on": "on", f"{key}-version": version}
    # a page without these fields takes nothing away; one in which a field was emptied does
    assert as_staff.post(address, typed | {f"{key}-page": ""}).status_code == 302
    answer = reply.answers.get()
    assert (answer.said, answer.quote, answer.page) == ("refused", "TEST decisive sentence", "")


def test_reading_again_begins_with_what_was_read(as_staff, reference, staff):
    targets = [factories.target() for _ in range(3)]
    one = factories.item(kind_code="sanction", ask_facts={"targets": targets})
    other = factories.item()
    reply = kept(one, by=staff, said="done", targets=targets[:1], stance="no_position")
    read_reply(reply, by=staff, words=[Word(other, said="looking")])
    body = as_staff.get(f"/replies/{reply.pk}/read/?item={one.pk}").content.decode()
    assert re.findall(r'name="said" value="(\w+)"[^>]* checked', body) == ["done"]
    assert chosen(body, one, "targets") == [str(targets[0].pk)]
    assert [chosen(body, one, name) for name in ("said", "coverage", "stance")] == [[""], [""], ["no_position"]]
    assert chosen(body, other, "said") == ["looking"]  # so that it stays what it is where it is ticked, too


def test_the_kind_that_somebody_chose_is_named(as_staff, reference, staff):
    tasking = factories.item()
    reply = kept(tasking, by=staff, said="looking")
    read_reply(reply, by=staff, words=[Word(fresh(tasking), said="looking")], kind="extension_notice")
    body = as_staff.get(f"/replies/{reply.pk}/read/?item={tasking.pk}").content.decode()
    assert "stays “notice of more time needed”, as somebody chose" in body


def test_reading_again_begins_with_the_days_that_somebody_chose(as_staff, reference, staff):
    looks, promised = factories.item(), factories.item()
    day = office_today() + dt.timedelta(days=45)
    reply = kept(looks, by=staff, said="no_position", review_on=day)
    read_reply(reply, by=staff, words=[Word(promised, said="promised", promised_on=day)])
    for item, name, other, others_name in (
        (looks, "review_on", promised, "promised_on"), (promised, "promised_on", looks, "review_on"),
    ):  # fmt: skip
        body = as_staff.get(f"/replies/{reply.pk}/read/?item={item.pk}").content.decode()
        # of the item that is meant, where it is asked for all, so that what is typed there counts
        assert typed(body, name) == day.isoformat()
        assert (typed(body, f"{item.pk}-{name}"), typed(body, f"{other.pk}-{others_name}")) == ("", day.isoformat())


def test_reading_again_keeps_that_somebody_took_it_for_an_answer_in_full(as_staff, reference, staff):
    targets = [factories.target() for _ in range(3)]
    chose, all_of_it = (factories.item(kind_code="documents", ask_facts={"targets": targets}) for _ in range(2))
    reply = kept(chose, by=staff, said="done", targets=targets[:1], status="answered")
    read_reply(reply, by=staff, words=[Word(all_of_it, said="done")])
    assert {answer.coverage for answer in reply.answers.all()} == {"full"}
    for item, coverage in ((chose, "full"), (all_of_it, "")):
        body = as_staff.get(f"/replies/{reply.pk}/read/?item={item.pk}").content.decode()
        assert chosen(body, item, "coverage") == [coverage]


def test_reading_again_says_where_each_choice_leads_from_what_stood_before(as_staff, reference, staff):
    tasking = factories.item()
    reply = kept(tasking, by=staff, said="partly")
    words = effects(as_staff, reply, tasking)
    assert (words["looking"], words["partly"]) == (
        "→ looking into it",
        "stays “partly done”; their words: partly agrees",
    )
    second = kept(tasking, by=staff, said="needs_us")
    words = effects(as_staff, second, tasking)
    assert words["received"] == "→ “partly done” again, as before this reply; the reply clock runs on"


def test_reading_later_says_of_each_item_which_day_and_which_clock_stay(as_staff, reference, staff):
    promised, still = factories.item(), factories.item()
    early = kept(promised, by=staff)
    unread = kept(still, by=staff)
    day = dt.date(2023, 12, 15)
    for item, how in ((promised, {"said": "promised", "promised_on": day}), (still, {"said": "no_position"})):
        words = [Word(fresh(item), **how)]
        record_reply(by=staff, agency=item.agency, received_on=dt.date(2023, 6, 1), words=words)
    assert effects(as_staff, early, promised)["promised"] == (
        "stays promised for December 15, 2023: that day was named later, on June 1, 2023"
    )
    assert effects(as_staff, unread, still)["looking"] == (
        "stays “looking into it”, and the reply clock stands still: a later reply (June 1, 2023) takes no position"
    )


def effects(client, reply: Response, tasking: Tasking) -> dict[str, str]:
    """By choice, what the page that reads a reply says it would do to this item."""
    body = client.get(f"/replies/{reply.pk}/read/?item={tasking.pk}").content.decode()
    return dict(re.findall(r'effect--(\w+)">([^<]*)<', body[body.index(f"item-{tasking.pk}") :].split("</p>")[0]))


def typed(body: str, name: str) -> str:
    """The value of an input."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', body)[0]
    return found[1] if (found := re.search(r'value="([^"]*)"', tag)) else ""


def test_a_kept_reply_is_taken_off_an_item_that_it_does_not_mention(as_staff, reference, staff):
    one, two, three = (factories.item() for _ in range(3))
    words = [Word(fresh(each)) for each in (one, two, three)]
    reply = record_reply(by=staff, agency=one.agency, received_on=dt.date(2023, 5, 10), words=words)
    address = f"/replies/{reply.pk}/read/"
    assert as_staff.get(address).content.decode().count("It says nothing about this one") == 3
    # each is ticked from the start: what is said of one item goes before that
    typed = {"said": "looking"}
    for each in (one, two, three):
        typed |= {f"{each.pk}-on": "on", f"{each.pk}-version": fresh(each).version}
    done = as_staff.post(address, typed | {f"{each.pk}-not_about": "on" for each in (two, three)}, follow=True)
    assert (
        "The reply is kept, about 1 item, no longer about 2 items, which it does not mention: here is what changed."
        in words_of(done)
    )
    assert [fresh(each).status for each in (one, two, three)] == ["considering", "awaiting", "awaiting"]
    assert list(reply.answers.values_list("tasking", flat=True)) == [one.pk]
    line = "The reply was looked at: it says nothing about this one, which waits as if it had never come"
    assert line in words_of(as_staff.get(f"/items/{two.pk}/"))
    # what was read has no such box; of the last one the whole reply is taken back
    assert "It says nothing about this one" not in as_staff.get(address).content.decode()


def test_what_cannot_be_taken_off_is_refused_beside_it(as_staff, reference, staff):
    one, two = (factories.item() for _ in range(2))
    reply = kept(one, by=staff)
    address, off = f"/replies/{reply.pk}/read/", {f"{one.pk}-not_about": "on", f"{one.pk}-version": fresh(one).version}
    refused = as_staff.post(address, off)
    assert refused.status_code == 422
    assert "If it says nothing about any of these, take the whole reply back." in words_of(refused)
    assert f'name="{one.pk}-not_about" id="id_{one.pk}-not_about" checked' in refused.content.decode()
    read_reply(reply, by=staff, words=[Word(fresh(one), said="answered"), Word(fresh(two), said="looking")])
    again = off | {f"{one.pk}-version": fresh(one).version}
    assert "It is answered, and this reply was read to say so." in words_of(as_staff.post(address, again))


def test_a_colleague_who_read_it_first_is_named_and_nothing_is_taken_off(as_staff, reference, staff, manager):
    one, two = (factories.item() for _ in range(2))
    words = [Word(fresh(each)) for each in (one, two)]
    reply = record_reply(by=staff, agency=one.agency, received_on=dt.date(2023, 5, 10), words=words)
    off = {f"{one.pk}-not_about": "on", f"{one.pk}-version": fresh(one).version}
    read_reply(reply, by=manager, words=[Word(fresh(one), said="looking")])
    told = as_staff.post(f"/replies/{reply.pk}/read/", off)
    assert (told.status_code, "manager changed this" in words_of(told)) == (409, True)
    assert reply.answers.count() == 2


def test_what_is_left_unread_is_unticked_and_what_is_taken_off_stays_marked(as_staff, reference, staff):
    letter = factories.draft()
    asks = [factories.ask(letter, "treasury") for _ in range(17)]
    sending.send_letter(letter, by=factories.SETUP, sent_on=factories.SENT_ON)
    first, *_, last = (Tasking.objects.get(ask=ask) for ask in asks)
    words = [Word(fresh(each)) for each in Tasking.objects.all()]
    reply = record_reply(by=staff, agency=first.agency, received_on=dt.date(2023, 5, 10), words=words)
    address = f"/replies/{reply.pk}/read/"
    typed = {f"{each.pk}-version": fresh(each).version for each in (first, last)} | {f"{last.pk}-not_about": "on"}
    unsaid = as_staff.post(address, typed | {f"{first.pk}-on": "on"})
    assert f"Say what they said about “{first}”, or untick it." in words_of(unsaid)
    # with nothing read, nobody can say what all of it is: and the item, far down the list, is still marked
    refused = as_staff.post(address, typed | {"kind": "declination"})
    assert (refused.status_code, "What the reply is as a whole is said together" in words_of(refused)) == (422, True)
    assert f'name="{last.pk}-not_about" id="id_{last.pk}-not_about" checked' in refused.content.decode()
    assert as_staff.post(address, typed).status_code == 302
    assert reply.answers.count() == 16


def test_who_takes_it_off_the_only_item_they_see_lands_on_that_item(as_staff, reference, manager):
    seen, hidden = factories.item(), factories.item(access="restricted")
    words = [Word(fresh(each)) for each in (seen, hidden)]
    reply = record_reply(by=manager, agency=seen.agency, received_on=dt.date(2023, 5, 10), words=words)
    off = {f"{seen.pk}-not_about": "on", f"{seen.pk}-version": fresh(seen).version}
    done = as_staff.post(f"/replies/{reply.pk}/read/", off, follow=True)
    assert (done.redirect_chain, done.status_code) == ([(f"/items/{seen.pk}/", 302)], 200)
    assert "That reply is no longer about 1 item, which it does not mention." in words_of(done)
    assert list(reply.answers.values_list("tasking", flat=True)) == [hidden.pk]
