"""What a reader accepts: answers are JSON, and nearly everybody says so, or nothing. Files are what they are."""

from typing import Any

from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.request import Request

PLAIN = ("*/*", "application/json")


class OfJson(DefaultContentNegotiation):
    """As DRF's, without parsing what needs no parsing."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple:
        if request.META.get("HTTP_ACCEPT", "*/*") in PLAIN:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)


class AsItIs(BaseContentNegotiation):
    """A file is what it is, whatever the reader says it prefers: one whose address ends in .csv is CSV."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple:
        return renderers[0], renderers[0].media_type
