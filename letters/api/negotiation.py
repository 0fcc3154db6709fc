"""What a reader accepts: answers are JSON, and nearly everybody says so, or nothing."""

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

PLAIN = ("*/*", "application/json")


class OfJson(DefaultContentNegotiation):
    """As DRF's, without parsing what needs no parsing."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple:
        if request.META.get("HTTP_ACCEPT", "*/*") in PLAIN:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)
