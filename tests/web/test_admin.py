"""The administration: of two people who have the same row open, the second overwrites nothing (invariant 7)."""

import html
import json

import pytest
from django.contrib.admin import site as admin_site
from django.test import Client

from letters.admin.forms import SeenForm
from letters.domain.reference_data import keep_kind
from letters.enums import Role
from letters.errors import RecordError
from letters.models import Agency, AgencyName, AskKind, User
from tests import factories
from tests.web.test_pages import item, words


def page(client: Client, row) -> tuple[str, dict]:
    """The address of a row's page, and what its form sends when nothing is typed."""
    address = f"/admin/letters/{row._meta.model_name}/{row.pk}/change/"
    context = client.get(address).context
    forms = [context["adminform"].form]
    for one in context["inline_admin_formsets"]:
        forms += [one.formset.management_form, *one.formset.initial_forms]
    typed = {bound.html_name: bound.value() for form in forms for bound in form}
    return address, {name: "" if value is None else value for name, value in typed.items() if value is not False}


@pytest.fixture
def clients(admin) -> tuple[Client, Client]:
    return factories.client(admin), factories.client(factories.user(Role.ADMIN, "TEST-other"))


def test_an_agencys_old_page_moves_no_date_back_and_says_who_changed_what(clients, seed):
    first, second = clients
    commerce = Agency.objects.get(slug="commerce")
    address, mine = page(second, commerce)
    _, theirs = page(first, commerce)
    assert (
        '<link rel="icon" href="/static/img/icon' in second.get(address).content.decode()
    )  # else /favicon.ico is asked for
    assert first.post(address, theirs | {"yardstick_days": 30}).status_code == 302
    assert item(2, "commerce").due_on.isoformat() == "2023-06-07"

    refused = second.post(address, mine | {"address": "TEST street"})
    assert refused.status_code == 200
    said = words(refused)
    assert "admin changed this on " in said
    assert "while you had this page open: Yardstick days was “21” and is “30”. Nothing of yours was saved." in said
    assert "TEST street" in refused.content.decode()
    commerce.refresh_from_db()
    assert (commerce.yardstick_days, commerce.address != "TEST street") == (30, True)
    assert item(2, "commerce").due_on.isoformat() == "2023-06-07"

    _, fresh = page(second, commerce)
    assert second.post(address, fresh | {"address": "TEST street"}).status_code == 302
    commerce.refresh_from_db()
    assert (commerce.yardstick_days, commerce.address) == (30, "TEST street")


def test_rows_beside_it_count_too(clients, seed):
    first, second = clients
    treasury = Agency.objects.get(slug="treasury")
    with factories.acting(factories.SETUP):
        AgencyName.objects.get_or_create(agency=treasury, name="TEST name")
    address, mine = page(second, treasury)
    _, theirs = page(first, treasury)
    at = next(name for name, value in theirs.items() if value == "TEST name")
    assert first.post(address, theirs | {at: "TEST other name"}).status_code == 302
    assert "while you had this page open: agency names. Nothing of yours" in words(second.post(address, mine))
    assert AgencyName.objects.filter(name="TEST other name").exists()


def test_a_role_that_was_taken_away_does_not_come_back_with_an_address(clients, staff):
    first, second = clients
    boss = factories.user(Role.ADMIN, "TEST-boss")
    address, mine = page(second, boss)
    _, theirs = page(first, boss)
    factories.client(boss)  # who signs in meanwhile changes nothing that the page shows
    assert first.post(address, theirs | {"role": "staff"}).status_code == 302
    refused = second.post(address, mine | {"email": "test@example.gov"})
    assert "Role was “Administrator” and is “Staff”." in words(refused)
    assert User.objects.get(pk=boss.pk).role == "staff"


def test_what_the_page_showed_has_to_be_readable(clients, seed):
    kind = AskKind.objects.select_related("usual_agency").get(code="sanction")
    address, mine = page(clients[0], kind)
    assert "this page cannot say what it showed" in words(clients[0].post(address, mine | {"seen": "[]"}))
    assert clients[0].post(address, mine | {"usual_agency": ""}).status_code == 302
    refused = words(clients[0].post(address, mine))
    assert f"Usual agency was “{kind.usual_agency}” and is nothing." in refused


def test_a_kind_keeps_its_code_and_the_kind_of_letters_without_an_ask_stays(clients, reference):
    kind = AskKind.objects.get(code="reply")
    client = clients[0]
    address, form = page(client, kind)
    assert client.post(address, form | {"code": "other_word", "help": "TEST"}).status_code == 302
    kind.refresh_from_db()
    assert (kind.code, kind.help) == ("reply", "TEST")
    assert client.post(address.replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": str(kind.pk), "post": "yes"}
    assert client.post("/admin/letters/askkind/", chosen).status_code in (200, 403)
    assert AskKind.objects.filter(code="reply").exists()
    with pytest.raises(RecordError, match=r"^The code of a kind is what programs and the import know it by\."):
        keep_kind(kind, by=factories.SETUP, code="other_word")


def test_a_persons_page_sends_no_hash_and_leaves_a_password_that_was_set_meanwhile(clients, admin, rf):
    person = factories.user(Role.STAFF, "TEST-person")
    person.set_password("TEST first words")
    person.save()
    hashed = person.password
    address, mine = page(clients[0], person)
    assert hashed not in html.unescape(clients[0].get(address).content.decode())
    request = rf.get(address)
    request.user = admin
    made = admin_site._registry[User].get_form(request, person, change=True)
    form = made(data=mine | {"first_name": "TEST first"}, instance=User.objects.get(pk=person.pk))

    person.set_password("TEST second words")
    person.save()
    assert "md5$" not in words(clients[0].post(address, mine | {"role": "TEST"}))
    with factories.acting(admin):
        assert form.is_valid(), form.errors
        form.save()
    person.refresh_from_db()
    assert (person.first_name, person.check_password("TEST second words")) == ("TEST first", True)


def test_no_page_of_the_administration_sends_what_it_does_not_show(clients):
    """What the hidden field holds is on the page, for anybody who may type there."""
    for model, one in admin_site._registry.items():
        row = model._base_manager.first()
        if row is None or not issubclass(one.form, SeenForm):
            continue
        context = clients[0].get(f"/admin/letters/{model._meta.model_name}/{row.pk}/change/").context
        form = context["adminform"].form
        typed = {name for name, field in form.fields.items() if not field.disabled and not field.widget.is_hidden}
        beside = {str(inline.opts.verbose_name_plural) for inline in context["inline_admin_formsets"]}
        assert json.loads(form.initial.get("seen", "{}")).keys() <= typed | beside, model
