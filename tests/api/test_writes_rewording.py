"""Asks, signers and addressees of a draft changed where they stand, through the API."""

from letters.domain import sending
from letters.domain.amending import Correction, amend_parts
from letters.domain.history import acting
from letters.models import Addressee, Event, Letter, Official
from tests.api.test_writes_arranging import UNKNOWN, made  # noqa: F401 - a fixture
from tests.factories import SETUP


def change(writer, draft, part, body):
    """PATCH with the tag of the draft as it is now."""
    tag = writer.get(f"drafts/{draft['id']}/").headers["ETag"]
    return writer.send("PATCH", part, body, If_Match=tag)


def refused(writer, draft, part, body):
    answer = change(writer, draft, part, body)
    return [answer.status, *((one["field"], one["message"]) for one in answer.body["errors"])]


def test_an_ask_is_reworded_where_it_stands(writer, made):  # noqa: F811
    draft, path = made
    second, part = draft["asks"][1], f"asks/{draft['asks'][1]['id']}/"
    tag = writer.get(path).headers["ETag"]
    body = {"summary": "TEST better", "quote": " TEST words ", "requested_by": "2023-06-01", "instrument": "TEST law"}
    answer = writer.send("PATCH", part, body, If_Match=tag)
    assert answer.status == 200, answer.body
    assert answer.body["asks"][1] == second | body | {"quote": "TEST words"}
    assert [answer.body["asks"][n] for n in (0, 2)] == [draft["asks"][n] for n in (0, 2)]
    assert (answer.body["version"], answer.headers["ETag"] == writer.get(path).headers["ETag"]) == (
        draft["version"] + 1,
        True,
    )
    event = Event.objects.filter(letter=draft["id"]).latest("sequence")
    assert (event.kind, event.by_user.username, event.payload["fields"]) == ("letter_edited", "staff", sorted(body))
    # whoever read it before may not overwrite unseen what was changed since; what is not sent stays
    stale = writer.send("PATCH", part, {"summary": "TEST stale"}, If_Match=tag)
    assert (stale.status, stale.headers["ETag"]) == (412, answer.headers["ETag"])
    assert stale.body["detail"].startswith("staff changed this draft")
    kind = change(writer, draft, part, {"kind": "briefing"}).body["asks"][1]
    assert kind == second | body | {"quote": "TEST words", "kind": {"code": "briefing", "name": "Briefing"}}


def test_what_a_draft_is_filed_under_and_who_works_on_it(writer, made):  # noqa: F811
    draft, path = made
    answer = change(
        writer, draft, path, {"topics": ["test TOPIC", "TEST new"], "staff": ["staff"], "subject": "TEST b"}
    )
    assert answer.status == 200, answer.body
    assert [one["name"] for one in answer.body["topics"]] == ["TEST new", "TEST topic"]
    assert answer.body["subject"] == "TEST b"
    assert Letter.objects.get(pk=draft["id"]).staff.get().username == "staff"
    assert change(writer, draft, path, {"topics": []}).body["topics"] == []
    assert refused(writer, draft, path, {"topics": [""]})[:2] == [
        422, ("/topics/0", "A topic is missing. Name it, or leave it out."),
    ]  # fmt: skip
    assert Letter.objects.get(pk=draft["id"]).staff.count() == 1


def test_what_an_ask_cannot_say(writer, made):  # noqa: F811
    draft, path = made
    part = f"asks/{draft['asks'][1]['id']}/"
    assert refused(writer, draft, part, {"kind": "sanction"}) == [
        422,
        ("targets", "Sanction (SDN) needs the company, person or program it is about. Add at least one, or choose another kind of ask."),
    ]  # fmt: skip
    assert refused(writer, draft, part, {"summary": " "})[1][0] == "/summary"
    assert refused(writer, draft, part, {"requested_by": "2023-04-01"})[1][0] == "/requested_by"
    assert refused(writer, draft, part, {})[1][0] == "/kind"
    assert refused(writer, draft, part, {"targets": []})[:2] == [
        400,
        ("/targets", "/targets: there is no such field here. Known: kind, summary, quote, instrument, requested_list, requested_by."),
    ]  # fmt: skip
    assert writer.faults(part, {"summary": "TEST"}, method="PATCH") == [
        428,
        (
            "If-Match",
            "If-Match: it is missing. GET the draft it belongs to, and send the ETag of the answer with PATCH, so that nobody’s "
            "change is overwritten unseen.",
        ),
    ]
    assert writer.send("PATCH", f"asks/{UNKNOWN}/", {"summary": "TEST"}, If_Match="*").status == 404
    assert writer.get(path).body == draft
    # a sent letter is corrected by an amendment
    assert writer.post(f"{path}send/").status == 201
    assert writer.send("PATCH", part, {"summary": "TEST"}, If_Match="*").status == 404


def test_signers_are_changed_where_they_stand(writer, made):  # noqa: F811
    draft, _ = made
    first, second = (f"signatures/{one['id']}/" for one in draft["signatures"])
    answer = change(writer, draft, first, {"printed_name": " TEST Other ", "printed_title": "TEST Chair"})
    assert answer.status == 200, answer.body
    assert answer.body["signatures"][0] == draft["signatures"][0] | {
        "printed_name": "TEST Other", "printed_title": "TEST Chair",
    }  # fmt: skip
    assert answer.body["signatures"][1] == draft["signatures"][1]
    assert refused(writer, draft, first, {"bioguide": "H000601"}) == [
        422, ("/bioguide", "That member is signer 2 (TEST Bill Hagerty) already."),
    ]  # fmt: skip
    assert refused(writer, draft, first, {"bioguide": "X999999"})[1][0] == "/bioguide"
    nobody = change(writer, draft, second, {"bioguide": "", "is_lead": True}).body["signatures"][1]
    assert (nobody["bioguide"], nobody["match"], nobody["state"], nobody["is_lead"]) == (None, "unmatched", "", True)
    assert refused(writer, draft, second, {"printed_name": "test other"})[1][0] == "/printed_name"
    again = change(writer, draft, second, {"bioguide": "H000601"}).body["signatures"][1]
    assert (again["bioguide"], again["match"], again["state"]) == ("H000601", "confirmed", "TN")


def test_addressees_are_changed_where_they_stand(writer, made):  # noqa: F811
    draft, path = made
    treasury, commerce = draft["addressees"]
    part = f"addressees/{commerce['id']}/"
    body = {"printed_name": "TEST Deputy", "address": "TEST street", "delivery": "cc"}
    answer = change(writer, draft, part, body)
    assert answer.status == 200, answer.body
    assert answer.body["addressees"] == [treasury, commerce | body]
    assert refused(writer, draft, part, {"agency": "state"}) == [
        422,
        *[
            (
                "/agency",
                f"Ask {n} is put to Commerce, and the letter would no longer go there. "
                "Keep an addressee there, or take the agency out of the ask first.",
            )
            for n in (1, 2)
        ],
    ]
    twice = {"agency": "treasury", "printed_name": treasury["printed_name"]}
    assert refused(writer, draft, part, twice)[1][0] == "/printed_name"
    assert writer.get(path).body["addressees"] == [treasury, commerce | body]


def test_another_name_takes_away_who_was_meant(writer, made):  # noqa: F811
    """As on the page, where the id goes when the words change; a name that has theirs keeps them, and so does `official`."""
    draft, _ = made
    one = Addressee.objects.get(pk=draft["addressees"][0]["id"])
    part = f"addressees/{one.pk}/"
    with acting(SETUP):
        post = Official.objects.create(agency=one.agency, name="TEST Jane Roe", title="TEST Secretary")

    def meant(**body):
        assert change(writer, draft, part, body).status == 200
        return Addressee.objects.get(pk=one.pk).official

    assert meant(official=str(post.pk), printed_name="TEST Secretary") == post
    assert meant(printed_title="TEST title", printed_name="TEST Secretary") == post  # the same name
    assert meant(printed_name="The Honorable TEST Jane Roe") == post
    assert meant(printed_name="TEST John Doe") is None
    assert meant(official=str(post.pk), printed_name="TEST Acting Secretary") == post
    # a sent letter is corrected likewise
    letter, one = sending.send_letter(Letter.objects.get(pk=draft["id"]), by=SETUP), Addressee.objects.get(pk=one.pk)
    amend_parts(letter, by=SETUP, reason="TEST", corrections=[Correction(one, {"printed_title": "TEST other"})])
    assert Addressee.objects.get(pk=one.pk).official == post
    amend_parts(letter, by=SETUP, reason="TEST", corrections=[Correction(one, {"printed_name": "TEST John Doe"})])
    assert Addressee.objects.get(pk=one.pk).official is None
