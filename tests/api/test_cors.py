"""Pages of other sites read answers only where the office names those sites."""

import pytest

SITE = "https://dashboard.example.gov"
ASKS = {"Origin": SITE, "Access-Control-Request-Method": "POST"}


def test_by_default_no_site_is_let_in(seed, office):
    answer = office.get("letters/?limit=1", Origin=SITE)
    assert answer.status == 200
    assert [name for name in answer.headers if name.startswith("Access-Control")] == []
    assert office.client.options("/api/v1/letters/", headers=ASKS).status_code == 401


@pytest.fixture
def let_in(settings):
    settings.API_ORIGINS = frozenset({SITE})


def test_a_named_site_is_let_in_and_no_other(seed, office, let_in):
    answer = office.get("letters/?limit=1", Origin=SITE)
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in answer.headers["Vary"]
    assert answer.headers["Access-Control-Expose-Headers"] == (
        "ETag, Location, Retry-After, Idempotency-Replayed, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
    )
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert office.client.get("/feeds/open.csv", headers={"Origin": SITE})["Access-Control-Allow-Origin"] == SITE
    for other in ("https://evil.example", SITE + ".evil.example", "null"):
        assert "Access-Control-Allow-Origin" not in office.get("letters/?limit=1", Origin=other).headers


def test_what_a_browser_asks_first_is_answered_without_a_key(client, let_in, db):
    answer = client.options("/api/v1/letters/", headers=ASKS)
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, SITE)
    assert "Idempotency-Key" in answer["Access-Control-Allow-Headers"]
    assert "POST" in answer["Access-Control-Allow-Methods"]


def test_pages_are_let_in_nowhere(client, let_in, viewer):
    client.force_login(viewer)
    assert "Access-Control-Allow-Origin" not in client.get("/", headers={"Origin": SITE}).headers
