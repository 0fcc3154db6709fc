"""The page that corrects signers, addressees and asks of a sent letter."""

from letters.domain import sending
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


def test_a_stale_page_corrects_nothing(as_staff, seed, manager):
    typed = form(seed, **{"ask__2__summary": "TEST mine"})
    sending.amend(seed, by=manager, reason="TEST", subject="TEST theirs")
    response = as_staff.post(PAGE, typed)
    assert response.status_code == 409
    assert "manager changed this letter" in words(response)
    assert 'value="TEST mine"' in response.content.decode()


def test_it_is_for_who_may_change_the_letter(as_staff, as_viewer, seed, manager):
    assert (as_viewer.get(PAGE).status_code, as_viewer.post(PAGE, form(seed)).status_code) == (403, 403)
    sending.change_access(seed, by=manager, access="restricted", reason="TEST")
    assert (as_staff.get(PAGE).status_code, as_staff.post(PAGE, form(seed)).status_code) == (404, 404)
