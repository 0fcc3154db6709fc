"""Reference data through the API: for keys of administrators, by the rules of the record."""

import datetime as dt
import re

import pytest

from letters.domain.clocks import office_today
from letters.models import Agency, AskKind, Closure, Official, Target, Tasking
from tests.api.conftest import Reader, writing
from tests.factories import item, user

AGENCY = {"slug": "test-agency", "name": "TEST Agency", "short_name": "TEST", "kind": "independent"}
REFUSED = "Your role (Manager) may not administer this. Ask an administrator."


@pytest.fixture
def administers(epoch, admin) -> Reader:
    return writing(admin)


def test_an_agency_is_added_and_changed(administers, office):
    made = administers.post("agencies/", AGENCY | {"parent": "treasury"})
    assert (made.status, made.body["parent"], made.body["yardstick_days"]) == (201, "treasury", 21)
    assert office.get(made.headers["Location"]).body == made.body
    changed = administers.send("PATCH", f"agencies/{made.body['id']}/", {"parent": None}, If_Match=made.headers["ETag"])
    assert (changed.status, changed.body["parent"], changed.body["name"]) == (200, None, "TEST Agency")
    stale = administers.send("PATCH", f"agencies/{made.body['id']}/", {"name": "TEST"}, If_Match=made.headers["ETag"])
    assert stale.status == 412
    assert re.match(
        r"admin changed this row at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\. Look at “difference”", stale.body["detail"]
    )
    assert stale.body["difference"] == [{"field": "parent", "then": "treasury", "now": None}]
    unknown = administers.send("PATCH", f"agencies/{made.body['id']}/", {"name": "TEST"}, If_Match='"0-000000000000"')
    assert (unknown.body["difference"], unknown.body["detail"]) == (
        [],
        "This row changed since you read it. Read it again and send what you still want with its new ETag.",
    )


def test_dates_follow_our_usual_wait(administers):
    tasking = item()
    path = f"agencies/{tasking.agency_id}/"
    assert administers.send("PATCH", path, {"acknowledgement_days": 30}, If_Match="*").status == 200
    after = Tasking.objects.get(pk=tasking.pk)
    assert (after.ack_due_on > tasking.ack_due_on, after.due_on) == (True, tasking.due_on)
    assert administers.send("PATCH", path, {"yardstick_days": 30}, If_Match="*").status == 200
    assert Tasking.objects.get(pk=tasking.pk).due_on > tasking.due_on


def test_a_company_that_no_letter_names_yet_is_answered_to_who_made_it(administers):
    made = administers.post("agencies/", AGENCY | {"kind": "company"})
    assert (made.status, made.body["kind"]) == (201, "company")


def test_each_address_of_what_was_made_answers_to_who_made_it_and_to_nobody_else(administers, office, public):
    """Before a letter names it: who is to correct it needs the ETag."""
    company = administers.post("agencies/", AGENCY | {"kind": "company"})
    bodies = {
        "agencies": [
            {"slug": "test-governor", "name": "TEST Governor", "short_name": "TEST Gov", "kind": "governor"},
            {"slug": "test-plain", "name": "TEST Plain", "short_name": "TEST Plain", "kind": "independent"},
        ],
        "targets": [{"slug": "test-target", "name": "TEST Target", "kind": "company"}],
        "officials": [
            {"agency": slug, "name": "TEST Name", "title": "TEST Title"} for slug in ("test-agency", "treasury")
        ],
        "kinds": [{"code": "test", "name": "TEST", "verb": "TEST", "closes_as": "either", "done_word": "done"}],
    }
    made = [company, *(administers.post(f"{name}/", body) for name, rows in bodies.items() for body in rows)]
    assert [one.status for one in made] == [201] * len(made), [one.body for one in made]
    for one in made:
        read = administers.get(one.headers["Location"])
        assert (read.status, read.body, read.headers["ETag"]) == (200, one.body, one.headers["ETag"])
    seen = [office.get(one.headers["Location"]).status for one in made]
    assert seen == [404, 404, 200, 404, 404, 200, 200]
    assert public.get(company.headers["Location"]).status == 404


def test_what_is_wrong_with_an_agency_is_named(administers):
    administers.post("agencies/", AGENCY)
    assert administers.faults("agencies/", AGENCY) == [
        422,
        ("/slug", "The slug: “test-agency” is taken. Choose another one, or change that entry."),
    ]
    wrong = AGENCY | {"slug": "Test Agency", "name": " ", "abbreviation": "x" * 21}
    assert [field for field, _ in administers.faults("agencies/", wrong)[1:]] == ["/slug", "/name", "/abbreviation"]
    assert administers.faults("agencies/", AGENCY | {"yardstick_days": 400}) == [
        400,
        ("/yardstick_days", "/yardstick_days: 400 does not fit. Send a whole number from 1 to 366."),
    ]
    treasury = Agency.objects.get(slug="treasury")
    status, (field, message) = administers.faults(
        f"agencies/{treasury.pk}/", {"parent": "ofac"}, method="PATCH", If_Match="*"
    )
    assert (status, field) == (422, "/parent")
    assert message == "Treasury would be part of itself. Choose something it does not contain."


def test_officials(administers, office):
    body = {"agency": "treasury", "name": "TEST Official", "title": "TEST Secretary", "start": "2031-01-20"}
    made = administers.post("officials/", body)
    assert made.status == 201, made.body
    assert administers.faults("officials/", body)[1][0] == "/name"
    path = f"officials/{made.body['id']}/"
    assert administers.faults(path, {"end": "2030-01-01"}, method="PATCH", If_Match="*")[1][0] == "/end"
    changed = administers.send("PATCH", path, {"end": "2033-01-20"}, If_Match=made.headers["ETag"])
    assert [one for one in office.rows("officials/?agency=treasury") if one["name"] == "TEST Official"] == [
        changed.body
    ]
    assert Official.objects.get(name="TEST Official").end == dt.date(2033, 1, 20)


def test_targets_with_their_other_names(administers):
    made = administers.post(
        "targets/", {"slug": "test-co", "name": "TEST Co", "kind": "company", "aliases": ["TEST Alias"]}
    )
    assert (made.status, made.body["aliases"]) == (201, ["TEST Alias"])
    path = f"targets/{made.body['id']}/"
    body = {"aliases": ["TEST Other", "TEST  Other"], "parent": None}
    assert administers.send("PATCH", path, body, If_Match="*").body["aliases"] == ["TEST Other"]
    assert administers.send("PATCH", path, {"name": "TEST Company"}, If_Match="*").body["aliases"] == ["TEST Other"]
    assert Target.objects.get(slug="test-co").name == "TEST Company"


def test_kinds_of_ask(administers, office):
    body = {"code": "test_kind", "name": "TEST", "verb": "TEST {targets}", "closes_as": "either", "done_word": "done"}
    made = administers.post("kinds/", body | {"usual_agency": "treasury"})
    assert (made.status, made.body["usual_agency"]) == (201, "treasury")
    assert office.rows("kinds/?code=test_kind") == [made.body]
    path = f"kinds/{made.body['id']}/"
    assert administers.send("PATCH", path, {"closes_as": "answered"}, If_Match="*").body["closes_as"] == "answered"
    used = AskKind.objects.get(pk=item(kind_code="other").ask.kind_id)
    assert (
        administers.faults(f"kinds/{used.pk}/", {"closes_as": "answered"}, method="PATCH", If_Match="*")[1][0]
        == "/closes_as"
    )


def test_laws_with_a_clock_move_the_dates_that_run_by_them(administers, office):
    body = {"code": "test-act", "name": "TEST Act", "citation": "TEST 1", "trigger": "TEST a request", "days": 120}
    made = administers.post("statutes/", body)
    assert (made.status, made.body["days"]) == (201, 120)
    assert office.rows("statutes/?code=test-act") == [made.body]
    tasking = item(sent_on=office_today() - dt.timedelta(days=1))
    administers.post(f"taskings/{tasking.pk}/statute/", {"statute": "test-act", "reason": "TEST"})
    before = Tasking.objects.get(pk=tasking.pk).due_on
    path = f"statutes/{made.body['id']}/"
    assert administers.send("PATCH", path, {"days": 130}, If_Match=made.headers["ETag"]).status == 200
    assert Tasking.objects.get(pk=tasking.pk).due_on == before + dt.timedelta(days=10)
    assert administers.faults("statutes/", body) == [
        422, ("/code", "The code: “test-act” is taken. Choose another one, or change that entry.")
    ]  # fmt: skip
    assert administers.faults("statutes/", body | {"code": "Test_Act"})[1][0] == "/code"


def test_a_day_that_does_not_count_moves_what_runs_and_back(administers):
    tasking = item(sent_on=office_today() - dt.timedelta(days=1))
    before = tasking.due_on
    day = str(before)
    made = administers.post("closures/", {"day": day, "name": "TEST closed"})
    assert (made.status, made.body["closed"]) == (201, True)
    assert Tasking.objects.get(pk=tasking.pk).due_on > before
    assert administers.send("DELETE", f"closures/{made.body['id']}/", If_Match=made.headers["ETag"]).status == 204
    assert Tasking.objects.get(pk=tasking.pk).due_on == before
    assert not Closure.objects.filter(day=day).exists()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("agencies/", AGENCY),
        ("officials/", {"agency": "treasury", "name": "TEST", "title": "TEST"}),
        ("targets/", {"slug": "test", "name": "TEST", "kind": "company"}),
        ("kinds/", {"code": "test", "name": "TEST", "verb": "TEST", "closes_as": "either", "done_word": "done"}),
        ("statutes/", {"code": "test", "name": "TEST", "citation": "TEST", "trigger": "TEST", "days": 1}),
        ("closures/", {"day": "2031-01-15", "name": "TEST"}),
    ],
)
def test_only_keys_of_administrators_may(epoch, path, body):
    answer = writing(user("manager")).post(path, body)
    assert (answer.status, answer.body["detail"]) == (403, REFUSED)


@pytest.mark.django_db(transaction=True)
def test_the_difference_names_another_name_of_a_company_and_who_gave_it(reference):
    writer, colleague = writing(user("admin")), writing(user("admin", "colleague"))
    made = writer.post(
        "targets/", {"slug": "test-quagga", "name": "TEST quagga", "kind": "company", "aliases": ["TEST b", "TEST A"]}
    )
    path = f"targets/{made.body['id']}/"
    changed = colleague.send("PATCH", path, {"aliases": ["TEST c"]}, If_Match=made.headers["ETag"])
    assert changed.status == 200, changed.body
    stale = writer.send("PATCH", path, {"name": "TEST other"}, If_Match=made.headers["ETag"])
    assert (stale.status, stale.body["difference"]) == (
        412, [{"field": "aliases", "then": made.body["aliases"], "now": ["TEST c"]}],
    )  # fmt: skip
    assert re.match(r"colleague changed this row at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\. Look at", stale.body["detail"])
