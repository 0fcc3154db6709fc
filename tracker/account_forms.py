"""The forms of sign-in, with labels as the other pages write them."""

from typing import Any

from allauth.account import forms
from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.core.context import request_context
from django.http import HttpRequest

from letters.models import User
from tracker.requests import after_answer


class LoginForm(forms.LoginForm):
    """The page itself says where to go without a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        self.fields["remember"].label = "Stay signed in on this browser"


class ChangePasswordForm(forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Password you have now"
        _name_new(self)


class ResetPasswordForm(forms.ResetPasswordForm):
    """The link goes to the address that the account has now, written in whatever case, and to no other.

    allauth keeps an address of its own for each one that a link was ever made for. An address that was mistyped, or
    that somebody else has today, would go on opening the account.
    """

    def clean_email(self) -> str:
        return self.cleaned_data["email"]

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Whose it is, is looked up behind the answer: by the time it takes a stranger would learn who has an account."""
        email: str = self.cleaned_data["email"]

        def mail() -> None:
            users = list(User.objects.filter(email__iexact=email, is_active=True))
            with request_context(request):
                request_password_reset(request, email, users, default_token_generator)

        after_answer(request, mail)
        return email


class ResetPasswordKeyForm(forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_new(self)


def _name_new(form: Any) -> None:
    form.fields["password1"].label = "New password"
    form.fields["password2"].label = "The same again"
