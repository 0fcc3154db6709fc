"""Sign-in as this site wants it."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator, never by a visitor."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": "Too many sign-ins failed. Wait five minutes, then try again.",
        "username_password_mismatch": "User name and password do not go together. After five wrong tries you wait five minutes.",
        "rate_limited": "Too many tries. Wait a minute, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
