"""API keys: made once, kept as digests, found while they live."""

import datetime as dt
import hashlib
import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from letters.domain.history import acting
from letters.domain.keys import create_key, find_key
from letters.errors import NotAllowed
from letters.models import ApiKey
from tests import factories
from tests.domain.refusals import refused


def test_only_the_digest_of_a_key_is_kept(reference, admin):
    key = create_key("TEST", scope="office", by=admin)
    kept = ApiKey.objects.get()
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", key)
    assert (kept.name, kept.scope, kept.digest) == ("TEST", "office", hashlib.sha256(key.encode()).hexdigest())
    assert [value for value in ApiKey.objects.values().get().values() if str(value) == key] == []


def test_a_living_key_is_found_and_no_other(reference, admin):
    key = create_key("TEST", scope="released", by=admin)
    assert find_key(key).name == "TEST"
    assert [find_key(other) for other in ("", key[:-1], key + "x", key.swapcase(), "é" * 43)] == [None] * 5


@pytest.mark.parametrize(
    "ended", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now()}], ids=["revoked", "expired"]
)
def test_a_key_that_ended_is_not_found(reference, admin, ended):
    key = create_key("TEST", scope="office", by=admin)
    with acting(factories.SETUP):
        ApiKey.objects.update(**ended)
    assert find_key(key) is None


def test_a_key_that_ends_tomorrow_is(reference, admin):
    key = create_key("TEST", scope="office", by=admin)
    with acting(factories.SETUP):
        ApiKey.objects.update(expires_at=timezone.now() + dt.timedelta(days=1))
    assert find_key(key).name == "TEST"


def test_a_key_needs_a_name_of_its_own_and_a_scope(reference, admin):
    create_key("TEST", scope="office", by=admin)
    assert refused(create_key, "TEST", scope="office", by=admin) == {
        "name": "A key named “TEST” exists already. Choose another name, or revoke that one."
    }
    assert refused(create_key, " ", scope="nonsense", by=admin) == {
        "name": "The key’s name is missing. Say whose key it is.",
        "scope": "Scope: “nonsense” is not one of office, office:write, released.",
    }


@pytest.mark.parametrize("role", ["viewer", "staff", "manager"])
def test_only_administrators_make_keys(reference, role):
    assert list(refused(create_key, "TEST", scope="office", by=factories.user(role), error=NotAllowed)) == ["by"]


def test_the_command_prints_the_key_and_nothing_else(reference, capsys):
    call_command("create_api_key", "TEST", scope="office")
    assert find_key(capsys.readouterr().out.removesuffix("\n")).name == "TEST"
    with pytest.raises(CommandError, match="A key named “TEST” exists already"):
        call_command("create_api_key", "TEST", scope="office")
