"""Who looks at the pages."""

import pytest
from django.test import Client


@pytest.fixture
def as_staff(staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def as_viewer(viewer) -> Client:
    client = Client()
    client.force_login(viewer)
    return client
