"""A real office's start: office, first administrator, one link; refused where there is an office."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from letters.models import Letter, Office, User


def start(*, admin: str = "anna.smith@example.gov", **how: str) -> str:
    said = StringIO()
    call_command("start_office", admin=admin, stdout=said, **how)
    return said.getvalue()


def test_it_makes_an_office_and_an_administrator_and_prints_the_link_alone(reference, settings):
    said = start(member="h000601", name="Anna Smith")
    office, user = Office.objects.get(), User.objects.get()
    assert (office.name, office.legislator.bioguide, office.is_demo) == (
        "Office of Senator Bill Hagerty",
        "H000601",
        False,
    )
    facts = (user.username, str(user), user.email, user.role, user.is_superuser, user.has_usable_password())
    assert facts == ("anna.smith", "Anna Smith", "anna.smith@example.gov", "admin", True, False)
    assert Letter.objects.count() == 0
    assert said.startswith(f"{settings.SITE_ADDRESS}/accounts/password/reset/key/")
    assert said.count("\n") == 1


def test_by_the_link_they_choose_a_password_once(reference, settings):
    path = start(committee="Committee on TEST").strip().removeprefix(settings.SITE_ADDRESS)
    client = Client()
    form = client.get(path, follow=True)
    typed = {"password1": "TEST-chosen-words-1", "password2": "TEST-chosen-words-1"}
    client.post(form.redirect_chain[-1][0], typed)
    assert Client().login(username="anna.smith", password="TEST-chosen-words-1")
    assert "password1" not in Client().get(path, follow=True).content.decode()


def test_where_there_is_an_office_it_is_refused_the_same_each_time(reference):
    start(committee="Committee on TEST")
    for _ in range(2):
        with pytest.raises(CommandError) as refused:
            start(member="H000601", admin="other@example.gov")
        assert str(refused.value).startswith(
            "There is an office already: “Committee on TEST” (the Committee’s office). Nothing was changed."
        )
    assert (Office.objects.count(), User.objects.count()) == (1, 1)


def test_among_the_demo_it_says_so(seed):
    with pytest.raises(CommandError, match="a demo office, whose letters are examples"):
        start(member="H000601")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"member": "X999999"}, "No member has the Bioguide ID “X999999”. Look it up"),
        ({"member": "H000601", "admin": "anna"}, "--admin: “anna” is no e-mail address. Write it as name@example.gov."),
        ({"committee": " "}, "Say whose office it is: --member BIOGUIDE or --committee NAME. One was given empty."),
        ({"member": "H000601", "admin": "taken@example.gov"}, "taken@example.gov belongs to an account already."),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(reference, how, said):
    User.objects.create_user("somebody", email="taken@example.gov")
    with pytest.raises(CommandError) as refused:
        start(**how)
    assert said in str(refused.value)
    assert Office.objects.count() == 0


def test_without_reference_data_it_says_what_to_run_first(reference, run_sql):
    run_sql("TRUNCATE letters_legislator CASCADE")
    with pytest.raises(CommandError, match=r"run “manage\.py load_reference” first"):
        start(member="H000601")
