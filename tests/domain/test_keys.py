"""API keys: made once, kept as digests, found while they live."""

import ast
import datetime as dt
import hashlib
import inspect
import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from letters.domain import clocks, items
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


def test_a_key_is_compared_in_constant_time():
    """`==` stops at the first letter that differs, and takes longer the more of them are right. No test by the clock would
    hold, so the code is read: what is kept and what is wanted meet in `compare_digest` alone."""
    both = {"kept", "wanted"}
    met = [
        ast.unparse(one)
        for one in ast.walk(ast.parse(inspect.getsource(find_key)))
        if isinstance(one, ast.Compare | ast.Call)
        and both <= {name.id for name in ast.walk(one) if isinstance(name, ast.Name)}
    ]
    assert met == ["hmac.compare_digest(kept, wanted)"]


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
        "name": "A key named “TEST” was made a moment ago, and a key is shown only once. If you do not have it, "
        "revoke that one and make another under another name."
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
    with pytest.raises(CommandError, match="A key named “TEST” was made a moment ago"):
        call_command("create_api_key", "TEST", scope="office")


def test_a_key_that_writes_names_a_person_who_can_sign_in_and_one_that_reads_names_nobody(reference, admin, staff):
    assert find_key(create_key("TEST", scope="office:write", by=admin, user=staff)).user == staff
    gone = factories.user("manager", "gone", is_active=False)
    assert [
        refused(create_key, "TEST 2", scope=scope, by=admin, user=user)
        for scope, user in (("office:write", None), ("office:write", gone), ("office", staff))
    ] == [
        {"user": "A key that writes does so in somebody’s name. Say whose (for the command: --user USERNAME)."},
        {"user": "gone cannot sign in any more. Choose somebody who can."},
        {"user": "A key of scope “office” only reads, in nobody’s name. Leave the user out."},
    ]


def test_a_key_that_writes_ends_with_its_persons_account(reference, admin, staff):
    key = create_key("TEST", scope="office:write", by=admin, user=staff)
    with acting(factories.SETUP):
        staff.is_active = False
        staff.save()
    assert find_key(key) is None


def test_the_command_makes_a_key_for_a_person(reference, staff, capsys):
    call_command("create_api_key", "TEST", scope="office:write", user="staff")
    assert find_key(capsys.readouterr().out.removesuffix("\n")).user == staff
    with pytest.raises(
        CommandError, match=r"--user: nobody here is called “nobody”\. Give the user name they sign in with."
    ):
        call_command("create_api_key", "TEST 2", scope="office:write", user="nobody")


def test_what_a_key_writes_is_kept_with_the_person_and_the_key(reference, admin, staff):
    tasking = factories.item()
    with acting(staff, why="TEST", key="TEST key"):
        items.assign(tasking, by=staff, owner=staff)
        with acting(admin):
            items.snooze(tasking, by=staff, until=clocks.office_today() + dt.timedelta(days=3))
    items.assign(tasking, by=staff, owner=None)
    keys = [event.payload.get("by_key") for event in tasking.events.order_by("sequence")]
    assert keys[-3:] == ["TEST key", "TEST key", None]
    written = tasking.history.order_by("-pgh_id").values_list("pgh_context", flat=True)[:6]
    assert {(context["user"], context.get("key")) for context in written} == {
        (str(staff.pk), "TEST key"),
        (str(staff.pk), None),
    }
