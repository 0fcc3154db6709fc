"""The page that corrects signers, addressees and asks of a sent letter."""

import datetime as dt
import html
import re

from letters.domain import sending
from letters.domain.amending import Correction, amend_parts
from letters.domain.history import acting
from letters.domain.words import signer_words, signers_of
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
            f"{key}-bioguide": one.legislator.bioguide,
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


def test_it_is_for_who_may_change_the_letter(as_staff, as_viewer, seed, manager):
    assert (as_viewer.get(PAGE).status_code, as_viewer.post(PAGE, form(seed)).status_code) == (403, 403)
    sending.change_access(seed, by=manager, access="restricted", reason="TEST")
    assert (as_staff.get(PAGE).status_code, as_staff.post(PAGE, form(seed)).status_code) == (404, 404)


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
