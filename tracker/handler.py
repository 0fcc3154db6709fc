"""The application that the web server calls: Django's own, but that each request is read as UTF-8."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """Django reads the query by the charset that the Content-Type names, and does so while the request is made. Python has
    codecs of bytes to bytes among those ("rot13"): that raised where nobody makes an answer of an error."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Handler(WSGIHandler):
    """Pages and API are UTF-8, and so is what is sent to them; a body in another charset is refused (letters/api/reading.py)."""

    request_class = Request
