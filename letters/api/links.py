"""Addresses in answers, always absolute. Where a row has no page for its reader, as for public keys, it is null."""

from urllib.parse import urlencode

from django.urls import reverse
from rest_framework.request import Request


class Links:
    """Made once a request: building an address is then joining two strings."""

    def __init__(self, request: Request):
        self._site = request.build_absolute_uri("/")
        self._api = request.build_absolute_uri(reverse("api:index"))
        self._here = request.build_absolute_uri(request.path)

    def to(self, resource: str, key: object) -> str:
        """A resource of this API."""
        return f"{self._api}{resource}/{key}/"

    def letter_page(self, reference: str) -> str:
        """The letter's page, for those who may know its reference."""
        return f"{self._site}letters/{reference}/"

    def item_page(self, key: object) -> str:
        """The open item's page."""
        return f"{self._site}items/{key}/"

    def page(self, kind: str, key: object) -> str:
        """Another page of the office: `agencies/treasury`, `replies/ID`."""
        return f"{self._site}{kind}/{key}/"

    def here(self, parameters: list[tuple[str, str]], **changed: str) -> str:
        """This list with the same parameters but `changed` ones."""
        kept = [(name, value) for name, value in parameters if name not in changed]
        query = urlencode([*kept, *changed.items()])
        return f"{self._here}?{query}" if query else self._here
