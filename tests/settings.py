"""The site's settings, with what would only slow the tests down replaced."""

from tracker.settings import *  # noqa: F403

# The real hasher takes 0.2 s a password, on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests sign in hundreds of times a minute from one address.
ACCOUNT_RATE_LIMITS = {"login": "10000/m/ip", "login_failed": "10000/m/ip"}
# No collectstatic before the tests: files come straight from where they lie.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# pytest-django empties the tables after a test with real transactions; append-only ones let only such a connection.
DATABASES["default"]["OPTIONS"]["options"] += " -c letters.allow_truncate=on"  # noqa: F405
