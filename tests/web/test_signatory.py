"""A senator's open items, led and co-signed, with who else signed."""

import re

from letters.domain.history import acting
from letters.enums import Match
from letters.models import Signature, Tasking
from tests import factories
from tests.web.test_directory import follow_counts, signed
from tests.web.test_pages import data_total, words

PAGE = "/legislators/H000601/open/"


def test_what_a_senator_led_and_what_was_co_signed_with_who_else_signed(as_staff, reference):
    signed("H000601", "C001098", led="H000601", our_role="led", subject="TEST led")
    signed("H000601", "C001098", "R000595", led="C001098", our_role="co_signed", subject="TEST co-signed")
    signed("C001098", led="C001098", subject="TEST of others")
    for query, total in (("", 2), ("?part=led", 1), ("?part=co_signed", 1), ("?part=nonsense", 2)):
        assert (query, data_total(as_staff.get(PAGE + query))) == (query, total)
    (chips,) = re.findall(r'<nav class="chips".*?</nav>', as_staff.get(PAGE).content.decode(), re.S)
    assert re.findall(r'data-count="(\d+)"', chips) == ["2", "1", "1"]
    page = words(as_staff.get(PAGE))
    assert "All 2 Led 1 Co-signed 1" in page
    assert "TEST led 1 item With Ted Cruz Treasury: TEST ask" in page
    assert "TEST co-signed 1 item With Ted Cruz (led), Marco Rubio " in page
    assert "TEST of others" not in page
    member = words(as_staff.get("/legislators/H000601/"))
    assert "2 open items from letters signed: 1 led, 1 co-signed." in member
    assert follow_counts(as_staff, "/legislators/H000601/") == 5


def test_the_queue_lists_the_same_items(as_staff, reference):
    signed("H000601", "C001098", led="H000601")
    signed("H000601", "C001098", led="C001098", our_role="co_signed")
    for query in ("", "?part=led", "?part=co_signed"):
        page = as_staff.get(PAGE + query)
        (address,) = re.findall(r'href="([^"]+)">The same in the queue', page.content.decode())
        listed = as_staff.get(address.replace("&amp;", "&"))
        items = [set(re.findall(r'href="(/items/[^"/]+/)"', one.content.decode())) for one in (page, listed)]
        assert items[0] == items[1]
        assert data_total(listed) == data_total(page) == len(items[0])


def test_proposed_signatures_closed_items_and_hidden_letters_do_not_count(as_staff, reference):
    proposed = signed("H000601", led="H000601")
    with acting(factories.SETUP):
        Signature.objects.filter(letter=proposed).update(match=Match.PROPOSED)
    factories.moved(Tasking.objects.get(ask__letter=signed("H000601")), "withdrawn")
    factories.restrict(signed("H000601", led="H000601"))
    page = as_staff.get(PAGE)
    assert data_total(page) == 0
    assert "Nothing is open" in words(page)
    assert as_staff.get("/legislators/X999999/open/").status_code == 404
