"""Whom an ask of a sent letter is about, its questions, and what the office files the letter under, through the API."""

from tests.factories import sent, target


def test_whom_an_ask_of_a_sent_letter_is_about_and_its_questions_are_corrected(writer, office):
    alpha = target("TEST Alpha")
    target("TEST Beta")
    letter = sent(
        kind_code="written_answers", ask_facts={"targets": [alpha], "questions": ["TEST who?", "TEST where?"]}
    )
    path = f"letters/{letter.pk}/amendments/parts/"
    ask = office.get(f"letters/{letter.pk}/").body["asks"][0]
    item = office.get(f"taskings/{ask['taskings'][0]['id']}/").body
    who, where = ask["questions"]
    change = {
        "add_targets": ["test-beta"],
        "remove_targets": ["test-alpha"],
        "questions": [{"id": where["id"], "remove": True}, {"text": "TEST when?", "before": who["id"]}],
    }
    body = {"reason": "TEST read again", "asks": [{"id": ask["id"], **change}]}
    answer = writer.post(path, body)
    assert answer.status == 200, answer.body
    after = answer.body["asks"][0]
    assert [one["slug"] for one in after["targets"]] == ["test-beta"]
    assert [(one["number"], one["text"]) for one in after["questions"]] == [(1, "TEST when?"), (2, "TEST who?")]
    now = office.get(f"taskings/{item['id']}/").body
    assert ([one["slug"] for one in now["targets"]], now["version"]) == (["test-beta"], item["version"] + 1)
    # whoever read the item before overwrites nothing unseen, and hears who made it another
    stale = writer.send("POST", f"taskings/{item['id']}/notes/", {"text": "TEST"}, If_Match=f'"{item["version"]}"')
    assert (stale.status, stale.body["detail"].startswith("staff changed this item")) == (412, True)
    assert [field for field, _ in writer.faults(path, body)[1:]] == [
        "/asks/0/questions/0/id",
    ]
    del body["asks"][0]["questions"]
    assert writer.faults(path, body)[1:] == [
        ("/asks/0/add_targets", "Ask 1 is about TEST Beta already. Leave it out."),
        ("/asks/0/remove_targets", "Ask 1 is not about TEST Alpha, so there is nothing to take away."),
    ]
    empty = {"reason": "TEST", "asks": [{"id": ask["id"], "questions": [{"id": who["id"], "text": " "}]}]}
    assert writer.faults(path, empty)[1][0] == "/asks/0/questions/0"


def test_a_sent_letter_is_filed_under_other_topics(writer, office):
    letter = sent()
    path, row = f"letters/{letter.pk}/topics/", f"letters/{letter.pk}/"
    assert writer.post(path, {"topics": ["TEST cloud"]}).status == 428
    tag = office.get(row).headers["ETag"]
    answer = writer.send("POST", path, {"topics": ["TEST cloud"]}, If_Match=tag)
    assert (answer.status, [one["name"] for one in answer.body["topics"]]) == (200, ["TEST cloud"])
    assert writer.send("POST", path, {"topics": []}, If_Match=tag).status == 412
    refused = writer.send("POST", path, {"topics": [" "]}, If_Match=answer.headers["ETag"])
    assert [one["field"] for one in refused.body["errors"]] == ["/topics/0"]
