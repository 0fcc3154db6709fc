"""The picture and the table in docs/ say what letters.domain.transitions says: all of it, and nothing else."""

from xml.etree import ElementTree

import pytest
from django.conf import settings as site
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.domain.transitions import NEEDS, TRANSITIONS
from letters.enums import Status
from letters.management.commands.draw_transitions import documents
from letters.reports.transition_picture import draw
from letters.reports.transitions import as_markdown, blocks, moves


@pytest.mark.parametrize("name", ["docs/transitions.svg", "docs/transitions.md", "docs/said.md"])
def test_document_is_up_to_date(name):
    found = (site.BASE_DIR / name).read_text()
    assert found == documents()[name], f"{name} is out of date: run `manage.py draw_transitions` and commit it"


def test_blocks_are_the_table():
    assert set().union(*(block.moves() for block in blocks(TRANSITIONS))) == moves(TRANSITIONS)


def test_the_table_of_today_needs_six_lines():
    assert len(blocks(TRANSITIONS)) == 6


def test_a_changed_table_changes_picture_and_words():
    changed = TRANSITIONS | {Status.DECLINED: (Status.AWAITING, Status.CONSIDERING)}
    assert draw(changed, NEEDS, "") != draw(TRANSITIONS, NEEDS, "")
    assert as_markdown(changed, NEEDS) != as_markdown(TRANSITIONS, NEEDS)


def test_a_changed_need_changes_picture_and_words():
    changed = {**NEEDS, Status.CONSIDERING: ("reply",)}
    assert draw(TRANSITIONS, changed, "") != draw(TRANSITIONS, NEEDS, "")
    assert as_markdown(TRANSITIONS, changed) != as_markdown(TRANSITIONS, NEEDS)


def _table(pairs):
    return {status: tuple(target for source, target in sorted(pairs) if source is status) for status in Status}


pairs = st.tuples(st.sampled_from(Status), st.sampled_from(Status)).filter(lambda pair: pair[0] is not pair[1])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the table
@given(st.sets(pairs))
def test_any_table_is_drawn_move_by_move(allowed):
    table = _table(allowed)
    found = [move for block in blocks(table) for move in block.moves()]
    assert sorted(found) == sorted(allowed)  # each move once, none left out, none invented
    ElementTree.fromstring(draw(table, NEEDS, ""))
