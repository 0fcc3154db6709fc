"""The forms of sign-in, with labels as the other pages write them."""

from typing import Any

from allauth.account import forms


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


class ResetPasswordKeyForm(forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_new(self)


def _name_new(form: Any) -> None:
    form.fields["password1"].label = "New password"
    form.fields["password2"].label = "The same again"
