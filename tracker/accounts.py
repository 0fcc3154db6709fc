"""Sign-in as this site wants it."""

import logging

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest
from django.urls import reverse

from letters.domain.access import ADMINISTER, may
from letters.models import Letter


def one_time_path(user: AbstractUser) -> str:
    """Where this person chooses a password, once and for three days."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=key)


log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator, never by a visitor."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": "Too many sign-ins failed. Wait five minutes, then try again.",
        "username_password_mismatch": "User name and password do not go together. After five wrong tries you wait five minutes.",
        "rate_limited": "Too many tries. Wait a minute, then try again.",
    }

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The queue; an administrator begins with the first steps while the office has no letter."""
        if may(request.user, ADMINISTER) and not Letter.objects.exists():
            return reverse("first_steps")
        return super().get_login_redirect_url(request)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """As allauth does. A server that takes no mail is for the log: an error page would tell who has an account."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # SMTP's own among them
            log.error("A mail to somebody who asked for a new password was not sent: %s", error)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
