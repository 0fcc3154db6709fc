"""A reply that is read later, or once more: the form begins with what is recorded, and takes away only what is emptied."""

import datetime as dt
import re

from letters.domain.clocks import office_today
from letters.domain.reply_flow import Word, read_reply, record_reply
from letters.models import Response, Tasking
from tests import factories
from tests.factories import fresh


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
    body = as_staff.get(f"/replies/{reply.pk}/read/?item={tasking.pk}").content.decode()
    words = dict(re.findall(r'effect--(\w+)">([^<]*)<', body[body.index(f"item-{tasking.pk}") :].split("</p>")[0]))
    assert (words["looking"], words["partly"]) == (
        "→ looking into it",
        "stays “partly done”; their words: partly agrees",
    )
    second = kept(tasking, by=staff, said="needs_us")
    body = as_staff.get(f"/replies/{second.pk}/read/?item={tasking.pk}").content.decode()
    words = dict(re.findall(r'effect--(\w+)">([^<]*)<', body[body.index(f"item-{tasking.pk}") :].split("</p>")[0]))
    assert words["received"] == "→ “partly done” again, as before this reply; the reply clock runs on"


def typed(body: str, name: str) -> str:
    """The value of an input."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', body)[0]
    return found[1] if (found := re.search(r'value="([^"]*)"', tag)) else ""
