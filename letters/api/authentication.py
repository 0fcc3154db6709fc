"""Who asks: a key in the Authorization header, or somebody signed in to the pages."""

import re

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from letters.api.problems import Refused
from letters.api.scopes import Consumer
from letters.domain.keys import find_key, note_use

CHALLENGE = 'Bearer realm="correspondence"'
SHAPE = re.compile(rb"[A-Za-z0-9_-]{40,128}")
WAY_OUT = "Send “Authorization: Bearer KEY” with a key the office gave you (manage.py create_api_key NAME --scope …)."


class BearerKey(BaseAuthentication):
    """`Authorization: Bearer KEY`. A wrong key is refused even where somebody is signed in."""

    def authenticate(self, request: Request):
        scheme, _, presented = get_authorization_header(request).strip().partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        presented = presented.strip()
        key = find_key(presented.decode()) if SHAPE.fullmatch(presented) else None
        if key is None:
            raise Refused(
                401,
                "Authorization: this key is not known; it may be mistyped, revoked or expired. " + WAY_OUT,
                headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'},
            )
        note_use(key)
        return Consumer(key.name, key.scope, key.user), key

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE
