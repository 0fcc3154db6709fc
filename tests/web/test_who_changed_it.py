"""Who saves on an old page is told who changed it meanwhile: “you” is who did it, not who is called the same."""

import pytest

from letters.domain import items
from letters.domain.history import events_about
from letters.web.merge import who_since
from tests import factories


@pytest.fixture
def namesakes():
    return [factories.user(username=f"TEST-{n}", first_name="TEST", last_name="Smith") for n in (1, 2)]


def test_a_colleague_of_the_same_name_is_not_you(reference, namesakes):
    reader, colleague = namesakes
    tasking = factories.item()
    for by, owner in ((reader, reader), (colleague, colleague)):
        items.assign(factories.fresh(tasking), by=by, owner=owner)
    told = who_since(events_about(tasking), reader)
    assert told[0] == "TEST Smith"
    assert sorted(line["by"] for line in told[2] if line["words"].startswith("Owner")) == ["TEST Smith", "you"]
    assert who_since(events_about(tasking), colleague)[0] == "You"
