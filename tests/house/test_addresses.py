"""No address without a word on who may: the line is in tests/access/routes.py, what it promises is tried in tests/access."""

from tests.access.routes import undeclared


def test_every_address_says_which_right_it_needs():
    assert undeclared() == []
