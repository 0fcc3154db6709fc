"""Feeds are found from the pages."""

import re

import pytest

from letters.web.feeds import FEEDS

ALTERNATES = [
    ("application/atom+xml", "/feeds/status.atom"),
    ("text/calendar", "/feeds/dates.ics"),
    ("text/csv", "/feeds/open.csv"),
]


@pytest.mark.parametrize("path", ["/", "/letters/", "/letters/2023-0001/", "/dashboard/"])
def test_every_page_names_the_feeds_to_programs(seed, client, viewer, path):
    client.force_login(viewer)
    page = client.get(path).content.decode()
    assert re.findall(r'<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)">', page) == ALTERNATES


def test_the_queue_s_head_leads_people_to_the_page_and_the_page_to_each_feed(seed, client, viewer):
    client.force_login(viewer)
    assert '<a class="usa-link" href="/feeds/">Feeds</a>' in client.get("/").content.decode()
    page = client.get("/feeds/").content.decode()
    addresses = re.findall(r'href="http://testserver(/feeds/[^"]+)"', page)
    assert addresses == ["/feeds/status.atom", "/feeds/dates.ics", "/feeds/open.csv", "/feeds/everything.csv"]
    assert [client.get(address).status_code for address in addresses] == [200] * len(FEEDS)


def test_nobody_is_told_of_them_before_signing_in(reference, client):
    assert "/feeds/" not in client.get("/accounts/login/").content.decode()
