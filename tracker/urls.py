"""Which part of the site answers which address."""

from allauth.account.decorators import secure_admin_login
from allauth.account.views import PasswordResetDoneView, PasswordResetView
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from tracker import metrics
from tracker.env import ENV
from tracker.health import health

# The admin signs in through the same page as everybody: its rate limits and second factor apply.
admin.site.login = secure_admin_login(admin.site.login)

handler500 = "letters.web.context.failed"

urlpatterns = [
    path("health/", health, name="health"),
    path("metrics", metrics.page, name="metrics"),
    path(
        "accounts/password/reset/",
        PasswordResetView.as_view(extra_context={"no_mail_server": not ENV.EMAIL_URL}),
        name="account_reset_password",
    ),
    path(
        "accounts/password/reset/done/",
        PasswordResetDoneView.as_view(extra_context={"no_mail_server": not ENV.EMAIL_URL}),
        name="account_reset_password_done",
    ),
    # An administrator keeps the addresses: a changed one would take the password along.
    path(
        "accounts/email/",
        login_required(require_safe(TemplateView.as_view(template_name="account/email.html"))),
        name="account_email",
    ),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("letters.api.urls")),
    path("feeds/", include("letters.api.feeds.urls")),
    path("", include("letters.web.urls")),
]
