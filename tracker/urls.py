"""Which part of the site answers which address."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from tracker.health import health

# The admin signs in through the same page as everybody: its rate limits and second factor apply.
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("health/", health, name="health"),
    # No mail is sent yet, so no link would come: an administrator sets a new password.
    re_path(
        "^accounts/password/reset/", require_safe(TemplateView.as_view(template_name="account/password_reset.html"))
    ),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("letters.api.urls")),
    path("", include("letters.web.urls")),
]
