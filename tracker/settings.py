"""Django settings. What a deployment may change is in `tracker.env`; the rest is decided here."""

import pghistory
from csp.constants import NONE, SELF

from tracker import rounds, secret_key, services
from tracker.env import BASE_DIR, ENV, PROBLEMS, allowed_hosts, mail_settings, site_address

# --- The site ---------------------------------------------------------------------------------
DEBUG = False
ALLOWED_HOSTS = allowed_hosts()
# With a wrong environment nothing starts; do not make a data folder in the wrong place either.
SECRET_KEY = ENV.SECRET_KEY or ("unused " * 8 if PROBLEMS else secret_key.kept_in(ENV.TRACKER_DATA))
ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Time zone and language: one office, American English on screen.
USE_TZ = True
TIME_ZONE = ENV.TIME_ZONE
LANGUAGE_CODE = "en-us"
USE_I18N = False

INSTALLED_APPS = [
    "tracker.apps.TrackerConfig",
    "letters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "tracker.apps.StaticFiles",
    "django.contrib.humanize",
    "django.contrib.admin",
    "pgtrigger",
    "pghistory",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
]

MIDDLEWARE = [
    "tracker.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tracker.policy.KeptPolicy",
    "letters.api.cors.NamedOrigins",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "letters.web.middleware.LastSeenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # After sign-in, which the pages of a refusal look at.
    "letters.web.middleware.BusyMiddleware",
    "letters.web.middleware.ReadableAddressMiddleware",
    # After sign-in is known: who changes what, for the history.
    "letters.web.middleware.AttributionMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "letters.web.context.sweep_strip",
            ],
        },
    },
]

# --- Database, cache, history -----------------------------------------------------------------
# Requests are not transactions: each verb is (docs/adr), and a page that reads needs none.
# A pooled connection is looked at before it is used: the database may have been restarted meanwhile.
DATABASES = {"default": services.database() | {"ATOMIC_REQUESTS": False, "CONN_HEALTH_CHECKS": True}}
CACHES = {
    # Shared by all processes: sign-in rate limits count in it.
    "default": {
        "BACKEND": "tracker.cache.JsonCache",
        "LOCATION": services.cache_url(),
        # what a version pickled under "cache" this one does not read, nor does that one what stands here
        "KEY_PREFIX": "json",
    },
}
# A history that could be rewritten would prove nothing.
PGHISTORY_APPEND_ONLY = True
# A shared context row can be rewritten by a later block of another author (docs/adr/0008); a JSON copy in each row cannot.
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
# By default versions of a row are its `events`; here that word is the domain's own.
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(related_name="history", related_query_name="history")

# --- Files ------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = ENV.TRACKER_DATA / "static"
_USWDS = BASE_DIR / "node_modules" / "@uswds" / "uswds" / "dist"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("uswds/css", _USWDS / "css"),
    ("uswds/js", _USWDS / "js"),
    ("uswds/fonts", _USWDS / "fonts"),
    ("uswds/img", _USWDS / "img"),
    ("chart.js", BASE_DIR / "node_modules" / "chart.js" / "dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Attachments. No URL serves this folder: who may read a file is decided by a view.
MEDIA_ROOT = ENV.TRACKER_DATA / "files"
# The office’s own templates of letters; where there are none, ours.
DOCUMENTS_ROOT = ENV.TRACKER_DATA / "documents"
FILE_UPLOAD_HANDLERS = [
    "letters.web.uploads.LimitedUpload",  # first: it stops the others at the limit
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "letters.web.uploads.SpooledUpload",
]
# A form gives back what was typed even when it is refused, so it has to be read: 10 MB of text, URL-encoded, and more.
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
# a letter with 220 signers is one form
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- Sign-in (allauth) ------------------------------------------------------------------------
AUTH_USER_MODEL = "letters.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "tracker.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "tracker.account_forms.LoginForm",
    "change_password": "tracker.account_forms.ChangePasswordForm",
    "reset_password": "tracker.account_forms.ResetPasswordForm",
    "reset_password_from_key": "tracker.account_forms.ResetPasswordKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Correspondence tracker"
# Administrators enter the addresses, and no page verifies them: who was invited may still add an authenticator app.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# By the way a stranger asks for a new password nobody learns who has an account here, and nobody else gets mail.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# `tracker.accounts` says how long to wait.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
# Who is invited or forgot the password has three days for the link.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
USERSESSIONS_TRACK_ACTIVITY = True

# --- Mail -------------------------------------------------------------------------------------
globals().update(mail_settings())
SITE_ADDRESS = site_address()

# --- Security ---------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],  # the QR code of the second factor, and small icons in USWDS's stylesheet
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if ENV.ALLOWED_HOSTS:
    # Reached by other machines: always through an HTTPS proxy in front of our loopback port.
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/$", r"^metrics$"]  # probes on this machine speak to the port itself
    # the list that browsers carry is for whoever owns the whole domain, which an office does not
    SILENCED_SYSTEM_CHECKS = ["security.W021"]
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
else:
    # Cookies know no port: two sites on this machine must not sign each other out.
    SESSION_COOKIE_NAME = f"sessionid-{ENV.PORT}"
    CSRF_COOKIE_NAME = f"csrftoken-{ENV.PORT}"

# --- API --------------------------------------------------------------------------------------
API_A_MINUTE = ENV.API_A_MINUTE
# Sites whose pages may read answers in a browser; none unless the office names them.
API_ORIGINS = frozenset(ENV.API_ORIGINS.split())
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    # The first one words the challenge of a 401.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "letters.api.authentication.BearerKey",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["letters.api.scopes.HasScope"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS would describe views to anybody; the OpenAPI document describes the API
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "letters.api.negotiation.OfJson",
    "EXCEPTION_HANDLER": "letters.api.problems.handle",
    "URL_FORMAT_OVERRIDE": None,  # ?format= is an unknown parameter like any other
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Correspondence tracker",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATION_PARAMETERS": False,
    "POSTPROCESSING_HOOKS": ["letters.api.schema.finish"],
}

# --- Reminders --------------------------------------------------------------------------------
SWEEP_MINUTES = ENV.SWEEP_MINUTES
ROUNDS = rounds.ROUNDS
FAULT_AT = ENV.FAULT_AT

# --- Monitoring -------------------------------------------------------------------------------
METRICS_TOKEN = ENV.METRICS_TOKEN

# --- Logs -------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}{of_request}: {message}", "style": "{"},
        "json": {"()": "tracker.logs.OneObject"},
    },
    # `/health/` answers 503 whenever a part is being restarted: that is an answer, not an error
    "filters": {
        "no_health": {"()": "tracker.logs.ExceptHealth"},
        "request": {"()": "tracker.logs.NamesItsRequest"},
        "no_rows": {"()": "tracker.logs.WithoutRows"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": ENV.LOG_FORMAT,
            "filters": ["no_health", "request", "no_rows"],
        }
    },
    "root": {"handlers": ["stderr"], "level": ENV.LOG_LEVEL},
    # Django's own handlers would say everything twice, and mail the administrators.
    "loggers": {"django": {"handlers": [], "level": ENV.LOG_LEVEL, "propagate": True}},
}
